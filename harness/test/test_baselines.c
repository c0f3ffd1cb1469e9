/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where files of rebuilds are found, and what of them a campaign keeps. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "campaign/baselines.h"
#include "test/temp.h"

static void put(const char *file, const char *scenario, const char *key, const char *lru)
{
	char *text = xasprintf(REBUILDS_MAGIC "\nscenario %s aaaa %s %s 6.12\nfact a b\n"
					      "metric x log 1 8 10 .1 .1 .1\nend 1\n",
			       scenario, key, lru);

	temp_put(file, text, strlen(text));
	free(text);
}

static void collected(const char *where, const char *store, size_t want)
{
	struct err e = ERR_INIT;
	struct rebuilds r;

	cr_assert_eq(baselines_collect(&r, where, store, &e), 0, "%s", e.msg);
	cr_assert_eq(r.nr, want, "%zu scenarios", r.nr);
	rebuilds_release(&r);
}

Test(baselines, found_by_content, TEMP_DIR)
{
	put("store/baselines/any-name", "file", "k1", "classic");
	put("store/baselines/b.txt", "anon", "k1", "classic");
	temp_put("store/baselines/README", "wmark rebuild", 13);
	temp_put("store/baselines/empty", "", 0);
	put("store/baselines/folder/c", "slab", "k1", "classic");
	cr_assert_eq(mkfifo(temp_path("store/baselines/pipe"), 0600), 0);
	cr_assert_eq(symlink("b.txt", temp_path("store/baselines/link")), 0);
	put("other/c.txt", "slab", "k1", "classic");
	/* of the program's own folder nothing is known here: it is not counted from it */
	cr_assert_eq(chdir(temp_dir), 0);
	collected(NULL, temp_path("store"), 3);
	collected(temp_path("other"), temp_path("store"), 1);
	collected("none", temp_path("store"), 0);
	collected(NULL, temp_path("no-store"), 0);
}

Test(baselines, what_is_refused, TEMP_DIR)
{
	struct err e = ERR_INIT;
	struct rebuilds r;

	temp_put("b/wrong", REBUILDS_MAGIC "\nmetrc x\nend 0\n", 31);
	cr_assert_eq(baselines_collect(&r, temp_path("b"), "none", &e), -EINVAL);
	cr_assert(strstr(e.msg, "b/wrong:2: 'metrc': not a line"), "%s", e.msg);
	rebuilds_release(&r);
	cr_assert_eq(baselines_collect(&r, temp_path("b/none"), "none", &e), -ENOENT);
	cr_assert(strstr(e.msg, "--baselines: "), "%s", e.msg);
	cr_assert_eq(baselines_collect(&r, temp_path("b/wrong"), "none", &e), -ENOTDIR);
	temp_put("b/wrong", "wmark rebuilds 2\nanything\n", 26);
	cr_assert_eq(baselines_collect(&r, temp_path("b"), "none", &e), -EINVAL);
	cr_assert(strstr(e.msg, "b/wrong:1: 'wmark rebuilds 2': not a file"), "%s", e.msg);
	rebuilds_release(&r);
}

Test(baselines, what_a_campaign_keeps, TEMP_DIR)
{
	const struct history_want want[] = { { "file", "aaaa", "k1", "classic" },
					     { "anon", "aaaa", "k2", NULL } };
	struct rebuilds all, ours = { .v = NULL }, back = { .v = NULL };
	struct err e = ERR_INIT;
	const char *file = temp_path("rebuilds");

	put("b/1", "file", "k1", "classic");
	put("b/2", "file", "k1", "mglru");
	put("b/3", "file", "k3", "classic");
	put("b/4", "anon", "k2", "classic");
	put("b/5", "anon", "k2", "mglru");
	put("b/6", "file", "k1", "classic"); /* twice: both are kept, the larger floor counts */
	cr_assert_eq(baselines_collect(&all, temp_path("b"), "none", &e), 0, "%s", e.msg);
	baselines_pick(&ours, &all, want, 2);
	rebuilds_release(&all);
	cr_assert_eq(ours.nr, 4);
	cr_assert_eq(baselines_write(&ours, file, &e), 0, "%s", e.msg);
	cr_assert_eq(baselines_from_file(&back, file, &e), 0, "%s", e.msg);
	cr_assert_eq(back.nr, 4);
	cr_assert_str_eq(back.v[3].name, "file");
	cr_assert_str_eq(back.v[3].fact[0].value, "b");
	cr_assert_eq(back.v[3].metric[0].sd_between, .1);
	rebuilds_release(&ours);
	rebuilds_release(&back);
}
