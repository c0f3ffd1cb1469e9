/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must hold in every run, with no baseline: accounting identities and sanity of the counters
 * (a breach makes the run unfit to be averaged), and liveness of reclaim (a breach is a finding
 * about the kernel). Each names the second.
 */
#ifndef WMARK_CHECK_CHECK_H
#define WMARK_CHECK_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "archive/archive.h"

enum finding_class {
	FINDING_INVALID, /* the numbers contradict each other, or the kernel said that it is broken:
			    the run is set aside */
	FINDING_LIVENESS, /* reclaim did not do its work for a while: counts, and is shown; the run
			     stays */
	FINDING_SKIPPED,  /* a rule that could not be evaluated here, and why */
};

struct finding {
	const char *rule; /* "identity-c", "kswapd-spins", ... */
	enum finding_class cls;
	bool has_time;
	uint64_t begin_us, end_us; /* on the archive's clock; end = begin for a point */
	int node;		   /* -1 = the machine */
	const char *text;	   /* one line, with the numbers that contradict each other */
	bool broke; /* FINDING_INVALID: the kernel itself says that it broke, which is an outcome;
		       the others only spoil the numbers */
};

/* "INVALID", "LIVENESS", "SKIPPED"; in machine formats "invalid" ... */
extern const char *const finding_class_names[], *const finding_class_keys[];

/*
 * All findings of one run, in the order of the rules, in @mem; *nr = 0 when all rules held. Rules
 * whose sources the run lacks are FINDING_SKIPPED. Never fails: an archive cut short is judged as
 * far as it goes.
 */
const struct finding *run_findings(const struct archive *a, struct arena *mem, size_t *nr);

/* One row per rule, for `list` and the man page: ended by .rule == NULL. */
struct inv;
struct invariant {
	const char *rule;
	enum finding_class cls;	      /* of what it finds */
	void (*check)(struct inv *c); /* private to invariants*.c */
	const char *help; /* what must hold, where the kernel guarantees it (version, file) */
};
extern const struct invariant invariant_table[];

#endif
