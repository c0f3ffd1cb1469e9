/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hist.h"
#include "base/rng.h"

/* Each is several pages large, so they are not on the stack. */
static struct hist a, b, both;

Test(hist, buckets_tile_the_range)
{
	cr_assert_eq(hist_low(0), 0);
	for (size_t i = 0; i + 1 < HIST_BUCKETS; i++) {
		cr_assert_eq(hist_high(i) + 1, hist_low(i + 1), "%zu", i);
		cr_assert_eq(hist_index(hist_low(i)), i);
		cr_assert_eq(hist_index(hist_high(i)), i);
	}
	cr_assert_eq(hist_index(UINT64_MAX), HIST_BUCKETS - 1);
	cr_assert_eq(hist_high(HIST_BUCKETS - 1), UINT64_MAX);
}

Test(hist, relative_error)
{
	struct rng r = rng_make(1, 2);

	for (int i = 0; i < 200000; i++) {
		uint64_t v = rng_next(&r) >> (64 - 1 - rng_below(&r, HIST_MAX_BITS - 1));
		size_t k = hist_index(v);

		cr_assert(hist_low(k) <= v && v <= hist_high(k));
		cr_assert((double)(hist_high(k) - v) <= 0.016 * (double)v, "%llu",
			  (unsigned long long)v);
	}
}

static int by_value(const void *x, const void *y)
{
	uint64_t p = *(const uint64_t *)x, q = *(const uint64_t *)y;

	return p < q ? -1 : p > q;
}

Test(hist, quantiles_against_sorted)
{
	static const double q[] = { 0, 0.01, 0.5, 0.9, 0.99, 0.999, 1 };
	enum { NR = 9973 };
	static uint64_t v[NR];
	struct rng r = rng_make(3, 4);

	hist_reset(&a);
	for (int i = 0; i < NR; i++) {
		v[i] = (uint64_t)exp(rng_unit(&r) * 20);
		hist_add(&a, v[i], 1);
	}
	qsort(v, NR, sizeof(v[0]), by_value);
	for (size_t i = 0; i < sizeof(q) / sizeof(q[0]); i++) {
		double rank = ceil(q[i] * NR);
		uint64_t exact = v[rank < 1 ? 0 : (size_t)rank - 1], got = hist_quantile(&a, q[i]);

		cr_assert(got >= exact && (double)(got - exact) <= 0.016 * (double)exact,
			  "q %g: %llu for %llu", q[i], (unsigned long long)got,
			  (unsigned long long)exact);
	}
	cr_assert_eq(hist_quantile(&a, 1), v[NR - 1], "the maximum is exact");
	cr_assert_eq(a.min, v[0]);
}

Test(hist, merge_is_sum)
{
	struct rng r = rng_make(5, 6);

	hist_reset(&a);
	hist_reset(&b);
	hist_reset(&both);
	hist_merge(&a, &b);
	cr_assert_eq(a.count, 0);
	cr_assert_eq(hist_quantile(&a, 0.5), 0);
	for (int i = 0; i < 10000; i++) {
		uint64_t v = rng_next(&r) >> rng_below(&r, 64), n = rng_below(&r, 4);

		hist_add(i % 3 ? &a : &b, v, n);
		hist_add(&both, v, n);
	}
	hist_merge(&a, &b);
	cr_assert_eq(memcmp(&a, &both, sizeof(a)), 0);
	hist_reset(&b);
	hist_merge(&b, &both);
	cr_assert_eq(memcmp(&b, &both, sizeof(b)), 0, "merge into an empty one is a copy");
}

Test(hist, nothing_added)
{
	hist_reset(&a);
	hist_add(&a, 5, 0);
	cr_assert(a.count == 0 && a.max == 0 && a.bucket[5] == 0);
	hist_add(&a, 0, 3);
	cr_assert_eq(a.count, 3);
	cr_assert_eq(hist_quantile(&a, 0.5), 0);
	hist_add(&a, UINT64_MAX, 1);
	cr_assert_eq(a.max, UINT64_MAX);
	cr_assert_eq(hist_quantile(&a, 1), UINT64_MAX);
}
