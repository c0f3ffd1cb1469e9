/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run as the rules see it, and the functions by which they report what they found. Private to
 * the rules.
 */
#ifndef WMARK_CHECK_EVIDENCE_H
#define WMARK_CHECK_EVIDENCE_H

#include "check/check.h"
#include "evidence/nodes.h"
#include "evidence/sum.h"
#include "evidence/view.h"
#include "probe/probe.h"

#define S_US 1000000ull

struct inv {
	const struct archive *a;
	struct arena *mem;
	const struct rule *rule; /* the rule that is being checked */
	struct run_view view;
	const struct archive_series *zoneinfo;
	unsigned nr_cpus;
	struct run_node *node; /* the nodes with memory */
	size_t nr_nodes;
	struct finding *f;
	size_t nr, cap;
	size_t first; /* index in f of the first finding of that rule */
};

/*
 * Reports a breach of the rule. @node -1 = the machine. end = begin for a point in time; 0, 0 = no
 * time. The time is added to the text.
 */
void inv_found(struct inv *c, int node, uint64_t begin_us, uint64_t end_us, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* Says that the rule cannot be evaluated here; this counts only where no breach is found. */
void inv_skip(struct inv *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The state of the rule that is being checked, from what it has reported so far. */
enum rule_state inv_state(const struct inv *c);

/*
 * By how much a node or zone counter may be wrong when it is read, or seem to fall. Each CPU keeps
 * back up to a threshold of each node's counts, and may owe as much after it has handed over more
 * than it had (mm/vmstat.c, mod_node_state(), calculate_normal_threshold(): 2 * fls(CPUs) * (1 +
 * fls(zone memory / 128 MiB)), 125 at most). Event counters are exact.
 */
int64_t inv_fold_lag(const struct inv *c);

/*
 * The rules of a file, at the end of the file: RULES(live, 40) = { ... }; .name == NULL ends them.
 * The Makefile finds the line; the number is the file's place in every output.
 */
#define RULES(file, place) const struct rule rules_##file[]

#endif
