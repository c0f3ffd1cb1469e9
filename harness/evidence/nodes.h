/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The NUMA nodes of a run: which there are, their zones and watermarks, the CPU time of kswapd. */
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
 * Numbers of the nodes with memory, ascending; returns how many. Those that the header names
 * (numa.nodes), that have a zone with pages in zoneinfo (which prints nodes without memory too), or
 * a kswapd; where neither header nor zoneinfo is there, those whose vmstat was sampled.
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
	size_t nr_zones;		       /* 0 = zoneinfo says nothing of the node */
	int unreclaimable;		       /* key of zoneinfo, -1 = ABSENT */
	const struct archive_series *vmstat;   /* nodeN/vmstat or NULL */
	const struct archive_series *kswapd;   /* where its CPU time is, or NULL */
	struct key_sum cpu;		       /* of .kswapd; no key = it could not be read */
	uint64_t cpu_ns;		       /* unit of .cpu */
};
void run_node_init(struct run_node *d, const struct archive *a, unsigned n);

/* Has the zone pages at a sample of zoneinfo (any that the page allocator manages)? */
bool node_zone_populated(const struct run_node *d, size_t tick, size_t zone);

enum node_mark { MARK_MIN, MARK_LOW, MARK_HIGH };

/* Key of a zone's watermark. */
int zone_mark(const struct zone_keys *z, enum node_mark mark);

struct node_margin {
	bool balanced; /* some zone of the node has the mark */
	bool roomy;    /* the zone with most pages has more than the mark */
	double above;  /* free pages beyond the mark, summed over the zones that have it */
};
/* How far the node is from a watermark at one sample of zoneinfo. False = no zone to judge. */
bool node_margin(const struct run_node *d, size_t tick, enum node_mark mark,
		 struct node_margin *out);

/*
 * CPU time of the node's kswapd, ns: /proc/PID/schedstat is exact, utime + stime of /proc/PID/stat
 * go in steps of 10 ms. False = not known.
 */
bool node_kswapd_at(const struct run_node *d, size_t tick, uint64_t *ns); /* a tick of .kswapd */
/* Over a window, as archive_delta(). */
bool node_kswapd_delta(const struct run_node *d, uint64_t begin_us, uint64_t end_us, uint64_t *ns);
/* Between the last samples at or before both times. */
bool node_kswapd_between(const struct run_node *d, uint64_t from_us, uint64_t to_us, uint64_t *ns);

/* "node3/vmstat" of head "node" and tail "/vmstat" is of node 3. */
bool node_series_name(const char *name, const char *head, const char *tail, unsigned *node);

#endif
