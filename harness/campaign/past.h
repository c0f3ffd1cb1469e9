/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Earlier runs of the same scenarios on the same machine, for the noise model of the judge
 * (cmp_opts.history). They are collected from a store, or read from a list that a campaign wrote
 * when it was planned, so that its verdict does not depend on what else was run meanwhile.
 * judge/prior.c picks from them what fits each scenario.
 */
#ifndef WMARK_CAMPAIGN_PAST_H
#define WMARK_CAMPAIGN_PAST_H

#include <stddef.h>
#include <stdint.h>

#include "judge/comparison.h"
#include "judge/factset.h"

/* Newest runs of a scenario (on one machine, in one LRU mode) that are taken */
#define HISTORY_RUNS_MAX 64

struct history {
	struct factset runs; /* they know their path and checksum */
	char *from;	     /* where they are from: directory or list file; NULL = no history */
};

/* What a run must be to count, as its header says it; NULL = any. One a scenario. */
struct history_want {
	const char *scenario, *hash, *machine_key, *lru_mode;
};

/* A run that is judged itself, or will be: no copy of it may stand in its history. */
struct history_own {
	const char *scenario;
	uint64_t checksum; /* of its body; 0 = not yet known */
	/* On the exact target any other run of these is the same run again (NULL or "" = none, as
	 * in the header). */
	const char *image_hash, *seed, *settings;
};

/*
 * Complete runs below store @where that are wanted and not our own; of repetitions on the exact
 * target the newest. Of each scenario, machine and LRU mode the newest HISTORY_RUNS_MAX by their
 * date header are loaded, in order of their paths. Only folders named as a wanted scenario are
 * looked into (archive/store.h); files that are no archives and folders that may not be read are
 * passed over.
 * @where: NULL = store_dir() where that exists, "none" = no history; any other must be a directory:
 * -ENOENT, -ENOTDIR. Release in every case.
 */
int history_collect(struct history *h, const char *where, const struct history_want *want,
		    size_t nr_want, const struct history_own *own, size_t nr_own, struct err *e);
/* The same for runs that are there: what they are, and they themselves are not in it. */
int history_of_sides(struct history *h, const char *where, const struct factset *a,
		     const struct factset *b, struct err *e);
/*
 * A list file: one "CHECKSUM PATH" a line, the archive's body checksum in 16 hex digits. An archive
 * that is missing or has another checksum, or a bad line, is -ENOENT or -EINVAL with a message that
 * names it.
 */
int history_from_list(struct history *h, const char *file, struct err *e);
int history_write_list(const struct history *h, const char *file, struct err *e);
/* Let the judge use it. @h may be NULL, and must outlive @o and the comparison. */
void history_use(const struct history *h, struct cmp_opts *o);
void history_release(struct history *h);

#endif
