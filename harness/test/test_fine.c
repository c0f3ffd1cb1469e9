/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exit code 0: what was shown to be fine, and what was not. */
#include "judge/steps.h"
#include "report/end_words.h"
#include "test_compare_synth.h"

/* Wild runs in which nobody stalled: 0 v 0 is SAME, the four others are UNKNOWN. */
Test(fine, unknown_is_not_fine)
{
	struct spec p = spec();
	struct contest *k;

	p.stalls = 0;
	p.sd = .3;
	k = versus(&p, 9, &p, 9);
	cr_assert_eq(metric(k, 0, "stalls_per_gib")->verdict, VERDICT_SAME);
	cr_assert_eq(k->c.count[VERDICT_UNKNOWN], 4);
	cr_assert_eq(comparison_end(&k->c), CMP_NOT_SHOWN);
	cr_assert_eq(comparison_exit(&k->c), 77);
	cr_assert_eq(k->c.scenario[0].shown, 0);
	cr_assert_eq(k->c.scenario[0].counted, 4, "that nobody stalled neither helps nor hurts");
	contest_free(k);
}

/* Each scenario must be shown to be fine, not only one of them. */
Test(fine, each_scenario)
{
	struct spec quiet = spec(), wild = spec();
	struct contest *k = contest_new();

	quiet.sd = .004;
	wild.sd = .3;
	wild.scenario = "wild";
	add(k, 0, &quiet, 5);
	add(k, 1, &quiet, 5);
	judged(k);
	cr_assert_eq(comparison_exit(&k->c), 0);
	cr_assert_eq(comparison_end(&k->c), CMP_FINE);
	cr_assert_eq(k->c.shown, 5);
	comparison_release(&k->c);
	add(k, 0, &wild, 5);
	add(k, 1, &wild, 5);
	judged(k);
	cr_assert_eq(comparison_exit(&k->c), 77);
	cr_assert(k->c.scenario[0].fine && !k->c.scenario[1].fine);
	cr_assert_eq(k->c.shown, 5);
	cr_assert_eq(k->c.counted, 10);
	contest_free(k);
}

/* ---------------------------------------------------------------- by hand */

/*
 * Verdicts of the primary metrics of one scenario, and what makes of them: R I C S (SMALL) = (SAME)
 * and ? (UNKNOWN). UNKNOWN with an MDE of 15 %: u; n, in units; f, which fresh runs did not
 * confirm; w, which rebuilding may shift as far; c, whose estimates contradict each other; b, with
 * a shift of 30 %. 0: a SAME in which nothing happened; x: one that does not compare across LRU
 * modes; a: one that is ABSENT in A.
 */
static void fill(struct cmp_metric *m, char what)
{
	static const struct metric row = { .name = "m", .c = 1, .better = BETTER_LOWER };
	static double some[] = { 100, 101, 102 }, none[] = { 0, .5, -.5 };

	*m = (struct cmp_metric){ .m = &row,
				  .cls = METRIC_PRIMARY,
				  .judged = what != 'x' && what != 'a',
				  .incomparable = what == 'x',
				  .mde = strchr("unfwcb", what) ? .15 : NAN,
				  .shift = what == 'b' ? .3 : .1,
				  .rebuild.within = what == 'w',
				  .shift_in_units = what == 'n',
				  .why_not = what == 'c' ? "see the runs" : NULL,
				  .confirm = what == 'f' ? CONFIRM_NO : CONFIRM_NONE };
	for (enum side s = SIDE_A; s < NR_SIDES; s++)
		m->side[s] = (struct cmp_values){ .v = what == '0' ? none : some,
						  .nr = 3,
						  .present = what == 'a' && s == SIDE_A ? 0 : 3 };
	m->verdict = what == 'R'		  ? VERDICT_REGRESSED
		     : what == 'I'		  ? VERDICT_IMPROVED
		     : what == 'C'		  ? VERDICT_CHANGED
		     : what == 'S'		  ? VERDICT_SMALL
		     : what == '=' || what == '0' ? VERDICT_SAME
						  : VERDICT_UNKNOWN;
}

#define SCENARIOS 3
#define METRICS 8

