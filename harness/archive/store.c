/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/fs.h"

const char *store_dir(void)
{
	const char *env = getenv("WMARK_RESULTS");

	return env && *env ? env : "results";
}

static void add_part(struct buf *b, const char *part)
{
	static const char fine[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-~";

	buf_addc(b, '/');
	if (!*part || *part == '.')
		buf_addc(b, '_');
	for (; *part; part++)
		buf_addc(b, strchr(fine, *part) ? *part : '_');
}

char *store_path(const char *store, const char *machine, const char *scenario, const char *kernel,
		 const char *run, struct err *e)
{
	struct buf b = BUF_INIT;

	/* paths stand in the lines of plans */
	if (!*store || strpbrk(store, "\n\r")) {
		err_set(e, -EINVAL, "'%s': not a folder for results", store);
		return NULL;
	}
	buf_addstr(&b, store);
	add_part(&b, machine);
	add_part(&b, scenario);
	add_part(&b, kernel);
	if (fs_mkdirs(b.data, e)) {
		buf_release(&b);
		return NULL;
	}
	add_part(&b, run);
	buf_addstr(&b, ".wm");
	return buf_detach(&b);
}

struct walk {
	char **files;
	size_t nr, cap;
	struct folder {
		dev_t dev;
		ino_t ino;
	} *been;
	size_t nr_been, cap_been;
};

/*
 * True for a folder in which the walk has not been yet. Links may lead to a folder by many paths,
 * or in a loop.
 */
static bool enter(struct walk *w, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	for (size_t i = 0; i < w->nr_been; i++)
		if (w->been[i].dev == st.st_dev && w->been[i].ino == st.st_ino)
			return false;
	ARRAY_GROW(w->been, w->nr_been, w->cap_been);
	w->been[w->nr_been++] = (struct folder){ st.st_dev, st.st_ino };
	return true;
}

static int walk(struct walk *w, const char *dir, struct err *e)
{
	char **names;
	size_t nr;
	int ret = fs_list(dir, &names, &nr, e);

	for (size_t i = 0; i < nr && !ret; i++) {
		char *path = xasprintf("%s/%s", dir, names[i]);
		size_t len = strlen(names[i]);

		if (fs_is_dir(path)) {
			if (enter(w, path))
				ret = walk(w, path, e);
			free(path);
		} else if (len > 3 && !strcmp(names[i] + len - 3, ".wm")) {
			ARRAY_GROW(w->files, w->nr, w->cap);
			w->files[w->nr++] = path;
		} else {
			free(path);
		}
	}
	fs_list_free(names, nr);
	return ret;
}

int store_files(const char *dir, char ***files, size_t *nr, struct err *e)
{
	struct walk w = { .files = NULL };
	int ret;

	enter(&w, dir);
	ret = walk(&w, dir, e);
	free(w.been);
	*files = w.files;
	*nr = w.nr;
	return ret;
}

int store_runs(const char *path, char ***files, size_t *nr, struct err *e)
{
	int ret;

	if (fs_is_dir(path)) {
		ret = store_files(path, files, nr, e);
		return ret || *nr
			       ? ret
			       : err_set(e, -ENOENT, "%s: no run archives (*.wm) below it", path);
	}
	*files = xcalloc(1, sizeof(**files));
	(*files)[0] = xstrdup(path);
	*nr = 1;
	return 0;
}
