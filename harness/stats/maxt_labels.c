/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Relabellings for step-down max-T, all or drawn, and what they reach. One relabelling of a group's
 * runs serves all hypotheses of the group, so the shared work is done once. Relabellings go in
 * blocks of LANES; a loop over a block has no branches and no dependence between lanes. Every lane
 * adds in the order of the runs, so vectors of any width give the same bits (the Makefile forbids
 * contraction to fused multiply-add).
 */
#include "stats/maxt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* ---------------------------------------------------------------- a block of relabellings */

/*
 * When the sum of squares inside the sides is below this share of the total, too few of its digits
 * are left.
 */
#define CANCELLED 1e-3

/* Recomputes, by two passes, the statistic of the lanes in which the quick one lost digits. */
static void block_t2_slow(const struct stat_row *r, const struct labels *l, const double *den,
			  double limit, double *t2)
{
	for (size_t p = 0; p < LANES; p++) {
		if (!(den[p] >= limit)) {
			double t = stat_row_t(r, l->is_b + p * (r->na + r->nb), NULL, NULL);

			t2[p] = t * t;
		}
	}
}

/* Computes t^2 of row @r in each lane. */
static void block_t2(const struct stat_row *r, const struct labels *l, double *restrict t2)
{
	double sum[LANES] = { 0 }, den[LANES], least = INFINITY;
	double least_den = r->floor_sd * r->floor_sd * r->dof,
	       limit = r->dof > 0 ? CANCELLED * r->base : INFINITY;

	if (r->zero == 0) { /* all values are equal */
		memset(t2, 0, LANES * sizeof(*t2));
		return;
	}
	for (size_t i = 0; i < r->na + r->nb; i++) {
		const double *mask = l->mask[i];
		double z = r->z[i];

		for (size_t p = 0; p < LANES; p++)
			sum[p] += z * mask[p];
	}
	for (size_t p = 0; p < LANES; p++) {
		double d = stat_row_diff(r, sum[p]), q = d * d * r->between, inside = r->base - q;

		den[p] = inside > least_den ? inside : least_den;
		t2[p] = q * r->dof / den[p];
	}
	for (size_t p = 0; p < LANES; p++)
		least = den[p] < least ? den[p] : least;
	if (!(least >= limit))
		block_t2_slow(r, l, den, limit, t2);
}

static void set_lane(struct labels *l, size_t lane, size_t n)
{
	for (size_t i = 0; i < n; i++)
		l->mask[i][lane] = l->is_b[lane * n + i];
}

/* The lanes of a block that reach a value in one of several rows. */
struct hits {
	uint64_t lane[LANES];
};

static void mark_reached(struct hits *h, const double *t2, double seen)
{
	for (size_t p = 0; p < LANES; p++)
		h->lane[p] |= t2[p] >= seen;
}

static uint64_t count_hits(const struct hits *h)
{
	uint64_t nr = 0;

	for (size_t p = 0; p < LANES; p++)
		nr += h->lane[p];
	return nr;
}

/* Counts the lanes that reach @seen of their scale in a row of hypothesis @h, and in the maxima. */
static void count_rows(struct maxt *m, size_t h, const double *seen, uint64_t *raw, uint64_t *adj)
{
	struct hits own = { { 0 } }, any = { { 0 } };

	for (size_t r = m->row_of[h]; r < m->row_of[h + 1]; r++) {
		double *most = m->most[m->scale[r]];

		for (size_t p = 0; p < LANES; p++)
			most[p] = m->t2[r][p] > most[p] ? m->t2[r][p] : most[p];
		mark_reached(&own, m->t2[r], seen[m->scale[r]]);
	}
	for (size_t k = 0; k < m->nr_df; k++)
		mark_reached(&any, m->most[k], seen[k]);
	*raw += count_hits(&own);
	*adj += count_hits(&any);
}

/* The same where all rows have one scale, the usual case: then a hypothesis has one row. */
static void count_row(struct maxt *m, size_t h, double seen, uint64_t *nr_raw, uint64_t *nr_adj)
{
	const double *t2 = m->t2[m->row_of[h]];
	double *most = m->most[0];
	uint64_t raw = 0, adj = 0;

	for (size_t p = 0; p < LANES; p++) {
		most[p] = t2[p] > most[p] ? t2[p] : most[p];
		raw += t2[p] >= seen;
		adj += most[p] >= seen;
	}
	*nr_raw += raw;
	*nr_adj += adj;
}

/* Counts the block in m->t2, of which @nr lanes are used. */
static void count_block(struct maxt *m, size_t nr)
{
	for (size_t k = 0; k < m->nr_df; k++)
		for (size_t p = 0; p < LANES; p++)
			m->most[k][p] = -1;
	for (size_t i = m->nr_hyps; i-- > 0;) {
		const double *seen = m->seen + i * m->nr_df;

		if (m->nr_df == 1)
			count_row(m, m->rank[i], *seen, &m->raw[i], &m->adj[i]);
		else
			count_rows(m, m->rank[i], seen, &m->raw[i], &m->adj[i]);
	}
	for (size_t p = 0; p < nr; p++) {
		double z = 0;

		for (size_t k = 0; k < m->nr_df; k++)
			if (m->most[k][p] > 0)
				z = fmax(z, stat_t_to_z(sqrt(m->most[k][p]), m->df[k]));
		m->max[m->done++] = z;
	}
}

