/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What harness/vm reads: modules.dep, packed modules, bzImage and ELF headers, kernel trees, disk
 * images. */
#include <criterion/criterion.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/rng.h"
#include "base/units.h"
#include "test/temp.h"
#include "vm/disk.h"
#include "vm/elf.h"
#include "vm/initramfs.h"
#include "vm/kernel.h"
#include "vm/modules.h"
#include "vm/process.h"

/* ------------------------------------------------------------ modules */

static const char dep_text[] =
	"kernel/drivers/block/zram/zram.ko.xz: kernel/mm/zsmalloc.ko.xz kernel/lib/lz4/lz4_compress.ko.xz\n"
	"kernel/mm/zsmalloc.ko.xz:\n"
	"kernel/lib/lz4/lz4_compress.ko.xz:\n"
	"kernel/fs/ext4/ext4.ko.xz: kernel/lib/crc16.ko.xz kernel/fs/mbcache.ko.xz kernel/fs/jbd2/jbd2.ko.xz\n"
	"kernel/lib/crc16.ko.xz:\nkernel/fs/mbcache.ko.xz:\nkernel/fs/jbd2/jbd2.ko.xz:\n"
	"kernel/arch/x86/crypto/crc32c-intel.ko.xz:\n"
	"kernel/bad/escape.ko: ../../etc/passwd\n"
	"kernel/bad/nocolon.ko\n";

Test(vm_parse, modules_order)
{
	static const char *const names[] = { "zram",	 "?absent", "crc32c_intel",
					     "configfs", "ext4",    "zsmalloc" };
	static const char *const want[] = {
		"kernel/lib/lz4/lz4_compress.ko.xz",
		"kernel/mm/zsmalloc.ko.xz",
		"kernel/drivers/block/zram/zram.ko.xz",
		"kernel/arch/x86/crypto/crc32c-intel.ko.xz",
		"kernel/fs/jbd2/jbd2.ko.xz",
		"kernel/fs/mbcache.ko.xz",
		"kernel/lib/crc16.ko.xz",
		"kernel/fs/ext4/ext4.ko.xz",
	};
	const char *one;
	struct strv paths = STRV_INIT;
	struct err e = ERR_INIT;

	cr_assert_eq(modules_order(dep_text, "kernel/fs/configfs/configfs.ko\n", names,
				   ARRAY_SIZE(names), &paths, &e),
		     0, "%s", e.msg);
	cr_assert_eq(paths.nr, ARRAY_SIZE(want));
	for (size_t i = 0; i < paths.nr; i++)
		cr_assert_str_eq(paths.v[i], want[i]);
	strv_release(&paths);

	one = "null_blk";
	cr_assert_eq(modules_order(dep_text, "", &one, 1, &paths, &e), -ENOENT);
	cr_assert_not_null(strstr(e.msg, "null_blk"));
	one = "escape";
	cr_assert_eq(modules_order(dep_text, "", &one, 1, &paths, &e), -EINVAL);
	one = "nocolon";
	cr_assert_eq(modules_order(dep_text, "", &one, 1, &paths, &e), -EINVAL);
	one = "x";
	cr_assert_eq(modules_order("", "", &one, 1, &paths, &e), -ENOENT);
	cr_assert_eq(modules_order("\n\n:\n : \n", "\n", &one, 1, &paths, &e), -ENOENT);
	strv_release(&paths);
}

static void pack_xz(const void *data, size_t len, struct buf *out)
{
	size_t pos = 0;

	buf_reserve(out, lzma_stream_buffer_bound(len));
	cr_assert_eq(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, data, len,
					     (uint8_t *)out->data, &pos,
					     lzma_stream_buffer_bound(len)),
		     LZMA_OK);
	out->len = pos;
}

static void pack_zst(const void *data, size_t len, struct buf *out)
{
	buf_reserve(out, ZSTD_compressBound(len));
	out->len = ZSTD_compress(out->data, ZSTD_compressBound(len), data, len, 1);
	cr_assert_not(ZSTD_isError(out->len));
}

