/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Earlier runs of the same scenarios on the same machine, for the noise model of the judge
 * (cmp_opts.history). They are collected from a store, or read from a list that a campaign wrote
 * when it was planned, so that the campaign's verdict does not depend on later runs. judge/prior.c
 * picks those that fit each scenario.
 */
#ifndef WMARK_CAMPAIGN_PAST_H
#define WMARK_CAMPAIGN_PAST_H

#include <stddef.h>
#include <stdint.h>

#include "judge/comparison.h"
#include "judge/factset.h"

/* How many of the newest runs of a scenario (on one machine, in one LRU mode) are taken */
#define HISTORY_RUNS_MAX 64

struct history {
	struct factset runs; /* these facts hold path and checksum */
	/* where the runs are from: directory or list file; NULL = no history */
	char *from;
	/* what was not taken because it is a copy of what was, in one line; NULL = nothing */
	char *left_out;
};

/* What the header of a run must say for the run to count; NULL = anything. One per scenario. */
struct history_want {
	const char *scenario, *hash, *machine_key, *lru_mode;
};

/* A run that is or will be judged itself: no copy of it may be in its own history. */
struct history_own {
	const char *scenario;
	uint64_t checksum; /* of the archive's body; 0 = not yet known */
	/* On the exact target any other run of the scenario with these three is the same run again
	 * (NULL or "" = none, as in the header). */
	const char *image_hash, *seed, *settings;
};

/*
 * Finds the complete runs below store @where that match one of @want and none of @own; of
 * repetitions on the exact target only the newest. For each scenario, machine and LRU mode the
 * HISTORY_RUNS_MAX newest runs by their date header are loaded, in the order of their paths. Only
 * folders with the name of a wanted scenario are searched (archive/store.h); files that are no
 * archives and folders that may not be read are skipped.
 * @where: NULL = store_dir() where that exists, "none" = no history; anything else must be a
 * directory: -ENOENT, -ENOTDIR. Release @h in every case.
 */
int history_collect(struct history *h, const char *where, const struct history_want *want,
		    size_t nr_want, const struct history_own *own, size_t nr_own, struct err *e);
/* The same for the existing runs @a and @b: their headers say what is wanted, and they themselves
 * are left out. */
int history_of_sides(struct history *h, const char *where, const struct factset *a,
		     const struct factset *b, struct err *e);
/*
 * Reads a list file: one "CHECKSUM PATH" per line, with the checksum of the archive's body in 16
 * hex digits, or "left-out TEXT". -ENOENT or -EINVAL for an archive that is missing or has another
 * checksum, or for a bad line; the message names it.
 */
int history_from_list(struct history *h, const char *file, struct err *e);
int history_write_list(const struct history *h, const char *file, struct err *e);
/* Makes the judge use @h, which may be NULL and must outlive @o and the comparison. */
void history_use(const struct history *h, struct cmp_opts *o);
void history_release(struct history *h);

#endif
