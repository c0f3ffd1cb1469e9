/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of CPUs and nodes as lib/vsprintf.c bitmap_list_string() prints them: "0-3,7". */
#include <stdio.h>
#include <string.h>

#include "probe/probe.h"
#include "probe/text.h"

/* Takes the text up to the next @c, or all of it. */
static struct text_slice cut(struct text_slice *rest, char c, bool *found)
{
	const char *p = rest->len ? memchr(rest->p, c, rest->len) : NULL;
	struct text_slice head = { rest->p, p ? (size_t)(p - rest->p) : rest->len };

	*found = p;
	rest->p += head.len + (p ? 1 : 0);
	rest->len -= head.len + (p ? 1 : 0);
	return head;
}

static int cpulist_number(struct text_slice s, uint64_t *out, struct err *e)
{
	int ret;

	if (s.len && *s.p == '-')
		return text_bad(e, 1, s, "not a number");
	ret = text_value(s, 1, out, e);
	if (!ret && *out >= PROBE_BITS)
		return text_bad(e, 1, s, "number is too large for a list");
	return ret;
}

int probe_cpulist(const char *text, size_t len, struct probe_bits *out, struct err *e)
{
	struct text_slice rest = text_trim((struct text_slice){ text, len });
	struct probe_bits bits = { { 0 } };
	bool more = rest.len > 0;

	while (more) {
		struct text_slice range = cut(&rest, ',', &more), last = range;
		uint64_t lo, hi;
		bool dash;
		int ret = cpulist_number(cut(&last, '-', &dash), &lo, e);

		hi = lo;
		if (!ret && dash)
			ret = cpulist_number(last, &hi, e);
		if (ret)
			return ret;
		if (hi < lo)
			return text_bad(e, 1, range, "range runs backwards");
		for (; lo <= hi; lo++)
			bits.w[lo / 64] |= (uint64_t)1 << (lo % 64);
	}
	*out = bits;
	return 0;
}

unsigned probe_bits_count(const struct probe_bits *b)
{
	unsigned i, n = 0;

	for (i = 0; i < PROBE_BITS / 64; i++)
		n += (unsigned)__builtin_popcountll(b->w[i]);
	return n;
}

void probe_bits_print(const struct probe_bits *b, char *out, size_t size)
{
	size_t used = 0;
	unsigned i, last;

	if (!size)
		return;
	out[0] = '\0';
	for (i = 0; i < PROBE_BITS; i = last + 1) {
		char range[32];
		int n;

		last = i;
		if (!probe_bit(b, i))
			continue;
		while (probe_bit(b, last + 1))
			last++;
		if (last == i)
			n = snprintf(range, sizeof(range), "%s%u", used ? "," : "", i);
		else
			n = snprintf(range, sizeof(range), "%s%u-%u", used ? "," : "", i, last);
		if ((size_t)n >= size - used)
			return;
		memcpy(out + used, range, (size_t)n + 1);
		used += (size_t)n;
	}
}
