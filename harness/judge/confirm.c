/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fresh runs for what the looks found (harness/man/judging.md, step 10). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "judge/course_state.h"
#include "judge/scale.h"
#include "judge/steps.h"
#include "stats/stats.h"

/* all C(20, 10) relabellings of ten fresh runs per side are enumerated */
#define FRESH_EXACT_MAX 200000
#define FRESH_DRAWS 199999

/* One finding: a metric of a scenario, or (m == NULL) its outcome. */
struct found {
	struct cmp_scenario *s;
	struct cmp_metric *m;
	double p, least; /* the smallest p that so many fresh runs can have */
	bool of_builds;	 /* rebuilding may shift fresh runs as far */
	bool bistable;	 /* the fresh runs sit in two states */
	unsigned broke;	 /* fresh runs that broke or have a liveness finding */
};

/* One in all C(na + nb, na) relabellings; one in those that are drawn where all are too many. */
static double least_p(size_t na, size_t nb)
{
	double all = 1;

	for (size_t i = 1; i <= na; i++)
		all *= (double)(nb + i) / (double)i;
	return all > FRESH_EXACT_MAX ? 1.0 / (FRESH_DRAWS + 1) : 1 / all;
}

size_t course_fresh_needed(size_t found, double alpha)
{
	size_t n = found > 0;

	while (n && least_p(n, n) * (double)found > alpha)
		n = least_p(n, n) > least_p(n + 1, n + 1) ? n + 1 : 0;
	return n;
}

bool course_is_found(enum verdict v)
{
	return v == VERDICT_REGRESSED || v == VERDICT_IMPROVED || v == VERDICT_CHANGED;
}

static size_t list_found(struct comparison *c, struct found **out)
{
	struct found *v = NULL;
	size_t nr = 0, cap = 0;

	for (size_t i = 0; i < c->nr_scenarios; i++) {
		struct cmp_scenario *s = &c->scenario[i];

		for (size_t k = 0; k < s->nr_metrics; k++) {
			if (s->metric[k].cls != METRIC_PRIMARY ||
			    !course_is_found(s->metric[k].screen))
				continue;
			ARRAY_GROW(v, nr, cap);
			v[nr++] = (struct found){ .s = s, .m = &s->metric[k] };
		}
		if (course_is_found(s->outcome_verdict)) {
			ARRAY_GROW(v, nr, cap);
			v[nr++] = (struct found){ .s = s };
		}
	}
	*out = v;
	return nr;
}

/*
 * The fresh runs of one side: the usable ones, and the numbers of bad and good ones for the
 * outcome.
 */
struct fresh {
	const struct run_facts **usable;
	size_t nr;
	unsigned bad, good;
};

static bool complete_fresh(const struct course_state *st, const char *scenario)
{
	for (size_t i = 0; i < st->nr_runs; i++)
		if (!st->run[i].facts && st->run[i].stage == COURSE_FRESH &&
		    !strcmp(st->run[i].scenario, scenario))
			return false;
	return true;
}

/* The runs of one side of a scenario that are made, @fresh or for the looks; malloc'ed. */
static const struct run_facts **made_runs(const struct course_state *st, const char *scenario,
					  enum side side, bool fresh, size_t *nr)
{
	const struct run_facts **v = xcalloc(st->nr_runs + 1, sizeof(*v));

	*nr = 0;
	for (size_t i = 0; i < st->nr_runs; i++) {
		const struct course_run *r = &st->run[i];

		if (r->facts && (r->stage == COURSE_FRESH) == fresh && r->side == side &&
		    !strcmp(r->scenario, scenario))
			v[(*nr)++] = r->facts;
	}
	return v;
}

/* A copy confirms nothing: neither one of another fresh run nor one of a run of the looks. */
static void fresh_runs(const struct course_state *st, const char *scenario, enum side side,
		       struct copies *copies, struct fresh *f)
{
	size_t nr, nr_seen;
	const struct run_facts **run = made_runs(st, scenario, side, true, &nr),
			       **seen = made_runs(st, scenario, side, false, &nr_seen);

	*f = (struct fresh){ .usable = run };
	nr = copies_drop(run, nr, seen, nr_seen, copies);
	for (size_t i = 0; i < nr; i++) {
		if (run[i]->broken || run[i]->flagged)
			f->bad++;
		else if (run[i]->usable)
			f->good++;
		if (run[i]->usable)
			f->usable[f->nr++] = run[i];
	}
	free(seen);
}

