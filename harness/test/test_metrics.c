/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics of one small archive, every value worked out by hand. Window: 2 s to 12 s. */
#include <criterion/criterion.h>
#include <math.h>

#include "judge/scale.h"
#include "evidence/counters.h"
#include "metric/metric.h"
#include "test/synth.h"

/*
 * Samples before the window, at its two ends and after it. In the window: .8 stolen of what kswapd
 * scanned, .5 of what direct reclaim did; 512 stalls; 100 runs, 25 low and 5 high quick; 4 GiB
 * allocated; 3 GiB stolen by type (anon 1, file 2: memcg limits beside the 2.5 of both reclaimers);
 * 65536 refaults; 64 + 4 MiB in, 1 GiB + 8 MiB out; 5000 objects; slab to half, file to a quarter.
 */
static const struct synth_row vmstat[] = {
	{ "pgscan_kswapd", { 5, 1000, 1000 + 655360, 900000 } },
	{ "pgsteal_kswapd", { 5, 500, 500 + 524288, 900000 } },
	{ "pgscan_direct", { 5, 100, 100 + 262144, 900000 } },
	{ "pgsteal_direct", { 5, 50, 50 + 131072, 900000 } },
	{ "allocstall_normal", { 5, 3, 3 + 500, 900 } },
	{ "allocstall_movable", { 5, 4, 4 + 12, 900 } },
	{ "pageoutrun", { 5, 10, 10 + 100, 900 } },
	{ "kswapd_low_wmark_hit_quickly", { 5, 2, 2 + 25, 900 } },
	{ "pgalloc_normal", { 5, 100000, 100000 + 1048576, 9000000 } },
	{ "pgscan_anon", { 5, 600, 600 + 262144, 900000 } },
	{ "pgscan_file", { 5, 500, 500 + 655360, 900000 } },
	{ "pgsteal_anon", { 5, 300, 300 + 262144, 900000 } },
	{ "pgsteal_file", { 5, 250, 250 + 524288, 900000 } },
	{ "workingset_refault_anon", { 5, 10, 10 + 32768, 90000 } },
	{ "workingset_refault_file", { 5, 20, 20 + 32768, 90000 } },
	{ "pswpin", { 5, 0, 16384, 90000 } },
	{ "pswpout", { 5, 0, 262144, 900000 } },
	{ "slabs_scanned", { 5, 100, 100 + 5000, 90000 } },
	{ "nr_slab_reclaimable", { 9000, 8000, 4000, 1 } },
	{ "nr_active_file", { 1, 30000, 9000, 1 } },
	{ "nr_inactive_file", { 1, 10000, 1000, 1 } },
	{ "oom_kill", { 5, 0, 2, 9 } },
	{ "compact_stall", { 5, 7, 7 + 3, 90 } },
	{ "pgmajfault", { 5, 9, 9 + 40, 90 } },
	{ "kswapd_high_wmark_hit_quickly", { 2, 3, 3 + 5, 90 } },
	{ "swpin_zero", { 0, 1, 1 + 1024, 9000 } },
	{ "swpout_zero", { 0, 2, 2 + 2048, 9000 } },
};

static void add_vmstat(struct synth *s)
{
	static const uint64_t at[] = { 500000, 1999000, 11999000, 13000000 };

	synth_table(s, synth_source(s, "vmstat", ""), at, ARRAY_SIZE(at), vmstat,
		    ARRAY_SIZE(vmstat));
}

static void add_marks(struct synth *s)
{
	synth_mark(s, 2000000, "window-begin");
	synth_mark(s, 12000000, "window-end");
}

static void add_kswapd_and_psi(struct synth *s)
{
	unsigned k0 = synth_source(s, "kswapd0/schedstat", "run_ns wait_ns slices");
	unsigned k1 = synth_source(s, "kswapd1/schedstat", "run_ns wait_ns slices");
	unsigned psi = synth_source(s, "pressure/memory", "some.avg10 some.total full.total");

	synth_sample(s, k0, 1999000, (uint64_t[]){ 1000000, 0, 1 });
	synth_sample(s, k0, 11999000, (uint64_t[]){ 3001000000, 5, 9 }); /* 3 s */
	synth_sample(s, k1, 1999000, (uint64_t[]){ 0, 0, 1 });
	synth_sample(s, k1, 11999000, (uint64_t[]){ 1000000000, 5, 9 }); /* 1 s */
	synth_sample(s, psi, 1999000, (uint64_t[]){ 0, 100, 50 });
	synth_sample(s, psi, 11999000, (uint64_t[]){ 0, 2500100, 500050 });
}

