/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Breaks: where the same counter name counts something else on another kernel or LRU, so that
 * metrics must not be compared.
 */
#include <stdio.h>
#include <string.h>

#include "archive/keys.h"
#include "base/alloc.h"
#include "evidence/memcg.h"
#include "evidence/scenario_text.h"
#include "metric/metric.h"

static int has_key(const struct archive *a, const char *key)
{
	const struct archive_series *s = archive_series(a, SERIES_VMSTAT);

	return s && s->nr_keys ? archive_key(s, key) >= 0 : -1;
}

static int by_type(const struct archive *a)
{
	return has_key(a, "pgsteal_anon");
}

static int anon_shadow(const struct archive *a)
{
	return has_key(a, "workingset_refault_anon");
}

/* No name is new in 4.14 in every configuration; oom_kill is the nearest (4.13). */
static int slabs_as_reported(const struct archive *a)
{
	return has_key(a, "oom_kill");
}

static int khugepaged_apart(const struct archive *a)
{
	return has_key(a, "pgscan_khugepaged");
}

static int proactive_apart(const struct archive *a)
{
	return has_key(a, "pgscan_proactive");
}

/*
 * No name is new in 6.5 (lru_gen_refault() in mm/workingset.c): 6.2 to 6.4 pass for newer kernels
 * here.
 */
static int gen_refault(const struct archive *a)
{
	const char *mode = archive_get(a, "lru.mode");

	return mode && !strcmp(mode, "mglru") ? khugepaged_apart(a) : -1;
}

static int memcg_inside(const struct archive *a)
{
	return has_key(a, "pgscan_direct") < 0 ? -1 : run_node_has_pgscan(a);
}

static bool grew(const struct archive *a, const char *key)
{
	const struct archive_series *s = archive_series(a, SERIES_VMSTAT);
	uint64_t begin, end, n;

	return s && archive_window(a, &begin, &end) &&
	       archive_delta(s, archive_key(s, key), begin, end, &n) && n > 0;
}

/* Where khugepaged's share is not counted separately, counts of its work are the nearest sign. */
static bool khugepaged_at_work(const struct archive *a)
{
	if (khugepaged_apart(a) == 1)
		return grew(a, "pgscan_khugepaged");
	return grew(a, "thp_collapse_alloc") || grew(a, "thp_collapse_alloc_failed");
}

static bool reclaim_asked_for(const struct archive *a)
{
	/* the file of a cgroup, and that of a node, below /sys/devices/system/node (6.17) */
	static const char *const files[] = { "memory.reclaim", "/reclaim", NULL };

	return scenario_names(a, files) || grew(a, "pgscan_proactive");
}

const struct metric_break metric_break_table[] = {
	{ BREAK_LRU, "lru",
	  "not comparable between LRU modes: classic scans, MGLRU isolates and sorts, and counts fewer of "
	  "the refaults",
	  NULL, NULL },
	{ BREAK_SLABS, "4.14",
	  "not comparable: before 4.14 slab objects count as asked for, later as scanned by the shrinker",
	  slabs_as_reported, NULL },
	{ BREAK_BY_TYPE, "5.8",
	  "not comparable: before 5.8 reclaimed pages exclude those of memcg limits", by_type,
	  memcg_may_reclaim },
	{ BREAK_ANON_SHADOW, "5.9", "not comparable: before 5.9 refaults are of file pages only",
	  anon_shadow, NULL },
	{ BREAK_KHUGEPAGED, "6.2",
	  "not comparable: before 6.2 direct reclaim includes khugepaged (where that was at work)",
	  khugepaged_apart, khugepaged_at_work },
	{ BREAK_GEN_REFAULT, "6.5",
	  "not comparable: before 6.5 MGLRU counts the refaults of its oldest generation only",
	  gen_refault, NULL },
	{ BREAK_PROACTIVE, "6.15",
	  "not comparable: before 6.15 direct reclaim includes reclaim that user space asked for (where it did)",
	  proactive_apart, reclaim_asked_for },
	{ BREAK_MEMCG, "7.1",
	  "not comparable: from 7.1 on this counter includes memcg limit reclaim", memcg_inside,
	  memcg_may_reclaim },
	{ .flag = 0 },
};

void run_breaks_of(struct run_breaks *b, const struct archive *a)
{
	const char *mode = archive_get(a, "lru.mode");

	*b = (struct run_breaks){ .matters = 0 };
	snprintf(b->lru, sizeof(b->lru), "%s", mode ? mode : "");
	for (const struct metric_break *m = metric_break_table; m->flag; m++) {
		int side = m->side ? m->side(a) : -1;

		if (side >= 0)
			b->side[side] |= m->flag;
		if (!m->matters || m->matters(a))
			b->matters |= m->flag;
	}
}

unsigned metric_breaks_between(const struct run_breaks *runs, size_t nr)
{
	unsigned side[2] = { 0, 0 }, matters = 0;
	bool lru_unlike = false; /* or some run does not say its mode */

	for (size_t i = 0; i < nr; i++) {
		side[0] |= runs[i].side[0];
		side[1] |= runs[i].side[1];
		matters |= runs[i].matters;
		lru_unlike |= strcmp(runs[i].lru, runs[0].lru) != 0;
	}
	return (side[0] & side[1] & matters) | (lru_unlike ? BREAK_LRU : 0);
}

const struct metric_break *metric_break_of(const struct metric *m, unsigned between)
{
	for (const struct metric_break *b = metric_break_table; b->flag; b++)
		if (m->breaks & between & b->flag)
			return b;
	return NULL;
}

void metric_break_words(const struct metric *m, struct buf *out)
{
	const char *sep = "";

	if (!m->breaks)
		buf_addstr(out, "any");
	for (const struct metric_break *b = metric_break_table; b->flag; b++) {
		if (!(m->breaks & b->flag))
			continue;
		buf_addf(out, "%s%s", sep, b->word);
		sep = " ";
	}
}
