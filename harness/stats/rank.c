/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rank statistics. Exact null distributions come from counting subsets by rank sum over doubled
 * midranks (whole numbers), so ties need no special case. From RANK_EXACT_MAX values per side on,
 * the normal approximation is used, as in R.
 */
#include "stats/stats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define RANK_EXACT_MAX 50 /* the same limit as in R's wilcox.test */

static int by_value(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

static double *sorted_copy(const double *x, size_t n)
{
	double *s = xmalloc(n * sizeof(*s));

	if (n)
		memcpy(s, x, n * sizeof(*s));
	qsort(s, n, sizeof(*s), by_value);
	return s;
}

double stat_mean(const double *x, size_t n)
{
	double sum = 0, rest = 0;

	if (!n)
		return NAN;
	for (size_t i = 0; i < n; i++)
		sum += x[i];
	sum /= (double)n;
	/* a second pass removes the rounding of the first, as in R */
	for (size_t i = 0; i < n; i++)
		rest += x[i] - sum;
	return isfinite(rest) ? sum + rest / (double)n : sum;
}

double stat_var(const double *x, size_t n)
{
	double mean = stat_mean(x, n), ss = 0;

	if (n < 2)
		return NAN;
	for (size_t i = 0; i < n; i++)
		ss += (x[i] - mean) * (x[i] - mean);
	return ss / (double)(n - 1);
}

static double sorted_median(const double *s, size_t n)
{
	return n % 2 ? s[n / 2] : s[n / 2 - 1] / 2 + s[n / 2] / 2;
}

double stat_median(const double *x, size_t n)
{
	double *s, v;

	if (!n)
		return NAN;
	s = sorted_copy(x, n);
	v = sorted_median(s, n);
	free(s);
	return v;
}

/* Twice the midranks of x: 2, 4, 6 ..., and odd numbers for ties of even size. */
static unsigned *doubled_ranks(const double *x, size_t n)
{
	double *s = sorted_copy(x, n);
	unsigned *rank = xmalloc(n * sizeof(*rank));

	for (size_t i = 0; i < n; i++) {
		size_t lower = 0, same = 0;

		for (size_t j = 0; j < n && s[j] <= x[i]; j++) {
			if (s[j] < x[i])
				lower++;
			else
				same++;
		}
		rank[i] = (unsigned)(2 * lower + same + 1);
	}
	free(s);
	return rank;
}

/* ways[s] = number of subsets of @k of the n ranks whose sum is s; @sum_max = largest sum kept. */
static double *count_subsets(const unsigned *rank, size_t n, size_t k, size_t sum_max)
{
	size_t row = sum_max + 1;
	double *table = xcalloc((k + 1) * row, sizeof(*table)), *ways;

	table[0] = 1;
	for (size_t i = 0; i < n; i++)
		for (size_t take = i + 1 < k ? i + 1 : k; take > 0; take--)
			for (size_t sum = rank[i]; sum <= sum_max; sum++)
				table[take * row + sum] += table[(take - 1) * row + sum - rank[i]];
	ways = xmalloc(row * sizeof(*ways));
	memcpy(ways, table + k * row, row * sizeof(*ways));
	free(table);
	return ways;
}

/*
 * Share of subsets whose sum is at least as far from the mean (in doubled units, times n) as @sum
 * is.
 */
static double two_sided(const double *ways, size_t sum_max, double mean, double sum)
{
	double dist = fabs(sum - mean), far = 0, all = 0;

	for (size_t s = 0; s <= sum_max; s++) {
		all += ways[s];
		if (fabs((double)s - mean) >= dist - 1e-9)
			far += ways[s];
	}
	return far / all;
}

static double mann_whitney_normal(const unsigned *rank, size_t n, size_t na, size_t nb, double w)
{
	double ties = 0, mean = (double)na * (double)nb / 2, z, sigma, correction;
	double total = (double)(na + nb);

	/* sum over values of (t^2 - 1) = sum over ties of (t^3 - t) */
	for (size_t i = 0; i < n; i++) {
		double same = 0;

		for (size_t j = 0; j < n; j++)
			same += rank[j] == rank[i];
		ties += same * same - 1;
	}
	sigma = sqrt((double)na * (double)nb / 12 * (total + 1 - ties / (total * (total - 1))));
	z = w - mean;
	correction = z > 0 ? .5 : z < 0 ? -.5 : 0;
	if (sigma <= 0)
		return 1;
	return fmin(1, 2 * stat_norm_cdf(-fabs((z - correction) / sigma)));
}

double stat_mann_whitney(const double *b, size_t nb, const double *a, size_t na, double *w)
{
	size_t n = na + nb;
	double *x, sum = 0, u, p;
	unsigned *rank;

	if (w)
		*w = NAN;
	if (!na || !nb)
		return NAN;
	x = xmalloc(n * sizeof(*x));
	memcpy(x, b, nb * sizeof(*x));
	memcpy(x + nb, a, na * sizeof(*x));
	rank = doubled_ranks(x, n);
	for (size_t i = 0; i < nb; i++)
		sum += rank[i];
	u = sum / 2 - (double)nb * (double)(nb + 1) / 2;
	if (na < RANK_EXACT_MAX && nb < RANK_EXACT_MAX) {
		size_t sum_max = n * (n + 1);
		double *ways = count_subsets(rank, n, nb, sum_max);

		p = two_sided(ways, sum_max, (double)nb * (double)(n + 1), sum);
		free(ways);
	} else {
		p = mann_whitney_normal(rank, n, na, nb, u);
	}
	if (w)
		*w = u;
	free(rank);
	free(x);
	return p;
}

/*
 * ways[w] = number of arrangements with Mann-Whitney statistic w, no ties: coefficients of the
 * Gaussian binomial, built by multiplying with (1 - q^(nb+i)) and dividing by (1 - q^i). ways[w]
 * depends on smaller w alone, so the tail is exact.
 */
static double *mann_whitney_ways(size_t na, size_t nb, double *all)
{
	size_t max = na * nb;
	double *ways = xcalloc(max + 1, sizeof(*ways));

	ways[0] = *all = 1;
	for (size_t i = 1; i <= na; i++) {
		for (size_t w = max; w >= nb + i; w--)
			ways[w] -= ways[w - nb - i];
		for (size_t w = i; w <= max; w++)
			ways[w] += ways[w - i];
		*all *= (double)(nb + i) / (double)i;
	}
	return ways;
}

/*
 * Smallest w with P(W <= w) >= p under no ties, as R's qwilcox, but at least 1; *below = P(W <= w -
 * 1).
 */
static size_t mann_whitney_quantile(size_t na, size_t nb, double p, double *below)
{
	size_t w = 0;
	double *ways, all, sum = 0;

	if (na >= RANK_EXACT_MAX || nb >= RANK_EXACT_MAX) {
		double mean = (double)na * (double)nb / 2,
		       sigma = sqrt(mean / 6 * (double)(na + nb + 1));
		double at = mean + stat_norm_inv(p) * sigma;

		w = at > 1 ? (size_t)at : 1;
		*below = stat_norm_cdf(((double)w - .5 - mean) / sigma);
		return w;
	}
	ways = mann_whitney_ways(na, nb, &all);
	while (w < na * nb && sum + ways[w] / all < p)
		sum += ways[w++] / all;
	if (w == 0)
		sum = ways[w++] /
		      all; /* n is too small for this level: the whole range of differences */
	*below = sum;
	free(ways);
	return w;
}

int stat_hodges_lehmann(const double *a, size_t na, const double *b, size_t nb, double conf,
			struct stat_shift *out)
{
	size_t nr = na * nb, q;
	double *diff, below;

	if (!na || !nb || !(conf > 0 && conf < 1))
		return -EINVAL;
	diff = xmalloc(nr * sizeof(*diff));
	for (size_t j = 0; j < nb; j++)
		for (size_t i = 0; i < na; i++)
			diff[j * na + i] = b[j] - a[i];
	qsort(diff, nr, sizeof(*diff), by_value);
	q = mann_whitney_quantile(na, nb, (1 - conf) / 2, &below);
	if (q > (nr + 1) / 2)
		q = (nr + 1) / 2;
	out->shift = sorted_median(diff, nr);
	out->lo = diff[q - 1];
	out->hi = diff[nr - q];
	out->conf = fmax(0, 1 - 2 * below);
	free(diff);
	return 0;
}
