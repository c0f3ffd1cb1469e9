/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to invariants*.c: one run as the rules see it, and how they say what they found. */
#ifndef WMARK_CHECK_EVIDENCE_H
#define WMARK_CHECK_EVIDENCE_H

#include "check/check.h"
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
	const struct invariant *rule; /* the one being checked */
	struct run_view view;
	const struct archive_series *zoneinfo;
	unsigned nr_cpus;
	struct inv_node *node; /* every node that a header line, zoneinfo or a kswapd names */
	size_t nr_nodes;
	struct finding *f;
	size_t nr, cap;
};

/* Of the class of the rule. @node -1 = the machine. end = begin for a point; 0, 0 = no time. The
 * text is completed by the time. */
void inv_found(struct inv *c, int node, uint64_t begin_us, uint64_t end_us, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* The rule cannot be evaluated here. */
void inv_skip(struct inv *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

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
/* Text of an event or kernel log line behind its "[seconds] "; *t_us becomes the kernel's own time
 * where there is one. */
const char *inv_log_text(const struct archive *a, const struct archive_ev *ev, uint64_t *t_us);

/* The rules; each adds to c->f. */
void inv_archive(struct inv *c);
void inv_window(struct inv *c);
void inv_monotonic(struct inv *c);
void inv_absurd(struct inv *c);
void inv_sampler_missed(struct inv *c);
void inv_sampler_starved(struct inv *c);
void inv_trace_lost(struct inv *c);
void inv_kswapd_threads(struct inv *c);
void inv_kswapd_affinity(struct inv *c);
void inv_identity_a(struct inv *c);
void inv_identity_b(struct inv *c);
void inv_identity_c(struct inv *c);
void inv_kswapd_spins(struct inv *c);
void inv_high_awake(struct inv *c);
void inv_low_ignored(struct inv *c);
void inv_direct_alone(struct inv *c);
void inv_hopeless(struct inv *c);
void inv_kswapd_drain(struct inv *c);
void inv_oom_cache(struct inv *c);
void inv_dstate(struct inv *c);
void inv_log_oops(struct inv *c);
void inv_log_lockup(struct inv *c);
void inv_log_hung(struct inv *c);
void inv_log_alloc(struct inv *c);
void inv_log_warning(struct inv *c);

#endif
