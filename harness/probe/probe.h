/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parsers of /proc and /sys text. Pure functions: text in, records out; they never open a file. Any
 * order of keys, unknown keys kept, absent keys absent (never 0), any size, no allocation in the
 * scan functions (the sampler calls them under memory pressure). Text need not end in NUL or
 * newline. Formats: Linux 3.18 to 7.3, mm/vmstat.c, mm/page_alloc.c, kernel/sched/psi.c,
 * drivers/base/node.c.
 *
 * Errors are -EINVAL with "line N: 'word': what is wrong"; the caller puts the file's name before
 * it. Items before the bad line have been emitted by then. A name is printable ASCII without
 * blanks, a number fits in 64 bits; "-N" is taken as two's complement (a node counter printed while
 * it dips under 0), so differences come out right. Empty text is a text without items, not an
 * error.
 */
#ifndef WMARK_PROBE_PROBE_H
#define WMARK_PROBE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* One number of a text. Slices point into the text given to the scan function, or at static
 * strings. */
struct probe_item {
	int node; /* zoneinfo, node meminfo: node number; else -1 (nodeN/vmstat does not name its
		     node) */
	const char *zone; /* zoneinfo: "DMA32"; NULL = per-node or not zoneinfo */
	size_t zone_len;
	const char *group; /* static string or NULL: psi "some"/"full" */
	const char *key;
	size_t key_len;
	uint64_t value;
};

/* Return 0 to go on, anything else stops the scan and is returned by it. The item dies with the
 * call. */
typedef int probe_emit(void *ctx, const struct probe_item *item);

/* "name value" lines: /proc/vmstat, nodeN/vmstat, memory.stat, memory.events, cpu.stat. */
int probe_vmstat(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e);
/* "Name:  123 kB" and "Node 0 Name: 123 kB" lines; the value is as printed (kB or a count). */
int probe_meminfo(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e);
/*
 * /proc/zoneinfo. Zone keys: free boost min low high promo spanned present managed cma
 * protection_0.. , 3.18 and 4.4 scanned, zone counters (nr_*), trailer (start_pfn,
 * all_unreclaimable ...); pagesets are left out. min low high promo are as printed: they INCLUDE
 * boost (>= 5.0), subtract it before comparing with computed marks. Pages, but start_pfn (a frame
 * number) and inactive_ratio. Items of the "per-node stats" block have zone = NULL, and so have
 * node_unreclaimable, node_scanned and node_inactive_ratio: facts of the node that are printed with
 * each zone and given once here, from the node's first populated zone.
 */
int probe_zoneinfo(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e);
/*
 * /proc/pressure/X and memory.pressure: group some/full, keys avg10 avg60 avg300 (in 1/100 percent)
 * and total (us). An unknown key that has decimals is in 1/100 too; an unknown group is an error.
 */
int probe_psi(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e);
/*
 * events/GROUP/EVENT/hist of tracefs, one trigger. Keys: Hits and Dropped (Hits + Dropped = all
 * events), and of entries by nid: node N, hitcount. Entries by another key are passed over. Empty
 * text: no trigger, no item.
 */
int probe_hist_counts(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e);
/* /proc/PID/schedstat: keys run_ns wait_ns slices. Empty text is an error here: the file is never
 * empty. */
int probe_schedstat(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e);

/*
 * "node0.Normal.free", "node0.nr_active_anon", "some.total", "pgscan_kswapd": the item's full name
 * in the archive. Cut to @size with its NUL.
 */
void probe_item_name(const struct probe_item *item, char *out, size_t size);

/* A parsed text kept as a list in text order; names as probe_item_name(), never cut. Duplicates are
 * kept. */
struct probe_list {
	struct arena mem;
	struct probe_value {
		const char *name;
		uint64_t value;
	} *v;
	size_t nr, cap;
};
typedef int probe_scan(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e);
/* *l is overwritten (release what it held before); empty after an error. */
int probe_list_load(struct probe_list *l, probe_scan *scan, const char *text, size_t len,
		    struct err *e);
/* False = ABSENT; *out untouched. The first of duplicates counts. */
bool probe_list_get(const struct probe_list *l, const char *name, uint64_t *out);
void probe_list_release(struct probe_list *l);

