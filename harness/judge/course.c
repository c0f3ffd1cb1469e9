/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge/course.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "judge/compare.h"
#include "judge/scale.h"
#include "judge/steps.h"
#include "stats/stats.h"

/* all C(20, 10) relabellings of ten fresh runs per side are enumerated */
#define FRESH_EXACT_MAX 200000
#define FRESH_DRAWS 199999

/* The decision of a look, which later looks keep. metric == NULL: the scenario's outcome. */
struct decision {
	const char *scenario, *metric;
	enum verdict verdict;
	size_t look, n;
	double p_raw, p_adj, shift;
};

struct state {
	const struct cmp_course *plan;
	const struct course_run *run;
	size_t nr_runs;
	const struct cmp_opts *opts;
	struct decision *made;
	size_t nr_made, cap_made;
	const char **closed; /* scenarios that need no further runs */
	size_t *closed_at;   /* the look after which each was closed */
	size_t nr_closed, cap_closed, cap_closed_at;
	struct arena mem;
};

void course_default(struct cmp_course *c, double alpha)
{
	*c = (struct cmp_course){
		.nr_looks = 4, .n = { 5, 10, 15, 20 }, .confirm_n = 10, .confirm_alpha = .01
	};
	course_spend(c, alpha);
}

void course_spend(struct cmp_course *c, double alpha)
{
	static const double four[] = { .2, .2, .3, .3 };

	for (size_t i = 0; i < c->nr_looks; i++)
		c->spend[i] = alpha * (c->nr_looks == 4 ? four[i] : 1 / (double)c->nr_looks);
}

/* ---------------------------------------------------------------- looks */

static size_t closed_at(const struct state *st, const char *scenario)
{
	for (size_t i = 0; i < st->nr_closed; i++)
		if (!strcmp(st->closed[i], scenario))
			return st->closed_at[i];
	return 0;
}

static struct decision *decided(const struct state *st, const char *scenario, const char *metric)
{
	for (size_t i = 0; i < st->nr_made; i++) {
		struct decision *d = &st->made[i];

		if (!strcmp(d->scenario, scenario) && !d->metric == !metric &&
		    (!metric || !strcmp(d->metric, metric)))
			return d;
	}
	return NULL;
}

/* True when the run counts at @look. The runs of a closed scenario stay the same. */
static bool counts(const struct state *st, const struct course_run *r, size_t look)
{
	size_t at = closed_at(st, r->scenario);

	return r->facts && r->stage != COURSE_FRESH && r->stage <= (at && at < look ? at : look);
}

static size_t pick(const struct state *st, enum side side, size_t look,
		   const struct run_facts **out)
{
	size_t n = 0;

	for (size_t i = 0; i < st->nr_runs; i++)
		if (st->run[i].side == side && counts(st, &st->run[i], look))
			out[n++] = st->run[i].facts;
	return n;
}

static int compare_at(const struct state *st, size_t look, struct comparison *out, struct err *e)
{
	const struct run_facts **a = xcalloc(st->nr_runs, sizeof(*a)),
			       **b = xcalloc(st->nr_runs, sizeof(*b));
	double spend = st->plan->spend[look - 1];
	struct cmp_opts o = *st->opts;
	int ret;

	o.alpha_same *= spend / st->opts->alpha;
	o.alpha = spend;
	ret = compare_runs(a, pick(st, SIDE_A, look, a), b, pick(st, SIDE_B, look, b), &o, out, e);
	free(b);
	free(a);
	return ret;
}

static void need(struct course_next *next, const char *scenario, size_t stage)
{
	for (size_t i = 0; i < next->nr; i++)
		if (!strcmp(next->v[i].scenario, scenario))
			return;
	next->v = xrealloc(next->v, (next->nr + 1) * sizeof(*next->v));
	next->v[next->nr++] = (struct course_need){ scenario, stage };
}

/*
 * True when all runs of @scenario that @look needs are made. The stages of a scenario are made one
 * after the other.
 */
static bool complete(const struct state *st, const char *scenario, size_t look)
{
	for (size_t i = 0; i < st->nr_runs; i++) {
		const struct course_run *r = &st->run[i];

		if (!r->facts && r->stage != COURSE_FRESH && r->stage <= look &&
		    !strcmp(r->scenario, scenario))
			return false;
	}
	return true;
}

