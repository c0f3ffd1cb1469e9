/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The judged comparison of two sets of runs: the environment first, then one verdict per primary
 * metric, per scenario and for the campaign. compare.h and course.h make it; reports print it and
 * take no decisions.
 */
#ifndef WMARK_JUDGE_COMPARISON_H
#define WMARK_JUDGE_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "archive/side.h"
#include "judge/facts.h"
#include "judge/rebuilds.h"

enum verdict {
	VERDICT_REGRESSED,
	VERDICT_IMPROVED,
	VERDICT_SMALL,
	VERDICT_SAME,
	VERDICT_UNKNOWN,
	VERDICT_CHANGED,
	VERDICT_BISTABLE,
	NR_VERDICTS
};
/*
 * "REGRESSED" ...; CHANGED: significant, but neither better nor worse (BETTER_NEITHER); BISTABLE:
 * the runs sit in two states, so that which of them a side is in says nothing of the kernel
 */
extern const char *const verdict_names[];

struct cmp_opts {
	double alpha;	       /* per campaign, default .05 */
	double conf;	       /* of the shown intervals, default .95 */
	double alpha_same;     /* of SAME (equivalence), default .05 */
	uint64_t permutations; /* default 9999 */
	uint64_t seed;
	bool force; /* compare even when machine keys differ, or the states that runs ran in */
	/*
	 * What must be shown to be fine for exit code 0: this share of the primary metrics of each
	 * scenario (default .5), where an UNKNOWN counts whose MDE is at most fine_mde (relative,
	 * or in points of share; 0 = none does, the default).
	 */
	double fine, fine_mde;
	/*
	 * Earlier runs of the baseline, NULL = none. Their variance inside each kernel image
	 * steadies the variance of few runs (moderated t, at most 20 degrees of freedom). A run is
	 * used where its scenario, machine key and LRU mode agree, and it is not itself under
	 * comparison. Earlier runs never change what is declared: permutations use today's runs
	 * alone.
	 */
	const struct run_facts *const *history;
	size_t nr_history;
	const char *history_left_out; /* what is not among them, and why, in one line; or NULL */
	/*
	 * What rebuilding does to metrics (judge/rebuilds.h), NULL = not known. It counts where the
	 * sides are different images. rebuild_rate: how often a campaign of two builds of one
	 * source may reach a floor; 0 = alpha. A course sets it, because its looks have an alpha
	 * each.
	 */
	const struct rebuilds *rebuilds;
	double rebuild_rate;
};

/* What fresh runs said about a difference that the looks had found. */
enum confirm_state {
	CONFIRM_NONE,	 /* nothing was found, or no confirmation was planned */
	CONFIRM_PENDING, /* found, but the fresh runs have not been made */
	CONFIRM_YES,
	CONFIRM_NO,
	CONFIRM_UNABLE /* the fresh runs were too few: no result of theirs could have confirmed it
			*/
};
/* "", "pending", "confirmed", "not confirmed", "could not be confirmed" */
extern const char *const confirm_names[];

/* A header fact that differs between A and B. */
struct cmp_env {
	const char *key, *a,
		*b;    /* "varies" when it differs inside a side; NULL = absent on that side */
	bool key_fact; /* part of the machine key */
};

/* The values of a metric on one side. */
struct cmp_values {
	double *v; /* one per usable run, NAN = ABSENT */
	size_t nr, present;
	double median; /* NAN when ABSENT */
};

