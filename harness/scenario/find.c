/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where scenario and suite files live, and how their names are found. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/ini.h"
#include "scenario/scenario.h"

#ifndef WMARK_DATADIR
#define WMARK_DATADIR "/usr/local/share/wmark"
#endif

const char *bench_dir(void)
{
	const char *env = getenv("WMARK_BENCH");

	if (env && *env)
		return env;
	return fs_is_dir("bench/scenarios") ? "bench" : WMARK_DATADIR "/bench";
}

static char *find_file(const char *word, const char *folder, const char *suffix, struct err *e)
{
	struct buf names = BUF_INIT;
	size_t slen = strlen(suffix);
	char **list = NULL, *path, *dir;
	size_t nr = 0;

	if (strchr(word, '/') ||
	    (strlen(word) > slen && !strcmp(word + strlen(word) - slen, suffix)))
		return xstrdup(word);
	path = xasprintf("%s/%s/%s%s", bench_dir(), folder, word, suffix);
	if (fs_exists(path))
		return path;
	free(path);
	dir = xasprintf("%s/%s", bench_dir(), folder);
	if (!fs_list(dir, &list, &nr, NULL)) {
		for (size_t i = 0; i < nr; i++) {
			size_t len = strlen(list[i]);

			if (len > slen && !strcmp(list[i] + len - slen, suffix))
				buf_addf(&names, "%s%.*s", names.len ? ", " : "", (int)(len - slen),
					 list[i]);
		}
	}
	err_set(e, -EINVAL, "'%s': none of the %s in %s (%s)", word, folder, dir,
		names.len ? names.data : "there are none");
	fs_list_free(list, nr);
	free(dir);
	buf_release(&names);
	return NULL;
}

char *scenario_path(const char *name_or_path, struct err *e)
{
	return find_file(name_or_path, "scenarios", ".ini", e);
}

int suite_load(const char *name_or_path, struct arena *mem, const char ***names, size_t *nr,
	       struct err *e)
{
	char *path = find_file(name_or_path, "suites", ".list", e);
	struct buf text = BUF_INIT;
	size_t lines = 1;
	struct ini r;
	int ret;

	*names = NULL;
	*nr = 0;
	if (!path)
		return e ? e->code : -EINVAL;
	ret = fs_read(path, &text, e);
	if (ret)
		goto out;
	for (size_t i = 0; i < text.len; i++)
		lines += text.data[i] == '\n';
	*names = arena_alloc(mem, lines * sizeof(**names));
	ini_open(&r, path, text.data, text.len);
	while ((ret = ini_next_name(&r, e)) > 0)
		(*names)[(*nr)++] = arena_strndup(mem, r.value, r.value_len);
	if (!ret && !*nr)
		ret = err_set(e, -EINVAL, "%s: a suite without scenarios", path);
out:
	buf_release(&text);
	free(path);
	return ret;
}
