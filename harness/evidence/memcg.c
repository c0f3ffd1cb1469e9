/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "evidence/memcg.h"

#include <string.h>

#include "archive/keys.h"
#include "evidence/scenario_text.h"

static const char *const words[] = { "memcg",	     "cgroup",	       "memory.max", "memory.high",
				     "memory.limit", "memory.reclaim", NULL };

static bool is_our_guest(const struct archive *a)
{
	const char *target = archive_get(a, "machine.target");

	return target && (!strcmp(target, "exact") || !strcmp(target, "vm"));
}

bool memcg_killed(const struct archive *a)
{
	for (size_t i = 0; i < a->nr_ev; i++)
		if (a->ev[i].finding && strstr(a->ev[i].text, "Memory cgroup out of memory"))
			return true;
	return false;
}

bool memcg_may_reclaim(const struct archive *a)
{
	if (!is_our_guest(a))
		return true;
	for (size_t i = 0; i < a->nr_series; i++)
		if (!strncmp(a->series[i].name, SERIES_MEMCG, strlen(SERIES_MEMCG)))
			return true;
	for (size_t i = 0; i < a->nr_kv; i++)
		if (!strncmp(a->kv[i].key, "knob.", 5) && strstr(a->kv[i].key, "cgroup"))
			return true;
	return memcg_killed(a) || scenario_names(a, words);
}
