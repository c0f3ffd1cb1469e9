/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics against R (data/stats/golden.R made golden.txt) and against their definitions. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/rng.h"
#include "judge/stats.h"

static const double a[] = { 1.013, 1.052, .981, 1.104, 1.022, .974, 1.041, 1.033, .992, 1.007 };
static const double b[] = { 1.083, 1.121, 1.034, 1.157, 1.094, 1.016, 1.113, 1.072, 1.061, 1.108 };
static const double x[] = { .021, -.004, .035, .052, .013, .044, -.009, .027, .061, .030 };

/* Numbers of the line that begins with @name. */
static size_t golden(const char *name, double *out, size_t max)
{
	const char *dir = getenv("WMARK_TEST_DATA");
	struct buf text = BUF_INIT;
	struct err e = ERR_INIT;
	char path[512];
	size_t nr = 0, len = strlen(name);

	snprintf(path, sizeof(path), "%s/stats/golden.txt", dir ? dir : "harness/test/data");
	cr_assert_eq(fs_read(path, &text, &e), 0, "%s", e.msg);
	for (char *line = text.data; line && *line;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		char *p = line + len;

		if (strncmp(line, name, len) != 0 || *p != ' ')
			continue;
		while (nr < max && *p && *p != '\n') {
			char *end;
			double v = strtod(p, &end);

			if (end == p)
				break;
			out[nr++] = v;
			p = end + strspn(end, " ");
		}
		break;
	}
	buf_release(&text);
	cr_assert_gt(nr, 0, "golden.txt has no line %s", name);
	return nr;
}

static bool near(double got, double want, double tolerance)
{
	return got == want || fabs(got - want) <= tolerance * fmax(fabs(want), 1e-300);
}

