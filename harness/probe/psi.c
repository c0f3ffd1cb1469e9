/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pressure (kernel/sched/psi.c psi_show()) and run delay (fs/proc/base.c proc_pid_schedstat()). */
#include "probe/probe.h"

#include <string.h>

#include "base/alloc.h"
#include "probe/text.h"

/* "12.34" to 1234; the kernel prints two decimals, a text with fewer is padded with zeros. */
static int psi_hundredths(struct text_slice s, size_t line, uint64_t *out, struct err *e)
{
	const char *dot = s.len ? memchr(s.p, '.', s.len) : NULL;
	struct text_slice whole = s, part = { s.p + s.len, 0 };
	uint64_t fraction = 0;
	int ret;

	if (dot) {
		whole.len = (size_t)(dot - s.p);
		part.p = dot + 1;
		part.len = s.len - whole.len - 1;
		if (!part.len || part.len > 2 || *part.p == '-')
			return text_bad(e, line, s, "not a number with two decimals");
		ret = text_value(part, line, &fraction, e);
		if (ret)
			return ret;
		if (part.len == 1)
			fraction *= 10;
	}
	ret = text_value(whole, line, out, e);
	if (ret)
		return ret;
	if (__builtin_mul_overflow(*out, 100, out) || __builtin_add_overflow(*out, fraction, out))
		return text_bad(e, line, s, "more than 64 bits");
	return 0;
}

static int psi_word(struct text_slice word, size_t line, struct probe_item *item, struct err *e)
{
	const char *eq = memchr(word.p, '=', word.len);
	struct text_slice key = word, value;
	int ret;

	if (!eq)
		return text_bad(e, line, word, "not name=value");
	key.len = (size_t)(eq - word.p);
	value.p = eq + 1;
	value.len = word.len - key.len - 1;
	ret = text_name(key, line, e);
	if (ret)
		return ret;
	item->key = key.p;
	item->key_len = key.len;
	if (text_starts(key, "avg") || (value.len && memchr(value.p, '.', value.len)))
		return psi_hundredths(value, line, &item->value, e);
	return text_value(value, line, &item->value, e);
}

int probe_psi(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e)
{
	struct text t = text_init(text, len);
	struct text_slice line, word;

	while (text_line(&t, &line)) {
		struct probe_item item = { .node = -1 };

		if (!text_word(&line, &word))
			continue;
		if (text_is(word, "some"))
			item.group = "some";
		else if (text_is(word, "full"))
			item.group = "full";
		else
			return text_bad(e, t.line, word, "neither some nor full");
		while (text_word(&line, &word)) {
			int ret = psi_word(word, t.line, &item, e);

			if (!ret)
				ret = emit(ctx, &item);
			if (ret)
				return ret;
		}
	}
	return 0;
}

int probe_schedstat(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e)
{
	static const char *const keys[] = { "run_ns", "wait_ns", "slices" };
	struct text_slice rest = text_trim((struct text_slice){ text, len }), word;
	uint64_t value[ARRAY_SIZE(keys)];
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!text_word(&rest, &word))
			return text_bad(e, 1, rest, "expected three numbers");
		ret = text_value(word, 1, &value[i], e);
		if (ret)
			return ret;
	}
	ret = text_line_end(rest, 1, e);
	for (i = 0; !ret && i < ARRAY_SIZE(keys); i++) {
		struct probe_item item = {
			.node = -1,
			.key = keys[i],
			.key_len = strlen(keys[i]),
			.value = value[i],
		};

		ret = emit(ctx, &item);
	}
	return ret;
}
