/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks, stopping, confirmation and interruption of campaigns, on seeded synthetic runs. */
#include "campaign/looks.h"
#include "test_course_trip.h"

Test(course, default_spends_as_declared)
{
	struct cmp_course c;

	course_default(&c, .05);
	cr_assert_eq(c.nr_looks, 4);
	for (size_t i = 0; i < 4; i++)
		cr_assert_eq(c.n[i], four[i]);
	cr_assert_float_eq(c.spend[0], .01, 1e-15);
	cr_assert_float_eq(c.spend[1], .01, 1e-15);
	cr_assert_float_eq(c.spend[2], .015, 1e-15);
	cr_assert_float_eq(c.spend[3], .015, 1e-15);
	cr_assert_eq(c.confirm_n, 10);
	c.nr_looks = 2;
	course_spend(&c, .04);
	cr_assert_float_eq(c.spend[0] + c.spend[1], .04, 1e-15);
}

/* Equal for every seed on the exact target: decided at the first look, nothing to confirm. */
Test(course, equal_pairs_stop_at_once)
{
	struct spec p = spec();
	struct trip *t = trip_new(4, four, 10);

	p.sd = .1;
	plan_looks(t, &p, &p);
	/* the same numbers for each pair, another for each seed */
	for (size_t i = 0; i < t->nr; i += 2) {
		facts_release(&t->facts[i + 1]);
		make_run(&t->facts[i + 1], &p, SIDE_A, (long)(i / 2));
	}
	plan(t, COURSE_FRESH, &p, &p, 10);
	cr_assert_eq(travel(t), 10);
	cr_assert_eq(t->c.verdict, VERDICT_SAME);
	cr_assert_eq(t->c.course.made, 1);
	cr_assert(t->c.course.finished);
	cr_assert(find(t, 0, "stalls_per_gib")->pairs_equal);
	cr_assert_eq(find(t, 0, "stalls_per_gib")->look, 1);
	cr_assert_eq(comparison_exit(&t->c), 0);
	trip_free(t);
}

/* A scenario that is decided is run no further; the other one goes to the last look and stays
 * UNKNOWN with its MDE. */
Test(course, decided_scenarios_stop)
{
	struct spec quiet = spec(), noisy_a = spec(), noisy_b = spec();
	struct trip *t = trip_new(4, four, 0);
	size_t runs;

	quiet.scenario = "quiet";
	quiet.sd = .004;
	noisy_a.scenario = noisy_b.scenario = "wild";
	noisy_a.sd = noisy_b.sd = .3;
	for (size_t i = 0; i < 4; i++) {
		plan(t, i + 1, &quiet, &quiet, 5);
		plan(t, i + 1, &noisy_a, &noisy_b, 5);
	}
	runs = travel(t);
	cr_assert_eq(runs, 10 + 40);
	cr_assert_eq(t->c.scenario[0].looks, 1);
	cr_assert_eq(t->c.scenario[0].verdict, VERDICT_SAME);
	cr_assert_eq(t->c.scenario[0].side[SIDE_A].nr, 5);
	cr_assert_eq(t->c.scenario[1].looks, 4);
	cr_assert_eq(t->c.scenario[1].side[SIDE_A].nr, 20);
	cr_assert_eq(find(t, 1, "stalls_per_gib")->look, 0);
	cr_assert(find(t, 1, "stalls_per_gib")->mde > .05);
	trip_free(t);
}

/* The verdict of a look stays, whatever later runs say; the screen is what is confirmed or not. */
Test(course, verdict_of_a_look_stays)
{
	static const size_t two[] = { 8, 16 };
	struct spec a = spec(), b = spec(), later = spec();
	struct trip *t = trip_new(2, two, 0);
	const struct cmp_metric *m;

	a.sd = b.sd = later.sd = .03;
	b.stalls *= 1.1; /* no second state, were the later ones at the old place */
	/* too small a change to decide, so that the second look is made */
	b.rate = later.rate = 5050;
	plan(t, 1, &a, &b, 8);
	plan(t, 2, &a, &later, 8);
	travel(t);
	m = find(t, 0, "stalls_per_gib");
	cr_assert_eq(m->look, 1);
	cr_assert_eq(m->look_n, 8);
	cr_assert_eq(m->verdict, VERDICT_REGRESSED);
	trip_free(t);
}

