/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Step-down max-T (Westfall, Young 1993, algorithm 2.8; Ge, Dudoit, Speed 2003): one relabelling of a group's
 * runs serves all its hypotheses, so what they share costs nothing. Sums run in the order of the runs, hence
 * the same bits everywhere.
 */
#include "judge/stats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/rng.h"

#define MAXT_ENUMERATE_MAX 20000
#define MAXT_TIE 1e-10 /* relative: statistics equal but for rounding count as equal */

struct maxt {
	const struct stat_group *groups;
	size_t nr_groups;
	struct stat_hyp *hyps;
	size_t nr_hyps;
	size_t *first; /* hypotheses of group g: by_group[first[g]] .. by_group[first[g + 1] - 1] */
	size_t *by_group;
	size_t *rank;	     /* hypotheses by falling observed t */
	double *t;	     /* statistics of the current relabelling, by hypothesis */
	uint64_t *raw, *adj; /* how often a relabelling reached the observed one */
	double *max;	     /* maximum of each relabelling */
	uint64_t done;
	/* enumeration */
	uint64_t *nr_labels; /* C(na + nb, nb) of each group */
	double **table;	     /* [label][hypothesis of the group] */
};

/* Moderated two-sample t of one labelling: is_b[i] says on which side run i stands. */
static double maxt_t(const struct stat_hyp *h, const struct stat_group *g, const uint8_t *is_b, double *diff,
		     double *s)
{
	size_t n = g->na + g->nb;
	double sum[2] = { 0, 0 }, mean[2], ss[2] = { 0, 0 }, var, sd, d, df = (double)n - 2;

	for (size_t i = 0; i < n; i++)
		sum[is_b[i]] += h->y[i];
	mean[0] = sum[0] / (double)g->na;
	mean[1] = sum[1] / (double)g->nb;
	for (size_t i = 0; i < n; i++) {
		double e = h->y[i] - mean[is_b[i]];

		ss[is_b[i]] += e * e;
	}
	d = mean[1] - mean[0];
	var = df + h->df0 > 0 ? (ss[0] + ss[1] + h->df0 * h->var0) / (df + h->df0) : 0;
	sd = fmax(sqrt(var), h->floor_sd);
	if (diff)
		*diff = d;
	if (s)
		*s = sd;
	if (sd == 0)
		return d == 0 ? 0 : INFINITY;
	return fabs(d) / (sd * sqrt(1.0 / (double)g->na + 1.0 / (double)g->nb));
}

/* C(n, k), or UINT64_MAX when above @limit. */
static uint64_t choose_capped(size_t n, size_t k, uint64_t limit)
{
	uint64_t c = 1;

	k = k < n - k ? k : n - k;
	for (size_t i = 1; i <= k; i++) {
		if (c > (UINT64_MAX >> 1) / (n - k + i))
			return UINT64_MAX;
		c = c * (n - k + i) / i;
		if (c > limit)
			return UINT64_MAX;
	}
	return c;
}

/* Number of joint relabellings of the groups that have hypotheses; UINT64_MAX when above @limit. */
static uint64_t count_relabellings(struct maxt *m, uint64_t limit)
{
	uint64_t total = 1;

	for (size_t g = 0; g < m->nr_groups; g++) {
		if (m->first[g] == m->first[g + 1]) {
			m->nr_labels[g] = 1;
			continue;
		}
		m->nr_labels[g] = choose_capped(m->groups[g].na + m->groups[g].nb, m->groups[g].nb, limit);
		if (m->nr_labels[g] > limit || total * m->nr_labels[g] > limit)
			return UINT64_MAX;
		total *= m->nr_labels[g];
	}
	return total;
}

/* Account for m->t as one relabelling. */
static void maxt_count(struct maxt *m)
{
	double u = 0;

	for (size_t i = m->nr_hyps; i-- > 0;) {
		size_t h = m->rank[i];
		double seen = m->hyps[h].t * (1 - MAXT_TIE);

		if (m->t[h] > u)
			u = m->t[h];
		if (m->t[h] >= seen)
			m->raw[h]++;
		if (u >= seen)
			m->adj[h]++;
	}
	m->max[m->done++] = u;
}

/*
 * The next subset of the same size in lexicographic order of is_b[] read as ones and zeros; false after the
 * last.
 */
