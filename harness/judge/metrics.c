/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The metric table and the rows that are ratios of canonical counters over the window. */
#include "judge/metrics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/opt.h"
#include "judge/metrics_internal.h"

#define NODES_MAX 1024

void run_view_init(struct run_view *v, const struct archive *a)
{
	*v = (struct run_view){ .a = a, .vmstat = archive_series(a, "vmstat"), .page_kib = run_page_kib(a) };
	v->has_window = archive_window(a, &v->begin_us, &v->end_us) && v->end_us > v->begin_us;
	if (v->has_window)
		v->seconds = (double)(v->end_us - v->begin_us) / 1e6;
}

double run_page_kib(const struct archive *a)
{
	const char *v = archive_get(a, "mem.page_bytes");
	uint64_t bytes;

	return v && !opt_parse_u64(v, &bytes, NULL) && bytes >= 1024 && bytes <= 1u << 20 ? (double)bytes / 1024
											  : 4;
}

bool run_node_has_pgscan(const struct archive *a)
{
	for (size_t i = 0; i < a->nr_series; i++) {
		unsigned node;
		int end = 0;

		if (sscanf(a->series[i].name, "node%u/vmstat%n", &node, &end) == 1 && end && !a->series[i].name[end] &&
		    archive_key(&a->series[i], "pgscan_direct") >= 0)
			return true;
	}
	return false;
}

static bool name_known(const void *ctx, const char *raw, uint64_t *out)
{
	*out = 0;
	return archive_key(ctx, raw) >= 0;
}

bool run_includes(const struct archive *a, struct buf *out)
{
	const struct archive_series *s = archive_series(a, "vmstat");

	if (!s || !s->nr_keys)
		return false;
	counter_includes(name_known, s, run_node_has_pgscan(a), out);
	return true;
}

static bool span_delta(const void *ctx, const char *raw, uint64_t *out)
{
	const struct run_span *w = ctx;

	return archive_delta(w->s, archive_key(w->s, raw), w->begin_us, w->end_us, out);
}

static bool span_level(const void *ctx, const char *raw, uint64_t *out)
{
	const struct run_span *w = ctx;
	long tick = archive_tick_at(w->s, w->end_us);

	return tick >= 0 && archive_value(w->s, (size_t)tick, archive_key(w->s, raw), out);
}

bool run_span_counter(const struct run_span *w, const struct counter *c, uint64_t *out, struct buf *used)
{
	return counter_resolve(c, c->kind == COUNTER_CUM ? span_delta : span_level, w, out, used);
}

bool run_counter(const struct run_view *v, const char *canonical, double *out)
{
	const struct run_span w = { v->vmstat, v->begin_us, v->end_us };
	const struct counter *c = counter_find(canonical);
	uint64_t n;

	if (!c || !v->vmstat || !v->has_window || !run_span_counter(&w, c, &n, NULL))
		return false;
	*out = (double)n;
	return true;
}

double metric_gib(const struct run_view *v, double pages)
{
	return pages * v->page_kib / (1024 * 1024);
}

bool metric_ratio(double num, double den, double *out)
{
	if (!(den > 0))
		return false;
	*out = num / den;
	return true;
}

/* arg "scan.kswapd steal.kswapd": the second over the first. */
static bool ratio_of(const struct run_view *v, const struct metric *m, double *out)
{
	const char *sep = strchr(m->arg, ' ');
	char den_name[64];
	double num, den;

	snprintf(den_name, sizeof(den_name), "%.*s", (int)(sep - m->arg), m->arg);
	return run_counter(v, den_name, &den) && run_counter(v, sep + 1, &num) && metric_ratio(num, den, out);
}

static bool direct_share(const struct run_view *v, const struct metric *m, double *out)
{
	double kswapd, direct;

	(void)m;
	return run_counter(v, "steal.kswapd", &kswapd) && run_counter(v, "steal.direct", &direct) &&
	       metric_ratio(direct, direct + kswapd, out);
}

/* @what per GiB of @pages. */
static bool per_gib(const struct run_view *v, const char *what, const char *pages, double *out)
{
	double n, base;

	return run_counter(v, what, &n) && run_counter(v, pages, &base) &&
	       metric_ratio(n, metric_gib(v, base), out);
}

static bool per_gib_allocated(const struct run_view *v, const struct metric *m, double *out)
{
	return per_gib(v, m->arg, "alloc.pages", out);
}

