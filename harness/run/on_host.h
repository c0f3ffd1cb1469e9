/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The target host: runs on this very machine, protected by guards, each under a new name in the
 * store and with host lines in its archive. */
#ifndef WMARK_RUN_ON_HOST_H
#define WMARK_RUN_ON_HOST_H

#include "run/run.h"
#include "run/target.h"

struct host_run {
	const struct host_conf *conf;
	struct run_spec spec;		   /* what to run; spec.sc NULL = `command` */
	char *const *command;		   /* NULL-terminated argv, sampled as `sample` says */
	const struct sample_cfg *sample;   /* NULL = the scenario's */
	const char *store;		   /* where the archive goes when `out` is NULL */
	const char *out;		   /* archive; NULL = a new one in the store */
	const volatile sig_atomic_t *stop; /* as in struct target_ops */
};

/* Returns 0 with @res and @file (malloc'ed) filled; -EPERM when a guard refuses, -EINVAL for a boot
 * parameter. */
int host_run(const struct host_run *h, struct run_result *res, char **file, struct err *e);

#endif
