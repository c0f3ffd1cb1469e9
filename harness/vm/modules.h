/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Kernel modules of the guest: finds those that are needed, puts them in order, unpacks them. */
#ifndef WMARK_VM_MODULES_H
#define WMARK_VM_MODULES_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/strv.h"
#include "vm/initramfs.h"
#include "vm/kernel.h"

/*
 * Adds the modules @names of @k (names as in vm_machine_modules()) with all that they depend on,
 * decompressed, as /modules/NN-name.ko in load order. Built-in modules are skipped quietly; a
 * missing one is -ENOENT. A kernel without a modules directory is taken to have all of them built
 * in.
 */
int modules_add(struct initramfs *i, const struct vm_kernel *k, const char *const *names, size_t nr,
		struct err *e);

/*
 * Appends the paths, below the modules directory, of @names and of what they need, in load order.
 * @dep and @builtin are the texts of modules.dep and modules.builtin (kmod's depmod writes the
 * first, the kernel build the second).
 */
int modules_order(const char *dep, const char *builtin, const char *const *names, size_t nr,
		  struct strv *paths, struct err *e);
/* Decompresses by file name: .xz, .zst; .ko is copied, anything else is -ENOTSUP. -EIO: damaged. */
int modules_unpack(const char *name, const void *data, size_t len, struct buf *out, struct err *e);
/* "kernel/fs/ext4/ext4.ko.xz" -> "ext4"; dashes become underscores. */
void modules_name(const char *path, char *out, size_t size);

#endif
