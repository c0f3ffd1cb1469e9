/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/hist.h"

#include <math.h>
#include <string.h>

#define SUB ((uint64_t)1 << HIST_SUB_BITS)

void hist_reset(struct hist *h)
{
	memset(h, 0, sizeof(*h));
}

size_t hist_index(uint64_t v)
{
	unsigned exp;

	if (v < SUB)
		return (size_t)v;
	exp = 63u - (unsigned)__builtin_clzll(v);
	if (exp >= HIST_MAX_BITS)
		return HIST_BUCKETS - 1;
	return (size_t)(((uint64_t)(exp - HIST_SUB_BITS + 1) << HIST_SUB_BITS) +
			((v >> (exp - HIST_SUB_BITS)) & (SUB - 1)));
}

uint64_t hist_low(size_t index)
{
	uint64_t oct = index >> HIST_SUB_BITS, sub = index & (SUB - 1);

	return oct ? (SUB + sub) << (oct - 1) : sub;
}

uint64_t hist_high(size_t index)
{
	return index + 1 < HIST_BUCKETS ? hist_low(index + 1) - 1 : UINT64_MAX;
}

void hist_add(struct hist *h, uint64_t v, uint64_t n)
{
	if (!n)
		return;
	h->bucket[hist_index(v)] += n;
	if (!h->count || v < h->min)
		h->min = v;
	if (v > h->max)
		h->max = v;
	h->count += n;
	h->sum += v * n;
}

void hist_merge(struct hist *to, const struct hist *from)
{
	if (!from->count)
		return;
	if (!to->count || from->min < to->min)
		to->min = from->min;
	if (from->max > to->max)
		to->max = from->max;
	to->count += from->count;
	to->sum += from->sum;
	for (size_t i = 0; i < HIST_BUCKETS; i++)
		to->bucket[i] += from->bucket[i];
}

uint64_t hist_quantile(const struct hist *h, double q)
{
	uint64_t want, seen = 0;

	if (!h->count)
		return 0;
	want = (uint64_t)ceil(q * (double)h->count);
	if (want < 1)
		want = 1;
	for (size_t i = 0; i < HIST_BUCKETS; i++) {
		seen += h->bucket[i];
		if (seen >= want)
			return hist_high(i) < h->max ? hist_high(i) : h->max;
	}
	return h->max;
}
