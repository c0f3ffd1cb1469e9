/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INI files and lists of names: the one reader of scenarios, of suites, and of the scenario text in
 * an archive.
 *
 *	; comment                 also # comment, on a line of its own
 *	[section]                 the same section may come again
 *	key = value ; comment     "key: value" is the same; here a comment is a ';' after a blank
 *	    more of the value     lines indented deeper than the key, joined by a blank
 *
 * Nothing has a limit: lines, names, values. Lines end in LF or CR LF, a UTF-8 byte order mark is
 * skipped. Texts may come from anybody: they need no terminator, and a NUL byte is an error.
 * Messages name file, line and word.
 */
#ifndef WMARK_BASE_INI_H
#define WMARK_BASE_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/*
 * ---------------------------------------------------------------- line by line, nothing copied
 */

enum ini_line {
	INI_END,
	INI_SECTION,
	INI_KEY,
	INI_MORE, /* one more line of the last key's value; `value` is that line */
};

/* A position in a text and the line there. The pointers point into the text: use the lengths. */
struct ini {
	const char *file;		   /* name of the text in messages */
	size_t line;			   /* number of the line read last, from 1 */
	const char *section, *key, *value; /* key NULL: none yet in this section */
	size_t section_len, key_len, value_len;
	bool comment; /* a comment was cut off the end of this line */
	/* the reader's own */
	const char *next, *end;
	size_t indent; /* of the line that holds the key */
};

/* Places @r before the first line. @file and @text must outlive @r; nothing needs releasing. */
void ini_open(struct ini *r, const char *file, const char *text, size_t len);
/*
 * Moves to the next line that means something. Returns an enum ini_line, or -EINVAL with @e set; a
 * further call goes on after the bad line. A key before the first section has section_len 0.
 */
int ini_next(struct ini *r, struct err *e);
/*
 * For lists with one name per line, where # begins a comment: puts the next name in `value`.
 * Returns 1, 0 at the end, or -EINVAL (several words on a line, a NUL byte).
 */
int ini_next_name(struct ini *r, struct err *e);

/* ---------------------------------------------------------------- a whole file */

struct ini_entry {
	const char *section, *key, *value; /* key "": the section's own line */
	size_t line;			   /* 0: not from the file (ini_add()) */
	size_t comment;			   /* a line of the value that lost a comment; 0 = none */
};

/* Entries in the order of the file; the strings are in the arena given to ini_read(). */
struct ini_file {
	struct ini_entry *v;
	size_t nr, cap;
};
#define INI_FILE_INIT { NULL, 0, 0 }

/*
 * Reads all of @text; the strings go to @mem. @repeatable: the "section.key" words that may be
 * given more than once, ended by NULL. -EINVAL at the first bad line: a key before the first
 * section, a key given twice, or what ini_next() refuses. Release @f in every case.
 */
int ini_read(struct ini_file *f, const char *file, const char *text, size_t len,
	     const char *const *repeatable, struct arena *mem, struct err *e);
void ini_release(struct ini_file *f);
/* The first entry of this name, NULL = none; key "" finds the section. */
struct ini_entry *ini_find(const struct ini_file *f, const char *section, const char *key);
/* Appends an entry without a line number; the pointers are kept, the strings are not copied. */
void ini_add(struct ini_file *f, const char *section, const char *key, const char *value);
/* True when "section.key" is one of @words. */
bool ini_repeatable(const char *const *words, const char *section, const char *key);
/*
 * The canonical text: sections in order of first appearance, each once with all its keys; single
 * blanks in values; long values on continuation lines. ini_read() gives the same entries back.
 */
void ini_write(const struct ini_file *f, struct buf *out);

#endif
