/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run for a terminal: how it ended first, then the tables, at most 110 columns but for raw
 * kernel text. */
#include <string.h>

#include "base/alloc.h"
#include "report/fmt.h"
#include "report/report.h"
#include "report/run_tables.h"
#include "report/wrap.h"

#define CELL_MAX 44

/* Makes each column as wide as its widest cell; the last one takes the rest of the line. */
static void table(const struct table *t, struct buf *out)
{
	size_t width[TABLE_COLS], used = 2;
	int last = t->cols - 1;

	for (int c = 0; c < t->cols; c++) {
		width[c] = utf8_width(t->head[c]);
		for (size_t r = 0; r < t->nr; r++) {
			size_t w = utf8_width(t->cell[r * (size_t)t->cols + (size_t)c]);

			width[c] = w > width[c] ? w : width[c];
		}
		width[c] = width[c] > CELL_MAX && c < last ? CELL_MAX : width[c];
		used += c < last ? width[c] + 2 : 0;
	}
	if (!t->right[last])
		width[last] = used + 20 < TEXT_WIDTH ? TEXT_WIDTH - used
						     : 20; /* cut there; nothing follows */
	buf_addf(out, "\n%s\n", t->title);
	for (size_t r = 0; r <= t->nr; r++) {
		buf_addstr(out, "  ");
		for (int c = 0; c < t->cols; c++) {
			const char *s = r ? t->cell[(r - 1) * (size_t)t->cols + (size_t)c]
					  : t->head[c];

			if (t->wrap && c == last && r) {
				text_wrapped(out, s, used, (int)used);
				continue;
			}
			add_padded(out, s, t->right[c] ? -(int)width[c] : (int)width[c]);
			buf_addstr(out, "  ");
		}
		buf_rtrim(out);
		buf_addc(out, '\n');
	}
	if (t->note)
		buf_addf(out, "  %s\n", t->note);
}

void report_run_text(const struct archive *a, const struct report_opts *o, struct buf *out)
{
	struct tables t;
	struct buf b = BUF_INIT;
	size_t hidden = 0;
	bool good;

	report_run_title(a, &b);
	buf_addstr(out, "wmark: ");
	add_plain(out, b.data);
	buf_reset(&b);
	good = report_run_state(a, &b);
	buf_addstr(out, "\n       ");
	text_state(out, o, good, b.data);
	buf_addc(out, '\n');
	buf_reset(&b);
	report_run_invariant_state(a, &b);
	buf_addf(out, "       %s\n", b.data);
	report_run_tables(&t, a);
	for (size_t i = 0; i < t.nr; i++) {
		if (t.table[i].more && !o->all)
			hidden += t.table[i].nr;
		else
			table(&t.table[i], out);
	}
	if (hidden)
		buf_addf(
			out,
			"\n%zu more rows (settings, configuration, sampled sources, rules not evaluated) with --all\n",
			hidden);
	tables_release(&t);
	buf_release(&b);
}
