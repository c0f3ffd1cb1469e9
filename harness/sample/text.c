/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A text file as a source: opened once, read again and again into the same memory. */
#include "sample/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"

#define TEXT_MIN_BYTES ((size_t)4096)
/* Longer than any "name value" line: a read that leaves this much of the page free was the last. */
#define LINE_ROOM 128

static int text_grow(struct text *t)
{
	struct pages bigger;
	int ret = pages_alloc(&bigger, t->cap ? t->cap * 2 : TEXT_MIN_BYTES, NULL);

	if (ret)
		return ret;
	pages_free(&t->mem);
	t->mem = bigger;
	t->data = bigger.p;
	t->cap = bigger.bytes;
	return 0;
}

/* Reads the file once; -EAGAIN: the buffer is full and may not hold all of it. */
static int read_all(struct source *s, struct text *t)
{
	const enum text_reads reads = t->format->reads;
	size_t page = TEXT_MIN_BYTES;

	if (reads == READ_PAGES)
		page = (size_t)sysconf(_SC_PAGESIZE);
	t->len = 0;
	s->nr_reads = 0;
	for (uint64_t start = s->begin_ns;; start = clock_ns()) {
		size_t want = t->cap - t->len;
		ssize_t n;

		if (reads == READ_PAGES && want > page)
			want = page;
		if (!want)
			return -EAGAIN;
		n = pread(t->fd, t->data + t->len, want, (off_t)t->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		t->len += (size_t)n;
		if (s->nr_reads < SOURCE_MAX_READS) {
			s->read_us[s->nr_reads] = (uint32_t)((start - s->begin_ns) / 1000);
			s->nr_reads++;
		}
		t->read_end[s->nr_reads - 1] = t->len;
		if (reads == READ_ONCE ? (size_t)n < want
				       : reads == READ_PAGES && (size_t)n + LINE_ROOM <= page)
			break;
	}
	s->bytes = t->len;
	return 0;
}

/* Allocates only when the text has outgrown the buffer. */
static int text_read(struct source *s)
{
	struct text *t = s->state;
	int ret = read_all(s, t);

	while (ret == -EAGAIN) {
		ret = text_grow(t);
		s->begin_ns = clock_ns();
		if (!ret)
			ret = read_all(s, t);
	}
	return ret;
}

static int text_scan(struct source *s)
{
	struct text *t = s->state;

	if (t->nr_tokens) {
		source_begin(s);
		if (template_scan(s))
			return 0;
	}
	return slots_scan(s);
}

static int text_learn(struct source *s, struct err *e)
{
	int ret = slots_learn(s, e);

	if (!ret) {
		template_learn(s);
		ret = slots_scan(s);
	}
	/*
	 * A text that was just learnt must scan; if it does not, the parser's result depends on
	 * earlier calls.
	 */
	return ret > 0 ? err_set(e, -EINVAL, "layout changes from scan to scan") : ret;
}

static int text_open(struct source *s, const struct source_spec *spec, struct err *e)
{
	struct text *t = s->state;
	int ret;

	t->format = spec->arg;
	t->fd = open(spec->what, O_RDONLY | O_CLOEXEC);
	if (t->fd < 0)
		return err_sys(e, -errno, "%s", spec->what);
	ret = text_grow(t);
	if (!ret)
		ret = source_read(s);
	/* Half of the buffer stays free, so that growing numbers still fit. */
	if (!ret && t->len * 2 > t->cap) {
		ret = text_grow(t);
		if (!ret)
			ret = source_read(s);
	}
	return ret ? err_sys(e, ret, "%s", spec->what) : text_learn(s, e);
}

static void text_close(struct source *s)
{
	struct text *t = s->state;

	if (t->fd >= 0)
		close(t->fd);
	pages_free(&t->mem);
	free(t->slot);
	free(t->token);
	arena_release(&t->slot_mem);
}

void text_add(struct source_list *l, const struct text_format *f, uint64_t period_ns, char *path,
	      const char *name, ...)
{
	char text[SOURCE_NAME_MAX];
	va_list ap;

	va_start(ap, name);
	vsnprintf(text, sizeof(text), name, ap);
	va_end(ap);
	source_add(l, &text_ops, f, period_ns, root_path(l->root, path), "%s", text);
	free(path);
}

const struct source_ops text_ops = {
	.state_bytes = sizeof(struct text),
	.open = text_open,
	.read = text_read,
	.scan = text_scan,
	.learn = text_learn,
	.close = text_close,
};
