/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The initramfs of a test machine: the newc format, programs with their libraries, modes. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "test/temp.h"
#include "vm/initramfs.h"

struct entry {
	const char *name;
	unsigned mode, nlink, ino, rmajor, rminor, mtime;
	const char *data;
	size_t len;
};

static unsigned field(const char *p, unsigned n)
{
	char hex[9];

	memcpy(hex, p + 6 + 8 * n, 8);
	hex[8] = '\0';
	return (unsigned)strtoul(hex, NULL, 16);
}

/* A second reader, written from the kernel's buffer-format document; returns the number of entries
 * before the trailer. */
static size_t read_newc(const struct buf *b, struct entry *out, size_t max)
{
	size_t at = 0, nr = 0;

	for (;;) {
		const char *p = b->data + at;
		size_t namesize, size, data;

		cr_assert_leq(at + 110, b->len, "header within the file");
		cr_assert_eq(memcmp(p, "070701", 6), 0, "magic at %zu", at);
		namesize = field(p, 11);
		size = field(p, 6);
		data = (at + 110 + namesize + 3) & ~(size_t)3;
		cr_assert_leq(data + size, b->len);
		cr_assert_eq(p[110 + namesize - 1], '\0');
		if (!strcmp(p + 110, "TRAILER!!!"))
			return nr;
		cr_assert_lt(nr, max);
		out[nr++] = (struct entry){ p + 110,	 field(p, 1),	 field(p, 4),
					    field(p, 0), field(p, 9),	 field(p, 10),
					    field(p, 5), b->data + data, size };
		at = (data + size + 3) & ~(size_t)3;
	}
}

static void fill(struct initramfs *i, bool backwards)
{
	static const char *const names[] = { "/etc/a", "/etc/b", "/z/deep/er/c" };
	struct err e = ERR_INIT;

	for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
		const char *name = names[backwards ? ARRAY_SIZE(names) - 1 - n : n];

		cr_assert_eq(initramfs_data(i, name, 0640, name, strlen(name), &e), 0, "%s", e.msg);
	}
	cr_assert_eq(initramfs_node(i, "/dev/console", S_IFCHR | 0600, 5, 1, &e), 0);
	cr_assert_eq(initramfs_symlink(i, "/etc/link", "/etc/a", &e), 0);
	cr_assert_eq(initramfs_dir(i, "/etc", 0700, &e), 0,
		     "the mode of a directory made as a parent can be set");
	cr_assert_eq(initramfs_data(i, "/empty", 0600, NULL, 0, &e), 0);
}

Test(vm, newc_round_trip, TEMP_DIR)
{
	static const struct {
		const char *name;
		unsigned mode;
		const char *data;
	} want[] = {
		{ "dev", S_IFDIR | 0755, "" },
		{ "dev/console", S_IFCHR | 0600, "" },
		{ "empty", S_IFREG | 0600, "" },
		{ "etc", S_IFDIR | 0700, "" },
		{ "etc/a", S_IFREG | 0640, "/etc/a" },
		{ "etc/b", S_IFREG | 0640, "/etc/b" },
		{ "etc/link", S_IFLNK | 0777, "/etc/a" },
		{ "z", S_IFDIR | 0755, "" },
		{ "z/deep", S_IFDIR | 0755, "" },
		{ "z/deep/er", S_IFDIR | 0755, "" },
		{ "z/deep/er/c", S_IFREG | 0640, "/z/deep/er/c" },
	};
	struct initramfs *one = initramfs_new(), *two = initramfs_new();
	const char *a = temp_path("a"), *b = temp_path("b");
	struct buf x = BUF_INIT, y = BUF_INIT;
	struct entry got[32];
	struct err e = ERR_INIT;
	size_t nr;

	fill(one, false);
	fill(two, true);
	cr_assert_eq(initramfs_write(one, a, &e), 0, "%s", e.msg);
	cr_assert_eq(initramfs_write(two, b, &e), 0, "%s", e.msg);
	cr_assert_eq(fs_read(a, &x, NULL), 0);
	cr_assert_eq(fs_read(b, &y, NULL), 0);
	cr_assert_eq(x.len, y.len);
	cr_assert_eq(memcmp(x.data, y.data, x.len), 0, "the order of adding does not matter");
	cr_assert_eq(x.len % 512, 0);

	nr = read_newc(&x, got, ARRAY_SIZE(got));
	cr_assert_eq(nr, ARRAY_SIZE(want));
	for (size_t n = 0; n < nr; n++) {
		cr_assert_str_eq(got[n].name, want[n].name);
		cr_assert_eq(got[n].mode, want[n].mode, "%s: mode %o", got[n].name, got[n].mode);
		cr_assert_eq(got[n].len, strlen(want[n].data));
		cr_assert_eq(memcmp(got[n].data, want[n].data, got[n].len), 0);
		cr_assert_eq(got[n].mtime, 0);
		cr_assert_eq(got[n].ino, n + 1,
			     "the kernel takes equal inode numbers for hard links");
	}
	cr_assert_eq(got[1].rmajor, 5);
	cr_assert_eq(got[1].rminor, 1);
	buf_release(&x);
	buf_release(&y);
	initramfs_free(one);
	initramfs_free(two);
}

