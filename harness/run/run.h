/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run on the machine that this process is on: a host, or the inside of a test VM. It sets the
 * knobs, starts the sampler, forks the instances, goes through the phases set-up, settle, window
 * and drain, writes results and findings, and restores the knobs whatever happens.
 */
#ifndef WMARK_RUN_RUN_H
#define WMARK_RUN_RUN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "archive/archive.h"
#include "archive/outcome.h"
#include "scenario/scenario.h"
#include "scenario/settings.h"

struct run_opts {
	const struct scenario *sc;	 /* NULL: `command` is run and sampled instead */
	char *const *command;		 /* NULL-terminated argv */
	const struct sample_cfg *sample; /* NULL = the scenario's */
	uint64_t seed;
	const char *lru; /* "default", "classic", "mglru" */
	/* applied after the scenario's knobs; boot parameters are only checked; NULL = none */
	const struct settings *settings;
	const char *fs_dir;  /* file system under test; NULL = none */
	const char *tmp_dir; /* small files of external tools */
	bool on_host;	     /* not inside a VM that was built for the scenario */
	const char *journal; /* knob journal; NULL = none (inside a VM) */
	const char *kconfig; /* kernel configuration text; NULL = look in /boot */
	/* further `h` lines: machine.*, run.*, kernel.image_hash ... */
	const struct archive_note *header;
	size_t nr_header;
	/* stop the load when memory full avg10 stays above this for 5 s; 0 = never */
	double watchdog_psi_pct;
	/* stop the load when an instance is in D state for so long; 0 = never */
	unsigned watchdog_d_s;
	const volatile sig_atomic_t *stop; /* set by a signal handler; NULL = never */
};

struct run_result {
	enum run_outcome outcome; /* never one that only the driver of a VM can see */
	char detail[256];
	bool command_ended;
	int command_status; /* its wait status */
	struct archive_write_stats written;
};

/*
 * Returns 0 when the run took place, whatever its outcome (it is in @res and in the archive as `h
 * run.outcome`); -errno when the archive cannot be written or the settings could not be restored.
 */
int run_here(const struct run_opts *o, int archive_fd, struct run_result *res, struct err *e);

#endif
