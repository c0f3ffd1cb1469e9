/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fast scan. Learning turns the text into a template of fixed words and numbers, so that
 * reading a sample is only comparing and converting (5 times as fast as parsing it anew). The
 * template is made from what the parser of probe.h says about the text, and used only if both agree
 * on an altered text; a text that does not fit goes to the parser.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "sample/text.h"

#define TOKEN_END (UINT32_MAX - 1) /* the text after the last number */
#define DIGITS_SAFE 19		   /* so many digits always fit 64 bits */

struct mark {
	size_t key, key_end; /* digits between them belong to the name */
	size_t value;	     /* offset of the first digit; SIZE_MAX: not found, or not needed */
	uint32_t num;
};

struct build {
	const struct text *t;
	struct mark *mark;
	size_t nr, cap, pos, last; /* last: end of the previous value */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Offset of the number at or after @from if it equals @value; else SIZE_MAX. */
static size_t find_value(const struct text *t, size_t from, uint64_t value, size_t *end)
{
	uint64_t v = 0;
	size_t i = from, start;

	while (i < t->len && !is_digit(t->data[i]))
		i++;
	start = i;
	for (; i < t->len && is_digit(t->data[i]); i++)
		v = v * 10 + (uint64_t)(t->data[i] - '0');
	*end = i;
	return i > start && i - start <= DIGITS_SAFE && v == value &&
			       (!start || t->data[start - 1] != '-')
		       ? start
		       : SIZE_MAX;
}

static int build_item(void *ctx, const struct probe_item *item)
{
	struct build *b = ctx;
	const struct text *t = b->t;
	struct mark m = { .key = b->last, .key_end = b->last, .value = SIZE_MAX };
	size_t end;

	if (b->pos >= t->nr_slots)
		return 1;
	m.num = t->slot[b->pos++].num;
	if (item->key >= t->data && item->key < t->data + t->len) {
		m.key = (size_t)(item->key - t->data);
		m.key_end = m.key + item->key_len;
	}
	if (m.key < b->last)
		return 1;
	if (m.num != SLOT_SKIP) {
		m.value = find_value(t, m.key_end, item->value, &end);
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

static void add_token(struct text *t, size_t from, size_t to, uint32_t num)
{
	/* The padding before a number depends on the number, so it is not fixed text. */
	if (num != TOKEN_END)
		while (to > from && t->data[to - 1] == ' ')
			to--;
	ARRAY_GROW(t->token, t->nr_tokens, t->cap_tokens);
	t->token[t->nr_tokens++] = (struct token){ (uint32_t)from, (uint32_t)(to - from), num };
}

/*
 * Makes the tokens. A number that is no value is part of a name or of "Node 0, zone" (then it is
 * fixed text), or it is not recorded (then any number fits).
 */
static void make_tokens(struct text *t, const struct mark *mark, size_t nr)
{
	size_t m = 0, from = 0, line = 0, i = 0;

	t->nr_tokens = 0;
	while (i < t->len) {
		uint32_t num = SLOT_SKIP;
		bool name;

		if (t->data[i] == '\n')
			line = i + 1;
		while (m < nr && (mark[m].value == SIZE_MAX ? mark[m].key_end : mark[m].value) < i)
			m++;
		if (!is_digit(t->data[i])) {
			i++;
			continue;
		}
		name = m < nr && i >= mark[m].key && i < mark[m].key_end;
		if (m < nr && i == mark[m].value)
			num = mark[m].num;
		else if (name || (t->len - line > 5 && !memcmp(t->data + line, "Node ", 5))) {
			i++;
			continue;
		}
		add_token(t, from, i, num);
		while (i < t->len && is_digit(t->data[i]))
			i++;
		from = i;
	}
	add_token(t, from, t->len, TOKEN_END);
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
	const struct text *t = s->state;
	const char *p = t->data, *end = t->data + t->len, *split = end;
	uint8_t read = 0;

	if (!t->nr_tokens)
		return false;
	if (s->nr_reads > 1)
		split = t->data + t->read_end[0];
	for (const struct token *want = t->token;; want++) {
		const char *start;
		uint64_t v = 0;

		if ((size_t)(end - p) < want->len || !same(p, t->skeleton + want->from, want->len))
			return false;
		p += want->len;
		if (want->num == TOKEN_END)
			return p == end;
		while (p < end && *p == ' ')
			p++;
		for (start = p; p < end && is_digit(*p); p++)
			v = v * 10 + (uint64_t)(*p - '0');
		if (p == start || p - start > DIGITS_SAFE)
			return false;
		if (want->num == SLOT_SKIP)
			continue;
		while (start >= split && read + 1u < s->nr_reads) {
			read++;
			split = t->data + t->read_end[read];
		}
		source_value(s, want->num, v, read);
	}
}

/* Do template and parser read the same numbers when every digit of the values is changed? */
static bool agree(struct source *s, const struct mark *mark, size_t nr)
{
	struct text *t = s->state;
	char *text = t->data, *other = xmalloc(t->len + 1);
	uint64_t *want = xmalloc((s->nr_keys + 1) * sizeof(*want));
	bool same_now = false;

	memcpy(other, text, t->len);
	for (size_t i = 0; i < nr; i++)
		for (size_t at = mark[i].value; at < t->len && is_digit(text[at]); at++)
			other[at] = (char)('1' + (text[at] - '0' + (int)(i % 9)) % 9);
	t->data = other;
	if (!slots_scan(s)) {
		memcpy(want, s->now, s->nr_keys * sizeof(*want));
		memset(s->now, 0xff, s->nr_keys * sizeof(*want));
		same_now = template_scan(s);
		for (size_t i = 0; same_now && i < s->nr_keys; i++)
			same_now = !s->has[i] || s->now[i] == want[i];
	}
	t->data = text;
	free(other);
	free(want);
	return same_now;
}

void template_learn(struct source *s)
{
	struct text *t = s->state;
	struct build b = { .t = t };

	t->nr_tokens = 0;
	if (t->len < UINT32_MAX && !t->format->scan(t->data, t->len, build_item, &b, NULL) &&
	    b.pos == t->nr_slots) {
		t->skeleton = arena_alloc(&t->slot_mem, t->len + 1);
		memcpy(t->skeleton, t->data, t->len);
		make_tokens(t, b.mark, b.nr);
		if (!agree(s, b.mark, b.nr))
			t->nr_tokens = 0;
	}
	free(b.mark);
}
