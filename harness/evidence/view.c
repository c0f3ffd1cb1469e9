/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "evidence/view.h"

#include "archive/keys.h"
#include "base/opt.h"
#include "evidence/nodes.h"
#include "evidence/sum.h"

void run_view_init(struct run_view *v, const struct archive *a)
{
	*v = (struct run_view){ .a = a,
				.vmstat = archive_series(a, SERIES_VMSTAT),
				.page_kib = run_page_kib(a) };
	v->has_window = archive_window(a, &v->begin_us, &v->end_us) && v->end_us > v->begin_us;
	if (v->has_window)
		v->seconds = (double)(v->end_us - v->begin_us) / 1e6;
}

double run_page_kib(const struct archive *a)
{
	const char *v = archive_get(a, "mem.page_bytes");
	uint64_t bytes;

	return v && !opt_parse_u64(v, &bytes, NULL) && bytes >= 1024 && bytes <= 1u << 20
		       ? (double)bytes / 1024
		       : 4;
}

bool run_node_has_pgscan(const struct archive *a)
{
	unsigned node;

	for (size_t i = 0; i < a->nr_series; i++)
		if (node_series_name(a->series[i].name, SERIES_NODE, SERIES_NODE_VMSTAT, &node) &&
		    archive_key(&a->series[i], "pgscan_direct") >= 0)
			return true;
	return false;
}

bool run_includes(const struct archive *a, struct buf *out)
{
	const struct archive_series *s = archive_series(a, SERIES_VMSTAT);

	if (!s || !s->nr_keys)
		return false;
	counter_includes(sum_has_name, s, run_node_has_pgscan(a), out);
	return true;
}

static bool span_delta(const void *ctx, const char *raw, uint64_t *out)
{
	const struct run_span *w = ctx;

	return archive_delta(w->s, archive_key(w->s, raw), w->begin_us, w->end_us, out);
}

static bool span_level(const void *ctx, const char *raw, uint64_t *out)
{
	const struct run_span *w = ctx;
	long tick = archive_tick_at(w->s, w->end_us);

	return tick >= 0 && archive_value(w->s, (size_t)tick, archive_key(w->s, raw), out);
}

bool run_span_counter(const struct run_span *w, const struct counter *c, uint64_t *out,
		      struct buf *used)
{
	return counter_resolve(c, c->kind == COUNTER_CUM ? span_delta : span_level, w, out, used);
}

bool run_counter(const struct run_view *v, const char *canonical, double *out)
{
	const struct run_span w = { v->vmstat, v->begin_us, v->end_us };
	const struct counter *c = counter_find(canonical);
	uint64_t n;

	if (!c || !v->vmstat || !v->has_window || !run_span_counter(&w, c, &n, NULL))
		return false;
	*out = (double)n;
	return true;
}
