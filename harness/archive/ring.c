/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/ring.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "archive/line.h"

#define BATCH_BYTES ((size_t)32 << 10)
#define BATCH_NS 250000000ull
#define WRITER_STACK_BYTES ((size_t)512 << 10)

/*
 * Lives in a mapping of its own that forked children do not get: no copy-on-write fault after a
 * fork.
 */
struct ring {
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	pthread_t thread;
	int fd;
	bool regular;	     /* a regular file: fdatasync after each batch */
	uint64_t head, tail; /* bytes put in and taken out since the beginning */
	size_t size, batch, map_bytes;
	struct ring_sums sums;
	uint64_t written;
	int error; /* the first write error, negative errno */
	bool flush, closing;
	char data[];
};

/* fs_write_all() handles short writes, EINTR, and EAGAIN of a non-blocking tty or pipe. */
static int write_batch(const struct ring *r, uint64_t from, uint64_t to)
{
	size_t at = (size_t)(from % r->size), len = (size_t)(to - from);
	size_t first = len < r->size - at ? len : r->size - at;
	int ret = fs_write_all(r->fd, r->data + at, first);

	if (!ret)
		ret = fs_write_all(r->fd, r->data, len - first);
	/* Some file systems have no fdatasync; then there is nothing to wait for. */
	if (!ret && r->regular && fdatasync(r->fd) < 0 && errno != EINVAL && errno != EROFS)
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
	struct ring *r = arg;

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
			ret = write_batch(r, from, to);
			pthread_mutex_lock(&r->lock);
			/*
			 * After an error all later bytes are discarded, so that the file stays a
			 * clean prefix.
			 */
			if (ret)
				r->error = ret;
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
	/*
	 * The sampler is SCHED_FIFO, the other threads are not: whoever holds the lock gets its
	 * priority.
	 */
	pthread_mutexattr_setprotocol(&ma, PTHREAD_PRIO_INHERIT);
	if (pthread_mutex_init(&r->lock, &ma))
		pthread_mutex_init(&r->lock, NULL); /* a kernel without PI futexes */
	pthread_mutexattr_destroy(&ma);
	pthread_condattr_init(&ca);
	pthread_condattr_setclock(&ca, CLOCK_MONOTONIC);
	pthread_cond_init(&r->work, &ca);
	pthread_cond_init(&r->done, &ca);
	pthread_condattr_destroy(&ca);
	r->size = size;
	r->batch = size / 2 < BATCH_BYTES ? size / 2 : BATCH_BYTES;
	r->sums.checksum = FNV_INIT;
}

static int ring_map(struct ring **out, size_t size, struct err *e)
{
	size_t bytes = sizeof(struct ring) + size;
	struct ring *r = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (r == MAP_FAILED)
		return err_sys(e, -errno, "archive: ring of %zu bytes", size);
	madvise(r, bytes, MADV_DONTFORK);
	/*
	 * refused without CAP_IPC_LOCK or a limit; that does not matter, the pages are always in
	 * use
	 */
	mlock(r, bytes);
	ring_init(r, size);
	r->map_bytes = bytes;
	*out = r;
	return 0;
}

static void ring_unmap(struct ring *r)
{
	pthread_cond_destroy(&r->work);
	pthread_cond_destroy(&r->done);
	pthread_mutex_destroy(&r->lock);
	munmap(r, r->map_bytes);
}

static int start_thread(struct ring *r)
{
	pthread_attr_t attr;
	sigset_t all, old;
	int ret;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, WRITER_STACK_BYTES);
	/* The thread handles no signals, and a closed pipe must give EPIPE. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = pthread_create(&r->thread, &attr, writer_thread, r);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return -ret;
}

int ring_open(struct ring **out, int fd, size_t bytes, struct err *e)
{
	struct stat st;
	struct ring *r = NULL;
	int ret;

	if (fstat(fd, &st) < 0)
		return err_sys(e, -errno, "archive: descriptor %d", fd);
	ret = ring_map(&r, bytes, e);
	if (ret)
		return ret;
	r->fd = fd;
	r->regular = S_ISREG(st.st_mode);
	ret = start_thread(r);
	if (ret) {
		ring_unmap(r);
		return err_sys(e, ret, "archive: writer thread");
	}
	*out = r;
	return 0;
}

/* Caller holds the lock. */
static int put_locked(struct ring *r, const char *line, size_t len, bool body)
{
	size_t at = (size_t)(r->head % r->size), first;

	if (len >= r->size - (r->head - r->tail)) {
		r->sums.dropped++;
		return -ENOSPC;
	}
	first = len < r->size - at ? len : r->size - at;
	memcpy(r->data + at, line, first);
	memcpy(r->data, line + first, len - first);
	r->data[(at + len) % r->size] = '\n';
	r->head += len + 1;
	if (body) {
		r->sums.lines++;
		r->sums.samples += line_is(line, len, 's');
		r->sums.checksum = fnv1a(fnv1a(r->sums.checksum, line, len), "\n", 1);
	}
	return 0;
}

int ring_put(struct ring *r, const char *line, size_t len, bool body)
{
	uint64_t used;
	int ret;

	pthread_mutex_lock(&r->lock);
	used = r->head - r->tail;
	ret = put_locked(r, line, len, body);
	if (used < r->batch && r->head - r->tail >= r->batch)
		pthread_cond_signal(&r->work);
	pthread_mutex_unlock(&r->lock);
	return ret;
}

int ring_flush(struct ring *r)
{
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
	return ret;
}

void ring_sums(struct ring *r, struct ring_sums *out)
{
	pthread_mutex_lock(&r->lock);
	*out = r->sums;
	pthread_mutex_unlock(&r->lock);
}

int ring_close(struct ring *r, uint64_t *written)
{
	int ret;

	pthread_mutex_lock(&r->lock);
	r->closing = true;
	pthread_cond_signal(&r->work);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	ret = r->error;
	if (written)
		*written = r->written;
	ring_unmap(r);
	return ret;
}
