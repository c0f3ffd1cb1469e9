/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts of the running kernel and machine: those of the archive header, and those that a run itself
 * needs. */
#ifndef WMARK_RUN_SYSINFO_H
#define WMARK_RUN_SYSINFO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "probe/probe.h"
#include "archive/archive.h"

struct sysinfo_facts {
	uint64_t ram_bytes;
	unsigned nr_nodes; /* nodes with memory */
	unsigned nr_cpus;  /* online */
	struct probe_bits mem_nodes;
	uint64_t node_bytes[64]; /* by node number; 0 = no memory */
	uint64_t min_node_bytes; /* of nodes with memory */
	bool has_swap, has_lru_gen;
	enum probe_lru lru;
	char release[128];
	int cgroup_version; /* 0 = none, 1, 2 */
};

/* @root: folder that stands for /, NULL = none. Absent files leave zero or false. -errno only when
 * /proc/meminfo is unreadable. */
int sysinfo_read(struct sysinfo_facts *f, const char *root, struct err *e);
/*
 * Writes the header lines: kernel.*, sysctl.vm.*, lru.*, numa.*, kswapd.*, thp.*, swap.*,
 * preempt.*, memcg.*, config.*
 * (options of the kernel that matter to reclaim, from the file @kconfig;
 * NULL = /boot/config-RELEASE), preflight.* (free page reporting, DAMON, zswap ...).
 */
int sysinfo_header(struct archive_writer *w, const struct sysinfo_facts *f, const char *root,
		   const char *kconfig, struct err *e);
/*
 * A part of sysinfo_header(), in sysstates.c: swap.kind, swap.zram, thp.sizes, preempt.mode,
 * memcg.*; results/README.md says what they hold.
 */
void sysinfo_states(struct archive_writer *w, const struct sysinfo_facts *f, const char *root);
/* A stable name for this very machine: CPU model, CPUs, nodes, memory; not its host name. @out: 16
 * hex digits. */
void sysinfo_machine_id(const struct sysinfo_facts *f, const char *root, char out[17]);

#endif
