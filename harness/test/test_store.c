/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Archives found again by walking folders, however these are linked. */
#include "archive/store.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "test/temp.h"

/* The names below temp_dir that the walk gives, one per line. */
static char *found(void)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	char **files;
	size_t nr;

	cr_assert_eq(store_files(temp_dir, &files, &nr, &e), 0, "%s", e.msg);
	for (size_t i = 0; i < nr; i++)
		buf_addf(&b, "%s\n", files[i] + strlen(temp_dir) + 1);
	fs_list_free(files, nr);
	return buf_detach(&b);
}

static void is_found(const char *want)
{
	char *is = found();

	cr_assert_str_eq(is, want);
	free(is);
}

static void link_to(const char *target, const char *name)
{
	cr_assert_eq(symlink(target, temp_path("%s", name)), 0);
}

Test(store, sorted, TEMP_DIR)
{
	is_found("");
	temp_put("m/file/6.x/b.wm", "", 0);
	temp_put("m/file/6.x/a.wm", "", 0);
	temp_put("m/file/6.x/a.facts", "", 0);
	temp_put("m/anon/6.x/c.wm", "", 0);
	is_found("m/anon/6.x/c.wm\nm/file/6.x/a.wm\nm/file/6.x/b.wm\n");
}

/* Loops of links: each folder is walked once, by its first path, and the walk ends. Without that
 * three links to the top are 3^8 copies of it. */
Test(store, loops, TEMP_DIR)
{
	temp_put("m/file/6.x/a.wm", "", 0);
	link_to(".", "m/1");
	link_to("..", "m/2");
	link_to("../..", "m/file/3");
	link_to("file", "m/latest");
	is_found("m/file/6.x/a.wm\n");
}

/* A link to a folder outside is followed; a file has the paths that it has. */
Test(store, links, TEMP_DIR)
{
	char *is;

	temp_put("elsewhere/a.wm", "", 0);
	temp_put("m/b.wm", "", 0);
	link_to("../elsewhere", "m/c");
	is = found();
	cr_assert(strstr(is, "a.wm") && strstr(is, "m/b.wm"), "%s", is);
	free(is);
	link_to("b.wm", "m/d.wm");
	is = found();
	cr_assert_not_null(strstr(is, "m/d.wm"), "%s", is);
	free(is);
}

/* A tree as deep as it is. */
Test(store, deep, TEMP_DIR)
{
	is_found("");
	temp_put("1/2/3/4/5/6/7/8/9/10/a.wm", "", 0);
	is_found("1/2/3/4/5/6/7/8/9/10/a.wm\n");
}
