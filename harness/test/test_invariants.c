/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test_invariants_synth.h"

/* ---------------------------------------------------------------- identity C */

struct steal {
	const char *target, *extra; /* a header line, "key value" */
	unsigned from, to;	    /* ticks in which pgsteal_anon is off ... */
	int64_t off;		    /* ... by so many pages */
	bool node_counters;	    /* 7.1 */
};

static void steal_run(const struct steal *p, struct got *g)
{
	struct synth s;
	unsigned vm;

	heads(&s, p->target);
	if (p->extra)
		buf_addf(&s.text, "h %s\n", p->extra);
	vm = synth_source(
		&s, "vmstat",
		"pgsteal_kswapd pgsteal_direct pgsteal_khugepaged pgsteal_anon pgsteal_file");
	for (unsigned i = 0; i < TICKS; i++) {
		int64_t off = i >= p->from && i < p->to ? p->off : 0;
		uint64_t v[5] = { 7000 + 640 * i, 100 + 64 * i, 5,
				  3000 + 320ull * i + (uint64_t)off, 9000 + 384 * i };

		synth_sample(&s, vm, at(i), v);
	}
	if (p->node_counters) {
		uint64_t v[1] = { 1 };

		synth_sample(&s, synth_source(&s, "node0/vmstat", "pgscan_direct"), at(0), v);
	}
	judge(&s, g);
}

Test(invariants, steal_by_type_is_steal_by_reclaimer)
{
	const struct steal good = { .target = "exact" },
			   less = { "exact", NULL, 30, TICKS, -200, false };
	const struct steal more = { "exact", NULL, 30, TICKS, 200, false };
	struct got g;

	steal_run(&good, &g);
	expect_held(&g, "identity-c");
	steal_run(&less, &g);
	cr_assert_eq(found(&g, "identity-c")->begin_us, at(30));
	expect(&g, "identity-c", RULE_INVARIANT,
	       "-200, at most 128 can be pages on their way, at 2.0 s of the window");
	steal_run(&more, &g);
	expect(&g, "identity-c", RULE_INVARIANT, "+200");
}

Test(invariants, steal_may_be_under_way)
{
	/* 64 pages per CPU */
	const struct steal just = { "exact", NULL, 30, TICKS, -128, false },
			   over = { "exact", NULL, 30, TICKS, -129, false };
	/* a difference that goes away was only a read in between, and one last sample proves
	 * nothing */
	const struct steal back = { "exact", NULL, 30, TICKS - 1, -9000, false },
			   last = { "exact", NULL, TICKS - 1, TICKS, -9000, false };
	struct got g;

	steal_run(&just, &g);
	expect_held(&g, "identity-c");
	steal_run(&over, &g);
	expect(&g, "identity-c", RULE_INVARIANT, "-129");
	steal_run(&back, &g);
	expect_held(&g, "identity-c");
	steal_run(&last, &g);
	expect_held(&g, "identity-c");
}

Test(invariants, limit_reclaim_is_in_steal_by_type_alone)
{
	const struct steal more = { "host", NULL, 20, TICKS, 5000, false },
			   less = { "host", NULL, 20, TICKS, -5000, false };
	const struct steal knob = { "exact", "knob./sys/fs/cgroup/x/memory.max 1", 20, TICKS, 5000,
				    false };
	const struct steal prose = { .target = "exact",
				     .extra = "scenario.text [scenario]\\nsummary = no cgroup",
				     .from = 20,
				     .to = TICKS,
				     .off = 5000 };
	/* from 7.1 on the counters are in both files, and node counters may lag: 12 more per CPU,
	 * node and counter */
	const struct steal v71 = { "host", NULL, 20, TICKS, 5000, true },
			   lag = { "host", NULL, 20, TICKS, 128 + 288, true };
	const struct steal over = { "host", NULL, 20, TICKS, 128 + 289, true };
	struct got g;

	steal_run(&more, &g);
	expect_held(&g, "identity-c");
	steal_run(&knob, &g);
	expect_held(&g, "identity-c");
	steal_run(&prose, &g);
	expect(&g, "identity-c", RULE_INVARIANT, "+5000");
	steal_run(&less, &g);
	expect(&g, "identity-c", RULE_INVARIANT, "at 1.0 s of the window");
	steal_run(&v71, &g);
	expect(&g, "identity-c", RULE_INVARIANT, "+5000");
	steal_run(&lag, &g);
	expect_held(&g, "identity-c");
	steal_run(&over, &g);
	expect(&g, "identity-c", RULE_INVARIANT, "+417");
}

