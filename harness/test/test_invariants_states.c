/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every rule of the table has a run in which it passes, one in which it fails and one in which it
 * is skipped; where such a run is impossible, the row says why.
 */
#include "test/test_invariants_synth.h"

#define NR_KEYS 9
#define JUMP_TICK 25

/* Values of a source at tick i: v + step * i. Where the rule shall fail, bad * i is added, and jump
 * from 2.5 s on. */
struct line {
	const char *name, *keys;
	int64_t v[NR_KEYS], step[NR_KEYS], bad[NR_KEYS], jump[NR_KEYS];
};

struct row {
	const char *rule;
	struct line line[4];	       /* left out where the rule shall be skipped */
	const char *head[3];	       /* by state: "key value" */
	const char *text[3];	       /* by state: a line of the archive */
	unsigned gap;		       /* FAIL: ticks without a sample after 2 s */
	bool bare;		       /* SKIP: without the header of a good run */
	const char *no_fail, *no_skip; /* why there is no such run */
};

#define KSWAPD .name = "kswapd0/schedstat", .keys = "run_ns wait_ns slices"
#define ZONE                                                                 \
	"node0.DMA32.free node0.DMA32.min node0.DMA32.low node0.DMA32.high " \
	"node0.DMA32.managed node0.DMA32.nr_zone_inactive_file "             \
	"node0.DMA32.nr_zone_active_file node0.DMA32.nr_zone_write_pending " \
	"node0.node_unreclaimable"
/* free, then min, low, high, managed, and as many clean pages of cache as make a tenth */
#define ZONE_AT(free) { free, 300, 400, 500, 40000, 4000 }
#define LOG(rule_, kind)                                          \
	{ .rule = rule_,                                          \
	  .text = { [RULE_FAIL] = "m 4505000 " kind " the words", \
		    [RULE_SKIP] = "e 5000 kmsg.absent no access" } }

static const struct row rows[] = {
	{ .rule = "archive",
	  .text = { [RULE_FAIL] = "e 2005000 archive.dropped 7" },
	  .no_skip = "an archive is whole or is not" },
	{ .rule = "window",
	  .line = { { .name = "vmstat", .keys = "pgfault" } },
	  .gap = 100,
	  .no_skip = "a run that ended well has one" },
	{ .rule = "monotonic",
	  .line = { { "vmstat", "pageoutrun", .v = { 1000 }, .jump = { -1 } } },
	  .no_skip = "where nothing was sampled nothing fell" },
	{ .rule = "absurd",
	  .line = { { "vmstat", "nr_inactive_anon", .v = { 5 }, .jump = { 393216 } } },
	  .bare = true },
	{ .rule = "sampler-missed",
	  .line = { { .name = "vmstat", .keys = "pgfault" } },
	  .text = { [RULE_FAIL] = "lost 0 30" },
	  .no_skip = "where nothing was due nothing was missed" },
	{ .rule = "trace-lost",
	  .text = { [RULE_SKIP] = "w @kernel 0 direct_reclaim_lost 3" },
	  .no_fail = "lost events spoil only what is made of them" },
	{ .rule = "identity-a",
	  .line = { { "vmstat", "pageoutrun", .step = { 10 } },
		    { "trace/kswapd_wake", "Hits Dropped", .step = { 10 }, .jump = { 50 } },
		    { .name = "trace/kswapd_sleep", .keys = "Hits Dropped" } },
	  .head = { [RULE_SKIP] = "trace.counts no" } },
	{ .rule = "identity-b",
	  .line = { { "vmstat", "allocstall_normal", .step = { 5 } },
		    { "trace/direct_begin", "Hits Dropped", .step = { 5 }, .jump = { 50 } } },
	  .head = { [RULE_SKIP] = "trace.counts no" } },
	{ .rule = "identity-c",
	  .line = { { "vmstat", "pgsteal_kswapd pgsteal_direct pgsteal_anon pgsteal_file",
		      .step = { 9, 1, 5, 5 }, .jump = { 500 } } } },
	{ .rule = "kswapd-threads",
	  .head = { [RULE_PASS] = "kswapd.nodes 0-1", [RULE_FAIL] = "kswapd.nodes 0" } },
	{ .rule = "kswapd-affinity",
	  .head = { [RULE_PASS] = "numa.node0.cpus 0-1\nh kswapd.node0.cpus 0-1",
		    [RULE_FAIL] = "numa.node0.cpus 0\nh kswapd.node0.cpus 0-1" } },
	{ .rule = "sampler-starved",
	  .line = { { .name = "vmstat", .keys = "pgfault" } },
	  .text = { [RULE_FAIL] = "lost 0 30" },
	  .gap = 20 },
	{ .rule = "kswapd-spins",
	  .line = { { .name = "vmstat", .keys = "pgsteal_kswapd" },
		    { KSWAPD, .bad = { 100000000 } } } },
	{ .rule = "high-awake",
	  .line = { { .name = "vmstat", .keys = "pgfault" },
		    { KSWAPD, .bad = { 100000000 } },
		    { "zoneinfo", ZONE, .v = ZONE_AT(501) } } },
	{ .rule = "low-ignored",
	  .line = { { .name = "vmstat", .keys = "pageoutrun" },
		    { KSWAPD },
		    { "zoneinfo", ZONE, .v = ZONE_AT(350) },
		    { "node0/vmstat", "numa_hit numa_miss", .bad = { 10 } } } },
	{ .rule = "direct-alone",
	  .line = { { "vmstat", "pageoutrun allocstall_normal", .bad = { 0, 1 } },
		    { KSWAPD },
		    { "zoneinfo", ZONE, .v = ZONE_AT(400) } } },
	{ .rule = "hopeless",
	  .line = { { .name = "vmstat", .keys = "pgfault" },
		    { "zoneinfo", ZONE, .v = ZONE_AT(300),
		      .jump = { 0, 0, 0, 0, 0, 0, 0, 0, 1 } } } },
	{ .rule = "kswapd-drain",
	  .text = { [RULE_FAIL] = "e 5805000 kswapd.awake still reclaiming 3000 ms" },
	  .no_skip = "a kswapd of which nothing is said sleeps" },
	{ .rule = "oom-cache",
	  .line = { { "vmstat", "oom_kill", .jump = { 1 } },
		    { "node0/vmstat", "nr_active_file nr_inactive_file nr_dirty nr_writeback",
		      .v = { 9000, 9000 } },
		    { "zoneinfo", ZONE, .v = ZONE_AT(400) } } },
	{ .rule = "task-dstate",
	  .text = { [RULE_FAIL] = "e 4005000 task.dstate 5 s anon.0" },
	  .bare = true },
	LOG("log-oops", "oops"),
	LOG("log-lockup", "lockup"),
	LOG("log-hung-task", "hung-task"),
	LOG("log-allocation-failure", "allocation-failure"),
	LOG("log-warning", "warning"),
	{ .rule = NULL }
};

