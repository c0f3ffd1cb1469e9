/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A source: reading its text, learning the layout once and scanning by position afterwards. */
#include "sample/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fs.h"
#include "archive/line.h"

#define TEXT_MIN_BYTES ((size_t)4096)
/* Longer than any "name value" line: a page read with this much room left was the last. */
#define LINE_ROOM 128

int pages_alloc(struct pages *m, size_t bytes, struct err *e)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	m->bytes = (bytes + page - 1) / page * page;
	m->p = mmap(NULL, m->bytes, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (m->p == MAP_FAILED) {
		m->p = NULL;
		return err_sys(e, -errno, "sampler: %zu bytes of memory", m->bytes);
	}
	madvise(m->p, m->bytes, MADV_DONTFORK);
	mlock(m->p, m->bytes); /* refusal is reported once, by mlockall() in sampler.c */
	return 0;
}

void pages_free(struct pages *m)
{
	if (m->p)
		munmap(m->p, m->bytes);
	*m = (struct pages){ NULL, 0 };
}

static int text_grow(struct source *s)
{
	struct pages bigger;
	int ret = pages_alloc(&bigger, s->text_cap ? s->text_cap * 2 : TEXT_MIN_BYTES, NULL);

	if (ret)
		return ret;
	pages_free(&s->text_mem);
	s->text_mem = bigger;
	s->text = bigger.p;
	s->text_cap = bigger.bytes;
	return 0;
}

