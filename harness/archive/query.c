/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers questions about a loaded archive. */
#include <limits.h>
#include <string.h>

#include "archive/archive.h"

const char *archive_get(const struct archive *a, const char *key)
{
	const char *by_host = NULL;

	for (size_t i = a->nr_kv; i-- > 0;) {
		if (strcmp(a->kv[i].key, key) != 0)
			continue;
		if (!a->kv[i].host)
			return a->kv[i].value;
		by_host = a->kv[i].value;
	}
	return by_host;
}

const struct archive_series *archive_series(const struct archive *a, const char *name)
{
	for (size_t i = 0; i < a->nr_series; i++)
		if (!strcmp(a->series[i].name, name))
			return &a->series[i];
	return NULL;
}

int archive_key(const struct archive_series *s, const char *key)
{
	for (size_t i = 0; i < s->nr_keys && i < INT_MAX; i++)
		if (!strcmp(s->key[i], key))
			return (int)i;
	return -1;
}

bool archive_value(const struct archive_series *s, size_t tick, int key, uint64_t *out)
{
	const struct archive_tick *t;

	if (tick >= s->nr_ticks || key < 0)
		return false;
	t = &s->tick[tick];
	if ((uint32_t)key >= t->nr_values || !t->present[key])
		return false;
	*out = t->value[key];
	return true;
}

uint64_t archive_key_time(const struct archive_series *s, size_t tick, int key)
{
	const struct archive_tick *t = &s->tick[tick];
	uint64_t us = 0;

	for (uint32_t i = 0; i < t->nr_splits && key >= 0 && t->split[i].key <= (uint32_t)key; i++)
		us = t->split[i].us;
	return t->t_us + us;
}

long archive_tick_at(const struct archive_series *s, uint64_t t_us)
{
	size_t lo = 0, hi = s->nr_ticks;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->tick[mid].t_us <= t_us)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (long)lo - 1;
}

bool archive_event_time(const struct archive *a, const char *name, const char *text, uint64_t from,
			uint64_t *t_us)
{
	for (size_t i = 0; i < a->nr_ev; i++) {
		const struct archive_ev *ev = &a->ev[i];

		if (ev->finding || ev->t_us < from || strcmp(ev->name, name) != 0)
			continue;
		if (text && strncmp(ev->text, text, strlen(text)) != 0)
			continue;
		*t_us = ev->t_us;
		return true;
	}
	return false;
}

bool archive_window(const struct archive *a, uint64_t *begin_us, uint64_t *end_us)
{
	return archive_event_time(a, "mark", "window-begin", 0, begin_us) &&
	       archive_event_time(a, "mark", "window-end", *begin_us, end_us);
}

#define MARK_SLACK_US 20000

/*
 * The last tick at or before a mark; -1 = none that belongs to the mark. The sampler reads every
 * source just before it writes a mark (sample/sampler.c, sampler_mark()). A tick older than half a
 * period belongs to an earlier time: the sample of this mark is missing. One pass over all sources
 * takes milliseconds, which is more than half of a short period: up to MARK_SLACK_US is always near
 * enough.
 */
static long mark_tick(const struct archive_series *s, uint64_t t_us)
{
	uint64_t slack = s->period_us / 2 > MARK_SLACK_US ? s->period_us / 2 : MARK_SLACK_US;
	long tick = archive_tick_at(s, t_us);

	return tick >= 0 && t_us - s->tick[tick].t_us <= slack ? tick : -1;
}

bool archive_delta(const struct archive_series *s, int key, uint64_t begin_us, uint64_t end_us,
		   uint64_t *out)
{
	long begin = mark_tick(s, begin_us), end = mark_tick(s, end_us);
	uint64_t from, to;

	if (begin < 0 || end < begin || (begin == end && begin_us < end_us))
		return false;
	if (!archive_value(s, (size_t)begin, key, &from) ||
	    !archive_value(s, (size_t)end, key, &to) || to < from)
		return false;
	*out = to - from;
	return true;
}
