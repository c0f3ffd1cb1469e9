/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Statistics as pure functions: arrays in, numbers out; no I/O, no global state. The same input
 * gives the same bits on every machine (own counter-based random numbers, seeds given by the
 * caller). Golden values from R: harness/test/data/stats, with the script that made them.
 */
#ifndef WMARK_STATS_STATS_H
#define WMARK_STATS_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

double stat_mean(const double *x, size_t n);
double stat_median(const double *x, size_t n); /* does not change x; NAN when n == 0 */
double stat_var(const double *x, size_t n);    /* n - 1 */

/*
 * ln x, ln(1 + x), e^x, e^x - 1, ln Gamma(x) for x > 0, and 1 - erf x: as in libm, but with the
 * same bits on every machine.
 */
double stat_log(double x);
double stat_log1p(double x);
double stat_exp(double x);
double stat_expm1(double x);
double stat_log_gamma(double x);
double stat_erfc(double x);

double stat_norm_cdf(double z);
double stat_norm_inv(double p);
double stat_t_cdf(double t, double df); /* incomplete beta, Lentz */
double stat_t_inv(double p, double df);
double stat_beta_inv(double p, double a, double b);
/*
 * |t| of df degrees of freedom as the normal deviate that is as rare, and back: z = (8 df + 1) / (8
 * df + 3) sqrt(df ln(1 + t^2 / df)) (Wallace 1959). Monotone for each df; the tail beyond z is that
 * of the normal to 9 % for df >= 8 and z <= 4. df > 0, or
 * INFINITY for the normal itself; a t of INFINITY stays so.
 */
double stat_t_to_z(double t, double df);
double stat_z_to_t(double z, double df);
/*
 * The noncentrality of a t of df degrees of freedom that exceeds @t with probability @power: its
 * shift in standard errors. By the normal that is nearest to the noncentral t (Johnson, Welch
 * 1940): at a power of .8 and df >= 4 no less than the exact one, and 1 % more at most.
 */
double stat_t_detectable(double t, double df, double power);

/*
 * Hodges-Lehmann shift of b against a: median of all b[j] - a[i]; interval at @conf from the exact
 * Mann-Whitney quantile (as R wilcox.test without ties).
 */
struct stat_shift {
	double shift, lo, hi;
	double conf; /* achieved: at least the requested one, or the largest that n allows */
};
int stat_hodges_lehmann(const double *a, size_t na, const double *b, size_t nb, double conf,
			struct stat_shift *out);
/*
 * Two-sided Mann-Whitney p, ties by midranks: the share of relabellings with W at least as far from
 * its mean. Exact below 50 values per side, else the normal approximation with R's corrections. *w
 * (may be NULL) = R's W of b.
 */
double stat_mann_whitney(const double *b, size_t nb, const double *a, size_t na, double *w);
/*
 * Equivalence: the larger p of the two one-sided t tests that the mean of b - a lies above -down
 * and below up, both > 0, INFINITY = no limit (pooled variance s2 with df).
 */
double stat_tost(double diff, double se, double df, double down, double up);
enum stat_side {
	STAT_TWO_SIDED,
	STAT_GREATER, /* the alternative is B above A */
	STAT_LESS
};

/* 2x2, two-sided, R's definition. */
double stat_fisher(unsigned a, unsigned b, unsigned c, unsigned d);
/*
 * One-sided Fisher test of a hits and b misses on side A, c hits and d misses on side B.
 * STAT_GREATER: B hits more often (R's alternative = "less" of matrix(c(a, b, c, d), 2), whose odds
 * ratio is A's relative to B's).
 */
double stat_fisher_side(unsigned a, unsigned b, unsigned c, unsigned d, enum stat_side side);
double stat_clopper_pearson_upper(unsigned k, unsigned n, double conf); /* one-sided */
/* Two-sided interval of a rate of k in n, with (1 - conf) / 2 beyond each end. */
void stat_clopper_pearson(unsigned k, unsigned n, double conf, double *lo, double *hi);
void stat_bh(const double *p, size_t n, double *adjusted);
void stat_holm(const double *p, size_t n, double *adjusted);

/*
 * Permutation test of one metric: y holds na values of A, then nb of B, no NAN. The statistic is
 * the moderated t of stat_maxt(): prior variance var0 with df0 degrees of freedom (0 = none), s at
 * least floor_sd. When there are at most @max_exact relabellings, C(na + nb, nb), all are
 * enumerated, and p is the share of them that reaches the real statistic; else @draws of them are
 * drawn with @seed and p = (1 + #) / (1 + draws). A statistic that is equal except for rounding
 * (relative 1e-10) counts as reached. -EINVAL: an empty side, or neither enumeration nor a draw is
 * allowed. Ten runs per side exactly: 184,756 relabellings, < 5 ms.
 */
struct stat_perm {
	bool exact;
	uint64_t permutations; /* enumerated or drawn */
	double diff;	       /* mean of B minus mean of A */
	/* moderated sd; t with the sign of diff, INFINITY when nothing varies inside the sides */
	double s, t;
	double p;
};
int stat_permute(const double *y, size_t na, size_t nb, double var0, double df0, double floor_sd,
		 enum stat_side side, uint64_t max_exact, uint64_t draws, uint64_t seed,
		 struct stat_perm *out);

