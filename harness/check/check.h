/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules that must hold in every run, with no baseline: accounting identities and sanity of the
 * counters (a breach makes the run unfit to be averaged), and liveness of reclaim (a breach is a
 * finding about the kernel). Each breach names its second.
 */
#ifndef WMARK_CHECK_CHECK_H
#define WMARK_CHECK_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "archive/archive.h"

/* What a breach of a rule means. The result of a rule in one run is its state. */
enum rule_class {
	/*
	 * the numbers contradict each other, or the kernel said that it is broken: the run is set
	 * aside
	 */
	RULE_INVARIANT,
	/* reclaim did not work for a while: the breach counts and is shown; the run stays */
	RULE_LIVENESS,
	/* spoils only what is made from one source, which is then not judged: SKIP, never FAIL */
	RULE_PARTIAL,
};

enum rule_state {
	RULE_PASS,
	RULE_FAIL,
	RULE_SKIP, /* could not be evaluated, for the reason given */
};

/* One run as the rules see it; private to harness/check. */
struct inv;

struct rule {
	const char *name; /* "identity-c", "kswapd-spins", ... */
	enum rule_class cls;
	void (*check)(struct inv *c);
	const char *help; /* what must hold, and where the kernel guarantees it (version, file) */
	/*
	 * of RULE_INVARIANT: a breach means that the kernel itself said that it broke, which is an
	 * outcome; without it a breach only spoils the numbers
	 */
	bool broke;
};

/* What a rule says about a run where it does not PASS. */
struct finding {
	const char *rule; /* its name */
	enum rule_class cls;
	enum rule_state state; /* RULE_FAIL or RULE_SKIP */
	bool has_time;
	uint64_t begin_us, end_us; /* on the archive's clock; end = begin for a point */
	int node;		   /* -1 = the machine */
	const char
		*text; /* one line: the numbers that contradict each other, or the reason of SKIP */
	bool broke;    /* copy of the rule's */
};

struct rule_result {
	const struct rule *rule;
	enum rule_state state;
	const struct finding *finding; /* what the rule said; none where it passed */
	size_t nr;
	const char *reason; /* the reason of RULE_SKIP, else NULL */
};

/*
 * One result per rule, in the order of the rules, in @mem; *nr becomes their number. Rules whose
 * sources the run lacks are RULE_SKIP. Never fails: a truncated archive is judged as far as it
 * goes.
 */
const struct rule_result *run_check(const struct archive *a, struct arena *mem, size_t *nr);
/* The findings of all these results in one array; *nr = 0 when all rules passed. */
const struct finding *run_findings(const struct archive *a, struct arena *mem, size_t *nr);

/* "INVALID", "LIVENESS", "SKIPPED" */
const char *rule_class_name(enum rule_class cls);
/*
 * The class name for a finding, "SKIPPED" for one whose rule could not be evaluated; finding_key()
 * gives the name in machine formats, "invalid" ...
 */
const char *finding_name(const struct finding *f);
const char *finding_key(const struct finding *f);
/* True when a rule of class @cls failed. */
bool finding_failed(const struct finding *f, enum rule_class cls);

/* The @i-th rule, in the order of results and of `list`; NULL after the last. */
const struct rule *rule_listed(size_t i);

#endif