Test(vm_parse, unpack)
{
	size_t len = 700000; /* more than two output blocks */
	unsigned char *data = xmalloc(len);
	struct buf xz = BUF_INIT, zst = BUF_INIT, out = BUF_INIT;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < len; i++)
		data[i] = (unsigned char)(i * i >> 7);
	pack_xz(data, len, &xz);
	pack_zst(data, len, &zst);
	cr_assert_eq(modules_unpack("a.ko.xz", xz.data, xz.len, &out, &e), 0, "%s", e.msg);
	cr_assert(out.len == len && !memcmp(out.data, data, len));
	buf_reset(&out);
	cr_assert_eq(modules_unpack("a.ko.zst", zst.data, zst.len, &out, &e), 0, "%s", e.msg);
	cr_assert(out.len == len && !memcmp(out.data, data, len));
	buf_reset(&out);
	cr_assert_eq(modules_unpack("a.ko", data, len, &out, &e), 0);
	cr_assert(out.len == len && !memcmp(out.data, data, len));
	cr_assert_eq(modules_unpack("a.ko.gz", data, len, &out, &e), -ENOTSUP);
	for (size_t cut = 0; cut < 200; cut += 7) {
		buf_reset(&out);
		cr_assert_eq(modules_unpack("a.ko.xz", xz.data, cut, &out, &e), -EIO,
			     "xz cut at %zu", cut);
		buf_reset(&out);
		cr_assert_eq(modules_unpack("a.ko.zst", zst.data, cut, &out, &e), -EIO,
			     "zst cut at %zu", cut);
	}
	cr_assert_eq(modules_unpack("a.ko.xz", xz.data, xz.len - 1, &out, &e), -EIO);
	cr_assert_eq(modules_unpack("a.ko.zst", zst.data, zst.len - 1, &out, &e), -EIO);
	xz.data[xz.len / 2] ^= 1;
	cr_assert_eq(modules_unpack("a.ko.xz", xz.data, xz.len, &out, &e), -EIO);
	buf_release(&xz);
	buf_release(&zst);
	buf_release(&out);
	free(data);
}

Test(vm_parse, modules_into_initramfs, TEMP_DIR)
{
	static const char module[] = "\177ELF module body\0\0\0\0\0\0\0\0\0\0\0\4SIGN";
	struct initramfs *i = initramfs_new();
	struct vm_kernel k = { .release = "1.0" };
	const char *const names[] = { "zram", "configfs" };
	struct buf packed = BUF_INIT, cpio = BUF_INIT, plain = BUF_INIT;
	const char *file = temp_path("out.cpio"), *modules = temp_path("m");
	struct err e = ERR_INIT;

	k.modules = modules;
	fs_mkdirs(modules, NULL);
	cr_assert_eq(modules_add(i, &k, names, 2, &e), -ENOENT);
	cr_assert_not_null(strstr(e.msg, "depmod"), "%s", e.msg);
	/* body, signature of 4 bytes, its descriptor, the marker */
	buf_add(&plain, "BODY", 4);
	buf_add(&plain, "SIGN\0\0\0\0\0\0\0\0\0\0\0\4~Module signature appended~\n", 4 + 12 + 28);
	pack_xz(plain.data, plain.len, &packed);
	temp_put("m/modules.dep", dep_text, strlen(dep_text));
	temp_put("m/modules.builtin", "kernel/fs/configfs/configfs.ko\n", 31);
	temp_put("m/kernel/drivers/block/zram/zram.ko.xz", packed.data, packed.len);
	buf_reset(&packed);
	pack_xz(module, sizeof(module), &packed);
	temp_put("m/kernel/mm/zsmalloc.ko.xz", packed.data, packed.len);
	temp_put("m/kernel/lib/lz4/lz4_compress.ko.xz", packed.data, packed.len);
	cr_assert_eq(modules_add(i, &k, names, 2, &e), 0, "%s", e.msg);
	cr_assert(initramfs_has(i, "/modules/00-lz4_compress.ko") &&
		  initramfs_has(i, "/modules/01-zsmalloc.ko"));
	cr_assert(initramfs_has(i, "/modules/02-zram.ko") &&
		  !initramfs_has(i, "/modules/03-configfs.ko"));
	cr_assert_eq(initramfs_write(i, file, &e), 0);
	cr_assert_eq(fs_read(file, &cpio, &e), 0);
	cr_assert_not_null(memmem(cpio.data, cpio.len, module, sizeof(module)));
	cr_assert_not_null(memmem(cpio.data, cpio.len, "BODY", 4));
	cr_assert_null(memmem(cpio.data, cpio.len, "BODYSIGN", 8), "the signature is cut off");
	initramfs_free(i);
	i = initramfs_new();
	k.modules = NULL;
	cr_assert_eq(modules_add(i, &k, names, 2, &e), 0, "no modules: all built in");
	initramfs_free(i);
	buf_release(&packed);
	buf_release(&plain);
	buf_release(&cpio);
}

