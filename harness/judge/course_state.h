/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the looks of a course hand to its confirmation. Private to harness/judge. */
#ifndef WMARK_JUDGE_COURSE_STATE_H
#define WMARK_JUDGE_COURSE_STATE_H

#include "judge/course.h"

/* The decision of a look, which later looks keep. metric == NULL: the scenario's outcome. */
struct decision {
	const char *scenario, *metric;
	enum verdict verdict;
	size_t look, n;
	double p_raw, p_adj;
	double shift, lo, hi; /* as in struct cmp_metric */
	bool in_units;
	double at; /* median of A: the shifts are relative to it */
};

struct course_state {
	const struct cmp_course *plan;
	const struct course_run *run;
	size_t nr_runs;
	const struct cmp_opts *opts;
	struct decision *made;
	size_t nr_made, cap_made;
	const char **closed; /* scenarios that need no further runs */
	size_t *closed_at;   /* the look after which each was closed */
	size_t nr_closed, cap_closed, cap_closed_at;
	struct arena mem;
};

/* The decision about a metric, or with @metric NULL about the outcome, of a scenario; NULL = none.
 */
struct decision *course_decided(const struct course_state *st, const char *scenario,
				const char *metric);
/* Asks for the runs of a stage; a scenario is asked for once. */
void course_need(struct course_next *next, const char *scenario, size_t stage);
/* confirm.c: is it a verdict that fresh runs must confirm? */
bool course_is_found(enum verdict v);
/*
 * confirm.c: asks for the fresh runs that the findings in @c need, unless @next asks for runs of
 * the looks; judges the findings by them once they are all made, and finishes the course.
 */
void course_confirm(const struct course_state *st, struct comparison *c, struct course_next *next);

#endif
