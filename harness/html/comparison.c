/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HTML report of a comparison: frame, verdict and order of the sections. */
#include "html/html.h"
#include "html/page.h"
#include "html/section.h"

#include <string.h>

#include "report/course_words.h"
#include "report/fmt.h"
#include "report/words.h"

static void fact(struct buf *out, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	buf_addstr(out, "<div>");
	html_tag(out, "dt", "", name);
	html_tag(out, "dd", "", value);
	buf_addstr(out, "</div>\n");
}

/* "Declared error rate" and what else the promise rests on. */
static void promise(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	struct buf b = BUF_INIT;

	view_course(c, &b);
	if (b.len)
		html_tag(out, "p", "promise", b.data);
	buf_reset(&b);
	view_history(c, o->history_from, &b);
	html_tag(out, "p", "promise", b.data);
	buf_reset(&b);
	view_run_counts(c, &b);
	if (b.len)
		html_tag(out, "p", "promise", b.data);
	buf_release(&b);
}

static void facts(const struct comparison *c, struct buf *out)
{
	static const char *const emulator[] = { "machine.emulator", NULL };
	struct buf b = BUF_INIT;

	buf_addstr(out, "<dl class=\"facts\">\n");
	view_machine(c, &b);
	fact(out, "Machine", b.data);
	fact(out, "Target", view_target(c));
	fact(out, "Emulator", view_fact(c, emulator));
	buf_reset(&b);
	view_n(c, &b);
	buf_addstr(&b, " boots");
	fact(out, "Runs used, A + B", b.data);
	buf_reset(&b);
	if (*c->lru_a)
		buf_addf(&b, strcmp(c->lru_a, c->lru_b) ? "%s in A, %s in B" : "%s", c->lru_a,
			 c->lru_b);
	fact(out, "LRU", b.data);
	buf_reset(&b);
	buf_addf(&b, "%g %% per campaign", c->opts.alpha * 100);
	fact(out, "Declared error rate", b.data);
	buf_reset(&b);
	buf_addf(&b, "%zu primary metric%s, %s%llu relabellings", c->nr_family,
		 c->nr_family == 1 ? "" : "s", c->exact_permutation ? "all " : "",
		 (unsigned long long)c->permutations);
	fact(out, "Judged together", b.data);
	buf_addstr(out, "</dl>\n");
	buf_release(&b);
}

static void tiles(const struct comparison *c, struct buf *out)
{
	buf_addstr(out, "<div class=\"tiles\">\n");
	for (int v = VERDICT_REGRESSED; v <= VERDICT_CHANGED; v++) {
		if (v == VERDICT_CHANGED && !c->count[v])
			continue;
		buf_addf(out, "<div class=\"tile %s%s\"><b>%zu</b><span>%s</span></div>\n",
			 html_verdict_class((enum verdict)v), c->count[v] ? "" : " zero",
			 c->count[v], verdict_names[v]);
	}
	buf_addstr(out, "</div>\n");
}

/* Scenario by verdict: the map of the page. */
static void overview(const struct comparison *c, struct buf *out)
{
	buf_addstr(out, "<div class=\"scroll\"><table>\n<tr><th>Scenario</th><th>Verdict</th>");
	for (int v = VERDICT_REGRESSED; v <= VERDICT_CHANGED; v++)
		if (v != VERDICT_CHANGED || c->count[v])
			buf_addf(out, "<th class=\"n\">%s</th>", verdict_names[v]);
	buf_addstr(
		out,
		"<th class=\"n\">runs A + B</th><th class=\"n\">set aside A + B</th><th class=\"n\">liveness A + B</th></tr>\n");
	for (size_t s = 0; s < c->nr_scenarios; s++) {
		const struct cmp_scenario *sc = &c->scenario[s];
		size_t count[VERDICT_CHANGED + 1] = { 0 };

		for (size_t i = 0; i < sc->nr_metrics; i++)
			if (sc->metric[i].cls == METRIC_PRIMARY &&
			    (unsigned)sc->metric[i].verdict <= VERDICT_CHANGED)
				count[sc->metric[i].judged ? sc->metric[i].verdict
							   : VERDICT_UNKNOWN]++;
		buf_addstr(out, "<tr><td><a href=\"#");
		html_scenario_id(out, c, s);
		buf_addstr(out, "\">");
		add_html(out, sc->name);
		buf_addf(out, "</a></td><td><span class=\"v %s\">%s</span></td>",
			 html_verdict_class(sc->verdict), view_verdict(sc->verdict));
		for (int v = VERDICT_REGRESSED; v <= VERDICT_CHANGED; v++)
			if (v != VERDICT_CHANGED || c->count[v])
				buf_addf(out,
					 count[v] ? "<td class=\"n\">%zu</td>"
						  : "<td class=\"n u\">\xc2\xb7</td>",
					 count[v]);
		buf_addf(
			out,
			"<td class=\"n\">%zu + %zu</td><td class=\"n\">%zu + %zu</td><td class=\"n\">%zu + "
			"%zu</td></tr>\n",
			sc->ua, sc->ub, sc->nra - sc->ua, sc->nrb - sc->ub, sc->flagged_a,
			sc->flagged_b);
	}
	buf_addstr(out, "</table></div>\n");
}

