/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the contents of disks on the host: an empty ext4, a swap header. The same input gives the
 * same bytes. */
#ifndef WMARK_VM_DISK_H
#define WMARK_VM_DISK_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define DISK_BLOCK 4096u

/*
 * Makes an empty ext4 of @bytes in file @image with mke2fs; every call gives the same bytes.
 * Because the host runs mke2fs, the guest needs neither mke2fs with its libraries nor the time to
 * run it.
 */
int disk_make_ext4(const char *image, uint64_t bytes, struct err *e);
/* Appends the blocks of @image that are not zero: DISK_MAGIC, then per block its number (8 bytes
 * LE) and DISK_BLOCK bytes. */
int disk_nonzero_blocks(const char *image, struct buf *out, struct err *e);
#define DISK_MAGIC "WMBLOCKS"
/* Writes such a list of blocks to the disk @fd. -EINVAL: @list is not such a list. */
int disk_put_blocks(int fd, const char *list, size_t len, struct err *e);

/* The first page of a swap area of @bytes (mkswap's version 1 header, include/linux/swap.h union
 * swap_header). */
void disk_swap_header(unsigned char page[DISK_BLOCK], uint64_t bytes);
/* Makes such a swap area in the new file @image. */
int disk_make_swap(const char *image, uint64_t bytes, struct err *e);

#endif
