/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clang-format off */
/*
 * Reclaim events, counted inside the kernel by hist triggers of tracefs
 * (Documentation/trace/histogram.rst). No event is ever copied to user space; a text of a few lines
 * is read now and then.
 *
 * A run's archive holds:
 *   h trace.counts yes|no            yes: the series below are there
 *   h trace.stalls yes|no            yes: the stall histogram is there
 *   h trace.reason TEXT              why something is missing
 *   series                           counts of the events vmscan:mm_vmscan_kswapd_wake ...
 *          trace/kswapd_wake
 *          trace/kswapd_sleep
 *          trace/direct_begin
 *          trace/direct_end
 *     with the keys that the kernel prints:
 *          Hits                      events counted in some entry
 *          Dropped                   events that found no room for an entry; Hits + Dropped = all
 *                                    events
 *          nodeN.hitcount            events of node N (kswapd_* only); ABSENT until the first event
 *                                    of that node, and means 0 then where Hits is present
 *   l @kernel 0 direct_reclaim_stall ...
 *                                    direct reclaims that ended in the window, ns (exact to the us,
 *                                    then to a bucket of base/hist.h); no line when there were none
 *   w @kernel 0 direct_reclaim_stalls N
 *                                    their number; N = 0 is written: "looked and saw none"
 *   w @kernel 0 direct_reclaim_lost N
 *                                    events of the window that are not in the histogram because it
 *                                    had no room; not 0 = the histogram is not reliable
 * The series are sampled at both marks of the window, right before vmstat, and once per period in
 * between. So an event counter of vmstat and its trace count are not of the same instant: the count
 * at a tick of trace/X lies between the values of the vmstat tick before it and of the vmstat tick
 * after it, because both only grow. How to read the counts: evidence/trace_counts.h.
 */
/* clang-format on */
#ifndef WMARK_SAMPLE_TRACE_H
#define WMARK_SAMPLE_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "archive/archive.h"
#include "archive/keys.h"

struct trace; /* the hist triggers that a run has set */

struct trace_conf {
	/*
	 * prefix of /sys (tests); NULL = this machine, where trace_open() mounts tracefs privately
	 * if nobody has mounted it
	 */
	const char *root;
	/*
	 * on a shared machine: an instance of our own, instances/wmark-PID; else the top instance
	 */
	bool own_instance;
};
/*
 * Sets what can be set and never fails: trace_header() tells what could not be set. On a shared
 * machine it first removes what killed runs have left (trace_sweep()).
 */
struct trace *trace_open(const struct trace_conf *c);
/*
 * The folder with the events/vmscan/.../hist files of the series; NULL = there are none. Valid
 * until trace_close().
 */
const char *trace_dir(const struct trace *t);
/* Writes the `h trace.*` lines. */
void trace_header(const struct trace *t, struct archive_writer *w);
/* Begin of the window, right after its mark: earlier events do not belong to the window. */
void trace_begin(struct trace *t);
/*
 * End of the window, right after its mark: writes the l and w lines (an event trace.lost where that
 * is not possible).
 */
void trace_end(struct trace *t, struct archive_writer *w);
/*
 * Removes all that was set and frees @t; readers of the hist files must have closed them before.
 * Goes on after a failure and returns the first one. @t may be NULL.
 */
int trace_close(struct trace *t, struct err *e);

/*
 * Removes instances and synthetic events of wmark processes that have ended (each run locks its
 * instance, flock(2)). Nothing of them outlives a reboot, so there is no journal. @nr: their
 * number. 0 also where there is no tracefs.
 */
int trace_sweep(const char *root, size_t *nr, struct err *e);

/*
 * For `doctor`: can this machine count stalls and events? False: @why says why not. Changes
 * nothing.
 */
bool trace_usable(const char *root, struct buf *why);

#endif
