/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Verdicts on seeded synthetic campaigns: what must alarm, what must not, and what nobody can
 * tell. */
#include "test_compare_synth.h"

/*
 * The same kernel on both sides, 300 campaigns with very few runs: verdicts other than SAME and
 * UNKNOWN are no more frequent than the declared rate allows.
 */
Test(compare, a_against_a)
{
	unsigned alarms = 0, sames = 0;

	for (uint64_t i = 0; i < 300; i++) {
		struct spec p = spec();
		struct contest *k;
		size_t fine;

		p.seed = 1 + i / 2;
		k = versus(&p, 4 + i % 2, &p, 4 + i % 2);
		alarms += k->c.verdict != VERDICT_SAME && k->c.verdict != VERDICT_UNKNOWN;
		sames += k->c.count[VERDICT_SAME] > 0;
		cr_assert_eq(k->c.nr_primary, 5);
		cr_assert_eq(k->c.nr_env, 0);
		fine = k->c.count[VERDICT_SAME] + k->c.count[VERDICT_SMALL] +
		       k->c.count[VERDICT_IMPROVED];
		cr_assert_eq(comparison_exit(&k->c), k->c.verdict == VERDICT_REGRESSED ? 1
						     : fine >= 3		       ? 0
										       : 77);
		contest_free(k);
	}
	cr_assert_leq(alarms, 28, "%u of 300 A/A campaigns alarm",
		      alarms); /* P(Binomial(300, .05) > 28) < .001 */
	cr_assert_gt(sames, 50, "%u of 300 A/A campaigns prove something equal", sames);
}

/* A shift of 30 % in one metric is found with 4 runs per side, with the right sign in both
 * directions of "better". */
Test(compare, shift)
{
	struct spec a = spec(), b = spec();
	struct contest *k;

	b.stalls *= 1.3;
	k = versus(&a, 4, &b, 4);
	cr_assert(k->c.exact_permutation);
	cr_assert_eq(k->c.permutations, 70);
	ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_REGRESSED);
	cr_assert_float_eq(metric(k, 0, "stalls_per_gib")->shift, .3, .08);
	cr_assert(metric(k, 0, "stalls_per_gib")->lo > .1 &&
		  metric(k, 0, "stalls_per_gib")->hi < .5);
	cr_assert_eq(k->c.verdict, VERDICT_REGRESSED);
	cr_assert_eq(comparison_exit(&k->c), 1);
	contest_free(k);
	k = versus(&b, 4, &a, 4);
	ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_IMPROVED);
	cr_assert_lt(metric(k, 0, "stalls_per_gib")->shift, -.15);
	cr_assert_eq(k->c.verdict, VERDICT_IMPROVED);
	cr_assert_eq(comparison_exit(&k->c), 77, "of the others nothing is shown");
	contest_free(k);
	b = spec();
	b.rate *= 1.3;
	k = versus(&a, 4, &b, 4);
	ASSERT_VERDICT(k, "load.touch_rate", VERDICT_IMPROVED);
	contest_free(k);
	k = versus(&b, 4, &a, 4);
	ASSERT_VERDICT(k, "load.touch_rate", VERDICT_REGRESSED);
	contest_free(k);
}

/* A shift of exactly 0 is shown as 0: with the sign of its rounding error, an MDE that holds for
 * both directions was printed as "-8710 %". */
Test(compare, no_shift_has_no_sign)
{
	struct spec p = spec();
	struct contest *k = contest_new();

	p.target = "vm";
	p.sd = .3;
	for (long i = 0; i < 6; i++) {
		make_run(&k->run[SIDE_A][i], &p, SIDE_A, i);
		make_run(&k->run[SIDE_B][i], &p, SIDE_A, i);
		k->p[SIDE_A][i] = &k->run[SIDE_A][i];
		k->p[SIDE_B][i] = &k->run[SIDE_B][i];
	}
	k->nr[SIDE_A] = k->nr[SIDE_B] = 6;
	judged(k);
	for (size_t i = 0; i < k->c.scenario[0].nr_metrics; i++)
		cr_assert_eq(k->c.scenario[0].metric[i].shift, 0, "%s: %g",
			     k->c.scenario[0].metric[i].m->name, k->c.scenario[0].metric[i].shift);
	contest_free(k);
}

