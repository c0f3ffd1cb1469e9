/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verdicts on seeded synthetic campaigns: what must alarm, what must not, and what nobody can tell. */
#include "test_compare_synth.h"

/*
 * The same kernel on both sides: 12 seeds x 3 sizes, no verdict but SAME and UNKNOWN beyond what the declared
 * rate allows.
 */
Test(compare, a_against_a)
{
	static const size_t sizes[] = { 4, 5, 8 };
	unsigned alarms = 0, sames = 0;

	for (uint64_t seed = 1; seed <= 12; seed++) {
		for (size_t n = 0; n < ARRAY_SIZE(sizes); n++) {
			struct spec p = spec();
			struct campaign *k;

			p.seed = seed;
			k = versus(&p, sizes[n], &p, sizes[n]);
			alarms += k->c.verdict != VERDICT_SAME && k->c.verdict != VERDICT_UNKNOWN;
			sames += k->c.count[VERDICT_SAME] > 0;
			cr_assert_eq(k->c.nr_primary, 5);
			cr_assert_eq(k->c.nr_env, 0);
			cr_assert_eq(comparison_exit(&k->c), k->c.verdict == VERDICT_REGRESSED	? 1
							     : k->c.count[VERDICT_UNKNOWN] == 5 ? 77
												: 0);
			campaign_free(k);
		}
	}
	cr_assert_leq(alarms, 5, "%u of 36 A/A campaigns alarm",
		      alarms); /* P(Binomial(36, .05) > 5) = .008 */
	cr_assert_gt(sames, 6, "%u of 36 A/A campaigns prove something equal", sames);
}

/* 30 % on one metric at 4 runs a side is found, with the right sign in both directions of "better". */
Test(compare, shift)
{
	struct spec a = spec(), b = spec();
	struct campaign *k;

	b.stalls *= 1.3;
	k = versus(&a, 4, &b, 4);
	cr_assert(k->c.exact_permutation);
	cr_assert_eq(k->c.permutations, 70);
	ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_REGRESSED);
	cr_assert_float_eq(metric(k, 0, "stalls_per_gib")->shift, .3, .08);
	cr_assert(metric(k, 0, "stalls_per_gib")->lo > .1 && metric(k, 0, "stalls_per_gib")->hi < .5);
	cr_assert_eq(k->c.verdict, VERDICT_REGRESSED);
	cr_assert_eq(comparison_exit(&k->c), 1);
	campaign_free(k);
	k = versus(&b, 4, &a, 4);
	ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_IMPROVED);
	cr_assert_lt(metric(k, 0, "stalls_per_gib")->shift, -.15);
	cr_assert_eq(k->c.verdict, VERDICT_IMPROVED);
	cr_assert_eq(comparison_exit(&k->c), 0);
	campaign_free(k);
	b = spec();
	b.rate *= 1.3;
	k = versus(&a, 4, &b, 4);
	ASSERT_VERDICT(k, "load.touch_rate", VERDICT_IMPROVED);
	campaign_free(k);
	k = versus(&b, 4, &a, 4);
	ASSERT_VERDICT(k, "load.touch_rate", VERDICT_REGRESSED);
	campaign_free(k);
}

/* Efficiency moves in points of share and its floor is one: 2 points. */
Test(compare, share)
{
	struct spec a = spec(), b = spec();
	struct campaign *k;

	b.efficiency = .7;
	k = versus(&a, 6, &b, 6);
	ASSERT_VERDICT(k, "steal_scan_kswapd", VERDICT_REGRESSED);
	cr_assert_float_eq(metric(k, 0, "steal_scan_kswapd")->shift, -.1, .02);
	cr_assert_float_eq(metric(k, 0, "steal_scan_kswapd")->floor, .02, 1e-12);
	campaign_free(k);
	a.sd = b.sd = .006;
	b.efficiency = .79;
	k = versus(&a, 6, &b, 6);
	ASSERT_VERDICT(k, "steal_scan_kswapd", VERDICT_SMALL);
	campaign_free(k);
}

