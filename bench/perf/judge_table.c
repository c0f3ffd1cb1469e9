/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rates of false alarms and of findings, counted over simulated campaigns. */
#include "judge.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define CONFIRMED_DECLARED .01
/* Of about thirty checked lines, one fails by chance in 1.5 % of all seeds */
#define CHECK_CONF .999

void print_rate(uint64_t k, uint64_t n)
{
	double lo, hi;

	stat_clopper_pearson((unsigned)k, (unsigned)n, .95, &lo, &hi);
	printf("%6.2f %% (%5.2f .. %5.2f)", 100 * (double)k / (double)n, 100 * lo, 100 * hi);
}

void check_rate(struct sim *sim, uint64_t k, uint64_t n, double declared)
{
	double lo, hi, sure_lo, sure_hi;
	const char *word = "inside";

	stat_clopper_pearson((unsigned)k, (unsigned)n, .95, &lo, &hi);
	stat_clopper_pearson((unsigned)k, (unsigned)n, CHECK_CONF, &sure_lo, &sure_hi);
	if (hi < declared)
		word = "below";
	else if (lo > declared)
		word = sure_lo > declared ? "ABOVE: DOES NOT HOLD"
					  : "just above, by chance at 99.9 %";
	printf("  %g %%: %s\n", 100 * declared, word);
	sim->lines++;
	sim->broken += sure_lo > declared;
	fflush(stdout);
}

uint64_t data_seed(const struct sim *sim, const struct model *m, uint64_t campaign)
{
	return rng_at(rng_at(sim->seed, m->noise * 16 + m->history), campaign) ^
	       (uint64_t)llround(m->shift * 1e6);
}

static double share(uint64_t k, uint64_t n)
{
	return (double)k / (double)n;
}

static bool any(const bool *v, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (v[i])
			return true;
	return false;
}

static size_t count(const bool *v, size_t from, size_t to)
{
	size_t n = 0;

	for (size_t i = from; i < to; i++)
		n += v[i];
	return n;
}

/* Results for shifted metrics (or, without a shift, for all metrics), counted over campaigns. */
struct tally {
	uint64_t campaigns, rejected, alarm, confirmed; /* the last three: campaigns with one */
	uint64_t metrics, rejected_metrics, alarm_metrics, confirmed_metrics, same_metrics;
	/* for the first metric alone: the metrics of a scenario depend on each other */
	uint64_t same_first;
	double runs; /* per side and scenario, mean */
};

static void tally_add(struct tally *t, const struct result *o, size_t to)
{
	double runs = 0;

	t->campaigns++;
	t->rejected += any(o->rejected, 0, to);
	t->alarm += any(o->alarm, 0, to);
	t->confirmed += any(o->confirmed, 0, to);
	t->metrics += to;
	t->rejected_metrics += count(o->rejected, 0, to);
	t->alarm_metrics += count(o->alarm, 0, to);
	t->confirmed_metrics += count(o->confirmed, 0, to);
	t->same_metrics += count(o->same, 0, to);
	t->same_first += o->same[0];
	for (size_t g = 0; g < SCENARIOS; g++)
		runs += (double)o->runs[g] / SCENARIOS;
	t->runs += (runs - t->runs) / (double)t->campaigns;
}

/* Simulates campaigns. @looks: the whole procedure; else n runs per side, judged once. */
static struct tally simulate(const struct sim *sim, const struct model *m, bool looks,
			     uint64_t campaigns)
{
	struct series *s = xcalloc(PRIMARY, sizeof(*s));
	struct tally t = { 0 };

	for (uint64_t c = 0; c < campaigns; c++) {
		struct result o;

		model_fill(m, data_seed(sim, m, c), s);
		if (looks)
			course_looks(s, sim->permutations, c, &o);
		else
			course_once(m, s, sim->permutations, c, &o);
		tally_add(&t, &o, m->shift == 0 ? PRIMARY : SHIFTED);
	}
	free(s);
	return t;
}

