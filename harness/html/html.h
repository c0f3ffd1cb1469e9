/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HTML pages: of a comparison, and of one run. Deterministic bytes, as of every report. */
#ifndef WMARK_HTML_HTML_H
#define WMARK_HTML_HTML_H

#include "report/report.h"

void report_html(const struct comparison *c, const struct report_opts *o, struct buf *out);
/* The time line and the tables of `wmark show`. */
void report_run_html(const struct archive *a, const struct report_opts *o, struct buf *out);

#endif
