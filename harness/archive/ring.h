/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeps whole lines in locked memory, and a thread writes them to a file in batches (at least every
 * 250 ms; on a regular file with fdatasync). Producers never wait for I/O. Forked children do not
 * have the memory: only the process that opened a ring may use it.
 */
#ifndef WMARK_ARCHIVE_RING_H
#define WMARK_ARCHIVE_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct ring;

/*
 * Sums of the body lines accepted so far; the checksum is FNV-1a 64 of these lines with their
 * newlines.
 */
struct ring_sums {
	uint64_t lines, samples, checksum;
	uint64_t dropped; /* lines refused because the ring was full */
};

/* Takes no ownership of @fd. @bytes: size of the ring. */
int ring_open(struct ring **out, int fd, size_t bytes, struct err *e);
/*
 * Adds one line, given without its newline; @body: the line counts in the sums. 0, or -ENOSPC: the
 * ring is full, and the line is dropped and counted. Thread-safe, no allocation.
 */
int ring_put(struct ring *r, const char *line, size_t len, bool body);
/* Waits until all lines so far are written. 0, or the first write error since ring_open(). */
int ring_flush(struct ring *r);
void ring_sums(struct ring *r, struct ring_sums *out);
/*
 * Writes the rest, ends the thread, frees. @written (bytes) may be NULL. Returns what ring_flush()
 * returns.
 */
int ring_close(struct ring *r, uint64_t *written);

#endif