static void verdict(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	struct buf b = BUF_INIT;

	buf_addstr(
		out,
		"<header id=\"verdict\">\n<div class=\"brand\"><span><b>wmark</b> Linux page reclaim, A "
		"against B</span><span>");
	add_html(out, o->date);
	buf_addf(out, "</span></div>\n<div class=\"verdict %s\">\n",
		 html_verdict_class(c->verdict));
	html_tag(out, "h1", "", view_verdict(c->verdict));
	view_basis(c, &b);
	html_tag(out, "p", "basis", b.data);
	if (*view_standing(c))
		html_tag(out, "p", "note", view_standing(c));
	buf_addstr(out, "<p class=\"pair\"><span class=\"tag\">A</span>");
	html_tag(out, "span", "mono", view_label(c, 'A'));
	buf_addstr(out, " &ensp;\xe2\x86\x92&ensp; <span class=\"tag b\">B</span>");
	html_tag(out, "span", "mono", view_label(c, 'B'));
	buf_addstr(out, "</p>\n");
	promise(c, o, out);
	buf_addstr(out, "</div>\n");
	tiles(c, out);
	facts(c, out);
	buf_addstr(
		out,
		"<nav><a href=\"#environment\">Environment</a><a href=\"#forest\">Shifts</a><a "
		"href=\"#numbers\">Numbers</a><a href=\"#runs\">Every run</a><a href=\"#time\">Time lines</a><a "
		"href=\"#derived\">Reclaim table</a><a href=\"#moves\">Moves with it</a><a "
		"href=\"#findings\">Findings</a><a href=\"#left-out\">Set "
		"aside</a><a href=\"#reproduce\">Reproduce</a><a href=\"#reading\">How to read</a></nav>\n");
	overview(c, out);
	buf_addstr(out, "</header>\n<main>\n");
	buf_release(&b);
}

static void reading(const struct comparison *c, struct buf *out)
{
	html_section(out, "reading", "How to read this");
	buf_addf(
		out,
		"<p class=\"note\">One run is one sample: on the VM targets, one boot. The %zu judged primary "
		"metrics were tested at once, so that the chance of even one false REGRESSED or IMPROVED in the "
		"whole campaign is the declared %g %%.</p>\n",
		c->nr_family, c->opts.alpha * 100);
	if (c->course.nr_looks)
		buf_addf(
			out,
			"<p class=\"note\">The campaign looked at its runs %zu time%s, and spent that rate over the looks as it had planned before "
			"the first run. A metric keeps the verdict and the adjusted p of the look that decided it; its other numbers are of "
			"all runs. What the looks found counts once %s have confirmed it: in the same direction, one-sided, p corrected for all that was found.</p>\n",
			c->course.made, c->course.made == 1 ? "" : "s", view_fresh(c));
	html_note(
		out,
		"<b>REGRESSED</b>, <b>IMPROVED</b>: the shift is real (adjusted p at or below the declared "
		"rate) and at least as large as the metric\xe2\x80\x99s floor. <b>SMALL</b>: real, below "
		"the floor, so it should not worry anybody. <b>SAME</b>: shown to lie within the floor, "
		"which is more than not having found a difference. <b>UNKNOWN</b>: neither; the MDE beside "
		"it is the smallest shift, on the side of the one seen, that this number of runs would have found four times in five. "
		"<b>CHANGED</b>: real, but the metric has no good or bad direction.");
	html_note(
		out,
		"<b>Shift</b> is the Hodges-Lehmann estimate: the median of all differences between a run of B "
		"and a run of A, in percent of A (percentage points, pp, for shares; a bare number is in the metric\xe2\x80\x99s unit, because A is too near 0 for a percentage). <b>adj. p</b> is corrected "
		"for all primary metrics by step-down max-T over relabelled boots. <b>ABSENT</b> means that the "
		"kernel cannot say, or that nothing happened that could be divided by; it is never zero.");
	html_note(
		out,
		"Scan counts are not compared between classic LRU and MGLRU, because they count different "
		"things; such metrics are left out by name.");
	html_section_end(out);
}

void report_html(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	struct buf title = BUF_INIT;

	buf_addf(&title, "%s: %s \xe2\x86\x92 %s (wmark)", view_verdict(c->verdict),
		 view_label(c, 'A'), view_label(c, 'B'));
	html_head(out, title.data);
	verdict(c, o, out);
	html_environment(c, out);
	html_forest(c, out);
	html_tables(c, out);
	html_dots(c, out);
	html_time(c, out);
	html_derived(c, out);
	html_moves(c, out);
	html_findings(c, out);
	html_left_out(c, out);
	html_reproduce(o, out);
	reading(c, out);
	html_foot(out, o);
	buf_release(&title);
}
