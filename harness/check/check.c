/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/evidence.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* clang-format off */
const struct invariant invariant_table[] = {
	{ "archive", FINDING_INVALID, inv_archive,
	  "The archive has its end line, its sums are right and no line was dropped for want of room "
	  "in the writer." },
	{ "window", FINDING_INVALID, inv_window,
	  "A run that ended well has a window that begins before it ends, and samples of vmstat at "
	  "both marks." },
	{ "monotonic", FINDING_INVALID, inv_monotonic,
	  "Event counters only grow (mm/vmstat.c, unsigned long, never reset), and so do the CPU time "
	  "of kswapd, PSI totals and sample times. One that fell means a reboot, wrong pairing or a "
	  "broken counter." },
	{ "absurd", FINDING_INVALID, inv_absurd,
	  "No gauge (nr_*) counts more than the memory there is, and no event counter is negative." },
	{ "sampler-missed", FINDING_INVALID, inv_sampler_missed,
	  "No source missed more than a tenth of its samples: metrics over time (duty, seconds below "
	  "low) would say more of the sampler than of reclaim." },
	{ "trace-lost", FINDING_SKIPPED, inv_trace_lost,
	  "No trace event was lost; where some were, only what is made of them is not judged." },
	{ "identity-a", FINDING_INVALID, inv_identity_a,
	  "pageoutrun = kswapd_low_wmark_hit_quickly + kswapd_high_wmark_hit_quickly + events "
	  "kswapd_sleep = events kswapd_wake, +-1 a kswapd (mm/vmscan.c, kswapd(): each turn sleeps or "
	  "is cut short, then balances once; 3.18 to 7.3). Contract W2, W4." },
	{ "identity-b", FINDING_INVALID, inv_identity_b,
	  "allocstall_* grew at least by the events direct_reclaim_begin (mm/vmscan.c, "
	  "do_try_to_free_pages() counts behind the event, again at each retry; limit reclaim of a "
	  "memory cgroup is in neither). Contract A1." },
	{ "identity-c", FINDING_INVALID, inv_identity_c,
	  "pgsteal_anon + pgsteal_file = sum of pgsteal_kswapd, _direct, _khugepaged, _proactive "
	  "(mm/vmscan.c, 5.8). Up to 7.0 limit reclaim of memory cgroups is in the left side alone: "
	  "where there may be some, the left side is not less. Contract Z6." },
	{ "kswapd-threads", FINDING_LIVENESS, inv_kswapd_threads,
	  "Each node with memory has its kswapd, and no other (mm/vmscan.c, kswapd_init(), "
	  "kswapd_run()). Contract K1." },
	{ "kswapd-affinity", FINDING_LIVENESS, inv_kswapd_affinity,
	  "kswapd may run on the CPUs of its node, on all where the node has none (mm/vmscan.c, "
	  "kswapd() to 6.13; kernel/kthread.c from 6.14). Contract K3." },
	{ "sampler-starved", FINDING_LIVENESS, inv_sampler_starved,
	  "vmstat was sampled every 2 s at least: the sampler is real-time and locked in memory, so "
	  "only a machine that stood still keeps it waiting." },
	{ "kswapd-spins", FINDING_LIVENESS, inv_kswapd_spins,
	  "kswapd is not on a CPU for half of 3 s or more without freeing anything: 16 fruitless runs "
	  "make it give up (mm/vmscan.c, MAX_RECLAIM_RETRIES, 4.12)." },
	{ "high-awake", FINDING_LIVENESS, inv_high_awake,
	  "kswapd is not on a CPU for 3 s while its node has the high watermark: one eligible zone "
	  "above it ends a run (mm/vmscan.c, pgdat_balanced(), 4.12)." },
	{ "low-ignored", FINDING_LIVENESS, inv_low_ignored,
	  "No node hands out pages for 3 s while it is nearer to min than to low and its kswapd "
	  "sleeps: who takes pages below low wakes it first (mm/page_alloc.c, wake_all_kswapds()). Not "
	  "judged while the node is given up as hopeless." },
	{ "direct-alone", FINDING_LIVENESS, inv_direct_alone,
	  "Tasks do not reclaim for themselves for 2 s (20 times or more) while every kswapd sleeps: "
	  "each of them has woken it before (mm/page_alloc.c, __alloc_pages_slowpath()). Not judged "
	  "while a node is given up as hopeless." },
	{ "hopeless", FINDING_LIVENESS, inv_hopeless,
	  "A node is not given up (zoneinfo node_unreclaimable, kswapd_failures >= 16) for 3 s while a "
	  "tenth of it is clean page cache and it lacks the high watermark. Contract H2: from 7.1 a "
	  "node is given up for longer." },
	{ "kswapd-drain", FINDING_LIVENESS, inv_kswapd_drain,
	  "kswapd is asleep at most 3 s after the load stopped." },
	{ "oom-cache", FINDING_LIVENESS, inv_oom_cache,
	  "No task is killed for want of memory while every node has a tenth of its memory in clean "
	  "page cache (mm/page_alloc.c, should_reclaim_retry()). Kills inside a memory cgroup are not "
	  "judged." },
	{ "task-dstate", FINDING_LIVENESS, inv_dstate,
	  "No workload process is in one and the same uninterruptible sleep for 5 s: waits of reclaim "
	  "end after HZ/10 (mm/vmscan.c, reclaim_throttle())." },
	{ "log-oops", FINDING_INVALID, inv_log_oops,
	  "The kernel log holds no panic, oops or BUG: what such a kernel counts afterwards is worth "
	  "nothing." },
	{ "log-lockup", FINDING_LIVENESS, inv_log_lockup,
	  "The kernel log holds no soft, hard or workqueue lockup and no RCU stall." },
	{ "log-hung-task", FINDING_LIVENESS, inv_log_hung,
	  "The kernel log holds no hung task (kernel/hung_task.c)." },
	{ "log-allocation-failure", FINDING_LIVENESS, inv_log_alloc,
	  "The kernel log holds no page allocation failure (mm/page_alloc.c, warn_alloc())." },
	{ "log-warning", FINDING_LIVENESS, inv_log_warning,
	  "The kernel log holds no WARN (kernel/panic.c, __warn())." },
	{ .rule = NULL }
};
/* clang-format on */

