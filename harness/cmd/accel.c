/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/accel.h"

#include <errno.h>
#include <stdio.h>

#include "vm/qemu.h"

int settle_accel(const struct machine_options *m, const struct vm_kernel *k, struct target *t,
		 struct err *e)
{
	char why[256];

	if (t->kind != TARGET_VM || m->accel == ACCEL_TCG)
		return 0;
	if (vm_kvm_works(k, why, sizeof(why)))
		t->accel = VM_KVM;
	else if (m->accel == ACCEL_KVM)
		return err_set(e, -ENODEV, "--accel kvm: a probe boot failed: %s", why);
	else
		err_say("KVM does not work here (%s); using TCG", why);
	return 0;
}
