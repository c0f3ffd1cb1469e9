/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which runs are compared: LRU modes, eras, broken runs, machines, environments, several scenarios,
 * the same bytes twice.
 */
#include "test_compare_synth.h"

Test(compare, lru_modes)
{
	struct spec a = spec(), b = spec();
	struct contest *k;

	b.lru = "mglru";
	a.state = "run.lru classic\n";
	b.state = "run.lru mglru\n";
	b.efficiency = .3;
	k = versus(&a, 5, &b, 5);
	cr_assert_str_eq(k->c.lru[SIDE_A], "classic");
	cr_assert_str_eq(k->c.lru[SIDE_B], "mglru");
	cr_assert(!metric(k, 0, "steal_scan_kswapd")->judged);
	cr_assert(left_out(k, "paced: steal_scan_kswapd: not comparable between LRU modes"));
	cr_assert(metric(k, 0, "stalls_per_gib")->judged);
	cr_assert_neq(k->c.verdict, VERDICT_REGRESSED);
	cr_assert_str_eq(k->c.label[SIDE_B], "mglru");
	cr_assert_eq(k->c.nr_env, 1);
	contest_free(k);
}

Test(compare, era71)
{
	struct spec a = spec(), b = spec();
	struct contest *k;

	b.era71 = true;
	k = versus(&a, 4, &b, 4);
	cr_assert(!strstr(metric(k, 0, "steal_direct_per_s")->why_not
				  ? metric(k, 0, "steal_direct_per_s")->why_not
				  : "",
			  "7.1"));
	contest_free(k);
	/* head "scenario.text", value "memcg limit=64m x" */
	a.extra = b.extra = "scenario.text memcg limit=64m";
	k = versus(&a, 4, &b, 4);
	cr_assert(strstr(metric(k, 0, "steal_direct_per_s")->why_not, "7.1"));
	cr_assert(metric(k, 0, "steal_kswapd_per_s")->judged);
	/* what direct reclaim counts is a fact of the environment */
	cr_assert_eq(k->c.nr_env, 1);
	cr_assert_str_eq(k->c.env[0].key, "scan.direct includes");
	cr_assert_str_eq(k->c.env[0].a, "khugepaged, proactive");
	cr_assert_str_eq(k->c.env[0].b, "khugepaged, proactive, memcg");
	contest_free(k);
	/* text in prose names no limit; on a host there are other groups */
	a.extra = b.extra =
		"scenario.text [scenario]\\nname = memcg-storm\\nsummary = cgroup memory.max\\n# memcg = 1\\ny =";
	k = versus(&a, 4, &b, 4);
	cr_assert(metric(k, 0, "scan_direct_per_s")->judged);
	contest_free(k);
	a.extra = b.extra = NULL;
	a.target = b.target = "host";
	k = versus(&a, 4, &b, 4);
	cr_assert(strstr(metric(k, 0, "scan_direct_per_s")->why_not, "7.1"));
	contest_free(k);
}

/* Refaults of anonymous memory are counted from 5.9 on: between the two eras the metric is left out
 * by name, inside one era it is judged. */
Test(compare, era59)
{
	struct spec a = spec(), b = spec();
	struct contest *k;

	b.era59 = true;
	k = versus(&a, 4, &b, 4);
	cr_assert(strstr(metric(k, 0, "refaults_per_gib")->why_not, "before 5.9"));
	cr_assert(left_out(k, "paced: refaults_per_gib: not comparable"));
	cr_assert(metric(k, 0, "stalls_per_gib")->judged);
	contest_free(k);
	a.era59 = true;
	k = versus(&a, 4, &b, 4);
	cr_assert(metric(k, 0, "refaults_per_gib")->judged);
	contest_free(k);
}

/*
 * Broken runs are set aside with their reason and counted: 4 of 4 against 0 of 4 is a regression of
 * its own.
 */
