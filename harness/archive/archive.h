/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clang-format off */
/*
 * The run archive: one append-only text file, `wmark archive 1` (results/README.md has the format
 * line by line). RAW kernel names are stored; meaning is applied on reading (evidence/counters.h).
 *
 * Lines, first word = kind. Times are microseconds of CLOCK_MONOTONIC since the line `h epoch`.
 *   wmark archive 1
 *   h KEY VALUE                  header: a fact that is the same when the run is repeated
 *   H KEY VALUE                  host side: date, host name, wall time, outcome; not part of the
 *                                checksum, may stand anywhere, also after `end`
 *   src ID NAME PERIOD_US        a source
 *   d NUM SRC KEY                dictionary: counter NUM of this source (dense, ascending from 0)
 *   s SRC T DUR LATE [|NUM@US ...] N+D N-D Nx ...
 *                                a sample: begin, duration of the reads, lateness against the
 *                                schedule; then the changes since the sample before (N = gap to the
 *                                counter number before + 1; + and - modulo 2^64; x = key vanished;
 *                                a key without a value counts from 0). |NUM@US: keys from NUM on
 *                                (up to the next such word) were read US after T
 *   lost SRC COUNT               ticks of a source missed since the last such line
 *   e T NAME TEXT                event (phase, mark, knob, oom, exit ...)
 *   m T FINDING TEXT             kernel log finding
 *   w WORKLOAD INSTANCE KEY VALUE
 *                                result number of a workload
 *   l WORKLOAD INSTANCE KIND COUNT SUM MIN MAX BUCKET:N ...
 *                                latency histogram, ns (base/hist.h indexes, gap-coded)
 *   end LINES SAMPLES CHECKSUM   closes the body: number of body lines before it, of s lines,
 *                                FNV-1a 64 of all body lines (H lines left out), 16 hex digits
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
 * A writer takes whole lines from any thread into a preallocated ring; a thread of its own writes
 * them to @fd in batches (at least every 250 ms) and, on a regular file, calls fdatasync after each
 * batch. Producers never block on I/O: when the ring is full the line is dropped and counted; close
 * then writes the event `archive.dropped COUNT`. The ring does not exist in forked children: there
 * only now_us and epoch_ns may be used.
 */
struct archive_writer;

struct archive_write_stats {
	uint64_t lines, samples, bytes, dropped_lines;
};

/*
 * Takes no ownership of @fd. Writes the first line and `h epoch NS` (CLOCK_MONOTONIC of time 0) at
 * once.
 * @ring_bytes 0 = 4 MiB, touched and locked where allowed.
 */
int archive_writer_open(struct archive_writer **out, int fd, size_t ring_bytes, struct err *e);
/* Microseconds since the epoch of this archive (set by open). */
uint64_t archive_writer_now_us(const struct archive_writer *w);
/* The CLOCK_MONOTONIC ns that is time 0. */
uint64_t archive_writer_epoch_ns(const struct archive_writer *w);
/*
 * One complete line without its newline. 0, or -ENOSPC when the ring is full (the line is counted
 * as dropped). -EINVAL: empty, or more than one line. Thread-safe, no allocation.
 */
int archive_writer_line(struct archive_writer *w, const char *line, size_t len);
/* Text lines of the kinds above; values are escaped here. Thread-safe; may allocate (not for the
 * sampler loop). */
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
/* Writes `end`, flushes, joins, frees. The first write error of the run comes back here. @stats may
 * be NULL. */
int archive_writer_close(struct archive_writer *w, struct archive_write_stats *stats,
			 struct err *e);

struct archive_note {
	const char *key, *value;
};
/* The file of a run that died before its first byte: the first line and @notes as its header. A
 * file that holds something is left alone. */
int archive_start(const char *path, const struct archive_note *notes, size_t nr, struct err *e);
/*
 * Host side of a finished or broken run: cut a half line off the end of the file, then append H
 * lines (key, value pairs, NULL-terminated keys). Used by the VM driver and by `wmark run`.
 */
int archive_append_host(const char *path, const struct archive_note *notes, size_t nr,
			struct err *e);

/* ---------------------------------------------------------------- reading */

struct archive_split {
	uint32_t key; /* from this key on ... */
	uint32_t us;  /* ... values were read this long after t_us */
};

struct archive_tick {
	uint64_t t_us, dur_us, late_us;
	uint32_t split_key;		   /* first key of the second read; UINT32_MAX = one read */
	uint32_t split_us;		   /* its offset */
	const struct archive_split *split; /* all of them, ascending: zoneinfo is one read a node */
	uint32_t nr_splits;
	uint32_t nr_values;	/* keys learnt later have no value yet */
	const uint64_t *value;	/* nr_values of them; ticks without a change share a row */
	const uint8_t *present; /* 1 = has a value */
};

struct archive_series {
	const char *name; /* "vmstat", "node0/vmstat", "zoneinfo", "pressure/memory",
			     "kswapd0/schedstat" */
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
	char why[160]; /* !complete: "truncated at sample 17" or "line 40: ... (read up to sample
			  17)" */
};

/*
 * Load a file. 0 also for a truncated or damaged one: everything up to the first bad line is there,
 * complete is false and why says where. -EINVAL: not an archive at all; other -errno: cannot read.
 * Release with archive_release() in every case.
 */
int archive_load(struct archive *a, const char *path, struct err *e);
int archive_parse(struct archive *a, const char *name, const char *text, size_t len,
		  struct err *e); /* the same from memory */
void archive_release(struct archive *a);

const char *archive_get(const struct archive *a,
			const char *key); /* header value or NULL; the last one counts */
const struct archive_series *archive_series(const struct archive *a,
					    const char *name);	  /* or NULL */
int archive_key(const struct archive_series *s, const char *key); /* index or -1 = ABSENT */
/* False = ABSENT in this tick. */
bool archive_value(const struct archive_series *s, size_t tick, int key, uint64_t *out);
/* When the value of @key was read: t_us plus the offset of its read. */
uint64_t archive_key_time(const struct archive_series *s, size_t tick, int key);
/* Index of the last tick that began at or before @t_us; -1 = none. */
long archive_tick_at(const struct archive_series *s, uint64_t t_us);
/* Time of event @name whose text begins with @text (NULL = any), the first from @from on; false =
 * none. */
bool archive_event_time(const struct archive *a, const char *name, const char *text, uint64_t from,
			uint64_t *t_us);

/*
 * The window: times of the events `mark window-begin` and `mark window-end`. The sampler has taken
 * a full sample of every source just before each mark is written. False when the run never reached
 * the window's end.
 */
bool archive_window(const struct archive *a, uint64_t *begin_us, uint64_t *end_us);
/*
 * Value at the last tick <= end minus value at the last tick <= begin. False = ABSENT at either
 * end. A tick more than half a period (at least 20 ms) older than its end does not belong to it:
 * the sample of that mark failed, and the delta is ABSENT. A counter that fell is ABSENT too, and
 * so is a delta over a window in which the source was never sampled.
 */
bool archive_delta(const struct archive_series *s, int key, uint64_t begin_us, uint64_t end_us,
		   uint64_t *out);

/* First difference between two archives in their non-host lines: 0 = equal; 1 = differ, with one
 * line naming both in @why. */
int archive_diff(const char *path_a, const char *path_b, struct buf *why, struct err *e);

#endif
