/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The writer: a ring of whole lines in locked memory and the thread that carries it to the file. */
#include "archive/archive.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fs.h"
#include "archive/line.h"

#define RING_BYTES ((size_t)4 << 20)
#define RING_MIN_BYTES ((size_t)4096)
#define BATCH_BYTES ((size_t)32 << 10)
#define BATCH_NS 250000000ull
#define WRITER_STACK_BYTES ((size_t)512 << 10)

/* Lives in a mapping of its own, left out of forked children: no copy-on-write fault after a fork.
 */
struct ring {
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	uint64_t head, tail; /* bytes ever put in, ever taken out */
	size_t size, batch;
	uint64_t lines, samples, checksum, dropped, written;
	int error; /* the first write error, negative errno */
	bool flush, closing;
	char data[];
};

struct archive_writer {
	struct ring *ring;
	size_t map_bytes;
	uint64_t epoch_ns;
	pthread_t thread;
	int fd;
	bool regular;
};

/* Short writes, EINTR, and EAGAIN of a non-blocking tty or pipe. */
static int write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd wait = { .fd = fd, .events = POLLOUT };

			poll(&wait, 1, 1000);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_batch(const struct archive_writer *w, uint64_t from, uint64_t to)
{
	const struct ring *r = w->ring;
	size_t at = (size_t)(from % r->size), len = (size_t)(to - from);
	size_t first = len < r->size - at ? len : r->size - at;
	int ret = write_all(w->fd, r->data + at, first);

	if (!ret)
		ret = write_all(w->fd, r->data, len - first);
	/* Some file systems have no fdatasync; then there is nothing to wait for. */
	if (!ret && w->regular && fdatasync(w->fd) < 0 && errno != EINVAL && errno != EROFS)
		ret = -errno;
	return ret;
}

static void wait_for_work(struct ring *r)
{
	uint64_t until = clock_ns() + BATCH_NS;
	struct timespec ts = { (time_t)(until / 1000000000u), (long)(until % 1000000000u) };

	while (!r->closing && !r->flush && r->head - r->tail < r->batch)
		if (pthread_cond_timedwait(&r->work, &r->lock, &ts) == ETIMEDOUT)
			return;
}

