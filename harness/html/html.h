/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HTML page of one run; the page of a comparison is a format (report/formats.h). */
#ifndef WMARK_HTML_HTML_H
#define WMARK_HTML_HTML_H

#include "report/report.h"

/* Writes the page: the time line and the tables of `wmark show`. */
void report_run_html(const struct archive *a, const struct report_opts *o, struct buf *out);

#endif
