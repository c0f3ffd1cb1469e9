/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fast scan: at learning, the text is turned into a template of fixed words and numbers, so
 * that a sample is read by comparing and converting only (5 times the speed of parsing it anew).
 * Made from what the parser of probe.h says of the text, and used only if both agree on an altered
 * text; any text that does not fit goes to the parser.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "sample/source.h"

#define TOKEN_END (UINT32_MAX - 1) /* the text behind the last number */
#define DIGITS_SAFE 19		   /* fit 64 bits, whatever they are */

struct mark {
	size_t key, key_end; /* digits in here belong to the name */
	size_t value;	     /* offset of the first digit; SIZE_MAX: not found, not needed */
	uint32_t num;
};

struct build {
	const struct source *s;
	struct mark *mark;
	size_t nr, cap, pos, last; /* last: end of the value before */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The number at or behind @from, when it is @value; SIZE_MAX otherwise. */
static size_t find_value(const struct source *s, size_t from, uint64_t value, size_t *end)
{
	uint64_t v = 0;
	size_t i = from, start;

	while (i < s->text_len && !is_digit(s->text[i]))
		i++;
	start = i;
	for (; i < s->text_len && is_digit(s->text[i]); i++)
		v = v * 10 + (uint64_t)(s->text[i] - '0');
	*end = i;
	return i > start && i - start <= DIGITS_SAFE && v == value &&
			       (!start || s->text[start - 1] != '-')
		       ? start
		       : SIZE_MAX;
}

static int build_item(void *ctx, const struct probe_item *item)
{
	struct build *b = ctx;
	const struct source *s = b->s;
	struct mark m = { .key = b->last, .key_end = b->last, .value = SIZE_MAX };
	size_t end;

	if (b->pos >= s->nr_slots)
		return 1;
	m.num = s->slot[b->pos++].num;
	if (item->key >= s->text && item->key < s->text + s->text_len) {
		m.key = (size_t)(item->key - s->text);
		m.key_end = m.key + item->key_len;
	}
	if (m.key < b->last)
		return 1;
	if (m.num != SLOT_SKIP) {
		m.value = find_value(s, m.key_end, item->value, &end);
		if (m.value == SIZE_MAX)
			return 1;
		b->last = end;
	} else {
		b->last = m.key_end;
	}
	ARRAY_GROW(b->mark, b->nr, b->cap);
	b->mark[b->nr++] = m;
	return 0;
}

static void add_token(struct source *s, size_t from, size_t to, uint32_t num)
{
	/* Padding before a number depends on the number. */
	if (num != TOKEN_END)
		while (to > from && s->text[to - 1] == ' ')
			to--;
	ARRAY_GROW(s->token, s->nr_tokens, s->cap_tokens);
	s->token[s->nr_tokens++] = (struct token){ (uint32_t)from, (uint32_t)(to - from), num };
}

/* Numbers that are no value: part of a name or of "Node 0, zone" (then fixed), or of no interest
 * (then any number). */
static void make_tokens(struct source *s, const struct mark *mark, size_t nr)
{
	size_t m = 0, from = 0, line = 0, i = 0;

	s->nr_tokens = 0;
	while (i < s->text_len) {
		uint32_t num = SLOT_SKIP;
		bool name;

		if (s->text[i] == '\n')
			line = i + 1;
		while (m < nr && (mark[m].value == SIZE_MAX ? mark[m].key_end : mark[m].value) < i)
			m++;
		if (!is_digit(s->text[i])) {
			i++;
			continue;
		}
		name = m < nr && i >= mark[m].key && i < mark[m].key_end;
		if (m < nr && i == mark[m].value)
			num = mark[m].num;
		else if (name || (s->text_len - line > 5 && !memcmp(s->text + line, "Node ", 5))) {
			i++;
			continue;
		}
		add_token(s, from, i, num);
		while (i < s->text_len && is_digit(s->text[i]))
			i++;
		from = i;
	}
	add_token(s, from, s->text_len, TOKEN_END);
}

static inline bool same(const char *a, const char *b, size_t len)
{
	uint64_t x, y;

	if (len < sizeof(x)) {
		while (len--)
			if (a[len] != b[len])
				return false;
		return true;
	}
	for (size_t i = 0; i + sizeof(x) < len; i += sizeof(x)) {
		memcpy(&x, a + i, sizeof(x));
		memcpy(&y, b + i, sizeof(y));
		if (x != y)
			return false;
	}
	memcpy(&x, a + len - sizeof(x), sizeof(x));
	memcpy(&y, b + len - sizeof(y), sizeof(y));
	return x == y;
}

bool template_scan(struct source *s)
{
	const char *p = s->text, *end = s->text + s->text_len, *split = end;
	uint8_t read = 0;

	if (!s->nr_tokens)
		return false;
	if (s->nr_reads > 1)
		split = s->text + s->read_end[0];
	for (const struct token *t = s->token;; t++) {
		const char *start;
		uint64_t v = 0;

		if ((size_t)(end - p) < t->len || !same(p, s->skeleton + t->from, t->len))
			return false;
		p += t->len;
		if (t->num == TOKEN_END)
			return p == end;
		while (p < end && *p == ' ')
			p++;
		for (start = p; p < end && is_digit(*p); p++)
			v = v * 10 + (uint64_t)(*p - '0');
		if (p == start || p - start > DIGITS_SAFE)
			return false;
		if (t->num == SLOT_SKIP)
			continue;
		while (start >= split && read + 1u < s->nr_reads) {
			read++;
			split = s->text + s->read_end[read];
		}
		s->now[t->num] = v;
		s->has[t->num] = 1;
		s->read_of[t->num] = read;
	}
}

/* Every digit of the values another one: template and parser must see the same numbers. */
static bool agree(struct source *s, const struct mark *mark, size_t nr)
{
	char *text = s->text, *other = xmalloc(s->text_len + 1);
	uint64_t *want = xmalloc((s->nr_keys + 1) * sizeof(*want));
	bool same_now = false;

	memcpy(other, text, s->text_len);
	for (size_t i = 0; i < nr; i++)
		for (size_t at = mark[i].value; at < s->text_len && is_digit(text[at]); at++)
			other[at] = (char)('1' + (text[at] - '0' + (int)(i % 9)) % 9);
	s->text = other;
	if (!source_parse(s)) {
		memcpy(want, s->now, s->nr_keys * sizeof(*want));
		memset(s->now, 0xff, s->nr_keys * sizeof(*want));
		same_now = template_scan(s);
		for (size_t i = 0; same_now && i < s->nr_keys; i++)
			same_now = !s->has[i] || s->now[i] == want[i];
	}
	s->text = text;
	free(other);
	free(want);
	return same_now;
}

void template_learn(struct source *s)
{
	struct build b = { .s = s };

	s->nr_tokens = 0;
	if (s->text_len < UINT32_MAX && !s->scan(s->text, s->text_len, build_item, &b, NULL) &&
	    b.pos == s->nr_slots) {
		s->skeleton = arena_alloc(&s->slot_mem, s->text_len + 1);
		memcpy(s->skeleton, s->text, s->text_len);
		make_tokens(s, b.mark, b.nr);
		if (!agree(s, b.mark, b.nr))
			s->nr_tokens = 0;
	}
	free(b.mark);
}
