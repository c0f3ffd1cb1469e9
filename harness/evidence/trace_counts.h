/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the event counts of sample/trace.h from an archive. */
#ifndef WMARK_EVIDENCE_TRACE_COUNTS_H
#define WMARK_EVIDENCE_TRACE_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/archive.h"
#include "archive/keys.h"

/*
 * Events of @series (TRACE_WAKE ...) up to and including tick @tick: Hits + Dropped, or with @node
 * >= 0 the entry of that node alone (0 before its first event; ABSENT when anything was dropped).
 * False = ABSENT.
 */
bool trace_count(const struct archive_series *series, size_t tick, int node, uint64_t *out);
/* Increase between the marks of a window, as archive_delta(). False = ABSENT. */
bool trace_delta(const struct archive *a, const char *series, int node, uint64_t begin_us,
		 uint64_t end_us, uint64_t *out);

#endif
