/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parsers of /proc and /sys text. They are pure functions, text in and records out, and never open
 * a file. Keys may come in any order; unknown keys are kept; absent keys are absent (never 0);
 * texts may have any size. The scan functions do not allocate (the sampler calls them under memory
 * pressure). Text need not end in NUL or newline. Formats: Linux 3.18 to 7.3, mm/vmstat.c,
 * mm/page_alloc.c, kernel/sched/psi.c, drivers/base/node.c.
 *
 * Errors are -EINVAL with "line N: 'word': what is wrong"; the caller adds the file's name in
 * front. Items before the bad line have been emitted by then. A name is printable ASCII without
 * blanks; a number fits in 64 bits; "-N" is read as two's complement (a node counter can be printed
 * while it dips below 0), so differences come out right. An empty text has no items and is no
 * error.
 */
#ifndef WMARK_PROBE_PROBE_H
#define WMARK_PROBE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/*
 * One number of a text. Pointers point into the text given to the scan function, or at static
 * strings.
 */
struct probe_item {
	/* zoneinfo and node meminfo: node number; else -1 (nodeN/vmstat does not name its node) */
	int node;
	const char *zone; /* zoneinfo: "DMA32"; NULL = per-node item, or not zoneinfo */
	size_t zone_len;
	const char *group; /* static string or NULL: psi "some"/"full" */
	const char *key;
	size_t key_len;
	uint64_t value;
};

/*
 * Called for each item. 0 goes on; any other value stops the scan, which returns it. The item is
 * valid only during the call.
 */
typedef int probe_emit(void *ctx, const struct probe_item *item);

/* "name value" lines: /proc/vmstat, nodeN/vmstat, memory.stat, memory.events, cpu.stat. */
int probe_vmstat(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e);
/* "Name:  123 kB" and "Node 0 Name: 123 kB" lines; the value is the printed one (kB or a count). */
int probe_meminfo(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e);
/*
 * /proc/zoneinfo. Zone keys: free boost min low high promo spanned present managed cma
 * protection_0.. , scanned in 3.18 and 4.4, zone counters (nr_*), trailer (start_pfn,
 * all_unreclaimable ...); pagesets are left out. min low high promo are as printed: they INCLUDE
 * boost (>= 5.0); subtract it before comparing with computed marks. Values are pages, except
 * start_pfn (a frame number) and inactive_ratio. Items of the "per-node stats" block have zone =
 * NULL. So have node_unreclaimable, node_scanned and node_inactive_ratio: the kernel prints these
 * facts of the node with each zone; here they are given once, from the node's first populated zone.
 */
int probe_zoneinfo(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e);
/*
 * /proc/pressure/X and memory.pressure: group some or full, keys avg10 avg60 avg300 (in 1/100
 * percent) and total (us). An unknown key with decimals is in 1/100 too; an unknown group is an
 * error.
 */
int probe_psi(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e);
/*
 * events/GROUP/EVENT/hist of tracefs with one trigger. Keys: Hits and Dropped (Hits + Dropped = all
 * events), and for each entry by nid: node N, hitcount. Entries by another key are skipped. Empty
 * text: no trigger, no item.
 */
int probe_hist_counts(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e);
/*
 * /proc/PID/schedstat: keys run_ns wait_ns slices. Here an empty text is an error: the file is
 * never empty.
 */
int probe_schedstat(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e);

/*
 * "node0.Normal.free", "node0.nr_active_anon", "some.total", "pgscan_kswapd": the item's full name
 * in the archive, cut to @size bytes with its NUL.
 */
void probe_item_name(const struct probe_item *item, char *out, size_t size);

/*
 * A parsed text as a list in text order; names as from probe_item_name(), never cut. Duplicates are
 * kept.
 */
struct probe_list {
	struct arena mem;
	struct probe_value {
		const char *name;
		uint64_t value;
	} *v;
	size_t nr, cap;
};
typedef int probe_scan(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e);
/* Overwrites *l (release its old content first); the list is empty after an error. */
int probe_list_load(struct probe_list *l, probe_scan *scan, const char *text, size_t len,
		    struct err *e);
