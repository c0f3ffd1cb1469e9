/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks, stopping, confirmation and interruption of campaigns, on seeded synthetic runs. */
#include "campaign/looks.h"
#include "test_compare_synth.h"

#define PLANNED 256

/* A planned campaign all of whose runs exist; the judge gets to see those that are @shown. */
struct trip {
	struct run_facts facts[PLANNED];
	struct course_run run[PLANNED], shown[PLANNED];
	size_t nr;
	struct cmp_course plan;
	struct cmp_opts opts;
	struct comparison c;
	struct course_next next;
	struct err e;
	bool judged;
};

static struct trip *trip_new(size_t nr_looks, const size_t *n, size_t confirm_n)
{
	struct trip *t = xcalloc(1, sizeof(*t));

	cmp_opts_init(&t->opts);
	t->opts.permutations = 999;
	t->plan = (struct cmp_course){ .nr_looks = nr_looks,
				       .confirm_n = confirm_n,
				       .confirm_alpha = .01 };
	memcpy(t->plan.n, n, nr_looks * sizeof(*n));
	course_spend(&t->plan, t->opts.alpha);
	return t;
}

/* Plans @n runs per side for one stage. */
static void plan(struct trip *t, size_t stage, const struct spec *a, const struct spec *b, size_t n)
{
	for (size_t i = 0; i < 2 * n; i++) {
		const struct spec *p = i % 2 ? b : a;
		size_t at = t->nr++;

		cr_assert_lt(at, PLANNED);
		make_run(&t->facts[at], p, i % 2 ? SIDE_B : SIDE_A, (long)(at / 2));
		t->run[at] = (struct course_run){ p->scenario, i % 2 ? SIDE_B : SIDE_A, stage,
						  &t->facts[at] };
	}
}

static void plan_looks(struct trip *t, const struct spec *a, const struct spec *b)
{
	for (size_t i = 0; i < t->plan.nr_looks; i++)
		plan(t, i + 1, a, b, t->plan.n[i] - (i ? t->plan.n[i - 1] : 0));
}

static int look(struct trip *t)
{
	if (t->judged)
		comparison_release(&t->c);
	free(t->next.v);
	int ret = course_judge(&t->plan, t->shown, t->nr, &t->opts, &t->c, &t->next, &t->e);

	t->judged = !ret;
	return ret;
}

static void hide_all(struct trip *t)
{
	for (size_t i = 0; i < t->nr; i++) {
		t->shown[i] = t->run[i];
		t->shown[i].facts = NULL;
	}
}

/* Shows the judge the runs that it asks for; returns how many these were. */
static size_t give(struct trip *t)
{
	size_t given = 0;

	for (size_t k = 0; k < t->next.nr; k++) {
		for (size_t i = 0; i < t->nr; i++) {
			size_t want = t->next.v[k].stage, stage = t->run[i].stage;
			bool now = want == COURSE_FRESH ? stage == COURSE_FRESH
							: stage != COURSE_FRESH && stage <= want;

			if (now && !t->shown[i].facts &&
			    !strcmp(t->run[i].scenario, t->next.v[k].scenario)) {
				t->shown[i].facts = t->run[i].facts;
				given++;
			}
		}
	}
	return given;
}

/* Does what a campaign does: judges, runs what is needed, judges again. Returns the number of runs
 * made. */
static size_t travel(struct trip *t)
{
	size_t runs = 0, given;

	hide_all(t);
	for (;;) {
		int ret = look(t);

		cr_assert(!ret || ret == -ENODATA, "%s", t->e.msg);
		given = give(t);
		if (!given)
			return runs;
		runs += given;
	}
}

static const struct cmp_metric *find(const struct trip *t, size_t scenario, const char *name)
{
	const struct cmp_scenario *s = &t->c.scenario[scenario];

	for (size_t i = 0; i < s->nr_metrics; i++)
		if (!strcmp(s->metric[i].m->name, name))
			return &s->metric[i];
	cr_assert(false, "no metric %s", name);
	return NULL;
}