/* A shift that is sure but below the floor is SMALL; the scenario can move the floor. */
Test(compare, floors)
{
	struct spec a = spec(), b = spec();
	struct campaign *k;

	a.sd = b.sd = .002;
	b.stalls *= 1.03;
	k = versus(&a, 5, &b, 5);
	ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_SMALL);
	cr_assert_eq(comparison_exit(&k->c), 0);
	ASSERT_VERDICT(k, "refaults_per_steal", VERDICT_SAME);
	campaign_free(k);
	a.floor = b.floor = "0.01";
	k = versus(&a, 5, &b, 5);
	ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_REGRESSED);
	cr_assert_float_eq(metric(k, 0, "stalls_per_gib")->floor, .01, 1e-12);
	campaign_free(k);
}

/*
 * The same numbers in every run (the exact target with one seed): SAME, and a difference in all of them is
 * finite and found.
 */
Test(compare, no_variance)
{
	struct spec a = spec(), b = spec();
	struct campaign *k;

	a.sd = b.sd = 0;
	k = versus(&a, 4, &b, 4);
	cr_assert_eq(k->c.verdict, VERDICT_SAME);
	cr_assert_eq(k->c.count[VERDICT_SAME], 5);
	cr_assert_eq(metric(k, 0, "stalls_per_gib")->p_adj, 1.0);
	campaign_free(k);
	b.stalls = 260;
	k = versus(&a, 4, &b, 4);
	ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_REGRESSED);
	cr_assert(isfinite(metric(k, 0, "stalls_per_gib")->mde));
	campaign_free(k);
}

/* Metrics without a better direction are CHANGED, never an alarm. */
Test(compare, changed)
{
	struct spec a = spec(), b = spec();
	struct campaign *k;

	a.primary = b.primary = "pages_per_run scan_kswapd_per_s stalls_per_gib";
	b.efficiency = .5;
	k = versus(&a, 5, &b, 5);
	cr_assert_eq(k->c.nr_primary, 3);
	ASSERT_VERDICT(k, "scan_kswapd_per_s", VERDICT_CHANGED);
	cr_assert_eq(metric(k, 0, "scan_kswapd_per_s")->cls, METRIC_PRIMARY);
	cr_assert_eq(metric(k, 0, "steal_scan_kswapd")->cls, METRIC_SECONDARY);
	cr_assert_eq(k->c.verdict, VERDICT_CHANGED);
	cr_assert_eq(comparison_exit(&k->c), 0);
	ASSERT_VERDICT(k, "steal_scan_kswapd", VERDICT_REGRESSED); /* moves with it, but is no alarm */
	campaign_free(k);
}

Test(compare, absent)
{
	struct spec a = spec(), b = spec();
	struct campaign *k;

	b.no_direct = true;
	k = versus(&a, 5, &b, 5);
	cr_assert(!metric(k, 0, "stalls_per_gib")->judged);
	cr_assert_str_eq(metric(k, 0, "stalls_per_gib")->why_not, "ABSENT in B");
	ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_UNKNOWN);
	cr_assert(isnan(metric(k, 0, "stalls_per_gib")->med_b) && metric(k, 0, "stalls_per_gib")->vb == 0);
	cr_assert(left_out(k, "paced: stalls_per_gib: ABSENT in B"));
	cr_assert_eq(k->c.nr_family, 3); /* without pgsteal_direct no refaults_per_steal either */
	cr_assert_eq(k->c.nr_primary, 5);
	campaign_free(k);
	a.no_direct = true;
	a.primary = b.primary = "stalls_per_gib load.touch_rate no.such";
	k = versus(&a, 5, &b, 5);
	cr_assert_str_eq(metric(k, 0, "stalls_per_gib")->why_not, "ABSENT in A and B");
	cr_assert(left_out(k, "no.such: named primary"));
	campaign_free(k);
}

