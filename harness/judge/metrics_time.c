/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics from samples inside the window: kswapd CPU time, PSI, free pages against watermarks, slab against
 * cache.
 */
#include "judge/metrics_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define ZONES_MAX 8 /* MAX_NR_ZONES is at most 6 */

/* CPU time of all kswapd threads in the window; false when one of them cannot be told. */
static bool kswapd_run_ns(const struct run_view *v, double *ns, unsigned *nr)
{
	unsigned node;
	int end;

	*ns = 0;
	*nr = 0;
	if (!v->has_window)
		return false;
	for (size_t i = 0; i < v->a->nr_series; i++) {
		const struct archive_series *s = &v->a->series[i];
		uint64_t d;

		end = 0;
		if (sscanf(s->name, "kswapd%u/schedstat%n", &node, &end) != 1 || !end || s->name[end])
			continue;
		if (!archive_delta(s, archive_key(s, "run_ns"), v->begin_us, v->end_us, &d))
			return false;
		*ns += (double)d;
		(*nr)++;
	}
	return *nr > 0;
}

bool metric_kswapd_cpu(const struct run_view *v, const struct metric *m, double *out)
{
	double ns, pages;
	unsigned nr;

	return kswapd_run_ns(v, &ns, &nr) && run_counter(v, m->arg, &pages) &&
	       metric_ratio(ns / 1e6, metric_gib(v, pages), out);
}

bool metric_kswapd_duty(const struct run_view *v, const struct metric *m, double *out)
{
	double ns;
	unsigned nr;

	(void)m;
	return kswapd_run_ns(v, &ns, &nr) && metric_ratio(ns / 1e9, v->seconds * nr, out);
}

bool metric_psi_share(const struct run_view *v, const struct metric *m, double *out)
{
	const struct archive_series *s = archive_series(v->a, "pressure/memory");
	uint64_t us;

	return v->has_window && s && archive_delta(s, archive_key(s, m->arg), v->begin_us, v->end_us, &us) &&
	       metric_ratio((double)us / 1e6, v->seconds, out);
}

/* Sum of @keys in vmstat at the last sample at or before @t_us. */
static bool level_at(const struct run_view *v, uint64_t t_us, const char *const *keys, double *out)
{
	long tick = v->vmstat ? archive_tick_at(v->vmstat, t_us) : -1;
	uint64_t n;

	*out = 0;
	for (; *keys; keys++) {
		if (tick < 0 || !archive_value(v->vmstat, (size_t)tick, archive_key(v->vmstat, *keys), &n))
			return false;
		*out += (double)n;
	}
	return true;
}

bool metric_slab_balance(const struct run_view *v, const struct metric *m, double *out)
{
	static const char *const slab[] = { "nr_slab_reclaimable", NULL }, *const file[] = {
		"nr_active_file", "nr_inactive_file", NULL
	};
	double slab0, slab1, file0, file1;

	(void)m;
	return v->has_window && level_at(v, v->begin_us, slab, &slab0) &&
	       level_at(v, v->end_us, slab, &slab1) && level_at(v, v->begin_us, file, &file0) &&
	       level_at(v, v->end_us, file, &file1) && file0 > 0 &&
	       metric_ratio(slab1 * file0, slab0 * file1, out);
}

/* ---------------------------------------------------------------- zoneinfo */

struct zone_keys {
	char name[32];
	int free, low, high, managed, reserve[ZONES_MAX];
};

struct node_keys {
	struct zone_keys zone[ZONES_MAX]; /* in the kernel's zone order: zoneinfo prints empty zones too */
	size_t nr;
};

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
	const struct archive_series *s = archive_series(a, "zoneinfo");
	unsigned node;
	char zone[32];

	for (size_t i = 0; s && i < s->nr_keys; i++)
		if (parse_zone_key(s->key[i], &node, zone) && node < max)
			has[node] = true;
}

