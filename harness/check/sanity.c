/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is the record itself fit to be judged? It must be whole, in order, and with possible numbers. */
#include "check/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/keys.h"
#include "archive/outcome.h"
#include "base/alloc.h"
#include "evidence/counters.h"

static void whole_archive(struct inv *c)
{
	uint64_t t;

	if (!c->a->complete)
		inv_found(c, -1, 0, 0, "%s", *c->a->why ? c->a->why : "truncated");
	if (archive_event_time(c->a, "archive.dropped", NULL, 0, &t))
		inv_found(c, -1, t, t, "the writer dropped lines: its ring was full");
}

static void window(struct inv *c)
{
	const struct archive_series *s = c->view.vmstat;
	uint64_t begin, end, slack;
	long tick;

	if (!archive_window(c->a, &begin, &end)) {
		/* else the outcome tells what went wrong, and it counts */
		if (outcome_of(c->a).cause == OUTCOME_WELL && c->a->complete)
			inv_found(c, -1, 0, 0, "no window: the run never reached the end of it");
		return;
	}
	if (end <= begin)
		inv_found(c, -1, 0, 0, "the window ends %.3f s before it begins",
			  (double)(begin - end) / 1e6);
	if (!s || end <= begin)
		return;
	/* the sampler takes a sample of every source just before each mark */
	slack = s->period_us > 40000 ? s->period_us / 2 : 20000;
	for (int i = 0; i < 2; i++) {
		uint64_t mark = i ? end : begin;

		tick = archive_tick_at(s, mark);
		if (tick < 0 || mark - s->tick[tick].t_us > slack)
			inv_found(c, -1, mark, mark,
				  "no sample of vmstat belongs to the mark window-%s",
				  i ? "end" : "begin");
	}
}

/* ---------------------------------------------------------------- counters */

enum series_kind { SERIES_OTHER, SERIES_VM, SERIES_GROWS };

static enum series_kind kind_of(const char *name)
{
	static const char *const grow[] = { SERIES_KSWAPD, SERIES_PSI, SERIES_TRACE,
					    SERIES_MEMCG_EVENTS };
	unsigned node;

	if (!strcmp(name, SERIES_VMSTAT) ||
	    node_series_name(name, SERIES_NODE, SERIES_NODE_VMSTAT, &node))
		return SERIES_VM;
	for (size_t i = 0; i < ARRAY_SIZE(grow); i++)
		if (!strncmp(name, grow[i], strlen(grow[i])))
			return SERIES_GROWS;
	return SERIES_OTHER;
}

/*
 * Leaves out nr_pages_scanned (to 4.9), which frees reset, and numa_*, which writing vm.numa_stat
 * resets. An entry of a trace count that is gone is ABSENT, which is no fall.
 */
static bool must_grow(enum series_kind kind, const char *key)
{
	if (kind == SERIES_VM)
		return counter_raw_is_event(key) && strcmp(key, "nr_pages_scanned") != 0 &&
		       strncmp(key, "numa_", 5) != 0;
	return kind == SERIES_GROWS;
}

/*
 * Counters that node files also have are node counters (from 7.1 also pgscan_*, pgsteal_*). The
 * others are events and exact.
 */
static uint64_t may_fall_by(const struct inv *c, enum series_kind kind, const char *key)
{
	if (kind != SERIES_VM)
		return 0;
	if (!strncmp(key, "nr_", 3) || !strncmp(key, "workingset_", 11))
		return (uint64_t)inv_fold_lag(c);
	for (size_t i = 0; i < c->nr_nodes; i++)
		if (c->node[i].vmstat && archive_key(c->node[i].vmstat, key) >= 0)
			return (uint64_t)inv_fold_lag(c);
	return 0;
}

struct grows {
	uint32_t key;
	uint64_t slack;
};

/*
 * No machine counts more than 1e12 events, pages or ns of one kernel thread in a second: ten
 * thousand CPUs with an event every 10 ns each. The slack is for what per-CPU counters hold back.
 */
#define RISE_PER_US 1000000u
#define RISE_SLACK 1000000000u

static bool rises_too_fast(const struct archive_tick *was, const struct archive_tick *now,
			   uint32_t k)
{
	uint64_t us = now->t_us - was->t_us;

	return now->value[k] > was->value[k] && us < UINT64_MAX / 2 / RISE_PER_US &&
	       now->value[k] - was->value[k] > RISE_SLACK + us * RISE_PER_US;
}

