/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads sources, dictionary and delta-coded samples. */
#include "archive/samples.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static long find_source(const struct reader *r, uint32_t id)
{
	for (size_t i = 0; i < r->a->nr_series; i++)
		if (r->state[i].id == id)
			return (long)i;
	return -1;
}

/* Reads a source number; returns the index of its series, or -1. */
static long known_source(struct reader *r)
{
	uint32_t id;

	return reader_u32(r, &id) ? find_source(r, id) : -1;
}

int reader_source(struct reader *r)
{
	struct archive *a = r->a;
	struct archive_series s = { .name = NULL };
	struct reader_state state = { 0 };
	const char *name;
	size_t len;

	if (!reader_u32(r, &state.id) || find_source(r, state.id) >= 0)
		return reader_bad(r, "not a new source number");
	if (!reader_word(r, &name, &len) || !reader_u64(r, &s.period_us) || r->p != r->end)
		return reader_bad(r, "not a source name and its period");
	s.name = arena_strndup(&a->mem, name, len);
	ARRAY_GROW(a->series, a->nr_series, a->cap_series);
	ARRAY_GROW(r->state, a->nr_series, r->cap_state);
	r->state[a->nr_series] = state;
	a->series[a->nr_series++] = s;
	return 0;
}

int reader_key(struct reader *r)
{
	struct archive_series *s;
	struct reader_state *st;
	const char *key;
	uint32_t num;
	size_t len;
	long src;

	if (!reader_u32(r, &num))
		return reader_bad(r, "not a counter number");
	src = known_source(r);
	if (src < 0)
		return reader_bad(r, "unknown source");
	s = &r->a->series[src];
	st = &r->state[src];
	if (num != s->nr_keys)
		return reader_bad(r, "counter numbers must follow each other");
	if (!reader_word(r, &key, &len) || r->p != r->end)
		return reader_bad(r, "not a counter name");
	ARRAY_GROW(s->key, s->nr_keys, s->cap_keys);
	if (st->cap < s->cap_keys) {
		st->value = xreallocarray(st->value, s->cap_keys, sizeof(*st->value));
		st->present = xreallocarray(st->present, s->cap_keys, sizeof(*st->present));
		st->cap = s->cap_keys;
	}
	st->value[s->nr_keys] = 0;
	st->present[s->nr_keys] = 0;
	s->key[s->nr_keys++] = arena_strndup(&r->a->mem, key, len);
	return 0;
}

/* Reads the "|NUM@US" words, which stand before the changes and ascend. */
static int read_splits(struct reader *r, const struct archive_series *s, struct archive_tick *t)
{
	size_t nr = 0;

	while (r->p < r->end && *r->p == '|') {
		uint64_t key, us;
		const char *w;
		size_t len;

		reader_word(r, &w, &len);
		w++;
		if (!reader_digits(&w, r->end, &key) || w == r->end || *w++ != '@' ||
		    !reader_digits(&w, r->end, &us) || (w < r->end && *w != ' '))
			return reader_bad(r, "not a split |NUM@US");
		if (key >= s->nr_keys || us > UINT32_MAX || (nr && key <= r->split[nr - 1].key))
			return reader_bad(r, "split at a counter number that cannot be");
		ARRAY_GROW(r->split, nr, r->cap_split);
		r->split[nr++] = (struct archive_split){ (uint32_t)key, (uint32_t)us };
	}
	t->split_key = UINT32_MAX;
	if (!nr)
		return 0;
	if (!reader_spend(r, nr * sizeof(*t->split)))
		return reader_bad(r, "too much data for a file of this size");
	t->split = memcpy(arena_alloc(&r->a->mem, nr * sizeof(*t->split)), r->split,
			  nr * sizeof(*t->split));
	t->nr_splits = (uint32_t)nr;
	t->split_key = t->split[0].key;
	t->split_us = t->split[0].us;
	return 0;
}

/*
 * Reads "GAP+D", "GAP-D" and "GAPx". A bad word leaves the state half changed, which does no harm:
 * the caller reads no further line. *change: a value changed, appeared or vanished; *presence: one
 * appeared or vanished.
 */
