/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floors from rebuilds: how large they are, where they count, and what they do to verdicts. */
#include "judge/rebuilds.h"
#include "report/words.h"

#include "test_course_trip.h"

static const struct rebuild_side ten[] = { { 10, 1 }, { 10, 1 } };

Test(floors, of_builds_and_runs)
{
	const struct rebuild_metric r = {
		.builds = 8, .runs = 10, .sd_between = .03, .sd_within = .04
	};
	const struct rebuild_side five[] = { { 5, 1 }, { 5, 1 } },
				  more[] = { { 40, 1 }, { 40, 1 } },
				  builds[] = { { 20, 2 }, { 40, 4 } };
	const double t = 2.364624251592785; /* of 7 degrees of freedom at .975 */
	struct rebuild_floor f = rebuild_floor(&r, .05, ten);

	cr_assert_float_eq(f.floor, t * sqrt(2 * (.0009 + .0016 / 10)), 1e-9);
	cr_assert_float_eq(f.same, t * sqrt(2 * .0009), 1e-9);
	cr_assert_float_eq(f.se, sqrt(2 * .0009), 1e-12);
	cr_assert_eq(f.df, 7);
	f = rebuild_floor(&r, .05, five);
	cr_assert_float_eq(f.floor, t * sqrt(2 * (.0009 + .0016 / 5)), 1e-9);
	f = rebuild_floor(&r, .05, more);
	cr_assert_float_eq(f.floor, t * sqrt(2 * (.0009 + .0016 / 10)), 1e-9,
			   "more runs than were measured say no more of the builds");
	f = rebuild_floor(&r, .05, builds);
	cr_assert_float_eq(f.floor, t * sqrt((.0009 + .0016 / 10) * (1. / 2 + 1. / 4)), 1e-9);
	cr_assert_gt(rebuild_floor(&r, .001, ten).floor, 2 * rebuild_floor(&r, .05, ten).floor);
}

Test(floors, pairs_seen_further_apart)
{
	const struct rebuild_metric r = {
		.builds = 8, .runs = 10, .sd_between = .03, .sd_within = .04, .p95 = .5
	};
	const struct rebuild_side builds[] = { { 20, 2 }, { 20, 2 } };

	cr_assert_eq(rebuild_floor(&r, .05, ten).floor, .5);
	cr_assert_lt(rebuild_floor(&r, .05, builds).floor, .2, "they were pairs of single builds");
}

/* ---------------------------------------------------------------- where it counts */

#define MEASURED                                           \
	(struct rebuild_metric){ .name = "stalls_per_gib", \
				 .scale = SCALE_LOG,       \
				 .c = stalls_c(),          \
				 .builds = 8,              \
				 .runs = 10,               \
				 .sd_within = .03 }

static double stalls_c(void)
{
	return metric_find("stalls_per_gib")->c;
}

/* Rebuilds of the scenario that spec() makes, with one line. */
static void rebuilds_of(struct rebuilds *r, const char *key, const char *lru, const char *kernel,
			const struct rebuild_metric *m)
{
	struct rebuild_scenario *s =
		rebuilds_add(r, &(struct rebuild_scenario){ .name = "paced",
							    .hash = "11",
							    .machine_key = key,
							    .lru = lru,
							    .kernel = kernel });

	rebuilds_add_metric(r, s, m);
}

/* Ten runs a side; those of B, of @release, have more stalls, by @factor. */
static struct contest *two_releases(const char *image_b, const char *release, double factor,
				    const struct rebuilds *r)
{
	struct contest *k = contest_new();
	struct spec a = spec(), b = spec();

	a.primary = b.primary = "stalls_per_gib";
	a.image = "a";
	b.image = image_b;
	b.release = release;
	b.stalls *= factor;
	k->opts.rebuilds = r;
	add(k, 0, &a, 10);
	add(k, 1, &b, 10);
	judged(k);
	return k;
}

static struct contest *two_images(const char *image_b, double factor, const struct rebuilds *r)
{
	return two_releases(image_b, spec().release, factor, r);
}

/* Judges two images with one line; the floor and the verdict. */
static enum verdict with_line(double factor, double sd_between, double sd_within,
			      struct cmp_rebuild *out)
{
	struct rebuild_metric m = MEASURED;
	struct rebuilds r = { .v = NULL };
	struct contest *k;
	enum verdict v;

	m.sd_between = sd_between;
	m.sd_within = sd_within;
	rebuilds_of(&r, "11", "classic", "6.12", &m);
	k = two_images("b", factor, &r);
	v = metric(k, 0, "stalls_per_gib")->verdict;
	*out = metric(k, 0, "stalls_per_gib")->rebuild;
	cr_assert_eq(!metric(k, 0, "stalls_per_gib")->why_not, v != VERDICT_UNKNOWN);
	contest_free(k);
	rebuilds_release(&r);
	return v;
}

