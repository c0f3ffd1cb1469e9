/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The targets exact and vm: what the scenario needs becomes a test VM, and the archive comes out of
 * its serial port. */
#ifndef WMARK_RUN_ON_VM_H
#define WMARK_RUN_ON_VM_H

#include "run/target.h"

/* The QEMU command line of such a run, for reports. malloc'ed; NULL with @e. */
char *on_vm_command(const struct target *t, const struct run_spec *s, const char *archive,
		    struct err *e);

/* What the driver tells the guest beside the scenario: KEY VALUE lines in this file. */
#define ON_VM_SCENARIO "/wmark/scenario.ini"
#define ON_VM_CONF "/wmark/run.conf"

#endif
