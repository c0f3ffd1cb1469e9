/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test_invariants_synth.h"

/* ---------------------------------------------------------------- kswapd spins */

struct spin {
	unsigned from, to; /* ticks in which kswapd1 is on a CPU ... */
	double share;	   /* ... for so much of the time */
	unsigned pages;	   /* freed by kswapd in a tick */
	unsigned slab;	   /* pages of slab that went and came back in each tick */
	bool node_steal;   /* counted in node files, where node 0 steals and node 1 does not */
};

static void spin_run(const struct spin *p, struct got *g)
{
	unsigned vm, kswapd[2], node[2] = { 0 };
	uint64_t run = 0, steal = 0;
	struct synth s;

	heads(&s, "exact");
	vm = synth_source(&s, "vmstat", "pgsteal_kswapd nr_slab_reclaimable");
	kswapd[0] = synth_source(&s, "kswapd0/schedstat", "run_ns wait_ns slices");
	kswapd[1] = synth_source(&s, "kswapd1/schedstat", "run_ns wait_ns slices");
	for (unsigned n = 0; n < 2 && p->node_steal; n++)
		node[n] = synth_source(&s, n ? "node1/vmstat" : "node0/vmstat",
				       "pgsteal_kswapd pgscan_direct");
	for (unsigned i = 0; i < TICKS; i++) {
		uint64_t slab = 5000 + (i % 2) * p->slab;

		if (i > p->from && i <= p->to)
			run += (uint64_t)(p->share * 1e8 + .5);
		steal += p->pages;
		synth_sample(&s, vm, at(i), (const uint64_t[]){ steal, slab });
		synth_sample(&s, kswapd[0], at(i), (const uint64_t[]){ 1000, 0, 1 });
		synth_sample(&s, kswapd[1], at(i), (const uint64_t[]){ run, 0, i });
		for (unsigned n = 0; n < 2 && p->node_steal; n++)
			synth_sample(&s, node[n], at(i), (const uint64_t[]){ n ? 7 : steal, 1 });
	}
	judge(&s, g);
}

Test(invariants_live, kswapd_that_frees_nothing)
{
	const struct spin idle = { .share = 0 }, full = { .from = 15, .to = 50, .share = 1 };
	const struct spin brief = { .from = 15, .to = 29, .share = 1 },
			  half = { .from = 15, .to = 45, .share = .5 };
	const struct spin less = { .from = 15, .to = 45, .share = .49 };
	struct got g;

	spin_run(&idle, &g);
	expect_held(&g, "kswapd-spins");
	spin_run(&full, &g);
	cr_assert_eq(found(&g, "kswapd-spins")->node, 1);
	/* half of three seconds is enough, so the span reaches 1.5 s further on both sides */
	cr_assert_eq(found(&g, "kswapd-spins")->end_us, at(59));
	expect(&g, "kswapd-spins", RULE_LIVENESS,
	       "kswapd1 was on a CPU for 3.5 of 5.9 s and freed 0 pages, ");
	spin_run(&brief, &g); /* 1.4 s */
	expect_held(&g, "kswapd-spins");
	spin_run(&half, &g);
	expect(&g, "kswapd-spins", RULE_LIVENESS,
	       "1.5 of 3.0 s and freed 0 pages, from 0.5 to 3.5 s of the window");
	spin_run(&less, &g);
	expect_held(&g, "kswapd-spins");
}

Test(invariants_live, kswapd_that_frees_something)
{
	/* the limit is 32 pages per second of CPU: 4 per tick are above it, 3 are not */
	const struct spin much = { .from = 10, .to = 50, .share = 1, .pages = 4 },
			  little = { .from = 10, .to = 50, .share = 1, .pages = 3 };
	const struct spin slab = { .from = 10, .to = 50, .share = 1, .slab = 10 },
			  no_slab = { .from = 10, .to = 50, .share = 1, .slab = 3 };
	const struct spin other = {
		.from = 10, .to = 50, .share = 1, .pages = 500, .node_steal = true
	};
	struct got g;

	spin_run(&much, &g);
	expect_held(&g, "kswapd-spins");
	spin_run(&little, &g);
	expect(&g, "kswapd-spins", RULE_LIVENESS, "kswapd1");
	spin_run(&slab, &g);
	expect_held(&g, "kswapd-spins");
	spin_run(&no_slab, &g);
	expect(&g, "kswapd-spins", RULE_LIVENESS, "kswapd1");
	/* from 7.1 on: pages freed by the other node's kswapd are no excuse */
	spin_run(&other, &g);
	expect(&g, "kswapd-spins", RULE_LIVENESS, "kswapd1");
}

