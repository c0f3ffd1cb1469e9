/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which sources there are on this machine, in an order that does not depend on process numbers. */
#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "sample/sampler.h"
#include "sample/text.h"
#include "sample/trace.h"

#define PF_KTHREAD 0x00200000u /* include/linux/sched.h, all versions */
#define NODE_DIR "/sys/devices/system/node"

void source_add(struct source_list *l, const struct source_ops *ops, const void *arg,
		uint64_t period_ns, char *what, const char *name, ...)
{
	struct source_spec s = { .ops = ops, .arg = arg, .what = what, .period_ns = period_ns };
	va_list ap;

	va_start(ap, name);
	vsnprintf(s.name, sizeof(s.name), name, ap);
	va_end(ap);
	ARRAY_GROW(l->v, l->nr, l->cap);
	l->v[l->nr++] = s;
}

void source_list_release(struct source_list *l)
{
	for (size_t i = 0; i < l->nr; i++)
		free(l->v[i].what);
	free(l->v);
	*l = (struct source_list){ .root = l->root };
}

/* /proc/PID/stat as a source: utime and stime in USER_HZ ticks. */
static int scan_task_stat(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e)
{
	struct probe_task task;
	struct probe_item item = { .node = -1, .key = "utime", .key_len = 5 };
	int ret = probe_task_stat(text, len, &task, e);

	if (ret)
		return ret;
	item.value = task.utime;
	ret = emit(ctx, &item);
	if (ret)
		return ret;
	item.key = "stime";
	item.value = task.stime;
	return emit(ctx, &item);
}

