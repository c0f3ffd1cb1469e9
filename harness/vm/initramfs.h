/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes the archive format of the kernel's initramfs, "newc", so that no cpio is needed:
 * Documentation/driver-api/early-userspace/buffer-format.rst. Paths are absolute; adding a path
 * twice is -EEXIST, a path with '.', '..' or an empty part is -EINVAL.
 */
#ifndef WMARK_VM_INITRAMFS_H
#define WMARK_VM_INITRAMFS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct initramfs;
struct initramfs *initramfs_new(void);
void initramfs_free(struct initramfs *i); /* NULL is fine */

/* Parents are made as needed; a directory that is there already gets the mode. */
int initramfs_dir(struct initramfs *i, const char *path, unsigned mode, struct err *e);
int initramfs_data(struct initramfs *i, const char *path, unsigned mode, const void *data,
		   size_t len, struct err *e);
/* Adds the host's file @host; mode 0755 when its owner may execute it, else 0444. */
int initramfs_file(struct initramfs *i, const char *path, const char *host, struct err *e);
int initramfs_symlink(struct initramfs *i, const char *path, const char *to, struct err *e);
/* @mode holds S_IFCHR or S_IFBLK. */
int initramfs_node(struct initramfs *i, const char *path, unsigned mode, unsigned major,
		   unsigned minor, struct err *e);
/* Adds a dynamically linked program with its interpreter and all DT_NEEDED libraries, at the same
 * paths as on the host. */
int initramfs_program(struct initramfs *i, const char *host, struct err *e);
bool initramfs_has(const struct initramfs *i, const char *path);

/* Writes the archive. Deterministic: the same content gives the same bytes, whatever the order in
 * which it was added. */
int initramfs_write(struct initramfs *i, const char *path, struct err *e);

#endif
