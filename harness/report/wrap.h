/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for a terminal or a mail: width, colours and line breaks. */
#ifndef WMARK_REPORT_WRAP_H
#define WMARK_REPORT_WRAP_H

#include "report/report.h"

#define TEXT_WIDTH 110

/* The word for @v, in its colour where o->color. */
void text_verdict(struct buf *out, const struct report_opts *o, enum verdict v);
/* Raw text: green where it is @good, else red, where o->color. */
void text_state(struct buf *out, const struct report_opts *o, bool good, const char *s);
/* Raw text, wrapped at blanks: first line from column @col on, the others indented by @indent. Ends
 * the line. */
void text_wrapped(struct buf *out, const char *s, size_t col, int indent);

#endif
