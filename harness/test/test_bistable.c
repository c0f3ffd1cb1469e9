/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics in two states: what is taken for states, and what the judge makes of them. */
#include "judge/rebuilds.h"
#include "report/floor_words.h"

#include "test_course_trip.h"

Test(bistable, of_values)
{
	static const struct {
		const char *what;
		double y[12];
		size_t n, low; /* values in the lower state; 0 = one state */
	} cases[] = {
		{ "two and three", { 1, 9, 1.1, 9.1, 1.05 }, 5, 3 },
		{ "one wild value", { 1, 1.1, 1.05, 1.02, 99 }, 5, 0 },
		{ "one wild value of many", { 1, 1.1, 1, 1.2, 1, 1.1, 1, 1.2, 1, 99 }, 10, 0 },
		{ "two of ten", { 1, 1.1, 1, 1.2, 1, 1.1, 1, 1.2, 5, 5.1 }, 10, 8 },
		{ "a gap no wider than the rest", { 1, 2, 3, 4, 5, 7, 8, 9, 10, 11 }, 10, 0 },
		{ "four values", { 1, 1, 9, 9 }, 4, 0 },
		{ "nothing varies", { 3, 3, 3, 3, 3, 3 }, 6, 0 },
		{ "two values and nothing else", { 3, 3, 3, 4, 4, 4 }, 6, 3 },
		{ "three states", { 1, 1, 1, 5, 5, 5, 9, 9, 9 }, 9, 0 },
		{ "none", { 0 }, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct stat_states s;
		bool found = stat_states(cases[i].y, cases[i].n, 0, &s);

		cr_assert_eq(found, cases[i].low > 0, "%s", cases[i].what);
		if (found)
			cr_assert_eq(s.nr_low, cases[i].low, "%s: %zu", cases[i].what, s.nr_low);
	}
}

Test(bistable, centres_and_edges)
{
	const double y[] = { 9, 1, 9.2, 1.2, 1.1 };
	struct stat_states s;

	cr_assert(stat_states(y, 5, 0, &s));
	cr_assert(s.below == 1.2 && s.above == 9 && s.low == 1.1);
	cr_assert_float_eq(s.high, 9.1, 1e-12);
	cr_assert_eq(y[0], 9, "the values stay where they were");
	/* the resolution is a spread, too */
	cr_assert_not(stat_states(y, 5, 1, &s));
}

/* ---------------------------------------------------------------- in a comparison */

struct mix {
	double at[2]; /* stalls of the two states */
	size_t n[2];
};

static void add_mix(struct contest *k, int side, const struct mix *m, const char *image)
{
	for (int i = 0; i < 2; i++) {
		struct spec p = spec();

		p.primary = "stalls_per_gib";
		p.stalls = m->at[i];
		p.image = image;
		add(k, side, &p, m->n[i]);
	}
}

static struct contest *mixed(const struct mix *a, const struct mix *b, const struct rebuilds *r)
{
	struct contest *k = contest_new();

	k->opts.rebuilds = r;
	add_mix(k, 0, a, "a");
	add_mix(k, 1, b, "b");
	judged(k);
	return k;
}

static const struct {
	const char *what;
	struct mix a, b;
	enum verdict want;
	size_t n[4];
} seen[] = {
	{ "both sides visit both",
	  { { 100, 300 }, { 8, 2 } },
	  { { 100, 300 }, { 2, 8 } },
	  VERDICT_BISTABLE,
	  { 8, 2, 2, 8 } },
	{ "A visits both, B one",
	  { { 100, 300 }, { 5, 5 } },
	  { { 300, 300 }, { 5, 5 } },
	  VERDICT_BISTABLE,
	  { 5, 5, 0, 10 } },
	{ "A is in one, B visits both",
	  { { 100, 100 }, { 5, 5 } },
	  { { 100, 300 }, { 3, 7 } },
	  VERDICT_BISTABLE,
	  { 10, 0, 3, 7 } },
	{ "one run of each side in the other's state",
	  { { 100, 300 }, { 9, 1 } },
	  { { 100, 300 }, { 1, 9 } },
	  VERDICT_BISTABLE,
	  { 9, 1, 1, 9 } },
	{ "each in one of two: a regression, as far as these runs can tell",
	  { { 100, 100 }, { 5, 5 } },
	  { { 300, 300 }, { 5, 5 } },
	  VERDICT_REGRESSED,
	  { 0 } },
	{ "one wild run of A",
	  { { 100, 300 }, { 9, 1 } },
	  { { 300, 300 }, { 5, 5 } },
	  VERDICT_REGRESSED,
	  { 0 } },
	{ "both states of B are beyond both of A",
	  { { 100, 120 }, { 5, 5 } },
	  { { 300, 360 }, { 5, 5 } },
	  VERDICT_REGRESSED,
	  { 0 } },
	{ "all of B beyond both states of A",
	  { { 100, 300 }, { 5, 5 } },
	  { { 600, 600 }, { 5, 5 } },
	  VERDICT_REGRESSED,
	  { 0 } },
	{ "better",
	  { { 100, 300 }, { 2, 8 } },
	  { { 100, 300 }, { 8, 2 } },
	  VERDICT_BISTABLE,
	  { 2, 8, 8, 2 } },
};

Test(bistable, seen_in_runs)
{
	for (size_t i = 0; i < ARRAY_SIZE(seen); i++) {
		struct contest *k = mixed(&seen[i].a, &seen[i].b, NULL);
		const struct cmp_metric *m = metric(k, 0, "stalls_per_gib");

		cr_assert_eq(m->verdict, seen[i].want, "%s: %s, p %g", seen[i].what,
			     verdict_names[m->verdict], m->p_adj);
		cr_assert_eq(m->states.found, m->verdict == VERDICT_BISTABLE);
		for (int j = 0; j < 4 && m->states.found; j++)
			cr_assert_eq(m->states.n[j / 2][j % 2], seen[i].n[j], "%s", seen[i].what);
		if (m->states.found) {
			cr_assert(m->states.low > 90 && m->states.low < 110);
			cr_assert(m->states.high > 270 && m->states.high < 330);
			cr_assert_eq(k->c.verdict, VERDICT_BISTABLE);
			cr_assert_eq(comparison_exit(&k->c), 77, "nothing was shown");
		}
		contest_free(k);
	}
}

/* States that are no further apart than the floor do not matter. */
Test(bistable, below_the_floor)
{
	const struct mix both = { { 100, 104 }, { 5, 5 } };
	struct contest *k = contest_new();
	struct spec p = spec();

	for (int side = 0; side < 2; side++)
		for (int i = 0; i < 2; i++) {
			p.primary = "stalls_per_gib";
			p.stalls = both.at[i];
			p.sd = .0001;
			add(k, side, &p, 5);
		}
	judged(k);
	cr_assert_neq(metric(k, 0, "stalls_per_gib")->verdict, VERDICT_BISTABLE);
	contest_free(k);
}

/* ---------------------------------------------------------------- states of builds */

static void known_states(struct rebuilds *r, double low, double high)
{
	struct rebuild_metric m = { .name = "stalls_per_gib",
				    .scale = SCALE_LOG,
				    .c = metric_find("stalls_per_gib")->c,
				    .builds = 8,
				    .runs = 10,
				    .sd_between = .01,
				    .sd_within = .03,
				    .nr_states = 2,
				    .state = { { low, .7 }, { high, .3 } } };

	*r = (struct rebuilds){ .v = NULL };
	rebuilds_add_metric(r,
			    rebuilds_add(r, &(struct rebuild_scenario){ .name = "paced",
									.hash = "11",
									.machine_key = "11",
									.lru = "classic",
									.kernel = "6.12" }),
			    &m);
}

Test(bistable, known_of_builds)
{
	static const struct {
		double a, b;
		enum verdict want;
	} cases[] = {
		{ 100, 300, VERDICT_BISTABLE },	 { 300, 100, VERDICT_BISTABLE },
		{ 110, 280, VERDICT_BISTABLE }, /* near them */
		{ 100, 170, VERDICT_REGRESSED }, { 100, 600, VERDICT_REGRESSED },
		{ 300, 600, VERDICT_REGRESSED }, { 100, 120, VERDICT_REGRESSED },
		{ 100, 60, VERDICT_IMPROVED },
	};
	struct rebuilds r;

	known_states(&r, 100, 300);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct mix a = { { cases[i].a, cases[i].a }, { 5, 5 } },
				 b = { { cases[i].b, cases[i].b }, { 5, 5 } };
		struct contest *k = mixed(&a, &b, &r);
		const struct cmp_metric *m = metric(k, 0, "stalls_per_gib");

		cr_assert_eq(m->verdict, cases[i].want, "%g v %g: %s", cases[i].a, cases[i].b,
			     verdict_names[m->verdict]);
		if (m->verdict == VERDICT_BISTABLE) {
			cr_assert(m->states.known && m->states.n[SIDE_A][0] % 10 == 0 &&
				  m->states.n[SIDE_B][0] == 10 - m->states.n[SIDE_A][0]);
			cr_assert_float_eq(m->states.low, 100, 1e-6);
			cr_assert_float_eq(m->states.high, 300, 1e-6);
		}
		contest_free(k);
	}
	rebuilds_release(&r);
}

