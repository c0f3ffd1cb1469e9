/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/initramfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/strv.h"
#include "vm/elf.h"

struct entry {
	char *path; /* without the leading slash */
	unsigned mode, major, minor;
	char *data;
	size_t len;
};

struct initramfs {
	struct entry *entries;
	size_t nr, cap;
};

struct initramfs *initramfs_new(void)
{
	return xcalloc(1, sizeof(struct initramfs));
}

void initramfs_free(struct initramfs *i)
{
	if (!i)
		return;
	for (size_t n = 0; n < i->nr; n++) {
		free(i->entries[n].path);
		free(i->entries[n].data);
	}
	free(i->entries);
	free(i);
}

static struct entry *find(const struct initramfs *i, const char *path)
{
	for (size_t n = 0; n < i->nr; n++)
		if (!strcmp(i->entries[n].path, path))
			return &i->entries[n];
	return NULL;
}

bool initramfs_has(const struct initramfs *i, const char *path)
{
	return find(i, path + (*path == '/')) != NULL;
}

/* Checks that @path is absolute, and that no part of it is empty, "." or "..". */
static int check_path(const char *path, struct err *e)
{
	if (path[0] != '/' || !path[1] || strlen(path) >= PATH_MAX)
		return err_set(e, -EINVAL, "initramfs: '%s' is no absolute path", path);
	for (const char *p = path; p; p = strchr(p + 1, '/')) {
		size_t n = strcspn(p + 1, "/");

		if (!n || (n == 1 && p[1] == '.') || (n == 2 && !strncmp(p + 1, "..", 2)))
			return err_set(e, -EINVAL,
				       "initramfs: '%s': empty part, '.' or '..' in a path", path);
	}
	return 0;
}

static int add_parents(struct initramfs *i, const char *path, struct err *e)
{
	char *p = xstrdup(path + 1);
	int ret = 0;

	for (char *s = strchr(p, '/'); s && !ret; s = strchr(s + 1, '/')) {
		struct entry *old;

		*s = '\0';
		old = find(i, p);
		if (!old) {
			ARRAY_GROW(i->entries, i->nr, i->cap);
			i->entries[i->nr++] =
				(struct entry){ .path = xstrdup(p), .mode = S_IFDIR | 0755 };
		} else if (!S_ISDIR(old->mode) &&
			   !S_ISLNK(old->mode)) { /* the kernel follows a link when it unpacks */
			ret = err_set(e, -ENOTDIR, "initramfs: %s: /%s is not a directory", path,
				      p);
		}
		*s = '/';
	}
	free(p);
	return ret;
}

/* Takes @data over. */
static int add(struct initramfs *i, const char *path, struct entry what, struct err *e)
{
	int ret = check_path(path, e);

	if (!ret)
		ret = add_parents(i, path, e);
	if (!ret && find(i, path + 1))
		ret = err_set(e, -EEXIST, "initramfs: %s: added twice", path);
	if (ret) {
		free(what.data);
		return ret;
	}
	what.path = xstrdup(path + 1);
	ARRAY_GROW(i->entries, i->nr, i->cap);
	i->entries[i->nr++] = what;
	return 0;
}

int initramfs_dir(struct initramfs *i, const char *path, unsigned mode, struct err *e)
{
	struct entry *old = *path ? find(i, path + 1) : NULL;

	if (old && S_ISDIR(old->mode)) {
		old->mode = S_IFDIR | (mode & 07777);
		return 0;
	}
	return add(i, path, (struct entry){ .mode = S_IFDIR | (mode & 07777) }, e);
}

int initramfs_data(struct initramfs *i, const char *path, unsigned mode, const void *data,
		   size_t len, struct err *e)
{
	char *copy = xmalloc(len ? len : 1);

	if (len)
		memcpy(copy, data, len);
	return add(i, path,
		   (struct entry){ .mode = S_IFREG | (mode & 07777), .data = copy, .len = len }, e);
}

int initramfs_file(struct initramfs *i, const char *path, const char *host, struct err *e)
{
	struct buf b = BUF_INIT;
	struct stat st;
	int ret;

	if (stat(host, &st) < 0)
		return err_sys(e, -errno, "%s", host);
	if (!S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "%s: not a regular file", host);
	ret = fs_read(host, &b, e);
	/* the mode is not copied: else the umask under which the host installed the file would be
	 * an input of the run */
	if (!ret)
		ret = initramfs_data(i, path, st.st_mode & S_IXUSR ? 0755 : 0444, b.data, b.len, e);
	buf_release(&b);
	return ret;
}

int initramfs_symlink(struct initramfs *i, const char *path, const char *to, struct err *e)
{
	return add(i, path,
		   (struct entry){ .mode = S_IFLNK | 0777, .data = xstrdup(to), .len = strlen(to) },
		   e);
}