Test(compare, broken)
{
	struct spec a = spec(), b = spec(), cut = spec(), open = spec(), skip = spec();
	struct contest *k;

	b.outcome = "panic";
	b.detail = "Out of memory and no killable processes";
	k = versus(&a, 4, &b, 4);
	cr_assert_eq(k->c.scenario[0].side[SIDE_B].usable, 0);
	cr_assert_str_eq(k->c.scenario[0].side[SIDE_B].run[2]->set_aside,
			 "panic: Out of memory and no killable processes");
	cr_assert_float_eq(k->c.scenario[0].p_outcome, 2 / 70.0, 1e-9);
	cr_assert_eq(k->c.verdict, VERDICT_REGRESSED);
	cr_assert_eq(comparison_exit(&k->c), 1);
	contest_free(k);
	k = versus(&b, 4, &a, 4);
	cr_assert_eq(k->c.verdict, VERDICT_IMPROVED);
	cr_assert_eq(comparison_exit(&k->c), 0);
	contest_free(k);

	cut.cut = true;
	open.no_window = true;
	skip.outcome = "skip";
	k = contest_new();
	add(k, 0, &a, 5);
	add(k, 1, &a, 5);
	add(k, 1, &cut, 1);
	add(k, 1, &open, 1);
	add(k, 1, &skip, 1);
	judged(k);
	cr_assert(k->c.scenario[0].side[SIDE_B].nr == 8 &&
		  k->c.scenario[0].side[SIDE_B].usable == 5 &&
		  k->c.scenario[0].side[SIDE_B].broken == 2);
	cr_assert(strstr(k->c.scenario[0].side[SIDE_B].run[5]->set_aside, "truncated"), "%s",
		  k->c.scenario[0].side[SIDE_B].run[5]->set_aside);
	cr_assert(strstr(k->c.scenario[0].side[SIDE_B].run[6]->set_aside, "no window"));
	cr_assert_str_eq(k->c.scenario[0].side[SIDE_B].run[7]->set_aside, "skip");
	cr_assert(k->c.scenario[0].p_outcome > .05 && k->c.scenario[0].p_outcome < 1);
	cr_assert_neq(k->c.verdict, VERDICT_REGRESSED);
	contest_free(k);
}

/* Runs that broke by the harness's fault are set aside with their reason, and are no outcome of the
 * kernel. */
