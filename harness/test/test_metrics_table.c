/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts of the metrics, names, and what must not be compared. */
#include <criterion/criterion.h>
#include <errno.h>

#include "metric/metric.h"
#include "test/synth.h"

static size_t words(const char *s)
{
	size_t n = 0;

	for (; s && *s; s += strspn(s, " "), n++)
		s += strcspn(s, " ");
	return n;
}

/* What a metric is, where it is counted and what moves it: three texts per row, each at least one
 * sentence and no copy of another. */
static void check_texts(const struct metric *m)
{
	const char *const text[] = { m->help, m->where, m->moves };

	cr_assert(m->fn && m->unit && m->c > 0 && m->floor > 0 && m->floor < 1, "%s", m->name);
	for (size_t i = 0; i < ARRAY_SIZE(text); i++) {
		cr_assert(text[i], "%s: text %zu is missing", m->name, i);
		cr_assert_geq(words(text[i]), i == 2 ? 3 : 4, "%s: '%s' says nothing", m->name,
			      text[i]);
		cr_assert_eq(text[i][strlen(text[i]) - 1], '.', "%s: '%s' ends without a full stop",
			     m->name, text[i]);
		cr_assert_null(strstr(text[i], ".. "), "%s: two spaces in '%s'", m->name, text[i]);
		cr_assert_null(strstr(text[i], ".. "), "%s: '%s'", m->name, text[i]);
		for (size_t k = 0; k < i; k++)
			cr_assert_str_neq(text[i], text[k], "%s", m->name);
	}
}

static void make_run(struct archive *a)
{
	struct synth s;
	unsigned id;

	synth_init(&s);
	synth_head(&s, "scenario.text", "[workload probe]\\ntype = probe\\n");
	id = synth_source(&s, "zoneinfo", "node0.Normal.managed node3.Normal.managed");
	synth_sample(&s, id, 100, (uint64_t[]){ 1, 1 });
	id = synth_source(&s, "kswapd0/schedstat", "run_ns");
	synth_sample(&s, id, 100, (uint64_t[]){ 1 });
	synth_result(&s, "anon", 0, "elapsed_s", 1);
	synth_result(&s, "anon", 0, "ops.fault", 1);
	synth_result(&s, "anon", 0, "bytes.fault", 1);
	synth_result(&s, "anon", 0, "failures.fault", 1);
	synth_result(&s, "anon", 0, "rss_kb", 1);
	synth_result(&s, "probe", 0, "ops.slow", 1);
	synth_result(&s, "probe", 0, "elapsed_s", 1);
	synth_hist(&s, "anon", 0, "fault", 1, 60);
	synth_seal(&s);
	synth_parse(&s, "texts", a);
	cr_assert(a->complete, "%s", a->why);
}

Test(metrics, texts)
{
	struct arena mem = ARENA_INIT;
	struct archive a;
	const struct archive *runs[] = { &a };
	const struct metric *m;
	size_t rows = 0;

	make_run(&a);
	for (m = metrics_for(runs, 1, &mem, NULL); m->name; m++, rows++)
		check_texts(m);
	for (size_t i = 0; (m = metric_listed(i)); i++)
		check_texts(m);
	cr_assert_gt(rows, 45);
	arena_release(&mem);
	archive_release(&a);
}

