/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relabelling of two samples. For one hypothesis the moderated t grows with |mean B - mean A|,
 * whatever the prior and the floor, because the sum of squares of all values stays the same: so
 * relabellings are ordered by B's sum alone.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "stats/row.h"

void stat_row_init(struct stat_row *r, const double *y, size_t na, size_t nb, double var0,
		   double df0, double floor_sd, double *z)
{
	size_t n = na + nb;
	double mean = 0, ss = 0;

	*r = (struct stat_row){
		.na = na, .nb = nb, .z = z, .var0 = var0, .df0 = df0, .floor_sd = floor_sd
	};
	/* subtract the first value, so that constant values become exactly 0 */
	for (size_t i = 0; i < n; i++)
		mean += y[i] - y[0];
	mean /= (double)n;
	for (size_t i = 0; i < n; i++) {
		z[i] = y[i] - y[0] - mean;
		r->total += z[i];
		ss += z[i] * z[i];
	}
	r->base = ss + df0 * var0;
	r->dof = (double)n - 2 + df0;
	r->between = (double)na * (double)nb / (double)n;
	r->zero = 1e-13 * sqrt(ss);
}

/*
 * Tukey's lambda distribution of .135 is the normal to .02 in quantiles between .002 and .998
 * (Hastings et al. 1947), at a fraction of the cost of its inverse.
 */
static double score_of(double p)
{
	return (stat_exp(.135 * stat_log(p)) - stat_exp(.135 * stat_log(1 - p))) / .1975;
}

void stat_row_scores(struct stat_row *r, const double *y, size_t na, size_t nb, double *z)
{
	size_t n = na + nb;
	double *score = xmalloc(n * sizeof(*score));

	for (size_t i = 0; i < n; i++) {
		size_t below = 0, equal = 0;

		for (size_t k = 0; k < n; k++) {
			below += y[k] < y[i];
			equal += y[k] == y[i];
		}
		/* midranks, at Blom's places */
		score[i] = score_of(((double)below + ((double)equal + 1) / 2 - .375) /
				    ((double)n + .25));
	}
	stat_row_init(r, score, na, nb, 0, 0, 0, z);
	r->floor_sd = sqrt(r->base / ((double)n - 1));
	r->base = 0; /* nothing is inside the sides: the sd is the constant one */
	r->dof = 1;
	free(score);
}

double stat_row_scores_z(const struct stat_row *r)
{
	double sum = 0, d;

	for (size_t i = r->na; i < r->na + r->nb; i++)
		sum += r->z[i];
	d = stat_row_diff(r, sum);
	return fabs(d) <= r->zero ? 0 : d * sqrt(r->between) / r->floor_sd;
}

double stat_row_t(const struct stat_row *r, const uint8_t *is_b, double *diff, double *s)
{
	size_t n = r->na + r->nb;
	double from[2] = { 0, 0 }, sum[2] = { 0, 0 }, mean[2], ss[2] = { 0, 0 }, var, sd, d;

	/* any value of the side serves: a constant side then has a variance of exactly 0 */
	for (size_t i = 0; i < n; i++)
		from[is_b[i]] = r->z[i];
	for (size_t i = 0; i < n; i++)
		sum[is_b[i]] += r->z[i] - from[is_b[i]];
	mean[0] = from[0] + sum[0] / (double)r->na;
	mean[1] = from[1] + sum[1] / (double)r->nb;
	for (size_t i = 0; i < n; i++) {
		double e = r->z[i] - mean[is_b[i]];

		ss[is_b[i]] += e * e;
	}
	d = mean[1] - mean[0];
	if (fabs(d) <= r->zero)
		d = 0;
	var = r->dof > 0 ? (ss[0] + ss[1] + r->df0 * r->var0) / r->dof : 0;
	sd = fmax(sqrt(var), r->floor_sd);
	if (diff)
		*diff = d;
	if (s)
		*s = sd;
	if (sd == 0)
		return d == 0 ? 0 : INFINITY;
	return fabs(d) / (sd * sqrt(1.0 / (double)r->na + 1.0 / (double)r->nb));
}

uint64_t stat_choose(size_t n, size_t k, uint64_t limit)
{
	uint64_t c = 1;

	k = k < n - k ? k : n - k;
	for (size_t i = 1; i <= k; i++) {
		if (c > (UINT64_MAX >> 1) / (n - k + i))
			return UINT64_MAX;
		c = c * (n - k + i) / i;
		if (c > limit)
			return UINT64_MAX;
	}
	return c;
}

/* Selection sampling (Knuth, algorithm 3.4.2 S), one random number per run. */
void stat_draw_labelling(struct rng *r, uint8_t *is_b, size_t n, size_t nb)
{
	for (size_t i = 0; i < n; i++) {
		bool take = rng_below(r, n - i) < nb;

		is_b[i] = take;
		nb -= take;
	}
}