static void *writer_thread(void *arg)
{
	struct archive_writer *w = arg;
	struct ring *r = w->ring;

	pthread_mutex_lock(&r->lock);
	for (;;) {
		uint64_t from = r->tail, to;
		int ret = 0;

		wait_for_work(r);
		r->flush = false;
		to = r->head;
		if (from == to) {
			if (r->closing)
				break;
			continue;
		}
		if (!r->error) {
			pthread_mutex_unlock(&r->lock);
			ret = write_batch(w, from, to);
			pthread_mutex_lock(&r->lock);
			if (ret)
				r->error = ret; /* what follows is thrown away: the file stays a
						   clean prefix */
			else
				r->written += to - from;
		}
		r->tail = to;
		pthread_cond_broadcast(&r->done);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

static void ring_init(struct ring *r, size_t size)
{
	pthread_mutexattr_t ma;
	pthread_condattr_t ca;

	pthread_mutexattr_init(&ma);
	/* The sampler is SCHED_FIFO, the others are not: lend its priority to whoever holds the
	 * lock. */
	pthread_mutexattr_setprotocol(&ma, PTHREAD_PRIO_INHERIT);
	if (pthread_mutex_init(&r->lock, &ma))
		pthread_mutex_init(&r->lock, NULL); /* kernel without PI futexes */
	pthread_mutexattr_destroy(&ma);
	pthread_condattr_init(&ca);
	pthread_condattr_setclock(&ca, CLOCK_MONOTONIC);
	pthread_cond_init(&r->work, &ca);
	pthread_cond_init(&r->done, &ca);
	pthread_condattr_destroy(&ca);
	r->size = size;
	r->batch = size / 2 < BATCH_BYTES ? size / 2 : BATCH_BYTES;
	r->checksum = FNV_INIT;
}

static struct ring *ring_map(size_t size, size_t *map_bytes, struct err *e)
{
	struct ring *r;

	*map_bytes = sizeof(*r) + size;
	r = mmap(NULL, *map_bytes, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (r == MAP_FAILED) {
		err_sys(e, -errno, "archive: ring of %zu bytes", size);
		return NULL;
	}
	madvise(r, *map_bytes, MADV_DONTFORK);
	mlock(r,
	      *map_bytes); /* refused without CAP_IPC_LOCK or a limit: the pages are hot anyway */
	ring_init(r, size);
	return r;
}

static void writer_free(struct archive_writer *w)
{
	if (w->ring) {
		pthread_cond_destroy(&w->ring->work);
		pthread_cond_destroy(&w->ring->done);
		pthread_mutex_destroy(&w->ring->lock);
		munmap(w->ring, w->map_bytes);
	}
	free(w);
}

static int start_thread(struct archive_writer *w)
{
	pthread_attr_t attr;
	sigset_t all, old;
	int ret;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, WRITER_STACK_BYTES);
	/* No signal is handled here, and a closed pipe must come back as EPIPE. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = pthread_create(&w->thread, &attr, writer_thread, w);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return -ret;
}

/* Caller holds the lock. @body: counted in the sums (not `end`, not H lines). */
static int ring_put(struct ring *r, const char *line, size_t len, bool body)
{
	size_t at = (size_t)(r->head % r->size), first;

	if (len >= r->size - (r->head - r->tail)) {
		r->dropped++;
		return -ENOSPC;
	}
	first = len < r->size - at ? len : r->size - at;
	memcpy(r->data + at, line, first);
	memcpy(r->data, line + first, len - first);
	r->data[(at + len) % r->size] = '\n';
	r->head += len + 1;
	if (body) {
		r->lines++;
		r->samples += len > 1 && line[0] == 's' && line[1] == ' ';
		r->checksum = fnv1a(fnv1a(r->checksum, line, len), "\n", 1);
	}
	return 0;
}

int archive_writer_line(struct archive_writer *w, const char *line, size_t len)
{
	struct ring *r = w->ring;
	bool host = len && line[0] == 'H' && (len == 1 || line[1] == ' ');
	uint64_t used;
	int ret;

	if (!len || memchr(line, '\n', len))
		return -EINVAL;
	pthread_mutex_lock(&r->lock);
	used = r->head - r->tail;
	ret = ring_put(r, line, len, !host);
	if (used < r->batch && r->head - r->tail >= r->batch)
		pthread_cond_signal(&r->work);
	pthread_mutex_unlock(&r->lock);
	return ret;
}

int archive_writer_open(struct archive_writer **out, int fd, size_t ring_bytes, struct err *e)
{
	struct archive_writer *w = xcalloc(1, sizeof(*w));
	struct stat st;
	struct err ignored = ERR_INIT;
	int ret;

	*out = NULL;
	if (!e)
		e = &ignored;
	if (!ring_bytes)
		ring_bytes = RING_BYTES;
	if (ring_bytes < RING_MIN_BYTES)
		ring_bytes = RING_MIN_BYTES;
	w->fd = fd;
	if (fstat(fd, &st) < 0) {
		ret = err_sys(e, -errno, "archive: descriptor %d", fd);
		goto fail;
	}
	w->regular = S_ISREG(st.st_mode);
	w->ring = ring_map(ring_bytes, &w->map_bytes, e);
	if (!w->ring) {
		ret = e->code;
		goto fail;
	}
	ret = start_thread(w);
	if (ret) {
		err_sys(e, ret, "archive: writer thread");
		goto fail;
	}
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
fail:
	writer_free(w);
	return ret;
}

uint64_t archive_writer_now_us(const struct archive_writer *w)
{
	return (clock_ns() - w->epoch_ns) / 1000;
}

uint64_t archive_writer_epoch_ns(const struct archive_writer *w)
{
	return w->epoch_ns;
}

int archive_writer_flush(struct archive_writer *w, struct err *e)
{
	struct ring *r = w->ring;
	uint64_t target;
	int ret;

	pthread_mutex_lock(&r->lock);
	target = r->head;
	while (r->tail < target) {
		r->flush = true;
		pthread_cond_signal(&r->work);
		pthread_cond_wait(&r->done, &r->lock);
	}
	ret = r->error;
	pthread_mutex_unlock(&r->lock);
	return ret ? err_sys(e, ret, "archive: writing") : 0;
}

int archive_writer_close(struct archive_writer *w, struct archive_write_stats *stats, struct err *e)
{
	struct ring *r = w->ring;
	char end[80];
	int ret, n;

	/* Room for the last lines, whatever the ring held. */
	archive_writer_flush(w, NULL);
	if (r->dropped)
		archive_event(w, "archive.dropped", "%" PRIu64, r->dropped);
	pthread_mutex_lock(&r->lock);
	n = snprintf(end, sizeof(end), "end %" PRIu64 " %" PRIu64 " %016" PRIx64, r->lines,
		     r->samples, r->checksum);
	ring_put(r, end, (size_t)n, false);
	r->closing = true;
	pthread_cond_signal(&r->work);
	pthread_mutex_unlock(&r->lock);
	pthread_join(w->thread, NULL);
	ret = r->error;
	if (stats)
		*stats = (struct archive_write_stats){ r->lines, r->samples, r->written,
						       r->dropped };
	writer_free(w);
	return ret ? err_sys(e, ret, "archive: writing") : 0;
}