/* Wherever the campaign was interrupted: the same runs, judged at once, give the same numbers. */
Test(course, interruption_changes_nothing)
{
	struct spec a = spec(), b = spec();
	struct trip *t = trip_new(4, four, 10), *u = trip_new(4, four, 10);

	a.sd = b.sd = .12;
	b.stalls *= 1.35;
	b.cpu_ms *= 1.2;
	plan_looks(t, &a, &b);
	plan(t, COURSE_FRESH, &a, &b, 10);
	plan_looks(u, &a, &b);
	plan(u, COURSE_FRESH, &a, &b, 10);
	travel(t);
	/* u gets what t ran, all at once */
	for (size_t i = 0; i < u->nr; i++) {
		u->shown[i] = u->run[i];
		if (!t->shown[i].facts)
			u->shown[i].facts = NULL;
	}
	cr_assert_eq(look(u), 0);
	cr_assert_eq(u->c.course.made, t->c.course.made);
	cr_assert_eq(u->c.verdict, t->c.verdict);
	for (size_t i = 0; i < t->c.scenario[0].nr_metrics; i++) {
		const struct cmp_metric *m = &t->c.scenario[0].metric[i],
					*n = &u->c.scenario[0].metric[i];

		cr_assert_eq(m->verdict, n->verdict);
		cr_assert_eq(m->look, n->look);
		cr_assert_eq(memcmp(&m->p_adj, &n->p_adj, sizeof(m->p_adj)), 0, "%s", m->m->name);
		cr_assert_eq(memcmp(&m->shift, &n->shift, sizeof(m->shift)), 0);
		cr_assert_eq(memcmp(&m->p_confirm, &n->p_confirm, sizeof(m->p_confirm)), 0);
	}
	trip_free(u);
	trip_free(t);
}

/* A look whose runs are not all made is not made. */
Test(course, incomplete_look_decides_nothing)
{
	struct spec a = spec(), b = spec();
	struct trip *t = trip_new(4, four, 10);

	b.stalls *= 3;
	plan_looks(t, &a, &b);
	plan(t, COURSE_FRESH, &a, &b, 10);
	hide_all(t);
	for (size_t i = 0; i < 9; i++)
		t->shown[i].facts = t->run[i].facts;
	cr_assert_eq(look(t), 0);
	cr_assert_eq(t->c.course.made, 0);
	cr_assert_eq(t->c.verdict, VERDICT_UNKNOWN);
	cr_assert_eq(t->next.nr, 1);
	cr_assert_eq(t->next.v[0].stage, 1);
	cr_assert_eq(comparison_exit(&t->c), 77);
	trip_free(t);
}

static int parse(const char *looks, const char *spend, size_t seeds, struct cmp_course *c)
{
	struct err e = ERR_INIT;
	int ret;

	memset(c, 0, sizeof(*c));
	ret = looks_parse(looks, spend, .05, &seeds, c, &e);
	cr_assert(ret || c->n[c->nr_looks - 1] == seeds);
	cr_assert_eq(!ret, !*e.msg);
	return ret;
}

