/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What builds do to a metric beyond what runs and seeds do, and whether it sits in two states. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "judge/scale.h"
#include "rebuild.h"
#include "stats/stats.h"

#define SHUFFLES 9999

bool bench_full(const struct bench *b, size_t sc, size_t seed)
{
	for (size_t k = 0; k < b->nr_kernels; k++)
		if (!bench_made(b, k, sc, seed))
			return false;
	return true;
}

/* Values of a metric: seed i of build k is at k * seeds + i; NAN = ABSENT. */
struct values {
	double *x, *y; /* in units, and on the metric's scale */
	size_t builds, seeds;
};

static void gather(const struct bench *b, const struct bench_row *row, struct values *v)
{
	size_t all = b->nr_kernels * b->nr_seeds, at = 0;

	*v = (struct values){ .builds = b->nr_kernels };
	for (size_t seed = 0; seed < b->nr_seeds; seed++)
		v->seeds += bench_full(b, row->sc, seed);
	v->x = xcalloc(all, sizeof(*v->x));
	v->y = xcalloc(all, sizeof(*v->y));
	for (size_t i = 0; i < all; i++) {
		const struct run_facts *f = bench_run(b, i / b->nr_seeds, row->sc, i % b->nr_seeds);

		if (!bench_full(b, row->sc, i % b->nr_seeds))
			continue;
		v->x[at] = f->usable ? facts_value(f, row->m->name) : NAN;
		v->y[at] = isnan(v->x[at]) ? NAN : metric_forward(row->m, v->x[at]);
		at++;
	}
}

/* The values that there are of @y[n], malloc'ed. */
static double *present(const double *y, size_t n, size_t *nr)
{
	double *out = xcalloc(n, sizeof(*out));

	*nr = 0;
	for (size_t i = 0; i < n; i++)
		if (!isnan(y[i]))
			out[(*nr)++] = y[i];
	return out;
}

/* Sum over groups of n times the squared distance of the group's mean from the mean of all. */
static double sum_between(const double *y, size_t groups, size_t size, size_t step_group,
			  size_t step)
{
	double all = 0, sum = 0;
	size_t n = 0;

	for (size_t g = 0; g < groups; g++) {
		double group = 0;
		size_t of_group = 0;

		for (size_t i = 0; i < size; i++) {
			double v = y[g * step_group + i * step];

			group += isnan(v) ? 0 : v;
			of_group += !isnan(v);
		}
		sum += of_group ? group * group / (double)of_group : 0;
		all += group;
		n += of_group;
	}
	return sum - all * all / (double)n;
}

static double sum_builds(const struct values *v, const double *y)
{
	return sum_between(y, v->builds, v->seeds, v->seeds, 1);
}

/*
 * How often the builds lie as far apart when the runs of each seed are shuffled over the builds:
 * exact for any noise and any effect of the seed when nothing but the build tells runs apart.
 */
static double p_of_builds(const struct values *v, uint64_t seed)
{
	size_t n = v->builds * v->seeds, reached = 0;
	double *y = xcalloc(n, sizeof(*y)), between = sum_builds(v, v->y);
	struct rng r = rng_make(seed, 0x5eb1);

	memcpy(y, v->y, n * sizeof(*y));
	for (size_t draw = 0; draw < SHUFFLES; draw++) {
		for (size_t i = 0; i < v->seeds; i++)
			for (size_t k = v->builds - 1; k > 0; k--) {
				double *a = &y[k * v->seeds + i],
				       *b = &y[rng_below(&r, k + 1) * v->seeds + i], t = *a;

				if (isnan(*a) || isnan(*b))
					continue;
				*a = *b;
				*b = t;
			}
		reached += sum_builds(v, y) >= between - 1e-10 * fabs(between);
	}
	free(y);
	return (double)(1 + reached) / (1 + SHUFFLES);
}

/*
 * The share of a run's variance inside a build that its seed explains, because it moves the same
 * seed of every build alike: the intraclass correlation of two-way analysis of variance. NAN: a
 * value is ABSENT, or nothing varies.
 */
static double seed_share(const struct values *v)
{
	double k = (double)v->builds, n = (double)v->seeds, total = 0, seeds, rest;
	size_t all = v->builds * v->seeds;
	double mean = stat_mean(v->y, all);

	if (isnan(mean) || v->seeds < 2)
		return NAN;
	for (size_t i = 0; i < all; i++)
		total += (v->y[i] - mean) * (v->y[i] - mean);
	seeds = sum_between(v->y, v->seeds, v->builds, 1, v->seeds);
	rest = (total - seeds - sum_builds(v, v->y)) / ((k - 1) * (n - 1));
	seeds /= n - 1;
	if (total < 1e-20)
		return NAN;
	return fmin(1, fmax(0, (seeds - rest) / (seeds + (k - 1) * fmax(0, rest))));
}

/* ---------------------------------------------------------------- two states */

