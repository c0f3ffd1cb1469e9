/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics that sit in one of two states by chance (harness/man/judging.md, step 7): which state a
 * run is in says nothing of the kernel, so that a shift from one to the other is no finding.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "judge/family.h"
#include "judge/scale.h"
#include "judge/steps.h"
#include "stats/stats.h"

/* how near to a known state a median must lie to be in it, as a share of the distance of both */
#define KNOWN_NEAR .25

/* A gap that matters: wider than the declared floor, and than one resolution step. */
static bool is_wide(const struct metric *m, double floor, double below, double above)
{
	double lo = metric_back(m, below), hi = metric_back(m, above);

	if (hi - lo <= fmax(m->c, m->step * fmin(fabs(lo), fabs(hi))) * (1 + 1e-9))
		return false;
	return m->scale == SCALE_LOGIT ? hi - lo > floor : above - below > stat_log1p(floor);
}

bool cmp_states_of(const struct metric *m, double floor, const double *y, size_t n,
		   struct stat_states *out)
{
	return stat_states(y, n, n ? resolution_sd(m, y, n) : 0, out) &&
	       is_wide(m, floor, out->below, out->above);
}

static void range(const double *y, size_t n, double *lo, double *hi)
{
	*lo = INFINITY;
	*hi = -INFINITY;
	for (size_t i = 0; i < n; i++) {
		*lo = fmin(*lo, y[i]);
		*hi = fmax(*hi, y[i]);
	}
}

/* Counts the runs of both sides below and above @cut. */
static void assign(const double *y, size_t na, size_t nb, double cut, size_t n[NR_SIDES][2])
{
	memset(n, 0, sizeof(size_t) * NR_SIDES * 2);
	for (size_t i = 0; i < na + nb; i++)
		n[i < na ? SIDE_A : SIDE_B][y[i] > cut]++;
}

/* Where both states are seen on one side, or on each side some of both. */
static bool seen(const struct cmp_metric *m, const double *y, size_t na, size_t nb,
		 struct stat_states *s, size_t n[NR_SIDES][2])
{
	if (cmp_states_of(m->m, m->floor, y, na + nb, s)) {
		assign(y, na, nb, (s->below + s->above) / 2, n);
		if (n[SIDE_A][0] && n[SIDE_A][1] && n[SIDE_B][0] && n[SIDE_B][1])
			return true;
	}
	if (!cmp_states_of(m->m, m->floor, y, na, s) &&
	    !cmp_states_of(m->m, m->floor, y + na, nb, s))
		return false;
	assign(y, na, nb, (s->below + s->above) / 2, n);
	return true;
}

/* Where builds of one source were seen in two states, and each side sits in another of them. */
static bool known(const struct cmp_metric *m, const double *y, size_t na, size_t nb,
		  struct stat_states *s, size_t n[NR_SIDES][2])
{
	const struct rebuild_metric *line = m->rebuild.line;
	double a = stat_median(y, na), b = stat_median(y + na, nb), near;

	if (!line || !line->nr_states)
		return false;
	s->low = metric_forward(m->m, line->state[0].centre);
	s->high = metric_forward(m->m, line->state[1].centre);
	near = KNOWN_NEAR * (s->high - s->low);
	assign(y, na, nb, (s->low + s->high) / 2, n);
	return fabs(fmin(a, b) - s->low) <= near && fabs(fmax(a, b) - s->high) <= near;
}

bool cmp_find_states(struct cmp_metric *m, const double *y, size_t na, size_t nb)
{
	struct stat_states s;
	struct cmp_states *out = &m->states;
	double a_lo, a_hi, b_lo, b_hi;
	size_t n[NR_SIDES][2];
	bool is_known = na && nb && known(m, y, na, nb, &s, n), is_seen;

	range(y, na, &a_lo, &a_hi);
	range(y + na, nb, &b_lo, &b_hi);
	/* all of one side beyond both states of the other: they explain nothing */
	is_seen = !is_known && a_hi >= b_lo && b_hi >= a_lo && seen(m, y, na, nb, &s, n);
	if (!is_known && !is_seen)
		return false;
	*out = (struct cmp_states){ .found = true,
				    .known = is_known,
				    .low = metric_back(m->m, s.low),
				    .high = metric_back(m->m, s.high) };
	memcpy(out->n, n, sizeof(n));
	return true;
}

static void name_states(struct cmp_metric *m)
{
	double *y;

	if (!m->judged || m->pairs_equal || m->verdict == VERDICT_SAME ||
	    m->verdict == VERDICT_SMALL)
		return;
	y = present_values(m);
	if (cmp_find_states(m, y, m->side[SIDE_A].present, m->side[SIDE_B].present)) {
		m->verdict = VERDICT_BISTABLE;
		m->why_not = NULL;
	}
	free(y);
}

void cmp_bistable(struct comparison *c)
{
	for (size_t s = 0; s < c->nr_scenarios; s++)
		for (size_t i = 0; i < c->scenario[s].nr_metrics; i++)
			name_states(&c->scenario[s].metric[i]);
}
