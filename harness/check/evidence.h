/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to the rules: one run as the rules see it, and how they say what they found. */
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
	const struct rule *rule; /* the one being checked */
	struct run_view view;
	const struct archive_series *zoneinfo;
	unsigned nr_cpus;
	struct run_node *node; /* with memory */
	size_t nr_nodes;
	struct finding *f;
	size_t nr, cap;
	size_t first; /* of the rule being checked, in f */
};

/* Of the class of the rule. @node -1 = the machine. end = begin for a point; 0, 0 = no time. The
 * text is completed by the time. */
void inv_found(struct inv *c, int node, uint64_t begin_us, uint64_t end_us, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* The rule cannot be evaluated here: heard where nothing is found. */
void inv_skip(struct inv *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* What has been said so far of the rule being checked. */
enum rule_state inv_state(const struct inv *c);

/*
 * By how much a node or zone counter may be off when it is read, or seem to fall: each CPU keeps up
 * to a threshold of each node's to itself, and owes as much after it has handed over more than it
 * had (mm/vmstat.c, mod_node_state(), calculate_normal_threshold(): 2 * fls(CPUs) * (1 + fls(zone
 * memory / 128 MiB)), 125 at most). Event counters are exact.
 */
int64_t inv_fold_lag(const struct inv *c);

/*
 * The rules of a file, at its end, which .name == NULL ends: RULES(live, 40) = { ... };
 * The Makefile finds the line; the number is the place among the files in every output.
 */
#define RULES(file, place) const struct rule rules_##file[]

#endif
