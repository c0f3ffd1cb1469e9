/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Judges every pair of builds as the campaigns that `wmark ab` would make of their runs. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "campaign/baselines.h"
#include "campaign/looks.h"
#include "judge/compare.h"
#include "judge/course.h"
#include "judge/scale.h"
#include "rebuild.h"
#include "stats/stats.h"

#define LAST_LOOK 20
#define OTHERS_MIN 4 /* with fewer builds than this a floor is no measurement */

/* ---------------------------------------------------------------- rates */

/* The mean of @hit over pairs of builds but @without (SIZE_MAX: of all), and how many those are. */
static double mean_without(const signed char *hit, size_t builds, size_t blocks, size_t without,
			   size_t *n)
{
	size_t k = 0, pair = 0;

	*n = 0;
	for (size_t i = 0; i < builds; i++)
		for (size_t j = i + 1; j < builds; j++, pair++)
			for (size_t at = pair * blocks; at < (pair + 1) * blocks; at++)
				if (hit[at] >= 0 && i != without && j != without) {
					k += (size_t)hit[at];
					++*n;
				}
	return *n ? (double)k / (double)*n : NAN;
}

static double independent_pairs(const signed char *hit, size_t builds, size_t blocks, double rate,
				size_t n)
{
	double sum = 0, m = (double)builds, eff;

	for (size_t i = 0; i < builds; i++) {
		size_t left;
		double off = mean_without(hit, builds, blocks, i, &left) - rate;

		sum += left ? off * off : 0;
	}
	eff = rate * (1 - rate) / ((m - 1) / m * sum);
	/* m / 2 pairs share no build */
	return isnan(eff) ? (double)n : fmin(fmax(eff, m / 2), (double)n);
}

struct rate rate_of(const signed char *hit, size_t builds, size_t blocks)
{
	struct rate r = { .hi = 1 };
	double rate = mean_without(hit, builds, blocks, SIZE_MAX, &r.n), n, k,
	       tail = (1 - BENCH_CONF) / 2;

	if (!r.n)
		return r;
	r.k = (size_t)(rate * (double)r.n + .5);
	if (builds > 2 && r.k && r.k < r.n)
		n = independent_pairs(hit, builds, blocks, rate, r.n);
	else
		n = (double)r.n / (builds > 2 ? (double)blocks : 1);
	r.counts_as = n;
	k = rate * n;
	r.lo = r.k ? stat_beta_inv(tail, k, n - k + 1) : 0;
	r.hi = r.k < r.n ? stat_beta_inv(1 - tail, k + 1, n - k) : 1;
	return r;
}

/* ---------------------------------------------------------------- campaigns */

static struct bench_row *row_of(const struct bench *b, struct bench_result *r,
				const struct cmp_scenario *s, const struct cmp_metric *m)
{
	for (size_t i = 0; i < r->nr_rows; i++)
		if (!strcmp(b->sc[r->row[i].sc].name, s->name) &&
		    !strcmp(r->row[i].m->name, m->m->name))
			return &r->row[i];
	return NULL;
}

static void judge_opts(const struct bench *b, struct cmp_opts *o)
{
	cmp_opts_init(o);
	o->alpha = b->o->alpha;
	o->permutations = (uint64_t)b->o->permutations;
	o->seed = (uint64_t)b->o->judge_seed;
}

/* The Hodges-Lehmann shift of a judged metric, on its scale. */
static double shift_of(const struct cmp_metric *m)
{
	struct stat_shift hl = { .shift = 0 };
	double *y[NR_SIDES];
	size_t n[NR_SIDES] = { 0 };

	for (enum side s = SIDE_A; s < NR_SIDES; s++) {
		y[s] = xcalloc(m->side[s].nr, sizeof(*y[s]));
		for (size_t i = 0; i < m->side[s].nr; i++)
			if (!isnan(m->side[s].v[i]))
				y[s][n[s]++] = metric_forward(m->m, m->side[s].v[i]);
	}
	stat_hodges_lehmann(y[SIDE_A], n[SIDE_A], y[SIDE_B], n[SIDE_B], BENCH_CONF, &hl);
	free(y[SIDE_A]);
	free(y[SIDE_B]);
	return hl.shift;
}

/* Would the metric be found if it were the only one? Its floor holds as in a campaign. */
static bool found_alone(const struct cmp_metric *m, double alpha)
{
	if (m->p_raw > alpha)
		return false;
	return m->m->scale == SCALE_LOGIT ? fabs(m->shift) >= m->floor
					  : fabs(shift_of(m)) >= stat_log1p(m->floor);
}

/* One campaign of the bench: two builds, a block of seeds, and what the judge knows of rebuilds. */
struct campaign {
	size_t build[NR_SIDES], pair, block;
	enum floors floors;
	const struct rebuilds *rebuilds;
};