Test(vm, newc_refuses)
{
	static const char *const bad[] = {
		"", "/", "relative", "/a//b", "/a/./b", "/a/../b", "/a/"
	};
	struct initramfs *i = initramfs_new();
	struct err e = ERR_INIT;

	for (size_t n = 0; n < ARRAY_SIZE(bad); n++)
		cr_assert_eq(initramfs_data(i, bad[n], 0644, "x", 1, &e), -EINVAL, "'%s'", bad[n]);
	cr_assert_eq(initramfs_data(i, "/file", 0644, "x", 1, &e), 0);
	cr_assert_eq(initramfs_data(i, "/file", 0644, "y", 1, &e), -EEXIST);
	cr_assert_not_null(strstr(e.msg, "/file"));
	cr_assert_eq(initramfs_data(i, "/file/below", 0644, "y", 1, &e), -ENOTDIR);
	cr_assert_eq(initramfs_node(i, "/reg", S_IFREG | 0600, 1, 1, &e), -EINVAL);
	cr_assert_eq(initramfs_file(i, "/copy", "/nonexistent/file", &e), -ENOENT);
	cr_assert_eq(initramfs_file(i, "/copy", "/tmp", &e), -EINVAL);
	initramfs_free(i);
}

Test(vm, initramfs_program_has_all, TEMP_DIR)
{
	struct initramfs *i = initramfs_new();
	char *sh = fs_find_program("sh"), *cat = fs_find_program("cat");
	const char *script;
	struct err e = ERR_INIT;

	cr_assert_not_null(sh);
	cr_assert_not_null(cat);
	cr_assert_eq(initramfs_program(i, sh, &e), 0, "%s", e.msg);
	cr_assert_eq(initramfs_program(i, cat, &e), 0, "shared libraries are added once: %s",
		     e.msg);
	script = temp_put("script", "#!/bin/sh\n", 10);
	cr_assert_eq(initramfs_program(i, script, &e), -ENOEXEC);
	cr_assert_not_null(strstr(e.msg, "script"));
	initramfs_free(i);
	free(sh);
	free(cat);
}

/* The umask with which a program was installed is no input of a run. */
Test(vm, modes_of_host_files, TEMP_DIR)
{
	static const struct {
		unsigned host, guest;
	} cases[] = {
		{ 0755, 0755 }, { 0700, 0755 }, { 0775, 0755 }, { 0555, 0755 },	 { 0644, 0444 },
		{ 0600, 0444 }, { 0664, 0444 }, { 0611, 0444 }, { 04755, 0755 },
	};
	struct initramfs *i = initramfs_new();
	const char *host = temp_put("host", "x", 1), *out = temp_path("out.cpio");
	struct buf b = BUF_INIT;
	struct entry got[16];
	struct err e = ERR_INIT;

	for (size_t n = 0; n < ARRAY_SIZE(cases); n++) {
		char path[8];

		snprintf(path, sizeof(path), "/%zu", n);
		cr_assert_eq(chmod(host, cases[n].host), 0);
		cr_assert_eq(initramfs_file(i, path, host, &e), 0, "%s", e.msg);
	}
	cr_assert_eq(initramfs_write(i, out, &e), 0, "%s", e.msg);
	cr_assert_eq(fs_read(out, &b, NULL), 0);
	cr_assert_eq(read_newc(&b, got, ARRAY_SIZE(got)), ARRAY_SIZE(cases));
	for (size_t n = 0; n < ARRAY_SIZE(cases); n++)
		cr_assert_eq(got[n].mode, S_IFREG | cases[n].guest, "%o: %o", cases[n].host,
			     got[n].mode);
	initramfs_free(i);
	buf_release(&b);
}