static int zone_key(const struct archive_series *s, unsigned node, const char *zone, const char *item)
{
	char key[96];

	snprintf(key, sizeof(key), "node%u.%s.%s", node, zone, item);
	return archive_key(s, key);
}

static void node_keys_find(const struct archive_series *s, unsigned node, struct node_keys *k)
{
	memset(k, 0, sizeof(*k));
	for (size_t i = 0; i < s->nr_keys && k->nr < ZONES_MAX; i++) {
		struct zone_keys *z = &k->zone[k->nr];
		char name[32];
		unsigned n;

		if (!parse_zone_key(s->key[i], &n, name) || n != node || (k->nr && !strcmp(z[-1].name, name)))
			continue;
		memcpy(z->name, name, sizeof(name));
		z->free = zone_key(s, node, name, "free");
		z->low = zone_key(s, node, name, "low");
		z->high = zone_key(s, node, name, "high");
		z->managed = zone_key(s, node, name, "managed");
		for (unsigned j = 0; j < ZONES_MAX; j++) {
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

struct margin {
	bool balanced; /* some zone of the node has the mark */
	bool roomy;    /* the zone with most pages has more than the mark */
	double above;  /* free pages beyond the mark, summed over the zones that have it */
};

/*
 * How far the node is from a watermark as pgdat_balanced() sees it (mm/vmscan.c): a zone has it when its free pages
 * are more than the mark + the lowmem reserve kept from requests for the node's highest populated zone (mm/page_alloc.c,
 * __zone_watermark_ok() fails at free <= mark + reserve). The printed marks hold the boost (mm/vmstat.c prints
 * low_wmark_pages(), also where it prints no boost line), and so do those the allocator is held to. False = no zone
 * to judge.
 */
static bool node_margin(const struct archive_series *s, size_t tick, const struct node_keys *k, bool high,
			struct margin *out)
{
	size_t top = k->nr;
	double most = 0;

	for (size_t z = 0; z < k->nr; z++)
		if (value_or_zero(s, tick, k->zone[z].managed) > 0)
			top = z;
	*out = (struct margin){ 0 };
	for (size_t z = 0; z <= top && top < k->nr; z++) {
		const struct zone_keys *zk = &k->zone[z];
		double managed = value_or_zero(s, tick, zk->managed), margin;
		uint64_t free_pages, mark;

		if (managed == 0)
			continue;
		if (!archive_value(s, tick, zk->free, &free_pages) ||
		    !archive_value(s, tick, high ? zk->high : zk->low, &mark))
			return false;
		margin = (double)free_pages - (double)mark - value_or_zero(s, tick, zk->reserve[top]);
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
	const struct archive_series *s = archive_series(v->a, "zoneinfo");

	if (!s || !v->has_window)
		return NULL;
	node_keys_find(s, (unsigned)strtoul(m->arg, NULL, 10), k);
	*first = archive_tick_at(s, v->begin_us);
	return k->nr && *first >= 0 ? s : NULL;
}

bool metric_below_low(const struct run_view *v, const struct metric *m, double *out)
{
	struct node_keys k;
	long first;
	const struct archive_series *s = zoneinfo_of(v, m, &k, &first);
	double us = 0;

	if (!s)
		return false;
	for (size_t t = (size_t)first; t < s->nr_ticks && s->tick[t].t_us < v->end_us; t++) {
		uint64_t from = t == (size_t)first ? v->begin_us : s->tick[t].t_us, to = v->end_us;
		struct margin now;

		if (t + 1 < s->nr_ticks && s->tick[t + 1].t_us < to)
			to = s->tick[t + 1].t_us;
		if (!node_margin(s, t, &k, false, &now))
			return false;
		if (!now.balanced && to > from)
			us += (double)(to - from);
	}
	*out = us / 1e6;
	return true;
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
		struct margin now;

		if (!node_margin(s, t, &k, true, &now))
			return false;
		fell |= !now.roomy;
		if (fell && now.above > peak)
			peak = now.above;
	}
	*out = peak;
	return fell;
}
