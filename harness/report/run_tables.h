/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What there is to say about one run, as tables of text: the terminal and the HTML page print the
 * same ones. */
#ifndef WMARK_REPORT_RUN_TABLES_H
#define WMARK_REPORT_RUN_TABLES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "archive/archive.h"

#define TABLE_COLS 9

struct table {
	const char *id, *title, *note; /* note: plain text, may be NULL */
	const char *head[TABLE_COLS];
	bool right[TABLE_COLS]; /* a column of numbers */
	bool mono;		/* last column is raw text: names, kernel log */
	bool more;		/* only on request (text), folded away (HTML) */
	bool wrap; /* text: the last column is never cut, it goes on in further lines */
	int cols;
	const char **cell; /* nr rows of cols; foreign text, not escaped */
	size_t nr, cap;
};

struct run_tables {
	struct arena mem;
	struct table *table;
	size_t nr, cap;
};

/* The archive must outlive @t. Empty tables are left out. */
void run_tables(struct run_tables *t, const struct archive *a);
void run_tables_release(struct run_tables *t);
/* "anon-paced, 6.12.117, exact target, seed 101" (raw text) */
void run_title(const struct archive *a, struct buf *out);
/* "complete", "truncated at sample 17 ...", "panic ...": how it ended (raw text). True when the run
 * can be used. */
bool run_state(const struct archive *a, struct buf *out);
/* "invariants: 24 held, 0 broken, 2 not evaluated" */
void run_invariant_state(const struct archive *a, struct buf *out);

#endif
