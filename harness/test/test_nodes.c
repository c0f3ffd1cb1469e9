/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The nodes of made-up runs, and sums of keys, worked out by hand. */
#include "evidence/nodes.h"
#include "metric/metric.h"
#include "html/timeline.h"
#include "report/run_tables.h"
#include "test/synth.h"

#define SEC 1000000u

static void source(struct synth *s, const char *name, const char *keys, const uint64_t *a,
		   const uint64_t *b)
{
	unsigned id = synth_source_every(s, name, "1000000", keys);

	synth_sample(s, id, 1 * SEC, a);
	synth_sample(s, id, 3 * SEC, b);
}

static void finish(struct synth *s, struct archive *a)
{
	synth_mark(s, 1 * SEC + 100, "window-begin");
	synth_mark(s, 3 * SEC + 100, "window-end");
	synth_seal(s);
	synth_parse(s, "nodes", a);
	cr_assert(a->complete, "%s", a->why);
}

static void expect_nodes(const struct archive *a, const char *want)
{
	unsigned node[NODES_MAX];
	struct buf got = BUF_INIT;

	for (size_t i = 0, nr = run_nodes(a, node); i < nr; i++)
		buf_addf(&got, "%s%u", i ? " " : "", node[i]);
	cr_assert_str_eq(got.data, want);
	buf_release(&got);
}

/*
 * Node 1 has no memory (zoneinfo prints it all the same), node 3 gets some later, node 5 is known
 * by its kswapd alone.
 */
static void five_nodes(struct synth *s)
{
	synth_init(s);
	synth_head(s, "numa.nodes", "0,2");
	source(s, "zoneinfo",
	       "node0.DMA32.managed node1.Normal.managed node1.Normal.high node3.Normal.managed",
	       (uint64_t[]){ 4000, 0, 32, 0 }, (uint64_t[]){ 4000, 0, 32, 500 });
	source(s, "node1/vmstat", "nr_free_pages", (uint64_t[]){ 0 }, (uint64_t[]){ 0 });
	source(s, "kswapd5/stat", "utime stime", (uint64_t[]){ 7, 70 }, (uint64_t[]){ 8, 110 });
}

Test(nodes, those_with_memory)
{
	struct archive a = { 0 };
	struct synth s;

	five_nodes(&s);
	finish(&s, &a);
	expect_nodes(&a, "0 2 3 5");
	archive_release(&a);

	synth_init(&s); /* no better source */
	source(&s, "node10/vmstat", "nr_free_pages", (uint64_t[]){ 1 }, (uint64_t[]){ 1 });
	source(&s, "node9/vmstat", "nr_free_pages", (uint64_t[]){ 1 }, (uint64_t[]){ 1 });
	source(&s, "node8/meminfo", "MemFree", (uint64_t[]){ 1 }, (uint64_t[]){ 1 });
	finish(&s, &a);
	expect_nodes(&a, "9 10");
	archive_release(&a);

	synth_init(&s);
	finish(&s, &a);
	expect_nodes(&a, "");
	archive_release(&a);
}

/* Rows of metrics and panels of the page have the same nodes. */
Test(nodes, without_memory_none_is_shown)
{
	struct archive a = { 0 };
	const struct archive *runs[] = { &a };
	struct arena mem = ARENA_INIT;
	struct buf names = BUF_INIT;
	struct timeline t;
	struct synth s;

	five_nodes(&s);
	finish(&s, &a);
	for (const struct metric *m = metrics_for(runs, 1, &mem, NULL); m->name; m++)
		if (!strncmp(m->name, "below_low_s_", 12) || !strncmp(m->name, "kswapd_duty_", 12))
			buf_addf(&names, "%s ", m->name);
	cr_assert_str_eq(names.data, "below_low_s_node0 below_low_s_node3 kswapd_duty_node5 ");
	timeline_load(&t, &a, 4);
	cr_assert_eq(t.nr_nodes, 3, "node 2 was not sampled at all");
	timeline_release(&t);
	buf_release(&names);
	arena_release(&mem);
	archive_release(&a);
}

