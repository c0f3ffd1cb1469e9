/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sources that are a file of text: opened once, read by pread() at offset 0, its layout learnt once
 * and then scanned by position. text.c reads, slots.c learns, template.c is the fast scan. Used by
 * files of this folder only.
 */
#ifndef WMARK_SAMPLE_TEXT_H
#define WMARK_SAMPLE_TEXT_H

#include "probe/probe.h"
#include "sample/source.h"

/* How many reads give the whole text. */
enum text_reads {
	READ_ONCE,   /* sysfs and single-record seq_files: always one snapshot */
	READ_PAGES,  /* /proc/vmstat: seq_file hands out at most a page a read, each read is a new
			snapshot (fs/seq_file.c) */
	READ_TO_END, /* /proc/zoneinfo: one record a node */
};

/* What the text is like. */
struct text_format {
	probe_scan *scan;
	enum text_reads reads;
	const char *derived; /* keys that begin so follow from others, and are left out; NULL = none
			      */
};

#define SLOT_SKIP UINT32_MAX

/* What is expected at one position of the text. */
struct slot {
	const char *key, *zone, *group;
	uint32_t key_len, zone_len;
	int node;
	uint32_t num; /* counter number, or SLOT_SKIP: not recorded */
};

/* A stretch of fixed text, then a number (template.c). */
struct token {
	uint32_t from, len; /* in the skeleton */
	uint32_t num;	    /* counter number; SLOT_SKIP: any number */
};

/* The state of such a source. What the sampler's loop writes to lives in struct pages; the layout
 * is only read there. */
struct text {
	int fd;
	const struct text_format *format;
	struct pages mem;
	char *data;
	size_t cap, len;
	size_t read_end[SOURCE_MAX_READS]; /* offset after the bytes of this read */

	struct slot *slot;
	size_t nr_slots, cap_slots;
	struct token *token; /* none: the parser reads every sample */
	size_t nr_tokens, cap_tokens;
	char *skeleton; /* the text the tokens were made from */
	struct arena slot_mem;
};

extern const struct source_ops text_ops;

/* A file of the machine as a source. @path: malloc'ed, taken over; the root of @l goes before it.
 */
void text_add(struct source_list *l, const struct text_format *f, uint64_t period_ns, char *path,
	      const char *name, ...) __attribute__((format(printf, 5, 6)));

/* Learns keys and layout of the text that was read, and leaves no template. Allocates. */
int slots_learn(struct source *s, struct err *e);
/* As scan() of the ops, by the parser; 1 = it has another layout. */
int slots_scan(struct source *s);

/* Makes the template from the text that was read, just learnt; leaves none when it cannot. */
void template_learn(struct source *s);
/* As scan() of the ops; false: does not fit, nothing is sure. */
bool template_scan(struct source *s);

#endif
