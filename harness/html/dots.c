/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every run as a dot in run order, in one small figure per primary metric: shows drift and
 * two-humped distributions. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "report/fmt.h"
#include "html/page.h"
#include "html/section.h"
#include "html/svg.h"
#include "report/words.h"

#define W 178.0
#define H 136.0
#define X0 44.0
#define X1 (W - 8)
#define Y0 (H - 18)
#define Y1 37.0

struct dot {
	double v;
	enum side side;
	const struct run_facts *run;
	long order;
	size_t index; /* as given; breaks ties */
};

static int by_order(const void *x, const void *y)
{
	const struct dot *a = x, *b = y;

	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

/* Collects all usable runs: in campaign order when every run knows its place (*ordered), else first
 * A, then B. */
static struct dot *collect(const struct cmp_scenario *s, const struct cmp_metric *m, size_t *nr,
			   bool *ordered)
{
	struct dot *d = xcalloc(cmp_nr_values(m) + 1, sizeof(*d));

	*nr = 0;
	*ordered = true;
	for (size_t i = 0; i < cmp_nr_values(m); i++) {
		enum side side = i < m->side[SIDE_A].nr ? SIDE_A : SIDE_B;
		const struct cmp_side *runs = &s->side[side];
		size_t at = view_usable(runs, side == SIDE_A ? i : i - m->side[SIDE_A].nr);

		d[*nr] = (struct dot){ cmp_value(m, i), side, at < runs->nr ? runs->run[at] : NULL,
				       -1, i };
		if (d[*nr].run && d[*nr].run->order >= 0)
			d[*nr].order = d[*nr].run->order;
		else
			*ordered = false;
		(*nr)++;
	}
	if (*ordered && *nr)
		qsort(d, *nr, sizeof(*d), by_order);
	return d;
}

static bool extent(const struct dot *d, size_t nr, double resolution, struct axis *y)
{
	double lo = NAN, hi = NAN, pad;

	for (size_t i = 0; i < nr; i++)
		if (isfinite(d[i].v)) {
			lo = fmin(lo, d[i].v);
			hi = fmax(hi, d[i].v);
		}
	if (isnan(lo))
		return false;
	pad = fmax((hi - lo) * 0.12, fmax(resolution, fabs(hi) * 1e-3));
	*y = (struct axis){ lo >= 0 ? fmax(0, lo - pad) : lo - pad, hi + pad, Y0, Y1 };
	return true;
}

static void mark(struct buf *out, const struct dot *d, const struct metric *m, double x, double y)
{
	buf_addf(out, "<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"%s\"><title>%c",
		 d->side == SIDE_B ? "db" : "da", fmt_coord(x).s, fmt_coord(y).s,
		 d->side == SIDE_B ? "4.4" : "3.8", side_letter(d->side));
	if (d->run && d->run->seed) {
		buf_addstr(out, ", seed ");
		add_html(out, d->run->seed);
	}
	buf_addf(out, ": %s ", fmt_num(d->v).s);
	add_html(out, metric_unit(m));
	if (d->run && *d->run->head.path) {
		buf_addstr(out, ", ");
		add_html(out, view_basename(d->run->head.path));
	}
	buf_addstr(out, "</title></circle>\n");
}

static void medians(struct buf *out, const struct cmp_metric *m, const struct axis *y)
{
	if (isfinite(m->side[SIDE_A].median))
		svg_line(out, X0, axis_inside(y, m->side[SIDE_A].median), X1,
			 axis_inside(y, m->side[SIDE_A].median), "ma");
	if (isfinite(m->side[SIDE_B].median))
		svg_line(out, X0, axis_inside(y, m->side[SIDE_B].median), X1,
			 axis_inside(y, m->side[SIDE_B].median), "mb");
}

static void figure(const struct cmp_scenario *s, const struct cmp_metric *m, struct buf *out)
{
	struct axis x = { 0, 1, X0 + 10, X1 - 8 }, y;
	double tick[AXIS_TICKS];
	struct buf label = BUF_INIT;
	struct dot *d;
	size_t nr, nt;
	bool ordered;

	d = collect(s, m, &nr, &ordered);
	buf_addf(&label, "%s of every run", m->m->name);
	buf_addstr(out, "<figure>");
	svg_open(out, W, H, "d", label.data);
	svg_text(out, 0, 12, view_moved(m) ? html_metric_class(m) : "k", m->m->name);
	svg_text(out, 0, 25, "faint", metric_unit(m->m));
	if (m->judged)
		svg_text(out, X1, 25, "e faint", verdict_names[m->verdict]);
	if (extent(d, nr, m->m->c, &y)) {
		nt = axis_ticks(y.lo, y.hi, 4, tick);
		for (size_t i = 0; i < nt; i++) {
			svg_line(out, X0, axis_at(&y, tick[i]), X1, axis_at(&y, tick[i]), "ax");
			svg_text(out, X0 - 6, axis_at(&y, tick[i]) + 4, "e", fmt_tick(tick[i]).s);
		}
		medians(out, m, &y);
		x.hi = nr > 1 ? (double)(nr - 1) : 1;
		for (size_t i = 0; i < nr; i++)
			if (isfinite(d[i].v))
				mark(out, &d[i], m->m, axis_at(&x, (double)i), axis_at(&y, d[i].v));
		svg_text(out, X1, H - 3, "e faint",
			 ordered ? "run order \xe2\x86\x92" : "A runs, then B runs");
	} else {
		svg_text(out, (X0 + X1) / 2, (Y0 + Y1) / 2, "m faint", "ABSENT in every run");
	}
	svg_close(out);
	buf_addstr(out, "</figure>\n");
	free(d);
	buf_release(&label);
}

static void every_run(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	(void)o;
	html_note(
		out,
		"One dot is one run: <svg width=\"12\" height=\"12\" style=\"display:inline\" "
		"aria-hidden=\"true\"><circle class=\"da\" cx=\"6\" cy=\"6\" r=\"3.8\"/></svg> A, "
		"<svg width=\"12\" height=\"12\" style=\"display:inline\" "
		"aria-hidden=\"true\"><circle class=\"db\" cx=\"6\" cy=\"6\" r=\"4.4\"/></svg> B; "
		"lines are their medians (A dashed). Look for drift along the order, for two "
		"humps, and for one run that stands alone: none of them shows in a median. Axes "
		"do not start at zero. Point at a dot for its seed.");
	for (size_t s = 0; s < c->nr_scenarios; s++) {
		const struct cmp_scenario *sc = &c->scenario[s];

		if (out->len > HTML_FIGURES) {
			html_note(out,
				  "The dots of the remaining scenarios are left out to keep this "
				  "page small; the CSV has every value.");
			break;
		}
		html_tag(out, "h3", "", sc->name);
		buf_addstr(out, "<div class=\"dots\">\n");
		for (size_t i = 0; i < sc->nr_metrics; i++)
			if (sc->metric[i].cls == METRIC_PRIMARY)
				figure(sc, &sc->metric[i], out);
		buf_addstr(out, "</div>\n");
	}
}

const struct html_section html_section_runs = {
	.id = "runs",
	.title = "Every run",
	.toc = "Every run",
	.render = every_run,
};
