/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source: something that is read again and again, and gives named numbers. What it is, a file of
 * text or anything else, is a matter of its ops alone; keys, values, schedule and lines are the
 * same for all. Used by files of this folder only.
 */
#ifndef WMARK_SAMPLE_SOURCE_H
#define WMARK_SAMPLE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "sample/sampler.h"
#include "sample_sources.h"

/* Memory of its own pages: touched, mlock tried, not copied to forked children (no copy-on-write
 * fault after a fork). */
struct pages {
	void *p;
	size_t bytes;
};
int pages_alloc(struct pages *m, size_t bytes, struct err *e);
void pages_free(struct pages *m);

#define SOURCE_MAX_READS 64 /* further reads count as part of the last */
#define SOURCE_NAME_MAX 64
#define SOURCE_KEY_MAX 256

struct source;
struct source_spec;

/*
 * How a kind of source works. read() and scan() run in the sampler's loop, under the memory
 * pressure it measures: no allocation, no stdio, no path look-up there. All return 0 or -errno.
 */
struct source_ops {
	size_t state_bytes; /* of s->state */
	/*
	 * Opens what spec->what names, reads it once and makes its keys: source_key() for each,
	 * then source_room(). -ENOENT: it is not there; -EINVAL: @e says why it is of no use.
	 */
	int (*open)(struct source *s, const struct source_spec *spec, struct err *e);
	/*
	 * Takes one snapshot, and sets bytes, nr_reads and read_us (one read: both 1 and 0).
	 * -ESRCH, -ENODEV, -ENOENT and -ENXIO: it is gone for good. Reads of all sources that are
	 * due come back to back, before the first scan().
	 */
	int (*read)(struct source *s);
	/*
	 * The snapshot to values: source_begin(), then source_value() for each. 1 = its keys are
	 * others than those known: learn() is called.
	 */
	int (*scan)(struct source *s);
	/* Makes keys of the snapshot, as open() does, and its values. May allocate. NULL: scan()
	 * never asks for it. */
	int (*learn)(struct source *s, struct err *e);
	/* Also follows an open() that failed. */
	void (*close)(struct source *s);
};

/* A source as it was found, to be opened. */
struct source_spec {
	char name[SOURCE_NAME_MAX]; /* of the series in the archive */
	const struct source_ops *ops;
	char *what; /* for open(): a path, or what else ops makes of it; malloc'ed; may be NULL */
	const void *arg; /* for open(): of the kind, static */
	uint64_t period_ns;
};

struct source {
	char name[SOURCE_NAME_MAX];
	const struct source_ops *ops; /* NULL = not open */
	void *state;		      /* of ops */
	struct pages value_mem;
	uint32_t id;
	bool gone, due;
	uint64_t period_ns, next_ns; /* next_ns: when it is due */
	uint64_t due_ns; /* schedule of this sample; 0 = out of schedule (first, mark) */
	uint64_t lost;	 /* ticks lost and not yet written */
	int error;	 /* of this sample's read */

	/* the snapshot */
	uint64_t begin_ns, end_ns;	    /* CLOCK_MONOTONIC around all its reads */
	size_t bytes;			    /* how much was read */
	uint32_t nr_reads;		    /* of different instants */
	uint32_t read_us[SOURCE_MAX_READS]; /* when each began, after begin_ns */

	const char **key; /* by counter number */
	size_t nr_keys, cap_keys, nr_announced;
	struct arena key_mem;
	uint32_t *key_table; /* hash of names to counter number + 1 */
	size_t key_table_size;

	size_t value_cap;    /* keys there is room for */
	uint64_t *now, *was; /* values of this sample and of the last one written */
	uint8_t *has, *had;  /* 1 = present */
	uint8_t *read_of;    /* which read a value came from */
};

/* ---------------------------------------------------------------- for the sampler */

/*
 * @state: state_bytes of its ops, zeroed and aligned; of the caller, until the source is closed.
 * -errno with a message when there is nothing to sample; @s needs no closing then.
 */
int source_open(struct source *s, const struct source_spec *spec, uint32_t id, void *state,
		struct err *e);
void source_close(struct source *s);
/* As the ops of @s; source_scan() also returns 1 when there is no room for the keys. */
int source_read(struct source *s);
int source_scan(struct source *s);
int source_learn(struct source *s, struct err *e);

/* The s line at @p (no newline); returns its end. It takes line_sample_max(nr_keys) bytes at most.
 */
char *source_put_sample(const struct source *s, char *p, uint64_t epoch_ns);
/* The line was accepted: later changes count from here. */
void source_commit(struct source *s);
/* It is gone for good: all keys vanish. -ENOMEM: no room for that. */
int source_vanish(struct source *s);
uint64_t source_late_us(const struct source *s);

/* ---------------------------------------------------------------- for the ops */

/* Counter number of @name, a new one if need be. Allocates. */
uint32_t source_key(struct source *s, const char *name);
/* Room for the values of all keys. */
int source_room(struct source *s, struct err *e);
/* No key has a value yet. */
void source_begin(struct source *s);
/* The value of key @num, from read @read of the snapshot. */
static inline void source_value(struct source *s, uint32_t num, uint64_t value, uint32_t read)
{
	s->now[num] = value;
	s->has[num] = 1;
	s->read_of[num] = (uint8_t)read;
}

/* ---------------------------------------------------------------- finding them */

/* What was found, in the order in which it is read and numbered. */
struct source_list {
	const char *root; /* prefix of paths; NULL or "" = this machine */
	struct source_spec *v;
	size_t nr, cap;
};
/* One more, named by @name; none where @period_ns is 0. @what: malloc'ed or NULL, taken over. */
void source_add(struct source_list *l, const struct source_ops *ops, const void *arg,
		uint64_t period_ns, char *what, const char *name, ...)
	__attribute__((format(printf, 6, 7)));
void source_list_release(struct source_list *l);

/*
 * A kind of source is a table in some file of this folder, all that there is to do: the Makefile
 * makes the list of all, and the options of those with a period of their own, from these lines.
 * Sources are read in the order of @place.
 *   SOURCE_TIMED(name, place) = { ... };   the option @name is its period, name_ns of sample_cfg
 *   SOURCE(name, place) = { ... };         when and whether is up to other options
 */
struct source_kind {
	/* Adds those that @cfg asks for, in an order that does not depend on process numbers.
	 * Whether they are there is found out by opening them. */
	void (*find)(struct source_list *l, const struct sample_cfg *cfg);
	/* Of the option: its default and its help; in the struct, so that option tables can point
	 * at them. */
	char period[8], help[80];
};
#define SOURCE(name, place) const struct source_kind source_of_##name
#define SOURCE_TIMED(name, place) SOURCE(name, place)

#define SOURCE_EXTERN(name) extern SOURCE(name, );
SAMPLE_SOURCES(SOURCE_EXTERN)

/* All sources for @cfg. */
void source_find(struct source_list *l, const struct sample_cfg *cfg);

#endif
