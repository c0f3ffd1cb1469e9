/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The layout of a text: which key stands at which position. It is learnt once; a text with the same
 * layout is then read without looking at names.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "sample/text.h"

/* ---------------------------------------------------------------- by position */

struct scan {
	struct source *s;
	struct text *t;
	size_t pos;
	uint32_t read; /* read of the previous item */
};

static inline bool slot_fits(const struct slot *slot, const struct probe_item *item)
{
	return slot->key_len == item->key_len && slot->node == item->node &&
	       slot->group == item->group && !memcmp(slot->key, item->key, item->key_len) &&
	       slot->zone_len == item->zone_len &&
	       (!item->zone_len || !memcmp(slot->zone, item->zone, item->zone_len));
}

static int scan_item(void *ctx, const struct probe_item *item)
{
	struct scan *sc = ctx;
	const struct source *s = sc->s;
	const struct text *t = sc->t;
	const struct slot *slot;

	if (sc->pos >= t->nr_slots)
		return 1;
	slot = &t->slot[sc->pos];
	if (!slot_fits(slot, item))
		return 1;
	sc->pos++;
	/*
	 * Some parsers give names of their own, outside the text: such an item has the read of the
	 * item before it.
	 */
	if (s->nr_reads > 1 && item->key >= t->data && item->key < t->data + t->len) {
		size_t value = (size_t)(item->key - t->data) + item->key_len;

		while (sc->read + 1 < s->nr_reads && value >= t->read_end[sc->read])
			sc->read++;
	}
	if (slot->num != SLOT_SKIP)
		source_value(sc->s, slot->num, item->value, sc->read);
	return 0;
}

int slots_scan(struct source *s)
{
	struct scan sc = { .s = s, .t = s->state };
	int ret;

	source_begin(s);
	ret = sc.t->format->scan(sc.t->data, sc.t->len, scan_item, &sc, NULL);
	return ret ? ret : sc.pos != sc.t->nr_slots;
}

/* ---------------------------------------------------------------- learning */

struct learn {
	struct source *s;
	struct text *t;
	uint8_t *seen; /* one flag per counter number */
	size_t cap_seen;
};

/* Counter number of @name; SLOT_SKIP when the text had the name before: the first one counts. */
static uint32_t learn_number(struct learn *l, const char *name)
{
	uint32_t num = source_key(l->s, name);

	if (l->cap_seen < l->s->cap_keys) {
		l->seen = xreallocarray(l->seen, l->s->cap_keys, 1);
		memset(l->seen + l->cap_seen, 0, l->s->cap_keys - l->cap_seen);
		l->cap_seen = l->s->cap_keys;
	}
	if (l->seen[num])
		return SLOT_SKIP;
	l->seen[num] = 1;
	return num;
}

static int learn_item(void *ctx, const struct probe_item *item)
{
	struct learn *l = ctx;
	struct text *t = l->t;
	const char *derived = t->format->derived;
	char name[SOURCE_KEY_MAX];
	struct slot slot = {
		.key = arena_strndup(&t->slot_mem, item->key, item->key_len),
		.zone = item->zone_len ? arena_strndup(&t->slot_mem, item->zone, item->zone_len)
				       : NULL,
		.group = item->group,
		.key_len = (uint32_t)item->key_len,
		.zone_len = (uint32_t)item->zone_len,
		.node = item->node,
		.num = SLOT_SKIP,
	};

	probe_item_name(item, name, sizeof(name));
	if (!derived || strncmp(slot.key, derived, strlen(derived)) != 0)
		slot.num = learn_number(l, name);
	ARRAY_GROW(t->slot, t->nr_slots, t->cap_slots);
	t->slot[t->nr_slots++] = slot;
	return 0;
}

int slots_learn(struct source *s, struct err *e)
{
	struct learn l = { .s = s, .t = s->state };
	int ret;

	arena_release(&l.t->slot_mem);
	l.t->nr_slots = 0;
	l.t->nr_tokens = 0;
	ret = l.t->format->scan(l.t->data, l.t->len, learn_item, &l, e);
	free(l.seen);
	return ret ? ret : source_room(s, e);
}