Test(nodes, names_of_series)
{
	static const struct {
		const char *name;
		int node;
	} cases[] = {
		{ "kswapd0/schedstat", 0 },
		{ "kswapd1023/schedstat", 1023 },
		{ "kswapd1024/schedstat", -1 },
		{ "kswapd99999999999/schedstat", -1 },
		{ "kswapd/schedstat", -1 },
		{ "kswapd 3/schedstat", -1 },
		{ "kswapd+3/schedstat", -1 },
		{ "kswapd3/schedstats", -1 },
		{ "kswapd3", -1 },
		{ "xkswapd3/schedstat", -1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned node = 7777;
		bool is = node_series_name(cases[i].name, "kswapd", "/schedstat", &node);

		cr_assert_eq(is, cases[i].node >= 0, "%s", cases[i].name);
		cr_assert(!is || node == (unsigned)cases[i].node, "%s", cases[i].name);
	}
}

/* ---------------------------------------------------------------- zones */

static void node7(struct synth *s)
{
	static const struct synth_row rows[] = {
		{ "node7.DMA.free", { 130, 131 } },
		{ "node7.DMA.min", { 10, 10 } },
		{ "node7.DMA.low", { 20, 20 } },
		{ "node7.DMA.high", { 30, 30 } },
		{ "node7.DMA.managed", { 3840, 3840 } },
		{ "node7.Normal.free", { 400, 200 } },
		{ "node7.Normal.min", { 100, 100 } },
		{ "node7.Normal.low", { 200, 200 } },
		{ "node7.Normal.high", { 300, 300 } },
		{ "node7.Normal.managed", { 40000, 40000 } },
		/* empty, and has marks: mm/page_alloc.c, __setup_per_zone_wmarks() */
		{ "node7.Movable.free", { 0, 0 } },
		{ "node7.Movable.min", { 32, 32 } },
		{ "node7.Movable.low", { 32, 32 } },
		{ "node7.Movable.high", { 32, 32 } },
		{ "node7.Movable.managed", { 0, 0 } },
		{ "node7.DMA.protection_1", { 100, 100 } },
		{ "node7.DMA.protection_2", { 9999, 9999 } },
		{ "node7.node_unreclaimable", { 0, 1 } },
		{ "node7.nr_dirty", { 5, 5 } },
		{ "node77.DMA.free", { 1, 1 } },
	};
	static const uint64_t at[] = { 1 * SEC, 3 * SEC };

	synth_init(s);
	synth_table(s, synth_source_every(s, "zoneinfo", "1000000", ""), at, ARRAY_SIZE(at), rows,
		    ARRAY_SIZE(rows));
}

Test(nodes, zones_and_their_marks)
{
	struct archive a = { 0 };
	struct node_margin m;
	struct run_node d;
	struct synth s;

	node7(&s);
	finish(&s, &a);
	run_node_init(&d, &a, 7);
	cr_assert_eq(d.nr_zones, 3);
	cr_assert_str_eq(d.zone[0].name, "DMA");
	cr_assert_str_eq(d.zone[2].name, "Movable");
	cr_assert_eq(d.zone[0].reserve[2], 16);
	cr_assert_eq(d.zone[1].reserve[0], -1);
	cr_assert_eq(d.unreclaimable, 17);
	cr_assert_null(d.kswapd);
	cr_assert_null(d.vmstat);
	cr_assert(node_zone_populated(&d, 0, 1) && !node_zone_populated(&d, 0, 2));
	/* DMA keeps 100 from requests for Normal, the highest zone that has pages */
	cr_assert(node_margin(&d, 0, MARK_HIGH, &m) && m.balanced && m.roomy);
	cr_assert_eq(m.above, 100, "Normal: 400 - 300; DMA: 130 - 30 - 100 is none");
	cr_assert(node_margin(&d, 1, MARK_HIGH, &m) && m.balanced && !m.roomy);
	cr_assert_eq(m.above, 1);
	cr_assert(node_margin(&d, 1, MARK_LOW, &m) && !m.roomy, "at the mark is not above it");
	cr_assert_eq(m.above, 11);
	cr_assert(node_margin(&d, 1, MARK_MIN, &m) && m.roomy);
	cr_assert_eq(m.above, 121);
	run_node_init(&d, &a, 0);
	cr_assert_eq(d.nr_zones, 0);
	cr_assert(!node_margin(&d, 0, MARK_LOW, &m));
	archive_release(&a);
}

/* The marks of a zone without pages do not count. */
Test(nodes, empty_zones_are_not_shown)
{
	struct archive a = { 0 };
	struct tables tables = { 0 };
	struct timeline t;
	struct panel *p;
	struct synth s;

	node7(&s);
	finish(&s, &a);
	timeline_load(&t, &a, 1024);
	p = timeline_panel(&t, "Free memory of node 7");
	cr_assert_not_null(p);
	cr_assert_eq(p->line[0].v[0], 330);
	cr_assert_eq(p->line[1].v[0], 220);
	cr_assert_eq(p->line[2].v[0], 110);
	cr_assert_eq(p->line[3].v[1], 331);
	timeline_release(&t);
	report_run_watermarks(&tables, &a);
	cr_assert_eq(tables.table[0].nr, 2);
	cr_assert_str_eq(tables.table[0].cell[0], "node7.DMA");
	cr_assert_str_eq(tables.table[0].cell[tables.table[0].cols], "node7.Normal");
	tables_release(&tables);
	archive_release(&a);
}

/* ---------------------------------------------------------------- CPU time of kswapd */

/* Kernels without CONFIG_SCHED_INFO have /proc/PID/stat alone. */
Test(nodes, kswapd_by_either_file)
{
	static const struct {
		const char *name, *keys;
		uint64_t a[2], b[2];
	} cases[] = {
		{ "kswapd0/schedstat", "run_ns wait_ns", { 500, 9 }, { 400000500, 99 } },
		{ "kswapd0/stat", "utime stime", { 3, 100 }, { 5, 138 } },
		{ "kswapd0/stat", "stime", { 100 }, { 140 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct archive a = { 0 };
		struct run_node d;
		struct run_view v;
		struct synth s;
		uint64_t ns;
		double duty;

		synth_init(&s);
		source(&s, cases[i].name, cases[i].keys, cases[i].a, cases[i].b);
		finish(&s, &a);
		expect_nodes(&a, "0");
		run_node_init(&d, &a, 0);
		cr_assert_not_null(d.kswapd);
		cr_assert(node_kswapd_delta(&d, 1 * SEC + 100, 3 * SEC + 100, &ns));
		cr_assert_eq(ns, 400000000, "case %zu", i);
		cr_assert(node_kswapd_between(&d, 2 * SEC, 4 * SEC, &ns));
		cr_assert_eq(ns, 400000000, "case %zu", i);
		cr_assert(!node_kswapd_between(&d, 0, 4 * SEC, &ns), "no sample so early");
		run_view_init(&v, &a);
		cr_assert(metric_find("kswapd_duty")->fn(&v, metric_find("kswapd_duty"), &duty));
		cr_assert_float_eq(duty, .2, 1e-9, "case %zu", i);
		archive_release(&a);
	}
}

Test(nodes, kswapd_that_could_not_be_read)
{
	struct archive a = { 0 };
	struct run_node d;
	struct synth s;
	uint64_t ns;

	synth_init(&s);
	source(&s, "kswapd0/schedstat", "other", (uint64_t[]){ 1 }, (uint64_t[]){ 2 });
	finish(&s, &a);
	run_node_init(&d, &a, 0);
	cr_assert_not_null(d.kswapd);
	cr_assert(!node_kswapd_at(&d, 0, &ns) && !node_kswapd_between(&d, SEC, 3 * SEC, &ns));
	archive_release(&a);
}

/* ---------------------------------------------------------------- sums */

Test(nodes, sums_of_counters)
{
	const struct archive_series *vm;
	struct archive a = { 0 };
	struct key_sum sum;
	struct synth s;
	uint64_t n;

	synth_init(&s);
	source(&s, "vmstat",
	       "allocstall_normal allocstall_movable pgsteal_kswapd pgdemote_kswapd pageoutrun",
	       (uint64_t[]){ 1, 2, 10, 100, 7 }, (uint64_t[]){ 2, 4, 50, 900, 6 });
	finish(&s, &a);
	vm = archive_series(&a, "vmstat");
	cr_assert_eq(sum_counter(&sum, vm, "stall.direct"), 2);
	cr_assert(sum_at(&sum, 1, &n));
	cr_assert_eq(n, 6);
	cr_assert(sum_delta(&sum, SEC, 3 * SEC, &n));
	cr_assert_eq(n, 3);
	cr_assert(!sum_delta(&sum, SEC, 5 * SEC, &n), "no sample belongs to that mark");
	cr_assert(sum_over(&sum, 2 * SEC, 5 * SEC, &n));
	cr_assert_eq(n, 3);
	cr_assert(!sum_over(&sum, SEC / 2, 3 * SEC, &n));
	cr_assert_eq(sum_counter(&sum, vm, "steal.kswapd"), 1);
	cr_assert_eq(sum_add_counter(&sum, "demote.kswapd"), 1);
	cr_assert_eq(sum_add_counter(&sum, "demote.direct"), 0);
	cr_assert(sum_delta(&sum, SEC, 3 * SEC, &n));
	cr_assert_eq(n, 840);
	sum_counter(&sum, vm, "kswapd.runs");
	cr_assert(!sum_over(&sum, SEC, 3 * SEC, &n), "a counter that fell");
	cr_assert_eq(sum_counter(&sum, vm, "scan.kswapd"), 0);
	cr_assert(!sum_at(&sum, 0, &n));
	cr_assert_eq(sum_counter(&sum, NULL, "kswapd.runs"), 0);
	archive_release(&a);
}
