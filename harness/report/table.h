/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of text: the terminal and the HTML page print the same ones. */
#ifndef WMARK_REPORT_TABLE_H
#define WMARK_REPORT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

#define TABLE_COLS 9

struct table {
	const char *id, *title, *note; /* note: plain text, may be NULL */
	const char *head[TABLE_COLS];
	bool right[TABLE_COLS]; /* a column of numbers */
	bool mono;		/* last column is raw text: names, kernel log */
	bool more;		/* only on request (text), folded away (HTML) */
	bool wrap; /* text: the last column is never cut, but goes on in further lines */
	int cols;
	const char **cell; /* nr rows of cols; foreign text, not escaped */
	size_t nr, cap;
};

/* All zero = empty. */
struct tables {
	struct arena mem;
	struct table *table;
	size_t nr, cap;
};

/* For the @head of table_add() and the @cells of table_row(). */
#define HEAD(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define ROW(...) ((const char *const[]){ __VA_ARGS__ })

/* @head: NULL-terminated; @right: one letter per column, 'r' for numbers. The pointer is good until
 * the next table_add(). */
struct table *table_add(struct tables *t, const char *id, const char *title,
			const char *const *head, const char *right);
/* One cell per column; NULL = "". */
void table_row(struct table *t, const char *const *cells);
void tables_release(struct tables *t);

#endif
