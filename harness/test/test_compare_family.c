/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics that cost the others nothing, and what few or equal values can say. */
#include "test_compare_synth.h"

/* A run with this CPU time; no stalls when it is 0. */
static void add_run(struct contest *k, int side, double cpu_ms, double stalls)
{
	struct spec p = spec();

	p.sd = 0;
	p.primary = "kswapd_cpu_ms_per_gib stalls_per_gib load.touch_rate";
	p.cpu_ms = cpu_ms;
	p.no_direct = !stalls;
	p.stalls = stalls;
	add(k, side, &p, 1);
}

/*
 * Beside a metric with values in three runs per side, and one that is equal for every seed, a clear
 * regression in ten runs per side is found: neither of them could have been rejected.
 */
Test(compare, few_values_cost_the_others_nothing)
{
	static const double few[2][3] = { { 200, 240, 402 }, { 280, 320, 360 } };
	struct contest *k = contest_new();

	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < 10; i++)
			add_run(k, side, (side ? 130 : 100) + (double)i, i < 3 ? few[side][i] : 0);
	judged(k);
	cr_assert_eq(k->c.nr_judged, 3);
	cr_assert_eq(k->c.nr_family, 1);
	ASSERT_VERDICT(k, "kswapd_cpu_ms_per_gib", VERDICT_REGRESSED);
	cr_assert_float_eq(metric(k, 0, "kswapd_cpu_ms_per_gib")->p_adj, 2 / 184756., 1e-12);
	ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_UNKNOWN);
	cr_assert(strstr(metric(k, 0, "stalls_per_gib")->why_not, "so few runs"));
	cr_assert_eq(metric(k, 0, "stalls_per_gib")->p_adj, 1.0);
	cr_assert_float_eq(metric(k, 0, "stalls_per_gib")->p_raw, .5, 1e-9);
	ASSERT_VERDICT(k, "load.touch_rate", VERDICT_SAME);
	cr_assert_eq(comparison_exit(&k->c), 1);
	contest_free(k);
}

/* Nine zeros in ten runs per side: one value beyond a step is not enough for any verdict. */
Test(compare, too_many_equal_values)
{
	struct contest *k = contest_new();

	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < 10; i++)
			add_run(k, side, 100 + (double)i, side && i == 4 ? 30 : 1e-9);
	judged(k);
	ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_UNKNOWN);
	cr_assert(strstr(metric(k, 0, "stalls_per_gib")->why_not, "equal"), "%s",
		  metric(k, 0, "stalls_per_gib")->why_not);
	cr_assert_eq(metric(k, 0, "stalls_per_gib")->p_raw, 1.0);
	contest_free(k);
}

/* Equal for every seed: not when a seed occurs twice on a side. */
Test(compare, equal_pairs_need_each_seed_once)
{
	struct spec p = spec();
	struct contest *k = versus(&p, 4, &p, 4);

	for (int twice = 0; twice < 2; twice++) {
		for (size_t i = 0; i < 4; i++) {
			facts_release(&k->run[1][i]);
			make_run(&k->run[1][i], &p, SIDE_A, (long)i);
			k->run[1][i].head.checksum ^= 1;
		}
		if (twice)
			k->run[0][3].seed = k->run[1][3].seed = k->run[0][2].seed;
		comparison_release(&k->c);
		judged(k);
		cr_assert_eq(metric(k, 0, "stalls_per_gib")->pairs_equal, !twice);
		cr_assert_eq(k->c.nr_family, twice ? 5 : 0);
		cr_assert_eq(k->c.nr_judged, 5);
	}
	contest_free(k);
}

/*
 * B has eleven runs below A and nine above, by up to eleven times: its mean is higher, its median
 * shift lower. Neither direction is a verdict, nor is SMALL where the median shift is small and the
 * mean's is not. Nine at one place would be two states (test_bistable.c).
 */
Test(compare, two_estimates_that_disagree)
{
	static const struct {
		double most, some, grow;
		enum verdict want;
		const char *why;
	} c[] = {
		{ 90, 105, 1.35, VERDICT_UNKNOWN, "the same way" },
		{ 102, 105, 1.35, VERDICT_UNKNOWN, "below the floor" },
		{ 102, 103, 1, VERDICT_SMALL, NULL },
		{ 110, 115, 1.35, VERDICT_REGRESSED, NULL },
	};

	for (size_t k = 0; k < ARRAY_SIZE(c); k++) {
		struct contest *t = contest_new();
		const struct cmp_metric *m;

		for (size_t i = 0; i < 20; i++) {
			add_run(t, 0, 100 + .02 * (double)i, 20 + (double)(i % 5));
			add_run(t, 1,
				.02 * (double)i +
					(i < 11 ? c[k].most
						: c[k].some * pow(c[k].grow, (double)i - 11)),
				20 + (double)(i % 5));
		}
		judged(t);
		m = metric(t, 0, "kswapd_cpu_ms_per_gib");
		ASSERT_VERDICT(t, "kswapd_cpu_ms_per_gib", c[k].want);
		cr_assert_leq(m->p_adj, .05, "%zu: %g", k, m->p_adj);
		cr_assert(c[k].why ? m->why_not && strstr(m->why_not, c[k].why) : !m->why_not,
			  "%zu: %s", k, m->why_not);
		contest_free(t);
	}
}

/*
 * A side of which three runs in ten differ shows none of them in eight runs with probability .058,
 * in nine with .040: only then "none of the values moved" says that few of them do.
 */
Test(compare, still_values_need_runs)
{
	for (size_t n = 3; n < 12; n++) {
		struct contest *k = contest_new();
		const struct cmp_metric *m;

		/* the CPU time differs, so that equal seeds say nothing; B has a run more */
		for (size_t i = 0; i < 2 * n + 1; i++)
			add_run(k, (int)(i % 2 || i == 2 * n), 100 + (double)(i % 7), 1e-9);
		judged(k);
		m = metric(k, 0, "stalls_per_gib");
		cr_assert_eq(m->verdict, n < 9 ? VERDICT_UNKNOWN : VERDICT_SAME, "%zu", n);
		cr_assert_float_eq(m->p_same, pow(.7, (double)n), 1e-12);
		cr_assert(n >= 9 ? !m->why_not
				 : m->why_not && strstr(m->why_not, ": 9 per side are needed"),
			  "%s", m->why_not);
		contest_free(k);
	}
}

/*
 * Zeros that are equal for every seed are no more than zeros; beside CPU times that vary over seeds
 * and are equal for each, the runs are the same runs.
 */
Test(compare, still_values_of_equal_runs)
{
	for (int same = 0; same < 2; same++) {
		struct contest *k = contest_new();

		for (int side = 0; side < 2; side++)
			for (size_t i = 0; i < 5; i++)
				add_run(k, side, 100 + (double)(same ? i : 3 * i % 7 + side), 1e-9);
		judged(k);
		ASSERT_VERDICT(k, "stalls_per_gib", same ? VERDICT_SAME : VERDICT_UNKNOWN);
		cr_assert_eq(metric(k, 0, "stalls_per_gib")->pairs_equal, same);
		cr_assert_eq(metric(k, 0, "kswapd_cpu_ms_per_gib")->pairs_equal, same);
		contest_free(k);
	}
}