/* All runs of seeds that every build has at once, each metric for itself. */
static int judge_alone(struct bench *b, struct bench_result *r, struct campaign *g, struct err *e)
{
	size_t all = b->nr_sc * b->nr_seeds, nr = 0;
	const struct run_facts **side[NR_SIDES] = { xcalloc(all, sizeof(*side[0])),
						    xcalloc(all, sizeof(*side[0])) };
	struct comparison c;
	struct cmp_opts o;
	int ret;

	for (size_t i = 0; i < all; i++) {
		size_t sc = i / b->nr_seeds, seed = i % b->nr_seeds;

		if (!bench_full(b, sc, seed))
			continue;
		side[SIDE_A][nr] = bench_run(b, g->build[SIDE_A], sc, seed);
		side[SIDE_B][nr++] = bench_run(b, g->build[SIDE_B], sc, seed);
	}
	judge_opts(b, &o);
	ret = compare_runs(side[SIDE_A], nr, side[SIDE_B], nr, &o, &c, e);
	for (size_t s = 0; !ret && s < c.nr_scenarios; s++)
		for (size_t i = 0; i < c.scenario[s].nr_metrics; i++) {
			const struct cmp_metric *m = &c.scenario[s].metric[i];
			struct bench_row *row = row_of(b, r, &c.scenario[s], m);

			if (!row)
				continue;
			row->seen = true;
			row->cls = m->cls;
			row->floor = m->floor;
			if (m->judged)
				row->alone[g->pair] = found_alone(m, b->o->alpha);
		}
	if (!ret)
		comparison_release(&c);
	free(side[SIDE_A]);
	free(side[SIDE_B]);
	return ret;
}

/* How many seeds a campaign has, at most. */
static size_t plan_seeds(const struct cmp_course *plan)
{
	return plan->n[plan->nr_looks - 1] + plan->confirm_n;
}

/* The first look that counts the @i-th seed of a campaign, or COURSE_FRESH. */
static size_t stage_of(const struct cmp_course *plan, size_t i)
{
	for (size_t look = 0; look < plan->nr_looks; look++)
		if (i < plan->n[look])
			return look + 1;
	return COURSE_FRESH;
}

static void note_campaign(const struct bench *b, struct bench_result *r, const struct comparison *c,
			  enum floors floors, size_t at)
{
	r->screened[floors][at] = c->course.found > 0;
	if (c->course.confirm_n)
		r->confirmed[floors][at] = c->course.confirmed > 0;
	for (size_t s = 0; s < c->nr_scenarios; s++)
		for (size_t i = 0; i < c->scenario[s].nr_metrics; i++) {
			const struct cmp_metric *m = &c->scenario[s].metric[i];
			struct bench_row *row = row_of(b, r, &c->scenario[s], m);

			if (!row || m->cls != METRIC_PRIMARY || !m->judged)
				continue;
			row->found[floors][at] = m->screen == VERDICT_REGRESSED ||
						 m->screen == VERDICT_IMPROVED ||
						 m->screen == VERDICT_CHANGED;
			if (c->course.confirm_n)
				row->confirmed[floors][at] = m->confirm == CONFIRM_YES;
		}
}

/* Marks the runs that a campaign needs next. */
static void want(struct bench *b, const struct bench_result *r, const struct campaign *g,
		 const struct course_next *next)
{
	size_t n = plan_seeds(&r->plan);

	for (size_t k = 0; k < next->nr; k++)
		for (size_t sc = 0; sc < b->nr_sc; sc++)
			for (size_t i = 0; i < n; i++) {
				size_t seed = g->block * n + i;

				if (strcmp(b->sc[sc].name, next->v[k].scenario) != 0 ||
				    stage_of(&r->plan, i) != next->v[k].stage)
					continue;
				b->wanted[bench_at(b, g->build[SIDE_A], sc, seed)] = true;
				b->wanted[bench_at(b, g->build[SIDE_B], sc, seed)] = true;
			}
}

static int judge_campaign(struct bench *b, struct bench_result *r, const struct campaign *g,
			  struct err *e)
{
	size_t n = plan_seeds(&r->plan), nr = 0;
	struct course_run *run = xcalloc(b->nr_sc * n * NR_SIDES, sizeof(*run));
	struct course_next next;
	struct comparison c;
	struct cmp_opts o;
	int ret;

	for (size_t sc = 0; sc < b->nr_sc; sc++)
		for (size_t i = 0; i < n; i++)
			for (enum side s = SIDE_A; s < NR_SIDES; s++) {
				size_t seed = g->block * n + i;

				run[nr++] = (struct course_run){
					.scenario = b->sc[sc].name,
					.side = s,
					.stage = stage_of(&r->plan, i),
					.facts = bench_made(b, g->build[s], sc, seed)
							 ? bench_run(b, g->build[s], sc, seed)
							 : NULL,
				};
			}
	judge_opts(b, &o);
	o.rebuilds = g->rebuilds;
	ret = course_judge(&r->plan, run, nr, &o, &c, &next, e);
	if (!ret) {
		note_campaign(b, r, &c, g->floors, g->pair * r->blocks + g->block);
		comparison_release(&c);
	}
	want(b, r, g, &next);
	free(next.v);
	free(run);
	return ret;
}

