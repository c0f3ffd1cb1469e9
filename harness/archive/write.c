/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The writer: puts lines of all kinds except samples into the ring, and writes the first and the
 * last line.
 */
#include "archive/archive.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "archive/line.h"
#include "archive/ring.h"

#define RING_BYTES ((size_t)4 << 20)
#define RING_MIN_BYTES ((size_t)4096)

struct archive_writer {
	struct ring *ring;
	int fd;
	uint64_t epoch_ns;
};

int archive_writer_line(struct archive_writer *w, const char *line, size_t len)
{
	if (!len || memchr(line, '\n', len))
		return -EINVAL;
	return ring_put(w->ring, line, len, !line_is(line, len, 'H'));
}

uint64_t archive_writer_now_us(const struct archive_writer *w)
{
	return (clock_ns() - w->epoch_ns) / 1000;
}

uint64_t archive_writer_epoch_ns(const struct archive_writer *w)
{
	return w->epoch_ns;
}

static int not_written(int fd, int ret, struct err *e)
{
	char link[32], name[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, name, sizeof(name) - 1);
	name[n < 0 ? 0 : n] = '\0';
	return err_sys(e, ret, "%s: writing", n < 0 ? "archive" : name);
}

int archive_writer_flush(struct archive_writer *w, struct err *e)
{
	int ret = ring_flush(w->ring);

	return ret ? not_written(w->fd, ret, e) : 0;
}

int archive_writer_open(struct archive_writer **out, int fd, size_t ring_bytes, struct err *e)
{
	struct archive_writer *w = xcalloc(1, sizeof(*w));
	int ret;

	*out = NULL;
	if (!ring_bytes)
		ring_bytes = RING_BYTES;
	if (ring_bytes < RING_MIN_BYTES)
		ring_bytes = RING_MIN_BYTES;
	ret = ring_open(&w->ring, fd, ring_bytes, e);
	if (ret) {
		free(w);
		return ret;
	}
	w->fd = fd;
	w->epoch_ns = clock_ns();
	archive_writer_line(w, ARCHIVE_MAGIC, ARCHIVE_MAGIC_LEN - 1);
	archive_header(w, "epoch", "%" PRIu64, w->epoch_ns);
	ret = archive_writer_flush(w, e);
	if (ret) {
		archive_writer_close(w, NULL, NULL);
		return ret;
	}
	*out = w;
	return 0;
}

int archive_writer_close(struct archive_writer *w, struct archive_write_stats *stats, struct err *e)
{
	struct ring_sums sums;
	uint64_t written;
	char end[80];
	int ret, n;

	/* Make room for the last lines, whatever the ring holds. */
	ring_flush(w->ring);
	ring_sums(w->ring, &sums);
	if (sums.dropped)
		archive_event(w, "archive.dropped", "%" PRIu64, sums.dropped);
	ring_sums(w->ring, &sums);
	n = snprintf(end, sizeof(end), "end %" PRIu64 " %" PRIu64 " %016" PRIx64, sums.lines,
		     sums.samples, sums.checksum);
	ring_put(w->ring, end, (size_t)n, false);
	ret = ring_close(w->ring, &written);
	if (ret)
		not_written(w->fd, ret, e);
	if (stats)
		*stats = (struct archive_write_stats){ sums.lines, sums.samples, written,
						       sums.dropped };
	free(w);
	return ret;
}

/* Adds a line; the writer counts lines that do not fit. */
static void put(struct archive_writer *w, struct buf *b)
{
	archive_writer_line(w, b->data, b->len);
	buf_release(b);
}

void archive_header(struct archive_writer *w, const char *key, const char *fmt, ...)
{
	struct buf b = BUF_INIT, value = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&value, fmt, ap);
	va_end(ap);
	line_add_fact(&b, 'h', key, value.data);
	put(w, &b);
	buf_release(&value);
}

void archive_event(struct archive_writer *w, const char *name, const char *fmt, ...)
{
	struct buf b = BUF_INIT, text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	buf_addf(&b, "e %" PRIu64, archive_writer_now_us(w));
	line_add_word(&b, name);
	line_add_text(&b, text.data);
	put(w, &b);
	buf_release(&text);
}

void archive_finding(struct archive_writer *w, const char *finding, const char *text)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "m %" PRIu64, archive_writer_now_us(w));
	line_add_word(&b, finding);
	line_add_text(&b, text);
	put(w, &b);
}

/* Adds the shortest text of 15 to 17 digits that reads back as the same number. */
static void add_double(struct buf *b, double value)
{
	for (int digits = 15; digits <= 17; digits++) {
		size_t len = b->len;

		buf_addf(b, " %.*g", digits, value);
		if (digits == 17 || strtod(b->data + len, NULL) == value)
			return;
		b->len = len;
	}
}

void archive_result(struct archive_writer *w, const char *workload, unsigned instance,
		    const char *key, double value)
{
	struct buf b = BUF_INIT;

	buf_addc(&b, 'w');
	line_add_word(&b, workload);
	buf_addf(&b, " %u", instance);
	line_add_word(&b, key);
	add_double(&b, value);
	put(w, &b);
}

void archive_hist(struct archive_writer *w, const char *workload, unsigned instance,
		  const char *kind, const struct hist *h)
{
	struct buf b = BUF_INIT;
	uint64_t count = 0;
	size_t next = 0;

	/*
	 * An instance killed inside hist_add() leaves a bucket ahead of the count: the sum of the
	 * buckets is right.
	 */
	for (size_t i = 0; i < HIST_BUCKETS; i++)
		count += h->bucket[i];
	buf_addc(&b, 'l');
	line_add_word(&b, workload);
	buf_addf(&b, " %u", instance);
	line_add_word(&b, kind);
	buf_addf(&b, " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64, count, h->sum,
		 count ? h->min : 0, h->max);
	for (size_t i = 0; i < HIST_BUCKETS; i++) {
		if (!h->bucket[i])
			continue;
		buf_addf(&b, " %zu:%" PRIu64, i - next, h->bucket[i]);
		next = i + 1;
	}
	put(w, &b);
}
