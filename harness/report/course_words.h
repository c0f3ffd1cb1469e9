/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words for the plan of a campaign and its results: looks, fresh runs, noise model, findings
 * about runs. Functions that take @out append raw text, or nothing where there is nothing to
 * say. */
#ifndef WMARK_REPORT_COURSE_WORDS_H
#define WMARK_REPORT_COURSE_WORDS_H

#include "base/buf.h"
#include "judge/comparison.h"

/* "looks at 5, 10 runs per side with alpha 0.01 0.01 (2 made, everything decided); confirmed on 10
 * fresh seeds per side at 0.01: 2 of 3 found" */
void view_course(const struct comparison *c, struct buf *out);
/* What fresh runs said of a metric that the looks had found. view_metric_course() also says which
 * look decided a metric. */
void view_metric_confirm(const struct comparison *c, const struct cmp_metric *m, struct buf *out);
void view_metric_course(const struct comparison *c, const struct cmp_metric *m, struct buf *out);
void view_outcome_confirm(const struct comparison *c, const struct cmp_scenario *s,
			  struct buf *out);

/* "noise model: 37 earlier runs from results, 20 degrees of freedom ..."; always says something. */
void view_history(const struct comparison *c, const char *from, struct buf *out);
/* "9 to 20 degrees of freedom from history" */
void view_scenario_history(const struct cmp_scenario *s, struct buf *out);

/* Findings of one rule on one side of a scenario. */
struct view_finding {
	const struct finding *first;
	const struct run_facts *run, *last; /* run of the first finding; the run counted last */
	size_t count, runs;
};
#define VIEW_RULES_MAX 64
/* One entry per rule, in the order of the runs: the rules of class @cls that failed (those of
 * liveness in usable runs only), or for @state RULE_SKIP the rules that were not evaluated. Returns
 * how many entries there are, at most @max. */
size_t view_findings(const struct cmp_scenario *s, enum side side, enum rule_state state,
		     enum rule_class cls, struct view_finding *v, size_t max);
/* "12.30 to 14.10 s" on the clock of the run, as `wmark show` has it */
void view_when(const struct finding *f, struct buf *out);
/* "runs set aside: A 1, B 0; runs in which ..." */
void view_run_counts(const struct comparison *c, struct buf *out);

#endif
