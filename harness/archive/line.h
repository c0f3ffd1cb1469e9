/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts together the lines of an archive (archive/archive.h lists their kinds). */
#ifndef WMARK_ARCHIVE_LINE_H
#define WMARK_ARCHIVE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define ARCHIVE_MAGIC "wmark archive 1\n"
#define ARCHIVE_MAGIC_LEN (sizeof(ARCHIVE_MAGIC) - 1)

/* True when @line is of kind @kind, for kinds of one letter (h, H, s, e ...). */
static inline bool line_is(const char *line, size_t len, char kind)
{
	return len && line[0] == kind && (len == 1 || line[1] == ' ');
}

/* ---------------------------------------------------------------- into a buffer, escaped */

/* " WORD": white space and control bytes become '_', so a word can never break a line. */
void line_add_word(struct buf *b, const char *word);
/* " TEXT" with \n, \r and \\ escaped; nothing at all for an empty text. */
void line_add_text(struct buf *b, const char *text);
/* "KIND KEY VALUE": an h or H line, without its newline. */
void line_add_fact(struct buf *b, char kind, const char *key, const char *value);
/*
 * Reverses the escapes of line_add_text() from [@p, @end) to @out (@out may be @p); returns the end
 * of the result, or NULL at an unknown escape.
 */
char *line_unescape(char *out, const char *p, const char *end);

/* ---------------------------------------------------------------- into memory, for the sampler */

/*
 * These write at @p, unescaped, without allocation and without a newline, and return the end of
 * what they wrote.
 */
char *put_source(char *p, uint32_t id, const char *name, uint64_t period_us);
char *put_key(char *p, uint32_t num, uint32_t source, const char *key);
char *put_lost(char *p, uint32_t source, uint64_t ticks);
char *put_event(char *p, uint64_t t_us, const char *name, const char *text);

/*
 * One s line. The arrays hold nr_keys values each: of this sample (now, has) and of the sample
 * written before it (was, had).
 */
struct line_sample {
	uint32_t source;
	uint64_t t_us, dur_us, late_us;
	size_t nr_keys;
	const uint64_t *now, *was;
	const uint8_t *has, *had; /* 1 = present */
	const uint8_t *read_of;	  /* which read gave the value; NULL = all came from one read */
	const uint32_t *read_us;  /* per read: its begin, us after t_us */
};

/* Largest number of bytes that put_sample() writes for so many keys. */
size_t line_sample_max(size_t nr_keys);
char *put_sample(char *p, const struct line_sample *s);

#endif