/* ---------------------------------------------------------------- nodes against their marks */

#define MIN 300
#define LOW 400
#define HIGH 500

/* Node 0 in six samples of zoneinfo, one per second; kswapd0 and vmstat every 100 ms. */
struct zone {
	unsigned free[6], given_up[6], clean[6], dirty;
	double share;		       /* of kswapd0 on a CPU */
	unsigned runs, stalls, allocs; /* growth of pageoutrun, allocstall and numa_hit per tick */
	/* nr_free_pages of node0/vmstat where zoneinfo was not read; 0 = as zoneinfo */
	unsigned between;
	unsigned stalls_to; /* tick up to which tasks reclaim; 0 = all */
};

static void zone_run(const struct zone *p, struct got *g)
{
	unsigned vm, kswapd, node, zi;
	struct synth s;

	heads(&s, "exact");
	vm = synth_source(&s, "vmstat", "pageoutrun allocstall_normal pgsteal_kswapd");
	kswapd = synth_source(&s, "kswapd0/schedstat", "run_ns wait_ns slices");
	node = synth_source(&s, "node0/vmstat", "nr_free_pages numa_hit numa_miss");
	zi = synth_source(&s, "zoneinfo",
			  "node0.DMA32.free node0.DMA32.min node0.DMA32.low node0.DMA32.high "
			  "node0.DMA32.managed node0.DMA32.nr_zone_inactive_file "
			  "node0.DMA32.nr_zone_active_file node0.DMA32.nr_zone_write_pending "
			  "node0.node_unreclaimable");
	for (unsigned i = 0; i < TICKS; i++) {
		unsigned k = i / 10, stalled = p->stalls_to && i > p->stalls_to ? p->stalls_to : i;

		synth_sample(&s, vm, at(i),
			     (const uint64_t[]){ 9 + p->runs * i, 40 + p->stalls * stalled,
						 100000 * i });
		synth_sample(&s, kswapd, at(i),
			     (const uint64_t[]){ (uint64_t)(p->share * 1e8 * i), 0, i });
		synth_sample(&s, node, at(i),
			     (const uint64_t[]){ p->between && i % 10 ? p->between : p->free[k],
						 5000 + p->allocs * i, 0 });
		if (i % 10 == 0)
			synth_sample(&s, zi, at(i),
				     (const uint64_t[]){ p->free[k], MIN, LOW, HIGH, 40000,
							 p->clean[k], p->dirty, p->dirty,
							 p->given_up[k] });
	}
	judge(&s, g);
}

#define SIX(x) { x, x, x, x, x, x }

Test(invariants_live, kswapd_awake_above_high)
{
	const struct zone awake = { .free = SIX(HIGH + 1), .share = .8 },
			  less = { .free = SIX(HIGH + 1), .share = .79 };
	const struct zone below = { .free = SIX(HIGH), .share = 1 };
	const struct zone dips = {
		.free = { HIGH + 1, HIGH + 1, HIGH + 1, HIGH, HIGH + 1, HIGH + 1 }, .share = 1
	};
	const struct zone between = { .free = SIX(HIGH + 1), .share = 1, .between = HIGH };
	const struct zone span = { .free = { 0, HIGH + 9, HIGH + 9, HIGH + 9, HIGH + 9, 0 },
				   .share = 1 };
	struct got g;

	zone_run(&awake, &g);
	expect(&g, "high-awake", RULE_LIVENESS, "kswapd0 was on a CPU for 80 % of 5.0 s");
	zone_run(&less, &g);
	expect_held(&g, "high-awake");
	zone_run(&below, &g);
	expect_held(&g, "high-awake");
	zone_run(&dips, &g);
	expect_held(&g, "high-awake");
	zone_run(&between, &g);
	expect_held(&g, "high-awake");
	zone_run(&span, &g);
	cr_assert_eq(found(&g, "high-awake")->begin_us, at(10));
	expect(&g, "high-awake", RULE_LIVENESS,
	       "3.0 s while its node had the high watermark at every sample, from -0.0 to 3.0 s of the window");
}

