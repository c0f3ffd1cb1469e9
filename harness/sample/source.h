/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source: something that is read again and again and gives named numbers. Its ops alone know what
 * it is, a file of text or anything else; keys, values, schedule and lines are the same for all
 * sources. Used by files of this folder only.
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

/*
 * Memory in pages of its own: touched, mlock tried, not copied to forked children (no copy-on-write
 * fault after a fork).
 */
struct pages {
	void *p;
	size_t bytes;
};
int pages_alloc(struct pages *m, size_t bytes, struct err *e);
void pages_free(struct pages *m);

#define SOURCE_MAX_READS 64 /* later reads count as part of the last one */
#define SOURCE_NAME_MAX 64
#define SOURCE_KEY_MAX 256

struct source;
struct source_spec;

/*
 * How a kind of source works. read() and scan() run in the sampler's loop, under the memory
 * pressure that it measures: they must not allocate, use stdio or look up paths. All return 0 or
 * -errno.
 */
struct source_ops {
	size_t state_bytes; /* size of s->state */
	/*
	 * Opens what spec->what names, reads it once and makes its keys: source_key() for each,
	 * then source_room(). -ENOENT: it does not exist; -EINVAL: it cannot be used, and @e says
	 * why.
	 */
	int (*open)(struct source *s, const struct source_spec *spec, struct err *e);
	/*
	 * Takes one snapshot, and sets bytes, nr_reads and read_us (for a single read: nr_reads 1
	 * and read_us 0). -ESRCH, -ENODEV, -ENOENT and -ENXIO: the source is gone for good. The
	 * reads of all sources that are due come back to back, before the first scan().
	 */
	int (*read)(struct source *s);
	/*
	 * Turns the snapshot into values: source_begin(), then source_value() for each. 1 = its
	 * keys differ from the known ones: learn() is called next.
	 */
	int (*scan)(struct source *s);
	/*
	 * Makes the keys of the snapshot, as open() does, and its values. May allocate. NULL:
	 * scan() never returns 1.
	 */
	int (*learn)(struct source *s, struct err *e);
	/* Called also after an open() that failed. */
	void (*close)(struct source *s);
};

/* A source that was found and is still to be opened. */
struct source_spec {
	char name[SOURCE_NAME_MAX]; /* name of the series in the archive */
	const struct source_ops *ops;
	char *what;	 /* for open(): a path, or another text; malloc'ed; may be NULL */
	const void *arg; /* for open(): static data of the kind */
	uint64_t period_ns;
};

struct source {
	char name[SOURCE_NAME_MAX];
	const struct source_ops *ops; /* NULL = not open */
	void *state;		      /* owned by ops */
	struct pages value_mem;
	uint32_t id;
	bool gone, due;
	uint64_t period_ns, next_ns; /* next_ns: when it is due */
	uint64_t due_ns; /* when this sample was due; 0 = out of schedule (first, mark) */
	uint64_t lost;	 /* lost ticks that no line tells yet */
	int error;	 /* result of this sample's read */

	/* the snapshot */
	uint64_t begin_ns, end_ns;	    /* CLOCK_MONOTONIC around all its reads */
	size_t bytes;			    /* how much was read */
	uint32_t nr_reads;		    /* number of reads, each of its own instant */
	uint32_t read_us[SOURCE_MAX_READS]; /* begin of each read, us after begin_ns */

	const char **key; /* by counter number */
	size_t nr_keys, cap_keys, nr_announced;
	struct arena key_mem;
	uint32_t *key_table; /* hash table from names to counter number + 1 */
	size_t key_table_size;

	size_t value_cap;    /* number of keys that fit */
	uint64_t *now, *was; /* values of this sample and of the last written one */
	uint8_t *has, *had;  /* 1 = present */
	uint8_t *read_of;    /* which read gave the value */
};

/* ---------------------------------------------------------------- for the sampler */

/*
 * Opens a source. @state: state_bytes of its ops, zeroed and aligned; the caller owns it and keeps
 * it until the source is closed. -errno with a message when there is nothing to sample; then @s
 * needs no closing.
 */
int source_open(struct source *s, const struct source_spec *spec, uint32_t id, void *state,
		struct err *e);
void source_close(struct source *s);
/* Call the ops of @s; source_scan() also returns 1 when there is no room for the keys. */
int source_read(struct source *s);
int source_scan(struct source *s);
int source_learn(struct source *s, struct err *e);

/*
 * Writes the s line at @p, without a newline, and returns its end. The line takes at most
 * line_sample_max(nr_keys) bytes.
 */
char *source_put_sample(const struct source *s, char *p, uint64_t epoch_ns);
/* The archive accepted the line: later changes count from this sample. */
void source_commit(struct source *s);
/* The source is gone for good: all its keys vanish. -ENOMEM: no room for that. */
int source_vanish(struct source *s);
uint64_t source_late_us(const struct source *s);

/* ---------------------------------------------------------------- for the ops */

/* Counter number of @name; makes a new one if there is none. Allocates. */
uint32_t source_key(struct source *s, const char *name);
/* Makes room for the values of all keys. */
int source_room(struct source *s, struct err *e);
/* Begins a scan: no key has a value yet. */
void source_begin(struct source *s);
/* Sets the value of key @num, which came with read @read of the snapshot. */
static inline void source_value(struct source *s, uint32_t num, uint64_t value, uint32_t read)
{
	s->now[num] = value;
	s->has[num] = 1;
	s->read_of[num] = (uint8_t)read;
}

/* ---------------------------------------------------------------- finding them */

/* The sources that were found, in the order in which they are read and numbered. */
struct source_list {
	const char *root; /* prefix of paths; NULL or "" = this machine */
	struct source_spec *v;
	size_t nr, cap;
};
/*
 * Adds a source named by @name; adds none when @period_ns is 0. @what: malloc'ed or NULL, ownership
 * passes.
 */
void source_add(struct source_list *l, const struct source_ops *ops, const void *arg,
		uint64_t period_ns, char *what, const char *name, ...)
	__attribute__((format(printf, 6, 7)));
void source_list_release(struct source_list *l);

/*
 * A kind of source is a table in a file of this folder. Nothing else is needed: from the lines
 * below, the Makefile makes the list of all kinds and the options of the kinds with a period of
 * their own. Sources are read in the order of @place.
 *    SOURCE_TIMED(name, place) = { ... };   the option @name is its period, name_ns of sample_cfg
 *    SOURCE(name, place) = { ... };         other options decide when and whether it is sampled
 */
struct source_kind {
	/*
	 * Adds the sources that @cfg asks for, in an order that does not depend on process numbers.
	 * Opening them later shows whether they exist.
	 */
	void (*find)(struct source_list *l, const struct sample_cfg *cfg);
	/*
	 * Default and help of the option; in the struct, so that option tables can point at them.
	 */
	char period[8], help[80];
};
#define SOURCE(name, place) const struct source_kind source_of_##name
#define SOURCE_TIMED(name, place) SOURCE(name, place)

#define SOURCE_EXTERN(name) extern SOURCE(name, );
SAMPLE_SOURCES(SOURCE_EXTERN)

/* All sources for @cfg. */
void source_find(struct source_list *l, const struct sample_cfg *cfg);

#endif
