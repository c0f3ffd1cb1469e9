/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run as a page: how it ended, its time line, then the same tables as in the terminal. */
#include <string.h>

#include "evidence/view.h"
#include "report/fmt.h"
#include "html/html.h"
#include "html/page.h"
#include "html/panels.h"
#include "report/run_tables.h"

static void table(const struct table *t, struct buf *out)
{
	html_section_begin(out, t->id, t->title);
	if (t->note)
		html_tag(out, "p", "note", t->note);
	if (t->more)
		buf_addf(out, "<details><summary>%zu rows</summary>\n", t->nr);
	buf_addstr(out, "<div class=\"scroll\"><table>\n<tr>");
	for (int c = 0; c < t->cols; c++)
		html_tag(out, "th", t->right[c] ? "n" : "", t->head[c]);
	buf_addstr(out, "</tr>\n");
	for (size_t r = 0; r < t->nr; r++) {
		buf_addstr(out, "<tr>");
		for (int c = 0; c < t->cols; c++) {
			const char *s = t->cell[r * (size_t)t->cols + (size_t)c];
			bool last = c == t->cols - 1;

			html_tag(out, "td",
				 t->right[c] ? "n"
				 : !last     ? ""
				 : t->mono   ? "wrap mono"
					     : "wrap",
				 s);
		}
		buf_addstr(out, "</tr>\n");
	}
	buf_addstr(out, t->more ? "</table></div>\n</details>\n" : "</table></div>\n");
	html_section_end(out);
}

static void time_section(const struct archive *a, struct buf *out)
{
	struct timeline tl;
	struct buf label = BUF_INIT;
	size_t lines;

	html_section_begin(out, "time", "Reclaim over time");
	html_note(
		out,
		"The tinted part is the measured window. <b>Free memory</b>, one panel per node, "
		"against the sums of the zones\xe2\x80\x99 <b>min</b>, <b>low</b> and <b>high</b> "
		"watermarks: kswapd is woken below low and should stop near high; below min "
		"allocations stall. <b>Reclaim</b>: blue is kswapd, red is direct reclaim by the "
		"allocating task; dark is pages scanned, light is pages stolen (freed).");
	timeline_load(&tl, a, run_page_kib(a));
	lines = timeline_lines(&tl);
	timeline_thin(&tl, lines && HTML_FIGURES / 12 / lines < HTML_POINTS
				   ? HTML_FIGURES / 12 / lines
				   : HTML_POINTS);
	html_timelines(out, &tl, NULL, label.data, NULL);
	timeline_release(&tl);
	html_section_end(out);
	buf_release(&label);
}

void report_run_html(const struct archive *a, const struct report_opts *o, struct buf *out)
{
	struct tables t;
	struct buf b = BUF_INIT, state = BUF_INIT;
	bool good = report_run_state(a, &state);
	size_t skipped = 0;

	report_run_title(a, &b);
	html_head(out, b.data);
	buf_addstr(
		out,
		"<header id=\"run\">\n<div class=\"brand\"><span><b>wmark</b> Linux page reclaim, one "
		"run</span><span>");
	add_html(out, o->date);
	buf_addf(out, "</span></div>\n<div class=\"verdict %s\">\n", good ? "" : "bad");
	html_tag(out, "h1", "", good ? "Complete" : "Not usable");
	html_tag(out, "p", "basis", b.data);
	html_tag(out, "p", "note", state.data);
	buf_addstr(out, "</div>\n<nav>");
	html_link(out, "time", "Time line");
	report_run_tables(&t, a);
	for (size_t i = 0; i < t.nr; i++)
		html_link(out, t.table[i].id, t.table[i].title);
	buf_addstr(out, "</nav>\n</header>\n<main>\n");
	time_section(a, out);
	for (size_t i = 0; i < t.nr; i++) {
		if (out->len < HTML_FIGURES)
			table(&t.table[i], out);
		else
			skipped++;
	}
	if (skipped)
		html_note(out, "Some tables are left out to keep this page small; <code>wmark "
			       "show</code> prints them all.");
	html_foot(out, o);
	tables_release(&t);
	buf_release(&b);
	buf_release(&state);
}
