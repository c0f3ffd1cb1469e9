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
