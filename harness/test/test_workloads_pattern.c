/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "workloads/workload.h"

static uint64_t walk_hash(enum wl_pattern p, uint64_t nr, uint64_t seed)
{
	struct wl_walk w;
	struct rng r = rng_make(seed, 0);
	uint64_t h = FNV_INIT;

	wl_walk_init(&w, p, nr, 0.99, 0.1, 0.9);
	for (int i = 0; i < 20000; i++) {
		uint64_t at = wl_walk_next(&w, &r);

		cr_assert(at < nr);
		h = fnv1a(h, &at, sizeof(at));
	}
	return h;
}

Test(workloads, walk_follows_seed)
{
	for (int p = WL_SEQ; p <= WL_HOTCOLD; p++) {
		cr_assert_eq(walk_hash(p, 10007, 1), walk_hash(p, 10007, 1));
		if (p != WL_SEQ)
			cr_assert_neq(walk_hash(p, 10007, 1), walk_hash(p, 10007, 2));
	}
}

/* The sequence is part of the format: a change makes old runs incomparable, so these are fixed
 * numbers. */
Test(workloads, walk_is_the_same_everywhere)
{
	cr_assert_eq(walk_hash(WL_UNIFORM, 98304, 7), 0x250f10fad0909e03ull);
	cr_assert_eq(walk_hash(WL_ZIPF, 98304, 7), 0xba296c04c823441dull);
	cr_assert_eq(walk_hash(WL_HOTCOLD, 98304, 7), 0x752359c0269bdeull);
}

Test(workloads, walk_small_sizes)
{
	for (int p = WL_SEQ; p <= WL_HOTCOLD; p++)
		for (uint64_t nr = 1; nr <= 17; nr++)
			walk_hash(p, nr, nr);
}

Test(workloads, walk_seq_wraps)
{
	struct wl_walk w;
	struct rng r = rng_make(0, 0);

	wl_walk_init(&w, WL_SEQ, 3, 0.99, 0.1, 0.9);
	for (uint64_t i = 0; i < 10; i++)
		cr_assert_eq(wl_walk_next(&w, &r), i % 3);
}

static int falling(const void *x, const void *y)
{
	unsigned p = *(const unsigned *)x, q = *(const unsigned *)y;

	return p < q ? 1 : p > q ? -1 : 0;
}

static void count(enum wl_pattern p, double theta, unsigned *n, uint64_t nr, unsigned draws)
{
	struct wl_walk w;
	struct rng r = rng_make(11, 0);

	memset(n, 0, nr * sizeof(*n));
	wl_walk_init(&w, p, nr, theta, 0.1, 0.9);
	for (unsigned i = 0; i < draws; i++)
		n[wl_walk_next(&w, &r)]++;
}

/* 999 degrees of freedom: mean 999, standard deviation 45. */
Test(workloads, walk_uniform_shape)
{
	enum { NR = 1000, DRAWS = 200000 };
	static unsigned n[NR];
	double chi2 = 0;

	count(WL_UNIFORM, 0.99, n, NR, DRAWS);
	for (int i = 0; i < NR; i++)
		chi2 += (n[i] - 200.0) * (n[i] - 200.0) / 200;
	cr_assert(chi2 > 999 - 4 * 45 && chi2 < 999 + 4 * 45, "%g", chi2);
}

/*
 * Ranks 1 and 2 are exact in the method of Gray; the share of the first tenth must be that of the
 * law. Scattering must not merge items: the sorted counts follow rank^-theta.
 */
Test(workloads, walk_zipf_shape)
{
	enum { NR = 10000, DRAWS = 1000000 };
	static unsigned n[NR];
	static const double theta[] = { 0.5, 0.8, 0.99 };

	for (size_t t = 0; t < ARRAY_SIZE(theta); t++) {
		double zeta = 0, head = 0, got = 0, p1;

		for (int k = 1; k <= NR; k++) {
			zeta += pow(k, -theta[t]);
			if (k == NR / 10)
				head = zeta;
		}
		count(WL_ZIPF, theta[t], n, NR, DRAWS);
		cr_assert(n[0] > 0, "rank 0 stays at item 0");
		p1 = 1 / zeta;
		cr_assert(fabs(n[0] - p1 * DRAWS) < 5 * sqrt(p1 * DRAWS), "theta %g: %u for %g",
			  theta[t], n[0], p1 * DRAWS);
		qsort(n, NR, sizeof(n[0]), falling);
		for (int i = 0; i < NR / 10; i++)
			got += n[i];
		cr_assert(fabs(got / DRAWS - head / zeta) < 0.03,
			  "theta %g: first tenth %g, law %g", theta[t], got / DRAWS, head / zeta);
	}
}

/* The sum over many items comes from an integral: same shape as with all terms. */
Test(workloads, walk_zipf_large)
{
	struct wl_walk w;
	double zeta = 0;

	wl_walk_init(&w, WL_ZIPF, 1000000, 0.9, 0.1, 0.9);
	for (int k = 1; k <= 1000000; k++)
		zeta += pow(k, -0.9);
	cr_assert(fabs(w.zetan / zeta - 1) < 1e-8, "%.12g %.12g", w.zetan, zeta);
}

Test(workloads, walk_hotcold_shape)
{
	enum { NR = 1000, DRAWS = 200000 };
	static unsigned n[NR];
	unsigned hot = 0, nr_hot = 0, spread = 0;

	count(WL_HOTCOLD, 0.99, n, NR, DRAWS);
	for (int i = 0; i < NR; i++) {
		/* hot: 1800 each, cold: 22 each */
		if (n[i] < 200)
			continue;
		nr_hot++;
		hot += n[i];
		spread |= 1u << i / 100;
	}
	cr_assert_eq(nr_hot, 100);
	cr_assert(abs((int)hot - 180000) < 5 * 135, "%u", hot);
	cr_assert_eq(spread, 0x3ff, "hot items are in every tenth of the region: %#x", spread);
}
