/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sources that are a text file: opened once, read by pread() at offset 0, its layout learnt once
 * and then scanned by position. text.c reads, slots.c learns, template.c is the fast scan. Used by
 * files of this folder only.
 */
#ifndef WMARK_SAMPLE_TEXT_H
#define WMARK_SAMPLE_TEXT_H

#include "probe/probe.h"
#include "sample/source.h"

/* How many reads the whole text takes. */
enum text_reads {
	READ_ONCE, /* sysfs and single-record seq_files: always one snapshot */
	/*
	 * /proc/vmstat: seq_file hands out at most one page per read, and each read is a new
	 * snapshot (fs/seq_file.c)
	 */
	READ_PAGES,
	READ_TO_END, /* /proc/zoneinfo: one record per node */
};

/* The format of a text. */
struct text_format {
	probe_scan *scan;
	enum text_reads reads;
	/* keys with this beginning follow from other keys and are left out; NULL = none */
	const char *derived;
};

#define SLOT_SKIP UINT32_MAX

/* What is expected at one position of the text. */
struct slot {
	const char *key, *zone, *group;
	uint32_t key_len, zone_len;
	int node;
	uint32_t num; /* counter number, or SLOT_SKIP: not recorded */
};

/* Fixed text, then a number (template.c). */
struct token {
	uint32_t from, len; /* place of the fixed text in the skeleton */
	uint32_t num;	    /* counter number; SLOT_SKIP: any number */
};

/*
 * The state of a text source. The sampler's loop writes only to memory in struct pages; it only
 * reads the layout.
 */
struct text {
	int fd;
	const struct text_format *format;
	struct pages mem;
	char *data;
	size_t cap, len;
	size_t read_end[SOURCE_MAX_READS]; /* offset after the bytes of each read */

	struct slot *slot;
	size_t nr_slots, cap_slots;
	struct token *token; /* empty: the parser reads every sample */
	size_t nr_tokens, cap_tokens;
	char *skeleton; /* the text that the tokens were made from */
	struct arena slot_mem;
};

extern const struct source_ops text_ops;

/*
 * Adds a file of the machine as a source. @path: malloc'ed, ownership passes; the root of @l is its
 * prefix.
 */
void text_add(struct source_list *l, const struct text_format *f, uint64_t period_ns, char *path,
	      const char *name, ...) __attribute__((format(printf, 5, 6)));

/* Learns keys and layout of the text that was read, and drops the template. Allocates. */
int slots_learn(struct source *s, struct err *e);
/* scan() of the ops, by the parser; 1 = the text has another layout. */
int slots_scan(struct source *s);

/* Makes the template from the text that was read and just learnt; drops it when that fails. */
void template_learn(struct source *s);
/*
 * scan() of the ops, by the template. False: the text does not fit, and the values are undefined.
 */
bool template_scan(struct source *s);

#endif