/* ---------------------------------------------------------------- identities A and B */

struct counts {
	unsigned from;			   /* tick from which on ... */
	int64_t wake, sleep, begin, stall; /* ... counts are off by so many */
	const char *reason;
};

/* Each kswapd turn takes 100 ms; counts are read half a millisecond after vmstat. */
static void counts_run(const struct counts *p, struct got *g)
{
	static const char *const names[] = { "trace/kswapd_wake", "trace/kswapd_sleep",
					     "trace/direct_begin" };
	unsigned vm, id[3], kswapd;
	struct synth s;

	heads(&s, "exact");
	if (p->reason) {
		synth_head(&s, "trace.counts", "no");
		synth_head(&s, "trace.reason", p->reason);
	}
	vm = synth_source(&s, "vmstat",
			  "pageoutrun kswapd_low_wmark_hit_quickly kswapd_high_wmark_hit_quickly "
			  "allocstall_normal allocstall_movable");
	for (unsigned n = 0; n < 2; n++) {
		kswapd = synth_source(&s, n ? "kswapd1/schedstat" : "kswapd0/schedstat",
				      "run_ns wait_ns slices");
		for (unsigned i = 0; i < TICKS; i++)
			synth_sample(&s, kswapd, at(i), (const uint64_t[]){ 1000 * i, 0, i });
	}
	for (unsigned k = 0; k < 3; k++)
		id[k] = synth_source(&s, names[k], "Hits Dropped");
	for (unsigned i = 0; i < TICKS; i++) {
		bool off = i >= p->from;
		/* since boot; counts begin with the run. 3 of 10 turns end in sleep, dropped events
		 * are counted apart */
		uint64_t runs = 10 * i, v[5] = { 500 + runs, 300 + 5 * i, 100 + 2 * i, 40 + 3 * i,
						 7 + 2 * i + (uint64_t)(off ? p->stall : 0) };

		synth_sample(&s, vm, at(i), v);
		synth_sample(&s, id[0], at(i) + 500,
			     (const uint64_t[]){ runs - i + (uint64_t)(off ? p->wake : 0), i });
		synth_sample(&s, id[1], at(i) + 500,
			     (const uint64_t[]){ 3 * i + (uint64_t)(off ? p->sleep : 0), 0 });
		synth_sample(&s, id[2], at(i) + 500,
			     (const uint64_t[]){ 5 * i + (uint64_t)(off ? p->begin : 0), 0 });
	}
	judge(&s, g);
}

Test(invariants, every_turn_of_kswapd_is_counted_once)
{
	const struct counts good = { .from = 0 };
	struct got g;

	counts_run(&good, &g);
	cr_assert_null(found(&g, "identity-b"));
	expect_held(&g, "identity-a");
	/*
	 * Between two samples lie ten turns, and two kswapds may each be between event and count:
	 * nothing under 12 is proof, and everything over it is.
	 */
	for (int sign = -1; sign <= 1; sign += 2) {
		const struct counts few = { .from = 25, .wake = sign * 12 },
				    many = { .from = 25, .wake = sign * 13 };
		const struct counts sleeps = { .from = 25, .sleep = sign * 50 };

		counts_run(&few, &g);
		expect_held(&g, "identity-a");
		counts_run(&many, &g);
		cr_assert_eq(found(&g, "identity-a")->begin_us, at(25) + 500);
		expect(&g, "identity-a", RULE_INVARIANT, "at 1.5 s of the window");
		counts_run(&sleeps, &g);
		expect(&g, "identity-a", RULE_INVARIANT,
		       "low_quick + high_quick + events kswapd_sleep");
	}
}

