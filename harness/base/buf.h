/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing byte string. data is always NUL-terminated (the NUL is not counted in len). */
#ifndef WMARK_BASE_BUF_H
#define WMARK_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

struct buf {
	char *data;
	size_t len, cap;
};

/* BUF_INIT points data at an empty string, so an unused buf prints as "". */
extern char buf_empty[1];
#define BUF_INIT { buf_empty, 0, 0 }

void buf_init(struct buf *b);
void buf_release(struct buf *b);	      /* frees the contents; b is as after buf_init() */
void buf_reset(struct buf *b);		      /* len = 0, memory kept */
void buf_reserve(struct buf *b, size_t more); /* room for @more bytes without moving */
void buf_add(struct buf *b, const void *data, size_t len);
void buf_addstr(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/*
 * Appends @word as one word of sh: as it is when none of its characters is special there, else in
 * single quotes.
 */
void buf_add_quoted(struct buf *b, const char *word);
void buf_rtrim(struct buf *b);	 /* drop white space at the end */
char *buf_detach(struct buf *b); /* hand the malloc'ed string to the caller */

#endif
