/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Section of time lines: for each scenario one typical run per side. */
#include <math.h>

#include "evidence/view.h"
#include "html/page.h"
#include "html/panels.h"
#include "html/section.h"
#include "metric/metric.h"
#include "report/words.h"

#define POINT_BYTES 11 /* bytes of one point in a path, about */

/* The run whose first primary metric is nearest to the median of its side; the first usable run
 * when no primary metric has a value. */
static const struct run_facts *typical(const struct cmp_scenario *s, enum side side)
{
	const struct cmp_side *runs = &s->side[side];
	size_t best = view_usable(runs, 0);
	double near = INFINITY;

	for (size_t k = 0; k < s->nr_metrics && isinf(near); k++) {
		const struct cmp_values *v = &s->metric[k].side[side];

		if (s->metric[k].cls != METRIC_PRIMARY || isnan(v->median))
			continue;
		for (size_t i = 0; i < v->nr; i++) {
			size_t at = view_usable(runs, i);

			if (at < runs->nr && fabs(v->v[i] - v->median) < near) {
				near = fabs(v->v[i] - v->median);
				best = at;
			}
		}
	}
	return best < runs->nr ? runs->run[best] : NULL;
}

static void label(struct buf *out, const struct comparison *c, const struct run_facts *r,
		  enum side side)
{
	buf_addstr(out, view_label(c, side));
	if (r->seed)
		buf_addf(out, ", seed %s", r->seed);
	if (*r->head.path)
		buf_addf(out, ", %s", view_basename(r->head.path));
}

static bool load(struct timeline *t, struct archive *a, const struct run_facts *r)
{
	if (!view_archive(r, a))
		return false;
	timeline_load(t, a, run_page_kib(a));
	t->finding = r->finding;
	t->nr_findings = r->nr_findings;
	return true;
}

static void draw(const struct comparison *c, const struct run_facts *const run[2],
		 struct timeline line[2], size_t budget, struct buf *out)
{
	size_t lines = timeline_lines(&line[0]) + timeline_lines(&line[1]);
	size_t points = lines ? budget / (lines * POINT_BYTES) : 0;
	struct buf text[2] = { BUF_INIT, BUF_INIT };

	points = points > HTML_POINTS ? HTML_POINTS : points < 60 ? 60 : points;
	for (int side = 0; side < 2; side++) {
		timeline_thin(&line[side], points);
		label(&text[side], c, run[side], side ? SIDE_B : SIDE_A);
	}
	html_timelines(out, &line[0], &line[1], text[0].data, text[1].data);
	for (int side = 0; side < 2; side++)
		buf_release(&text[side]);
}

/* Draws one scenario; false when a side has no archive to draw. */
static bool scenario(const struct comparison *c, const struct cmp_scenario *s, size_t budget,
		     struct buf *out)
{
	const struct run_facts *run[2] = { typical(s, SIDE_A), typical(s, SIDE_B) };
	struct archive a[2] = { { .path = NULL }, { .path = NULL } };
	struct timeline line[2];
	int loaded = 0;

	while (loaded < 2 && run[loaded] && load(&line[loaded], &a[loaded], run[loaded]))
		loaded++;
	if (loaded == 2) {
		html_tag(out, "h3", "", s->name);
		draw(c, run, line, budget, out);
	}
	for (int side = 0; side < loaded; side++) {
		timeline_release(&line[side]);
		archive_release(&a[side]);
	}
	return loaded == 2;
}

static void time_lines(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	size_t budget = out->len < HTML_FIGURES ? (HTML_FIGURES - out->len) /
							  (c->nr_scenarios ? c->nr_scenarios : 1)
						: 0,
	       drawn = 0;

	(void)o;
	html_note(
		out,
		"One run per kernel, the one whose first primary metric is nearest to the median "
		"of its side. Both runs share all axes; the tinted part is the measured window. "
		"<b>Free memory</b>, one panel per node, against the sums of the "
		"zones\xe2\x80\x99 <b>min</b>, <b>low</b> and <b>high</b> watermarks: kswapd is "
		"woken below low and should stop near high; below min allocations stall. "
		"<b>Reclaim</b>: blue is kswapd, red is direct reclaim by the allocating task; "
		"dark is pages scanned, light is pages stolen (freed). A wide gap between the two "
		"is wasted work. Per-node rates exist from Linux 7.1 on. Lines are thinned to the "
		"extremes of each time slice, so peaks are real. A red tick above the plot is an "
		"OOM kill, a kernel log line or a broken rule: point at it.");
	for (size_t s = 0; s < c->nr_scenarios; s++) {
		if (out->len > HTML_FIGURES) {
			html_note(out,
				  "The remaining scenarios are left out to keep this page small; "
				  "<code>wmark report RUN</code> draws any run.");
			break;
		}
		drawn += scenario(c, &c->scenario[s], budget, out);
	}
	if (!drawn)
		html_note(out, "No scenario has a usable run on both sides.");
}

const struct html_section html_section_time = {
	.id = "time",
	.title = "Reclaim over time",
	.toc = "Time lines",
	.render = time_lines,
};
