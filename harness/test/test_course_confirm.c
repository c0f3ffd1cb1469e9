/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the looks found, on fresh runs: confirmed, refuted, or not to be told. */
#include "test_course_trip.h"

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
	cr_assert_float_eq(m->shift, 1, .1);
	cr_assert_float_eq(m->p_confirm, 1 / 184756., 1e-12,
			   "all C(20, 10) relabellings, the real one the most extreme: %g",
			   m->p_confirm);
	cr_assert_eq(m->fresh[SIDE_A].present, 10);
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

/* Fresh runs whose mean goes the way of the looks, and whose median shift does not, confirm
 * nothing. */
Test(course, fresh_shift_the_other_way)
{
	struct spec a = spec(), b = spec(), most = spec(), some = spec();
	struct trip *t = trip_new(1, four + 1, 20);
	const struct cmp_metric *m;

	b.stalls *= 2;
	most.stalls *= .9;
	some.stalls *= 50;
	plan_looks(t, &a, &b);
	plan(t, COURSE_FRESH, &a, &most, 11);
	plan(t, COURSE_FRESH, &a, &some, 9);
	travel(t);
	m = find(t, 0, "stalls_per_gib");
	cr_assert_eq(m->screen, VERDICT_REGRESSED);
	cr_assert(m->of_fresh);
	cr_assert_lt(m->shift, 0);
	cr_assert_eq(m->confirm, CONFIRM_NO, "p %g, shift %g", m->p_confirm, m->shift);
	trip_free(t);
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
	cr_assert_eq(m->confirm, CONFIRM_UNABLE);
	cr_assert(strstr(m->why_not, "(10 and 0, 10 broke)"), "%s", m->why_not);
	cr_assert_eq(t->c.course.unable, 1);
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
	cr_assert_eq(m->confirm, CONFIRM_UNABLE);
	cr_assert_eq(m->fresh[SIDE_A].present, 2);
	cr_assert_eq(m->fresh[SIDE_B].present, 2);
	cr_assert_eq(comparison_exit(&t->c), 77);
	cr_assert_eq(t->c.nr_left_out, 1);
	cr_assert(strstr(t->c.left_out[0], "16 fresh runs are copies and count once, as "), "%s",
		  t->c.left_out[0]);
	trip_free(t);
}

/* As many fresh runs per side as Holm needs for the number of findings, counted by hand: the
 * smallest p of n v n runs is 1 in C(2n, n), times the findings. */
Test(course, fresh_runs_that_would_do)
{
	static const struct {
		size_t found, n;
		double alpha;
	} c[] = {
		{ 0, 0, .01 },	  { 1, 5, .01 },    { 2, 5, .01 },   { 3, 6, .01 },
		{ 9, 6, .01 },	  { 10, 7, .01 },   { 34, 7, .01 },  { 35, 8, .01 },
		{ 1, 1, .5 },	  { 1, 2, .2 },	    { 3, 3, .16 },   { 4, 4, .15 },
		{ 18, 10, 1e-4 }, { 19, 11, 1e-4 }, { 21, 0, 1e-4 }, /* no number: 199,999
									relabellings are drawn at
									most */
	};

	for (size_t i = 0; i < ARRAY_SIZE(c); i++)
		cr_assert_eq(course_fresh_needed(c[i].found, c[i].alpha), c[i].n, "%zu at %g: %zu",
			     c[i].found, c[i].alpha, course_fresh_needed(c[i].found, c[i].alpha));
}

/* Three findings on five fresh runs per side: the clearest result has p .0119, so that nothing
 * could be confirmed at .01. That is no answer, and never "fine". */
