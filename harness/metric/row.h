/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The functions of the rows, and helpers that they share. Private to harness/metric. False = ABSENT
 * everywhere.
 */
#ifndef WMARK_METRIC_ROW_H
#define WMARK_METRIC_ROW_H

#include "metric/metric.h"

/*
 * Where a row may be primary, by what it is made of. CLOCKS: times, and rates by them. Under icount
 * several CPUs take turns on one instruction counter. A time below one turn (50 to 400 us) then
 * says where turns fall, which the image of the kernel decides: five images of one source gave
 * 115 to 315 us for anon.fault_p99_us. The time of one CPU passes for the others too: kswapd's CPU
 * time per GiB was 8,757 ms with two CPUs and 4,156 ms with one.
 */
#define PRIMARY_ON_PAGES MACHINE_ANY
#define PRIMARY_ON_EVENTS MACHINE_ANY
#define PRIMARY_ON_CLOCKS (MACHINE_ANY & ~MACHINE_EXACT_SMP)
/*
 * QUANTILES of times: clocks, too. In virtual time an operation takes as long as its instructions,
 * so that latencies come in clusters, a path each. A quantile that falls between two is at one or
 * the other by a handful of operations: eight builds of 7.3 had a 99th percentile of reads of 233
 * or 274 us, each build one of them for most seeds. Their means lay within 1.3 %.
 */
#define METRIC_OF_QUANTILES METRIC_OF_CLOCKS
#define PRIMARY_ON_QUANTILES (MACHINE_VM | MACHINE_HOST)

/*
 * One row: name, unit, better, class, what it is made of, scale, resolution c, floor, function and
 * its arg; then by name .help, .where, .moves and, where they apply, .breaks and .step.
 */
#define ROW(n, u, b, k, t, s, res, fl, f, a, ...) \
	{ .name = n,                              \
	  .unit = u,                              \
	  .better = BETTER_##b,                   \
	  .cls = METRIC_##k,                      \
	  .of = METRIC_OF_##t,                    \
	  .primary_on = PRIMARY_ON_##t,           \
	  .scale = SCALE_##s,                     \
	  .c = res,                               \
	  .floor = fl,                            \
	  .fn = f,                                \
	  .arg = a,                               \
	  __VA_ARGS__ }

/* ratio.c: @pages in GiB, with this run's page size. */
double metric_gib(const struct run_view *v, double pages);
/* num / den; false when den is 0. */
bool metric_ratio(double num, double den, double *out);

/* counter.c: from canonical counters over the window */
metric_fn metric_ratio_of;   /* arg "scan.kswapd steal.kswapd": the second over the first */
metric_fn metric_steal_scan; /* of kswapd and direct reclaim together */
metric_fn metric_direct_share;
metric_fn metric_per_gib_allocated;	/* arg over GiB allocated */
metric_fn metric_per_gib_by_kswapd;	/* ... over GiB that kswapd stole */
metric_fn metric_mib_per_gib_allocated; /* arg in pages */
metric_fn metric_swap_traffic;
/*
 * Share of kswapd runs that ended in a full sleep: every attempt to sleep counts in one of three
 * ways.
 */
metric_fn metric_sleep_share;
metric_fn metric_per_second;
metric_fn metric_count_of;
metric_fn metric_window_seconds;

/* time.c: from samples */
metric_fn metric_psi_share; /* arg: key of pressure/memory */
metric_fn metric_slab_balance;
/* arg: node number */
metric_fn metric_below_low;
metric_fn metric_below_min;
metric_fn metric_peak_above_high;

/* trace.c: from the histogram of sample/trace.h */
metric_fn metric_stall_time;

/* kswapd.c: from the CPU time of the kswapd threads and the samples after the load's end */
metric_fn metric_kswapd_cpu;  /* arg: canonical pages */
metric_fn metric_kswapd_duty; /* arg: node number, NULL = mean of all */
metric_fn metric_longest_burst;
metric_fn metric_to_sleep;

/*
 * Rows being listed for some runs. A maker adds rows that depend on the runs and stands in makers[]
 * (metric.c). A file with fixed rows lists its table in tables[] there.
 */
struct metric_list {
	struct metric *v;
	size_t nr, cap;
	size_t max, left_out; /* rows allowed; rows beyond them */
};
bool metric_list_has(const struct metric_list *l, const char *name);
/* Appends @m unless a row of that name exists, or the list is full. */
void metric_list_add(struct metric_list *l, const struct metric *m);

extern const struct metric metric_trace_table[]; /* fixed rows: trace.c */

/*
 * A maker of rows that depend on the runs, in two steps: gather() collects the rows of one run,
 * once; list() makes the table of several runs, in an order that no single run may have.
 */
struct metric_maker {
	const struct metric *models;
	void (*gather)(const struct archive *a, struct run_rows *rows, struct arena *mem);
	void (*list)(const struct run_rows *const *runs, size_t nr, struct metric_list *l);
	/* The name of the row of @model with @arg; NULL = no row has such an arg. */
	const char *(*name)(const struct metric *model, const char *arg, struct arena *mem);
	size_t max; /* largest number of rows that it lists; 0 = any number */
};
extern const struct metric_maker metric_workload_rows; /* workload.c */
/* Appends @row unless a row of its name exists. */
void run_rows_put(struct run_rows *rows, struct arena *mem, const struct run_row *row);
/*
 * Models of the rows that makers make; .name == NULL ends each table. The name holds a word in
 * capitals: "below_low_s_nodeN", "WORKLOAD.OP_p99_us", "WORKLOAD.NOTE".
 */
extern const struct metric metric_node_table[];	    /* table.c */
extern const struct metric metric_workload_table[]; /* workload.c */

#endif
