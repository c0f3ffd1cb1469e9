/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics from samples inside the window: PSI, stall times, caches, free pages against watermarks.
 */
#include "metric/row.h"

#include <stdlib.h>

#include "archive/keys.h"
#include "evidence/nodes.h"

bool metric_psi_share(const struct run_view *v, const struct metric *m, double *out)
{
	const struct archive_series *s = archive_series(v->a, SERIES_PSI_MEMORY);
	uint64_t us;

	return v->has_window && s &&
	       archive_delta(s, archive_key(s, m->arg), v->begin_us, v->end_us, &us) &&
	       metric_ratio((double)us / 1e6, v->seconds, out);
}

bool metric_slab_balance(const struct run_view *v, const struct metric *m, double *out)
{
	double slab, file;

	(void)m;
	return run_counter(v, "slab.reclaimable", &slab) && run_counter(v, "file.lru", &file) &&
	       metric_ratio(slab, slab + file, out);
}

/* ---------------------------------------------------------------- zoneinfo */

/* The row's node; *first becomes the sample at the beginning of the window. */
static bool node_of(const struct run_view *v, const struct metric *m, struct run_node *d,
		    size_t *first)
{
	long tick;

	run_node_init(d, v->a, (unsigned)strtoul(m->arg, NULL, 10));
	if (!d->nr_zones || !v->has_window)
		return false;
	tick = archive_tick_at(d->zoneinfo, v->begin_us);
	*first = (size_t)tick;
	return tick >= 0;
}

static bool below(const struct run_view *v, const struct metric *m, enum node_mark mark,
		  double *out)
{
	const struct archive_series *s;
	struct run_node d;
	size_t first;
	double us = 0;

	if (!node_of(v, m, &d, &first))
		return false;
	s = d.zoneinfo;
	for (size_t t = first; t < s->nr_ticks && s->tick[t].t_us < v->end_us; t++) {
		uint64_t from = t == first ? v->begin_us : s->tick[t].t_us, to = v->end_us;
		struct node_margin now;

		if (t + 1 < s->nr_ticks && s->tick[t + 1].t_us < to)
			to = s->tick[t + 1].t_us;
		if (!node_margin(&d, t, mark, &now))
			return false;
		if (!now.balanced && to > from)
			us += (double)(to - from);
	}
	*out = us / 1e6;
	return true;
}

bool metric_below_low(const struct run_view *v, const struct metric *m, double *out)
{
	return below(v, m, MARK_LOW, out);
}

bool metric_below_min(const struct run_view *v, const struct metric *m, double *out)
{
	return below(v, m, MARK_MIN, out);
}

bool metric_peak_above_high(const struct run_view *v, const struct metric *m, double *out)
{
	const struct archive_series *s;
	struct run_node d;
	size_t first;
	bool fell = false;
	double peak = 0;

	if (!node_of(v, m, &d, &first))
		return false;
	s = d.zoneinfo;
	for (size_t t = first; t < s->nr_ticks && s->tick[t].t_us <= v->end_us; t++) {
		struct node_margin now;

		if (!node_margin(&d, t, MARK_HIGH, &now))
			return false;
		fell |= !now.roomy;
		if (fell && now.above > peak)
			peak = now.above;
	}
	*out = peak;
	return fell;
}
