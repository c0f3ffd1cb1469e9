/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Test machines: kernel images, the initramfs that carries this very binary as /init, and the QEMU
 * driver of the targets `vm` and `exact` (DESIGN section 6; QEMU lines proven in a run, see the man
 * page). The driver owns nothing but its work directory and the QEMU process it started.
 */
#ifndef WMARK_VM_VM_H
#define WMARK_VM_VM_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* ------------------------------------------------------------ kernels */

struct vm_kernel {
	struct arena mem;
	const char *spec;    /* as the user wrote it */
	const char *image;   /* bzImage */
	const char *modules; /* directory of lib/modules/RELEASE (holds modules.dep or can be given
				one); NULL = none */
	const char *config;  /* kernel configuration text; NULL = not found */
	const char *release; /* from the bzImage header, "6.12.117+deb12-cloud-amd64" */
	const char *banner;  /* the header's whole version string */
	const char *package; /* "linux-image-6.12... 6.12.117-1" from the cache's manifest; NULL =
				not a package */
	uint64_t image_hash; /* FNV-1a 64 of the image file */
};

/*
 * @spec: a version or series of a Debian kernel in the cache ("6.12", "6.12.117"; the newest that
 * begins so), a directory with an unpacked package (boot/vmlinuz-* or usr/lib/modules/V/vmlinuz;
 * its manifest is read if there is one), or a bzImage file, with ":DIR" behind it for its modules
 * directory. @cache NULL = vm_cache_dir()/kernels. An unknown version is -ENOENT with the command
 * that fetches it.
 */
int vm_kernel_find(struct vm_kernel *k, const char *spec, const char *cache, struct err *e);
void vm_kernel_release(struct vm_kernel *k);
/*
 * Directories of the kernels in the cache, oldest version first; each is a @spec for
 * vm_kernel_find(), which may still find it broken. @cache as there; a cache that is missing has
 * none. *specs: free with fs_list_free().
 */
void vm_kernel_list(const char *cache, char ***specs, size_t *nr);
/* $WMARK_CACHE, or $XDG_CACHE_HOME/wmark, or $HOME/.cache/wmark; static string. */
const char *vm_cache_dir(void);
/* Release and banner of a bzImage (boot protocol: Documentation/arch/x86/boot.rst, kernel_version
 * at 0x20e). */
int vm_image_release(const char *image, struct arena *mem, const char **release,
		     const char **banner, struct err *e);

/* ------------------------------------------------------------ machine */

enum vm_swap { VM_SWAP_NONE, VM_SWAP_ZRAM, VM_SWAP_PMEM, VM_SWAP_NULL_BLK, VM_SWAP_VIRTIO };
enum vm_fs { VM_FS_NONE, VM_FS_EXT4_PMEM, VM_FS_EXT4_NULL_BLK, VM_FS_EXT4_VIRTIO, VM_FS_TMPFS };
extern const char *const vm_swap_names[]; /* "none" "zram" "pmem" "null_blk" "virtio", NULL */
extern const char
	*const vm_fs_names[]; /* "none" "ext4-pmem" "ext4-null_blk" "ext4-virtio" "tmpfs", NULL */
enum vm_accel { VM_TCG, VM_KVM };

struct vm_machine {
	bool exact;	     /* -icount, deterministic devices only */
	enum vm_accel accel; /* vm target; exact is always TCG */
	unsigned nodes,
		cpus; /* CPUs are dealt to the nodes in turn: node0 gets 0.., nodes may have none */
	uint64_t mem_bytes; /* all nodes, shared evenly (without pmem regions, which come on top) */
	enum vm_swap swap;
	uint64_t swap_bytes;
	enum vm_fs fs;
	uint64_t fs_bytes;
	uint64_t disk_ns;    /* null_blk: completion time of a request; what such a disk holds takes
				guest memory */
	const char *cmdline; /* extra kernel parameters, "" = none */
};

/* A file for the guest: from the host's @host path (mode as initramfs_file()), or @data. */
struct vm_file {
	const char *guest; /* absolute path in the guest */
	const char *host;
	const void *data;
	size_t len;
	unsigned mode; /* of @data files */
};