/*
 * Two nodes. Node 0: DMA guarded by a reserve of 4000 from requests for Normal (the third zone:
 * index 2), so it never counts; Normal low 1200, high 1700, both with a boost of 200 in them, as
 * the kernel prints them. Node 1 has one zone. Samples at 1.9, 4, 6, 8, 11.9 and 14 s.
 */
static void add_zoneinfo(struct synth *s)
{
	static const struct {
		uint64_t t_us, normal0, normal1;
	} at[] = {
		{ 1900000, 50000, 9000 },
		/* node 0 stands at low, above it, at min (node 1 at high), and recovers */
		{ 4000000, 1200, 9000 },
		{ 6000000, 1201, 9000 },
		{ 8000000, 1100, 2500 },
		{ 11900000, 5500, 9000 },
		{ 14000000, 0, 0 },
	};
	unsigned id = synth_source(s, "zoneinfo", "");

	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		const struct {
			const char *key;
			uint64_t v;
		} zone[] = {
			{ "node0.DMA.free", 3800 },
			{ "node0.DMA.low", 10 },
			{ "node0.DMA.high", 20 },
			{ "node0.DMA.managed", 4000 },
			{ "node0.DMA.protection_0", 0 },
			{ "node0.DMA.protection_1", 4000 },
			{ "node0.DMA.protection_2", 4000 },
			{ "node0.DMA32.free", 0 },
			{ "node0.DMA32.managed", 0 },
			{ "node0.nr_dirty", 7 },
			{ "node0.Normal.free", at[i].normal0 },
			{ "node0.Normal.boost", 200 },
			{ "node0.Normal.low", 1200 },
			{ "node0.Normal.high", 1700 },
			{ "node0.Normal.managed", 90000 },
			{ "node0.Normal.protection_2", 0 },
			{ "node0.Movable.managed", 0 },
			{ "node1.Normal.free", at[i].normal1 },
			{ "node1.Normal.low", 1000 },
			{ "node1.Normal.high", 2500 },
			{ "node1.Normal.managed", 90000 },
			{ "node0.DMA.min", 5 },
			{ "node0.Normal.min", 1100 },
			{ "node1.Normal.min", 700 },
		};
		uint64_t v[ARRAY_SIZE(zone)];

		for (size_t k = 0; k < ARRAY_SIZE(zone); k++) {
			if (!i)
				synth_key(s, id, zone[k].key);
			v[k] = zone[k].v;
		}
		synth_sample(s, id, at[i].t_us, v);
	}
}

static void add_results(struct synth *s)
{
	synth_result(s, "touch", 0, "elapsed_s", 8);
	synth_result(s, "touch", 0, "ops.fault", 800);
	synth_result(s, "touch", 0, "bytes.fault", 8.0 * 3 * 1048576);
	synth_result(s, "touch", 0, "failures.fault", 2);
	synth_result(s, "touch", 0, "rss_bytes", 100);
	synth_result(s, "touch", 1, "elapsed_s", 10);
	synth_result(s, "touch", 1, "ops.fault", 500);
	synth_result(s, "touch", 1, "bytes.fault", 10.0 * 1048576);
	synth_result(s, "touch", 1, "failures.fault", 1);
	synth_result(s, "touch", 1, "rss_bytes", 300);
	synth_result(s, "files", 0, "elapsed_s", 4);
	synth_result(s, "files", 0, "ops.read", 1000);
	/* 98 faults of 32 ns in one instance, 2 of 60 ns in the other: p50 32, p99 and max 60 */
	synth_hist(s, "touch", 0, "fault", 98, 32);
	synth_hist(s, "touch", 1, "fault", 2, 60);
}

