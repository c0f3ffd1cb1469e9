/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "probe/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool text_line(struct text *t, struct text_slice *line)
{
	const char *nl;

	if (t->pos == t->end)
		return false;
	nl = memchr(t->pos, '\n', (size_t)(t->end - t->pos));
	line->p = t->pos;
	line->len = (size_t)((nl ? nl : t->end) - t->pos);
	t->pos = nl ? nl + 1 : t->end;
	t->line++;
	return true;
}

bool text_word(struct text_slice *rest, struct text_slice *word)
{
	const char *p = rest->p, *end = rest->p + rest->len;

	while (p < end && is_blank(*p))
		p++;
	word->p = p;
	while (p < end && !is_blank(*p))
		p++;
	word->len = (size_t)(p - word->p);
	rest->p = p;
	rest->len = (size_t)(end - p);
	return word->len > 0;
}

struct text_slice text_trim(struct text_slice s)
{
	if (!s.p) /* an empty text may come as NULL, and arithmetic on NULL is not allowed */
		return (struct text_slice){ "", 0 };
	while (s.len && (is_blank(*s.p) || *s.p == '\n')) {
		s.p++;
		s.len--;
	}
	while (s.len && (is_blank(s.p[s.len - 1]) || s.p[s.len - 1] == '\n'))
		s.len--;
	return s;
}

bool text_is(struct text_slice s, const char *literal)
{
	return s.len == strlen(literal) && !memcmp(s.p, literal, s.len);
}

bool text_starts(struct text_slice s, const char *literal)
{
	size_t len = strlen(literal);

	return s.len >= len && !memcmp(s.p, literal, len);
}

bool text_chop(struct text_slice *s, char c)
{
	if (!s->len || s->p[s->len - 1] != c)
		return false;
	s->len--;
	return true;
}

int text_number(struct text_slice s, uint64_t *out)
{
	bool minus = s.len && s.p[0] == '-';
	uint64_t v = 0;
	size_t i;

	if (s.len == (minus ? 1 : 0))
		return -EINVAL;
	/*
	 * a word with a stray byte is no number, however long it is: check every byte before the
	 * range
	 */
	for (i = minus; i < s.len; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return -EINVAL;
	for (i = minus; i < s.len; i++)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
			return -ERANGE;
	if (minus && v > (uint64_t)1 << 63)
		return -ERANGE;
	*out = minus ? ~v + 1 : v;
	return 0;
}

int text_bad(struct err *e, size_t line, struct text_slice word, const char *why)
{
	char shown[4 * 48 + 4];
	size_t i, n = 0;

	for (i = 0; i < word.len && i < 48; i++) {
		unsigned char c = (unsigned char)word.p[i];

		if (c >= 0x20 && c < 0x7f)
			shown[n++] = (char)c;
		else
			n += (size_t)snprintf(shown + n, sizeof(shown) - n, "\\x%02x", c);
	}
	snprintf(shown + n, sizeof(shown) - n, "%s", i < word.len ? "..." : "");
	return err_set(e, -EINVAL, "line %zu: '%s': %s", line, shown, why);
}

int text_value(struct text_slice s, size_t line, uint64_t *out, struct err *e)
{
	int ret = text_number(s, out);

	if (ret == -ERANGE)
		return text_bad(e, line, s, "more than 64 bits");
	return ret ? text_bad(e, line, s, "not a number") : 0;
}

int text_name(struct text_slice s, size_t line, struct err *e)
{
	size_t i;

	for (i = 0; i < s.len; i++)
		if (s.p[i] <= 0x20 || s.p[i] >= 0x7f)
			return text_bad(e, line, s, "not a name");
	return s.len ? 0 : text_bad(e, line, s, "name is empty");
}

int text_line_end(struct text_slice rest, size_t line, struct err *e)
{
	struct text_slice word;

	return text_word(&rest, &word) ? text_bad(e, line, word, "unexpected word") : 0;
}