Test(invariants, every_direct_reclaim_is_counted_at_least_once)
{
	const struct counts retries = { .from = 20, .stall = 900 },
			    few = { .from = 20, .begin = 5 + 4 },
			    many = { .from = 20, .begin = 5 + 5 };
	struct got g;

	counts_run(&retries, &g);
	expect_held(&g, "identity-b");
	/* five in 100 ms, and two per CPU between the event and the count */
	counts_run(&few, &g);
	expect_held(&g, "identity-b");
	counts_run(&many, &g);
	expect(&g, "identity-b", RULE_INVARIANT,
	       "grew by 1 less than the events direct_reclaim_begin (whole window: 200 and 210)");
}

Test(invariants, without_counts_a_rule_says_why)
{
	const struct counts none = { .reason = "no tracefs" };
	struct got g;

	counts_run(&none, &g);
	cr_assert_str_eq(result(&g, "identity-b")->reason, "no tracefs");
	expect_skip(&g, "identity-a", "no tracefs");
}

/* Wake-ups were counted once, before vmstat was sampled at all; sleeps were, and are too many. */
Test(invariants, a_part_that_fails_outweighs_one_that_cannot_be_judged)
{
	for (int more = 0; more <= 1; more++) {
		unsigned vm, wake, sleep;
		struct synth s;
		struct got g;

		heads(&s, "exact");
		wake = synth_source(&s, "trace/kswapd_wake", "Hits Dropped");
		synth_sample(&s, wake, 1000, (const uint64_t[]){ 7, 0 });
		sleep = synth_source(&s, "trace/kswapd_sleep", "Hits Dropped");
		vm = synth_source(
			&s, "vmstat",
			"pageoutrun kswapd_low_wmark_hit_quickly kswapd_high_wmark_hit_quickly");
		for (unsigned i = 0; i < TICKS; i++) {
			uint64_t off = more && i > 30 ? 50 : 0;

			synth_sample(&s, vm, at(i), (const uint64_t[]){ 10 * i, 5 * i, 2 * i });
			synth_sample(&s, sleep, at(i) + 500, (const uint64_t[]){ 3 * i + off, 0 });
		}
		judge(&s, &g);
		cr_assert_eq(result(&g, "identity-a")->nr, 1);
		if (more)
			expect(&g, "identity-a", RULE_INVARIANT, "events kswapd_sleep by");
		else
			expect_skip(&g, "identity-a", "no count of kswapd_wake");
	}
}

Test(invariants, lost_events_spare_the_run)
{
	struct synth s;
	struct got g;

	heads(&s, "exact");
	synth_result(&s, "@kernel", 0, "direct_reclaim_lost", 3);
	judge(&s, &g);
	expect_skip(&g, "trace-lost", "3 direct reclaims are not in the stall histogram");
	heads(&s, "exact");
	synth_result(&s, "@kernel", 0, "direct_reclaim_lost", 0);
	judge(&s, &g);
	expect_held(&g, "trace-lost");
}

/* ---------------------------------------------------------------- sanity */

static void one_key(const char *source, const char *key, uint64_t before, uint64_t after,
		    struct got *g)
{
	struct synth s;
	unsigned id;

	heads(&s, "exact");
	id = synth_source(&s, source, key);
	for (unsigned i = 0; i < TICKS; i++)
		synth_sample(&s, id, at(i), i < 32 ? &before : &after);
	if (strcmp(source, "node0/vmstat") != 0) {
		uint64_t v[1] = { 1 };

		synth_sample(&s, synth_source(&s, "node0/vmstat", "workingset_refault"), at(0), v);
	}
	judge(&s, g);
}