static void make(struct archive *a)
{
	struct synth s;

	synth_init(&s);
	add_vmstat(&s);
	add_kswapd_and_psi(&s);
	add_zoneinfo(&s);
	add_marks(&s);
	add_results(&s);
	synth_seal(&s);
	synth_parse(&s, "hand", a);
	cr_assert(a->complete, "%s", a->why);
}

static const struct metric *row(const struct metric *table, const char *name)
{
	for (; table->name; table++)
		if (!strcmp(table->name, name))
			return table;
	return NULL;
}

static const struct {
	const char *name;
	double want;
} by_hand[] = {
	{ "steal_scan", 655360 / 917504.0 },
	{ "steal_scan_kswapd", .8 },
	{ "steal_scan_direct", .5 },
	{ "direct_share", .2 },		      /* 131072 / 655360 */
	{ "stalls_per_gib", 128 },	      /* 512 / 4 GiB */
	{ "kswapd_runs_per_gib", 25 },	      /* 100 / 4 GiB */
	{ "kswapd_runs_per_gib_stolen", 50 }, /* 100 / 2 GiB */
	{ "pages_per_run", 5242.88 },
	{ "low_quick_share", .25 },
	{ "high_quick_share", .05 },
	{ "kswapd_sleep_share", .7 },
	{ "kswapd_cpu_ms_per_gib", 1000 },	  /* 4 s / 4 GiB allocated */
	{ "kswapd_cpu_ms_per_gib_stolen", 2000 }, /* 4 s / 2 GiB */
	{ "kswapd_duty", .2 },			  /* 4 s of 2 x 10 s */
	{ "scan_kswapd_per_s", 65536 },
	{ "steal_direct_per_s", 13107.2 },
	{ "refaults_per_steal", 1 / 12.0 }, /* 65536 / 786432 */
	{ "refaults_per_gib", 64 },	    /* 256 MiB / 4 GiB */
	{ "swap_in_per_gib", 17 },	    /* 64 + 4 MiB / 4 GiB */
	{ "swap_out_per_gib", 258 },
	{ "major_faults_per_gib", 10 },
	{ "slab_scanned_per_gib", 1250 }, /* 5000 / 4 GiB */
	{ "swap_per_gib", 275 },
	{ "slab_cache_balance", 4000 / 14000.0 },
	{ "kswapd_duty_node0", .3 },
	{ "kswapd_duty_node1", .1 },
	{ "psi_mem_some_share", .25 },
	{ "psi_mem_full_share", .05 },
	{ "oom_kills", 2 },
	{ "compact_stalls", 3 },
	{ "window_s", 10 },
	{ "below_low_s_node0", 5.9 }, /* 4 to 6 s, where it stands at the mark, and 8 to 11.9 s */
	{ "below_low_s_node1", 0 },
	{ "below_min_s_node0", 3.9 }, /* 1100 at 8 s */
	{ "below_min_s_node1", 0 },
	/* 5500 - 1700 at 11.9 s; the 50000 of the start came before it fell */
	{ "peak_free_above_high_node0", 3800 },
	{ "peak_free_above_high_node1", 6500 }, /* it stood at high at 8 s */
	{ "touch.fault_mean_us", .03256 },
	{ "touch.fault_p50_us", .032 },
	{ "touch.fault_p99_us", .060 },
	{ "touch.fault_max_us", .060 },
	{ "touch.fault_rate", 150 }, /* 800 / 8 + 500 / 10 */
	{ "touch.fault_mib_per_s", 4 },
	{ "touch.fault_failures", 3 },
	{ "touch.elapsed_s", 10 },
	{ "touch.rss_bytes", 200 },
	{ "files.read_rate", 250 },
};

Test(metrics, by_hand)
{
	struct arena mem = ARENA_INIT;
	struct archive a;
	struct run_view v;
	const struct archive *runs[] = { &a };
	const struct metric *table;

	make(&a);
	run_view_init(&v, &a);
	cr_assert(v.has_window && v.seconds == 10);
	table = metrics_for(runs, 1, &mem, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(by_hand); i++) {
		const struct metric *m = row(table, by_hand[i].name);
		double got = NAN;

		cr_assert(m, "no row %s", by_hand[i].name);
		cr_assert(m->fn(&v, m, &got), "%s: ABSENT", by_hand[i].name);
		cr_assert_float_eq(got, by_hand[i].want, 1e-9 * (1 + by_hand[i].want),
				   "%s: %.12g, by hand %.12g", by_hand[i].name, got,
				   by_hand[i].want);
	}
	arena_release(&mem);
	archive_release(&a);
}

