/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics: numbers derived from one run's archive. Each is one row and a function of a few lines
 * (table.c and counter.c; time.c and kswapd.c for samples, trace.c for trace events, workload.c for
 * workloads). The value is ABSENT where the kernel cannot say, or where nothing happened to divide
 * by.
 */
#ifndef WMARK_METRIC_METRIC_H
#define WMARK_METRIC_METRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "archive/archive.h"
#include "evidence/view.h"

enum metric_better { BETTER_LOWER, BETTER_HIGHER, BETTER_NEITHER };
enum metric_class { METRIC_PRIMARY, METRIC_SECONDARY, METRIC_DIAGNOSTIC };
/* y = ln(x + c), or logit with the same c for ratios in [0, 1]; see judge/scale.h */
enum metric_scale { SCALE_LOG, SCALE_LOGIT };
/*
 * Their names in that order: "lower", "higher", "neither" (shown to people as "context"); "primary"
 * ...; "log", "logit"
 */
extern const char *const metric_better_names[], *const metric_better_shown[];
extern const char *const metric_class_names[], *const metric_scale_names[];

/* Changes across which a metric must not be compared; metric_break_table[] has a row for each. */
enum metric_break_flag {
	BREAK_LRU = 1 << 0,
	BREAK_SLABS = 1 << 1,	    /* 4.14 */
	BREAK_BY_TYPE = 1 << 2,	    /* 5.8 */
	BREAK_ANON_SHADOW = 1 << 3, /* 5.9 */
	BREAK_KHUGEPAGED = 1 << 4,  /* 6.2 */
	BREAK_GEN_REFAULT = 1 << 5, /* 6.5 */
	BREAK_PROACTIVE = 1 << 6,   /* 6.15 */
	BREAK_MEMCG = 1 << 7,	    /* 7.1 */
};

/* Kinds of machine; metric_machine_table[] has a row for each. */
enum metric_machine_flag {
	MACHINE_EXACT = 1 << 0,	    /* virtual time, one CPU */
	MACHINE_EXACT_SMP = 1 << 1, /* virtual time, several CPUs */
	MACHINE_VM = 1 << 2,
	MACHINE_HOST = 1 << 3,
	MACHINE_ANY = (1 << 4) - 1,
};

/* What a metric is made of: metric/shape.h says which states of the machine matter to which. */
enum metric_of {
	/* pages that were scanned, taken, swapped: which ones, of how many */
	METRIC_OF_PAGES = 1 << 0,
	/* how often something happened: who came to reclaim, and when */
	METRIC_OF_EVENTS = 1 << 1,
	/* times, and rates by time */
	METRIC_OF_CLOCKS = 1 << 2,
	METRIC_OF_ANY = (1 << 3) - 1,
};
/* Appends their names, "events, clocks"; "all" for METRIC_OF_ANY. */
void metric_of_words(unsigned of, struct buf *out);

struct metric;
/* False = ABSENT. */
typedef bool metric_fn(const struct run_view *v, const struct metric *m, double *out);

struct metric {
	const char *name; /* "steal_scan" */
	const char *unit; /* "pages/run", "ms/GiB", "1" */
	enum metric_better better;
	enum metric_class cls; /* default class; [judge] primary = ... in a scenario overrides it */
	enum metric_of of;
	unsigned primary_on; /* MACHINE_*: where it may be primary; elsewhere it is secondary */
	enum metric_scale scale;
	/*
	 * Declared resolution, in units, > 0: the smallest step with a meaning. Values within one
	 * step are SAME.
	 */
	double c;
	/*
	 * Smallest shift that matters: relative, .03 = 3 %; with SCALE_LOGIT in points of share,
	 * .02 = from .60 to .62.
	 */
	double floor;
	unsigned breaks; /* BREAK_*: not comparable across these */
	metric_fn *fn;
	const char
		*arg; /* for functions that serve several rows: canonical name, node number ... */
	const char *help; /* what it is, in plain words */
	/* where the kernel counts it: file, counters, function, since which version */
	const char *where;
	const char *moves; /* what usually moves it, up and down */
	/*
	 * Relative resolution in addition to c, 0 = none: quantiles of a histogram are known to one
	 * of its buckets (base/hist.h: 1/64). Values within one step are SAME.
	 */
	double step;
	/*
	 * a model of rows per node: for the nodes whose kswapd was sampled, else for the nodes in
	 * zoneinfo
	 */
	bool kswapd_nodes;
};

extern const struct metric metric_table[]; /* the fixed rows of table.c; .name == NULL ends it */
/* The unit as shown to people: "1" is "ratio"; "" = a bare number. */
const char *metric_unit(const struct metric *m);
/* A fixed row of any table by name, or NULL. */
const struct metric *metric_find(const char *name);
/*
 * The row that describes @name, whatever the runs: a fixed row, or the model of rows made for nodes
 * and workloads ("below_low_s_node1" is of "below_low_s_nodeN", "anon.fault_p99_us" of
 * "WORKLOAD.OP_p99_us"). NULL = no metric has such a name. Only the texts of a model and the
 * judge's numbers in it have a meaning: its fn needs the arg of a made row.
 */
