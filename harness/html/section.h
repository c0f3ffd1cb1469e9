/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sections of the page of a comparison: one file each, or a few that belong together. */
#ifndef WMARK_HTML_SECTION_H
#define WMARK_HTML_SECTION_H

#include "report/report.h"

void html_environment(const struct comparison *c, struct buf *out);
void html_forest(const struct comparison *c, struct buf *out);
void html_tables(const struct comparison *c, struct buf *out); /* primary metrics in numbers */
void html_dots(const struct comparison *c, struct buf *out);
void html_time(const struct comparison *c, struct buf *out);
void html_derived(const struct comparison *c, struct buf *out);
void html_moves(const struct comparison *c, struct buf *out);
void html_findings(const struct comparison *c, struct buf *out);
void html_left_out(const struct comparison *c, struct buf *out);
void html_reproduce(const struct report_opts *o, struct buf *out);

#endif
