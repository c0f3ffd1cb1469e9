/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Contents of disks, made on the host: an empty ext4, a swap header. Same input, same bytes. */
#ifndef WMARK_VM_DISK_H
#define WMARK_VM_DISK_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define DISK_BLOCK 4096u

/*
 * Makes an empty ext4 of @bytes in file @image with mke2fs (same bytes on every call). Run on the
 * host: the guest then needs neither mke2fs and its libraries nor the time to run them.
 */
int disk_make_ext4(const char *image, uint64_t bytes, struct err *e);
/* Appends the blocks of @image that are not zero: DISK_MAGIC, then per block its number (8 bytes
 * LE) and DISK_BLOCK bytes. */
int disk_nonzero_blocks(const char *image, struct buf *out, struct err *e);
#define DISK_MAGIC "WMBLOCKS"
/* Writes such a list to the disk @fd. -EINVAL: @list is none. */
int disk_put_blocks(int fd, const char *list, size_t len, struct err *e);

/* The first page of a swap area of @bytes (mkswap's version 1 header, include/linux/swap.h union
 * swap_header). */
void disk_swap_header(unsigned char page[DISK_BLOCK], uint64_t bytes);
/* Such an area in the new file @image. */
int disk_make_swap(const char *image, uint64_t bytes, struct err *e);

#endif