struct vm_spec {
	const struct vm_kernel *kernel;
	struct vm_machine machine;
	const struct vm_file *files; /* beside /init and what the machine needs */
	size_t nr_files;
	const char *const *programs; /* host programs to carry with the libraries they need */
	size_t nr_programs;
	const char
		*work_dir; /* initramfs, console, disks; made if missing; the caller removes it */
	/*
	 * File that the guest's second serial port writes. What is there of an older run is removed
	 * by vm_run() right before QEMU is started: a run that could not even be tried leaves it
	 * alone.
	 */
	const char *archive;
	uint64_t limit_ns; /* host wall time for the whole run */
	uint64_t hang_ns;  /* no byte on either port for so long, and QEMU used so much CPU time, or
			      none = hang */
	const volatile sig_atomic_t
		*stop; /* not 0: kill QEMU and end as VM_END_STOPPED, within 0.1 s; NULL = never */
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
extern const char *const vm_end_names[]; /* "ok" "panic" "hang" "limit" "early-exit" "qemu-failed"
					    "killed" "stopped" */

struct vm_outcome {
	enum vm_end end;
	char detail[256];   /* one line: the panic line, the signal, QEMU's own message ... */
	char *console_tail; /* last 40 lines of the console, malloc'ed; never NULL after vm_run() */
	double wall_s, boot_wall_s; /* boot: until the first byte of the archive */
	uint64_t guest_image_hash;  /* FNV-1a 64 of the initramfs file as written: the guest's whole
				       user land and input */
};

/*
 * Boot, wait for the end, classify. 0 whenever QEMU could be started, whatever came of it (see
 * @out); negative when the run could not even be tried (bad machine, missing module, no QEMU).
 * VM_END_OK needs the guest's own "archive finished" mark on the console, not only QEMU's exit.
 */
int vm_run(const struct vm_spec *spec, struct vm_outcome *out, struct err *e);
void vm_outcome_release(struct vm_outcome *out);
/* The QEMU command line of @spec, shell-quoted, for reports. malloc'ed. */
char *vm_command(const struct vm_spec *spec, struct err *e);
/* Check a machine without booting: sizes, swap or fs with the exact target, nodes > 0 ... */
int vm_machine_check(const struct vm_machine *m, struct err *e);

/* QEMU found: path ($WMARK_QEMU, or qemu-system-x86_64 in PATH) and version "10.0.2"; -ENOENT with
 * the advice when missing. */
int vm_qemu(const char **path, const char **version, struct err *e);
/* First line of `qemu --version`, which also tells the distribution's build apart; "" when there is
 * no QEMU. Static. */
const char *vm_qemu_banner(void);
/* True when a probe boot to our init works under KVM within 20 s; @why says what happened. Result
 * kept for this process. */
bool vm_kvm_works(const struct vm_kernel *k, char *why, size_t size);

/* ------------------------------------------------------------ initramfs (newc, written here; no
 * cpio needed) */

struct initramfs;
struct initramfs *initramfs_new(void);
int initramfs_dir(struct initramfs *i, const char *path, unsigned mode,
		  struct err *e); /* parents are made as needed */
int initramfs_data(struct initramfs *i, const char *path, unsigned mode, const void *data,
		   size_t len, struct err *e);
/* The file @host; mode 0755 when its owner may execute it, else 0444. */
int initramfs_file(struct initramfs *i, const char *path, const char *host, struct err *e);
int initramfs_symlink(struct initramfs *i, const char *path, const char *to, struct err *e);
int initramfs_node(struct initramfs *i, const char *path, unsigned mode, unsigned major,
		   unsigned minor, struct err *e);
/* A dynamically linked program with its interpreter and all DT_NEEDED libraries, to the same paths
 * as on the host. */
int initramfs_program(struct initramfs *i, const char *host, struct err *e);
/* Modules by name with all they depend on, decompressed, under /modules/NN-name.ko in load order;
 * built-ins are skipped quietly; a missing one is -ENOENT. */
int initramfs_modules(struct initramfs *i, const struct vm_kernel *k, const char *const *names,
		      size_t nr, struct err *e);
int initramfs_write(struct initramfs *i, const char *path,
		    struct err *e); /* deterministic: same content, same bytes */
void initramfs_free(struct initramfs *i);

#endif
