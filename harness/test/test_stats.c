/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Statistics against R (data/stats/golden.R made golden.txt) and against their definitions. */
#include "test_stats.h"

static const double x[] = { .021, -.004, .035, .052, .013, .044, -.009, .027, .061, .030 };

Test(stats, basic)
{
	double got[] = { stat_mean(a, 10), stat_median(a, 10), stat_var(a, 10) };

	expect("basic", got, ARRAY_SIZE(got), 1e-13);
	cr_assert(isnan(stat_mean(a, 0)) && isnan(stat_median(a, 0)) && isnan(stat_var(a, 1)));
	cr_assert_eq(stat_median(a, 1), a[0]);
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
	double got[] = { stat_beta_inv(.95, 1, 300), stat_beta_inv(.95, 6, 295),
			 stat_beta_inv(.2, 2, 3), stat_beta_inv(.999, .5, .5) };

	expect("beta_inv", got, ARRAY_SIZE(got), 1e-11);
}

static void expect_wilcox(const char *name, const double *pa, size_t na, const double *pb,
			  size_t nb, double conf, double tolerance)
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

/* The interval achieves what it promises, and three runs per side promise 90 % at best. */
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

/* P(T > t) of a noncentral t, from its definition: Z + delta > t s, over s^2 = chi^2 / df. */
static double power_of(double t, double df, double delta)
{
	double lo = fmax(1e-12, 1 - 10 / sqrt(2 * df)), hi = 1 + 10 / sqrt(2 * df), sum = 0;
	double width = (hi - lo) / 4000, norm = log(2) + df / 2 * log(df / 2) - lgamma(df / 2);

	for (int i = 0; i <= 4000; i++) { /* Simpson's rule */
		double s = lo + i * width, f = exp(norm + (df - 1) * log(s) - df * s * s / 2);

		sum += f * .5 * erfc((t * s - delta) / sqrt(2)) *
		       (i == 0 || i == 4000 ? 1
			: i % 2		    ? 4
					    : 2);
	}
	return sum * width / 3;
}

/* What is promised to be found four times in five is, and not much more often. */
Test(stats, detectable)
{
	static const double df[] = { 4, 8, 18, 38, 58 }, t[] = { 2, 2.5, 3.5, 4.5, 6, 10, 30 };

	ASSERT_NEAR(power_of(2.5, 8, 0), stat_t_cdf(-2.5, 8), 1e-7);
	for (size_t i = 0; i < ARRAY_SIZE(df); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(t); k++) {
			double delta = stat_t_detectable(t[k], df[i], .8),
			       power = power_of(t[k], df[i], delta);

			cr_assert(power > .7999 && power < .81, "df %g, t %g: %g", df[i], t[k],
				  power);
		}
	}
	ASSERT_NEAR(stat_t_detectable(3, 1e12, .8), 3 + stat_norm_inv(.8), 1e-9);
}

Test(stats, tost)
{
	double got[1], se = sqrt(stat_var(x, 10) / 10);

	got[0] = stat_tost(stat_mean(x, 10), se, 9, log(1.05), log(1.05));
	expect("tost", got, 1, 1e-11);
	cr_assert_eq(stat_tost(.01, 0, 9, .02, .02), 0.0);
	cr_assert_eq(stat_tost(-.03, 0, 9, .02, .02), 1.0);
	cr_assert_eq(stat_tost(-.03, 0, 9, .04, .02), 0.0);
	/* each limit is a test of its own: without the other its p is that of one t test */
	ASSERT_NEAR(stat_tost(.01, .02, 9, INFINITY, .05), stat_t_cdf(-2, 9), 1e-12);
	ASSERT_NEAR(stat_tost(.01, .02, 9, .05, INFINITY), stat_t_cdf(-3, 9), 1e-12);
	ASSERT_NEAR(stat_tost(.01, .02, 9, .05, .05), stat_t_cdf(-2, 9), 1e-12);
}