const char *const finding_class_names[] = { [FINDING_INVALID] = "INVALID",
					    [FINDING_LIVENESS] = "LIVENESS",
					    [FINDING_SKIPPED] = "SKIPPED" };
const char *const finding_class_keys[] = { [FINDING_INVALID] = "invalid",
					   [FINDING_LIVENESS] = "liveness",
					   [FINDING_SKIPPED] = "skipped" };

static struct finding *add(struct inv *c)
{
	if (c->nr == c->cap) {
		struct finding *old = c->f;

		c->cap = c->cap ? 2 * c->cap : 8;
		c->f = arena_alloc(c->mem, c->cap * sizeof(*c->f));
		if (c->nr)
			memcpy(c->f, old, c->nr * sizeof(*old));
	}
	return &c->f[c->nr++];
}

/* Seconds as a reader of the report sees them: against the begin of the window, where there is one.
 */
static const char *when(const struct inv *c, uint64_t begin_us, uint64_t end_us)
{
	double from = ((double)begin_us - (double)c->view.begin_us) / 1e6,
	       to = ((double)end_us - (double)c->view.begin_us) / 1e6;

	if (!c->view.has_window)
		return end_us > begin_us
			       ? arena_printf(c->mem, "from %.1f to %.1f s of the run",
					      (double)begin_us / 1e6, (double)end_us / 1e6)
			       : arena_printf(c->mem, "at %.1f s of the run",
					      (double)begin_us / 1e6);
	if (from < 0 && end_us <= begin_us)
		return arena_printf(c->mem, "%.1f s before the window", -from);
	if (begin_us > c->view.end_us)
		return arena_printf(c->mem, "%.1f s after the window",
				    ((double)begin_us - (double)c->view.end_us) / 1e6);
	if (end_us > begin_us)
		return arena_printf(c->mem, "from %.1f to %.1f s of the window", from, to);
	return arena_printf(c->mem, "at %.1f s of the window", from);
}

void inv_found(struct inv *c, int node, uint64_t begin_us, uint64_t end_us, const char *fmt, ...)
{
	struct finding *f = add(c);
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	*f = (struct finding){ .rule = c->rule->rule,
			       .cls = c->rule->cls,
			       .broke = c->rule->check == inv_log_oops,
			       .node = node,
			       .begin_us = begin_us,
			       .end_us = end_us };
	f->has_time = end_us > 0;
	f->text = f->has_time ? arena_printf(c->mem, "%s, %s", text ? text : fmt,
					     when(c, begin_us, end_us))
			      : arena_strdup(c->mem, text ? text : fmt);
	free(text);
}

void inv_skip(struct inv *c, const char *fmt, ...)
{
	struct finding *f = add(c);
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	*f = (struct finding){ .rule = c->rule->rule, .cls = FINDING_SKIPPED, .node = -1 };
	f->text = arena_strdup(c->mem, text ? text : fmt);
	free(text);
}

/* ---------------------------------------------------------------- numbers */

size_t inv_sum_init(struct inv_sum *sum, const struct archive_series *s, const char *const *names)
{
	*sum = (struct inv_sum){ .s = s };
	for (; s && *names && sum->nr < INV_KEYS_MAX; names++) {
		int key = archive_key(s, *names);

		if (key >= 0)
			sum->key[sum->nr++] = key;
	}
	return sum->nr;
}

bool inv_sum_at(const struct inv_sum *sum, size_t tick, uint64_t *out)
{
	uint64_t v;

	*out = 0;
	for (size_t i = 0; i < sum->nr; i++) {
		if (!archive_value(sum->s, tick, sum->key[i], &v))
			return false;
		*out += v;
	}
	return sum->nr > 0;
}

