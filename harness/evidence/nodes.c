/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "evidence/nodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/keys.h"
#include "probe/probe.h"

/* Unit of /proc/PID/stat; 100 Hz on every architecture but alpha and ia64. */
#define USER_HZ_NS 10000000

/* Reads the digits of a node number; returns the text after them, or NULL. */
static const char *node_number(const char *p, unsigned *node)
{
	size_t len = strspn(p, "0123456789");

	if (!len || len > 4)
		return NULL;
	*node = (unsigned)strtoul(p, NULL, 10);
	return *node < NODES_MAX ? p + len : NULL;
}

bool node_series_name(const char *name, const char *head, const char *tail, unsigned *node)
{
	size_t len = strlen(head);
	const char *end = strncmp(name, head, len) ? NULL : node_number(name + len, node);

	return end && !strcmp(end, tail);
}

/*
 * Splits "node3.Normal.free" and "node3.nr_dirty": the node number, and the text after the first
 * dot.
 */
static const char *node_item(const char *key, unsigned *node)
{
	const char *end = strncmp(key, "node", 4) ? NULL : node_number(key + 4, node);

	return end && *end == '.' ? end + 1 : NULL;
}

/*
 * ---------------------------------------------------------------- the nodes of a run
 */

static bool zone_has_pages(const struct archive_series *zoneinfo, int managed)
{
	uint64_t v;

	for (size_t t = 0; t < zoneinfo->nr_ticks; t++)
		if (archive_value(zoneinfo, t, managed, &v) && v)
			return true;
	return false;
}

static void by_zoneinfo(const struct archive_series *s, bool has[NODES_MAX])
{
	for (size_t i = 0; i < s->nr_keys; i++) {
		unsigned node;
		const char *item = node_item(s->key[i], &node),
			   *dot = item ? strchr(item, '.') : NULL;

		if (dot && !has[node] && !strcmp(dot, ".managed"))
			has[node] = zone_has_pages(s, (int)i);
	}
}

static bool is_kswapd(const char *series, unsigned *node)
{
	return node_series_name(series, SERIES_KSWAPD, SERIES_KSWAPD_SCHEDSTAT, node) ||
	       node_series_name(series, SERIES_KSWAPD, SERIES_KSWAPD_STAT, node);
}

size_t run_nodes(const struct archive *a, unsigned node[NODES_MAX])
{
	const struct archive_series *zoneinfo = archive_series(a, SERIES_ZONEINFO);
	const char *list = archive_get(a, "numa.nodes");
	bool has[NODES_MAX] = { false };
	struct probe_bits bits;
	size_t nr = 0;
	unsigned n;

	if (list && !probe_cpulist(list, strlen(list), &bits, NULL))
		for (n = 0; n < NODES_MAX; n++)
			has[n] = probe_bit(&bits, n);
	if (zoneinfo)
		by_zoneinfo(zoneinfo, has);
	for (size_t i = 0; i < a->nr_series; i++)
		if (is_kswapd(a->series[i].name, &n) ||
		    (!list && !zoneinfo &&
		     node_series_name(a->series[i].name, SERIES_NODE, SERIES_NODE_VMSTAT, &n)))
			has[n] = true;
	for (n = 0; n < NODES_MAX; n++)
		if (has[n])
			node[nr++] = n;
	return nr;
}

/* ---------------------------------------------------------------- one node */

/*
 * Finds or makes the keys of a zone. Keys that appeared during the run (a boost, memory onlined)
 * come after the keys of other zones.
 */
static struct zone_keys *zone_of(struct run_node *d, const char *name, size_t len)
{
	struct zone_keys *z = d->zone;

	for (; z < d->zone + d->nr_zones; z++)
		if (strlen(z->name) == len && !memcmp(z->name, name, len))
			return z;
	if (d->nr_zones == NODE_ZONES_MAX || len >= sizeof(z->name))
		return NULL;
	d->nr_zones++;
	*z = (struct zone_keys){ .free = -1, .min = -1, .low = -1, .high = -1, .managed = -1 };
	memcpy(z->name, name, len);
	for (size_t i = 0; i < NODE_ZONES_MAX; i++)
		z->reserve[i] = -1;
	return z;
}

static void zone_item(struct zone_keys *z, const char *item, int key)
{
	struct {
		const char *name;
		int *key;
	} items[] = {
		{ "free", &z->free }, { "min", &z->min },	  { "low", &z->low },
		{ "high", &z->high }, { "managed", &z->managed },
	};
	unsigned zone;
	int end = 0;

	for (size_t i = 0; i < sizeof(items) / sizeof(*items); i++)
		if (!strcmp(item, items[i].name))
			*items[i].key = key;
	if (sscanf(item, "protection_%u%n", &zone, &end) == 1 && !item[end] &&
	    zone < NODE_ZONES_MAX)
		z->reserve[zone] = key;
}

