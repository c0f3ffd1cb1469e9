/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page cache of files on the file system under test. The files are holes unless `sparse = no`: ext4
 * and xfs read them into clean pages with no device I/O, at an eighth of the price of an anonymous
 * page.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "workloads/wl_util.h"

#define TMPFS_MAGIC_NR 0x01021994

enum mode { MODE_READ, MODE_WRITE, MODE_MMAP };
enum { KIND_READ, KIND_WRITE, KIND_TOUCH, KIND_SYNC };

static const char *const kinds[] = { "read", "write", "touch", "sync", NULL };
static const char *const mode_names[] = { "read", "write", "mmap", NULL };

struct file_cfg {
	struct opt_size bytes, block;
	struct wl_pattern_cfg pat;
	int64_t files, passes;
	int mode;
	bool sparse, random, fsync;
};

struct file_one {
	int fd;
	char *map;
};

struct file {
	char *dir, *buf;
	struct file_one *f;
	uint64_t nr_files, block, blocks_per_file, file_bytes;
	struct wl_walk walk;
	uint64_t sum;
};

/* clang-format off */
static const struct opt_desc opts[] = {
	OPT_ENUM(struct file_cfg, mode, "mode", 0, "read", mode_names,
		"how the files are accessed; write really dirties"),
	OPT_SIZE(struct file_cfg, bytes, "bytes", 0, "100%ram",
		"size of all files of all instances together"),
	OPT_INT(struct file_cfg, files, "files", 0, "1", 1, 1000000,
		"number of files of each instance, all kept open"),
	OPT_SIZE(struct file_cfg, block, "block", 0, "64k", "bytes of one operation"),
	OPT_INT(struct file_cfg, passes, "passes", 0, "2", 1, 1e9, "times as many operations as blocks"),
	WL_PATTERN_OPTS(struct file_cfg),
	OPT_YES(struct file_cfg, sparse, "sparse", 0, "yes",
		"files are holes: clean pages without device I/O"),
	OPT_YES(struct file_cfg, random, "random", 0, "no",
		"POSIX_FADV_RANDOM: no readahead, small folios"),
	OPT_YES(struct file_cfg, fsync, "fsync", 0, "no", "mode write: fsync every file after each pass"),
	OPT_END
};
/* clang-format on */

static int file_supported(const struct wl_ctx *ctx, struct err *why)
{
	const struct file_cfg *cfg = ctx->cfg;
	struct statfs st;
	int ret = wl_needs_fs(ctx, why);

	if (ret)
		return ret;
	/* mm/shmem.c, shmem_file_read_iter(): a hole is read from the zero page, nothing enters the
	 * cache */
	if (cfg->sparse && cfg->mode == MODE_READ && statfs(ctx->env->fs_dir, &st) == 0 &&
	    st.f_type == TMPFS_MAGIC_NR)
		return err_set(
			why, -EOPNOTSUPP,
			"%s is a tmpfs: reading holes there makes no pages (sparse = no does)",
			ctx->env->fs_dir);
	return 0;
}

static int fill(struct file *f, int fd, uint64_t key)
{
	for (uint64_t at = 0; at < f->file_bytes; at += f->block) {
		int ret;

		wl_random_fill(f->buf, f->block, key + at);
		ret = fs_write_all(fd, f->buf, f->block);
		if (ret)
			return ret;
	}
	/* the set-up must leave nothing in the cache; only clean pages can be dropped */
	if (fsync(fd) < 0)
		return -errno;
	return -posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

static int make_file(struct wl_ctx *ctx, uint64_t i, struct err *e)
{
	const struct file_cfg *cfg = ctx->cfg;
	struct file *f = ctx->priv;
	char *path = xasprintf("%s/%06llu", f->dir, (unsigned long long)i);
	int ret = 0, fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	f->f[i].fd = fd;
	if (fd < 0 || ftruncate(fd, (off_t)f->file_bytes) < 0)
		ret = -errno;
	if (!ret && !cfg->sparse)
		ret = fill(f, fd, rng_at(ctx->rng.key, i));
	if (!ret && cfg->random)
		ret = -posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
	if (!ret && cfg->mode == MODE_MMAP) {
		void *p = mmap(NULL, f->file_bytes, PROT_READ, MAP_SHARED, fd, 0);

		if (p == MAP_FAILED)
			ret = -errno;
		else
			f->f[i].map = p;
		if (!ret && cfg->random && madvise(p, f->file_bytes, MADV_RANDOM) < 0)
			ret = -errno;
	}
	if (ret)
		err_sys(e, ret, "%s", path);
	free(path);
	return ret;
}

/* One descriptor per file: raises the limit as far as the machine allows. */
static int allow_files(uint64_t nr, struct err *e)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0 || nr + 64 <= r.rlim_cur)
		return 0;
	r.rlim_cur = nr + 64;
	if (r.rlim_max < r.rlim_cur)
		r.rlim_max = r.rlim_cur;
	if (setrlimit(RLIMIT_NOFILE, &r) < 0)
		return err_sys(e, -errno, "files = %llu: limit of open files",
			       (unsigned long long)nr);
	return 0;
}

