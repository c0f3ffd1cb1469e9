/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Change points: Z against R and coin, p against coin within Monte-Carlo error, splits, refusal of
 * a drifting host. */
#include "test_stats.h"

static const double step[] = { 10.1, 9.9, 10.2, 10, 9.8, 10.1, 10.9, 11.1, 11, 10.8, 11.2, 11 };

/* A series of R's script: 60 nights, up by 1.2 from the 26th, down by 1 from the 46th. */
static void make_nights(double v[60])
{
	for (int i = 0; i < 60; i++)
		v[i] = sin((double)((i + 1) * (i + 1))) + (i < 25 ? 0 : i < 45 ? 1.2 : .2);
}

static double normal(struct rng *r)
{
	return stat_norm_inv((double)(rng_next(r) >> 11) * 0x1p-53 + 0x1p-54);
}

Test(stats, change_z)
{
	double got[64], v[60];

	for (size_t tau = 3; tau <= 9; tau++)
		got[tau - 3] = stat_change_z(step, 12, tau);
	expect("change_z", got, 7, 1e-12);
	expect("change_coin", got, 7, 1e-12);
	make_nights(v);
	for (size_t tau = 3; tau <= 57; tau++)
		got[tau - 3] = stat_change_z(v, 60, tau);
	expect("change_night", got, 55,
	       1e-9); /* some of them are differences of nearly equal means */
	got[0] = stat_lag1(v, 60);
	got[1] = stat_lag1(step, 12);
	expect("change_lag1", got, 2, 1e-12);
	got[0] = stat_mad_z(9, v, 60);
	got[1] = stat_mad_z(-.5, a, 10);
	expect("mad_z", got, 2, 1e-12);
	cr_assert(isnan(stat_change_z(v, 60, 0)) && isnan(stat_change_z(v, 60, 60)));
	cr_assert(isinf(stat_mad_z(2, (double[]){ 1, 1, 1 }, 3)));
}

/* Blocks of one night: coin's test. coin draws a million relabellings, wmark 99,999: standard error
 * .00015. */
Test(stats, change_p)
{
	struct stat_trend_opts o;
	struct stat_trend t;
	double want;

	golden("change_coin_p", &want, 1);
	stat_trend_opts_init(&o);
	o.block = 1;
	o.permutations = 99999;
	cr_assert_eq(stat_trend(step, 12, &o, &t), 0);
	cr_assert_eq(t.best.at, 6);
	ASSERT_NEAR(t.best.z, stat_change_z(step, 12, 6), 1e-12);
	cr_assert_float_eq(t.best.p, want, .0008, "p %g, coin says %g", t.best.p, want);
	cr_assert_eq(t.nr, 1);
	cr_assert_eq(t.change[0].at, 6);
	ASSERT_NEAR(t.change[0].shift, 11 - 10.0166666666666666, 1e-12);
	cr_assert(!t.drifts);
	stat_trend_release(&t);
}

/* Two steps in 120 nights of noise are found within a few nights of where they are; the splits come
 * in order. */
Test(stats, change_splits)
{
	struct rng r = rng_make(17, 1);
	struct stat_trend_opts o;
	struct stat_trend t, again;
	double v[120];

	for (int i = 0; i < 120; i++)
		v[i] = normal(&r) + (i < 50 ? 0 : i < 90 ? 4 : 1.5);
	stat_trend_opts_init(&o);
	o.block = 5;
	o.seed = 9;
	cr_assert_eq(stat_trend(v, 120, &o, &t), 0);
	cr_assert_eq(t.nr, 2);
	cr_assert(labs((long)t.change[0].at - 50) <= 1 && labs((long)t.change[1].at - 90) <= 3);
	cr_assert_float_eq(t.change[0].shift, 4, .8);
	cr_assert_float_eq(t.change[1].shift, -2.5, .8);
	cr_assert(t.best.p <= .001 && !t.drifts);
	cr_assert_gt(stat_lag1(v, 120), .3, "the steps alone look like a drift");
	stat_trend(v, 120, &o, &again);
	cr_assert_eq(memcmp(&t.best, &again.best, sizeof(t.best)), 0);
	stat_trend_release(&again);
	stat_trend_release(&t);
}

/* The first night may be the middle of a slow wave: refused. */
Test(stats, change_refuses_drift)
{
	struct rng r = rng_make(18, 2);
	struct stat_trend_opts o;
	struct stat_trend t;
	double v[200], at = 0;

	stat_trend_opts_init(&o);
	o.permutations = 999;
	for (int i = 0; i < 200; i++)
		v[i] = at = .7 * at + normal(&r);
	cr_assert_eq(stat_trend(v, 200, &o, &t), 0);
	cr_assert(t.drifts, "lag-1 autocorrelation %g", t.lag1);
	stat_trend_release(&t);
	for (int i = 0; i < 200; i++)
		v[i] = normal(&r);
	stat_trend(v, 200, &o, &t);
	cr_assert(!t.drifts && fabs(t.lag1) < .2);
	stat_trend_release(&t);
}

/* A change in the last nights moves with its block; a p of .05 must be within reach all the
 * same. */
Test(stats, change_recent)
{
	struct stat_trend_opts o;
	double v[100];
	struct stat_trend t;

	stat_trend_opts_init(&o);
	for (int i = 0; i < 100; i++)
		v[i] = sin((double)((i + 1) * (i + 1))) + (i >= 95 ? 4 : 0);
	cr_assert_eq(stat_trend(v, 100, &o, &t), 0);
	cr_assert_eq(t.best.at, 95);
	cr_assert(t.best.p <= .05 && t.nr >= 1 && t.change[t.nr - 1].at == 95, "p %g", t.best.p);
	stat_trend_release(&t);
}

Test(stats, change_edges)
{
	static const double flat[] = { 7, 7, 7, 7, 7, 7, 7 }, hole[] = { 1, 2, 3, NAN, 5, 6, 7 };
	struct stat_trend_opts o;
	struct stat_trend t;

	stat_trend_opts_init(&o);
	o.permutations = 99;
	cr_assert_eq(stat_trend(flat, 7, &o, &t), 0);
	cr_assert(t.best.p == 1 && t.best.z == 0 && t.nr == 0 && t.lag1 == 0 && !t.drifts);
	ASSERT_NEAR(t.p_least, 1 / 7.0, 1e-15); /* one block, cut anywhere */
	stat_trend_release(&t);
	cr_assert_lt(stat_trend(flat, 5, &o, &t), 0);
	cr_assert_lt(stat_trend(hole, 7, &o, &t), 0);
	o.block = 2; /* 4 blocks, the last of one night: 24 orders, 2 places to cut */
	cr_assert_eq(stat_trend(flat, 7, &o, &t), 0);
	ASSERT_NEAR(t.p_least, 1 / 48.0, 1e-15);
	stat_trend_release(&t);
	o.block = 0;
	cr_assert_lt(stat_trend(flat, 7, &o, &t), 0);
	stat_trend_release(&t);
}
