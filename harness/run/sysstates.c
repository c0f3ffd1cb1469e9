/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Header facts of the state that a run runs in: swap, huge pages, preemption, limits of memory. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/opt.h"
#include "run/sysinfo.h"
#include "scenario/knob.h"

/* A file as text without white space at its end. False = it cannot be read. */
static bool read_file(const char *root, const char *path, struct buf *out)
{
	buf_reset(out);
	if (root_read(root, path, out, NULL))
		return false;
	buf_rtrim(out);
	return true;
}

/* swap.kind: what the swap areas are; swap.zram: how the first zram device compresses. */
static void head_swap(struct archive_writer *w, const char *root)
{
	struct buf text = BUF_INIT;
	char kinds[128] = "none";

	/* a kernel without CONFIG_SWAP has no such file */
	if (read_file(root, "/proc/swaps", &text))
		probe_swap_kinds(text.data, text.len, kinds, sizeof(kinds));
	archive_header(w, "swap.kind", "%s", kinds);
	if (strstr(kinds, "zram") && read_file(root, "/sys/block/zram0/comp_algorithm", &text)) {
		knob_value(text.data);
		archive_header(w, "swap.zram", "%s", text.data);
	}
	buf_release(&text);
}

/* The folder of the size that a page table maps as one: "hugepages-2048kB". False = not known. */
static bool pmd_folder(const char *root, char *out, size_t size)
{
	struct buf text = BUF_INIT;
	uint64_t bytes;
	bool ok = read_file(root, "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", &text) &&
		  !opt_parse_u64(text.data, &bytes, NULL);

	if (ok)
		snprintf(out, size, "hugepages-%" PRIu64 "kB", bytes / 1024);
	buf_release(&text);
	return ok;
}

/*
 * thp.sizes: "64kB=always 128kB=inherit", the sizes that are not switched off (since 6.8), else
 * "none". Left out: the classic size that does as thp.enabled says.
 */
static void head_thp_sizes(struct archive_writer *w, const char *root)
{
	static const char dir[] = "/sys/kernel/mm/transparent_hugepage";
	struct buf text = BUF_INIT, list = BUF_INIT;
	char *path = root_path(root, dir), **names = NULL, pmd[64] = "";
	size_t nr = 0;

	pmd_folder(root, pmd, sizeof(pmd));
	if (fs_list(path, &names, &nr, NULL))
		nr = 0;
	for (size_t i = 0; i < nr; i++) {
		char file[256];

		snprintf(file, sizeof(file), "%s/%.64s/enabled", dir, names[i]);
		if (strncmp(names[i], "hugepages-", 10) != 0 || !read_file(root, file, &text))
			continue;
		knob_value(text.data);
		if (strcmp(text.data, "never") != 0 &&
		    (strcmp(text.data, "inherit") != 0 || strcmp(names[i], pmd) != 0))
			buf_addf(&list, "%s%s=%s", list.len ? " " : "", names[i] + 10, text.data);
	}
	/* a kernel without CONFIG_TRANSPARENT_HUGEPAGE has no such folder, and no such sizes */
	if (root_exists(root, "/sys/kernel/mm"))
		archive_header(w, "thp.sizes", "%s", list.len ? list.data : "none");
	fs_list_free(names, nr);
	free(path);
	buf_release(&list);
	buf_release(&text);
}

/* preempt.mode: the word in parentheses of "none voluntary (full) lazy" (CONFIG_PREEMPT_DYNAMIC).
 */
static void head_preempt(struct archive_writer *w, const char *root)
{
	struct buf text = BUF_INIT;
	const char *open, *close;

	if (read_file(root, "/sys/kernel/debug/sched/preempt", &text)) {
		open = strchr(text.data, '(');
		close = open ? strchr(open, ')') : NULL;
		if (close)
			archive_header(w, "preempt.mode", "%.*s", (int)(close - open - 1),
				       open + 1);
	}
	buf_release(&text);
}

/* ---------------------------------------------------------------- memory cgroup */

/*
 * The cgroup of this process in one hierarchy: version 2 ("0::/a/b"), or the memory controller of
 * version 1 ("7:memory:/a/b"). malloc'ed; NULL = none.
 */
static char *own_cgroup(const char *root, int version)
{
	struct buf text = BUF_INIT;
	char *path = NULL;

	if (!read_file(root, "/proc/self/cgroup", &text))
		text.len = 0;
	for (const char *line = text.len ? text.data : ""; *line && !path;) {
		size_t len = strcspn(line, "\n");
		const char *names = memchr(line, ':', len),
			   *at = names ? memchr(names + 1, ':', len - (size_t)(names + 1 - line))
				       : NULL;
		size_t nr = at ? (size_t)(at - names - 1) : 0;

		if (at && (version == 2 ? nr == 0 : nr == 6 && !memcmp(names + 1, "memory", nr)))
			path = xstrndup(at + 1, len - (size_t)(at + 1 - line));
		line += len + (line[len] == '\n');
	}
	buf_release(&text);
	return path;
}

/* The least value of a limit from @path up to the top of the hierarchy; UINT64_MAX = no limit. */
static uint64_t least_limit(const char *root, const char *top, const char *path, const char *file)
{
	struct buf text = BUF_INIT;
	char *at = xstrdup(path), *slash;
	uint64_t least = UINT64_MAX, v;

	for (;;) {
		char *name = xasprintf("%s%s/%s", top, strcmp(at, "/") ? at : "", file);

		if (read_file(root, name, &text) && !opt_parse_u64(text.data, &v, NULL) &&
		    v < least)
			least = v;
		free(name);
		slash = strrchr(at, '/');
		if (!slash)
			break;
		*slash = '\0';
	}
	free(at);
	buf_release(&text);
	return least;
}

/* memcg.max, memcg.high, memcg.swap.max: bytes, or "max" where nothing limits this process. */
static void head_memcg(struct archive_writer *w, const struct sysinfo_facts *f, const char *root)
{
	static const struct {
		const char *key, *v2, *v1;
	} limits[] = {
		{ "memcg.max", "memory.max", "memory.limit_in_bytes" },
		{ "memcg.high", "memory.high", NULL },
		{ "memcg.swap.max", "memory.swap.max", NULL },
	};
	bool v2 = f->cgroup_version == 2;
	const char *top = v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory";
	char *path = f->cgroup_version ? own_cgroup(root, f->cgroup_version) : NULL;

	for (size_t i = 0; path && i < ARRAY_SIZE(limits); i++) {
		const char *file = v2 ? limits[i].v2 : limits[i].v1;
		uint64_t v = file ? least_limit(root, top, path, file) : UINT64_MAX;

		/* version 1 has a number near LONG_MAX for no limit */
		if (v >= INT64_MAX / 2)
			archive_header(w, limits[i].key, "max");
		else
			archive_header(w, limits[i].key, "%" PRIu64, v);
	}
	free(path);
}

void sysinfo_states(struct archive_writer *w, const struct sysinfo_facts *f, const char *root)
{
	head_swap(w, root);
	head_thp_sizes(w, root);
	head_preempt(w, root);
	head_memcg(w, f, root);
}
