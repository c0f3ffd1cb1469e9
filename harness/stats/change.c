/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Change points of a series of nights. The search for the place is part of the permuted statistic:
 * the p-value of the largest Z is its rank among the largest Z of reordered series. Whole blocks of
 * nights are reordered, so that a host that drifts a little from night to night does not look like
 * a kernel that changed.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "stats/row.h"

static double change_z(double diff, double sd, size_t tau, size_t n)
{
	if (sd == 0)
		return 0;
	return fabs(diff) / (sd * sqrt(1 / (double)tau + 1 / (double)(n - tau)));
}

double stat_change_z(const double *x, size_t n, size_t tau)
{
	if (tau < 1 || tau >= n)
		return NAN;
	return change_z(stat_mean(x + tau, n - tau) - stat_mean(x, tau), sqrt(stat_var(x, n)), tau,
			n);
}

/*
 * Largest Z over tau in [margin, n - margin] of values whose sum is 0, in units of their standard
 * deviation; *at becomes its place. One pass suffices: sum is the sum of the first tau values, -sum
 * that of the others.
 */
static double max_z(const double *z, size_t n, size_t margin, size_t *at)
{
	double sum = 0, most = -1;

	for (size_t tau = 1; tau <= n - margin; tau++) {
		double size;

		sum += z[tau - 1];
		if (tau < margin)
			continue;
		size = sum * sum / ((double)tau * (double)(n - tau));
		if (size > most) {
			most = size;
			*at = tau;
		}
	}
	return sqrt(most * (double)n);
}

double stat_lag1(const double *x, size_t n)
{
	double mean = stat_mean(x, n), cross = 0, square = 0;

	for (size_t i = 0; i < n; i++) {
		square += (x[i] - mean) * (x[i] - mean);
		if (i)
			cross += (x[i] - mean) * (x[i - 1] - mean);
	}
	return square > 0 ? cross / square : 0;
}

double stat_mad_z(double x, const double *past, size_t n)
{
	double *dev, mid = stat_median(past, n), mad;

	if (!n)
		return NAN;
	dev = xmalloc(n * sizeof(*dev));
	for (size_t i = 0; i < n; i++)
		dev[i] = fabs(past[i] - mid);
	mad = 1.4826 *
	      stat_median(dev, n); /* as R's mad(): estimates the standard deviation of a normal */
	free(dev);
	if (mad == 0)
		return x == mid ? 0 : copysign(INFINITY, x - mid);
	return (x - mid) / mad;
}

/* ---------------------------------------------------------------- permutation */

/*
 * Takes the nights as a ring, cuts it into blocks from a random night on, and puts the blocks in a
 * random order (Fisher, Yates); the last block may be short. If the cuts were always in the same
 * places, every tenth order would leave the last block where it is, and a change in the last ten
 * nights could never get a p below .1.
 */
static void reorder(struct rng *rng, const double *z, size_t n, size_t block, size_t *order,
		    double *out)
{
	size_t nr = (n + block - 1) / block, at = 0, cut = rng_below(rng, block < n ? block : n);

	for (size_t i = 0; i < nr; i++)
		order[i] = i;
	for (size_t i = nr; i > 1; i--) {
		size_t j = rng_below(rng, i), swap = order[i - 1];

		order[i - 1] = order[j];
		order[j] = swap;
	}
	for (size_t i = 0; i < nr; i++) {
		size_t from = order[i] * block, len = n - from < block ? n - from : block;

		for (size_t k = 0; k < len; k++)
			out[at++] = z[(cut + from + k) % n];
	}
}

