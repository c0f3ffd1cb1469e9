/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "evidence/scenario_text.h"

#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/ini.h"

static void open_text(struct ini *t, const struct archive *a)
{
	const char *text = archive_get(a, "scenario.text");

	ini_open(t, "scenario.text", text ? text : "", text ? strlen(text) : 0);
}

/* Moves to the next key, or to the next line of a long value. False at the end. */
static bool next_key(struct ini *t)
{
	int what;

	do
		what = ini_next(t, NULL);
	while (what < 0 || what == INI_SECTION);
	return what != INI_END;
}

static bool is(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && !strncmp(s, word, len);
}

/* Name of the workload that this section describes; NULL for other sections. */
static const char *section_workload(const struct ini *t, size_t *len)
{
	const char *name = t->section, *end = t->section + t->section_len;

	if (t->section_len <= 8 || strncmp(name, "workload", 8) != 0 || !strchr(" \t", name[8]))
		return NULL;
	for (name += 8; name < end && strchr(" \t", *name); name++)
		;
	*len = (size_t)(end - name);
	return name;
}

/* Reads a boolean as the scenario reader does (base/opt.c). */
static bool is_yes(const char *s, size_t len)
{
	static const char *const yes[] = { "yes", "on", "true", "1", "y" };

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		if (strlen(yes[i]) == len && !strncasecmp(s, yes[i], len))
			return true;
	return false;
}

void scenario_workload(const struct archive *a, const char *name, struct scenario_workload *out)
{
	size_t len = strlen(name), at_len;
	struct ini t;

	*out = (struct scenario_workload){ .type = name, .type_len = len };
	open_text(&t, a);
	while (next_key(&t)) {
		const char *at = section_workload(&t, &at_len);

		if (!at || at_len != len || strncmp(at, name, len) != 0)
			continue;
		if (is(t.key, t.key_len, "background") && is_yes(t.value, t.value_len))
			out->background = true;
		if (is(t.key, t.key_len, "type")) {
			out->type = t.value;
			out->type_len = t.value_len;
		}
	}
}

/* True in sections that describe the scenario and its needs, not its actions. */
static bool is_description(const struct ini *t)
{
	return is(t->section, t->section_len, "scenario") ||
	       is(t->section, t->section_len, "needs");
}

static bool holds(const char *s, size_t len, const char *const *words)
{
	for (; *words; words++)
		if (memmem(s, len, *words, strlen(*words)))
			return true;
	return false;
}

bool scenario_names(const struct archive *a, const char *const *words)
{
	struct ini t;

	open_text(&t, a);
	while (next_key(&t))
		if (!is_description(&t) &&
		    (holds(t.key, t.key_len, words) || holds(t.value, t.value_len, words)))
			return true;
	return false;
}
