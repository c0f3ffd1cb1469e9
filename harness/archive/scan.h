/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the words of one archive line, and holds the reader's state. Safe on any bytes. */
#ifndef WMARK_ARCHIVE_SCAN_H
#define WMARK_ARCHIVE_SCAN_H

#include "archive/archive.h"

/*
 * The values of a source after its last sample; the changes of the next sample are added to them.
 */
struct reader_state {
	uint32_t id;
	size_t cap;
	uint64_t *value;
	uint8_t *present;
};

struct reader {
	struct archive *a;
	const char *p, *end;	    /* the rest of the line */
	uint64_t line;		    /* number of the next line */
	const char *what;	    /* what is wrong with the line; a static string */
	uint64_t budget;	    /* bytes of rows and histograms still allowed */
	struct reader_state *state; /* one per series */
	size_t cap_state;
	struct archive_split *split; /* splits of the line being read */
	size_t cap_split;
	/* H lines that follow each other without a sum, their sum so far, and all of the file */
	uint64_t host_lines, host_sum, nr_host;
};

/* Takes the next word, up to one space; false: no word, or an empty one. */
bool reader_word(struct reader *r, const char **word, size_t *len);
/* Reads digits at *p and moves *p past them; false: none, or more than 64 bits. */
bool reader_digits(const char **p, const char *end, uint64_t *out);
/* Takes the next word as a number; false: the word is anything else. */
bool reader_u64(struct reader *r, uint64_t *out);
bool reader_u32(struct reader *r, uint32_t *out);
/* Takes @bytes off the budget. False: the file asks for more memory than its size can justify. */
bool reader_spend(struct reader *r, uint64_t bytes);
/* Sets r->what; returns -EINVAL. */
int reader_bad(struct reader *r, const char *what);

#endif
