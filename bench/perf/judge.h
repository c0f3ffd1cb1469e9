/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Simulated campaigns, and the rules that are tried on them. Private to bench/perf/judge*.c. */
#ifndef WMARK_BENCH_PERF_JUDGE_H
#define WMARK_BENCH_PERF_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "stats/stats.h"

#define SCENARIOS 30
#define METRICS 4 /* primary metrics per scenario */
#define PRIMARY (SCENARIOS * METRICS)
#define SHIFTED 2     /* metrics of the first scenario that a shift moves */
#define RUNS_MAX 20   /* per side, in all looks */
#define FRESH 10      /* per side, to confirm */
#define FROZEN_RUNS 5 /* per side, of a scenario that the first look decided */
#define PAST_RUNS 21  /* runs of the history: 20 degrees of freedom */
#define NOISE_SD .03
#define FLOOR .03 /* relative: a smaller shift raises no alarm */
#define ALPHA .05
#define SIGNIFICANCE .05 /* of Mann-Whitney, per metric */

enum noise { NORMAL, STUDENT3 };
extern const char *const noise_names[];

enum history { HISTORY_NONE, HISTORY_SAME, HISTORY_QUIET };
extern const char *const history_names[];

struct model {
	enum noise noise;
	enum history history;
	double shift; /* relative, .05 = 5 % */
	size_t n;     /* runs per side of a judgement at once; unused with looks */
	/*
	 * A judgement at once of so many scenarios (0 = all), of which the last @frozen were
	 * decided early and have FROZEN_RUNS per side, at this alpha (0 = ALPHA).
	 */
	size_t scenarios, frozen;
	double alpha;
};

/* Logarithms of the values of one metric; n of a and n of b are used. */
struct series {
	double a[RUNS_MAX], b[RUNS_MAX], fresh_a[FRESH], fresh_b[FRESH];
	double past[PAST_RUNS]; /* values of the history */
	size_t nr_past;
};

struct sim { /* command line */
	uint64_t campaigns, permutations, seed;
	uint64_t lines, broken; /* declared rates checked, and those that did not hold */
};

/* judge_model.c. The same seed gives the same data for every n. */
void model_fill(const struct model *m, uint64_t seed, struct series *s);
double draw_normal(struct rng *r);
double draw_noise(struct rng *r, enum noise noise);

/*
 * judge_rules.c: true when the rule calls B different from A. Takes logarithms; lkp and mmtests get
 * the levels.
 */
enum other { OTHER_MANN_WHITNEY, OTHER_LKP, OTHER_MMTESTS, NR_OTHERS };
extern const char *const other_names[];
bool other_differs(enum other rule, const double *a, const double *b, size_t n);

/* judge_course.c: the judge's findings in one campaign. */
struct result {
	bool rejected[PRIMARY]; /* p_adj <= alpha */
	bool alarm[PRIMARY]; /* rejected, and the shift reaches the floor: REGRESSED or IMPROVED */
	bool improved[PRIMARY];
	bool same[PRIMARY];
	bool confirmed[PRIMARY];
	double mde[PRIMARY];
	size_t runs[SCENARIOS]; /* per side */
};
/* Judges all at once, as the model says. */
void course_once(const struct model *m, const struct series *s, uint64_t permutations,
		 uint64_t seed, struct result *o);
/* Looks at 5, 10, 15 and 20 runs per side, then at fresh runs for the findings. */
void course_looks(const struct series *s, uint64_t permutations, uint64_t seed, struct result *o);

/* judge_table.c */
void table_rates(struct sim *sim);
void table_same(struct sim *sim);
void table_rules(struct sim *sim);
void table_power(struct sim *sim);
void table_mde(struct sim *sim);
void table_trend(struct sim *sim);
/* judge_family.c */
void table_frozen(struct sim *sim);
void table_states(struct sim *sim);
/* judge_speed.c */
void table_speed(struct sim *sim);
/* Prints k of n with its 95 % interval, and whether it contradicts a rate of at most @declared. */
void check_rate(struct sim *sim, uint64_t k, uint64_t n, double declared);
void print_rate(uint64_t k, uint64_t n);
/* The seed of the data: one stream per kind of model, whatever n is. */
uint64_t data_seed(const struct sim *sim, const struct model *m, uint64_t campaign);

#endif