Test(floors, verdicts)
{
	struct cmp_rebuild f;

	/* one primary metric: the rate is that of the campaign, t is 2.36 */
	cr_assert_eq(with_line(1.2, .01, .03, &f), VERDICT_REGRESSED);
	cr_assert_float_eq(f.y, 2.364624 * sqrt(2 * (.0001 + .0009 / 10)), 1e-6);
	cr_assert_float_eq(f.shown, exp(f.y) - 1, 1e-9);
	cr_assert_eq(with_line(1 / 1.2, .01, .03, &f), VERDICT_IMPROVED);
	cr_assert_eq(with_line(1.2, .1, .03, &f), VERDICT_SMALL, "builds make .33, this is .18");
	cr_assert_gt(f.same, .18);
	cr_assert(f.beyond, "the declared floor is 5 %%");
	cr_assert_eq(with_line(1.001, .1, .03, &f), VERDICT_SAME);
	cr_assert_not(f.beyond);
	/* builds alone make less, builds and runs as measured more: it cannot be said */
	cr_assert_eq(with_line(1.2, .05, .1, &f), VERDICT_UNKNOWN);
	cr_assert(f.same < .182 && f.y > .182, "%g %g", f.same, f.y);
}

/* What stands beside the verdict on B with @factor times the stalls, where builds make .33. */
static const char *beside(double factor)
{
	static char said[256];
	struct rebuild_metric m = MEASURED;
	struct rebuilds r = { .v = NULL };
	struct buf b = BUF_INIT;
	struct contest *k;

	m.sd_between = .1;
	rebuilds_of(&r, "11", "classic", "6.12", &m);
	k = two_images("b", factor, &r);
	view_beside_verdict(&k->c, metric(k, 0, "stalls_per_gib"), &b);
	snprintf(said, sizeof(said), "%s", b.len ? b.data : "");
	buf_release(&b);
	contest_free(k);
	rebuilds_release(&r);
	return said;
}

Test(floors, shift_of_builds_is_called_so)
{
	cr_assert_str_eq(beside(1.2), "beyond the declared floor, within what builds alone do "
				      "(8 builds x 10 runs of 6.12)");
	cr_assert_str_eq(beside(1.001), "");
	cr_assert_str_eq(beside(3), "", "REGRESSED");
}

Test(floors, one_image_has_none)
{
	struct rebuild_metric m = MEASURED;
	struct rebuilds r = { .v = NULL };
	const struct cmp_metric *with, *without;
	struct contest *k, *l;

	m.sd_between = .1;
	rebuilds_of(&r, "11", "classic", "6.12", &m);
	k = two_images("a", 1.2, &r);
	l = two_images("a", 1.2, NULL);
	with = metric(k, 0, "stalls_per_gib");
	without = metric(l, 0, "stalls_per_gib");
	cr_assert_not(k->c.scenario[0].builds_differ);
	cr_assert_eq(with->verdict, VERDICT_REGRESSED);
	cr_assert_null(with->rebuild.line);
	cr_assert(with->p_adj == without->p_adj && with->p_same == without->p_same &&
		  with->mde == without->mde && with->shift == without->shift);
	contest_free(k);
	contest_free(l);
	rebuilds_release(&r);
}

Test(floors, only_where_they_were_measured)
{
	static const struct {
		const char *key, *lru;
		double c;
	} cases[] = { { "12", "classic", 1 }, { "11", "mglru", 1 }, { "11", "classic", 2 } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rebuild_metric m = MEASURED;
		struct rebuilds r = { .v = NULL };
		struct contest *k;

		m.sd_between = .1;
		m.c *= cases[i].c;
		rebuilds_of(&r, cases[i].key, cases[i].lru, "6.12", &m);
		k = two_images("b", 1.2, &r);
		ASSERT_VERDICT(k, "stalls_per_gib", VERDICT_REGRESSED);
		cr_assert(k->c.scenario[0].builds_differ);
		cr_assert_null(metric(k, 0, "stalls_per_gib")->rebuild.line);
		cr_assert_eq(left_out(k, "rebuild floor: measured with resolution"),
			     cases[i].c != 1);
		contest_free(k);
		rebuilds_release(&r);
	}
}

/* The series of A and B count; where one of them was not measured, the largest floor of all. */
Test(floors, kernel_series)
{
	struct rebuild_metric m = MEASURED;
	struct rebuilds r = { .v = NULL };
	struct contest *k;

	m.sd_between = .1;
	rebuilds_of(&r, "11", "classic", "6.1", &m); /* no prefix of 6.12.0 */
	m.sd_between = .3;
	rebuilds_of(&r, "11", "classic", "7.3", &m);
	k = two_images("b", 1.2, &r);
	cr_assert_eq(metric(k, 0, "stalls_per_gib")->rebuild.line->sd_between, .3);
	contest_free(k);
	m.sd_between = .01;
	rebuilds_of(&r, "11", "classic", "6.12", &m);
	k = two_images("b", 1.2, &r);
	cr_assert_eq(metric(k, 0, "stalls_per_gib")->rebuild.line->sd_between, .01);
	contest_free(k);
	k = two_releases("b", "6.1.9", 1.2, &r);
	cr_assert_eq(metric(k, 0, "stalls_per_gib")->rebuild.line->sd_between, .1);
	contest_free(k);
	k = two_releases("b", "6.18.3", 1.2, &r);
	cr_assert_eq(metric(k, 0, "stalls_per_gib")->rebuild.line->sd_between, .3);
	contest_free(k);
	rebuilds_release(&r);
}

