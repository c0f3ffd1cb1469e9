/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sections of the page of a comparison. A file holds one section, or a few that belong together. To
 * add a section, add its file and its name in HTML_SECTIONS. */
#ifndef WMARK_HTML_SECTION_H
#define WMARK_HTML_SECTION_H

#include "report/report.h"

struct html_section {
	const char *id;	   /* anchor */
	const char *title; /* heading */
	const char *toc;   /* its word in the page's table of contents; NULL = not listed there */
	/* Appends what stands below the heading. */
	void (*render)(const struct comparison *c, const struct report_opts *o, struct buf *out);
};

/* All sections in the order of the page. */
#define HTML_SECTIONS(X) \
	X(environment)   \
	X(forest)        \
	X(numbers)       \
	X(runs)          \
	X(time)          \
	X(derived)       \
	X(moves)         \
	X(findings)      \
	X(left_out)      \
	X(reproduce)     \
	X(reading)

#define HTML_SECTION(name) extern const struct html_section html_section_##name;
HTML_SECTIONS(HTML_SECTION)
#undef HTML_SECTION

#endif
