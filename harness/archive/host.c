/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's own writing to a run's file: a beginning where the run left none, and H lines. */
#include "archive/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "archive/line.h"

/* Length of the file up to and including its last newline. */
static int last_newline(int fd, off_t size, off_t *len)
{
	char block[4096];

	while (size > 0) {
		size_t want = size < (off_t)sizeof(block) ? (size_t)size : sizeof(block);
		ssize_t n = pread(fd, block, want, size - (off_t)want);
		const char *nl;

		if (n != (ssize_t)want)
			return n < 0 ? -errno : -EIO;
		nl = memrchr(block, '\n', want);
		if (nl) {
			*len = size - (off_t)want + (nl - block) + 1;
			return 0;
		}
		size -= (off_t)want;
	}
	*len = 0;
	return 0;
}

/* -EINVAL when the file is neither an archive nor the beginning of one. */
static int check_magic(int fd, bool *whole)
{
	char head[ARCHIVE_MAGIC_LEN];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	if (n < 0)
		return -errno;
	*whole = n == (ssize_t)sizeof(head);
	return memcmp(head, ARCHIVE_MAGIC, (size_t)n) ? -EINVAL : 0;
}

int archive_start(const char *path, const struct archive_note *notes, size_t nr, struct err *e)
{
	struct buf b = BUF_INIT;
	struct stat st;
	int ret;

	if (stat(path, &st) == 0 && st.st_size > 0)
		return 0;
	buf_addstr(&b, ARCHIVE_MAGIC);
	for (size_t i = 0; i < nr; i++) {
		line_add_fact(&b, 'h', notes[i].key, notes[i].value);
		buf_addc(&b, '\n');
	}
	ret = fs_write(path, b.data, b.len, e);
	buf_release(&b);
	return ret;
}

int archive_append_host(const char *path, const struct archive_note *notes, size_t nr,
			struct err *e)
{
	struct buf b = BUF_INIT;
	int fd = open(path, O_RDWR | O_CLOEXEC), ret;
	bool whole = false;
	size_t lines = 0, from;
	off_t size, keep = 0;

	if (fd < 0)
		return err_sys(e, -errno, "%s", path);
	ret = check_magic(fd, &whole);
	if (ret) {
		if (ret == -EINVAL)
			err_set(e, ret, "%s: not a wmark archive", path);
		else
			err_sys(e, ret, "%s", path);
		goto out;
	}
	size = lseek(fd, 0, SEEK_END);
	ret = size < 0 ? -errno : last_newline(fd, size, &keep);
	if (!ret && keep < size && ftruncate(fd, keep) < 0)
		ret = -errno;
	if (!ret && lseek(fd, keep, SEEK_SET) < 0)
		ret = -errno;
	if (!whole) /* killed inside its first line */
		buf_addstr(&b, ARCHIVE_MAGIC);
	from = b.len;
	for (size_t i = 0; i < nr && notes[i].key; i++, lines++) {
		line_add_fact(&b, 'H', notes[i].key, notes[i].value ? notes[i].value : "");
		buf_addc(&b, '\n');
	}
	buf_addf(&b, "H end %zu %016" PRIx64 "\n", lines,
		 fnv1a(FNV_INIT, b.data + from, b.len - from));
	if (!ret)
		ret = fs_write_all(fd, b.data, b.len);
	if (!ret && fdatasync(fd) < 0 && errno != EINVAL && errno != EROFS)
		ret = -errno;
	if (ret)
		err_sys(e, ret, "%s: appending", path);
out:
	buf_release(&b);
	if (close(fd) < 0 && !ret)
		ret = err_sys(e, -errno, "%s", path);
	return ret;
}
