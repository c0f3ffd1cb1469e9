/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests on means and counts, and the adjustment of p-values for their number. */
#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"

double stat_tost(double diff, double se, double df, double down, double up)
{
	double below, above;

	if (isnan(diff) || isnan(se) || !(down > 0) || !(up > 0))
		return NAN;
	if (se == 0)
		return diff > -down && diff < up ? 0 : 1;
	below = stat_t_cdf(-(diff + down) / se, df); /* H0: diff <= -down */
	above = stat_t_cdf((diff - up) / se, df);    /* H0: diff >= up */
	return fmax(below, above);
}

static double log_choose(unsigned n, unsigned k)
{
	return stat_log_gamma(n + 1.0) - stat_log_gamma(k + 1.0) -
	       stat_log_gamma((double)(n - k) + 1);
}

/* Probability of k hits on side A, given the margins of the table. */
static double hypergeometric(unsigned k, unsigned row, unsigned other, unsigned col)
{
	return stat_exp(log_choose(row, k) + log_choose(other, col - k) -
			log_choose(row + other, col));
}

double stat_fisher(unsigned a, unsigned b, unsigned c, unsigned d)
{
	unsigned row = a + b, other = c + d, col = a + c;
	unsigned lo = col > other ? col - other : 0, hi = col < row ? col : row;
	double at = hypergeometric(a, row, other, col), sum = 0;

	for (unsigned k = lo; k <= hi; k++) {
		double p = hypergeometric(k, row, other, col);

		/* R's tolerance: tables that are equally likely except for rounding */
		if (p <= at * (1 + 1e-7))
			sum += p;
	}
	return fmin(1, sum);
}

double stat_fisher_side(unsigned a, unsigned b, unsigned c, unsigned d, enum stat_side side)
{
	unsigned row = a + b, other = c + d, col = a + c;
	unsigned lo = col > other ? col - other : 0, hi = col < row ? col : row;
	double sum = 0;

	if (side == STAT_TWO_SIDED)
		return stat_fisher(a, b, c, d);
	if (side == STAT_GREATER)
		hi = a;
	else
		lo = a;
	for (unsigned k = lo; k <= hi; k++)
		sum += hypergeometric(k, row, other, col);
	return fmin(1, sum);
}

double stat_clopper_pearson_upper(unsigned k, unsigned n, double conf)
{
	if (k > n || !n)
		return NAN;
	return k == n ? 1 : stat_beta_inv(conf, k + 1.0, (double)(n - k));
}

void stat_clopper_pearson(unsigned k, unsigned n, double conf, double *lo, double *hi)
{
	*hi = stat_clopper_pearson_upper(k, n, (1 + conf) / 2);
	*lo = k <= n ? 1 - stat_clopper_pearson_upper(n - k, n, (1 + conf) / 2) : NAN;
}

struct ranked {
	double p;
	size_t at;
};

static int by_rank(const void *pa, const void *pb)
{
	const struct ranked *a = pa, *b = pb;

	if (a->p != b->p)
		return a->p < b->p ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

static struct ranked *rank_p(const double *p, size_t n)
{
	struct ranked *r = xmalloc(n * sizeof(*r));

	for (size_t i = 0; i < n; i++)
		r[i] = (struct ranked){ p[i], i };
	qsort(r, n, sizeof(*r), by_rank);
	return r;
}

void stat_bh(const double *p, size_t n, double *adjusted)
{
	struct ranked *r = rank_p(p, n);
	double least = 1;

	for (size_t i = n; i-- > 0;) {
		least = fmin(least, r[i].p * (double)n / (double)(i + 1));
		adjusted[r[i].at] = least;
	}
	free(r);
}

void stat_holm(const double *p, size_t n, double *adjusted)
{
	struct ranked *r = rank_p(p, n);
	double most = 0;

	for (size_t i = 0; i < n; i++) {
		most = fmax(most, fmin(1, r[i].p * (double)(n - i)));
		adjusted[r[i].at] = most;
	}
	free(r);
}
