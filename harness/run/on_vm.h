/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The targets exact and vm: builds the test VM that the scenario needs, and takes the archive from
 * its serial port. */
#ifndef WMARK_RUN_ON_VM_H
#define WMARK_RUN_ON_VM_H

#include "run/target.h"

/* The QEMU command line of such a run, for reports. malloc'ed; NULL with @e. */
char *on_vm_command(const struct target *t, const struct run_spec *s, const char *archive,
		    struct err *e);

/* Files in the guest: the scenario, and KEY VALUE lines with what else the driver tells the
 * guest. */
#define ON_VM_SCENARIO "/wmark/scenario.ini"
#define ON_VM_CONF "/wmark/run.conf"

#endif
