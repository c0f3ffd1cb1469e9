/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The course of a campaign: looks at growing numbers of runs with the declared alpha spent over
 * them, then fresh runs for what was found (harness/man/judging.md, steps 9 and 10). All of it is
 * planned before the first run and is a pure function of the plan and the facts of the runs, so
 * that it can be taken up again after any interruption and gives the same verdict bytes wherever it
 * is repeated.
 *
 * The rate: at look k the step-down max-T runs at spend[k] over all primary metrics of all
 * scenarios, those included whose scenario is decided and no longer run. A campaign in which
 * nothing changed alarms with a probability of at most the sum (union bound; nothing is assumed of
 * how looks depend on each other). Proof: bench/perf/judge.c.
 */
#ifndef WMARK_JUDGE_COURSE_H
#define WMARK_JUDGE_COURSE_H

#include "judge/comparison.h"

#define COURSE_FRESH 0 /* the stage of runs made to confirm; looks count from 1 */

struct course_run {
	const char *scenario;
	enum side side;		       /* 'A' or 'B' */
	size_t stage;		       /* the first look that counts it, or COURSE_FRESH */
	const struct run_facts *facts; /* NULL = planned, not made */
};

struct course_need {
	const char *scenario;
	size_t stage;
};

struct course_next { /* what must be run before more can be said; nr == 0: the course is finished */
	struct course_need *v; /* malloc'ed */
	size_t nr;
};

/* Looks at 5, 10, 15, 20 runs with .01 .01 .015 .015 of an @alpha of .05, 10 fresh runs a side at
 * .01. */
void course_default(struct cmp_course *c, double alpha);
/*
 * Spends @alpha over c->n[]: .2 .2 .3 .3 for four looks, in equal parts for another number. Alpha
 * of equivalence (SAME) is spent in the same proportions.
 */
void course_spend(struct cmp_course *c, double alpha);
/*
 * Judges as far as @runs go. @plan: nr_looks >= 1, n, spend, confirm_n, confirm_alpha; the rest is
 * not read.
 * @opts: as compare_runs(), its alpha and alpha_same being those of the whole campaign. @out as
 * there; its course says how far it came. Metrics keep the verdict of the look that decided them;
 * the numbers shown are those of all runs. -ENODATA as compare_runs() when there is nothing to
 * judge yet; @next says what to run all the same. @next->v is the caller's to free.
 */
int course_judge(const struct cmp_course *plan, const struct course_run *runs, size_t nr,
		 const struct cmp_opts *opts, struct comparison *out, struct course_next *next,
		 struct err *e);

#endif
