/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Step-down max-T over many metrics, against R and against its definition. */
#include "stats/row.h"
#include "test_stats.h"

#define OPTS(nr, s)                \
	(&(struct stat_maxt_opts){ \
		.exact_max = 20000, .permutations = (nr), .seed = (s), .alpha = .05 })

/* Runs stat_maxt() and compares |T|, raw and adjusted p with those of mt.maxT. */
static void expect_maxt(const char *name, const double *rows, size_t nr_rows, size_t na, size_t nb,
			uint64_t permutations)
{
	struct stat_group g = { na, nb };
	struct stat_hyp h[4] = { 0 };
	struct stat_maxt_info info;
	double want[12];

	for (size_t i = 0; i < nr_rows; i++)
		h[i].y = rows + i * (na + nb);
	cr_assert_eq(golden(name, want, 12), 3 * nr_rows);
	cr_assert_eq(stat_maxt(&g, 1, h, nr_rows, OPTS(permutations, 1), &info), 0);
	cr_assert(info.exact);
	for (size_t i = 0; i < nr_rows; i++) {
		ASSERT_NEAR(copysign(h[i].t, h[i].diff), want[i], 1e-11);
		ASSERT_NEAR(h[i].p_raw, want[nr_rows + i], 1e-11);
		ASSERT_NEAR(h[i].p_adj, want[2 * nr_rows + i], 1e-11);
	}
}

Test(stats, maxt_small)
{
	double rows[32];

	cr_assert_eq(golden("maxt_4_rows", rows, 32), 32);
	expect_maxt("maxt_4", rows, 4, 4, 4, 999);
	expect_maxt("maxt_3_5", rows, 4, 3, 5, 999);
}

/* 184,756 relabellings: enumerated because as many may be drawn. */
Test(stats, maxt_large)
{
	double rows[40] = { [20] = 1.10, 1.02, .95,  1.01, .99, 1.05, .98,  1.03, 1,	.97,
			    1.01,	 .96,  1.04, 1.06, .94, 1.07, 1.02, .93,  1.08, .92 };

	memcpy(rows, a, sizeof(a));
	memcpy(rows + 10, b, sizeof(b));
	expect_maxt("maxt_10", rows, 2, 10, 10, 184756);
}

Test(stats, maxt_moderated)
{
	double y[20], want[2];
	struct stat_group g = { 10, 10 };
	struct stat_hyp h = { .y = y, .var0 = .03 * .03, .df0 = 20 };

	memcpy(y, a, sizeof(a));
	memcpy(y + 10, b, sizeof(b));
	golden("moderated", want, 2);
	cr_assert_eq(stat_maxt(&g, 1, &h, 1, OPTS(99, 1), NULL), 0);
	ASSERT_NEAR(h.t, want[1], 1e-11);
	ASSERT_NEAR((38 * h.s * h.s - 20 * .03 * .03) / 18, want[0], 1e-11);
}

/* Drawn p-values count the real labelling once, depend on the seed alone and lie near the exact
 * ones. */
Test(stats, maxt_drawn)
{
	double y[20];
	struct stat_group g = { 10, 10 };
	struct stat_hyp h[3] = { { .y = y }, { .y = y }, { .y = y } };
	struct stat_maxt_info info[3];

	memcpy(y, a, sizeof(a));
	memcpy(y + 10, b, sizeof(b));
	for (int i = 0; i < 3; i++)
		cr_assert_eq(stat_maxt(&g, 1, &h[i], 1, OPTS(9999, i == 2 ? 8 : 7), &info[i]), 0);
	cr_assert(!info[0].exact && info[0].permutations == 9999);
	cr_assert_eq(h[0].p_raw, h[1].p_raw);
	cr_assert_eq(info[0].z_crit, info[1].z_crit);
	cr_assert_neq(info[0].z_crit, info[2].z_crit);
	cr_assert_float_eq(h[0].p_raw, .003095975, .002);
	ASSERT_NEAR(h[0].p_raw * 10000, round(h[0].p_raw * 10000), 1e-9);
	cr_assert_geq(h[0].p_raw, 1e-4);
	cr_assert_float_eq(info[0].z_crit, 2.1, .15);
}