/* A comparison of scenarios such as "==S? I=" */
static void made(struct comparison *c, const char *scenarios)
{
	static const char *const names[SCENARIOS] = { "a", "b", "c" };
	static struct cmp_scenario s[SCENARIOS];
	static struct cmp_metric m[SCENARIOS][METRICS];

	*c = (struct comparison){ .scenario = s };
	cmp_opts_init(&c->opts);
	memset(s, 0, sizeof(s));
	for (; *scenarios; scenarios += *scenarios == ' ') {
		struct cmp_scenario *sc = &s[c->nr_scenarios];

		*sc = (struct cmp_scenario){ .name = names[c->nr_scenarios],
					     .metric = m[c->nr_scenarios++],
					     .outcome_verdict = VERDICT_UNKNOWN };
		for (enum side side = SIDE_A; side < NR_SIDES; side++)
			sc->side[side].nr = sc->side[side].usable = 3;
		for (; *scenarios && *scenarios != ' '; scenarios++)
			fill(&sc->metric[sc->nr_metrics++], *scenarios);
	}
}

Test(fine, shares)
{
	static const struct {
		const char *scenarios;
		double share, mde;
		enum cmp_end end;
		size_t shown, counted;
	} cases[] = {
		{ "=====", .5, 0, CMP_FINE, 5, 5 },
		{ "=S?I?", .5, 0, CMP_FINE, 3, 5 },
		{ "=S??", .5, 0, CMP_FINE, 2, 4 },
		{ "=S???", .5, 0, CMP_NOT_SHOWN, 2, 5 },
		{ "=S???", .4, 0, CMP_FINE, 2, 5 },
		{ "====?", 1, 0, CMP_NOT_SHOWN, 4, 5 },
		{ "=====", 1, 0, CMP_FINE, 5, 5 },
		{ "===R", .5, 0, CMP_REGRESSED, 3, 4 },
		/* an improvement alone shows nothing of the rest; a change is neither good nor bad
		 */
		{ "I????", .5, 0, CMP_NOT_SHOWN, 1, 5 },
		{ "=C", .5, 0, CMP_FINE, 1, 2 },
		{ "C", .5, 0, CMP_NOT_SHOWN, 0, 1 },
		/* 13 of 16, and three times nothing */
		{ "00????? 0?????? =", .5, 0, CMP_NOT_SHOWN, 1, 12 },
		{ "00==", .5, 0, CMP_FINE, 2, 2 },
		{ "ccc", .5, .2, CMP_NOT_SHOWN, 0, 3 },
		{ "000", .5, 0, CMP_NOT_SHOWN, 0, 0 },
		{ "", .5, 0, CMP_NOT_SHOWN, 0, 0 },
		/* each scenario */
		{ "=== === ?=?", .5, 0, CMP_NOT_SHOWN, 7, 9 },
		{ "=== === ?==", .5, 0, CMP_FINE, 8, 9 },
		/* to the declared size */
		{ "uuu", .5, 0, CMP_NOT_SHOWN, 0, 3 },
		{ "uuu", .5, .2, CMP_FINE, 3, 3 },
		{ "uuu", .5, .15, CMP_FINE, 3, 3 },
		{ "uuu", .5, .14, CMP_NOT_SHOWN, 0, 3 },
		/* a shift that is larger, or significant and within what rebuilding may do */
		{ "bw", .1, .2, CMP_NOT_SHOWN, 0, 2 },
		/* not where the MDE is no percentage, nor where the looks had found something */
		{ "nff", .1, .2, CMP_NOT_SHOWN, 0, 3 },
		/* what cannot be compared neither helps nor hurts; what one side lacks hurts */
		{ "=xx", .5, 0, CMP_FINE, 1, 1 },
		{ "=aa", .5, 0, CMP_NOT_SHOWN, 1, 3 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct comparison c;

		made(&c, cases[i].scenarios);
		c.opts.fine = cases[i].share;
		c.opts.fine_mde = cases[i].mde;
		cmp_conclude(&c);
		cr_assert_eq(comparison_end(&c), cases[i].end, "case %zu '%s': %d", i,
			     cases[i].scenarios, (int)comparison_end(&c));
		cr_assert_eq(c.shown, cases[i].shown, "case %zu: %zu", i, c.shown);
		cr_assert_eq(c.counted, cases[i].counted, "case %zu: %zu", i, c.counted);
	}
}

/* Broken runs: a B that breaks more often is not fine, however equal the numbers of the other runs;
 * one that breaks significantly less is, also where A left nothing to compare with. */
Test(fine, outcomes)
{
	static const struct {
		const char *scenarios;
		size_t broken_a, broken_b;
		enum verdict outcome;
		enum cmp_end end;
	} cases[] = {
		{ "===", 0, 1, VERDICT_UNKNOWN, CMP_NOT_SHOWN },
		{ "===", 1, 1, VERDICT_UNKNOWN, CMP_FINE },
		{ "===", 2, 1, VERDICT_UNKNOWN, CMP_FINE },
		{ "===", 0, 3, VERDICT_REGRESSED, CMP_REGRESSED },
		{ "aaa", 3, 0, VERDICT_IMPROVED, CMP_FINE },
		{ "aaa", 3, 0, VERDICT_UNKNOWN, CMP_NOT_SHOWN },
		{ "???", 3, 0, VERDICT_IMPROVED, CMP_NOT_SHOWN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct comparison c;

		made(&c, cases[i].scenarios);
		c.scenario[0].side[SIDE_A].broken = cases[i].broken_a;
		c.scenario[0].side[SIDE_B].broken = cases[i].broken_b;
		c.scenario[0].outcome_verdict = cases[i].outcome;
		cmp_conclude(&c);
		cr_assert_eq(comparison_end(&c), cases[i].end, "case %zu: %d", i,
			     (int)comparison_end(&c));
	}
}

/* What comes first: an unfinished campaign says nothing yet, a confirmed regression stands, and
 * what could not be asked is not fine. */
Test(fine, order)
{
	struct comparison c;

	made(&c, "===");
	cmp_conclude(&c);
	c.course.nr_looks = 1;
	cr_assert_eq(comparison_end(&c), CMP_UNFINISHED);
	cr_assert_eq(comparison_exit(&c), 77);
	c.course.finished = true;
	c.course.unable = 1;
	cr_assert_eq(comparison_end(&c), CMP_UNABLE);
	cr_assert_eq(comparison_exit(&c), 77);
	c.verdict = VERDICT_REGRESSED;
	cr_assert_eq(comparison_end(&c), CMP_REGRESSED);
	cr_assert_eq(comparison_exit(&c), 1);
}

/* The reader is told the share, the code and what stands in its way. */
Test(fine, words)
{
	static const struct {
		const char *scenarios, *want;
		double mde;
	} cases[] = {
		{ "==== =?",
		  "shown to be fine: 5 of 6 primary metrics; exit code 0: at least 50 % of each scenario",
		  0 },
		{ "= ?=? 00",
		  "shown to be fine: 2 of 4 primary metrics; exit code 77: not 50 % of each scenario: "
		  "b (1 of 3), c (nothing that counts happened)",
		  0 },
		{ "u",
		  "shown to be fine: 1 of 1 primary metric, with UNKNOWN whose MDE is at most 20 %; "
		  "exit code 0: at least 50 % of each scenario",
		  .2 },
		{ "=R", "shown to be fine: 1 of 2 primary metrics; exit code 1: REGRESSED", 0 },
	};
	struct buf b = BUF_INIT;
	struct comparison c;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		made(&c, cases[i].scenarios);
		c.opts.fine_mde = cases[i].mde;
		cmp_conclude(&c);
		buf_reset(&b);
		view_end(&c, &b);
		cr_assert_str_eq(b.data, cases[i].want);
	}
	made(&c, "==");
	c.scenario[0].side[SIDE_B].broken = 1;
	cmp_conclude(&c);
	buf_reset(&b);
	view_end(&c, &b);
	cr_assert(strstr(b.data, ": a (2 of 2; more runs of B broke)"), "%s", b.data);
	c.course = (struct cmp_course){ .nr_looks = 1 };
	buf_reset(&b);
	view_end(&c, &b);
	cr_assert(strstr(b.data, "; exit code 77: runs are still to be made"), "%s", b.data);
	c.course.finished = true;
	c.course.unable = 3;
	buf_reset(&b);
	view_end(&c, &b);
	cr_assert(strstr(b.data, "; exit code 77: 3 found could not be confirmed"), "%s", b.data);
	buf_release(&b);
}

/* Of many scenarios the first are named. */
Test(fine, words_of_many)
{
	struct cmp_scenario s[] = { { .name = "a" }, { .name = "b", .fine = true },
				    { .name = "c" }, { .name = "d" },
				    { .name = "e" }, { .name = "f" } };
	struct comparison c = { .scenario = s,
				.nr_scenarios = ARRAY_SIZE(s),
				.verdict = VERDICT_UNKNOWN };
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(s); i++)
		s[i].counted = 3;
	cmp_opts_init(&c.opts);
	view_end(&c, &b);
	cr_assert(strstr(b.data, ": a (0 of 3), c (0 of 3), d (0 of 3) and 2 more scenarios"), "%s",
		  b.data);
	s[5].fine = true;
	buf_reset(&b);
	view_end(&c, &b);
	cr_assert(strstr(b.data, "d (0 of 3) and 1 more scenario"), "%s", b.data);
	buf_release(&b);
}