/*
 * One headline per workload: mean and 99th percentile of its first operation where latencies were
 * taken, else its rate.
 */
Test(metrics, headline)
{
	struct arena mem = ARENA_INIT;
	struct archive a;
	const struct archive *runs[] = { &a, &a };
	const struct metric *table;
	size_t primary = 0;

	make(&a);
	table = metrics_for(runs, 2, &mem, NULL);
	for (const struct metric *m = table; m->name; m++)
		primary += m->cls == METRIC_PRIMARY;
	cr_assert_eq(primary, 7);
	cr_assert_eq(row(table, "touch.fault_mean_us")->cls, METRIC_PRIMARY);
	cr_assert_eq(row(table, "touch.fault_p99_us")->cls, METRIC_PRIMARY);
	cr_assert_eq(row(table, "touch.fault_rate")->cls, METRIC_SECONDARY);
	cr_assert_eq(row(table, "files.read_rate")->cls, METRIC_PRIMARY);
	cr_assert_eq(row(table, "touch.rss_bytes")->cls, METRIC_DIAGNOSTIC);
	for (const struct metric *m = table; m->name; m++)
		cr_assert_eq(row(table, m->name), m, "%s stands twice", m->name);
	arena_release(&mem);
	archive_release(&a);
}

static void add_probe(struct synth *s, const char *scenario_text)
{
	synth_head(s, "scenario.text", scenario_text);
	synth_result(s, "users", 0, "elapsed_s", 10);
	synth_result(s, "users", 0, "ops.alloc", 1000);
	synth_result(s, "users", 0, "ops.slow", 20);
	synth_result(s, "users", 0, "bytes.slow", 4096);
	synth_result(s, "users", 0, "failures.slow", 0);
	synth_result(s, "users", 0, "late_max_ns", 7);
	synth_result(s, "load", 0, "elapsed_s", 10);
	synth_result(s, "load", 0, "peak_kb", 7);
	synth_result(s, "load", 0, "odd", 7);
	synth_result(s, "load", 0, "idle_pct", 7);
	synth_result(s, "load", 0, "wait_us", 7);
	synth_result(s, "load", 0, "setup_s", 7);
	synth_hist(s, "users", 0, "slow", 2, 64);
	synth_hist(s, "users", 0, "alloc", 2, 32);
}

/* Slow operations are a count; a background workload's time is the window's; notes carry their unit
 * in their name. */
