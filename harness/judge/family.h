/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which metrics are tested together. Private to harness/judge. Memory is the family's own;
 * families_release() frees it.
 */
#ifndef WMARK_JUDGE_FAMILY_H
#define WMARK_JUDGE_FAMILY_H

#include "judge/comparison.h"
#include "stats/stats.h"

/* Hypotheses in the form of stat_maxt(), and the metric of each. */
struct family {
	struct stat_group *group;
	size_t nr_groups, cap_groups;
	struct stat_hyp *hyp;
	struct cmp_metric **metric;
	size_t nr, cap_hyp, cap_metric;
};

/*
 * test: the metrics that are tested together, so that each costs the others power. apart: those
 * that can only be SAME or UNKNOWN whichever run belongs to which side: all values lie within one
 * resolution step, or are equal for every seed, or are so few or so often equal that no labels of
 * them could be rejected at @alpha. They have a group each.
 */
struct families {
	double alpha;
	struct family test, apart;
};

/* Adds the judged metrics of scenario @s and class @cls. */
void family_add(struct comparison *c, struct families *f, struct cmp_scenario *s,
		enum metric_class cls);
void families_release(struct families *f);
/*
 * True when all values of both sides lie within one resolution step: their difference then means
 * nothing.
 */
bool within_resolution(const struct cmp_metric *m);
/* The transformed values that are present, A's first; malloc'ed. */
double *present_values(const struct cmp_metric *m);
/*
 * Standard deviation of rounding to one resolution step, on the scale of the transform at the
 * median of all values (which no relabelling moves).
 */
double resolution_sd(const struct metric *m, const double *y, size_t n);
/* True when no labels of so many runs per side could be rejected at @alpha, whatever the values. */
bool too_few_runs(size_t na, size_t nb, double alpha);

#endif