#define ASSERT_NEAR(got, want, tol) \
	cr_assert(near((got), (want), (tol)), "%s: got %.17g, want %.17g", #got, (got), (want))

static void expect(const char *name, const double *got, size_t nr, double tolerance)
{
	double want[64];

	cr_assert_eq(golden(name, want, ARRAY_SIZE(want)), nr, "%s: number of values", name);
	for (size_t i = 0; i < nr; i++)
		cr_assert(near(got[i], want[i], tolerance), "%s[%zu]: got %.17g, R says %.17g", name, i,
			  got[i], want[i]);
}

Test(stats, basic)
{
	double got[] = { stat_mean(a, 10),	    stat_median(a, 10),	       stat_var(a, 10),
			 stat_quantile(b, 10, .05), stat_quantile(b, 10, .25), stat_quantile(b, 10, .9) };

	expect("basic", got, ARRAY_SIZE(got), 1e-13);
	cr_assert(isnan(stat_mean(a, 0)) && isnan(stat_median(a, 0)) && isnan(stat_var(a, 1)));
	cr_assert_eq(stat_median(a, 1), a[0]);
	cr_assert_eq(stat_quantile(a, 10, 1), 1.104);
}

Test(stats, normal)
{
	static const double z[] = { -9, -3.5, -1, 0, .3, 1.96, 5 },
			    p[] = { 1e-12, .001, .025, .3, .5, .8, .975 };
	double got[7];

	for (size_t i = 0; i < 7; i++)
		got[i] = stat_norm_cdf(z[i]);
	expect("norm_cdf", got, 7, 1e-13);
	for (size_t i = 0; i < 7; i++)
		got[i] = fabs(stat_norm_inv(p[i])) < 1e-15 ? 0 : stat_norm_inv(p[i]);
	expect("norm_inv", got, 7, 1e-13);
	cr_assert(isinf(stat_norm_inv(0)) && isinf(stat_norm_inv(1)) && isnan(stat_norm_inv(2)));
}

Test(stats, student)
{
	static const char *const df_name[] = { "1", "2.5", "6", "18", "120" };
	static const double t[] = { -40, -4, -1, -.1, 0, .7, 2.5, 12 },
			    p[] = { 1e-6, .001, .025, .2, .5, .8, .995 };
	double got[8];
	char name[32];

	for (size_t d = 0; d < ARRAY_SIZE(df_name); d++) {
		double df = atof(df_name[d]);

		for (size_t i = 0; i < ARRAY_SIZE(t); i++)
			got[i] = stat_t_cdf(t[i], df);
		snprintf(name, sizeof(name), "t_cdf_%s", df_name[d]);
		expect(name, got, ARRAY_SIZE(t), 1e-11);
		for (size_t i = 0; i < ARRAY_SIZE(p); i++)
			got[i] = stat_t_inv(p[i], df);
		snprintf(name, sizeof(name), "t_inv_%s", df_name[d]);
		expect(name, got, ARRAY_SIZE(p), 1e-11);
	}
	ASSERT_NEAR(stat_t_cdf(1.5, 1e12), stat_norm_cdf(1.5), 1e-12);
	cr_assert(isnan(stat_t_cdf(1, 0)));
}

Test(stats, beta)
{
	double got[] = { stat_beta_inv(.95, 1, 300), stat_beta_inv(.95, 6, 295), stat_beta_inv(.2, 2, 3),
			 stat_beta_inv(.999, .5, .5) };

	expect("beta_inv", got, ARRAY_SIZE(got), 1e-11);
}

static void expect_wilcox(const char *name, const double *pa, size_t na, const double *pb, size_t nb,
			  double conf, double tolerance)
{
	struct stat_shift s;
	double got[5], w;

	got[1] = stat_mann_whitney(pb, nb, pa, na, &w);
	got[0] = w;
	cr_assert_eq(stat_hodges_lehmann(pa, na, pb, nb, conf, &s), 0);
	got[2] = s.shift;
	got[3] = s.lo;
	got[4] = s.hi;
	expect(name, got, 5, tolerance);
}

Test(stats, rank_sum)
{
	double s[40];

	expect_wilcox("wilcox_10", a, 10, b, 10, .95, 1e-11);
	expect_wilcox("wilcox_10_90", a, 10, b, 10, .90, 1e-11);
	expect_wilcox("wilcox_4", a, 4, b, 4, .95, 1e-11);
	expect_wilcox("wilcox_5_7", a, 5, b, 7, .95, 1e-11);
	for (int i = 0; i < 40; i++)
		s[i] = sin((double)((i + 1) * (i + 1))) + (i >= 20 ? .4 : 0);
	expect_wilcox("wilcox_20", s, 20, s + 20, 20, .95, 1e-11);
}

Test(stats, rank_sum_large_and_tied)
{
	static const double ta[] = { 1, 2, 2, 3, 3, 3, 4 }, tb[] = { 2, 3, 3, 4, 5, 5 };
	double s[120], got[2];

	for (int i = 0; i < 120; i++)
		s[i] = sin((double)((i + 1) * (i + 1))) + (i >= 60 ? .2 : 0);
	got[1] = stat_mann_whitney(s + 60, 60, s, 60, &got[0]);
	expect("wilcox_60", got, 2, 1e-11);
	got[1] = stat_mann_whitney(tb, 6, ta, 7, &got[0]);
	expect("wilcox_tied", got, 2, 1e-11);
	got[1] = stat_mann_whitney(ta, 3, ta, 3, NULL);
	cr_assert_eq(got[1], 1.0);
}

/* What the interval promises is what it achieves, and three runs a side promise 90 % at best. */
Test(stats, shift_confidence)
{
	struct stat_shift s;
	double got[2];

	stat_hodges_lehmann(a, 10, b, 10, .95, &s);
	got[0] = s.conf;
	stat_hodges_lehmann(a, 3, b, 3, .95, &s);
	got[1] = s.conf;
	expect("achieved", got, 2, 1e-12);
	stat_hodges_lehmann(a, 1, b, 1, .95, &s);
	cr_assert(s.lo == s.shift && s.hi == s.shift && s.conf == 0);
	cr_assert_lt(stat_hodges_lehmann(a, 0, b, 1, .95, &s), 0);
}

Test(stats, signed_rank)
{
	static const double tied[] = { 1, 1, -1, 2, 3, -2, 4, 4 };
	double got[2];

	got[1] = stat_signed_rank(x, 10, &got[0]);
	expect("signed_rank", got, 2, 1e-11);
	got[1] = stat_signed_rank(tied, 8, &got[0]);
	expect("signed_tied", got, 2, 1e-11);
}

Test(stats, welch_and_tost)
{
	static const double same[] = { 2, 2, 2 }, other[] = { 3, 3, 3 };
	double got[3], t, df, se = sqrt(stat_var(x, 10) / 10);

	got[2] = stat_welch(a, 10, b, 10, &got[0], &got[1]);
	expect("welch", got, 3, 1e-11);
	cr_assert_eq(stat_welch(same, 3, same, 3, &t, &df), 1.0);
	cr_assert_eq(stat_welch(same, 3, other, 3, &t, &df), 0.0);
	cr_assert(isnan(stat_welch(same, 1, other, 3, &t, &df)));
	got[0] = stat_tost(stat_mean(x, 10), se, 9, log(1.05));
	expect("tost", got, 1, 1e-11);
	cr_assert_eq(stat_tost(.01, 0, 9, .02), 0.0);
	cr_assert_eq(stat_tost(-.03, 0, 9, .02), 1.0);
}

Test(stats, counts)
{
	double fisher[] = { stat_fisher(3, 1, 1, 3), stat_fisher(10, 0, 0, 10), stat_fisher(10, 0, 7, 3),
			    stat_fisher(8, 2, 1, 5), stat_fisher(0, 9, 0, 4),	stat_fisher(40, 3, 30, 12) };
	double upper[] = { stat_clopper_pearson_upper(0, 299, .95), stat_clopper_pearson_upper(5, 300, .95),
			   stat_clopper_pearson_upper(17, 40, .99) };

	expect("fisher", fisher, ARRAY_SIZE(fisher), 1e-11);
	expect("clopper", upper, ARRAY_SIZE(upper), 1e-11);
	cr_assert_eq(stat_clopper_pearson_upper(4, 4, .95), 1.0);
}

Test(stats, adjust)
{
	static const double p[] = { .001, .008, .039, .041, .042, .06, .074, .205 },
			    q[] = { .04, .001, .04, .2, .001 };
	double adj[8];

	stat_bh(p, 8, adj);
	expect("bh", adj, 8, 1e-13);
	stat_holm(p, 8, adj);
	expect("holm", adj, 8, 1e-13);
	stat_bh(q, 5, adj);
	expect("bh_tied", adj, 5, 1e-13);
	stat_holm(q, 5, adj);
	expect("holm_tied", adj, 5, 1e-13);
}

/* Runs our step-down max-T and compares |T|, raw and adjusted p with mt.maxT's. */
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
	cr_assert_eq(stat_maxt(&g, 1, h, nr_rows, permutations, 1, .05, &info), 0);
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
	cr_assert_eq(stat_maxt(&g, 1, &h, 1, 99, 1, .05, NULL), 0);
	ASSERT_NEAR(h.t, want[1], 1e-11);
	ASSERT_NEAR((38 * h.s * h.s - 20 * .03 * .03) / 18, want[0], 1e-11);
}

