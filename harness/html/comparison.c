/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HTML report of a comparison: frame, verdict and order of the sections. */
#include "html/page.h"
#include "html/section.h"

#include <string.h>

#include "base/alloc.h"
#include "report/course_words.h"
#include "report/end_words.h"
#include "report/floor_words.h"
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

/* Says the "Declared error rate" and what else the promise rests on. */
static void promise(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	struct buf b = BUF_INIT;

	view_course(c, &b);
	if (b.len)
		html_tag(out, "p", "promise", b.data);
	buf_reset(&b);
	view_floors(c, &b);
	if (b.len)
		html_tag(out, "p", "promise", b.data);
	buf_reset(&b);
	view_end(c, &b);
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
	struct buf b = BUF_INIT;

	buf_addstr(out, "<dl class=\"facts\">\n");
	view_machine(c, &b);
	fact(out, "Machine", b.data);
	fact(out, "Target", view_target(c));
	fact(out, "Emulator", view_fact(c, "machine.emulator"));
	buf_reset(&b);
	view_n(c, &b);
	buf_addstr(&b, " boots");
	fact(out, "Runs used, A + B", b.data);
	buf_reset(&b);
	if (*c->lru[SIDE_A])
		buf_addf(&b, strcmp(c->lru[SIDE_A], c->lru[SIDE_B]) ? "%s in A, %s in B" : "%s",
			 c->lru[SIDE_A], c->lru[SIDE_B]);
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
	for (int v = VERDICT_REGRESSED; v < NR_VERDICTS; v++) {
		if (v >= VERDICT_CHANGED && !c->count[v])
			continue;
		buf_addf(out, "<div class=\"tile %s%s\"><b>%zu</b><span>%s</span></div>\n",
			 html_verdict_class((enum verdict)v), c->count[v] ? "" : " zero",
			 c->count[v], verdict_names[v]);
	}
	buf_addstr(out, "</div>\n");
}

/* A table of the scenarios and their verdicts: the map of the page. */
static void overview(const struct comparison *c, struct buf *out)
{
	buf_addstr(out, "<div class=\"scroll\"><table>\n<tr><th>Scenario</th><th>Verdict</th>");
	for (int v = VERDICT_REGRESSED; v < NR_VERDICTS; v++)
		if (v < VERDICT_CHANGED || c->count[v])
			buf_addf(out, "<th class=\"n\">%s</th>", verdict_names[v]);
	buf_addstr(
		out,
		"<th class=\"n\">runs A + B</th><th class=\"n\">set aside A + B</th><th class=\"n\">liveness A + B</th></tr>\n");
	for (size_t s = 0; s < c->nr_scenarios; s++) {
		const struct cmp_scenario *sc = &c->scenario[s];
		size_t count[NR_VERDICTS] = { 0 };

		for (size_t i = 0; i < sc->nr_metrics; i++)
			if (sc->metric[i].cls == METRIC_PRIMARY &&
			    (unsigned)sc->metric[i].verdict < NR_VERDICTS)
				count[sc->metric[i].judged ? sc->metric[i].verdict
							   : VERDICT_UNKNOWN]++;
		buf_addstr(out, "<tr><td><a href=\"#");
		html_scenario_id(out, c, s);
		buf_addstr(out, "\">");
		add_html(out, sc->name);
		buf_addf(out, "</a></td><td><span class=\"v %s\">%s</span></td>",
			 html_verdict_class(sc->verdict), verdict_names[sc->verdict]);
		for (int v = VERDICT_REGRESSED; v < NR_VERDICTS; v++)
			if (v < VERDICT_CHANGED || c->count[v])
				buf_addf(out,
					 count[v] ? "<td class=\"n\">%zu</td>"
						  : "<td class=\"n u\">\xc2\xb7</td>",
					 count[v]);
		buf_addf(
			out,
			"<td class=\"n\">%zu + %zu</td><td class=\"n\">%zu + %zu</td><td class=\"n\">%zu + "
			"%zu</td></tr>\n",
			sc->side[SIDE_A].usable, sc->side[SIDE_B].usable,
			sc->side[SIDE_A].nr - sc->side[SIDE_A].usable,
			sc->side[SIDE_B].nr - sc->side[SIDE_B].usable, sc->side[SIDE_A].flagged,
			sc->side[SIDE_B].flagged);
	}
	buf_addstr(out, "</table></div>\n");
}

#define SECTION(name) &html_section_##name,
static const struct html_section *const sections[] = { HTML_SECTIONS(SECTION) };

static void contents(struct buf *out)
{
	buf_addstr(out, "<nav>");
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		if (sections[i]->toc)
			html_link(out, sections[i]->id, sections[i]->toc);
	buf_addstr(out, "</nav>\n");
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
	html_tag(out, "h1", "", verdict_names[c->verdict]);
	view_basis(c, &b);
	html_tag(out, "p", "basis", b.data);
	if (*view_standing(c))
		html_tag(out, "p", "note", view_standing(c));
	buf_addstr(out, "<p class=\"pair\"><span class=\"tag\">A</span>");
	html_tag(out, "span", "mono", view_label(c, SIDE_A));
	buf_addstr(out, " &ensp;\xe2\x86\x92&ensp; <span class=\"tag b\">B</span>");
	html_tag(out, "span", "mono", view_label(c, SIDE_B));
	buf_addstr(out, "</p>\n");
	promise(c, o, out);
	buf_addstr(out, "</div>\n");
	tiles(c, out);
	facts(c, out);
	contents(out);
	overview(c, out);
	buf_addstr(out, "</header>\n<main>\n");
	buf_release(&b);
}

static void write_page(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	struct buf title = BUF_INIT;

	buf_addf(&title, "%s: %s \xe2\x86\x92 %s (wmark)", verdict_names[c->verdict],
		 view_label(c, SIDE_A), view_label(c, SIDE_B));
	html_head(out, title.data);
	verdict(c, o, out);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		html_section_begin(out, sections[i]->id, sections[i]->title);
		sections[i]->render(c, o, out);
		html_section_end(out);
	}
	html_foot(out, o);
	buf_release(&title);
}

REPORT_FORMAT(html) = {
	.help = "write the HTML report",
	.file = "report.html",
	.write = write_page,
};