/* ---------------------------------------------------------------- how small p can be */

static int rising(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

static double log_choose(size_t n, size_t k)
{
	return stat_log_gamma((double)n + 1) - stat_log_gamma((double)k + 1) -
	       stat_log_gamma((double)(n - k) + 1);
}

/*
 * ln of the number of ways to choose the @k largest of the sorted values: more than one where
 * values are equal at the cut.
 */
static double log_ways(const double *sorted, size_t n, size_t k)
{
	double cut = sorted[n - k];
	size_t above = 0, equal = 0;

	for (size_t i = 0; i < n; i++) {
		above += sorted[i] > cut;
		equal += sorted[i] == cut;
	}
	return log_choose(equal, k - above);
}

/*
 * The labels with the largest statistic give B the largest values or the smallest ones. With equal
 * numbers on the sides each of the two is the other with the sides exchanged.
 */
double stat_least_p(const double *y, size_t na, size_t nb)
{
	size_t n = na + nb;
	double *sorted = xmalloc(n * sizeof(*sorted)), ways;

	memcpy(sorted, y, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), rising);
	ways = log_ways(sorted, n, nb);
	if (na == nb)
		ways += stat_log(2);
	else /* the nb smallest for B are the na largest for A */
		ways = fmin(ways, log_ways(sorted, n, na));
	free(sorted);
	return fmin(1, stat_exp(ways - log_choose(n, nb)));
}

/* ---------------------------------------------------------------- one metric */

struct perm {
	struct stat_row row;
	enum stat_side side;
	double limit; /* the value that a relabelling must reach, less an allowance for rounding */
	uint64_t reached, done;
};

static void perm_count(struct perm *p, double sum_b)
{
	double d = stat_row_diff(&p->row, sum_b);

	if (p->side == STAT_TWO_SIDED)
		d = fabs(d);
	else if (p->side == STAT_LESS)
		d = -d;
	p->reached += d >= p->limit;
	p->done++;
}

/*
 * Visits all subsets of nb runs in lexicographic order. sum[k] is the sum of the first k members,
 * so most subsets cost one addition.
 */
static void perm_enumerate(struct perm *p)
{
	size_t n = p->row.na + p->row.nb, k = p->row.nb, depth = 1;
	size_t *at = xcalloc(k + 1, sizeof(*at));
	double *sum = xcalloc(k + 1, sizeof(*sum));

	at[1] = 0;
	while (depth > 0) {
		if (at[depth] > n - (k - depth) - 1) {
			if (--depth)
				at[depth]++;
			continue;
		}
		sum[depth] = sum[depth - 1] + p->row.z[at[depth]];
		if (depth == k) {
			perm_count(p, sum[depth]);
			at[depth]++;
		} else {
			at[depth + 1] = at[depth] + 1;
			depth++;
		}
	}
	free(sum);
	free(at);
}

static void perm_draw(struct perm *p, uint64_t draws, uint64_t seed)
{
	size_t n = p->row.na + p->row.nb;
	uint8_t *is_b = xcalloc(n, 1);
	struct rng rng = rng_make(seed, 0);

	for (uint64_t i = 0; i < draws; i++) {
		double sum = 0;

		stat_draw_labelling(&rng, is_b, n, p->row.nb);
		for (size_t j = 0; j < n; j++)
			if (is_b[j])
				sum += p->row.z[j];
		perm_count(p, sum);
	}
	free(is_b);
}

int stat_permute(const double *y, size_t na, size_t nb, double var0, double df0, double floor_sd,
		 enum stat_side side, uint64_t max_exact, uint64_t draws, uint64_t seed,
		 struct stat_perm *out)
{
	struct perm p = { .side = side };
	uint8_t *is_b;
	double *z, d;

	if (!na || !nb)
		return -EINVAL;
	*out = (struct stat_perm){ .exact = stat_choose(na + nb, nb, max_exact) <= max_exact };
	if (!out->exact && !draws)
		return -EINVAL;
	z = xcalloc(na + nb, sizeof(*z));
	is_b = xcalloc(na + nb, 1);
	memset(is_b + na, 1, nb);
	stat_row_init(&p.row, y, na, nb, var0, df0, floor_sd, z);
	out->t = stat_row_t(&p.row, is_b, &out->diff, &out->s);
	out->t = copysign(out->t, out->diff);
	d = side == STAT_TWO_SIDED ? fabs(out->diff) : side == STAT_LESS ? -out->diff : out->diff;
	p.limit = d - STAT_TIE * fabs(d) - p.row.zero;
	if (out->exact)
		perm_enumerate(&p);
	else
		perm_draw(&p, draws, seed);
	out->permutations = p.done;
	out->p = out->exact ? (double)p.reached / (double)p.done
			    : (1 + (double)p.reached) / (1 + (double)p.done);
	free(is_b);
	free(z);
	return 0;
}