/* Every name that a run can have leads to the row that describes it. */
Test(metrics, describe)
{
	static const struct {
		const char *name, *model;
	} cases[] = {
		{ "stalls_per_gib", "stalls_per_gib" },
		{ "below_low_s_node1", "below_low_s_nodeN" },
		{ "below_low_s_nodeN", "below_low_s_nodeN" },
		{ "kswapd_duty_node12", "kswapd_duty_nodeN" },
		{ "kswapd_duty", "kswapd_duty" },
		{ "anon.fault_p99_us", "WORKLOAD.OP_p99_us" },
		{ "anon.elapsed_s", "WORKLOAD.elapsed_s" },
		{ "probe.slow_rate", "WORKLOAD.slow_rate" },
		{ "probe.alloc_rate", "WORKLOAD.OP_rate" },
		{ "anon.fault_failures", "WORKLOAD.OP_failures" },
		{ "anon.fault_mib_per_s", "WORKLOAD.OP_mib_per_s" },
		{ "anon.rss_kb", "WORKLOAD.NOTE" },
		{ "WORKLOAD.OP_max_us", "WORKLOAD.OP_max_us" },
	};
	static const char *const none[] = {
		"",   "stalls", "below_low_s_node", "below_low_s_node1x", "kswapd_duty_node",
		".x", "anon."
	};
	struct arena mem = ARENA_INIT;
	struct archive a;
	const struct archive *runs[] = { &a };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct metric *m = metric_describe(cases[i].name);

		cr_assert(m, "%s", cases[i].name);
		cr_assert_str_eq(m->name, cases[i].model, "%s", cases[i].name);
	}
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		cr_assert_null(metric_describe(none[i]), "'%s'", none[i]);
	make_run(&a);
	for (const struct metric *m = metrics_for(runs, 1, &mem, NULL); m->name; m++) {
		const struct metric *d = metric_describe(m->name);

		cr_assert(d, "%s", m->name);
		cr_assert_eq(d->fn, m->fn, "%s is described by %s", m->name, d->name);
	}
	arena_release(&mem);
	archive_release(&a);
}

Test(metrics, explain)
{
	struct buf out = BUF_INIT;

	metric_explain(metric_find("refaults_per_steal"), 80, &out);
	cr_assert_not_null(strstr(
		out.data,
		"refaults_per_steal (ratio): secondary, context\n  What    Pages that came"));
	cr_assert_not_null(strstr(out.data, "\n  Where   workingset_refault_anon"));
	cr_assert_not_null(strstr(out.data, "\n  Moves   Up: "));
	cr_assert_not_null(strstr(
		out.data,
		"\n  Judged  log scale; shifts under 5 % do not matter; values inside 0.001 are the\n"));
	cr_assert_not_null(strstr(out.data, "\n  Compare not comparable: before 5.9 refaults"));
	for (const char *line = out.data; *line; line += strcspn(line, "\n") + 1)
		cr_assert_leq(strcspn(line, "\n"), 80, "%.90s", line);
	buf_reset(&out);
	metric_explain(metric_find("steal_scan_kswapd"), 100, &out);
	cr_assert_not_null(strstr(out.data, "shifts under 2 percentage points"));
	buf_reset(&out);
	metric_explain(metric_find("kswapd_duty"), 100, &out);
	cr_assert_not_null(strstr(out.data, "Compare between all kernels"));
	buf_release(&out);
}

/* ---------------------------------------------------------------- where they decide */

/* Units of times and of rates by time. */
static bool on_a_clock(const struct metric *m)
{
	static const char *const units[] = {
		"us", "s", "s/s", "ms/GiB", "pages/s", "ops/s", "MiB/s"
	};
	static const char *const names[] = { "psi_mem_some_share", "psi_mem_full_share",
					     "kswapd_duty", "kswapd_duty_nodeN", "WORKLOAD.NOTE" };

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (!strcmp(m->unit, units[i]))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(m->name, names[i]))
			return true;
	return false;
}

static bool is_quantile(const struct metric *m)
{
	return strstr(m->name, "_p50_us") || strstr(m->name, "_p99_us");
}

/*
 * Times are not primary where several CPUs share one clock in turns, quantiles of times nowhere in
 * virtual time; everything else may be primary anywhere.
 */
Test(metrics, primary_on)
{
	static const unsigned smp = MACHINE_EXACT_SMP, real = MACHINE_VM | MACHINE_HOST;
	const struct metric *m;
	size_t clocks = 0;

	for (size_t i = 0; (m = metric_listed(i)); i++) {
		unsigned want = is_quantile(m)	? real
				: on_a_clock(m) ? MACHINE_ANY & ~smp
						: MACHINE_ANY;
		const struct metric_machine *not = metric_not_primary_on(m, MACHINE_ANY);

		cr_assert_eq(m->primary_on, want, "%s", m->name);
		cr_assert_eq(!not, want == MACHINE_ANY, "%s", m->name);
		cr_assert(!not|| (not->flag == (is_quantile(m) ? MACHINE_EXACT : smp) && not->why &&
				  not->more),
			  "%s", m->name);
		cr_assert_eq(!metric_not_primary_on(m, MACHINE_EXACT), !is_quantile(m), "%s",
			     m->name);
		cr_assert_null(metric_not_primary_on(m, real), "%s", m->name);
		cr_assert_null(metric_not_primary_on(m, 0), "%s: an unknown machine", m->name);
		clocks += on_a_clock(m);
	}
	cr_assert_gt(clocks, 20);
}

