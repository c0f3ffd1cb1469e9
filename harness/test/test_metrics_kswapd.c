/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time shapes of kswapd and stall times, worked out by hand. Window: 2 s to 4 s, drain 4 s to 6
 * s. */
#include <criterion/criterion.h>
#include <math.h>

#include "metric/metric.h"
#include "test/synth.h"

struct shape {
	struct synth s;
	struct archive a;
	struct run_view v;
};

/* A kswapd whose share of a CPU in each 100 ms from 2 s on is @tenths[i] / 10, until -1; then
 * samples without a change. */
static unsigned add_kswapd(struct synth *s, const char *name, const int *tenths, uint64_t until_us)
{
	unsigned id = synth_source(s, name, "run_ns");
	uint64_t ns = 5, t = 2000000;

	synth_sample(s, id, t, &ns);
	for (; t < until_us;) {
		t += 100000;
		if (*tenths >= 0)
			ns += (uint64_t)*tenths++ * 10000000;
		synth_sample(s, id, t, &ns);
	}
	return id;
}

static void add_window(struct synth *s)
{
	synth_mark(s, 2000000, "window-begin");
	synth_mark(s, 4000000, "window-end");
}

static void finish(struct shape *x, const char *name)
{
	synth_seal(&x->s);
	synth_parse(&x->s, name, &x->a);
	cr_assert(x->a.complete, "%s: %s", name, x->a.why);
	run_view_init(&x->v, &x->a);
}

/* NAN = ABSENT */
static double value(const struct shape *x, const char *name)
{
	const struct metric *m = metric_find(name);
	double got = NAN;

	cr_assert(m, "no row %s", name);
	return m->fn(&x->v, m, &got) ? got : NAN;
}

/* 3 tenths is at work, 2 is not: stretches of 2, 5 and 3 steps on node 0, of 4 on node 1; work
 * after the window does not count. */
Test(metrics, longest_burst)
{
	static const int node0[] = { 0, 9, 3, 2, 3, 3, 10, 4, 3, 0, 3, 3, 3, 1, 0,
				     0, 0, 0, 0, 0, 9, 9,  9, 9, 9, 9, 9, 9, -1 };
	static const int node1[] = { 5, 5, 5, 5, 0, -1 }, lazy[] = { 2, 2, 2, -1 };
	struct shape x;

	synth_init(&x.s);
	add_window(&x.s);
	add_kswapd(&x.s, "kswapd0/schedstat", node0, 5000000);
	add_kswapd(&x.s, "kswapd1/schedstat", node1, 5000000);
	finish(&x, "burst");
	cr_assert_float_eq(value(&x, "kswapd_longest_burst_s"), .5, 1e-9);
	archive_release(&x.a);

	synth_init(&x.s);
	add_window(&x.s);
	add_kswapd(&x.s, "kswapd0/schedstat", lazy, 5000000);
	finish(&x, "lazy");
	cr_assert_eq(value(&x, "kswapd_longest_burst_s"), 0);
	archive_release(&x.a);
}

/* Sampled every 10 ms, kswapd alternates with the load: this is still one stretch, not a
 * hundred. */
Test(metrics, burst_of_fine_samples)
{
	uint64_t ns = 0;
	struct shape x;
	unsigned id;

	synth_init(&x.s);
	add_window(&x.s);
	id = synth_source(&x.s, "kswapd0/schedstat", "run_ns");
	synth_sample(&x.s, id, 1990000, &ns);
	for (uint64_t i = 0; i <= 200; i++) {
		if (i > 100 && i % 2) /* from 3 s on: half of a CPU */
			ns += 10000000;
		synth_sample(&x.s, id, 2000000 + i * 10000, &ns);
	}
	finish(&x, "fine");
	cr_assert_float_eq(value(&x, "kswapd_longest_burst_s"), 1, 1e-9);
	archive_release(&x.a);
}

/* @runs: pageoutrun goes on until then, in us from the window's end; @ran: kswapd1's CPU time
 * does. */
static void drained(struct shape *x, uint64_t runs, uint64_t ran, const char *event)
{
	unsigned vm, k1;

	synth_init(&x->s);
	add_window(&x->s);
	vm = synth_source(&x->s, "vmstat", "pageoutrun pgscan_kswapd");
	add_kswapd(&x->s, "kswapd0/schedstat", (int[]){ 9, 9, -1 }, 7000000);
	k1 = synth_source(&x->s, "kswapd1/schedstat", "run_ns");
	for (uint64_t t = 1900000; t <= 7000000; t += 100000) {
		/* the memory is given back from here on: what runs now is no part of the drain */
		bool late = t > 6000000;
		uint64_t at = t < 4000000 ? 0 : t - 4000000;

		synth_sample(&x->s, vm, t,
			     (uint64_t[]){ late	       ? 999
					   : at < runs ? at / 1000
						       : runs / 1000,
					   7 });
		synth_sample(&x->s, k1, t,
			     (uint64_t[]){ late	      ? t * 1000
					   : at < ran ? 1 + at
						      : 1 + ran });
	}
	buf_addf(&x->s.text, "e 4003000 phase drain\n%se 6000000 phase end\n", event);
	finish(x, "drained");
}

