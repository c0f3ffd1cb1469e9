/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The children of a run: one process per instance, all released together, with their results in
 * shared memory. */
#ifndef WMARK_RUN_INSTANCES_H
#define WMARK_RUN_INSTANCES_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/archive.h"
#include "archive/outcome.h"
#include "scenario/scenario.h"
#include "scenario/settings.h"
#include "run/sysinfo.h"
#include "workloads/workload.h"

struct instance {
	const struct wl_spec *spec;
	unsigned number;      /* within its workload */
	struct wl_slot *slot; /* shared */
	bool exited, killed;  /* killed: by wmark */
	/* looks in a row, one per second, that found the same uninterruptible sleep */
	unsigned d_state_s;
	uint64_t d_ran; /* how often it had got a CPU at the last of these looks */
};

struct instances {
	struct wl_control *control; /* shared; the slots follow it */
	size_t map_bytes;
	struct instance *v;
	size_t nr;
};

/*
 * Maps the shared results (touched, locked where allowed) and forks every instance; each sets
 * itself up and waits at the barrier. node_bytes of @env is filled for each instance from @f. Only
 * the instances get the environment of @set (may be NULL).
 */
int instances_start(struct instances *in, const struct scenario *sc, const struct settings *set,
		    const struct wl_env *env, const struct sysinfo_facts *f, struct err *e);
/* Reaps the instances that have ended. Never blocks. */
void instances_reap(struct instances *in);
/* Is every instance at the barrier, skipped or failed? */
bool instances_ready(const struct instances *in);
/* The first instance that failed or was skipped in set-up, or died before the barrier;
 * NULL = none. */
const struct instance *instances_broken(const struct instances *in);
void instances_go(struct instances *in);
/* Is every foreground instance done (or dead)? */
bool instances_done(const struct instances *in);
void instances_stop(struct instances *in); /* background and late instances leave run() */
/* all instances may give their memory back and exit */
void instances_release(struct instances *in);
bool instances_gone(const struct instances *in);
void instances_kill(struct instances *in); /* SIGKILL to the instances still there */
/* Longest time, in seconds, that any instance has spent in one D state sleep; call once per
 * second. */
unsigned instances_d_state(struct instances *in);
/* Writes the w and l lines, and an event for each exit. */
void instances_report(const struct instances *in, struct archive_writer *w);
/* The worst end of all instances: RUN_OK, _SKIP, _KILLED, _FAILED, _OOM_KILL; @why: one line. */
enum run_outcome instances_outcome(const struct instances *in, char *why, size_t size);
void instances_end(struct instances *in); /* kills leftovers, unmaps */

#endif
