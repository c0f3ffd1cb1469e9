/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where tracefs is and how to remove what was set in it. Private to trace.c (sets and reads) and
 * trace_place.c.
 */
#ifndef WMARK_SAMPLE_TRACE_PLACE_H
#define WMARK_SAMPLE_TRACE_PLACE_H

#include <sys/types.h>

#include "base/hist.h"
#include "probe/probe.h"
#include "sample/trace.h"

#define TRACE_EVENT_WAKE "vmscan/mm_vmscan_kswapd_wake"
#define TRACE_EVENT_SLEEP "vmscan/mm_vmscan_kswapd_sleep"
#define TRACE_EVENT_BEGIN "vmscan/mm_vmscan_direct_reclaim_begin"
#define TRACE_EVENT_END "vmscan/mm_vmscan_direct_reclaim_end"

struct trace_place {
	char *tracefs; /* NULL = none */
	char *dir;     /* our instance, or tracefs itself */
	char *synth;   /* name of the synthetic event */
	bool instance; /* dir is an instance of our own */
	bool made;     /* what is found there is ours to remove */
	int mount;     /* descriptor of a private mount; -1 = tracefs is mounted for all */
};
void trace_place_init(struct trace_place *p);
void trace_place_release(struct trace_place *p);
/*
 * Finds tracefs. @pid 0: the top instance. -errno with @e set when there is no tracefs, or it is
 * not writable.
 */
int trace_find(struct trace_place *p, const char *root, pid_t pid, struct err *e);
/* DIR/events/@event/@file, malloc'ed. */
char *trace_event_file(const struct trace_place *p, const char *event, const char *file);

/*
 * Removes triggers, synthetic event and instance, in the order that the kernel requires. Returns
 * the first failure.
 */
int trace_undo(const struct trace_place *p, struct err *e);
/* Removes the triggers that measure stalls, and the synthetic event. */
int trace_undo_stalls(const struct trace_place *p, struct err *e);

/*
 * Subtracts @before (which is sorted) from @after, and turns us into ns. False: an entry has become
 * smaller, or is gone.
 */
bool trace_subtract(struct probe_hist *before, const struct probe_hist *after, struct hist *ns);

#endif
