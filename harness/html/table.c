/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of metrics: the numbers of primary metrics, everything else derived from the counters, and
 * what moves with a verdict. */
#include <math.h>
#include <stdlib.h>

#include "report/course_words.h"
#include "report/floor_words.h"
#include "report/fmt.h"
#include "html/page.h"
#include "html/section.h"
#include "report/words.h"

static void number_cell(struct buf *out, const char *s)
{
	html_tag(out, "td", "n", s);
}

static void name_cells(struct buf *out, const struct cmp_metric *m)
{
	buf_addstr(out, "<td>");
	add_html(out, m->m->name);
	buf_addstr(out, "</td>");
	html_tag(out, "td", "u", metric_unit(m->m));
	number_cell(out, fmt_num(cmp_of_shift(m, SIDE_A)->median).s);
	number_cell(out, fmt_num(cmp_of_shift(m, SIDE_B)->median).s);
}

/* One cell with the reason, instead of the cells of numbers that a metric has only when it was
 * judged. */
static void reason_cell(struct buf *out, const struct cmp_metric *m, int cols)
{
	buf_addf(out, "<td class=\"u wrap\" colspan=\"%d\">not judged: ", cols);
	add_html(out, m->why_not ? m->why_not : "no reason recorded");
	buf_addstr(out, "</td>");
}

static void shift_cells(struct buf *out, const struct cmp_scenario *s, const struct cmp_metric *m,
			const char *cls)
{
	buf_addstr(out, "<td class=\"n\">");
	add_html(out, fmt_shift(m, m->shift, true).s);
	buf_addf(out, " <span class=\"w-%s\">%s</span></td>", cls, view_dir_word(view_dir(m)));
	buf_addstr(out, "<td class=\"n\">");
	add_html(out, fmt_interval(m).s);
	if (view_other_confidence(s, m))
		buf_addf(out, " (%.0f %%)", m->conf * 100);
	buf_addstr(out, "</td>");
}

#define COLUMNS 11 /* columns of primary metrics, without the look */

/* What stands beside the verdict: a separate line below the row. */
static void beside_row(struct buf *out, const struct comparison *c, const struct cmp_metric *m)
{
	struct buf b = BUF_INIT;

	view_beside_verdict(c, m, &b);
	if (b.len) {
		buf_addf(out, "<tr class=\"sub\"><td></td><td class=\"wrap\" colspan=\"%d\">",
			 COLUMNS);
		add_html(out, b.data);
		buf_addstr(out, "</td></tr>\n");
	}
	buf_release(&b);
}

/* The floor that counts; where rebuilds give it, how many there were stands in the title. */
static void floor_cell(struct buf *out, const struct cmp_metric *m)
{
	struct buf why = BUF_INIT;

	view_metric_floor(m, &why);
	if (why.len) {
		buf_addstr(out, "<td class=\"n\" title=\"");
		add_html(out, why.data);
		buf_addf(out, "\">%s%s</td>", fmt_floor(m).s,
			 cmp_floor(m) > m->floor ? " (rebuilds)" : "");
	} else {
		number_cell(out, fmt_floor(m).s);
	}
	buf_release(&why);
}

static void primary_row(struct buf *out, const struct comparison *c, const struct cmp_scenario *s,
			const struct cmp_metric *m)
{
	buf_addf(out, "<tr%s>", view_moved(m) ? "" : " class=\"quiet\"");
	name_cells(out, m);
	if (!m->judged) {
		reason_cell(out, m, c->course.nr_looks ? COLUMNS - 3 : COLUMNS - 4);
		buf_addstr(out, "</tr>\n");
		return;
	}
	shift_cells(out, s, m, html_metric_class(m));
	number_cell(out, fmt_p(m->p_adj).s);
	buf_addf(out, "<td class=\"n\">%zu + %zu</td>", cmp_of_shift(m, SIDE_A)->present,
		 cmp_of_shift(m, SIDE_B)->present);
	floor_cell(out, m);
	number_cell(out, m->verdict != VERDICT_UNKNOWN ? ""
			 : isfinite(m->mde)	       ? fmt_mde(m).s
						       : "add runs");
	if (c->course.nr_looks)
		buf_addf(out,
			 m->look ? "<td class=\"n\">%zu (n = %zu)</td>"
				 : "<td class=\"n u\">none</td>",
			 m->look, m->look_n);
	buf_addf(out, "<td><span class=\"v %s\">%s</span></td></tr>\n",
		 html_verdict_class(m->verdict), verdict_names[m->verdict]);
	beside_row(out, c, m);
}

static void numbers(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	struct buf history = BUF_INIT;

	(void)o;
	html_note(
		out,
		"A and B are medians over runs; n counts the runs that have a value. The floor is the "
		"smallest shift that matters; MDE, shown where the verdict is UNKNOWN, is the smallest "
		"shift that would have been found.");
	for (size_t s = 0; s < c->nr_scenarios; s++) {
		const struct cmp_scenario *sc = &c->scenario[s];
		double conf = view_confidence(sc);

		buf_addstr(out, "<h3 id=\"");
		html_scenario_id(out, c, s);
		buf_addstr(out, "\">");
		add_html(out, sc->name);
		buf_addf(out, " <span class=\"v %s\">%s</span>", html_verdict_class(sc->verdict),
			 verdict_names[sc->verdict]);
		view_scenario_history(sc, &history);
		if (history.len)
			html_tag(out, "span", "aside", history.data);
		buf_reset(&history);
		buf_addstr(out, "</h3>\n");
		buf_addstr(
			out,
			"<div class=\"scroll\"><table>\n<tr><th>Metric</th><th>Unit</th><th "
			"class=\"n\">A</th><th class=\"n\">B</th><th class=\"n\">Shift</th><th class=\"n\">");
		if (conf > 0)
			buf_addf(out, "%.0f %% interval", conf * 100);
		else
			buf_addstr(out, "Interval");
		buf_addstr(out, "</th><th class=\"n\">adj. p</th><th class=\"n\">n</th><th "
				"class=\"n\">Floor</th><th class=\"n\">MDE</th>");
		buf_addstr(out, c->course.nr_looks
					? "<th class=\"n\">Look</th><th>Verdict</th></tr>\n"
					: "<th>Verdict</th></tr>\n");
		for (size_t i = 0; i < sc->nr_metrics; i++)
			if (sc->metric[i].cls == METRIC_PRIMARY)
				primary_row(out, c, sc, &sc->metric[i]);
		buf_addstr(out, "</table></div>\n");
	}
	buf_release(&history);
}