/* Marks the runs of the first look, which every campaign needs. True when all are made. */
static bool first_look(struct bench *b, const struct bench_result *r)
{
	size_t n = plan_seeds(&r->plan);

	for (size_t k = 0; k < b->nr_kernels; k++)
		for (size_t sc = 0; sc < b->nr_sc; sc++)
			for (size_t seed = 0; seed < r->blocks * n; seed++)
				if (stage_of(&r->plan, seed % n) == 1)
					b->wanted[bench_at(b, k, sc, seed)] = true;
	return !bench_missing(b);
}

static int make_plan(const struct bench *b, struct bench_result *r, struct err *e)
{
	size_t fresh = (size_t)b->o->confirm, n;
	int ret;

	if (b->nr_seeds < fresh + CMP_RUNS_MIN)
		return err_set(
			e, -EINVAL,
			"--seeds: %zu are too few for looks and %zu fresh ones (--confirm 0: no confirmation)",
			b->nr_seeds, fresh);
	n = b->nr_seeds - fresh;
	if (!b->o->looks && n > LAST_LOOK)
		n = LAST_LOOK; /* as `wmark ab`; what is left is another campaign */
	r->plan.confirm_n = fresh;
	r->plan.confirm_alpha = b->o->confirm_alpha;
	ret = looks_parse(b->o->looks, NULL, b->o->alpha, &n, &r->plan, e);
	if (!ret)
		ret = looks_check(&r->plan, (uint64_t)b->o->permutations, e);
	r->blocks = b->nr_seeds / (n + fresh);
	return ret;
}

static signed char *no_hits(struct bench *b, size_t nr)
{
	return memset(arena_alloc(&b->mem, nr), -1, nr);
}

/* The campaigns of a pair: without floors, and with those that the judge would have. */
static int judge_pair(struct bench *b, struct bench_result *r, struct campaign *g, struct err *e)
{
	struct rebuilds others = { .nr = 0 };
	int ret = 0;

	if (r->floors == FLOORS_OTHERS)
		ret = bench_rebuilds(b, r, g->build[SIDE_A], g->build[SIDE_B], &others, e);
	for (g->floors = NO_FLOORS; g->floors < NR_FLOORS && !ret; g->floors++) {
		g->rebuilds = !g->floors		   ? NULL
			      : r->floors == FLOORS_OTHERS ? &others
							   : &r->baselines;
		if (g->floors && r->floors == FLOORS_NONE)
			break;
		for (g->block = 0; g->block < r->blocks && !ret; g->block++)
			ret = judge_campaign(b, r, g, e);
	}
	rebuilds_release(&others);
	return ret;
}

/* What the judge is to know of rebuilds: nothing, the other builds, or files. */
static int choose_floors(const struct bench *b, struct bench_result *r, struct err *e)
{
	const char *from = b->o->baselines;

	if (!strcmp(from, "none") || (!strcmp(from, "others") && b->nr_kernels < OTHERS_MIN + 2))
		r->floors = FLOORS_NONE;
	else
		r->floors = !strcmp(from, "others") ? FLOORS_OTHERS : FLOORS_FILES;
	return r->floors == FLOORS_FILES ? baselines_collect(&r->baselines, from, NULL, e) : 0;
}

static void make_room(struct bench *b, struct bench_result *r)
{
	size_t campaigns = r->pairs * r->blocks;

	for (enum floors f = NO_FLOORS; f < NR_FLOORS; f++) {
		r->screened[f] = no_hits(b, campaigns);
		r->confirmed[f] = no_hits(b, campaigns);
		for (size_t i = 0; i < r->nr_rows; i++) {
			r->row[i].found[f] = no_hits(b, campaigns);
			r->row[i].confirmed[f] = no_hits(b, campaigns);
		}
	}
	for (size_t i = 0; i < r->nr_rows; i++)
		r->row[i].alone = no_hits(b, r->pairs);
}

/* Calls @judge for all pairs, in the order of rate_of(). */
static int each_pair(struct bench *b, struct bench_result *r,
		     int (*judge)(struct bench *b, struct bench_result *r, struct campaign *g,
				  struct err *e),
		     struct err *e)
{
	size_t pair = 0;
	int ret = 0;

	for (size_t i = 0; i < b->nr_kernels; i++)
		for (size_t j = i + 1; j < b->nr_kernels && !ret; j++) {
			struct campaign g = { .build = { i, j }, .pair = pair++ };

			ret = judge(b, r, &g, e);
		}
	return ret;
}

int bench_judge(struct bench *b, struct bench_result *r, struct err *e)
{
	int ret = make_plan(b, r, e);

	if (ret || !first_look(b, r))
		return ret;
	bench_rows(b, r);
	r->pairs = b->nr_kernels * (b->nr_kernels - 1) / 2;
	make_room(b, r);
	ret = choose_floors(b, r, e);
	/* first, for it also tells which metrics are primary */
	if (!ret)
		ret = each_pair(b, r, judge_alone, e);
	if (!ret)
		ret = each_pair(b, r, judge_pair, e);
	return ret;
}
