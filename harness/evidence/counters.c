/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "evidence/counters.h"

#include <string.h>

#include "base/alloc.h"

#define RULES(...) ((const char *const[]){ __VA_ARGS__, NULL })

#define CUM_ROW(n, u, h, ...) \
	{ .name = n, .kind = COUNTER_CUM, .unit = u, .rules = RULES(__VA_ARGS__), .help = h }
#define GAUGE_ROW(n, u, h, ...) \
	{ .name = n, .kind = COUNTER_GAUGE, .unit = u, .rules = RULES(__VA_ARGS__), .help = h }
#define PAGES(n, h, ...) CUM_ROW(n, UNIT_PAGES, h, __VA_ARGS__)
#define EVENTS(n, h, ...) CUM_ROW(n, UNIT_EVENTS, h, __VA_ARGS__)
#define LEVEL(n, h, ...) GAUGE_ROW(n, UNIT_PAGES, h, __VA_ARGS__)

/* Zone names of mm/vmstat.c, TEXTS_FOR_ZONES(); device only with CONFIG_ZONE_DEVICE. */
static const char *const zone_names[] = { "dma", "dma32", "normal", "high", "movable", "device" };
const char *const counter_unit_names[] = { "pages", "events", "objects", "KiB" };

const struct counter counter_table[] = {
	/*
	 * Reclaim by reclaimer. Names have zone suffixes until 4.7 (LRU per zone) and none since
	 * 4.8 (LRU per node).
	 */
	PAGES("scan.kswapd",
	      "Pages kswapd took off an LRU list to look at (mm/vmscan.c, shrink_inactive_list). Under MGLRU "
	      "only isolated pages count, so it is not comparable between LRU modes. A node counter since "
	      "7.1.",
	      "pgscan_kswapd", "pgscan_kswapd_*"),
	PAGES("steal.kswapd",
	      "Pages kswapd freed. Can exceed scan.kswapd in a window that cuts a batch. A node counter "
	      "since 7.1.",
	      "pgsteal_kswapd", "pgsteal_kswapd_*"),
	PAGES("scan.direct",
	      "Pages looked at by tasks that had to reclaim for themselves. Holds khugepaged before 6.2, "
	      "memory.reclaim before 6.15 and memcg limit reclaim since 7.1: see the `includes` tag.",
	      "pgscan_direct", "pgscan_direct_*"),
	PAGES("steal.direct",
	      "Pages freed by tasks in direct reclaim; includes the same other reclaimers as scan.direct.",
	      "pgsteal_direct", "pgsteal_direct_*"),
	PAGES("scan.khugepaged", "Pages scanned by khugepaged; inside scan.direct before 6.2.",
	      "pgscan_khugepaged"),
	PAGES("steal.khugepaged", "Pages freed by khugepaged; inside steal.direct before 6.2.",
	      "pgsteal_khugepaged"),
	PAGES("scan.proactive",
	      "Pages scanned for writes to memory.reclaim; inside scan.direct before 6.15.",
	      "pgscan_proactive"),
	PAGES("steal.proactive",
	      "Pages freed for writes to memory.reclaim; inside steal.direct before 6.15.",
	      "pgsteal_proactive"),
	PAGES("scan.total",
	      "All pages scanned. By type where the kernel has it (5.8), which includes memcg limit reclaim "
	      "in every version; before that the sum of kswapd and direct.",
	      "pgscan_anon+pgscan_file", "pgscan_kswapd+pgscan_direct",
	      "pgscan_kswapd_*+pgscan_direct_*"),
	PAGES("steal.total",
	      "All pages reclaimed from LRU lists; built as scan.total. Slab memory is in no steal counter.",
	      "pgsteal_anon+pgsteal_file", "pgsteal_kswapd+pgsteal_direct",
	      "pgsteal_kswapd_*+pgsteal_direct_*"),
	PAGES("scan.anon",
	      "Pages of anonymous LRU lists scanned, by any reclaimer, memcg limits included.",
	      "pgscan_anon"),
	PAGES("scan.file",
	      "Pages of file LRU lists scanned, by any reclaimer, memcg limits included.",
	      "pgscan_file"),
	PAGES("steal.anon", "Anonymous pages reclaimed, by any reclaimer, memcg limits included.",
	      "pgsteal_anon"),
	PAGES("steal.file", "File pages reclaimed, by any reclaimer, memcg limits included.",
	      "pgsteal_file"),
	EVENTS("stall.direct",
	       "Entries into direct reclaim, one per do_try_to_free_pages() and retry; memcg limit reclaim "
	       "never counts. The zone suffix (4.9) is the highest zone asked for, so only the sum means "
	       "anything.",
	       "allocstall", "allocstall_*"),
	EVENTS("stall.throttle",
	       "Tasks put to sleep because free pages were under half of min (mm/vmscan.c, "
	       "throttle_direct_reclaim).",
	       "pgscan_direct_throttle"),
	PAGES("refill",
	      "Active list pages scanned for deactivation; under MGLRU pages sorted into younger "
	      "generations.",
	      "pgrefill", "pgrefill_*"),
	PAGES("rotate", "Pages scanned but not reclaimed plus active list rotations (7.3).",
	      "pgrotate_anon+pgrotate_file"),
	PAGES("rotate.written",
	      "Pages moved to the tail of the inactive list when their write-back ended.",
	      "pgrotated"),
	PAGES("skip", "Pages stepped over because their zone was above the one asked for (4.9).",
	      "pgskip_*"),
	PAGES("activate.all", "Pages moved to an active list.", "pgactivate"),
	PAGES("deactivate.all", "Pages moved to an inactive list.", "pgdeactivate"),

	/* kswapd */
	EVENTS("kswapd.runs",
	       "Calls of balance_pgdat(), in every version. Not wake-ups: one wake-up can bring many.",
	       "pageoutrun"),
	EVENTS("kswapd.low_quick",
	       "kswapd was woken again during its first short nap (HZ/10): the low watermark was hit "
	       "quickly.",
	       "kswapd_low_wmark_hit_quickly"),
	EVENTS("kswapd.high_quick",
	       "kswapd did not qualify to sleep: below high again before it could lie down.",
	       "kswapd_high_wmark_hit_quickly"),

	/* Working set. Until 5.8 one name, for file pages only (mm/workingset.c). */
	PAGES("refault.anon", "Anonymous pages read back from swap soon after they were reclaimed.",
	      "workingset_refault_anon"),
	PAGES("refault.file", "File pages read back soon after they were reclaimed.",
	      "workingset_refault_file"),
	PAGES("refault.all",
	      "Pages that had to be read back soon after they were reclaimed: file, and anonymous where the kernel counts "
	      "them (5.9).",
	      "workingset_refault_anon+workingset_refault_file", "workingset_refault"),
	PAGES("activate.anon", "Refaulted anonymous pages put straight on the active list.",
	      "workingset_activate_anon"),
	PAGES("activate.file", "Refaulted file pages put straight on the active list.",
	      "workingset_activate_file"),
	PAGES("activate.refault", "Refaulted pages put straight on the active list.",
	      "workingset_activate_anon+workingset_activate_file", "workingset_activate"),
	PAGES("restore.anon",
	      "Refaulted anonymous pages that were part of the working set when reclaimed.",
	      "workingset_restore_anon"),
	PAGES("restore.file",
	      "Refaulted file pages that were part of the working set when reclaimed.",
	      "workingset_restore_file"),
	PAGES("restore.all",
	      "Refaulted pages that were part of the working set when reclaimed (4.20).",
	      "workingset_restore_anon+workingset_restore_file", "workingset_restore"),
	EVENTS("workingset.nodereclaim",
	       "Radix tree / xarray nodes of shadow entries freed by their shrinker.",
	       "workingset_nodereclaim"),

	/* Slab and inodes */
	CUM_ROW("slab.objects_scanned", UNIT_OBJECTS,
		"Objects the slab shrinkers were asked to scan; not freed ones, and not pages.",
		"slabs_scanned"),
	PAGES("inode.steal",
	      "Page cache pages dropped because their inode was pruned, outside kswapd.",
	      "pginodesteal"),
	PAGES("inode.steal_kswapd", "Page cache pages dropped because kswapd pruned their inode.",
	      "kswapd_inodesteal"),

	/* Swap */
	PAGES("swap.in", "Pages read from swap devices. Zero-filled pages are left out since 6.12.",
	      "pswpin"),
	PAGES("swap.out",
	      "Pages written to swap devices. Zero-filled pages are left out since 6.12.",
	      "pswpout"),
	PAGES("swap.in_all",
	      "Pages swapped in, zero-filled ones included in every version: pswpin + swpin_zero where the kernel counts "
	      "these by themselves (6.12).",
	      "pswpin+swpin_zero", "pswpin"),
	PAGES("swap.out_all",
	      "Pages swapped out, zero-filled ones included in every version: pswpout + swpout_zero where the kernel counts "
	      "these by themselves (6.12).",
	      "pswpout+swpout_zero", "pswpout"),
	PAGES("swap.zero_in",
	      "Zero-filled pages that came back without a read of the device (6.12).",
	      "swpin_zero"),
	PAGES("swap.zero_out", "Zero-filled pages that never reached the device (6.12).",
	      "swpout_zero"),
	PAGES("swap.ra", "Pages read ahead from swap.", "swap_ra"),
	PAGES("swap.ra_hit", "Pages read ahead from swap that were then used.", "swap_ra_hit"),
	PAGES("zswap.in", "Pages loaded from zswap.", "zswpin"),
	PAGES("zswap.out", "Pages stored in zswap.", "zswpout"),
	PAGES("zswap.writeback", "Pages zswap wrote back to the swap device (6.8).", "zswpwb"),

	/* Compaction and huge pages */
	EVENTS("compact.stall", "Tasks that had to compact memory for themselves.",
	       "compact_stall"),
	EVENTS("compact.fail", "Direct compactions that gave no page.", "compact_fail"),
	EVENTS("compact.success", "Direct compactions that gave a page.", "compact_success"),
	PAGES("compact.migrate_scanned", "Pages scanned to find pages to move.",
	      "compact_migrate_scanned"),
	PAGES("compact.free_scanned", "Pages scanned to find free pages to move to.",
	      "compact_free_scanned"),
	PAGES("compact.isolated", "Pages isolated by compaction.", "compact_isolated"),
	EVENTS("compact.daemon_wake",
	       "Wake-ups of kcompactd; rises with plain file reads where large folios wake kswapd with order "
	       "9.",
	       "compact_daemon_wake"),
	PAGES("compact.daemon_migrate_scanned",
	      "Pages that kcompactd scanned to find pages to move.",
	      "compact_daemon_migrate_scanned"),
	PAGES("compact.daemon_free_scanned", "Pages that kcompactd scanned to find free pages.",
	      "compact_daemon_free_scanned"),
	EVENTS("thp.fault_alloc", "Huge pages given at a page fault.", "thp_fault_alloc"),
	EVENTS("thp.fault_fallback", "Faults that wanted a huge page and got small ones.",
	       "thp_fault_fallback"),
	EVENTS("thp.collapse_alloc", "Huge pages taken by khugepaged.", "thp_collapse_alloc"),
	EVENTS("thp.split", "Huge pages split into small ones.", "thp_split_page", "thp_split"),
	EVENTS("thp.split_failed", "Splits of huge pages that failed.", "thp_split_page_failed"),
	EVENTS("thp.deferred_split", "Huge pages queued for a later split.",
	       "thp_deferred_split_page"),
	EVENTS("thp.underused_split", "Huge pages split because most of them was zero (6.12).",
	       "thp_underused_split_page"),
	EVENTS("thp.swpout", "Huge pages swapped out whole.", "thp_swpout"),
	EVENTS("thp.swpout_fallback", "Huge pages split before they could be swapped out.",
	       "thp_swpout_fallback"),

	/* Tiering */
	PAGES("demote.kswapd", "Pages kswapd moved to a slower node.", "pgdemote_kswapd"),
	PAGES("demote.direct", "Pages direct reclaim moved to a slower node.", "pgdemote_direct"),
	PAGES("demote.khugepaged", "Pages khugepaged moved to a slower node.",
	      "pgdemote_khugepaged"),
	PAGES("demote.proactive", "Pages moved to a slower node for memory.reclaim.",
	      "pgdemote_proactive"),
	PAGES("promote.success", "Pages moved to a faster node.", "pgpromote_success"),
	PAGES("promote.candidate", "Pages found hot enough to move to a faster node.",
	      "pgpromote_candidate"),
	PAGES("promote.candidate_nrl", "Candidates outside the rate limit.",
	      "pgpromote_candidate_nrl"),

	/* Allocation, faults, I/O */
	PAGES("alloc.pages", "Pages given out by the page allocator, all zones, in base pages.",
	      "pgalloc_*"),
	PAGES("free.pages", "Pages given back to the page allocator.", "pgfree"),
	EVENTS("fault.all", "Page faults, minor and major.", "pgfault"),
	EVENTS("fault.major", "Page faults that waited for a device.", "pgmajfault"),
	PAGES("lazyfree.marked", "Pages given to MADV_FREE.", "pglazyfree"),
	PAGES("lazyfree.freed", "MADV_FREE pages that reclaim dropped.", "pglazyfreed"),
	CUM_ROW("io.in", UNIT_KIB, "Read from block devices, in KiB in spite of the name pgpgin.",
		"pgpgin"),
	CUM_ROW("io.out", UNIT_KIB,
		"Written to block devices, in KiB in spite of the name pgpgout.", "pgpgout"),
	PAGES("vmscan.write",
	      "Pages reclaim handed to swap or a file system for writing. Cumulative in spite of nr_.",
	      "nr_vmscan_write"),
	PAGES("vmscan.immediate",
	      "Pages marked to be freed as soon as their write-back ends. Cumulative in spite of nr_.",
	      "nr_vmscan_immediate_reclaim"),
	PAGES("dirtied", "Pages that became dirty. Cumulative in spite of nr_.", "nr_dirtied"),
	PAGES("written", "Pages written back. Cumulative in spite of nr_.", "nr_written"),
	PAGES("written.throttled",
	      "Pages written back while tasks in reclaim waited for that. Cumulative in spite of nr_.",
	      "nr_throttled_written"),
	EVENTS("oom.kill", "Tasks killed by the OOM killer, memcg included.", "oom_kill"),
	EVENTS("drop.pagecache", "Writes of 1 or 3 to vm.drop_caches.", "drop_pagecache"),
	EVENTS("drop.slab", "Writes of 2 or 3 to vm.drop_caches.", "drop_slab"),
	EVENTS("node_reclaim.failed", "Node reclaims (vm.zone_reclaim_mode) that freed too little.",
	       "zone_reclaim_failed"),
	EVENTS("node_reclaim.success", "Node reclaims that freed enough (6.12).",
	       "zone_reclaim_success"),

	/* Levels */
	LEVEL("free", "Free pages.", "nr_free_pages"),
	LEVEL("free.blocks", "Free pages in whole free page blocks.", "nr_free_pages_blocks"),
	LEVEL("anon.active", "Pages on active anonymous lists.", "nr_active_anon"),
	LEVEL("anon.inactive", "Pages on inactive anonymous lists.", "nr_inactive_anon"),
	LEVEL("file.active", "Pages on active file lists.", "nr_active_file"),
	LEVEL("file.inactive", "Pages on inactive file lists.", "nr_inactive_file"),
	LEVEL("file.lru", "Pages on file lists.", "nr_active_file+nr_inactive_file"),
	LEVEL("unevictable", "Pages that reclaim may not touch.", "nr_unevictable"),
	LEVEL("slab.reclaimable", "Pages of slab caches that can shrink.", "nr_slab_reclaimable"),
	LEVEL("slab.unreclaimable", "Pages of slab caches that cannot shrink.",
	      "nr_slab_unreclaimable"),
	LEVEL("dirty", "Dirty file pages.", "nr_dirty"),
	LEVEL("writeback", "Pages being written back.", "nr_writeback"),
	LEVEL("mapped", "File pages mapped into a process.", "nr_mapped"),
	LEVEL("shmem", "Pages of tmpfs and shared memory; they stand on the anonymous lists.",
	      "nr_shmem"),
	LEVEL("isolated.anon", "Anonymous pages off their list for reclaim or migration.",
	      "nr_isolated_anon"),
	LEVEL("isolated.file", "File pages off their list for reclaim or migration.",
	      "nr_isolated_file"),
	LEVEL("swapcached", "Pages in the swap cache (6.1).", "nr_swapcached"),
	GAUGE_ROW("workingset.nodes", UNIT_OBJECTS, "Xarray nodes that hold shadow entries only.",
		  "workingset_nodes"),
	{ .name = NULL },
};

