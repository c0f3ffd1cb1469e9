/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of a line that is being read, and what the reader knows at it. Any bytes are safe. */
#ifndef WMARK_ARCHIVE_SCAN_H
#define WMARK_ARCHIVE_SCAN_H

#include "archive/archive.h"

/* The values of a source after the last sample, to which the next one's changes are added. */
struct reader_state {
	uint32_t id;
	size_t cap;
	uint64_t *value;
	uint8_t *present;
};

struct reader {
	struct archive *a;
	const char *p, *end;	    /* the rest of the line */
	const char *what;	    /* what is wrong with it; a static string */
	uint64_t budget;	    /* bytes of rows and histograms still allowed */
	struct reader_state *state; /* one per series */
	size_t cap_state;
	struct archive_split *split; /* of the line being read */
	size_t cap_split;
};

/* Next word up to one space; false: none, or empty. */
bool reader_word(struct reader *r, const char **word, size_t *len);
/* Digits at *p, which moves past them; false: none, or more than 64 bits. */
bool reader_digits(const char **p, const char *end, uint64_t *out);
/* The next word is a number and nothing else. */
bool reader_u64(struct reader *r, uint64_t *out);
bool reader_u32(struct reader *r, uint32_t *out);
/* False: the file asks for more memory than its size can justify. */
bool reader_spend(struct reader *r, uint64_t bytes);
/* Sets r->what; -EINVAL. */
int reader_bad(struct reader *r, const char *what);

#endif