/* ------------------------------------------------------------ bzImage */

static size_t fake_image(unsigned char *p, size_t size, const char *version)
{
	memset(p, 0, size);
	memcpy(p + 0x202, "HdrS\x0f\x02", 6);
	p[0x20e] = 0x00;
	p[0x20f] = 0x01; /* 0x100, plus 0x200 */
	memcpy(p + 0x300, version, strlen(version));
	return 0x300 + strlen(version) + 1;
}

Test(vm_parse, image_header)
{
	const char *release, *banner;
	struct arena mem = ARENA_INIT;
	struct err e = ERR_INIT;
	unsigned char p[1024];
	size_t len = fake_image(p, sizeof(p), "6.12.1-x (me@host) #1 SMP");
	struct rng r;

	cr_assert_eq(vm_image_header(p, len, "k", &mem, &release, &banner, &e), 0, "%s", e.msg);
	cr_assert_str_eq(release, "6.12.1-x");
	cr_assert_str_eq(banner, "6.12.1-x (me@host) #1 SMP");
	for (size_t cut = 0; cut < len; cut++)
		cr_assert_eq(vm_image_header(p, cut, "k", &mem, &release, &banner, &e), -ENOEXEC,
			     "cut at %zu", cut);
	r = rng_make(1, 0);
	for (int n = 0; n < 20000; n++) {
		unsigned char q[1024];

		memcpy(q, p, sizeof(q));
		for (int k = 0; k < 8; k++)
			q[0x200 + rng_next(&r) % 0x140] = (unsigned char)rng_next(&r);
		if (!vm_image_header(q, len, "k", &mem, &release, &banner, &e))
			cr_assert_lt(strlen(release), len);
	}
	p[0x304] = '\001';
	cr_assert_eq(vm_image_header(p, len, "k", &mem, &release, &banner, &e), -ENOEXEC,
		     "no control characters");
	arena_release(&mem);
	cr_assert_eq(vm_image_release("/nonexistent", &mem, &release, &banner, &e), -ENOENT);
	cr_assert_eq(vm_image_release("/dev/null", &mem, &release, &banner, &e), -ENOEXEC);
}

/* ------------------------------------------------------------ ELF */

