/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of a run: the word for it, and whose doing it was. The run writes `h run.outcome` and
 * `h run.detail`; the host, which sees the end of a VM, adds `H outcome` and `H outcome.detail`.
 * The host has the last word: a VM can panic after the run wrote its end.
 */
#ifndef WMARK_ARCHIVE_OUTCOME_H
#define WMARK_ARCHIVE_OUTCOME_H

#include <stdbool.h>

#include "archive/archive.h"

enum run_outcome {
	RUN_OK,
	RUN_PANIC,
	RUN_HANG,
	RUN_EARLY_EXIT, /* of the VM */
	RUN_TRUNCATED,	/* the archive has no end */
	RUN_OVERRUN,	/* a phase took too long */
	RUN_WATCHDOG,
	RUN_OOM_KILL, /* SIGKILL that was not ours */
	RUN_SKIP,
	RUN_FAILED,
	RUN_KILLED,
	RUN_QEMU_FAILED,
	RUN_STOPPED, /* by a signal */
	RUN_LIMIT,   /* wall time of the VM */
	NR_RUN_OUTCOMES
};
/* "ok", "early-exit" ... as archives have it. */
const char *run_outcome_word(enum run_outcome o);
/* NR_RUN_OUTCOMES = none has that word. */
enum run_outcome run_outcome_of(const char *word);

enum outcome_cause {
	OUTCOME_WELL,	 /* ok */
	OUTCOME_BROKE,	 /* the kernel or the load: counts in a comparison */
	OUTCOME_HARNESS, /* the run could not be made: says nothing of the kernel */
	OUTCOME_HOST, /* trouble of the host: says nothing of the kernel, the run is made again */
};
/* Of a word; one that is not known counts as OUTCOME_BROKE. NULL = nothing was said: OUTCOME_WELL.
 */
enum outcome_cause outcome_cause(const char *word);

struct outcome {
	const char *word, *detail; /* of the archive; NULL = none (an empty one is none) */
	enum outcome_cause cause;
};
struct outcome outcome_of(const struct archive *a);
/* The host has written its word, and the run need not be made again. */
bool outcome_is_final(const struct archive *a);

#endif