/* Counts campaigns and metrics with an alarm by another tool's rule on the same data. */
static struct tally simulate_rule(const struct sim *sim, const struct model *m, enum other rule,
				  uint64_t campaigns)
{
	struct series *s = xcalloc(PRIMARY, sizeof(*s));
	size_t to = m->shift == 0 ? PRIMARY : SHIFTED;
	struct tally t = { 0 };

	for (uint64_t c = 0; c < campaigns; c++) {
		size_t hits = 0;

		model_fill(m, data_seed(sim, m, c), s);
		for (size_t h = 0; h < to; h++)
			hits += other_differs(rule, s[h].a, s[h].b, m->n);
		t.campaigns++;
		t.alarm += hits > 0;
		t.metrics += to;
		t.alarm_metrics += hits;
	}
	free(s);
	return t;
}

/* ---------------------------------------------------------------- false alarms */

static void print_at(const struct model *m, const char *n)
{
	printf("  %-6s  %-12s  %4s  ", noise_names[m->noise], history_names[m->history], n);
}

static void rates_once(struct sim *sim)
{
	static const size_t sizes[] = { 5, 10, 20 };

	printf("\nJudged once, n runs a side: A/A campaigns of %d scenarios x %d primary metrics with at least one p <= alpha; "
	       "declared 5 %%\n"
	       "  noise   history          n     false campaigns (95 %% interval)   declared\n",
	       SCENARIOS, METRICS);
	for (enum noise noise = NORMAL; noise <= STUDENT3; noise++) {
		for (enum history history = HISTORY_NONE; history <= HISTORY_QUIET; history++) {
			for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
				struct model m = { .noise = noise,
						   .history = history,
						   .n = sizes[i] };
				struct tally t = simulate(sim, &m, false, sim->campaigns);
				char n[8];

				snprintf(n, sizeof(n), "%zu", sizes[i]);
				print_at(&m, n);
				print_rate(t.rejected, t.campaigns);
				check_rate(sim, t.rejected, t.campaigns, ALPHA);
			}
		}
	}
}

static void rates_looks(struct sim *sim)
{
	struct tally all[2][3];

	printf("\nThe whole course: looks at 5, 10, 15, 20 runs a side with .01 .01 .015 .015, "
	       "decided scenarios frozen; declared 5 %%\n"
	       "  noise   history      looks     false campaigns (95 %% interval)   declared\n");
	for (enum noise noise = NORMAL; noise <= STUDENT3; noise++) {
		for (enum history history = HISTORY_NONE; history <= HISTORY_QUIET; history++) {
			struct model m = { .noise = noise, .history = history };
			struct tally t = simulate(sim, &m, true, sim->campaigns);

			print_at(&m, "1-4");
			print_rate(t.rejected, t.campaigns);
			check_rate(sim, t.rejected, t.campaigns, ALPHA);
			all[noise][history] = t;
		}
	}
	printf("\nAfter %d fresh runs a side of what alarmed, one-sided exact permutation, Holm at .01; declared 1 %%\n"
	       "  noise   history      looks     confirmed campaigns (95 %% interval)  declared\n",
	       FRESH);
	for (enum noise noise = NORMAL; noise <= STUDENT3; noise++) {
		for (enum history history = HISTORY_NONE; history <= HISTORY_QUIET; history++) {
			struct model m = { .noise = noise, .history = history };
			const struct tally *t = &all[noise][history];

			print_at(&m, "1-4");
			print_rate(t->confirmed, t->campaigns);
			check_rate(sim, t->confirmed, t->campaigns, CONFIRMED_DECLARED);
		}
	}
	printf("\nWhat the course made of A/A campaigns: metrics SAME, runs a side and scenario (of 20)\n");
	for (enum noise noise = NORMAL; noise <= STUDENT3; noise++) {
		for (enum history history = HISTORY_NONE; history <= HISTORY_QUIET; history++) {
			struct model m = { .noise = noise, .history = history };
			const struct tally *t = &all[noise][history];

			print_at(&m, "1-4");
			printf("%6.2f %% SAME  %5.1f runs\n",
			       100 * (double)t->same_metrics / (double)t->metrics, t->runs);
		}
	}
}