/* A shift of efficiency is in points, and so is its floor: 2 points. */
Test(compare, share)
{
	struct spec a = spec(), b = spec();
	struct contest *k;

	b.efficiency = .7;
	k = versus(&a, 6, &b, 6);
	ASSERT_VERDICT(k, "steal_scan_kswapd", VERDICT_REGRESSED);
	cr_assert_float_eq(metric(k, 0, "steal_scan_kswapd")->shift, -.1, .02);
	cr_assert_float_eq(metric(k, 0, "steal_scan_kswapd")->floor, .02, 1e-12);
	contest_free(k);
	a.sd = b.sd = .006;
	b.efficiency = .79;
	k = versus(&a, 6, &b, 6);
	ASSERT_VERDICT(k, "steal_scan_kswapd", VERDICT_SMALL);
	contest_free(k);
}

/* A shift that is sure but below the floor is SMALL; the scenario can move the floor. */
Test(compare, floors)
{
	struct spec a = spec(), b = spec();
	struct contest *k;

	a.sd = b.sd = .002;
	b.stalls *= 1.03;
	k = versus(&a, 5, &b, 5);
	ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_SMALL);
	cr_assert_eq(comparison_exit(&k->c), 0);
	ASSERT_VERDICT(k, "refaults_per_gib", VERDICT_SAME);
	contest_free(k);
	a.floor = b.floor = "0.01";
	k = versus(&a, 5, &b, 5);
	ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_REGRESSED);
	cr_assert_float_eq(metric(k, 0, "stalls_per_gib")->floor, .01, 1e-12);
	contest_free(k);
}

/* The floor of 5 % is 5 % of A in both directions, for what is found and for what is the same. */
Test(compare, floor_is_symmetric)
{
	static const struct {
		double b;
		enum verdict want;
	} c[] = {
		{ 950.5, VERDICT_SMALL },      { 952.5, VERDICT_SMALL },
		{ 1047.5, VERDICT_SMALL },     { 1049.5, VERDICT_SMALL },
		{ 949.5, VERDICT_IMPROVED },   { 900, VERDICT_IMPROVED },
		{ 1050.5, VERDICT_REGRESSED }, { 1100, VERDICT_REGRESSED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(c); i++) {
		struct spec a = spec(), b = spec();
		struct contest *k;
		const struct cmp_metric *m;

		a.sd = b.sd = 1e-5;
		a.cpu_ms = 1000;
		b.cpu_ms = c[i].b;
		a.primary = b.primary = "kswapd_cpu_ms_per_gib";
		k = versus(&a, 5, &b, 5);
		m = metric(k, 0, "kswapd_cpu_ms_per_gib");
		cr_assert_eq(m->verdict, c[i].want, "%g: %s", c[i].b, verdict_names[m->verdict]);
		cr_assert_eq(m->p_same < .5, c[i].want == VERDICT_SMALL, "%g: %g", c[i].b,
			     m->p_same);
		contest_free(k);
	}
}

/*
 * The same numbers in every run (the exact target with one seed): SAME, and a difference in all of
 * them is finite and found.
 */
Test(compare, no_variance)
{
	struct spec a = spec(), b = spec();
	struct contest *k;

	a.sd = b.sd = 0;
	k = versus(&a, 9, &b, 9);
	cr_assert_eq(k->c.verdict, VERDICT_SAME);
	cr_assert_eq(k->c.count[VERDICT_SAME], 5);
	cr_assert_eq(metric(k, 0, "stalls_per_gib")->p_adj, 1.0);
	contest_free(k);
	b.stalls = 260;
	k = versus(&a, 4, &b, 4);
	ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_REGRESSED);
	cr_assert(isfinite(metric(k, 0, "stalls_per_gib")->mde));
	contest_free(k);
}

/* Metrics without a better direction are CHANGED, never an alarm. */
Test(compare, changed)
{
	struct spec a = spec(), b = spec();
	struct contest *k;

	a.primary = b.primary = "pages_per_run scan_kswapd_per_s stalls_per_gib";
	b.efficiency = .5;
	k = versus(&a, 9, &b, 9);
	cr_assert_eq(k->c.nr_primary, 3);
	ASSERT_VERDICT(k, "scan_kswapd_per_s", VERDICT_CHANGED);
	cr_assert_eq(metric(k, 0, "scan_kswapd_per_s")->cls, METRIC_PRIMARY);
	cr_assert_eq(metric(k, 0, "steal_scan_kswapd")->cls, METRIC_SECONDARY);
	cr_assert_eq(k->c.verdict, VERDICT_CHANGED);
	cr_assert_eq(comparison_exit(&k->c), 0);
	/* the metric moves with the verdict, but is no alarm */
	ASSERT_VERDICT(k, "steal_scan_kswapd", VERDICT_REGRESSED);
	contest_free(k);
}

