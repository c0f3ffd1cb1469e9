/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "html/svg.h"

#include <math.h>

#include "report/fmt.h"

double axis_at(const struct axis *a, double v)
{
	double span = a->hi - a->lo;

	return span > 0 ? a->p0 + (v - a->lo) / span * (a->p1 - a->p0) : a->p0;
}

double axis_inside(const struct axis *a, double v)
{
	return axis_at(a, v < a->lo ? a->lo : v > a->hi ? a->hi : v);
}

size_t axis_ticks(double lo, double hi, int want, double out[AXIS_TICKS])
{
	double raw = (hi - lo) / want, power, step, first;
	size_t n = 0;

	if (!isfinite(lo) || !isfinite(hi) || !(raw > 0))
		return 0;
	power = pow(10, floor(log10(raw)));
	step = raw / power <= 1.0001   ? power
	       : raw / power <= 2.0001 ? 2 * power
	       : raw / power <= 5.0001 ? 5 * power
				       : 10 * power;
	first = ceil(lo / step - 1e-9);
	while (n < AXIS_TICKS && (first + (double)n) * step <= hi + step * 1e-9) {
		out[n] = (first + (double)n) * step;
		if (fabs(out[n]) < step * 1e-9)
			out[n] = 0;
		n++;
	}
	return n;
}

void svg_open(struct buf *b, double w, double h, const char *cls, const char *label)
{
	buf_addf(
		b,
		"<svg class=\"%s\" viewBox=\"0 0 %s %s\" width=\"%s\" height=\"%s\" role=\"img\" aria-label=\"",
		cls, fmt_coord(w).s, fmt_coord(h).s, fmt_coord(w).s, fmt_coord(h).s);
	add_html(b, label);
	buf_addstr(b, "\">\n");
}

void svg_close(struct buf *b)
{
	buf_addstr(b, "</svg>\n");
}

void svg_text(struct buf *b, double x, double y, const char *cls, const char *s)
{
	buf_addf(b, "<text x=\"%s\" y=\"%s\"", fmt_coord(x).s, fmt_coord(y).s);
	if (*cls)
		buf_addf(b, " class=\"%s\"", cls);
	buf_addc(b, '>');
	add_html(b, s);
	buf_addstr(b, "</text>\n");
}

void svg_line(struct buf *b, double x1, double y1, double x2, double y2, const char *cls)
{
	buf_addf(b, "<path class=\"%s\" d=\"M%s %sL%s %s\"/>\n", cls, fmt_coord(x1).s,
		 fmt_coord(y1).s, fmt_coord(x2).s, fmt_coord(y2).s);
}

void svg_rect(struct buf *b, double x, double y, double w, double h, const char *cls)
{
	buf_addf(b, "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"/>\n", cls,
		 fmt_coord(x).s, fmt_coord(y).s, fmt_coord(w < 0 ? 0 : w).s,
		 fmt_coord(h < 0 ? 0 : h).s);
}

void svg_path(struct buf *b, const struct line *l, const struct axis *x, const struct axis *y,
	      const char *cls)
{
	bool pen = false;

	if (isnan(line_max(l)))
		return;
	buf_addf(b, "<path class=\"%s\" d=\"", cls);
	for (size_t i = 0; i < l->nr; i++) {
		if (isnan(l->v[i])) {
			pen = false;
			continue;
		}
		buf_addf(b, "%s%s %s", pen ? "L" : "M", fmt_coord(axis_inside(x, l->t[i])).s,
			 fmt_coord(axis_inside(y, l->v[i])).s);
		/* a single point: round line caps make it a dot */
		if (!pen && (i + 1 >= l->nr || isnan(l->v[i + 1])))
			buf_addstr(b, "h0.1");
		pen = true;
	}
	buf_addstr(b, "\"/>\n");
}

double svg_text_width(const char *s)
{
	return 5.9 * (double)utf8_width(s);
}
