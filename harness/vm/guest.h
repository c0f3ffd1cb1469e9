/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inside of the test machine, where this binary is /init, process 1. guest_boot() mounts, loads
 * modules in order, makes swap and file system. Then run/in_guest.c runs the scenario, and
 * guest_poweroff() ends the machine.
 */
#ifndef WMARK_VM_GUEST_H
#define WMARK_VM_GUEST_H

#include <stdbool.h>

#include "base/err.h"

#define GUEST_CONF \
	"/wmark/guest.conf" /* KEY VALUE lines that the driver writes from struct vm_machine */
#define GUEST_FS_BLOCKS "/wmark/fs.blocks"	  /* nonzero blocks of the new file system */
#define GUEST_FS_DIR "/mnt/test"		  /* the file system under test */
#define GUEST_MARK_DONE "wmark: archive finished" /* without this console line no run is ok */

/* What the guest does before the run that decides numbers; a part of the machine key. */
#define GUEST_SETUP "reserve-dma seed-memory-of-nodes seed-phase-1s"

struct guest {
	int archive_fd; /* second serial port, raw; -1 = none */
	bool has_fs;	/* GUEST_FS_DIR is mounted */
};

bool guest_is_init(void); /* is this process 1, and is there a GUEST_CONF? */
/* Mounts, loads modules, makes file system and swap, opens the archive port; then @g can be
 * used. */
int guest_boot(struct guest *g, struct err *e);
/* Prints one line on the console (fd 1). */
void guest_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Drains the archive port, syncs, powers off (reboots when that fails). Never returns. */
_Noreturn void guest_poweroff(struct guest *g);

#endif
