/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines, words and numbers of a text of known length, which need not end in NUL. For the parsers of
 * this folder only. Nothing here allocates; every slice points into the text.
 */
#ifndef WMARK_PROBE_TEXT_H
#define WMARK_PROBE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct text_slice {
	const char *p;
	size_t len;
};

struct text {
	const char *pos, *end;
	size_t line; /* number of the last line that text_line() gave, from 1 */
};

static inline struct text text_init(const char *p, size_t len)
{
	return (struct text){ p, len ? p + len : p, 0 };
}

/* The next line without its newline; false at the end. */
bool text_line(struct text *t, struct text_slice *line);
/* Takes the next word (no space, no tab) off the front of @rest; false when there is none. */
bool text_word(struct text_slice *rest, struct text_slice *word);
/* @s without white space (newlines too) at both ends. */
struct text_slice text_trim(struct text_slice s);
bool text_is(struct text_slice s, const char *literal);
bool text_starts(struct text_slice s, const char *literal);
/* Drops @c from the end of @s; false when the last byte is another one. */
bool text_chop(struct text_slice *s, char c);

/*
 * Reads a decimal number. "-N" is read as two's complement: the kernel keeps such a counter as long
 * and prints it with %ld (node counters that lag behind their per-CPU parts may dip below 0), so
 * differences are right either way. -EINVAL: not a number; -ERANGE: more than 64 bits.
 */
int text_number(struct text_slice s, uint64_t *out);

/*
 * Returns -EINVAL with "line N: 'word': why". Bytes of the word that do not print become \xNN; long
 * words are cut.
 */
int text_bad(struct err *e, size_t line, struct text_slice word, const char *why);
/* text_number() that sets the message of text_bad(). */
int text_value(struct text_slice s, size_t line, uint64_t *out, struct err *e);
/* 0 when @s is fit as a name in an archive: printable ASCII, not empty. Else -EINVAL. */
int text_name(struct text_slice s, size_t line, struct err *e);
/* -EINVAL when words are left on the line. */
int text_line_end(struct text_slice rest, size_t line, struct err *e);

#endif