Test(metrics, time_to_sleep)
{
	static const struct {
		uint64_t runs, ran;
		const char *event;
		double want;
	} cases[] = {
		{ 0, 0, "e 4503000 kswapd.asleep 0\n", 0 },
		{ 300000, 0, "e 4900000 kswapd.asleep 400000\n", .3 },
		/* the nap after the last run */
		{ 300000, 500000, "e 4900000 kswapd.asleep 400000\n", .5 },
		{ 9000000, 9000000, "e 6000000 kswapd.awake still reclaiming\n", 2 }, /* at least */
		{ 300000, 500000, "", NAN }, /* the drain was broken off */
	};
	struct shape x;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		double got;

		drained(&x, cases[i].runs, cases[i].ran, cases[i].event);
		got = value(&x, "kswapd_to_sleep_s");
		if (isnan(cases[i].want))
			cr_assert(isnan(got), "case %zu: %g", i, got);
		else
			cr_assert_float_eq(got, cases[i].want, 1e-9, "case %zu: %g, by hand %g", i,
					   got, cases[i].want);
		archive_release(&x.a);
	}
	synth_init(&x.s); /* a command on a host: no drain phase */
	add_window(&x.s);
	synth_sample(&x.s, synth_source(&x.s, "vmstat", "pageoutrun"), 1900000, (uint64_t[]){ 1 });
	add_kswapd(&x.s, "kswapd0/schedstat", (int[]){ 1, -1 }, 5000000);
	finish(&x, "command");
	cr_assert(isnan(value(&x, "kswapd_to_sleep_s")));
	archive_release(&x.a);
}

/* When one kswapd cannot be read, the numbers of the machine are ABSENT, those of the other nodes
 * are not. */
Test(metrics, one_kswapd_unread)
{
	struct arena mem = ARENA_INIT;
	const struct metric *m;
	const struct archive *runs[1];
	struct shape x;
	double got;

	synth_init(&x.s);
	add_window(&x.s);
	add_kswapd(&x.s, "kswapd0/schedstat", (int[]){ 5, 5, 5, 5, -1 }, 5000000);
	synth_sample(&x.s, synth_source(&x.s, "kswapd7/schedstat", "other"), 1900000,
		     (uint64_t[]){ 1 });
	finish(&x, "unread");
	runs[0] = &x.a;
	cr_assert(isnan(value(&x, "kswapd_duty")) && isnan(value(&x, "kswapd_longest_burst_s")));
	for (m = metrics_for(runs, 1, &mem, NULL); strcmp(m->name, "kswapd_duty_node0") != 0; m++)
		cr_assert(m[1].name, "no row kswapd_duty_node0");
	cr_assert(m->fn(&x.v, m, &got));
	cr_assert_float_eq(got, .1, 1e-9); /* .2 s of 2 s */
	while (strcmp(m->name, "kswapd_duty_node7") != 0)
		cr_assert((++m)->name, "no row kswapd_duty_node7");
	cr_assert(!m->fn(&x.v, m, &got));
	arena_release(&mem);
	archive_release(&x.a);
}

/* Time in direct reclaim: from the kernel's histogram, which is no workload. */
Test(metrics, stall_time)
{
	static const struct {
		const char *text;
		double want;
	} cases[] = {
		{ "w @kernel 0 direct_reclaim_stalls 2\nw @kernel 0 direct_reclaim_lost 0\n", .5 },
		{ "w @kernel 0 direct_reclaim_stalls 2\nw @kernel 0 direct_reclaim_lost 1\n", NAN },
		{ "", NAN },
	};
	struct shape x;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct archive *runs[] = { &x.a };
		struct arena mem = ARENA_INIT;
		double got;

		synth_init(&x.s);
		add_window(&x.s);
		buf_addstr(&x.s.text, cases[i].text);
		buf_addf(
			&x.s.text,
			"l @kernel 0 direct_reclaim_stall 2 1000000000 500000000 500000000 %zu:2\n",
			hist_index(500000000));
		synth_result(&x.s, "load", 0, "elapsed_s", 2);
		finish(&x, "stalls");
		got = value(&x, "direct_stall_time");
		cr_assert(isnan(cases[i].want) ? isnan(got) : fabs(got - cases[i].want) < 1e-9,
			  "case %zu: %g", i, got);
		for (const struct metric *m = metrics_for(runs, 1, &mem, NULL); m->name; m++)
			cr_assert_neq(*m->name, '@', "%s is no metric of a workload", m->name);
		arena_release(&mem);
		archive_release(&x.a);
	}
	synth_init(&x.s); /* looked and saw none */
	add_window(&x.s);
	buf_addstr(&x.s.text,
		   "w @kernel 0 direct_reclaim_stalls 0\nw @kernel 0 direct_reclaim_lost 0\n");
	finish(&x, "none");
	cr_assert_eq(value(&x, "direct_stall_time"), 0);
	archive_release(&x.a);
}

/* Reclaimers that some kernels count separately: each has its efficiency, ABSENT where nothing was
 * scanned. */
Test(metrics, other_reclaimers)
{
	struct shape x;
	unsigned id;

	synth_init(&x.s);
	add_window(&x.s);
	id = synth_source(
		&x.s, "vmstat",
		"pgscan_khugepaged pgsteal_khugepaged pgscan_proactive pgsteal_proactive");
	synth_sample(&x.s, id, 2000000, (uint64_t[]){ 10, 10, 3, 3 });
	synth_sample(&x.s, id, 4000000, (uint64_t[]){ 110, 35, 3, 3 });
	finish(&x, "reclaimers");
	cr_assert_eq(value(&x, "steal_scan_khugepaged"), .25);
	cr_assert(isnan(value(&x, "steal_scan_proactive")));
	archive_release(&x.a);
}