static bool complete_fresh(const struct state *st, const char *scenario)
{
	for (size_t i = 0; i < st->nr_runs; i++)
		if (!st->run[i].facts && st->run[i].stage == COURSE_FRESH &&
		    !strcmp(st->run[i].scenario, scenario))
			return false;
	return true;
}

static void decide(struct state *st, const struct decision *d)
{
	ARRAY_GROW(st->made, st->nr_made, st->cap_made);
	st->made[st->nr_made] = *d;
	st->made[st->nr_made].scenario = arena_strdup(&st->mem, d->scenario);
	st->made[st->nr_made++].metric = d->metric ? arena_strdup(&st->mem, d->metric) : NULL;
}

/* True when more runs can decide the metric: it is judged as UNKNOWN, or has values but too few. */
static bool is_open(const struct cmp_metric *m)
{
	size_t in_a = m->side[SIDE_A].present, in_b = m->side[SIDE_B].present;

	if (m->judged)
		return m->verdict == VERDICT_UNKNOWN;
	return in_a && in_b && (in_a < CMP_RUNS_MIN || in_b < CMP_RUNS_MIN);
}

/*
 * True when more runs can decide the outcome, which counts like a primary metric: runs of one side
 * break more often, and the runs are too few to tell. Where both sides break equally often, no more
 * runs are made for the outcome.
 */
static bool outcome_is_open(const struct cmp_scenario *s)
{
	const struct cmp_side *a = &s->side[SIDE_A], *b = &s->side[SIDE_B];
	size_t bad_a = a->broken + a->flagged, bad_b = b->broken + b->flagged;

	return s->outcome_verdict == VERDICT_UNKNOWN &&
	       bad_a * (b->broken + b->usable) != bad_b * (a->broken + a->usable);
}

/* Keeps the decisions of this look about scenario @s; true when nothing in it is open. */
static bool look_at(struct state *st, const struct cmp_scenario *s, size_t look)
{
	bool open = false;

	for (size_t i = 0; i < s->nr_metrics; i++) {
		const struct cmp_metric *m = &s->metric[i];

		if (m->cls != METRIC_PRIMARY || decided(st, s->name, m->m->name))
			continue;
		if (m->judged && m->verdict != VERDICT_UNKNOWN)
			decide(st,
			       &(struct decision){ s->name, m->m->name, m->verdict, look,
						   m->side[SIDE_A].present < m->side[SIDE_B].present
							   ? m->side[SIDE_A].present
							   : m->side[SIDE_B].present,
						   m->p_raw, m->p_adj, m->shift });
		else
			open |= is_open(m);
	}
	if (decided(st, s->name, NULL))
		return !open;
	open |= outcome_is_open(s);
	if (s->outcome_verdict != VERDICT_UNKNOWN)
		decide(st, &(struct decision){ .scenario = s->name,
					       .verdict = s->outcome_verdict,
					       .look = look,
					       .p_raw = s->p_outcome,
					       .p_adj = s->p_outcome_adj });
	return !open;
}

static void close_scenario(struct state *st, const char *scenario, size_t look)
{
	ARRAY_GROW(st->closed, st->nr_closed, st->cap_closed);
	ARRAY_GROW(st->closed_at, st->nr_closed, st->cap_closed_at);
	st->closed[st->nr_closed] = arena_strdup(&st->mem, scenario);
	st->closed_at[st->nr_closed++] = look;
}

/* Lists every planned scenario once, in the order of the plan. */
static size_t scenarios(const struct state *st, const char **out)
{
	size_t n = 0;

	for (size_t i = 0; i < st->nr_runs; i++) {
		size_t k = 0;

		while (k < n && strcmp(out[k], st->run[i].scenario) != 0)
			k++;
		if (k == n)
			out[n++] = st->run[i].scenario;
	}
	return n;
}

/*
 * Makes the looks. @out: the comparison at the last look that could be made or, before the first
 * look, of the existing runs.
 */