struct cmp_metric {
	const struct metric *m;
	enum metric_class cls;
	struct cmp_values side[NR_SIDES];
	/*
	 * False: why_not gives the reason (absent on one side, fewer than 3 runs, not comparable
	 * across LRU modes).
	 */
	bool judged;
	/*
	 * Set also for a judged UNKNOWN when no difference of any size could have been found; else
	 * NULL.
	 */
	const char *why_not;
	/* the unlike state because of which it is not judged; else NULL */
	const struct cmp_shape *barred;
	bool incomparable; /* not judged because the sides count it otherwise (metric/breaks.c) */
	/*
	 * Hodges-Lehmann shift of B against A and its interval, relative to A's median, .05 = 5 %;
	 * for logit metrics in points of share, .05 = from .60 to .65. With shift_in_units both are
	 * in units of the metric, because a median of A under ten resolution steps gives no
	 * meaningful percentage. The runs that they are of: cmp_of_shift().
	 */
	double shift, lo, hi;
	bool shift_in_units;
	/*
	 * exact target: values are equal in A and B for every seed, so the differences between the
	 * kernels do not reach this metric. Where it does not vary over seeds either, that is said
	 * only beside a primary metric of the scenario that does, and is equal for every seed.
	 */
	bool pairs_equal;
	/* achieved by lo..hi: at least opts.conf, or what so few runs allow (3 v 3: .90) */
	double conf;
	/*
	 * By permutation. p_adj of primary metrics: step-down max-T over all primary metrics,
	 * joined with the outcomes. p_adj of the others: Benjamini-Hochberg inside scenario and
	 * class, judged at .10, never an alarm.
	 */
	double p_raw, p_adj;
	/*
	 * TOST within +-floor; 0 for pairs_equal; where all values lie within one resolution step,
	 * the chance that so few runs show none of CMP_RARE_SHARE that differ.
	 */
	double p_same;
	/*
	 * Smallest shift that is found with 80 % power, in the direction of the shift (for a share,
	 * the larger of both directions), >= 0, in the unit of shift. INFINITY: so few runs can
	 * find none; NAN for all but primary metrics, and where only the number of runs is too
	 * small for SAME.
	 */
	double mde;
	double floor;	   /* relative, or in points of share; never in units */
	double history_df; /* degrees of freedom from the history; 0 = none */
	/*
	 * What builds of one source may shift it by; line NULL: not measured, or the sides are one
	 * image. y and same are on the metric's scale: a shift below y is no alarm, and SAME and
	 * SMALL are said within the larger of floor and same. shown: y in the form of floor.
	 * within: significant, and UNKNOWN because rebuilding may shift it as far. beyond: the
	 * shift is not below the declared floor, and is one that builds alone make.
	 */
	struct cmp_rebuild {
		const struct rebuild_metric *line;
		const char *kernel; /* series of the builds, "6.12" */
		size_t builds, runs;
		double y, shown, same, se, df;
		bool within, beyond;
	} rebuild;
	/*
	 * Two states of the runs, in the metric's unit, and how many runs of each side are in the
	 * lower and in the higher one. known: builds of one source were seen in both, and each side
	 * sits in another; else they were seen here.
	 */
	struct cmp_states {
		bool found, known;
		double low, high;
		size_t n[NR_SIDES][2];
	} states;
	enum verdict verdict;
	/*
	 * For a campaign with looks (judge/course.h): the look, from 1, that decided, and the runs
	 * per side at that look; 0 = none decided. screen: the verdict of the looks; verdict is
	 * UNKNOWN where fresh runs did not confirm it.
	 */
	size_t look, look_n;
	enum verdict screen;
	enum confirm_state confirm;
	double p_confirm; /* one-sided, Holm over all findings; NAN = none */
	/*
	 * The values of the fresh runs. Where both sides have CMP_RUNS_MIN of them (of_fresh),
	 * shift, lo, hi and conf are estimated from these: the runs that raised an alarm are biased
	 * witnesses of its size. look_shift, look_lo and look_hi are then what the look that
	 * decided had estimated, in the form of shift.
	 */
	struct cmp_values fresh[NR_SIDES];
	bool of_fresh;
	double look_shift, look_lo, look_hi;
};