Test(course, too_few_fresh_runs_for_the_findings)
{
	static const struct {
		size_t n, found;
		bool able;
	} cases[] = { { 5, 2, true }, { 5, 3, false }, { 6, 3, true } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct spec a = spec(), b = spec();
		struct trip *t = trip_new(1, four + 1, cases[i].n);
		const struct cmp_metric *m;

		b.stalls *= 2;
		b.cpu_ms *= 2;
		b.refaults *= cases[i].found == 3 ? 2 : 1;
		plan_looks(t, &a, &b);
		plan(t, COURSE_FRESH, &a, &b, cases[i].n);
		travel(t);
		cr_assert_eq(t->c.course.found, cases[i].found, "%zu", t->c.course.found);
		cr_assert(t->c.course.finished);
		cr_assert_eq(t->c.course.confirmed, cases[i].able ? cases[i].found : 0);
		cr_assert_eq(t->c.course.unable, cases[i].able ? 0 : cases[i].found);
		cr_assert_eq(comparison_exit(&t->c), cases[i].able ? 1 : 77);
		m = find(t, 0, "stalls_per_gib");
		cr_assert_eq(m->confirm, cases[i].able ? CONFIRM_YES : CONFIRM_UNABLE);
		if (!cases[i].able) {
			cr_assert_eq(m->verdict, VERDICT_UNKNOWN);
			cr_assert_eq(t->c.course.enough, 6);
			cr_assert(strstr(m->why_not, "6 per side can"), "%s", m->why_not);
		}
		trip_free(t);
	}
}

/* The same of outcomes: runs that broke, in three scenarios. */
Test(course, too_few_fresh_runs_for_the_outcomes)
{
	for (size_t nr = 2; nr <= 3; nr++) {
		static const char *const names[] = { "one", "two", "three" };
		struct trip *t = trip_new(1, four + 1, 5);

		for (size_t stage = 2; stage--;) /* the look, then COURSE_FRESH */
			for (size_t i = 0; i < nr; i++) {
				struct spec a = spec(), b = spec();

				a.scenario = b.scenario = names[i];
				b.outcome = "panic";
				b.cut = b.no_window = true;
				plan(t, stage, &a, &b, stage ? 10 : 5);
			}
		travel(t);
		cr_assert_eq(t->c.course.found, nr);
		cr_assert_eq(t->c.scenario[0].confirm_outcome,
			     nr == 2 ? CONFIRM_YES : CONFIRM_UNABLE);
		cr_assert_eq(t->c.course.unable, nr == 2 ? 0 : 3);
		cr_assert_eq(comparison_exit(&t->c), nr == 2 ? 1 : 77);
		trip_free(t);
	}
}

/* Holm ranks: where one scenario has lost fresh runs, what the others can show still counts. */
Test(course, one_finding_of_two_could_not_be_asked)
{
	struct spec a = spec(), b = spec(), lost = spec();
	struct trip *t = trip_new(1, four + 1, 10);

	b.stalls *= 2;
	plan(t, 1, &a, &b, 10);
	plan(t, COURSE_FRESH, &a, &b, 10);
	a.scenario = b.scenario = lost.scenario = "second";
	lost.outcome = "skip";
	plan(t, 1, &a, &b, 10);
	plan(t, COURSE_FRESH, &a, &b, 2);
	plan(t, COURSE_FRESH, &lost, &lost, 8);
	travel(t);
	cr_assert_eq(find(t, 0, "stalls_per_gib")->confirm, CONFIRM_YES);
	cr_assert_eq(find(t, 1, "stalls_per_gib")->confirm, CONFIRM_UNABLE);
	cr_assert_eq(t->c.course.enough, 5, "two findings, of which one needs no more");
	cr_assert_eq(comparison_exit(&t->c), 1);
	trip_free(t);
}

/* ---------------------------------------------------------------- the size of what was found */

/*
 * The runs that raised an alarm are biased witnesses of its size: where the fresh runs shift by 10
 * % and the look saw 100 %, the row is the fresh runs', and the look's estimate is a second one.
 */
