/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builds of one source, their runs, and what the judge says of each pair. Private to rebuild*.c. */
#ifndef WMARK_BENCH_PERF_REBUILD_H
#define WMARK_BENCH_PERF_REBUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/opt.h"
#include "judge/comparison.h"
#include "judge/facts.h"
#include "judge/rebuilds.h"
#include "run/options.h"
#include "run/target.h"
#include "scenario/scenario.h"
#include "vm/kernel.h"

#define BUILDS_MAX 64
#define BENCH_CONF .95 /* of every interval of a rate */

struct rebuild_cli {
	struct machine_options m;
	struct opt_list scenario;
	const char *suite, *seeds, *looks, *csv, *rebuilds, *baselines;
	int64_t confirm, permutations, judge_seed;
	double alpha, confirm_alpha;
	bool all;
};

/* What is run: every scenario, on every kernel, once per seed. */
struct bench {
	struct arena mem;
	const struct rebuild_cli *o;
	struct target target;
	struct scenario *sc;
	size_t nr_sc;
	struct vm_kernel *kernel; /* no two have the same image */
	size_t nr_kernels;
	uint64_t *seed;
	size_t nr_seeds;
	/* facts[(kernel * nr_sc + scenario) * nr_seeds + seed], after bench_load() */
	struct run_facts *facts;
	bool *wanted; /* in the order of facts, after bench_judge(): some campaign needs the run */
};

static inline size_t bench_at(const struct bench *b, size_t kernel, size_t sc, size_t seed)
{
	return (kernel * b->nr_sc + sc) * b->nr_seeds + seed;
}

static inline const struct run_facts *bench_run(const struct bench *b, size_t kernel, size_t sc,
						size_t seed)
{
	return &b->facts[bench_at(b, kernel, sc, seed)];
}

static inline bool bench_made(const struct bench *b, size_t kernel, size_t sc, size_t seed)
{
	return bench_run(b, kernel, sc, seed)->head.path;
}

/* rebuild_runs.c. Errors as in the library; bench_release() in every case. */
int bench_open(struct bench *b, const struct rebuild_cli *o, char **kernels, size_t nr,
	       struct err *e);
/*
 * Loads the facts of the runs that there are. None is: one cut short, ended by the host, or of
 * another text of the scenario or another machine.
 */
int bench_load(struct bench *b, struct err *e);
/*
 * Prints a line of options of `wmark run` for every run that is wanted and not made. Kernels change
 * fastest.
 */
int bench_todo(const struct bench *b, struct err *e);
size_t bench_missing(const struct bench *b);
void bench_release(struct bench *b);

/* A rate over pairs of builds. */
struct rate {
	size_t k, n;
	/*
	 * Pairs share builds: so many independent ones say as much (Korn, Graubard 1998; variance
	 * by the jackknife over builds). Where all or none alarm, the pairs; with two builds, n.
	 */
	double counts_as;
	double lo, hi; /* Clopper-Pearson of counts_as pairs */
};
/*
 * hit[pair * blocks + block]: 1 = an alarm, 0 = none, -1 = nothing could be judged. Pairs are in
 * the order (0,1) (0,2) ... (1,2) ...
 */
struct rate rate_of(const signed char *hit, size_t builds, size_t blocks);
/* True when the rate is shown to be above @declared. */
static inline bool rate_exceeds(const struct rate *r, double declared)
{
	return r->lo > declared;
}

/* Campaigns are judged twice: as if nothing were known of rebuilds, and with floors from them. */
enum floors { NO_FLOORS, WITH_FLOORS, NR_FLOORS };
/* Where floors are from: nowhere, the builds that are not of the pair, or files. */
enum floors_from { FLOORS_NONE, FLOORS_OTHERS, FLOORS_FILES };

/* One metric of one scenario over all builds. */
struct bench_row {
	size_t sc;
	const struct metric *m; /* from the bench's arena */
	bool seen;		/* in some comparison */
	enum metric_class cls;
	double floor;  /* as the judge takes it */
	double median; /* of all runs, in units */
	bool measured; /* false: a build has fewer than 2 values, and r and p say nothing */
	struct rebuild_metric r;
	double p;	   /* that builds do not differ: by permutation, seed by seed */
	double seed_share; /* of the variance of runs that the seed explains; NAN = not known */
	char state[BUILDS_MAX +
		   1];	    /* with two states a letter per build: l lower, u upper, b both */
	signed char *alone; /* per pair */
	signed char *found[NR_FLOORS], *confirmed[NR_FLOORS]; /* per pair and block */
};

struct bench_result {
	struct cmp_course plan;
	size_t blocks, pairs;
	signed char *screened[NR_FLOORS], *confirmed[NR_FLOORS]; /* as found: of any metric */
	enum floors_from floors;
	struct rebuilds baselines; /* FLOORS_FILES */
	struct bench_row *row;
	size_t nr_rows;
};

/*
 * rebuild_spread.c. True when every build has the run of this seed: fresh runs were made only where
 * a build looked different, so others say nothing of builds in general.
 */
bool bench_full(const struct bench *b, size_t sc, size_t seed);
/* The rows of all metrics, and what builds and runs do to each, over seeds that are full. */
void bench_rows(struct bench *b, struct bench_result *r);
/* One row of the builds but two (SIZE_MAX: none). False as rebuild_measure(). */
bool bench_measure(const struct bench *b, const struct bench_row *row, size_t without_a,
		   size_t without_b, struct rebuild_metric *out);
/*
 * rebuild_floors.c: what the builds but two (SIZE_MAX: none) do to metrics; all, or with builds
 * left out the primary ones. Release @out in every case.
 */
int bench_rebuilds(const struct bench *b, const struct bench_result *r, size_t without_a,
		   size_t without_b, struct rebuilds *out, struct err *e);
/* Writes them as the file that the judge takes floors from (judge/rebuilds.h). */
int bench_rebuilds_file(const struct bench *b, const struct bench_result *r, const char *file,
			struct err *e);
/*
 * rebuild_pairs.c: judges all pairs, as far as their runs go, and says in b->wanted which runs the
 * campaigns need: those of the first look all, of later looks where a scenario is still open, fresh
 * ones where a look found something. bench_result is in the bench's arena.
 */
int bench_judge(struct bench *b, struct bench_result *r, struct err *e);
/* rebuild_table.c. True when a declared rate is shown not to hold. */
bool bench_table(const struct bench *b, const struct bench_result *r);
int bench_csv(const struct bench *b, const struct bench_result *r, const char *file, struct err *e);

#endif
