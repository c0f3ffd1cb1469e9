/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of other tools, from their definitions, on the same runs. */
#include "judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const other_names[] = { "Mann-Whitney .05", "lkp range, 1.05", "mmtests :SIG:" };

static int by_value(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

/* The exact p depends on U alone as long as no two values are equal, so each p is computed once. */
static bool mann_whitney(const double *a, const double *b, size_t n)
{
	static double known[RUNS_MAX + 1][RUNS_MAX * RUNS_MAX + 1];
	size_t u = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			u += b[i] > a[j];
	if (known[n][u] == 0)
		known[n][u] = stat_mann_whitney(b, n, a, n, NULL);
	return known[n][u] <= SIGNIFICANCE;
}

/*
 * lkp-tests lib/changed_stat.rb with a distance, as its compare uses it: the ranges do not overlap,
 * and the gap is more than half the difference of the "means", which are upper medians;
 * lib/stats.rb: their ratio exceeds 1.05 for a metric that is no performance metric. @a, @b sorted.
 */
static bool lkp_above(const double *a, const double *b, size_t n)
{
	double gap = b[0] - a[n - 1], mean_a = a[n / 2], mean_b = b[n / 2];

	return gap > 0 && gap > (mean_b - mean_a) / 2 && mean_b / mean_a > 1.05;
}

/*
 * mmtests bin/lib/MMTests/Stat.pm, _calc_meanci: half an interval is qnorm(.975) times the standard
 * deviation of the runs, not of their mean; :SIG: when the means differ by more than the sum of
 * both halves.
 */
static bool mmtests(const double *a, const double *b, size_t n)
{
	return fabs(stat_mean(b, n) - stat_mean(a, n)) >
	       stat_norm_inv(.975) * (sqrt(stat_var(a, n)) + sqrt(stat_var(b, n)));
}

bool other_differs(enum other rule, const double *a, const double *b, size_t n)
{
	double la[RUNS_MAX], lb[RUNS_MAX];

	if (rule == OTHER_MANN_WHITNEY)
		return mann_whitney(a, b, n);
	for (size_t i = 0; i < n; i++) {
		la[i] = exp(a[i]);
		lb[i] = exp(b[i]);
	}
	if (rule == OTHER_MMTESTS)
		return mmtests(la, lb, n);
	qsort(la, n, sizeof(*la), by_value);
	qsort(lb, n, sizeof(*lb), by_value);
	return lkp_above(la, lb, n) || lkp_above(lb, la, n);
}
