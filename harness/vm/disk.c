/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/disk.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/strv.h"
#include "base/units.h"
#include "vm/process.h"

#define FS_UUID "77a1b2c3-0000-4000-8000-000000000001"
/* every feature is named: the defaults differ between releases of e2fsprogs (and mke2fs.conf) */
#define FS_FEATURES                                                                                  \
	"none,has_journal,ext_attr,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file," \
	"huge_file,dir_nlink,extra_isize,metadata_csum"
#define FS_EXTENDED \
	"root_owner=0:0,packed_meta_blocks=0,lazy_itable_init=0,lazy_journal_init=0,nodiscard,hash_seed=" FS_UUID

static int make_sparse(const char *image, uint64_t bytes, struct err *e)
{
	int fd = open(image, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), ret = 0;

	if (fd < 0)
		return err_sys(e, -errno, "%s", image);
	if (ftruncate(fd, (off_t)bytes) < 0)
		ret = err_sys(e, -errno, "%s: %llu bytes", image, (unsigned long long)bytes);
	close(fd);
	return ret;
}

/* MiB of journal: the default of mke2fs 1.47, made explicit so that another release makes the same
 * file system. */
static unsigned journal_mib(uint64_t bytes)
{
	static const struct {
		uint64_t below;
		unsigned mib;
	} table[] = {
		{ 128 * MIB, 4 },      { 1024 * MIB, 16 },   { 2048 * MIB, 32 },
		{ 16384 * MIB, 64 },   { 32768 * MIB, 128 }, { 65536 * MIB, 256 },
		{ 131072 * MIB, 512 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (bytes < table[i].below)
			return table[i].mib;
	return 1024;
}

int disk_make_ext4(const char *image, uint64_t bytes, struct err *e)
{
	/* mke2fs writes the time into the superblock; an empty configuration file keeps the host's
	 * defaults out */
	static const char *const env[] = { "E2FSPROGS_FAKE_TIME=1767225600",
					   "MKE2FS_CONFIG=/dev/null", NULL };
	/* whatever a default would decide: block, group and inode sizes, ownership, the reaction to
	 * errors */
	static const char *const words[] = {
		"-q", "-F",  "-t", "ext4", "-b", "4096",      "-g", "32768",	"-G", "16",
		"-I", "256", "-i", "8192", "-m", "0",	      "-e", "continue", "-o", "Linux",
		"-r", "1",   "-L", "",	   "-O", FS_FEATURES, "-U", FS_UUID,	"-E", FS_EXTENDED,
	};
	char *mke2fs = fs_find_program("mke2fs");
	struct strv argv = STRV_INIT;
	struct buf out = BUF_INIT;
	int ret;

	if (!mke2fs)
		return err_set(e, -ENOENT, "mke2fs not found: install e2fsprogs (ci/deps.sh vm)");
	ret = make_sparse(image, bytes, e);
	if (ret)
		goto out;
	strv_add(&argv, mke2fs);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		strv_add(&argv, words[i]);
	strv_add(&argv, "-J");
	strv_addf(&argv, "size=%u", journal_mib(bytes));
	strv_add(&argv, image);
	strv_addf(&argv, "%llu", (unsigned long long)(bytes / DISK_BLOCK));
	ret = vm_run_program(argv.v, env, &out, e);
	buf_rtrim(&out);
	if (ret > 0)
		ret = err_set(e, -EIO, "mke2fs of %llu MiB failed: %s",
			      (unsigned long long)(bytes / MIB), out.data);
out:
	free(mke2fs);
	strv_release(&argv);
	buf_release(&out);
	return ret;
}

int disk_nonzero_blocks(const char *image, struct buf *out, struct err *e)
{
	static const unsigned char zero[DISK_BLOCK];
	unsigned char page[DISK_BLOCK];
	int fd = open(image, O_RDONLY | O_CLOEXEC), ret = 0;
	off_t at = 0;

	if (fd < 0)
		return err_sys(e, -errno, "%s", image);
	buf_add(out, DISK_MAGIC, strlen(DISK_MAGIC));
	for (;;) {
		uint64_t number;
		ssize_t n;

		at = lseek(fd, at, SEEK_DATA);
		if (at < 0 && errno == ENXIO)
			break; /* only a hole is left before the end */
		if (at < 0) {
			ret = err_sys(e, -errno, "%s", image);
			break;
		}
		at -= at % DISK_BLOCK;
		n = pread(fd, page, sizeof(page), at);
		if (n != (ssize_t)sizeof(page)) {
			ret = err_sys(e, n < 0 ? -errno : -EIO, "%s: reading block %lld", image,
				      (long long)at);
			break;
		}
		number = htole64((uint64_t)at / DISK_BLOCK);
		if (memcmp(page, zero, sizeof(page))) {
			buf_add(out, &number, sizeof(number));
			buf_add(out, page, sizeof(page));
		}
		at += DISK_BLOCK;
	}
	close(fd);
	return ret;
}

int disk_put_blocks(int fd, const char *list, size_t len, struct err *e)
{
	const size_t magic = strlen(DISK_MAGIC), step = sizeof(uint64_t) + DISK_BLOCK;

	if (len < magic || memcmp(list, DISK_MAGIC, magic) || (len - magic) % step)
		return err_set(e, -EINVAL, "block list: bad magic or length %zu", len);
	for (const char *p = list + magic; p < list + len; p += step) {
		uint64_t number;
		ssize_t n;

		memcpy(&number, p, sizeof(number));
		number = le64toh(number);
		if (number > INT64_MAX / DISK_BLOCK)
			return err_set(e, -EINVAL, "block list: block number %llu",
				       (unsigned long long)number);
		n = pwrite(fd, p + sizeof(number), DISK_BLOCK, (off_t)(number * DISK_BLOCK));
		if (n != (ssize_t)DISK_BLOCK)
			return err_sys(e, n < 0 ? -errno : -EIO, "block %llu",
				       (unsigned long long)number);
	}
	return 0;
}

void disk_swap_header(unsigned char page[DISK_BLOCK], uint64_t bytes)
{
	uint64_t pages = bytes / DISK_BLOCK;
	uint32_t head[2] = { htole32(1), htole32(pages > UINT32_MAX ? UINT32_MAX
						 : pages	    ? (uint32_t)pages - 1
								    : 0) };

	memset(page, 0, DISK_BLOCK);
	memcpy(page + 1024, head,
	       sizeof(head)); /* version, last_page; nr_badpages, uuid and label stay 0 */
	memcpy(page + DISK_BLOCK - 10, "SWAPSPACE2", 10);
}

int disk_make_swap(const char *image, uint64_t bytes, struct err *e)
{
	unsigned char page[DISK_BLOCK];
	int ret = make_sparse(image, bytes, e), fd;

	if (ret)
		return ret;
	disk_swap_header(page, bytes);
	fd = open(image, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, -errno, "%s", image);
	ret = fs_write_all(fd, page, sizeof(page));
	if (ret)
		err_sys(e, ret, "%s", image);
	close(fd);
	return ret;
}
