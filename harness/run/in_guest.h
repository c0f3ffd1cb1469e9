/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Process 1 of a test VM: boots, runs the one scenario, hands the archive out, powers off. */
#ifndef WMARK_RUN_IN_GUEST_H
#define WMARK_RUN_IN_GUEST_H

/* Does not return: the machine is powered off. */
_Noreturn void in_guest_main(void);

#endif
