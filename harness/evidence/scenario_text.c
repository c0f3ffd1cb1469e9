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

/* The next key; one more time for each further line of a long value. False at the end. */
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

/* Name of the workload whose section this is; NULL for other sections. */
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

/* As the scenario reader takes it (base/opt.c). */
static bool is_yes(const char *s, size_t len)
{
	static const char *const yes[] = { "yes", "on", "true", "1", "y" };

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		if (strlen(yes[i]) == len && !strncasecmp(s, yes[i], len))
			return true;
	return false;
}

/* Workloads whose descriptor says background (workloads/hog.c, workloads/probe.c). */
static bool endless_type(const char *s, size_t len)
{
	return is(s, len, "hog") || is(s, len, "probe");
}

bool scenario_in_background(const struct archive *a, const char *workload, size_t len)
{
	const char *type = workload;
	size_t type_len = len, name_len;
	struct ini t;

	open_text(&t, a);
	while (next_key(&t)) {
		const char *name = section_workload(&t, &name_len);

		if (!name || name_len != len || strncmp(name, workload, len) != 0)
			continue;
		if (is(t.key, t.key_len, "background") && is_yes(t.value, t.value_len))
			return true;
		if (is(t.key, t.key_len, "type")) {
			type = t.value;
			type_len = t.value_len;
		}
	}
	return endless_type(type, type_len);
}

static bool names_memcg(const char *s, size_t len)
{
	static const char *const words[] = { "memcg", "cgroup", "memory.max", "memory.high",
					     "memory.limit" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (memmem(s, len, words[i], strlen(words[i])))
			return true;
	return false;
}

bool scenario_may_limit_memcg(const struct archive *a)
{
	const char *target = archive_get(a, "machine.target");
	struct ini t;

	if (target && !strcmp(target, "host")) /* units and containers of its own */
		return true;
	for (size_t i = 0; i < a->nr_series; i++)
		if (!strncmp(a->series[i].name, "memcg/", 6))
			return true;
	open_text(&t, a);
	while (next_key(&t))
		/* names and summaries are prose; a command is what it runs */
		if (names_memcg(t.key, t.key_len) ||
		    (is(t.key, t.key_len, "command") && names_memcg(t.value, t.value_len)))
			return true;
	return false;
}
