/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names in an archive on which its writers and the readers of evidence must agree. */
#ifndef WMARK_ARCHIVE_KEYS_H
#define WMARK_ARCHIVE_KEYS_H

/*
 * Series. The name of a node's series is a head, the node's number and a tail: "node0/vmstat",
 * "kswapd1/schedstat".
 */
#define SERIES_VMSTAT "vmstat"
#define SERIES_ZONEINFO "zoneinfo"
#define SERIES_PSI "pressure/" /* ... cpu, io, memory */
#define SERIES_PSI_MEMORY SERIES_PSI "memory"
#define SERIES_MEMCG "memcg/" /* ... and the name of a file of the sampled cgroup */
#define SERIES_MEMCG_EVENTS SERIES_MEMCG "memory.events"
#define SERIES_NODE "node"
#define SERIES_NODE_VMSTAT "/vmstat"
#define SERIES_KSWAPD "kswapd"
#define SERIES_KSWAPD_SCHEDSTAT "/schedstat" /* key run_ns */
#define SERIES_KSWAPD_STAT "/stat" /* used where the kernel has no schedstat: keys utime, stime */

/* Series of event counts (sample/trace.h). */
#define SERIES_TRACE "trace/"
#define TRACE_WAKE SERIES_TRACE "kswapd_wake"
#define TRACE_SLEEP SERIES_TRACE "kswapd_sleep"
#define TRACE_BEGIN SERIES_TRACE "direct_begin"
#define TRACE_END SERIES_TRACE "direct_end"

/* The "workload" in l and w lines about the kernel itself; no workload can have this name. */
#define ARCHIVE_KERNEL "@kernel"
#define TRACE_STALL_KIND "direct_reclaim_stall"
#define TRACE_STALLS_KEY "direct_reclaim_stalls"
#define TRACE_LOST_KEY "direct_reclaim_lost"

/* Headers about the workload NAME: head, NAME and tail (results/README.md). */
#define KEY_WORKLOAD "scenario.workload."
#define KEY_WORKLOAD_BACKGROUND ".background" /* yes, no */
#define KEY_WORKLOAD_SLOW ".slow"	      /* a kind of operation; absent = none */

#endif