Test(course, looks_of_a_command_line)
{
	struct cmp_course c;

	cr_assert_eq(parse(NULL, NULL, 20, &c), 0);
	cr_assert_eq(c.nr_looks, 4);
	cr_assert_float_eq(c.spend[2], .015, 1e-12);
	cr_assert_eq(parse(NULL, NULL, 3, &c), 0);
	cr_assert(c.nr_looks == 1 && c.n[0] == 3 && c.spend[0] == .05,
		  "one look may use all of it");
	cr_assert_eq(parse(NULL, NULL, 12, &c), 0);
	cr_assert(c.nr_looks == 3 && c.n[0] == 5 && c.n[1] == 10 && c.n[2] == 12);
	cr_assert_eq(parse(NULL, NULL, 40, &c), 0);
	cr_assert(c.nr_looks == 5 && c.n[3] == 20 && c.n[4] == 40);
	cr_assert_eq(parse("6,12", NULL, 20, &c), 0);
	cr_assert(c.nr_looks == 2 && c.n[1] == 12);
	cr_assert_eq(parse("6,12", ".01,.04", 20, &c), 0);
	cr_assert(c.spend[0] == .01 && c.spend[1] == .04);
	static const char *const bad[] = {
		"", "0", "5,5", "10,5", "5,x", "5,30", "1,2,3,4,5,6,7,8,9"
	};
	static const char *const bad_spend[] = { "",	  ".01",   ".01,.02,.01", ".03,.03",
						 "0,.01", ".01,x", ".01,-1" };
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_assert_eq(parse(bad[i], NULL, 20, &c), -EINVAL, "'%s'", bad[i]);
	for (size_t i = 0; i < ARRAY_SIZE(bad_spend); i++)
		cr_assert_eq(parse("5,10", bad_spend[i], 20, &c), -EINVAL, "'%s'", bad_spend[i]);
}

/*
 * A kernel that panics in every run has no values, yet five runs are too few where other scenarios
 * pay from the same alpha: the outcome is a primary one too, and keeps its scenario open.
 */
Test(course, undecided_outcome_keeps_the_scenario_open)
{
	for (int same = 0; same < 2; same++) {
		struct spec wild = spec(), a = spec(), b = spec();
		struct trip *t = trip_new(4, four, 0);

		wild.scenario = "wild";
		wild.sd = .3;
		a.scenario = b.scenario = "boots";
		b.outcome = "panic";
		b.cut = b.no_window = true;
		for (size_t i = 0; i < 4; i++) {
			plan(t, i + 1, &wild, &wild, 5);
			plan(t, i + 1, same ? &b : &a, &b, 5);
		}
		travel(t);
		cr_assert_str_eq(t->c.scenario[0].name, "boots");
		cr_assert_eq(t->c.scenario[0].outcome_verdict,
			     same ? VERDICT_UNKNOWN : VERDICT_REGRESSED, "look %zu, adj. p %g",
			     t->c.scenario[0].looks, t->c.scenario[0].p_outcome_adj);
		cr_assert_eq(t->c.scenario[0].looks, same ? 1 : 2,
			     "both sides alike cannot be told apart by more runs");
		cr_assert_eq(comparison_exit(&t->c), same ? 77 : 1);
		trip_free(t);
	}
}

/* Rates that can never be reached are refused before the first run, not noticed after the last. */
Test(course, rates_that_cannot_be_reached)
{
	static const struct {
		size_t n;
		double alpha;
		uint64_t permutations;
		const char *want; /* NULL = fine */
	} c[] = {
		{ 10, .01, 9999, NULL },
		{ 0, .01, 9999, NULL },
		{ 5, .01, 99, NULL },
		{ 3, .3, 9999, NULL },
		{ 3, .01, 9999,
		  "--confirm 3: too few fresh seeds to confirm anything at --confirm-alpha 0.01; 5 are enough" },
		{ 4, .01, 9999, "5 are enough" },
		{ 10, .01, 98, "--permutations 98" },
		{ 10, .01, 50, "0.01; 99 are needed" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(c); i++) {
		struct cmp_course k;
		struct err e = ERR_INIT;

		course_default(&k, .05);
		k.confirm_n = c[i].n;
		k.confirm_alpha = c[i].alpha;
		cr_assert_eq(looks_check(&k, c[i].permutations, &e), c[i].want ? -EINVAL : 0,
			     "%zu: %s", i, e.msg);
		cr_assert(!c[i].want || strstr(e.msg, c[i].want), "%zu: %s", i, e.msg);
	}
}
