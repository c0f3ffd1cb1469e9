/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One sample against 0 (differences of pairs), and the bootstrap interval of any statistic. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "stats/row.h"

#define PAIR_EXACT_MAX 50 /* from here on normal quantiles are used, as in R's wilcox.test */

static int by_value(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

/* ---------------------------------------------------------------- sign flips */

struct flips {
	const double *x;
	size_t n;
	enum stat_side side;
	double limit;
	uint64_t reached, done;
};

static double on_side(double sum, enum stat_side side)
{
	return side == STAT_TWO_SIDED ? fabs(sum) : side == STAT_LESS ? -sum : sum;
}

static void flips_count(struct flips *f, double sum)
{
	f->reached += on_side(sum, f->side) >= f->limit;
	f->done++;
}

static void flips_enumerate(struct flips *f, size_t i, double sum)
{
	if (i == f->n) {
		flips_count(f, sum);
		return;
	}
	flips_enumerate(f, i + 1, sum + f->x[i]);
	flips_enumerate(f, i + 1, sum - f->x[i]);
}

int stat_sign_flip(const double *x, size_t n, enum stat_side side, uint64_t max_exact,
		   uint64_t draws, uint64_t seed, struct stat_perm *out)
{
	struct flips f = { .x = x, .n = n, .side = side };
	struct rng rng = rng_make(seed, 0);
	double sum = 0, size = 0;

	if (!n)
		return -EINVAL;
	*out = (struct stat_perm){ .exact = n < 64 && UINT64_C(1) << n <= max_exact };
	if (!out->exact && !draws)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		sum += x[i];
		size += fabs(x[i]);
	}
	f.limit = on_side(sum, side) - STAT_TIE * fabs(sum) - 1e-13 * size;
	if (out->exact)
		flips_enumerate(&f, 0, 0);
	for (uint64_t d = 0; d < draws && !out->exact; d++) {
		double s = 0;

		for (size_t i = 0; i < n; i++)
			s += rng_below(&rng, 2) ? x[i] : -x[i];
		flips_count(&f, s);
	}
	out->permutations = f.done;
	out->diff = sum / (double)n;
	out->s = n > 1 ? sqrt(stat_var(x, n)) : NAN;
	out->t = out->s > 0 ? out->diff / (out->s / sqrt((double)n))
			    : copysign(out->diff == 0 ? 0 : INFINITY, out->diff);
	out->p = out->exact ? (double)f.reached / (double)f.done
			    : (1 + (double)f.reached) / (1 + (double)f.done);
	return 0;
}

/* ---------------------------------------------------------------- shift of one sample */

/*
 * Smallest v with P(V <= v) >= p for the signed rank V of n values without ties, but at least 1;
 * *below = P(V < v).
 */
static size_t signed_rank_quantile(size_t n, double p, double *below)
{
	size_t max = n * (n + 1) / 2, v = 0;
	double *ways, all = ldexp(1, (int)n), sum = 0;

	if (n >= PAIR_EXACT_MAX) {
		double mean = (double)max / 2, sigma = sqrt((double)max * (double)(2 * n + 1) / 12);
		double at = mean + stat_norm_inv(p) * sigma;

		v = at > 1 ? (size_t)at : 1;
		*below = stat_norm_cdf(((double)v - .5 - mean) / sigma);
		return v;
	}
	ways = xcalloc(max + 1, sizeof(*ways));
	ways[0] = 1;
	for (size_t r = 1; r <= n; r++)
		for (size_t s = max; s >= r; s--)
			ways[s] += ways[s - r];
	while (v < max && sum + ways[v] / all < p)
		sum += ways[v++] / all;
	if (v == 0)
		sum = ways[v++] /
		      all; /* n is too small for this level: the whole range of averages */
	*below = sum;
	free(ways);
	return v;
}

int stat_signed_shift(const double *x, size_t n, double conf, struct stat_shift *out)
{
	size_t nr = n * (n + 1) / 2, at = 0, q;
	double *walsh, below;

	if (!n || !(conf > 0 && conf < 1))
		return -EINVAL;
	walsh = xmalloc(nr * sizeof(*walsh));
	for (size_t i = 0; i < n; i++)
		for (size_t j = i; j < n; j++)
			walsh[at++] = x[i] / 2 + x[j] / 2;
	qsort(walsh, nr, sizeof(*walsh), by_value);
	q = signed_rank_quantile(n, (1 - conf) / 2, &below);
	if (q > (nr + 1) / 2)
		q = (nr + 1) / 2;
	out->shift = nr % 2 ? walsh[nr / 2] : walsh[nr / 2 - 1] / 2 + walsh[nr / 2] / 2;
	out->lo = walsh[q - 1];
	out->hi = walsh[nr - q];
	out->conf = fmax(0, 1 - 2 * below);
	free(walsh);
	return 0;
}

/* ---------------------------------------------------------------- bootstrap */

/*
 * Acceleration from the leave-one-out values (Efron 1987): each is the statistic without one of the
 * values.
 */
static double acceleration(const double *x, size_t n, stat_fn *fn, double *work)
{
	double *left = xmalloc(n * sizeof(*left)), mean, square = 0, cube = 0;

	for (size_t i = 0; i < n; i++) {
		memcpy(work, x, i * sizeof(*x));
		memcpy(work + i, x + i + 1, (n - i - 1) * sizeof(*x));
		left[i] = fn(work, n - 1);
	}
	mean = stat_mean(left, n);
	for (size_t i = 0; i < n; i++) {
		double e = mean - left[i];

		square += e * e;
		cube += e * e * e;
	}
	free(left);
	return square > 0 ? cube / (6 * square * sqrt(square)) : 0;
}

/*
 * The end of the bias-corrected, accelerated interval, as a share of the sorted bootstrap values.
 */
static double bca_level(double bias, double accel, double p)
{
	double z = bias + stat_norm_inv(p);

	return stat_norm_cdf(bias + z / (1 - accel * z));
}

int stat_bca(const double *x, size_t n, stat_fn *fn, double conf, uint64_t draws, uint64_t seed,
	     struct stat_shift *out)
{
	double *work, *boot, accel, bias;
	struct rng rng = rng_make(seed, 0);
	uint64_t below = 0;

	if (n < 2 || draws < 2 || !(conf > 0 && conf < 1))
		return -EINVAL;
	work = xmalloc(n * sizeof(*work));
	boot = xreallocarray(NULL, draws, sizeof(*boot));
	out->shift = fn(x, n);
	out->conf = conf;
	for (uint64_t b = 0; b < draws; b++) {
		for (size_t i = 0; i < n; i++)
			work[i] = x[rng_below(&rng, n)];
		boot[b] = fn(work, n);
		below += boot[b] < out->shift;
	}
	/* if all are on one side, the interval is one-sided; half a draw keeps the bias finite */
	bias = stat_norm_inv(fmin(fmax((double)below, .5), (double)draws - .5) / (double)draws);
	accel = acceleration(x, n, fn, work);
	out->lo = stat_quantile(boot, draws, bca_level(bias, accel, (1 - conf) / 2));
	out->hi = stat_quantile(boot, draws, bca_level(bias, accel, (1 + conf) / 2));
	free(boot);
	free(work);
	return 0;
}
