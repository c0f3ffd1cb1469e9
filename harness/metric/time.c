/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics from samples inside the window: PSI, stall times, caches, free pages against watermarks.
 */
#include "metric/row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/keys.h"
#include "base/alloc.h"

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

/* "node3.Normal.free": node number and zone name; false for per-node items ("node3.nr_dirty"). */
static bool parse_zone_key(const char *key, unsigned *node, char zone[32])
{
	int end = 0;
	const char *dot;

	if (sscanf(key, "node%u.%n", node, &end) != 1 || !end)
		return false;
	dot = strchr(key + end, '.');
	if (!dot || dot - (key + end) >= 32)
		return false;
	memcpy(zone, key + end, (size_t)(dot - (key + end)));
	zone[dot - (key + end)] = '\0';
	return true;
}

void metric_zoneinfo_nodes(const struct archive *a, bool *has, size_t max)
{
	const struct archive_series *s = archive_series(a, SERIES_ZONEINFO);
	unsigned node;
	char zone[32];

	for (size_t i = 0; s && i < s->nr_keys; i++)
		if (parse_zone_key(s->key[i], &node, zone) && node < max)
			has[node] = true;
}

static int zone_key(const struct archive_series *s, unsigned node, const char *zone,
		    const char *item)
{
	char key[96];

	snprintf(key, sizeof(key), "node%u.%s.%s", node, zone, item);
	return archive_key(s, key);
}

/* Keys that came up during the run (a boost, memory onlined) stand behind those of the other zones.
 */
static bool has_zone(const struct node_keys *k, const char *name)
{
	for (size_t z = 0; z < k->nr; z++)
		if (!strcmp(k->zone[z].name, name))
			return true;
	return false;
}

void metric_node_keys(const struct archive_series *s, unsigned node, struct node_keys *k)
{
	memset(k, 0, sizeof(*k));
	for (size_t i = 0; i < s->nr_keys && k->nr < METRIC_ZONES_MAX; i++) {
		struct zone_keys *z = &k->zone[k->nr];
		char name[32];
		unsigned n;

		if (!parse_zone_key(s->key[i], &n, name) || n != node || has_zone(k, name))
			continue;
		memcpy(z->name, name, sizeof(name));
		z->free = zone_key(s, node, name, "free");
		z->min = zone_key(s, node, name, "min");
		z->low = zone_key(s, node, name, "low");
		z->high = zone_key(s, node, name, "high");
		z->managed = zone_key(s, node, name, "managed");
		for (unsigned j = 0; j < METRIC_ZONES_MAX; j++) {
			char item[32];

			snprintf(item, sizeof(item), "protection_%u", j);
			z->reserve[j] = zone_key(s, node, name, item);
		}
		k->nr++;
	}
}

static double value_or_zero(const struct archive_series *s, size_t tick, int key)
{
	uint64_t v = 0;

	archive_value(s, tick, key, &v);
	return (double)v;
}

/*
 * How far the node is from a watermark as pgdat_balanced() sees it (mm/vmscan.c): a zone has it
 * when its free pages are more than the mark + the lowmem reserve kept from requests for the node's
 * highest populated zone (mm/page_alloc.c,
 * __zone_watermark_ok() fails at free <= mark + reserve). The printed marks hold the boost
 * (mm/vmstat.c prints low_wmark_pages(), also where it prints no boost line), and so do those the
 * allocator is held to.
 */
bool metric_node_margin(const struct archive_series *s, size_t tick, const struct node_keys *k,
			enum node_mark mark, struct node_margin *out)
{
	size_t top = k->nr;
	double most = 0;

	for (size_t z = 0; z < k->nr; z++)
		if (value_or_zero(s, tick, k->zone[z].managed) > 0)
			top = z;
	*out = (struct node_margin){ 0 };
	for (size_t z = 0; z <= top && top < k->nr; z++) {
		const struct zone_keys *zk = &k->zone[z];
		double managed = value_or_zero(s, tick, zk->managed), margin;
		int key = mark == MARK_LOW ? zk->low : mark == MARK_HIGH ? zk->high : zk->min;
		uint64_t free_pages, level;

		if (managed == 0)
			continue;
		if (!archive_value(s, tick, zk->free, &free_pages) ||
		    !archive_value(s, tick, key, &level))
			return false;
		margin = (double)free_pages - (double)level -
			 value_or_zero(s, tick, zk->reserve[top]);
		if (managed >= most) {
			most = managed;
			out->roomy = margin > 0;
		}
		out->balanced |= margin > 0;
		out->above += margin > 0 ? margin : 0;
	}
	return top < k->nr;
}

static const struct archive_series *zoneinfo_of(const struct run_view *v, const struct metric *m,
						struct node_keys *k, long *first)
{
	const struct archive_series *s = archive_series(v->a, SERIES_ZONEINFO);

	if (!s || !v->has_window)
		return NULL;
	metric_node_keys(s, (unsigned)strtoul(m->arg, NULL, 10), k);
	*first = archive_tick_at(s, v->begin_us);
	return k->nr && *first >= 0 ? s : NULL;
}

static bool below(const struct run_view *v, const struct metric *m, enum node_mark mark,
		  double *out)
{
	struct node_keys k;
	long first;
	const struct archive_series *s = zoneinfo_of(v, m, &k, &first);
	double us = 0;

	if (!s)
		return false;
	for (size_t t = (size_t)first; t < s->nr_ticks && s->tick[t].t_us < v->end_us; t++) {
		uint64_t from = t == (size_t)first ? v->begin_us : s->tick[t].t_us, to = v->end_us;
		struct node_margin now;

		if (t + 1 < s->nr_ticks && s->tick[t + 1].t_us < to)
			to = s->tick[t + 1].t_us;
		if (!metric_node_margin(s, t, &k, mark, &now))
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
	struct node_keys k;
	long first;
	const struct archive_series *s = zoneinfo_of(v, m, &k, &first);
	bool fell = false;
	double peak = 0;

	if (!s)
		return false;
	for (size_t t = (size_t)first; t < s->nr_ticks && s->tick[t].t_us <= v->end_us; t++) {
		struct node_margin now;

		if (!metric_node_margin(s, t, &k, MARK_HIGH, &now))
			return false;
		fell |= !now.roomy;
		if (fell && now.above > peak)
			peak = now.above;
	}
	*out = peak;
	return fell;
}
