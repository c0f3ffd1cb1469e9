/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables of one run that come from counters: canonical counters over the window, metrics,
 * watermarks. */
#include <math.h>
#include <string.h>

#include "archive/keys.h"
#include "evidence/counters.h"
#include "evidence/nodes.h"
#include "evidence/view.h"
#include "metric/metric.h"
#include "report/fmt.h"
#include "report/run_tables.h"

/* The window, or all samples of a run that did not reach its end. */
static bool extent(const struct archive *a, const struct archive_series *s, uint64_t *begin,
		   uint64_t *end)
{
	if (archive_window(a, begin, end))
		return true;
	*begin = s && s->nr_ticks ? s->tick[0].t_us : 0;
	*end = s && s->nr_ticks ? s->tick[s->nr_ticks - 1].t_us : 0;
	return false;
}

void report_run_counters(struct tables *t, const struct archive *a)
{
	const struct archive_series *s = archive_series(a, SERIES_VMSTAT);
	struct table *tab;
	struct run_span w = { .s = s };
	struct buf includes = BUF_INIT;
	bool window;

	if (!s)
		return;
	window = extent(a, s, &w.begin_us, &w.end_us);
	tab = table_add(t, "counters",
			window ? "Counters over the window"
			       : "Counters from the first sample to the last",
			HEAD("Counter", "Value", "Unit", "Raw names"), "lrll");
	tab->mono = true;
	tab->note = "Increase over the window; gauges (marked =) as they stood at its end. ABSENT: "
		    "this kernel cannot say; never zero.";
	run_includes(a, &includes);
	for (const struct counter *c = counter_table; c->name; c++) {
		struct buf used = BUF_INIT;
		uint64_t v;
		bool ok = run_span_counter(&w, c, &v, &used), gauge = c->kind == COUNTER_GAUGE;

		if (ok && includes.len &&
		    (!strcmp(c->name, "scan.direct") || !strcmp(c->name, "steal.direct")))
			buf_addf(&used, " (%s)", includes.data);
		table_row(tab, ROW(c->name,
				   ok ? arena_printf(&t->mem, "%s%llu", gauge ? "= " : "",
						     (unsigned long long)v)
				      : "ABSENT",
				   counter_unit_names[c->unit],
				   ok ? arena_strdup(&t->mem, used.data) : ""));
		buf_release(&used);
	}
	buf_release(&includes);
}

void report_run_metrics(struct tables *t, const struct archive *a)
{
	size_t left_out;
	struct table *tab = table_add(t, "metrics", "Metrics",
				      HEAD("Metric", "Value", "Unit", "What it is"), "lrll");
	const struct metric *m = metrics_for(&a, 1, &t->mem, &left_out);
	struct run_view v;

	run_view_init(&v, a);
	if (left_out)
		tab->note = arena_printf(
			&t->mem, "%zu results are left out: more than %d metrics of workloads.",
			left_out, METRIC_WORKLOAD_ROWS);
	if (!v.has_window)
		tab->note = "The run has no complete window, so most metrics are ABSENT.";
	for (; m && m->name; m++) {
		double x = NAN;
		bool ok = m->fn && m->fn(&v, m, &x);

		table_row(tab, ROW(m->name, arena_strdup(&t->mem, fmt_num(ok ? x : NAN).s),
				   metric_unit(m), m->help));
	}
}

static const char *size_at(struct tables *t, const struct archive_series *s, uint64_t us, int key,
			   double page_kib)
{
	long at = archive_tick_at(s, us);
	uint64_t v;

	if (at < 0 || !archive_value(s, (size_t)at, key, &v))
		return "ABSENT";
	return arena_strdup(&t->mem, fmt_kib((double)v * page_kib).s);
}

static const char *lowest(struct tables *t, const struct archive_series *s, uint64_t begin,
			  uint64_t end, int key, double page_kib)
{
	double low = NAN;
	long first = archive_tick_at(s, begin); /* the sample of the mark is taken just before it */
	uint64_t v;

	for (size_t i = first < 0 ? 0 : (size_t)first; i < s->nr_ticks && s->tick[i].t_us <= end;
	     i++)
		if (archive_value(s, i, key, &v))
			low = fmin(low, (double)v);
	return arena_strdup(&t->mem, fmt_kib(low * page_kib).s);
}

static void zone_row(struct tables *t, struct table *tab, const struct run_node *d, size_t zone,
		     uint64_t begin, uint64_t end, double kib)
{
	const struct archive_series *s = d->zoneinfo;
	const struct zone_keys *z = &d->zone[zone];

	table_row(tab, ROW(arena_printf(&t->mem, "node%u.%s", d->n, z->name),
			   size_at(t, s, end, zone_mark(z, MARK_MIN), kib),
			   size_at(t, s, end, zone_mark(z, MARK_LOW), kib),
			   size_at(t, s, end, zone_mark(z, MARK_HIGH), kib),
			   size_at(t, s, begin, z->free, kib), size_at(t, s, end, z->free, kib),
			   lowest(t, s, begin, end, z->free, kib)));
}

void report_run_watermarks(struct tables *t, const struct archive *a)
{
	const struct archive_series *s = archive_series(a, SERIES_ZONEINFO);
	double kib = run_page_kib(a);
	unsigned node[NODES_MAX];
	struct table *tab;
	uint64_t begin, end;
	long at;

	if (!s || !s->nr_ticks)
		return;
	extent(a, s, &begin, &end);
	at = archive_tick_at(s, end);
	tab = table_add(
		t, "watermarks", "Watermarks and free memory by zone",
		HEAD("Zone", "min", "low", "high", "Free at begin", "Free at end", "Lowest sample"),
		"lrrrrrr");
	tab->note = "Watermarks as they stood at the end of the window, boost included.";
	for (size_t i = 0, nr = run_nodes(a, node); i < nr; i++) {
		struct run_node d;

		run_node_init(&d, a, node[i]);
		for (size_t z = 0; z < d.nr_zones; z++)
			if (node_zone_populated(&d, at < 0 ? 0 : (size_t)at, z))
				zone_row(t, tab, &d, z, begin, end, kib);
	}
}
