/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/fs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

int fs_open_regular(const char *path, uint64_t *bytes, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO would wait for a writer */
	struct stat st;
	int ret = 0;

	if (fd < 0)
		return err_sys(e, -errno, "%s", path);
	if (fstat(fd, &st) < 0)
		ret = err_sys(e, -errno, "%s", path);
	else if (S_ISDIR(st.st_mode))
		ret = err_sys(e, -EISDIR, "%s", path);
	else if (!S_ISREG(st.st_mode))
		ret = err_set(e, -EINVAL, "%s: not a regular file", path);
	if (!ret && bytes)
		*bytes = (uint64_t)st.st_size;
	if (ret)
		close(fd);
	return ret ? ret : fd;
}

int fs_read(const char *path, struct buf *out, struct err *e)
{
	int fd = fs_open_regular(path, NULL, e), ret = 0;

	if (fd < 0)
		return fd;
	for (;;) {
		ssize_t n;

		buf_reserve(out, 8192);
		n = read(fd, out->data + out->len, out->cap - out->len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			ret = err_sys(e, -errno, "%s", path);
		if (n <= 0)
			break;
		out->len += (size_t)n;
		out->data[out->len] = '\0';
	}
	close(fd);
	return ret;
}

int fs_poke(const char *path, const char *text, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return err_sys(e, -errno, "%s", path);
	if (write(fd, text, strlen(text)) < 0)
		ret = err_sys(e, -errno, "%s: writing '%s'", path, text);
	close(fd);
	return ret;
}

int fs_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd room = { .fd = fd, .events = POLLOUT };

			poll(&room, 1, 1000);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int fs_mkdirs(const char *path, struct err *e)
{
	char *p = xstrdup(path), *s = p;
	int ret = 0;

	while (s) {
		s = strchr(s + 1, '/');
		if (s)
			*s = '\0';
		if (*p && mkdir(p, 0777) < 0 && errno != EEXIST) {
			ret = err_sys(e, -errno, "%s", p);
			break;
		}
		if (s)
			*s = '/';
	}
	if (!ret && !fs_is_dir(path))
		ret = err_sys(e, -ENOTDIR, "%s", path);
	free(p);
	return ret;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path) < 0 ? -errno : 0;
}

int fs_remove_tree(const char *path, struct err *e)
{
	int ret;

	if (!fs_exists(path))
		return 0;
	ret = nftw(path, remove_one, 32, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	return ret ? err_sys(e, ret < -1 ? ret : -EIO, "%s: removing", path) : 0;
}

bool fs_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

bool fs_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

char *root_path(const char *root, const char *path)
{
	return xasprintf("%s%s", root ? root : "", path);
}

int root_read(const char *root, const char *path, struct buf *out, struct err *e)
{
	char *p = root_path(root, path);
	int ret = fs_read(p, out, e);

	free(p);
	return ret;
}

bool root_exists(const char *root, const char *path)
{
	char *p = root_path(root, path);
	bool yes = access(p, F_OK) == 0;

	free(p);
	return yes;
}

uint64_t fnv1a(uint64_t h, const void *data, size_t len)
{
	const unsigned char *p = data;

	while (len--)
		h = (h ^ *p++) * 0x100000001b3ull;
	return h;
}

int fs_hash(const char *path, uint64_t *hash, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret = 0;
	char block[65536];
	uint64_t h = FNV_INIT;
	ssize_t n;

	if (fd < 0)
		return err_sys(e, -errno, "%s", path);
	while ((n = read(fd, block, sizeof(block))) > 0)
		h = fnv1a(h, block, (size_t)n);
	if (n < 0)
		ret = err_sys(e, -errno, "%s", path);
	close(fd);
	*hash = h;
	return ret;
}

static int name_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int fs_list(const char *path, char ***out, size_t *nr, struct err *e)
{
	size_t cap = 0;
	struct dirent *d;
	DIR *dir = opendir(path);

	*out = NULL;
	*nr = 0;
	if (!dir)
		return err_sys(e, -errno, "%s", path);
	while ((d = readdir(dir))) {
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		ARRAY_GROW(*out, *nr, cap);
		(*out)[(*nr)++] = xstrdup(d->d_name);
	}
	closedir(dir);
	if (*nr)
		qsort(*out, *nr, sizeof(**out), name_cmp);
	return 0;
}

void fs_list_free(char **names, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		free(names[i]);
	free(names);
}

char *fs_find_program(const char *name)
{
	const char *path = getenv("PATH");
	char *list, *save = NULL, *found = NULL;

	if (!*name)
		return NULL;
	if (strchr(name, '/'))
		return access(name, X_OK) == 0 && !fs_is_dir(name) ? xstrdup(name) : NULL;
	list = xasprintf("%s:/usr/sbin:/sbin",
			 path && *path ? path : "/usr/local/bin:/usr/bin:/bin");
	for (char *d = strtok_r(list, ":", &save); d && !found; d = strtok_r(NULL, ":", &save)) {
		struct stat st;

		found = xasprintf("%s/%s", d, name);
		if (access(found, X_OK) < 0 || stat(found, &st) < 0 || !S_ISREG(st.st_mode)) {
			free(found);
			found = NULL;
		}
	}
	free(list);
	return found;
}

char *fs_temp_dir(const char *name)
{
	const char *tmp = getenv("TMPDIR");
	char *path = xasprintf("%s/%s-XXXXXX", tmp && *tmp ? tmp : "/tmp", name);

	if (mkdtemp(path))
		return path;
	free(path);
	return NULL;
}
