/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics of the time that tasks spend in direct reclaim, from the histogram of sample/trace.h. */
#include <stdlib.h>
#include <string.h>

#include "archive/keys.h"
#include "base/alloc.h"
#include "metric/row.h"

/*
 * Gets the histogram of all stalls; with no stall counted it is empty. False = ABSENT: stalls were
 * not counted, or some were lost.
 */
static bool stalls(const struct run_view *v, struct hist *h)
{
	const struct archive *a = v->a;
	bool counted = false;

	for (size_t i = 0; i < a->nr_res; i++) {
		const struct archive_res *r = &a->res[i];

		if (strcmp(r->workload, ARCHIVE_KERNEL) != 0)
			continue;
		if (!strcmp(r->key, TRACE_LOST_KEY) && r->value > 0)
			return false;
		counted |= !strcmp(r->key, TRACE_STALLS_KEY);
	}
	hist_reset(h);
	for (size_t i = 0; i < a->nr_lat; i++)
		if (!strcmp(a->lat[i].workload, ARCHIVE_KERNEL) &&
		    !strcmp(a->lat[i].kind, TRACE_STALL_KIND))
			hist_merge(h, a->lat[i].hist);
	return counted && v->has_window;
}

static bool quantile_us(const struct run_view *v, double q, double *out)
{
	struct hist *h = xmalloc(sizeof(*h));
	bool ok = stalls(v, h) && h->count;

	if (ok)
		*out = (double)hist_quantile(h, q) / 1e3;
	free(h);
	return ok;
}

static bool stall_p50(const struct run_view *v, const struct metric *m, double *out)
{
	(void)m;
	return quantile_us(v, .5, out);
}

static bool stall_p99(const struct run_view *v, const struct metric *m, double *out)
{
	(void)m;
	return quantile_us(v, .99, out);
}

/* 0 where nobody stalled: that is a measured value. */
static bool stall_ms_per_gib(const struct run_view *v, const struct metric *m, double *out)
{
	struct hist *h = xmalloc(sizeof(*h));
	double pages;
	bool ok;

	ok = stalls(v, h) && run_counter(v, m->arg, &pages) &&
	     metric_ratio((double)h->sum / 1e6, metric_gib(v, pages), out);
	free(h);
	return ok;
}

bool metric_stall_time(const struct run_view *v, const struct metric *m, double *out)
{
	struct hist *h = xmalloc(sizeof(*h));
	bool ok = stalls(v, h) && metric_ratio((double)h->sum / 1e9, v->seconds, out);

	(void)m;
	free(h);
	return ok;
}

#define STALLS                                                                                                                     \
	"Trace events vmscan:mm_vmscan_direct_reclaim_begin and _end of the same task (try_to_free_pages() in mm/vmscan.c, every " \
	"version), paired and summed inside the kernel by hist triggers (CONFIG_HIST_TRIGGERS, 4.17), exact to the microsecond. "  \
	"Those that ended in the window; memcg limit reclaim has events of its own and is not in it. Throttling before the "       \
	"begin (throttle_direct_reclaim()) is not in it either: see throttle_stalls."
#define STALL_BUCKET (1.0 / (1 << HIST_SUB_BITS))

/* clang-format off */
const struct metric metric_trace_table[] = {
	ROW("direct_stall_p99_us", "us", LOWER, SECONDARY, QUANTILES, LOG, 1, .1, stall_p99, NULL,
	    .help = "99 % of the direct reclaims took no longer: how long a task is away that has to reclaim memory for itself. "
		    "ABSENT when nobody had to. Of fewer than 100 stalls it is the longest one, which varies a lot.",
	    .where = STALLS,
	    .moves = "Up: write-back, swap that compresses in the task's context, many pages scanned for each freed, lock "
		     "contention, waits in reclaim_throttle(), a CPU that others hold meanwhile. Down: clean and cold pages.",
	    .step = STALL_BUCKET),
	ROW("direct_stall_p50_us", "us", LOWER, SECONDARY, QUANTILES, LOG, 1, .05, stall_p50, NULL,
	    .help = "Median time of a direct reclaim. ABSENT when nobody had to reclaim.",
	    .where = STALLS,
	    .moves = "Up: more pages scanned for each freed, swap that compresses in the task's context. Down: clean and cold "
		     "pages, of which 32 are soon found.",
	    .step = STALL_BUCKET),
	ROW("direct_stall_ms_per_gib", "ms/GiB", LOWER, SECONDARY, CLOCKS, LOG, .1, .05, stall_ms_per_gib, "alloc.pages",
	    .help = "Time that tasks lost in direct reclaim, all together, per GiB that the page allocator gave out: how often times "
		    "how long. 0 when nobody had to reclaim.",
	    .where = STALLS " Over pgalloc_{zone}, summed.",
	    .moves = "Up: kswapd starts late, stops early or frees slower than the load allocates (more stalls), or each stall "
		     "takes longer: stalls_per_gib and direct_stall_p50_us tell which. Down: kswapd that keeps up."),
	{ .name = NULL },
};
