/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Draws reclaim time lines: panels of one run, or of A and B side by side with common axes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "report/fmt.h"
#include "html/panels.h"
#include "html/page.h"
#include "html/svg.h"

#define W 560.0
#define X0 48.0
#define X1 (W - 6)
#define TOP 18.0   /* phase names */
#define TITLE 19.0 /* title and legend of a panel */
#define TALL 104.0
#define FLAT 66.0
#define GAP 9.0
#define EVENT_MARKS 200

/* Panels with the same title, in drawing order: those of A, then any that only B has. Panels
 * without a value on either side are left out. */
struct plan {
	struct panel *a, *b;
	const struct panel *any;
	double top;
};

static struct panel *same_title(struct timeline *t, const char *title)
{
	for (size_t i = 0; t && i < t->nr; i++)
		if (!strcmp(t->panel[i].title, title))
			return &t->panel[i];
	return NULL;
}

static size_t plan(struct timeline *a, struct timeline *b, struct plan **out)
{
	size_t nr = 0, cap = 0;
	struct plan *p = NULL;

	for (size_t i = 0; i < a->nr + (b ? b->nr : 0); i++) {
		struct panel *own = i < a->nr ? &a->panel[i] : &b->panel[i - a->nr];
		struct panel *in_a = timeline_panel(a, own->title),
			     *in_b = timeline_panel(b, own->title);

		if ((!in_a && !in_b) || (i >= a->nr && same_title(a, own->title)))
			continue;
		ARRAY_GROW(p, nr, cap);
		p[nr++] = (struct plan){ in_a, in_b, own,
					 fmax(in_a ? in_a->top : NAN, in_b ? in_b->top : NAN) };
	}
	*out = p;
	return nr;
}

static double panel_height(const struct panel *p)
{
	return p->cut ? TALL : FLAT;
}

/* Draws the window as a tint and the other phases as lines, in the background of one panel. */
static void phases(struct buf *out, const struct timeline *t, const struct axis *x, double y0,
		   double y1)
{
	for (size_t i = 0; i < t->nr_phases; i++) {
		const struct span *s = &t->phase[i];
		double x0 = axis_inside(x, s->t0), x1 = axis_inside(x, s->t1);

		if (!strcmp(s->name, "window"))
			svg_rect(out, x0, y0, x1 - x0, y1 - y0, "win");
		else
			svg_line(out, x0, y0, x0, y1, "ph");
	}
}

/* Writes the names of phases where there is room, and the window's name always. */
static void phase_names(struct buf *out, const struct timeline *t, const struct axis *x)
{
	for (size_t i = 0; i < t->nr_phases; i++) {
		const struct span *s = &t->phase[i];
		double x0 = axis_inside(x, s->t0), x1 = axis_inside(x, s->t1);
		bool window = !strcmp(s->name, "window");

		if (window || x1 - x0 > svg_text_width(s->name))
			svg_text(out, x0, 11, window ? "k" : "", s->name);
	}
}

/* Draws OOM kills, hangs and kernel log findings as ticks at the top edge of the plot. */
static void event_marks(struct buf *out, const struct timeline *t, const struct axis *x)
{
	size_t n = 0;

	for (size_t i = 0; i < t->a->nr_ev && n < EVENT_MARKS; i++) {
		const struct archive_ev *e = &t->a->ev[i];
		double at = axis_inside(x, ((double)e->t_us - (double)t->zero_us) / 1e6);

		if (!e->finding && strcmp(e->name, "oom"))
			continue;
		n++;
		buf_addf(out, "<path class=\"ev\" d=\"M%s %sv8\"><title>", fmt_coord(at).s,
			 fmt_coord(TOP - 5).s);
		add_html(out, e->name);
		buf_addstr(out, ": ");
		add_html(out, e->text);
		buf_addstr(out, "</title></path>\n");
	}
}

/* Marks what broke a rule, from its first second to its last. */
static void finding_marks(struct buf *out, const struct timeline *t, const struct axis *x)
{
	size_t n = 0;

	for (size_t i = 0; i < t->nr_findings && n < EVENT_MARKS; i++) {
		const struct finding *f = &t->finding[i];
		double from, to;

		if (f->state == RULE_SKIP || !f->has_time)
			continue;
		n++;
		from = axis_inside(x, ((double)f->begin_us - (double)t->zero_us) / 1e6);
		to = axis_inside(x, ((double)f->end_us - (double)t->zero_us) / 1e6);
		buf_addf(out, "<path class=\"ev\" d=\"M%s %sv8", fmt_coord(from).s,
			 fmt_coord(TOP - 5).s);
		if (to > from)
			buf_addf(out, "m0 -4H%s", fmt_coord(to).s);
		buf_addstr(out, "\"><title>");
		add_html(out, f->rule);
		buf_addstr(out, ": ");
		add_html(out, f->text);
		buf_addstr(out, "</title></path>\n");
	}
}

/* Writes the legend as one text, so that the browser does the layout: a coloured dash before every
 * name. */
