/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Latency histogram: one bucket per value for 0..63, then 64 linear buckets per octave (the idea of
 * HdrHistogram), so a quantile is off by at most 1/64 = 1.56 % of its value. Fixed size, no
 * allocation: a histogram may live in shared memory, and addition merges two of them.
 */
#ifndef WMARK_BASE_HIST_H
#define WMARK_BASE_HIST_H

#include <stddef.h>
#include <stdint.h>

#define HIST_SUB_BITS 6
/* 2^42 ns = 73 min; larger values land in the last bucket; max stays exact */
#define HIST_MAX_BITS 42
#define HIST_BUCKETS ((HIST_MAX_BITS - HIST_SUB_BITS + 1) << HIST_SUB_BITS)

struct hist {
	uint64_t count, sum, max; /* sum may wrap only after 2^64 ns of latency */
	uint64_t min;		  /* valid when count > 0 */
	uint64_t bucket[HIST_BUCKETS];
};

void hist_reset(struct hist *h);
/* Adds the value @v @n times. */
void hist_add(struct hist *h, uint64_t v, uint64_t n);
void hist_merge(struct hist *to, const struct hist *from);
/* Bucket of a value, and the lowest / highest value of a bucket. */
size_t hist_index(uint64_t v);
uint64_t hist_low(size_t index);
uint64_t hist_high(size_t index);
/*
 * The smallest value v such that at least q (0..1) of the counts are <= v, reported as the upper
 * edge of its bucket but never above max. 0 when empty.
 */
uint64_t hist_quantile(const struct hist *h, double q);

#endif
