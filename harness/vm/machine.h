/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine that QEMU shall be: its parts, its memory layout, QEMU's command line, and what the
 * guest and its kernel need to know of the machine. */
#ifndef WMARK_VM_MACHINE_H
#define WMARK_VM_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"

#define VM_MAX_NODES 16
#define VM_MAX_CPUS 64

enum vm_swap { VM_SWAP_NONE, VM_SWAP_ZRAM, VM_SWAP_PMEM, VM_SWAP_NULL_BLK, VM_SWAP_VIRTIO };
enum vm_fs { VM_FS_NONE, VM_FS_EXT4_PMEM, VM_FS_EXT4_NULL_BLK, VM_FS_EXT4_VIRTIO, VM_FS_TMPFS };
/* In the order of the enums, ended by NULL: "none" "zram" ...; "none" "ext4-pmem" ... */
extern const char *const vm_swap_names[], *const vm_fs_names[];
enum vm_accel { VM_TCG, VM_KVM };

struct vm_machine {
	bool exact;	     /* -icount, deterministic devices only */
	enum vm_accel accel; /* vm target; exact is always TCG */
	/* CPUs are dealt to the nodes in turn, the first to node 0; a node may have none */
	unsigned nodes, cpus;
	uint64_t mem_bytes; /* memory of all nodes, shared evenly; pmem regions come on top */
	enum vm_swap swap;
	uint64_t swap_bytes;
	enum vm_fs fs;
	uint64_t fs_bytes;
	/* null_blk: completion time of a request; the contents of such a disk take guest memory */
	uint64_t disk_ns;
	const char *cmdline; /* extra kernel parameters, "" = none */
};

/* -EINVAL: no such machine can be made (sizes, swap or fs with the exact target, nodes > 0 ...). */
int vm_machine_check(const struct vm_machine *m, struct err *e);

/* Guest memory, in bytes. */
struct vm_layout {
	uint64_t node_bytes[VM_MAX_NODES]; /* with the pmem regions inside */
	uint64_t total_bytes;
	uint64_t fs_start, fs_bytes; /* pmem region of the file system; bytes 0 = none */
	uint64_t swap_start, swap_bytes;
};
/* -EINVAL: the pmem regions do not fit below 3 GiB or into the machine. */
int vm_layout(struct vm_layout *l, const struct vm_machine *m, struct err *e);

/* Files of one boot. */
struct vm_paths {
	const char *qemu, *image; /* qemu: the program, as argv[0] has it; image: the bzImage */
	const char *work_dir;	  /* holds the four below */
	const char *archive;	  /* the output of the second serial port is appended */
};
#define VM_CONSOLE "console.log" /* what the first serial port wrote */
#define VM_INITRAMFS "initramfs.cpio"
#define VM_FS_IMAGE "fs.img" /* virtio disks */
#define VM_SWAP_IMAGE "swap.img"
/*
 * How an exact machine keeps QEMU's main loop from warping the clock while a CPU that has just
 * halted has not been charged for its last instructions: helper_hlt() sets `halted` without the
 * lock (target/i386/tcg/system/misc_helper.c), and icount_start_warp_timer() looks at it
 * (accel/tcg/icount-common.c). True, with one CPU: QEMU records, to nowhere; the recorder's mutex
 * is held from the first instruction of a slice until it is charged, and by the main loop while it
 * runs (replay/replay-internal.c, replay_mutex_lock()). False: the recorder knows one CPU only, so
 * the guest never halts (idle=poll). Measured with the window widened, bench/perf/race: plain 2 of
 * 3 runs differed, recorded none; a run takes as long, and has the same bytes, as before.
 * idle=poll on one CPU takes twelve times as long.
 */
bool vm_idles(const struct vm_machine *m);
/* QEMU's arguments, from argv[0] on. -EINVAL for a machine that vm_machine_check() refuses. */
int vm_argv(struct strv *argv, const struct vm_machine *m, const struct vm_paths *p, struct err *e);

/* Text of GUEST_CONF (vm/guest.h): KEY VALUE lines. @probe: only boot and power off. */
void vm_guest_conf(struct buf *out, const struct vm_machine *m, bool probe);
/* Modules that the machine needs, in load order; a '?' before a name: the module may be missing. */
void vm_machine_modules(struct strv *names, const struct vm_machine *m);

#endif