/* Times decide with one CPU, and not where several share one clock in turns; counts always do. */
Test(compare, machine_of_primary)
{
	static const struct {
		const char *cpus, *target, *primary;
		size_t nr;   /* primary metrics */
		bool time;   /* kswapd_cpu_ms_per_gib is one of them */
		size_t said; /* lines of what was left out */
	} cases[] = {
		{ NULL, "exact", NULL, 5, true, 0 },
		{ "1", "exact", NULL, 5, true, 0 },
		{ "2", "vm", NULL, 5, true, 0 },
		{ "2", "exact", NULL, 3, false, 2 },
		{ "2", "exact", "stalls_per_gib kswapd_cpu_ms_per_gib", 1, false, 1 },
		{ "2", "host", "stalls_per_gib kswapd_cpu_ms_per_gib", 2, true, 0 },
		{ "2", "exact", "stalls_per_gib", 1, false, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct spec a = spec(), b = spec();
		const struct cmp_metric *m;
		struct contest *k;

		a.cpus = b.cpus = cases[i].cpus;
		a.target = b.target = cases[i].target;
		a.primary = b.primary = cases[i].primary;
		b.cpu_ms *= 3;
		k = versus(&a, 5, &b, 5);
		m = metric(k, 0, "kswapd_cpu_ms_per_gib");
		cr_assert_eq(k->c.nr_primary, cases[i].nr, "case %zu: %zu", i, k->c.nr_primary);
		cr_assert_eq(m->cls, cases[i].time ? METRIC_PRIMARY : METRIC_SECONDARY, "case %zu",
			     i);
		cr_assert(m->judged, "case %zu", i);
		cr_assert_eq(k->c.verdict == VERDICT_REGRESSED, cases[i].time, "case %zu", i);
		cr_assert_eq(k->c.nr_left_out, cases[i].said, "case %zu: %s", i,
			     k->c.nr_left_out ? k->c.left_out[0] : "");
		if (cases[i].said)
			cr_assert_str_eq(k->c.left_out[0],
					 "paced: kswapd_cpu_ms_per_gib: not primary on exact with "
					 "several CPUs: times hold the emulator's turns");
		contest_free(k);
	}
}

/* By force: where one side ran with several CPUs, times do not decide. */
Test(compare, machines_by_force)
{
	struct spec a = spec(), b = spec();
	struct contest *k = contest_new();

	a.cpus = "1";
	b.cpus = "2";
	b.cpu_ms *= 3;
	add(k, 0, &a, 5);
	add(k, 1, &b, 5);
	k->opts.force = true;
	judged(k);
	cr_assert_eq(metric(k, 0, "kswapd_cpu_ms_per_gib")->cls, METRIC_SECONDARY);
	contest_free(k);
}

Test(compare, absent)
{
	struct spec a = spec(), b = spec();
	struct contest *k;

	b.no_direct = true;
	k = versus(&a, 5, &b, 5);
	cr_assert(!metric(k, 0, "stalls_per_gib")->judged);
	cr_assert_str_eq(metric(k, 0, "stalls_per_gib")->why_not, "ABSENT in B");
	ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_UNKNOWN);
	cr_assert(isnan(metric(k, 0, "stalls_per_gib")->side[SIDE_B].median) &&
		  metric(k, 0, "stalls_per_gib")->side[SIDE_B].present == 0);
	cr_assert(left_out(k, "paced: stalls_per_gib: ABSENT in B"));
	cr_assert(left_out(k, "paced: steal_scan: ABSENT in B"));
	cr_assert_eq(k->c.nr_family, 3);
	cr_assert_eq(k->c.nr_primary, 5);
	contest_free(k);
	a.no_direct = true;
	a.primary = b.primary = "stalls_per_gib load.touch_rate no.such";
	k = versus(&a, 5, &b, 5);
	cr_assert_str_eq(metric(k, 0, "stalls_per_gib")->why_not, "ABSENT in A and B");
	cr_assert(left_out(k, "no.such: named primary"));
	contest_free(k);
}

