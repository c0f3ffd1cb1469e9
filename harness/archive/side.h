/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two sides of a comparison: A, the base, and B. An archive names its side in the header
 * run.side.
 */
#ifndef WMARK_ARCHIVE_SIDE_H
#define WMARK_ARCHIVE_SIDE_H

#include <stdbool.h>

enum side { SIDE_A, SIDE_B, NR_SIDES };

static inline char side_letter(enum side s)
{
	return s == SIDE_A ? 'A' : 'B';
}

/* "A" or "B"; false: neither. */
static inline bool side_parse(const char *word, enum side *out)
{
	if ((word[0] != 'A' && word[0] != 'B') || word[1])
		return false;
	*out = word[0] == 'A' ? SIDE_A : SIDE_B;
	return true;
}

#endif
