/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small facts of the memory system: node distances, the LRU kind, swap areas. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "probe/probe.h"
#include "probe/text.h"

int probe_distance(const char *text, size_t len, unsigned *out, size_t max, struct err *e)
{
	struct text_slice rest = text_trim((struct text_slice){ text, len }), word;
	uint64_t value;
	size_t n = 0;
	int ret;

	while (text_word(&rest, &word)) {
		if (n == max || n == INT_MAX)
			return err_set(e, -E2BIG, "line 1: more than %zu distances", max);
		ret = text_value(word, 1, &value, e);
		if (ret)
			return ret;
		if (value > UINT_MAX)
			return text_bad(e, 1, word, "not a distance");
		out[n++] = (unsigned)value;
	}
	return (int)n;
}

/*
 * mm/vmscan.c enabled_show() prints "0x%04x". The file also accepts "y" and "n", and dumps may hold
 * them.
 */
int probe_lru_gen(const char *text, size_t len, enum probe_lru *mode, struct err *e)
{
	struct text_slice s;
	unsigned bits = 0;
	size_t i;

	if (!text) {
		*mode = PROBE_LRU_CLASSIC;
		return 0;
	}
	s = text_trim((struct text_slice){ text, len });
	if (text_is(s, "y") || text_is(s, "Y") || text_is(s, "n") || text_is(s, "N")) {
		*mode = *s.p == 'y' || *s.p == 'Y' ? PROBE_LRU_MGLRU : PROBE_LRU_CLASSIC;
		return 0;
	}
	i = text_starts(s, "0x") ? 2 : 0;
	if (s.len == i || s.len > i + 8)
		return text_bad(e, 1, s, "neither a mask nor y or n");
	for (; i < s.len; i++) {
		char c = s.p[i];

		if (c >= '0' && c <= '9')
			bits = bits << 4 | (unsigned)(c - '0');
		else if (text_starts(s, "0x") && (c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			bits = bits << 4 | (unsigned)((c | 0x20) - 'a' + 10);
		else
			return text_bad(e, 1, s, "neither a mask nor y or n");
	}
	*mode = bits & 1 ? PROBE_LRU_MGLRU : PROBE_LRU_CLASSIC;
	return 0;
}

/* The kind of one swap area, printed into @out. */
static void swap_kind(struct text_slice name, struct text_slice type, char *out, size_t size)
{
	static const char *const drivers[][2] = { { "nullb", "null_blk" }, { "vd", "virtio" },
						  { "xvd", "xen" },	   { "sd", "scsi" },
						  { "hd", "ide" },	   { "dm-", "dm" } };
	const char *base = memrchr(name.p, '/', name.len);
	size_t len, n = 0;

	if (!text_is(type, "partition")) {
		snprintf(out, size, "%.*s", (int)type.len, type.p);
		return;
	}
	base = base ? base + 1 : name.p;
	len = name.len - (size_t)(base - name.p);
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		size_t head = strlen(drivers[i][0]);

		if (len > head && !memcmp(base, drivers[i][0], head)) {
			snprintf(out, size, "%s", drivers[i][1]);
			return;
		}
	}
	while (n < len && ((base[n] >= 'a' && base[n] <= 'z') || base[n] == '_'))
		n++;
	snprintf(out, size, "%.*s", (int)(n ? n : len), base);
}

/* True when @word stands in the list @words, between plus signs. */
static bool in_list(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = words; *p; p += *p == '+') {
		size_t n = strcspn(p, "+");

		if (n == len && !memcmp(p, word, n))
			return true;
		p += n;
	}
	return false;
}

void probe_swap_kinds(const char *text, size_t len, char *out, size_t size)
{
	struct text t = text_init(text, len);
	struct text_slice line, name, type;
	size_t used = 0;

	*out = '\0';
	while (text_line(&t, &line)) {
		char kind[32];

		if (!text_word(&line, &name) || (t.line == 1 && text_is(name, "Filename")) ||
		    !text_word(&line, &type))
			continue;
		swap_kind(name, type, kind, sizeof(kind));
		if (in_list(out, kind) || used + strlen(kind) + 2 > size)
			continue;
		used += (size_t)snprintf(out + used, size - used, "%s%s", used ? "+" : "", kind);
	}
	if (!*out)
		snprintf(out, size, "none");
}

/* mm/swapfile.c swap_show(): name type size used priority; blanks in the name are octal escapes. */
int probe_swaps(const char *text, size_t len, unsigned *nr, uint64_t *size_kb, uint64_t *used_kb,
		struct err *e)
{
	struct text t = text_init(text, len);
	struct text_slice line, field[5];
	uint64_t size = 0, used = 0, a, b, priority;
	unsigned areas = 0;
	int i, ret;

	while (text_line(&t, &line)) {
		if (!text_word(&line, &field[0]) || (t.line == 1 && text_is(field[0], "Filename")))
			continue;
		for (i = 1; i < 5; i++)
			if (!text_word(&line, &field[i]))
				return text_bad(e, t.line, field[0],
						"swap area without five fields");
		ret = text_value(field[2], t.line, &a, e);
		if (!ret)
			ret = text_value(field[3], t.line, &b, e);
		if (!ret)
			ret = text_value(field[4], t.line, &priority, e);
		if (!ret)
			ret = text_line_end(line, t.line, e);
		if (ret)
			return ret;
		if (__builtin_add_overflow(size, a, &size) ||
		    __builtin_add_overflow(used, b, &used))
			return text_bad(e, t.line, field[2],
					"sum of swap sizes is more than 64 bits");
		areas++;
	}
	*nr = areas;
	*size_kb = size;
	*used_kb = used;
	return 0;
}
