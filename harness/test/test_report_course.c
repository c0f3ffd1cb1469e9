/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A campaign with looks and fresh runs, findings in single runs and the noise model, in all
 * formats. */
#include <criterion/criterion.h>

#include "report/course_words.h"
#include "report/fmt.h"
#include "report/words.h"
#include "test/test_report.h"

/* Moves the estimate of the looks to its place beside the fresh one, @shift with @lo and @hi. */
static void made_fresh(struct cmp_metric *m, double shift, double lo, double hi)
{
	static double v[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, NAN, 11 };

	m->of_fresh = true;
	m->look_shift = m->shift;
	m->look_lo = m->lo;
	m->look_hi = m->hi;
	m->shift = shift;
	m->lo = lo;
	m->hi = hi;
	for (enum side s = SIDE_A; s < NR_SIDES; s++)
		m->fresh[s] = (struct cmp_values){
			.v = v, .nr = ARRAY_SIZE(v), .present = 10, .median = m->side[s].median / 2
		};
}

/* Two of four looks made; fault_p99 confirmed, steal_scan_kswapd refuted. */
static void made_course(struct comparison *c)
{
	struct cmp_scenario *s;

	made_comparison(c, NULL, NULL);
	c->course = (struct cmp_course){ .nr_looks = 4,
					 .n = { 5, 10, 15, 20 },
					 .spend = { .01, .01, .015, .015 },
					 .made = 2,
					 .confirm_n = 10,
					 .confirm_alpha = .01,
					 .found = 4,
					 .confirmed = 3,
					 .finished = true };
	for (size_t i = 0; i < c->nr_scenarios; i++) {
		s = &c->scenario[i];
		s->looks = 2;
		for (size_t k = 0; k < 5; k++) {
			struct cmp_metric *m = &s->metric[k];

			m->screen = m->verdict;
			m->look = m->verdict == VERDICT_UNKNOWN ? 0 : 1 + k % 2;
			m->look_n = 5 * m->look;
			if (m->verdict != VERDICT_REGRESSED && m->verdict != VERDICT_IMPROVED)
				continue;
			m->confirm = CONFIRM_YES;
			m->p_confirm = .00041;
			made_fresh(m, m->shift * .9, m->lo * .8, m->hi * .95);
		}
	}
	s = &c->scenario[0];
	s->metric[2].confirm = CONFIRM_NO;
	s->metric[2].p_confirm = .62;
	s->metric[2].shift = s->metric[2].look_shift; /* made twice: the second time is this one */
	s->metric[2].lo = s->metric[2].look_lo;
	s->metric[2].hi = s->metric[2].look_hi;
	made_fresh(&s->metric[2], .004, -.011, .02);
	s->metric[2].verdict = VERDICT_UNKNOWN;
	s->metric[2].why_not =
		"REGRESSED at look 1 (n = 5), not confirmed by fresh runs (10 and 10, p 0.62)";
	c->count[VERDICT_REGRESSED]--;
	c->count[VERDICT_UNKNOWN]++;
}

Test(course_report, how_the_rate_was_spent)
{
	struct comparison c;
	struct buf b = BUF_INIT;

	made_course(&c);
	view_course(&c, &b);
	cr_assert_str_eq(b.data,
			 "looks at 5, 10, 15, 20 runs per side with alpha 0.01 0.01 0.015 0.015 "
			 "(2 made, nothing open that more runs could decide); "
			 "confirmed on 10 fresh boots per side at 0.01: 3 of 4 found");
	c.count[VERDICT_UNKNOWN] = 0;
	buf_reset(&b);
	view_course(&c, &b);
	wants(&b, "(2 made, everything decided); ");
	c.course.finished = false;
	c.count[VERDICT_UNKNOWN] = 3;
	buf_reset(&b);
	view_course(&c, &b);
	wants(&b, "(2 made, runs are still to be made); "
		  "4 found, to be confirmed on 10 fresh boots per side at 0.01");
	c.course.found = 0;
	c.course.made = 4;
	buf_reset(&b);
	view_course(&c, &b);
	wants(&b, "(all made, 3 of 15 primary metrics UNKNOWN); "
		  "nothing found that 10 fresh boots per side would have to confirm at 0.01");
	c.course.confirm_n = 0;
	c.course.made = 0;
	buf_reset(&b);
	view_course(&c, &b);
	wants(&b, "(none made yet, runs are still to be made); no confirmation was planned");
	c.course.nr_looks = 0;
	buf_reset(&b);
	view_course(&c, &b);
	cr_assert_eq(b.len, 0);
	buf_release(&b);
	arena_release(&c.mem);
}

