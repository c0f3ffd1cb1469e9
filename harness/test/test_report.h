/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made-up runs and a made-up comparison for the report tests, and functions that read the reports.
 * Everything is static: each test file has its own copy. */
#ifndef WMARK_TEST_TEST_REPORT_H
#define WMARK_TEST_TEST_REPORT_H

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/rng.h"
#include "html/html.h"
#include "judge/steps.h"
#include "report/formats.h"
#include "test/synth.h"

/* ------------------------------------------------------------- what was written */

static const struct report_opts plain = { .wmark_version = "test" };

static inline void wants(const struct buf *out, const char *text)
{
	cr_assert_not_null(strstr(out->data, text), "\"%s\" in\n%s", text, out->data);
}

/* Checks that no line of a text report is wider than 110 columns of UTF-8. */
static inline void check_width(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n"), w = 0;

		for (size_t i = 0; i < len; i++)
			w += ((unsigned char)text[i] & 0xc0) != 0x80;
		cr_assert_leq(w, 110, "%.*s", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

/* The JSON report, read back. */
static inline json_t *loaded(const struct comparison *c, const struct report_opts *o)
{
	struct buf out = BUF_INIT;
	json_error_t err;
	json_t *j;

	report_format_json.write(c, o, &out);
	j = json_loadb(out.data, out.len, JSON_REJECT_DUPLICATES, &err);
	cr_assert_not_null(j, "line %d: %s", err.line, err.text);
	buf_release(&out);
	return j;
}

/* ------------------------------------------------------------- one run as archive text */

struct made_run {
	const char *release, *scenario;
	unsigned seed;
	double rate;	   /* pages per second that the load takes */
	double kswapd_eff; /* steal/scan */
	double direct;	   /* share of the work done by direct reclaim */
	bool node_scan;	   /* nodeN/vmstat has pgscan_* (7.1) */
	double window_s;
};

static inline double made_noise(struct rng *r)
{
	return rng_unit(r) - 0.5;
}

/* Two nodes under load; node 0 gets two thirds of it. Cumulative counters and gauges as the kernel
 * would show them. */
struct made_sim {
	double v[12], n[2][5], k[2][3], p[2];
	bool awake[2];
	struct rng r;
};

static const double made_min[2] = { 2180, 2090 }, made_low[2] = { 2730, 2610 },
		    made_high[2] = { 3280, 3130 };

/* Simulates a tenth of a second of node @d: the load takes @want pages; kswapd works from low to
 * high, direct reclaim well below low. */
static inline void made_step(struct made_sim *s, const struct made_run *m, int d, double want)
{
	double *n = s->n[d], freed = 0, direct;

	n[0] -= want;
	if (n[0] < made_low[d])
		s->awake[d] = true;
	if (s->awake[d])
		freed = fmax(0, fmin(made_high[d] + 260 * rng_unit(&s->r) - n[0], m->rate * 0.16));
	if (s->awake[d] && n[0] + freed >= made_high[d])
		s->awake[d] = false;
	direct = n[0] < made_low[d] - 200 ? fmin(freed, freed * m->direct * (1 + made_noise(&s->r)))
					  : 0;
	n[0] = fmax(n[0] + freed, made_min[d] * 0.8);
	n[1] += (freed - direct) / fmax(0.05, m->kswapd_eff + 0.1 * made_noise(&s->r));
	n[2] += freed - direct;
	n[3] += direct / fmax(0.05, m->kswapd_eff * 0.9);
	n[4] += direct;
	s->k[d][0] += freed / m->kswapd_eff * 4000;
	s->k[d][2] += s->awake[d];
	s->v[5] += direct / 32;
	s->v[7] += s->awake[d];
	s->v[8] += freed * 0.2 * (1 + made_noise(&s->r));
	s->v[9] += freed * 0.5 * (1 + made_noise(&s->r));
	s->v[10] += freed * 0.15;
	s->v[11] += freed * 0.3;
	s->p[0] += direct * 90 + freed * 3;
	s->p[1] += direct * 60;
}

/* What is sampled: zones as zoneinfo prints them, two kswapd threads. */
struct made_sources {
	unsigned vm, psi, node[2], ks[2], zi;
};

/* Adds one sample; a simulated value below 0 becomes 0. */
static inline void made_sample(struct synth *t, unsigned source, uint64_t t_us, const double *v)
{
	uint64_t value[SYNTH_KEYS_MAX];

	for (size_t i = 0; i < t->nr_keys[source]; i++)
		value[i] = v[i] > 0 ? (uint64_t)v[i] : 0;
	synth_sample(t, source, t_us, value);
}

static inline void made_tick(struct synth *t, const struct made_sources *src, struct made_sim *s,
			     unsigned i, uint64_t us)
{
	s->v[0] = s->n[0][0] + s->n[1][0];
	for (int c = 1; c < 5; c++)
		s->v[c] = s->n[0][c] + s->n[1][c];
	made_sample(t, src->vm, us, s->v);
	for (int d = 0; d < 2; d++)
		made_sample(t, src->ks[d], us + 130 + 30 * (unsigned)d, s->k[d]);
	if (i % 5 == 0) {
		made_sample(t, src->psi, us + 200, s->p);
		for (int d = 0; d < 2; d++)
			made_sample(t, src->node[d], us + 220 + 20 * (unsigned)d, s->n[d]);
	}
	if (i % 10 == 0) {
		const double dma[4] = { 900, 60, 75, 90 }; /* free, min, low, high */
		const double zones[15] = { dma[0],
					   dma[1],
					   dma[2],
					   dma[3],
					   3840,
					   s->n[0][0] - dma[0],
					   made_min[0] - dma[1],
					   made_low[0] - dma[2],
					   made_high[0] - dma[3],
					   46000,
					   s->n[1][0],
					   made_min[1],
					   made_low[1],
					   made_high[1],
					   46000 };

		made_sample(t, src->zi, us + 300, zones);
	}
}

static inline void made_head(struct synth *t, const struct made_run *m)
{
	char seed[16];

	snprintf(seed, sizeof(seed), "%u", m->seed);
	synth_head(t, "kernel.release", m->release);
	synth_head(t, "scenario.name", m->scenario);
	synth_head(t, "run.seed", seed);
	synth_heads(t, "wmark.version test\n"
		       "machine.target exact\n"
		       "machine.nodes 2\n"
		       "machine.cpus 2\n"
		       "machine.memory 402653184\n"
		       "machine.emulator qemu 10.0.2 tcg icount\n"
		       "lru.mode classic\n"
		       "kernel.cmdline console=ttyS0 nokaslr\n"
		       "sysctl.vm.swappiness 60\n");
}

static inline struct made_sources made_sources(struct synth *t, bool node_scan)
{
	const char *node = node_scan ? "nr_free_pages pgscan_kswapd pgsteal_kswapd pgscan_direct "
				       "pgsteal_direct"
				     : "nr_free_pages";
	const char *sched = "run_ns wait_ns slices";
	struct made_sources src;

	src.vm = synth_source(t, "vmstat",
			      "nr_free_pages pgscan_kswapd pgsteal_kswapd pgscan_direct "
			      "pgsteal_direct allocstall_normal allocstall_movable pageoutrun "
			      "workingset_refault_anon workingset_refault_file pswpin pswpout");
	src.psi = synth_source_every(t, "pressure/memory", "500000", "some.total full.total");
	src.node[0] = synth_source_every(t, "node0/vmstat", "500000", node);
	src.node[1] = synth_source_every(t, "node1/vmstat", "500000", node);
	src.ks[0] = synth_source(t, "kswapd0/schedstat", sched);
	src.ks[1] = synth_source(t, "kswapd1/schedstat", sched);
	src.zi = synth_source_every(t, "zoneinfo", "1000000",
				    "node0.DMA.free node0.DMA.min node0.DMA.low node0.DMA.high "
				    "node0.DMA.managed node0.DMA32.free node0.DMA32.min "
				    "node0.DMA32.low node0.DMA32.high node0.DMA32.managed "
				    "node1.DMA32.free node1.DMA32.min node1.DMA32.low "
				    "node1.DMA32.high node1.DMA32.managed");
	return src;
}

/* Makes the whole text without its `end` line. As in the sampler, a sample comes before its
 * mark. */
static inline void made_archive(struct synth *t, const struct made_run *m)
{
	struct made_sim s = { .n = { { 46000 }, { 43000 } }, .r = rng_make(m->seed, 1) };
	double begin = 4, end = begin + m->window_s, last = end + 2.5;
	struct made_sources src;

	synth_init(t);
	made_head(t, m);
	src = made_sources(t, m->node_scan);
	synth_event(t, 0, "phase", "setup");
	for (unsigned i = 0; i <= (unsigned)(last * 10); i++) {
		double now = i / 10.0,
		       burst = fmax(1 + 0.5 * sin(now * 1.9) + 0.9 * made_noise(&s.r), 0.05);
		uint64_t us = i * 100000ull + 17;

		if (i == 20)
			synth_event(t, us, "phase", "settle");
		for (int d = 0; d < 2; d++)
			made_step(&s, m, d,
				  now >= begin && now < end ? m->rate * (d ? 0.033 : 0.067) * burst
							    : 0);
		made_tick(t, &src, &s, i, us);
		if (i == (unsigned)(begin * 10)) {
			synth_event(t, us + 400, "phase", "window");
			synth_mark(t, us + 400, "window-begin");
		}
		if (i == (unsigned)(end * 10)) {
			synth_mark(t, us + 400, "window-end");
			synth_event(t, us + 400, "phase", "drain");
		}
	}
	synth_event(t, (uint64_t)(last * 1e6), "phase", "end");
}

static inline void made_load(struct archive *a, const struct made_run *m)
{
	struct synth t;

	made_archive(&t, m);
	synth_seal(&t);
	synth_parse(&t, "made.wm", a);
	cr_assert(a->complete, "%s", a->why);
}

/* Makes the facts of such a run and writes its archive to @path. */
static inline void made_facts(struct run_facts *f, const struct made_run *m, const char *path)
{
	struct err e = ERR_INIT;
	struct archive a;
	struct synth t;

	made_archive(&t, m);
	synth_seal(&t);
	cr_assert_eq(fs_write(path, t.text.data, t.text.len, &e), 0, "%s", e.msg);
	buf_release(&t.text);
	cr_assert_eq(archive_load(&a, path, &e), 0, "%s", e.msg);
	facts_derive(f, &a);
	archive_release(&a);
}

/* ------------------------------------------------------------- a comparison */

#define MADE(n, u, b, k, s, res, fl, lru, text) \
	{ .name = n,                            \
	  .unit = u,                            \
	  .better = b,                          \
	  .cls = k,                             \
	  .scale = s,                           \
	  .c = res,                             \
	  .floor = fl,                          \
	  .breaks = lru,                        \
	  .help = text }
static const struct metric made_metrics[] = {
	MADE("fault_p99", "us", BETTER_LOWER, METRIC_PRIMARY, SCALE_LOG, 1, .03, 0,
	     "99th percentile of first-touch faults of the workload"),
	MADE("stall_p99", "us", BETTER_LOWER, METRIC_PRIMARY, SCALE_LOG, 1, .05, 0,
	     "time in direct reclaim, 99th percentile"),
	MADE("steal_scan_kswapd", "1", BETTER_HIGHER, METRIC_PRIMARY, SCALE_LOGIT, .001, .03,
	     BREAK_LRU, "pages kswapd freed of those it scanned"),
	MADE("kswapd_cpu", "ms/GiB", BETTER_LOWER, METRIC_PRIMARY, SCALE_LOG, .1, .05, 0,
	     "CPU time of all kswapd threads per GiB reclaimed"),
	MADE("work_rate", "MiB/s", BETTER_HIGHER, METRIC_PRIMARY, SCALE_LOG, .1, .03, 0,
	     "what the workload got done"),
	MADE("refault_ratio", "1", BETTER_LOWER, METRIC_SECONDARY, SCALE_LOG, .001, .05, 0,
	     "refaults per page stolen"),
	MADE("direct_share", "1", BETTER_LOWER, METRIC_SECONDARY, SCALE_LOGIT, .001, .02, 0,
	     "part of the reclaim work done by allocating tasks"),
	MADE("kswapd_runs", "1/GiB", BETTER_NEITHER, METRIC_SECONDARY, SCALE_LOG, 1, .05, 0,
	     "calls of balance_pgdat() (pageoutrun) per GiB"),
	MADE("below_low_s_node1", "s", BETTER_LOWER, METRIC_DIAGNOSTIC, SCALE_LOG, .1, .1, 0,
	     "time node 1 spent below its low watermark"),
	MADE("proactive_scan", "pages", BETTER_NEITHER, METRIC_DIAGNOSTIC, SCALE_LOG, 1, .1, 0,
	     "pages scanned for memory.reclaim"),
};
#define MADE_METRICS ARRAY_SIZE(made_metrics)

/* What the judge would have said; the tests give it, because reports decide nothing. */
struct made_verdict {
	double med, factor, noise; /* value of A, B = A * factor */
	double lo, hi, p_adj;
	enum verdict verdict;
};

/* @f: facts of as many archives, or NULL. */
static inline const struct run_facts **made_runs(struct comparison *c, const struct run_facts *f,
						 const char *scenario, enum side side, size_t nr)
{
	const struct run_facts **v = arena_alloc(&c->mem, nr * sizeof(*v) + 1);

	for (size_t i = 0; i < nr; i++) {
		struct run_facts *r = arena_alloc(&c->mem, sizeof(*r));

		if (f)
			*r = f[i];
		else
			r->head.path = arena_printf(&c->mem, "store/%s/%c/run-%02zu.wm", scenario,
						    side_letter(side), i + 1);
		r->seed = arena_printf(&c->mem, "%zu", 100 + i);
		r->order = (long)(i * 2 + ((side == SIDE_B) != (i % 2 == 1)));
		r->usable = true;
		r->finding = NULL;
		r->nr_findings = 0;
		v[i] = r;
	}
	return v;
}

/* A made-up run, for a test to change. */
static inline struct run_facts *made(struct comparison *c, size_t scenario, enum side side,
				     size_t i)
{
	const struct cmp_scenario *s = &c->scenario[scenario];

	return (struct run_facts *)s->side[side].run[i];
}

static inline void made_metric(struct comparison *c, struct cmp_metric *m, const struct metric *def,
			       const struct made_verdict *v, size_t na, size_t nb, struct rng *r)
{
	*m = (struct cmp_metric){ .m = def,
				  .cls = def->cls,
				  .side[SIDE_A].nr = na,
				  .side[SIDE_B].nr = nb,
				  .conf = .95,
				  .floor = def->floor,
				  .mde = .11,
				  .p_raw = v->p_adj / 3,
				  .p_adj = v->p_adj,
				  .p_same = .4,
				  .verdict = v->verdict,
				  .screen = VERDICT_UNKNOWN,
				  .p_confirm = NAN,
				  .judged = na >= 3 && nb >= 3 };
	m->side[SIDE_A].v = arena_alloc(&c->mem, (na + 1) * sizeof(double));
	m->side[SIDE_B].v = arena_alloc(&c->mem, (nb + 1) * sizeof(double));
	for (size_t i = 0; i < na; i++)
		m->side[SIDE_A].v[i] = v->med * (1 + v->noise * made_noise(r));
	for (size_t i = 0; i < nb; i++)
		m->side[SIDE_B].v[i] = v->med * v->factor * (1 + v->noise * made_noise(r));
	m->side[SIDE_A].present = na;
	m->side[SIDE_B].present = nb;
	m->side[SIDE_A].median = na ? v->med * (1 + v->noise / 7) : NAN;
	m->side[SIDE_B].median = nb ? v->med * v->factor * (1 - v->noise / 9) : NAN;
	m->shift = def->scale == SCALE_LOGIT ? v->med * (v->factor - 1) : v->factor - 1;
	m->lo = v->lo;
	m->hi = v->hi;
	if (!m->judged)
		m->why_not = "fewer than 3 runs with a value on each side";
	else if (m->cls == METRIC_PRIMARY)
		c->count[m->verdict]++;
}

static inline void made_scenario(struct comparison *c, struct cmp_scenario *s, const char *name,
				 const struct run_facts *fa, const struct run_facts *fb, size_t n,
				 const struct made_verdict v[MADE_METRICS], enum verdict verdict)
{
	struct rng r;

	r = rng_make(fnv1a(FNV_INIT, name, strlen(name)), 2);
	*s = (struct cmp_scenario){ .name = name,
				    .side[SIDE_A].nr = n,
				    .side[SIDE_B].nr = n,
				    .side[SIDE_A].usable = n,
				    .side[SIDE_B].usable = n,
				    .nr_metrics = MADE_METRICS,
				    .p_outcome = 1,
				    .p_outcome_adj = 1,
				    .outcome_verdict = VERDICT_UNKNOWN,
				    .p_confirm_outcome = NAN,
				    .verdict = verdict };
	s->side[SIDE_A].run = made_runs(c, fa, name, SIDE_A, n);
	s->side[SIDE_B].run = made_runs(c, fb, name, SIDE_B, n);
	s->metric = arena_alloc(&c->mem, MADE_METRICS * sizeof(*s->metric));
	for (size_t i = 0; i < MADE_METRICS; i++) {
		made_metric(c, &s->metric[i], &made_metrics[i], &v[i], n, n, &r);
		c->nr_primary += s->metric[i].cls == METRIC_PRIMARY && s->metric[i].judged;
		c->nr_judged = c->nr_family = c->nr_primary;
	}
	/* one metric that this kernel cannot have */
	for (size_t i = 0; i < n; i++)
		s->metric[MADE_METRICS - 1].side[SIDE_A].v[i] =
			s->metric[MADE_METRICS - 1].side[SIDE_B].v[i] = NAN;
	s->metric[MADE_METRICS - 1].side[SIDE_A].present =
		s->metric[MADE_METRICS - 1].side[SIDE_B].present = 0;
	s->metric[MADE_METRICS - 1].side[SIDE_A].median =
		s->metric[MADE_METRICS - 1].side[SIDE_B].median = NAN;
	s->metric[MADE_METRICS - 1].judged = false;
	s->metric[MADE_METRICS - 1].why_not = "absent on both sides";
}

static const struct made_verdict made_bad[MADE_METRICS] = {
	{ 412, 1.286, .06, .214, .367, .0286, VERDICT_REGRESSED },
	{ 8150, 1.07, .4, -.21, .46, .61, VERDICT_UNKNOWN },
	{ .83, .68, .03, -.29, -.24, .0286, VERDICT_REGRESSED },
	{ 148.4, 1.021, .02, .011, .032, .041, VERDICT_SMALL },
	{ 212.7, .998, .01, -.009, .006, .93, VERDICT_SAME },
	{ .42, 1.31, .1, .12, .49, .01, VERDICT_UNKNOWN },
	{ .031, 2.4, .2, .021, .062, .01, VERDICT_UNKNOWN },
	{ 310, 1.9, .1, .71, 1.12, .01, VERDICT_UNKNOWN },
	{ 1.4, 1.1, .2, -.2, .4, .5, VERDICT_UNKNOWN },
	{ 0, 1, 0, 0, 0, 1, VERDICT_UNKNOWN },
};
static const struct made_verdict made_good[MADE_METRICS] = {
	{ 96.3, .81, .05, -.24, -.135, .0286, VERDICT_IMPROVED },
	{ 1240, .9, .5, -.52, .61, .8, VERDICT_UNKNOWN },
	{ .91, 1.002, .01, -.008, .011, .97, VERDICT_SAME },
	{ 61.2, 1.01, .1, -.07, .092, .95, VERDICT_UNKNOWN },
	{ 1.31e4, 1.004, .02, -.012, .02, .96, VERDICT_SAME },
	{ .11, .95, .2, -.14, .09, .5, VERDICT_UNKNOWN },
	{ .002, 1.1, .4, -.001, .001, .5, VERDICT_UNKNOWN },
	{ 92, 1, .05, -.03, .04, .7, VERDICT_UNKNOWN },
	{ 0, 1, 0, 0, 0, 1, VERDICT_UNKNOWN },
	{ 0, 1, 0, 0, 0, 1, VERDICT_UNKNOWN },
};

#define CMDLINE                                                                               \
	"console=ttyS0 panic=-1 nokaslr mitigations=off no_timer_check random.trust_cpu=off " \
	"numa=fake=2"
static inline void made_env(struct comparison *c)
{
	static struct cmp_env env[] = {
		{ "config.PREEMPT_VOLUNTARY", "y", NULL, false },
		{ "sysctl.vm.defrag_mode", NULL, "0", false },
		{ "kernel.cmdline", CMDLINE, CMDLINE " lru_gen=y", false },
		{ "kernel.release", "6.1.192-cloud-amd64", "6.12.117-cloud-amd64", false },
		{ "lru.gen_enabled", "0x0000", "0x0007", false },
	};

	c->env = env;
	c->nr_env = ARRAY_SIZE(env);
}

/* Makes a comparison of two kernels with three scenarios and 4 + 4 runs; @a and @b (3 x 4 facts
 * each, or NULL) give it archives for the time lines. */
static inline void made_comparison(struct comparison *c, const struct run_facts *a,
				   const struct run_facts *b)
{
	static const char *left_out[] = {
		"steal_scan_direct: scan counts are not comparable between classic LRU (A) and MGLRU (B)",
		"scenario order: runs of A only"
	};

	memset(c, 0, sizeof(*c));
	c->label[SIDE_A] = "6.1.192";
	c->label[SIDE_B] = "6.12.117";
	snprintf(c->lru[SIDE_A], sizeof(c->lru[SIDE_A]), "classic");
	snprintf(c->lru[SIDE_B], sizeof(c->lru[SIDE_B]), "mglru");
	c->opts = (struct cmp_opts){ .alpha = .05,
				     .conf = .95,
				     .alpha_same = .05,
				     .permutations = 9999,
				     .seed = 1,
				     .fine = .5 };
	c->permutations = 9999;
	c->nr_scenarios = 3;
	c->scenario = arena_alloc(&c->mem, 3 * sizeof(*c->scenario));
	made_scenario(c, &c->scenario[0], "anon-paced", a, b, 4, made_bad, VERDICT_REGRESSED);
	made_scenario(c, &c->scenario[1], "file-stream", a ? a + 4 : NULL, b ? b + 4 : NULL, 4,
		      made_good, VERDICT_IMPROVED);
	made_scenario(c, &c->scenario[2], "slab-dentries", a ? a + 8 : NULL, b ? b + 8 : NULL, 4,
		      made_good, VERDICT_IMPROVED);
	made(c, 1, SIDE_B, 2)->usable = false;
	made(c, 1, SIDE_B, 2)->set_aside = "panic: Out of memory and no killable processes";
	made(c, 1, SIDE_B, 2)->broken = true;
	c->scenario[1].side[SIDE_B].usable = 3;
	c->scenario[1].side[SIDE_B].broken = 1;
	for (size_t i = 0; i < MADE_METRICS; i++) {
		c->scenario[1].metric[i].side[SIDE_B].nr = 3;
		c->scenario[1].metric[i].side[SIDE_B].present -=
			c->scenario[1].metric[i].side[SIDE_B].present ? 1 : 0;
	}
	made_env(c);
	c->left_out = left_out;
	c->nr_left_out = ARRAY_SIZE(left_out);
	c->verdict = VERDICT_REGRESSED;
	cmp_show_fine(c);
}

#endif
