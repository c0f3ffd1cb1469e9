/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made-up runs and a made-up comparison for the report tests. Everything is static: each test file
 * has its own copy.
 */
#ifndef WMARK_TEST_TEST_REPORT_H
#define WMARK_TEST_TEST_REPORT_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/rng.h"
#include "html/html.h"
#include "report/formats.h"

/* ------------------------------------------------------------- one run as archive text */

struct made_source {
	unsigned id;
	const char *const *key;
	unsigned nr;
	uint64_t last[32];
	bool had[32];
};

static inline void made_sources(struct buf *b, const struct made_source *s, const char *name,
				unsigned period_us)
{
	buf_addf(b, "src %u %s %u\n", s->id, name, period_us);
	for (unsigned i = 0; i < s->nr; i++)
		buf_addf(b, "d %u %u %s\n", i, s->id, s->key[i]);
}

static inline void made_sample(struct buf *b, struct made_source *s, uint64_t t_us, const double *v)
{
	unsigned next = 0;

	buf_addf(b, "s %u %llu 120 15", s->id, (unsigned long long)t_us);
	for (unsigned i = 0; i < s->nr; i++) {
		uint64_t now = v[i] > 0 ? (uint64_t)v[i] : 0;

		if (s->had[i] && now == s->last[i])
			continue;
		buf_addf(b, now >= s->last[i] ? " %u+%llu" : " %u-%llu", i - next,
			 (unsigned long long)(now >= s->last[i] ? now - s->last[i]
								: s->last[i] - now));
		next = i + 1;
		s->last[i] = now;
		s->had[i] = true;
	}
	buf_addc(b, '\n');
}

struct made_run {
	const char *release, *scenario;
	unsigned seed;
	double rate;	   /* pages/s the load takes */
	double kswapd_eff; /* steal/scan */
	double direct;	   /* share of the work done by direct reclaim */
	bool node_scan;	   /* nodeN/vmstat has pgscan_* (7.1) */
	double window_s;
};

static const char *const made_vmstat[] = {
	"nr_free_pages",	   "pgscan_kswapd",  "pgsteal_kswapd",
	"pgscan_direct",	   "pgsteal_direct", "allocstall_normal",
	"allocstall_movable",	   "pageoutrun",     "workingset_refault_anon",
	"workingset_refault_file", "pswpin",	     "pswpout"
};
static const char *const made_node[] = { "nr_free_pages", "pgscan_kswapd", "pgsteal_kswapd",
					 "pgscan_direct", "pgsteal_direct" };
