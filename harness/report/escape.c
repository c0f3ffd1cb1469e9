/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes foreign text as UTF-8 and for terminals, HTML and CSV. Archives come from broken machines
 * and may hold anything. */
#include <string.h>

#include "report/fmt.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

size_t utf8_len(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t n;

	if (!len)
		return 0;
	if (p[0] < 0x80)
		return 1;
	n = p[0] >= 0xc2 && p[0] <= 0xdf   ? 2
	    : (p[0] & 0xf0) == 0xe0	   ? 3
	    : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4
					   : 0;
	if (!n || n > len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	/* overlong, surrogate, above U+10FFFF */
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

size_t utf8_width(const char *s)
{
	size_t w = 0;

	for (; s && *s; s++)
		w += ((unsigned char)*s & 0xc0) != 0x80;
	return w;
}

/* Length of the next character of @s, or 0 when it must be replaced (one U+FFFD per byte). */
static size_t next_char(const char *s, const char *end, bool controls)
{
	size_t n = utf8_len(s, (size_t)(end - s));
	unsigned char c = (unsigned char)*s;

	if (n == 1 && !controls && (c < 0x20 || c == 0x7f))
		return 0;
	/* C1 controls: U+0080 to U+009F, which terminals obey as well */
	if (n == 2 && !controls && c == 0xc2 && (unsigned char)s[1] < 0xa0)
		return 0;
	return n;
}

void add_utf8(struct buf *b, const char *s)
{
	const char *end = s ? s + strlen(s) : NULL;

	while (s && s < end) {
		size_t n = next_char(s, end, true);

		if (n)
			buf_add(b, s, n);
		else
			buf_addstr(b, REPLACEMENT);
		s += n ? n : 1;
	}
}

void add_plain(struct buf *b, const char *s)
{
	const char *end = s ? s + strlen(s) : NULL;

	while (s && s < end) {
		size_t n = next_char(s, end, false);

		if (n)
			buf_add(b, s, n);
		else
			buf_addstr(b, *s == '\t' || *s == '\n' ? " " : REPLACEMENT);
		s += n ? n : 1;
	}
}

void add_html(struct buf *b, const char *s)
{
	const char *end = s ? s + strlen(s) : NULL;

	while (s && s < end) {
		size_t n = next_char(s, end, false);

		if (*s == '&')
			buf_addstr(b, "&amp;");
		else if (*s == '<')
			buf_addstr(b, "&lt;");
		else if (*s == '>')
			buf_addstr(b, "&gt;");
		else if (*s == '"')
			buf_addstr(b, "&quot;");
		else if (*s == '\'')
			buf_addstr(b, "&#39;");
		else if (n)
			buf_add(b, s, n);
		else if (*s == '\n' || *s == '\t')
			buf_addc(b, *s);
		else
			buf_addstr(b, REPLACEMENT);
		s += n ? n : 1;
	}
}

void add_csv(struct buf *b, const char *s)
{
	size_t len = s ? strlen(s) : 0;
	struct buf clean = BUF_INIT;

	if (!len)
		return;
	/* spreadsheets take what begins so for a formula */
	if (strchr("=+-@\t\r", *s))
		buf_addc(&clean, '\'');
	add_utf8(&clean, s);
	if (!strpbrk(clean.data, ",\"\r\n") && s[0] != ' ' && s[len - 1] != ' ') {
		buf_add(b, clean.data, clean.len);
	} else {
		buf_addc(b, '"');
		for (const char *p = clean.data; *p; p++) {
			if (*p == '"')
				buf_addc(b, '"');
			buf_addc(b, *p);
		}
		buf_addc(b, '"');
	}
	buf_release(&clean);
}

void add_padded(struct buf *b, const char *s, int width)
{
	size_t want = (size_t)(width < 0 ? -width : width);
	struct buf clean = BUF_INIT;
	size_t have, cut = 0;

	add_plain(&clean, s);
	have = utf8_width(clean.data);
	if (want && have > want) {
		for (size_t w = 0; w < want - 1; w++)
			cut += utf8_len(clean.data + cut, clean.len - cut);
		clean.data[cut] = '\0';
		clean.len = cut;
		buf_addstr(&clean, "…");
		have = want;
	}
	for (size_t i = have; width < 0 && i < want; i++)
		buf_addc(b, ' ');
	buf_add(b, clean.data, clean.len);
	for (size_t i = have; width > 0 && i < want; i++)
		buf_addc(b, ' ');
	buf_release(&clean);
}

void add_anchor(struct buf *b, const char *s)
{
	for (; s && *s; s++)
		buf_addc(b, (*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
					    (*s >= '0' && *s <= '9') || strchr("_.-", *s)
				    ? *s
				    : '-');
}
