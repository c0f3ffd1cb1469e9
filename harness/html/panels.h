/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A time line as a figure: the panels of one run, or of A and B side by side with common axes. */
#ifndef WMARK_HTML_PANELS_H
#define WMARK_HTML_PANELS_H

#include "html/timeline.h"

/* The legend and all panels of one or two runs side by side (@b NULL = one). Sets common y axes. */
void html_timelines(struct buf *out, struct timeline *a, struct timeline *b, const char *label_a,
		    const char *label_b);

#endif