Test(metrics, machine)
{
	static const struct {
		const char *target;
		long cpus;
		unsigned want;
	} cases[] = {
		{ "exact", 1, MACHINE_EXACT },
		{ "exact", 2, MACHINE_EXACT_SMP },
		{ "exact", 0, 0 },
		{ NULL, 2, 0 },
		{ "vm", 1, MACHINE_VM },
		{ "vm", 8, MACHINE_VM },
		{ "host", 64, MACHINE_HOST },
		{ "moon", 1, 0 },
	};
	static const struct {
		const char *name;
		bool primary;
		unsigned machine;
		const char *why; /* NULL = allowed */
	} checks[] = {
		{ "stalls_per_gib", true, MACHINE_EXACT_SMP, NULL },
		{ "anon.fault_mean_us", true, MACHINE_EXACT, NULL },
		{ "anon.fault_p99_us", true, MACHINE_EXACT,
		  "anon.fault_p99_us: not primary on exact with one CPU: quantiles jump between "
		  "clusters" },
		{ "anon.fault_p99_us", false, MACHINE_EXACT, NULL },
		{ "anon.fault_p99_us", true, MACHINE_VM, NULL },
		{ "kswapd_duty_node1", true, MACHINE_EXACT_SMP,
		  "kswapd_duty_node1: not primary on exact with several CPUs: times hold the "
		  "emulator's turns" },
		{ "kswapd_cpu_ms_per_gib", true, 0, NULL },
		{ "nosuch", true, 0, "nosuch: no metric has this name (wmark list metrics)" },
		{ "nosuch", false, 0, "nosuch: no metric has this name (wmark list metrics)" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_assert_eq(metric_machine(cases[i].target, cases[i].cpus), cases[i].want,
			     "case %zu", i);
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		struct err e = ERR_INIT;
		int ret = metric_check(checks[i].name, checks[i].primary, checks[i].machine, &e);

		cr_assert_eq(ret, checks[i].why ? -EINVAL : 0, "'%s'", checks[i].name);
		cr_assert_str_eq(e.msg, checks[i].why ? checks[i].why : "");
	}
}

/* ---------------------------------------------------------------- comparability */

struct era {
	const char *mode, *keys, *node_keys, *scenario;
	uint64_t step; /* growth of every key over the window */
};

static void make_era(struct archive *a, const struct era *e)
{
	uint64_t v[SYNTH_KEYS_MAX] = { 0 };
	struct synth s;
	unsigned id;

	synth_init(&s);
	synth_head(&s, "machine.target", "exact");
	if (e->mode)
		synth_head(&s, "lru.mode", e->mode);
	if (e->scenario)
		synth_head(&s, "scenario.text", e->scenario);
	id = synth_source(&s, "vmstat", e->keys);
	synth_sample(&s, id, 1000000, v);
	for (size_t i = 0; i < SYNTH_KEYS_MAX; i++)
		v[i] = e->step;
	synth_sample(&s, id, 2000000, v);
	if (e->node_keys) {
		id = synth_source(&s, "node0/vmstat", e->node_keys);
		synth_sample(&s, id, 1000000, v);
	}
	synth_mark(&s, 1000000, "window-begin");
	synth_mark(&s, 2000000, "window-end");
	synth_seal(&s);
	synth_parse(&s, "era", a);
}

#define V44 "pgscan_direct pgsteal_direct workingset_refault thp_collapse_alloc"
#define V50 V44 " oom_kill"
#define V58 V50 " pgsteal_anon"
#define V61 "pgscan_direct oom_kill pgsteal_anon workingset_refault_anon thp_collapse_alloc"
#define V66 V61 " pgscan_khugepaged"
#define V616 V66 " pgscan_proactive"
#define MEMCG "[workload anon]\\ncgroup = small\\n"
#define PROSE "[scenario]\\nsummary = cgroup memory.reclaim\\n"

Test(metrics, breaks)
{
	static const struct {
		struct era a, b;
		unsigned want;
	} cases[] = {
		{ { "classic", V61, "x", "", 1 }, { "classic", V61, "x", "", 1 }, 0 },
		{ { "classic", V61, "x", "", 1 }, { "mglru", V61, "x", "", 1 }, BREAK_LRU },
		{ { "classic", V61, "x", "", 1 }, { NULL, V61, "x", "", 1 }, BREAK_LRU },
		{ { "classic", V44, "x", "", 0 }, { "classic", V50, "x", "", 0 }, BREAK_SLABS },
		{ { "classic", V50, "x", "", 0 },
		  { "classic", V58, "x", MEMCG, 0 },
		  BREAK_BY_TYPE },
		{ { "classic", V50, "x", "", 0 }, { "classic", V58, "x", "", 0 }, 0 },
		{ { "classic", V58, "x", "", 0 },
		  { "classic", V61, "x", "", 0 },
		  BREAK_ANON_SHADOW },
		{ { "classic", V61, "x", "", 0 },
		  { "classic", V66, "x", "", 0 },
		  0 }, /* khugepaged did nothing */
		{ { "classic", V61, "x", "", 0 },
		  { "classic", V66, "x", "", 1 },
		  BREAK_KHUGEPAGED },
		{ { "classic", V61, "x", "", 1 },
		  { "classic", V66, "x", "", 0 },
		  BREAK_KHUGEPAGED },
		{ { "mglru", V61, "x", "", 0 }, { "mglru", V66, "x", "", 0 }, BREAK_GEN_REFAULT },
		{ { "classic", V66, "x", "", 0 }, { "classic", V616, "x", "", 0 }, 0 },
		{ { "classic", V66, "x", "", 0 },
		  { "classic", V616, "x", "", 1 },
		  BREAK_PROACTIVE },
		{ { "classic", V66, "x", "run = echo 1M > x/memory.reclaim", 0 },
		  { "classic", V616, "x", "", 0 },
		  BREAK_PROACTIVE },
		{ { "classic", V66, "x", PROSE, 0 }, { "classic", V616, "x", "", 0 }, 0 },
		{ { "classic", V616, "x", "", 0 }, { "classic", V616, "pgscan_direct", "", 0 }, 0 },
		{ { "classic", V616, "x", MEMCG, 0 },
		  { "classic", V616, "pgscan_direct", MEMCG, 0 },
		  BREAK_MEMCG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct archive a, b;
		struct run_breaks runs[2], back[2];

		make_era(&a, &cases[i].a);
		make_era(&b, &cases[i].b);
		run_breaks_of(&runs[0], &a);
		run_breaks_of(&runs[1], &b);
		back[0] = runs[1];
		back[1] = runs[0];
		cr_assert_eq(metric_breaks_between(runs, 2), cases[i].want, "case %zu: %#x", i,
			     metric_breaks_between(runs, 2));
		cr_assert_eq(metric_breaks_between(back, 2), cases[i].want,
			     "case %zu the other way", i);
		cr_assert_eq(metric_breaks_between(runs, 1), 0, "case %zu: one run", i);
		archive_release(&a);
		archive_release(&b);
	}
}

/* Each break has its row, its word and its reason, some metric uses it, and no metric has a break
 * without a row. */
Test(metrics, break_table)
{
	struct buf out = BUF_INIT;
	const struct metric *m;
	unsigned all = 0, used = 0;

	for (const struct metric_break *b = metric_break_table; b->flag; b++) {
		cr_assert(!(all & b->flag) && *b->word && !strchr(b->word, ' '), "%s", b->word);
		cr_assert(!strncmp(b->reason, "not comparable", 14) && words(b->reason) > 5, "%s",
			  b->word);
		cr_assert(b->side || b->flag == BREAK_LRU, "%s", b->word);
		all |= b->flag;
	}
	for (size_t i = 0; (m = metric_listed(i)); i++)
		used |= m->breaks;
	cr_assert_eq(used, all);

	m = metric_find("steal_scan_direct");
	metric_break_words(m, &out);
	cr_assert_str_eq(out.data, "lru 6.2 6.15 7.1");
	cr_assert_null(metric_break_of(m, BREAK_ANON_SHADOW));
	cr_assert_eq(metric_break_of(m, BREAK_MEMCG | BREAK_KHUGEPAGED)->flag, BREAK_KHUGEPAGED);
	buf_reset(&out);
	metric_break_words(metric_find("kswapd_duty"), &out);
	cr_assert_str_eq(out.data, "any");
	buf_release(&out);
}
