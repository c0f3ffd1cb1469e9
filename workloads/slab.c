/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reclaimable slab: dentries and inodes. Opening long names that do not exist is the cheapest way
 * to make them (a negative dentry with an external name: 450 bytes for 3 us on ext4, no inode, no
 * I/O). tmpfs drops negative dentries at once (its d_delete is always_delete_dentry): no pressure
 * there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "workloads/wl_util.h"

#define NAME_LEN_MAX 255 /* NAME_MAX */
#define NAME_LEN_MIN 24	 /* letter, pass (8 hex), index (12 hex) and room to spare */

enum mode { MODE_NEGATIVE, MODE_CREATE, MODE_STAT, MODE_MIXED };
enum { KIND_MISSING, KIND_CREATE, KIND_STAT, KIND_UNLINK };

static const char *const kinds[] = { "missing", "create", "stat", "unlink", NULL };
static const char *const mode_names[] = { "negative", "create", "stat", "mixed", NULL };

struct slab_cfg {
	int mode;
	int64_t names, name_len, dirs, passes;
	bool keep;
};

struct slab {
	char *dir;
	int *fd; /* descriptors of the directories */
	uint64_t nr;
	char name[NAME_LEN_MAX + 1];
};

/* clang-format off */
static const struct opt_desc opts[] = {
	OPT_ENUM(struct slab_cfg, mode, "mode", 0, "negative", mode_names,
		 "open names that are missing, create files, stat a ready-made tree, or one after the other"),
	OPT_INT(struct slab_cfg, names, "names", 0, "100000", 1, 1e12,
		"operations per pass, of all instances together"),
	OPT_INT(struct slab_cfg, name_len, "name_len", 0, "200", NAME_LEN_MIN, NAME_LEN_MAX,
		"length of a name; over 39 bytes the kernel allocates it separately"),
	OPT_INT(struct slab_cfg, dirs, "dirs", 0, "16", 1, 1024, "directories of each instance"),
	OPT_INT(struct slab_cfg, passes, "passes", 0, "1", 1, 1e9, "times over the names"),
	OPT_YES(struct slab_cfg, keep, "keep", 0, "yes",
		"every pass uses new names; no: the same ones, and created files are removed "
		"after each pass"),
	OPT_END
};
/* clang-format on */

static char *put_hex(char *p, uint64_t v, unsigned digits)
{
	while (digits--)
		*p++ = "0123456789abcdef"[v >> 4 * digits & 15];
	return p;
}

/* The rest of the name is letters set once in setup. */
static const char *make_name(struct slab *s, char letter, uint64_t pass, uint64_t index)
{
	char *p = s->name;

	*p++ = letter;
	p = put_hex(p, pass, 8);
	put_hex(p, index, 12);
	return s->name;
}

static int dir_of(const struct wl_ctx *ctx, uint64_t index)
{
	const struct slab_cfg *cfg = ctx->cfg;
	const struct slab *s = ctx->priv;

	return s->fd[index % (uint64_t)cfg->dirs];
}