/* Drawn p-values count the real labelling once, depend on the seed alone and lie near the exact ones. */
Test(stats, maxt_drawn)
{
	double y[20];
	struct stat_group g = { 10, 10 };
	struct stat_hyp h[3] = { { .y = y }, { .y = y }, { .y = y } };
	struct stat_maxt_info info[3];

	memcpy(y, a, sizeof(a));
	memcpy(y + 10, b, sizeof(b));
	for (int i = 0; i < 3; i++)
		cr_assert_eq(stat_maxt(&g, 1, &h[i], 1, 9999, i == 2 ? 8 : 7, .05, &info[i]), 0);
	cr_assert(!info[0].exact && info[0].permutations == 9999);
	cr_assert_eq(h[0].p_raw, h[1].p_raw);
	cr_assert_eq(info[0].t_crit, info[1].t_crit);
	cr_assert_neq(info[0].t_crit, info[2].t_crit);
	cr_assert_float_eq(h[0].p_raw, .003095975, .002);
	ASSERT_NEAR(h[0].p_raw * 10000, round(h[0].p_raw * 10000), 1e-9);
	cr_assert_geq(h[0].p_raw, 1e-4);
	cr_assert_float_eq(info[0].t_crit, 2.1, .15);
}

/* Two groups are relabelled apart: 6 x 6 relabellings, and a hypothesis pays for the maximum over both. */
Test(stats, maxt_groups)
{
	static const double low[] = { 1, 2, 11, 12 }, flat[] = { 5, 7, 6, 6 };
	struct stat_group g[] = { { 2, 2 }, { 2, 2 }, { 5, 5 } };
	struct stat_hyp h[] = { { .group = 0, .y = low }, { .group = 1, .y = flat } };
	struct stat_maxt_info info;

	cr_assert_eq(stat_maxt(g, 3, h, 2, 99, 1, .05, &info), 0);
	cr_assert(info.exact);
	cr_assert_eq(info.permutations, 36);
	ASSERT_NEAR(h[0].p_raw, 2 / 6.0, 1e-12);
	ASSERT_NEAR(h[0].p_adj, 12 / 36.0, 1e-12);
	cr_assert_eq(h[1].p_adj, 1.0);
	cr_assert(isinf(
		info.t_crit)); /* 36 relabellings, the largest value in 12 of them: nothing can reach .05 */
}

Test(stats, maxt_zero_variance)
{
	static const double apart[] = { 1, 1, 1, 1, 2, 2, 2, 2 }, same[] = { 3, 3, 3, 3, 3, 3, 3, 3 };
	struct stat_group g = { 4, 4 };
	struct stat_hyp h[] = {
		{ .y = apart, .floor_sd = .1 }, { .y = same, .floor_sd = .1 }, { .y = same }, { .y = apart }
	};

	cr_assert_eq(stat_maxt(&g, 1, h, 4, 99, 1, .05, NULL), 0);
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

	cr_assert_lt(stat_maxt(&g, 1, &h, 0, 99, 1, .05, NULL), 0);
	cr_assert_lt(stat_maxt(&g, 1, &h, 1, 99, 1, .05, NULL), 0);
	h.group = 3;
	cr_assert_lt(stat_maxt(&g, 1, &h, 1, 99, 1, .05, NULL), 0);
}

/*
 * p-values of noise alone are uniform: at most 5 % + chance of 400 seeded campaigns of 6 metrics alarm at
 * .05.
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
		stat_maxt(g, 2, h, 6, 199, c, .05, NULL);
		for (size_t m = 0; m < 6; m++)
			alarm |= h[m].p_adj <= .05;
		alarms += alarm;
	}
	cr_assert_leq(alarms, 33, "%u alarms of 400", alarms); /* P(Binomial(400, .05) > 33) = .002 */
	cr_assert_geq(alarms, 6, "%u alarms of 400: the level is not used", alarms);
}
