/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Synthetic campaigns for the tests of compare: seeded runs with known means, one archive each. */
#ifndef WMARK_TEST_TEST_COMPARE_SYNTH_H
#define WMARK_TEST_TEST_COMPARE_SYNTH_H

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>

#include "base/rng.h"
#include "judge/compare.h"
#include "judge/facts_file.h"
#include "stats/stats.h"
#include "test/synth.h"

#define RUNS_MAX 24

/* How one run is made; the defaults of spec() give a good run of scenario "paced". */
struct spec {
	const char *scenario, *hash, *release, *lru, *outcome, *detail, *memory, *knob, *primary,
		*floor, *extra, *target, *cpus, *settings, *state, *image;
	double stalls, efficiency, cpu_ms, refaults, rate; /* means */
	double sd; /* of the logarithm; 0 = the same numbers in every run */
	uint64_t seed;
	uint64_t lat_ns; /* 0 = no histogram */
	bool no_window, cut, era71, era59, no_direct, swapped;
	bool stale; /* the last sample of vmstat is too old for the end of the window */
};

static inline struct spec spec(void)
{
	return (struct spec){ .scenario = "paced",
			      .hash = "11",
			      .release = "6.12.0",
			      .lru = "classic",
			      .outcome = "ok",
			      .memory = "402653184",
			      .target = "exact",
			      .stalls = 200,
			      .efficiency = .8,
			      .cpu_ms = 900,
			      .refaults = .2,
			      .rate = 5000,
			      .sd = .03 };
}

static inline double noisy(struct rng *r, double mean, double sd)
{
	return mean * exp(sd * stat_norm_inv((1 + (double)rng_below(r, 999998)) / 1e6));
}

static inline void heads(struct synth *s, const struct spec *p, long order)
{
	char num[32];

	snprintf(num, sizeof(num), "%ld", order);
	synth_head(s, "epoch", num);
	synth_head(s, "machine.key", p->hash);
	synth_head(s, "machine.target", p->target);
	if (p->cpus)
		synth_head(s, "machine.cpus", p->cpus);
	synth_head(s, "machine.memory", p->memory);
	synth_head(s, "kernel.release", p->release);
	synth_head(s, "lru.mode", p->lru);
	synth_head(s, "run.seed", num);
	synth_head(s, "run.order", num);
	synth_head(s, "scenario.name", p->scenario);
	synth_head(s, "scenario.hash", p->hash);
	synth_head(s, "sysctl.vm.swappiness", p->knob ? p->knob : "60");
	if (p->primary)
		synth_head(s, "judge.primary", p->primary);
	if (p->floor)
		synth_head(s, "judge.floor.stalls_per_gib", p->floor);
	if (p->settings)
		synth_head(s, "side.settings", p->settings);
	if (p->state)
		synth_heads(s, p->state);
	if (p->image)
		synth_head(s, "kernel.image_hash", p->image);
	if (p->extra)
		synth_head(s, p->extra, "x");
}

static inline void numbers(struct synth *s, const struct spec *p, struct rng *r)
{
	double steal = 1048576; /* 4 GiB by kswapd, of 8 GiB allocated */
	double scan = steal / fmin(.999, noisy(r, p->efficiency, p->sd / 3)),
	       stalls = 8 * noisy(r, p->stalls, p->sd);
	double cpu_ns = 4e6 * noisy(r, p->cpu_ms, p->sd),
	       refaults = steal * noisy(r, p->refaults, p->sd);
	/* there is one sample at each end and no other */
	unsigned vm = synth_source_every(s, "vmstat", "10000000",
					 "pgscan_kswapd pgsteal_kswapd pgalloc_normal pageoutrun");
	unsigned cpu = synth_source(s, "kswapd0/schedstat", "run_ns");
	const uint64_t zero[10] = { 0 };
	uint64_t at_end[10] = {
		(uint64_t)scan,	 (uint64_t)steal, 2097152, 300, (uint64_t)refaults, 0, 0,
		(uint64_t)stalls
	};

	synth_key(s, vm, p->era59 ? "workingset_refault_file" : "workingset_refault");
	if (!p->no_direct) {
		synth_key(s, vm, "pgscan_direct");
		synth_key(s, vm, "pgsteal_direct");
		synth_key(s, vm, "allocstall_normal");
	}
	if (p->era59)
		synth_key(s, vm, "workingset_refault_anon");
	if (p->swapped) {
		at_end[s->nr_keys[vm]] = 4096;
		synth_key(s, vm, "pswpout");
	}
	synth_sample(s, vm, 900, zero);
	synth_sample(s, vm, p->stale ? 4000000 : 9999900, at_end);
	synth_sample(s, cpu, 900, zero);
	synth_sample(s, cpu, 9999900, (uint64_t[]){ (uint64_t)cpu_ns });
	if (p->era71)
		synth_sample(s, synth_source(s, "node0/vmstat", "pgscan_direct"), 900, zero);
	synth_result(s, "load", 0, "elapsed_s", 10);
	if (p->lat_ns)
		synth_hist(s, "load", 0, "touch", 100, p->lat_ns);
	synth_result(s, "load", 0, "ops.touch", 10 * noisy(r, p->rate, p->sd));
}

