/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sources that are files with fixed names: of the machine, of each node, of a cgroup. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "sample/sampler.h"
#include "sample/text.h"

#define NODE_DIR "/sys/devices/system/node"

static const struct text_format vmstat = { .scan = probe_vmstat, .reads = READ_PAGES };
static const struct text_format flat = {
	.scan = probe_vmstat
}; /* the same lines as /proc/vmstat, in one read */
static const struct text_format psi = { .scan = probe_psi, .derived = "avg" };
static const struct text_format zoneinfo = { .scan = probe_zoneinfo, .reads = READ_TO_END };
static const struct text_format meminfo = { .scan = probe_meminfo };

/* ---------------------------------------------------------------- of each node */

static int by_value(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

static size_t find_nodes(const char *root, int **out)
{
	char *dir = root_path(root, NODE_DIR), **names = NULL;
	size_t nr_names = 0, nr = 0, cap = 0;

	*out = NULL;
	fs_list(dir, &names, &nr_names, NULL);
	for (size_t i = 0; i < nr_names; i++) {
		uint64_t node;

		if (strncmp(names[i], "node", 4) || opt_parse_u64(names[i] + 4, &node, NULL) ||
		    node > INT_MAX)
			continue;
		ARRAY_GROW(*out, nr, cap);
		(*out)[nr++] = (int)node;
	}
	if (nr)
		qsort(*out, nr, sizeof(**out), by_value);
	fs_list_free(names, nr_names);
	free(dir);
	return nr;
}

static void add_nodes(struct source_list *l, uint64_t period_ns, const char *file,
		      const struct text_format *f)
{
	int *nodes;
	size_t nr;

	if (!period_ns)
		return;
	nr = find_nodes(l->root, &nodes);
	if (!nr) /* opening it fails: the archive says that it is absent */
		text_add(l, f, period_ns, xasprintf(NODE_DIR "/node0/%s", file), "node0/%s", file);
	for (size_t i = 0; i < nr; i++)
		text_add(l, f, period_ns, xasprintf(NODE_DIR "/node%d/%s", nodes[i], file),
			 "node%d/%s", nodes[i], file);
	free(nodes);
}

static void find_nodes_vmstat(struct source_list *l, const struct sample_cfg *cfg)
{
	add_nodes(l, cfg->node_ns, "vmstat", &flat);
}

SOURCE_TIMED(node, 40) = {
	.period = "500ms",
	.help = "period of every node's vmstat",
	.find = find_nodes_vmstat,
};

/* ---------------------------------------------------------------- of the machine */

static void find_vmstat(struct source_list *l, const struct sample_cfg *cfg)
{
	text_add(l, &vmstat, cfg->vmstat_ns, xstrdup("/proc/vmstat"), "vmstat");
}

SOURCE_TIMED(vmstat, 10) = {
	.period = "100ms",
	.help = "period of /proc/vmstat; 0 leaves it out",
	.find = find_vmstat,
};

static void find_psi(struct source_list *l, const struct sample_cfg *cfg)
{
	static const char *const of[] = { "cpu", "io", "memory" };

	for (size_t i = 0; i < ARRAY_SIZE(of); i++)
		text_add(l, &psi, cfg->psi_ns, xasprintf("/proc/pressure/%s", of[i]), "pressure/%s",
			 of[i]);
}

SOURCE_TIMED(psi, 30) = {
	.period = "500ms",
	.help = "period of /proc/pressure",
	.find = find_psi,
};

static void find_zoneinfo(struct source_list *l, const struct sample_cfg *cfg)
{
	text_add(l, &zoneinfo, cfg->zoneinfo_ns, xstrdup("/proc/zoneinfo"), "zoneinfo");
}

SOURCE_TIMED(zoneinfo, 50) = {
	.period = "1s",
	.help = "period of /proc/zoneinfo",
	.find = find_zoneinfo,
};

static void find_meminfo(struct source_list *l, const struct sample_cfg *cfg)
{
	text_add(l, &meminfo, cfg->meminfo_ns, xstrdup("/proc/meminfo"), "meminfo");
	add_nodes(l, cfg->meminfo_ns, "meminfo", &meminfo);
}

SOURCE_TIMED(meminfo, 60) = {
	.period = "1s",
	.help = "period of /proc/meminfo and every node's meminfo",
	.find = find_meminfo,
};

/* ---------------------------------------------------------------- of a cgroup */

static void find_memcg(struct source_list *l, const struct sample_cfg *cfg)
{
	static const char *const files[] = { "memory.stat", "memory.events" };

	if (!cfg->memcg || !*cfg->memcg)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		text_add(l, &flat, cfg->memcg_ns,
			 xasprintf("/sys/fs/cgroup/%s/%s", cfg->memcg + (*cfg->memcg == '/'),
				   files[i]),
			 "memcg/%s", files[i]);
}

SOURCE_TIMED(memcg, 70) = {
	.period = "500ms",
	.help = "period of memory.stat and memory.events of memcg_path",
	.find = find_memcg,
};
