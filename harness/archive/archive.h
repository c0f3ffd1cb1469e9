/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clang-format off */
/*
 * The run archive: one append-only text file, `wmark archive 1` (results/README.md has the format
 * line by line). It stores RAW kernel names; readers apply their meaning (evidence/counters.h).
 *
 * Lines, first word = kind. Times are microseconds of CLOCK_MONOTONIC since the line `h epoch`.
 *   wmark archive 1
 *   h KEY VALUE                  header: a fact that is the same when the run is repeated
 *   H KEY VALUE                  host side: date, host name, wall time, outcome; not part of the
 *                                checksum, may stand anywhere, also after `end`. An h line of that
 *                                KEY, or an earlier H line, with another VALUE: a damaged run
 *   H end LINES CHECKSUM         closes the H lines right before it, as `end` does the body
 *   src ID NAME PERIOD_US        a source
 *   d NUM SRC KEY                dictionary: counter NUM of this source (dense, ascending from 0)
 *   s SRC T DUR LATE [|NUM@US ...] N+D N-D Nx ...
 *                                a sample: begin, duration of the reads, lateness against the
 *                                schedule; then the changes since the previous sample (N = number of
 *                                counters skipped since the previous change; + and - modulo 2^64;
 *                                x = the key vanished; a key without a value counts from 0).
 *                                |NUM@US: keys from NUM on (up to the next such word) were read US
 *                                after T
 *   lost SRC COUNT               missed ticks of a source since its last such line
 *   e T NAME TEXT                event (phase, mark, knob, oom, exit ...)
 *   m T FINDING TEXT             kernel log finding
 *   w WORKLOAD INSTANCE KEY VALUE
 *                                result number of a workload
 *   l WORKLOAD INSTANCE KIND COUNT SUM MIN MAX BUCKET:N ...
 *                                latency histogram, ns (base/hist.h indexes, gap-coded)
 *   end LINES SAMPLES CHECKSUM   closes the body: number of body lines before it, number of s lines,
 *                                FNV-1a 64 of all body lines (without H lines), 16 hex digits
 * Values are escaped: \n, \\ and \r only. KEY, NAME, WORKLOAD hold no spaces.
 */
/* clang-format on */
#ifndef WMARK_ARCHIVE_ARCHIVE_H
#define WMARK_ARCHIVE_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hist.h"

/* ---------------------------------------------------------------- writing */

/*
 * A writer takes whole lines from any thread into a preallocated ring. A thread of its own writes
 * them to @fd in batches (at least every 250 ms) and, on a regular file, calls fdatasync after each
 * batch. Producers never block on I/O: when the ring is full, the line is dropped and counted, and
 * close writes the event `archive.dropped COUNT`. Forked children have no ring: there only now_us
 * and epoch_ns may be used.
 */
struct archive_writer;

struct archive_write_stats {
	uint64_t lines, samples, bytes, dropped_lines;
};

/*
 * Takes no ownership of @fd. Writes the first line and `h epoch NS` (CLOCK_MONOTONIC of time 0) at
 * once. @ring_bytes 0 = 4 MiB; the ring is touched, and locked where allowed.
 */
int archive_writer_open(struct archive_writer **out, int fd, size_t ring_bytes, struct err *e);
/* Microseconds since the epoch of this archive (set by open). */
uint64_t archive_writer_now_us(const struct archive_writer *w);
/* CLOCK_MONOTONIC of time 0, ns. */
uint64_t archive_writer_epoch_ns(const struct archive_writer *w);
/*
 * Adds one complete line, given without its newline. 0, or -ENOSPC when the ring is full (the line
 * is counted as dropped). -EINVAL: empty, or more than one line. Thread-safe, no allocation.
 */
int archive_writer_line(struct archive_writer *w, const char *line, size_t len);
/*
 * Add lines of the kinds above; values are escaped here. Thread-safe; may allocate (not for the
 * sampler's loop).
 */
