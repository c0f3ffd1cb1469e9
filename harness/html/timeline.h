/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The reclaim time line of one run as panels of lines, ready to be drawn beside that of another
 * run. */
#ifndef WMARK_HTML_TIMELINE_H
#define WMARK_HTML_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "check/check.h"
#include "archive/archive.h"
#include "evidence/series.h"

#define PANEL_LINES 4
#define TIMELINE_NODES 8 /* most nodes drawn; the page says so where a machine has more */
#define TIMELINE_PHASES 16

struct panel {
	char title[64];
	const char *unit;
	bool cut; /* free memory: the axis ends a little above the high watermark */
	struct line line[PANEL_LINES];
	const char *name[PANEL_LINES]; /* legend */
	const char *cls[PANEL_LINES];  /* CSS class of the stroke */
	int nr;
	double top; /* upper end of the y axis; NAN when every line is empty */
};

struct span {
	const char *name;
	double t0, t1;
};

struct timeline {
	const struct archive *a;
	uint64_t zero_us; /* window begin, or the archive's epoch */
	bool has_window;
	double t0, t1; /* extent of all samples, seconds */
	struct panel *panel;
	size_t nr, cap;
	struct span phase[TIMELINE_PHASES];
	size_t nr_phases;
	size_t nr_nodes; /* nodes in the archive, drawn or not */
	/* findings to mark like those of the kernel log; set by the caller of timeline_load() */
	const struct finding *finding;
	size_t nr_findings;
};

/* @page_kib: size of a page. The archive must outlive @t. */
void timeline_load(struct timeline *t, const struct archive *a, double page_kib);
/* Thins all lines to at most @max points each. */
void timeline_thin(struct timeline *t, size_t max);
size_t timeline_lines(const struct timeline *t);
/* The panel with that title, if it has at least one value, or NULL. */
struct panel *timeline_panel(struct timeline *t, const char *title);
void timeline_release(struct timeline *t);

#endif
