/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sampler's struct and the helpers that sampler.c (thread, schedule, marks) and pass.c (one
 * pass) share. Private to them.
 */
#ifndef WMARK_SAMPLE_PASS_H
#define WMARK_SAMPLE_PASS_H

#include <pthread.h>
#include <time.h>

#include "base/hist.h"
#include "sample/sampler.h"
#include "sample/source.h"

struct sampler {
	struct pages self; /* this struct, the sources and their states */
	struct pages line_mem;
	struct archive_writer *w;
	uint64_t epoch_ns;
	pthread_mutex_t lock; /* a pass, a mark and the end exclude each other */
	pthread_t thread;
	bool threaded, stop;
	int timer, refresh;
	struct sampler_stats stats;
	struct hist late_us;
	size_t nr_src;
	struct source src[];
};

uint64_t sampler_clock_ns(clockid_t clock);

/* As sampler_open_manual(), with the sources of @l. */
int sampler_open_list(struct sampler **out, const struct source_list *l, struct archive_writer *w,
		      struct err *e);

/*
 * All of the functions below need s->lock held (or no thread yet) and use s->line_mem. 0 or -errno.
 */
/* Grows the line buffer to the size that @src may need. */
int sampler_line_room(struct sampler *s, const struct source *src, struct err *e);
/* Writes the line from the start of the line buffer to @end. */
int sampler_line(struct sampler *s, const char *end);
/* Writes `e T NAME TEXT`, unescaped, without allocation. */
int sampler_event(struct sampler *s, const char *name, const char *text);
/* Writes the dictionary lines of new keys. */
int sampler_announce(struct sampler *s, struct source *src);
int sampler_lost(struct sampler *s, struct source *src);
/*
 * Samples all sources with ->due set: first all reads, back to back, then the lines. Returns the
 * bytes read.
 */
long sampler_sample_due(struct sampler *s);
/* Samples all sources that are still there, out of schedule. Returns the bytes read. */
long sampler_sample_all(struct sampler *s);

#endif