Test(course, effects_are_of_the_fresh_runs)
{
	struct spec a = spec(), b = spec(), fresh = spec();
	struct trip *t = trip_new(4, four, 10);
	const struct cmp_metric *m;
	const struct cmp_values *va, *vb;

	b.stalls *= 2;
	fresh.stalls *= 1.1;
	plan_looks(t, &a, &b);
	plan(t, COURSE_FRESH, &a, &fresh, 10);
	travel(t);
	m = find(t, 0, "stalls_per_gib");
	cr_assert_eq(m->confirm, CONFIRM_YES);
	cr_assert(m->of_fresh);
	cr_assert_float_eq(m->shift, .1, .03, "%g", m->shift);
	cr_assert(m->lo < .1 && m->hi > .1 && m->hi < .2, "%g to %g", m->lo, m->hi);
	cr_assert_float_eq(m->look_shift, 1, .1, "%g", m->look_shift);
	cr_assert(m->look_lo > .5 && m->look_lo < m->look_shift && m->look_hi > m->look_shift);
	va = cmp_of_shift(m, SIDE_A);
	vb = cmp_of_shift(m, SIDE_B);
	cr_assert(va->nr == 10 && va->present == 10 && vb->present == 10);
	cr_assert_float_eq(vb->median / va->median, 1.1, .03);
	cr_assert_eq(m->look, 1);
	cr_assert_eq(m->side[SIDE_A].nr, t->c.scenario[0].side[SIDE_A].usable,
		     "the runs of the looks stay what they are");
	/* what was not found is of the looks */
	m = find(t, 0, "refaults_per_gib");
	cr_assert(!m->of_fresh && cmp_of_shift(m, SIDE_A) == &m->side[SIDE_A]);
	trip_free(t);
}

/* Also of what is refuted; not where fresh runs broke, so that there is no estimate. */
Test(course, effects_of_what_is_not_confirmed)
{
	for (int broken = 0; broken < 2; broken++) {
		struct spec a = spec(), b = spec(), fresh = spec();
		struct trip *t = trip_new(1, four + 1, 10);
		const struct cmp_metric *m;

		b.stalls *= 2;
		if (broken)
			fresh.outcome = "skip";
		plan_looks(t, &a, &b);
		plan(t, COURSE_FRESH, &a, &fresh, 10);
		travel(t);
		m = find(t, 0, "stalls_per_gib");
		cr_assert_eq(m->confirm, broken ? CONFIRM_UNABLE : CONFIRM_NO);
		cr_assert_eq(m->of_fresh, !broken);
		cr_assert_float_eq(m->shift, broken ? 1 : 0, .1, "%g", m->shift);
		cr_assert_eq(cmp_of_shift(m, SIDE_B)->present, 10);
		trip_free(t);
	}
}

/* One unit for both estimates: where A is near 0 in the fresh runs, or was at the look, both are in
 * units of the metric, and so is the MDE. */
Test(course, effects_near_zero)
{
	for (int when = 0; when < 2; when++) {
		struct spec a = spec(), b = spec(), fresh_a = spec(), fresh_b = spec();
		struct trip *t = trip_new(1, four + 1, 10);
		const struct cmp_metric *m;
		double c = metric_find("stalls_per_gib")->c;

		/* 5 and 50 resolution steps: a percentage takes ten */
		a.stalls = (when ? 5 : 50) * c;
		fresh_a.stalls = (when ? 50 : 5) * c;
		b.stalls = fresh_b.stalls = 200 * c;
		plan_looks(t, &a, &b);
		plan(t, COURSE_FRESH, &fresh_a, &fresh_b, 10);
		travel(t);
		m = find(t, 0, "stalls_per_gib");
		cr_assert_eq(m->confirm, CONFIRM_YES);
		cr_assert(m->shift_in_units);
		cr_assert_float_eq(m->shift / c, when ? 150 : 195, 12, "%g", m->shift / c);
		cr_assert_float_eq(m->look_shift / c, when ? 195 : 150, 12, "%g",
				   m->look_shift / c);
		cr_assert(m->mde > (when ? .1 : 1) * c && m->mde < 200 * c, "%g", m->mde / c);
		trip_free(t);
	}
}
