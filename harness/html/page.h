/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of every HTML page. A page is one self-contained file without scripts. */
#ifndef WMARK_HTML_PAGE_H
#define WMARK_HTML_PAGE_H

#include <stddef.h>

#include "base/buf.h"
#include "report/report.h"

/* A page stays below HTML_LIMIT (mail and web forges take 5 MB); the page says which figures were
 * left out for that. */
#define HTML_LIMIT (5u << 20)
#define HTML_FIGURES (3u << 20) /* no figure begins after this size */
/* no table of derived metrics begins after this size */
#define HTML_TABLES (HTML_LIMIT - (600u << 10))
#define HTML_POINTS 2000 /* most points per line */

extern const char html_css[];

void html_head(struct buf *out, const char *title);
void html_foot(struct buf *out, const struct report_opts *o);
/* Begins a <section id> with its heading, and ends it. */
void html_section_begin(struct buf *out, const char *id, const char *title);
void html_section_end(struct buf *out);
/* Appends a link to the section @id; @text is escaped. */
void html_link(struct buf *out, const char *id, const char *text);
/* Appends a paragraph of wmark's own text (trusted, may hold markup) that explains the figure
 * beside it. */
void html_note(struct buf *out, const char *markup);
/* Appends <TAG class="CLS">escaped text</TAG>; @cls "" = none. */
void html_tag(struct buf *out, const char *tag, const char *cls, const char *text);
/* CSS class of a verdict, and of a metric's direction where its verdict says something about the
 * direction: "bad" "good" "mild" "same" "open". */
const char *html_verdict_class(enum verdict v);
const char *html_metric_class(const struct cmp_metric *m);
/* Appends the anchor of scenario @i, "sN-NAME". */
void html_scenario_id(struct buf *out, const struct comparison *c, size_t i);

#endif