static int make_looks(struct state *st, struct comparison *out, struct course_next *next,
		      struct err *e)
{
	const char **name = xcalloc(st->nr_runs, sizeof(*name));
	size_t nr = scenarios(st, name), made = 0;
	int ret = 0;

	for (size_t look = 1; look <= st->plan->nr_looks && !next->nr; look++) {
		struct comparison c;
		bool ready = true, open = false;

		for (size_t i = 0; i < nr; i++) {
			open |= !closed_at(st, name[i]);
			ready &= closed_at(st, name[i]) || complete(st, name[i], look);
		}
		if (!open)
			break;
		if (ready || look == 1) {
			ret = compare_at(st, look, &c, e);
			if (!ret && made)
				comparison_release(out);
			if (!ret)
				*out = c;
		}
		for (size_t i = 0; i < nr && !ready; i++)
			if (!closed_at(st, name[i]) && !complete(st, name[i], look))
				need(next, name[i], look);
		if (ret || !ready)
			break;
		made = look;
		out->course.made = look;
		for (size_t i = 0; i < out->nr_scenarios; i++)
			if (!closed_at(st, out->scenario[i].name) &&
			    look_at(st, &out->scenario[i], look))
				close_scenario(st, out->scenario[i].name, look);
	}
	if (ret && made)
		comparison_release(out);
	free(name);
	return ret;
}

/* ---------------------------------------------------------------- what the looks said */

static void overlay_metric(const struct state *st, const struct cmp_scenario *s,
			   struct cmp_metric *m)
{
	const struct decision *d = decided(st, s->name, m->m->name);

	if (m->cls != METRIC_PRIMARY)
		return;
	if (!d) {
		m->verdict = VERDICT_UNKNOWN;
		return;
	}
	m->verdict = m->screen = d->verdict;
	m->why_not = m->judged ? NULL : m->why_not; /* judged again: an earlier look decided */
	m->look = d->look;
	m->look_n = d->n;
	m->p_raw = d->p_raw;
	m->p_adj = d->p_adj;
}

static void overlay(const struct state *st, struct comparison *c)
{
	for (size_t i = 0; i < c->nr_scenarios; i++) {
		struct cmp_scenario *s = &c->scenario[i];
		const struct decision *d = decided(st, s->name, NULL);
		size_t at = closed_at(st, s->name);

		for (size_t k = 0; k < s->nr_metrics; k++)
			overlay_metric(st, s, &s->metric[k]);
		s->outcome_verdict = d ? d->verdict : VERDICT_UNKNOWN;
		s->p_outcome_adj = d ? d->p_adj : s->p_outcome_adj;
		s->looks = at ? at : c->course.made;
		s->p_confirm_outcome = NAN;
	}
}

/* ---------------------------------------------------------------- fresh runs */

/* One finding: a metric of a scenario, or (m == NULL) its outcome. */
struct found {
	struct cmp_scenario *s;
	struct cmp_metric *m;
	double p;
	unsigned broke; /* fresh runs that broke or have a liveness finding */
};

