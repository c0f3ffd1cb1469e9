/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/line.h"

#include <string.h>

#define DIGITS_MAX 20 /* of a 64-bit number */

void line_add_word(struct buf *b, const char *word)
{
	buf_addc(b, ' ');
	if (!*word)
		buf_addc(b, '_');
	for (; *word; word++)
		buf_addc(b, (unsigned char)*word <= ' ' || *word == 0x7f ? '_' : *word);
}

void line_add_text(struct buf *b, const char *text)
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

void line_add_fact(struct buf *b, char kind, const char *key, const char *value)
{
	buf_addc(b, kind);
	line_add_word(b, key);
	line_add_text(b, value);
}

char *line_unescape(char *out, const char *p, const char *end)
{
	for (; p < end; p++) {
		if (*p != '\\') {
			*out++ = *p;
			continue;
		}
		if (++p == end)
			return NULL;
		if (*p == 'n')
			*out++ = '\n';
		else if (*p == 'r')
			*out++ = '\r';
		else if (*p == '\\')
			*out++ = '\\';
		else
			return NULL;
	}
	return out;
}

/* ---------------------------------------------------------------- without allocation */

static char *put_u64(char *p, uint64_t v)
{
	char digits[DIGITS_MAX], *d = digits + sizeof(digits);

	do {
		*--d = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	memcpy(p, d, (size_t)(digits + sizeof(digits) - d));
	return p + (digits + sizeof(digits) - d);
}

static char *put_str(char *p, const char *s)
{
	size_t len = strlen(s);

	memcpy(p, s, len);
	return p + len;
}

/* " V" */
static char *put_number(char *p, uint64_t v)
{
	*p++ = ' ';
	return put_u64(p, v);
}

static char *put_word(char *p, const char *word)
{
	*p++ = ' ';
	return put_str(p, word);
}

char *put_source(char *p, uint32_t id, const char *name, uint64_t period_us)
{
	p = put_number(put_str(p, "src"), id);
	return put_number(put_word(p, name), period_us);
}

char *put_key(char *p, uint32_t num, uint32_t source, const char *key)
{
	p = put_number(put_str(p, "d"), num);
	return put_word(put_number(p, source), key);
}

char *put_lost(char *p, uint32_t source, uint64_t ticks)
{
	return put_number(put_number(put_str(p, "lost"), source), ticks);
}

char *put_event(char *p, uint64_t t_us, const char *name, const char *text)
{
	p = put_number(put_str(p, "e"), t_us);
	return put_word(put_word(p, name), text);
}

size_t line_sample_max(size_t nr_keys)
{
	/* "s SRC T DUR LATE", and for each key at worst " |NUM@US" and " GAP+D" */
	return 2 + 4 * (DIGITS_MAX + 1) + nr_keys * (2 * (DIGITS_MAX + 12));
}

/* Writes each counter number at which the read changes. */
static char *put_splits(char *p, const struct line_sample *s)
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
		p = put_u64(p, s->read_us[last]);
	}
	return p;
}

char *put_sample(char *p, const struct line_sample *s)
{
	size_t next = 0;

	*p++ = 's';
	p = put_number(p, s->source);
	p = put_number(p, s->t_us);
	p = put_number(p, s->dur_us);
	p = put_number(p, s->late_us);
	if (s->read_of)
		p = put_splits(p, s);
	for (size_t i = 0; i < s->nr_keys; i++) {
		uint64_t d;

		if (s->has[i] == s->had[i] && (!s->has[i] || s->now[i] == s->was[i]))
			continue;
		p = put_number(p, i - next);
		next = i + 1;
		if (!s->has[i]) {
			*p++ = 'x';
			continue;
		}
		d = s->now[i] - (s->had[i] ? s->was[i] : 0);
		*p++ = d >> 63 ? '-' : '+';
		p = put_u64(p, d >> 63 ? 0 - d : d);
	}
	return p;
}