void archive_header(struct archive_writer *w, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void archive_event(struct archive_writer *w, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void archive_finding(struct archive_writer *w, const char *finding, const char *text);
void archive_result(struct archive_writer *w, const char *workload, unsigned instance,
		    const char *key, double value);
void archive_hist(struct archive_writer *w, const char *workload, unsigned instance,
		  const char *kind, const struct hist *h);
/* Waits until all lines so far are written. */
int archive_writer_flush(struct archive_writer *w, struct err *e);
/*
 * Writes `end`, flushes, ends the thread, frees @w. Returns the first write error of the run.
 * @stats may be NULL.
 */
int archive_writer_close(struct archive_writer *w, struct archive_write_stats *stats,
			 struct err *e);

struct archive_note {
	const char *key, *value;
};
/*
 * Makes the file of a run that died before its first byte: the first line, and @notes as its
 * header. A file that is not empty is left alone.
 */
int archive_start(const char *path, const struct archive_note *notes, size_t nr, struct err *e);
/*
 * Adds the host side to the file of a finished or broken run: cuts an incomplete line off the end
 * of the file, then appends @notes as H lines, and their sum. Used by the VM driver and by `wmark
 * run`.
 */
int archive_append_host(const char *path, const struct archive_note *notes, size_t nr,
			struct err *e);

/* ---------------------------------------------------------------- reading */

struct archive_split {
	uint32_t key; /* from this key on ... */
	uint32_t us;  /* ... values were read this many us after t_us */
};

struct archive_tick {
	uint64_t t_us, dur_us, late_us;
	uint32_t split_key; /* first key of the second read; UINT32_MAX = one read */
	uint32_t split_us;  /* its time after t_us */
	const struct archive_split
		*split; /* all reads, ascending: zoneinfo has one read per node */
	uint32_t nr_splits;
	uint32_t nr_values;	/* keys learnt later have no value at this tick */
	const uint64_t *value;	/* nr_values values; ticks without a change share one row */
	const uint8_t *present; /* 1 = has a value */
};

struct archive_series {
	/* "vmstat", "node0/vmstat", "zoneinfo", "pressure/memory", "kswapd0/schedstat" */
	const char *name;
	uint64_t period_us;
	const char **key;
	size_t nr_keys, cap_keys;
	struct archive_tick *tick;
	size_t nr_ticks, cap_ticks;
	uint64_t lost; /* missed ticks */
};

struct archive_kv {
	const char *key, *value;
	bool host; /* an H line */
};

struct archive_ev {
	uint64_t t_us;
	const char *name, *text;
	bool finding; /* an m line: name = finding */
};

struct archive_res {
	const char *workload;
	unsigned instance;
	const char *key;
	double value;
};

struct archive_lat {
	const char *workload;
	unsigned instance;
	const char *kind;
	struct hist *hist;
};

struct archive {
	struct arena mem;
	const char *path;
	struct archive_kv *kv;
	size_t nr_kv, cap_kv;
	struct archive_series *series;
	size_t nr_series, cap_series;
	struct archive_ev *ev; /* in file order */
	size_t nr_ev, cap_ev;
	struct archive_res *res;
	size_t nr_res, cap_res;
	struct archive_lat *lat;
	size_t nr_lat, cap_lat;
	uint64_t nr_samples; /* s lines read */
	uint64_t body_lines; /* complete body lines read, first line included, `end` excluded */
	uint64_t checksum;   /* of those lines */
	bool complete;	     /* `end` seen and all sums right */
	/* !complete: "truncated at sample 17" or "line 40: ... (read up to sample 17)" */
	char why[160];
};

/*
 * Loads a file. Returns 0 also for a truncated or damaged file: everything up to the first bad line
 * is loaded, complete is false, and why says where. -EINVAL: not an archive at all; other -errno:
 * cannot be read. Release with archive_release() in every case.
 */
int archive_load(struct archive *a, const char *path, struct err *e);
/* The same from memory. */
int archive_parse(struct archive *a, const char *name, const char *text, size_t len, struct err *e);
void archive_release(struct archive *a);

/* What the run says of @key, the last time it does, else what the host says; NULL = neither. */
const char *archive_get(const struct archive *a, const char *key);
/* NULL = ABSENT. */
const struct archive_series *archive_series(const struct archive *a, const char *name);
/* Index of a key; -1 = ABSENT. */
int archive_key(const struct archive_series *s, const char *key);
/* False = ABSENT in this tick. */
bool archive_value(const struct archive_series *s, size_t tick, int key, uint64_t *out);
/* When the value of @key was read: t_us plus the offset of its read. */
uint64_t archive_key_time(const struct archive_series *s, size_t tick, int key);
/* Index of the last tick that began at or before @t_us; -1 = none. */
long archive_tick_at(const struct archive_series *s, uint64_t t_us);
/*
 * Time of the first event @name at or after @from whose text begins with @text (NULL = any); false
 * = none.
 */
bool archive_event_time(const struct archive *a, const char *name, const char *text, uint64_t from,
			uint64_t *t_us);

/*
 * The window: times of the events `mark window-begin` and `mark window-end`. The sampler takes a
 * full sample of every source just before it writes each mark. False when the run never reached the
 * end of the window.
 */
bool archive_window(const struct archive *a, uint64_t *begin_us, uint64_t *end_us);
/*
 * Value at the last tick <= end minus value at the last tick <= begin. False = ABSENT: the value is
 * ABSENT at either end, the counter fell, or the source was never sampled in the window. Also
 * ABSENT when the tick is more than half a period (at least 20 ms) older than its end of the
 * window: such a tick does not belong to the mark, because the sample of that mark failed.
 */
bool archive_delta(const struct archive_series *s, int key, uint64_t begin_us, uint64_t end_us,
		   uint64_t *out);

/*
 * First difference between two archives in their non-host lines. 0 = equal; 1 = differ, and @why
 * names both in one line.
 */
int archive_diff(const char *path_a, const char *path_b, struct buf *why, struct err *e);

#endif
