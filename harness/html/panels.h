/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Draws time lines as a figure: the panels of one run, or of A and B side by side with common
 * axes. */
#ifndef WMARK_HTML_PANELS_H
#define WMARK_HTML_PANELS_H

#include "html/timeline.h"

/* Appends the legend and all panels of one run (@b NULL) or of two runs side by side. Sets common y
 * axes. */
void html_timelines(struct buf *out, struct timeline *a, struct timeline *b, const char *label_a,
		    const char *label_b);

#endif
