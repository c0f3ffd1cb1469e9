/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
