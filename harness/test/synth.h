/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Archives made up line by line, for every test that needs one: text in the format of
 * archive/archive.h, sealed and parsed. A test appends lines that have no function here to @text
 * itself.
 */
#ifndef WMARK_TEST_SYNTH_H
#define WMARK_TEST_SYNTH_H

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/fs.h"

#define SYNTH_KEYS_MAX 32
#define SYNTH_SOURCES_MAX 8

struct synth {
	struct buf text;
	unsigned nr_sources;
	size_t nr_keys[SYNTH_SOURCES_MAX];
	uint64_t last[SYNTH_SOURCES_MAX][SYNTH_KEYS_MAX];
};

void synth_init(struct synth *s);
void synth_head(struct synth *s, const char *key, const char *value);
void synth_heads(struct synth *s, const char *lines); /* "KEY VALUE\n" of each */
/* @keys: words with one space between them. Returns the number of the source. */
unsigned synth_source_every(struct synth *s, const char *name, const char *period_us,
			    const char *keys);
unsigned synth_source(struct synth *s, const char *name, const char *keys); /* every 100 ms */
/* Adds one more key to a source. */
void synth_key(struct synth *s, unsigned id, const char *key);
/* Adds a sample: one value for every key of the source. */
void synth_sample(struct synth *s, unsigned id, uint64_t t_us, const uint64_t *value);
/* Adds keys to a source that has none yet, and one sample per time in @t_us (at most 4): one row
 * per key, one column per sample. */
struct synth_row {
	const char *key;
	uint64_t v[4];
};
void synth_table(struct synth *s, unsigned id, const uint64_t *t_us, size_t samples,
		 const struct synth_row *row, size_t nr);
void synth_event(struct synth *s, uint64_t t_us, const char *name, const char *text);
void synth_mark(struct synth *s, uint64_t t_us, const char *name);
/* Adds @text of the kernel log, which is a @finding of probe/probe.h. */
void synth_finding(struct synth *s, uint64_t t_us, const char *finding, const char *text);
void synth_result(struct synth *s, const char *workload, unsigned instance, const char *key,
		  double value);
/* Adds a latency histogram of @count operations of @ns each. */
void synth_hist(struct synth *s, const char *workload, unsigned instance, const char *kind,
		uint64_t count, uint64_t ns);
/* Adds the line `end`: only H lines may follow. */
void synth_seal(struct synth *s);
/* Parses the text, then releases it. */
void synth_parse(struct synth *s, const char *name, struct archive *a);
/* An archive of @lines as they are, without an end. */
void synth_text(struct archive *a, const char *name, const char *lines);

#endif
