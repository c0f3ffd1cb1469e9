/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the archive*.c files: the first line and the escaping rules of the format. */
#ifndef WMARK_ARCHIVE_LINE_H
#define WMARK_ARCHIVE_LINE_H

#include "base/buf.h"

#define ARCHIVE_MAGIC "wmark archive 1\n"
#define ARCHIVE_MAGIC_LEN (sizeof(ARCHIVE_MAGIC) - 1)

/* " WORD": white space and control bytes become '_', so a word can never break a line. */
void archive_add_word(struct buf *b, const char *word);
/* " TEXT" with \n, \r and \\ escaped; nothing at all for an empty text. */
void archive_add_text(struct buf *b, const char *text);

#endif
