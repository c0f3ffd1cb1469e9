/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The driver of the targets `vm` and `exact`: one boot, from the initramfs that carries this very
 * binary as /init to the words for how the boot ended. The driver owns nothing but its work
 * directory and the QEMU process that it started.
 */
#ifndef WMARK_VM_QEMU_H
#define WMARK_VM_QEMU_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "vm/kernel.h"
#include "vm/machine.h"

/* A file for the guest: from the host's @host path (mode as initramfs_file()), or @data. */
struct vm_file {
	const char *guest; /* absolute path in the guest */
	const char *host;
	const void *data;
	size_t len;
	unsigned mode; /* of files made from @data */
};

struct vm_spec {
	const struct vm_kernel *kernel;
	struct vm_machine machine;
	const struct vm_file *files; /* files beside /init and what the machine needs */
	size_t nr_files;
	const char *const *programs; /* host programs to add, with the libraries they need */
	size_t nr_programs;
	/* initramfs, console, disks; made if missing; the caller removes it */
	const char *work_dir;
	/*
	 * File that the guest's second serial port writes. vm_run() removes the file of an older
	 * run right before it starts QEMU: a run that could not even be tried leaves the file
	 * alone.
	 */
	const char *archive;
	uint64_t limit_ns; /* host wall time for the whole run */
	/* a hang: no byte on either port for so long, while QEMU used so much CPU time, or none */
	uint64_t hang_ns;
	/* not 0: kill QEMU and end as VM_END_STOPPED, within 0.1 s; NULL = never */
	const volatile sig_atomic_t *stop;
};

enum vm_end {
	VM_END_OK,
	VM_END_PANIC,
	VM_END_HANG,
	VM_END_LIMIT,
	VM_END_EARLY,
	VM_END_QEMU,
	VM_END_KILLED,
	VM_END_STOPPED
};
/* In the order of the enum: "ok" "panic" "hang" "limit" "early-exit" "qemu-failed" "killed"
 * "stopped". */
extern const char *const vm_end_names[];

struct vm_outcome {
	enum vm_end end;
	char detail[256];   /* one line: the panic line, the signal, QEMU's own message ... */
	char *console_tail; /* last 40 lines of the console, malloc'ed; never NULL after vm_run() */
	double wall_s, boot_wall_s; /* boot_wall_s: until the first byte of the archive */
	/* FNV-1a 64 of the initramfs file as written: the guest's whole user land and input */
	uint64_t guest_image_hash;
};

/*
 * Boots, waits for the end, classifies it. Returns 0 whenever QEMU could be started, whatever the
 * end (see @out); negative when the run could not even be tried (bad machine, missing module, no
 * QEMU). VM_END_OK needs the guest's own "archive finished" mark on the console, not only QEMU's
 * exit. Release @out in every case.
 */
int vm_run(const struct vm_spec *spec, struct vm_outcome *out, struct err *e);
void vm_outcome_release(struct vm_outcome *out);
/* The QEMU command line of @spec, shell-quoted, for reports. malloc'ed; NULL with @e. */
char *vm_command(const struct vm_spec *spec, struct err *e);
/*
 * Writes work_dir/initramfs.cpio and, for disks, the images beside it; @hash: FNV-1a 64 of
 * initramfs.cpio.
 * @probe: a guest that only boots and powers off.
 */
int vm_initramfs(const struct vm_spec *spec, bool probe, uint64_t *hash, struct err *e);
/* True when a probe boot of @k to wmark's own init works under KVM within 20 s; @why says what
 * happened. The result is kept for the life of this process. */
bool vm_kvm_works(const struct vm_kernel *k, char *why, size_t size);

#endif