static void segment_test(const double *x, size_t n, const struct stat_trend_opts *o,
			 uint64_t stream, struct stat_change *out)
{
	struct rng rng = rng_make(o->seed, stream);
	size_t *order = xcalloc(n, sizeof(*order)), at = 0;
	double *z = xcalloc(2 * n, sizeof(*z)), mean = stat_mean(x, n), sd = sqrt(stat_var(x, n)),
	       seen;
	uint64_t reached = 0;

	for (size_t i = 0; i < n && sd > 0; i++)
		z[i] = (x[i] - mean) / sd;
	seen = max_z(z, n, o->margin, &at);
	for (uint64_t b = 0; b < o->permutations; b++) {
		size_t where;

		reorder(&rng, z, n, o->block, order, z + n);
		reached += max_z(z + n, n, o->margin, &where) >= seen * (1 - STAT_TIE);
	}
	*out = (struct stat_change){ .at = at,
				     .z = seen,
				     .p = (1 + (double)reached) / (1 + (double)o->permutations),
				     .shift = stat_mean(x + at, n - at) - stat_mean(x, at) };
	free(z);
	free(order);
}

/* ---------------------------------------------------------------- splits */

struct split {
	const double *x;
	const struct stat_trend_opts *o;
	struct stat_trend *out;
	size_t cap;
};

/*
 * Splits [from, to) again and again while a split is significant; the left part first, so that the
 * places come in order.
 */
static void split_on(struct split *s, size_t from, size_t to, const struct stat_change *known)
{
	struct stat_change c;

	if (to - from < 2 * s->o->margin)
		return;
	if (known)
		c = *known;
	else
		segment_test(s->x + from, to - from, s->o, (uint64_t)from << 32 | to, &c);
	if (c.p > s->o->alpha)
		return;
	c.at += from;
	split_on(s, from, c.at, NULL);
	ARRAY_GROW(s->out->change, s->out->nr, s->cap);
	s->out->change[s->out->nr++] = c;
	split_on(s, c.at, to, NULL);
}

/* Computes the shifts between neighbouring segments, and the series minus its segments' means. */
static void segment_means(const double *x, size_t n, struct stat_trend *t, double *rest)
{
	double before = 0;

	for (size_t k = 0; k <= t->nr; k++) {
		size_t from = k ? t->change[k - 1].at : 0, to = k < t->nr ? t->change[k].at : n;
		double mean = stat_mean(x + from, to - from);

		for (size_t i = from; i < to; i++)
			rest[i] = x[i] - mean;
		if (k)
			t->change[k - 1].shift = mean - before;
		before = mean;
	}
}

void stat_trend_opts_init(struct stat_trend_opts *o)
{
	*o = (struct stat_trend_opts){
		.margin = 3, .block = 10, .permutations = 9999, .alpha = .05, .lag1_max = .3
	};
}

/*
 * The smallest possible p: one of all orders of the blocks and places of the cuts, or one of the
 * draws and the real order.
 */
static double least_p(size_t n, size_t block, uint64_t permutations)
{
	size_t nr = (n + block - 1) / block;
	double orders = (double)(block < n ? block : n);

	for (size_t i = 2; i <= nr && orders <= (double)permutations; i++)
		orders *= (double)i;
	return 1 / fmin(orders, (double)permutations + 1);
}

int stat_trend(const double *x, size_t n, const struct stat_trend_opts *o, struct stat_trend *out)
{
	struct split s = { .x = x, .o = o, .out = out };
	double *rest;

	*out = (struct stat_trend){ 0 };
	if (!o->margin || !o->block || !o->permutations || n < 2 * o->margin)
		return -EINVAL;
	for (size_t i = 0; i < n; i++)
		if (!isfinite(x[i]))
			return -EINVAL;
	segment_test(x, n, o, n, &out->best);
	out->p_least = least_p(n, o->block, o->permutations);
	split_on(&s, 0, n, &out->best);
	rest = xmalloc(n * sizeof(*rest));
	segment_means(x, n, out, rest);
	out->lag1 = stat_lag1(rest, n);
	out->drifts = out->lag1 > o->lag1_max;
	free(rest);
	return 0;
}

void stat_trend_release(struct stat_trend *t)
{
	free(t->change);
	*t = (struct stat_trend){ 0 };
}
