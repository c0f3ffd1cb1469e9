/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Identities between counters of the kernel. Where both sides are cumulative, a breach stays: a
 * difference at only one sample comes from reading two things at two times, and is no finding.
 */
#include "check/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "evidence/memcg.h"
#include "evidence/trace_counts.h"

/* ---------------------------------------------------------------- event counts against vmstat */

/*
 * T - V, which must be constant (give or take the slack), or at least must not grow. Each trace
 * count is read at some moment between two samples of vmstat, which bound it: T - V(after) <= T -
 * V(then) <= T - V(before).
 */
struct pair {
	const struct archive_series *trace, *vmstat;
	struct key_sum plus, minus; /* V */
	int64_t slack;
	bool may_fall; /* V may grow faster than T */
};

static bool vmstat_value(const struct pair *p, long tick, int64_t *out)
{
	uint64_t plus, minus = 0;

	if (tick < 0 || (size_t)tick >= p->vmstat->nr_ticks ||
	    !sum_at(&p->plus, (size_t)tick, &plus) ||
	    (p->minus.nr && !sum_at(&p->minus, (size_t)tick, &minus)))
		return false;
	*out = (int64_t)(plus - minus);
	return true;
}

/* The last sample whose reads had ended by @t_us. */
static long tick_ended(const struct archive_series *s, uint64_t t_us)
{
	long tick = archive_tick_at(s, t_us);

	while (tick >= 0 && s->tick[tick].t_us + s->tick[tick].dur_us > t_us)
		tick--;
	return tick;
}

/*
 * False: the identity is broken, from *at_us on at the latest, by *by events. *judged counts the
 * samples that bound the difference from both sides.
 */
static bool follow(const struct pair *p, uint64_t *at_us, int64_t *by, size_t *judged)
{
	int64_t least = INT64_MAX,
		most = INT64_MIN; /* T - V is at most `least`, and at least `most` */

	*judged = 0;
	for (size_t i = 0; i < p->trace->nr_ticks; i++) {
		uint64_t begin = p->trace->tick[i].t_us, end = begin + p->trace->tick[i].dur_us,
			 count;
		long before = tick_ended(p->vmstat, begin), after = archive_tick_at(p->vmstat, end);
		bool has_lo, has_hi;
		int64_t lo, hi;

		if (!trace_count(p->trace, i, -1, &count))
			continue;
		if (after < 0 || p->vmstat->tick[after].t_us < end)
			after++;
		has_lo = vmstat_value(p, after, &lo);
		has_hi = vmstat_value(p, before, &hi);
		*judged += has_lo && has_hi;
		lo = (int64_t)count - lo;
		hi = (int64_t)count - hi;
		/* a difference that may fall is only compared with earlier ones */
		if (p->may_fall)
			most = has_lo ? lo : INT64_MIN;
		else if (has_lo && lo > most)
			most = lo;
		if (has_hi && hi < least && !p->may_fall)
			least = hi;
		if (least != INT64_MAX && most != INT64_MIN && most - least > p->slack) {
			*at_us = begin;
			*by = most - least - p->slack;
			return false;
		}
		if (has_hi && hi < least)
			least = hi;
	}
	return true;
}

/* The reason why there are no counts, or NULL when there are some. */
static const char *no_counts(const struct inv *c, const char *const *series)
{
	const char *yes = archive_get(c->a, "trace.counts"),
		   *reason = archive_get(c->a, "trace.reason");

	if (yes && !strcmp(yes, "no"))
		return reason && *reason ? reason : "trace events were not counted";
	if (!c->view.vmstat)
		return "vmstat was not sampled";
	for (; *series; series++) {
		const struct archive_series *s = archive_series(c->a, *series);

		if (!s || !s->nr_ticks)
			return reason && *reason ? reason : "trace events were not counted";
	}
	return NULL;
}

static uint64_t window_delta(const struct inv *c, const char *canonical)
{
	double n = 0;

	run_counter(&c->view, canonical, &n);
	return (uint64_t)n;
}

static uint64_t window_events(const struct inv *c, const char *series)
{
	uint64_t d = 0;

	if (!c->view.has_window ||
	    !trace_delta(c->a, series, -1, c->view.begin_us, c->view.end_us, &d))
		return 0;
	return d;
}