Test(floors, same_counts_the_builds)
{
	struct rebuild_metric m = MEASURED;
	struct rebuilds r = { .v = NULL };
	struct contest *k = two_images("b", 1, NULL), *l, *n;
	double p = metric(k, 0, "stalls_per_gib")->p_same;

	/* builds that move less than the declared floor: the same margin, a larger error */
	m.sd_between = .01;
	rebuilds_of(&r, "11", "classic", "6.12", &m);
	l = two_images("b", 1, &r);
	cr_assert_gt(metric(l, 0, "stalls_per_gib")->p_same, p * 1.5);
	contest_free(l);
	rebuilds_release(&r);
	/* builds that move more: it is SAME within what they do */
	m.sd_between = .1;
	rebuilds_of(&r, "11", "classic", "6.12", &m);
	n = two_images("b", 1.1, &r);
	ASSERT_VERDICT(n, "stalls_per_gib", VERDICT_SMALL);
	contest_free(n);
	contest_free(k);
	rebuilds_release(&r);
}

Test(floors, several_builds_a_side)
{
	struct rebuild_metric m = MEASURED;
	struct rebuilds r = { .v = NULL };
	struct contest *k = contest_new();
	struct spec p = spec();
	double y;

	m.sd_between = .1;
	rebuilds_of(&r, "11", "classic", "6.12", &m);
	k->opts.rebuilds = &r;
	p.primary = "stalls_per_gib";
	for (int side = 0; side < 2; side++)
		for (int i = 0; i < 4; i++) {
			static const char *const image[2][4] = { { "a", "b", "c", "d" },
								 { "e", "f", "g", "h" } };

			p.image = image[side][i];
			add(k, side, &p, 5);
		}
	judged(k);
	cr_assert(k->c.scenario[0].builds[SIDE_A] == 4 && k->c.scenario[0].builds[SIDE_B] == 4);
	y = metric(k, 0, "stalls_per_gib")->rebuild.y;
	cr_assert_float_eq(y, 2.364624 * sqrt((.01 + .0009 / 5) / 2), 1e-6);
	contest_free(k);
	rebuilds_release(&r);
}

/* ---------------------------------------------------------------- over looks and fresh runs */

/* Four looks and ten fresh runs, B 20 % above A; builds of the given deviation. */
static struct trip *course_of(double sd_between, struct rebuilds *r)
{
	struct trip *t = trip_new(4, four, 10);
	struct spec a = spec(), b = spec();
	struct rebuild_metric m = MEASURED;

	m.sd_between = sd_between;
	*r = (struct rebuilds){ .v = NULL };
	rebuilds_of(r, "11", "classic", "6.12", &m);
	a.primary = b.primary = "stalls_per_gib";
	a.image = "a";
	b.image = "b";
	b.stalls *= 1.2;
	t->opts.rebuilds = r;
	plan_looks(t, &a, &b);
	a.seed = b.seed = 9;
	plan(t, COURSE_FRESH, &a, &b, 10);
	travel(t);
	return t;
}

Test(floors, of_a_course)
{
	struct rebuilds r;
	struct trip *t = course_of(.01, &r);
	const struct cmp_metric *m = find(t, 0, "stalls_per_gib");

	cr_assert_eq(m->verdict, VERDICT_REGRESSED);
	cr_assert_eq(m->confirm, CONFIRM_YES);
	/* the rate of the campaign at each look, not what the look spends */
	cr_assert_float_eq(m->rebuild.y, 2.364624 * sqrt(2 * (.0001 + .0009 / 5)), 1e-6);
	trip_free(t);
	rebuilds_release(&r);
}

Test(floors, confirmation_asks_for_more)
{
	struct rebuilds r;
	struct trip *t = course_of(.04, &r);
	const struct cmp_metric *m = find(t, 0, "stalls_per_gib");

	/* .18 is above 2.36 * .0596, the floor of the screen at n = 5, and below 3.50 * .0582 */
	cr_assert_eq(m->screen, VERDICT_REGRESSED);
	cr_assert_eq(m->verdict, VERDICT_UNKNOWN);
	cr_assert_eq(m->confirm, CONFIRM_NO);
	cr_assert_leq(m->p_confirm, .01, "the fresh runs alone would confirm it");
	cr_assert(strstr(m->why_not, "no further than rebuilding alone"), "%s", m->why_not);
	cr_assert_eq(comparison_exit(&t->c), 77);
	trip_free(t);
	rebuilds_release(&r);
}