static const char *const made_psi[] = { "some.total", "full.total" };
static const char *const made_sched[] = { "run_ns", "wait_ns", "slices" };
static const char *const made_zone[] = {
	"node0.DMA.free",   "node0.DMA.min",   "node0.DMA.low",	  "node0.DMA.high",
	"node0.DMA32.free", "node0.DMA32.min", "node0.DMA32.low", "node0.DMA32.high",
	"node1.DMA32.free", "node1.DMA32.min", "node1.DMA32.low", "node1.DMA32.high"
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

/* A tenth of a second of node @d: the load takes @want pages; kswapd works from low to high, direct
 * reclaim well below low. */
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

struct made_sources_all {
	struct made_source vm, psi, node[2], ks[2], zi;
};

static inline void made_tick(struct buf *b, struct made_sources_all *src, struct made_sim *s,
			     unsigned i, uint64_t us)
{
	s->v[0] = s->n[0][0] + s->n[1][0];
	for (int c = 1; c < 5; c++)
		s->v[c] = s->n[0][c] + s->n[1][c];
	made_sample(b, &src->vm, us, s->v);
	made_sample(b, &src->ks[0], us + 130, s->k[0]);
	made_sample(b, &src->ks[1], us + 160, s->k[1]);
	if (i % 5 == 0) {
		made_sample(b, &src->psi, us + 200, s->p);
		made_sample(b, &src->node[0], us + 220, s->n[0]);
		made_sample(b, &src->node[1], us + 240, s->n[1]);
	}
	if (i % 10 == 0) {
		double z[12] = { 900,
				 60,
				 75,
				 90,
				 s->n[0][0] - 900,
				 made_min[0] - 60,
				 made_low[0] - 75,
				 made_high[0] - 90,
				 s->n[1][0],
				 made_min[1],
				 made_low[1],
				 made_high[1] };

		made_sample(b, &src->zi, us + 300, z);
	}
}

static inline void made_head(struct buf *b, const struct made_run *m,
			     const struct made_sources_all *src)
{
	buf_addf(
		b,
		"wmark archive 1\nh wmark.version test\nh kernel.release %s\nh scenario.name %s\nh run.seed %u\n",
		m->release, m->scenario, m->seed);
	buf_addstr(
		b,
		"h machine.target exact\nh machine.nodes 2\nh machine.cpus 2\nh machine.memory 402653184\n"
		"h machine.emulator qemu 10.0.2 tcg icount\nh lru.mode classic\n"
		"h kernel.cmdline console=ttyS0 nokaslr\nh sysctl.vm.swappiness 60\n");
	made_sources(b, &src->vm, "vmstat", 100000);
	made_sources(b, &src->psi, "pressure/memory", 500000);
	made_sources(b, &src->node[0], "node0/vmstat", 500000);
	made_sources(b, &src->node[1], "node1/vmstat", 500000);
	made_sources(b, &src->ks[0], "kswapd0/schedstat", 100000);
	made_sources(b, &src->ks[1], "kswapd1/schedstat", 100000);
	made_sources(b, &src->zi, "zoneinfo", 1000000);
	buf_addstr(b, "e 0 phase setup\n");
}

/* The whole text but for its `end` line. */
static inline void made_archive(struct buf *b, const struct made_run *m)
{
	unsigned per_node = m->node_scan ? 5 : 1;
	struct made_sources_all src = {
		.vm = { .id = 0, .key = made_vmstat, .nr = 12 },
		.psi = { .id = 1, .key = made_psi, .nr = 2 },
		.node = { { .id = 2, .key = made_node, .nr = per_node },
			  { .id = 3, .key = made_node, .nr = per_node } },
		.ks = { { .id = 4, .key = made_sched, .nr = 3 },
			{ .id = 5, .key = made_sched, .nr = 3 } },
		.zi = { .id = 6, .key = made_zone, .nr = 12 }
	};
	struct made_sim s = {
		.n = { { 46000 }, { 43000 } },
		       .r = rng_make(m->seed, 1)
	};
	double begin = 4, end = begin + m->window_s, last = end + 2.5;

	made_head(b, m, &src);
	for (unsigned i = 0; i <= (unsigned)(last * 10); i++) {
		double t = i / 10.0,
		       burst = fmax(1 + 0.5 * sin(t * 1.9) + 0.9 * made_noise(&s.r), 0.05);
		unsigned long long us = i * 100000ull + 17;

		if (i == 20)
			buf_addf(b, "e %llu phase settle\n", us);
		for (int d = 0; d < 2; d++)
			made_step(&s, m, d,
				  t >= begin && t < end ? m->rate * (d ? 0.033 : 0.067) * burst
							: 0);
		made_tick(b, &src, &s, i, us);
		if (i ==
		    (unsigned)(begin * 10)) /* the sampler takes a sample, then writes the mark */
			buf_addf(b, "e %llu phase window\ne %llu mark window-begin\n", us + 400,
				 us + 400);
		if (i == (unsigned)(end * 10))
			buf_addf(b, "e %llu mark window-end\ne %llu phase drain\n", us + 400,
				 us + 400);
	}
	buf_addf(b, "e %llu phase end\n", (unsigned long long)(last * 1e6));
}

/* Closes the body with a true `end` line. */
static inline void made_end(struct buf *b)
{
	size_t lines = 0, samples = 0;

	for (const char *p = b->data; *p; p = strchr(p, '\n') + 1) {
		lines++;
		samples += p[0] == 's' && p[1] == ' ';
	}
	buf_addf(b, "end %zu %zu %016llx\n", lines, samples,
		 (unsigned long long)fnv1a(FNV_INIT, b->data, b->len));
}

static inline void made_load(struct archive *a, const struct made_run *m)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	made_archive(&b, m);
	made_end(&b);
	if (archive_parse(a, "made.wm", b.data, b.len, &e) || !a->complete) {
		fprintf(stderr, "made archive: %s %s\n", e.msg, a->why);
		abort();
	}
	buf_release(&b);
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

/* What the judge would have said: given, because reports decide nothing. */
struct made_verdict {
	double med, factor, noise; /* value of A, B = A * factor */
	double lo, hi, p_adj;
	enum verdict verdict;
};

static inline struct cmp_run *made_runs(struct comparison *c, const struct archive *a,
					const char *scenario, char side, size_t nr)
{
	struct cmp_run *r = arena_alloc(&c->mem, nr * sizeof(*r) + 1);

	for (size_t i = 0; i < nr; i++) {
		r[i].a = a ? &a[i] : NULL;
		r[i].file =
			arena_printf(&c->mem, "store/%s/%c/run-%02zu.wm", scenario, side, i + 1);
		r[i].seed = arena_printf(&c->mem, "%zu", 100 + i);
		r[i].order = (long)(i * 2 + ((side == 'B') != (i % 2 == 1)));
		r[i].usable = true;
	}
	return r;
}

static inline void made_metric(struct comparison *c, struct cmp_metric *m, const struct metric *def,
			       const struct made_verdict *v, size_t na, size_t nb, struct rng *r)
{
	*m = (struct cmp_metric){ .m = def,
				  .cls = def->cls,
				  .na = na,
				  .nb = nb,
				  .conf = .95,
				  .floor = def->floor,
				  .mde = .11,
				  .p_raw = v->p_adj / 3,
				  .p_adj = v->p_adj,
				  .p_same = .4,
				  .verdict = v->verdict,
				  .screen = VERDICT_UNKNOWN,
				  .p_confirm = NAN,
				  .confirm_shift = NAN,
				  .judged = na >= 3 && nb >= 3 };
	m->a = arena_alloc(&c->mem, (na + 1) * sizeof(double));
	m->b = arena_alloc(&c->mem, (nb + 1) * sizeof(double));
	for (size_t i = 0; i < na; i++)
		m->a[i] = v->med * (1 + v->noise * made_noise(r));
	for (size_t i = 0; i < nb; i++)
		m->b[i] = v->med * v->factor * (1 + v->noise * made_noise(r));
	m->va = na;
	m->vb = nb;
	m->med_a = na ? v->med * (1 + v->noise / 7) : NAN;
	m->med_b = nb ? v->med * v->factor * (1 - v->noise / 9) : NAN;
	m->shift = def->scale == SCALE_LOGIT ? v->med * (v->factor - 1) : v->factor - 1;
	m->lo = v->lo;
	m->hi = v->hi;
	if (!m->judged)
		m->why_not = "fewer than 3 runs with a value on each side";
	else if (m->cls == METRIC_PRIMARY)
		c->count[m->verdict]++;
}

static inline void made_scenario(struct comparison *c, struct cmp_scenario *s, const char *name,
				 const struct archive *aa, const struct archive *ab, size_t n,
				 const struct made_verdict v[MADE_METRICS], enum verdict verdict)
{
	struct rng r;

	r = rng_make(fnv1a(FNV_INIT, name, strlen(name)), 2);
	*s = (struct cmp_scenario){ .name = name,
				    .nra = n,
				    .nrb = n,
				    .ua = n,
				    .ub = n,
				    .nr_metrics = MADE_METRICS,
				    .p_outcome = 1,
				    .p_outcome_adj = 1,
				    .outcome_verdict = VERDICT_UNKNOWN,
				    .p_confirm_outcome = NAN,
				    .verdict = verdict };
	s->ra = made_runs(c, aa, name, 'A', n);
	s->rb = made_runs(c, ab, name, 'B', n);
	s->metric = arena_alloc(&c->mem, MADE_METRICS * sizeof(*s->metric));
	for (size_t i = 0; i < MADE_METRICS; i++) {
		made_metric(c, &s->metric[i], &made_metrics[i], &v[i], n, n, &r);
		c->nr_primary += s->metric[i].cls == METRIC_PRIMARY && s->metric[i].judged;
		c->nr_family = c->nr_primary;
	}
	/* one metric that this kernel cannot give */
	for (size_t i = 0; i < n; i++)
		s->metric[MADE_METRICS - 1].a[i] = s->metric[MADE_METRICS - 1].b[i] = NAN;
	s->metric[MADE_METRICS - 1].va = s->metric[MADE_METRICS - 1].vb = 0;
	s->metric[MADE_METRICS - 1].med_a = s->metric[MADE_METRICS - 1].med_b = NAN;
	s->metric[MADE_METRICS - 1].judged = false;
	s->metric[MADE_METRICS - 1].why_not = "absent on both sides";
}

static const struct made_verdict made_bad[MADE_METRICS] = {
	{ 412,   1.286, .06, .214,	 .367, .0286, VERDICT_REGRESSED },
	{ 8150,	1.07,  .4,  -.21,	.46,  .61,	  VERDICT_UNKNOWN	  },
	{ .83,   .68,   .03, -.29,  -.24, .0286, VERDICT_REGRESSED },
	{ 148.4, 1.021, .02, .011,  .032, .041,  VERDICT_SMALL     },
	{ 212.7, .998,  .01, -.009, .006, .93,   VERDICT_SAME	   },
	{ .42,   1.31,  .1,	 .12,   .49,  .01,	VERDICT_UNKNOWN	},
	{ .031,	2.4,   .2,	 .021,  .062, .01,	  VERDICT_UNKNOWN	  },
	{ 310,   1.9,   .1,	.71,   1.12, .01,	VERDICT_UNKNOWN	},
	{ 1.4,   1.1,   .2,	-.2,   .4,	 .5,    VERDICT_UNKNOWN   },
	{ 0,     1,	0,   0,     0,	 1,	    VERDICT_UNKNOWN   },
};
static const struct made_verdict made_good[MADE_METRICS] = {
	{ 96.3,	.81,   .05, -.24,	-.135, .0286, VERDICT_IMPROVED },
	{ 1240,	.9,    .5,	-.52,  .61,   .8,    VERDICT_UNKNOWN  },
	{ .91,    1.002, .01, -.008, .011,	.97,   VERDICT_SAME	  },
	{ 61.2,	1.01,  .1,  -.07,	.092,  .95,   VERDICT_UNKNOWN  },
	{ 1.31e4, 1.004, .02, -.012, .02,	  .96,   VERDICT_SAME	    },
	{ .11,    .95,   .2,	-.14,  .09,   .5,    VERDICT_UNKNOWN  },
	{ .002,	1.1,   .4,	 -.001, .001,  .5,	  VERDICT_UNKNOWN  },
	{ 92,     1,	 .05, -.03,  .04,	 .7,    VERDICT_UNKNOWN  },
	{ 0,	     1,	0,   0,     0,	 1,	    VERDICT_UNKNOWN  },
	{ 0,	     1,	0,   0,     0,	 1,	    VERDICT_UNKNOWN  },
};

static inline void made_env(struct comparison *c)
{
	static struct cmp_env env[] = {
		{ "config.PREEMPT_VOLUNTARY", "y",								 NULL,			 false },
		{ "sysctl.vm.defrag_mode",	   NULL,								"0",		      false },
		{ "kernel.cmdline",
		  "console=ttyS0 panic=-1 nokaslr mitigations=off no_timer_check random.trust_cpu=off numa=fake=2",
		  "console=ttyS0 panic=-1 nokaslr mitigations=off no_timer_check random.trust_cpu=off numa=fake=2 lru_gen=y",
		  false															   },
		{ "kernel.release",	    "6.1.192-cloud-amd64",						   "6.12.117-cloud-amd64", false },
		{ "lru.gen_enabled",	     "0x0000",							    "0x0007",		 false },
	};

	c->env = env;
	c->nr_env = ARRAY_SIZE(env);
}

/* Two kernels, three scenarios, 4 + 4 runs; archives for the time lines when @a and @b (3 x 4 of
 * each) are given. */
static inline void made_comparison(struct comparison *c, const struct archive *a,
				   const struct archive *b)
{
	static const char *left_out[] = {
		"steal_scan_direct: scan counts are not comparable between classic LRU (A) and MGLRU (B)",
		"scenario order: runs of A only"
	};

	memset(c, 0, sizeof(*c));
	c->label_a = "6.1.192";
	c->label_b = "6.12.117";
	snprintf(c->lru_a, sizeof(c->lru_a), "classic");
	snprintf(c->lru_b, sizeof(c->lru_b), "mglru");
	c->opts = (struct cmp_opts){
		.alpha = .05, .conf = .95, .alpha_same = .05, .permutations = 9999, .seed = 1
	};
	c->permutations = 9999;
	c->nr_scenarios = 3;
	c->scenario = arena_alloc(&c->mem, 3 * sizeof(*c->scenario));
	made_scenario(c, &c->scenario[0], "anon-paced", a, b, 4, made_bad, VERDICT_REGRESSED);
	made_scenario(c, &c->scenario[1], "file-stream", a ? a + 4 : NULL, b ? b + 4 : NULL, 4,
		      made_good, VERDICT_IMPROVED);
	made_scenario(c, &c->scenario[2], "slab-dentries", a ? a + 8 : NULL, b ? b + 8 : NULL, 4,
		      made_good, VERDICT_IMPROVED);
	c->scenario[1].rb[2].usable = false;
	c->scenario[1].rb[2].set_aside = "panic: Out of memory and no killable processes";
	c->scenario[1].rb[2].broken = true;
	c->scenario[1].ub = 3;
	c->scenario[1].broken_b = 1;
	for (size_t i = 0; i < MADE_METRICS; i++) {
		c->scenario[1].metric[i].nb = 3;
		c->scenario[1].metric[i].vb -= c->scenario[1].metric[i].vb ? 1 : 0;
	}
	made_env(c);
	c->left_out = left_out;
	c->nr_left_out = ARRAY_SIZE(left_out);
	c->verdict = VERDICT_REGRESSED;
}

#endif
