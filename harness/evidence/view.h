/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run as all judges and reports see it: its window, and counters over a span of time. */
#ifndef WMARK_EVIDENCE_VIEW_H
#define WMARK_EVIDENCE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/archive.h"
#include "base/buf.h"
#include "evidence/counters.h"

struct run_view {
	const struct archive *a;
	bool has_window;	   /* the run reached the end of its window */
	uint64_t begin_us, end_us; /* the window */
	double seconds;		   /* length of the window */
	const struct archive_series *vmstat;
	double page_kib; /* 4 on x86 */
};
void run_view_init(struct run_view *v, const struct archive *a);
/* A canonical counter over the window. False = ABSENT. */
bool run_counter(const struct run_view *v, const char *canonical, double *out);

/* A source over a span of time: the context of run_span_counter(). */
struct run_span {
	const struct archive_series *s;
	uint64_t begin_us, end_us;
};
/*
 * Increase of @c over the span, or its value at the end of the span (gauges). False = ABSENT. @used
 * as in counter_resolve().
 */
bool run_span_counter(const struct run_span *w, const struct counter *c, uint64_t *out,
		      struct buf *used);
/* Page size of the run in KiB from its header; 4 when it does not say. */
double run_page_kib(const struct archive *a);
/*
 * True when the node files have pgscan_*: reclaim counters that include memcg limit reclaim (7.1).
 */
bool run_node_has_pgscan(const struct archive *a);
/* What counter_includes() says about scan.direct of this run. False = the run has no vmstat. */
bool run_includes(const struct archive *a, struct buf *out);

#endif
