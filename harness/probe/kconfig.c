/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel configuration text (scripts/kconfig/confdata.c) and command line (lib/cmdline.c
 * next_arg()).
 */
#include <string.h>

#include "probe/probe.h"
#include "probe/text.h"

/* Moves @s past the literal @p; false when @s does not begin with it. */
static bool eat(struct text_slice *s, const char *p, size_t len)
{
	if (s->len < len || memcmp(s->p, p, len))
		return false;
	s->p += len;
	s->len -= len;
	return true;
}

bool probe_kconfig(const char *text, size_t len, const char *name, const char **value,
		   size_t *value_len)
{
	struct text t = text_init(text, len);
	size_t name_len = strlen(name);
	struct text_slice line;
	bool found = false;

	/* as in Kconfig, a later line overrides */
	while (text_line(&t, &line)) {
		struct text_slice s = line;
		bool off = eat(&s, "# ", 2);

		if (!eat(&s, "CONFIG_", 7) || !eat(&s, name, name_len))
			continue;
		if (off ? !text_is(text_trim(s), "is not set") || *s.p != ' ' : !eat(&s, "=", 1))
			continue;
		s = text_trim(s);
		*value = off ? "n" : s.p;
		*value_len = off ? 1 : s.len;
		found = true;
	}
	return found;
}

/* lib/cmdline.c and kernel/params.c: '-' and '_' are the same in a parameter's name. */
static bool same_param(struct text_slice s, const char *name)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		char a = s.p[i] == '-' ? '_' : s.p[i];
		char b = name[i] == '-' ? '_' : name[i];

		if (!name[i] || a != b)
			return false;
	}
	return !name[i];
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Takes one argument with its quotes; false at the end. */
static bool next_arg(struct text_slice *rest, struct text_slice *arg)
{
	const char *p = rest->p, *end = rest->p + rest->len;
	bool quoted = false;

	while (p < end && is_space(*p))
		p++;
	arg->p = p;
	for (; p < end && (quoted || !is_space(*p)); p++)
		if (*p == '"')
			quoted = !quoted;
	arg->len = (size_t)(p - arg->p);
	rest->p = p;
	rest->len = (size_t)(end - p);
	return arg->len > 0;
}

bool probe_cmdline(const char *text, size_t len, const char *name, const char **value,
		   size_t *value_len)
{
	struct text_slice rest = { text ? text : "", len }, arg;
	bool found = false;

	while (next_arg(&rest, &arg) && !text_is(arg, "--")) {
		struct text_slice key = arg, val = { arg.p + arg.len, 0 };
		const char *eq;

		/* "name=a b" and name="a b" mean the same */
		if (*key.p == '"') {
			key.p++;
			key.len--;
			if (text_chop(&key, '"'))
				val.p--;
		}
		eq = key.len ? memchr(key.p, '=', key.len) : NULL;
		if (eq) {
			val = (struct text_slice){ eq + 1, (size_t)(key.p + key.len - eq - 1) };
			key.len = (size_t)(eq - key.p);
			if (val.len && *val.p == '"') {
				val.p++;
				val.len--;
				text_chop(&val, '"');
			}
		}
		if (!key.len || !same_param(key, name))
			continue;
		*value = val.p;
		*value_len = val.len;
		found = true;
	}
	return found;
}