/* Counts how often SAME is said of a metric that moved by exactly the floor. */
void table_same(struct sim *sim)
{
	printf("\nSAME said of a metric whose true shift is the floor, %g %%; declared 5 %%, all looks together\n"
	       "  noise   history      looks     falsely SAME (95 %% interval)      declared\n",
	       100 * FLOOR);
	for (enum noise noise = NORMAL; noise <= STUDENT3; noise++) {
		for (enum history history = HISTORY_NONE; history <= HISTORY_QUIET; history++) {
			struct model m = { .noise = noise, .history = history, .shift = FLOOR };
			struct tally t = simulate(sim, &m, true, (sim->campaigns + 1) / 2);

			print_at(&m, "1-4");
			print_rate(t.same_first, t.campaigns);
			if (history == HISTORY_QUIET)
				printf("  (the history promises less noise than there is: nothing is declared)\n");
			else
				check_rate(sim, t.same_first, t.campaigns, ALPHA);
		}
	}
}

void table_rules(struct sim *sim)
{
	static const size_t sizes[] = { 5, 10 };

	printf("\nOther rules on the same A/A data: none declares a rate for a campaign\n"
	       "  rule               noise     n   false metrics    false campaigns\n");
	for (enum other rule = 0; rule < NR_OTHERS; rule++) {
		for (enum noise noise = NORMAL; noise <= STUDENT3; noise++) {
			for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
				struct model m = { .noise = noise,
						   .history = HISTORY_SAME,
						   .n = sizes[i] };
				struct tally t = simulate_rule(sim, &m, rule, sim->campaigns);

				printf("  %-17s  %-6s  %3zu ", other_names[rule],
				       noise_names[noise], sizes[i]);
				printf("%6.2f %%          ",
				       100 * share(t.alarm_metrics, t.metrics));
				print_rate(t.alarm, t.campaigns);
				printf("\n");
				fflush(stdout);
			}
		}
	}
}

void table_rates(struct sim *sim)
{
	rates_once(sim);
	rates_looks(sim);
}

/* ---------------------------------------------------------------- power */

/*
 * Figures of the reference simulation, [ref] in harness/man/judging.md; NAN where it has no figure.
 */
static const struct {
	enum noise noise;
	double shift;
	size_t n;
	double reference;
} powers[] = {
	{ NORMAL, .03, 5, .06 },    { NORMAL, .05, 5, .43 },	{ NORMAL, .10, 5, .99 },
	{ NORMAL, .03, 10, .19 },   { NORMAL, .05, 10, .73 },	{ NORMAL, .10, 10, 1.0 },
	{ NORMAL, .03, 16, .36 },   { NORMAL, .05, 16, .99 },	{ NORMAL, .10, 16, 1.0 },
	{ NORMAL, .03, 20, .58 },   { NORMAL, .05, 20, 1.0 },	{ NORMAL, .10, 20, 1.0 },
	{ STUDENT3, .03, 10, NAN }, { STUDENT3, .05, 10, .43 }, { STUDENT3, .10, 10, NAN },
	{ STUDENT3, .03, 20, NAN }, { STUDENT3, .05, 20, NAN }, { STUDENT3, .10, 20, NAN },
};