/* Two groups are relabelled separately: 6 x 6 relabellings, and a hypothesis pays for the maximum
 * over both. */
Test(stats, maxt_groups)
{
	static const double low[] = { 1, 2, 11, 12 }, flat[] = { 5, 7, 6, 6 };
	struct stat_group g[] = { { 2, 2 }, { 2, 2 }, { 5, 5 } };
	struct stat_hyp h[] = { { .group = 0, .y = low }, { .group = 1, .y = flat } };
	struct stat_maxt_info info;

	cr_assert_eq(stat_maxt(g, 3, h, 2, OPTS(99, 1), &info), 0);
	cr_assert(info.exact);
	cr_assert_eq(info.permutations, 36);
	ASSERT_NEAR(h[0].p_raw, 2 / 6.0, 1e-12);
	ASSERT_NEAR(h[0].p_adj, 12 / 36.0, 1e-12);
	cr_assert_eq(h[1].p_adj, 1.0);
	/* 36 relabellings, the largest value in 12 of them: nothing can reach .05 */
	cr_assert(isinf(info.z_crit));
}

Test(stats, maxt_zero_variance)
{
	static const double apart[] = { 1, 1, 1, 1, 2, 2, 2, 2 },
			    same[] = { 3, 3, 3, 3, 3, 3, 3, 3 };
	struct stat_group g = { 4, 4 };
	struct stat_hyp h[] = {
		{ .y = apart, .floor_sd = .1 },
		{ .y = same, .floor_sd = .1 },
		{ .y = same },
		{ .y = apart },
	};

	cr_assert_eq(stat_maxt(&g, 1, h, 4, OPTS(99, 1), NULL), 0);
	ASSERT_NEAR(h[0].t, 1 / (.1 * sqrt(.5)), 1e-12);
	ASSERT_NEAR(h[0].p_raw, 2 / 70.0, 1e-12);
	cr_assert(h[1].t == 0 && h[1].p_adj == 1 && h[2].t == 0 && h[2].p_adj == 1);
	cr_assert(isinf(h[3].t));
	ASSERT_NEAR(h[3].p_adj, 2 / 70.0, 1e-12);
}

Test(stats, maxt_bad_input)
{
	struct stat_group g = { 2, 0 };
	struct stat_hyp h = { .y = a };

	cr_assert_lt(stat_maxt(&g, 1, &h, 0, OPTS(99, 1), NULL), 0);
	cr_assert_lt(stat_maxt(&g, 1, &h, 1, OPTS(99, 1), NULL), 0);
	h.group = 3;
	cr_assert_lt(stat_maxt(&g, 1, &h, 1, OPTS(99, 1), NULL), 0);
}

/*
 * p-values of noise alone are uniform: at most 5 % + chance of 400 seeded campaigns of 6 metrics
 * alarm at .05.
 */
Test(stats, maxt_false_alarms)
{
	unsigned alarms = 0;

	for (uint64_t c = 0; c < 400; c++) {
		double y[6][10];
		struct stat_group g[2] = { { 5, 5 }, { 5, 5 } };
		struct stat_hyp h[6] = { 0 };
		struct rng r = rng_make(42, c);
		bool alarm = false;

		for (size_t m = 0; m < 6; m++) {
			h[m].group = m / 3;
			h[m].y = y[m];
			for (size_t i = 0; i < 10; i++)
				y[m][i] = stat_norm_inv(.5 / 9007199254740992.0 + rng_unit(&r));
		}
		stat_maxt(g, 2, h, 6, OPTS(199, c), NULL);
		for (size_t m = 0; m < 6; m++)
			alarm |= h[m].p_adj <= .05;
		alarms += alarm;
	}
	cr_assert_leq(alarms, 33, "%u alarms of 400",
		      alarms); /* P(Binomial(400, .05) > 33) = .002 */
	cr_assert_geq(alarms, 6, "%u alarms of 400: the level is not used", alarms);
}

