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
#include "judge/compare.h"

struct report_opts {
	bool color;		     /* ANSI, text only */
	bool all;		     /* diagnostics too, not only primary and what moves with it */
	const char *const *commands; /* "reproduce" lines, NULL-terminated; may be NULL */
	const char *date;	     /* NULL = none */
	const char *wmark_version;
	const struct archive *const *made; /* all archives of a campaign; those not compared are its
					      fresh runs; may be NULL */
	size_t nr_made;
	const char *history_from; /* directory or list of c->opts.history; NULL = none */
};

void report_text(const struct comparison *c, const struct report_opts *o, struct buf *out);
void report_csv(const struct comparison *c, const struct report_opts *o, struct buf *out);
void report_json(const struct comparison *c, const struct report_opts *o, struct buf *out);

/* One metric in plain words (text), and where @c (may be NULL) has it, its value in every run. */
void report_explain(const struct metric *m, const struct comparison *c, struct buf *out);

/* One run: `wmark show`. */
void report_run_text(const struct archive *a, const struct report_opts *o, struct buf *out);
/* Flat CSV of every sample: t_us,source,key,value (long) - or one column a key for one source
 * (@source != NULL, wide). */
int report_run_csv(const struct archive *a, const char *source, struct buf *out, struct err *e);

#endif