static int cmp_int(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

/* Decimal digits only, as an int; -1 otherwise. */
static int plain_number(const char *s)
{
	char *stop;
	long v;

	if (!isdigit((unsigned char)*s))
		return -1;
	v = strtol(s, &stop, 10);
	return *stop || v > INT_MAX ? -1 : (int)v;
}

static size_t find_nodes(const char *root, int **out)
{
	char *dir = root_path(root, NODE_DIR), **names = NULL;
	size_t nr_names = 0, nr = 0, cap = 0;

	*out = NULL;
	fs_list(dir, &names, &nr_names, NULL);
	for (size_t i = 0; i < nr_names; i++) {
		int node = strncmp(names[i], "node", 4) ? -1 : plain_number(names[i] + 4);

		if (node < 0)
			continue;
		ARRAY_GROW(*out, nr, cap);
		(*out)[nr++] = node;
	}
	if (nr)
		qsort(*out, nr, sizeof(**out), cmp_int);
	fs_list_free(names, nr_names);
	free(dir);
	return nr;
}

/* Text of /proc/PID/@file without trailing white space; "" when it cannot be read. */
static void proc_text(const char *root, int pid, const char *file, struct buf *text)
{
	char *path = xasprintf("/proc/%d/%s", pid, file);

	buf_reset(text);
	root_read(root, path, text, NULL);
	buf_rtrim(text);
	free(path);
}

/* comm is free text: a user's process may call itself kswapd0, but it is no kernel thread. */
static bool is_kswapd(const char *root, int pid, struct buf *text, int *node)
{
	struct probe_task task;

	proc_text(root, pid, "comm", text);
	if (!probe_kswapd_node(text->data, node))
		return false;
	proc_text(root, pid, "stat", text);
	return probe_task_stat(text->data, text->len, &task, NULL) || (task.flags & PF_KTHREAD);
}

static int cmp_kswapd(const void *a, const void *b)
{
	const struct sampler_kswapd *x = a, *y = b;

	return x->node != y->node ? (x->node > y->node) - (x->node < y->node)
				  : (x->pid > y->pid) - (x->pid < y->pid);
}

size_t sampler_find_kswapds(const char *root, struct sampler_kswapd **out)
{
	char *dir = root_path(root, "/proc"), **names = NULL;
	struct buf text = BUF_INIT;
	size_t nr_names = 0, nr = 0, cap = 0;

	*out = NULL;
	fs_list(dir, &names, &nr_names, NULL);
	for (size_t i = 0; i < nr_names; i++) {
		int pid = plain_number(names[i]), node;

		if (pid < 0 || !is_kswapd(root, pid, &text, &node))
			continue;
		ARRAY_GROW(*out, nr, cap);
		(*out)[nr++] = (struct sampler_kswapd){ node, pid };
	}
	if (nr)
		qsort(*out, nr, sizeof(**out), cmp_kswapd);
	buf_release(&text);
	fs_list_free(names, nr_names);
	free(dir);
	return nr;
}

/*
 * schedstat is exact to the ns, but reads "0 0 0" where the kernel keeps no such numbers
 * (fs/proc/base.c proc_pid_schedstat()); a kswapd has always run, if only to fall asleep.
 */
static bool has_schedstat(const char *root, long pid)
{
	struct buf text = BUF_INIT;
	bool yes;

	proc_text(root, (int)pid, "schedstat", &text);
	yes = strpbrk(text.data, "123456789") != NULL;
	buf_release(&text);
	return yes;
}

static void add_kswapds(struct source_list *l, uint64_t period_ns)
{
	static const struct text_format schedstat = { .scan = probe_schedstat },
					stat = { .scan = scan_task_stat };
	struct sampler_kswapd *k;
	size_t nr = sampler_find_kswapds(l->root, &k);

	if (!nr) /* opening it fails, and the archive says that it is absent */
		text_add(l, &schedstat, period_ns, xstrdup("/proc/kswapd/schedstat"),
			 "kswapd0/schedstat");
	for (size_t i = 0; i < nr; i++) {
		if (i && k[i].node == k[i - 1].node)
			continue;
		if (has_schedstat(l->root, k[i].pid))
			text_add(l, &schedstat, period_ns,
				 xasprintf("/proc/%ld/schedstat", k[i].pid), "kswapd%d/schedstat",
				 k[i].node);
		else
			text_add(l, &stat, period_ns, xasprintf("/proc/%ld/stat", k[i].pid),
				 "kswapd%d/stat", k[i].node);
	}
	free(k);
}

static void add_nodes(struct source_list *l, uint64_t period_ns, const char *file,
		      const struct text_format *f)
{
	int *nodes;
	size_t nr = find_nodes(l->root, &nodes);

	if (!nr)
		text_add(l, f, period_ns, xasprintf(NODE_DIR "/node0/%s", file), "node0/%s", file);
	for (size_t i = 0; i < nr; i++)
		text_add(l, f, period_ns, xasprintf(NODE_DIR "/node%d/%s", nodes[i], file),
			 "node%d/%s", nodes[i], file);
	free(nodes);
}

/*
 * Right before vmstat, to be read with it: its counters and these add up (check/check.h). Not
 * behind it: to sort the entries the kernel allocates (tracing_map_sort_entries()), a reader under
 * pressure reclaims, and was seen to take 93 ms for it; so long after its sample of vmstat a mark
 * has none.
 */
static void add_trace(struct source_list *l, const struct sample_cfg *cfg)
{
	static const struct text_format hist = { .scan = probe_hist_counts };
	static const struct {
		const char *series, *event;
	} sources[] = {
		{ TRACE_WAKE, "mm_vmscan_kswapd_wake" },
		{ TRACE_SLEEP, "mm_vmscan_kswapd_sleep" },
		{ TRACE_BEGIN, "mm_vmscan_direct_reclaim_begin" },
		{ TRACE_END, "mm_vmscan_direct_reclaim_end" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) /* the folder has its root in it */
		source_add(l, &text_ops, &hist, cfg->trace_ns,
			   xasprintf("%s/events/vmscan/%s/hist", cfg->trace_dir, sources[i].event),
			   "%s", sources[i].series);
}

static const struct text_format vmstat = { .scan = probe_vmstat, .reads = READ_PAGES };
static const struct text_format flat = { .scan = probe_vmstat }; /* the same lines, in one read */
static const struct text_format psi = { .scan = probe_psi, .derived = "avg" };
static const struct text_format zoneinfo = { .scan = probe_zoneinfo, .reads = READ_TO_END };
static const struct text_format meminfo = { .scan = probe_meminfo };

void source_find(struct source_list *l, const struct sample_cfg *cfg)
{
	static const char *const pressure[] = { "cpu", "io", "memory" };
	static const char *const memcg[] = { "memory.stat", "memory.events" };

	if (cfg->trace && cfg->trace_dir)
		add_trace(l, cfg);
	if (cfg->vmstat_ns)
		text_add(l, &vmstat, cfg->vmstat_ns, xstrdup("/proc/vmstat"), "vmstat");
	if (cfg->kswapd_ns)
		add_kswapds(l, cfg->kswapd_ns);
	for (size_t i = 0; cfg->psi_ns && i < ARRAY_SIZE(pressure); i++)
		text_add(l, &psi, cfg->psi_ns, xasprintf("/proc/pressure/%s", pressure[i]),
			 "pressure/%s", pressure[i]);
	if (cfg->node_ns)
		add_nodes(l, cfg->node_ns, "vmstat", &flat);
	if (cfg->zoneinfo_ns)
		text_add(l, &zoneinfo, cfg->zoneinfo_ns, xstrdup("/proc/zoneinfo"), "zoneinfo");
	if (cfg->meminfo_ns) {
		text_add(l, &meminfo, cfg->meminfo_ns, xstrdup("/proc/meminfo"), "meminfo");
		add_nodes(l, cfg->meminfo_ns, "meminfo", &meminfo);
	}
	for (size_t i = 0; cfg->memcg_ns && cfg->memcg && *cfg->memcg && i < ARRAY_SIZE(memcg); i++)
		text_add(l, &flat, cfg->memcg_ns,
			 xasprintf("/sys/fs/cgroup/%s/%s", cfg->memcg + (*cfg->memcg == '/'),
				   memcg[i]),
			 "memcg/%s", memcg[i]);
}