/* The image is the same on both sides: what builds do is no excuse. */
Test(bistable, known_states_are_of_builds)
{
	const struct mix a = { { 100, 100 }, { 5, 5 } }, b = { { 300, 300 }, { 5, 5 } };
	struct contest *k = contest_new();
	struct rebuilds r;

	known_states(&r, 100, 300);
	k->opts.rebuilds = &r;
	add_mix(k, 0, &a, "a");
	add_mix(k, 1, &b, "a");
	judged(k);
	ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_REGRESSED);
	contest_free(k);
	rebuilds_release(&r);
}

/* ---------------------------------------------------------------- over looks and fresh runs */

/* @open: another primary metric changes from run to run, which no look decides. */
static void plan_mix(struct trip *t, size_t stage, const struct mix *a, const struct mix *b,
		     bool open)
{
	struct spec pa = spec(), pb = spec();

	pa.primary = pb.primary = open ? "stalls_per_gib kswapd_cpu_ms_per_gib" : "stalls_per_gib";
	for (size_t i = 0; i < a->n[0] + a->n[1]; i++) {
		pa.stalls = a->at[i >= a->n[0]];
		pb.stalls = b->at[i >= b->n[0]];
		pa.seed = pb.seed = 100 * stage + i;
		if (open)
			pa.cpu_ms = pb.cpu_ms = i % 2 ? 900 : 3000;
		plan(t, stage, &pa, &pb, 1);
	}
}