/* The prior that limma finds in eight rows gives limma's moderated t and p. */
Test(stats, maxt_limma)
{
	double rows[160], prior[2], t[8], s[8], p[8];
	struct stat_hyp h[8] = { 0 };
	struct stat_group g = { 10, 10 };

	both_sides(rows);
	cr_assert_eq(golden("row2", rows + 20, 20), 20);
	cr_assert_eq(golden("limma_rows", rows + 40, 120), 120);
	golden("limma_prior", prior, 2);
	for (size_t i = 0; i < 8; i++)
		h[i] = (struct stat_hyp){ .y = rows + i * 20, .var0 = prior[0], .df0 = prior[1] };
	cr_assert_eq(stat_maxt(&g, 1, h, 8, OPTS(99, 1), NULL), 0);
	for (size_t i = 0; i < 8; i++) {
		t[i] = copysign(h[i].t, h[i].diff);
		s[i] = h[i].s;
		p[i] = 2 * stat_t_cdf(-h[i].t, 18 + prior[1]);
	}
	expect("limma_t", t, 8, 1e-11);
	expect("limma_sd", s, 8, 1e-11);
	expect("limma_p", p, 8, 1e-10);
}

/* t by its definition, one relabelling at a time: the blocks of stat_maxt() must agree with it. */
static double plain_t(const struct stat_hyp *h, const struct stat_group *g, const unsigned *is_b)
{
	size_t n = g->na + g->nb, at[2] = { 0, 0 };
	double side[2][32], var;

	for (size_t i = 0; i < n; i++)
		side[is_b[i]][at[is_b[i]]++] = h->y[i];
	var = (double)(g->na - 1) * stat_var(side[0], g->na) +
	      (double)(g->nb - 1) * stat_var(side[1], g->nb);
	var = fmax((var + h->df0 * h->var0) / ((double)n - 2 + h->df0), h->floor_sd * h->floor_sd);
	return fabs(stat_mean(side[1], g->nb) - stat_mean(side[0], g->na)) /
	       sqrt(var * (1.0 / (double)g->na + 1.0 / (double)g->nb));
}

static double plain_z(const struct stat_hyp *h, const struct stat_group *g, const unsigned *is_b)
{
	double df = (double)(g->na + g->nb) - 2 + h->df0, t = plain_t(h, g, is_b);

	return (8 * df + 1) / (8 * df + 3) * sqrt(df * log1p(t * t / df));
}

/* Adjusted p of the hypotheses @by falling z among all labels of one group, by counting bits. */
static void plain_maxt(const struct stat_hyp *h, const size_t *by, size_t nr,
		       const struct stat_group *g, double *p)
{
	size_t n = g->na + g->nb, all = 0, reached[8] = { 0 };
	double most = 0;

	for (uint64_t bits = 0; bits < UINT64_C(1) << n; bits++) {
		unsigned is_b[32];
		double u = 0;

		if ((size_t)__builtin_popcountll(bits) != g->nb)
			continue;
		for (size_t i = 0; i < n; i++)
			is_b[i] = bits >> i & 1;
		for (size_t i = nr; i-- > 0;) {
			u = fmax(u, plain_z(&h[by[i]], g, is_b));
			reached[i] += u >= h[by[i]].z * (1 - 1e-9);
		}
		all++;
	}
	for (size_t i = 0; i < nr; i++) {
		most = fmax(most, (double)reached[i] / (double)all);
		p[by[i]] = most;
	}
}

