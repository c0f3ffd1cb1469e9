/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What users feel: every `interval` a small region is mapped, touched and unmapped, and the whole
 * operation is timed. The schedule is absolute. If a long operation delays a later one by an
 * interval or more, the later one is timed from when it was DUE, so that a stall counts for
 * everybody who would have met it (no coordinated omission).
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/alloc.h"
#include "workloads/wl_util.h"

enum { KIND_ALLOC, KIND_SLOW };
static const char *const kinds[] = { "alloc", "slow", NULL };

struct probe_cfg {
	struct opt_size bytes;
	uint64_t interval_ns, slow_ns;
};

/* clang-format off */
static const struct opt_desc opts[] = {
	OPT_DURATION(struct probe_cfg, interval_ns, "interval", 0, "10ms", "time between two operations"),
	OPT_SIZE(struct probe_cfg, bytes, "bytes", 0, "128k", "size of the region of each instance"),
	OPT_DURATION(struct probe_cfg, slow_ns, "slow", 0, "1ms",
		"operations that take longer are counted as `slow` too"),
	OPT_END
};
/* clang-format on */

static int probe_setup(struct wl_ctx *ctx, struct err *e)
{
	const struct probe_cfg *cfg = ctx->cfg;
	uint64_t *bytes = ctx->priv = xcalloc(1, sizeof(*bytes)), page = ctx->env->page_bytes;

	*bytes = (opt_size_bytes(&cfg->bytes, ctx->env->ram_bytes, ctx->env->node_bytes) + page -
		  1) /
		 page * page;
	if (!*bytes)
		return err_set(e, -EINVAL, "bytes: less than a page");
	if (!cfg->interval_ns)
		return err_set(e, -EINVAL, "interval: 0 is no time between two operations");
	return 0;
}

static int map_touch_unmap(struct wl_ctx *ctx, uint64_t bytes, struct err *e)
{
	uint64_t page = ctx->env->page_bytes;
	void *p;
	int ret = wl_map_anon(ctx, bytes, &p, e);

	if (ret) {
		wl_fail(ctx, KIND_ALLOC, 1);
		return ret;
	}
	for (uint64_t off = 0; off < bytes; off += page)
		*((volatile char *)p + off) = 1;
	munmap(p, bytes);
	return 0;
}

static int probe_run(struct wl_ctx *ctx, struct err *e)
{
	const struct probe_cfg *cfg = ctx->cfg;
	uint64_t bytes = *(uint64_t *)ctx->priv, due = wl_now_ns(), late, late_max = 0;
	int ret = 0;

	for (;; due += cfg->interval_ns) {
		uint64_t begin, t;

		if (!wl_sleep_until(ctx, due))
			break;
		begin = wl_now_ns();
		late = begin - due;
		ret = map_touch_unmap(ctx, bytes, e);
		if (ret)
			break;
		/* a delay of less than an interval comes from timer and scheduler, not from
		 * memory */
		t = wl_now_ns() - (late < cfg->interval_ns ? begin : due);
		wl_op(ctx, KIND_ALLOC, 1, bytes, t ? t : 1);
		if (t > cfg->slow_ns)
			wl_op(ctx, KIND_SLOW, 1, bytes, t);
		if (late > late_max)
			late_max = late;
	}
	wl_note(ctx, "late_max_ns", (double)late_max);
	return ret;
}

static void probe_teardown(struct wl_ctx *ctx)
{
	free(ctx->priv);
	ctx->priv = NULL;
}

const struct workload workload_probe = {
	.name = "probe",
	.summary = "allocation latency: map, touch and unmap a small region on a clock",
	.kinds = kinds,
	.opts = opts,
	.cfg_size = sizeof(struct probe_cfg),
	.background = true,
	.slow = "slow",
	.setup = probe_setup,
	.run = probe_run,
	.teardown = probe_teardown,
};
