/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The canonical parse of every kernel in test/data against its golden.txt, byte by byte. After a
 * wanted change run with WMARK_GOLDEN_UPDATE=1 and read the diff before it is committed.
 */
#include <criterion/parameterized.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "probe/probe.h"
#include "test_probe_data.h"

static const struct {
	const char *path;
	probe_scan *scan;
} scanned[] = {
	{ "proc/vmstat", probe_vmstat },
	{ "proc/meminfo", probe_meminfo },
	{ "proc/zoneinfo", probe_zoneinfo },
	{ "proc/pressure/memory", probe_psi },
	{ "sys/devices/system/node/node0/vmstat", probe_vmstat },
	{ "sys/devices/system/node/node1/vmstat", probe_vmstat },
	{ "sys/devices/system/node/node2/vmstat", probe_vmstat },
	{ "sys/devices/system/node/node0/meminfo", probe_meminfo },
	{ "sys/devices/system/node/node1/meminfo", probe_meminfo },
	{ "sys/devices/system/node/node2/meminfo", probe_meminfo },
	{ "sys/devices/system/node/node0/numastat", probe_vmstat },
	{ "sys/devices/system/node/node1/numastat", probe_vmstat },
	{ "sys/devices/system/node/node2/numastat", probe_vmstat },
	{ "cg/memory.stat", probe_vmstat },
	{ "cg/memory.pressure", probe_psi },
	{ "cg/y/memory.stat", probe_vmstat },
	{ "cg/y/memory.events", probe_vmstat },
	{ "cg/y/memory.pressure", probe_psi },
};

static const char *const cmdline_names[] = {
	"root", "ro", "transparent-hugepage", "console", "dyndbg", "single",
};
static const char *const kconfig_names[] = {
	"NUMA",	 "NODES_SHIFT", "MEMCG_SWAP", "DEFAULT_HOSTNAME", "ZSMALLOC",
	"ZSWAP", "PREEMPT",	"HZ",	      "LRU_GEN",
};

static void add_scan(struct buf *g, const char *kernel, const char *path, probe_scan *scan)
{
	struct buf text = BUF_INIT;
	struct probe_list l;
	struct err e = ERR_INIT;
	size_t i;

	if (!data_read(kernel, path, &text)) {
		buf_addf(g, "[%s] absent\n", path);
		return;
	}
	cr_assert_eq(probe_list_load(&l, scan, text.data, text.len, &e), 0, "%s/%s: %s", kernel,
		     path, e.msg);
	buf_addf(g, "[%s] %zu\n", path, l.nr);
	for (i = 0; i < l.nr; i++)
		buf_addf(g, "%s %llu\n", l.v[i].name, (unsigned long long)l.v[i].value);
	probe_list_release(&l);
	buf_release(&text);
}

static void add_bits(struct buf *g, const char *label, const char *text, size_t len)
{
	struct probe_bits bits;
	struct err e = ERR_INIT;
	char out[256];

	cr_assert_eq(probe_cpulist(text, len, &bits, &e), 0, "%s: %s", label, e.msg);
	probe_bits_print(&bits, out, sizeof(out));
	buf_addf(g, " %s=%s(%u)", label, out, probe_bits_count(&bits));
}

static void add_thread(struct buf *g, const char *kernel, const char *pid)
{
	char stat[64], status[64], schedstat[64];
	struct buf text = BUF_INIT;
	struct probe_task task;
	struct probe_list l;
	struct err e = ERR_INIT;
	const char *value;
	size_t len, i;
	int node;

	snprintf(stat, sizeof(stat), "proc/%s/stat", pid);
	snprintf(status, sizeof(status), "proc/%s/status", pid);
	snprintf(schedstat, sizeof(schedstat), "proc/%s/schedstat", pid);
	cr_assert(data_read(kernel, stat, &text));
	cr_assert_eq(probe_task_stat(text.data, text.len, &task, &e), 0, "%s/%s: %s", kernel, stat,
		     e.msg);
	buf_addf(g, "%d %s state=%c flags=0x%llx utime=%llu stime=%llu", task.pid, task.comm,
		 task.state, (unsigned long long)task.flags, (unsigned long long)task.utime,
		 (unsigned long long)task.stime);
	if (probe_kswapd_node(task.comm, &node))
		buf_addf(g, " kswapd_of=%d", node);
	cr_assert(data_read(kernel, status, &text));
	if (probe_status_field(text.data, text.len, "Cpus_allowed_list", &value, &len))
		add_bits(g, "cpus", value, len);
	if (probe_status_field(text.data, text.len, "Mems_allowed_list", &value, &len))
		add_bits(g, "mems", value, len);
	cr_assert(data_read(kernel, schedstat, &text));
	cr_assert_eq(probe_list_load(&l, probe_schedstat, text.data, text.len, &e), 0, "%s", e.msg);
	for (i = 0; i < l.nr; i++)
		buf_addf(g, " %s=%llu", l.v[i].name, (unsigned long long)l.v[i].value);
	buf_addc(g, '\n');
	probe_list_release(&l);
	buf_release(&text);
}

