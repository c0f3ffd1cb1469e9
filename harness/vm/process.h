/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs programs of the host to their end, and finds the installed QEMU. */
#ifndef WMARK_VM_PROCESS_H
#define WMARK_VM_PROCESS_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Runs @argv (argv[0] is its path) with @env added to the environment (NULL = nothing, else ended
 * by NULL), standard input from /dev/null, and waits. The first MiB of both output streams goes to
 * @out (may be NULL). Returns the exit status; 127 = could not be executed; negative: could not be
 * started, or was killed by a signal.
 */
int vm_run_program(char *const *argv, const char *const *env, struct buf *out, struct err *e);

/*
 * The QEMU to use: $WMARK_QEMU, or qemu-system-x86_64 in PATH, and its version "10.0.2"; @path and
 * @version may be NULL. -ENOENT, with advice, when there is no QEMU. The strings are static; QEMU
 * is asked once per process.
 */
int vm_qemu(const char **path, const char **version, struct err *e);
/*
 * -ENOTSUP: exact runs are not exact with this version. 10.2.0 kicks CPUs by the host's clock
 * (accel/tcg/tcg-accel-ops-rr.c; taken back in 10.2.1).
 */
int vm_qemu_exact(const char *version, struct err *e);
/* First line of `qemu --version`, which also tells the distribution's build apart; "" when there is
 * no QEMU. Static. */
const char *vm_qemu_banner(void);

#endif
