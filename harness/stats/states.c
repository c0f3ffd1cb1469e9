/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two states: a gap between two groups of values that is wide against the spread inside them.
 * The statistic is the widest gap over the pooled standard deviation inside both groups, over all
 * cuts that leave a share of values on either side; so one wild value is no state.
 */
#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/*
 * The 99th percentile of the statistic where there is one state, from STATES_LEAST values on: the
 * largest over normal, Student t of 3 degrees of freedom and lognormal of deviation .5 noise,
 * 200,000 draws each. With more values than the table has the last counts, which is too large.
 * bench/perf/judge states counts how often it is exceeded.
 */
#define STATES_LEAST 5
static const double crit[] = { 11.03, 8.45, 6.99, 6.15, 5.56, 5.11, 4.85, 4.60, 4.43, 3.26,
			       3.15,  3.04, 2.95, 2.89, 2.83, 2.77, 2.26, 2.23, 2.19, 2.14,
			       2.11,  2.09, 1.77, 1.75, 1.71, 1.72, 1.71, 1.67, 1.66 };

/* Values on either side of a cut, at least. */
static size_t least_side(size_t n)
{
	size_t share = (size_t)ceil(.15 * (double)n);

	return share < 2 ? 2 : share;
}

static int by_value(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

/* Sum of squares about the mean. */
static double squares(const double *y, size_t n)
{
	return n > 1 ? stat_var(y, n) * (double)(n - 1) : 0;
}

bool stat_states(const double *values, size_t n, double floor_sd, struct stat_states *out)
{
	double *y = xmalloc((n + 1) * sizeof(*y)), best = -1;

	*out = (struct stat_states){ .nr_low = 0 };
	if (n)
		memcpy(y, values, n * sizeof(*y));
	qsort(y, n, sizeof(*y), by_value);
	for (size_t k = least_side(n); n >= STATES_LEAST && k + least_side(n) <= n; k++) {
		double gap = y[k] - y[k - 1],
		       sd = sqrt((squares(y, k) + squares(y + k, n - k)) / (double)(n - 2));

		sd = fmax(sd, floor_sd);
		/* a gap of 0 is none, however little varies */
		if (!(gap > 0) || gap / sd <= best)
			continue;
		best = gap / sd;
		*out = (struct stat_states){ .nr_low = k,
					     .below = y[k - 1],
					     .above = y[k],
					     .low = stat_median(y, k),
					     .high = stat_median(y + k, n - k) };
	}
	free(y);
	return n >= STATES_LEAST &&
	       best > crit[n - STATES_LEAST < ARRAY_SIZE(crit) ? n - STATES_LEAST
							       : ARRAY_SIZE(crit) - 1];
}
