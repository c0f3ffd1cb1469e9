/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps of compare_runs(). Private to harness/judge. Memory comes from c->mem unless said
 * otherwise.
 */
#ifndef WMARK_JUDGE_STEPS_H
#define WMARK_JUDGE_STEPS_H

#include "judge/comparison.h"
#include "judge/copies.h"
#include "stats/stats.h"

/* load.c: scenarios with their runs, sorted, and which runs are usable. */
int cmp_load(struct comparison *c, const struct run_facts *const *a, size_t na,
	     const struct run_facts *const *b, size_t nb, struct err *e);
void cmp_left_out(struct comparison *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void cmp_name_copies(struct comparison *c, const struct copies *copies, const char *what);

/* env.c: machine key, differences, LRU modes and labels. */
int cmp_check_machine(const struct comparison *c, struct err *e);
void cmp_environment(struct comparison *c);
/* The usable runs speak for their side; if there is none, all its runs do. */
bool cmp_speaks(const struct cmp_scenario *s, const struct run_facts *r, enum side side);

/* shape.c: the states that the sides ran in. */
void cmp_states(struct comparison *c);
/* The first unlike state that bars the metric, or NULL. None bars by force. */
const struct cmp_shape *cmp_bar(const struct comparison *c, const struct cmp_scenario *s,
				const struct metric *m);
/* "HZ is 250 in A and 100 in B, which no setting explains", in c->mem. */
const char *cmp_shape_words(struct comparison *c, const struct cmp_shape *f);

/* measure.c: the metric rows of each scenario, their values, and which can be judged. */
void cmp_measure(struct comparison *c);
/* MACHINE_* on which the usable runs of the scenario took place; several only by force. */
unsigned cmp_machines(const struct cmp_scenario *s);

/*
 * prior.c: cmp_history() gives the history runs that belong to scenario @s, malloc'ed;
 * cmp_history_prior() the variance and degrees of freedom (0 = none) of @m's transform in them.
 */
const struct run_facts **cmp_history(const struct comparison *c, const struct cmp_scenario *s,
				     size_t *nr);
void cmp_history_prior(const struct run_facts *const *past, size_t nr, const struct metric *m,
		       double *var, double *df);

/*
 * floors.c: cmp_floors() gives each judged metric its floor from rebuilds, before cmp_judge();
 * cmp_rebuild_floor() is that of a metric that has one, for other numbers of runs.
 */
void cmp_floors(struct comparison *c);
struct rebuild_floor cmp_rebuild_floor(const struct cmp_scenario *s, const struct cmp_metric *m,
				       double rate, size_t na, size_t nb);

/*
 * bistable.c: cmp_bistable() names the metrics whose runs sit in two states, unless they are SAME
 * or SMALL all the same. cmp_find_states() does so for other values on the metric's scale, A's
 * first, and fills in m->states. cmp_states_of(): are these values in two states that are further
 * apart than the declared @floor?
 */
void cmp_bistable(struct comparison *c);
bool cmp_find_states(struct cmp_metric *m, const double *y, size_t na, size_t nb);
bool cmp_states_of(const struct metric *m, double floor, const double *y, size_t n,
		   struct stat_states *out);

/* decide.c: statistics and verdicts. */
int cmp_judge(struct comparison *c, struct err *e);
/* Draws the verdicts of scenarios and campaign from those of metrics and outcomes. */
void cmp_conclude(struct comparison *c);
/* fine.c: what was shown to be fine. Part of cmp_conclude(). */
void cmp_show_fine(struct comparison *c);
/*
 * True when the metric is ABSENT in every run of both sides (nobody stalled, no file was read): it
 * is in no verdict then.
 */
bool cmp_nothing_happened(const struct cmp_metric *m);
/* The values of @metric in the usable ones of @run[nr]. */
void cmp_take_values(struct comparison *c, const char *metric, const struct run_facts *const *run,
		     size_t nr, struct cmp_values *out);
/*
 * True when @median is so near 0 that a percentage of it says nothing. Never for shares, whose
 * shifts are points.
 */
bool cmp_near_zero(const struct metric *m, double median);
/*
 * A shift on the transformed scale as the reader sees it, from A's median: in points of share, in
 * units, or relative. A metric that was never below 0 is not shown to fall below 0.
 */
double cmp_shown(const struct cmp_metric *m, double dy);

#endif