const struct metric *metric_describe(const char *name);
/* The @i-th of all fixed rows and models, in the order of metrics_for(); NULL after the last. */
const struct metric *metric_listed(size_t i);
/*
 * A row that depends on a run. It describes a node ("below_low_s_node1"), an operation of a
 * workload ("anon.fault_p99_us", "anon.fault_rate"), NAME.elapsed_s, or a note of a workload
 * ("NAME.NOTE", diagnostic).
 */
struct run_row {
	const struct metric *model; /* the row of a table from which this row is made */
	const char *arg;	    /* argument of the model's function */
	const char *name;
	bool background; /* NAME.elapsed_s: the workload was stopped at the end of the window */
};
struct run_rows {
	struct run_row *v;
	size_t nr, cap;
	size_t left_out; /* lines without a row, because METRIC_WORKLOAD_ROWS rows were made already
			  */
};
/* Largest number of workload rows: an archive may come from anybody. */
#define METRIC_WORKLOAD_ROWS 512
/* Gathers the rows of one run. @rows is all zero; its memory comes from @mem. */
void run_rows_gather(struct run_rows *rows, const struct archive *a, struct arena *mem);
/* Adds one row given as text: the name of its model and its arg. False: there is no such row. */
bool run_rows_add(struct run_rows *rows, struct arena *mem, const char *model, const char *arg,
		  bool background);
/*
 * The table of some runs: the fixed rows, then the rows that depend on the runs, node by node and
 * workload by workload, in whichever of the runs they occur. One row per workload is primary by
 * default: the p99 of its first operation with a histogram, else its first rate. *@left_out (may be
 * NULL) counts the rows that were left out. All memory comes from @mem, except names and args,
 * which belong to @runs; .name == NULL ends the table.
 */
const struct metric *metrics_listed_for(const struct run_rows *const *runs, size_t nr,
					struct arena *mem, size_t *left_out);
/* metrics_listed_for() of archives. */
const struct metric *metrics_for(const struct archive *const *runs, size_t nr, struct arena *mem,
				 size_t *left_out);

/* ---------------------------------------------------------------- comparability: breaks.c */

struct metric_break {
	unsigned flag;
	const char *word; /* "lru", "7.1": for tables */
	/* one line for the reader: what is counted differently, and when that matters */
	const char *reason;
	/* the side of the break on which the run is, 0 or 1; -1 = neither */
	int (*side)(const struct archive *a);
	/* may the change have affected this run's counts? NULL = yes for every run */
	bool (*matters)(const struct archive *a);
};
extern const struct metric_break metric_break_table[]; /* .flag == 0 ends it */
/*
 * The sides of the breaks on which one run is: BREAK_* of each side, and the breaks that matter in
 * the run.
 */
struct run_breaks {
	unsigned side[2], matters;
	char lru[16]; /* the LRU mode; "" = unknown */
};
void run_breaks_of(struct run_breaks *b, const struct archive *a);
/*
 * BREAK_* that lie between the runs: some runs are on one side, some on the other, and the break
 * matters in at least one of them.
 */
unsigned metric_breaks_between(const struct run_breaks *runs, size_t nr);
/*
 * The first break that forbids comparing @m, or NULL: metric_break_of(m,
 * metric_breaks_between(runs, nr)).
 */
const struct metric_break *metric_break_of(const struct metric *m, unsigned between);
/* "lru 5.9 6.5", or "any" when nothing forbids a comparison. */
void metric_break_words(const struct metric *m, struct buf *out);

/* ---------------------------------------------------------------- where it decides: machine.c */

struct metric_machine {
	unsigned flag;
	const char *word;  /* "exact-smp": for tables */
	const char *shown; /* "exact with several CPUs" */
	/* why some metrics may not be primary there, in a few words, and in a sentence; NULL =
	 * every metric may be */
	const char *why, *more;
};
extern const struct metric_machine metric_machine_table[]; /* .flag == 0 ends it */
/* MACHINE_* of a machine by its target ("exact", "vm", "host"; may be NULL) and the number of its
 * CPUs; 0 = cannot be said. */
unsigned metric_machine(const char *target, long cpus);
/* The first of @machines (MACHINE_*) on which @m may not be primary, or NULL. */
const struct metric_machine *metric_not_primary_on(const struct metric *m, unsigned machines);
/* "not primary on exact with several CPUs: times hold the emulator's turns" */
void metric_machine_words(const struct metric_machine *k, struct buf *out);
/* "exact vm host", or "any". */
void metric_primary_words(const struct metric *m, struct buf *out);
/*
 * For the planning of a run: -EINVAL where no metric is called @name, or where @primary and it may
 * not be primary on @machine (MACHINE_*; 0 = not known).
 */
int metric_check(const char *name, bool primary, unsigned machine, struct err *e);

/*
 * All about a metric in plain words, in lines of at most @columns: name, unit, direction and class;
 * what it is, where the kernel counts it, what moves it, how and where it is judged, and across
 * what it must not be compared.
 */
void metric_explain(const struct metric *m, size_t columns, struct buf *out);

#endif