static bool mib_per_gib_allocated(const struct run_view *v, const struct metric *m, double *out)
{
	if (!per_gib(v, m->arg, "alloc.pages", out))
		return false;
	*out = *out * v->page_kib / 1024;
	return true;
}

static bool per_gib_by_kswapd(const struct run_view *v, const struct metric *m, double *out)
{
	return per_gib(v, m->arg, "steal.kswapd", out);
}

static bool per_gib_reclaimed(const struct run_view *v, const struct metric *m, double *out)
{
	return per_gib(v, m->arg, "steal.total", out);
}

/* Share of kswapd runs that ended in a full sleep: every try to lie down counts in one of three ways. */
static bool sleep_share(const struct run_view *v, const struct metric *m, double *out)
{
	double runs, low, high;

	(void)m;
	if (!run_counter(v, "kswapd.runs", &runs) || !run_counter(v, "kswapd.low_quick", &low) ||
	    !run_counter(v, "kswapd.high_quick", &high) || !metric_ratio(low + high, runs, out))
		return false;
	*out = fmax(0, 1 - *out); /* a try can fall into the window without its run */
	return true;
}

static bool per_second(const struct run_view *v, const struct metric *m, double *out)
{
	double n;

	return run_counter(v, m->arg, &n) && metric_ratio(n, v->seconds, out);
}

static bool count_of(const struct run_view *v, const struct metric *m, double *out)
{
	return run_counter(v, m->arg, out);
}

static bool window_seconds(const struct run_view *v, const struct metric *m, double *out)
{
	(void)m;
	*out = v->seconds;
	return v->has_window;
}

#define ROW(n, u, b, k, s, res, fl, f, a, ...)                                                               \
	{                                                                                                    \
		.name = n, .unit = u, .better = BETTER_##b, .cls = METRIC_##k, .scale = SCALE_##s, .c = res, \
		.floor = fl, .fn = f, .arg = a, .help = __VA_ARGS__                                          \
	}