bool inv_sum_over(const struct inv_sum *sum, uint64_t from_us, uint64_t to_us, uint64_t *out)
{
	long from, to;
	uint64_t a, b;

	if (!sum->s || !sum->s->nr_ticks)
		return false;
	from = archive_tick_at(sum->s, from_us);
	to = archive_tick_at(sum->s, to_us);
	if (from < 0)
		return false;
	if (sum->s->tick[to].t_us < to_us && (size_t)to + 1 < sum->s->nr_ticks)
		to++;
	if (!inv_sum_at(sum, (size_t)from, &a) || !inv_sum_at(sum, (size_t)to, &b) || b < a)
		return false;
	*out = b - a;
	return true;
}

#define USER_HZ_NS 1e7 /* of /proc/PID/stat; 100 on every architecture but alpha and ia64 */

bool inv_kswapd_ns(const struct inv_node *n, uint64_t from_us, uint64_t to_us, double *ns)
{
	static const char *const run_ns[] = { "run_ns", NULL }, *const ticks[] = { "utime", "stime",
										   NULL };
	struct inv_sum sum;
	uint64_t a, b;
	bool exact;
	long from, to;

	if (!n->kswapd)
		return false;
	exact = inv_sum_init(&sum, n->kswapd, run_ns) > 0;
	if (!exact && !inv_sum_init(&sum, n->kswapd, ticks))
		return false;
	from = archive_tick_at(n->kswapd, from_us);
	to = archive_tick_at(n->kswapd, to_us);
	if (from < 0 || to < from || !inv_sum_at(&sum, (size_t)from, &a) ||
	    !inv_sum_at(&sum, (size_t)to, &b) || b < a)
		return false;
	*ns = (double)(b - a) * (exact ? 1 : USER_HZ_NS);
	return true;
}

static unsigned fls_of(uint64_t v)
{
	unsigned n = 0;

	for (; v; v >>= 1)
		n++;
	return n;
}

int64_t inv_fold_lag(const struct inv *c)
{
	const char *total = archive_get(c->a, "mem.total_kib");
	uint64_t kib = total ? strtoull(total, NULL, 10) : 0,
		 most = 2ull * fls_of(c->nr_cpus) * (1 + fls_of(kib >> 17));

	if (!kib || most > 125)
		most = 125;
	return (int64_t)(most * c->nr_cpus * (c->nr_nodes ? c->nr_nodes : 1));
}

/* ---------------------------------------------------------------- the run */

#define NODES_MAX 1024 /* CONFIG_NODES_SHIFT is 10 at most */

static const struct archive_series *node_series(const struct archive *a, const char *fmt,
						unsigned node)
{
	char name[64];

	snprintf(name, sizeof(name), strcmp(fmt, "node") ? "kswapd%u/%s" : "node%u/%s", node,
		 strcmp(fmt, "node") ? fmt : "vmstat");
	return archive_series(a, name);
}

static void find_nodes(struct inv *c)
{
	bool *has = arena_alloc(c->mem, NODES_MAX * sizeof(*has));
	const char *list = archive_get(c->a, "numa.nodes");
	struct probe_bits bits;
	unsigned nr = 0, n;

	if (list && !probe_cpulist(list, strlen(list), &bits, NULL))
		for (n = 0; n < NODES_MAX; n++)
			has[n] |= probe_bit(&bits, n);
	metric_zoneinfo_nodes(c->a, has, NODES_MAX);
	for (size_t i = 0; i < c->a->nr_series; i++)
		if (sscanf(c->a->series[i].name, "kswapd%u/", &n) == 1 && n < NODES_MAX)
			has[n] = true;
	for (n = 0; n < NODES_MAX; n++)
		nr += has[n];
	c->node = arena_alloc(c->mem, (nr + 1) * sizeof(*c->node));
	for (n = 0; n < NODES_MAX; n++) {
		struct inv_node *d = &c->node[c->nr_nodes];
		char key[64];

		if (!has[n])
			continue;
		*d = (struct inv_node){ .n = n,
					.unreclaimable = -1,
					.vmstat = node_series(c->a, "node", n) };
		d->kswapd = node_series(c->a, "schedstat", n);
		if (!d->kswapd)
			d->kswapd = node_series(c->a, "stat", n);
		if (c->zoneinfo) {
			metric_node_keys(c->zoneinfo, n, &d->zones);
			snprintf(key, sizeof(key), "node%u.node_unreclaimable", n);
			d->unreclaimable = archive_key(c->zoneinfo, key);
		}
		c->nr_nodes++;
	}
}

const struct finding *run_findings(const struct archive *a, struct arena *mem, size_t *nr)
{
	struct inv c = { .a = a, .mem = mem };
	const char *cpus = archive_get(a, "cpu.online");

	run_view_init(&c.view, a);
	c.zoneinfo = archive_series(a, "zoneinfo");
	c.nr_cpus = cpus ? (unsigned)strtoul(cpus, NULL, 10) : 0;
	if (!c.nr_cpus)
		c.nr_cpus = 1;
	find_nodes(&c);
	for (c.rule = invariant_table; c.rule->rule; c.rule++)
		c.rule->check(&c);
	*nr = c.nr;
	return c.f;
}
