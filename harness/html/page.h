/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every HTML page is made of: one self-contained file, no script. */
#ifndef WMARK_HTML_PAGE_H
#define WMARK_HTML_PAGE_H

#include <stddef.h>

#include "base/buf.h"
#include "report/report.h"

/* A page stays below this; figures beyond it are left out and said to be (5 MB is what mail and web
 * forges take). */
#define HTML_LIMIT (5u << 20)
#define HTML_FIGURES (3u << 20)			/* no figure is begun behind this */
#define HTML_TABLES (HTML_LIMIT - (600u << 10)) /* no table of the derived metrics behind this */
#define HTML_POINTS 2000			/* points a line, at most */

extern const char html_css[];

void html_head(struct buf *out, const char *title);
void html_foot(struct buf *out, const struct report_opts *o);
/* <section id> with its heading, and its end. */
void html_section_begin(struct buf *out, const char *id, const char *title);
void html_section_end(struct buf *out);
/* A link to the section @id; @text is escaped. */
void html_link(struct buf *out, const char *id, const char *text);
/* A paragraph of our own words (trusted, may hold markup) that explains the figure beside it. */
void html_note(struct buf *out, const char *markup);
/* <TAG class="CLS">escaped text</TAG>; @cls "" = none. */
void html_tag(struct buf *out, const char *tag, const char *cls, const char *text);
/* CSS class of a verdict or of a direction that the verdict makes a statement about: "bad" "good"
 * "mild" "same" "open". */
const char *html_verdict_class(enum verdict v);
const char *html_metric_class(const struct cmp_metric *m);
/* "sN-NAME": the anchor of scenario @i. */
void html_scenario_id(struct buf *out, const struct comparison *c, size_t i);

#endif
