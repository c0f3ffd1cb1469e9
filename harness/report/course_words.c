/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words for the plan of a campaign and its results: looks, fresh runs, noise model, findings
 * about runs. */
#include "report/course_words.h"

#include <math.h>
#include <string.h>

#include "report/fmt.h"
#include "report/words.h"

static void made_so_far(const struct comparison *c, struct buf *out)
{
	const struct cmp_course *k = &c->course;

	if (!k->made)
		buf_addstr(out, "none made yet");
	else
		buf_addf(out, "%s made",
			 k->made == k->nr_looks ? "all" : fmt_num((double)k->made).s);
	if (k->made && !c->count[VERDICT_UNKNOWN])
		buf_addstr(out, ", everything decided");
	else if (k->made == k->nr_looks)
		buf_addf(out, ", %zu of %zu primary metrics UNKNOWN", c->count[VERDICT_UNKNOWN],
			 c->nr_primary);
	else if (!k->finished)
		buf_addstr(out, ", runs are still to be made");
	else
		buf_addstr(out, ", nothing open that more runs could decide");
}

void view_course(const struct comparison *c, struct buf *out)
{
	const struct cmp_course *k = &c->course;
	size_t nr = k->nr_looks < CMP_LOOKS_MAX ? k->nr_looks : CMP_LOOKS_MAX;

	if (!nr)
		return;
	buf_addstr(out, nr == 1 ? "one look at " : "looks at ");
	for (size_t i = 0; i < nr; i++)
		buf_addf(out, "%s%zu", i ? ", " : "", k->n[i]);
	buf_addstr(out, " runs per side with alpha");
	for (size_t i = 0; i < nr; i++)
		buf_addf(out, " %g", k->spend[i]);
	buf_addstr(out, " (");
	made_so_far(c, out);
	buf_addstr(out, "); ");
	if (!k->confirm_n)
		buf_addstr(out, "no confirmation was planned");
	else if (!k->found)
		buf_addf(out, "nothing found that %zu %s per side would have to confirm at %g",
			 k->confirm_n, view_fresh(c), k->confirm_alpha);
	else if (!k->finished)
		buf_addf(out, "%zu found, to be confirmed on %zu %s per side at %g", k->found,
			 k->confirm_n, view_fresh(c), k->confirm_alpha);
	else
		buf_addf(out, "confirmed on %zu %s per side at %g: %zu of %zu found", k->confirm_n,
			 view_fresh(c), k->confirm_alpha, k->confirmed, k->found);
	if (k->unable && k->enough)
		buf_addf(out, "; %zu could not be, as it takes %zu %s per side with a value",
			 k->unable, k->enough, view_fresh(c));
	else if (k->unable)
		buf_addf(out, "; %zu could not be, as no number of %s is enough", k->unable,
			 view_fresh(c));
}

/* @words, then "+28.6 % (+21.4 .. +36.7 %)": what the look that decided had estimated. */
static void look_estimate(const struct cmp_metric *m, const char *words, struct buf *out)
{
	struct cmp_metric look = *m;

	if (!m->of_fresh)
		return;
	look.shift = m->look_shift;
	look.lo = m->look_lo;
	look.hi = m->look_hi;
	buf_addf(out, "%s%s (%s)", words, fmt_shift(&look, look.shift, true).s,
		 fmt_interval(&look).s);
}

void view_metric_confirm(const struct comparison *c, const struct cmp_metric *m, struct buf *out)
{
	if (m->confirm == CONFIRM_NONE)
		return;
	if (m->confirm == CONFIRM_PENDING) {
		buf_addf(out, "%s at look %zu (n = %zu); %s are still to confirm it",
			 verdict_names[m->screen], m->look, m->look_n, view_fresh(c));
		return;
	}
	if (m->confirm == CONFIRM_YES) {
		buf_addstr(out, "confirmed");
	} else {
		buf_addf(out, "%s at look %zu (n = %zu)", verdict_names[m->screen], m->look,
			 m->look_n);
		look_estimate(m, ", by an estimate of ", out);
		buf_addf(out, ", %s", confirm_names[m->confirm]);
	}
	buf_addf(out, " on %zu + %zu %s, one-sided p %s", m->fresh[SIDE_A].present,
		 m->fresh[SIDE_B].present, view_fresh(c), fmt_p(m->p_confirm).s);
	if (m->confirm == CONFIRM_YES && m->of_fresh) {
		buf_addf(out, "; look %zu (n = %zu)", m->look, m->look_n);
		look_estimate(m, " had estimated ", out);
	}
}

void view_metric_course(const struct comparison *c, const struct cmp_metric *m, struct buf *out)
{
	if (!c->course.nr_looks || m->cls != METRIC_PRIMARY)
		return;
	if (m->look && (m->confirm == CONFIRM_NONE || m->confirm == CONFIRM_YES))
		buf_addf(out, "decided at look %zu (n = %zu)%s", m->look, m->look_n,
			 m->confirm != CONFIRM_NONE ? "; " : "");
	else if (!m->look && m->judged)
		buf_addf(out, "not decided by %zu look%s", c->course.made,
			 c->course.made == 1 ? "" : "s");
	view_metric_confirm(c, m, out);
}

