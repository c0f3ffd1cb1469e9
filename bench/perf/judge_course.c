/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Simulated campaigns before the shipped judge: each run is a struct run_facts with the model's
 * numbers, and compare_runs() and course_judge() judge them.
 */
#include "judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "judge/compare.h"
#include "judge/course.h"

#define RUNS (2 * RUNS_MAX + 2 * FRESH) /* runs of a scenario, both sides */
#define LEVEL 1e6 /* level of every metric; the resolution is negligible at this level */

/* Metrics on a logarithmic scale, in the order in which facts hold them. */
static const char *const metrics[METRICS] = { "kswapd_cpu_ms_per_gib", "kswapd_runs_per_gib",
					      "refaults_per_gib", "stalls_per_gib" };

struct world {
	struct run_facts run[SCENARIOS][RUNS], past[SCENARIOS][PAST_RUNS];
	struct facts_value value[SCENARIOS][RUNS][METRICS], old[SCENARIOS][PAST_RUNS][METRICS];
	struct course_run course[SCENARIOS * RUNS];
	const struct run_facts *history[SCENARIOS * PAST_RUNS];
	struct archive_kv kv[SCENARIOS][5 + METRICS];
	char name[SCENARIOS][16], floor_key[METRICS][64], floor[16], primary[128];
	size_t nr_history;
};

/* Makes the facts that every run of a scenario has. */
static void make_heads(struct world *w)
{
	snprintf(w->floor, sizeof(w->floor), "%g", FLOOR);
	for (size_t k = 0; k < METRICS; k++) {
		size_t len = strlen(w->primary);

		snprintf(w->floor_key[k], sizeof(w->floor_key[k]), "judge.floor.%s", metrics[k]);
		snprintf(w->primary + len, sizeof(w->primary) - len, "%s%s", k ? " " : "",
			 metrics[k]);
	}
	for (size_t g = 0; g < SCENARIOS; g++) {
		struct archive_kv *kv = w->kv[g];

		snprintf(w->name[g], sizeof(w->name[g]), "s%02zu", g);
		*kv++ = (struct archive_kv){ "scenario.name", w->name[g], false };
		*kv++ = (struct archive_kv){ "machine.key", "m", false };
		*kv++ = (struct archive_kv){ "lru.mode", "classic", false };
		*kv++ = (struct archive_kv){ "kernel.image_hash", "k", false };
		*kv++ = (struct archive_kv){ "judge.primary", w->primary, false };
		for (size_t k = 0; k < METRICS; k++)
			*kv++ = (struct archive_kv){ w->floor_key[k], w->floor, false };
	}
}

static void make_run(struct world *w, struct run_facts *f, struct facts_value *v, size_t scenario,
		     size_t order)
{
	for (size_t k = 0; k < METRICS; k++)
		v[k].metric = metrics[k];
	*f = (struct run_facts){ .scenario = w->name[scenario],
				 .order = (long)order,
				 .usable = true,
				 .final = true,
				 .has_window = true,
				 .value = v,
				 .nr_values = METRICS };
	f->head = (struct archive){ .path = "",
				    .kv = w->kv[scenario],
				    .nr_kv = ARRAY_SIZE(w->kv[scenario]),
				    .complete = true,
				    .checksum = (uint64_t)(uintptr_t)f };
	snprintf(f->breaks.lru, sizeof(f->breaks.lru), "classic");
}

/* The first look that counts the @i-th run of a side. */
static size_t stage_of(const struct cmp_course *plan, size_t i)
{
	size_t look = 0;

	while (i >= plan->n[look])
		look++;
	return look + 1;
}

static struct world *world(void)
{
	static struct world *w;
	struct cmp_course plan;

	if (w)
		return w;
	w = xcalloc(1, sizeof(*w));
	course_default(&plan, ALPHA);
	make_heads(w);
	for (size_t g = 0; g < SCENARIOS; g++) {
		for (size_t i = 0; i < RUNS; i++) {
			bool fresh = i >= 2 * RUNS_MAX;

			make_run(w, &w->run[g][i], w->value[g][i], g, i);
			w->course[g * RUNS + i] = (struct course_run){
				.scenario = w->name[g],
				.side = i % 2 ? SIDE_B : SIDE_A,
				.stage = fresh ? COURSE_FRESH : stage_of(&plan, i / 2),
				.facts = &w->run[g][i],
			};
		}
		for (size_t i = 0; i < PAST_RUNS; i++)
			make_run(w, &w->past[g][i], w->old[g][i], g, i);
	}
	return w;
}