/* More was found than so few fresh runs can confirm: every format says what would do. */
Test(course_report, too_few_fresh_runs)
{
	struct comparison c;
	struct report_opts o = { .wmark_version = "1" };
	struct buf b = BUF_INIT;
	struct cmp_metric *m;

	made_course(&c);
	c.course.confirm_n = 5;
	c.course.unable = 4;
	c.course.enough = 6;
	c.course.confirmed = 0;
	m = &c.scenario[0].metric[2];
	m->confirm = CONFIRM_UNABLE;
	m->of_fresh = false;
	m->fresh[SIDE_A].present = m->fresh[SIDE_B].present = 5;
	view_course(&c, &b);
	wants(&b, "confirmed on 5 fresh boots per side at 0.01: 0 of 4 found; "
		  "4 could not be, as it takes 6 fresh boots per side with a value");
	buf_reset(&b);
	view_metric_confirm(&c, m, &b);
	wants(&b, "REGRESSED at look 1 (n = 5), could not be confirmed on 5 + 5 fresh boots, "
		  "one-sided p 0.62");
	buf_reset(&b);
	report_format_json.write(&c, &o, &b);
	wants(&b, "\"unable\": 4");
	wants(&b, "\"enough\": 6");
	buf_reset(&b);
	report_format_html.write(&c, &o, &b);
	wants(&b, ">too few fresh runs</text>");
	c.course.enough = 0;
	buf_reset(&b);
	view_course(&c, &b);
	wants(&b, "4 could not be, as no number of fresh boots is enough");
	buf_release(&b);
	arena_release(&c.mem);
}

Test(course_report, standing)
{
	struct comparison c;

	made_course(&c);
	cr_assert_str_eq(view_standing(&c), "confirmed on fresh boots");
	for (size_t i = 0; i < 5; i++)
		c.scenario[0].metric[i].confirm = c.scenario[0].metric[i].confirm ? CONFIRM_PENDING
										  : CONFIRM_NONE;
	cr_assert_str_eq(view_standing(&c), "screened; not yet confirmed on fresh boots");
	/* broken runs that fresh ones confirmed carry the verdict too */
	c.scenario[0].outcome_verdict = VERDICT_REGRESSED;
	c.scenario[0].confirm_outcome = CONFIRM_YES;
	cr_assert_str_eq(view_standing(&c), "confirmed on fresh boots");
	c.verdict = VERDICT_UNKNOWN;
	cr_assert_str_eq(view_standing(&c), "");
	c.verdict = VERDICT_REGRESSED;
	c.course.nr_looks = 0;
	cr_assert_str_eq(view_standing(&c), "screened; not yet confirmed on fresh boots");
	arena_release(&c.mem);
}

