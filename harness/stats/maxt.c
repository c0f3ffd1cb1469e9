/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Step-down max-T (Westfall, Young 1993, algorithm 2.8; Ge, Dudoit, Speed 2003). One relabelling of
 * a group's runs serves all hypotheses of the group, so the shared work is done once. Relabellings
 * go in blocks of LANES; a loop over a block has no branches and no dependence between lanes. Every
 * lane adds in the order of the runs, so vectors of any width give the same bits (the Makefile
 * forbids contraction to fused multiply-add).
 *
 * The maximum is one of z, of which t^2 is a monotone function for each number of degrees of
 * freedom (a "scale"). So the maximum is kept as one of t^2 per scale, and held against what the
 * observed z is on that scale: no logarithm per relabelling and hypothesis. The scores of the
 * ranks are one more row of a hypothesis, whose scale has no end of degrees of freedom.
 */
#include "stats/stats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "stats/row.h"

#define MAXT_ENUMERATE_MAX 20000
#define LANES 64

/* LANES relabellings of one group. */
struct labels {
	uint8_t *is_b;	       /* [lane][run] */
	double (*mask)[LANES]; /* [run][lane]: 1 on side B, else 0 */
};

struct maxt {
	const struct stat_group *groups;
	size_t nr_groups, n_max; /* n_max: largest number of runs of a group */
	struct stat_hyp *hyps;
	size_t nr_hyps;
	struct stat_row *row; /* of hypothesis h: row[row_of[h]] .. row[row_of[h + 1] - 1] */
	size_t *row_of, nr_rows;
	size_t *first; /* rows of group g: by_group[first[g]] .. by_group[first[g + 1] - 1] */
	size_t *by_group;
	double *z;    /* memory for the values of all rows */
	size_t *rank; /* hypotheses by falling observed z; "by place" means in this order */
	double *df;   /* degrees of freedom of each scale, all different */
	size_t nr_df;
	size_t *scale;	       /* by row */
	double *seen;	       /* [place][scale]: the t^2 that counts as reaching the observed z */
	double (*most)[LANES]; /* [scale]: largest t^2 of each relabelling of the block so far */
	double (*t2)[LANES];   /* by row: t^2 of each relabelling of the block; -1 = lane unused */
	uint64_t *raw, *adj;   /* by place: how many relabellings reached the observed z */
	double *max;	       /* maximum z of each relabelling */
	uint64_t done;
	struct labels labels;
	/* for enumeration */
	uint64_t *nr_labels; /* C(na + nb, nb) of each group */
	double **table;	     /* t^2 [row of the group][label] */
};

/* ---------------------------------------------------------------- a block of relabellings */

static size_t group_runs(const struct stat_group *g)
{
	return g->na + g->nb;
}

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

/* Number of joint relabellings of the groups that have hypotheses; UINT64_MAX when above @limit. */
static uint64_t count_relabellings(struct maxt *m, uint64_t limit)
{
	uint64_t total = 1;

	for (size_t g = 0; g < m->nr_groups; g++) {
		if (m->first[g] == m->first[g + 1]) {
			m->nr_labels[g] = 1;
			continue;
		}
		m->nr_labels[g] = stat_choose(group_runs(&m->groups[g]), m->groups[g].nb, limit);
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
	memset(is_b + grp->na, 1, grp->nb); /* the first labelling is the real one */
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

static void enumerate_all(struct maxt *m, uint64_t total)
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

static void draw_some(struct maxt *m, uint64_t permutations, uint64_t seed)
{
	struct rng *rng = xcalloc(m->nr_groups, sizeof(*rng));
	size_t nr;

	for (size_t g = 0; g < m->nr_groups; g++)
		rng[g] = rng_make(seed, g);
	for (; m->done < permutations;) {
		nr = permutations - m->done < LANES ? permutations - m->done : LANES;
		for (size_t g = 0; g < m->nr_groups; g++) {
			size_t n = group_runs(&m->groups[g]);

			for (size_t p = 0; p < nr; p++) {
				stat_draw_labelling(&rng[g], m->labels.is_b + p * n, n,
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
	free(rng);
}

/* ---------------------------------------------------------------- before and after */

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

static void maxt_finish(struct maxt *m, bool exact, double alpha, struct stat_maxt_info *info)
{
	double most = 0;
	uint64_t extra = exact ? 0 : 1;

	for (size_t i = 0; i < m->nr_hyps; i++) {
		struct stat_hyp *h = &m->hyps[m->rank[i]];
		double total = (double)(m->done + extra);

		h->p_raw = (double)(m->raw[i] + extra) / total;
		most = fmax(most, (double)(m->adj[i] + extra) / total);
		h->p_adj = most;
	}
	if (info)
		*info = (struct stat_maxt_info){ exact, m->done, critical_value(m, exact, alpha) };
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
}

static void maxt_release(struct maxt *m)
{
	for (size_t g = 0; g < m->nr_groups; g++)
		free(m->table[g]);
	free(m->table);
	free(m->nr_labels);
	free(m->labels.mask);
	free(m->labels.is_b);
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
	      size_t nr_hyps, uint64_t permutations, uint64_t seed, double alpha,
	      struct stat_maxt_info *info)
{
	struct maxt m = {
		.groups = groups, .nr_groups = nr_groups, .hyps = hyps, .nr_hyps = nr_hyps
	};
	uint64_t limit = permutations > MAXT_ENUMERATE_MAX ? permutations : MAXT_ENUMERATE_MAX,
		 total;

	if (!nr_hyps || !permutations)
		return -EINVAL;
	for (size_t h = 0; h < nr_hyps; h++)
		if (hyps[h].group >= nr_groups || !groups[hyps[h].group].na ||
		    !groups[hyps[h].group].nb ||
		    !((double)group_runs(&groups[hyps[h].group]) - 2 + hyps[h].df0 > 0))
			return -EINVAL;
	maxt_init(&m);
	maxt_observe(&m);
	total = count_relabellings(&m, limit);
	m.max = xcalloc(total <= limit ? total : permutations, sizeof(*m.max));
	if (total <= limit)
		enumerate_all(&m, total);
	else
		draw_some(&m, permutations, seed);
	maxt_finish(&m, total <= limit, alpha, info);
	maxt_release(&m);
	return 0;
}
