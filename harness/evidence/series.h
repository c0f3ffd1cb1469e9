/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines over time from one archive: gauges, rates of cumulative counters, and thinning for figures.
 */
#ifndef WMARK_EVIDENCE_SERIES_H
#define WMARK_EVIDENCE_SERIES_H

#include <stddef.h>
#include <stdint.h>

#include "archive/archive.h"
#include "evidence/nodes.h"
#include "evidence/sum.h"

/*
 * Points in time order. v = NAN is a gap: the counter was ABSENT, or fell. Release with
 * line_release().
 */
struct line {
	double *t, *v; /* t: seconds after the caller's zero */
	size_t nr, cap;
};

void line_add(struct line *l, double t, double v);
void line_release(struct line *l);
/* Largest and smallest value; NAN when there is none. */
double line_max(const struct line *l);
double line_min(const struct line *l);

/* The functions below append. @s NULL = nothing. @zero_us is the archive time shown as 0. */
void line_gauge(struct line *l, const struct archive_series *s, const char *key, double scale,
		uint64_t zero_us);
/*
 * Sum of one key per zone (struct zone_keys) over the zones of the node that have pages at a tick.
 */
void line_zone_sum(struct line *l, const struct run_node *d, const int key[NODE_ZONES_MAX],
		   double scale, uint64_t zero_us);
/*
 * Increase per second between neighbouring samples, times @scale. The point has the time of the
 * later sample.
 */
void line_rate(struct line *l, const struct archive_series *s, const char *key, double scale,
	       uint64_t zero_us);
void line_rate_sum(struct line *l, const struct key_sum *sum, double scale, uint64_t zero_us);
/* line_rate() of a canonical counter (evidence/counters.h), whatever the kernel calls it. */
void line_rate_counter(struct line *l, const struct archive_series *s, const char *canonical,
		       uint64_t zero_us);

/*
 * Keeps at most @max points: of equal time slices the first smallest and the first largest value,
 * in time order. The extremes of the whole line are always kept; so are gaps, as one point per
 * slice.
 */
void line_thin(struct line *l, size_t max);

#endif
