/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Change points in series without a change: how often one is found, and how often the host is
 * refused because it drifts.
 */
#include "judge.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/alloc.h"

#define NIGHTS 100
#define SERIES_PERMUTATIONS 999
#define STEP 2 /* in standard deviations */

static void make_series(struct rng *r, enum noise noise, double phi, double x[NIGHTS])
{
	double at = 0;

	for (int warm = 0; warm < 50; warm++)
		at = phi * at + draw_noise(r, noise);
	for (size_t i = 0; i < NIGHTS; i++)
		x[i] = at = phi * at + draw_noise(r, noise);
}

static void trend_rates(struct sim *sim)
{
	static const struct {
		const char *name;
		enum noise noise;
		double phi;
		bool declared;
		const char *reference;
	} cases[] = {
		{ "independent, normal", NORMAL, 0, true, ".047 - .053" },
		{ "independent, t3", STUDENT3, 0, true, ".032 - .054" },
		{ "AR(1), .3", NORMAL, .3, false, ".057" },
		{ "AR(1), .5", NORMAL, .5, false, ".086" },
	};

	printf("\nChange points, %d nights without a change, blocks of 10, declared 5 %% of series of independent nights\n"
	       "  nights                 p <= .05 (95 %% interval)     [ref]        refused as drift   false verdicts given\n",
	       NIGHTS);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t found = 0, refused = 0, wrong = 0;
		struct stat_trend_opts o;

		stat_trend_opts_init(&o);
		o.permutations = SERIES_PERMUTATIONS;
		for (uint64_t c = 0; c < sim->campaigns; c++) {
			struct rng r = rng_make(rng_at(sim->seed, 1000 + i), c);
			double x[NIGHTS];
			struct stat_trend t;

			make_series(&r, cases[i].noise, cases[i].phi, x);
			o.seed = c;
			stat_trend(x, NIGHTS, &o, &t);
			found += t.best.p <= o.alpha;
			refused += t.drifts;
			wrong += t.best.p <= o.alpha && !t.drifts;
			stat_trend_release(&t);
		}
		printf("  %-20s ", cases[i].name);
		print_rate(found, sim->campaigns);
		printf("   %-11s  %6.2f %%           %6.2f %%", cases[i].reference,
		       100 * (double)refused / (double)sim->campaigns,
		       100 * (double)wrong / (double)sim->campaigns);
		if (cases[i].declared)
			check_rate(sim, found, sim->campaigns, ALPHA);
		else
			printf("\n");
		fflush(stdout);
	}
}

/* Share of series with a change found at p <= alpha, when the last nights are STEP higher. */
static double step_found(const struct sim *sim, size_t after, const struct stat_trend_opts *opts,
			 uint64_t nr)
{
	struct stat_trend_opts o = *opts;
	uint64_t found = 0;

	for (uint64_t c = 0; c < nr; c++) {
		struct rng r = rng_make(rng_at(sim->seed, 2000), c);
		double x[NIGHTS];
		struct stat_trend t;

		make_series(&r, NORMAL, 0, x);
		for (size_t i = NIGHTS - after; i < NIGHTS; i++)
			x[i] += STEP;
		o.seed = c;
		stat_trend(x, NIGHTS, &o, &t);
		found += t.best.p <= o.alpha;
		stat_trend_release(&t);
	}
	return (double)found / (double)nr;
}

static void trend_power(struct sim *sim)
{
	static const struct {
		size_t block;
		double alpha;
		const char *reference;
	} cases[] = {
		{ 1, .01, ".39  .74  .99" },
		{ 1, .05, "-" },
		{ 10, .05, "-" },
	};
	uint64_t nr = (sim->campaigns + 3) / 4;

	printf("\nA step of %d standard deviations in independent nights is found after 3, 5, 10 nights\n"
	       "  block  p <=      3     5    10    [ref]\n",
	       STEP);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct stat_trend_opts o;

		stat_trend_opts_init(&o);
		o.block = cases[i].block;
		o.alpha = cases[i].alpha;
		o.permutations = SERIES_PERMUTATIONS;
		printf("  %5zu   %.2f   %.2f  %.2f  %.2f    %s\n", o.block, o.alpha,
		       step_found(sim, 3, &o, nr), step_found(sim, 5, &o, nr),
		       step_found(sim, 10, &o, nr), cases[i].reference);
		fflush(stdout);
	}
}

void table_trend(struct sim *sim)
{
	trend_rates(sim);
	trend_power(sim);
}