/* The values that are present, transformed, A's first; malloc'ed. */
static double *fresh_values(const struct cmp_metric *m)
{
	const struct cmp_values *a = &m->fresh[SIDE_A], *b = &m->fresh[SIDE_B];
	double *y = xcalloc(a->nr + b->nr + 1, sizeof(*y));
	size_t n = 0;

	for (size_t i = 0; i < a->nr + b->nr; i++) {
		double x = i < a->nr ? a->v[i] : b->v[i - a->nr];

		if (!isnan(x))
			y[n++] = metric_forward(m->m, x);
	}
	return y;
}

/* True when the looks saw the metric go up in B. */
static bool went_up(const struct course_state *st, const struct found *f)
{
	return course_decided(st, f->s->name, f->m->m->name)->shift > 0;
}

/* Fresh runs are of the same two images: only the floor keeps the rate of builds. */
static bool below_rebuilds(const struct comparison *c, const struct found *f, double hl, size_t na,
			   size_t nb)
{
	double rate = c->course.confirm_alpha / (double)c->nr_judged;

	return f->m->rebuild.line && fabs(hl) < cmp_rebuild_floor(f->s, f->m, rate, na, nb).floor;
}

/*
 * Shows the effect by the fresh runs, and the look's estimate beside it. Both have one unit: that
 * of the metric, where A is near 0 in one of them.
 */
static void show_fresh(const struct course_state *st, struct found *f, const struct stat_shift *hl)
{
	const struct decision *d = course_decided(st, f->s->name, f->m->m->name);
	struct cmp_metric *m = f->m;
	bool units = m->shift_in_units || d->in_units ||
		     cmp_near_zero(m->m, m->fresh[SIDE_A].median);
	double look = units && !d->in_units ? fabs(d->at) : 1;

	if (units && !m->shift_in_units)
		m->mde *= fabs(m->side[SIDE_A].median);
	m->look_shift = d->shift * look;
	m->look_lo = d->lo * look;
	m->look_hi = d->hi * look;
	m->of_fresh = true;
	m->shift_in_units = units;
	m->shift = cmp_shown(m, hl->shift);
	m->lo = cmp_shown(m, hl->lo);
	m->hi = cmp_shown(m, hl->hi);
	m->conf = hl->conf;
}

static double confirm_metric(const struct course_state *st, const struct comparison *c,
			     struct found *f)
{
	double *y = fresh_values(f->m);
	size_t na = f->m->fresh[SIDE_A].present, nb = f->m->fresh[SIDE_B].present;
	struct stat_shift hl = { 0 };
	struct stat_perm perm = { .p = 1 };
	bool up = went_up(st, f);

	f->least = least_p(na, nb);
	/*
	 * the moderated t grows with the difference of the means, whatever the prior, so no prior
	 * is needed here
	 */
	if (na && nb && na + nb > 2 &&
	    !stat_permute(y, na, nb, 0, 0, 0, up ? STAT_GREATER : STAT_LESS, FRESH_EXACT_MAX,
			  FRESH_DRAWS, st->opts->seed, &perm) &&
	    !stat_hodges_lehmann(y, na, y + na, nb, st->opts->conf, &hl)) {
		f->of_builds = below_rebuilds(c, f, hl.shift, na, nb);
		if (na >= CMP_RUNS_MIN && nb >= CMP_RUNS_MIN)
			show_fresh(st, f, &hl);
		f->bistable = cmp_find_states(f->m, y, na, nb);
	}
	free(y);
	/* the test is one of the means; the shift that is shown must have gone the same way */
	return (up ? hl.shift : -hl.shift) > 0 ? perm.p : 1;
}

static void confirm_one(const struct course_state *st, struct comparison *c, struct found *f,
			struct copies *copies)
{
	struct fresh a, b;

	fresh_runs(st, f->s->name, SIDE_A, copies, &a);
	fresh_runs(st, f->s->name, SIDE_B, copies, &b);
	f->broke = a.bad + b.bad;
	f->least = least_p(a.bad + a.good, b.bad + b.good);
	if (f->m) {
		cmp_take_values(c, f->m->m->name, a.usable, a.nr, &f->m->fresh[SIDE_A]);
		cmp_take_values(c, f->m->m->name, b.usable, b.nr, &f->m->fresh[SIDE_B]);
		f->p = confirm_metric(st, c, f);
	} else {
		f->p = f->s->outcome_verdict == VERDICT_REGRESSED
			       ? stat_fisher_side(a.bad, a.good, b.bad, b.good, STAT_GREATER)
			       : stat_fisher_side(a.bad, a.good, b.bad, b.good, STAT_LESS);
	}
	free(b.usable);
	free(a.usable);
}