Test(invariants_live, node_under_low_with_kswapd_asleep)
{
	const unsigned mid = MIN + (LOW - MIN) / 2;
	const struct zone ignored = { .free = SIX(mid), .allocs = 10 },
			  higher = { .free = SIX(mid + 1), .allocs = 10 };
	const struct zone idle = { .free = SIX(mid), .allocs = 9 },
			  awake = { .free = SIX(mid), .allocs = 10, .share = .02 };
	const struct zone runs = { .free = SIX(mid), .allocs = 10, .runs = 1 };
	const struct zone given_up = { .free = SIX(mid), .allocs = 10, .given_up = SIX(1) };
	const struct zone brief = { .free = { LOW, LOW, mid, mid, mid, LOW }, .allocs = 10 };
	struct got g;

	zone_run(&ignored, &g);
	expect(&g, "low-ignored", RULE_LIVENESS,
	       "node 0 was nearer to min than to low for 5.0 s and still handed out pages, while kswapd0 slept");
	zone_run(&higher, &g);
	expect_held(&g, "low-ignored");
	zone_run(&idle, &g);
	expect_held(&g, "low-ignored");
	zone_run(&awake, &g);
	expect_held(&g, "low-ignored");
	zone_run(&runs, &g);
	expect_held(&g, "low-ignored");
	zone_run(&given_up, &g);
	expect_held(&g, "low-ignored");
	zone_run(&brief, &g);
	expect_held(&g, "low-ignored");
}

Test(invariants_live, tasks_reclaim_alone)
{
	const struct zone alone = { .free = SIX(LOW), .stalls = 1 },
			  helped = { .free = SIX(LOW), .stalls = 1, .runs = 1 };
	const struct zone awake = { .free = SIX(LOW), .stalls = 1, .share = .02 },
			  few = { .free = SIX(LOW), .stalls = 1, .stalls_to = 19 };
	const struct zone brief = { .free = SIX(LOW), .stalls = 9, .stalls_to = 19 },
			  just = { .free = SIX(LOW), .stalls = 1, .stalls_to = 20 };
	const struct zone given_up = { .free = SIX(LOW),
				       .stalls = 1,
				       .given_up = { 0, 0, 0, 1, 0, 0 } };
	struct got g;

	zone_run(&alone, &g);
	expect(&g, "direct-alone", RULE_LIVENESS,
	       "59 direct reclaims in 5.9 s while every kswapd slept");
	zone_run(&helped, &g);
	expect_held(&g, "direct-alone");
	zone_run(&awake, &g);
	expect_held(&g, "direct-alone");
	zone_run(&few, &g);
	expect_held(&g, "direct-alone");
	zone_run(&brief, &g);
	expect_held(&g, "direct-alone");
	zone_run(&just, &g);
	expect(&g, "direct-alone", RULE_LIVENESS, "20 direct reclaims in 2.0 s");
	zone_run(&given_up, &g);
	expect_held(&g, "direct-alone");
}

Test(invariants_live, node_given_up_too_early)
{
	const struct zone early = { .free = SIX(MIN), .given_up = SIX(1), .clean = SIX(4000) };
	const struct zone empty = { .free = SIX(MIN), .given_up = SIX(1), .clean = SIX(3999) };
	const struct zone dirty = {
		.free = SIX(MIN), .given_up = SIX(1), .clean = SIX(3999), .dirty = 30000
	};
	const struct zone balanced = { .free = SIX(HIGH + 1),
				       .given_up = SIX(1),
				       .clean = SIX(4000) };
	const struct zone brief = { .free = SIX(MIN),
				    .given_up = { 1, 1, 1, 0, 1, 1 },
				    .clean = SIX(4000) };
	struct got g;

	zone_run(&early, &g);
	cr_assert_eq(found(&g, "hopeless")->node, 0);
	expect(&g, "hopeless", RULE_LIVENESS, "with 4000 clean pages of cache on 40000");
	zone_run(&empty, &g);
	expect_held(&g, "hopeless");
	zone_run(&dirty, &g); /* active file pages, all of them under write-back */
	expect_held(&g, "hopeless");
	zone_run(&balanced, &g);
	expect_held(&g, "hopeless");
	zone_run(&brief, &g);
	expect_held(&g, "hopeless");
}

