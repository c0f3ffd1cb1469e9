/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a comparison has shown to be fine, and how it ends (harness/man/judging.md, exit code). */
#include <math.h>

#include "judge/steps.h"

/* True when the metric was at least one resolution step from 0 in some run: nearer to it there is
 * nothing that could be fine. */
static bool happened(const struct cmp_metric *m)
{
	for (size_t i = 0; i < cmp_nr_values(m); i++)
		if (fabs(cmp_value(m, i)) >= m->m->c)
			return true;
	return false;
}

/* False for a metric that neither helps nor hurts. */
static bool counts(const struct cmp_scenario *s, const struct cmp_metric *m)
{
	if (m->cls != METRIC_PRIMARY || m->incomparable || !happened(m))
		return false;
	/* A broke so often that it left nothing to compare B with */
	return m->judged || s->outcome_verdict != VERDICT_IMPROVED;
}

/*
 * True for an UNKNOWN that is fine to the declared size: runs that would have shown a shift of it
 * neither did, nor see one. Builds of one source may shift a metric significantly and further. One
 * that is UNKNOWN for a reason of its own has not shown it either: B's runs on both sides of A.
 */
static bool is_small_enough(const struct comparison *c, const struct cmp_metric *m)
{
	double most = c->opts.fine_mde * (1 + 1e-9);

	return m->judged && !cmp_asked(m) && !m->why_not && !m->rebuild.within &&
	       !m->shift_in_units && m->mde <= most && fabs(m->shift) <= most;
}

static bool is_shown(const struct comparison *c, const struct cmp_metric *m)
{
	switch (m->verdict) {
	case VERDICT_SAME:
	case VERDICT_SMALL:
	case VERDICT_IMPROVED:
		return true;
	case VERDICT_UNKNOWN:
		return is_small_enough(c, m);
	default:
		return false;
	}
}

static bool breaks_more(const struct cmp_scenario *s)
{
	const struct cmp_side *a = &s->side[SIDE_A], *b = &s->side[SIDE_B];

	return b->broken * (a->broken + a->usable) > a->broken * (b->broken + b->usable);
}

static void show_scenario(struct comparison *c, struct cmp_scenario *s)
{
	s->shown = s->counted = 0;
	for (size_t i = 0; i < s->nr_metrics; i++) {
		if (!counts(s, &s->metric[i]))
			continue;
		s->counted++;
		s->shown += is_shown(c, &s->metric[i]);
	}
	s->breaks_more = breaks_more(s);
	s->fine = !s->breaks_more &&
		  (s->counted ? (double)s->shown >= c->opts.fine * (double)s->counted - 1e-9
			      : s->outcome_verdict == VERDICT_IMPROVED);
	c->shown += s->shown;
	c->counted += s->counted;
}

void cmp_show_fine(struct comparison *c)
{
	c->shown = c->counted = 0;
	for (size_t s = 0; s < c->nr_scenarios; s++)
		show_scenario(c, &c->scenario[s]);
}

enum cmp_end comparison_end(const struct comparison *c)
{
	if (c->course.nr_looks && !c->course.finished)
		return CMP_UNFINISHED;
	if (c->verdict == VERDICT_REGRESSED)
		return CMP_REGRESSED;
	if (c->course.unable)
		return CMP_UNABLE;
	for (size_t s = 0; s < c->nr_scenarios; s++)
		if (!c->scenario[s].fine)
			return CMP_NOT_SHOWN;
	return c->nr_scenarios ? CMP_FINE : CMP_NOT_SHOWN;
}

int comparison_exit(const struct comparison *c)
{
	switch (comparison_end(c)) {
	case CMP_FINE:
		return 0;
	case CMP_REGRESSED:
		return 1;
	default:
		return 77;
	}
}
