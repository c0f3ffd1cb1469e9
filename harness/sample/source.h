/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private to sampler*.c: one source = one open file, its text, the layout learnt from it and its
 * values. What the sampler loop writes to lives in struct pages; keys and layout are only read
 * there.
 */
#ifndef WMARK_SAMPLE_SOURCE_H
#define WMARK_SAMPLE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "probe/probe.h"

/* Memory of its own pages: touched, mlock tried, not copied to forked children (no copy-on-write
 * fault after a fork). */
struct pages {
	void *p;
	size_t bytes;
};
int pages_alloc(struct pages *m, size_t bytes, struct err *e);
void pages_free(struct pages *m);

/* How many reads give the whole text. */
enum source_reads {
	READ_ONCE,   /* sysfs and single-record seq_files: always one snapshot */
	READ_PAGES,  /* /proc/vmstat: seq_file hands out at most a page a read, each read is a new
			snapshot (fs/seq_file.c) */
	READ_TO_END, /* /proc/zoneinfo: one record a node */
};

#define SOURCE_MAX_READS 64 /* further reads count as part of the last */
#define SOURCE_NAME_MAX 64
#define SOURCE_KEY_MAX 256
#define SLOT_SKIP UINT32_MAX

/* What is expected at one position of the text. */
struct slot {
	const char *key, *zone, *group;
	uint32_t key_len, zone_len;
	int node;
	uint32_t num; /* counter number, or SLOT_SKIP: not recorded */
};

/* A stretch of fixed text, then a number (sampler_template.c). */
struct token {
	uint32_t from, len; /* in the skeleton */
	uint32_t num;	    /* counter number; SLOT_SKIP: any number */
};

struct source_spec {
	char name[SOURCE_NAME_MAX];
	char *path; /* malloc'ed; freed once the source is open */
	probe_scan *scan;
	enum source_reads reads;
	uint64_t period_ns;
	bool psi; /* avg* are derived from total by the kernel: left out */
};

struct source {
	char name[SOURCE_NAME_MAX];
	int fd;
	uint32_t id;
	probe_scan *scan;
	enum source_reads reads;
	bool psi, gone, due;
	uint64_t period_ns, next_ns; /* next_ns: when it is due */
	uint64_t due_ns; /* schedule of this sample; 0 = out of schedule (first, mark) */
	uint64_t lost;	 /* ticks lost and not yet written */
	int error;	 /* of this sample's read */

	struct pages text_mem, value_mem;
	char *text;
	size_t text_cap, text_len;
	uint64_t begin_ns, end_ns;
	size_t read_end[SOURCE_MAX_READS];  /* offset after the bytes of this read */
	uint32_t read_us[SOURCE_MAX_READS]; /* when it began, after begin_ns */
	uint32_t nr_reads;

	struct slot *slot;
	size_t nr_slots, cap_slots;
	struct token *token; /* none: the parser reads every sample */
	size_t nr_tokens, cap_tokens;
	char *skeleton;	  /* the text the tokens were made from */
	const char **key; /* by counter number */
	size_t nr_keys, cap_keys, nr_announced;
	struct arena slot_mem, key_mem;
	size_t value_cap;
	uint64_t *now, *was; /* values of this sample and of the last one written */
	uint8_t *has, *had;  /* 1 = present */
	uint8_t *read_of;    /* which read a value came from */
};

/* Opens, reads and learns. -errno with a message when there is nothing to sample. */
int source_open(struct source *s, const struct source_spec *spec, uint32_t id, struct err *e);
void source_close(struct source *s);

/* Reads the text into the buffer and stamps the reads; 0 or -errno. No allocation unless the text
 * outgrew the buffer. */
int source_read(struct source *s);
/* Text to now/has/read_of. 0; 1 = the layout is another one: call source_learn(); -errno: not
 * parsable. No allocation. */
int source_scan(struct source *s);
/* The same by the parser alone. */
int source_parse(struct source *s);
/* Learns the layout of the text in the buffer (may allocate) and scans it. */
int source_learn(struct source *s, struct err *e);

/* Makes the template from the text in the buffer, just learnt; leaves none when it cannot. */
void template_learn(struct source *s);
/* As source_scan(); false: does not fit, nothing is sure. */
bool template_scan(struct source *s);

/* The s line at @p (no newline); returns its end. It takes line_sample_max(nr_keys) bytes at most.
 */
char *source_put_sample(const struct source *s, char *p, uint64_t epoch_ns);
/* The line was accepted: later changes count from here. */
void source_commit(struct source *s);
/* The file is gone for good: all keys vanish. -ENOMEM: no room for that. */
int source_vanish(struct source *s);
uint64_t source_late_us(const struct source *s);

/* The list of sources for @cfg below @root, in a fixed order; *out malloc'ed. Absent ones are found
 * out by source_open(). */
struct sample_cfg;
void source_discover(const struct sample_cfg *cfg, const char *root, struct source_spec **out,
		     size_t *nr);

#endif
