/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the reports of a comparison say in the same words: shifts, what the verdict rests on, what
 * moves with it. */
#include <criterion/criterion.h>

#include "report/fmt.h"
#include "report/words.h"
#include "test/test_report.h"

static struct cmp_metric made_shift(const struct metric *m, double shift, double lo, double hi,
				    double mde)
{
	return (struct cmp_metric){ .m = m,
				    .shift = shift,
				    .lo = lo,
				    .hi = hi,
				    .mde = mde,
				    .floor = m->floor,
				    .judged = true };
}

Test(report, shifts)
{
	struct cmp_metric us = made_shift(&made_metrics[0], -.2, -.031, .04, .6),
			  pp = made_shift(&made_metrics[2], -.034, -.05, -.01, .5);

	cr_assert_str_eq(fmt_shift(&pp, -.034, true).s, "-3.4 pp");
	cr_assert_str_eq(fmt_interval(&us).s, "-3.1 .. +4.0 %");
	cr_assert_str_eq(fmt_floor(&us).s, "3.0 %");
	cr_assert_str_eq(fmt_floor(&pp).s, "3.0 pp");
	/* a detectable shift stands on the side of the one seen */
	cr_assert_str_eq(fmt_mde(&pp).s, "50.0 pp");
	cr_assert_str_eq(fmt_mde(&us).s, "-60.0 %");
	us.shift = .2;
	cr_assert_str_eq(fmt_mde(&us).s, "+60.0 %");
	us.mde = 7.24;
	cr_assert_str_eq(fmt_mde(&us).s, "x 8.24");
	us.mde = 5000;
	cr_assert_str_eq(fmt_mde(&us).s, "> x 99");
	us.mde = INFINITY;
	cr_assert_str_eq(fmt_mde(&us).s, "-");
	us.mde = NAN;
	cr_assert_str_eq(fmt_mde(&us).s, "");
}

/* Where A is near 0 a shift is told in units, and no percentage of nothing is ever printed. */
Test(report, shift_in_units)
{
	struct cmp_metric m = made_shift(&made_metrics[0], 4.69, -.01, 12.3456, 2);

	m.shift_in_units = true;
	cr_assert_str_eq(fmt_shift(&m, m.shift, true).s, "+4.69");
	cr_assert_str_eq(fmt_shift(&m, -m.shift, true).s, "-4.69");
	cr_assert_str_eq(fmt_interval(&m).s, "+0 .. +12.3");
	cr_assert_str_eq(fmt_mde(&m).s, "2");
	cr_assert_str_eq(fmt_floor(&m).s, "3.0 %", "the floor stays relative");
	cr_assert_str_eq(view_shift_unit(&m), "units");
	cr_assert(!view_excludes_zero(&m));
	m.lo = .04; /* shown as +0: c is 1 */
	cr_assert(!view_excludes_zero(&m));
	m.lo = .06;
	cr_assert(view_excludes_zero(&m));
	m.shift_in_units = false;
	m.lo = .0004;
	m.hi = .3;
	cr_assert_str_eq(fmt_interval(&m).s, "+0.0 .. +30.0 %");
	cr_assert(!view_excludes_zero(&m), "an end shown as 0.0 %% leaves nothing out");
	m.lo = .0006;
	cr_assert(view_excludes_zero(&m));
}

/* Broken runs that are the harness's own are shown and not counted. */
Test(report, set_aside)
{
	struct comparison c = { 0 };
	struct buf out = BUF_INIT;

	made_comparison(&c, NULL, NULL);
	made(&c, 0, SIDE_A, 1)->usable = false;
	made(&c, 0, SIDE_A, 1)->set_aside = "qemu-failed: no such machine";
	c.scenario[0].side[SIDE_A].usable = 3;
	for (size_t i = 0; i < MADE_METRICS; i++)
		c.scenario[0].metric[i].side[SIDE_A].nr = 3;
	report_text(&c, &plain, &out);
	wants(&out, "qemu-failed: no such machine (not counted)\n");
	wants(&out, "no killable processes\n");
	cr_assert_not_null(
		strstr(out.data, "anon-paced: REGRESSED   runs 3 + 4 of 4 + 4\n  metric"), "%s",
		out.data);
	buf_reset(&out);
	report_format_html.write(&c, &plain, &out);
	wants(&out, "<td class=\"n\">not counted</td>");
	buf_release(&out);
	arena_release(&c.mem);
}

