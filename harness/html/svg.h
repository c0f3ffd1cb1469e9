/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes the little SVG that the figures of a report need. Colours and fonts come from the page's
 * style sheet. */
#ifndef WMARK_HTML_SVG_H
#define WMARK_HTML_SVG_H

#include <stddef.h>

#include "base/buf.h"
#include "evidence/series.h"

/* A linear scale: value lo..hi at pixel p0..p1 (p1 < p0 for an axis that grows upwards). */
struct axis {
	double lo, hi, p0, p1;
};
double axis_at(const struct axis *a, double v);	    /* not cut */
double axis_inside(const struct axis *a, double v); /* cut to the ends */
/* Round numbers within [lo, hi], about @want of them, at most 16. Returns how many. */
#define AXIS_TICKS 16
size_t axis_ticks(double lo, double hi, int want, double out[AXIS_TICKS]);

/* @label is what a screen reader says. */
void svg_open(struct buf *b, double w, double h, const char *cls, const char *label);
void svg_close(struct buf *b);
/* @cls: space-separated CSS classes; "e" = end-anchored, "m" = centred. @s may be foreign text. */
void svg_text(struct buf *b, double x, double y, const char *cls, const char *s);
void svg_line(struct buf *b, double x1, double y1, double x2, double y2, const char *cls);
void svg_rect(struct buf *b, double x, double y, double w, double h, const char *cls);
/* Draws a polyline, broken at gaps, with values cut to the y axis. A single point between gaps is
 * drawn as a dot. */
void svg_path(struct buf *b, const struct line *l, const struct axis *x, const struct axis *y,
	      const char *cls);
/* Rough width of text in the figures' 11 px font. */
double svg_text_width(const char *s);

#endif