/* Each row: the look that decided, or the MDE; never an UNKNOWN without it. */
Test(course_report, text)
{
	struct comparison c;
	struct buf out = BUF_INIT;

	made_course(&c);
	report_text(&c, &plain, &out);
	check_width(out.data);
	wants(&out, "primary metrics (confirmed on fresh boots), 6.1.192");
	wants(&out,
	      "\n       looks at 5, 10, 15, 20 runs per side with alpha 0.01 0.01 0.015 0.015 (2 made, nothing open that more\n"
	      "         runs could decide); confirmed on 10 fresh boots per side at 0.01: 3 of 4 found\n");
	wants(&out, " adj. p n   look/MDE verdict\n");
	wants(&out,
	      "    208    263  +25.7 % worse   +17.1..+34.9 %  0.029 10    look 1 REGRESSED\n"
	      "    ^ confirmed on 10 + 10 fresh boots, one-sided p <0.001; look 1 (n = 5) had "
	      "estimated +28.6 % (+21.4 ..\n      +36.7 %)\n");
	wants(&out,
	      "+0.4 pp better   -1.1..+2.0 pp  0.029 10   11.0 pp UNKNOWN\n"
	      "    ^ REGRESSED at look 1 (n = 5), by an estimate of -26.6 pp (-29.0 .. -24.0 pp), not "
	      "confirmed on 10 + 10\n      fresh boots, one-sided p 0.62\n");
	wants(&out, "   0.61 4    +11.0 % UNKNOWN\n");
	wants(&out, "at the alpha of its look it decides");
	cr_assert_null(strstr(out.data, "MDE -:"), "a refuted metric does not ask for runs");
	c.scenario[0].metric[2].mde = NAN;
	c.scenario[0].metric[0].confirm = CONFIRM_PENDING;
	c.course.finished = false;
	buf_reset(&out);
	report_text(&c, &plain, &out);
	wants(&out, "+2.0 pp  0.029 10         - UNKNOWN\n");
	wants(&out, "    ^ REGRESSED at look 1 (n = 5); fresh boots are still to confirm it\n");
	/* twenty runs, one of them without a value */
	c.scenario[0].metric[1].side[SIDE_A].present = 20;
	c.scenario[0].metric[1].side[SIDE_B].present = 19;
	buf_reset(&out);
	report_text(&c, &plain, &out);
	check_width(out.data);
	wants(&out, " 20+19 +11.0 % UNKNOWN\n");
	buf_release(&out);
	arena_release(&c.mem);
}

Test(course_report, outcome)
{
	struct comparison c;
	struct buf out = BUF_INIT;

	made_course(&c);
	c.scenario[1].confirm_outcome = CONFIRM_NO;
	c.scenario[1].p_confirm_outcome = .4;
	report_text(&c, &plain, &out);
	wants(&out,
	      "broken runs, A 0, B 1: adj. p = 1 (Fisher exact); not confirmed on fresh boots, one-sided p 0.40\n");
	buf_release(&out);
	arena_release(&c.mem);
}

Test(course_report, html)
{
	struct comparison c;
	struct buf out = BUF_INIT;

	made_course(&c);
	report_format_html.write(&c, &plain, &out);
	wants(&out, "<p class=\"promise\">looks at 5, 10, 15, 20 runs per side");
	wants(&out, "<p class=\"promise\">noise model: from these runs alone, no history</p>");
	wants(&out, "<th class=\"n\">Look</th><th>Verdict</th>");
	wants(&out,
	      "<td class=\"n\">1 (n = 5)</td><td><span class=\"v bad\">REGRESSED</span></td></tr>\n"
	      "<tr class=\"sub\">");
	wants(&out, ">confirmed on 10 + 10 fresh boots, one-sided p &lt;0.001; look 1 (n = 5) had "
		    "estimated +28.6 % (+21.4 .. +36.7 %)<");
	wants(&out, "<td class=\"n\">208</td>");
	wants(&out, "<td class=\"n\">10 + 10</td>");
	wants(&out, ">REGRESSED, confirmed</text>");
	wants(&out, ">not confirmed, MDE 11.0 pp</text>");
	wants(&out, "<circle class=\"look bad\"");
	wants(&out, "The campaign looked at its runs 2 times");
	cr_assert_eq(c.course.nr_looks, 4);
	c.course.nr_looks = 0;
	buf_reset(&out);
	report_format_html.write(&c, &plain, &out);
	cr_assert_null(strstr(out.data, "<th class=\"n\">Look</th>"));
	buf_release(&out);
	arena_release(&c.mem);
}

