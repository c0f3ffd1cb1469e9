/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to the rules: one run as the rules see it, and how they say what they found. */
#ifndef WMARK_CHECK_EVIDENCE_H
#define WMARK_CHECK_EVIDENCE_H

#include "check/check.h"
#include "evidence/view.h"
#include "metric/row.h"
#include "probe/probe.h"

#define S_US 1000000ull

struct inv_node {
	unsigned n;
	struct node_keys zones;		     /* of zoneinfo; nr = 0: it says nothing of this node */
	int unreclaimable;		     /* key of zoneinfo, -1 = ABSENT */
	const struct archive_series *vmstat; /* nodeN/vmstat or NULL */
	const struct archive_series *kswapd; /* kswapdN/schedstat or /stat, or NULL */
};

struct inv {
	const struct archive *a;
	struct arena *mem;
	const struct rule *rule; /* the one being checked */
	struct run_view view;
	const struct archive_series *zoneinfo;
	unsigned nr_cpus;
	struct inv_node *node; /* every node that a header line, zoneinfo or a kswapd names */
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
 * Sum of @keys ("a+b") at a sample; false when one of them is ABSENT. Keys are looked up once: fill
 * with inv_keys().
 */
#define INV_KEYS_MAX 16
struct inv_sum {
	const struct archive_series *s;
	int key[INV_KEYS_MAX];
	size_t nr;
};
/* Names of what counts direct reclaim: one counter to 4.7, one per zone from 4.8 on. */
extern const char *const inv_allocstall[];
/* All of @names, NULL-terminated, that the series has; returns how many. */
size_t inv_sum_init(struct inv_sum *sum, const struct archive_series *s, const char *const *names);
bool inv_sum_at(const struct inv_sum *sum, size_t tick, uint64_t *out);
/* Increase between the last sample at or before @from_us and the first at or behind @to_us (or the
 * last there is). */
bool inv_sum_over(const struct inv_sum *sum, uint64_t from_us, uint64_t to_us, uint64_t *out);

/* CPU time of the node's kswapd over a span, in ns. False = not known. */
bool inv_kswapd_ns(const struct inv_node *n, uint64_t from_us, uint64_t to_us, double *ns);
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