/* One pass over the file; -EAGAIN: the buffer is full and may not hold it all. */
static int read_text(struct source *s)
{
	size_t page = TEXT_MIN_BYTES;

	if (s->reads == READ_PAGES)
		page = (size_t)sysconf(_SC_PAGESIZE);
	s->text_len = 0;
	s->nr_reads = 0;
	s->begin_ns = clock_ns();
	for (uint64_t start = s->begin_ns;; start = clock_ns()) {
		size_t want = s->text_cap - s->text_len;
		ssize_t n;

		if (s->reads == READ_PAGES && want > page)
			want = page;
		if (!want)
			return -EAGAIN;
		n = pread(s->fd, s->text + s->text_len, want, (off_t)s->text_len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		s->text_len += (size_t)n;
		if (s->nr_reads < SOURCE_MAX_READS) {
			s->read_us[s->nr_reads] = (uint32_t)((start - s->begin_ns) / 1000);
			s->nr_reads++;
		}
		s->read_end[s->nr_reads - 1] = s->text_len;
		if (s->reads == READ_ONCE ? (size_t)n < want
					  : s->reads == READ_PAGES && (size_t)n + LINE_ROOM <= page)
			break;
	}
	s->end_ns = clock_ns();
	return 0;
}

int source_read(struct source *s)
{
	int ret = read_text(s);

	while (ret == -EAGAIN) {
		ret = text_grow(s);
		if (!ret)
			ret = read_text(s);
	}
	return ret;
}

/* ---------------------------------------------------------------- by position */

struct scan {
	struct source *s;
	size_t pos;
	uint32_t read; /* of the item before */
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
	struct source *s = sc->s;
	const struct slot *slot;

	if (sc->pos >= s->nr_slots)
		return 1;
	slot = &s->slot[sc->pos];
	if (!slot_fits(slot, item))
		return 1;
	sc->pos++;
	/* Some parsers give names of their own, outside the text: those stay with the item before.
	 */
	if (s->nr_reads > 1 && item->key >= s->text && item->key < s->text + s->text_len) {
		size_t value = (size_t)(item->key - s->text) + item->key_len;

		while (sc->read + 1 < s->nr_reads && value >= s->read_end[sc->read])
			sc->read++;
	}
	if (slot->num == SLOT_SKIP)
		return 0;
	s->now[slot->num] = item->value;
	s->has[slot->num] = 1;
	s->read_of[slot->num] = (uint8_t)sc->read;
	return 0;
}

int source_parse(struct source *s)
{
	struct scan sc = { .s = s };
	int ret;

	memset(s->has, 0, s->nr_keys);
	ret = s->scan(s->text, s->text_len, scan_item, &sc, NULL);
	return ret ? ret : sc.pos != s->nr_slots;
}

int source_scan(struct source *s)
{
	if (s->nr_keys > s->value_cap)
		return 1; /* memory was refused when they were learnt */
	if (s->nr_tokens) {
		memset(s->has, 0, s->nr_keys);
		if (template_scan(s))
			return 0;
	}
	return source_parse(s);
}

int source_vanish(struct source *s)
{
	if (s->nr_keys > s->value_cap)
		return -ENOMEM;
	memset(s->has, 0, s->nr_keys);
	s->text_len = 0;
	s->nr_reads = 0;
	s->end_ns = clock_ns();
	s->gone = true;
	return 0;
}

/* ---------------------------------------------------------------- lines */

char *source_put_sample(const struct source *s, char *p, uint64_t epoch_ns)
{
	struct line_sample line = { .source = s->id,
				    .t_us = (s->begin_ns - epoch_ns) / 1000,
				    .dur_us = (s->end_ns - s->begin_ns) / 1000,
				    .late_us = source_late_us(s),
				    .nr_keys = s->nr_keys,
				    .now = s->now,
				    .was = s->was,
				    .has = s->has,
				    .had = s->had,
				    .read_of = s->nr_reads > 1 ? s->read_of : NULL,
				    .read_us = s->read_us };

	return put_sample(p, &line);
}

void source_commit(struct source *s)
{
	memcpy(s->was, s->now, s->nr_keys * sizeof(*s->was));
	memcpy(s->had, s->has, s->nr_keys);
}

uint64_t source_late_us(const struct source *s)
{
	return s->due_ns && s->begin_ns > s->due_ns ? (s->begin_ns - s->due_ns) / 1000 : 0;
}

/* ---------------------------------------------------------------- learning */

struct learn {
	struct source *s;
	uint32_t *table; /* hash of names to counter number + 1 */
	size_t table_size;
	uint8_t *seen;
	size_t cap_seen;
};

static uint32_t *table_at(const struct learn *l, const char *name)
{
	size_t i = (size_t)fnv1a(FNV_INIT, name, strlen(name)) & (l->table_size - 1);

	while (l->table[i] && strcmp(l->s->key[l->table[i] - 1], name) != 0)
		i = (i + 1) & (l->table_size - 1);
	return &l->table[i];
}

static void table_grow(struct learn *l)
{
	if (l->table_size && l->s->nr_keys * 2 < l->table_size)
		return;
	free(l->table);
	l->table_size = 512;
	while (l->table_size < l->s->nr_keys * 4)
		l->table_size *= 2;
	l->table = xcalloc(l->table_size, sizeof(*l->table));
	for (size_t i = 0; i < l->s->nr_keys; i++)
		*table_at(l, l->s->key[i]) = (uint32_t)i + 1;
}

/* Counter number of @name, a new one if need be; SLOT_SKIP when the text has it twice: the first
 * counts. */
static uint32_t learn_number(struct learn *l, const char *name)
{
	struct source *s = l->s;
	uint32_t *at;

	table_grow(l);
	at = table_at(l, name);
	if (!*at) {
		ARRAY_GROW(s->key, s->nr_keys, s->cap_keys);
		s->key[s->nr_keys++] = arena_strdup(&s->key_mem, name);
		*at = (uint32_t)s->nr_keys;
	}
	if (l->cap_seen < s->cap_keys) {
		l->seen = xreallocarray(l->seen, s->cap_keys, 1);
		memset(l->seen + l->cap_seen, 0, s->cap_keys - l->cap_seen);
		l->cap_seen = s->cap_keys;
	}
	if (l->seen[*at - 1])
		return SLOT_SKIP;
	l->seen[*at - 1] = 1;
	return *at - 1;
}

static int learn_item(void *ctx, const struct probe_item *item)
{
	struct learn *l = ctx;
	struct source *s = l->s;
	char name[SOURCE_KEY_MAX];
	struct slot slot = {
		.key = arena_strndup(&s->slot_mem, item->key, item->key_len),
		.zone = item->zone_len ? arena_strndup(&s->slot_mem, item->zone, item->zone_len)
				       : NULL,
		.group = item->group,
		.key_len = (uint32_t)item->key_len,
		.zone_len = (uint32_t)item->zone_len,
		.node = item->node,
		.num = SLOT_SKIP,
	};

	probe_item_name(item, name, sizeof(name));
	if (!s->psi || strncmp(slot.key, "avg", 3) != 0)
		slot.num = learn_number(l, name);
	ARRAY_GROW(s->slot, s->nr_slots, s->cap_slots);
	s->slot[s->nr_slots++] = slot;
	return 0;
}

/* Room for all keys in the locked value arrays; keeps the last sample. */
static int values_grow(struct source *s, struct err *e)
{
	struct pages old = s->value_mem;
	size_t had_cap = s->value_cap, cap;
	uint64_t *was = s->was;
	uint8_t *had = s->had;
	int ret;

	if (s->nr_keys <= s->value_cap && old.p)
		return 0;
	ret = pages_alloc(&s->value_mem,
			  (s->nr_keys + s->nr_keys / 8) * (2 * sizeof(uint64_t) + 3) + 1, e);
	if (ret) {
		s->value_mem = old;
		return ret;
	}
	cap = s->value_mem.bytes / (2 * sizeof(uint64_t) + 3);
	s->now = s->value_mem.p;
	s->was = s->now + cap;
	s->has = (uint8_t *)(s->was + cap);
	s->had = s->has + cap;
	s->read_of = s->had + cap;
	s->value_cap = cap;
	if (had_cap) {
		memcpy(s->was, was, had_cap * sizeof(*was));
		memcpy(s->had, had, had_cap);
	}
	pages_free(&old);
	return 0;
}

int source_learn(struct source *s, struct err *e)
{
	struct learn l = { .s = s };
	int ret;

	arena_release(&s->slot_mem);
	s->nr_slots = 0;
	s->nr_tokens = 0;
	ret = s->scan(s->text, s->text_len, learn_item, &l, e);
	free(l.table);
	free(l.seen);
	if (!ret)
		ret = values_grow(s, e);
	if (!ret) {
		template_learn(s);
		ret = source_parse(s);
	}
	/* A text that does not scan as it was just learnt would be a parser with a memory. */
	return ret > 0 ? err_set(e, -EINVAL, "layout changes from scan to scan") : ret;
}

int source_open(struct source *s, const struct source_spec *spec, uint32_t id, struct err *e)
{
	int ret;

	*s = (struct source){ .fd = -1,
			      .id = id,
			      .scan = spec->scan,
			      .reads = spec->reads,
			      .psi = spec->psi,
			      .period_ns = spec->period_ns };
	memcpy(s->name, spec->name, sizeof(s->name));
	s->fd = open(spec->path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		return err_sys(e, -errno, "%s", spec->path);
	ret = text_grow(s);
	if (!ret)
		ret = source_read(s);
	/* Half of the buffer stays free, so that growing numbers do not outgrow it. */
	if (!ret && s->text_len * 2 > s->text_cap) {
		ret = text_grow(s);
		if (!ret)
			ret = source_read(s);
	}
	if (ret)
		err_sys(e, ret, "%s", spec->path);
	if (!ret)
		ret = source_learn(s, e);
	if (!ret && !s->nr_keys)
		ret = err_set(e, -ENODATA, "%s: empty", spec->path);
	if (ret)
		source_close(s);
	return ret;
}

void source_close(struct source *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	pages_free(&s->text_mem);
	pages_free(&s->value_mem);
	free(s->slot);
	free(s->token);
	free(s->key);
	s->slot = NULL;
	s->token = NULL;
	s->key = NULL;
	arena_release(&s->slot_mem);
	arena_release(&s->key_mem);
}
