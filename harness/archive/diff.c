/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First difference of two archives without their host side. `wmark replay` and the exact target
 * rest on it.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/fs.h"
#include "archive/archive.h"
#include "archive/line.h"

#define SHOWN_BYTES 160 /* shown bytes of a differing line, from a little before the difference */
#define SHOWN_BEFORE 60

struct side {
	const char *path;
	struct buf text;
	const char *p, *line;
	size_t len;   /* length of the line without its newline */
	bool newline; /* false: a half line at the end of the file */
	uint64_t nr;
};

static bool next_line(struct side *s)
{
	const char *end = s->text.data + s->text.len, *nl;

	while (s->p < end) {
		nl = memchr(s->p, '\n', (size_t)(end - s->p));
		s->line = s->p;
		s->len = (size_t)((nl ? nl : end) - s->p);
		s->newline = nl;
		s->p = nl ? nl + 1 : end;
		s->nr++;
		if (!line_is(s->line, s->len, 'H'))
			return true;
	}
	return false;
}

static void show(struct buf *why, const struct side *s, size_t at)
{
	size_t from = at > SHOWN_BEFORE ? at - SHOWN_BEFORE : 0;
	size_t n = s->len - from < SHOWN_BYTES ? s->len - from : SHOWN_BYTES;

	/* A part of a sample line says little without the source and time at its start. */
	if (from && s->len > 16)
		buf_add(why, s->line, 16);
	if (from)
		buf_addstr(why, " ... ");
	for (size_t i = from; i < from + n; i++) {
		unsigned char c = (unsigned char)s->line[i];

		if (c < ' ' || c == 0x7f)
			buf_addf(why, "\\x%02x", c);
		else
			buf_addc(why, (char)c);
	}
	if (from + n < s->len)
		buf_addstr(why, " ...");
	if (!s->newline)
		buf_addstr(why, " (cut off)");
}

static int differ(const struct side *a, bool more_a, const struct side *b, bool more_b,
		  struct buf *why)
{
	size_t at = 0;

	if (more_a != more_b) {
		const struct side *longer = more_a ? a : b, *shorter = more_a ? b : a;

		buf_addf(why, "%s ends where %s goes on with line %" PRIu64 ": ", shorter->path,
			 longer->path, longer->nr);
		show(why, longer, 0);
		return 1;
	}
	while (at < a->len && at < b->len && a->line[at] == b->line[at])
		at++;
	buf_addf(why, "%s line %" PRIu64 ": ", a->path, a->nr);
	show(why, a, at);
	buf_addf(why, " | %s line %" PRIu64 ": ", b->path, b->nr);
	show(why, b, at);
	return 1;
}

static int load(struct side *s, const char *path, struct err *e)
{
	int ret;

	s->path = path;
	buf_init(&s->text);
	ret = fs_read(path, &s->text, e);
	if (ret)
		return ret;
	s->p = s->text.data;
	if (s->text.len < ARCHIVE_MAGIC_LEN ||
	    memcmp(s->text.data, ARCHIVE_MAGIC, ARCHIVE_MAGIC_LEN))
		return err_set(e, -EINVAL, "%s: not a wmark archive", path);
	return 0;
}

int archive_diff(const char *path_a, const char *path_b, struct buf *why, struct err *e)
{
	struct side a = { .text = BUF_INIT }, b = { .text = BUF_INIT };
	int ret = load(&a, path_a, e);

	if (!ret)
		ret = load(&b, path_b, e);
	while (!ret) {
		bool more_a = next_line(&a), more_b = next_line(&b);

		if (!more_a && !more_b)
			break;
		if (more_a != more_b || a.len != b.len || a.newline != b.newline ||
		    memcmp(a.line, b.line, a.len))
			ret = differ(&a, more_a, &b, more_b, why);
	}
	buf_release(&a.text);
	buf_release(&b.text);
	return ret;
}