static void trip_free(struct trip *t)
{
	if (t->judged)
		comparison_release(&t->c);
	free(t->next.v);
	for (size_t i = 0; i < t->nr; i++)
		facts_release(&t->facts[i]);
	free(t);
}

static const size_t four[] = { 5, 10, 15, 20 };

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

/* A real change is found, tested on fresh runs and confirmed; only then is it an alarm. */
Test(course, regression_is_confirmed)
{
	struct spec a = spec(), b = spec();
	struct trip *t = trip_new(4, four, 10);
	const struct cmp_metric *m;

	b.stalls *= 2;
	plan_looks(t, &a, &b);
	plan(t, COURSE_FRESH, &a, &b, 10);
	hide_all(t);
	cr_assert_eq(look(t), -ENODATA);
	do {
		cr_assert_gt(give(t), 0);
		cr_assert_eq(look(t), 0, "%s", t->e.msg);
	} while (t->next.nr && t->next.v[0].stage != COURSE_FRESH);
	m = find(t, 0, "stalls_per_gib");
	cr_assert_eq(m->confirm, CONFIRM_PENDING);
	cr_assert_eq(m->screen, VERDICT_REGRESSED);
	cr_assert_not(t->c.course.finished);
	cr_assert_eq(comparison_exit(&t->c), 77, "not an alarm yet");
	cr_assert_eq(give(t), 20);
	cr_assert_eq(look(t), 0);
	m = find(t, 0, "stalls_per_gib");
	cr_assert_eq(m->confirm, CONFIRM_YES);
	cr_assert_eq(m->verdict, VERDICT_REGRESSED);
	cr_assert_float_eq(m->confirm_shift, 1, .1);
	cr_assert_float_eq(m->p_confirm, 1 / 184756., 1e-12,
			   "all C(20, 10) relabellings, the real one the most extreme: %g",
			   m->p_confirm);
	cr_assert_eq(m->confirm_n[SIDE_A], 10);
	cr_assert_eq(t->next.nr, 0);
	cr_assert(t->c.course.finished);
	cr_assert_eq(t->c.course.found, 1);
	cr_assert_eq(t->c.course.confirmed, 1);
	cr_assert_eq(comparison_exit(&t->c), 1);
	trip_free(t);
}

/* A finding of the looks that fresh runs do not show is UNKNOWN, is said to be, and is no alarm.
 * The same holds for a fresh shift in the other direction. */
Test(course, chance_finding_is_not_confirmed)
{
	for (int way = 0; way < 2; way++) {
		struct spec a = spec(), b = spec(), fresh = spec();
		struct trip *t = trip_new(4, four, 10);
		const struct cmp_metric *m;

		b.stalls *= 2;
		fresh.stalls *= way ? .5 : 1;
		plan_looks(t, &a, &b);
		plan(t, COURSE_FRESH, &a, &fresh, 10);
		travel(t);
		m = find(t, 0, "stalls_per_gib");
		cr_assert_eq(m->screen, VERDICT_REGRESSED);
		cr_assert_eq(m->confirm, CONFIRM_NO);
		cr_assert_eq(m->verdict, VERDICT_UNKNOWN);
		cr_assert(strstr(m->why_not, "REGRESSED at look"), "%s", m->why_not);
		cr_assert(strstr(m->why_not, "not confirmed"), "%s", m->why_not);
		cr_assert_neq(t->c.verdict, VERDICT_REGRESSED);
		cr_assert_neq(comparison_exit(&t->c), 1);
		cr_assert_eq(t->c.course.confirmed, 0);
		trip_free(t);
	}
}

