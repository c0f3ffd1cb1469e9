/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole-file helpers and the root prefix through which every /proc and /sys path is read. */
#ifndef WMARK_BASE_FS_H
#define WMARK_BASE_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Opens a file for reading. *bytes (may be NULL): its size, 0 of /proc and /sys files. Returns the
 * descriptor; -EINVAL: a device, FIFO or socket, which may have no end or no writer.
 */
int fs_open_regular(const char *path, uint64_t *bytes, struct err *e);
/* Append the whole file to @out. Works for /proc and /sys files whose st_size is 0; refuses what
 * fs_open_regular() does. */
int fs_read(const char *path, struct buf *out, struct err *e);
/*
 * Writes all of @text to an existing file (sysctl, sysfs) with one write(2), so that the kernel's
 * verdict is the return value.
 */
int fs_poke(const char *path, const char *text, struct err *e);
/*
 * Writes a whole file. A regular one is made or replaced at once (temporary name, fsync, rename;
 * its mode stays), where the symbolic links of @path lead. Into anything else (device, FIFO,
 * terminal, what standard output or error is) it writes, as a shell's > would.
 */
int fs_write(const char *path, const void *data, size_t len, struct err *e);
/* Would fs_write() to both leave only one of them? They need not exist. */
bool fs_write_same(const char *a, const char *b);
/*
 * Where a file is made that grows while it is written: what the symbolic links of @path lead to,
 * malloc'ed. NULL with @e: -EINVAL, something else than a regular file is there, or what standard
 * output or error goes to.
 */
char *fs_target(const char *path, struct err *e);
/*
 * Writes all of @data. Goes on after a short write and EINTR; waits while a terminal or pipe is
 * full. 0 or -errno.
 */
int fs_write_all(int fd, const void *data, size_t len);
int fs_mkdirs(const char *path, struct err *e); /* mkdir -p, mode 0777 & ~umask */
/*
 * rm -rf. A missing path is fine; symbolic links are not followed, other file systems not entered.
 */
int fs_remove_tree(const char *path, struct err *e);
/* Makes a folder NAME-xxxxxx in $TMPDIR or /tmp, mode 0700; malloc'ed path. NULL with errno. */
char *fs_temp_dir(const char *name);
bool fs_exists(const char *path);
bool fs_is_dir(const char *path);

/*
 * --root DIR: @root is the prefix of every absolute /proc, /sys and /dev path. NULL or "" = this
 * machine.
 */
int root_read(const char *root, const char *path, struct buf *out, struct err *e);
bool root_exists(const char *root, const char *path);
/* @path with the prefix, malloc'ed. */
char *root_path(const char *root, const char *path);

/* FNV-1a 64: start from FNV_INIT, feed in any pieces. */
#define FNV_INIT 0xcbf29ce484222325ull
uint64_t fnv1a(uint64_t h, const void *data, size_t len);
/* FNV-1a 64 over a file's bytes. */
int fs_hash(const char *path, uint64_t *hash, struct err *e);

/* Names in @path except . and .., sorted by strcmp; *out is malloc'ed, free with fs_list_free(). */
int fs_list(const char *path, char ***out, size_t *nr, struct err *e);
void fs_list_free(char **names, size_t nr);

/*
 * The path of program @name: @name itself when it has a slash, else the first executable file of
 * that name in PATH (without PATH: /usr/local/bin, /usr/bin, /bin), then in /usr/sbin and /sbin,
 * which an ordinary user's PATH lacks. malloc'ed; NULL = none.
 */
char *fs_find_program(const char *name);

#endif
