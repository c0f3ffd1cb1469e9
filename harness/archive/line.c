/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text lines of the archive: headers, events, findings, results, histograms; and the host side's H
 * lines. */
#include "archive/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "archive/line.h"

void archive_add_word(struct buf *b, const char *word)
{
	buf_addc(b, ' ');
	if (!*word)
		buf_addc(b, '_');
	for (; *word; word++)
		buf_addc(b, (unsigned char)*word <= ' ' || *word == 0x7f ? '_' : *word);
}

void archive_add_text(struct buf *b, const char *text)
{
	if (*text)
		buf_addc(b, ' ');
	for (; *text; text++) {
		if (*text == '\n')
			buf_addstr(b, "\\n");
		else if (*text == '\r')
			buf_addstr(b, "\\r");
		else if (*text == '\\')
			buf_addstr(b, "\\\\");
		else
			buf_addc(b, *text);
	}
}

/* A line that does not fit is counted by the writer. */
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
	buf_addc(&b, 'h');
	archive_add_word(&b, key);
	archive_add_text(&b, value.data);
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
	archive_add_word(&b, name);
	archive_add_text(&b, text.data);
	put(w, &b);
	buf_release(&text);
}

void archive_finding(struct archive_writer *w, const char *finding, const char *text)
{
	struct buf b = BUF_INIT;

	buf_addf(&b, "m %" PRIu64, archive_writer_now_us(w));
	archive_add_word(&b, finding);
	archive_add_text(&b, text);
	put(w, &b);
}

/* The shortest of 15 to 17 digits that reads back as the same number. */
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
	archive_add_word(&b, workload);
	buf_addf(&b, " %u", instance);
	archive_add_word(&b, key);
	add_double(&b, value);
	put(w, &b);
}

void archive_hist(struct archive_writer *w, const char *workload, unsigned instance,
		  const char *kind, const struct hist *h)
{
	struct buf b = BUF_INIT;
	uint64_t count = 0;
	size_t next = 0;

	/* An instance killed inside hist_add() leaves a bucket ahead of the count: the buckets are
	 * the truth. */
	for (size_t i = 0; i < HIST_BUCKETS; i++)
		count += h->bucket[i];
	buf_addc(&b, 'l');
	archive_add_word(&b, workload);
	buf_addf(&b, " %u", instance);
	archive_add_word(&b, kind);
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

/* Length of the file up to and including its last newline. */
static int last_newline(int fd, off_t size, off_t *len)
{
	char block[4096];

	while (size > 0) {
		size_t want = size < (off_t)sizeof(block) ? (size_t)size : sizeof(block);
		ssize_t n = pread(fd, block, want, size - (off_t)want);
		const char *nl;

		if (n != (ssize_t)want)
			return n < 0 ? -errno : -EIO;
		nl = memrchr(block, '\n', want);
		if (nl) {
			*len = size - (off_t)want + (nl - block) + 1;
			return 0;
		}
		size -= (off_t)want;
	}
	*len = 0;
	return 0;
}

/* -EINVAL when the file is no archive, nor the beginning of one. */
static int check_magic(int fd, bool *whole)
{
	char head[ARCHIVE_MAGIC_LEN];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	if (n < 0)
		return -errno;
	*whole = n == (ssize_t)sizeof(head);
	return memcmp(head, ARCHIVE_MAGIC, (size_t)n) ? -EINVAL : 0;
}

int archive_append_host(const char *path, const struct archive_note *notes, size_t nr,
			struct err *e)
{
	struct buf b = BUF_INIT;
	int fd = open(path, O_RDWR | O_CLOEXEC), ret;
	bool whole = false;
	off_t size, keep = 0;

	if (fd < 0)
		return err_sys(e, -errno, "%s", path);
	ret = check_magic(fd, &whole);
	if (ret) {
		if (ret == -EINVAL)
			err_set(e, ret, "%s: not a wmark archive", path);
		else
			err_sys(e, ret, "%s", path);
		goto out;
	}
	size = lseek(fd, 0, SEEK_END);
	ret = size < 0 ? -errno : last_newline(fd, size, &keep);
	if (!ret && keep < size && ftruncate(fd, keep) < 0)
		ret = -errno;
	if (!ret && lseek(fd, keep, SEEK_SET) < 0)
		ret = -errno;
	if (!whole) /* killed inside its first line */
		buf_addstr(&b, ARCHIVE_MAGIC);
	for (size_t i = 0; i < nr && notes[i].key; i++) {
		buf_addc(&b, 'H');
		archive_add_word(&b, notes[i].key);
		archive_add_text(&b, notes[i].value ? notes[i].value : "");
		buf_addc(&b, '\n');
	}
	if (!ret)
		ret = fs_write_all(fd, b.data, b.len);
	if (!ret && fdatasync(fd) < 0 && errno != EINVAL && errno != EROFS)
		ret = -errno;
	if (ret)
		err_sys(e, ret, "%s: appending", path);
out:
	buf_release(&b);
	if (close(fd) < 0 && !ret)
		ret = err_sys(e, -errno, "%s", path);
	return ret;
}