Test(invariants, events_only_grow)
{
	static const struct {
		const char *source, *key;
		uint64_t before, after;
		const char *found; /* NULL = the rule holds */
	} cases[] = {
		{ "vmstat", "pageoutrun", 1000, 1000, NULL },
		{ "vmstat", "pageoutrun", 1000, 999,
		  "vmstat pageoutrun fell from 1000 to 999, at 2.2 s of the window" },
		{ "vmstat", "nr_free_pages", 1000, 9, NULL },
		{ "vmstat", "workingset_nodes", 1000, 9, NULL },
		{ "kswapd0/schedstat", "run_ns", 1000, 999, "kswapd0/schedstat run_ns" },
		{ "pressure/memory", "some.total", 1000, 999, "pressure/memory some.total" },
		/* a node counter may owe a threshold: 12 per CPU and node with 2 CPUs and 384 MiB
		 */
		{ "vmstat", "nr_dirtied", 1000, 1000 - 48, NULL },
		{ "vmstat", "nr_dirtied", 1000, 1000 - 49, "nr_dirtied fell" },
		{ "node0/vmstat", "pgsteal_kswapd", 1000, 1000 - 48, NULL },
		{ "vmstat", "pgsteal_kswapd", 1000, 999, "pgsteal_kswapd fell" },
		/* damage, or a counter that wrapped: no machine counts so fast */
		{ "vmstat", "pgsteal_kswapd", 1000, 1000000000, NULL },
		{ "vmstat", "pgsteal_kswapd", 1000, 9000000000000001000,
		  "vmstat pgsteal_kswapd rose by 9000000000000000000 within 0.100 s" },
		{ "kswapd0/schedstat", "run_ns", 0, 9000000000000000000,
		  "kswapd0/schedstat run_ns rose" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct got g;

		one_key(cases[i].source, cases[i].key, cases[i].before, cases[i].after, &g);
		if (cases[i].found)
			expect(&g, "monotonic", RULE_INVARIANT, cases[i].found);
		else
			expect_held(&g, "monotonic");
	}
}

Test(invariants, gauges_fit_into_memory)
{
	struct got g;

	one_key("vmstat", "nr_inactive_anon", 0, 393216, &g);
	expect_held(&g, "absurd");
	one_key("vmstat", "nr_inactive_anon", 0, 393217, &g);
	expect(&g, "absurd", RULE_INVARIANT,
	       "nr_inactive_anon is 393217, more than the 393216 KiB");
	one_key("vmstat", "nr_inactive_anon", 0, (uint64_t)-3, &g);
	expect(&g, "absurd", RULE_INVARIANT, "nr_inactive_anon is -3, at 2.2 s of the window");
	one_key("vmstat", "pgfault", 0, 393217000, &g);
	expect_held(&g, "absurd");
	one_key("vmstat", "pgfault", 0, 1ull << 63, &g);
	expect(&g, "absurd", RULE_INVARIANT, "pgfault is -9223372036854775808");
	one_key("vmstat", "nr_dirty_threshold", 0, 393216000, &g); /* of vm.dirty_bytes */
	expect_held(&g, "absurd");
}

Test(invariants, window_and_archive)
{
	uint64_t v[1] = { 0 };
	struct synth s;
	struct got g;

	heads(&s, "exact");
	synth_seal(&s);
	judge_open(&s, &g);
	cr_assert_null(found(&g, "archive"));
	expect(&g, "window", RULE_INVARIANT, "no window");

	/* the run's outcome says it already */
	heads(&s, "exact");
	synth_head(&s, "run.outcome", "overrun");
	synth_seal(&s);
	judge_open(&s, &g);
	expect_held(&g, "window");

	heads(&s, "exact");
	v[0] = synth_source(&s, "vmstat", "pgfault");
	synth_sample(&s, (unsigned)v[0], at(10), (const uint64_t[]){ 1 });
	synth_sample(&s, (unsigned)v[0], at(40), (const uint64_t[]){ 2 });
	judge(&s, &g);
	expect(&g, "window", RULE_INVARIANT, "no sample of vmstat belongs to the mark window-end");

	heads(&s, "exact");
	judge_open(&s, &g); /* no end line */
	expect(&g, "archive", RULE_INVARIANT, "truncated");

	heads(&s, "exact");
	synth_event(&s, at(20), "archive.dropped", "7");
	judge(&s, &g);
	expect(&g, "archive", RULE_INVARIANT,
	       "dropped lines: its ring was full, at 1.0 s of the window");
}

static void sampled(unsigned ticks, unsigned lost, unsigned gap, struct got *g)
{
	struct synth s;
	unsigned vm;

	heads(&s, "exact");
	vm = synth_source(&s, "vmstat", "pgfault");
	for (unsigned i = 0; i < ticks; i++)
		synth_sample(&s, vm, at(i < 20 ? i : i + gap), (const uint64_t[]){ i });
	buf_addf(&s.text, "lost %u %u\n", vm, lost);
	judge(&s, g);
}

Test(invariants, samples_are_there)
{
	struct got g;

	sampled(54, 6, 0, &g);
	expect_held(&g, "sampler-missed");
	sampled(54, 7, 0, &g);
	expect(&g, "sampler-missed", RULE_INVARIANT, "vmstat: 7 of 61 samples were missed");
	sampled(10, 4, 0, &g); /* a hiccup of a short run */
	expect_held(&g, "sampler-missed");
	sampled(60, 30, 19, &g); /* 2.0 s without one */
	expect_held(&g, "sampler-starved");
	sampled(60, 0, 20, &g); /* none was due */
	expect_held(&g, "sampler-starved");
	sampled(60, 30, 20, &g);
	expect(&g, "sampler-starved", RULE_LIVENESS,
	       "no sample of vmstat for 2.1 s, from 0.9 to 3.0 s of the window");
}

/* ---------------------------------------------------------------- kswapd threads */

static void threads(const char *nodes, const char *cpus0, const char *allowed0, const char *cmdline,
		    struct got *g)
{
	struct synth s;

	heads(&s, "exact");
	synth_head(&s, "kernel.cmdline", cmdline);
	synth_head(&s, "kswapd.nodes", nodes);
	synth_head(&s, "numa.node0.cpus", cpus0);
	synth_head(&s, "kswapd.node0.cpus", allowed0);
	judge(&s, g);
}

Test(invariants, kswapd_is_where_its_memory_is)
{
	struct got g;

	threads("0-1", "0", "0", "quiet", &g);
	cr_assert_null(found(&g, "kswapd-affinity"));
	expect_held(&g, "kswapd-threads");
	threads("0", "0", "0", "quiet", &g);
	expect(&g, "kswapd-threads", RULE_LIVENESS,
	       "nodes with memory: 0-1; nodes with a kswapd: 0");
	threads("0-2", "0", "0", "quiet", &g);
	expect(&g, "kswapd-threads", RULE_LIVENESS, "a kswapd: 0-2");
	threads("0-1", "0", "0-1", "quiet", &g);
	expect(&g, "kswapd-affinity", RULE_LIVENESS, "kswapd0 may run on CPUs 0-1, its node has 0");
	threads("0-1", "0-1", "0", "quiet", &g);
	cr_assert_not_null(found(&g, "kswapd-affinity"));
	got_release(&g);
	threads("0-1", "0-1", "0-3", "quiet", &g); /* 2 and 3 went offline since */
	expect_held(&g, "kswapd-affinity");
	threads("0-1", "0-1", "0,2", "quiet", &g);
	expect(&g, "kswapd-affinity", RULE_LIVENESS,
	       "kswapd0 may run on CPUs 0,2, its node has 0-1");
	threads("0-1", "0-1", "0", "isolcpus=1", &g); /* kept off one CPU of its node */
	expect_held(&g, "kswapd-affinity");
	threads("0-1", "", "0-1", "quiet", &g); /* a node without CPUs */
	expect_held(&g, "kswapd-affinity");
	threads("0-1", "", "1", "quiet", &g);
	expect(&g, "kswapd-affinity", RULE_LIVENESS, "its node has none");
}

/* ---------------------------------------------------------------- kernel log */

static void logged(const char *finding, const char *text, struct got *g)
{
	struct synth s;

	heads(&s, "exact");
	if (finding)
		synth_finding(&s, at(45), finding, text);
	judge(&s, g);
}

Test(invariants, kernel_log)
{
	static const struct {
		const char *finding, *rule;
		enum rule_class cls;
	} rows[] = {
		{ "panic", "log-oops", RULE_INVARIANT },
		{ "oops", "log-oops", RULE_INVARIANT },
		{ "lockup", "log-lockup", RULE_LIVENESS },
		{ "hung-task", "log-hung-task", RULE_LIVENESS },
		{ "allocation-failure", "log-allocation-failure", RULE_LIVENESS },
		{ "warning", "log-warning", RULE_LIVENESS },
	};
	struct got g;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		logged(NULL, NULL, &g);
		expect_held(&g, rows[i].rule);
		/* the run began 2 s after boot; the record was read 1 s late */
		logged(rows[i].finding, "[    5.505020] the words", &g);
		cr_assert_eq(found(&g, rows[i].rule)->begin_us, 3505020);
		cr_assert_eq(found(&g, rows[i].rule)->broke, rows[i].cls == RULE_INVARIANT);
		expect(&g, rows[i].rule, rows[i].cls, ": the words, at 2.5 s of the window");
	}
	/* the record has no time, or one of another clock: the time of the read counts */
	logged("oops", "BUG: x", &g);
	expect(&g, "log-oops", RULE_INVARIANT, "oops: BUG: x, at 3.5 s of the window");
	logged("oops", "[    1.000000] BUG: x", &g);
	expect(&g, "log-oops", RULE_INVARIANT, "oops: BUG: x, at 3.5 s of the window");
	logged("oops", "[   99.000000] BUG: x", &g);
	expect(&g, "log-oops", RULE_INVARIANT, "oops: BUG: x, at 3.5 s of the window");
	logged("oom-kill", "[    5.505020] Out of memory: Killed process 1", &g);
	expect_held(&g, "log-oops");
}

