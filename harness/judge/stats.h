/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Statistics as pure functions: arrays in, numbers out; no I/O, no global state; the same input gives
 * the same bits on every machine (own counter-based random numbers, seeds given by the caller).
 * Golden values from R stand in harness/test/test_stats.c with the script that made them.
 */
#ifndef WMARK_JUDGE_STATS_H
#define WMARK_JUDGE_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

double stat_mean(const double *x, size_t n);
double stat_median(const double *x, size_t n);		   /* does not change x; NAN when n == 0 */
double stat_var(const double *x, size_t n);		   /* n - 1 */
double stat_quantile(const double *x, size_t n, double q); /* R type 7 */

double stat_norm_cdf(double z);
double stat_norm_inv(double p);
double stat_t_cdf(double t, double df); /* incomplete beta, Lentz */
double stat_t_inv(double p, double df);
double stat_beta_inv(double p, double a, double b);

/*
 * Hodges-Lehmann shift of b against a: median of all b[j] - a[i]; interval at @conf from the exact
 * Mann-Whitney quantile (as R wilcox.test without ties).
 */
struct stat_shift {
	double shift, lo, hi;
	double conf; /* achieved: >= the one asked for, or the largest that n allows */
};
int stat_hodges_lehmann(const double *a, size_t na, const double *b, size_t nb, double conf,
			struct stat_shift *out);
/*
 * Two-sided Mann-Whitney p, ties by midranks: the share of relabellings with W at least as far from its mean.
 * Exact below 50 values a side, else the normal approximation with R's corrections. *w (may be NULL) = R's W of b.
 */
double stat_mann_whitney(const double *b, size_t nb, const double *a, size_t na, double *w);
/* Exact Wilcoxon signed rank of x against 0; *v = R's V. */
double stat_signed_rank(const double *x, size_t n, double *v);
double stat_welch(const double *a, size_t na, const double *b, size_t nb, double *t, double *df);
/*
 * Equivalence: larger p of the two one-sided t tests that the mean of b - a lies inside +-delta (pooled
 * variance s2 with df).
 */
double stat_tost(double diff, double se, double df, double delta);
double stat_fisher(unsigned a, unsigned b, unsigned c, unsigned d);	/* 2x2, two-sided, R's definition */
double stat_clopper_pearson_upper(unsigned k, unsigned n, double conf); /* one-sided */
void stat_bh(const double *p, size_t n, double *adjusted);
void stat_holm(const double *p, size_t n, double *adjusted);

/*
 * Step-down max-T (Westfall-Young) over hypotheses that share runs in groups. A group = one scenario: its
 * runs (na of A first, then nb of B) are relabelled together for all its metrics; groups are relabelled
 * independently. y[h] points at na + nb transformed values of hypothesis h (no NAN); var0[h], df0[h]: prior
 * variance and its degrees of freedom (0 = none). floor_sd[h]: s~ is never below it (c / sqrt 12). All
 * relabellings are enumerated when their number is <= 20,000 or <= @permutations, else that many are drawn
 * with @seed, the real one counted once more: p = (1 + #) / (1 + B). -EINVAL: no hypothesis, no permutation,
 * or a group with an empty side.
 */
struct stat_group {
	size_t na, nb;
};
struct stat_hyp {
	size_t group;
	const double *y;
	double var0, df0, floor_sd;
	/* out */
	double diff; /* mean of B minus mean of A */
	double s, t; /* moderated sd and |diff| / (s sqrt(1/na + 1/nb)) */
	double p_raw, p_adj;
};
struct stat_maxt_info {
	bool exact;
	uint64_t permutations;
	double t_crit; /* smallest statistic with p_adj <= alpha as the largest of all; INFINITY: none could
			  have it */
};
int stat_maxt(const struct stat_group *groups, size_t nr_groups, struct stat_hyp *hyps, size_t nr_hyps,
	      uint64_t permutations, uint64_t seed, double alpha, struct stat_maxt_info *info);

#endif