const struct metric metric_table[] = {
	ROW("stalls_per_gib", "stalls/GiB", LOWER, PRIMARY, LOG, 1, .05, per_gib_allocated, "stall.direct",
	    "How often a task had to reclaim for itself, per GiB the page allocator gave out (allocstall / "
	    "pgalloc_*). The user waits meanwhile. Rises when kswapd starts late, stops early or is slow."),
	ROW("kswapd_cpu_ms_per_gib", "ms/GiB", LOWER, PRIMARY, LOG, .1, .05, metric_kswapd_cpu, "alloc.pages",
	    "CPU time of all kswapd threads (/proc/PID/schedstat) per GiB the page allocator gave out: what the same "
	    "demand for memory costs. Rises with useless scanning, lock contention, shrinkers that free nothing and runs "
	    "that find nothing."),
	ROW("steal_scan_kswapd", "1", HIGHER, PRIMARY, LOGIT, .001, .02, ratio_of, "scan.kswapd steal.kswapd",
	    "Efficiency of kswapd: pages freed per page scanned. Falls when the pages it meets are dirty, "
	    "referenced or under write-back. ABSENT when it scanned nothing.",
	    .per_lru = true),
	ROW("refaults_per_gib", "MiB/GiB", LOWER, PRIMARY, LOG, .25, .05, mib_per_gib_allocated, "refault.all",
	    "MiB read back soon after they were reclaimed (workingset_refault*) per GiB the page allocator gave out: how "
	    "often reclaim took the wrong page.",
	    .per_era59 = true),
	ROW("steal_scan_direct", "1", HIGHER, SECONDARY, LOGIT, .001, .02, ratio_of,
	    "scan.direct steal.direct",
	    "Efficiency of direct reclaim: pages freed per page scanned. ABSENT when nobody had to reclaim "
	    "for itself.",
	    .per_lru = true, .per_era71 = true),
	ROW("direct_share", "1", NEITHER, SECONDARY, LOGIT, .001, .02, direct_share, NULL,
	    "Share of reclaimed pages that tasks had to reclaim for themselves: direct / (direct + kswapd). Context: it "
	    "also falls when kswapd reclaims more than anybody needs.",
	    .per_era71 = true),
	ROW("refaults_per_steal", "1", NEITHER, SECONDARY, LOG, .001, .05, ratio_of, "steal.total refault.all",
	    "Pages read back soon after they were reclaimed, per page reclaimed. Base: pages stolen, so reclaim beyond need "
	    "lowers it.",
	    .per_era59 = true),
	ROW("kswapd_cpu_ms_per_gib_stolen", "ms/GiB", NEITHER, SECONDARY, LOG, .1, .05, metric_kswapd_cpu,
	    "steal.kswapd",
	    "CPU time of all kswapd threads per GiB they took from LRU lists. Base: pages stolen, so slab memory freed is "
	    "in no part of it, and reclaim beyond need lowers it."),
	ROW("kswapd_runs_per_gib", "runs/GiB", NEITHER, SECONDARY, LOG, 1, .05, per_gib_by_kswapd,
	    "kswapd.runs",
	    "Calls of balance_pgdat() (pageoutrun) per GiB kswapd reclaimed. Rises when kswapd goes to sleep "
	    "too early and is woken again. Base: pages stolen, so reclaim beyond need lowers it."),
	ROW("pages_per_run", "pages/run", NEITHER, SECONDARY, LOG, 32, .05, ratio_of,
	    "kswapd.runs steal.kswapd",
	    "Pages kswapd freed per run: low = many short runs, very high = it reclaims far beyond need."),
	ROW("kswapd_sleep_share", "1", HIGHER, SECONDARY, LOGIT, .01, .05, sleep_share, NULL,
	    "Share of kswapd runs after which it really slept: 1 - (low_quick + high_quick) / runs. The rest were cut "
	    "short within a tenth of a second, or kswapd was needed again before it could lie down."),
	ROW("low_quick_share", "1", NEITHER, DIAGNOSTIC, LOGIT, .01, .05, ratio_of,
	    "kswapd.runs kswapd.low_quick",
	    "Share of kswapd runs after which the low watermark was hit again within a tenth of a second."),
	ROW("high_quick_share", "1", NEITHER, DIAGNOSTIC, LOGIT, .01, .05, ratio_of,
	    "kswapd.runs kswapd.high_quick",
	    "Share of kswapd runs after which it was below high again before it could lie down."),
	ROW("kswapd_duty", "1", LOWER, SECONDARY, LOGIT, .001, .02, metric_kswapd_duty, NULL,
	    "Share of the window that a kswapd thread was on a CPU, mean over the nodes' threads "
	    "(/proc/PID/schedstat)."),
	ROW("swap_out_per_gib", "MiB/GiB", LOWER, SECONDARY, LOG, .25, .05, mib_per_gib_allocated,
	    "swap.out_all",
	    "MiB swapped out per GiB allocated, zero-filled pages included (since 6.12 they never reach the device). Rises "
	    "when reclaim prefers anonymous memory."),
	ROW("swap_in_per_gib", "MiB/GiB", LOWER, SECONDARY, LOG, .25, .05, mib_per_gib_allocated, "swap.in_all",
	    "MiB swapped back in per GiB allocated, zero-filled pages included: anonymous memory that should have "
	    "stayed."),
	ROW("major_faults_per_gib", "faults/GiB", LOWER, SECONDARY, LOG, 1, .05, per_gib_allocated,
	    "fault.major", "Page faults that waited for a device, per GiB allocated."),
	ROW("psi_mem_some_share", "1", LOWER, SECONDARY, LOGIT, .001, .02, metric_psi_share, "some.total",
	    "Share of the window in which at least one task waited for memory (/proc/pressure/memory, "
	    "some)."),
	ROW("psi_mem_full_share", "1", LOWER, SECONDARY, LOGIT, .001, .02, metric_psi_share, "full.total",
	    "Share of the window in which all non-idle tasks waited for memory at once "
	    "(/proc/pressure/memory, full)."),
	ROW("oom_kills", "kills", LOWER, SECONDARY, LOG, 1, .05, count_of, "oom.kill",
	    "Tasks the OOM killer ended in the window (4.13)."),
	ROW("throttle_stalls", "stalls", LOWER, SECONDARY, LOG, 1, .05, count_of, "stall.throttle",
	    "Tasks put to sleep because free memory was under half of min. Rare: any rise is worth a look."),
	ROW("compact_stalls", "stalls", LOWER, SECONDARY, LOG, 1, .05, count_of, "compact.stall",
	    "Tasks that had to compact memory for themselves to get a high-order page."),
	ROW("scan_kswapd_per_s", "pages/s", NEITHER, DIAGNOSTIC, LOG, 32, .05, per_second, "scan.kswapd",
	    "Scan velocity of kswapd.", .per_lru = true),
	ROW("scan_direct_per_s", "pages/s", NEITHER, DIAGNOSTIC, LOG, 32, .05, per_second, "scan.direct",
	    "Scan velocity of direct reclaim.", .per_lru = true, .per_era71 = true),
	ROW("steal_kswapd_per_s", "pages/s", NEITHER, DIAGNOSTIC, LOG, 32, .05, per_second, "steal.kswapd",
	    "Pages kswapd freed per second."),
	ROW("steal_direct_per_s", "pages/s", NEITHER, DIAGNOSTIC, LOG, 32, .05, per_second, "steal.direct",
	    "Pages direct reclaim freed per second.", .per_era71 = true),
	ROW("alloc_per_s", "pages/s", NEITHER, DIAGNOSTIC, LOG, 32, .05, per_second, "alloc.pages",
	    "Pages the allocator gave out per second: the load reclaim has to meet."),
	ROW("slab_scanned_per_gib", "objects/GiB", NEITHER, DIAGNOSTIC, LOG, 128, .05, per_gib_reclaimed,
	    "slab.objects_scanned",
	    "Objects the slab shrinkers were asked to scan per GiB reclaimed from the LRU lists "
	    "(slabs_scanned).",
	    .per_era59 = true),
	ROW("slab_cache_balance", "1", NEITHER, DIAGNOSTIC, LOG, .01, .05, metric_slab_balance, NULL,
	    "How slab shrank against page cache: (end / begin of reclaimable slab) / (end / begin of file "
	    "LRU), all nodes. 1 = alike, above 1 = slab was kept and page cache paid."),
	ROW("window_s", "s", NEITHER, DIAGNOSTIC, LOG, .001, .03, window_seconds, NULL,
	    "Length of the measured window."),
	{ .name = NULL },
};