static void power_once(struct sim *sim, uint64_t campaigns)
{
	printf("\nPower, judged once, history of the same noise: %d of %d metrics of one scenario shifted, "
	       "alarm at 5 %% a campaign.\n"
	       "Ours: a shifted metric rejected / at least one of the two; then [ref] of harness/man/judging.md, then shares of metrics found "
	       "by the others\n"
	       "  noise     n  shift   metric  either  [ref]   Mann-Whitney    lkp   mmtests\n",
	       SHIFTED, METRICS);
	for (size_t i = 0; i < ARRAY_SIZE(powers); i++) {
		struct model m = { .noise = powers[i].noise,
				   .history = HISTORY_SAME,
				   .shift = powers[i].shift,
				   .n = powers[i].n };
		struct tally t = simulate(sim, &m, false, campaigns);

		printf("  %-6s  %3zu  %4.0f %%   %5.2f   %5.2f  ", noise_names[m.noise], m.n,
		       100 * m.shift, share(t.rejected_metrics, t.metrics),
		       share(t.rejected, t.campaigns));
		if (isnan(powers[i].reference))
			printf("    - ");
		else
			printf("  %4.2f", powers[i].reference);
		for (enum other rule = 0; rule < NR_OTHERS; rule++) {
			t = simulate_rule(sim, &m, rule, campaigns);
			printf("  %*.2f",
			       rule == OTHER_MANN_WHITNEY ? 12
			       : rule == OTHER_LKP	  ? 6
							  : 7,
			       share(t.alarm_metrics, t.metrics));
		}
		printf("\n");
		fflush(stdout);
	}
}

static void power_looks(struct sim *sim, uint64_t campaigns)
{
	static const double shifts[] = { .03, .05, .10 };

	printf("\nPower of the whole course (floor %g %%: a smaller estimate is SMALL, no alarm)\n"
	       "  noise   history       shift   found: metric  either   confirmed: metric  either   SAME   runs a side\n",
	       100 * FLOOR);
	for (enum noise noise = NORMAL; noise <= STUDENT3; noise++) {
		for (enum history history = HISTORY_NONE; history <= HISTORY_SAME; history++) {
			for (size_t i = 0; i < ARRAY_SIZE(shifts); i++) {
				struct model m = { .noise = noise,
						   .history = history,
						   .shift = shifts[i] };
				struct tally t = simulate(sim, &m, true, campaigns);

				printf("  %-6s  %-12s  %3.0f %%           %5.2f   %5.2f               %5.2f   %5.2f  %5.2f   %5.1f\n",
				       noise_names[noise], history_names[history], 100 * shifts[i],
				       share(t.alarm_metrics, t.metrics),
				       share(t.alarm, t.campaigns),
				       share(t.confirmed_metrics, t.metrics),
				       share(t.confirmed, t.campaigns),
				       share(t.same_metrics, t.metrics), t.runs);
				fflush(stdout);
			}
		}
	}
}

/*
 * The root mean square of the first metric's MDE in campaigns without a shift. The MDE goes with
 * the standard deviation that a campaign estimates, and this mean of that is the true one.
 */
static double mean_mde(const struct sim *sim, const struct model *m, uint64_t campaigns)
{
	struct series *s = xcalloc(PRIMARY, sizeof(*s));
	double sum = 0;

	for (uint64_t c = 0; c < campaigns; c++) {
		struct result o;

		model_fill(m, data_seed(sim, m, c), s);
		course_once(m, s, sim->permutations, c, &o);
		sum += o.mde[0] * o.mde[0];
	}
	free(s);
	return sqrt(sum / (double)campaigns);
}

/* How often the shift is found that campaigns say they would find four times in five. */
void table_mde(struct sim *sim)
{
	static const size_t sizes[] = { 5, 10, 20 };
	uint64_t campaigns = (sim->campaigns + 1) / 2;

	printf("\nPower at the MDE (root mean square of campaigns), declared .80\n"
	       "  noise   history         n   MDE       found\n");
	for (enum history history = HISTORY_NONE; history <= HISTORY_SAME; history++) {
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			struct model m = { .noise = NORMAL, .history = history, .n = sizes[i] };
			struct tally t;

			m.shift = mean_mde(sim, &m, campaigns);
			t = simulate(sim, &m, false, campaigns);
			printf("  %-6s  %-12s  %3zu  %5.1f %%    %.2f\n", noise_names[m.noise],
			       history_names[history], m.n, 100 * m.shift,
			       share(t.rejected_metrics, t.metrics));
			fflush(stdout);
		}
	}
}

void table_power(struct sim *sim)
{
	uint64_t campaigns = (sim->campaigns + 3) / 4;

	power_once(sim, campaigns);
	power_looks(sim, campaigns);
}