static int64_t nr_kswapds(const struct inv *c)
{
	int64_t nr = 0;

	for (size_t i = 0; i < c->nr_nodes; i++)
		nr += c->node[i].kswapd != NULL;
	return nr ? nr : (int64_t)(c->nr_nodes ? c->nr_nodes : 1);
}

/*
 * Fills *@p when there are counts of @trace and the counter @plus; else skips the rule and returns
 * false.
 */
static bool pair_init(struct inv *c, struct pair *p, const char *const *trace, const char *plus,
		      const char *absent)
{
	const char *why = no_counts(c, trace);

	p->vmstat = c->view.vmstat;
	p->trace = archive_series(c->a, trace[0]);
	if (!why && !sum_counter(&p->plus, p->vmstat, plus))
		why = absent;
	if (why)
		inv_skip(c, "%s", why);
	return !why;
}

static void identity_a(struct inv *c)
{
	static const char *const series[] = { TRACE_WAKE, TRACE_SLEEP, NULL };
	struct pair p = { .slack = nr_kswapds(c) };
	uint64_t at;
	int64_t by;
	size_t judged;

	if (!pair_init(c, &p, series, "kswapd.runs", "this kernel has no pageoutrun"))
		return;
	if (!follow(&p, &at, &by, &judged))
		inv_found(
			c, -1, at, at,
			"pageoutrun and events kswapd_wake differ by %lld more than the +-1 per kswapd (whole window: %llu and %llu)",
			(long long)by, (unsigned long long)window_delta(c, "kswapd.runs"),
			(unsigned long long)window_events(c, TRACE_WAKE));
	else if (!judged)
		inv_skip(c, "no count of kswapd_wake lies between two samples of vmstat");
	if (!sum_counter(&p.minus, p.vmstat, "kswapd.low_quick") ||
	    !sum_add_counter(&p.minus, "kswapd.high_quick"))
		return;
	p.trace = archive_series(c->a, TRACE_SLEEP);
	if (!follow(&p, &at, &by, &judged))
		inv_found(c, -1, at, at,
			  "pageoutrun differs from low_quick + high_quick + events kswapd_sleep by "
			  "%lld more than the +-1 per kswapd (whole window: %llu, %llu + %llu)",
			  (long long)by, (unsigned long long)window_delta(c, "kswapd.runs"),
			  (unsigned long long)(window_delta(c, "kswapd.low_quick") +
					       window_delta(c, "kswapd.high_quick")),
			  (unsigned long long)window_events(c, TRACE_SLEEP));
}

static void identity_b(struct inv *c)
{
	static const char *const series[] = { TRACE_BEGIN, NULL };
	/*
	 * no task sleeps between the event and the count: one task per CPU, and as many again that
	 * were preempted there
	 */
	struct pair p = { .slack = 2 * (int64_t)c->nr_cpus, .may_fall = true };
	uint64_t at;
	int64_t by;
	size_t judged;

	if (!pair_init(c, &p, series, "stall.direct", "this kernel has no allocstall"))
		return;
	if (!follow(&p, &at, &by, &judged))
		inv_found(
			c, -1, at, at,
			"allocstall_* grew by %lld less than the events direct_reclaim_begin (whole window: %llu and %llu)",
			(long long)by, (unsigned long long)window_delta(c, "stall.direct"),
			(unsigned long long)window_events(c, TRACE_BEGIN));
	else if (!judged)
		inv_skip(c, "no count of direct_reclaim_begin lies between two samples of vmstat");
}

static void trace_lost(struct inv *c)
{
	for (size_t i = 0; i < c->a->nr_res; i++) {
		const struct archive_res *r = &c->a->res[i];

		if (!strcmp(r->workload, ARCHIVE_KERNEL) && !strcmp(r->key, TRACE_LOST_KEY) &&
		    r->value > 0)
			inv_skip(
				c,
				"%.0f direct reclaims are not in the stall histogram, which had no room: it is not used",
				r->value);
	}
}

/*
 * ---------------------------------------------------------------- steal: type, reclaimer
 */

