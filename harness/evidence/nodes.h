/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The NUMA nodes of a run: their numbers, zones and watermarks, and the CPU time of their kswapd.
 */
#ifndef WMARK_EVIDENCE_NODES_H
#define WMARK_EVIDENCE_NODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/archive.h"
#include "evidence/sum.h"

#define NODES_MAX 1024	 /* CONFIG_NODES_SHIFT is 10 at most */
#define NODE_ZONES_MAX 8 /* MAX_NR_ZONES is at most 6 */

/*
 * Numbers of the nodes with memory, ascending; returns how many. These are the nodes that the
 * header names (numa.nodes), that have a zone with pages in zoneinfo (which prints nodes without
 * memory too), or that have a kswapd; where the run has neither header nor zoneinfo, also the nodes
 * whose vmstat was sampled.
 */
size_t run_nodes(const struct archive *a, unsigned node[NODES_MAX]);

/* Keys of one zone in zoneinfo, -1 = ABSENT. */
struct zone_keys {
	char name[32]; /* "DMA32" */
	int free, min, low, high, managed, reserve[NODE_ZONES_MAX];
};

struct run_node {
	unsigned n;
	const struct archive_series *zoneinfo; /* or NULL */
	struct zone_keys zone[NODE_ZONES_MAX]; /* in the kernel's zone order, empty ones too */
	size_t nr_zones;		       /* 0 = zoneinfo does not show the node */
	int unreclaimable;		       /* key of zoneinfo, -1 = ABSENT */
	const struct archive_series *vmstat;   /* nodeN/vmstat or NULL */
	const struct archive_series *kswapd;   /* the series with its CPU time, or NULL */
	struct key_sum cpu; /* keys of .kswapd; none = its CPU time could not be read */
	uint64_t cpu_ns;    /* ns per unit of .cpu */
};
void run_node_init(struct run_node *d, const struct archive *a, unsigned n);

/*
 * True when the zone has pages (any that the page allocator manages) at sample @tick of zoneinfo.
 */
bool node_zone_populated(const struct run_node *d, size_t tick, size_t zone);

enum node_mark { MARK_MIN, MARK_LOW, MARK_HIGH };

/* Key of a zone's watermark. */
int zone_mark(const struct zone_keys *z, enum node_mark mark);

struct node_margin {
	bool balanced; /* some zone of the node has more than the mark */
	bool roomy;    /* the zone with most pages has more than the mark */
	double above;  /* free pages above the mark, summed over those zones */
};
/* How far the node is above a watermark at one sample of zoneinfo. False = no zone to judge. */
bool node_margin(const struct run_node *d, size_t tick, enum node_mark mark,
		 struct node_margin *out);

/*
 * CPU time of the node's kswapd, ns. /proc/PID/schedstat is exact; utime + stime of /proc/PID/stat
 * go in steps of 10 ms. False = not known.
 */
bool node_kswapd_at(const struct run_node *d, size_t tick, uint64_t *ns); /* a tick of .kswapd */
/* CPU time over a window, as archive_delta(). */
bool node_kswapd_delta(const struct run_node *d, uint64_t begin_us, uint64_t end_us, uint64_t *ns);
/* CPU time between the last samples at or before the two times. */
bool node_kswapd_between(const struct run_node *d, uint64_t from_us, uint64_t to_us, uint64_t *ns);

/*
 * True when @name is @head, a node number and @tail: "node3/vmstat" of "node" and "/vmstat" is of
 * node 3.
 */
bool node_series_name(const char *name, const char *head, const char *tail, unsigned *node);

#endif