/* Replaces a run by the one that its saved facts give back. */
static inline void through_text(struct run_facts *f)
{
	const struct facts_of of = { 4711, 12, 13 };
	struct run_facts saved;
	struct buf text = BUF_INIT;

	facts_write(f, &of, &text);
	cr_assert(facts_read(&saved, &of, f->head.path, text.data, text.len), "%s", text.data);
	facts_release(f);
	*f = saved;
	buf_release(&text);
}

/* The text of a run; host lines may follow. */
static inline void make_text(struct synth *s, const struct spec *p, enum side side, long order)
{
	struct rng r =
		rng_make(p->seed * 1000 + (uint64_t)(side == SIDE_B ? 500 : 0), (uint64_t)order);

	synth_init(s);
	heads(s, p, order);
	numbers(s, p, &r);
	synth_mark(s, 1000, "window-begin");
	if (!p->no_window)
		synth_mark(s, 10001000, "window-end");
	if (!p->cut)
		synth_seal(s);
	if (p->outcome)
		buf_addf(&s->text, "H outcome %s\n", p->outcome);
	if (p->detail)
		buf_addf(&s->text, "H outcome.detail %s\n", p->detail);
}

static inline void make_run(struct run_facts *f, const struct spec *p, enum side side, long order)
{
	char name[64];
	struct archive a;
	struct synth s;

	make_text(&s, p, side, order);
	snprintf(name, sizeof(name), "%s-%c-%02ld.wm", p->scenario, side_letter(side), order);
	synth_parse(&s, name, &a);
	facts_derive(f, &a);
	archive_release(&a);
	if (order % 2)
		through_text(f);
}

struct contest {
	struct run_facts run[2][RUNS_MAX];
	const struct run_facts *p[2][RUNS_MAX];
	size_t nr[2];
	struct comparison c;
	struct cmp_opts opts;
	struct err e;
};

static inline struct contest *contest_new(void)
{
	struct contest *k = xcalloc(1, sizeof(*k));

	cmp_opts_init(&k->opts);
	k->opts.permutations = 999;
	return k;
}

static inline void add(struct contest *k, int side, const struct spec *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t at = k->nr[side]++;

		make_run(&k->run[side][at], p, side ? SIDE_B : SIDE_A, (long)at);
		k->p[side][at] = &k->run[side][at];
	}
}

static inline int judge(struct contest *k)
{
	return compare_runs(k->p[0], k->nr[0], k->p[1], k->nr[1], &k->opts, &k->c, &k->e);
}

/* judge(), which must not fail. */
static inline void judged(struct contest *k)
{
	cr_assert_eq(judge(k), 0, "%s", k->e.msg);
}

/* Makes side A of @past the earlier runs of @k. */
static inline void use_history(struct contest *k, const struct contest *past)
{
	k->opts.history = past->p[0];
	k->opts.nr_history = past->nr[0];
}

static inline void contest_free(struct contest *k)
{
	comparison_release(&k->c);
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < k->nr[side]; i++)
			facts_release(&k->run[side][i]);
	free(k);
}

static inline const struct cmp_metric *metric(const struct contest *k, size_t scenario,
					      const char *name)
{
	const struct cmp_scenario *s = &k->c.scenario[scenario];

	for (size_t i = 0; i < s->nr_metrics; i++)
		if (!strcmp(s->metric[i].m->name, name))
			return &s->metric[i];
	cr_assert(false, "no metric %s", name);
	return NULL;
}

/* Compares @na runs of @a with @nb of @b. */
static inline struct contest *versus(const struct spec *a, size_t na, const struct spec *b,
				     size_t nb)
{
	struct contest *k = contest_new();

	add(k, 0, a, na);
	add(k, 1, b, nb);
	judged(k);
	return k;
}

/* Is @word in a line of what was left out? */
static inline bool left_out(const struct contest *k, const char *word)
{
	for (size_t i = 0; i < k->c.nr_left_out; i++)
		if (strstr(k->c.left_out[i], word))
			return true;
	return false;
}

#define ASSERT_LABELS(k, a, b)                             \
	do {                                               \
		cr_assert_str_eq((k)->c.label[SIDE_A], a); \
		cr_assert_str_eq((k)->c.label[SIDE_B], b); \
	} while (0)

#define ASSERT_VERDICT(k, name, want)                                                       \
	cr_assert_eq(metric(k, 0, name)->verdict, want, "%s: %s, p_adj %g, shift %g", name, \
		     verdict_names[metric(k, 0, name)->verdict], metric(k, 0, name)->p_adj, \
		     metric(k, 0, name)->shift)

#endif