static void fill(struct world *w, const struct series *s)
{
	w->nr_history = 0;
	for (size_t g = 0; g < SCENARIOS; g++) {
		for (size_t k = 0; k < METRICS; k++) {
			const struct series *m = &s[g * METRICS + k];

			for (size_t i = 0; i < RUNS; i++) {
				size_t at = i < 2 * RUNS_MAX ? i / 2 : i / 2 - RUNS_MAX;
				const double *from = i < 2 * RUNS_MAX
							     ? (i % 2 ? m->b : m->a)
							     : (i % 2 ? m->fresh_b : m->fresh_a);

				w->value[g][i][k].v = LEVEL * exp(from[at]);
			}
			for (size_t i = 0; i < m->nr_past; i++)
				w->old[g][i][k].v = LEVEL * exp(m->past[i]);
		}
		for (size_t i = 0; i < s[g * METRICS].nr_past; i++)
			w->history[w->nr_history++] = &w->past[g][i];
	}
}

static void options(const struct world *w, uint64_t permutations, uint64_t seed, struct cmp_opts *o)
{
	cmp_opts_init(o);
	o->alpha = o->alpha_same = ALPHA;
	o->permutations = permutations;
	o->seed = seed;
	o->history = w->nr_history ? w->history : NULL;
	o->nr_history = w->nr_history;
}

static void take(const struct cmp_metric *m, struct result *r, size_t h)
{
	enum verdict v = m->look ? m->screen : m->verdict;

	r->alarm[h] = v == VERDICT_REGRESSED || v == VERDICT_IMPROVED;
	r->improved[h] = v == VERDICT_IMPROVED;
	r->rejected[h] = r->alarm[h] || v == VERDICT_SMALL;
	r->same[h] = v == VERDICT_SAME;
	r->mde[h] = m->mde;
	r->confirmed[h] = m->confirm == CONFIRM_YES;
}

static void take_all(const struct comparison *c, struct result *r)
{
	for (size_t g = 0; g < c->nr_scenarios; g++)
		for (size_t i = 0; i < c->scenario[g].nr_metrics; i++)
			for (size_t k = 0; k < METRICS; k++)
				if (!strcmp(c->scenario[g].metric[i].m->name, metrics[k]))
					take(&c->scenario[g].metric[i], r, g * METRICS + k);
}

static void must(int ret, const struct err *e)
{
	if (!ret)
		return;
	fprintf(stderr, "judge: %s\n", e->msg);
	exit(3);
}

void course_once(const struct model *m, const struct series *s, uint64_t permutations,
		 uint64_t seed, struct result *r)
{
	const struct run_facts *side[2][SCENARIOS * RUNS_MAX];
	size_t scenarios = m->scenarios ? m->scenarios : SCENARIOS, nr = 0;
	struct world *w = world();
	struct err e = ERR_INIT;
	struct comparison c;
	struct cmp_opts o;

	*r = (struct result){ .rejected = { false } };
	fill(w, s);
	options(w, permutations, seed, &o);
	o.alpha = m->alpha > 0 ? m->alpha : ALPHA;
	for (size_t g = 0; g < scenarios; g++) {
		r->runs[g] = g < scenarios - m->frozen ? m->n : FROZEN_RUNS;
		for (size_t i = 0; i < r->runs[g]; i++, nr++) {
			side[0][nr] = &w->run[g][2 * i];
			side[1][nr] = &w->run[g][2 * i + 1];
		}
	}
	must(compare_runs(side[0], nr, side[1], nr, &o, &c, &e), &e);
	take_all(&c, r);
	comparison_release(&c);
}

void course_looks(const struct series *s, uint64_t permutations, uint64_t seed, struct result *r)
{
	struct world *w = world();
	struct cmp_course plan;
	struct course_next next;
	struct err e = ERR_INIT;
	struct comparison c;
	struct cmp_opts o;

	*r = (struct result){ .rejected = { false } };
	fill(w, s);
	options(w, permutations, seed, &o);
	course_default(&plan, ALPHA);
	must(course_judge(&plan, w->course, ARRAY_SIZE(w->course), &o, &c, &next, &e), &e);
	take_all(&c, r);
	for (size_t g = 0; g < c.nr_scenarios; g++)
		r->runs[g] = plan.n[c.scenario[g].looks - 1];
	free(next.v);
	comparison_release(&c);
}
