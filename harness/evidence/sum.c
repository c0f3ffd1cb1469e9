/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "evidence/sum.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "evidence/counters.h"

static bool add_key(struct key_sum *sum, const char *name)
{
	int key = archive_key(sum->s, name);

	if (key < 0)
		return false;
	assert(sum->nr < SUM_KEYS_MAX);
	sum->key[sum->nr++] = key;
	return true;
}

size_t sum_init(struct key_sum *sum, const struct archive_series *s, const char *const *names)
{
	*sum = (struct key_sum){ .s = s };
	for (; s && *names; names++)
		add_key(sum, *names);
	return sum->nr;
}

bool sum_has_name(const void *series, const char *raw, uint64_t *out)
{
	*out = 0;
	return archive_key(series, raw) >= 0;
}

size_t sum_add_counter(struct key_sum *sum, const char *canonical)
{
	const struct counter *c = counter_find(canonical);
	struct buf used = BUF_INIT;
	size_t nr = 0;
	uint64_t none;

	if (c && sum->s && counter_resolve(c, sum_has_name, sum->s, &none, &used))
		for (char *name = used.data, *end; name; name = end ? end + 1 : NULL) {
			end = strchr(name, '+');
			if (end)
				*end = '\0';
			nr += add_key(sum, name);
		}
	buf_release(&used);
	return nr;
}

size_t sum_counter(struct key_sum *sum, const struct archive_series *s, const char *canonical)
{
	*sum = (struct key_sum){ .s = s };
	return sum_add_counter(sum, canonical);
}

bool sum_at(const struct key_sum *sum, size_t tick, uint64_t *out)
{
	uint64_t v;

	*out = 0;
	for (size_t i = 0; i < sum->nr; i++) {
		if (!archive_value(sum->s, tick, sum->key[i], &v))
			return false;
		*out += v;
	}
	return sum->nr > 0;
}

uint64_t sum_time(const struct key_sum *sum, size_t tick)
{
	return archive_key_time(sum->s, tick, sum->key[0]);
}

bool sum_delta(const struct key_sum *sum, uint64_t begin_us, uint64_t end_us, uint64_t *out)
{
	uint64_t d;

	*out = 0;
	for (size_t i = 0; i < sum->nr; i++) {
		if (!archive_delta(sum->s, sum->key[i], begin_us, end_us, &d))
			return false;
		*out += d;
	}
	return sum->nr > 0;
}

bool sum_over(const struct key_sum *sum, uint64_t from_us, uint64_t to_us, uint64_t *out)
{
	long from, to;
	uint64_t a, b;

	if (!sum->s || !sum->s->nr_ticks)
		return false;
	from = archive_tick_at(sum->s, from_us);
	to = archive_tick_at(sum->s, to_us);
	if (from < 0)
		return false;
	if (sum->s->tick[to].t_us < to_us && (size_t)to + 1 < sum->s->nr_ticks)
		to++;
	if (!sum_at(sum, (size_t)from, &a) || !sum_at(sum, (size_t)to, &b) || b < a)
		return false;
	*out = b - a;
	return true;
}