/* What the verdict rests on, when broken runs made it: only those of scenarios that are
 * significant, and their side. */
Test(report, basis)
{
	struct comparison c = { 0 };
	struct buf out = BUF_INIT;

	made_comparison(&c, NULL, NULL);
	view_basis(&c, &out);
	cr_assert_str_eq(out.data, "2 of 15 primary metrics",
			 "one broken run of p = 1 says nothing");
	c.count[VERDICT_REGRESSED] = 0;
	c.scenario[0].side[SIDE_B].usable = 0;
	c.scenario[0].side[SIDE_B].broken = 4;
	c.scenario[0].p_outcome_adj = .03;
	buf_reset(&out);
	view_basis(&c, &out);
	cr_assert_str_eq(
		out.data,
		"0 of 15 primary metrics; 4 runs of B broke, significantly more than of A");
	c.scenario[0].side[SIDE_B].usable = 4;
	c.scenario[0].side[SIDE_B].broken = 0;
	c.scenario[0].side[SIDE_A].usable = 0;
	c.scenario[0].side[SIDE_A].broken = 4;
	c.verdict = VERDICT_IMPROVED;
	c.count[VERDICT_IMPROVED] = 0;
	buf_reset(&out);
	view_basis(&c, &out);
	cr_assert_str_eq(
		out.data,
		"0 of 15 primary metrics; 4 runs of A broke, significantly more than of B");
	c.verdict = VERDICT_SAME;
	cr_assert_str_eq(view_standing(&c), "");
	buf_release(&out);
	arena_release(&c.mem);
}

/* At most eight rows explain a scenario; hints and what moves with a verdict are told apart. */
Test(report, moves)
{
	static struct metric many[12];
	struct report_opts all = { .all = true };
	struct comparison c = { 0 };
	struct cmp_scenario *s;
	struct buf out = BUF_INIT;
	size_t nr;

	made_comparison(&c, NULL, NULL);
	s = &c.scenario[0];
	s->metric = arena_alloc(&c.mem, 12 * sizeof(*s->metric));
	s->nr_metrics = 12;
	for (size_t i = 0; i < 12; i++) {
		many[i] = made_metrics[5];
		many[i].name = arena_printf(&c.mem, "second%02zu", i);
		s->metric[i] = (struct cmp_metric){ .m = &many[i],
						    .cls = METRIC_SECONDARY,
						    .judged = true,
						    .conf = .95,
						    .side[SIDE_A].median = 1,
						    .side[SIDE_B].median = 2,
						    .shift = .5,
						    .lo = .2,
						    .hi = .7,
						    .p_raw = .01 + .001 * (double)(11 - i),
						    .p_adj = i < 2 ? .11 : .08 };
	}
	s->metric[11].conf = .9;
	free(view_moves(s, &nr));
	cr_assert_eq(nr, 10, "inside the false discovery rate");
	report_text(&c, &plain, &out);
	wants(&out, "  and 2 more with --all\n");
	cr_assert_not_null(strstr(out.data, "\n  second11 "), "the smallest p first");
	cr_assert_null(strstr(out.data, "\n  second03 "));
	buf_reset(&out);
	s->verdict = VERDICT_UNKNOWN;
	free(view_moves(s, &nr));
	cr_assert_eq(nr, 12);
	report_text(&c, &all, &out);
	wants(&out, "\n  uncorrected hints (raw interval excludes zero");
	wants(&out, "\n  second03 ");
	cr_assert_null(strstr(out.data, "more with --all"));
	buf_release(&out);
	arena_release(&c.mem);
}

/* A row whose interval has another confidence than its heading says so. */
Test(report, other_confidence)
{
	struct comparison c = { 0 };
	struct buf out = BUF_INIT;

	made_comparison(&c, NULL, NULL);
	c.scenario[0].metric[1].conf = .9;
	c.scenario[0].metric[5].conf = .9;
	report_text(&c, &plain, &out);
	wants(&out, "UNKNOWN\n    ^ 90 % interval: n = 4+4\n");
	wants(&out, "+12.0..+49.0 % (90 %)\n");
	buf_reset(&out);
	report_format_html.write(&c, &plain, &out);
	wants(&out, "+46.0 % (90 %)</td>");
	buf_release(&out);
	arena_release(&c.mem);
}
