/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/options.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "archive/store.h"
#include "base/alloc.h"
#include "base/fs.h"

const char *const target_names[] = { "exact", "vm", "host", NULL };
const char *const lru_names[] = { "default", "classic", "mglru", NULL };
const char *const accel_names[] = { "auto", "kvm", "tcg", NULL };

/* The rows as tables of this file: option i has part[i]. */
struct holder {
	struct machine_options o;
};
static const struct opt_desc option[] = { MACHINE_OPTIONS(OPTION_DESC, struct holder, o) OPT_END };
#define OPTION_PART(S, f, type, field, part, ...) part,
static const enum option_part part[] = { MACHINE_OPTIONS(OPTION_PART, , ) };

static bool beside_scenario(size_t i)
{
	return part[i] == PART_RUN_WORD || part[i] == PART_RUN_TEXT;
}

static const void *field(const struct machine_options *m, size_t i)
{
	return (const char *)m + option[i].offset;
}

/* Value of an option of one word; NULL = not given, and no default. */
static const char *text_of(const struct machine_options *m, size_t i)
{
	if (option[i].type == OPT_T_ENUM)
		return option[i].choices[*(const int *)field(m, i)];
	assert(option[i].type == OPT_T_STR);
	return *(const char *const *)field(m, i);
}

static bool is_given(const struct machine_options *m, size_t i)
{
	const char *text;

	if (option[i].type == OPT_T_LIST)
		return ((const struct opt_list *)field(m, i))->nr > 0;
	text = text_of(m, i);
	return text && (!option[i].def || strcmp(text, option[i].def) != 0);
}

void machine_defaults(struct machine_options *m)
{
	memset(m, 0, sizeof(*m));
	opt_defaults(option, m);
}

int machine_of_run(struct machine_options *m, const struct archive *a, struct err *e)
{
	machine_defaults(m);
	for (size_t i = 0; i < ARRAY_SIZE(part); i++) {
		const char *value;
		char header[64];

		if (!beside_scenario(i))
			continue;
		snprintf(header, sizeof(header), "run.%s", option[i].name);
		value = archive_get(a, header);
		if (value && opt_set(option, m, option[i].name, value, e))
			return err_wrap(e, -EINVAL, "%s: header %s", a->path, header);
	}
	return 0;
}

const char *const *machine_overrides(const struct machine_options *m, struct arena *mem, size_t *nr)
{
	const char **v = arena_alloc(mem, (ARRAY_SIZE(part) + m->set.nr) * sizeof(*v));

	*nr = 0;
	for (size_t i = 0; i < ARRAY_SIZE(part); i++) {
		char *word;

		if (part[i] != PART_SCENARIO || option[i].type == OPT_T_LIST || !is_given(m, i))
			continue;
		word = arena_printf(mem, "needs.%s=%s", option[i].name, text_of(m, i));
		for (char *p = word; *p != '='; p++)
			if (*p == '-')
				*p = '_';
		v[(*nr)++] = word;
	}
	for (size_t i = 0; i < m->set.nr; i++)
		v[(*nr)++] = m->set.v[i];
	return v;
}

bool machine_header(const struct machine_options *m, size_t nth, struct arena *mem,
		    const char **header, const char **value)
{
	for (size_t i = 0; i < ARRAY_SIZE(part); i++) {
		if (part[i] != PART_RUN_TEXT || nth--)
			continue;
		*header = arena_printf(mem, "run.%s", option[i].name);
		*value = text_of(m, i);
		return true;
	}
	return false;
}

void machine_plan(const struct machine_options *m, struct buf *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(part); i++)
		if (beside_scenario(i))
			buf_addf(out, "%s %s\n", option[i].name, text_of(m, i));
}

char *machine_run_name(const struct machine_options *m, uint64_t seed, const struct scenario *sc,
		       const struct settings *set)
{
	bool more = set->nr > 0;
	uint64_t h = sc->hash;
	struct buf name = BUF_INIT;

	buf_addf(&name, "s%llu", (unsigned long long)seed);
	for (size_t i = 0; i < ARRAY_SIZE(part); i++) {
		if (part[i] == PART_RUN_WORD && is_given(m, i))
			buf_addf(&name, "-%s", text_of(m, i));
		if (part[i] == PART_RUN_TEXT)
			h = fnv1a(h, text_of(m, i), strlen(text_of(m, i)));
		if (part[i] == PART_RUN_TEXT || part[i] == PART_SCENARIO)
			more = more || is_given(m, i);
	}
	h = fnv1a(h, set->text, strlen(set->text));
	if (more)
		buf_addf(&name, "-%08x", (unsigned)(h ^ h >> 32));
	return buf_detach(&name);
}

const char *machine_store(const struct machine_options *m)
{
	return m->store ? m->store : store_dir();
}
