/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A campaign: the planned, interleaved runs of A and B. The plan is on disk before the first boot, so an
 * interrupted campaign goes on where it stopped, and a finished one can be repeated and compared bit for bit.
 */
#ifndef WMARK_RUN_CAMPAIGN_H
#define WMARK_RUN_CAMPAIGN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "run/scenario.h"
#include "run/vmrun.h"
#include "vm/vm.h"

struct campaign_opts {
	const char *a, *b;             /* kernel specs */
	const char *const *scenarios;  /* names or paths */
	size_t nr_scenarios;
	const char *const *overrides;  /* --set words, both sides */
	size_t nr_overrides;
	bool exact;
	const char *lru, *cmdline;
	const uint64_t *seeds;
	size_t nr_seeds;
	unsigned jobs;
	uint64_t limit_ns, hang_ns;    /* of a machine; 0 = defaults */
	const char *dir;               /* plan and reports; made if missing */
	const char *store;             /* archives */
	const char *name;              /* of the campaign: part of the archive names */
	bool replay;                   /* run finished ones again and compare */
	bool fresh;                    /* a plan for something else in dir is replaced, the archives that it names with it */
	FILE *progress;                /* NULL = silent */
	const volatile sig_atomic_t *stop;
};

enum plan_state { PLAN_TODO, PLAN_RUNNING, PLAN_DONE, PLAN_FAILED };

struct plan_run {
	long order;
	char side;                     /* 'A' or 'B' */
	size_t scenario;
	uint64_t seed;
	const char *file;
	enum plan_state state;
	bool tried;                    /* started by this call */
	bool again;                    /* a replay of a finished run */
	bool differs;
	const char *note;              /* outcome, or why it differs or failed */
	double wall_s;
};

struct campaign {
	struct arena mem;
	const struct campaign_opts *o;
	struct scenario *sc;
	size_t nr_sc;
	struct vm_kernel kernel[2];
	enum vm_accel accel;           /* set by the caller between open and plan */
	int lock_fd;
	struct plan_run *run;
	size_t nr_runs;
	bool had_plan;                 /* the plan was there and fits */
	bool replaced;                 /* another plan was there, and `fresh` let it go */
	size_t replayed, identical;
	size_t nr_run_now;             /* runs that this call made */
	double took_s;
};

/* Resolve kernels and scenarios, take the directory (-EBUSY when another campaign runs in it). Release in every case. */
int campaign_open(struct campaign *c, const struct campaign_opts *o, struct err *e);
/* Make the plan, or find that the one in the directory is the same. */
int campaign_plan(struct campaign *c, struct err *e);
/* Run what is missing (and with replay, the rest again). 0 also when single runs broke: their outcome is a result. -EINTR when stopped. */
int campaign_run(struct campaign *c, struct err *e);
void campaign_release(struct campaign *c);

/* Files of one side of a plan in run order, from the plan file alone. malloc'ed strings (fs_list_free). */
int campaign_files(const char *dir, char side, char ***files, size_t *nr, struct err *e);
/* Is there a plan in this directory? */
bool campaign_is(const char *dir);
/* An outcome that is the host's trouble (QEMU killed, could not start, wall-time limit), not the kernel's. */
bool campaign_host_trouble(const char *outcome);
/* "1..4,7" to numbers in @mem. */
int campaign_seeds(const char *text, struct arena *mem, uint64_t **seeds, size_t *nr, struct err *e);

#endif
