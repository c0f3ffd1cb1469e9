/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that is said about one run, as tables for the terminal and the HTML page. */
#ifndef WMARK_REPORT_RUN_TABLES_H
#define WMARK_REPORT_RUN_TABLES_H

#include <stdbool.h>

#include "archive/archive.h"
#include "base/buf.h"
#include "report/table.h"

/* Makes all tables that are not empty. The archive must outlive @t. */
void report_run_tables(struct tables *t, const struct archive *a);
/* "anon-paced, 6.12.117, exact target, seed 101" (raw text) */
void report_run_title(const struct archive *a, struct buf *out);
/* "complete", "truncated at sample 17 ...", "panic ...": how it ended (raw text). True when the run
 * can be used. */
bool report_run_state(const struct archive *a, struct buf *out);
/* "invariants: 24 held, 0 broken, 2 not evaluated" */
void report_run_invariant_state(const struct archive *a, struct buf *out);

/* The tables of run_counters.c and run_invariants.c; report_run_tables() calls these. */
void report_run_invariants(struct tables *t, const struct archive *a, bool skipped);
void report_run_counters(struct tables *t, const struct archive *a);
void report_run_metrics(struct tables *t, const struct archive *a);
void report_run_watermarks(struct tables *t, const struct archive *a);

#endif