Test(compare, harness_trouble)
{
	static const struct {
		const char *outcome;
		bool counts;
	} cases[] = {
		{ "qemu-failed", false },
		{ "killed", false },
		{ "failed", false },
		{ "skip", false },
		{ "stopped", false },
		{ "limit", false },
		/* runs that may be the kernel's fault */
		{ "panic", true },
		{ "hang", true },
		{ "overrun", true },
		{ "early-exit", true },
		{ "oom-kill", true },
		{ "watchdog", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct spec a = spec(), b = spec();
		struct contest *k;

		b.outcome = cases[i].outcome;
		k = versus(&a, 4, &b, 4);
		cr_assert(
			!k->c.scenario[0].side[SIDE_B].run[0]->usable &&
			strstr(k->c.scenario[0].side[SIDE_B].run[0]->set_aside, cases[i].outcome));
		cr_assert_eq(k->c.scenario[0].side[SIDE_B].run[0]->broken, cases[i].counts, "%s",
			     cases[i].outcome);
		cr_assert_eq(k->c.scenario[0].side[SIDE_B].broken, cases[i].counts ? 4 : 0, "%s",
			     cases[i].outcome);
		cr_assert_eq(k->c.verdict, cases[i].counts ? VERDICT_REGRESSED : VERDICT_UNKNOWN,
			     "%s", cases[i].outcome);
		contest_free(k);
	}
}

/*
 * Outcomes and the max-T family share the error rate: an outcome pays for the family, the family
 * for outcomes still open.
 */
Test(compare, outcomes_joined)
{
	struct spec a = spec(), b = spec(), calm = spec(), panic = spec();
	struct contest *k = contest_new();
	double alone;

	b.cpu_ms *= 1.05;
	calm.scenario = panic.scenario = "storm";
	panic.outcome = "panic";
	add(k, 0, &a, 6);
	add(k, 1, &b, 6);
	add(k, 0, &calm, 6);
	add(k, 1, &panic, 6);
	judged(k);
	alone = metric(k, 0, "kswapd_cpu_ms_per_gib")->p_adj;
	cr_assert_float_eq(k->c.scenario[1].p_outcome, 2 / 924.0, 1e-9);
	cr_assert_float_eq(k->c.scenario[1].p_outcome_adj, 4 / 924.0, 1e-9);
	cr_assert_eq(k->c.verdict, VERDICT_REGRESSED);
	contest_free(k);

	k = contest_new();
	add(k, 0, &a, 6);
	add(k, 1, &b, 6);
	add(k, 0, &calm, 2); /* too few runs to be judged: the same family as above */
	add(k, 1, &calm, 2);
	add(k, 0, &calm, 4);
	add(k, 0, &panic, 1);
	add(k, 1, &panic, 3);
	judged(k);
	cr_assert(k->c.scenario[1].p_outcome_adj > .05 && k->c.scenario[1].p_outcome < 1);
	cr_assert_eq(k->c.nr_family, 5);
	cr_assert_float_eq(metric(k, 0, "kswapd_cpu_ms_per_gib")->p_adj, fmin(1, 2 * alone), 1e-12);
	contest_free(k);
}

Test(compare, machines)
{
	struct spec a = spec(), b = spec();
	struct contest *k = contest_new();

	b.memory = "805306368";
	add(k, 0, &a, 3);
	add(k, 1, &b, 3);
	cr_assert_eq(judge(k), -EXDEV);
	cr_assert(strstr(k->e.msg, "machine.memory") && strstr(k->e.msg, "402653184") &&
			  strstr(k->e.msg, "paced-B-00.wm"),
		  "%s", k->e.msg);
	k->opts.force = true;
	judged(k);
	cr_assert_eq(k->c.nr_env, 1);
	cr_assert(k->c.env[0].key_fact && !strcmp(k->c.env[0].key, "machine.memory") &&
		  !strcmp(k->c.env[0].b, "805306368"));
	contest_free(k);
	k = contest_new();
	b = spec();
	b.hash = "12";
	add(k, 0, &a, 3);
	add(k, 1, &b, 3);
	cr_assert_eq(judge(k), -EXDEV);
	cr_assert(strstr(k->e.msg, "scenario.hash"), "%s", k->e.msg);
	contest_free(k);
}

Test(compare, environment)
{
	struct spec a = spec(), b = spec(), odd = spec();
	struct contest *k = contest_new();

	b.release = "7.3.0";
	odd.release = "7.3.0";
	odd.knob = "10";
	odd.extra = "config.LRU_GEN";
	add(k, 0, &a, 4);
	add(k, 1, &b, 3);
	add(k, 1, &odd, 1);
	judged(k);
	cr_assert_eq(k->c.nr_env, 3);
	cr_assert_str_eq(k->c.env[0].key, "config.LRU_GEN");
	cr_assert(!k->c.env[0].a && !strcmp(k->c.env[0].b, "varies"));
	cr_assert(!strcmp(k->c.env[1].key, "kernel.release") && !strcmp(k->c.env[1].b, "7.3.0"));
	cr_assert(!strcmp(k->c.env[2].a, "60") && !strcmp(k->c.env[2].b, "varies"));
	ASSERT_LABELS(k, "6.12.0", "7.3.0");
	contest_free(k);
	a.knob = "10";
	b = spec();
	k = versus(&a, 3, &b, 3);
	ASSERT_LABELS(k, "swappiness=10", "swappiness=60");
	contest_free(k);
}

/* Two scenarios: one regresses, one stands on one side only; the family is judged as one. */
Test(compare, campaign)
{
	struct spec a = spec(), b = spec(), other = spec(), lone = spec();
	struct contest *k = contest_new();

	b.cpu_ms *= 1.6;
	other.scenario = "burst";
	other.seed = 9;
	lone.scenario = "slab";
	add(k, 0, &a, 5);
	add(k, 0, &other, 5);
	add(k, 0, &lone, 2);
	add(k, 1, &b, 5);
	add(k, 1, &other, 5);
	judged(k);
	cr_assert_eq(k->c.nr_scenarios, 2);
	cr_assert_str_eq(k->c.scenario[0].name, "burst");
	cr_assert(left_out(k, "slab: no run of it in B"));
	cr_assert_eq(k->c.nr_family, 10);
	cr_assert(k->c.exact_permutation && k->c.permutations == 252 * 252);
	cr_assert_eq(metric(k, 1, "kswapd_cpu_ms_per_gib")->verdict, VERDICT_REGRESSED);
	cr_assert_neq(k->c.scenario[0].verdict, VERDICT_REGRESSED);
	cr_assert_eq(k->c.scenario[1].verdict, VERDICT_REGRESSED);
	cr_assert_eq(k->c.count[VERDICT_REGRESSED], 1);
	contest_free(k);
}

Test(compare, nothing)
{
	struct spec a = spec(), b = spec();
	struct contest *k = contest_new();

	b.scenario = "other";
	add(k, 0, &a, 3);
	cr_assert_eq(judge(k), -ENODATA);
	cr_assert(strstr(k->e.msg, "side B holds no runs"), "%s", k->e.msg);
	add(k, 1, &b, 3);
	cr_assert_eq(judge(k), -ENODATA);
	cr_assert(strstr(k->e.msg, "share no scenario"), "%s", k->e.msg);
	contest_free(k);
}

/* Prints all that was decided. */
static void print(const struct comparison *c, struct buf *out)
{
	for (size_t s = 0; s < c->nr_scenarios; s++) {
		buf_addf(out, "%s %a %d\n", c->scenario[s].name, c->scenario[s].p_outcome_adj,
			 (int)c->scenario[s].verdict);
		for (size_t i = 0; i < c->scenario[s].nr_metrics; i++) {
			const struct cmp_metric *m = &c->scenario[s].metric[i];

			buf_addf(out, "%s %d %a %a %a %a %a %a %a %d\n", m->m->name, m->judged,
				 m->side[SIDE_A].median, m->shift, m->lo, m->hi, m->p_raw, m->p_adj,
				 m->mde, (int)m->verdict);
		}
	}
}

/* The same runs give the same bytes, in whatever order they were named. */
Test(compare, deterministic)
{
	struct buf first = BUF_INIT, second = BUF_INIT;
	struct spec a = spec(), b = spec();
	struct contest *k;

	a.sd = b.sd = .1;
	b.stalls *= 1.1;
	k = versus(&a, 11, &b, 11);
	cr_assert(!k->c.exact_permutation);
	print(&k->c, &first);
	comparison_release(&k->c);
	for (size_t i = 0; i < 4; i++) {
		const struct run_facts *t = k->p[0][i];

		k->p[0][i] = k->p[0][8 - i];
		k->p[0][8 - i] = t;
	}
	judged(k);
	print(&k->c, &second);
	cr_assert_str_eq(first.data, second.data);
	cr_assert_gt(first.len, 500);
	buf_release(&second);
	buf_release(&first);
	contest_free(k);
}

/* Numbers that contradict themselves are not averaged in, and are no outcome of the kernel: an oops
 * in its log is one. */
Test(compare, invalid_runs)
{
	struct spec a = spec(), b = spec(), bad = spec();
	struct contest *k = contest_new();

	bad.stale = true;
	add(k, 0, &a, 6);
	add(k, 1, &b, 4);
	add(k, 1, &bad, 2);
	judged(k);
	cr_assert_eq(k->c.scenario[0].side[SIDE_B].nr, 6);
	cr_assert_eq(k->c.scenario[0].side[SIDE_B].usable, 4);
	cr_assert_eq(k->c.scenario[0].side[SIDE_B].broken, 0);
	cr_assert_eq(metric(k, 0, "stalls_per_gib")->side[SIDE_B].nr, 4);
	for (size_t i = 0; i < 6; i++) {
		const struct run_facts *r = k->c.scenario[0].side[SIDE_B].run[i];

		cr_assert_eq(r->usable, i < 4);
		cr_assert(i < 4 || strstr(r->set_aside, "invalid: window"), "%s", r->set_aside);
	}
	contest_free(k);
}

/* ---------------------------------------------------------------- copies */

/* Adds the run of place @order to a side: with the same @p and @order it is the same run. */
static void add_run(struct contest *k, enum side side, const struct spec *p, long order)
{
	size_t at = k->nr[side]++;

	make_run(&k->run[side][at], p, side, order);
	k->p[side][at] = &k->run[side][at];
}

/* Five copies of one run per side are one run per side: nothing to judge, however far apart they
 * are. What was dropped is named once, with an example. */
Test(compare, copies_count_once)
{
	struct spec a = spec(), b = spec();
	struct contest *k = contest_new();

	b.stalls *= 2;
	for (int i = 0; i < 5; i++) {
		add_run(k, SIDE_A, &a, 0);
		add_run(k, SIDE_B, &b, 0);
	}
	judged(k);
	cr_assert_eq(k->c.verdict, VERDICT_UNKNOWN);
	cr_assert_eq(k->c.nr_family, 0);
	cr_assert_eq(k->c.scenario[0].side[SIDE_A].nr, 1);
	cr_assert_eq(k->c.scenario[0].side[SIDE_B].usable, 1);
	cr_assert_str_eq(k->c.left_out[0],
			 "8 runs are copies and count once, as paced-A-00.wm of paced-A-00.wm");
	for (size_t i = 1; i < k->c.nr_left_out; i++)
		cr_assert_not(strstr(k->c.left_out[i], "copies"), "%s", k->c.left_out[i]);
	contest_free(k);
}

/* Doubled runs are judged like the runs themselves, to the last digit. */
Test(compare, doubled_runs_change_nothing)
{
	struct buf once = BUF_INIT, twice = BUF_INIT;
	struct spec a = spec(), b = spec();
	struct contest *k;

	a.sd = b.sd = .1;
	b.stalls *= 1.2;
	k = versus(&a, 6, &b, 6);
	print(&k->c, &once);
	comparison_release(&k->c);
	for (long i = 0; i < 6; i++) {
		add_run(k, SIDE_A, &a, i);
		add_run(k, SIDE_B, &b, i);
	}
	judged(k);
	print(&k->c, &twice);
	cr_assert_str_eq(once.data, twice.data);
	contest_free(k);
	buf_release(&once);
	buf_release(&twice);
}

/* One image against itself: the same seed gives the same body on both sides, and both count. */
Test(compare, sides_may_be_equal)
{
	struct spec p = spec();
	struct contest *k = contest_new();

	for (long i = 0; i < 5; i++) {
		add_run(k, SIDE_A, &p, i);
		make_run(&k->run[SIDE_B][i], &p, SIDE_A, i);
		k->p[SIDE_B][k->nr[SIDE_B]++] = &k->run[SIDE_B][i];
	}
	judged(k);
	cr_assert_eq(k->c.scenario[0].side[SIDE_B].usable, 5);
	cr_assert_eq(k->c.nr_left_out, 0);
	cr_assert_eq(k->c.verdict, VERDICT_SAME);
	contest_free(k);
}

/* On the exact target image, seed, settings and command line make the numbers: another body, as
 * another build of wmark writes it, makes no other run. */
Test(compare, repeats_on_the_exact_target)
{
	static const struct {
		const char *target, *image, *settings, *lru;
		long order;
		size_t runs;
	} cases[] = {
		{ "exact", "kernel.image_hash 77", NULL, "classic", 0, 1 },
		{ "vm", "kernel.image_hash 77", NULL, "classic", 0, 2 },
		{ "exact", NULL, NULL, "classic", 0, 2 }, /* nothing says which kernel it was */
		{ "exact", "kernel.image_hash 77", "vm.swappiness=1", "classic", 0, 2 },
		{ "exact", "kernel.image_hash 77", NULL, "mglru", 0, 2 },
		{ "exact", "kernel.image_hash 77", NULL, "classic", 1, 2 }, /* another seed */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct spec a = spec(), again, b = spec();
		struct contest *k = contest_new();

		a.target = b.target = cases[i].target;
		a.extra = b.extra = cases[i].image;
		again = a;
		again.knob = "61"; /* the body is another */
		again.settings = cases[i].settings;
		again.lru = cases[i].lru;
		add_run(k, SIDE_A, &a, 0);
		add_run(k, SIDE_A, &again, cases[i].order);
		add_run(k, SIDE_B, &b, 0);
		judged(k);
		cr_assert_eq(k->c.scenario[0].side[SIDE_A].nr, cases[i].runs, "case %zu: %zu", i,
			     k->c.scenario[0].side[SIDE_A].nr);
		contest_free(k);
	}
}

/* Of one run in two states the sounder one counts: a file that was cut when it was copied, or an
 * attempt that the host ended, does not stand for the whole run. */
Test(compare, the_whole_run_counts)
{
	static const char *const ended[] = { NULL, "killed", "qemu-failed" };

	for (size_t i = 0; i < ARRAY_SIZE(ended); i++) {
		struct spec a = spec(), part;
		struct contest *k = contest_new();

		a.extra = "kernel.image_hash 77";
		part = a;
		part.cut = !ended[i];
		part.outcome = ended[i];
		for (int way = 0; way < 2; way++) {
			add_run(k, SIDE_A, way ? &a : &part, way);
			add_run(k, SIDE_A, way ? &part : &a, way);
		}
		add_run(k, SIDE_B, &a, 0);
		judged(k);
		cr_assert_eq(k->c.scenario[0].side[SIDE_A].nr, 2);
		cr_assert_eq(k->c.scenario[0].side[SIDE_A].usable, 2, "%s",
			     ended[i] ? ended[i] : "cut");
		contest_free(k);
	}
}