Test(vm_parse, elf_garbage)
{
	char *program = fs_find_program("ls");
	struct buf b = BUF_INIT;
	struct elf_info info;
	struct rng r;

	cr_assert_not_null(program);
	cr_assert_eq(fs_read(program, &b, NULL), 0);
	cr_assert_eq(elf_parse(b.data, b.len, &info, NULL), 0);
	cr_assert_not_null(info.interp);
	cr_assert_geq(info.nr_needed, 1);
	elf_release(&info);
	/* cut off anywhere: an error or a shorter list, never a crash */
	for (size_t cut = 0; cut < b.len; cut += cut < 8192 ? 1 : 997) {
		/* its own size, so that a sanitizer sees a byte too far */
		char *copy = xmalloc(cut ? cut : 1);

		memcpy(copy, b.data, cut);
		elf_parse(copy, cut, &info, NULL);
		elf_release(&info);
		free(copy);
	}
	r = rng_make(2, 0);
	for (int n = 0; n < 5000; n++) {
		size_t at[6];
		char old[6];

		for (int k = 0; k < 6; k++) {
			at[k] = rng_next(&r) % (k < 4 ? 1024 : b.len);
			old[k] = b.data[at[k]];
			b.data[at[k]] = (char)rng_next(&r);
		}
		elf_parse(b.data, b.len, &info, NULL);
		elf_release(&info);
		for (int k = 6; k-- > 0;)
			b.data[at[k]] = old[k];
	}
	cr_assert_eq(elf_parse("#!/bin/sh\n", 10, &info, NULL), -ENOEXEC);
	cr_assert_eq(elf_parse("", 0, &info, NULL), -ENOEXEC);
	buf_release(&b);
	free(program);
}

static bool has_library(const struct strv *files, const char *base)
{
	for (size_t i = 1; i < files->nr; i++) {
		const char *slash = strrchr(files->v[i], '/');

		if (!strcmp(slash ? slash + 1 : files->v[i], base))
			return true;
	}
	return false;
}

Test(vm_parse, elf_closure_is_what_ldd_says)
{
	static const char *const programs[] = { "ls", "sh", "mke2fs", "gcc" };
	char *ldd = fs_find_program("ldd");
	struct err e = ERR_INIT;

	if (!ldd)
		cr_skip_test("no ldd");
	for (size_t n = 0; n < ARRAY_SIZE(programs); n++) {
		char *program = fs_find_program(programs[n]), *save = NULL;
		struct strv files = STRV_INIT;
		struct buf out = BUF_INIT;
		size_t libraries = 0;

		if (!program)
			continue;
		cr_assert_eq(elf_closure(program, &files, &e), 0, "%s", e.msg);
		cr_assert_eq(vm_run_program((char *[]){ ldd, program, NULL }, NULL, &out, &e), 0,
			     "%s", out.data);
		for (char *l = strtok_r(out.data, "\n", &save); l;
		     l = strtok_r(NULL, "\n", &save)) {
			char *path = strchr(l, '/'), *base;

			if (!path)
				continue; /* linux-vdso */
			path[strcspn(path, " ")] = '\0';
			base = strrchr(path, '/') + 1;
			cr_assert(has_library(&files, base), "%s needs %s", program, base);
			libraries++;
		}
		cr_assert_geq(libraries, 1);
		cr_assert_eq(files.nr, libraries + 1, "%s: nothing more than ldd's list", program);
		strv_release(&files);
		buf_release(&out);
		free(program);
	}
	free(ldd);
}

/* ------------------------------------------------------------ kernels */

static void put_kernel(const char *name, const char *release, bool complete)
{
	static const char manifest[] = "# x\npackage linux-image-x 1.2-3 0123\n"
				       "package linux-modules-x 1.2-3 4567\n";
	unsigned char image[1024];
	char path[128], version[64];
	size_t len;

	snprintf(version, sizeof(version), "%s (x) #1", release);
	len = fake_image(image, sizeof(image), version);
	snprintf(path, sizeof(path), "%s/boot/vmlinuz-%s", name, release);
	temp_put(path, image, len);
	snprintf(path, sizeof(path), "%s/boot/config-%s", name, release);
	temp_put(path, "CONFIG_X=y\n", 11);
	snprintf(path, sizeof(path), "%s/lib/modules/%s/modules.dep", name, release);
	temp_put(path, "", 0);
	snprintf(path, sizeof(path), "%s/manifest", name);
	if (complete)
		temp_put(path, manifest, strlen(manifest));
}

