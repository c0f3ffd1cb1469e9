/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gives an exact machine one host CPU, on which QEMU's main loop runs before the thread of the
 * guest.
 *
 * Virtual time is the guest thread's count of instructions, but the main loop does two things to
 * it. It warps the clock when all vCPUs are halted (icount_start_warp_timer(),
 * accel/tcg/icount-common.c). And whenever it is awake it runs the timers that are due; re-arming
 * one kicks vCPU 0 out of its slice (qemu_timer_notify_cb(), system/cpu-timers.c). Only the guest's
 * thread wakes the main loop, at a point that the guest decides (all vCPUs idle). As long as the
 * main loop has finished before the guest's thread goes on, a run is a function of its inputs. A
 * main loop that comes late, because others want the CPU, cuts a slice somewhere else. So the main
 * loop has to go first. It gets SCHED_FIFO where that is allowed: it needs microseconds, and the
 * threads that it makes fall back to the normal policy. Elsewhere the guest's thread gets
 * SCHED_BATCH: it does not preempt the thread that wakes it, and is preempted by the threads that
 * it wakes.
 */
#include "vm/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/alloc.h"

/* Locks host CPU @cpu among the machines of this user. */
static int lock_cpu(int cpu)
{
	const char *tmp = getenv("TMPDIR");
	char *path =
		xasprintf("%s/wmark-cpu-%ld-%d", tmp && *tmp ? tmp : "/tmp", (long)getuid(), cpu);
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
	if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK,
			       &(struct sched_param){ .sched_priority = 1 }) < 0)
		sched_setscheduler(0, SCHED_BATCH, &(struct sched_param){ 0 });
}

void vm_pin_main_loop(pid_t qemu)
{
	if (sched_getscheduler(qemu) == SCHED_BATCH)
		sched_setscheduler(qemu, SCHED_OTHER, &(struct sched_param){ 0 });
}
