/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The course of a campaign: looks at growing numbers of runs, with the declared alpha spent over
 * the looks, then fresh runs for the findings (harness/man/judging.md, steps 9 and 10). The whole
 * course is planned before the first run, and is a pure function of the plan and the facts of the
 * runs. So it can be resumed after any interruption, and gives the same verdict bytes wherever it
 * is repeated.
 *
 * The error rate: at look k the step-down max-T runs at spend[k] over all primary metrics of all
 * scenarios, including scenarios that are decided and no longer run. A campaign in which nothing
 * changed alarms with a probability of at most the sum of spend[] (union bound; it assumes nothing
 * about how the looks depend on each other). Proof: bench/perf/judge.c.
 */
#ifndef WMARK_JUDGE_COURSE_H
#define WMARK_JUDGE_COURSE_H

#include "judge/comparison.h"

#define COURSE_FRESH 0 /* the stage of runs that confirm; looks count from 1 */

struct course_run {
	const char *scenario;
	enum side side;
	size_t stage;		       /* the first look that counts it, or COURSE_FRESH */
	const struct run_facts *facts; /* NULL = planned, but not made */
};

struct course_need {
	const char *scenario;
	size_t stage;
};

/* The runs that are needed before more can be said; nr == 0: the course is finished. */
struct course_next {
	struct course_need *v; /* malloc'ed */
	size_t nr;
};

/*
 * The default plan: looks at 5, 10, 15 and 20 runs with .01 .01 .015 .015 of an @alpha of .05, and
 * 10 fresh runs per side at .01.
 */
void course_default(struct cmp_course *c, double alpha);
/*
 * Spends @alpha over c->n[]: .2 .2 .3 .3 for four looks, equal parts for another number. The alpha
 * of equivalence (SAME) is spent in the same proportions.
 */
void course_spend(struct cmp_course *c, double alpha);
/*
 * The fewest fresh runs per side with which @found findings can all be confirmed at @alpha: sides
 * that do not overlap have p = 1 in C(2n, n), which Holm multiplies by the findings; of runs that
 * break, Fisher's test has the same smallest p. 0: none are needed, or no number is enough.
 */
size_t course_fresh_needed(size_t found, double alpha);
/*
 * Judges as far as @runs go. @plan: nr_looks >= 1, n, spend, confirm_n, confirm_alpha; its other
 * fields are not read. @opts: as in compare_runs(); its alpha and alpha_same are those of the whole
 * campaign. @out: as in compare_runs(); its course says how far it came. A metric keeps the verdict
 * of the look that decided it; the numbers shown are those of all runs. -ENODATA, as in
 * compare_runs(), when there is nothing to judge yet; @next says even then what to run. The caller
 * frees @next->v.
 */
int course_judge(const struct cmp_course *plan, const struct course_run *runs, size_t nr,
		 const struct cmp_opts *opts, struct comparison *out, struct course_next *next,
		 struct err *e);

#endif