Test(vm_parse, kernel_find_in_cache, TEMP_DIR)
{
	static const struct {
		const char *spec, *release;
	} cases[] = {
		{ "6.1", "6.1.0-56-x" },
		{ "6.12", "6.12.117+deb" },
		{ "6.12.95", "6.12.95+deb" },
		{ "6.12.117-1", "6.12.117+deb" },
		{ "6.12.95+deb", "6.12.95+deb" },
		{ "6.12~deb12", "6.12.96+deb12" },
		{ "6.12.94~deb12", "6.12.94+deb12" },
		{ "6.12~deb1", NULL },
		{ "6.12~deb", NULL },
		{ "6.12~deb13", NULL },
		{ "6.1~deb12", NULL },
		{ "5.10", NULL },
		{ "6", "6.12.117+deb" },
		{ "6.12.9", NULL },
		{ "6.12.118", NULL },
		{ "7.3", NULL },
		{ "", NULL },
	};

	put_kernel("6.1.192-2-cloud-amd64", "6.1.0-56-x", true);
	put_kernel("6.12.95-1-cloud-amd64", "6.12.95+deb", true);
	put_kernel("6.12.117-1-cloud-amd64", "6.12.117+deb", true);
	put_kernel("6.12.94-1~bpo12+1-cloud-amd64", "6.12.94+deb12", true);
	put_kernel("6.12.96-1~deb12u1-cloud-amd64", "6.12.96+deb12", true);
	put_kernel("7.3.4-1-cloud-amd64", "7.3.4", false);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vm_kernel k;
		struct err e = ERR_INIT;
		int ret = vm_kernel_find(&k, cases[i].spec, temp_dir, &e);

		if (!cases[i].release) {
			cr_assert_lt(ret, 0, "'%s'", cases[i].spec);
			cr_assert(!*cases[i].spec || strstr(e.msg, "ci/kernels.sh fetch"), "%s",
				  e.msg);
			continue;
		}
		cr_assert_eq(ret, 0, "%s: %s", cases[i].spec, e.msg);
		cr_assert_str_eq(k.release, cases[i].release);
		cr_assert_str_eq(k.package, "linux-image-x 1.2-3");
		cr_assert_not_null(k.modules);
		cr_assert_not_null(k.config);
		cr_assert_not_null(strstr(k.modules, k.release));
		cr_assert_neq(k.image_hash, 0);
		vm_kernel_release(&k);
	}
}

Test(vm_parse, kernel_list, TEMP_DIR)
{
	static const char *const want[] = { "5.10.3-1-cloud-amd64", "6.12.9-1-cloud-amd64",
					    "6.12.10-1-cloud-amd64" };
	char **specs;
	size_t nr;

	put_kernel("6.12.10-1-cloud-amd64", "6.12.10+deb", true);
	put_kernel("6.12.9-1-cloud-amd64", "6.12.9+deb", true);
	put_kernel("5.10.3-1-cloud-amd64", "5.10.3", true);
	put_kernel("7.3.4-1-cloud-amd64", "7.3.4", false); /* half unpacked */
	put_kernel(".new", "7.3.5", true);
	temp_put("a-file", "x", 1);
	vm_kernel_list(temp_dir, &specs, &nr);
	cr_assert_eq(nr, ARRAY_SIZE(want));
	for (size_t i = 0; i < nr; i++) {
		struct vm_kernel k;
		struct err e = ERR_INIT;

		cr_assert_str_eq(strrchr(specs[i], '/') + 1, want[i]);
		cr_assert_eq(vm_kernel_find(&k, specs[i], NULL, &e), 0, "%s", e.msg);
		cr_assert_str_eq(k.package, "linux-image-x 1.2-3", "by path as by version");
		vm_kernel_release(&k);
	}
	fs_list_free(specs, nr);
	vm_kernel_list(temp_path("none"), &specs, &nr);
	cr_assert_eq(nr, 0);
	fs_list_free(specs, nr);
}

