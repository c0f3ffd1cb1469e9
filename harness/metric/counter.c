/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics that are ratios of canonical counters over the window. */
#include "metric/row.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool metric_ratio_of(const struct run_view *v, const struct metric *m, double *out)
{
	const char *sep = strchr(m->arg, ' ');
	char den_name[64];
	double num, den;

	snprintf(den_name, sizeof(den_name), "%.*s", (int)(sep - m->arg), m->arg);
	return run_counter(v, den_name, &den) && run_counter(v, sep + 1, &num) &&
	       metric_ratio(num, den, out);
}

bool metric_steal_scan(const struct run_view *v, const struct metric *m, double *out)
{
	double scan[2], steal[2];

	(void)m;
	return run_counter(v, "scan.kswapd", &scan[0]) && run_counter(v, "scan.direct", &scan[1]) &&
	       run_counter(v, "steal.kswapd", &steal[0]) &&
	       run_counter(v, "steal.direct", &steal[1]) &&
	       metric_ratio(steal[0] + steal[1], scan[0] + scan[1], out);
}

bool metric_direct_share(const struct run_view *v, const struct metric *m, double *out)
{
	double kswapd, direct;

	(void)m;
	return run_counter(v, "steal.kswapd", &kswapd) && run_counter(v, "steal.direct", &direct) &&
	       metric_ratio(direct, direct + kswapd, out);
}

/* @what per GiB of @pages. */
static bool per_gib(const struct run_view *v, const char *what, const char *pages, double *out)
{
	double n, base;

	return run_counter(v, what, &n) && run_counter(v, pages, &base) &&
	       metric_ratio(n, metric_gib(v, base), out);
}

bool metric_per_gib_allocated(const struct run_view *v, const struct metric *m, double *out)
{
	return per_gib(v, m->arg, "alloc.pages", out);
}

bool metric_per_gib_by_kswapd(const struct run_view *v, const struct metric *m, double *out)
{
	return per_gib(v, m->arg, "steal.kswapd", out);
}

static double mib_of(const struct run_view *v, double pages)
{
	return pages * v->page_kib / 1024;
}

bool metric_mib_per_gib_allocated(const struct run_view *v, const struct metric *m, double *out)
{
	if (!per_gib(v, m->arg, "alloc.pages", out))
		return false;
	*out = mib_of(v, *out);
	return true;
}

bool metric_swap_traffic(const struct run_view *v, const struct metric *m, double *out)
{
	double in, written;

	(void)m;
	if (!per_gib(v, "swap.in_all", "alloc.pages", &in) ||
	    !per_gib(v, "swap.out_all", "alloc.pages", &written))
		return false;
	*out = mib_of(v, in + written);
	return true;
}

bool metric_sleep_share(const struct run_view *v, const struct metric *m, double *out)
{
	double runs, low, high;

	(void)m;
	if (!run_counter(v, "kswapd.runs", &runs) || !run_counter(v, "kswapd.low_quick", &low) ||
	    !run_counter(v, "kswapd.high_quick", &high) || !metric_ratio(low + high, runs, out))
		return false;
	*out = fmax(0, 1 - *out); /* an attempt can fall into the window without its run */
	return true;
}

bool metric_per_second(const struct run_view *v, const struct metric *m, double *out)
{
	double n;

	return run_counter(v, m->arg, &n) && metric_ratio(n, v->seconds, out);
}

bool metric_count_of(const struct run_view *v, const struct metric *m, double *out)
{
	return run_counter(v, m->arg, out);
}

bool metric_window_seconds(const struct run_view *v, const struct metric *m, double *out)
{
	(void)m;
	*out = v->seconds;
	return v->has_window;
}