/*
 * Step-down max-T (Westfall-Young) over hypotheses that share runs in groups. A group is one
 * scenario: its runs (na of A first, then nb of B) are relabelled together for all its metrics;
 * groups are relabelled independently. y[h] points at na + nb transformed values of hypothesis h
 * (no NAN); var0[h], df0[h]: prior variance and its degrees of freedom (0 = none). floor_sd[h]:
 * lower limit of the moderated sd (c / sqrt 12). The maximum is that of z, stat_t_to_z(t), so that
 * a t of few degrees of freedom, with its long tail, does not hide the others. From
 * STAT_SCORES_FROM runs per side on, z is the larger of this and of the standardised sum of the
 * ranks' normal scores, which a few runs that are far off do not move. All relabellings are
 * enumerated when they are few (a group with as many runs of A as of B counts half: exchanging the
 * sides changes no statistic). Else some are drawn, and the real one is counted once more: p = (1 +
 * #) / (1 + B). While an adjusted p lies within 3.3 standard errors of alpha, twice as many are
 * drawn: the decision by p <= alpha then is that of the exact p but for one in 2,000 such cases.
 * -EINVAL: no hypothesis, no permutation, a group with an empty side, or a hypothesis without a
 * degree of freedom.
 */
struct stat_maxt_opts {
	uint64_t exact_max; /* all are enumerated when they are at most so many, or fewer than: */
	uint64_t permutations; /* drawn otherwise */
	uint64_t draws_max;    /* drawn in doubt, in all; up to @permutations: doubt is left */
	uint64_t seed;
	double alpha;
};
#define STAT_SCORES_FROM 15
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
	double z;    /* the statistic */
	double way;  /* 1 where the statistic says that B is above A, -1 below, 0 neither */
	double p_raw, p_adj;
};
struct stat_maxt_info {
	bool exact;
	uint64_t permutations; /* enumerated, sides exchanged included, or drawn */
	/* smallest z with p_adj <= alpha if it were the largest of all; INFINITY: there is none */
	double z_crit;
};
int stat_maxt(const struct stat_group *groups, size_t nr_groups, struct stat_hyp *hyps,
	      size_t nr_hyps, const struct stat_maxt_opts *opts, struct stat_maxt_info *info);
/*
 * A lower limit of the p that any labels of these na + nb values, in any order, can have in
 * stat_maxt(); the smallest p itself where na == nb. It follows from the counts and ties alone, so
 * a family chosen by it keeps its rate (Tarone 1990).
 */
double stat_least_p(const double *y, size_t na, size_t nb);

/*
 * Are the values in two states, with a gap between them that is wide against the spread inside
 * both? False in 99 % of cases where there is one state, and below 5 values. floor_sd: lower limit
 * of the spread (resolution). @out: the widest gap also where it is false; nr_low = 0: there is no
 * gap at all.
 */
struct stat_states {
	size_t nr_low;	     /* values below the gap */
	double below, above; /* the gap's edges */
	double low, high;    /* medians of both states */
};
bool stat_states(const double *values, size_t n, double floor_sd, struct stat_states *out);

/*
 * Change points of a series (one value per night, oldest first). Z(tau) = |mean right - mean left|
 * / (s sqrt(1 / tau + 1 / (n - tau))), where s is the standard deviation of the whole series and
 * tau the number of nights before the change, margin <= tau <= n - margin. The p of the largest Z
 * comes from reordering blocks of nights (cut at a random place of the ring each time): (1 + #) /
 * (1 + permutations), so it accounts for the search. A significant split (p <= alpha) is split
 * again. With many series, Benjamini-Hochberg over best.p is the caller's task.
 */
struct stat_trend_opts {
	size_t margin; /* 3 */
	size_t block;  /* 10 nights */
	uint64_t permutations, seed;
	double alpha;	 /* .05 */
	double lag1_max; /* .3 */
};
struct stat_change {
	size_t at; /* index of the first night after the change */
	double z, p;
	double shift; /* mean of the segment after the change minus mean of the segment before */
};
struct stat_trend {
	struct stat_change best;    /* best change of the whole series, significant or not */
	struct stat_change *change; /* the significant changes, by place */
	size_t nr;
	/*
	 * with so few blocks p cannot be smaller than this: when it is above alpha, no change can
	 * be found
	 */
	double p_least;
	double lag1; /* autocorrelation of the series after subtracting the segments' means */
	bool drifts; /* lag1 > lag1_max: the host drifts and p does not hold, so give no verdict */
};
void stat_trend_opts_init(struct stat_trend_opts *o);
/*
 * -EINVAL: fewer than 2 margins of nights, a value not finite, or an option of 0. Release also
 * after an error.
 */
int stat_trend(const double *x, size_t n, const struct stat_trend_opts *o, struct stat_trend *out);
void stat_trend_release(struct stat_trend *t);
double stat_change_z(const double *x, size_t n, size_t tau); /* Z at one place */
double stat_lag1(const double *x, size_t n); /* lag-1 autocorrelation; 0 for a constant */
/*
 * Number of (normal-scaled) median absolute deviations by which x lies above the median of past;
 * for a single bad night.
 */
double stat_mad_z(double x, const double *past, size_t n);

#endif
