/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run inside a test VM: what the scenario needs becomes a machine, the archive comes out of its
 * serial port. */
#ifndef WMARK_RUN_ON_VM_H
#define WMARK_RUN_ON_VM_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "scenario/scenario.h"
#include "scenario/settings.h"
#include "vm/vm.h"

struct vmrun_opts {
	const struct scenario *sc;
	const struct vm_kernel *kernel;
	bool exact;
	enum vm_accel accel; /* vm target only */
	uint64_t seed;
	const char *lru;     /* "default", "classic", "mglru" */
	const char *cmdline; /* extra kernel parameters beside the scenario's; "" = none */
	const struct settings *settings;   /* of this side; NULL = none */
	const char *side;		   /* "A", "B" or "" */
	long order;			   /* position in the campaign; -1 = none */
	const char *archive;		   /* file to make */
	uint64_t limit_ns, hang_ns;	   /* 0 = defaults */
	const volatile sig_atomic_t *stop; /* ends the machine, outcome "stopped"; NULL = never */
};

struct vmrun_result {
	char outcome[24]; /* of the guest's run, or panic, hang, limit, early-exit, qemu-failed,
			     killed, stopped */
	char detail[256];
	double wall_s, boot_wall_s;
};

/*
 * 0 when the machine could be started; the archive then exists, holds at least its header, and
 * carries the outcome in its H lines, whatever happened. The file is written under its final name
 * from the moment the machine starts; an older one is gone only then.
 */
int vmrun(const struct vmrun_opts *o, struct vmrun_result *res, struct err *e);
/* The machine that the scenario asks for; text in . */
int vmrun_machine(const struct vmrun_opts *o, struct vm_machine *m, struct arena *mem,
		  struct err *e);
/* "exact-qemu10.0.2-2n2c-384M": the MACHINE folder of the store. */
int vmrun_machine_name(const struct vmrun_opts *o, struct buf *out, struct err *e);
/* Header machine.key of such a run, 16 hex digits. */
int vmrun_machine_key(const struct vmrun_opts *o, char out[17], struct err *e);
/* The QEMU command line, for reports. malloc'ed. */
char *vmrun_command(const struct vmrun_opts *o, struct err *e);

/* What the driver tells the guest beside the scenario: KEY VALUE lines in this file. */
#define VMRUN_SCENARIO "/wmark/scenario.ini"
#define VMRUN_CONF "/wmark/run.conf"

#endif