/* One look at five runs finds each side in one state; the fresh runs visit both. */
Test(bistable, seen_by_the_fresh_runs)
{
	const struct mix low = { { 100, 100 }, { 5, 0 } }, high = { { 300, 300 }, { 5, 0 } },
			 a = { { 100, 300 }, { 6, 4 } }, b = { { 100, 300 }, { 4, 6 } };
	struct trip *t = trip_new(1, four, 10);
	const struct cmp_metric *m;
	struct buf text = BUF_INIT;

	plan_mix(t, 1, &low, &high, false);
	plan_mix(t, COURSE_FRESH, &a, &b, false);
	travel(t);
	m = find(t, 0, "stalls_per_gib");
	cr_assert_eq(m->screen, VERDICT_REGRESSED);
	cr_assert_eq(m->verdict, VERDICT_BISTABLE, "%s", verdict_names[m->verdict]);
	cr_assert_eq(m->confirm, CONFIRM_NO);
	cr_assert(m->states.n[SIDE_A][0] == 6 && m->states.n[SIDE_A][1] == 4 &&
		  m->states.n[SIDE_B][0] == 4 && m->states.n[SIDE_B][1] == 6);
	view_two_states(m, &text);
	cr_assert(strstr(text.data, ": A 6 + 4 runs, B 4 + 6"), "%s", text.data);
	buf_release(&text);
	cr_assert_eq(comparison_exit(&t->c), 77);
	trip_free(t);
}

/* A look that found something is overruled by the looks that show both states. */
Test(bistable, seen_by_a_later_look)
{
	const struct mix low = { { 100, 100 }, { 5, 0 } }, high = { { 300, 300 }, { 5, 0 } },
			 a = { { 100, 300 }, { 2, 3 } }, b = { { 100, 300 }, { 3, 2 } };
	struct trip *t = trip_new(2, four, 10);
	const struct cmp_metric *m;

	plan_mix(t, 1, &low, &high, true);
	plan_mix(t, 2, &a, &b, true);
	hide_all(t);
	for (size_t i = 0; i < 10; i++)
		t->shown[i] = t->run[i];
	cr_assert_eq(look(t), 0);
	cr_assert_eq(find(t, 0, "stalls_per_gib")->verdict, VERDICT_REGRESSED);
	cr_assert_eq(t->c.course.found, 1);
	travel(t);
	m = find(t, 0, "stalls_per_gib");
	cr_assert_eq(t->c.course.made, 2);
	cr_assert_eq(m->verdict, VERDICT_BISTABLE, "%s", verdict_names[m->verdict]);
	cr_assert(m->confirm == CONFIRM_NONE && t->c.course.found == 0, "nothing to confirm");
	trip_free(t);
}