static int create(struct wl_ctx *ctx, char letter, uint64_t pass, uint64_t index)
{
	int fd = openat(dir_of(ctx, index), make_name(ctx->priv, letter, pass, index),
			O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* The kind of operation @index of a pass. */
static unsigned kind_of(const struct slab_cfg *cfg, uint64_t index)
{
	switch ((enum mode)cfg->mode) {
	case MODE_NEGATIVE:
		return KIND_MISSING;
	case MODE_CREATE:
		return KIND_CREATE;
	case MODE_STAT:
		return KIND_STAT;
	case MODE_MIXED:
		break;
	}
	return (unsigned)(index % 3);
}

static int slab_setup(struct wl_ctx *ctx, struct err *e)
{
	const struct slab_cfg *cfg = ctx->cfg;
	struct slab *s = ctx->priv = xcalloc(1, sizeof(*s));
	int ret;

	s->nr = wl_share(ctx, (uint64_t)cfg->names);
	memset(s->name, 'w', (size_t)cfg->name_len);
	s->fd = xcalloc((size_t)cfg->dirs, sizeof(*s->fd));
	for (int64_t i = 0; i < cfg->dirs; i++)
		s->fd[i] = -1;
	ret = wl_own_dir(ctx, ctx->env->fs_dir, &s->dir, e);
	for (int64_t i = 0; !ret && i < cfg->dirs; i++) {
		char *path = xasprintf("%s/%04lld", s->dir, (long long)i);

		if (mkdir(path, 0700) == 0)
			s->fd[i] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (s->fd[i] < 0)
			ret = err_sys(e, -errno, "%s", path);
		free(path);
	}
	for (uint64_t i = 0; !ret && i < s->nr; i++) {
		if (kind_of(cfg, i) != KIND_STAT)
			continue;
		ret = create(ctx, 's', 0, i);
		if (ret)
			err_sys(e, ret, "%s: file %llu of the tree", s->dir, (unsigned long long)i);
	}
	return ret;
}

static int one_op(struct wl_ctx *ctx, unsigned kind, uint64_t pass, uint64_t index, struct err *e)
{
	static const char letter[] = { 'n', 'c', 's', 'c' };
	struct slab *s = ctx->priv;
	uint64_t t = wl_now_ns();
	struct stat st;
	int fd, ret = 0;

	if (kind == KIND_MISSING) {
		fd = openat(dir_of(ctx, index), make_name(s, 'n', pass, index),
			    O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			close(fd);
		ret = fd >= 0 ? -EEXIST : errno == ENOENT ? 0 : -errno;
	} else if (kind == KIND_CREATE) {
		ret = create(ctx, 'c', pass, index);
	} else if (kind == KIND_STAT) {
		ret = fstatat(dir_of(ctx, index), make_name(s, 's', 0, index), &st, 0) < 0 ? -errno
											   : 0;
	} else {
		ret = unlinkat(dir_of(ctx, index), make_name(s, 'c', pass, index), 0) < 0 ? -errno
											  : 0;
	}
	if (ret) {
		wl_fail(ctx, kind, 1);
		return err_sys(e, ret, "%s: %s of '%c' name %llu", s->dir, kinds[kind],
			       letter[kind], (unsigned long long)index);
	}
	t = wl_now_ns() - t;
	wl_op(ctx, kind, 1, 0, t ? t : 1);
	return 0;
}

static int do_pass(struct wl_ctx *ctx, uint64_t pass, bool *more, struct err *e)
{
	const struct slab_cfg *cfg = ctx->cfg;
	struct slab *s = ctx->priv;
	uint64_t i, made = 0;
	int ret = 0;

	for (i = 0; !ret && i < s->nr; i++) {
		*more = wl_pace(ctx, 1, 0);
		if (!*more)
			break;
		ret = one_op(ctx, kind_of(cfg, i), pass, i, e);
		made = i + 1;
	}
	for (i = 0; !ret && !cfg->keep && i < made; i++)
		if (kind_of(cfg, i) == KIND_CREATE)
			ret = one_op(ctx, KIND_UNLINK, pass, i, e);
	return ret;
}

static int slab_run(struct wl_ctx *ctx, struct err *e)
{
	const struct slab_cfg *cfg = ctx->cfg;
	uint64_t reclaimable = wl_meminfo("SReclaimable"), unreclaimable = wl_meminfo("SUnreclaim");
	bool more = true;
	int ret = 0;

	for (int64_t pass = 0; !ret && more && pass < cfg->passes; pass++)
		ret = do_pass(ctx, cfg->keep ? (uint64_t)pass : 0, &more, e);
	/* growth of the whole machine: includes other instances and reclaim */
	wl_note(ctx, "sreclaimable_growth_bytes",
		(double)wl_meminfo("SReclaimable") - (double)reclaimable);
	wl_note(ctx, "sunreclaim_growth_bytes",
		(double)wl_meminfo("SUnreclaim") - (double)unreclaimable);
	return ret;
}

static void slab_teardown(struct wl_ctx *ctx)
{
	const struct slab_cfg *cfg = ctx->cfg;
	struct slab *s = ctx->priv;

	if (!s)
		return;
	for (int64_t i = 0; s->fd && i < cfg->dirs; i++)
		if (s->fd[i] >= 0)
			close(s->fd[i]);
	if (s->dir)
		fs_remove_tree(s->dir, NULL);
	free(s->fd);
	free(s->dir);
	free(s);
	ctx->priv = NULL;
}

const struct workload workload_slab = {
	.name = "slab",
	.summary = "reclaimable slab: negative dentries, created files, stat of a tree",
	.kinds = kinds,
	.opts = opts,
	.cfg_size = sizeof(struct slab_cfg),
	.supported = wl_needs_fs,
	.setup = slab_setup,
	.run = slab_run,
	.teardown = slab_teardown,
};
