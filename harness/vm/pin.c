/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One host CPU for an exact machine. Measured with QEMU 10.0.2 without this: 1 of 66 repeated runs of the demo suite differed from
 * its first, from less than a microsecond of guest time on, with the same guest image; its first run had been made beside
 * compilers. The supposed cause, from reading, not shown by a test: icount_start_warp_timer() (accel/tcg/icount-common.c)
 * runs in the main loop and warps the clock once all vCPUs are halted, but a vCPU halts without the lock and before its
 * instructions are accounted (rr_cpu_thread_fn(), accel/tcg/tcg-accel-ops-rr.c). On one CPU the two cannot run at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/alloc.h"
#include "vm/vm_internal.h"

/* The lock of host CPU @cpu among the machines of this user. */
static int lock_cpu(int cpu)
{
	const char *tmp = getenv("TMPDIR");
	char *path = xasprintf("%s/wmark-cpu-%ld-%d", tmp && *tmp ? tmp : "/tmp", (long)getuid(), cpu);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	free(path);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

int vm_pin_choose(int *cpu)
{
	cpu_set_t may;
	int nth, fd;

	*cpu = -1;
	if (sched_getaffinity(0, sizeof(may), &may) < 0)
		return -1;
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &may))
			continue;
		fd = lock_cpu(i);
		if (fd >= 0) {
			*cpu = i;
			return fd;
		}
	}
	/* more machines than CPUs: they share, spread by process number */
	nth = (int)getpid() % CPU_COUNT(&may);
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &may) && nth-- == 0)
			*cpu = i;
	return -1;
}

void vm_pin_self(int cpu)
{
	cpu_set_t one;

	if (cpu < 0)
		return;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}