int initramfs_node(struct initramfs *i, const char *path, unsigned mode, unsigned major,
		   unsigned minor, struct err *e)
{
	unsigned type = mode & S_IFMT;

	if (type != S_IFCHR && type != S_IFBLK)
		return err_set(e, -EINVAL, "initramfs: %s: a node is S_IFCHR or S_IFBLK", path);
	return add(i, path, (struct entry){ .mode = mode, .major = major, .minor = minor }, e);
}

/* @path with the links in its directory resolved; a link in its last part is kept (libc.so.6 must
 * keep that name). */
static void real_dir(const char *path, char *out, size_t size)
{
	const char *base = strrchr(path, '/');
	char *dir = base ? xstrndup(path, (size_t)(base - path) + 1) : xstrdup("."),
	     *real = realpath(dir, NULL);

	snprintf(out, size, "%s/%s", real && strcmp(real, "/") ? real : "", base ? base + 1 : path);
	free(real);
	free(dir);
}

/* Makes /bin, /lib ... links into /usr where the host has such links, so that every spelling of a
 * path works. */
static int add_usr_links(struct initramfs *i, struct err *e)
{
	static const char *const dirs[] = { "/bin", "/sbin", "/lib", "/lib64" };
	int ret = 0;

	for (size_t n = 0; n < ARRAY_SIZE(dirs) && !ret; n++) {
		char to[PATH_MAX];
		ssize_t len = readlink(dirs[n], to, sizeof(to) - 1);

		if (len <= 0 || initramfs_has(i, dirs[n]))
			continue;
		to[len] = '\0';
		ret = initramfs_symlink(i, dirs[n], to, e);
	}
	return ret;
}

int initramfs_program(struct initramfs *i, const char *host, struct err *e)
{
	struct strv files = STRV_INIT;
	int ret = elf_closure(host, &files, e);

	if (!ret)
		ret = add_usr_links(i, e);
	for (size_t n = 0; !ret && n < files.nr; n++) {
		char path[PATH_MAX], dir[PATH_MAX], link[PATH_MAX + 64];
		const char *base;

		real_dir(files.v[n], path, sizeof(path));
		base = strrchr(path, '/');
		if (!initramfs_has(i, path))
			ret = initramfs_file(i, path, files.v[n], e);
		snprintf(dir, sizeof(dir), "%.*s", (int)(base - path), path);
		/* The guest has no ld.so.cache: a library from a directory of ld.so.conf needs a
		 * name where the loader looks by default. files.v[0] is the program itself. */
		snprintf(link, sizeof(link), "/usr/lib%s", base);
		if (!ret && n > 0 && strstr(base, ".so") && !elf_default_dir(dir) &&
		    !initramfs_has(i, link))
			ret = initramfs_symlink(i, link, path, e);
	}
	strv_release(&files);
	return ret ? err_wrap(e, ret, "initramfs: program %s", host) : 0;
}

static int entry_cmp(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static void pad4(struct buf *b)
{
	while (b->len & 3)
		buf_addc(b, '\0');
}

static void write_entry(struct buf *b, const struct entry *n, unsigned ino)
{
	/* magic ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor
	 * namesize check */
	buf_addf(b, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", ino, n->mode, 0u,
		 0u, S_ISDIR(n->mode) ? 2u : 1u, 0u, (unsigned)n->len, 0u, 0u, n->major, n->minor,
		 (unsigned)strlen(n->path) + 1, 0u);
	buf_add(b, n->path, strlen(n->path) + 1);
	pad4(b);
	if (n->len)
		buf_add(b, n->data, n->len);
	pad4(b);
}

int initramfs_write(struct initramfs *i, const char *path, struct err *e)
{
	struct entry trailer = { .path = (char *)"TRAILER!!!" };
	struct buf b = BUF_INIT;
	int ret = 0;

	/* sorting puts parents before children, and makes the same content give the same bytes */
	if (i->nr)
		qsort(i->entries, i->nr, sizeof(*i->entries), entry_cmp);
	for (size_t n = 0; n < i->nr && !ret; n++) {
		if (i->entries[n].len > UINT32_MAX)
			ret = err_set(e, -EFBIG, "initramfs: /%s: 4 GiB or more",
				      i->entries[n].path);
		else
			write_entry(&b, &i->entries[n], (unsigned)n + 1);
	}
	if (!ret) {
		write_entry(&b, &trailer, 0);
		while (b.len & 511)
			buf_addc(&b, '\0');
		ret = fs_write(path, b.data, b.len, e);
	}
	buf_release(&b);
	return ret;
}