static bool next_labelling(uint8_t *is_b, size_t n)
{
	size_t i = n - 1, ones = 0;

	while (i > 0 && !(is_b[i - 1] == 0 && is_b[i] == 1)) {
		ones += is_b[i];
		i--;
	}
	if (i == 0)
		return false;
	is_b[i - 1] = 1;
	is_b[i] = 0;
	memset(is_b + i + 1, 0, n - i - 1);
	memset(is_b + n - ones, 1, ones);
	return true;
}

static void fill_table(struct maxt *m, size_t g)
{
	const struct stat_group *grp = &m->groups[g];
	size_t n = grp->na + grp->nb, nr = m->first[g + 1] - m->first[g], label = 0;
	uint8_t *is_b = xcalloc(n, 1);

	m->table[g] = xmalloc(m->nr_labels[g] * nr * sizeof(double));
	memset(is_b + grp->na, 1, grp->nb); /* the first labelling is the real one */
	do {
		for (size_t k = 0; k < nr; k++) {
			const struct stat_hyp *h = &m->hyps[m->by_group[m->first[g] + k]];

			m->table[g][label * nr + k] = maxt_t(h, grp, is_b, NULL, NULL);
		}
		label++;
	} while (next_labelling(is_b, n) && label < m->nr_labels[g]);
	free(is_b);
}

static void enumerate_all(struct maxt *m)
{
	uint64_t *label = xcalloc(m->nr_groups, sizeof(*label));
	size_t g;

	for (g = 0; g < m->nr_groups; g++)
		if (m->first[g + 1] > m->first[g])
			fill_table(m, g);
	do { /* an odometer over the groups */
		for (g = 0; g < m->nr_groups; g++) {
			size_t nr = m->first[g + 1] - m->first[g];

			for (size_t k = 0; k < nr; k++)
				m->t[m->by_group[m->first[g] + k]] = m->table[g][label[g] * nr + k];
		}
		maxt_count(m);
		for (g = 0; g < m->nr_groups; g++) {
			if (++label[g] < m->nr_labels[g])
				break;
			label[g] = 0;
		}
	} while (g < m->nr_groups);
	free(label);
}

/* A uniform subset of nb of the n runs: selection sampling (Knuth, algorithm 3.4.2 S), one number a run. */
static void draw_labelling(struct rng *r, uint8_t *is_b, size_t n, size_t nb)
{
	for (size_t i = 0; i < n; i++) {
		bool take = rng_below(r, n - i) < nb;

		is_b[i] = take;
		nb -= take;
	}
}

static void draw_some(struct maxt *m, uint64_t permutations, uint64_t seed)
{
	struct rng *rng = xmalloc(m->nr_groups * sizeof(*rng));
	size_t n_max = 0;
	uint8_t *is_b;

	for (size_t g = 0; g < m->nr_groups; g++) {
		rng[g] = rng_make(seed, g);
		if (m->groups[g].na + m->groups[g].nb > n_max)
			n_max = m->groups[g].na + m->groups[g].nb;
	}
	is_b = xmalloc(n_max);
	for (uint64_t p = 0; p < permutations; p++) {
		for (size_t g = 0; g < m->nr_groups; g++) {
			const struct stat_group *grp = &m->groups[g];

			draw_labelling(&rng[g], is_b, grp->na + grp->nb, grp->nb);
			for (size_t k = m->first[g]; k < m->first[g + 1]; k++) {
				size_t h = m->by_group[k];

				m->t[h] = maxt_t(&m->hyps[h], grp, is_b, NULL, NULL);
			}
		}
		maxt_count(m);
	}
	free(is_b);
	free(rng);
}

static int cmp_falling(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a < b) - (a > b);
}

/*
 * The smallest statistic that is significant at @alpha: the maxima at or above it, with the real labelling
 * counted once more when relabellings were drawn, are no more than alpha of all. INFINITY: none can be.
 */
static double critical_value(struct maxt *m, bool exact, double alpha)
{
	uint64_t allowed = (uint64_t)floor(alpha * (double)(exact ? m->done : m->done + 1) + 1e-9), i;

	if (!exact)
		allowed = allowed ? allowed - 1 : 0;
	qsort(m->max, m->done, sizeof(*m->max), cmp_falling);
	if (allowed >= m->done)
		return 0;
	for (i = allowed; i > 0; i--)
		if (m->max[i - 1] * (1 - MAXT_TIE) > m->max[i])
			return m->max[i - 1];
	return INFINITY;
}

