/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a run ended: the word for it, and whose fault it was. The run writes `h run.outcome` and `h
 * run.detail`; the host, which sees the end of a VM, adds `H outcome` and `H outcome.detail`. The
 * host's word counts: a VM can panic after the run wrote its end.
 */
#ifndef WMARK_ARCHIVE_OUTCOME_H
#define WMARK_ARCHIVE_OUTCOME_H

#include <stdbool.h>

#include "archive/archive.h"

enum run_outcome {
	RUN_OK,
	RUN_PANIC,
	RUN_HANG,
	RUN_EARLY_EXIT, /* the VM ended early */
	RUN_TRUNCATED,	/* the archive has no end */
	RUN_OVERRUN,	/* a phase took too long */
	RUN_WATCHDOG,
	RUN_OOM_KILL, /* a SIGKILL that wmark did not send */
	RUN_SKIP,
	RUN_FAILED,
	RUN_KILLED,
	RUN_QEMU_FAILED,
	RUN_STOPPED, /* by a signal */
	RUN_LIMIT,   /* the VM reached its limit of wall time */
	NR_RUN_OUTCOMES
};
/* The word in archives: "ok", "early-exit" ... */
const char *run_outcome_word(enum run_outcome o);
/* The outcome of a word; NR_RUN_OUTCOMES = no outcome has that word. */
enum run_outcome run_outcome_of(const char *word);

enum outcome_cause {
	OUTCOME_WELL,	 /* ok */
	OUTCOME_BROKE,	 /* fault of the kernel or the load: counts in a comparison */
	OUTCOME_HARNESS, /* the run could not be made: says nothing about the kernel */
	/* fault of the host: says nothing about the kernel, and the run is made again */
	OUTCOME_HOST,
};
/*
 * The cause of a word. An unknown word counts as OUTCOME_BROKE; NULL (nothing was written) as
 * OUTCOME_WELL.
 */
enum outcome_cause outcome_cause(const char *word);

struct outcome {
	const char *word, *detail; /* point into the archive; NULL = absent or empty */
	enum outcome_cause cause;
};
struct outcome outcome_of(const struct archive *a);
/* True when the host has written its word and the run need not be made again. */
bool outcome_is_final(const struct archive *a);

#endif