Test(vm_parse, kernel_find_by_path, TEMP_DIR)
{
	unsigned char image[1024];
	size_t len = fake_image(image, sizeof(image), "7.3.4-own (x) #1");
	struct vm_kernel k;
	struct err e = ERR_INIT;
	const char *spec;

	put_kernel("pkg", "6.12.1", false);
	temp_put("new/usr/lib/modules/7.3.4-own/vmlinuz", image, len);
	temp_put("new/usr/lib/modules/7.3.4-own/config", "", 0);
	temp_put("tree/arch/x86/boot/bzImage", image, len);
	temp_put("tree/.config", "", 0);
	temp_put("junk", "junk", 4);

	spec = temp_path("pkg");
	cr_assert_eq(vm_kernel_find(&k, spec, NULL, &e), 0, "%s", e.msg);
	cr_assert_str_eq(k.release, "6.12.1");
	cr_assert_not_null(k.modules);
	cr_assert_null(k.package);
	vm_kernel_release(&k);

	spec = temp_path("new");
	cr_assert_eq(vm_kernel_find(&k, spec, NULL, &e), 0, "%s", e.msg);
	cr_assert_str_eq(k.release, "7.3.4-own");
	cr_assert_not_null(k.modules);
	cr_assert_not_null(k.config);
	vm_kernel_release(&k);

	spec = temp_path("tree");
	cr_assert_eq(vm_kernel_find(&k, spec, NULL, &e), 0, "%s", e.msg);
	cr_assert_null(k.modules);
	cr_assert_not_null(k.config);
	vm_kernel_release(&k);

	spec = temp_path("tree/arch/x86/boot/bzImage:%s/new", temp_dir);
	cr_assert_eq(vm_kernel_find(&k, spec, NULL, &e), 0, "%s", e.msg);
	cr_assert_not_null(strstr(k.modules, "new/usr/lib/modules/7.3.4-own"));
	vm_kernel_release(&k);

	spec = temp_path("junk");
	cr_assert_eq(vm_kernel_find(&k, spec, NULL, &e), -ENOEXEC);
	spec = temp_path("tree/arch/x86/boot/bzImage:/nonexistent");
	cr_assert_eq(vm_kernel_find(&k, spec, NULL, &e), -ENOTDIR);
	cr_assert_eq(vm_kernel_find(&k, "/nonexistent/vmlinuz", NULL, &e), -ENOENT);
	cr_assert_eq(vm_kernel_find(&k, temp_dir, NULL, &e), -ENOENT);
}

/* ------------------------------------------------------------ disks */

Test(vm_parse, ext4_image, TEMP_DIR)
{
	const char *a = temp_path("a.img"), *b = temp_path("b.img"), *copy = temp_path("copy.img");
	char *mke2fs = fs_find_program("mke2fs");
	struct buf one = BUF_INIT, two = BUF_INIT;
	uint64_t hash_a, hash_copy;
	struct err e = ERR_INIT;
	int fd;

	if (!mke2fs)
		cr_skip_test("no mke2fs");
	free(mke2fs);
	cr_assert_eq(disk_make_ext4(a, 64 * MIB, &e), 0, "%s", e.msg);
	usleep(1100000); /* another second on the clock */
	cr_assert_eq(disk_make_ext4(b, 64 * MIB, &e), 0, "%s", e.msg);
	cr_assert_eq(disk_nonzero_blocks(a, &one, &e), 0, "%s", e.msg);
	cr_assert_eq(disk_nonzero_blocks(b, &two, &e), 0, "%s", e.msg);
	cr_assert(one.len == two.len && !memcmp(one.data, two.data, one.len),
		  "same bytes on every call");
	cr_assert_gt(one.len, 10 * DISK_BLOCK);
	cr_assert_lt(one.len, 4 * MIB, "an empty file system is mostly zeroes");
	fd = open(copy, O_RDWR | O_CREAT, 0600);
	cr_assert_eq(ftruncate(fd, 64 * MIB), 0);
	cr_assert_eq(disk_put_blocks(fd, one.data, one.len, &e), 0, "%s", e.msg);
	cr_assert_eq(fs_hash(a, &hash_a, &e), 0);
	cr_assert_eq(fs_hash(copy, &hash_copy, &e), 0);
	cr_assert_eq(hash_a, hash_copy);
	cr_assert_eq(disk_put_blocks(fd, one.data, one.len - 1, &e), -EINVAL);
	cr_assert_eq(disk_put_blocks(fd, "WMBLOCKX", 8, &e), -EINVAL);
	cr_assert_eq(disk_put_blocks(fd, "", 0, &e), -EINVAL);
	memset(one.data + 8, 0xff, 8);
	cr_assert_eq(disk_put_blocks(fd, one.data, 8 + 8 + DISK_BLOCK, &e), -EINVAL,
		     "a block number beyond any file");
	close(fd);
	buf_release(&one);
	buf_release(&two);
}

