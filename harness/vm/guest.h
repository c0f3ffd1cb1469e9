/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the test machine: this binary is /init, process 1. guest_boot() mounts, loads modules in
 * order, makes swap and file system; then run/in_guest.c runs the scenario; guest_poweroff() ends
 * the machine.
 */
#ifndef WMARK_VM_GUEST_H
#define WMARK_VM_GUEST_H

#include <stdbool.h>

#include "base/err.h"

#define GUEST_CONF \
	"/wmark/guest.conf" /* KEY VALUE lines written by the driver from struct vm_machine */
#define GUEST_FS_BLOCKS "/wmark/fs.blocks" /* the new file system: its blocks that are not zero */
#define GUEST_FS_DIR "/mnt/test"	   /* the file system under test */
#define GUEST_MARK_DONE "wmark: archive finished" /* console line that makes a run ok */

struct guest {
	int archive_fd; /* second serial port, raw; -1 = none */
	bool has_fs;	/* GUEST_FS_DIR is mounted */
};

bool guest_is_init(void); /* pid 1 and GUEST_CONF exists */
/* Mounts, modules, file system, swap and the archive port; then @g can be used. */
int guest_boot(struct guest *g, struct err *e);
/* Prints one line on the console (fd 1). */
void guest_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Drains the archive port, sync, power off (reboot when that fails). Never returns. */
_Noreturn void guest_poweroff(struct guest *g);

#endif