static void blank_lanes(double *t2, size_t nr)
{
	for (size_t p = nr; p < LANES; p++)
		t2[p] = -1;
}

/* ---------------------------------------------------------------- all relabellings */

uint64_t maxt_relabellings(struct maxt *m, uint64_t limit)
{
	uint64_t total = 1;

	for (size_t g = 0; g < m->nr_groups; g++) {
		const struct stat_group *grp = &m->groups[g];
		bool half = grp->na == grp->nb;

		if (m->first[g] == m->first[g + 1]) {
			m->nr_labels[g] = 1;
			continue;
		}
		m->nr_labels[g] = stat_choose(group_runs(grp), grp->nb, half ? 2 * limit : limit);
		if (half && m->nr_labels[g] != UINT64_MAX) {
			m->nr_labels[g] /= 2;
			m->nr_halved++;
		}
		if (m->nr_labels[g] > limit || total > limit / m->nr_labels[g])
			return UINT64_MAX;
		total *= m->nr_labels[g];
	}
	return total;
}

/*
 * Moves to the next subset of the same size in lexicographic order of is_b[] read as ones and
 * zeros; false after the last.
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
	size_t n = group_runs(grp), nr = m->first[g + 1] - m->first[g], lanes;
	uint8_t *is_b = xcalloc(n, 1);
	double t2[LANES];

	m->table[g] = xreallocarray(NULL, m->nr_labels[g] * nr, sizeof(double));
	/* the first labelling is the real one; the first run stays A's in the first half */
	memset(is_b + grp->na, 1, grp->nb);
	for (uint64_t at = 0; at < m->nr_labels[g]; at += lanes) {
		for (lanes = 0; lanes < LANES && at + lanes < m->nr_labels[g]; lanes++) {
			memcpy(m->labels.is_b + lanes * n, is_b, n);
			set_lane(&m->labels, lanes, n);
			next_labelling(is_b, n);
		}
		for (size_t k = 0; k < nr; k++) {
			block_t2(&m->row[m->by_group[m->first[g] + k]], &m->labels, t2);
			memcpy(m->table[g] + k * m->nr_labels[g] + at, t2, lanes * sizeof(*t2));
		}
	}
	free(is_b);
}

/* Combines the groups' tables into a block; @at[g][lane] is the label of group g in a lane. */
static void gather_block(struct maxt *m, const uint64_t (*at)[LANES], size_t nr)
{
	for (size_t g = 0; g < m->nr_groups; g++) {
		for (size_t k = m->first[g]; k < m->first[g + 1]; k++) {
			const double *table = m->table[g] + (k - m->first[g]) * m->nr_labels[g];
			double *t2 = m->t2[m->by_group[k]];

			for (size_t p = 0; p < nr; p++)
				t2[p] = table[at[g][p]];
			blank_lanes(t2, nr);
		}
	}
}

void maxt_enumerate(struct maxt *m, uint64_t total)
{
	uint64_t *label = xcalloc(m->nr_groups, sizeof(*label)), (*at)[LANES];
	size_t nr;

	at = xcalloc(m->nr_groups, sizeof(*at));
	for (size_t g = 0; g < m->nr_groups; g++)
		if (m->first[g + 1] > m->first[g])
			fill_table(m, g);
	while (m->done < total) { /* counts like an odometer over the groups */
		for (nr = 0; nr < LANES && m->done + nr < total; nr++) {
			for (size_t g = 0; g < m->nr_groups; g++)
				at[g][nr] = label[g];
			for (size_t g = 0; g < m->nr_groups; g++) {
				if (++label[g] < m->nr_labels[g])
					break;
				label[g] = 0;
			}
		}
		gather_block(m, (const uint64_t(*)[LANES])at, nr);
		count_block(m, nr);
	}
	free(at);
	free(label);
}

/* ---------------------------------------------------------------- some relabellings */

void maxt_draw(struct maxt *m, uint64_t upto)
{
	size_t nr;

	while (m->done < upto) {
		nr = upto - m->done < LANES ? upto - m->done : LANES;
		for (size_t g = 0; g < m->nr_groups; g++) {
			size_t n = group_runs(&m->groups[g]);

			if (m->first[g] == m->first[g + 1])
				continue;
			for (size_t p = 0; p < nr; p++) {
				stat_draw_labelling(&m->rng[g], m->labels.is_b + p * n, n,
						    m->groups[g].nb);
				set_lane(&m->labels, p, n);
			}
			for (size_t k = m->first[g]; k < m->first[g + 1]; k++) {
				double *t2 = m->t2[m->by_group[k]];

				block_t2(&m->row[m->by_group[k]], &m->labels, t2);
				blank_lanes(t2, nr);
			}
		}
		count_block(m, nr);
	}
}
