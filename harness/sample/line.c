/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Formatting of sample lines into a preallocated buffer: no stdio, no allocation. */
#include <string.h>

#include "sample/source.h"

#define DIGITS_MAX 20 /* of a 64-bit number */

char *put_u64(char *p, uint64_t v)
{
	char digits[DIGITS_MAX], *d = digits + sizeof(digits);

	do {
		*--d = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	memcpy(p, d, (size_t)(digits + sizeof(digits) - d));
	return p + (digits + sizeof(digits) - d);
}

char *put_str(char *p, const char *s)
{
	size_t len = strlen(s);

	memcpy(p, s, len);
	return p + len;
}

size_t source_line_max(const struct source *s)
{
	/* "s SRC T DUR LATE", and for each key at worst " |NUM@US" and " GAP+D" */
	return 2 + 4 * (DIGITS_MAX + 1) + s->nr_keys * (2 * (DIGITS_MAX + 12));
}

/* Where the read changes from one counter number to the next. */
static char *put_splits(const struct source *s, char *p)
{
	uint8_t last = 0;

	for (size_t i = 0; i < s->nr_keys; i++) {
		if (!s->has[i] || s->read_of[i] == last)
			continue;
		last = s->read_of[i];
		*p++ = ' ';
		*p++ = '|';
		p = put_u64(p, i);
		*p++ = '@';
		p = put_u64(p, s->read[last].us);
	}
	return p;
}

size_t source_sample_line(const struct source *s, char *line, uint64_t epoch_ns)
{
	char *p = line;
	size_t next = 0;

	*p++ = 's';
	*p++ = ' ';
	p = put_u64(p, s->id);
	*p++ = ' ';
	p = put_u64(p, (s->begin_ns - epoch_ns) / 1000);
	*p++ = ' ';
	p = put_u64(p, (s->end_ns - s->begin_ns) / 1000);
	*p++ = ' ';
	p = put_u64(p, source_late_us(s));
	if (s->nr_reads > 1)
		p = put_splits(s, p);
	for (size_t i = 0; i < s->nr_keys; i++) {
		uint64_t d;

		if (s->has[i] == s->had[i] && (!s->has[i] || s->now[i] == s->was[i]))
			continue;
		*p++ = ' ';
		p = put_u64(p, i - next);
		next = i + 1;
		if (!s->has[i]) {
			*p++ = 'x';
			continue;
		}
		d = s->now[i] - (s->had[i] ? s->was[i] : 0);
		*p++ = d >> 63 ? '-' : '+';
		p = put_u64(p, d >> 63 ? 0 - d : d);
	}
	return (size_t)(p - line);
}

void source_commit(struct source *s)
{
	memcpy(s->was, s->now, s->nr_keys * sizeof(*s->was));
	memcpy(s->had, s->has, s->nr_keys);
}

uint64_t source_late_us(const struct source *s)
{
	return s->due_ns && s->begin_ns > s->due_ns ? (s->begin_ns - s->due_ns) / 1000 : 0;
}