static const char *text_of(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

static double number_of(const json_t *j, const char *key)
{
	cr_assert(json_is_number(json_object_get(j, key)), "%s", key);
	return json_number_value(json_object_get(j, key));
}

/* Every place that repeats the verdict. */
Test(course_report, json)
{
	struct run_facts past[2] = { { .head = { .path = "results/m/s/k/one.wm",
						 .checksum = 0xfedcba9876543210u } },
				     { .head = { .path = "two.wm", .checksum = 7 } } };
	const struct run_facts *history[] = { &past[0], &past[1] };
	struct report_opts o = { .history_from = "results" };
	struct comparison c;
	json_t *j, *k, *m;

	made_course(&c);
	c.scenario[0].side[SIDE_A].run[0] = &past[1]; /* compared, so not fresh */
	o.made = history;
	o.nr_made = 2;
	c.opts.history = history;
	c.opts.nr_history = 2;
	j = loaded(&c, &o);
	k = json_object_get(j, "course");
	cr_assert_eq(json_array_size(json_object_get(k, "looks")), 4);
	cr_assert_eq(number_of(json_array_get(json_object_get(k, "looks"), 2), "n"), 15);
	cr_assert_eq(number_of(json_array_get(json_object_get(k, "looks"), 2), "alpha"), .015);
	cr_assert_eq(number_of(k, "made"), 2);
	cr_assert_eq(number_of(k, "confirm_n"), 10);
	cr_assert_eq(number_of(k, "confirm_alpha"), .01);
	cr_assert_eq(number_of(k, "found"), 4);
	cr_assert_eq(number_of(k, "confirmed"), 3);
	k = json_object_get(k, "fresh_runs");
	cr_assert_eq(json_array_size(k), 1);
	cr_assert_str_eq(text_of(json_array_get(k, 0), "file"), "results/m/s/k/one.wm");
	cr_assert_str_eq(text_of(json_array_get(k, 0), "checksum"), "fedcba9876543210");
	cr_assert_eq(number_of(j, "alpha_same"), .05);
	cr_assert_eq(number_of(j, "permutations"), 9999);
	cr_assert_str_eq(text_of(j, "seed"), "1");
	k = json_object_get(j, "history");
	cr_assert_str_eq(text_of(k, "from"), "results");
	k = json_object_get(k, "list");
	cr_assert_eq(json_array_size(k), 2);
	cr_assert_str_eq(text_of(json_array_get(k, 0), "checksum"), "fedcba9876543210");
	cr_assert_str_eq(text_of(json_array_get(k, 0), "file"), "results/m/s/k/one.wm");
	k = json_object_get(json_array_get(json_object_get(j, "scenarios"), 0), "metrics");
	m = json_object_get(json_array_get(k, 2), "course");
	cr_assert_eq(number_of(m, "look"), 1);
	cr_assert_str_eq(text_of(m, "screen"), "REGRESSED");
	cr_assert_str_eq(text_of(m, "confirm"), "not confirmed");
	cr_assert_eq(number_of(m, "p_confirm"), .62);
	cr_assert_str_eq(text_of(json_array_get(k, 2), "verdict"), "UNKNOWN");
	cr_assert(json_is_null(
		json_object_get(json_object_get(json_array_get(k, 1), "course"), "look")));
	cr_assert_null(json_object_get(json_array_get(k, 6), "course"),
		       "only primary metrics are decided");
	json_decref(j);
	c.course.nr_looks = 0;
	j = loaded(&c, &plain);
	cr_assert(json_is_null(json_object_get(j, "course")));
	json_decref(j);
	arena_release(&c.mem);
}

/* Numbers are of the fresh runs, and what the look had estimated stands in the course. */
Test(course_report, json_of_fresh_runs)
{
	struct comparison c;
	json_t *j, *k, *m;

	made_course(&c);
	j = loaded(&c, &plain);
	k = json_object_get(json_array_get(json_object_get(j, "scenarios"), 0), "metrics");
	m = json_object_get(json_array_get(k, 2), "course");
	cr_assert(json_is_true(json_object_get(m, "of_fresh")));
	cr_assert_eq(number_of(m, "look_shift"), c.scenario[0].metric[2].look_shift);
	cr_assert_eq(number_of(m, "look_low"), -.29);
	cr_assert_eq(number_of(m, "look_high"), -.24);
	cr_assert_eq(json_array_size(json_object_get(m, "a_fresh")), 11);
	cr_assert(json_is_null(json_array_get(json_object_get(m, "b_fresh"), 9)), "ABSENT");
	cr_assert_eq(number_of(json_array_get(k, 2), "shift"), .004);
	cr_assert_eq(number_of(json_array_get(k, 2), "n_a"), 10);
	cr_assert_eq(number_of(json_array_get(k, 2), "median_a"),
		     c.scenario[0].metric[2].side[SIDE_A].median / 2);
	cr_assert_null(
		json_object_get(json_object_get(json_array_get(k, 1), "course"), "look_shift"));
	json_decref(j);
	arena_release(&c.mem);
}

Test(course_report, json_of_the_end)
{
	struct comparison c;
	json_t *j, *k;

	made_course(&c);
	j = loaded(&c, &plain);
	k = json_object_get(j, "end");
	cr_assert_eq(number_of(k, "exit"), 1);
	cr_assert_eq(number_of(k, "shown"), 8);
	cr_assert_eq(number_of(k, "counted"), 15);
	cr_assert_eq(number_of(k, "fine"), .5);
	cr_assert(json_is_null(json_object_get(k, "mde")));
	cr_assert_str_eq(text_of(k, "why"),
			 "shown to be fine: 8 of 15 primary metrics; exit code 1: REGRESSED");
	k = json_array_get(json_object_get(j, "scenarios"), 0);
	cr_assert_eq(number_of(k, "shown"), 2);
	cr_assert_eq(number_of(k, "counted"), 5);
	cr_assert(json_is_false(json_object_get(k, "fine")));
	json_decref(j);
	arena_release(&c.mem);
}

Test(course_report, csv)
{
	struct comparison c;
	struct buf out = BUF_INIT;
	const char *row;

	made_course(&c);
	report_format_csv.write(&c, &plain, &out);
	wants(&out,
	      ",history_df,look,look_n,screen,confirm,p_confirm,confirm_n_a,confirm_n_b,of_fresh,look_shift,look_low,look_high,a_fresh,b_fresh,a_values,");
	wants(&out,
	      ",looks,looks_alpha,looks_made,confirm_n,confirm_alpha,fine_share,fine_mde,exit\n");
	wants(&out, ",5;10;15;20,0.01;0.01;0.015;0.015,2,10,0.01,0.5,,1\n");
	wants(&out, "\nanon-paced,REGRESSED,4,4,4,4,0,0,1,1,UNKNOWN,,,2,5,no,0,0,");
	row = strstr(out.data, ",steal_scan_kswapd,");
	cr_assert_not_null(row);
	row = strstr(row, ",1,5,REGRESSED,not confirmed,0.62,10,10,yes,-0.2655999");
	cr_assert_not_null(row, "%s", out.data);
	buf_release(&out);
	arena_release(&c.mem);
}

/* ---------------------------------------------------------------- noise model */

Test(course_report, noise_model)
{
	const struct run_facts *history[3] = { NULL };
	struct report_opts o = { .history_from = "results" };
	struct comparison c;
	struct buf b = BUF_INIT;

	made_comparison(&c, NULL, NULL);
	view_history(&c, "results", &b);
	cr_assert_str_eq(b.data,
			 "noise model: from these runs alone, no history that fits in results");
	c.opts.history = history;
	c.opts.nr_history = 3;
	buf_reset(&b);
	view_history(&c, "results", &b);
	cr_assert_str_eq(
		b.data,
		"noise model: 3 earlier runs from results, which give no degrees of freedom");
	for (size_t i = 0; i < 5; i++)
		c.scenario[0].metric[i].history_df = 2;
	c.scenario[0].metric[3].history_df = 1;
	buf_reset(&b);
	report_text(&c, &o, &b);
	wants(&b,
	      "\n       noise model: 3 earlier runs from results, 0 to 2 degrees of freedom per metric beside those of these\n"
	      "         runs\n");
	wants(&b, "anon-paced: REGRESSED   runs 4 + 4   1 to 2 degrees of freedom from history\n");
	wants(&b, "slab-dentries: IMPROVED   runs 4 + 4\n");
	buf_release(&b);
	arena_release(&c.mem);
}

/* ---------------------------------------------------------------- findings */

static const struct finding found[] = {
	{ "kswapd-spins", RULE_LIVENESS, RULE_FAIL, true, 12300000, 14100000, 1,
	  "free 4100 >= high 3130, yet kswapd1 ran 92 % of the time", false },
	{ "kswapd-spins", RULE_LIVENESS, RULE_FAIL, true, 15000000, 15000000, 1, "again", false },
	{ "oom-with-cache", RULE_LIVENESS, RULE_FAIL, false, 0, 0, -1,
	  "an OOM kill with 40 % of memory in \033[1mclean cache", false },
	{ "stall-hist", RULE_LIVENESS, RULE_SKIP, false, 0, 0, -1, "no tracefs", false },
};
static const struct finding invalid[] = {
	{ "identity-c", RULE_INVARIANT, RULE_FAIL, true, 3500000, 3500000, -1,
	  "nr_free_pages 88000, the sum of the nodes 91000", false },
	{ "kswapd-spins", RULE_LIVENESS, RULE_FAIL, true, 99000000, 99000000, 0,
	  "in a run that is no evidence", false },
};

static void made_findings(struct comparison *c)
{
	struct cmp_scenario *s;

	made_comparison(c, NULL, NULL);
	s = &c->scenario[0];
	made(c, 0, SIDE_B, 1)->finding = found;
	made(c, 0, SIDE_B, 1)->nr_findings = ARRAY_SIZE(found);
	made(c, 0, SIDE_B, 3)->finding = found;
	made(c, 0, SIDE_B, 3)->nr_findings = 1;
	s->side[SIDE_B].flagged = 2;
	made(c, 0, SIDE_A, 2)->finding = invalid;
	made(c, 0, SIDE_A, 2)->nr_findings = ARRAY_SIZE(invalid);
	made(c, 0, SIDE_A, 2)->usable = false;
	made(c, 0, SIDE_A, 2)->set_aside =
		"invalid: identity-c: nr_free_pages 88000, the sum of the nodes 91000";
	s->side[SIDE_A].usable = 3;
	for (size_t i = 0; i < MADE_METRICS; i++)
		s->metric[i].side[SIDE_A].nr = 3;
}

Test(course_report, findings_text)
{
	struct report_opts all = { .all = true };
	struct comparison c;
	struct buf out = BUF_INIT;

	made_findings(&c);
	report_text(&c, &plain, &out);
	check_width(out.data);
	wants(&out,
	      "       runs set aside: A 1, B 1; runs in which reclaim failed its duty for a while: A 0, B 2\n");
	wants(&out,
	      "  A  anon-paced           run-03.wm                      invalid, by 1 finding (not counted)\n"
	      "       identity-c, 3.50 s: nr_free_pages 88000, the sum of the nodes 91000\n");
	wants(&out,
	      "  broken runs, A 0, B 0; runs with a liveness finding, A 0, B 2: adj. p = 1 (Fisher exact)\n");
	wants(&out,
	      "  B  anon-paced           kswapd-spins: 3 times in 2 of 4 runs, first in run-02.wm\n"
	      "       kswapd-spins, 12.30 to 14.10 s, node 1: free 4100 >= high 3130, yet kswapd1 ran 92 % of the time\n");
	wants(&out,
	      "  B  anon-paced           oom-with-cache: 1 time in 1 of 4 runs, first in run-02.wm\n");
	cr_assert_null(strstr(out.data, "no evidence"), "liveness of a run that was set aside");
	cr_assert_null(strstr(out.data, "stall-hist"));
	cr_assert_null(strchr(out.data, '\033'));
	buf_reset(&out);
	report_text(&c, &all, &out);
	wants(&out, "\nRules that could not be evaluated (the first run of each)\n"
		    "  B  anon-paced           stall-hist: no tracefs\n");
	buf_release(&out);
	arena_release(&c.mem);
}

Test(course_report, findings_elsewhere)
{
	struct comparison c;
	struct buf out = BUF_INIT;
	json_t *j, *run;

	made_findings(&c);
	report_format_html.write(&c, &plain, &out);
	wants(&out, "<a href=\"#findings\">Findings</a>");
	wants(&out, "<h3>Liveness</h3>");
	wants(&out,
	      "<td class=\"mono\">kswapd-spins</td><td class=\"n\">3 in 2 of 4</td><td class=\"n\">12.30 to 14.10 s</td>");
	wants(&out, "<td class=\"wrap\">node 1: free 4100 &gt;= high 3130");
	wants(&out, "<summary>1 rule could not be evaluated</summary>");
	buf_reset(&out);
	report_format_csv.write(&c, &plain, &out);
	wants(&out, ",0,2,identity-c:1,kswapd-spins:3;oom-with-cache:1,");
	j = loaded(&c, &plain);
	run = json_array_get(
		json_object_get(json_array_get(json_object_get(j, "scenarios"), 0), "runs_b"), 1);
	cr_assert_eq(json_array_size(json_object_get(run, "findings")), ARRAY_SIZE(found));
	run = json_array_get(json_object_get(run, "findings"), 0);
	cr_assert_str_eq(text_of(run, "class"), "liveness");
	cr_assert_eq(number_of(run, "begin_s"), 12.3);
	cr_assert_eq(number_of(run, "end_s"), 14.1);
	cr_assert_eq(number_of(run, "node"), 1);
	json_decref(j);
	buf_reset(&out);
	arena_release(&c.mem);
	made_comparison(&c, NULL, NULL);
	report_format_html.write(&c, &plain, &out);
	wants(&out, "Every rule that could be evaluated held in every run.");
	buf_release(&out);
	arena_release(&c.mem);
}

/* ---------------------------------------------------------------- --explain */

Test(course_report, explain)
{
	static struct metric m;
	struct comparison c;
	struct buf out = BUF_INIT;

	m = made_metrics[2];
	m.where = "pgsteal_kswapd / pgscan_kswapd (mm/vmscan.c)";
	m.moves = "dirty pages, a \033[1mworking set that is larger than memory";
	report_explain(&m, NULL, &out);
	cr_assert_eq(
		strncmp(out.data, "steal_scan_kswapd (ratio): primary, higher is better\n", 53), 0,
		"%s", out.data);
	wants(&out, "pages kswapd freed of those it scanned\n");
	wants(&out, "pgsteal_kswapd / pgscan_kswapd (mm/vmscan.c)\n");
	wants(&out, "working set that is larger than memory\n");
	cr_assert_null(strchr(out.data, '\033'));
	made_course(&c);
	c.scenario[1].metric[2].cls = METRIC_SECONDARY;
	c.scenario[2].metric[2].judged = false;
	c.scenario[2].metric[2].why_not = "absent in B";
	buf_reset(&out);
	report_explain(&m, &c, &out);
	wants(&out,
	      "\nanon-paced: UNKNOWN\n"
	      "  A 0.417, B 0.281: shift +0.4 pp better, interval -1.1 .. +2.0 pp (95 %), adjusted p = 0.029, n = 10 + 10,\n"
	      "    MDE 11.0 pp\n"
	      "  REGRESSED at look 1 (n = 5), by an estimate of -26.6 pp (-29.0 .. -24.0 pp), not confirmed on 10 + 10 fresh\n"
	      "    boots, one-sided p 0.62\n"
	      "  every usable run:\n"
	      "    A  seed  100 ");
	wants(&out, "\nfile-stream (secondary here): not judged by itself\n");
	wants(&out, "\nslab-dentries: not judged\n  A 0.911, B 0.911\n  absent in B\n");
	buf_release(&out);
	arena_release(&c.mem);
}
