/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Step-down max-T (Westfall, Young 1993, algorithm 2.8; Ge, Dudoit, Speed 2003).
 *
 * The maximum is one of z, of which t^2 is a monotone function for each number of degrees of
 * freedom (a "scale"). So the maximum is kept as one of t^2 per scale, and held against what the
 * observed z is on that scale: no logarithm per relabelling and hypothesis. The scores of the
 * ranks are one more row of a hypothesis, whose scale has no end of degrees of freedom.
 */
#include "stats/maxt.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define DOUBT_SE 3.3 /* standard errors; beyond them on one side: .0005 */

static int falling(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a < b) - (a > b);
}

/*
 * The smallest statistic that is significant at @alpha: the maxima at or above it are at most alpha
 * of all, where the real labelling is counted once more when relabellings were drawn. INFINITY:
 * there is none.
 */
static double critical_value(struct maxt *m, bool exact, double alpha)
{
	uint64_t allowed = (uint64_t)floor(alpha * (double)(exact ? m->done : m->done + 1) + 1e-9),
		 i;

	if (!exact)
		allowed = allowed ? allowed - 1 : 0;
	qsort(m->max, m->done, sizeof(*m->max), falling);
	if (allowed >= m->done)
		return 0;
	for (i = allowed; i > 0; i--)
		if (m->max[i - 1] * (1 - STAT_TIE) > m->max[i])
			return m->max[i - 1];
	return INFINITY;
}

static void maxt_adjust(struct maxt *m, bool exact)
{
	uint64_t extra = exact ? 0 : 1;
	double most = 0;

	for (size_t i = 0; i < m->nr_hyps; i++) {
		struct stat_hyp *h = &m->hyps[m->rank[i]];
		double total = (double)(m->done + extra);

		h->p_raw = (double)(m->raw[i] + extra) / total;
		most = fmax(most, (double)(m->adj[i] + extra) / total);
		h->p_adj = most;
	}
}

/* True when more draws could move an adjusted p to the other side of @alpha. */
static bool in_doubt(const struct maxt *m, double alpha)
{
	double margin = DOUBT_SE * sqrt(alpha * (1 - alpha) / (double)m->done);

	for (size_t i = 0; i < m->nr_hyps; i++)
		if (fabs(m->hyps[i].p_adj - alpha) < margin)
			return true;
	return false;
}

static void draw(struct maxt *m, const struct stat_maxt_opts *o)
{
	uint64_t upto = o->permutations;

	for (size_t g = 0; g < m->nr_groups; g++)
		m->rng[g] = rng_make(o->seed, g);
	do {
		m->max = xreallocarray(m->max, upto, sizeof(*m->max));
		maxt_draw(m, upto);
		maxt_adjust(m, false);
		upto = 2 * upto < o->draws_max ? 2 * upto : o->draws_max;
	} while (upto > m->done && in_doubt(m, o->alpha));
}

struct seen {
	double z;
	size_t hyp;
};

/* Falling z; equal ones keep their order. */
static int by_value(const void *pa, const void *pb)
{
	const struct seen *a = pa, *b = pb;

	if (a->z != b->z)
		return a->z < b->z ? 1 : -1;
	return (a->hyp > b->hyp) - (a->hyp < b->hyp);
}

/* The scale of @df degrees of freedom; the first call with a number makes one. */
static size_t scale_of(struct maxt *m, double df)
{
	size_t k = 0;

	while (k < m->nr_df && m->df[k] != df)
		k++;
	if (k == m->nr_df)
		m->df[m->nr_df++] = df;
	return k;
}

/* Fills in what the observed z of each place is on each scale. */
static void maxt_limits(struct maxt *m)
{
	m->seen = xcalloc(m->nr_hyps * m->nr_df, sizeof(*m->seen));
	m->most = xcalloc(m->nr_df, sizeof(*m->most));
	for (size_t i = 0; i < m->nr_hyps; i++) {
		for (size_t k = 0; k < m->nr_df; k++) {
			double t = stat_z_to_t(m->hyps[m->rank[i]].z, m->df[k]),
			       least = t * (1 - STAT_TIE);

			m->seen[i * m->nr_df + k] = least * least;
		}
	}
}

static double sign_of(double x)
{
	return (x > 0) - (x < 0);
}

static bool has_scores(const struct stat_group *g)
{
	return g->na >= STAT_SCORES_FROM && g->nb >= STAT_SCORES_FROM;
}

/* Makes the rows of hypothesis @h, whose values go to @z, and computes its observed statistic. */
static void observe(struct maxt *m, size_t h, double *z)
{
	struct stat_hyp *hyp = &m->hyps[h];
	const struct stat_group *g = &m->groups[hyp->group];
	size_t at = m->row_of[h];
	uint8_t *is_b = m->labels.is_b;
	double scores;

	stat_row_init(&m->row[at], hyp->y, g->na, g->nb, hyp->var0, hyp->df0, hyp->floor_sd, z);
	m->scale[at] = scale_of(m, m->row[at].dof);
	memset(is_b, 0, g->na);
	memset(is_b + g->na, 1, g->nb);
	hyp->t = stat_row_t(&m->row[at], is_b, &hyp->diff, &hyp->s);
	hyp->z = stat_t_to_z(hyp->t, m->row[at].dof);
	hyp->way = sign_of(hyp->diff);
	if (!has_scores(g))
		return;
	stat_row_scores(&m->row[++at], hyp->y, g->na, g->nb, z + group_runs(g));
	m->scale[at] = scale_of(m, INFINITY);
	scores = stat_row_scores_z(&m->row[at]);
	if (fabs(scores) > hyp->z) {
		hyp->z = fabs(scores);
		hyp->way = sign_of(scores);
	}
}