const struct html_section html_section_numbers = {
	.id = "numbers",
	.title = "Primary metrics in numbers",
	.toc = "Numbers",
	.render = numbers,
};

static void derived_head(struct buf *out)
{
	buf_addstr(
		out,
		"<div class=\"scroll\"><table>\n<tr><th>Metric</th><th>Unit</th><th class=\"n\">A</th><th "
		"class=\"n\">B</th><th class=\"n\">Shift</th><th class=\"n\">Interval, not "
		"corrected</th><th>What it is</th></tr>\n");
}

/* Medians of a whole scenario; diagnostics that are ABSENT on both sides are named in one line
 * instead of one row each. */
static void derived_scenario(const struct cmp_scenario *sc, struct buf *out)
{
	size_t absent = 0;

	derived_head(out);
	for (size_t i = 0; i < sc->nr_metrics; i++) {
		const struct cmp_metric *m = &sc->metric[i];

		if (isnan(m->side[SIDE_A].median) && isnan(m->side[SIDE_B].median)) {
			absent++;
			continue;
		}
		buf_addf(out, "<tr%s>", view_excludes_zero(m) ? "" : " class=\"quiet\"");
		name_cells(out, m);
		if (m->judged)
			shift_cells(out, sc, m, "none");
		else
			reason_cell(out, m, 2);
		html_tag(out, "td", "help", m->m->help);
		buf_addstr(out, "</tr>\n");
	}
	buf_addstr(out, "</table></div>\n");
	if (!absent)
		return;
	buf_addstr(out, "<p class=\"note\">ABSENT in A and B: ");
	for (size_t i = 0, n = 0; i < sc->nr_metrics; i++)
		if (isnan(sc->metric[i].side[SIDE_A].median) &&
		    isnan(sc->metric[i].side[SIDE_B].median)) {
			buf_addstr(out, n++ ? ", " : "");
			html_tag(out, "code", "", sc->metric[i].m->name);
		}
	buf_addstr(out, ".</p>\n");
}

static void derived(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	(void)o;
	html_note(
		out,
		"What the counters of the window add up to, per scenario: medians over runs of "
		"every metric that has a value. Efficiency is steal/scan, direct share is the "
		"part of the work that allocations had to do themselves. Rows in black have an "
		"interval that excludes zero; it is not corrected for the number of rows, so read "
		"them as hints.");
	for (size_t s = 0; s < c->nr_scenarios; s++) {
		if (out->len > HTML_TABLES) {
			html_note(out,
				  "The remaining scenarios are left out to keep this page small; "
				  "the CSV has every metric.");
			break;
		}
		buf_addf(out, "<details%s><summary>", c->nr_scenarios <= 4 ? " open" : "");
		html_tag(out, "b", "", c->scenario[s].name);
		buf_addf(out, ", %zu metrics</summary>\n", c->scenario[s].nr_metrics);
		derived_scenario(&c->scenario[s], out);
		buf_addstr(out, "</details>\n");
	}
}

const struct html_section html_section_derived = {
	.id = "derived",
	.title = "Reclaim table",
	.toc = "Reclaim table",
	.render = derived,
};

/* Appends the metrics that moved with a verdict, or hints where nothing moved. Returns how many
 * there are. */
static size_t moves_scenario(const struct cmp_scenario *sc, struct buf *out)
{
	size_t nr;
	const struct cmp_metric **list = view_moves(sc, &nr);

	if (nr) {
		buf_addstr(out, "<h3>");
		add_html(out, sc->name);
		buf_addstr(out, ": ");
		add_html(out, view_moves_title(sc));
		buf_addstr(out, "</h3>\n");
		derived_head(out);
	}
	for (size_t i = 0; i < nr; i++) {
		const struct cmp_metric *m = list[i];
		enum view_dir d = view_dir(m);
		bool moved = view_scenario_moved(sc);

		buf_addstr(out, "<tr>");
		name_cells(out, m);
		shift_cells(out, sc, m,
			    moved && d == DIR_WORSE    ? "bad"
			    : moved && d == DIR_BETTER ? "good"
						       : "none");
		html_tag(out, "td", "help", m->m->help);
		buf_addstr(out, "</tr>\n");
	}
	if (nr)
		buf_addstr(out, "</table></div>\n");
	free(list);
	return nr;
}

static void moves(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	size_t shown = 0;

	(void)o;
	html_note(out,
		  "Secondary metrics. Under a scenario that moved: those inside a false discovery "
		  "rate of 10 % (Benjamini-Hochberg), which help to explain the verdict and never "
		  "make one. Elsewhere: uncorrected hints, whose raw interval excludes zero; among "
		  "many metrics some do by chance.");
	for (size_t s = 0; s < c->nr_scenarios; s++)
		shown += moves_scenario(&c->scenario[s], out);
	if (!shown)
		html_note(out, "None did.");
}

const struct html_section html_section_moves = {
	.id = "moves",
	.title = "What moves with it",
	.toc = "Moves with it",
	.render = moves,
};
