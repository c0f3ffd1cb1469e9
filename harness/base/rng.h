/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Counter-based random numbers: SplitMix64 (Steele, Lea, Flood 2014) of key + counter. The i-th
 * number of a seed can be computed without the earlier ones, and is the same on every machine.
 */
#ifndef WMARK_BASE_RNG_H
#define WMARK_BASE_RNG_H

#include <stdint.h>

struct rng {
	uint64_t key, ctr;
};

static inline uint64_t rng_mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* The @i-th number of the stream @key. */
static inline uint64_t rng_at(uint64_t key, uint64_t i)
{
	return rng_mix(key + (i + 1) * 0x9e3779b97f4a7c15ull);
}

/* An independent stream for every (seed, stream) pair. */
static inline struct rng rng_make(uint64_t seed, uint64_t stream)
{
	return (struct rng){ rng_mix(seed ^ rng_mix(stream + 0x5851f42d4c957f2dull)), 0 };
}

static inline uint64_t rng_next(struct rng *r)
{
	return rng_at(r->key, r->ctr++);
}

/* Uniform in [0, n), n > 0: multiply-shift (Lemire 2019) without rejection; bias below n / 2^64. */
static inline uint64_t rng_below(struct rng *r, uint64_t n)
{
	return (uint64_t)(((unsigned __int128)rng_next(r) * n) >> 64);
}

/* Uniform in [0, 1) with 53 bits. */
static inline double rng_unit(struct rng *r)
{
	return (double)(rng_next(r) >> 11) * 0x1p-53;
}

#endif