/* Computes the observed statistics and their order. */
static void maxt_observe(struct maxt *m)
{
	struct seen *seen = xcalloc(m->nr_hyps, sizeof(*seen));
	double *z = m->z;

	for (size_t h = 0; h < m->nr_hyps; h++) {
		observe(m, h, z);
		z += (m->row_of[h + 1] - m->row_of[h]) * group_runs(&m->groups[m->hyps[h].group]);
		seen[h] = (struct seen){ m->hyps[h].z, h };
	}
	qsort(seen, m->nr_hyps, sizeof(*seen), by_value);
	for (size_t i = 0; i < m->nr_hyps; i++)
		m->rank[i] = seen[i].hyp;
	free(seen);
	maxt_limits(m);
}

/* Makes the indices of rows by hypothesis and by group; returns the number of values of all rows.
 */
static size_t maxt_index(struct maxt *m)
{
	size_t values = 0, at = 0;

	m->row_of = xcalloc(m->nr_hyps + 1, sizeof(*m->row_of));
	for (size_t h = 0; h < m->nr_hyps; h++) {
		const struct stat_group *g = &m->groups[m->hyps[h].group];
		size_t nr = 1 + has_scores(g);

		m->row_of[h + 1] = m->row_of[h] + nr;
		values += nr * group_runs(g);
	}
	m->nr_rows = m->row_of[m->nr_hyps];
	m->first = xcalloc(m->nr_groups + 1, sizeof(*m->first));
	m->by_group = xcalloc(m->nr_rows, sizeof(*m->by_group));
	for (size_t g = 0; g < m->nr_groups; g++) {
		m->first[g] = at;
		for (size_t h = 0; h < m->nr_hyps; h++)
			for (size_t r = m->row_of[h]; r < m->row_of[h + 1] && m->hyps[h].group == g;
			     r++)
				m->by_group[at++] = r;
	}
	m->first[m->nr_groups] = at;
	return values;
}

static void maxt_init(struct maxt *m)
{
	size_t values = maxt_index(m);

	for (size_t g = 0; g < m->nr_groups; g++)
		if (group_runs(&m->groups[g]) > m->n_max)
			m->n_max = group_runs(&m->groups[g]);
	m->row = xcalloc(m->nr_rows, sizeof(*m->row));
	m->z = xcalloc(values, sizeof(*m->z));
	m->rank = xcalloc(m->nr_hyps, sizeof(*m->rank));
	m->df = xcalloc(m->nr_rows, sizeof(*m->df));
	m->scale = xcalloc(m->nr_rows, sizeof(*m->scale));
	m->t2 = xcalloc(m->nr_rows, sizeof(*m->t2));
	m->raw = xcalloc(m->nr_hyps, sizeof(*m->raw));
	m->adj = xcalloc(m->nr_hyps, sizeof(*m->adj));
	m->labels.is_b = xcalloc(m->n_max, LANES);
	m->labels.mask = xcalloc(m->n_max, sizeof(*m->labels.mask));
	m->nr_labels = xcalloc(m->nr_groups, sizeof(*m->nr_labels));
	m->table = xcalloc(m->nr_groups, sizeof(*m->table));
	m->rng = xcalloc(m->nr_groups, sizeof(*m->rng));
}

static void maxt_release(struct maxt *m)
{
	for (size_t g = 0; g < m->nr_groups; g++)
		free(m->table[g]);
	free(m->table);
	free(m->nr_labels);
	free(m->labels.mask);
	free(m->labels.is_b);
	free(m->rng);
	free(m->max);
	free(m->adj);
	free(m->raw);
	free(m->t2);
	free(m->most);
	free(m->seen);
	free(m->scale);
	free(m->df);
	free(m->rank);
	free(m->z);
	free(m->row);
	free(m->by_group);
	free(m->first);
	free(m->row_of);
}

int stat_maxt(const struct stat_group *groups, size_t nr_groups, struct stat_hyp *hyps,
	      size_t nr_hyps, const struct stat_maxt_opts *o, struct stat_maxt_info *info)
{
	struct maxt m = {
		.groups = groups, .nr_groups = nr_groups, .hyps = hyps, .nr_hyps = nr_hyps
	};
	uint64_t limit = o->permutations > o->exact_max ? o->permutations : o->exact_max, total;
	bool exact;

	if (!nr_hyps || !o->permutations)
		return -EINVAL;
	for (size_t h = 0; h < nr_hyps; h++)
		if (hyps[h].group >= nr_groups || !groups[hyps[h].group].na ||
		    !groups[hyps[h].group].nb ||
		    !((double)group_runs(&groups[hyps[h].group]) - 2 + hyps[h].df0 > 0))
			return -EINVAL;
	maxt_init(&m);
	maxt_observe(&m);
	total = maxt_relabellings(&m, limit);
	exact = total <= limit;
	if (exact) {
		m.max = xcalloc(total, sizeof(*m.max));
		maxt_enumerate(&m, total);
		maxt_adjust(&m, true);
	} else {
		draw(&m, o);
	}
	if (info)
		*info = (struct stat_maxt_info){ exact, exact ? m.done << m.nr_halved : m.done,
						 critical_value(&m, exact, o->alpha) };
	maxt_release(&m);
	return 0;
}