static void find_zones(struct run_node *d)
{
	const struct archive_series *s = d->zoneinfo;

	for (size_t i = 0; i < s->nr_keys; i++) {
		unsigned node;
		const char *item = node_item(s->key[i], &node), *dot;
		struct zone_keys *z;

		if (!item || node != d->n)
			continue;
		dot = strchr(item, '.');
		z = dot ? zone_of(d, item, (size_t)(dot - item)) : NULL;
		if (z)
			zone_item(z, dot + 1, (int)i);
		else if (!strcmp(item, "node_unreclaimable"))
			d->unreclaimable = (int)i;
	}
}

static const struct archive_series *series_of(const struct archive *a, const char *head,
					      unsigned node, const char *tail)
{
	char name[64];

	snprintf(name, sizeof(name), "%s%u%s", head, node, tail);
	return archive_series(a, name);
}

void run_node_init(struct run_node *d, const struct archive *a, unsigned n)
{
	static const char *const run_ns[] = { "run_ns", NULL }, *const ticks[] = { "utime", "stime",
										   NULL };

	*d = (struct run_node){
		.n = n,
		.zoneinfo = archive_series(a, SERIES_ZONEINFO),
		.unreclaimable = -1,
		.vmstat = series_of(a, SERIES_NODE, n, SERIES_NODE_VMSTAT),
		.kswapd = series_of(a, SERIES_KSWAPD, n, SERIES_KSWAPD_SCHEDSTAT),
		.cpu_ns = 1,
	};
	if (d->zoneinfo)
		find_zones(d);
	if (d->kswapd) {
		sum_init(&d->cpu, d->kswapd, run_ns);
		return;
	}
	d->kswapd = series_of(a, SERIES_KSWAPD, n, SERIES_KSWAPD_STAT);
	sum_init(&d->cpu, d->kswapd, ticks);
	d->cpu_ns = USER_HZ_NS;
}

/* ---------------------------------------------------------------- watermarks */

static double value_or_zero(const struct archive_series *s, size_t tick, int key)
{
	uint64_t v = 0;

	archive_value(s, tick, key, &v);
	return (double)v;
}

bool node_zone_populated(const struct run_node *d, size_t tick, size_t zone)
{
	return value_or_zero(d->zoneinfo, tick, d->zone[zone].managed) > 0;
}

int zone_mark(const struct zone_keys *z, enum node_mark mark)
{
	return mark == MARK_MIN ? z->min : mark == MARK_LOW ? z->low : z->high;
}

/*
 * Uses the rule of pgdat_balanced() (mm/vmscan.c): a zone is above the mark when its free pages are
 * more than the mark + the lowmem reserve kept from requests for the node's highest populated zone
 * (mm/page_alloc.c, __zone_watermark_ok() fails at free <= mark + reserve). The printed marks
 * include the boost (mm/vmstat.c prints low_wmark_pages(), also where it prints no boost line), and
 * so do the marks that the allocator obeys.
 */
bool node_margin(const struct run_node *d, size_t tick, enum node_mark mark,
		 struct node_margin *out)
{
	const struct archive_series *s = d->zoneinfo;
	size_t top = d->nr_zones;
	double most = 0;

	for (size_t z = 0; z < d->nr_zones; z++)
		if (node_zone_populated(d, tick, z))
			top = z;
	*out = (struct node_margin){ 0 };
	for (size_t z = 0; z <= top && top < d->nr_zones; z++) {
		const struct zone_keys *zk = &d->zone[z];
		double managed = value_or_zero(s, tick, zk->managed), margin;
		uint64_t free_pages, level;

		if (managed == 0)
			continue;
		if (!archive_value(s, tick, zk->free, &free_pages) ||
		    !archive_value(s, tick, zone_mark(zk, mark), &level))
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
	return top < d->nr_zones;
}

/* ---------------------------------------------------------------- CPU time of kswapd */

bool node_kswapd_at(const struct run_node *d, size_t tick, uint64_t *ns)
{
	if (!sum_at(&d->cpu, tick, ns))
		return false;
	*ns *= d->cpu_ns;
	return true;
}

bool node_kswapd_delta(const struct run_node *d, uint64_t begin_us, uint64_t end_us, uint64_t *ns)
{
	if (!sum_delta(&d->cpu, begin_us, end_us, ns))
		return false;
	*ns *= d->cpu_ns;
	return true;
}

bool node_kswapd_between(const struct run_node *d, uint64_t from_us, uint64_t to_us, uint64_t *ns)
{
	uint64_t a, b;
	long from, to;

	if (!d->cpu.nr)
		return false;
	from = archive_tick_at(d->kswapd, from_us);
	to = archive_tick_at(d->kswapd, to_us);
	if (from < 0 || to < from || !node_kswapd_at(d, (size_t)from, &a) ||
	    !node_kswapd_at(d, (size_t)to, &b) || b < a)
		return false;
	*ns = b - a;
	return true;
}
