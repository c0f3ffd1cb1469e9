/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a file is written to, and how: what is no regular file is never replaced by one. */
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

#define LINKS_MAX 40 /* as the kernel's MAXSYMLINKS, include/linux/namei.h */

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	return xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/*
 * The name behind the symbolic links of @path, which need not exist: there the file is made.
 * malloc'ed; NULL = too many links.
 */
static char *follow(const char *path)
{
	char *at = xstrdup(path), to[PATH_MAX];

	for (int i = 0; i < LINKS_MAX; i++) {
		ssize_t n = readlink(at, to, sizeof(to) - 1);
		char *dir, *next;

		if (n < 0)
			return at;
		to[n] = '\0';
		dir = folder_of(at);
		next = *to == '/' ? xstrdup(to) : xasprintf("%s/%s", dir, to);
		free(dir);
		free(at);
		at = next;
	}
	free(at);
	return NULL;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The standard stream that @st is, by /dev/stdout or by its own name; -1 = none. */
static int standard_stream(const struct stat *st)
{
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
		struct stat s;

		if (!fstat(fd, &s) && is_same(st, &s))
			return fd;
	}
	return -1;
}

static int write_into(const char *path, const struct stat *st, const void *data, size_t len)
{
	int fd = standard_stream(st), ret;

	if (fd >= 0) {
		fflush(stdout); /* what was printed before comes before it */
		return fs_write_all(fd, data, len);
	}
	fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = fs_write_all(fd, data, len);
	if (close(fd) < 0 && !ret)
		ret = -errno;
	return ret;
}

/* @mode: of the file that is replaced; 0 = there is none. */
static int replace(const char *path, mode_t mode, const void *data, size_t len)
{
	char *tmp = xasprintf("%s.tmp.%ld", path, (long)getpid());
	int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), ret;

	if (fd < 0) {
		ret = -errno;
		free(tmp);
		return ret;
	}
	ret = fs_write_all(fd, data, len);
	if (!ret && mode && fchmod(fd, mode & 07777) < 0)
		ret = -errno;
	if (!ret && fsync(fd) < 0 && errno != EINVAL && errno != EROFS)
		ret = -errno;
	if (close(fd) < 0 && !ret)
		ret = -errno;
	if (!ret && rename(tmp, path) < 0)
		ret = -errno;
	if (ret)
		unlink(tmp);
	free(tmp);
	return ret;
}

int fs_write(const char *path, const void *data, size_t len, struct err *e)
{
	struct stat st = { .st_mode = 0 };
	bool exists = !stat(path, &st);
	char *target;
	int ret;

	if (exists && S_ISDIR(st.st_mode)) {
		ret = -EISDIR;
	} else if (exists && (!S_ISREG(st.st_mode) || standard_stream(&st) >= 0)) {
		ret = write_into(path, &st, data, len);
	} else {
		target = follow(path);
		ret = target ? replace(target, st.st_mode, data, len) : -ELOOP;
		free(target);
	}
	return ret ? err_sys(e, ret, "%s", path) : 0;
}

char *fs_target(const char *path, struct err *e)
{
	struct stat st;
	char *target;

	if (!stat(path, &st) && (!S_ISREG(st.st_mode) || standard_stream(&st) >= 0)) {
		err_set(e, -EINVAL, "%s: not a regular file", path);
		return NULL;
	}
	target = follow(path);
	if (!target)
		err_sys(e, -ELOOP, "%s", path);
	return target;
}

/* Same folder and name, for files of which at least one does not exist. */
static bool same_place(const char *a, const char *b)
{
	char *dir_a = folder_of(a), *dir_b = folder_of(b);
	const char *name_a = strrchr(a, '/'), *name_b = strrchr(b, '/');
	struct stat sa, sb;
	bool same = !strcmp(name_a ? name_a + 1 : a, name_b ? name_b + 1 : b) &&
		    !stat(dir_a, &sa) && !stat(dir_b, &sb) && is_same(&sa, &sb);

	free(dir_a);
	free(dir_b);
	return same;
}

bool fs_write_same(const char *a, const char *b)
{
	struct stat sa, sb;
	bool is_a = !stat(a, &sa), is_b = !stat(b, &sb), same;
	char *to_a, *to_b;

	if (is_a && is_b)
		return S_ISREG(sa.st_mode) && is_same(&sa, &sb) && standard_stream(&sa) < 0;
	to_a = follow(a);
	to_b = follow(b);
	same = to_a && to_b && same_place(to_a, to_b);
	free(to_a);
	free(to_b);
	return same;
}
