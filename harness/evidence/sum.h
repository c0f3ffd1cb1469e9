/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sums of some keys of one series, looked up once and read at many samples. */
#ifndef WMARK_EVIDENCE_SUM_H
#define WMARK_EVIDENCE_SUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/archive.h"

#define SUM_KEYS_MAX 16
struct key_sum {
	const struct archive_series *s;
	int key[SUM_KEYS_MAX];
	size_t nr;
};

/* The keys of @names, NULL-terminated, that @s has (none where it is NULL); returns how many. */
size_t sum_init(struct key_sum *sum, const struct archive_series *s, const char *const *names);
/*
 * Further keys: those that stand for a canonical counter (evidence/counters.h) in this series, by
 * the first rule that it can keep. Returns how many, 0 = ABSENT.
 */
size_t sum_add_counter(struct key_sum *sum, const char *canonical);
/* The same of one counter of @s (which may be NULL) alone. */
size_t sum_counter(struct key_sum *sum, const struct archive_series *s, const char *canonical);

/* A counter_lookup over a series: each of its names is there, as 0. */
bool sum_has_name(const void *series, const char *raw, uint64_t *out);

/* The sum at a sample. False = one of the keys is ABSENT, or there is none. */
bool sum_at(const struct key_sum *sum, size_t tick, uint64_t *out);
/* When its first key was read, as archive_key_time(). */
uint64_t sum_time(const struct key_sum *sum, size_t tick);
/* Increase between the marks of a window, as archive_delta(). */
bool sum_delta(const struct key_sum *sum, uint64_t begin_us, uint64_t end_us, uint64_t *out);
/* Increase between the last sample at or before @from_us and the first at or after @to_us (or the
 * last there is). */
bool sum_over(const struct key_sum *sum, uint64_t from_us, uint64_t to_us, uint64_t *out);

#endif