/* A value missing from one run takes that run out of this metric alone. */
Test(compare, gap)
{
	struct spec a = spec(), b = spec(), gap = spec();
	struct campaign *k = campaign_new();

	b.stalls *= 1.5;
	gap.no_direct = true;
	add(k, 0, &a, 5);
	add(k, 0, &gap, 1);
	add(k, 1, &b, 6);
	cr_assert_eq(judge(k), 0, "%s", k->e.msg);
	cr_assert(metric(k, 0, "stalls_per_gib")->na == 6 && metric(k, 0, "stalls_per_gib")->va == 5);
	ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_REGRESSED);
	cr_assert_eq(metric(k, 0, "load.touch_rate")->va, 6);
	campaign_free(k);
}

Test(compare, few_runs)
{
	struct spec a = spec(), b = spec();
	struct campaign *k;

	b.stalls *= 3;
	k = versus(&a, 2, &b, 5);
	cr_assert(!metric(k, 0, "stalls_per_gib")->judged);
	cr_assert(strstr(metric(k, 0, "stalls_per_gib")->why_not, "3 runs"));
	cr_assert_eq(k->c.verdict, VERDICT_UNKNOWN);
	cr_assert_eq(comparison_exit(&k->c), 77);
	campaign_free(k);
	k = versus(&a, 3, &b, 3); /* 20 relabellings: no p below .1 */
	ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_UNKNOWN);
	cr_assert(isinf(metric(k, 0, "stalls_per_gib")->mde));
	cr_assert(strstr(metric(k, 0, "stalls_per_gib")->why_not, "add runs"));
	cr_assert_float_eq(metric(k, 0, "stalls_per_gib")->conf, .9, 1e-9);
	campaign_free(k);
}

/* UNKNOWN says what could have been found: more runs, less. */
Test(compare, detectable)
{
	struct spec a = spec(), b = spec();
	struct campaign *k5, *k10;

	a.sd = b.sd = .2;
	k5 = versus(&a, 5, &b, 5);
	k10 = versus(&a, 10, &b, 10);
	ASSERT_VERDICT(k5, "stalls_per_gib", VERDICT_UNKNOWN);
	cr_assert_gt(metric(k5, 0, "stalls_per_gib")->mde, metric(k10, 0, "stalls_per_gib")->mde);
	cr_assert_gt(metric(k10, 0, "stalls_per_gib")->mde, .1);
	campaign_free(k5);
	campaign_free(k10);
}

/*
 * Earlier runs steady the variance: counted inside each kernel, never from runs under comparison, of other
 * scenarios or broken ones.
 */
Test(compare, history)
{
	struct spec a = spec(), b = spec(), old = spec(), other = spec(), broken = spec();
	struct campaign *k = campaign_new(), *past = campaign_new();

	b.stalls *= 1.05;
	old.seed = 77;
	old.release = "6.11.0";
	other.scenario = "burst";
	broken.outcome = "panic";
	broken.seed = 78;
	add(k, 0, &a, 5);
	add(k, 1, &b, 5);
	add(past, 0, &old, 9);
	old.release = "6.10.0";
	old.stalls *= 4; /* another level: only the spread inside a kernel counts */
	add(past, 0, &old, 4);
	add(past, 0, &other, 5);
	add(past, 0, &broken, 2);
	for (size_t i = 0; i < 2; i++) /* two of today's runs slipped in */
		past->p[0][past->nr[0] + i] = k->p[0][i];
	cr_assert_eq(judge(k), 0, "%s", k->e.msg);
	cr_assert_eq(metric(k, 0, "stalls_per_gib")->history_df, 0.0);
	comparison_release(&k->c);
	k->opts.history = past->p[0];
	k->opts.nr_history = past->nr[0] + 2;
	cr_assert_eq(judge(k), 0, "%s", k->e.msg);
	cr_assert_eq(metric(k, 0, "stalls_per_gib")->history_df, 11.0);
	cr_assert_lt(metric(k, 0, "stalls_per_gib")->mde, .2);
	campaign_free(past);
	campaign_free(k);
}
