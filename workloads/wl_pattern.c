/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>

#include "workloads/workload.h"

const char *const wl_pattern_names[] = { "seq", "uniform", "zipf", "hotcold", NULL };

/*
 * pow() of libm has variants with and without FMA, and chooses one by the CPU at run time. They may
 * differ in the last bit, and then two machines would walk differently from one seed. The functions
 * here use only +, -, * and /, which IEEE 754 rounds alike everywhere; the compiler must not
 * contract products into FMA either.
 */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#define SAME_EVERYWHERE
#else
#define SAME_EVERYWHERE __attribute__((optimize("fp-contract=off")))
#endif

SAME_EVERYWHERE static double log_same(double x)
{
	int exp;
	double m = frexp(x, &exp), s, s2, sum = 0;

	if (m < 0.70710678118654752) {
		m *= 2;
		exp--;
	}
	s = (m - 1) / (m + 1); /* ln m = 2 artanh s, |s| < 0.172 */
	s2 = s * s;
	for (int k = 21; k >= 1; k -= 2)
		sum = sum * s2 + 1.0 / k;
	return 2 * s * sum + exp * 0.69314718055994531;
}

SAME_EVERYWHERE static double exp_same(double x)
{
	double n = floor(x / 0.69314718055994531 + 0.5), r = x - n * 0.69314718055994531, sum = 1;

	for (int k = 14; k >= 1; k--)
		sum = 1 + sum * r / k;
	return ldexp(sum, (int)n);
}

SAME_EVERYWHERE static double pow_same(double x, double y)
{
	return x <= 0 ? 0 : exp_same(y * log_same(x));
}

/* Sum of k^-theta for k = 1..n: the first terms one by one, the rest by the midpoint integral
 * (relative error < 1e-9). */
SAME_EVERYWHERE static double zeta(uint64_t n, double theta)
{
	uint64_t head = n < 4096 ? n : 4096;
	double sum = 0;

	for (uint64_t k = 1; k <= head; k++)
		sum += pow_same((double)k, -theta);
	if (n > head)
		sum += (pow_same((double)n + 0.5, 1 - theta) -
			pow_same((double)head + 0.5, 1 - theta)) /
		       (1 - theta);
	return sum;
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t r = a % b;

		a = b;
		b = r;
	}
	return a;
}

/* A multiplier near the golden section of nr and coprime to it: neighbours in rank land far apart
 * and evenly. */
static uint64_t scatter_mul(uint64_t nr)
{
	uint64_t m = (uint64_t)(((unsigned __int128)0x9e3779b97f4a7c15ull * nr) >> 64);

	if (!m)
		m = 1;
	while (gcd(m, nr) != 1)
		m++;
	return m;
}

SAME_EVERYWHERE void wl_walk_init(struct wl_walk *w, enum wl_pattern pattern, uint64_t nr_items,
				  double theta, double hot_share, double hot_odds)
{
	*w = (struct wl_walk){ .pattern = pattern,
			       .nr = nr_items ? nr_items : 1,
			       .theta = theta,
			       .hot_share = hot_share,
			       .hot_odds = hot_odds };
	w->mul = scatter_mul(w->nr);
	w->nr_hot = (uint64_t)(hot_share * (double)w->nr + 0.5);
	if (!w->nr_hot)
		w->nr_hot = 1;
	if (pattern == WL_ZIPF) {
		w->zetan = zeta(w->nr, theta);
		w->zeta2 = zeta(2, theta);
		w->alpha = 1 / (1 - theta);
		w->eta = w->nr <= 2 ? 0
				    : (1 - pow_same(2.0 / (double)w->nr, 1 - theta)) /
					      (1 - w->zeta2 / w->zetan);
	}
}

/* Gray et al., "Quickly generating billion-record synthetic databases", SIGMOD 1994, figure 7. */
SAME_EVERYWHERE static uint64_t zipf_rank(const struct wl_walk *w, struct rng *r)
{
	double u = rng_unit(r), uz = u * w->zetan;
	uint64_t rank;

	if (uz < 1 || w->nr == 1)
		return 0;
	if (uz < w->zeta2 || w->nr == 2)
		return 1;
	rank = (uint64_t)((double)w->nr * pow_same(w->eta * u - w->eta + 1, w->alpha));
	return rank < w->nr ? rank : w->nr - 1;
}

static uint64_t scatter(const struct wl_walk *w, uint64_t rank)
{
	return (uint64_t)((unsigned __int128)rank * w->mul % w->nr);
}

uint64_t wl_walk_next(struct wl_walk *w, struct rng *r)
{
	uint64_t at;

	switch (w->pattern) {
	case WL_UNIFORM:
		return rng_below(r, w->nr);
	case WL_ZIPF:
		return scatter(w, zipf_rank(w, r));
	case WL_HOTCOLD:
		if (rng_unit(r) < w->hot_odds || w->nr_hot >= w->nr)
			return scatter(w, rng_below(r, w->nr_hot));
		return scatter(w, w->nr_hot + rng_below(r, w->nr - w->nr_hot));
	case WL_SEQ:
		break;
	}
	at = w->next++;
	if (w->next >= w->nr)
		w->next = 0;
	return at;
}