Test(invariants_live, kswapd_goes_to_sleep)
{
	struct synth s;
	struct got g;

	heads(&s, "exact");
	synth_event(&s, at(58), "kswapd.awake", "still reclaiming 2999 ms after the load stopped");
	judge(&s, &g);
	expect_held(&g, "kswapd-drain");
	heads(&s, "exact");
	synth_event(&s, at(58), "kswapd.awake", "still reclaiming 3000 ms after the load stopped");
	judge(&s, &g);
	expect(&g, "kswapd-drain", RULE_LIVENESS,
	       "3.0 s after the load had stopped, from 1.8 to 4.8 s of the window");
}

/* ---------------------------------------------------------------- tasks */

static void killed(unsigned cache0, unsigned cache1, unsigned dirty, const char *log, struct got *g)
{
	unsigned vm, node, zi;
	struct synth s;

	heads(&s, "exact");
	vm = synth_source(&s, "vmstat", "oom_kill");
	for (unsigned i = 0; i < TICKS; i++)
		synth_sample(&s, vm, at(i), (const uint64_t[]){ i >= 33 ? 3 : 1 });
	for (unsigned n = 0; n < 2; n++) {
		node = synth_source(&s, n ? "node1/vmstat" : "node0/vmstat",
				    "nr_active_file nr_inactive_file nr_dirty nr_writeback");
		for (unsigned i = 0; i < TICKS; i += 5)
			synth_sample(&s, node, at(i),
				     (const uint64_t[]){ 15, (n ? cache1 : cache0) - 15 + dirty, 0,
							 dirty });
	}
	/* node 2 has no memory, so nothing is expected of it */
	node = synth_source(&s, "node2/vmstat", "nr_active_file");
	synth_sample(&s, node, at(0), (const uint64_t[]){ 0 });
	zi = synth_source(&s, "zoneinfo",
			  "node0.DMA32.managed node1.DMA32.managed node2.DMA32.managed");
	synth_sample(&s, zi, at(0), (const uint64_t[]){ 1, 1, 0 });
	if (log)
		synth_finding(&s, at(34), "oom-kill", log);
	judge(&s, g);
}

Test(invariants_live, killed_with_cache_left)
{
	const char *const line = "[    5.300000] Out of memory: Killed process 9 (x)";
	const char *const cgroup =
		"[    5.300000] Memory cgroup out of memory: Killed process 9 (x)";
	struct got g;

	/* a tenth of 49152 pages per node */
	killed(4916, 4916, 0, line, &g);
	expect(&g, "oom-cache", RULE_LIVENESS,
	       "2 tasks were killed for want of memory while every node held 10 % or more in clean page cache");
	killed(4915, 9000, 0, line, &g); /* the node that the request could use may have had none */
	expect_held(&g, "oom-cache");
	killed(4915, 4915, 20000, line, &g);
	expect_held(&g, "oom-cache");
	killed(4916, 4916, 0, NULL, &g);
	expect(&g, "oom-cache", RULE_LIVENESS, "from 2.2 to 2.3 s of the window");
	killed(9000, 9000, 0, cgroup, &g);
	expect_skip(&g, "oom-cache", "cgroup");
}

Test(invariants_live, task_in_d_state)
{
	struct synth s;
	struct got g;

	heads(&s, "exact");
	synth_event(&s, at(30), "task.dstate", "3 s anon.0");
	synth_event(&s, at(40), "task.dstate", "4 s anon.0");
	judge(&s, &g);
	expect_held(&g, "task-dstate");
	heads(&s, "exact");
	synth_event(&s, at(30), "task.dstate", "4 s anon.0");
	synth_event(&s, at(40), "task.dstate", "5 s anon.0");
	synth_event(&s, at(52), "task.dstate", "5 s file.1");
	judge(&s, &g);
	cr_assert_eq(found(&g, "task-dstate")->end_us, at(40));
	cr_assert_eq(found(&g, "task-dstate")->begin_us, at(0));
	expect(&g, "task-dstate", RULE_LIVENESS,
	       "anon.0 was found in one uninterruptible sleep 5 times in a row, a second apart (the longest of several)");
}
