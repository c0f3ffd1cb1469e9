/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reports: one file a format; they print a struct comparison (or one run) and decide nothing.
 * Deterministic bytes: no date unless the caller gives one. Text goes into a caller-owned buf.
 */
#ifndef WMARK_REPORT_REPORT_H
#define WMARK_REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "judge/comparison.h"

struct report_opts {
	bool color;		     /* ANSI, text only */
	bool all;		     /* diagnostics too, not only primary and what moves with it */
	const char *const *commands; /* "reproduce" lines, NULL-terminated; may be NULL */
	const char *date;	     /* NULL = none */
	const char *wmark_version;
	const struct run_facts *const *made; /* all runs of a campaign; those not compared are its
					      fresh runs; may be NULL */
	size_t nr_made;
	const char *history_from; /* directory or list of c->opts.history; NULL = none */
};

/* For a terminal or a mail; the one report that goes to standard output. */
void report_text(const struct comparison *c, const struct report_opts *o, struct buf *out);

/*
 * A format that goes to a file. One file defines it: REPORT_FORMAT(csv) = { ... } is all there is
 * to do; the option --csv FILE, its help and the writing come of it (report/formats.h).
 */
struct report_format {
	char help[80];	  /* of the option; in the struct, so that option tables can point at it */
	const char *file; /* `wmark ab` writes it under this name unasked; NULL = on request only */
	void (*write)(const struct comparison *c, const struct report_opts *o, struct buf *out);
};
#define REPORT_FORMAT(name) const struct report_format report_format_##name

/* One metric in plain words (text), and where @c (may be NULL) has it, its value in every run. */
void report_explain(const struct metric *m, const struct comparison *c, struct buf *out);

/* One run: `wmark show`. */
void report_run_text(const struct archive *a, const struct report_opts *o, struct buf *out);
/* Flat CSV of every sample: t_us,source,key,value (long) - or one column a key for one source
 * (@source != NULL, wide). */
int report_run_csv(const struct archive *a, const char *source, struct buf *out, struct err *e);

#endif
