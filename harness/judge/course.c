/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge/course.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "judge/compare.h"
#include "judge/course_state.h"
#include "judge/steps.h"

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

static size_t closed_at(const struct course_state *st, const char *scenario)
{
	for (size_t i = 0; i < st->nr_closed; i++)
		if (!strcmp(st->closed[i], scenario))
			return st->closed_at[i];
	return 0;
}

struct decision *course_decided(const struct course_state *st, const char *scenario,
				const char *metric)
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
static bool counts(const struct course_state *st, const struct course_run *r, size_t look)
{
	size_t at = closed_at(st, r->scenario);

	return r->facts && r->stage != COURSE_FRESH && r->stage <= (at && at < look ? at : look);
}

static size_t pick(const struct course_state *st, enum side side, size_t look,
		   const struct run_facts **out)
{
	size_t n = 0;

	for (size_t i = 0; i < st->nr_runs; i++)
		if (st->run[i].side == side && counts(st, &st->run[i], look))
			out[n++] = st->run[i].facts;
	return n;
}

static int compare_at(const struct course_state *st, size_t look, struct comparison *out,
		      struct err *e)
{
	const struct run_facts **a = xcalloc(st->nr_runs, sizeof(*a)),
			       **b = xcalloc(st->nr_runs, sizeof(*b));
	double spend = st->plan->spend[look - 1];
	struct cmp_opts o = *st->opts;
	int ret;

	o.alpha_same *= spend / st->opts->alpha;
	o.alpha = spend;
	/* builds do not change between looks: the floor is the campaign's at each */
	o.rebuild_rate = st->opts->alpha;
	ret = compare_runs(a, pick(st, SIDE_A, look, a), b, pick(st, SIDE_B, look, b), &o, out, e);
	free(b);
	free(a);
	return ret;
}

void course_need(struct course_next *next, const char *scenario, size_t stage)
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
static bool complete(const struct course_state *st, const char *scenario, size_t look)
{
	for (size_t i = 0; i < st->nr_runs; i++) {
		const struct course_run *r = &st->run[i];

		if (!r->facts && r->stage != COURSE_FRESH && r->stage <= look &&
		    !strcmp(r->scenario, scenario))
			return false;
	}
	return true;
}

static void decide(struct course_state *st, const struct decision *d)
{
	ARRAY_GROW(st->made, st->nr_made, st->cap_made);
	st->made[st->nr_made] = *d;
	st->made[st->nr_made].scenario = arena_strdup(&st->mem, d->scenario);
	st->made[st->nr_made++].metric = d->metric ? arena_strdup(&st->mem, d->metric) : NULL;
}

/* No decision: BISTABLE is what is seen so far, and more runs may show otherwise. */
static bool undecided(enum verdict v)
{
	return v == VERDICT_UNKNOWN || v == VERDICT_BISTABLE;
}

/* True when more runs can decide the metric: it is judged as UNKNOWN, or has values but too few. */
static bool is_open(const struct cmp_metric *m)
{
	size_t in_a = m->side[SIDE_A].present, in_b = m->side[SIDE_B].present;

	if (m->barred)
		return false;
	if (m->judged)
		return undecided(m->verdict);
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

	return !s->outcome_barred && s->outcome_verdict == VERDICT_UNKNOWN &&
	       bad_a * (b->broken + b->usable) != bad_b * (a->broken + a->usable);
}

/* The values of the side that has fewer. */
static size_t least(const struct cmp_metric *m)
{
	size_t in_a = m->side[SIDE_A].present, in_b = m->side[SIDE_B].present;

	return in_a < in_b ? in_a : in_b;
}

/* Keeps the decisions of this look about scenario @s; true when nothing in it is open. */
static bool look_at(struct course_state *st, const struct cmp_scenario *s, size_t look)
{
	bool open = false;

	for (size_t i = 0; i < s->nr_metrics; i++) {
		const struct cmp_metric *m = &s->metric[i];

		if (m->cls != METRIC_PRIMARY || course_decided(st, s->name, m->m->name))
			continue;
		if (m->judged && !undecided(m->verdict))
			decide(st, &(struct decision){ .scenario = s->name,
						       .metric = m->m->name,
						       .verdict = m->verdict,
						       .look = look,
						       .n = least(m),
						       .p_raw = m->p_raw,
						       .p_adj = m->p_adj,
						       .shift = m->shift,
						       .lo = m->lo,
						       .hi = m->hi,
						       .in_units = m->shift_in_units,
						       .at = m->side[SIDE_A].median });
		else
			open |= is_open(m);
	}
	if (course_decided(st, s->name, NULL))
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

static void close_scenario(struct course_state *st, const char *scenario, size_t look)
{
	ARRAY_GROW(st->closed, st->nr_closed, st->cap_closed);
	ARRAY_GROW(st->closed_at, st->nr_closed, st->cap_closed_at);
	st->closed[st->nr_closed] = arena_strdup(&st->mem, scenario);
	st->closed_at[st->nr_closed++] = look;
}

/* Lists every planned scenario once, in the order of the plan. */
static size_t scenarios(const struct course_state *st, const char **out)
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
static int make_looks(struct course_state *st, struct comparison *out, struct course_next *next,
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
				course_need(next, name[i], look);
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

static void overlay_metric(const struct course_state *st, const struct cmp_scenario *s,
			   struct cmp_metric *m)
{
	const struct decision *d = course_decided(st, s->name, m->m->name);

	if (m->cls != METRIC_PRIMARY)
		return;
	/* what a look found is no finding once all runs together show two states */
	if (m->verdict == VERDICT_BISTABLE && (!d || course_is_found(d->verdict))) {
		m->screen = VERDICT_BISTABLE;
		return;
	}
	if (!d) {
		m->verdict = VERDICT_UNKNOWN;
		return;
	}
	m->states.found = false;
	m->verdict = m->screen = d->verdict;
	m->why_not = m->judged ? NULL : m->why_not; /* judged again: an earlier look decided */
	m->look = d->look;
	m->look_n = d->n;
	m->p_raw = d->p_raw;
	m->p_adj = d->p_adj;
}

static void overlay(const struct course_state *st, struct comparison *c)
{
	for (size_t i = 0; i < c->nr_scenarios; i++) {
		struct cmp_scenario *s = &c->scenario[i];
		const struct decision *d = course_decided(st, s->name, NULL);
		size_t at = closed_at(st, s->name);

		for (size_t k = 0; k < s->nr_metrics; k++)
			overlay_metric(st, s, &s->metric[k]);
		s->outcome_verdict = d ? d->verdict : VERDICT_UNKNOWN;
		s->p_outcome_adj = d ? d->p_adj : s->p_outcome_adj;
		s->looks = at ? at : c->course.made;
		s->p_confirm_outcome = NAN;
	}
}

int course_judge(const struct cmp_course *plan, const struct course_run *runs, size_t nr,
		 const struct cmp_opts *opts, struct comparison *out, struct course_next *next,
		 struct err *e)
{
	struct course_state st = { .plan = plan, .run = runs, .nr_runs = nr, .opts = opts };
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
	out->course.unable = out->course.enough = 0;
	out->course.finished = false;
	out->opts.alpha = opts->alpha;
	out->opts.alpha_same = opts->alpha_same;
	overlay(&st, out);
	course_confirm(&st, out, next);
	cmp_conclude(out);
done:
	free(st.closed_at);
	free(st.closed);
	free(st.made);
	arena_release(&st.mem);
	return ret;
}
