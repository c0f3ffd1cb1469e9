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

/* What a breach of a rule means; what became of the rule in a run is its state. */
enum rule_class {
	RULE_INVARIANT, /* the numbers contradict each other, or the kernel said that it is broken:
			   the run is set aside */
	RULE_LIVENESS,	/* reclaim did not do its work for a while: counts, and is shown; the run
			   stays */
	RULE_PARTIAL,	/* spoils only what is made of one source, which is then not judged: SKIP,
			   never FAIL */
};

enum rule_state {
	RULE_PASS,
	RULE_FAIL,
	RULE_SKIP, /* could not be evaluated here, and why */
};

/* Private to harness/check: one run as the rules see it. */
struct inv;

struct rule {
	const char *name; /* "identity-c", "kswapd-spins", ... */
	enum rule_class cls;
	void (*check)(struct inv *c);
	const char *help; /* what must hold, where the kernel guarantees it (version, file) */
	bool broke; /* RULE_INVARIANT: in a breach the kernel itself says that it broke, which is an
		       outcome; the others only spoil the numbers */
};

/* What a rule says of a run where it does not PASS. */
struct finding {
	const char *rule; /* its name */
	enum rule_class cls;
	enum rule_state state; /* RULE_FAIL or RULE_SKIP */
	bool has_time;
	uint64_t begin_us, end_us; /* on the archive's clock; end = begin for a point */
	int node;		   /* -1 = the machine */
	const char *text; /* one line: the numbers that contradict each other, or why SKIP */
	bool broke;	  /* of the rule */
};

struct rule_result {
	const struct rule *rule;
	enum rule_state state;
	const struct finding *finding; /* what the rule said: none where it passed */
	size_t nr;
	const char *reason; /* of RULE_SKIP, else NULL */
};

/*
 * One result per rule, in the order of the rules, in @mem; *nr becomes their number. Rules whose
 * sources the run lacks are RULE_SKIP. Never fails: an archive cut short is judged as far as it
 * goes.
 */
const struct rule_result *run_check(const struct archive *a, struct arena *mem, size_t *nr);
/* The findings of all these results in one array; *nr = 0 when all rules passed. */
const struct finding *run_findings(const struct archive *a, struct arena *mem, size_t *nr);

/* "INVALID", "LIVENESS", "SKIPPED" */
const char *rule_class_name(enum rule_class cls);
/* The same of a finding, whose rule could perhaps not be evaluated; in machine formats "invalid"
 * ... */
const char *finding_name(const struct finding *f);
const char *finding_key(const struct finding *f);
/* A rule of class @cls that failed. */
bool finding_failed(const struct finding *f, enum rule_class cls);

/* The @i-th rule, in the order of results and of `list`; NULL after the last. */
const struct rule *rule_listed(size_t i);

#endif