void view_outcome_confirm(const struct comparison *c, const struct cmp_scenario *s, struct buf *out)
{
	if (s->confirm_outcome == CONFIRM_PENDING)
		buf_addf(out, "; %s are still to confirm it", view_fresh(c));
	else if (s->confirm_outcome != CONFIRM_NONE)
		buf_addf(out, "; %s on %s, one-sided p %s", confirm_names[s->confirm_outcome],
			 view_fresh(c), fmt_p(s->p_confirm_outcome).s);
}

/* ---------------------------------------------------------------- noise model */

static void df_range(const struct cmp_scenario *s, double *lo, double *hi)
{
	for (size_t i = 0; i < s->nr_metrics; i++)
		if (s->metric[i].cls == METRIC_PRIMARY && s->metric[i].judged) {
			*lo = fmin(*lo, s->metric[i].history_df);
			*hi = fmax(*hi, s->metric[i].history_df);
		}
}

static void add_df(struct buf *out, double lo, double hi)
{
	if (lo == hi)
		buf_addf(out, "%g", hi);
	else
		buf_addf(out, "%g to %g", lo, hi);
	buf_addstr(out, hi == 1 ? " degree of freedom" : " degrees of freedom");
}

void view_history(const struct comparison *c, const char *from, struct buf *out)
{
	double lo = INFINITY, hi = 0;

	for (size_t s = 0; s < c->nr_scenarios; s++)
		df_range(&c->scenario[s], &lo, &hi);
	if (!from || !*from || !c->opts.nr_history) {
		buf_addstr(out, "noise model: from these runs alone, no history");
		if (from && *from)
			buf_addf(out, " that fits in %s", from);
		return;
	}
	buf_addf(out, "noise model: %zu earlier run%s from %s, ", c->opts.nr_history,
		 c->opts.nr_history == 1 ? "" : "s", from);
	if (hi > 0) {
		add_df(out, lo, hi);
		buf_addstr(out, " per metric beside those of these runs");
	} else {
		buf_addstr(out, "which give no degrees of freedom");
	}
}

void view_scenario_history(const struct cmp_scenario *s, struct buf *out)
{
	double lo = INFINITY, hi = 0;

	df_range(s, &lo, &hi);
	if (hi > 0) {
		add_df(out, lo, hi);
		buf_addstr(out, " from history");
	}
}

/* ---------------------------------------------------------------- findings */

static const struct run_facts *nth(const struct cmp_scenario *s, enum side side, size_t i)
{
	return s->side[side].run[i];
}

/* Row of @f's rule in @v, or *nr. */
static size_t row_of(const struct view_finding *v, size_t nr, const struct finding *f)
{
	size_t i = 0;

	while (i < nr && strcmp(v[i].first->rule, f->rule) != 0)
		i++;
	return i;
}

size_t view_findings(const struct cmp_scenario *s, enum side side, enum rule_state state,
		     enum rule_class cls, struct view_finding *v, size_t max)
{
	size_t nr = 0, runs = s->side[side].nr;

	for (size_t i = 0; i < runs; i++) {
		const struct run_facts *r = nth(s, side, i);

		for (size_t k = 0; k < r->nr_findings; k++) {
			const struct finding *f = &r->finding[k];
			size_t at;

			if (state == RULE_FAIL ? !finding_failed(f, cls) : f->state != state)
				continue;
			if (finding_failed(f, RULE_LIVENESS) && !r->usable)
				continue;
			at = row_of(v, nr, f);
			if (at == max)
				continue;
			if (at == nr)
				v[nr++] = (struct view_finding){ .first = f, .run = r };
			v[at].count++;
			v[at].runs += v[at].last != r;
			v[at].last = r;
		}
	}
	return nr;
}

void view_when(const struct finding *f, struct buf *out)
{
	if (!f->has_time)
		return;
	buf_addf(out, "%.2f", (double)f->begin_us / 1e6);
	if (f->end_us > f->begin_us)
		buf_addf(out, " to %.2f", (double)f->end_us / 1e6);
	buf_addstr(out, " s");
}

void view_run_counts(const struct comparison *c, struct buf *out)
{
	size_t aside[2] = { 0, 0 }, flagged[2] = { 0, 0 };

	for (size_t s = 0; s < c->nr_scenarios; s++) {
		const struct cmp_scenario *sc = &c->scenario[s];

		aside[0] += sc->side[SIDE_A].nr - sc->side[SIDE_A].usable;
		aside[1] += sc->side[SIDE_B].nr - sc->side[SIDE_B].usable;
		flagged[0] += sc->side[SIDE_A].flagged;
		flagged[1] += sc->side[SIDE_B].flagged;
	}
	if (aside[0] || aside[1])
		buf_addf(out, "runs set aside: A %zu, B %zu", aside[0], aside[1]);
	if (flagged[0] || flagged[1])
		buf_addf(out, "%sruns in which reclaim failed its duty for a while: A %zu, B %zu",
			 out->len ? "; " : "", flagged[0], flagged[1]);
}
