/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests on means and counts, and the adjustment of p-values for their number. */
#include "judge/stats.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"

double stat_welch(const double *a, size_t na, const double *b, size_t nb, double *t, double *df)
{
	double va = stat_var(a, na) / (double)na, vb = stat_var(b, nb) / (double)nb;
	double diff = stat_mean(b, nb) - stat_mean(a, na), se2 = va + vb, tt, nu;

	if (na < 2 || nb < 2) {
		tt = nu = NAN;
	} else if (se2 == 0) {
		tt = diff == 0 ? 0 : copysign(INFINITY, diff);
		nu = (double)(na + nb - 2);
	} else {
		tt = diff / sqrt(se2);
		nu = se2 * se2 / (va * va / (double)(na - 1) + vb * vb / (double)(nb - 1));
	}
	if (t)
		*t = tt;
	if (df)
		*df = nu;
	return isnan(tt) ? NAN : 2 * stat_t_cdf(-fabs(tt), nu);
}

double stat_tost(double diff, double se, double df, double delta)
{
	double below, above;

	if (isnan(diff) || isnan(se) || !(delta > 0))
		return NAN;
	if (se == 0)
		return fabs(diff) < delta ? 0 : 1;
	below = stat_t_cdf(-(diff + delta) / se, df); /* H0: diff <= -delta */
	above = stat_t_cdf((diff - delta) / se, df);  /* H0: diff >= +delta */
	return fmax(below, above);
}

static double log_choose(unsigned n, unsigned k)
{
	int sign;

	return lgamma_r(n + 1.0, &sign) - lgamma_r(k + 1.0, &sign) - lgamma_r((double)(n - k) + 1, &sign);
}

double stat_fisher(unsigned a, unsigned b, unsigned c, unsigned d)
{
	unsigned row = a + b, other = c + d, col = a + c, all = row + other;
	unsigned lo = col > other ? col - other : 0, hi = col < row ? col : row;
	double base = log_choose(all, col), at, sum = 0;

	if (!all)
		return 1;
	at = exp(log_choose(row, a) + log_choose(other, c) - base);
	for (unsigned k = lo; k <= hi; k++) {
		double p = exp(log_choose(row, k) + log_choose(other, col - k) - base);

		if (p <= at * (1 + 1e-7)) /* R's tolerance: tables equally likely but for rounding */
			sum += p;
	}
	return fmin(1, sum);
}

double stat_clopper_pearson_upper(unsigned k, unsigned n, double conf)
{
	if (k > n || !n)
		return NAN;
	return k == n ? 1 : stat_beta_inv(conf, k + 1.0, (double)(n - k));
}

struct ranked {
	double p;
	size_t at;
};

static int cmp_ranked(const void *pa, const void *pb)
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
	qsort(r, n, sizeof(*r), cmp_ranked);
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
