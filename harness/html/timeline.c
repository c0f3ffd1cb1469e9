/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "html/timeline.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/keys.h"
#include "base/alloc.h"
#include "evidence/nodes.h"

static struct panel *add_panel(struct timeline *t, const char *unit)
{
	struct panel *p;

	ARRAY_GROW(t->panel, t->nr, t->cap);
	p = &t->panel[t->nr++];
	memset(p, 0, sizeof(*p));
	p->unit = unit;
	return p;
}

static struct line *add_line(struct panel *p, const char *name, const char *cls)
{
	p->name[p->nr] = name;
	p->cls[p->nr] = cls;
	return &p->line[p->nr++];
}

static void mark_line(struct timeline *t, struct line *l, const struct run_node *d,
		      enum node_mark mark, double mib)
{
	int key[NODE_ZONES_MAX];

	for (size_t z = 0; z < d->nr_zones; z++)
		key[z] = zone_mark(&d->zone[z], mark);
	line_zone_sum(l, d, key, mib, t->zero_us);
}

/* Free memory of a node from nodeN/vmstat where that was sampled, because it is read more often
 * than zoneinfo. */
static void free_line(struct timeline *t, struct line *l, const struct run_node *d, double mib)
{
	int key[NODE_ZONES_MAX];

	line_gauge(l, d->vmstat, "nr_free_pages", mib, t->zero_us);
	if (!isnan(line_max(l)))
		return;
	for (size_t z = 0; z < d->nr_zones; z++)
		key[z] = d->zone[z].free;
	l->nr = 0;
	line_zone_sum(l, d, key, mib, t->zero_us);
}

static void free_panel(struct timeline *t, const struct run_node *d, double mib)
{
	struct panel *p = add_panel(t, "MiB");

	snprintf(p->title, sizeof(p->title), "Free memory of node %u", d->n);
	p->cut = true;
	mark_line(t, add_line(p, "high", "w3"), d, MARK_HIGH, mib);
	mark_line(t, add_line(p, "low", "w2"), d, MARK_LOW, mib);
	mark_line(t, add_line(p, "min", "w1"), d, MARK_MIN, mib);
	free_line(t, add_line(p, "free", "fr"), d, mib);
}

static void reclaim_panel(struct timeline *t, const char *title, const struct archive_series *s)
{
	struct panel *p = add_panel(t, "pages/s");

	snprintf(p->title, sizeof(p->title), "%s", title);
	line_rate_counter(add_line(p, "kswapd scan", "sk"), s, "scan.kswapd", t->zero_us);
	line_rate_counter(add_line(p, "steal", "tk"), s, "steal.kswapd", t->zero_us);
	line_rate_counter(add_line(p, "direct scan", "sd"), s, "scan.direct", t->zero_us);
	line_rate_counter(add_line(p, "steal", "td"), s, "steal.direct", t->zero_us);
}

static void refault_panel(struct timeline *t)
{
	const struct archive_series *s = archive_series(t->a, SERIES_VMSTAT);
	struct panel *p = add_panel(t, "pages/s");

	snprintf(p->title, sizeof(p->title), "Refaults and swap-ins");
	line_rate_counter(add_line(p, "refault file", "l1"), s, "refault.file", t->zero_us);
	line_rate_counter(add_line(p, "refault anon", "l2"), s, "refault.anon", t->zero_us);
	if (isnan(line_max(&p->line[0])) && isnan(line_max(&p->line[1]))) {
		/* before 5.9 there is one counter for anon and file, mm/workingset.c */
		p->name[0] = "refault";
		line_rate_counter(&p->line[0], s, "refault.all", t->zero_us);
	}
	line_rate_counter(add_line(p, "swap in", "l3"), s, "swap.in_all", t->zero_us);
}

static void psi_panel(struct timeline *t)
{
	const struct archive_series *s = archive_series(t->a, SERIES_PSI_MEMORY);
	struct panel *p = add_panel(t, "% of time");

	snprintf(p->title, sizeof(p->title), "Memory pressure (PSI)");
	line_rate(add_line(p, "some", "l1"), s, "some.total", 1e-4,
		  t->zero_us); /* us/s to percent */
	line_rate(add_line(p, "full", "l2"), s, "full.total", 1e-4, t->zero_us);
}

static void kswapd_panel(struct timeline *t, const struct run_node *node, size_t nr, size_t all)
{
	static const char *const names[] = { "kswapd0", "kswapd1", "kswapd2", "kswapd3" };
	static const char *const cls[] = { "l1", "l2", "l3", "l4" };
	struct panel *p = add_panel(t, "% of a CPU");

	for (size_t i = 0; i < nr && p->nr < PANEL_LINES; i++)
		if (node[i].n < ARRAY_SIZE(names) && node[i].kswapd)
			line_rate_sum(add_line(p, names[node[i].n], cls[p->nr]), &node[i].cpu,
				      1e-7 * (double)node[i].cpu_ns, t->zero_us);
	if (all > (size_t)p->nr)
		snprintf(p->title, sizeof(p->title), "CPU time of kswapd, %d of %zu nodes drawn",
			 p->nr, all);
	else
		snprintf(p->title, sizeof(p->title), "CPU time of kswapd");
}

/* Finds the first nodes, in ascending order, of which something was sampled; counts all such nodes
 * and their kswapds. */