struct cmp_side {
	const struct run_facts **run; /* all runs, in campaign order */
	size_t nr, usable;
	/*
	 * broken: run_facts.broken; flagged: usable runs with a liveness finding. Both count for
	 * the outcome.
	 */
	size_t broken, flagged;
};

/* A fact of the state that the two sides ran in, compared (metric/shape.h, judge/shape.c). */
enum cmp_state {
	STATE_ABSENT, /* no run of one side says it: neither alike nor different */
	STATE_ALIKE,
	STATE_EXPLAINED, /* differs, and a setting that differs names it */
	STATE_TOLD,	 /* differs without a reason, and too little to matter, or unused */
	STATE_BARS,	 /* differs without a reason: metrics that it matters to are not judged */
};
/* "absent", "alike" ... in that order */
extern const char *const cmp_state_names[];

struct cmp_shape {
	const struct shape_row *row;
	enum cmp_state state;
	const char *a, *b; /* as shown; runs of one side may differ too. NULL = ABSENT */
	const char *by;	   /* the settings that explain it; else NULL */
};

struct cmp_scenario {
	const char *name;
	struct cmp_side side[NR_SIDES];
	struct cmp_shape *shape; /* one per row of shape_table[] */
	size_t nr_shapes;
	/* why broken runs are not judged: the sides ran in unlike states; else NULL */
	const char *outcome_barred;
	/* the sides are not of the same image, or images: what differs may be the build */
	bool builds_differ;
	size_t builds[NR_SIDES]; /* images per side; 0 = not known */
	/* primary first, then secondary, then diagnostic; inside a class in table order */
	struct cmp_metric *metric;
	size_t nr_metrics;
	double p_outcome; /* Fisher test on broken and flagged runs, A v B; 1 when there are none */
	double p_outcome_adj; /* joined by Holm with the max-T family and the other scenarios */
	/*
	 * REGRESSED (IMPROVED): runs of B (of A) break significantly more often. UNKNOWN: it cannot
	 * be said.
	 */
	enum verdict outcome_verdict;
	enum confirm_state confirm_outcome;
	double p_confirm_outcome; /* NAN = none */
	size_t looks;		  /* looks made in this scenario; 0 = a campaign without looks */
	/*
	 * The first of REGRESSED CHANGED IMPROVED BISTABLE UNKNOWN SMALL SAME that occurs among the
	 * primary metrics; REGRESSED (IMPROVED) also occurs when runs of B (A) break significantly
	 * more often.
	 */
	enum verdict verdict;
	/*
	 * Primary metrics that count for exit code 0, and how many of them were shown to be fine:
	 * SAME, SMALL, IMPROVED, or UNKNOWN with a small enough MDE. Those in which nothing
	 * happened (less than a resolution step from 0 in every run) and those that do not compare
	 * do not count.
	 */
	size_t shown, counted;
	bool breaks_more; /* B's runs break more often than A's, also where that is not significant
			   */
	bool fine;	  /* the share shown is large enough, and B does not break more often */
};

/* The floor that counts, declared or from rebuilds: relative, or in points of share. */
static inline double cmp_floor(const struct cmp_metric *m)
{
	return m->rebuild.line && m->rebuild.shown > m->floor ? m->rebuild.shown : m->floor;
}

/* Runs of both sides, A's first. */
static inline size_t cmp_nr_runs(const struct cmp_scenario *s)
{
	return s->side[SIDE_A].nr + s->side[SIDE_B].nr;
}

static inline const struct run_facts *cmp_run(const struct cmp_scenario *s, size_t i)
{
	size_t nr = s->side[SIDE_A].nr;

	return i < nr ? s->side[SIDE_A].run[i] : s->side[SIDE_B].run[i - nr];
}

/* True when fresh runs were made for what the looks found in @m, whatever they said. */
static inline bool cmp_asked(const struct cmp_metric *m)
{
	return m->confirm == CONFIRM_YES || m->confirm == CONFIRM_NO ||
	       m->confirm == CONFIRM_UNABLE;
}