static const char *why_not(struct comparison *c, const struct found *f)
{
	const struct cmp_metric *m = f->m;
	const size_t n[] = { m->fresh[SIDE_A].present, m->fresh[SIDE_B].present },
		     enough = c->course.enough;
	const char *can = enough ? arena_printf(&c->mem, "%zu per side can", enough)
				 : "no number of them can";

	if (f->of_builds)
		return arena_printf(
			&c->mem,
			"%s at look %zu (n = %zu), and in fresh runs (%zu and %zu) no further than rebuilding alone may shift it",
			verdict_names[m->screen], m->look, m->look_n, n[SIDE_A], n[SIDE_B]);
	if (m->confirm == CONFIRM_NO)
		return arena_printf(
			&c->mem,
			"%s at look %zu (n = %zu), not confirmed by fresh runs (%zu and %zu, %u broke, p %.3g)",
			verdict_names[m->screen], m->look, m->look_n, n[SIDE_A], n[SIDE_B],
			f->broke, m->p_confirm);
	return arena_printf(
		&c->mem,
		"%s at look %zu (n = %zu), too few fresh runs (%zu and %zu, %u broke) to confirm it among %zu found: %s",
		verdict_names[m->screen], m->look, m->look_n, n[SIDE_A], n[SIDE_B], f->broke,
		c->course.found, can);
}

/*
 * @least: the smallest that @p_adj could be, whatever the fresh runs had said. Where even that
 * confirms nothing, nothing was refuted.
 */
static void settle_one(struct comparison *c, struct found *f, double p_adj, double least)
{
	bool yes = p_adj <= c->course.confirm_alpha && !f->of_builds,
	     able = least <= c->course.confirm_alpha;
	enum confirm_state state = yes ? CONFIRM_YES : able ? CONFIRM_NO : CONFIRM_UNABLE;

	c->course.confirmed += yes;
	if (!f->m) {
		f->s->p_confirm_outcome = p_adj;
		f->s->confirm_outcome = state;
		if (!yes)
			f->s->outcome_verdict = VERDICT_UNKNOWN;
		return;
	}
	f->m->p_confirm = p_adj;
	f->m->confirm = state;
	if (yes)
		return;
	if (f->bistable) {
		f->m->verdict = VERDICT_BISTABLE;
		return;
	}
	f->m->verdict = VERDICT_UNKNOWN;
	f->m->rebuild.within = f->of_builds;
	f->m->why_not = why_not(c, f);
}

static void settle(struct comparison *c, struct found *v, size_t nr)
{
	struct cmp_course *k = &c->course;
	double *p = xcalloc(4 * nr, sizeof(*p)), *adj = p + nr, *least = adj + nr,
	       *least_adj = least + nr;

	for (size_t i = 0; i < nr; i++) {
		p[i] = v[i].p;
		least[i] = v[i].least;
	}
	stat_holm(p, nr, adj);
	stat_holm(least, nr, least_adj);
	for (size_t i = 0; i < nr; i++)
		k->unable += least_adj[i] > k->confirm_alpha;
	k->enough = k->unable ? course_fresh_needed(nr, k->confirm_alpha) : 0;
	for (size_t i = 0; i < nr; i++)
		settle_one(c, &v[i], adj[i], least_adj[i]);
	free(p);
}

static void mark_pending(struct found *v, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		if (v[i].m)
			v[i].m->confirm = CONFIRM_PENDING;
		else
			v[i].s->confirm_outcome = CONFIRM_PENDING;
	}
}

void course_confirm(const struct course_state *st, struct comparison *c, struct course_next *next)
{
	struct found *v;
	size_t nr = list_found(c, &v);
	struct copies copies = { 0 }, told = { 0 };
	bool looks_left;

	c->course.found = nr;
	if (!c->course.confirm_n) {
		c->course.finished = !next->nr;
		goto out;
	}
	looks_left = next->nr > 0; /* the looks come first, they may find more */
	for (size_t i = 0; i < nr && !looks_left; i++)
		if (!complete_fresh(st, v[i].s->name))
			course_need(next, v[i].s->name, COURSE_FRESH);
	if (next->nr) {
		mark_pending(v, nr);
		goto out;
	}
	c->course.finished = true;
	for (size_t i = 0; i < nr; i++) {
		/* the findings of a scenario share its fresh runs */
		confirm_one(st, c, &v[i], i && v[i - 1].s == v[i].s ? &told : &copies);
	}
	cmp_name_copies(c, &copies, "fresh run");
	settle(c, v, nr);
out:
	free(v);
}
