/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The counts of reclaim events (trace.h) as sources. */
#include "base/alloc.h"
#include "sample/sampler.h"
#include "sample/text.h"
#include "sample/trace.h"

static void find_trace(struct source_list *l, const struct sample_cfg *cfg)
{
	static const struct text_format hist = { .scan = probe_hist_counts };
	static const struct {
		const char *series, *event;
	} sources[] = {
		{ TRACE_WAKE, "mm_vmscan_kswapd_wake" },
		{ TRACE_SLEEP, "mm_vmscan_kswapd_sleep" },
		{ TRACE_BEGIN, "mm_vmscan_direct_reclaim_begin" },
		{ TRACE_END, "mm_vmscan_direct_reclaim_end" },
	};

	if (!cfg->trace || !cfg->trace_dir)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) /* the folder already contains the root */
		source_add(l, &text_ops, &hist, cfg->trace_ns,
			   xasprintf("%s/events/vmscan/%s/hist", cfg->trace_dir, sources[i].event),
			   "%s", sources[i].series);
}

/*
 * Place 0: read right before vmstat and together with it, because its counters and those of vmstat
 * add up (check/check.h). Not after vmstat: to sort the entries the kernel allocates memory
 * (tracing_map_sort_entries()), so a reader under pressure reclaims; that was seen to take 93 ms,
 * and so long after its sample of vmstat a mark has none.
 */
SOURCE(trace, 0) = {
	.find = find_trace,
};