/* Without confirmation the screen is the verdict. */
Test(course, no_confirmation_planned)
{
	struct spec a = spec(), b = spec();
	struct trip *t = trip_new(1, four + 1, 0);

	b.stalls *= 2;
	plan_looks(t, &a, &b);
	cr_assert_eq(travel(t), 20);
	cr_assert_eq(find(t, 0, "stalls_per_gib")->confirm, CONFIRM_NONE);
	cr_assert_eq(find(t, 0, "stalls_per_gib")->verdict, VERDICT_REGRESSED);
	cr_assert(t->c.course.finished);
	cr_assert_eq(comparison_exit(&t->c), 1);
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
	quiet.sd = 0;
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

	a.sd = b.sd = later.sd = .02;
	b.stalls *= 1.5;
	/* too small a change to decide, so that the second look is made */
	b.rate = later.rate = 5050;
	a.sd = .02;
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

/* Kernels that break: found by their outcomes, and confirmed by those of fresh runs. */
Test(course, broken_runs_are_confirmed)
{
	for (int again = 0; again < 2; again++) {
		struct spec a = spec(), b = spec(), fresh = spec();
		struct trip *t = trip_new(4, four, 10);

		a.sd = b.sd = .3; /* nothing else is decided */
		b.outcome = "panic";
		b.cut = b.no_window = true;
		if (again)
			fresh = b;
		plan_looks(t, &a, &b);
		plan(t, COURSE_FRESH, &a, &fresh, 10);
		travel(t);
		cr_assert_eq(t->c.scenario[0].confirm_outcome, again ? CONFIRM_YES : CONFIRM_NO,
			     "%d: state %d, p %g, broken %zu %zu, flagged %zu %zu, look %zu", again,
			     t->c.scenario[0].confirm_outcome, t->c.scenario[0].p_outcome_adj,
			     t->c.scenario[0].side[SIDE_A].broken,
			     t->c.scenario[0].side[SIDE_B].broken,
			     t->c.scenario[0].side[SIDE_A].flagged,
			     t->c.scenario[0].side[SIDE_B].flagged, t->c.course.made);
		cr_assert_eq(comparison_exit(&t->c) == 1, again);
		trip_free(t);
	}
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

/* Broken fresh runs leave no values that could confirm: the report says this, and not just "not
 * confirmed". */
Test(course, fresh_runs_that_break_are_named)
{
	struct spec a = spec(), b = spec(), fresh = spec();
	struct trip *t = trip_new(1, four + 1, 10);
	const struct cmp_metric *m;

	b.stalls *= 2;
	fresh.outcome = "panic";
	fresh.cut = fresh.no_window = true;
	plan_looks(t, &a, &b);
	plan(t, COURSE_FRESH, &a, &fresh, 10);
	travel(t);
	m = find(t, 0, "stalls_per_gib");
	cr_assert_eq(m->confirm, CONFIRM_NO);
	cr_assert(strstr(m->why_not, "(10 and 0, 10 broke, p 1)"), "%s", m->why_not);
	cr_assert_eq(comparison_exit(&t->c), 77, "what was found is neither fine nor confirmed");
	trip_free(t);
}

/* Copies are no fresh runs: neither of each other nor of the runs that raised the alarm. */
Test(course, copies_confirm_nothing)
{
	struct spec a = spec(), b = spec();
	struct trip *t = trip_new(1, four + 1, 10);
	const struct cmp_metric *m;
	size_t looks;

	b.stalls *= 2;
	plan_looks(t, &a, &b);
	looks = t->nr;
	plan(t, COURSE_FRESH, &a, &b, 10);
	for (size_t i = looks + 4; i < t->nr; i++) {
		facts_release(&t->facts[i]);
		/* one fresh run per side, then four times a run of the looks, then that run again
		 */
		make_run(&t->facts[i], i % 2 ? &b : &a, i % 2 ? SIDE_B : SIDE_A,
			 i < looks + 12 ? 3 : (long)looks / 2);
	}
	travel(t);
	m = find(t, 0, "stalls_per_gib");
	cr_assert_eq(m->confirm, CONFIRM_NO);
	cr_assert_eq(m->confirm_n[SIDE_A], 2);
	cr_assert_eq(m->confirm_n[SIDE_B], 2);
	cr_assert_eq(comparison_exit(&t->c), 77);
	cr_assert_eq(t->c.nr_left_out, 1);
	cr_assert(strstr(t->c.left_out[0], "16 fresh runs are copies and count once, as "), "%s",
		  t->c.left_out[0]);
	trip_free(t);
}