/* The same file whole: its entries in text order (by one key, which is a number). */
struct probe_hist_entry {
	uint64_t key, hits;
};
struct probe_hist {
	struct probe_hist_entry *v; /* free()d by the owner; kept from load to load */
	size_t nr, cap;
	uint64_t hits, dropped;
};
/* -EINVAL when the totals are missing, too: a text cut short must not look like one with fewer
 * events. */
int probe_hist_load(struct probe_hist *h, const char *text, size_t len, struct err *e);

/* --- single facts: *out is written only on success --- */

/*
 * /proc/PID/stat (comm may hold spaces and parentheses; cut to 63 bytes). flags: PF_* of
 * include/linux/sched.h; times in USER_HZ ticks.
 */
struct probe_task {
	int pid;
	char comm[64];
	char state;
	uint64_t flags, utime, stime;
};
int probe_task_stat(const char *text, size_t len, struct probe_task *out, struct err *e);
/* comm "kswapd12" -> 12; false when it is none. */
bool probe_kswapd_node(const char *comm, int *node);
/* Value of "Key:\tvalue" in /proc/PID/status as a trimmed slice; false when absent. */
bool probe_status_field(const char *text, size_t len, const char *key, const char **value,
			size_t *value_len);

/* "0-3,7" (and "" = none) to a bit set of PROBE_BITS bits; a number beyond is an error. */
#define PROBE_BITS 4096
struct probe_bits {
	uint64_t w[PROBE_BITS / 64];
};
int probe_cpulist(const char *text, size_t len, struct probe_bits *out, struct err *e);
static inline bool probe_bit(const struct probe_bits *b, unsigned i)
{
	return i < PROBE_BITS && (b->w[i / 64] >> (i % 64) & 1);
}
unsigned probe_bits_count(const struct probe_bits *b);
/* Back to "0-3,7"; stops before the first range that does not fit in @size. */
void probe_bits_print(const struct probe_bits *b, char *out, size_t size);

/* nodeN/distance "10 20 20": up to @max values, returns how many; -E2BIG when there are more. */
int probe_distance(const char *text, size_t len, unsigned *out, size_t max, struct err *e);

/* /sys/kernel/mm/lru_gen/enabled: "0x0007" or y/n. */
enum probe_lru { PROBE_LRU_CLASSIC, PROBE_LRU_MGLRU };
/* @text NULL = the file is absent: classic. MGLRU when bit 0 is set. */
int probe_lru_gen(const char *text, size_t len, enum probe_lru *mode, struct err *e);

/*
 * Kernel configuration text: value of CONFIG_@name ("y", "m", "\"text\"" with its quotes, "n" when
 * "is not set"); false when not mentioned. The last mention counts.
 */
bool probe_kconfig(const char *text, size_t len, const char *name, const char **value,
		   size_t *value_len);

/*
 * Kernel command line: value of @name ("" for a bare word); false when absent; the last one counts;
 * quotes respected and taken off; '-' and '_' are the same in names; what follows "--" is for init.
 */
bool probe_cmdline(const char *text, size_t len, const char *name, const char **value,
		   size_t *value_len);

/* /proc/swaps: number of areas and their total / used KiB. */
int probe_swaps(const char *text, size_t len, unsigned *nr, uint64_t *size_kb, uint64_t *used_kb,
		struct err *e);

/* Kernel log text worth a finding. @text: the message without prefix (level, time stamp, caller).
 */
enum probe_finding {
	FINDING_NONE,
	FINDING_PANIC,
	FINDING_OOPS,	 /* BUG:, Oops, general protection fault, kernel NULL pointer ... */
	FINDING_WARNING, /* a WARN() banner only, not boot-time advice that starts with WARNING */
	FINDING_HUNG_TASK,
	FINDING_LOCKUP,	       /* soft/hard/workqueue lockup, rcu stall */
	FINDING_OOM_KILL,      /* one a victim */
	FINDING_ALLOC_FAILURE, /* "page allocation failure" / stall */
};
enum probe_finding probe_dmesg(const char *text, size_t len);
const char *probe_finding_name(enum probe_finding f); /* "oom-kill", "hung-task" ... */

#endif
