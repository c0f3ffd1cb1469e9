/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for a terminal or a mail: width, colours and line breaks. */
#ifndef WMARK_REPORT_WRAP_H
#define WMARK_REPORT_WRAP_H

#include "report/report.h"

#define TEXT_WIDTH 110

/* Appends the word for @v, in its colour if o->color. */
void text_verdict(struct buf *out, const struct report_opts *o, enum verdict v);
/* Appends raw text, if o->color in green (@good) or red. */
void text_state(struct buf *out, const struct report_opts *o, bool good, const char *s);
/* Appends raw text, wrapped at blanks: the first line starts at column @col, the others are
 * indented by @indent. Ends the line. */
void text_wrapped(struct buf *out, const char *s, size_t col, int indent);

#endif
