/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics in one family that have unlike numbers of runs: in the course a scenario that the first
 * look decided keeps its five runs per side beside others with twenty. And a metric whose runs of B
 * are in two states, on both sides of A.
 */
#include "judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"

#define OPEN_RUNS 20
#define OPEN_ALPHA .015 /* of the fourth look */
#define SHIFT_SD 1.5

/* Campaigns with a rejected metric, and rejected ones among the shifted metrics. */
struct count {
	uint64_t campaigns, alarms, shifted, found;
};

static struct count simulate(const struct sim *sim, const struct model *m, uint64_t campaigns)
{
	struct series *s = xcalloc(PRIMARY, sizeof(*s));
	struct count n = { .campaigns = campaigns };

	for (uint64_t c = 0; c < campaigns; c++) {
		struct result r;
		bool any = false;

		model_fill(m, data_seed(sim, m, c), s);
		course_once(m, s, sim->permutations, c, &r);
		for (size_t h = 0; h < PRIMARY; h++)
			any |= r.rejected[h];
		n.alarms += any;
		for (size_t h = 0; h < SHIFTED; h++)
			n.found += r.rejected[h];
	}
	n.shifted = campaigns * SHIFTED;
	free(s);
	return n;
}

/* Figures of another implementation, [audit] in harness/man/judging.md: t, and z of t. */
static const struct {
	size_t open, frozen;
	const char *audit;
} cases[] = {
	{ 6, 0, ".86  .88" },
	{ 1, 2, ".59  .82" },
	{ 1, 5, ".32  .65" },
	{ 10, 20, ".105  -" },
};

void table_frozen(struct sim *sim)
{
	printf("\nScenarios decided early: those still open have %d runs a side, the decided ones %d; normal noise, no history, "
	       "alpha %g.\n"
	       "Power: %d of %d metrics of one open scenario shifted by %g standard deviations; [audit] has other metrics\n"
	       "  open  decided   power   [audit] t, z     false campaigns (95 %% interval)   declared\n",
	       OPEN_RUNS, FROZEN_RUNS, OPEN_ALPHA, SHIFTED, METRICS, SHIFT_SD);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct model m = { .n = OPEN_RUNS,
				   .scenarios = cases[i].open + cases[i].frozen,
				   .frozen = cases[i].frozen,
				   .alpha = OPEN_ALPHA,
				   .shift = expm1(SHIFT_SD * NOISE_SD) };
		struct count n = simulate(sim, &m, (sim->campaigns + 3) / 4);

		printf("  %4zu  %7zu   %5.2f   %-12s   ", cases[i].open, cases[i].frozen,
		       (double)n.found / (double)n.shifted, cases[i].audit);
		m.shift = 0;
		n = simulate(sim, &m, sim->campaigns);
		print_rate(n.alarms, n.campaigns);
		check_rate(sim, n.alarms, n.campaigns, OPEN_ALPHA);
	}
}

/* Runs of B that are a tenth lower, of OPEN_RUNS; the others are four times as high. */
static const size_t lower[] = { 9, 11, 13, 15, 17, 19 };

void table_states(struct sim *sim)
{
	struct series *s = xcalloc(PRIMARY, sizeof(*s));
	uint64_t campaigns = (sim->campaigns + 9) / 10;

	printf("\nTwo states: of %d runs of B some are 10 %% below A and the others at 4 times A, "
	       "judged once among %d metrics\n"
	       "  10 %% below   IMPROVED   REGRESSED   neither\n",
	       OPEN_RUNS, METRICS);
	for (size_t i = 0; i < sizeof(lower) / sizeof(lower[0]); i++) {
		struct model m = { .n = OPEN_RUNS, .scenarios = 1 };
		uint64_t improved = 0, alarms = 0;

		for (uint64_t c = 0; c < campaigns; c++) {
			struct result r;

			model_fill(&m, data_seed(sim, &m, c), s);
			for (size_t k = 0; k < OPEN_RUNS; k++)
				s[0].b[k] += k < lower[i] ? log(.9) : log(4);
			course_once(&m, s, sim->permutations, c, &r);
			improved += r.improved[0];
			alarms += r.alarm[0];
		}
		printf("  %7zu of %d   %8.2f   %9.2f   %7.2f\n", lower[i], OPEN_RUNS,
		       (double)improved / (double)campaigns,
		       (double)(alarms - improved) / (double)campaigns,
		       1 - (double)alarms / (double)campaigns);
	}
	free(s);
}