/* A value missing from one run takes that run out of this metric alone. */
Test(compare, gap)
{
	struct spec a = spec(), b = spec(), gap = spec();
	struct contest *k = contest_new();

	b.stalls *= 1.5;
	gap.no_direct = true;
	add(k, 0, &a, 5);
	add(k, 0, &gap, 1);
	add(k, 1, &b, 6);
	judged(k);
	cr_assert(metric(k, 0, "stalls_per_gib")->side[SIDE_A].nr == 6 &&
		  metric(k, 0, "stalls_per_gib")->side[SIDE_A].present == 5);
	ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_REGRESSED);
	cr_assert_eq(metric(k, 0, "load.touch_rate")->side[SIDE_A].present, 6);
	contest_free(k);
}

Test(compare, few_runs)
{
	struct spec a = spec(), b = spec();
	struct contest *k;

	b.stalls *= 3;
	k = versus(&a, 2, &b, 5);
	cr_assert(!metric(k, 0, "stalls_per_gib")->judged);
	cr_assert(strstr(metric(k, 0, "stalls_per_gib")->why_not, "3 runs"));
	cr_assert_eq(k->c.verdict, VERDICT_UNKNOWN);
	cr_assert_eq(comparison_exit(&k->c), 77);
	contest_free(k);
	k = versus(&a, 3, &b, 3); /* 20 relabellings: no p below .1 */
	ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_UNKNOWN);
	cr_assert(isinf(metric(k, 0, "stalls_per_gib")->mde));
	cr_assert(strstr(metric(k, 0, "stalls_per_gib")->why_not, "add runs"));
	cr_assert_float_eq(metric(k, 0, "stalls_per_gib")->conf, .9, 1e-9);
	contest_free(k);
}

/* UNKNOWN says what could have been found: more runs, less. */
Test(compare, detectable)
{
	struct spec a = spec(), b = spec();
	struct contest *k5, *k10;

	a.sd = b.sd = .2;
	k5 = versus(&a, 5, &b, 5);
	k10 = versus(&a, 10, &b, 10);
	ASSERT_VERDICT(k5, "stalls_per_gib", VERDICT_UNKNOWN);
	cr_assert_gt(metric(k5, 0, "stalls_per_gib")->mde, metric(k10, 0, "stalls_per_gib")->mde);
	cr_assert_gt(metric(k10, 0, "stalls_per_gib")->mde, .1);
	contest_free(k5);
	contest_free(k10);
}

/*
 * Earlier runs steady the variance: counted inside each kernel, never from runs under comparison,
 * of other scenarios or broken ones.
 */
Test(compare, history)
{
	struct spec a = spec(), b = spec(), old = spec(), other = spec(), broken = spec();
	struct contest *k = contest_new(), *past = contest_new();

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
	/* two runs of the comparison itself among the earlier ones */
	for (size_t i = 0; i < 2; i++)
		past->p[0][past->nr[0] + i] = k->p[0][i];
	judged(k);
	cr_assert_eq(metric(k, 0, "stalls_per_gib")->history_df, 0.0);
	comparison_release(&k->c);
	use_history(k, past);
	k->opts.nr_history += 2;
	judged(k);
	cr_assert_eq(metric(k, 0, "stalls_per_gib")->history_df, 11.0);
	cr_assert_lt(metric(k, 0, "stalls_per_gib")->mde, .2);
	comparison_release(&k->c);
	for (size_t i = 0; i < 2; i++) /* copies of runs already there */
		past->p[0][past->nr[0] + 2 + i] = past->p[0][i];
	k->opts.nr_history += 2;
	judged(k);
	cr_assert_eq(metric(k, 0, "stalls_per_gib")->history_df, 11.0);
	contest_free(past);
	contest_free(k);
}

/* A run that broke before it knew its LRU mode does not keep the others from their history. */
Test(compare, history_of_a_broken_first_run)
{
	struct spec a = spec(), old = spec(), broken = spec();
	struct contest *k = contest_new(), *past = contest_new();

	broken.outcome = "panic";
	broken.lru = "unknown";
	old.seed = 77;
	add(k, 0, &broken, 1);
	add(k, 0, &a, 5);
	add(k, 1, &a, 5);
	add(past, 0, &old, 6);
	use_history(k, past);
	judged(k);
	cr_assert(!k->c.scenario[0].side[SIDE_A].run[0]->usable);
	cr_assert_eq(metric(k, 0, "stalls_per_gib")->history_df, 5.0);
	contest_free(past);
	contest_free(k);
}

