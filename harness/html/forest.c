/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Forest plot: every primary metric of every scenario as a shift with its interval, on one scale,
 * worse to the right. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "report/course_words.h"
#include "report/fmt.h"
#include "html/page.h"
#include "html/section.h"
#include "html/svg.h"
#include "report/words.h"

#define WIDTH 1120.0
#define PLOT_X0 250.0
#define PLOT_X1 700.0
#define ROW 23.0
#define HEAD 30.0
#define TOP 44.0
#define CHUNK 26 /* rows per figure: what fits on a page of paper */

/* Sign that puts worse on the right. A metric without direction keeps its own: higher is right. */
static double sign(const struct metric *m)
{
	return m->better == BETTER_HIGHER ? -1 : 1;
}

static int by_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/*
 * Half width of the common axis: it holds the intervals of metrics that moved, and half of the
 * others; an interval that is cut gets an arrow. The width is between 5 % and 200 %, so that
 * neither one wild metric nor dull ones spoil the view.
 */
static double half_width(const struct comparison *c)
{
	double need = 0.05, *ends = NULL;
	size_t nr = 0, cap = 0;

	for (size_t s = 0; s < c->nr_scenarios; s++)
		for (size_t i = 0; i < c->scenario[s].nr_metrics; i++) {
			const struct cmp_metric *m = &c->scenario[s].metric[i];

			if (m->cls != METRIC_PRIMARY || !m->judged || m->shift_in_units)
				continue;
			if (isfinite(cmp_floor(m)))
				need = fmax(need, 1.6 * cmp_floor(m));
			if (view_moved(m) && isfinite(m->lo) && isfinite(m->hi))
				need = fmax(need, 1.06 * fmax(fabs(m->lo), fabs(m->hi)));
			if (isfinite(m->lo) && isfinite(m->hi)) {
				ARRAY_GROW(ends, nr, cap);
				ends[nr++] = fmax(fabs(m->lo), fabs(m->hi));
			}
		}
	if (nr) {
		qsort(ends, nr, sizeof(*ends), by_double);
		need = fmax(need, 1.1 * ends[nr / 2]);
	}
	free(ends);
	return fmin(need, 2);
}

static double weight(const struct cmp_metric *m)
{
	double w = m->hi - m->lo;

	if (!m->judged || isnan(m->shift))
		return -1;
	return w > 0 ? fabs(m->shift) / w : m->shift != 0 ? INFINITY : 0;
}

/* The primary metrics of a scenario, the clearest shift first, ties in table order. malloc'ed. */
static const struct cmp_metric **sorted(const struct cmp_scenario *s, size_t *nr)
{
	const struct cmp_metric **list = xcalloc(s->nr_metrics + 1, sizeof(*list));

	*nr = 0;
	for (size_t i = 0; i < s->nr_metrics; i++) {
		const struct cmp_metric *m = &s->metric[i];
		size_t at = (*nr);

		if (m->cls != METRIC_PRIMARY)
			continue;
		while (at > 0 && weight(list[at - 1]) < weight(m)) {
			list[at] = list[at - 1];
			at--;
		}
		list[at] = m;
		(*nr)++;
	}
	return list;
}

static void arrow(struct buf *out, double x, double y, double dir, const char *cls)
{
	buf_addf(out, "<path class=\"tip %s\" d=\"M%s %sl%s -4v8z\"/>\n", cls, fmt_coord(x).s,
		 fmt_coord(y).s, fmt_coord(-7 * dir).s);
}

static void interval(struct buf *out, const struct axis *x, const struct cmp_metric *m, double y)
{
	const char *cls = html_metric_class(m);
	double sg = sign(m->m), lo = sg * m->lo, hi = sg * m->hi, at = sg * m->shift;
	char ci[32];

	if (sg < 0) {
		double t = lo;

		lo = hi;
		hi = t;
	}
	snprintf(ci, sizeof(ci), "ci %s", cls);
	if (!isnan(lo) && !isnan(hi)) {
		svg_line(out, axis_inside(x, lo), y, axis_inside(x, hi), y, ci);
		if (lo < x->lo)
			arrow(out, x->p0 - 3, y, -1, cls);
		if (hi > x->hi)
			arrow(out, x->p1 + 3, y, 1, cls);
	}
	/* the arrow and the number are enough */
	if (at < x->lo || at > x->hi)
		return;
	if (m->m->better == BETTER_NEITHER)
		buf_addf(out, "<path class=\"tip %s\" d=\"M%s %sl5.5 5.5l-5.5 5.5l-5.5 -5.5z\"/>\n",
			 cls, fmt_coord(axis_at(x, at)).s, fmt_coord(y - 5.5).s);
	else
		buf_addf(out, "<circle class=\"pt %s\" cx=\"%s\" cy=\"%s\" r=\"4.6\"/>\n", cls,
			 fmt_coord(axis_at(x, at)).s, fmt_coord(y).s);
}