static bool is_found(enum verdict v)
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
			if (s->metric[k].cls != METRIC_PRIMARY || !is_found(s->metric[k].screen))
				continue;
			ARRAY_GROW(v, nr, cap);
			v[nr++] = (struct found){ .s = s, .m = &s->metric[k] };
		}
		if (is_found(s->outcome_verdict)) {
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

/* The runs of one side of a scenario that are made, @fresh or for the looks; malloc'ed. */
static const struct run_facts **made_runs(const struct state *st, const char *scenario,
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
static void fresh_runs(const struct state *st, const char *scenario, enum side side,
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

static size_t fresh_values(const struct fresh *f, const struct metric *m, double *y)
{
	size_t n = 0;

	for (size_t i = 0; i < f->nr; i++) {
		double x = facts_value(f->usable[i], m->name);

		if (!isnan(x))
			y[n++] = metric_forward(m, x);
	}
	return n;
}

/* True when the looks saw the metric go up in B. */
static bool went_up(const struct state *st, const struct found *f)
{
	return decided(st, f->s->name, f->m->m->name)->shift > 0;
}

static double confirm_metric(const struct state *st, struct found *f, const struct fresh *a,
			     const struct fresh *b)
{
	double *y = xcalloc(a->nr + b->nr, sizeof(*y));
	size_t na = fresh_values(a, f->m->m, y), nb = fresh_values(b, f->m->m, y + na);
	struct stat_shift hl;
	struct stat_perm perm = { .p = 1 };

	f->m->confirm_n[SIDE_A] = na;
	f->m->confirm_n[SIDE_B] = nb;
	/*
	 * the moderated t grows with the difference of the means, whatever the prior, so no prior
	 * is needed here
	 */
	if (na && nb && na + nb > 2 &&
	    !stat_permute(y, na, nb, 0, 0, 0, went_up(st, f) ? STAT_GREATER : STAT_LESS,
			  FRESH_EXACT_MAX, FRESH_DRAWS, st->opts->seed, &perm) &&
	    !stat_hodges_lehmann(y, na, y + na, nb, st->opts->conf, &hl))
		f->m->confirm_shift = cmp_shown(f->m, hl.shift);
	free(y);
	return perm.p;
}

static void confirm_one(const struct state *st, struct found *f, struct copies *copies)
{
	struct fresh a, b;

	fresh_runs(st, f->s->name, SIDE_A, copies, &a);
	fresh_runs(st, f->s->name, SIDE_B, copies, &b);
	f->broke = a.bad + b.bad;
	if (f->m)
		f->p = confirm_metric(st, f, &a, &b);
	else
		f->p = f->s->outcome_verdict == VERDICT_REGRESSED
			       ? stat_fisher_side(a.bad, a.good, b.bad, b.good, STAT_GREATER)
			       : stat_fisher_side(a.bad, a.good, b.bad, b.good, STAT_LESS);
	free(b.usable);
	free(a.usable);
}

static void settle_one(struct comparison *c, struct found *f, double p_adj)
{
	bool yes = p_adj <= c->course.confirm_alpha;
	enum confirm_state state = yes ? CONFIRM_YES : CONFIRM_NO;

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
	f->m->verdict = VERDICT_UNKNOWN;
	f->m->why_not = arena_printf(
		&c->mem,
		"%s at look %zu (n = %zu), not confirmed by fresh runs (%zu and %zu, %u broke, p %.3g)",
		verdict_names[f->m->screen], f->m->look, f->m->look_n, f->m->confirm_n[SIDE_A],
		f->m->confirm_n[SIDE_B], f->broke, p_adj);
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

static void confirm(const struct state *st, struct comparison *c, struct course_next *next)
{
	struct found *v;
	size_t nr = list_found(c, &v);
	double *p = xcalloc(nr, sizeof(*p)), *adj = xcalloc(nr, sizeof(*adj));
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
			need(next, v[i].s->name, COURSE_FRESH);
	if (next->nr) {
		mark_pending(v, nr);
		goto out;
	}
	c->course.finished = true;
	for (size_t i = 0; i < nr; i++) {
		/* the findings of a scenario share its fresh runs */
		confirm_one(st, &v[i], i && v[i - 1].s == v[i].s ? &told : &copies);
		p[i] = v[i].p;
	}
	cmp_name_copies(c, &copies, "fresh run");
	stat_holm(p, nr, adj);
	for (size_t i = 0; i < nr; i++)
		settle_one(c, &v[i], adj[i]);
out:
	free(adj);
	free(p);
	free(v);
}

int course_judge(const struct cmp_course *plan, const struct course_run *runs, size_t nr,
		 const struct cmp_opts *opts, struct comparison *out, struct course_next *next,
		 struct err *e)
{
	struct state st = { .plan = plan, .run = runs, .nr_runs = nr, .opts = opts };
	size_t made;
	int ret;

	*next = (struct course_next){ 0 };
	ret = make_looks(&st, out, next, e);
	if (ret)
		goto done;
	made = out->course.made;
	out->course = *plan;
	out->course.made = made;
	out->course.found = out->course.confirmed = 0;
	out->course.finished = false;
	out->opts.alpha = opts->alpha;
	out->opts.alpha_same = opts->alpha_same;
	overlay(&st, out);
	confirm(&st, out, next);
	cmp_conclude(out);
done:
	free(st.closed_at);
	free(st.closed);
	free(st.made);
	arena_release(&st.mem);
	return ret;
}
