/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to sampler.c (thread, schedule, marks) and pass.c (one pass). */
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

/* All of these want s->lock held (or no thread yet) and use s->line_mem. 0 or -errno. */
/* Grow the line buffer to what @src may need. */
int sampler_line_room(struct sampler *s, const struct source *src, struct err *e);
/* The line from the start of the line buffer to @end. */
int sampler_line(struct sampler *s, const char *end);
/* `e T NAME TEXT`, unescaped, without allocation. */
int sampler_event(struct sampler *s, const char *name, const char *text);
/* Dictionary lines of keys not yet told. */
int sampler_announce(struct sampler *s, struct source *src);
int sampler_lost(struct sampler *s, struct source *src);
/* All sources with ->due set: first the reads, back to back, then the lines. Bytes read. */
long sampler_sample_due(struct sampler *s);
/* All sources that are still there, out of schedule. */
long sampler_sample_all(struct sampler *s);

#endif
