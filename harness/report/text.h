/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parts of the text of a comparison: text.c puts them together. */
#ifndef WMARK_REPORT_TEXT_H
#define WMARK_REPORT_TEXT_H

#include "report/report.h"

/* text_rows.c: verdict and metrics of scenario @s */
void text_scenario(const struct comparison *c, const struct cmp_scenario *s,
		   const struct report_opts *o, struct buf *out);
/* text_findings.c: runs set aside, and what liveness rules found */
void text_set_aside(const struct comparison *c, struct buf *out);
void text_findings(const struct comparison *c, const struct report_opts *o, struct buf *out);

#endif