/* A rejected metric does not weaken the others: their MDE is that of the family without it. */
Test(compare, detectable_beside_a_regression)
{
	static const char rest[] =
		"kswapd_cpu_ms_per_gib steal_scan_kswapd refaults_per_gib load.touch_rate";
	struct spec a = spec(), b = spec();
	struct contest *all, *four;

	a.sd = b.sd = .1;
	b.stalls *= 20;
	all = versus(&a, 5, &b, 5);
	ASSERT_VERDICT(all, "stalls_per_gib", VERDICT_REGRESSED);
	ASSERT_VERDICT(all, "refaults_per_gib", VERDICT_UNKNOWN);
	a.primary = b.primary = rest;
	four = versus(&a, 5, &b, 5);
	cr_assert_eq(four->c.nr_family, 4);
	cr_assert_float_eq(metric(all, 0, "refaults_per_gib")->mde,
			   metric(four, 0, "refaults_per_gib")->mde, 1e-12);
	cr_assert(isfinite(metric(all, 0, "refaults_per_gib")->mde));
	cr_assert(isnan(metric(all, 0, "pages_per_run")->mde) &&
			  metric(all, 0, "pages_per_run")->judged,
		  "none is promised for metrics that never alarm");
	contest_free(all);
	contest_free(four);
}

/* A shift is relative to A, not to A + c; where A is under ten steps it is given in units. */
Test(compare, shift_of_what)
{
	struct spec a = spec(), b = spec();
	struct contest *k;

	a.sd = b.sd = 0;
	a.stalls = 12;
	b.stalls = 18;
	k = versus(&a, 4, &b, 4);
	cr_assert(!metric(k, 0, "stalls_per_gib")->shift_in_units);
	cr_assert_float_eq(metric(k, 0, "stalls_per_gib")->shift, .5, 1e-9);
	contest_free(k);
	a.stalls = 0;
	b.stalls = 4;
	k = versus(&a, 4, &b, 4);
	cr_assert(metric(k, 0, "stalls_per_gib")->shift_in_units);
	cr_assert_float_eq(metric(k, 0, "stalls_per_gib")->shift, 4, 1e-9);
	ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_REGRESSED);
	contest_free(k);
	a.stalls = 60;
	b.stalls = 0;
	k = versus(&a, 4, &b, 4);
	cr_assert_float_eq(metric(k, 0, "stalls_per_gib")->shift, -1, 1e-9);
	cr_assert_geq(metric(k, 0, "stalls_per_gib")->lo, -1.0, "a count does not fall below 0");
	contest_free(k);
}

/* The MDE stands on the side of the shift: a fall can never be more than all of it. */
Test(compare, detectable_side)
{
	struct spec a = spec(), b = spec();
	struct contest *up, *down;

	a.sd = b.sd = .6;
	b.stalls *= 1.2;
	up = versus(&a, 4, &b, 4);
	down = versus(&b, 4, &a, 4);
	cr_assert_gt(metric(up, 0, "stalls_per_gib")->shift *
			     -metric(down, 0, "stalls_per_gib")->shift,
		     0);
	for (int i = 0; i < 2; i++) {
		const struct cmp_metric *m = metric(i ? down : up, 0, "stalls_per_gib");

		if (m->shift < 0)
			cr_assert(m->mde > .5 && m->mde <= 1, "%g", m->mde);
		else
			cr_assert_gt(m->mde, 1);
	}
	contest_free(up);
	contest_free(down);
}

/* Latencies come in buckets of 1/64: one bucket in every run is no zero variance. */
Test(compare, histogram_steps)
{
	struct spec a = spec(), b = spec();
	struct contest *k;

	a.lat_ns = 1000000;
	b.lat_ns = 1000000 + 20000;
	k = versus(&a, 5, &b, 5);
	ASSERT_VERDICT(k, "load.touch_p99_us", VERDICT_SMALL);
	cr_assert_gt(metric(k, 0, "load.touch_p99_us")->shift, 0);
	contest_free(k);
	b.lat_ns = 1000000;
	k = versus(&a, 9, &b, 9);
	ASSERT_VERDICT(k, "load.touch_p99_us", VERDICT_SAME);
	cr_assert_gt(metric(k, 0, "load.touch_p99_us")->mde, .007, "%g",
		     metric(k, 0, "load.touch_p99_us")->mde);
	contest_free(k);
}
