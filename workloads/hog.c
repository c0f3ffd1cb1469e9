/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unreclaimable memory: takes it during the window, chunk by chunk at the pace of `rate`, and holds
 * it to the end. */
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
#include "workloads/wl_util.h"

#define RAMFS_MAGIC_NR 0x858458f6
#define CHUNK (2ul << 20)

enum mode { MODE_MLOCK, MODE_HUGETLB, MODE_RAMFS };
static const char *const kinds[] = { "lock", NULL }; /* the op kind counts pages */
static const char *const mode_names[] = { "mlock", "hugetlb", "ramfs", NULL };

struct hog_cfg {
	int mode;
	struct opt_size bytes;
	const char *path;
};

struct hog {
	char *map, *file, *buf;
	uint64_t bytes, unit; /* unit: page or huge page */
	int fd;
};

/* clang-format off */
static const struct opt_desc opts[] = {
	OPT_ENUM(struct hog_cfg, mode, "mode", 0, "mlock", mode_names,
		 "locked anonymous memory, reserved huge pages, or a file in a ramfs"),
	OPT_SIZE(struct hog_cfg, bytes, "bytes", 0, "20%ram", "memory of all instances together"),
	OPT_STR(struct hog_cfg, path, "path", 0, "", "DIR", "mode ramfs: where the ramfs is mounted"),
	OPT_END
};
/* clang-format on */

static uint64_t hog_bytes(const struct wl_ctx *ctx, uint64_t unit)
{
	const struct hog_cfg *cfg = ctx->cfg;

	return (wl_bytes(ctx, &cfg->bytes) + unit - 1) / unit * unit;
}

static int hog_supported(const struct wl_ctx *ctx, struct err *why)
{
	const struct hog_cfg *cfg = ctx->cfg;
	struct statfs st;

	if (cfg->mode == MODE_HUGETLB) {
		uint64_t size = wl_meminfo("Hugepagesize"), is = wl_meminfo("HugePages_Free"), need;

		if (!size)
			return err_set(why, -EOPNOTSUPP, "this kernel has no hugetlb pages");
		need = hog_bytes(ctx, size) / size;
		if (need > is)
			return err_set(
				why, -ENOMEM,
				"needs %llu free huge pages of %llu kB, there are %llu (vm.nr_hugepages)",
				(unsigned long long)need, (unsigned long long)(size / 1024),
				(unsigned long long)is);
	}
	if (cfg->mode == MODE_RAMFS) {
		if (!*cfg->path)
			return err_set(why, -EINVAL, "mode = ramfs needs path");
		if (statfs(cfg->path, &st) < 0)
			return err_sys(why, -errno, "%s", cfg->path);
		if ((uint32_t)st.f_type != RAMFS_MAGIC_NR)
			return err_set(why, -EINVAL,
				       "%s is not in a ramfs: its pages could be reclaimed",
				       cfg->path);
	}
	return 0;
}

static int hog_setup(struct wl_ctx *ctx, struct err *e)
{
	const struct hog_cfg *cfg = ctx->cfg;
	struct hog *h = ctx->priv = xcalloc(1, sizeof(*h));
	struct rlimit any = { RLIM_INFINITY, RLIM_INFINITY };
	void *p;
	int ret;

	h->fd = -1;
	h->unit = cfg->mode == MODE_HUGETLB ? wl_meminfo("Hugepagesize") : ctx->env->page_bytes;
	h->bytes = hog_bytes(ctx, h->unit);
	if (!h->bytes)
		return err_set(e, -EINVAL, "bytes: less than a page");
	if (cfg->mode == MODE_RAMFS) {
		h->buf = xcalloc(1, CHUNK);
		wl_random_fill(h->buf, CHUNK, ctx->rng.key);
		h->file = wl_own_path(ctx, cfg->path);
		h->fd = open(h->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		return h->fd < 0 ? err_sys(e, -errno, "%s", h->file) : 0;
	}
	if (cfg->mode == MODE_HUGETLB) {
		/* MAP_NORESERVE would turn a lack of huge pages into SIGBUS */
		p = mmap(NULL, h->bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
		if (p == MAP_FAILED)
			return err_sys(e, -errno, "mmap of %llu bytes of huge pages",
				       (unsigned long long)h->bytes);
		h->map = p;
		return 0;
	}
	/* root may exceed RLIMIT_MEMLOCK anyway; others are told by mlock() */
	setrlimit(RLIMIT_MEMLOCK, &any);
	ret = wl_map_anon(ctx, h->bytes, &p, e);
	h->map = p;
	return ret;
}

static int take(struct wl_ctx *ctx, uint64_t at, uint64_t len, struct err *e)
{
	const struct hog_cfg *cfg = ctx->cfg;
	struct hog *h = ctx->priv;
	int ret = 0;

	switch ((enum mode)cfg->mode) {
	case MODE_MLOCK:
		if (mlock(h->map + at, len) < 0)
			ret = err_sys(e, -errno, "mlock after %llu bytes", (unsigned long long)at);
		break;
	case MODE_HUGETLB:
		for (uint64_t off = 0; off < len; off += h->unit)
			*(volatile char *)(h->map + at + off) = 1;
		break;
	case MODE_RAMFS:
		if (pwrite(h->fd, h->buf, len, (off_t)at) != (ssize_t)len)
			ret = err_sys(e, errno ? -errno : -EIO, "%s after %llu bytes", h->file,
				      (unsigned long long)at);
		break;
	}
	return ret;
}

static int hog_run(struct wl_ctx *ctx, struct err *e)
{
	struct hog *h = ctx->priv;
	uint64_t chunk = h->unit > CHUNK ? h->unit : CHUNK, len;

	for (uint64_t at = 0; at < h->bytes; at += len) {
		uint64_t n, t;
		int ret;

		len = h->bytes - at < chunk ? h->bytes - at : chunk;
		n = len / h->unit;
		if (!wl_pace(ctx, n, len))
			return 0;
		t = wl_now_ns();
		ret = take(ctx, at, len, e);
		if (ret) {
			wl_fail(ctx, 0, n);
			return ret;
		}
		t = (wl_now_ns() - t) / n;
		wl_op(ctx, 0, n, len, t ? t : 1);
	}
	wl_sleep_until(ctx, UINT64_MAX);
	return 0;
}

static void hog_teardown(struct wl_ctx *ctx)
{
	struct hog *h = ctx->priv;

	if (!h)
		return;
	if (h->map)
		munmap(h->map, h->bytes);
	if (h->fd >= 0) {
		close(h->fd);
		unlink(h->file);
	}
	free(h->file);
	free(h->buf);
	free(h);
	ctx->priv = NULL;
}

const struct workload workload_hog = {
	.name = "hog",
	.summary = "unreclaimable memory, held until the end: mlock, hugetlb, ramfs",
	.kinds = kinds,
	.opts = opts,
	.cfg_size = sizeof(struct hog_cfg),
	.background = true,
	.supported = hog_supported,
	.setup = hog_setup,
	.run = hog_run,
	.teardown = hog_teardown,
};
