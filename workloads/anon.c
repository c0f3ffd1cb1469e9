/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Private anonymous memory. Pass 1 faults every page in by a write, in address order; each later
 * pass makes as many accesses as there are pages, in the order of `pattern`. With `churn` every
 * pass maps the region anew and faults it again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "base/alloc.h"
#include "workloads/wl_util.h"

#define FILLER_BYTES (64u << 10)
/* PMD size; on 64k-page arm64 it is 512M, where alignment is left to luck */
#define HUGE_BYTES (2ul << 20)

enum { KIND_FAULT, KIND_TOUCH };
enum thp { THP_OFF, THP_ON, THP_MADVISE };

static const char *const kinds[] = { "fault", "touch", NULL };
static const char *const thp_names[] = { "off", "on", "madvise", NULL };

struct anon_cfg {
	struct opt_size bytes;
	struct wl_pattern_cfg pat;
	int64_t read_pct, passes, incompressible, batch;
	int thp;
	bool hold, churn, latency;
};

struct anon {
	char *map, *base; /* of the mapping; of the region in it (huge-page aligned) */
	size_t map_bytes;
	uint64_t nr_pages, pass;
	struct wl_walk walk;
	char *filler;	   /* FILLER_BYTES + a page of random bytes */
	size_t fill_bytes; /* random bytes of each page */
	uint64_t sum;	   /* sum of what was read, so that no compiler drops the reads */
};

/* clang-format off */
static const struct opt_desc opts[] = {
	OPT_SIZE(struct anon_cfg, bytes, "bytes", 0, "60%ram", "memory of all instances together"),
	OPT_INT(struct anon_cfg, passes, "passes", 0, "1", 1, 1e9,
		"times as many accesses as pages; the first pass faults them in"),
	WL_PATTERN_OPTS(struct anon_cfg),
	OPT_INT(struct anon_cfg, read_pct, "read_pct", 0, "0", 0, 100,
		"per cent of the later accesses that only read"),
	OPT_ENUM(struct anon_cfg, thp, "thp", 0, "off", thp_names,
		 "huge pages: never, as the system is set, or by MADV_HUGEPAGE"),
	OPT_INT(struct anon_cfg, incompressible, "incompressible", 0, "50", 0, 100,
		"per cent of each page that is random; 0 = same-filled pages"),
	OPT_YES(struct anon_cfg, hold, "hold", 0, "no", "keep the memory until the instance is stopped"),
	OPT_YES(struct anon_cfg, churn, "churn", 0, "no", "unmap and map again before each pass"),
	OPT_YES(struct anon_cfg, latency, "latency", 0, "yes", "record the time of every access"),
	OPT_INT(struct anon_cfg, batch, "batch", 0, "32", 1, 1048576, "pages per step of `rate`"),
	OPT_END
};
/* clang-format on */

static int map_region(struct wl_ctx *ctx, struct err *e)
{
	const struct anon_cfg *cfg = ctx->cfg;
	struct anon *a = ctx->priv;
	uint64_t bytes = a->nr_pages * ctx->env->page_bytes;
	void *p;
	int ret;

	a->map_bytes = bytes + (cfg->thp == THP_OFF ? 0 : HUGE_BYTES);
	ret = wl_map_anon(ctx, a->map_bytes, &p, e);
	if (ret)
		return ret;
	a->map = a->base = p;
	if (cfg->thp != THP_OFF)
		a->base = (char *)(((uintptr_t)p + HUGE_BYTES - 1) / HUGE_BYTES * HUGE_BYTES);
	if (cfg->thp == THP_MADVISE && madvise(a->base, bytes, MADV_HUGEPAGE) < 0)
		return err_set(e, errno == EINVAL ? -EOPNOTSUPP : -errno, "MADV_HUGEPAGE: %s",
			       errno == EINVAL ? "this kernel has no transparent huge pages"
					       : strerror(errno));
	/* EINVAL: a kernel without THP, which is as good */
	if (cfg->thp == THP_OFF && madvise(a->base, bytes, MADV_NOHUGEPAGE) < 0 && errno != EINVAL)
		return err_sys(e, -errno, "MADV_NOHUGEPAGE");
	return 0;
}

