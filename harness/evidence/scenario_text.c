/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "evidence/scenario_text.h"

#include <string.h>
#include <strings.h>

#include "base/alloc.h"

void scenario_text_init(struct scenario_text *t, const struct archive *a)
{
	*t = (struct scenario_text){ .next = archive_get(a, "scenario.text"), .section = "" };
}

static void trim(const char **s, size_t *len)
{
	while (*len && strchr(" \t\r", **s)) {
		(*s)++;
		(*len)--;
	}
	while (*len && strchr(" \t\r", (*s)[*len - 1]))
		(*len)--;
}

bool scenario_text_next(struct scenario_text *t)
{
	while (t->next && *t->next) {
		const char *line = t->next, *eq;
		size_t len = strcspn(line, "\n");

		t->next = line + len + (line[len] == '\n');
		trim(&line, &len);
		if (len && *line == '[') {
			const char *close = memchr(line, ']', len);

			t->section = line + 1;
			t->section_len = (close ? (size_t)(close - line) : len) - 1;
			trim(&t->section, &t->section_len);
			continue;
		}
		eq = len && *line != ';' && *line != '#' ? memchr(line, '=', len) : NULL;
		if (!eq)
			continue;
		t->key = line;
		t->key_len = (size_t)(eq - line);
		t->value = eq + 1;
		t->value_len = len - t->key_len - 1;
		trim(&t->key, &t->key_len);
		trim(&t->value, &t->value_len);
		return true;
	}
	return false;
}

static bool is(const char *s, size_t len, const char *word)
{
	return strlen(word) == len && !strncmp(s, word, len);
}

/* Name of the workload whose section this is; NULL for other sections. */
static const char *section_workload(const struct scenario_text *t, size_t *len)
{
	const char *name = t->section + 8;

	if (t->section_len <= 8 || strncmp(t->section, "workload", 8) != 0 || !strchr(" \t", *name))
		return NULL;
	*len = t->section_len - 8;
	trim(&name, len);
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
	struct scenario_text t;

	scenario_text_init(&t, a);
	while (scenario_text_next(&t)) {
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
	struct scenario_text t;

	if (target && !strcmp(target, "host")) /* units and containers of its own */
		return true;
	for (size_t i = 0; i < a->nr_series; i++)
		if (!strncmp(a->series[i].name, "memcg/", 6))
			return true;
	scenario_text_init(&t, a);
	while (scenario_text_next(&t))
		/* names and summaries are prose; a command is what it runs */
		if (names_memcg(t.key, t.key_len) ||
		    (is(t.key, t.key_len, "command") && names_memcg(t.value, t.value_len)))
			return true;
	return false;
}