/* When A is near zero there is no percentage, so the metric has no place on this scale. */
static void in_units(struct buf *out, const struct cmp_metric *m, double y)
{
	char text[160];

	snprintf(text, sizeof(text), "A is near 0, so in units: %s", fmt_interval(m).s);
	svg_text(out, (PLOT_X0 + PLOT_X1) / 2 + 8, y + 4, "faint", text);
}

/* Draws a ring below the line where the look had estimated the shift. */
static void look_mark(struct buf *out, const struct axis *x, const struct cmp_metric *m, double y)
{
	double at = sign(m->m) * m->look_shift;

	if (!m->of_fresh || m->shift_in_units)
		return;
	if (at < x->lo || at > x->hi)
		arrow(out, at < x->lo ? x->p0 - 3 : x->p1 + 3, y + 7, at < x->lo ? -1 : 1,
		      html_metric_class(m));
	else
		buf_addf(out, "<circle class=\"look %s\" cx=\"%s\" cy=\"%s\" r=\"3.4\"/>\n",
			 html_metric_class(m), fmt_coord(axis_at(x, at)).s, fmt_coord(y + 7).s);
}

/* The text of the last column: the verdict, with the MDE of an UNKNOWN, or with what fresh runs
 * said of a finding. */
static void verdict_text(const struct cmp_metric *m, char *text, size_t size)
{
	const char *v = verdict_names[m->verdict];

	if (m->confirm == CONFIRM_UNABLE)
		snprintf(text, size, "too few fresh runs");
	else if (m->verdict == VERDICT_UNKNOWN)
		snprintf(text, size, "%s, %s%s", cmp_asked(m) ? confirm_names[m->confirm] : v,
			 isfinite(m->mde) ? "MDE " : "",
			 isfinite(m->mde) ? fmt_mde(m).s : "add runs");
	else if (m->confirm != CONFIRM_NONE)
		snprintf(text, size, "%s, %s", v, confirm_names[m->confirm]);
	else
		snprintf(text, size, "%s", v);
}

static void row(struct buf *out, const struct axis *x, const struct cmp_metric *m, double y)
{
	const char *cls = html_metric_class(m);
	double floor = isfinite(cmp_floor(m)) ? cmp_floor(m) : 0;
	char text[160];

	buf_addstr(out, "<g><title>");
	add_html(out, m->m->name);
	if (m->judged)
		buf_addf(out, ": shift %s, interval %s (%s), adj. p %s, n = %zu + %zu, floor %s",
			 fmt_shift(m, m->shift, true).s, fmt_interval(m).s,
			 fmt_pct(m->conf, false).s, fmt_p(m->p_adj).s,
			 cmp_of_shift(m, SIDE_A)->present, cmp_of_shift(m, SIDE_B)->present,
			 fmt_floor(m).s);
	buf_addstr(out, "</title>\n");
	svg_rect(out, axis_inside(x, -floor), y - ROW / 2,
		 axis_inside(x, floor) - axis_inside(x, -floor), ROW, "band");
	svg_line(out, axis_at(x, 0), y - ROW / 2, axis_at(x, 0), y + ROW / 2, "zero");
	svg_text(out, 12, y + 4, *cls == 'q' ? "big" : "k big", m->m->name);
	if (!m->judged) {
		snprintf(text, sizeof(text), "not judged: %.100s",
			 m->why_not ? m->why_not : "no reason recorded");
		svg_text(out, PLOT_X1 + 24, y + 4, "faint", text);
		buf_addstr(out, "</g>\n");
		return;
	}
	if (m->shift_in_units)
		in_units(out, m, y);
	else
		interval(out, x, m, y);
	look_mark(out, x, m, y);
	svg_text(out, PLOT_X1 + 92, y + 4, *cls == 'q' ? "e big" : "e k big",
		 fmt_shift(m, m->shift, true).s);
	svg_text(out, PLOT_X1 + 98, y + 4, cls, view_dir_word(view_dir(m)));
	snprintf(text, sizeof(text), "%zu + %zu", cmp_of_shift(m, SIDE_A)->present,
		 cmp_of_shift(m, SIDE_B)->present);
	svg_text(out, PLOT_X1 + 188, y + 4, "e", text);
	svg_text(out, PLOT_X1 + 246, y + 4, "e", fmt_p(m->p_adj).s);
	verdict_text(m, text, sizeof(text));
	svg_text(out, PLOT_X1 + 258, y + 4, cls, text);
	buf_addstr(out, "</g>\n");
}

