/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by run_tables.c, run_counters.c and run_invariants.c. */
#ifndef WMARK_REPORT_TABLE_H
#define WMARK_REPORT_TABLE_H

#include "report/run_tables.h"

/* @head: NULL-terminated; @right: an 'r' for every column of numbers. The pointer is good until the
 * next table_add(). */
struct table *table_add(struct run_tables *t, const char *id, const char *title,
			const char *const *head, const char *right);
void table_row(struct table *t, const char *const *cells);

void run_invariants(struct run_tables *t, const struct archive *a, bool skipped);
void run_counters(struct run_tables *t, const struct archive *a);
void run_metrics(struct run_tables *t, const struct archive *a);
void run_watermarks(struct run_tables *t, const struct archive *a);

#endif