Test(stats, maxt_by_definition)
{
	for (uint64_t c = 0; c < 12; c++) {
		struct rng r = rng_make(3, c);
		struct stat_group g = { 4 + c % 3, 3 + c % 4 };
		struct stat_hyp h[6] = { 0 };
		double y[6][16], p[6];
		size_t by[6];

		for (size_t k = 0; k < 6; k++) {
			for (size_t i = 0; i < g.na + g.nb;
			     i++) /* every third on a grid: many ties */
				y[k][i] = k % 3 ? rng_unit(&r) + (double)k
						: (double)rng_below(&r, 4) * .1;
			h[k] = (struct stat_hyp){
				.y = y[k], .var0 = .2, .df0 = k % 2 ? 3 : 0, .floor_sd = .01
			};
		}
		stat_maxt(&g, 1, h, 6, OPTS(99, 1), NULL);
		for (size_t k = 0; k < 6; k++) {
			size_t i = k;

			for (; i > 0 && h[by[i - 1]].z < h[k].z; i--)
				by[i] = by[i - 1];
			by[i] = k;
		}
		plain_maxt(h, by, 6, &g, p);
		for (size_t k = 0; k < 6; k++)
			ASSERT_NEAR(h[k].p_adj, p[k], 1e-12);
	}
}

/* p of each hypothesis among all joint labels of two groups, by the definition of z. */
static void plain_joint(const struct stat_hyp *h, const struct stat_group *g, double p[2])
{
	size_t all = 0, raw[2] = { 0, 0 }, max = 0, top = h[1].z > h[0].z;

	for (uint64_t bits = 0; bits < UINT64_C(1) << 18; bits++) {
		unsigned is_b[18];
		double z[2];

		for (size_t i = 0; i < 18; i++)
			is_b[i] = bits >> i & 1;
		if (__builtin_popcountll(bits & 0xff) != 4 || __builtin_popcountll(bits >> 8) != 5)
			continue;
		for (size_t k = 0; k < 2; k++) {
			z[k] = plain_z(&h[k], &g[k], is_b + (k ? 8 : 0));
			raw[k] += z[k] >= h[k].z * (1 - 1e-9);
		}
		max += fmax(z[0], z[1]) >= h[top].z * (1 - 1e-9);
		all++;
	}
	p[top] = (double)max / (double)all;
	p[!top] = fmax(p[top], (double)raw[!top] / (double)all);
}

/*
 * Statistics of 6, 8 and 11 degrees of freedom are made alike before their maximum: with t itself,
 * a t of 6 degrees, whose tail is long, hides the others.
 */
Test(stats, maxt_unlike_degrees_of_freedom)
{
	for (uint64_t c = 0; c < 6; c++) {
		struct rng r = rng_make(8, c);
		struct stat_group g[2] = { { 4, 4 }, { 5, 5 } };
		struct stat_hyp h[2] = { { .group = 0 }, { .group = 1 } };
		struct stat_maxt_info info;
		double y[2][10], p[2];

		for (size_t k = 0; k < 2; k++)
			for (size_t i = 0; i < 10; i++)
				y[k][i] = rng_unit(&r) + rng_unit(&r) +
					  (k && i >= 5 ? .2 * (double)c : 0);
		h[0].y = y[0];
		h[1] = (struct stat_hyp){
			.group = 1, .y = y[1], .var0 = .1, .df0 = c % 2 ? 3 : 0, .floor_sd = .01
		};
		cr_assert_eq(stat_maxt(g, 2, h, 2, OPTS(99, 1), &info), 0);
		cr_assert(info.exact && info.permutations == 70 * 252);
		plain_joint(h, g, p);
		for (size_t k = 0; k < 2; k++)
			ASSERT_NEAR(h[k].p_adj, p[k], 1e-12);
	}
}

