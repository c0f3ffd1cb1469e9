/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reclaim events, counted inside the kernel by hist triggers of tracefs
 * (Documentation/trace/histogram.rst): no event is ever copied to user space, and a text of some
 * lines is read now and then.
 *
 * What a run's archive holds of it:
 *   h trace.counts yes|no            the series below are there, or not
 *   h trace.stalls yes|no            the stall histogram is there, or not
 *   h trace.reason TEXT              why something is not
 *   series trace/kswapd_wake         counts of events vmscan:mm_vmscan_kswapd_wake; keys as the
 * kernel prints them: trace/kswapd_sleep          Hits            events counted in some entry
 *          trace/direct_begin          Dropped         events that found no room for an entry: Hits
 * + Dropped = all events trace/direct_end            nodeN.hitcount  of node N (kswapd_* only);
 * ABSENT until the first event of that node, which then means 0 where Hits is present l @kernel 0
 * direct_reclaim_stall ...   direct reclaims that ended in the window, ns (exact to the us, then to
 * a bucket of base/hist.h); no line when there were none w @kernel 0 direct_reclaim_stalls N    how
 * many; N = 0 is written: "looked and saw none" w @kernel 0 direct_reclaim_lost N      events of
 * the window that are not in the histogram for want of room; not 0 = the histogram says nothing
 * that can be relied upon The series are sampled at both marks of the window, right before vmstat,
 * and once a period in between. An event counter of vmstat and its trace count are therefore not of
 * the same instant: the count at a tick of trace/X lies between the values of the vmstat tick
 * before it and of the one after it, both being monotone. The reading of counts at all:
 * evidence/trace_counts.h.
 */
#ifndef WMARK_SAMPLE_TRACE_H
#define WMARK_SAMPLE_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "archive/archive.h"
#include "archive/keys.h"

struct trace; /* hist triggers that are set */

struct trace_conf {
	const char *root;  /* prefix of /sys (tests); NULL = this machine, where tracefs is also
			      mounted aside when it is not */
	bool own_instance; /* a machine of others: an instance of our own, instances/wmark-PID; else
			      the top one */
};
/*
 * Sets what can be set; never fails: what could not be had is told by trace_header(). On a machine
 * of others it first takes away what killed runs have left (trace_sweep()).
 */
struct trace *trace_open(const struct trace_conf *c);
/* The folder whose events/vmscan/.../hist are the series; NULL = they cannot be had. Valid until
 * trace_close(). */
const char *trace_dir(const struct trace *t);
/* The `h trace.*` lines. */
void trace_header(const struct trace *t, struct archive_writer *w);
/* Begin of the window, right behind its mark: what was counted before is not of the window. */
void trace_begin(struct trace *t);
/* End of the window, right behind its mark: writes the l and w lines (an event trace.lost where
 * they cannot be). */
void trace_end(struct trace *t, struct archive_writer *w);
/*
 * Takes everything away again and frees; whoever reads the hist files must have closed them. The
 * first failure is returned, the rest is tried all the same. @t may be NULL.
 */
int trace_close(struct trace *t, struct err *e);

/*
 * Instances and synthetic events of wmarks that are no more (an instance is locked, flock(2), by
 * the run that made it) are taken away; nothing of it outlives a reboot, so there is no journal.
 * @nr: how many. 0 also where there is no tracefs.
 */
int trace_sweep(const char *root, size_t *nr, struct err *e);

/* For `doctor`: can stalls and counts be had here? False: @why says why not. Changes nothing. */
bool trace_usable(const char *root, struct buf *why);

#endif
