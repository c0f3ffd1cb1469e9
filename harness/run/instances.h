/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The children of a run: one process an instance, released together, results in shared memory. */
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
	bool exited, killed;  /* killed: by us */
	unsigned d_state_s;   /* looks in a row, one a second, at the same uninterruptible sleep */
	uint64_t d_ran;	      /* times on a CPU at the last of them */
};

struct instances {
	struct wl_control *control; /* shared; the slots follow it */
	size_t map_bytes;
	struct instance *v;
	size_t nr;
};

/*
 * node_bytes of @env is filled for each instance from @f; the environment of @set (may be NULL) is
 * theirs alone. Maps the shared results (touched, locked where allowed) and forks every instance;
 * each sets itself up and waits at the barrier.
 */
int instances_start(struct instances *in, const struct scenario *sc, const struct settings *set,
		    const struct wl_env *env, const struct sysinfo_facts *f, struct err *e);
/* Reaps what has ended. Never blocks. */
void instances_reap(struct instances *in);
/* All at the barrier, skipped or failed? */
bool instances_ready(const struct instances *in);
/* The first that failed or was skipped in set-up or died before the barrier; NULL = none. */
const struct instance *instances_broken(const struct instances *in);
void instances_go(struct instances *in);
/* Every foreground instance done (or dead)? */
bool instances_done(const struct instances *in);
void instances_stop(struct instances *in);    /* background and late ones leave run() */
void instances_release(struct instances *in); /* all may give their memory back and exit */
bool instances_gone(const struct instances *in);
void instances_kill(struct instances *in); /* SIGKILL to those still there */
/* Longest time in one D state sleep, in seconds, of any instance; call once a second. */
unsigned instances_d_state(struct instances *in);
/* w and l lines and an event for each exit. */
void instances_report(const struct instances *in, struct archive_writer *w);
/* Worst end: RUN_OK, _SKIP, _KILLED, _FAILED, _OOM_KILL; @why one line. */
enum run_outcome instances_outcome(const struct instances *in, char *why, size_t size);
void instances_end(struct instances *in); /* kills leftovers, unmaps */

#endif
