/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chooses the accelerator of the vm target. */
#ifndef WMARK_CMD_ACCEL_H
#define WMARK_CMD_ACCEL_H

#include "base/err.h"
#include "run/target.h"

/*
 * Settles t->accel: probes KVM with @k when --accel asks for it, and says on standard error when it
 * falls back to TCG. -ENODEV with the reason when `kvm` was demanded and does not work. The other
 * targets have none to settle.
 */
int settle_accel(const struct machine_options *m, const struct vm_kernel *k, struct target *t,
		 struct err *e);

#endif
