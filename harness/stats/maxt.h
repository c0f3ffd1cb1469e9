/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Step-down max-T at work: what maxt.c prepares and sums up, and maxt_labels.c counts. Private to
 * harness/stats.
 */
#ifndef WMARK_STATS_MAXT_H
#define WMARK_STATS_MAXT_H

#include "stats/row.h"

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
	double *max;	       /* maximum z of each relabelling, memory for all that are counted */
	uint64_t done;
	struct labels labels;
	struct rng *rng; /* of each group */
	/* for enumeration */
	uint64_t *nr_labels; /* of each group: C(na + nb, nb), half of it where na == nb */
	size_t nr_halved;    /* groups with half of their labels */
	double **table;	     /* t^2 [row of the group][label] */
};

static inline size_t group_runs(const struct stat_group *g)
{
	return g->na + g->nb;
}

/*
 * Number of joint relabellings of the groups that have hypotheses, without those that exchange the
 * sides of a group; UINT64_MAX when above @limit.
 */
uint64_t maxt_relabellings(struct maxt *m, uint64_t limit);
/* Counts all these, or drawn ones until they are @upto, into raw, adj, max and done. */
void maxt_enumerate(struct maxt *m, uint64_t total);
void maxt_draw(struct maxt *m, uint64_t upto);

#endif
