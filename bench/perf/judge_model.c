/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The noise model. The logarithm of a metric has a standard deviation of 3 %, or is Student t with
 * 3 degrees of freedom and the same quartiles. 70 % of its variance comes from 5 factors that the
 * metrics of a scenario share. With t3 a run that is far off is so in all metrics of its scenario,
 * as after a bad boot.
 */
#include "judge.h"

#include <math.h>

#include "base/alloc.h"

#define FACTORS 5
#define SHARED .7
#define QUIET 1.5 /* tonight's noise relative to the history's */

const char *const noise_names[] = { "normal", "t3" };
const char *const history_names[] = { "none", "same noise", "tonight x1.5" };

double draw_normal(struct rng *r)
{
	double u = ((double)(rng_next(r) >> 11) + .5) * 0x1p-53, v = rng_unit(r);

	return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

/*
 * The factor of a run's normal values: 1, or the one that makes them t3 with the quartiles of the
 * normal.
 */
static double run_scale(struct rng *r, enum noise noise)
{
	double chi = 0;

	if (noise == NORMAL)
		return 1;
	for (int i = 0; i < 3; i++) {
		double x = draw_normal(r);

		chi += x * x;
	}
	return .6744897502 / .7648923284 / sqrt(chi / 3);
}

double draw_noise(struct rng *r, enum noise noise)
{
	double z = draw_normal(r);

	return z * run_scale(r, noise);
}

/* Draws the weights of the shared factors; their squares sum to SHARED. */
static void draw_loads(struct rng *r, double load[METRICS][FACTORS])
{
	for (size_t k = 0; k < METRICS; k++) {
		double norm = 0;

		for (size_t f = 0; f < FACTORS; f++) {
			load[k][f] = draw_normal(r);
			norm += load[k][f] * load[k][f];
		}
		for (size_t f = 0; f < FACTORS; f++)
			load[k][f] *= sqrt(SHARED / norm);
	}
}

/* Draws one run: one value per metric of the scenario. */
static void draw_run(struct rng *r, double load[METRICS][FACTORS], enum noise noise,
		     double y[METRICS])
{
	double factor[FACTORS], scale = NOISE_SD * run_scale(r, noise);

	for (size_t f = 0; f < FACTORS; f++)
		factor[f] = draw_normal(r);
	for (size_t k = 0; k < METRICS; k++) {
		y[k] = sqrt(1 - SHARED) * draw_normal(r);
		for (size_t f = 0; f < FACTORS; f++)
			y[k] += load[k][f] * factor[f];
		y[k] *= scale;
	}
}

static void fill_history(struct rng *r, double load[METRICS][FACTORS], const struct model *m,
			 struct series *s)
{
	double y[METRICS], quiet = m->history == HISTORY_QUIET ? QUIET : 1;

	for (size_t i = 0; i < PAST_RUNS; i++) {
		draw_run(r, load, m->noise, y);
		for (size_t k = 0; k < METRICS; k++)
			s[k].past[i] = y[k] / quiet;
	}
	for (size_t k = 0; k < METRICS; k++)
		s[k].nr_past = m->history == HISTORY_NONE ? 0 : PAST_RUNS;
}

static void fill_scenario(struct rng *r, const struct model *m, double shift, struct series *s)
{
	double load[METRICS][FACTORS], y[METRICS];

	draw_loads(r, load);
	fill_history(r, load, m, s);
	for (size_t i = 0; i < 2 * (RUNS_MAX + FRESH); i++) {
		bool is_b = i % 2, fresh = i >= 2 * RUNS_MAX;
		size_t at = fresh ? i / 2 - RUNS_MAX : i / 2;

		draw_run(r, load, m->noise, y);
		for (size_t k = 0; k < METRICS; k++) {
			double v = y[k] + (is_b && k < SHIFTED ? shift : 0);

			*(fresh	 ? (is_b ? &s[k].fresh_b[at] : &s[k].fresh_a[at])
			  : is_b ? &s[k].b[at]
				 : &s[k].a[at]) = v;
		}
	}
}

void model_fill(const struct model *m, uint64_t seed, struct series *s)
{
	for (size_t i = 0; i < SCENARIOS; i++) {
		struct rng r = rng_make(seed, i);

		fill_scenario(&r, m, i == 0 ? log1p(m->shift) : 0, s + i * METRICS);
	}
}