const struct counter *counter_find(const char *name)
{
	for (const struct counter *c = counter_table; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

/* True when @raw is the term or one of its zones. */
static bool term_names(const char *term, size_t len, const char *raw)
{
	if (len < 2 || strncmp(term + len - 2, "_*", 2) != 0)
		return strlen(raw) == len && !strncmp(term, raw, len);
	if (strncmp(term, raw, len - 1) != 0)
		return false;
	for (size_t z = 0; z < ARRAY_SIZE(zone_names); z++)
		if (!strcmp(raw + len - 1, zone_names[z]))
			return true;
	return false;
}

static bool rule_names(const char *rule, const char *raw)
{
	for (;;) {
		size_t len = strcspn(rule, "+");

		if (term_names(rule, len, raw))
			return true;
		if (!rule[len])
			return false;
		rule += len + 1;
	}
}

bool counter_raw_is_event(const char *raw)
{
	/* pins of pages, TLB flushes, and pages scanned since the last one freed (to 4.9) */
	static const char *const events[] = { "nr_foll_pin_", "nr_tlb_", "nr_pages_scanned" };

	for (const struct counter *c = counter_table; c->name; c++)
		for (const char *const *rule = c->rules; *rule; rule++)
			if (rule_names(*rule, raw))
				return c->kind == COUNTER_CUM;
	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		if (!strncmp(raw, events[i], strlen(events[i])))
			return true;
	return strncmp(raw, "nr_", 3) != 0;
}

static void note_used(struct buf *used, const char *raw)
{
	if (used)
		buf_addf(used, "%s%s", used->len ? "+" : "", raw);
}

/* Adds one term of a rule: a raw name, or a raw name that ends in "_*" = its zones. */
static bool resolve_term(const char *term, size_t len, counter_lookup *get, const void *ctx,
			 uint64_t *sum, struct buf *used)
{
	char raw[96];
	uint64_t v;
	bool any = false;

	if (len >= sizeof(raw) - 8)
		return false;
	memcpy(raw, term, len);
	raw[len] = '\0';
	if (len < 2 || strcmp(raw + len - 2, "_*") != 0) {
		if (!get(ctx, raw, &v))
			return false;
		*sum += v;
		note_used(used, raw);
		return true;
	}
	for (size_t z = 0; z < ARRAY_SIZE(zone_names); z++) {
		memcpy(raw + len - 1, zone_names[z], strlen(zone_names[z]) + 1);
		if (!get(ctx, raw, &v))
			continue;
		*sum += v;
		note_used(used, raw);
		any = true;
	}
	return any;
}

static bool resolve_rule(const char *rule, counter_lookup *get, const void *ctx, uint64_t *sum,
			 struct buf *used)
{
	*sum = 0;
	for (;;) {
		size_t len = strcspn(rule, "+");

		if (!resolve_term(rule, len, get, ctx, sum, used))
			return false;
		if (!rule[len])
			return true;
		rule += len + 1;
	}
}

bool counter_resolve(const struct counter *c, counter_lookup *get, const void *ctx, uint64_t *out,
		     struct buf *used)
{
	uint64_t sum;

	for (const char *const *rule = c->rules; *rule; rule++) {
		if (used)
			buf_reset(used);
		if (resolve_rule(*rule, get, ctx, &sum, used)) {
			*out = sum;
			return true;
		}
	}
	if (used)
		buf_reset(used);
	return false;
}

/*
 * Other names tell what is included: 6.2 split khugepaged off, 6.15 split proactive reclaim off,
 * and 7.1 made pgscan_* node counters through mod_lruvec_state(), which counts memcg limit reclaim
 * too.
 */
void counter_includes(counter_lookup *get, const void *ctx, bool node_has_pgscan, struct buf *out)
{
	const struct {
		const char *word;
		bool inside;
	} strangers[] = {
		{ "khugepaged", !get(ctx, "pgscan_khugepaged", &(uint64_t){ 0 }) },
		{ "proactive", !get(ctx, "pgscan_proactive", &(uint64_t){ 0 }) },
		{ "memcg", node_has_pgscan },
	};
	const char *sep = "includes: ";

	for (size_t i = 0; i < ARRAY_SIZE(strangers); i++) {
		if (!strangers[i].inside)
			continue;
		buf_addf(out, "%s%s", sep, strangers[i].word);
		sep = ", ";
	}
}
