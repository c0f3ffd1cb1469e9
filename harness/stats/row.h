/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One hypothesis under relabelling: the sums from which the moderated t of any labelling follows.
 * Private to harness/stats.
 */
#ifndef WMARK_STATS_ROW_H
#define WMARK_STATS_ROW_H

#include "base/rng.h"
#include "stats/stats.h"

#define STAT_TIE 1e-10 /* relative: statistics that differ by rounding alone count as equal */

/*
 * The moderated t of a labelling needs only the sum of B's values: the sum of squares inside the
 * sides is that of all values, which no labelling changes, minus that between the sides. Values are
 * centred first, so that few digits cancel.
 */
struct stat_row {
	size_t na, nb;
	double *z;    /* na + nb centred values in the caller's memory */
	double total; /* sum of z: 0 except for rounding */
	double base;  /* sum of z^2 + df0 * var0 */
	double dof;   /* n - 2 + df0 */
	double var0, df0, floor_sd;
	double between; /* na nb / n: times d^2 it is the sum of squares between the sides */
	double zero;	/* |d| up to this is rounding */
};

void stat_row_init(struct stat_row *r, const double *y, size_t na, size_t nb, double var0,
		   double df0, double floor_sd, double *z);

/* Mean of B minus mean of A, given the sum of z over B. */
static inline double stat_row_diff(const struct stat_row *r, double sum_b)
{
	return sum_b / (double)r->nb - (r->total - sum_b) / (double)r->na;
}

/*
 * Makes @r the rank scores of y, so that its t^2, of 1 degree of freedom and constant sd, is the
 * square of their standardised sum over B: z^2, with the variance over all labels.
 */
void stat_row_scores(struct stat_row *r, const double *y, size_t na, size_t nb, double *z);
/* The standardised sum of scores of the observed labels, A's runs first; above 0: B's are higher.
 */
double stat_row_scores_z(const struct stat_row *r);

/*
 * Computes |t| of one labelling without cancellation. is_b[i] != 0 where run i is on side B; *diff
 * and *s may be NULL.
 */
double stat_row_t(const struct stat_row *r, const uint8_t *is_b, double *diff, double *s);

/* C(n, k), or UINT64_MAX when above @limit. */
uint64_t stat_choose(size_t n, size_t k, uint64_t limit);
/* Draws a uniform subset of nb of the n runs. */
void stat_draw_labelling(struct rng *r, uint8_t *is_b, size_t n, size_t nb);

#endif
