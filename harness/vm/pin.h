/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gives an exact machine one host CPU, on which QEMU's main loop runs before the thread of the
 * guest. pin.c says why. */
#ifndef WMARK_VM_PIN_H
#define WMARK_VM_PIN_H

#include <sys/types.h>

/*
 * Chooses a host CPU that no other machine of this user has, or a shared one; *cpu -1 = cannot
 * tell. Returns the descriptor that holds it (close it when the machine has ended), or -1 when it
 * is shared.
 */
int vm_pin_choose(int *cpu);
/* Makes this process, and the program it becomes, run on @cpu only, its main thread before its
 * other threads. -1 = changes nothing. */
void vm_pin_self(int cpu);
/* To be called once the guest runs: without the right to SCHED_FIFO only now can the main loop be
 * told from the other threads. */
void vm_pin_main_loop(pid_t qemu);

#endif