static unsigned le32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

/* Neither the host's mke2fs.conf nor its umask nor the user may decide which file system the guest
 * sees. */
Test(vm_parse, ext4_image_is_spelt_out, TEMP_DIR)
{
	static const char conf[] = "[defaults]\n"
				   "\tbase_features = sparse_super\n"
				   "\tinode_size = 128\n"
				   "\tflex_bg_size = 2\n"
				   "\thash_alg = tea\n"
				   "\tblocksize = 1024\n"
				   "[fs_types]\n"
				   "\text4 = { features = bigalloc }\n";
	const char *a = temp_path("a.img"), *b = temp_path("b.img");
	char *mke2fs = fs_find_program("mke2fs");
	uint64_t hash_a, hash_b;
	struct buf image = BUF_INIT;
	struct err e = ERR_INIT;
	const char *sb;

	if (!mke2fs)
		cr_skip_test("no mke2fs");
	free(mke2fs);
	cr_assert_eq(disk_make_ext4(a, 32 * MIB, &e), 0, "%s", e.msg);
	setenv("MKE2FS_CONFIG", temp_put("mke2fs.conf", conf, strlen(conf)), 1);
	setenv("E2FSPROGS_FAKE_TIME", "1", 1);
	umask(077);
	cr_assert_eq(disk_make_ext4(b, 32 * MIB, &e), 0, "%s", e.msg);
	cr_assert_eq(fs_hash(a, &hash_a, &e), 0);
	cr_assert_eq(fs_hash(b, &hash_b, &e), 0);
	cr_assert_eq(hash_a, hash_b);
	/* fs/ext4/ext4.h, struct ext4_super_block */
	cr_assert_eq(fs_read(a, &image, &e), 0);
	sb = image.data + 1024;
	cr_assert_eq(le32(sb + 0x20), 32768, "blocks of a group");
	cr_assert_eq((unsigned char)sb[0x58] | (unsigned char)sb[0x59] << 8, 256,
		     "bytes of an inode");
	cr_assert_eq(sb[0x174], 4, "log2 of the groups of a flex group");
	cr_assert_eq(sb[0x3c] | sb[0x3d] << 8, 1, "errors: continue");
	cr_assert_eq(le32(sb + 0x10c + 4 * 16), 4 * MIB,
		     "size of the journal, backed up from its inode");
	buf_release(&image);
}

Test(vm_parse, swap_header)
{
	unsigned char page[DISK_BLOCK];

	disk_swap_header(page, 512 * MIB);
	cr_assert_eq(memcmp(page + 4086, "SWAPSPACE2", 10), 0);
	cr_assert_eq(page[1024], 1, "version 1, little-endian");
	cr_assert_eq(page[1028] | page[1029] << 8 | page[1030] << 16, 131071, "last page");
}