/* Ashman's D (Ashman, Bird, Zepf 1994): 2 and more are two modes; halves of one normal have 2.6. */
#define STATES_D 4
#define STATES_LEAST .1 /* share of the runs in the rarer one */
#define STATES_RUNS 8	/* with fewer, chance makes two */

static int by_value(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

/* The cut of sorted @y into a lower and an upper part that leaves least variance inside both. */
static size_t best_cut(const double *y, size_t n)
{
	double least = INFINITY;
	size_t cut = 0;

	for (size_t i = 2; i + 2 <= n; i++) {
		double ss = (double)(i - 1) * stat_var(y, i) +
			    (double)(n - i - 1) * stat_var(y + i, n - i);

		if (ss < least) {
			least = ss;
			cut = i;
		}
	}
	return cut;
}

/* Which of the states the runs of each build sit in; @at lies between the two. */
static void state_of_builds(const struct values *v, double at, struct bench_row *row)
{
	for (size_t k = 0; k < v->builds; k++) {
		size_t upper = 0, lower = 0;

		for (size_t i = 0; i < v->seeds; i++) {
			upper += v->y[k * v->seeds + i] > at;
			lower += v->y[k * v->seeds + i] <= at;
		}
		row->state[k] = !lower ? 'u' : !upper ? 'l' : 'b';
	}
}

static void find_states(const struct values *v, struct bench_row *row)
{
	size_t n, cut;
	double *y = present(v->y, v->builds * v->seeds, &n), s2, d, low, high;

	if (n < STATES_RUNS)
		goto out;
	qsort(y, n, sizeof(*y), by_value);
	cut = best_cut(y, n);
	s2 = stat_var(y, cut) + stat_var(y + cut, n - cut);
	d = stat_mean(y + cut, n - cut) - stat_mean(y, cut);
	low = metric_back(row->m, stat_median(y, cut));
	high = metric_back(row->m, stat_median(y + cut, n - cut));
	if (d * sqrt(2) <= STATES_D * sqrt(s2) || high - low <= row->m->c ||
	    d <= stat_log1p(row->m->floor) ||
	    (double)(cut < n - cut ? cut : n - cut) < STATES_LEAST * (double)n)
		goto out;
	row->r.nr_states = 2;
	row->r.state[0] = (struct rebuild_state){ low, (double)cut / (double)n };
	row->r.state[1] = (struct rebuild_state){ high, (double)(n - cut) / (double)n };
	state_of_builds(v, (y[cut - 1] + y[cut]) / 2, row);
out:
	free(y);
}

/* ---------------------------------------------------------------- rows */

bool bench_measure(const struct bench *b, const struct bench_row *row, size_t without_a,
		   size_t without_b, struct rebuild_metric *out)
{
	size_t nr[BUILDS_MAX], builds = 0;
	const double *x[BUILDS_MAX];
	struct values v;
	bool ok;

	gather(b, row, &v);
	for (size_t k = 0; k < v.builds; k++) {
		if (k == without_a || k == without_b)
			continue;
		x[builds] = v.x + k * v.seeds;
		nr[builds++] = v.seeds;
	}
	ok = rebuild_measure(row->m, x, nr, builds, out);
	free(v.x);
	free(v.y);
	return ok;
}

static void measure(const struct bench *b, size_t at, struct bench_row *row)
{
	struct values v;
	double *all;
	size_t n;

	gather(b, row, &v);
	all = present(v.x, v.builds * v.seeds, &n);
	row->median = stat_median(all, n);
	row->measured = bench_measure(b, row, SIZE_MAX, SIZE_MAX, &row->r);
	if (row->measured) {
		row->p = p_of_builds(&v, rng_at((uint64_t)b->o->judge_seed, at));
		row->seed_share = seed_share(&v);
		find_states(&v, row);
	}
	free(all);
	free(v.x);
	free(v.y);
}

static void rows_of(struct bench *b, size_t sc, struct bench_result *r, size_t *cap)
{
	size_t nr = 0, all = b->nr_kernels * b->nr_seeds;
	const struct run_rows **rows = xcalloc(all, sizeof(*rows));
	const struct metric *m;

	for (size_t k = 0; k < b->nr_kernels; k++)
		for (size_t i = 0; i < b->nr_seeds; i++)
			if (bench_run(b, k, sc, i)->usable)
				rows[nr++] = &bench_run(b, k, sc, i)->rows;
	for (m = metrics_listed_for(rows, nr, &b->mem, NULL); m->name; m++) {
		ARRAY_GROW(r->row, r->nr_rows, *cap);
		r->row[r->nr_rows] = (struct bench_row){ .sc = sc, .m = m, .cls = m->cls };
		measure(b, r->nr_rows, &r->row[r->nr_rows]);
		r->nr_rows++;
	}
	free(rows);
}

void bench_rows(struct bench *b, struct bench_result *r)
{
	size_t cap = 0;

	for (size_t sc = 0; sc < b->nr_sc; sc++)
		rows_of(b, sc, r, &cap);
}
