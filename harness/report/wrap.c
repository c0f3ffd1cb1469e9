/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/wrap.h"

#include <string.h>

#include "report/fmt.h"
#include "report/words.h"

#define RED "\033[1;31m"
#define GREEN "\033[1;32m"
#define DIM "\033[2m"
#define BOLD "\033[1m"
#define RESET "\033[0m"

static const char *verdict_color(enum verdict v)
{
	return v == VERDICT_REGRESSED  ? RED
	       : v == VERDICT_IMPROVED ? GREEN
	       : v == VERDICT_UNKNOWN  ? DIM
				       : BOLD;
}

void text_verdict(struct buf *out, const struct report_opts *o, enum verdict v)
{
	buf_addf(out, "%s%s%s", o->color ? verdict_color(v) : "", verdict_names[v],
		 o->color ? RESET : "");
}

void text_state(struct buf *out, const struct report_opts *o, bool good, const char *s)
{
	buf_addstr(out, !o->color ? "" : good ? GREEN : RED);
	add_plain(out, s);
	buf_addstr(out, o->color ? RESET : "");
}

void text_wrapped(struct buf *out, const char *s, size_t col, int indent)
{
	struct buf shown = BUF_INIT;
	bool first = true;

	add_plain(&shown, s);
	for (const char *p = shown.data; *p;) {
		size_t len = strcspn(p, " ");
		struct buf word = BUF_INIT;
		size_t w;

		buf_add(&word, p, len);
		w = utf8_width(word.data);
		if (!first && col + 1 + w > TEXT_WIDTH) {
			buf_addf(out, "\n%*s", indent, "");
			col = (size_t)indent;
		} else if (!first) {
			buf_addc(out, ' ');
			col++;
		}
		if (col + w > TEXT_WIDTH) { /* no blank in a whole line: the word is cut */
			add_padded(out, word.data, TEXT_WIDTH - (int)col);
			buf_rtrim(out);
			w = TEXT_WIDTH - col;
		} else {
			buf_addstr(out, word.data);
		}
		col += w;
		first = false;
		p += len + strspn(p + len, " ");
		buf_release(&word);
	}
	buf_addc(out, '\n');
	buf_release(&shown);
}