/* t and z go into each other; z of many degrees of freedom is t; p is nearly that of the normal. */
Test(stats, t_as_z)
{
	static const double df[] = { 1, 4, 8, 18, 38, 1e6 };

	for (size_t i = 0; i < ARRAY_SIZE(df); i++) {
		for (double t = .25; t < 1000; t *= 2) {
			double z = stat_t_to_z(t, df[i]);

			ASSERT_NEAR(stat_z_to_t(z, df[i]), t, 1e-11);
			if (df[i] >= 8 && z < 4)
				cr_assert_float_eq(stat_norm_cdf(-z) / stat_t_cdf(-t, df[i]), 1,
						   .09, "t %g, df %g: z %g", t, df[i], z);
		}
	}
	cr_assert_float_eq(stat_t_to_z(2.5, 1e9), 2.5, 1e-7);
	cr_assert(stat_t_to_z(0, 4) == 0 && stat_z_to_t(0, 4) == 0);
	cr_assert(isinf(stat_t_to_z(INFINITY, 4)) && isinf(stat_z_to_t(INFINITY, 4)));
}

/*
 * p of draws lies on the side of alpha on which the exact p is, whatever the seed: near alpha more
 * are drawn. Two groups with the same values: p is 1 - (1 - p of one)^2.
 */
Test(stats, maxt_draws_until_decided)
{
	double y[20], exact;
	struct stat_group g[2] = { { 10, 10 }, { 10, 10 } };
	struct stat_hyp h[2] = { { .y = y }, { .group = 1, .y = y } };
	struct stat_maxt_opts o = { .exact_max = 200000, .permutations = 9999 };
	struct stat_maxt_info info;
	unsigned more = 0;

	both_sides(y);
	cr_assert_eq(stat_maxt(g, 1, h, 1, &o, &info), 0);
	cr_assert(info.exact && info.permutations == 184756);
	exact = 1 - (1 - h[0].p_raw) * (1 - h[0].p_raw);
	o.draws_max = 64 * o.permutations;
	for (uint64_t seed = 1; seed <= 24; seed++) {
		bool below = seed % 2;

		o.seed = seed;
		o.alpha = exact * (below ? .9 : 1.1);
		cr_assert_eq(stat_maxt(g, 2, h, 2, &o, &info), 0);
		cr_assert(!info.exact && info.permutations <= o.draws_max);
		cr_assert_eq(h[0].p_adj <= o.alpha, !below, "seed %zu: %g, exact %g, %zu draws",
			     (size_t)seed, h[0].p_adj, exact, (size_t)info.permutations);
		more += info.permutations > o.permutations;
	}
	cr_assert_eq(more, 24);
	o.alpha = .05; /* far off: no more than usual */
	cr_assert_eq(stat_maxt(g, 2, h, 2, &o, &info), 0);
	cr_assert_eq(info.permutations, 9999);
}

/* Last bits included: whatever compiler, vector width or fused multiply-add the machine has. */
Test(stats, maxt_same_bits)
{
	static double y[40][32];
	struct stat_group g[4] = { { 13, 13 }, { 13, 13 }, { 16, 16 }, { 16, 16 } };
	struct stat_hyp h[40] = { 0 };
	struct stat_maxt_info info;
	uint64_t sum = 0;

	for (size_t k = 0; k < 40; k++) {
		struct rng r = rng_make(11, k);

		for (size_t i = 0; i < 32; i++)
			y[k][i] = rng_unit(&r) + rng_unit(&r) + rng_unit(&r) +
				  (k == 0 && i >= 13 ? .8 : 0);
		h[k] = (struct stat_hyp){
			.group = k / 10, .y = y[k], .var0 = .25, .df0 = 20, .floor_sd = .001
		};
	}
	stat_maxt(g, 4, h, 40, OPTS(1000, 5), &info);
	cr_assert(!info.exact);
	for (size_t k = 0; k < 40; k++) {
		double part[] = { h[k].diff, h[k].s, h[k].z, h[k].p_raw, h[k].p_adj };
		uint64_t bits[5];

		memcpy(bits, part, sizeof(bits));
		for (size_t i = 0; i < 5; i++)
			sum = rng_mix(sum ^ bits[i]);
	}
	cr_assert_eq(sum, UINT64_C(0x931a1c40a5448c62), "%#llx", (unsigned long long)sum);
	cr_assert_eq(info.z_crit, 0x1.9326b91b9673dp+1, "%a", info.z_crit);
}