/* The values of one side that the shift of @m is estimated from. */
static inline const struct cmp_values *cmp_of_shift(const struct cmp_metric *m, enum side side)
{
	return m->of_fresh ? &m->fresh[side] : &m->side[side];
}

/* Values of both sides, A's first. */
static inline size_t cmp_nr_values(const struct cmp_metric *m)
{
	return m->side[SIDE_A].nr + m->side[SIDE_B].nr;
}

static inline double cmp_value(const struct cmp_metric *m, size_t i)
{
	size_t nr = m->side[SIDE_A].nr;

	return i < nr ? m->side[SIDE_A].v[i] : m->side[SIDE_B].v[i - nr];
}

/* The looks and the confirmation of a campaign, planned before its first run. */
#define CMP_LOOKS_MAX 8
struct cmp_course {
	size_t nr_looks, n[CMP_LOOKS_MAX]; /* n: runs per side at each look */
	double spend[CMP_LOOKS_MAX]; /* alpha of each look; the sum is at most the declared rate */
	size_t made;		     /* looks made so far */
	size_t confirm_n; /* fresh runs per side to confirm findings; 0 = no confirmation */
	double confirm_alpha;
	size_t found, confirmed; /* metrics and outcomes */
	/*
	 * Found, but CONFIRM_UNABLE; then @enough fresh runs per side with a value can confirm all
	 * that was found, 0 = no number can.
	 */
	size_t unable, enough;
	bool finished; /* no more runs are needed */
};

struct comparison {
	struct arena mem;
	const char *label[NR_SIDES]; /* kernel releases, or other names that tell the sides apart */
	struct cmp_env *env;
	size_t nr_env;
	char lru[NR_SIDES][16]; /* "classic", "mglru", "varies" */
	struct cmp_scenario *scenario;
	size_t nr_scenarios;
	const char **left_out; /* one line each: what was not compared, and why */
	size_t nr_left_out;
	struct cmp_opts opts;
	bool exact_permutation;
	uint64_t permutations;
	size_t nr_primary; /* primary metrics that have a value in some run = sum of count[] */
	size_t nr_judged;  /* judged primary metrics */
	size_t nr_family;  /* of these, hypotheses in the max-T family: those that can reject */
	size_t count[NR_VERDICTS]; /* primary metrics by enum verdict; those not judged are UNKNOWN
				    */
	enum verdict verdict;	   /* of all scenarios, in the order of cmp_scenario.verdict */
	size_t shown, counted;	   /* of all scenarios */
	struct cmp_course course;  /* nr_looks == 0: all judged at once, without a plan */
};

/* Values per side without which a metric is not judged */
#define CMP_RUNS_MIN 3
/*
 * SAME of values within one resolution step is said of so many runs per side, that a side of which
 * CMP_RARE_SHARE of the runs differ would have shown one of them with probability 1 -
 * CMP_RARE_ALPHA: 9 runs. Nothing is spent over looks, because what a look saw stays among the
 * values of the next.
 */
#define CMP_RARE_SHARE 0.30
#define CMP_RARE_ALPHA 0.05
/* False discovery rate at which metrics other than primary ones are judged */
#define CMP_ALPHA_MOVES 0.10

void cmp_opts_init(struct cmp_opts *o);
void comparison_release(struct comparison *c);
/* How a comparison ends, in the order in which the cases are asked. */
enum cmp_end {
	CMP_UNFINISHED, /* planned looks or fresh runs are not all made */
	CMP_REGRESSED,
	CMP_UNABLE,    /* the fresh runs were too few to confirm what was found */
	CMP_NOT_SHOWN, /* some scenario was not shown to be fine, or there is none */
	CMP_FINE
};
enum cmp_end comparison_end(const struct comparison *c);
/* 0 fine, 1 REGRESSED, else 77. */
int comparison_exit(const struct comparison *c);

#endif
