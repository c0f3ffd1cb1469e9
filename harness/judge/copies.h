/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run counts once, however often its archive is there (archive/outline.h says which archives are
 * one run). Five copies of one run are one sample: taken for five, any two kernels differ.
 */
#ifndef WMARK_JUDGE_COPIES_H
#define WMARK_JUDGE_COPIES_H

#include "judge/facts.h"

/* How many runs were dropped as copies, and the first of them. */
struct copies {
	size_t nr;
	const char *path, *of; /* point into the runs */
};

void copies_add(struct copies *c, const char *path, const char *of);
/* "3 runs are copies and count once, as b.wm of a.wm" for @what "run"; malloc'ed, NULL = none. */
char *copies_text(const struct copies *c, const char *what);

/*
 * Drops copies from @run[nr], the runs of one side, and adds them to @c: runs that are another one
 * of @run, or one of @counted, which count elsewhere. Of one run in several states the sounder one
 * stays, at the place of the first: one that the kernel broke, one that ended well, one without an
 * end, one that the host or the harness ended. Returns how many are left.
 */
size_t copies_drop(const struct run_facts **run, size_t nr, const struct run_facts *const *counted,
		   size_t nr_counted, struct copies *c);

#endif