static void series_grows(struct inv *c, const struct archive_series *s, enum series_kind kind)
{
	struct grows *g = arena_alloc(c->mem, (s->nr_keys + 1) * sizeof(*g));
	uint32_t nr = 0;

	for (size_t i = 0; i < s->nr_keys; i++)
		if (must_grow(kind, s->key[i]))
			g[nr++] = (struct grows){ (uint32_t)i, may_fall_by(c, kind, s->key[i]) };
	for (size_t t = 1; t < s->nr_ticks; t++) {
		const struct archive_tick *was = &s->tick[t - 1], *now = &s->tick[t];

		if (now->t_us < was->t_us) {
			inv_found(c, -1, now->t_us, now->t_us,
				  "%s: a sample is %.3f s before the one taken before it", s->name,
				  (double)(was->t_us - now->t_us) / 1e6);
			return;
		}
		if (now->value == was->value)
			continue;
		for (uint32_t i = 0;
		     i < nr && g[i].key < was->nr_values && g[i].key < now->nr_values; i++) {
			uint32_t k = g[i].key;

			if (!was->present[k] || !now->present[k])
				continue;
			if (rises_too_fast(was, now, k)) {
				inv_found(c, -1, now->t_us, now->t_us,
					  "%s %s rose by %llu within %.3f s", s->name, s->key[k],
					  (unsigned long long)(now->value[k] - was->value[k]),
					  (double)(now->t_us - was->t_us) / 1e6);
				return;
			}
			if (now->value[k] >= was->value[k] ||
			    was->value[k] - now->value[k] <= g[i].slack)
				continue;
			inv_found(c, -1, now->t_us, now->t_us, "%s %s fell from %llu to %llu",
				  s->name, s->key[k], (unsigned long long)was->value[k],
				  (unsigned long long)now->value[k]);
			return;
		}
	}
}

static void monotonic(struct inv *c)
{
	for (size_t i = 0; i < c->a->nr_series; i++)
		series_grows(c, &c->a->series[i], kind_of(c->a->series[i].name));
}

/*
 * Some gauges are in KiB (nr_kernel_stack), so all gauges are compared with the memory in KiB: four
 * times the number of pages. vm.dirty_bytes may ask for more memory than there is.
 */
static bool fits_memory(const char *key)
{
	return !counter_raw_is_event(key) &&
	       (strncmp(key, "nr_dirty_", 9) != 0 || !strstr(key, "threshold"));
}

static void series_absurd(struct inv *c, const struct archive_series *s, uint64_t total_kib)
{
	bool *fits = arena_alloc(c->mem, (s->nr_keys + 1) * sizeof(*fits));

	for (size_t k = 0; k < s->nr_keys; k++)
		fits[k] = fits_memory(s->key[k]);
	for (size_t t = 0; t < s->nr_ticks; t++) {
		const struct archive_tick *now = &s->tick[t];

		if (t && now->value == s->tick[t - 1].value)
			continue;
		for (uint32_t k = 0; k < now->nr_values; k++) {
			if (now->value[k] <= total_kib || !now->present[k] ||
			    !(fits[k] || now->value[k] >> 63))
				continue;
			if (now->value[k] >> 63)
				inv_found(c, -1, now->t_us, now->t_us, "%s %s is %lld", s->name,
					  s->key[k], (long long)now->value[k]);
			else
				inv_found(c, -1, now->t_us, now->t_us,
					  "%s %s is %llu, more than the %llu KiB of memory",
					  s->name, s->key[k], (unsigned long long)now->value[k],
					  (unsigned long long)total_kib);
			return;
		}
	}
}

static void gauges(struct inv *c)
{
	const char *total = archive_get(c->a, "mem.total_kib");
	uint64_t kib = total ? strtoull(total, NULL, 10) : 0;

	if (!kib || kib >> 63) {
		inv_skip(c, "the archive does not say how much memory there is (mem.total_kib)");
		return;
	}
	for (size_t i = 0; i < c->a->nr_series; i++)
		if (kind_of(c->a->series[i].name) == SERIES_VM)
			series_absurd(c, &c->a->series[i], kib);
}

/* ---------------------------------------------------------------- sampler */

/*
 * So many missed samples make integrals over samples wrong by up to this share: over three times
 * the usual floor of 3 %
 */
#define MISSED_SHARE .10
#define MISSED_MIN 5 /* in a short run one hiccup is a large share */

static void sampler_missed(struct inv *c)
{
	for (size_t i = 0; i < c->a->nr_series; i++) {
		const struct archive_series *s = &c->a->series[i];
		double due = (double)s->nr_ticks + (double)s->lost;

		if (s->lost >= MISSED_MIN && (double)s->lost > MISSED_SHARE * due)
			inv_found(c, -1, 0, 0,
				  "%s: %llu of %.0f samples were missed, more than %.0f %%",
				  s->name, (unsigned long long)s->lost, due, 100 * MISSED_SHARE);
	}
}

/* clang-format off */
RULES(sanity, 10) = {
	{ .name = "archive", .cls = RULE_INVARIANT, .check = whole_archive,
	  .help = "The archive has its end line, its sums are right and no line was dropped for want of room "
	  "in the writer." },
	{ .name = "window", .cls = RULE_INVARIANT, .check = window,
	  .help = "A run that ended well has a window that begins before it ends, and samples of vmstat at "
	  "both marks." },
	{ .name = "monotonic", .cls = RULE_INVARIANT, .check = monotonic,
	  .help = "Event counters only grow (mm/vmstat.c, unsigned long, never reset), and so do the CPU time "
	  "of kswapd, PSI totals and sample times. One that fell means a reboot, wrong pairing or a "
	  "broken counter, and so does one that rose by more than a million a microsecond." },
	{ .name = "absurd", .cls = RULE_INVARIANT, .check = gauges,
	  .help = "No gauge (nr_*) counts more than the memory there is, and no event counter is negative." },
	{ .name = "sampler-missed", .cls = RULE_INVARIANT, .check = sampler_missed,
	  .help = "No source missed more than a tenth of its samples: metrics over time (duty, seconds below "
	  "low) would say more of the sampler than of reclaim." },
	{ .name = NULL }
};
/* clang-format on */
