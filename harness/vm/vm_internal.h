/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of harness/vm and its tests; nobody else includes it. */
#ifndef WMARK_VM_VM_INTERNAL_H
#define WMARK_VM_VM_INTERNAL_H

#include "base/buf.h"
#include "base/strv.h"
#include "vm/vm.h"

#define MIB (1ull << 20)
#define VM_MAX_NODES 16
#define VM_MAX_CPUS 64

/* ------------------------------------------------------------ machine.c: where memory lies */

struct vm_layout {
	uint64_t node_bytes[VM_MAX_NODES]; /* with the pmem regions inside */
	uint64_t total_bytes;
	uint64_t fs_start, fs_bytes; /* pmem region of the file system; bytes 0 = none */
	uint64_t swap_start, swap_bytes;
};

int vm_layout(struct vm_layout *l, const struct vm_machine *m, struct err *e);
/* QEMU's arguments from argv[0] on; @qemu is argv[0]. */
int vm_argv(struct strv *argv, const struct vm_spec *spec, const char *qemu, struct err *e);
/* guest.conf text. @probe: only boot and power off. */
void vm_guest_conf(struct buf *out, const struct vm_machine *m, bool probe);
/* Modules the machine needs, in load order; a '?' before a name: may be missing. */
void vm_machine_modules(struct strv *names, const struct vm_machine *m);
char *vm_work_path(const struct vm_spec *spec, const char *name); /* malloc'ed */

/* ------------------------------------------------------------ disk.c */

/*
 * Make an empty ext4 of @bytes in file @image with mke2fs (same bytes on every call). Run on the
 * host: the guest then needs neither mke2fs and its libraries nor the time to run them.
 */
int disk_make_ext4(const char *image, uint64_t bytes, struct err *e);
/* The blocks of @image that are not zero: "WMBLOCKS", then per block its number (8 bytes LE) and
 * DISK_BLOCK bytes. */
int disk_nonzero_blocks(const char *image, struct buf *out, struct err *e);
#define DISK_BLOCK 4096u
#define DISK_MAGIC "WMBLOCKS"
/* Write such a list to @fd. */
int disk_put_blocks(int fd, const char *list, size_t len, struct err *e);
/* The first page of a swap area of @bytes (mkswap's version 1 header, include/linux/swap.h union
 * swap_header). */
void disk_swap_header(unsigned char page[DISK_BLOCK], uint64_t bytes);
int disk_make_swap(const char *image, uint64_t bytes, struct err *e);

/* ------------------------------------------------------------ modules.c */

/*
 * Paths below the modules directory of @names and what they need, in load order, from the text of
 * modules.dep and modules.builtin. @names as in vm_machine_modules().
 */
int modules_order(const char *dep, const char *builtin, const char *const *names, size_t nr,
		  struct strv *paths, struct err *e);
/* Decompress by file name: .xz, .zst; anything else is copied. */
int modules_unpack(const char *name, const void *data, size_t len, struct buf *out, struct err *e);
/* "kernel/fs/ext4/ext4.ko.xz" -> "ext4"; dashes become underscores. */
void modules_name(const char *path, char *out, size_t size);

/* ------------------------------------------------------------ elf.c */

struct elf_info {
	struct arena mem;
	const char *interp, *rpath, *runpath; /* NULL = none */
	const char **needed;
	size_t nr_needed;
	unsigned machine;
};

int elf_parse(const void *data, size_t len, struct elf_info *out, struct err *e);
void elf_release(struct elf_info *i);
/* @program's interpreter and every library it needs, as paths of the host, each once. */
int elf_closure(const char *program, struct strv *files, struct err *e);
/* True when the dynamic loader looks into @dir without a cache. */
bool elf_default_dir(const char *dir);

/* ------------------------------------------------------------ kernel.c */

int vm_image_header(const void *data, size_t len, const char *name, struct arena *mem,
		    const char **release, const char **banner, struct err *e);

/* ------------------------------------------------------------ qemu.c */

/* Run @argv with @env added, wait; output of both streams to @out (may be NULL). Exit status, or
 * -errno. */
int vm_run_program(char *const *argv, const char *const *env, struct buf *out, struct err *e);
/* One line about the end of a console text: finds the panic line or the done mark. */
bool vm_console_panic(const char *text, char *line, size_t size);
bool vm_console_done(const char *text);
char *vm_console_tail(const char *text, unsigned lines);
/* Write work_dir/initramfs.cpio; @hash: FNV-1a 64 of that file. */
int vm_initramfs(const struct vm_spec *spec, bool probe, uint64_t *hash, struct err *e);

bool initramfs_has(const struct initramfs *i, const char *path);

/*
 * A host CPU for an exact machine: *cpu = one that no other machine of this user has, or a shared
 * one; -1 = cannot tell. Returns the descriptor that holds it (close it when the machine has
 * ended), or -1 when it is shared.
 */
int vm_pin_choose(int *cpu);
/* This process, and what it becomes, runs on @cpu only, its main thread before its others; -1 =
 * leave it as it is. */
void vm_pin_self(int cpu);
/* Once the guest runs: without the right to SCHED_FIFO the main loop is told from the other threads
 * only now. */
void vm_pin_main_loop(pid_t qemu);

#endif