static size_t find_nodes(const struct archive *a, struct run_node node[TIMELINE_NODES],
			 size_t *seen, size_t *kswapds)
{
	unsigned n[NODES_MAX];
	size_t all = run_nodes(a, n), nr = 0;

	*seen = *kswapds = 0;
	for (size_t i = 0; i < all; i++) {
		struct run_node d;

		run_node_init(&d, a, n[i]);
		*kswapds += d.kswapd != NULL;
		if (!d.nr_zones && !d.vmstat && !d.kswapd)
			continue;
		(*seen)++;
		if (nr < TIMELINE_NODES)
			node[nr++] = d;
	}
	return nr;
}

static void add_phase(struct timeline *t, const char *name, double t0)
{
	if (t->nr_phases && t->phase[t->nr_phases - 1].t1 > t0)
		t->phase[t->nr_phases - 1].t1 = t0;
	if (name && t->nr_phases < TIMELINE_PHASES)
		t->phase[t->nr_phases++] = (struct span){ name, t0, INFINITY };
}

/* Takes the phases from the events `phase NAME`; without these events the window marks make the
 * phases before, window and after. */
static void find_phases(struct timeline *t)
{
	static const char *const names[] = { "setup", "settle", "window", "drain" };
	uint64_t begin, end;

	for (size_t i = 0; i < t->a->nr_ev; i++) {
		const struct archive_ev *e = &t->a->ev[i];
		const char *name = NULL;

		if (e->finding || strcmp(e->name, "phase"))
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(names); k++)
			if (!strncmp(e->text, names[k], strlen(names[k])) &&
			    !strstr(e->text, " end"))
				name = names[k];
		add_phase(t, name, ((double)e->t_us - (double)t->zero_us) / 1e6);
	}
	if (!t->nr_phases && archive_window(t->a, &begin, &end)) {
		add_phase(t, "setup", t->t0);
		add_phase(t, "window", 0);
		add_phase(t, "drain", (double)(end - begin) / 1e6);
	}
	for (size_t i = 0; i < t->nr_phases; i++)
		t->phase[i].t1 = fmin(t->phase[i].t1, t->t1);
}

static void set_top(struct panel *p)
{
	double mark = p->cut ? line_max(&p->line[0]) : NAN;

	p->top = NAN;
	for (int i = 0; i < p->nr; i++)
		p->top = fmax(p->top, line_max(&p->line[i]));
	/* what matters happens between min and high: the gigabytes of an idle node would flatten
	 * the lines */
	if (mark > 0 && p->top > 3 * mark)
		p->top = 3 * mark;
}

void timeline_load(struct timeline *t, const struct archive *a, double page_kib)
{
	struct run_node node[TIMELINE_NODES];
	size_t nr, kswapds;
	uint64_t end;

	memset(t, 0, sizeof(*t));
	t->a = a;
	t->has_window = archive_window(a, &t->zero_us, &end);
	if (!t->has_window && !archive_event_time(a, "mark", "window-begin", 0, &t->zero_us))
		t->zero_us = 0;
	t->t0 = 0;
	for (size_t s = 0; s < a->nr_series; s++) {
		const struct archive_series *ser = &a->series[s];

		if (!ser->nr_ticks)
			continue;
		t->t0 = fmin(t->t0, ((double)ser->tick[0].t_us - (double)t->zero_us) / 1e6);
		t->t1 = fmax(t->t1,
			     ((double)ser->tick[ser->nr_ticks - 1].t_us - (double)t->zero_us) /
				     1e6);
	}
	find_phases(t);
	nr = find_nodes(a, node, &t->nr_nodes, &kswapds);
	for (size_t i = 0; i < nr; i++)
		free_panel(t, &node[i], page_kib / 1024);
	reclaim_panel(t, "Reclaim, all nodes", archive_series(a, SERIES_VMSTAT));
	for (size_t i = 0; i < nr; i++) {
		char title[64];

		snprintf(title, sizeof(title), "Reclaim on node %u", node[i].n);
		reclaim_panel(t, title, node[i].vmstat);
	}
	kswapd_panel(t, node, nr, kswapds);
	refault_panel(t);
	psi_panel(t);
	for (size_t i = 0; i < t->nr; i++)
		set_top(&t->panel[i]);
}

void timeline_thin(struct timeline *t, size_t max)
{
	for (size_t i = 0; i < t->nr; i++)
		for (int k = 0; k < t->panel[i].nr; k++)
			line_thin(&t->panel[i].line[k], max);
}

size_t timeline_lines(const struct timeline *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->nr; i++)
		for (int k = 0; k < t->panel[i].nr; k++)
			n += t->panel[i].line[k].nr > 0;
	return n;
}

struct panel *timeline_panel(struct timeline *t, const char *title)
{
	for (size_t i = 0; t && i < t->nr; i++)
		if (!strcmp(t->panel[i].title, title) && !isnan(t->panel[i].top))
			return &t->panel[i];
	return NULL;
}

void timeline_release(struct timeline *t)
{
	for (size_t i = 0; i < t->nr; i++)
		for (int k = 0; k < t->panel[i].nr; k++)
			line_release(&t->panel[i].line[k]);
	free(t->panel);
	memset(t, 0, sizeof(*t));
}
