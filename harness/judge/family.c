/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge/family.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "judge/scale.h"
#include "judge/steps.h"

double resolution_sd(const struct metric *m, const double *y, size_t n)
{
	double x = metric_back(m, stat_median(y, n)), slope, step;

	if (m->scale == SCALE_LOGIT)
		slope = 1 / (x + m->c) + 1 / (1 - x + m->c);
	else
		slope = 1 / (fabs(x) + m->c);
	step = m->c * slope;
	/* the value may have been read from a bucket of a histogram */
	if (m->scale == SCALE_LOG)
		step = fmax(step, stat_log1p(m->step));
	return step / sqrt(12);
}

double *present_values(const struct cmp_metric *m)
{
	double *y = xmalloc((m->side[SIDE_A].present + m->side[SIDE_B].present) * sizeof(*y));
	size_t n = 0;

	for (size_t i = 0; i < cmp_nr_values(m); i++)
		if (!isnan(cmp_value(m, i)))
			y[n++] = metric_forward(m->m, cmp_value(m, i));
	return y;
}

bool within_resolution(const struct cmp_metric *m)
{
	double lo = INFINITY, hi = -INFINITY;

	for (size_t i = 0; i < cmp_nr_values(m); i++) {
		double x = cmp_value(m, i);

		if (!isnan(x)) {
			lo = fmin(lo, x);
			hi = fmax(hi, x);
		}
	}
	return hi - lo <= fmax(m->m->c, m->m->step * fmin(fabs(lo), fabs(hi))) * (1 - 1e-9);
}

/*
 * True when some labels of these values could be rejected at @alpha. What decides is the same for
 * every relabelling of the runs: their values, seeds and numbers per side, never the side of a
 * value. So every relabelling has the same family, and the family keeps its rate.
 */
static bool can_reject(const struct cmp_metric *m, const double *y, double alpha)
{
	return !m->pairs_equal && !within_resolution(m) &&
	       stat_least_p(y, m->side[SIDE_A].present, m->side[SIDE_B].present) <=
		       alpha * (1 + 1e-9);
}

bool too_few_runs(size_t na, size_t nb, double alpha)
{
	double *y = xcalloc(na + nb, sizeof(*y)), least;

	for (size_t i = 0; i < na + nb; i++)
		y[i] = (double)i;
	least = stat_least_p(y, na, nb);
	free(y);
	return least > alpha * (1 + 1e-9);
}

static size_t family_group(struct family *f, size_t na, size_t nb)
{
	ARRAY_GROW(f->group, f->nr_groups, f->cap_groups);
	f->group[f->nr_groups] = (struct stat_group){ na, nb };
	return f->nr_groups++;
}

static void family_append(struct family *f, struct cmp_metric *m, const struct stat_hyp *h)
{
	ARRAY_GROW(f->metric, f->nr, f->cap_metric);
	ARRAY_GROW(f->hyp, f->nr, f->cap_hyp);
	f->metric[f->nr] = m;
	f->hyp[f->nr++] = *h;
}

/*
 * Metrics with a value in every run share one relabelling; a metric with gaps is relabelled alone,
 * over the runs that have it.
 */
void family_add(struct comparison *c, struct families *f, struct cmp_scenario *s,
		enum metric_class cls)
{
	size_t shared = family_group(&f->test, s->side[SIDE_A].usable, s->side[SIDE_B].usable),
	       nr_past;
	const struct run_facts **past = cmp_history(c, s, &nr_past);

	for (size_t i = 0; i < s->nr_metrics; i++) {
		struct cmp_metric *m = &s->metric[i];
		size_t na = m->side[SIDE_A].present, nb = m->side[SIDE_B].present;
		struct stat_hyp h = { .group = shared };
		struct family *to;

		if (!m->judged || m->cls != cls)
			continue;
		h.y = present_values(m);
		cmp_history_prior(past, nr_past, m->m, &h.var0, &h.df0);
		m->history_df = h.df0;
		h.floor_sd = resolution_sd(m->m, h.y, na + nb);
		to = can_reject(m, h.y, f->alpha) ? &f->test : &f->apart;
		if (to == &f->apart || na != m->side[SIDE_A].nr || nb != m->side[SIDE_B].nr)
			h.group = family_group(to, na, nb);
		family_append(to, m, &h);
	}
	free(past);
}

static void family_release(struct family *f)
{
	for (size_t i = 0; i < f->nr; i++)
		free((double *)f->hyp[i].y);
	free(f->metric);
	free(f->hyp);
	free(f->group);
}

void families_release(struct families *f)
{
	family_release(&f->test);
	family_release(&f->apart);
}
