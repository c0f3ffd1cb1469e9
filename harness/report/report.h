/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reports, one file per format: they print a struct comparison (or one run) and decide nothing.
 * Their bytes are deterministic: no date unless the caller gives one. The text goes into a buf that
 * the caller owns.
 */
#ifndef WMARK_REPORT_REPORT_H
#define WMARK_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "judge/comparison.h"

struct report_opts {
	bool color; /* ANSI, text only */
	/* print diagnostics too, not only primary metrics and what moves with them */
	bool all;
	const char *const *commands; /* "reproduce" lines, NULL-terminated; may be NULL */
	const char *date;	     /* NULL = none */
	const char *wmark_version;
	/* all runs of a campaign; those not compared are its fresh runs; may be NULL */
	const struct run_facts *const *made;
	size_t nr_made;
	const char *history_from; /* directory or list of c->opts.history; NULL = none */
};

/* The report for a terminal or a mail, the only one that goes to standard output. */
void report_text(const struct comparison *c, const struct report_opts *o, struct buf *out);

/*
 * A format that goes to a file. One source file defines it with REPORT_FORMAT(csv) = { ... }; the
 * option --csv FILE, its help and the writing follow from that (report/formats.h).
 */
struct report_format {
	char help[80];	  /* help of the option; an array, so that option tables can point at it */
	const char *file; /* `wmark ab` always writes it under this name; NULL = on request only */
	void (*write)(const struct comparison *c, const struct report_opts *o, struct buf *out);
};
#define REPORT_FORMAT(name) const struct report_format report_format_##name

/* Explains one metric in plain words, and gives its value in every run of @c (may be NULL). */
void report_explain(const struct metric *m, const struct comparison *c, struct buf *out);

/* One run: `wmark show`. */
void report_run_text(const struct archive *a, const struct report_opts *o, struct buf *out);
/* Flat CSV of every sample: t_us,source,key,value (long), or for one source (@source != NULL, wide)
 * one column per key. */
int report_run_csv(const struct archive *a, const char *source, struct buf *out, struct err *e);

#endif
