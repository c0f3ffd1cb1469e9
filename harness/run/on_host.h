/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs on this very machine: the guards of DESIGN section 9, where the archive goes, its host
 * lines. */
#ifndef WMARK_RUN_ON_HOST_H
#define WMARK_RUN_ON_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/opt.h"
#include "run/knobs.h"
#include "run/run.h"

struct host_cli {
	bool allow_global_pressure;
	const char *fs_dir, *tmp_dir, *journal;
	double psi_limit;
	int64_t d_limit_s;
};

/* clang-format off */
#define HOST_CLI_OPTS(S, f)                                                                                                        \
	OPT_HEAD("This machine (--target host):"),                                                                                 \
	OPT_YES(S, f.allow_global_pressure, "allow-global-pressure", 0, NULL, "put the whole machine under memory pressure"),       \
	OPT_STR(S, f.fs_dir, "fs-dir", 0, NULL, "DIR", "file system to work on"),                                                  \
	OPT_STR(S, f.tmp_dir, "tmp-dir", 0, "/tmp", "DIR", "small files of external tools"),                                       \
	OPT_STR(S, f.journal, "journal", 0, KNOB_JOURNAL, "FILE", "where changed settings are written down first"),                \
	OPT_FLOAT(S, f.psi_limit, "watchdog-psi", 0, "80", 0, 100, "stop the load when memory full avg10 stays above for 5 s; 0 = never"), \
	OPT_INT(S, f.d_limit_s, "watchdog-dstate", 0, "60", 0, 86400, "... or an instance sits in D state for so many seconds; 0 = never")
/* clang-format on */

struct host_run {
	const struct host_cli *cli;
	const struct scenario *sc; /* or */
	char *const *command;
	const struct sample_cfg *sample;
	uint64_t seed;
	const char *lru, *store;
	const struct settings *settings; /* beside the scenario; NULL = none */
	const char *out;		 /* archive; NULL = in the store */
};

/* 0 with @res and @file (malloc'ed) filled; -EPERM when a guard refuses, -EINVAL for a boot
 * parameter. */
int host_run(const struct host_run *h, struct run_result *res, char **file, struct err *e);

#endif
