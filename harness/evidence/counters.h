/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Canonical counters: what the raw names of 3.18 to 7.3 mean. Applied on reading an archive, never
 * on writing one. The first rule that matches counts. The result may be ABSENT ("this kernel cannot
 * say"), which is never 0.
 */
#ifndef WMARK_EVIDENCE_COUNTERS_H
#define WMARK_EVIDENCE_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum counter_kind { COUNTER_CUM, COUNTER_GAUGE };
enum counter_unit { UNIT_PAGES, UNIT_EVENTS, UNIT_OBJECTS, UNIT_KIB };
extern const char *const counter_unit_names[]; /* "pages" ... */

struct counter {
	const char *name; /* "steal.kswapd" */
	enum counter_kind kind;
	enum counter_unit unit;
	/*
	 * Rules in order, NULL-terminated: "pgsteal_kswapd" = that name; "a+b" = sum, all of them
	 * needed; "pgsteal_kswapd_*" = sum over the zone names dma dma32 normal high movable
	 * device, at least one of them needed.
	 */
	const char *const *rules;
	const char *help; /* where the kernel counts it, and the traps; one or two sentences */
};

extern const struct counter counter_table[]; /* .name == NULL ends it */
const struct counter *counter_find(const char *name);
/*
 * True when this raw name of /proc/vmstat or nodeN/vmstat only grows, because it counts events or
 * pages that something happened to; else it is a gauge. The rows of the table decide. Of names in
 * no row, those that begin with nr_ are gauges, with a few exceptions.
 */
bool counter_raw_is_event(const char *raw_name);

/* Looks up a raw number by name. False = ABSENT. */
typedef bool counter_lookup(const void *ctx, const char *raw_name, uint64_t *out);
/*
 * False = ABSENT. @used (may be NULL) gets the names of the raw numbers in the sum,
 * "pgsteal_kswapd_dma32+...".
 */
bool counter_resolve(const struct counter *c, counter_lookup *get, const void *ctx, uint64_t *out,
		     struct buf *used);
/*
 * Appends "includes: khugepaged, proactive, memcg" for scan.direct and steal.direct, as far as the
 * existing names tell (node vmstat with pgscan_direct = memcg); "" when nothing is included.
 */
void counter_includes(counter_lookup *get, const void *ctx, bool node_has_pgscan, struct buf *out);

#endif