Test(invariants, panic_comes_by_the_console)
{
	struct synth s;
	struct got g;

	heads(&s, "exact");
	synth_mark(&s, 1000000, "window-begin");
	buf_addstr(
		&s.text,
		"H outcome panic\n"
		"H outcome.detail [    4.714048] Kernel panic - not syncing: sysrq triggered crash\n");
	judge_open(&s, &g);
	expect(&g, "log-oops", RULE_INVARIANT,
	       "panic: Kernel panic - not syncing: sysrq triggered crash, at 2.7 s of the run");
}

/* ---------------------------------------------------------------- the table */

Test(invariants, a_good_run_has_no_finding)
{
	struct synth s;
	struct got g;

	heads(&s, "exact");
	judge(&s, &g);
	for (size_t i = 0; i < g.nr; i++)
		cr_assert_neq(g.r[i].state, RULE_FAIL, "%s", g.r[i].rule->name);
	/* the finding says what the run lacks */
	expect_skip(&g, "kswapd-spins", "not sampled");
}

Test(invariants, table_has_help)
{
	size_t nr = 0;

	for (const struct rule *r; (r = rule_listed(nr)); nr++) {
		cr_assert_gt(strlen(r->help), 40, "%s", r->name);
		for (size_t i = 0; i < nr; i++)
			cr_assert_str_neq(r->name, rule_listed(i)->name);
	}
	cr_assert_gt(nr, 20);
}
