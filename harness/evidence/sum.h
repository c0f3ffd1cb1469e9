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

/*
 * Takes those keys of @names, NULL-terminated, that @s has (none where @s is NULL); returns how
 * many.
 */
size_t sum_init(struct key_sum *sum, const struct archive_series *s, const char *const *names);
/*
 * Adds the keys that stand for a canonical counter (evidence/counters.h) in this series, by the
 * first rule whose keys all exist. Returns how many; 0 = ABSENT.
 */
size_t sum_add_counter(struct key_sum *sum, const char *canonical);
/* Takes the keys of one canonical counter of @s (may be NULL) alone. */
size_t sum_counter(struct key_sum *sum, const struct archive_series *s, const char *canonical);

/* A counter_lookup that finds every name of a series, each with the value 0. */
bool sum_has_name(const void *series, const char *raw, uint64_t *out);

/* The sum at a sample. False = one of the keys is ABSENT, or there is none. */
bool sum_at(const struct key_sum *sum, size_t tick, uint64_t *out);
/* When the first key of the sum was read, as archive_key_time(). */
uint64_t sum_time(const struct key_sum *sum, size_t tick);
/* Increase between the marks of a window, as archive_delta(). */
bool sum_delta(const struct key_sum *sum, uint64_t begin_us, uint64_t end_us, uint64_t *out);
/*
 * Increase between the last sample at or before @from_us and the first at or after @to_us (or the
 * last sample of all).
 */
bool sum_over(const struct key_sum *sum, uint64_t from_us, uint64_t to_us, uint64_t *out);

#endif
