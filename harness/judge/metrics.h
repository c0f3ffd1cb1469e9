/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics: numbers derived from one run's archive. One row in metric_table[] and a function of a few lines each
 * (metrics.c; metrics_time.c for samples, metrics_workload.c for workloads). The value is ABSENT where the kernel
 * cannot say or where nothing happened that could be divided by.
 */
#ifndef WMARK_JUDGE_METRICS_H
#define WMARK_JUDGE_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "judge/counters.h"
#include "record/archive.h"

/* One run as the judge sees it. */
struct run_view {
	const struct archive *a;
	bool has_window;	   /* the run reached the end of its window */
	uint64_t begin_us, end_us; /* the window */
	double seconds;		   /* its length */
	const struct archive_series *vmstat;
	double page_kib; /* 4 on x86 */
};
void run_view_init(struct run_view *v, const struct archive *a);
/* Canonical counter over the window. False = ABSENT. */
bool run_counter(const struct run_view *v, const char *canonical, double *out);

/* A source over a span of time: the context of run_span_counter(). */
struct run_span {
	const struct archive_series *s;
	uint64_t begin_us, end_us;
};
/* Increase of @c over the span, or its level at the end of it (gauges). False = ABSENT. @used as in counter_resolve(). */
bool run_span_counter(const struct run_span *w, const struct counter *c, uint64_t *out, struct buf *used);
/* Page size of the run in KiB from its header; 4 when it does not say. */
double run_page_kib(const struct archive *a);
/* Do the node files have pgscan_*: reclaim counters that include memcg limit reclaim (7.1). */
bool run_node_has_pgscan(const struct archive *a);
/* What counter_includes() says about scan.direct of this run. False = the run has no vmstat. */
bool run_includes(const struct archive *a, struct buf *out);

enum metric_better { BETTER_LOWER, BETTER_HIGHER, BETTER_NEITHER };
enum metric_class { METRIC_PRIMARY, METRIC_SECONDARY, METRIC_DIAGNOSTIC };
/* y = ln(x + c), or logit with the same c for ratios in [0, 1]; see metric_forward() */
enum metric_scale { SCALE_LOG, SCALE_LOGIT };

struct metric {
	const char *name; /* "steal_scan_kswapd" */
	const char *unit; /* "pages/run", "ms/GiB", "1" */
	enum metric_better better;
	enum metric_class cls; /* default class; [judge] primary = ... of a scenario overrides */
	enum metric_scale scale;
	/* Declared resolution, in units, > 0: the smallest step that means anything. Values inside one step are SAME. */
	double c;
	/* Smallest shift that matters: relative, .03 = 3 %; SCALE_LOGIT: points of share, .02 = from .60 to .62. */
	double floor;
	bool per_lru;   /* not comparable between classic LRU and MGLRU */
	bool per_era71; /* not comparable across 7.0 | 7.1 when memcg limits ran */
	/*
	 * Not comparable across 5.7 | 5.8 | 5.9: steal by type counts memcg limit reclaim too and is from 5.8, refaults of
	 * anonymous memory are from 5.9.
	 */
	bool per_era59;
	bool (*fn)(const struct run_view *v, const struct metric *m, double *out);
	const char *arg;  /* for functions that serve several rows: canonical name, node number ... */
	const char *help; /* plain words: what it is, where the kernel counts it, what usually moves it */
	/*
	 * Relative resolution beside c, 0 = none: quantiles of a histogram are known to one of its buckets
	 * (base/hist.h: 1/64). Values inside one step are SAME.
	 */
	double step;
};

extern const struct metric metric_table[]; /* .name == NULL ends it */
const struct metric *metric_find(const char *name);
/*
 * The fixed table, then rows that depend on the runs: one per node ("below_low_s_node1"), per workload op kind
 * ("anon.fault_p99_us", "anon.fault_rate"), NAME.elapsed_s and the workload's own notes ("NAME.NOTE", diagnostic).
 * Primary by default is one row a workload: the p99 of its first op kind with a histogram, else its first rate.
 * At most METRIC_WORKLOAD_ROWS rows of workloads: an archive is a file anybody may have written. *@left_out (may be
 * NULL) counts the lines whose rows were left out. Everything in @mem; ended by .name == NULL.
 */
#define METRIC_WORKLOAD_ROWS 512
const struct metric *metrics_for(const struct archive *const *runs, size_t nr, struct arena *mem, size_t *left_out);

#endif
