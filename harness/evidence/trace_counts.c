/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "evidence/trace_counts.h"

#include <stdio.h>

bool trace_count(const struct archive_series *series, size_t tick, int node, uint64_t *out)
{
	uint64_t hits, dropped;
	char key[32];

	if (!archive_value(series, tick, archive_key(series, "Hits"), &hits) ||
	    !archive_value(series, tick, archive_key(series, "Dropped"), &dropped))
		return false;
	if (node < 0)
		return !__builtin_add_overflow(hits, dropped, out);
	if (dropped)
		return false;
	snprintf(key, sizeof(key), "node%d.hitcount", node);
	if (!archive_value(series, tick, archive_key(series, key), out))
		*out = 0;
	return true;
}

/*
 * All keys of a tick come from one read of the file, so archive_delta() of Hits shows for the
 * node's key too whether a tick belongs to each mark.
 */
bool trace_delta(const struct archive *a, const char *series, int node, uint64_t begin_us,
		 uint64_t end_us, uint64_t *out)
{
	const struct archive_series *s = archive_series(a, series);
	uint64_t unused, from, to;
	long begin, end;

	if (!s || !archive_delta(s, archive_key(s, "Hits"), begin_us, end_us, &unused))
		return false;
	begin = archive_tick_at(s, begin_us);
	end = archive_tick_at(s, end_us);
	if (begin < 0 || end < begin || !trace_count(s, (size_t)begin, node, &from) ||
	    !trace_count(s, (size_t)end, node, &to) || to < from)
		return false;
	*out = to - from;
	return true;
}