Test(metrics, probe_and_notes)
{
	static const struct {
		const char *name, *unit;
	} notes[] = {
		{ "users.late_max_ns", "ns" }, { "load.peak_kb", "KiB" }, { "load.odd", "" },
		{ "load.idle_pct", "%" },      { "load.wait_us", "us" },  { "load.setup_s", "s" },
	};
	static const char *const none[] = { "users.slow_p50_us", "users.slow_p99_us",
					    "users.slow_max_us", "users.slow_mib_per_s",
					    "users.slow_failures" };
	struct arena mem = ARENA_INIT;
	const struct metric *table, *m;
	const struct archive *runs[1];
	struct archive a;
	struct run_view v;
	struct synth s;
	double got;

	synth_init(&s);
	add_probe(&s, "[scenario]\\nname = load\\n[workload users]\\ntype = probe\\n"
		      "[workload load]\\n; background = yes\\n");
	add_marks(&s);
	synth_seal(&s);
	synth_parse(&s, "probe", &a);
	runs[0] = &a;
	run_view_init(&v, &a);
	table = metrics_for(runs, 1, &mem, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		cr_assert_null(row(table, none[i]), "%s", none[i]);
	m = row(table, "users.slow_rate");
	cr_assert(m && m->better == BETTER_LOWER && m->cls == METRIC_SECONDARY);
	cr_assert(m->fn(&v, m, &got) && got == 2);
	cr_assert_eq(row(table, "users.alloc_mean_us")->cls, METRIC_PRIMARY);
	cr_assert_eq(row(table, "users.alloc_mean_us")->step, 0);
	cr_assert_eq(row(table, "users.alloc_p99_us")->cls, METRIC_PRIMARY);
	cr_assert_float_eq(row(table, "users.alloc_p99_us")->step, 1 / 64.0, 1e-12);
	cr_assert_eq(row(table, "users.elapsed_s")->cls, METRIC_DIAGNOSTIC);
	cr_assert_eq(row(table, "users.elapsed_s")->better, BETTER_NEITHER);
	cr_assert_eq(row(table, "load.elapsed_s")->better, BETTER_LOWER, "a comment is no key");
	for (size_t i = 0; i < ARRAY_SIZE(notes); i++)
		cr_assert_str_eq(row(table, notes[i].name)->unit, notes[i].unit, "%s",
				 notes[i].name);
	archive_release(&a);

	synth_init(&s);
	add_probe(&s, "[workload load]\\nbackground = yes\\nmode = read");
	synth_seal(&s);
	synth_parse(&s, "background", &a);
	table = metrics_for(runs, 1, &mem, NULL);
	cr_assert_eq(row(table, "load.elapsed_s")->better, BETTER_NEITHER);
	cr_assert_eq(row(table, "users.elapsed_s")->better, BETTER_LOWER);
	archive_release(&a);
	arena_release(&mem);
}

/* An archive with very many result names gives a bounded table, which says what it left out. */
Test(metrics, too_many_results)
{
	struct arena mem = ARENA_INIT;
	const struct metric *table;
	const struct archive *runs[1];
	struct archive a;
	struct synth s;
	size_t rows = 0, fixed = 0, left_out = 0;
	char key[32];

	synth_init(&s);
	for (int i = 0; i < METRIC_WORKLOAD_ROWS + 88; i++) {
		snprintf(key, sizeof(key), "note%d", i);
		synth_result(&s, "wild", 0, key, i);
	}
	synth_seal(&s);
	synth_parse(&s, "wild", &a);
	runs[0] = &a;
	table = metrics_for(runs, 1, &mem, &left_out);
	while (table[rows].name)
		rows++;
	while (metrics_for(NULL, 0, &mem, NULL)[fixed].name)
		fixed++;
	cr_assert_eq(rows, fixed + METRIC_WORKLOAD_ROWS);
	cr_assert_eq(left_out, 88);
	arena_release(&mem);
	archive_release(&a);
}

/* A metric that also falls when reclaim does more than needed has no better direction. */
Test(metrics, directions)
{
	static const char *const neither[] = { "refaults_per_steal",
					       "kswapd_cpu_ms_per_gib_stolen",
					       "kswapd_runs_per_gib_stolen",
					       "direct_share",
					       "low_quick_share",
					       "high_quick_share",
					       "pages_per_run" };

	for (size_t i = 0; i < ARRAY_SIZE(neither); i++)
		cr_assert_eq(metric_find(neither[i])->better, BETTER_NEITHER, "%s", neither[i]);
	cr_assert_eq(metric_find("kswapd_sleep_share")->better, BETTER_HIGHER);
	cr_assert_eq(metric_find("kswapd_cpu_ms_per_gib")->cls, METRIC_PRIMARY);
	cr_assert_eq(metric_find("refaults_per_gib")->cls, METRIC_PRIMARY);
	cr_assert_str_eq(metric_find("kswapd_cpu_ms_per_gib")->arg, "alloc.pages");
}

/* What a run does not hold is ABSENT, never 0. */
Test(metrics, absent)
{
	static const char *const present[] = { "window_s" };
	struct arena mem = ARENA_INIT;
	struct synth s;
	struct archive a;
	struct run_view v;
	const struct archive *runs[] = { &a };
	double got = 42;

	synth_init(&s);
	add_marks(&s);
	synth_seal(&s);
	synth_parse(&s, "empty", &a);
	run_view_init(&v, &a);
	for (const struct metric *m = metrics_for(runs, 1, &mem, NULL); m->name; m++)
		cr_assert_eq(m->fn(&v, m, &got), !strcmp(m->name, present[0]), "%s", m->name);
	cr_assert(!run_counter(&v, "scan.kswapd", &got) && !run_counter(&v, "no.such", &got));
	arena_release(&mem);
	archive_release(&a);
}

/* No window: every metric of the window is ABSENT; nothing scanned: no efficiency. */
Test(metrics, no_window_and_no_work)
{
	struct synth s;
	struct archive a;
	struct run_view v;
	double got;
	unsigned id;

	synth_init(&s);
	add_vmstat(&s);
	synth_mark(&s, 2000000, "window-begin");
	synth_seal(&s);
	synth_parse(&s, "cut", &a);
	run_view_init(&v, &a);
	cr_assert(!v.has_window);
	for (const struct metric *m = metric_table; m->name; m++)
		cr_assert(!m->fn(&v, m, &got), "%s", m->name);
	archive_release(&a);

	synth_init(&s);
	id = synth_source(
		&s, "vmstat",
		"pgscan_kswapd pgsteal_kswapd pgscan_direct pgsteal_direct pageoutrun oom_kill");
	synth_sample(&s, id, 1999000, (uint64_t[]){ 7, 7, 7, 7, 7, 7 });
	synth_sample(&s, id, 11999000, (uint64_t[]){ 7, 7, 7, 7, 7, 7 });
	add_marks(&s);
	synth_seal(&s);
	synth_parse(&s, "idle", &a);
	run_view_init(&v, &a);
	cr_assert(
		!metric_find("steal_scan_kswapd")->fn(&v, metric_find("steal_scan_kswapd"), &got));
	cr_assert(!metric_find("direct_share")->fn(&v, metric_find("direct_share"), &got));
	cr_assert(metric_find("oom_kills")->fn(&v, metric_find("oom_kills"), &got) && got == 0);
	archive_release(&a);
}

/* Every row tells the reader what it is, has a resolution and a floor, and asks for counters that
 * exist. */
Test(metrics, table)
{
	for (const struct metric *m = metric_table; m->name; m++) {
		char first[64];
		const char *sep;

		cr_assert(m->fn && m->unit && m->help && strlen(m->help) > 20, "%s", m->name);
		cr_assert(m->c > 0 && m->floor > 0 && m->floor < 1, "%s", m->name);
		cr_assert_eq(metric_find(m->name), m);
		if (!m->arg || strstr(m->arg, ".total"))
			continue;
		sep = strchr(m->arg, ' ');
		snprintf(first, sizeof(first), "%.*s", sep ? (int)(sep - m->arg) : 60, m->arg);
		cr_assert(counter_find(first), "%s: %s", m->name, first);
		cr_assert(!sep || counter_find(sep + 1), "%s: %s", m->name, m->arg);
	}
}

Test(metrics, transform)
{
	static const struct metric logs = { .scale = SCALE_LOG, .c = .5 },
				   share = { .scale = SCALE_LOGIT, .c = .001 };
	static const double x[] = { 0, 1e-6, .25, .5, .9999, 1, 17, 1e9 };
	double last = -INFINITY;

	for (size_t i = 0; i < ARRAY_SIZE(x); i++) {
		cr_assert_float_eq(metric_back(&logs, metric_forward(&logs, x[i])), x[i],
				   1e-9 * (1 + x[i]));
		cr_assert_float_eq(metric_back(&logs, metric_forward(&logs, -x[i])), -x[i],
				   1e-9 * (1 + x[i]));
		if (x[i] <= 1)
			cr_assert_float_eq(metric_back(&share, metric_forward(&share, x[i])), x[i],
					   1e-12);
	}
	cr_assert_eq(metric_forward(&share, 1.5), metric_forward(&share, 1));
	cr_assert(isnan(metric_forward(&logs, NAN)) && isnan(metric_back(&share, NAN)));
	for (double v = -20; v < 20; v += .125) {
		cr_assert_gt(metric_forward(&logs, v), last, "not monotone at %g", v);
		last = metric_forward(&logs, v);
	}
	cr_assert_eq(metric_back(&share, 800), 1.0);
	cr_assert_eq(metric_back(&share, -800), 0.0);
}
