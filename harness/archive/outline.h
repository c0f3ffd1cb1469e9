/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an archive is, from its first and last lines alone: for commands that walk stores of many
 * thousand runs. The samples in between are not read, so nothing here says that the body is
 * undamaged.
 */
#ifndef WMARK_ARCHIVE_OUTLINE_H
#define WMARK_ARCHIVE_OUTLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum outline_fact {
	OUTLINE_SCENARIO,
	OUTLINE_HASH,
	OUTLINE_MACHINE_KEY,
	OUTLINE_LRU_MODE,
	OUTLINE_TARGET,
	OUTLINE_IMAGE_HASH,
	OUTLINE_RELEASE,
	OUTLINE_SEED,
	OUTLINE_SETTINGS,
	OUTLINE_CMDLINE,
	NR_OUTLINE_FACTS
};

struct outline {
	const char *fact[NR_OUTLINE_FACTS]; /* as the header writes them (escaped); NULL = absent */
	const char *date, *outcome;	    /* host lines; NULL = absent */
	bool complete;			    /* has its end line */
	uint64_t checksum;		    /* in that line */
};

/* Fills @o, which points into @head and @tail. False: not an archive, or unreadable. */
bool outline_read(struct outline *o, const char *path, struct buf *head, struct buf *tail);

#endif