static const struct metric node_rows[] = {
	ROW("below_low_s_node%u", "s", LOWER, SECONDARY, LOG, 1, .05, metric_below_low, NULL,
	    "Seconds in which no zone of the node had its low watermark, as the page allocator sees it (boost included, "
	    "lowmem reserve for the node's highest zone added), from zoneinfo samples: each holds until the next. kswapd was "
	    "late or could not keep up."),
	ROW("peak_free_above_high_node%u", "pages", NEITHER, SECONDARY, LOG, 64, .05, metric_peak_above_high,
	    NULL,
	    "Most free pages above the high watermark (as in below_low_s), summed over "
	    "the node's zones, after its largest zone had first come down to high: reclaim beyond need, or "
	    "memory that the load gave back. ABSENT when it never came down to high."),
};

const struct metric *metric_find(const char *name)
{
	for (const struct metric *m = metric_table; m->name; m++)
		if (!strcmp(m->name, name))
			return m;
	return NULL;
}

bool metric_list_has(const struct metric_list *l, const char *name)
{
	for (size_t i = 0; i < l->nr; i++)
		if (!strcmp(l->v[i].name, name))
			return true;
	return false;
}

void metric_list_add(struct metric_list *l, const struct metric *m)
{
	if (metric_list_has(l, m->name))
		return;
	if (l->nr >= l->max) {
		l->left_out++;
		return;
	}
	ARRAY_GROW(l->v, l->nr, l->cap);
	l->v[l->nr++] = *m;
}

static void node_metric_rows(const struct archive *const *runs, size_t nr, struct metric_list *l,
			     struct arena *mem)
{
	bool has[NODES_MAX] = { false };

	for (size_t i = 0; i < nr; i++)
		metric_zoneinfo_nodes(runs[i], has, NODES_MAX);
	for (size_t r = 0; r < ARRAY_SIZE(node_rows); r++) {
		for (unsigned n = 0; n < NODES_MAX; n++) {
			struct metric m = node_rows[r];

			if (!has[n])
				continue;
			/* the name in the table is no format for a compiler to check: it ends in "%u" */
			m.name = arena_printf(mem, "%.*s%u", (int)strlen(m.name) - 2, m.name, n);
			m.arg = arena_printf(mem, "%u", n);
			metric_list_add(l, &m);
		}
	}
}

const struct metric *metrics_for(const struct archive *const *runs, size_t nr, struct arena *mem, size_t *left_out)
{
	struct metric_list l = { .max = SIZE_MAX };
	struct metric *out;

	for (const struct metric *m = metric_table; m->name; m++)
		metric_list_add(&l, m);
	node_metric_rows(runs, nr, &l, mem);
	l.max = l.nr + METRIC_WORKLOAD_ROWS;
	metric_workload_rows(runs, nr, &l, mem);
	out = arena_alloc(mem, (l.nr + 1) * sizeof(*out));
	memcpy(out, l.v, l.nr * sizeof(*out));
	if (left_out)
		*left_out = l.left_out;
	free(l.v);
	return out;
}
