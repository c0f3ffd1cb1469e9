/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all sources share: locked memory, keys, values and their line. */
#include "sample/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fs.h"
#include "archive/line.h"

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
	mlock(m->p, m->bytes); /* mlockall() in sampler.c reports a refusal, once */
	return 0;
}

void pages_free(struct pages *m)
{
	if (m->p)
		munmap(m->p, m->bytes);
	*m = (struct pages){ NULL, 0 };
}

/* ---------------------------------------------------------------- life */

int source_open(struct source *s, const struct source_spec *spec, uint32_t id, void *state,
		struct err *e)
{
	int ret;

	*s = (struct source){
		.ops = spec->ops, .state = state, .id = id, .period_ns = spec->period_ns
	};
	memcpy(s->name, spec->name, sizeof(s->name));
	ret = s->ops->open(s, spec, e);
	if (!ret && !s->nr_keys)
		ret = err_set(e, -ENODATA, "%s: empty", s->name);
	if (ret)
		source_close(s);
	return ret;
}

void source_close(struct source *s)
{
	if (s->ops)
		s->ops->close(s);
	s->ops = NULL;
	pages_free(&s->value_mem);
	free(s->key);
	free(s->key_table);
	s->key = NULL;
	s->key_table = NULL;
	arena_release(&s->key_mem);
}

int source_read(struct source *s)
{
	int ret;

	s->begin_ns = clock_ns();
	ret = s->ops->read(s);
	s->end_ns = clock_ns();
	return ret;
}

int source_scan(struct source *s)
{
	if (s->nr_keys > s->value_cap)
		return 1; /* there was no memory when they were learnt */
	return s->ops->scan(s);
}

int source_learn(struct source *s, struct err *e)
{
	return s->ops->learn ? s->ops->learn(s, e)
			     : err_set(e, -EINVAL, "%s: keys are not those it had", s->name);
}

int source_vanish(struct source *s)
{
	if (s->nr_keys > s->value_cap)
		return -ENOMEM;
	source_begin(s);
	s->bytes = 0;
	s->nr_reads = 0;
	s->gone = true;
	return 0;
}

/* ---------------------------------------------------------------- keys and values */

static uint32_t *table_at(const struct source *s, const char *name)
{
	size_t i = (size_t)fnv1a(FNV_INIT, name, strlen(name)) & (s->key_table_size - 1);

	while (s->key_table[i] && strcmp(s->key[s->key_table[i] - 1], name) != 0)
		i = (i + 1) & (s->key_table_size - 1);
	return &s->key_table[i];
}

static void table_grow(struct source *s)
{
	if (s->key_table_size && s->nr_keys * 2 < s->key_table_size)
		return;
	free(s->key_table);
	s->key_table_size = 512;
	while (s->key_table_size < s->nr_keys * 4)
		s->key_table_size *= 2;
	s->key_table = xcalloc(s->key_table_size, sizeof(*s->key_table));
	for (size_t i = 0; i < s->nr_keys; i++)
		*table_at(s, s->key[i]) = (uint32_t)i + 1;
}

uint32_t source_key(struct source *s, const char *name)
{
	uint32_t *at;

	table_grow(s);
	at = table_at(s, name);
	if (!*at) {
		ARRAY_GROW(s->key, s->nr_keys, s->cap_keys);
		s->key[s->nr_keys++] = arena_strdup(&s->key_mem, name);
		*at = (uint32_t)s->nr_keys;
	}
	return *at - 1;
}

/* Keeps the values of the last sample. */
int source_room(struct source *s, struct err *e)
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

void source_begin(struct source *s)
{
	memset(s->has, 0, s->nr_keys);
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