static int read_changes(struct reader *r, const struct archive_series *s, struct reader_state *st,
			bool *change, bool *presence)
{
	size_t next = 0;

	while (r->p < r->end) {
		uint64_t gap, d = 0;
		const char *w;
		size_t len;
		char op;

		if (!reader_word(r, &w, &len) || !reader_digits(&w, r->end, &gap) || w == r->end)
			return reader_bad(r, "not a change of a counter");
		op = *w++;
		if (op != 'x' && ((op != '+' && op != '-') || !reader_digits(&w, r->end, &d)))
			return reader_bad(r, "not a change of a counter");
		if (w < r->end && *w != ' ')
			return reader_bad(r, "not a change of a counter");
		if (gap >= s->nr_keys - next)
			return reader_bad(r, "counter number without a name");
		next += gap;
		if (op == 'x' && !st->present[next])
			return reader_bad(r, "a counter vanishes that was not there");
		*presence |= st->present[next] != (op != 'x');
		*change = true;
		st->present[next] = op != 'x';
		st->value[next] = op == '+'   ? st->value[next] + d
				  : op == '-' ? st->value[next] - d
					      : 0;
		next++;
	}
	return 0;
}

/* Gives the tick its row of values. Ticks share a row as long as no value changes. */
static int keep_row(struct reader *r, const struct archive_series *s, const struct reader_state *st,
		    struct archive_tick *t, bool change, bool presence)
{
	const struct archive_tick *last = s->nr_ticks ? &s->tick[s->nr_ticks - 1] : NULL;
	size_t nr = s->nr_keys;
	bool grown = !last || last->nr_values != nr;

	t->nr_values = (uint32_t)nr;
	if (!nr)
		return 0;
	if (last && !grown && !change) {
		t->value = last->value;
		t->present = last->present;
		return 0;
	}
	if (!reader_spend(r, nr * (sizeof(*t->value) + 1)))
		return reader_bad(r, "too much data for a file of this size");
	t->value = memcpy(arena_alloc(&r->a->mem, nr * sizeof(*t->value)), st->value,
			  nr * sizeof(*t->value));
	if (last && !grown && !presence)
		t->present = last->present;
	else
		t->present = memcpy(arena_alloc(&r->a->mem, nr), st->present, nr);
	return 0;
}

int reader_sample(struct reader *r)
{
	long src = known_source(r);
	struct archive_tick t = { 0 };
	struct archive_series *s;
	bool change = false, presence = false;
	int ret;

	if (src < 0)
		return reader_bad(r, "unknown source");
	s = &r->a->series[src];
	if (!reader_u64(r, &t.t_us) || !reader_u64(r, &t.dur_us) || !reader_u64(r, &t.late_us))
		return reader_bad(r, "not begin, duration and lateness");
	if (s->nr_ticks && t.t_us < s->tick[s->nr_ticks - 1].t_us)
		return reader_bad(r, "time goes backwards");
	ret = read_splits(r, s, &t);
	if (!ret)
		ret = read_changes(r, s, &r->state[src], &change, &presence);
	if (!ret)
		ret = keep_row(r, s, &r->state[src], &t, change, presence);
	if (ret)
		return ret;
	ARRAY_GROW(s->tick, s->nr_ticks, s->cap_ticks);
	s->tick[s->nr_ticks++] = t;
	r->a->nr_samples++;
	return 0;
}

int reader_lost(struct reader *r)
{
	long src = known_source(r);
	uint64_t count;

	if (src < 0)
		return reader_bad(r, "unknown source");
	if (!reader_u64(r, &count) || r->p != r->end)
		return reader_bad(r, "not a number of ticks");
	r->a->series[src].lost += count;
	return 0;
}

void reader_release(struct reader *r)
{
	for (size_t i = 0; i < r->a->nr_series; i++) {
		free(r->state[i].value);
		free(r->state[i].present);
	}
	free(r->state);
	free(r->split);
}