Test(stats, counts)
{
	double fisher[] = { stat_fisher(3, 1, 1, 3),  stat_fisher(10, 0, 0, 10),
			    stat_fisher(10, 0, 7, 3), stat_fisher(8, 2, 1, 5),
			    stat_fisher(0, 9, 0, 4),  stat_fisher(40, 3, 30, 12) };
	double upper[] = { stat_clopper_pearson_upper(0, 299, .95),
			   stat_clopper_pearson_upper(5, 300, .95),
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

/* R's alternatives are about the odds of the first row, wmark's about those of the second, B. */
Test(stats, fisher_one_sided)
{
	static const unsigned table[5][4] = {
		{ 0, 10, 4, 6 }, { 1, 9, 5, 5 }, { 3, 1, 1, 3 }, { 2, 8, 2, 8 }, { 9, 1, 2, 8 }
	};
	double more[5], less[5];

	for (size_t i = 0; i < 5; i++) {
		const unsigned *t = table[i];

		more[i] = stat_fisher_side(t[0], t[1], t[2], t[3], STAT_GREATER);
		less[i] = stat_fisher_side(t[0], t[1], t[2], t[3], STAT_LESS);
		cr_assert_eq(stat_fisher_side(t[0], t[1], t[2], t[3], STAT_TWO_SIDED),
			     stat_fisher(t[0], t[1], t[2], t[3]));
	}
	expect("fisher_less", more, 5, 1e-11);
	expect("fisher_greater", less, 5, 1e-11);
	ASSERT_NEAR(stat_fisher_side(0, 0, 0, 0, STAT_GREATER), 1.0, 1e-12);
}

Test(stats, clopper_pearson_both)
{
	double got[6];

	stat_clopper_pearson(51, 1000, .95, &got[0], &got[1]);
	stat_clopper_pearson(0, 30, .95, &got[2], &got[3]);
	stat_clopper_pearson(30, 30, .90, &got[4], &got[5]);
	expect("clopper_both", got, 6, 1e-11);
	stat_clopper_pearson(3, 2, .95, &got[0], &got[1]);
	cr_assert(isnan(got[0]) && isnan(got[1]));
}

static void expect_near_libm(const char *what, double at, double got, double want, double tolerance)
{
	cr_assert(near(got, want, tolerance), "%s(%.17g): got %.17g, libm says %.17g", what, at,
		  got, want);
}

/* As good as libm, and the same bits whatever libm, compiler or CPU: the sum is that of the bits of
 * all results. */
Test(stats, own_math)
{
	struct rng r = rng_make(4, 4);
	uint64_t sum = 0;

	for (int i = 0; i < 20000; i++) {
		double at = rng_unit(&r) * (i % 2 ? 3 : 1e6) + 1e-9,
		       y = (rng_unit(&r) - .5) * (i % 2 ? 2 : 1400);
		double v[] = { stat_log(at),  stat_log1p(at - .5), stat_exp(y),
			       stat_expm1(y), stat_log_gamma(at),  stat_erfc(y / 30) };
		int sign;

		expect_near_libm("log", at, v[0], log(at), 1e-15);
		expect_near_libm("log1p", at - .5, v[1], log1p(at - .5), 1e-15);
		expect_near_libm("exp", y, v[2], exp(y), 1e-15);
		expect_near_libm("expm1", y, v[3], expm1(y), 1e-15);
		cr_assert_float_eq(v[4], lgamma_r(at, &sign), 2e-14 * fmax(1, fabs(v[4])),
				   "lgamma(%.17g)", at);
		expect_near_libm("erfc", y / 30, v[5], erfc(y / 30), 2e-13);
		for (size_t k = 0; k < ARRAY_SIZE(v); k++) {
			uint64_t bits;

			memcpy(&bits, &v[k], sizeof(bits));
			sum = rng_mix(sum ^ bits);
		}
	}
	cr_assert_eq(sum, UINT64_C(0xd9e3d0bcd17acc64), "%#llx", (unsigned long long)sum);
	cr_assert(isnan(stat_log(-1)) && isinf(stat_log(0)) && stat_log(1) == 0 &&
		  isinf(stat_log1p(-1)));
	cr_assert(stat_exp(0) == 1 && stat_exp(-1e9) == 0 && isinf(stat_exp(1e9)) &&
		  isnan(stat_exp(NAN)));
	cr_assert(stat_erfc(-INFINITY) == 2 && stat_erfc(INFINITY) == 0 &&
		  isnan(stat_log_gamma(0)));
}
