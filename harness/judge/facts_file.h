/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saved facts: their text, the archive that they must match, and their path. */
#ifndef WMARK_JUDGE_FACTS_FILE_H
#define WMARK_JUDGE_FACTS_FILE_H

#include "judge/facts.h"

/* The archive on disk that saved facts must match. */
struct facts_of {
	uint64_t size, mtime_ns;
	uint64_t tail; /* FNV-1a 64 of its last 16 KiB */
};
/* -errno when @path cannot be read. */
int facts_of_file(struct facts_of *of, const char *path, struct err *e);
void facts_write(const struct run_facts *f, const struct facts_of *of, struct buf *out);
/*
 * Reads facts from @text, which may hold any bytes. False: they do not match @of or the tables of
 * this program, or are no facts at all. Release @f in every case.
 */
bool facts_read(struct run_facts *f, const struct facts_of *of, const char *path, const char *text,
		size_t len);
/* "RUN.facts" for "RUN.wm"; for any other name, the name with .facts appended; malloc'ed. */
char *facts_path(const char *archive);

#endif
