/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "campaign/baselines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "scenario/scenario.h"

#ifndef WMARK_DATADIR
#define WMARK_DATADIR "/usr/local/share/wmark"
#endif

#define FOLDER "baselines"

/* Looks at the first bytes alone: anything may lie in the folder. */
static bool is_rebuilds(const char *path)
{
	char head[32];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ssize_t n = -1;

	if (fd >= 0 && !fstat(fd, &st) && S_ISREG(st.st_mode))
		n = pread(fd, head, sizeof(head), 0);
	if (fd >= 0)
		close(fd);
	return n > 0 && rebuilds_is(head, (size_t)n);
}

int baselines_from_file(struct rebuilds *r, const char *file, struct err *e)
{
	struct buf text = BUF_INIT;
	int ret = fs_read(file, &text, e);

	if (!ret)
		ret = rebuilds_read(r, file, text.data, text.len, e);
	buf_release(&text);
	return ret;
}

static int add_folder(struct rebuilds *r, const char *dir, struct err *e)
{
	char **names = NULL;
	size_t nr = 0;
	int ret = fs_list(dir, &names, &nr, e);

	for (size_t i = 0; i < nr && !ret; i++) {
		char *path = xasprintf("%s/%s", dir, names[i]);

		if (is_rebuilds(path))
			ret = baselines_from_file(r, path, e);
		free(path);
	}
	fs_list_free(names, nr);
	return ret;
}

/* The program's own: of the tree from which it was built, or installed. */
static const char *shipped(void)
{
	return !strcmp(bench_dir(), "bench") ? "results/" FOLDER : WMARK_DATADIR "/" FOLDER;
}

int baselines_collect(struct rebuilds *r, const char *where, const char *store, struct err *e)
{
	char *own;
	int ret = 0;

	*r = (struct rebuilds){ .v = NULL };
	if (where && !strcmp(where, "none"))
		return 0;
	if (where && !fs_is_dir(where))
		return err_set(e, fs_exists(where) ? -ENOTDIR : -ENOENT, "--baselines: %s: %s",
			       where, fs_exists(where) ? "not a directory" : "no such directory");
	if (where)
		return add_folder(r, where, e);
	own = xasprintf("%s/" FOLDER, store);
	if (fs_is_dir(own))
		ret = add_folder(r, own, e);
	if (!ret && strcmp(own, shipped()) != 0 && fs_is_dir(shipped()))
		ret = add_folder(r, shipped(), e);
	free(own);
	return ret;
}

static bool fits(const struct rebuild_scenario *s, const struct history_want *w)
{
	return w->hash && !strcmp(s->hash, w->hash) && w->machine_key &&
	       !strcmp(s->machine_key, w->machine_key) &&
	       (!w->lru_mode || !strcmp(s->lru, w->lru_mode));
}

void baselines_pick(struct rebuilds *r, const struct rebuilds *from,
		    const struct history_want *want, size_t nr_want)
{
	for (size_t i = 0; i < from->nr; i++) {
		const struct rebuild_scenario *s = &from->v[i];
		struct rebuild_scenario *copy;
		size_t k = 0;

		while (k < nr_want && !fits(s, &want[k]))
			k++;
		if (k == nr_want)
			continue;
		copy = rebuilds_add(r, s);
		for (size_t f = 0; f < s->nr_facts; f++)
			rebuilds_add_fact(r, copy, s->fact[f].key, s->fact[f].value);
		for (size_t m = 0; m < s->nr_metrics; m++)
			rebuilds_add_metric(r, copy, &s->metric[m]);
	}
}

char *baselines_path(const char *dir)
{
	return xasprintf("%s/rebuilds", dir);
}

int baselines_write(const struct rebuilds *r, const char *file, struct err *e)
{
	struct buf text = BUF_INIT;
	int ret;

	rebuilds_write(r, &text);
	ret = fs_write(file, text.data, text.len, e);
	buf_release(&text);
	return ret;
}