static int anon_setup(struct wl_ctx *ctx, struct err *e)
{
	const struct anon_cfg *cfg = ctx->cfg;
	uint64_t page = ctx->env->page_bytes;
	struct anon *a = ctx->priv = xcalloc(1, sizeof(*a));

	if (cfg->hold && cfg->churn)
		return err_set(e, -EINVAL, "hold and churn exclude each other");
	if (cfg->hold && !ctx->common->background && !ctx->common->seconds_ns)
		return err_set(e, -EINVAL,
			       "hold = yes has no end: set background = yes or a duration");
	a->nr_pages = wl_bytes(ctx, &cfg->bytes) / page;
	if (!a->nr_pages)
		return err_set(e, -EINVAL, "bytes: less than a page");
	wl_pattern_init(&a->walk, &cfg->pat, a->nr_pages);
	a->fill_bytes = page * (uint64_t)cfg->incompressible / 100;
	a->filler = xmalloc(FILLER_BYTES + page);
	wl_random_fill(a->filler, FILLER_BYTES + page, ctx->rng.key);
	if (cfg->thp == THP_OFF)
		prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); /* fails on kernels without THP only */
	return map_region(ctx, e);
}

/* Fills `incompressible` per cent of the page with bytes that no other page has; the rest stays
 * zero. */
static void fill_page(struct anon *a, char *page, uint64_t index)
{
	if (a->fill_bytes) {
		memcpy(page, a->filler + rng_mix(index) % FILLER_BYTES, a->fill_bytes);
		if (a->fill_bytes >= sizeof(index))
			*(volatile uint64_t *)page ^= rng_mix(index + a->pass);
	} else {
		*(volatile uint64_t *)page = 0;
	}
}

/* Faults @n pages from @first on, or makes @n accesses in pattern order. */
static void do_batch(struct wl_ctx *ctx, uint64_t first, uint64_t n, bool fault)
{
	const struct anon_cfg *cfg = ctx->cfg;
	struct anon *a = ctx->priv;
	uint64_t page = ctx->env->page_bytes, t = cfg->latency ? wl_now_ns() : 0;
	unsigned kind = fault ? KIND_FAULT : KIND_TOUCH;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t index = fault ? first + i : wl_walk_next(&a->walk, &ctx->rng);
		volatile uint64_t *word = (volatile uint64_t *)(a->base + index * page);

		if (fault)
			fill_page(a, (char *)(uintptr_t)word, index);
		else if (cfg->read_pct && rng_below(&ctx->rng, 100) < (uint64_t)cfg->read_pct)
			a->sum += *word;
		else
			*word = a->fill_bytes ? rng_mix(index + a->pass) : 0;
		if (cfg->latency) {
			uint64_t now = wl_now_ns();

			/* 0 would mean "not measured": a coarse clock may not have moved */
			wl_op(ctx, kind, 1, page, now > t ? now - t : 1);
			t = now;
		}
	}
	if (!cfg->latency)
		wl_op(ctx, kind, n, n * page, 0);
}

static bool do_pass(struct wl_ctx *ctx, bool fault)
{
	const struct anon_cfg *cfg = ctx->cfg;
	const struct anon *a = ctx->priv;
	uint64_t page = ctx->env->page_bytes, n;

	for (uint64_t at = 0; at < a->nr_pages; at += n) {
		n = a->nr_pages - at < (uint64_t)cfg->batch ? a->nr_pages - at
							    : (uint64_t)cfg->batch;
		if (!wl_pace(ctx, n, n * page))
			return false;
		do_batch(ctx, at, n, fault);
	}
	return true;
}

static int anon_run(struct wl_ctx *ctx, struct err *e)
{
	const struct anon_cfg *cfg = ctx->cfg;
	struct anon *a = ctx->priv;

	for (a->pass = 0; a->pass < (uint64_t)cfg->passes; a->pass++) {
		if (a->pass && cfg->churn) {
			int ret;

			munmap(a->map, a->map_bytes);
			a->map = NULL;
			ret = map_region(ctx, e);
			if (ret)
				return ret;
		}
		if (!do_pass(ctx, !a->pass || cfg->churn))
			return 0;
	}
	if (cfg->hold)
		wl_sleep_until(ctx, UINT64_MAX);
	return 0;
}

static void anon_teardown(struct wl_ctx *ctx)
{
	struct anon *a = ctx->priv;

	if (!a)
		return;
	if (a->map)
		munmap(a->map, a->map_bytes);
	free(a->filler);
	free(a);
	ctx->priv = NULL;
}

const struct workload workload_anon = {
	.name = "anon",
	.summary = "private anonymous memory: fault it in, then walk over it",
	.kinds = kinds,
	.opts = opts,
	.cfg_size = sizeof(struct anon_cfg),
	.setup = anon_setup,
	.run = anon_run,
	.teardown = anon_teardown,
};
