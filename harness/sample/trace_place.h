/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to trace.c (what is set and read) and trace_place.c (where tracefs is, and taking things
 * away). */
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
	char *dir;     /* of our instance, or tracefs itself */
	char *synth;   /* name of the synthetic event */
	bool instance; /* dir is one of our own */
	bool made;     /* what is found there is ours to take away */
	int mount;     /* descriptor of a mount that only we have; -1 = it is mounted for all */
};
void trace_place_init(struct trace_place *p);
void trace_place_release(struct trace_place *p);
/* @pid 0: the top instance. -errno and why when there is no tracefs, or it cannot be written to. */
int trace_find(struct trace_place *p, const char *root, pid_t pid, struct err *e);
/* DIR/events/@event/@file, malloc'ed. */
char *trace_event_file(const struct trace_place *p, const char *event, const char *file);

/* Takes triggers, synthetic event and instance away, in the order the kernel asks for. The first
 * failure comes back. */
int trace_undo(const struct trace_place *p, struct err *e);
/* The triggers that measure stalls, and the synthetic event. */
int trace_undo_stalls(const struct trace_place *p, struct err *e);

/* @after - @before (which is sorted), us to ns. False: an entry has become smaller, or has gone. */
bool trace_subtract(struct probe_hist *before, const struct probe_hist *after, struct hist *ns);

#endif