static void add_threads(struct buf *g, const char *kernel)
{
	char *proc = data_path(kernel, "proc"), **names;
	struct err e = ERR_INIT;
	size_t nr, i;

	buf_addstr(g, "[threads]\n");
	cr_assert_eq(fs_list(proc, &names, &nr, &e), 0, "%s", e.msg);
	for (i = 0; i < nr; i++)
		if (isdigit((unsigned char)names[i][0]))
			add_thread(g, kernel, names[i]);
	fs_list_free(names, nr);
	free(proc);
}

static void add_numa(struct buf *g, const char *kernel)
{
	static const char *const lists[] = { "possible", "online", "has_memory", "has_cpu" };
	struct buf text = BUF_INIT;
	char path[80];
	size_t i;
	int node;

	buf_addstr(g, "[numa]\nnodes");
	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		snprintf(path, sizeof(path), "sys/devices/system/node/%s", lists[i]);
		if (data_read(kernel, path, &text))
			add_bits(g, lists[i], text.data, text.len);
	}
	buf_addc(g, '\n');
	for (node = 0;; node++) {
		unsigned distance[8];
		struct err e = ERR_INIT;
		int n, k;

		snprintf(path, sizeof(path), "sys/devices/system/node/node%d/cpulist", node);
		if (!data_read(kernel, path, &text))
			break;
		buf_addf(g, "node%d", node);
		add_bits(g, "cpus", text.data, text.len);
		snprintf(path, sizeof(path), "sys/devices/system/node/node%d/distance", node);
		cr_assert(data_read(kernel, path, &text));
		n = probe_distance(text.data, text.len, distance, ARRAY_SIZE(distance), &e);
		cr_assert_geq(n, 0, "%s", e.msg);
		buf_addstr(g, " distance=");
		for (k = 0; k < n; k++)
			buf_addf(g, "%s%u", k ? "," : "", distance[k]);
		buf_addc(g, '\n');
	}
	buf_release(&text);
}

static void add_facts(struct buf *g, const char *kernel)
{
	struct buf text = BUF_INIT;
	enum probe_lru mode;
	struct err e = ERR_INIT;
	const char *value;
	uint64_t size, used;
	unsigned areas;
	size_t i, len;
	bool there;

	there = data_read(kernel, "sys/kernel/mm/lru_gen/enabled", &text);
	cr_assert_eq(probe_lru_gen(there ? text.data : NULL, text.len, &mode, &e), 0, "%s", e.msg);
	buf_addf(g, "[lru] %s%s\n", mode == PROBE_LRU_MGLRU ? "mglru" : "classic",
		 there ? "" : " (no file)");
	cr_assert(data_read(kernel, "proc/swaps", &text));
	cr_assert_eq(probe_swaps(text.data, text.len, &areas, &size, &used, &e), 0, "%s", e.msg);
	buf_addf(g, "[swaps] areas=%u size_kb=%llu used_kb=%llu\n", areas, (unsigned long long)size,
		 (unsigned long long)used);
	there = data_read(kernel, "proc/cmdline", &text);
	buf_addf(g, "[cmdline]%s\n", there ? "" : " absent");
	for (i = 0; there && i < ARRAY_SIZE(cmdline_names); i++)
		if (probe_cmdline(text.data, text.len, cmdline_names[i], &value, &len))
			buf_addf(g, "%s '%.*s'\n", cmdline_names[i], (int)len, value);
	there = data_read(kernel, "boot/config", &text);
	buf_addf(g, "[kconfig]%s\n", there ? "" : " absent");
	for (i = 0; there && i < ARRAY_SIZE(kconfig_names); i++)
		if (probe_kconfig(text.data, text.len, kconfig_names[i], &value, &len))
			buf_addf(g, "%s '%.*s'\n", kconfig_names[i], (int)len, value);
	buf_release(&text);
}

ParameterizedTestParameters(probe, golden)
{
	static size_t index[ARRAY_SIZE(kernels)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kernels); i++)
		index[i] = i;
	return cr_make_param_array(size_t, index, ARRAY_SIZE(kernels));
}

ParameterizedTest(size_t *index, probe, golden)
{
	const char *kernel = kernels[*index].dir, *update = getenv("WMARK_GOLDEN_UPDATE");
	char *path = data_path(kernel, "golden.txt");
	struct buf now = BUF_INIT, golden = BUF_INIT;
	struct err e = ERR_INIT;
	size_t i, line = 1;

	for (i = 0; i < ARRAY_SIZE(scanned); i++)
		add_scan(&now, kernel, scanned[i].path, scanned[i].scan);
	add_threads(&now, kernel);
	add_numa(&now, kernel);
	add_facts(&now, kernel);
	if (update && !strcmp(update, "1"))
		cr_assert_eq(fs_write(path, now.data, now.len, &e), 0, "%s", e.msg);
	cr_assert_eq(fs_read(path, &golden, &e), 0, "%s", e.msg);
	for (i = 0; i < now.len && i < golden.len && now.data[i] == golden.data[i]; i++)
		line += now.data[i] == '\n';
	cr_assert(now.len == golden.len && i == now.len,
		  "%s differs at line %zu; WMARK_GOLDEN_UPDATE=1 writes it anew", path, line);
	buf_release(&golden);
	buf_release(&now);
	free(path);
}