/*
 * A batch may be in one counter and not yet in the other: mm/vmscan.c counts both under one lock,
 * SWAP_CLUSTER_MAX (32) pages at a time, or MAX_LRU_BATCH (64) under MGLRU.
 */
#define BATCH_PAGES 64
#define COUNTERS_C 6 /* the counters of both sums; node counters from 7.1 on */
#define LASTS 2	     /* samples up to the last one; a pending batch is gone at the next sample */

static void identity_c(struct inv *c)
{
	static const char *const by_type[] = { "pgsteal_anon", "pgsteal_file", NULL },
				 *const by_reclaimer[] = { "pgsteal_kswapd", "pgsteal_direct",
							   "pgsteal_khugepaged",
							   "pgsteal_proactive", NULL };
	const struct archive_series *s = c->view.vmstat;
	bool folds = run_node_has_pgscan(c->a), equal = folds || !memcg_may_reclaim(c->a);
	int64_t slack = BATCH_PAGES * (int64_t)c->nr_cpus +
			(folds ? COUNTERS_C * inv_fold_lag(c) : 0),
		base = 0, dev, last = 0;
	struct key_sum type, who;
	uint64_t vt = 0, vw = 0, t0 = 0, w0 = 0, t1 = 0, w1 = 0;
	size_t first = 0, breach = 0, seen = 0;

	if (!s || sum_init(&type, s, by_type) != 2 || sum_init(&who, s, by_reclaimer) < 2) {
		inv_skip(c, s ? "this kernel has no pgsteal_anon and pgsteal_file (before 5.8)"
			      : "vmstat was not sampled");
		return;
	}
	for (size_t i = 0; i < s->nr_ticks; i++) {
		if (!sum_at(&type, i, &vt) || !sum_at(&who, i, &vw))
			continue;
		if (!seen++) {
			base = (int64_t)(vt - vw);
			t0 = vt;
			w0 = vw;
		}
		dev = (int64_t)(vt - vw) - base;
		t1 = vt;
		w1 = vw;
		if (dev < -slack || (equal && dev > slack)) {
			if (!breach++)
				first = i;
			last = dev;
		} else {
			breach = 0; /* the difference came back: two readings, no breach */
		}
	}
	if (seen < 2)
		inv_skip(c, "fewer than two samples of vmstat");
	else if (breach >= LASTS)
		inv_found(c, -1, s->tick[first].t_us, s->tick[first].t_us,
			  "pgsteal_anon + pgsteal_file grew by %llu pages, the sum over reclaimers "
			  "by %llu: %+lld, at most %lld can be pages on their way",
			  (unsigned long long)(t1 - t0), (unsigned long long)(w1 - w0),
			  (long long)last, (long long)slack);
}

/* clang-format off */
RULES(identity, 20) = {
	{ .name = "trace-lost", .cls = RULE_PARTIAL, .check = trace_lost,
	  .help = "No trace event was lost; where some were lost, only the results made from them are not judged." },
	{ .name = "identity-a", .cls = RULE_INVARIANT, .check = identity_a,
	  .help = "pageoutrun = kswapd_low_wmark_hit_quickly + kswapd_high_wmark_hit_quickly + events "
	  "kswapd_sleep = events kswapd_wake, +-1 per kswapd (mm/vmscan.c, kswapd(): each turn sleeps "
	  "or is cut short, then balances once; 3.18 to 7.3). Contract W2, W4." },
	{ .name = "identity-b", .cls = RULE_INVARIANT, .check = identity_b,
	  .help = "allocstall_* grew at least by the events direct_reclaim_begin (mm/vmscan.c, "
	  "do_try_to_free_pages() counts after the event, again at each retry; limit reclaim of a "
	  "memory cgroup is in neither). Contract A1." },
	{ .name = "identity-c", .cls = RULE_INVARIANT, .check = identity_c,
	  .help = "pgsteal_anon + pgsteal_file = sum of pgsteal_kswapd, _direct, _khugepaged, _proactive "
	  "(mm/vmscan.c, 5.8). Up to 7.0 limit reclaim of memory cgroups is only in the left side: where "
	  "there may be some, the left side must not be less. Contract Z6." },
	{ .name = NULL }
};
/* clang-format on */