static int file_setup(struct wl_ctx *ctx, struct err *e)
{
	const struct file_cfg *cfg = ctx->cfg;
	struct file *f = ctx->priv = xcalloc(1, sizeof(*f));
	int ret;

	f->block = opt_size_bytes(&cfg->block, ctx->env->ram_bytes, ctx->env->node_bytes);
	if (!f->block || f->block > 1ull << 30)
		return err_set(e, -EINVAL, "block: %llu is not within 1..1G",
			       (unsigned long long)f->block);
	f->nr_files = (uint64_t)cfg->files;
	f->blocks_per_file = (wl_bytes(ctx, &cfg->bytes) / f->nr_files + f->block - 1) / f->block;
	if (!f->blocks_per_file)
		return err_set(e, -EINVAL, "bytes: less than one byte per file");
	f->file_bytes = f->blocks_per_file * f->block;
	wl_pattern_init(&f->walk, &cfg->pat, f->nr_files * f->blocks_per_file);
	f->buf = xmalloc(f->block);
	wl_random_fill(f->buf, f->block, ctx->rng.key);
	f->f = xcalloc(f->nr_files, sizeof(*f->f));
	for (uint64_t i = 0; i < f->nr_files; i++)
		f->f[i].fd = -1;
	ret = allow_files(f->nr_files, e);
	if (!ret)
		ret = wl_own_dir(ctx, ctx->env->fs_dir, &f->dir, e);
	for (uint64_t i = 0; !ret && i < f->nr_files; i++)
		ret = make_file(ctx, i, e);
	return ret;
}

static int one_op(struct wl_ctx *ctx, uint64_t item, struct err *e)
{
	static const char *const verb[] = { "read", "write" };
	const struct file_cfg *cfg = ctx->cfg;
	struct file *f = ctx->priv;
	struct file_one *one = &f->f[item / f->blocks_per_file];
	uint64_t at = item % f->blocks_per_file * f->block, page = ctx->env->page_bytes,
		 t = wl_now_ns();
	unsigned kind = cfg->mode == MODE_READ	  ? KIND_READ
			: cfg->mode == MODE_WRITE ? KIND_WRITE
						  : KIND_TOUCH;
	ssize_t n = (ssize_t)f->block;

	if (kind == KIND_TOUCH) {
		for (uint64_t off = 0; off < f->block; off += page)
			f->sum += *(volatile unsigned char *)(one->map + at + off);
	} else if (kind == KIND_READ) {
		n = pread(one->fd, f->buf, f->block, (off_t)at);
	} else {
		f->buf[0]++;
		n = pwrite(one->fd, f->buf, f->block, (off_t)at);
	}
	if (n != (ssize_t)f->block) {
		int code = n < 0 ? -errno : -EIO;

		wl_fail(ctx, kind, 1);
		return err_sys(e, code, "%s: %s at %llu of file %llu", f->dir,
			       verb[kind == KIND_WRITE], (unsigned long long)at,
			       (unsigned long long)(item / f->blocks_per_file));
	}
	t = wl_now_ns() - t;
	wl_op(ctx, kind, 1, f->block, t ? t : 1);
	return 0;
}

static int sync_all(struct wl_ctx *ctx, struct err *e)
{
	struct file *f = ctx->priv;

	for (uint64_t i = 0; i < f->nr_files; i++) {
		uint64_t t = wl_now_ns();

		if (fsync(f->f[i].fd) < 0) {
			wl_fail(ctx, KIND_SYNC, 1);
			return err_sys(e, -errno, "%s: fsync", f->dir);
		}
		t = wl_now_ns() - t;
		wl_op(ctx, KIND_SYNC, 1, 0, t ? t : 1);
	}
	return 0;
}

static int file_run(struct wl_ctx *ctx, struct err *e)
{
	const struct file_cfg *cfg = ctx->cfg;
	struct file *f = ctx->priv;
	int ret = 0;

	for (int64_t pass = 0; !ret && pass < cfg->passes; pass++) {
		for (uint64_t i = 0; !ret && i < f->walk.nr; i++) {
			if (!wl_pace(ctx, 1, f->block))
				return 0;
			ret = one_op(ctx, wl_walk_next(&f->walk, &ctx->rng), e);
		}
		if (!ret && cfg->mode == MODE_WRITE && cfg->fsync)
			ret = sync_all(ctx, e);
	}
	return ret;
}

static void file_teardown(struct wl_ctx *ctx)
{
	struct file *f = ctx->priv;

	if (!f)
		return;
	for (uint64_t i = 0; f->f && i < f->nr_files; i++) {
		if (f->f[i].map)
			munmap(f->f[i].map, f->file_bytes);
		if (f->f[i].fd >= 0)
			close(f->f[i].fd);
	}
	if (f->dir)
		fs_remove_tree(f->dir, NULL);
	free(f->f);
	free(f->buf);
	free(f->dir);
	free(f);
	ctx->priv = NULL;
}

const struct workload workload_file = {
	.name = "file",
	.summary = "page cache: read, write or map files",
	.kinds = kinds,
	.opts = opts,
	.cfg_size = sizeof(struct file_cfg),
	.supported = file_supported,
	.setup = file_setup,
	.run = file_run,
	.teardown = file_teardown,
};