static void legend(struct buf *out, const struct panel *p, double y)
{
	buf_addf(out, "<text class=\"e\" x=\"%s\" y=\"%s\">", fmt_coord(X1).s, fmt_coord(y).s);
	for (int i = 0, n = 0; i < p->nr; i++) {
		const char *cls = p->cls[i];

		if (!p->line[i].nr)
			continue;
		buf_addf(out, "%s<tspan class=\"%s\">%s</tspan> %s", n++ ? " \xe2\x80\x83" : "",
			 cls,
			 !strcmp(cls, "w1") ? "\xe2\x94\x88"
			 : *cls == 'w'	    ? "\xe2\x95\x8c"
					    : "\xe2\x94\x81",
			 p->name[i]);
	}
	buf_addstr(out, "</text>\n");
}

static void title(struct buf *out, const struct plan *pl, const struct panel *p, double top,
		  double y)
{
	double most = p && p->cut ? line_max(&p->line[p->nr - 1]) : NAN;

	buf_addf(out, "<text x=\"0\" y=\"%s\" class=\"h\">%s <tspan class=\"faint\">%s",
		 fmt_coord(y).s, pl->any->title, pl->any->unit);
	if (most > top)
		buf_addf(out, ", cut; up to %s", fmt_num(most).s);
	buf_addstr(out, "</tspan></text>\n");
}

static void draw_panel(struct buf *out, const struct timeline *t, const struct plan *pl,
		       const struct panel *p, const struct axis *x, double y)
{
	double h = panel_height(pl->any), top = pl->top > 0 ? pl->top : 1, tick[AXIS_TICKS];
	struct axis ya = { 0, top * 1.04, y + TITLE + h, y + TITLE };
	size_t nr = axis_ticks(0, ya.hi, pl->any->cut ? 4 : 3, tick);

	title(out, pl, p, ya.hi, y + 12);
	phases(out, t, x, ya.p1, ya.p0);
	/* all values are zero: there is no scale */
	if (!(pl->top > 0))
		nr = nr ? 1 : 0;
	for (size_t i = 0; i < nr; i++) {
		svg_line(out, X0, axis_at(&ya, tick[i]), X1, axis_at(&ya, tick[i]), "ax");
		svg_text(out, X0 - 6, axis_at(&ya, tick[i]) + 4, "e", fmt_tick(tick[i]).s);
	}
	if (!p) {
		svg_text(out, (X0 + X1) / 2, y + TITLE + h / 2 + 4, "m faint",
			 "ABSENT: not recorded in this run");
		return;
	}
	legend(out, p, y + 12);
	for (int i = 0; i < p->nr; i++)
		svg_path(out, &p->line[i], x, &ya, p->cls[i]);
}

static void draw_run(struct buf *out, struct timeline *t, const struct plan *pl, size_t nr,
		     enum side side, const struct axis *x)
{
	double y = TOP + 4, bottom = y, tick[AXIS_TICKS];
	size_t nt = axis_ticks(x->lo, x->hi, 8, tick);

	for (size_t i = 0; i < nr; i++)
		bottom += TITLE + panel_height(pl[i].any) + GAP;
	svg_open(out, W, bottom + 30, "t", "Time line of reclaim in one run");
	phase_names(out, t, x);
	for (size_t i = 0; i < nr; i++) {
		draw_panel(out, t, &pl[i], side == SIDE_A ? pl[i].a : pl[i].b, x, y);
		y += TITLE + panel_height(pl[i].any) + GAP;
	}
	event_marks(out, t, x);
	finding_marks(out, t, x);
	for (size_t i = 0; i < nt; i++) {
		svg_line(out, axis_at(x, tick[i]), bottom - GAP, axis_at(x, tick[i]),
			 bottom - GAP + 4, "ph");
		svg_text(out, axis_at(x, tick[i]), bottom + 8, "m", fmt_tick(tick[i]).s);
	}
	svg_text(out, X1, bottom + 24, "e",
		 t->has_window ? "seconds after the window began"
			       : "seconds after the start of the run");
	svg_close(out);
}

void html_timelines(struct buf *out, struct timeline *a, struct timeline *b, const char *label_a,
		    const char *label_b)
{
	struct axis x = { b ? fmin(a->t0, b->t0) : a->t0, b ? fmax(a->t1, b->t1) : a->t1, X0, X1 };
	struct plan *pl = NULL;
	size_t nr = plan(a, b, &pl);

	if (!nr || !(x.hi > x.lo)) {
		html_note(out, "No samples to draw.");
		free(pl);
		return;
	}
	buf_addstr(out, b ? "<div class=\"duo\">\n" : "<div class=\"duo solo\">\n");
	for (int side = 0; side < (b ? 2 : 1); side++) {
		struct timeline *t = side ? b : a;

		buf_addstr(out, "<figure class=\"run\"><figcaption>");
		if (b)
			buf_addf(out, "<span class=\"tag%s\">%c</span>", side ? " b" : "",
				 side_letter((enum side)side));
		add_html(out, side ? label_b : label_a);
		buf_addstr(out, "</figcaption><div class=\"scroll\">\n");
		draw_run(out, t, pl, nr, side ? SIDE_B : SIDE_A, &x);
		buf_addstr(out, "</div></figure>\n");
	}
	buf_addstr(out, "</div>\n");
	if (a->nr_nodes > TIMELINE_NODES || (b && b->nr_nodes > TIMELINE_NODES))
		html_note(out,
			  "Only the first 8 nodes are drawn; <code>wmark export</code> has all.");
	free(pl);
}
