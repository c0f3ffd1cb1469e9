/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One host CPU for an exact machine, and on it QEMU's main loop before the thread that runs the
 * guest; why: pin.c. */
#ifndef WMARK_VM_PIN_H
#define WMARK_VM_PIN_H

#include <sys/types.h>

/*
 * *cpu = a host CPU that no other machine of this user has, or a shared one; -1 = cannot tell.
 * Returns the descriptor that holds it (close it when the machine has ended), or -1 when it is
 * shared.
 */
int vm_pin_choose(int *cpu);
/* This process, and what it becomes, runs on @cpu only, its main thread before its others; -1 =
 * leave it as it is. */
void vm_pin_self(int cpu);
/* Once the guest runs: without the right to SCHED_FIFO the main loop is told from the other threads
 * only now. */
void vm_pin_main_loop(pid_t qemu);

#endif