/* Draws the grid, the tick labels and the words at both ends. */
static void frame(struct buf *out, const struct axis *x, double height)
{
	double tick[AXIS_TICKS];
	size_t nr = axis_ticks(x->lo, x->hi, 8, tick);

	for (size_t i = 0; i < nr; i++) {
		char text[40];

		snprintf(text, sizeof(text), "%g %%", fabs(nearbyint(tick[i] * 1000) / 10));
		svg_line(out, axis_at(x, tick[i]), TOP - 6, axis_at(x, tick[i]), height - 8, "ax");
		svg_text(out, axis_at(x, tick[i]), TOP - 11, "m", text);
	}
	svg_text(out, PLOT_X0, 14, "good", "\xe2\x86\x90 B is better");
	svg_text(out, (PLOT_X0 + PLOT_X1) / 2, 14, "m", "shift of B against A, with its interval");
	svg_text(out, PLOT_X1, 14, "e bad", "B is worse \xe2\x86\x92");
	svg_text(out, PLOT_X1 + 92, TOP - 11, "e", "shift");
	svg_text(out, PLOT_X1 + 188, TOP - 11, "e", "n");
	svg_text(out, PLOT_X1 + 246, TOP - 11, "e", "adj. p");
	svg_text(out, PLOT_X1 + 258, TOP - 11, "", "verdict");
}

/* Draws one figure of the scenarios from @s on, as many as fit; returns the first one that did not
 * fit. */
static size_t figure(const struct comparison *c, size_t s, double half, struct buf *out)
{
	struct axis x = { -half, half, PLOT_X0, PLOT_X1 };
	size_t last = s, rows = 0;
	double y = TOP, height = TOP + 10;

	for (; last < c->nr_scenarios; last++) {
		size_t n = 0;

		for (size_t i = 0; i < c->scenario[last].nr_metrics; i++)
			n += c->scenario[last].metric[i].cls == METRIC_PRIMARY;
		if (last > s && rows + n + 1 > CHUNK)
			break;
		rows += n + 1;
		height += HEAD + (double)n * ROW;
	}
	buf_addstr(out, "<figure class=\"scroll wide\" style=\"margin:14px 0\">\n");
	svg_open(
		out, WIDTH, height, "forest",
		"Shift of every primary metric with its interval; the table below has the same numbers");
	frame(out, &x, height);
	for (; s < last; s++) {
		const struct cmp_scenario *sc = &c->scenario[s];
		const struct cmp_metric **list;
		size_t nr;

		list = sorted(sc, &nr);
		svg_text(out, 0, y + HEAD - 11, "h", sc->name);
		y += HEAD;
		for (size_t i = 0; i < nr; i++, y += ROW)
			row(out, &x, list[i], y + ROW / 2 - 2);
		free(list);
	}
	svg_close(out);
	buf_addstr(out, "</figure>\n");
	return last;
}

static void forest(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	double half = half_width(c);

	(void)o;
	html_note(out,
		  "The dot is the shift, the line its interval. Coloured rows moved: <b "
		  "class=\"w-bad\">worse</b> or <b class=\"w-good\">better</b>; grey rows say "
		  "nothing by themselves. Inside the shaded band a shift is below the "
		  "metric\xe2\x80\x99s floor and does not matter. All rows share one scale; an "
		  "arrow marks an interval that goes on. Worse is always to the right, also where "
		  "higher numbers are better; the signed number beside the row is the plain change "
		  "of the value. A diamond has no good direction: right is higher.");
	if (c->course.found && c->course.finished && c->course.confirm_n)
		html_note(
			out,
			"A small ring below a line is the shift that the look had estimated which found it: its runs are biased witnesses. Dot and line are of the fresh runs then, which alone confirm it.");
	for (size_t s = 0; s < c->nr_scenarios;)
		s = figure(c, s, half, out);
}

const struct html_section html_section_forest = {
	.id = "forest",
	.title = "Shifts of the primary metrics",
	.toc = "Shifts",
	.render = forest,
};