/* False = ABSENT, and *out is untouched. The first of several duplicates counts. */
bool probe_list_get(const struct probe_list *l, const char *name, uint64_t *out);
void probe_list_release(struct probe_list *l);

/* A whole hist file: its entries, in text order, by one key that is a number. */
struct probe_hist_entry {
	uint64_t key, hits;
};
struct probe_hist {
	struct probe_hist_entry *v; /* free()d by the owner; reused by the next load */
	size_t nr, cap;
	uint64_t hits, dropped;
};
/*
 * -EINVAL also when the totals are missing: a truncated text must not look like one with fewer
 * events.
 */
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
/* comm "kswapd12" -> 12; false for any other name. */
bool probe_kswapd_node(const char *comm, int *node);
/* Trimmed value of "Key:\tvalue" in /proc/PID/status; false when absent. */
bool probe_status_field(const char *text, size_t len, const char *key, const char **value,
			size_t *value_len);

/*
 * "0-3,7" (and "" = none) to a bit set of PROBE_BITS bits; a number that does not fit is an error.
 */
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
/* Prints "0-3,7"; stops before the first range that does not fit in @size. */
void probe_bits_print(const struct probe_bits *b, char *out, size_t size);

/* nodeN/distance "10 20 20": up to @max values; returns how many; -E2BIG when there are more. */
int probe_distance(const char *text, size_t len, unsigned *out, size_t max, struct err *e);

/* /sys/kernel/mm/lru_gen/enabled: "0x0007" or y/n. */
enum probe_lru { PROBE_LRU_CLASSIC, PROBE_LRU_MGLRU };
/* @text NULL = the file is absent: classic. MGLRU when bit 0 is set. */
int probe_lru_gen(const char *text, size_t len, enum probe_lru *mode, struct err *e);

/*
 * Value of CONFIG_@name in a kernel configuration text ("y", "m", "\"text\"" with its quotes, "n"
 * when "is not set"); false when not mentioned. The last mention counts.
 */
bool probe_kconfig(const char *text, size_t len, const char *name, const char **value,
		   size_t *value_len);

/*
 * Value of @name on a kernel command line ("" for a bare word); false when absent. The last one
 * counts; quotes are respected and removed; '-' and '_' are the same in names; words after "--" are
 * for init and do not count.
 */
bool probe_cmdline(const char *text, size_t len, const char *name, const char **value,
		   size_t *value_len);

/* /proc/swaps: number of areas, and their total and used KiB. */
int probe_swaps(const char *text, size_t len, unsigned *nr, uint64_t *size_kb, uint64_t *used_kb,
		struct err *e);
/*
 * /proc/swaps: what the areas are, each kind once, in their order: "zram", "virtio+file", "none"
 * where there is no area. A device is named by its driver as far as its name tells (pmem, null_blk,
 * virtio, scsi, nvme ...), else by the letters of its name. @out: @size bytes, cut there.
 */
void probe_swap_kinds(const char *text, size_t len, char *out, size_t size);

/*
 * What a kernel log message reports. @text: the message without prefix (level, time stamp, caller).
 */
enum probe_finding {
	FINDING_NONE,
	FINDING_PANIC,
	FINDING_OOPS,	 /* BUG:, Oops, general protection fault, kernel NULL pointer ... */
	FINDING_WARNING, /* a WARN() banner only, not boot-time advice that begins with WARNING */
	FINDING_HUNG_TASK,
	FINDING_LOCKUP,	       /* soft/hard/workqueue lockup, rcu stall */
	FINDING_OOM_KILL,      /* one per victim */
	FINDING_ALLOC_FAILURE, /* "page allocation failure" / stall */
};
enum probe_finding probe_dmesg(const char *text, size_t len);
const char *probe_finding_name(enum probe_finding f); /* "oom-kill", "hung-task" ... */

#endif
