/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time of the joint permutation of a campaign with all its metrics, on one core, without
 * simulation.
 */
#include "judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"

#define ROUNDS 5
#define SIZES 3
#define FULL_PERMUTATIONS 9999

static const size_t runs[SIZES] = { 5, 10, 20 }, metrics[SIZES] = { 25, 50, 100 };

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double time_one(size_t nr_metrics, size_t n, const double *y)
{
	size_t nr = SCENARIOS * nr_metrics;
	struct stat_hyp *h = xcalloc(nr, sizeof(*h));
	struct stat_group g[SCENARIOS];
	struct stat_maxt_opts o = { .permutations = FULL_PERMUTATIONS, .seed = 1, .alpha = ALPHA };
	double from;

	for (size_t i = 0; i < SCENARIOS; i++)
		g[i] = (struct stat_group){ n, n };
	for (size_t i = 0; i < nr; i++)
		h[i] = (struct stat_hyp){ .group = i / nr_metrics,
					  .y = y + i * 2 * n,
					  .var0 = 1,
					  .df0 = 20,
					  .floor_sd = .01 };
	from = cpu_s();
	stat_maxt(g, SCENARIOS, h, nr, &o, NULL);
	from = cpu_s() - from;
	free(h);
	return from;
}

void table_speed(struct sim *sim)
{
	size_t values = SCENARIOS * metrics[SIZES - 1] * 2 * runs[SIZES - 1];
	double *y = xmalloc(values * sizeof(*y)), took[SIZES][SIZES][ROUNDS], mid[SIZES][SIZES];
	struct rng r = rng_make(sim->seed, 7);

	for (size_t i = 0; i < values; i++)
		y[i] = draw_normal(&r);
	/* interleaved: a slow minute of the host hits every size */
	for (size_t k = 0; k < ROUNDS; k++)
		for (size_t i = 0; i < SIZES; i++)
			for (size_t j = 0; j < SIZES; j++)
				took[i][j][k] = time_one(metrics[i], runs[j], y);
	printf("\nTime of a judgement: %d scenarios, %d permutations, CPU seconds on one core, median of %d interleaved rounds\n"
	       "  metrics   5 runs a side   10 runs a side   20 runs a side    per doubling of the runs\n",
	       SCENARIOS, FULL_PERMUTATIONS, ROUNDS);
	for (size_t i = 0; i < SIZES; i++) {
		for (size_t j = 0; j < SIZES; j++)
			mid[i][j] = stat_median(took[i][j], ROUNDS);
		printf("  %7zu   %13.3f   %14.3f   %14.3f    x %.2f, x %.2f\n", metrics[i],
		       mid[i][0], mid[i][1], mid[i][2], mid[i][1] / mid[i][0],
		       mid[i][2] / mid[i][1]);
	}
	printf("  per doubling of the metrics:");
	for (size_t j = 0; j < SIZES; j++)
		printf("  x %.2f, x %.2f", mid[1][j] / mid[0][j], mid[2][j] / mid[1][j]);
	printf("\n");
	free(y);
}
