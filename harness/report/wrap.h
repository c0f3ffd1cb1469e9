/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by text*.c: a comparison for a terminal or a mail. */
#ifndef WMARK_REPORT_WRAP_H
#define WMARK_REPORT_WRAP_H

#include "report/report.h"

#define TEXT_WIDTH 110

/* @s in the colour of @v where o->color. */
void text_verdict(struct buf *out, const struct report_opts *o, enum verdict v);
/* Raw text, wrapped at blanks: first line from column @col on, the others indented by @indent. Ends
 * the line. */
void text_wrapped(struct buf *out, const char *s, size_t col, int indent);

/* text_rows.c: verdict and metrics of scenario @s */
void text_scenario(const struct comparison *c, const struct cmp_scenario *s,
		   const struct report_opts *o, struct buf *out);
/* text_findings.c: runs set aside, and what liveness rules found */
void text_set_aside(const struct comparison *c, struct buf *out);
void text_findings(const struct comparison *c, const struct report_opts *o, struct buf *out);

#endif
