/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads facts of runs by the paths of their archives, from saved facts where these are valid. */
#ifndef WMARK_JUDGE_FACTSET_H
#define WMARK_JUDGE_FACTSET_H

#include "judge/facts.h"

enum facts_save { FACTS_KEEP_NOT, FACTS_SAVE };
/*
 * Loads the facts of the archive @path: saved facts when they exist and are not stale; else they
 * are derived and, with FACTS_SAVE, saved for the next time. A folder that is not writable is no
 * error. Errors as in archive_load(): -EINVAL when the file is no archive. Release @f in every
 * case.
 */
int facts_load(struct run_facts *f, const char *path, enum facts_save save, struct err *e);

/* Facts of many runs, in the order in which they were added. */
struct factset {
	struct run_facts **v;
	size_t nr, cap;
};
/*
 * Appends the runs of a file, or of all *.wm below a directory (sorted by path). -ENOENT when a
 * directory holds none.
 */
int factset_add(struct factset *s, const char *path, enum facts_save save, struct err *e);
void factset_release(struct factset *s);

#endif
