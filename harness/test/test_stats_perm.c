/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Relabelling of one metric: stat_permute() and stat_least_p(), against R and enumeration. */
#include "test_stats.h"

static void expect_permute(const char *name, const double *y, size_t na, size_t nb, uint64_t labels)
{
	struct stat_perm p;
	double got[3];

	for (enum stat_side s = STAT_TWO_SIDED; s <= STAT_LESS; s++) {
		cr_assert_eq(stat_permute(y, na, nb, 0, 0, 0, s, labels, 0, 1, &p), 0);
		cr_assert(p.exact);
		cr_assert_eq(p.permutations, labels);
		got[s] = p.p;
	}
	expect(name, got, 3, 1e-12);
}

Test(stats, permute_exact)
{
	static const double tied[] = { .1, .2, .2, .3, .3, .2, .3, .3, .4, .4, .6 };
	double y[20];

	memcpy(y, a, 4 * sizeof(*a));
	memcpy(y + 4, b + 3, 7 * sizeof(*b));
	expect_permute("permute_4_7", y, 4, 7, 330);
	expect_permute("permute_tied", tied, 5, 6, 462);
	both_sides(y);
	expect_permute("permute_10", y, 10, 10, 184756);
}

/* Prior and floor change t, never the order of the relabellings of one metric. */
Test(stats, permute_moderated)
{
	struct stat_perm p, q;
	double y[20], want[2];

	both_sides(y);
	golden("moderated", want, 2);
	stat_permute(y, 10, 10, .03 * .03, 20, 0, STAT_TWO_SIDED, 200000, 0, 1, &p);
	ASSERT_NEAR(p.t, want[1], 1e-11);
	stat_permute(y, 10, 10, 0, 0, 5, STAT_GREATER, 200000, 0, 1, &q);
	cr_assert_eq(q.s, 5.0);
	ASSERT_NEAR(q.p * 2, p.p, 1e-12);
	for (size_t i = 0; i < 20; i++)
		y[i] = -y[i];
	stat_permute(y, 10, 10, 0, 0, 5, STAT_LESS, 200000, 0, 1, &p);
	cr_assert_eq(p.p, q.p);
	cr_assert_eq(p.t, -q.t);
}

Test(stats, permute_drawn)
{
	struct stat_perm p, q;
	double y[20];

	both_sides(y);
	cr_assert_eq(stat_permute(y, 10, 10, 0, 0, 0, STAT_GREATER, 184755, 9999, 7, &p), 0);
	cr_assert(!p.exact && p.permutations == 9999);
	stat_permute(y, 10, 10, 0, 0, 0, STAT_GREATER, 184755, 9999, 7, &q);
	cr_assert_eq(p.p, q.p);
	cr_assert_float_eq(p.p, .00154798761609907, .0016); /* four standard errors */
	ASSERT_NEAR(p.p * 10000, round(p.p * 10000), 1e-9);
	stat_permute(y, 10, 10, 0, 0, 0, STAT_LESS, 0, 999, 7, &p);
	cr_assert_float_eq(p.p, .9985, .006);
}

Test(stats, permute_edges)
{
	static const double same[] = { 3.3, 3.3, 3.3, 3.3 },
			    apart[] = { 1.1, 1.1, 1.1, 2.2, 2.2, 2.2 };
	struct stat_perm p;

	stat_permute(same, 2, 2, 0, 0, 0, STAT_TWO_SIDED, 100, 0, 1, &p);
	cr_assert(p.t == 0 && p.p == 1);
	stat_permute(apart, 3, 3, 0, 0, 0, STAT_GREATER, 100, 0, 1, &p);
	cr_assert(isinf(p.t) && p.t > 0);
	ASSERT_NEAR(p.p, 1 / 20.0, 1e-15);
	cr_assert_eq(stat_permute(apart, 1, 1, 0, 0, 0, STAT_TWO_SIDED, 100, 0, 1, &p), 0);
	cr_assert_eq(p.p, 1.0);
	cr_assert_lt(stat_permute(apart, 0, 6, 0, 0, 0, STAT_GREATER, 100, 9, 1, &p), 0);
	cr_assert_lt(stat_permute(apart, 3, 0, 0, 0, 0, STAT_GREATER, 100, 9, 1, &p), 0);
	cr_assert_lt(stat_permute(apart, 3, 3, 0, 0, 0, STAT_GREATER, 19, 0, 1, &p), 0);
}

/* The smallest p that any labels of these values have, against the enumeration. */
Test(stats, least_p)
{
	static const double flat[12] = { 0 };

	ASSERT_NEAR(stat_least_p(a, 5, 5), 2 / 252.0, 1e-11);
	ASSERT_NEAR(stat_least_p(a, 3, 3), 2 / 20.0, 1e-11);
	ASSERT_NEAR(stat_least_p(a, 4, 6), 1 / 210.0, 1e-11);
	ASSERT_NEAR(stat_least_p(flat, 6, 6), 1.0, 1e-9);
	for (uint64_t c = 0; c < 40; c++) {
		struct rng r = rng_make(5, c);
		size_t na = 3 + c % 3, nb = 3 + c % 4, n = na + nb;
		struct stat_perm best = { .p = 1 };
		double y[12], sorted[12];

		for (size_t i = 0; i < n; i++)
			y[i] = (double)rng_below(&r, 2 + c % 5);
		for (int way = 0; way < 2; way++) {
			struct stat_perm p;

			for (size_t i = 0; i < n; i++) {
				size_t k = i;

				for (; k > 0 && (way ? sorted[k - 1] > y[i] : sorted[k - 1] < y[i]);
				     k--)
					sorted[k] = sorted[k - 1];
				sorted[k] = y[i];
			}
			stat_permute(sorted, na, nb, 0, 0, 0, STAT_TWO_SIDED, 1000, 0, 1, &p);
			best.p = fmin(best.p, p.p);
		}
		cr_assert_leq(stat_least_p(y, na, nb), best.p * (1 + 1e-9), "case %zu", (size_t)c);
		if (na == nb)
			ASSERT_NEAR(stat_least_p(y, na, nb), best.p, 1e-9);
	}
}
