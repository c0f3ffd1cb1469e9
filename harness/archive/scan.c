/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/scan.h"

#include <errno.h>
#include <string.h>

int reader_bad(struct reader *r, const char *what)
{
	r->what = what;
	return -EINVAL;
}

bool reader_word(struct reader *r, const char **word, size_t *len)
{
	const char *space;

	if (r->p == r->end)
		return false;
	space = memchr(r->p, ' ', (size_t)(r->end - r->p));
	*word = r->p;
	*len = (size_t)((space ? space : r->end) - r->p);
	r->p = space ? space + 1 : r->end;
	return *len > 0;
}

bool reader_digits(const char **p, const char *end, uint64_t *out)
{
	const char *start = *p;
	uint64_t v = 0;

	for (; *p < end && **p >= '0' && **p <= '9'; (*p)++) {
		unsigned digit = (unsigned)(**p - '0');

		if (v > (UINT64_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*out = v;
	return *p > start;
}

/* Takes the next word as a number of at most @max. */
static bool number(struct reader *r, uint64_t max, uint64_t *out)
{
	const char *w;
	size_t len;

	return reader_word(r, &w, &len) && reader_digits(&w, r->p, out) && *out <= max &&
	       (w == r->end || (w + 1 == r->p && *w == ' '));
}

bool reader_u64(struct reader *r, uint64_t *out)
{
	return number(r, UINT64_MAX, out);
}

bool reader_u32(struct reader *r, uint32_t *out)
{
	uint64_t v;

	if (!number(r, UINT32_MAX, &v))
		return false;
	*out = (uint32_t)v;
	return true;
}

bool reader_spend(struct reader *r, uint64_t bytes)
{
	if (bytes > r->budget)
		return false;
	r->budget -= bytes;
	return true;
}
