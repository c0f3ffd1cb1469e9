/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state that a run ran in: how it is read and compared, and what unlike states bar. */
#include "metric/shape.h"
#include "test_course_trip.h"

#define ROW_OF(key) (&shape_table[shape_find(key)])

/* ---------------------------------------------------------------- the table */

Test(shape, table)
{
	size_t nr = 0;

	for (const struct shape_row *r = shape_table; r->key; r++, nr++) {
		cr_assert(*r->key && !strpbrk(r->key, " _"), "%s", r->key);
		cr_assert_eq(shape_find(r->key), (int)nr, "%s: twice", r->key);
		cr_assert(r->of && !(r->of & ~METRIC_OF_ANY), "%s", r->key);
		cr_assert(r->why[strlen(r->why) - 1] == '.', "%s: '%s'", r->key, r->why);
		cr_assert(r->read != NULL, "%s", r->key);
		if (r->kind != SHAPE_WORD)
			cr_assert(r->told > 0 && r->told < r->matters && r->matters < .5, "%s",
				  r->key);
	}
	cr_assert(nr >= 13 && nr <= SHAPES_MAX, "%zu", nr);
	cr_assert_eq(shape_find("no-such"), -1);
}

Test(shape, levels)
{
	static const struct {
		const char *fact, *a, *b;
		enum shape_level want;
	} cases[] = {
		{ "hz", "250", "250", SHAPE_ALIKE },
		{ "hz", "250", "100", SHAPE_MATTERS },
		/* two builds of one source; Debian's 6.1 and 6.12; a crash kernel */
		{ "reserved", "node0=37272/196212 node1=2504/196480",
		  "node0=37372/196212 node1=2504/196480", SHAPE_ALIKE },
		{ "reserved", "node0=37568/196212", "node0=43008/196212", SHAPE_TOLD },
		{ "reserved", "node0=37272/196212", "node0=102808/196212", SHAPE_MATTERS },
		/* another split of the same sum; a node less */
		{ "memory", "node0=100000/100000 node1=100000/100000",
		  "node0=150000/150000 node1=50000/50000", SHAPE_MATTERS },
		{ "memory", "node0=200000/200000", "node0=200000/200000 node1=9/9", SHAPE_MATTERS },
		{ "memory", "node1=9/9 node0=200000/200000", "node0=200000/200000 node1=9/9",
		  SHAPE_ALIKE },
		/* the same, of kernels with 1.5 % less memory; where huge pages are allowed */
		{ "kept", "all=2324/2324", "all=2342/2342", SHAPE_ALIKE },
		{ "kept", "all=2324/2324", "all=2420/2420", SHAPE_TOLD },
		{ "kept", "all=2324/2324", "all=17196/17196", SHAPE_MATTERS },
		{ "hugetlb", "all=0/350000", "all=0/346000", SHAPE_ALIKE },
		{ "hugetlb", "all=0/350000", "all=143360/350000", SHAPE_MATTERS },
		/* a few huge pages are no state, and more or fewer of them are a result */
		{ "thp", "all=0.0000/1", "all=0.0400/1", SHAPE_ALIKE },
		{ "thp", "all=0.0040/1", "all=0.3100/1", SHAPE_MATTERS },
		{ "thp", "all=0.3000/1", "all=0.9000/1", SHAPE_ALIKE },
		/* damaged text is no match, and no crash */
		{ "memory", "", "node0=1/1", SHAPE_MATTERS },
		{ "memory", "x", "x", SHAPE_ALIKE },
		{ "memory", "node0=1", "node0=1/0", SHAPE_MATTERS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct shape_row *r = ROW_OF(cases[i].fact);

		cr_assert_eq(shape_compare(r, cases[i].a, cases[i].b), cases[i].want, "case %zu",
			     i);
		cr_assert_eq(shape_compare(r, cases[i].b, cases[i].a), cases[i].want,
			     "case %zu the other way", i);
	}
}

Test(shape, shown)
{
	static const struct {
		const char *fact, *value, *other, *want;
	} cases[] = {
		{ "hz", "250", "100", "250" },
		{ "thp", "all=0.0040/1", NULL, "none" },
		{ "thp", "all=0.3149/1", NULL, "31 %" },
		{ "hugetlb", "all=143360/350000", "all=0/350000", "140.0 MiB" },
		{ "reserved", "node0=2048/99999 node1=1024/99999", NULL,
		  "node0 2.0 MiB, node1 1.0 MiB" },
		{ "reserved", "node0=2048/99999 node1=1024/99999",
		  "node0=2048/99999 node1=9999/99999", "node1 1.0 MiB" },
		{ "memory", "node0=1024/1024", "node0=1024/1024 node1=1024/1024", "-" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buf out = BUF_INIT;

		shape_show(ROW_OF(cases[i].fact), cases[i].value, cases[i].other, &out);
		cr_assert_str_eq(out.data, cases[i].want, "case %zu", i);
		buf_release(&out);
	}
}

Test(shape, what_explains)
{
	static const struct {
		const char *fact, *name;
		bool want;
	} cases[] = {
		{ "thp", "boot:transparent_hugepage", true },
		{ "thp", "/sys/kernel/mm/transparent_hugepage/enabled", true },
		{ "thp", "vm.nr_hugepages", false },
		{ "hugetlb", "vm.nr_hugepages", true },
		{ "hugetlb", "boot:hugepages", true },
		{ "hugetlb", "boot:transparent_hugepage", false },
		{ "lru", "/sys/kernel/mm/lru_gen/enabled", true },
		{ "lru", "--lru=mglru", true },
		{ "swap", "vm.swappiness", false },
		{ "swap", "/sys/module/zswap/parameters/enabled", true },
		{ "reserved", "boot:crashkernel", true },
		{ "reserved", "boot:mem", true },
		{ "reserved", "vm.overcommit_memory", false },
		{ "kept", "vm.min_free_kbytes", true },
		{ "kept", "/sys/kernel/mm/transparent_hugepage/enabled", true },
		{ "kept", "vm.watermark_scale_factor", false },
		{ "scale", "vm.watermark_scale_factor", true },
		{ "preempt", "boot:preempt", true },
		{ "hz", "boot:nohz", false },
		{ "memcg", "/sys/fs/cgroup/a/memory.max", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_assert_eq(shape_explains(ROW_OF(cases[i].fact), cases[i].name), cases[i].want,
			     "%s: %s", cases[i].fact, cases[i].name);
}

/* ---------------------------------------------------------------- reading */

static void same_state(const struct archive *a, const char *fact, const char *want)
{
	struct arena mem = ARENA_INIT;
	struct run_shape s;
	const char *have;

	run_shape_of(&s, a, &mem);
	have = s.v[shape_find(fact)].text;
	cr_assert(!have == !want && (!want || !strcmp(have, want)), "%s is %s, not %s", fact,
		  have ? have : "ABSENT", want ? want : "ABSENT");
	arena_release(&mem);
}

Test(shape, from_headers)
{
	static const struct {
		const char *heads, *fact, *want;
	} cases[] = {
		{ "", "hz", NULL },
		{ "config.HZ 1000\n", "hz", "1000" },
		{ "lru.mode mglru\n", "lru", "mglru" },
		{ "mem.page_bytes 65536\n", "page", "65536" },
		{ "", "swap", NULL },
		{ "machine.swap zram 402653184\n", "swap", "zram" },
		{ "machine.swap none 0\n", "swap", "none" },
		{ "machine.swap none 0\nswap.kind file\n", "swap", "file" },
		{ "swap.kind nvme\nzswap.enabled Y\n", "swap", "nvme+zswap" },
		{ "swap.kind none\nzswap.enabled Y\n", "swap", "none" },
		{ "swap.zram lz4\n", "zram", "lz4" },
		{ "thp.sizes none\n", "thp-sizes", "none" },
		{ "sysctl.vm.min_free_kbytes 2324\n", "kept", "all=2324/2324" },
		{ "sysctl.vm.watermark_scale_factor 10\n", "scale", "10" },
		{ "numa.nodes 0-1\nnuma.node0.cpus 0-3\nnuma.node1.cpus 4\n", "cpus",
		  "node0:0-3 node1:4" },
		{ "numa.nodes 0-1\nnuma.node0.cpus 0-3\n", "cpus", "node0:0-3 node1:?" },
		{ "numa.nodes 0-1\n", "cpus", NULL },
		{ "memcg.max max\nmemcg.high max\n", "memcg", "none" },
		{ "memcg.max 1073741824\nmemcg.high max\n", "memcg", "max=1073741824" },
		{ "", "memcg", NULL },
		/* the kernel's own word, then its parameter, then its configuration */
		{ "preempt.mode lazy\nconfig.PREEMPT_VOLUNTARY y\n", "preempt", "lazy" },
		{ "kernel.cmdline quiet preempt=none preempt=full x\nconfig.PREEMPT_DYNAMIC y\n"
		  "config.PREEMPT_VOLUNTARY y\n",
		  "preempt", "full" },
		{ "kernel.cmdline preempt=full\nconfig.PREEMPT_DYNAMIC n\nconfig.PREEMPT_NONE y\n",
		  "preempt", "none" },
		{ "config.PREEMPT n\nconfig.PREEMPT_VOLUNTARY y\n", "preempt", "voluntary" },
		{ "config.PREEMPT y\nconfig.PREEMPT_RT y\n", "preempt", "rt" },
		{ "config.PREEMPT n\n", "preempt", NULL },
		{ "config.CC_VERSION_TEXT \"gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0\"\n",
		  "compiler", "gcc 12" },
		{ "config.CC_VERSION_TEXT \"x86_64-linux-gnu-gcc-14 (Debian 14.2.0-19) 14.2.0\"\n",
		  "compiler", "gcc 14" },
		{ "config.CC_VERSION_TEXT \"gcc (GCC) 13.2.1 20230728 (Red Hat 13.2.1-1)\"\n",
		  "compiler", "gcc 13" },
		{ "config.CC_VERSION_TEXT \"gcc (SUSE Linux) 7.5.0\"\n", "compiler", "gcc 7" },
		{ "config.CC_VERSION_TEXT \"Debian clang version 16.0.6 (15~deb12u1)\"\n",
		  "compiler", "clang 16" },
		{ "config.CC_VERSION_TEXT \"tcc (x) y\"\n", "compiler", "\"tcc (x) y\"" },
		{ "config.CC_VERSION_TEXT \"gcc\"\n", "compiler", "\"gcc\"" },
		{ "", "compiler", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct archive a;
		struct synth s;

		synth_init(&s);
		synth_heads(&s, cases[i].heads);
		synth_seal(&s);
		synth_parse(&s, "heads", &a);
		same_state(&a, cases[i].fact, cases[i].want);
		archive_release(&a);
	}
}

/* Everything that is read from samples, at the beginning of the window. */
static void sampled(struct archive *a, const char *heads, uint64_t huge_kib, uint64_t thp)
{
	static const uint64_t at[] = { 500, 1000000, 2000000 };
	struct synth s;

	synth_init(&s);
	synth_heads(&s, heads);
	synth_table(&s,
		    synth_source(&s, "zoneinfo",
				 "node0.DMA.present node0.DMA.managed node0.Normal.present "
				 "node0.Normal.managed node1.Normal.present node1.Normal.managed"),
		    at, 0, NULL, 0);
	for (size_t i = 0; i < 2; i++)
		synth_sample(&s, 0, at[i], (uint64_t[]){ 4000, 3800, 46000, 40000, 50000, 49000 });
	synth_table(&s, synth_source(&s, "meminfo", ""), at, 3,
		    (struct synth_row[]){ { "Hugetlb", { 1, 4096, 8192 } },
					  { "CmaTotal", { 16384, 16384, 16384 } },
					  { "AnonHugePages", { 0, 0, huge_kib } } },
		    3);
	synth_table(&s, synth_source(&s, "vmstat", ""), at, 3,
		    (struct synth_row[]){ { "nr_unevictable", { 1, 1500, 9 } },
					  { "pgalloc_normal", { 0, 0, 512000 } },
					  { "thp_fault_alloc", { 0, 0, thp } } },
		    3);
	synth_mark(&s, 1000100, "window-begin");
	synth_mark(&s, 2000100, "window-end");
	synth_seal(&s);
	synth_parse(&s, "sampled", a);
	cr_assert(a->complete, "%s", a->why);
}

Test(shape, from_samples)
{
	struct archive a;

	sampled(&a, "numa.nodes 0-1\nmem.total_kib 360000\nrun.held_pages 500\n", 0, 0);
	same_state(&a, "memory", "node0=200000/200000 node1=200000/200000");
	same_state(&a, "reserved", "node0=24800/200000 node1=4000/200000");
	same_state(&a, "hugetlb", "all=4096/360000");
	same_state(&a, "cma", "all=16384/360000");
	same_state(&a, "held", "all=4000/360000");
	same_state(&a, "thp", "all=0.0000/1");
	archive_release(&a);
	/* memory in huge pages, pages given out as such, and both */
	sampled(&a, "mem.total_kib 360000\n", 90000, 0);
	same_state(&a, "thp", "all=0.2500/1");
	archive_release(&a);
	sampled(&a, "mem.total_kib 360000\n", 36000, 500);
	same_state(&a, "thp", "all=0.5000/1");
	archive_release(&a);
	/* without a size of the memory there is no share of it, but pages are still counted */
	sampled(&a, "", 36000, 250);
	same_state(&a, "thp", "all=0.2500/1");
	same_state(&a, "hugetlb", NULL);
	archive_release(&a);
}

/* The header of an older run, and a run that ended before its first sample. */
Test(shape, absent)
{
	struct arena mem = ARENA_INIT;
	struct run_shape s;
	struct archive a;
	struct synth text;

	synth_init(&text);
	synth_seal(&text);
	synth_parse(&text, "bare", &a);
	run_shape_of(&s, &a, &mem);
	for (size_t i = 0; shape_table[i].key; i++)
		cr_assert_null(s.v[i].text, "%s: '%s'", shape_table[i].key, s.v[i].text);
	arena_release(&mem);
	archive_release(&a);
}

/* ---------------------------------------------------------------- judged */

static const struct cmp_shape *state_of(const struct comparison *c, const char *fact)
{
	return &c->scenario[0].shape[shape_find(fact)];
}

/* What a difference bars: kswapd_cpu_ms_per_gib is of clocks, stalls_per_gib of events,
 * steal_scan_kswapd of pages. */
Test(shape, gate)
{
	static const struct {
		const char *fact, *a, *b;    /* headers */
		const char *with_a, *with_b; /* settings */
		bool swapped;
		enum cmp_state want;
		bool clocks, events, pages; /* judged */
	} cases[] = {
		{ "hz", "config.HZ 250\n", "config.HZ 250\n", NULL, NULL, false, STATE_ALIKE, true,
		  true, true },
		{ "hz", "config.HZ 250\n", "", NULL, NULL, false, STATE_ABSENT, true, true, true },
		{ "hz", "config.HZ 250\n", "config.HZ 100\n", NULL, NULL, false, STATE_BARS, false,
		  false, true },
		/* a setting that has nothing to do with it explains nothing */
		{ "hz", "config.HZ 250\n", "config.HZ 100\n", NULL, "vm.swappiness=10", false,
		  STATE_BARS, false, false, true },
		{ "preempt", "preempt.mode none\n", "preempt.mode full\n", NULL,
		  "boot:preempt=full", false, STATE_EXPLAINED, true, true, true },
		/* a setting of both sides explains no difference between them */
		{ "preempt", "preempt.mode none\n", "preempt.mode full\n", "boot:preempt=full",
		  "boot:preempt=full", false, STATE_BARS, false, false, true },
		{ "preempt", "preempt.mode none\nrun.cmdline x preempt=none\n",
		  "preempt.mode full\nrun.cmdline \n", NULL, NULL, false, STATE_EXPLAINED, true,
		  true, true },
		{ "thp-sizes", "thp.sizes none\n", "thp.sizes 64kB=always\n", NULL, NULL, false,
		  STATE_BARS, false, false, false },
		{ "lru", "lru.mode mglru\n", "", NULL, NULL, false, STATE_BARS, false, false,
		  false },
		{ "lru", "lru.mode mglru\nrun.lru mglru\n", "run.lru classic\n", NULL, NULL, false,
		  STATE_EXPLAINED, true, true, false },
		{ "lru", "lru.mode mglru\nrun.lru default\n", "run.lru default\n", NULL, NULL,
		  false, STATE_BARS, false, false, false },
		/* what no run used does not matter */
		{ "swap", "swap.kind zram\n", "swap.kind none\n", NULL, NULL, false, STATE_TOLD,
		  true, true, true },
		{ "swap", "swap.kind zram\n", "swap.kind pmem\n", NULL, NULL, true, STATE_BARS,
		  false, false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct spec a = spec(), b = spec();
		struct contest *k;

		a.state = cases[i].a;
		b.state = cases[i].b;
		a.settings = cases[i].with_a;
		b.settings = cases[i].with_b;
		a.swapped = b.swapped = cases[i].swapped;
		k = versus(&a, 5, &b, 5);
		cr_assert_eq(state_of(&k->c, cases[i].fact)->state, cases[i].want, "case %zu: %s",
			     i, cmp_state_names[state_of(&k->c, cases[i].fact)->state]);
		cr_assert_eq(metric(k, 0, "kswapd_cpu_ms_per_gib")->judged, cases[i].clocks,
			     "case %zu", i);
		cr_assert_eq(metric(k, 0, "stalls_per_gib")->judged, cases[i].events, "case %zu",
			     i);
		cr_assert_eq(metric(k, 0, "steal_scan_kswapd")->judged, cases[i].pages, "case %zu",
			     i);
		contest_free(k);
	}
}

/* Compilers matter where an instruction is a tick; elsewhere unlike ones are told. */
Test(shape, compiler_by_machine)
{
	static const struct {
		const char *target, *cpus, *b;
		enum cmp_state want;
		bool clocks;
	} cases[] = {
		{ "exact", "1", "\"gcc (x) 12.3.0\"", STATE_ALIKE, true },
		{ "exact", "1", "\"gcc (x) 14.2.0\"", STATE_BARS, false },
		{ "exact", "2", "\"gcc (x) 14.2.0\"", STATE_BARS, false },
		{ "vm", "1", "\"gcc (x) 14.2.0\"", STATE_TOLD, true },
		{ "host", "1", "\"clang version 14.0.6\"", STATE_TOLD, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct spec a = spec(), b;
		char state[80];
		struct contest *k;

		a.target = cases[i].target;
		a.cpus = cases[i].cpus;
		a.state = "config.CC_VERSION_TEXT \"gcc (Debian 12.2.0-14) 12.2.0\"\n";
		b = a;
		snprintf(state, sizeof(state), "config.CC_VERSION_TEXT %s\n", cases[i].b);
		b.state = state;
		k = versus(&a, 5, &b, 5);
		cr_assert_eq(state_of(&k->c, "compiler")->state, cases[i].want, "case %zu", i);
		cr_assert_eq(metric(k, 0, "kswapd_cpu_ms_per_gib")->judged, cases[i].clocks,
			     "case %zu", i);
		cr_assert(metric(k, 0, "stalls_per_gib")->judged, "case %zu", i);
		contest_free(k);
	}
}

/* A difference that bars is named once per scenario, with how many metrics it bars; by force they
 * are judged. */
Test(shape, named_and_forced)
{
	struct spec a = spec(), b = spec();
	struct contest *k;

	a.state = "config.HZ 250\n";
	b.state = "config.HZ 1000\n";
	b.cpu_ms *= 2;
	k = versus(&a, 5, &b, 5);
	cr_assert_eq(k->c.verdict, VERDICT_UNKNOWN);
	cr_assert_str_eq(metric(k, 0, "kswapd_cpu_ms_per_gib")->why_not,
			 "HZ: A 250, B 1000, which no setting explains");
	cr_assert(left_out(k, "metrics: not judged: HZ: A 250, B 1000, which no setting explains"));
	cr_assert(!left_out(k, "kswapd_cpu_ms_per_gib"));
	cr_assert_eq(k->c.nr_family, 2);
	contest_free(k);
	k = contest_new();
	k->opts.force = true;
	add(k, 0, &a, 5);
	add(k, 1, &b, 5);
	judged(k);
	cr_assert_eq(state_of(&k->c, "hz")->state, STATE_BARS);
	ASSERT_VERDICT(k, "kswapd_cpu_ms_per_gib", VERDICT_REGRESSED);
	cr_assert_eq(k->c.nr_left_out, 0);
	contest_free(k);
}

/* Runs of one side that do not agree, though the first ones of both sides do. */
Test(shape, inside_a_side)
{
	struct spec a = spec(), odd = spec(), b = spec();
	struct contest *k = contest_new();

	a.state = b.state = "thp.sizes none\n";
	odd.state = "thp.sizes 64kB=always\n";
	add(k, 0, &a, 4);
	add(k, 0, &odd, 1);
	add(k, 1, &b, 5);
	judged(k);
	cr_assert_eq(state_of(&k->c, "thp-sizes")->state, STATE_BARS);
	cr_assert_str_eq(state_of(&k->c, "thp-sizes")->a, "varies: none or 64kB=always");
	cr_assert_str_eq(state_of(&k->c, "thp-sizes")->b, "none");
	contest_free(k);
	/* a setting of the other side is no reason */
	k = contest_new();
	b.settings = "boot:transparent_hugepage=never";
	add(k, 0, &a, 4);
	add(k, 0, &odd, 1);
	add(k, 1, &b, 5);
	judged(k);
	cr_assert_eq(state_of(&k->c, "thp-sizes")->state, STATE_BARS);
	contest_free(k);
	/* runs that are set aside do not speak */
	k = contest_new();
	odd.outcome = "panic";
	add(k, 0, &a, 4);
	add(k, 0, &odd, 1);
	add(k, 1, &a, 4);
	judged(k);
	cr_assert_eq(state_of(&k->c, "thp-sizes")->state, STATE_ALIKE);
	contest_free(k);
}

/* Runs of B panic: an alarm, but not where B has no swap and A swaps, unless by force. HZ breaks no
 * runs. */
Test(shape, outcome)
{
	static const struct {
		const char *a, *b;
		bool force, barred;
	} cases[] = {
		{ "swap.kind zram\n", "swap.kind zram\n", false, false },
		{ "swap.kind zram\n", "swap.kind none\n", false, true },
		{ "swap.kind zram\n", "swap.kind none\n", true, false },
		{ "config.HZ 250\n", "config.HZ 100\n", false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct spec a = spec(), b = spec(), broken = spec();
		struct contest *k = contest_new();

		a.swapped = true;
		a.state = cases[i].a;
		b.state = broken.state = cases[i].b;
		broken.outcome = "panic";
		k->opts.force = cases[i].force;
		add(k, 0, &a, 8);
		add(k, 1, &b, 1);
		add(k, 1, &broken, 7);
		judged(k);
		cr_assert_eq(k->c.scenario[0].outcome_verdict,
			     cases[i].barred ? VERDICT_UNKNOWN : VERDICT_REGRESSED, "case %zu", i);
		cr_assert_eq(
			left_out(k, "paced: broken runs: not judged: swap in use: A zram, B none"),
			cases[i].barred, "case %zu", i);
		contest_free(k);
	}
}

/* No run is made for what cannot be judged: the campaign ends at its first look, also where values
 * are too few, or runs of B break, so that more runs would decide. */
Test(shape, course_stops)
{
	static const struct {
		size_t first, broken; /* runs per side at the first look; of B, those that break */
	} cases[] = { { 5, 0 }, { 2, 0 }, { 5, 2 } };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const size_t first = cases[i].first, looks[] = { first, 10 };
		struct spec a = spec(), b = spec(), broken = spec();
		struct trip *t = trip_new(2, looks, 10);

		a.state = "thp.sizes none\n";
		b.state = broken.state = "thp.sizes 64kB=always\n";
		broken.outcome = "panic";
		a.sd = b.sd = .3;
		plan(t, 1, &a, &b, first - cases[i].broken);
		plan(t, 1, &a, &broken, cases[i].broken);
		plan(t, 2, &a, &b, 10 - first);
		cr_assert_eq(travel(t), 2 * first, "case %zu", i);
		cr_assert(t->c.course.finished, "case %zu", i);
		cr_assert_eq(t->c.verdict, VERDICT_UNKNOWN, "case %zu", i);
		cr_assert_eq(comparison_exit(&t->c), 77, "case %zu", i);
		trip_free(t);
	}
}
