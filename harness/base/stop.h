/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The request to stop: SIGINT, SIGTERM and SIGHUP end a run in order, not in the middle of a write.
 */
#ifndef WMARK_BASE_STOP_H
#define WMARK_BASE_STOP_H

#include <signal.h>

/*
 * Installs the handlers (anew at each call) and returns the static flag that they set; 0 until
 * then.
 */
const volatile sig_atomic_t *stop_flag(void);

#endif