static void samples(struct synth *s, const struct line *l, bool fail, unsigned gap)
{
	unsigned id = synth_source(s, l->name, l->keys);

	for (unsigned i = 0; i < TICKS; i++) {
		uint64_t v[NR_KEYS];

		for (size_t k = 0; k < NR_KEYS; k++)
			v[k] = (uint64_t)(l->v[k] + l->step[k] * i + (fail ? l->bad[k] * i : 0) +
					  (fail && i >= JUMP_TICK ? l->jump[k] : 0));
		synth_sample(s, id, at(i < 20 ? i : i + gap), v);
	}
}

static void made_run(const struct row *r, enum rule_state state, struct got *g)
{
	struct synth s;

	if (state == RULE_SKIP && r->bare)
		synth_init(&s);
	else
		heads(&s, "exact");
	if (r->head[state])
		buf_addf(&s.text, "h %s\n", r->head[state]);
	for (size_t i = 0; i < ARRAY_SIZE(r->line) && r->line[i].name && state != RULE_SKIP; i++)
		samples(&s, &r->line[i], state == RULE_FAIL, state == RULE_FAIL ? r->gap : 0);
	if (r->text[state])
		buf_addf(&s.text, "%s\n", r->text[state]);
	judge(&s, g);
}

Test(invariants, every_rule_passes_fails_and_is_skipped)
{
	for (size_t i = 0; rows[i].rule; i++)
		for (enum rule_state state = RULE_PASS; state <= RULE_SKIP; state++) {
			struct got g;

			if ((state == RULE_FAIL && rows[i].no_fail) ||
			    (state == RULE_SKIP && rows[i].no_skip))
				continue;
			made_run(&rows[i], state, &g);
			expect_state(&g, rows[i].rule, state, "");
		}
}

Test(invariants, every_rule_of_the_table_is_tested_in_every_state)
{
	const struct rule *r;

	for (size_t i = 0; (r = rule_listed(i)); i++) {
		size_t nr = 0;

		for (size_t k = 0; rows[k].rule; k++)
			nr += !strcmp(rows[k].rule, r->name);
		cr_assert_eq(nr, 1, "%s: %zu rows", r->name, nr);
	}
}
