/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Saved facts: their text, what they must agree with, and where they stand. */
#ifndef WMARK_JUDGE_FACTS_FILE_H
#define WMARK_JUDGE_FACTS_FILE_H

#include "judge/facts.h"

/* What saved facts must agree with: the archive as it is on disk. */
struct facts_of {
	uint64_t size, mtime_ns;
	uint64_t tail; /* FNV-1a 64 of its last 16 KiB */
};
/* -errno when @path cannot be read. */
int facts_of_file(struct facts_of *of, const char *path, struct err *e);
void facts_write(const struct run_facts *f, const struct facts_of *of, struct buf *out);
/*
 * Facts from @text, any bytes. False: they are not those of @of and of the tables of this program,
 * or no facts at all. Release @f in every case.
 */
bool facts_read(struct run_facts *f, const struct facts_of *of, const char *path, const char *text,
		size_t len);
/* "RUN.facts" of "RUN.wm" (or of any other name, with that at its end); malloc'ed. */
char *facts_path(const char *archive);

#endif
