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

#include "archive/archive.h"
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
	uint64_t lines, checksum;	    /* of the body; lines 0: not known */
};

/* Fills @o, which points into @head and @tail. False: not an archive, or unreadable. */
bool outline_read(struct outline *o, const char *path, struct buf *head, struct buf *tail);
/*
 * The outline of an archive of which at least the header is loaded, into which @o points; without
 * date and outcome. Its facts are not escaped.
 */
void outline_of(struct outline *o, const struct archive *a);

/*
 * True when two archives are one run, so that they count once: their bodies are equal, or they are
 * of the exact target and agree in scenario, machine, LRU mode, kernel image, seed, settings and
 * command line. There these make the numbers: a repetition by another build of wmark has another
 * body and no news. What is known of a body of one line is not enough to tell.
 */
bool outline_same_run(const struct outline *a, const struct outline *b);

#endif