static void maxt_finish(struct maxt *m, bool exact, double alpha, struct stat_maxt_info *info)
{
	double most = 0;
	uint64_t extra = exact ? 0 : 1;

	for (size_t i = 0; i < m->nr_hyps; i++) {
		struct stat_hyp *h = &m->hyps[m->rank[i]];
		double total = (double)(m->done + extra);

		h->p_raw = (double)(m->raw[m->rank[i]] + extra) / total;
		most = fmax(most, (double)(m->adj[m->rank[i]] + extra) / total);
		h->p_adj = most;
	}
	if (info)
		*info = (struct stat_maxt_info){ exact, m->done, critical_value(m, exact, alpha) };
}

/* Fills the index of hypotheses by group, the observed statistics and their order. */
static void maxt_prepare(struct maxt *m)
{
	size_t at = 0, n_max = 1;
	uint8_t *is_b;

	for (size_t g = 0; g < m->nr_groups; g++) {
		m->first[g] = at;
		for (size_t h = 0; h < m->nr_hyps; h++)
			if (m->hyps[h].group == g)
				m->by_group[at++] = h;
		if (m->groups[g].na + m->groups[g].nb > n_max)
			n_max = m->groups[g].na + m->groups[g].nb;
	}
	m->first[m->nr_groups] = at;
	is_b = xmalloc(n_max);
	for (size_t h = 0; h < m->nr_hyps; h++) {
		struct stat_hyp *hyp = &m->hyps[h];
		const struct stat_group *g = &m->groups[hyp->group];
		size_t i = h;

		memset(is_b, 0, g->na);
		memset(is_b + g->na, 1, g->nb);
		hyp->t = maxt_t(hyp, g, is_b, &hyp->diff, &hyp->s);
		for (; i > 0 && m->hyps[m->rank[i - 1]].t < hyp->t; i--) /* stable: ties keep their order */
			m->rank[i] = m->rank[i - 1];
		m->rank[i] = h;
	}
	free(is_b);
}

int stat_maxt(const struct stat_group *groups, size_t nr_groups, struct stat_hyp *hyps, size_t nr_hyps,
	      uint64_t permutations, uint64_t seed, double alpha, struct stat_maxt_info *info)
{
	struct maxt m = { .groups = groups, .nr_groups = nr_groups, .hyps = hyps, .nr_hyps = nr_hyps };
	uint64_t limit = permutations > MAXT_ENUMERATE_MAX ? permutations : MAXT_ENUMERATE_MAX, total;

	if (!nr_hyps || !permutations)
		return -EINVAL;
	for (size_t h = 0; h < nr_hyps; h++)
		if (hyps[h].group >= nr_groups || !groups[hyps[h].group].na || !groups[hyps[h].group].nb)
			return -EINVAL;
	m.first = xcalloc(nr_groups + 1, sizeof(*m.first));
	m.by_group = xcalloc(nr_hyps, sizeof(*m.by_group));
	m.rank = xcalloc(nr_hyps, sizeof(*m.rank));
	m.t = xcalloc(nr_hyps, sizeof(*m.t));
	m.raw = xcalloc(nr_hyps, sizeof(*m.raw));
	m.adj = xcalloc(nr_hyps, sizeof(*m.adj));
	m.nr_labels = xcalloc(nr_groups, sizeof(*m.nr_labels));
	m.table = xcalloc(nr_groups, sizeof(*m.table));
	maxt_prepare(&m);
	total = count_relabellings(&m, limit);
	m.max = xcalloc(total <= limit ? total : permutations, sizeof(*m.max));
	if (total <= limit)
		enumerate_all(&m);
	else
		draw_some(&m, permutations, seed);
	maxt_finish(&m, total <= limit, alpha, info);
	for (size_t g = 0; g < nr_groups; g++)
		free(m.table[g]);
	free(m.table);
	free(m.nr_labels);
	free(m.max);
	free(m.adj);
	free(m.raw);
	free(m.t);
	free(m.rank);
	free(m.by_group);
	free(m.first);
	return 0;
}