/* The standardised sum of B's normal scores, by its definition: midranks, no ties here. */
static double plain_scores(const double *y, size_t n, size_t nb, const uint8_t *is_b)
{
	double score[40], sum = 0, ss = 0, na = (double)(n - nb);

	for (size_t i = 0; i < n; i++) {
		size_t rank = 1;

		for (size_t k = 0; k < n; k++)
			rank += y[k] < y[i];
		score[i] = (pow(((double)rank - .375) / ((double)n + .25), .135) -
			    pow(1 - ((double)rank - .375) / ((double)n + .25), .135)) /
			   .1975;
		cr_assert_float_eq(score[i],
				   stat_norm_inv(((double)rank - .375) / ((double)n + .25)), .02);
		ss += score[i] * score[i];
		sum += is_b[i] ? score[i] : 0;
	}
	return sum / sqrt(ss * na * (double)nb / ((double)n * (double)(n - 1)));
}

/* From 15 runs per side on the statistic is the larger of t and of the scores, in every label. */
Test(stats, maxt_scores)
{
	for (uint64_t c = 0; c < 4; c++) {
		struct rng r = rng_make(21, c), draws;
		struct stat_group g = { 15, 16 };
		struct stat_hyp h = { .df0 = c % 2 ? 20 : 0, .var0 = .05, .floor_sd = .001 };
		double y[31], z, top = 0;
		uint64_t reached = 0;

		for (size_t i = 0; i < 31; i++)
			y[i] = rng_unit(&r) + (i >= 15 ? .3 : 0) + (i % 7 ? 0 : 4 * (double)c);
		h.y = y;
		cr_assert_eq(stat_maxt(&g, 1, &h, 1, OPTS(999, 5), NULL), 0);
		draws = rng_make(5, 0);
		for (size_t k = 0; k <= 999; k++) {
			uint8_t is_b[31];
			unsigned wide[31];

			if (k)
				stat_draw_labelling(&draws, is_b, 31, 16);
			for (size_t i = 0; i < 31; i++)
				wide[i] = k ? is_b[i] : (is_b[i] = i >= 15);
			z = fmax(plain_z(&h, &g, wide), fabs(plain_scores(y, 31, 16, is_b)));
			if (!k)
				ASSERT_NEAR(h.z, z, 1e-9);
			top = k ? top : z;
			reached += z >= top * (1 - 1e-9);
		}
		ASSERT_NEAR(h.p_raw, (double)reached / 1000, 1e-12);
		ASSERT_NEAR(h.p_adj, h.p_raw, 1e-12);
		/* with four values far off, t sees nothing */
		cr_assert(c < 2 || h.z > stat_t_to_z(h.t, 29 + h.df0));
		cr_assert_eq(h.way, 1.0);
	}
}

/*
 * Of twenty values of B eleven lie below A's and nine far above: the mean is higher and most values
 * are lower. The statistic says which of the two it is.
 */
Test(stats, maxt_way)
{
	struct stat_group g = { 20, 20 };
	double y[40];
	struct stat_hyp h = { .y = y, .floor_sd = .001 };
	struct stat_shift hl;

	for (size_t i = 0; i < 20; i++) {
		y[i] = log(100 + .1 * (double)i);
		y[20 + i] = log((i < 11 ? 90 : 410) + .1 * (double)i);
	}
	stat_maxt(&g, 1, &h, 1, OPTS(999, 1), NULL);
	stat_hodges_lehmann(y, 20, y + 20, 20, .95, &hl);
	cr_assert(h.way == 1 && h.diff > 0 && hl.shift < 0 && h.p_adj < .01);
}
