/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The judge on simulated campaigns: how often it alarms when nothing changed (A/A), how often it finds a
 * shift, and how long the permutations take. judge [CAMPAIGNS [PERMUTATIONS]]    default 400 campaigns of 30
 * scenarios x 4 metrics, 999 permutations each Noise: the logarithm of a metric has a standard deviation of 3
 * % (normal, or Student t with 3 degrees of freedom and the same quartiles); 70 % of its variance comes from
 * 5 factors that the metrics of a scenario share.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "judge/stats.h"

#define SCENARIOS 30
#define METRICS 4
#define FACTORS 5
#define RUNS_MAX 20  /* of both sides */
#define PAST_RUNS 21 /* of history: 20 degrees of freedom */
#define NOISE_SD .03
#define SHARED .7
#define ALPHA .05

enum noise { NORMAL, STUDENT3 };
static const char *const noise_names[] = { "normal", "t3" };

struct model {
	enum noise noise;
	size_t n;     /* runs a side */
	double shift; /* of the logarithm, in the first two metrics of the first scenario */
	bool history; /* variance moderated with PAST_RUNS earlier runs */
	uint64_t permutations;
};

struct campaign {
	double y[SCENARIOS * METRICS][RUNS_MAX + PAST_RUNS];
	struct stat_hyp hyp[SCENARIOS * METRICS];
	struct stat_group group[SCENARIOS];
};

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double normal(struct rng *r)
{
	double u = ((double)(rng_next(r) >> 11) + .5) * 0x1p-53, v = rng_unit(r);

	return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

/* Standard normal, or t3 scaled to the quartiles of the standard normal (.6745 / .7649). */
static double draw(struct rng *r, enum noise noise)
{
	double z = normal(r), chi = 0;

	if (noise == NORMAL)
		return z;
	for (int i = 0; i < 3; i++) {
		double x = normal(r);

		chi += x * x;
	}
	return z / sqrt(chi / 3) * .6744897502 / .7648923284;
}

static void fill(struct campaign *c, const struct model *m, uint64_t seed)
{
	for (size_t s = 0; s < SCENARIOS; s++) {
		struct rng r = rng_make(seed, s);
		double load[METRICS][FACTORS];

		for (size_t k = 0; k < METRICS; k++) {
			double norm = 0;

			for (size_t f = 0; f < FACTORS; f++) {
				load[k][f] = normal(&r);
				norm += load[k][f] * load[k][f];
			}
			for (size_t f = 0; f < FACTORS; f++)
				load[k][f] *= sqrt(SHARED / norm);
		}
		c->group[s] = (struct stat_group){ m->n, m->n };
		for (size_t i = 0; i < 2 * m->n + PAST_RUNS; i++) {
			double factor[FACTORS];

			for (size_t f = 0; f < FACTORS; f++)
				factor[f] = draw(&r, m->noise);
			for (size_t k = 0; k < METRICS; k++) {
				double y = sqrt(1 - SHARED) * draw(&r, m->noise);

				for (size_t f = 0; f < FACTORS; f++)
					y += load[k][f] * factor[f];
				c->y[s * METRICS + k][i] =
					NOISE_SD * y +
					(s == 0 && k < 2 && i >= m->n && i < 2 * m->n ? m->shift : 0);
			}
		}
	}
	for (size_t h = 0; h < SCENARIOS * METRICS; h++)
		c->hyp[h] = (struct stat_hyp){ .group = h / METRICS,
					       .y = c->y[h],
					       .df0 = m->history ? PAST_RUNS - 1 : 0,
					       .var0 = stat_var(c->y[h] + 2 * m->n, PAST_RUNS) };
}

/* Campaigns of @nr with a false alarm, and those in which a shifted metric was found. */
static void count_alarms(const struct model *m, uint64_t nr, uint64_t *alarms, uint64_t *found)
{
	struct campaign *c = xmalloc(sizeof(*c));

	*alarms = *found = 0;
	for (uint64_t i = 0; i < nr; i++) {
		bool alarm = false, hit = false;

		fill(c, m, i * 977 + m->n * 7 + m->noise);
		stat_maxt(c->group, SCENARIOS, c->hyp, SCENARIOS * METRICS, m->permutations, i, ALPHA, NULL);
		for (size_t h = 0; h < SCENARIOS * METRICS; h++) {
			bool shifted = m->shift != 0 && h < 2;

			if (c->hyp[h].p_adj <= ALPHA)
				*(shifted ? &hit : &alarm) = true;
		}
		*alarms += alarm;
		*found += hit;
	}
	free(c);
}

static void print_rate(const char *what, const struct model *m, uint64_t k, uint64_t nr)
{
	/* two-sided 95 %: each bound at 97.5 %; the lower one of k of n is 1 - the upper one of n - k of n */
	double hi = stat_clopper_pearson_upper((unsigned)k, (unsigned)nr, .975);
	double lo = 1 - stat_clopper_pearson_upper((unsigned)(nr - k), (unsigned)nr, .975);

	printf("%-7s n=%-2zu %-6s %-10s %4" PRIu64 " of %-5" PRIu64 " %5.1f %%  (95 %%: %.1f to %.1f %%)\n",
	       what, m->n, noise_names[m->noise], m->history ? "history" : "no history", k, nr,
	       100 * (double)k / (double)nr, 100 * lo, 100 * hi);
	fflush(stdout);
}

static void print_speed(void)
{
	struct model m = { .noise = NORMAL, .n = 10, .permutations = 9999 };
	struct campaign *c = xmalloc(sizeof(*c));
	struct stat_maxt_info info;
	double t;

	fill(c, &m, 1);
	t = now_s();
	stat_maxt(c->group, SCENARIOS, c->hyp, SCENARIOS * METRICS, m.permutations, 1, ALPHA, &info);
	printf("speed   %d scenarios x %d metrics x %zu runs, %" PRIu64 " permutations: %.2f s\n", SCENARIOS,
	       METRICS, 2 * m.n, info.permutations, now_s() - t);
	free(c);
}

int main(int argc, char **argv)
{
	static const size_t sizes[] = { 4, 5, 10 };
	uint64_t nr = argc > 1 ? strtoull(argv[1], NULL, 10) : 400,
		 permutations = argc > 2 ? strtoull(argv[2], NULL, 10) : 999;
	uint64_t alarms, found;

	if (!nr || !permutations || nr > 1000000) {
		fputs("usage: judge [CAMPAIGNS [PERMUTATIONS]]\n", stderr);
		return 2;
	}
	print_speed();
	for (int history = 0; history < 2; history++) {
		for (int noise = NORMAL; noise <= STUDENT3; noise++) {
			for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
				struct model m = { .noise = (enum noise)noise,
						   .n = sizes[i],
						   .history = history,
						   .permutations = permutations };

				count_alarms(&m, nr, &alarms, &found);
				print_rate("A/A", &m, alarms, nr);
			}
		}
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			struct model m = { .n = sizes[i],
					   .history = history,
					   .shift = log(1.10),
					   .permutations = permutations };

			count_alarms(&m, (nr + 3) / 4, &alarms, &found);
			print_rate("+10 %", &m, found, (nr + 3) / 4);
		}
	}
	return 0;
}
