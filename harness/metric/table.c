/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The metric table. Texts: help = what the metric is; where = the kernel's file, raw counters and
 * function that count it, with the versions (functions as of 6.12, counter names as of 3.18 to
 * 7.3); moves = what usually moves it.
 */
#include "metric/row.h"

#define PER_ALLOCATED                                                                                     \
	" Per GiB of pgalloc_{zone}, summed: rmqueue() and alloc_pages_bulk() in mm/page_alloc.c, every " \
	"page that leaves the allocator, for whatever purpose: user memory, page cache, slab, page "      \
	"tables, zram."
#define KSWAPD_CPU                                                                                        \
	"/proc/PID/schedstat of the kernel threads kswapd0, kswapd1 and so on: the first field, ns on a " \
	"CPU (se.sum_exec_runtime, fs/proc/base.c); where the kernel has none (CONFIG_SCHED_INFO), "      \
	"utime + stime of /proc/PID/stat, in steps of 10 ms."
#define BY_RECLAIMER                                                                                       \
	" shrink_inactive_list() in mm/vmscan.c, under MGLRU scan_folios() and evict_folios(). Sums over " \
	"zones until 4.7; node counters from 7.1 on, which are exact only where vm.stat_refresh was "      \
	"written, as at both ends of the window."
#define DIRECT_STRANGERS \
	" Holds khugepaged before 6.2, memory.reclaim before 6.15 and memcg limit reclaim from 7.1 on."
#define REFAULTS                                                                                        \
	"workingset_refault_anon + workingset_refault_file since 5.9, workingset_refault (file pages "  \
	"alone) before: workingset_refault() in mm/workingset.c, lru_gen_refault() under MGLRU; one "   \
	"per page that comes back while the shadow entry of its eviction is still there. MGLRU leaves " \
	"out pages that come back on another node or in another memcg, and before 6.5 all but the "     \
	"most recent evictions."
#define TRY_TO_SLEEP                                                                                    \
	" kswapd_try_to_sleep() in mm/vmscan.c, every version: each turn of kswapd's loop ends in one " \
	"of: real sleep, low, high."
#define PSI_MEMORY                                                                                        \
	" in /proc/pressure/memory (kernel/sched/psi.c, since 4.20, CONFIG_PSI): time between "           \
	"psi_memstall_enter() and _leave(), which surround direct reclaim, direct compaction, waits for " \
	"pages of the working set that come back, and kswapd's own runs (balance_pgdat())."
#define STEAL_BY_TYPE                                                                            \
	"pgsteal_anon + pgsteal_file since 5.8, memcg limit reclaim included; pgsteal_kswapd + " \
	"pgsteal_direct before."
#define DIRECT_BREAKS (BREAK_KHUGEPAGED | BREAK_PROACTIVE | BREAK_MEMCG)
#define REFAULT_BREAKS (BREAK_LRU | BREAK_ANON_SHADOW | BREAK_GEN_REFAULT)

/* clang-format off */
const struct metric metric_table[] = {
	/* -------------------------------------------------------- the cost of memory to those who need it */
	ROW("stalls_per_gib", "stalls/GiB", LOWER, PRIMARY, EVENTS, LOG, 1, .05, metric_per_gib_allocated,
	    "stall.direct",
	    .help = "How often a task had to reclaim memory for itself, per GiB that the page allocator "
		    "gave out. The task waits meanwhile.",
	    .where = "allocstall (3.18, 4.4), sum of allocstall_{zone} (since 4.9): "
		     "do_try_to_free_pages() in mm/vmscan.c, one per entry and one per retry; memcg "
		     "limit reclaim never counts. The suffix is the highest zone the request allows, not "
		     "where it waited." PER_ALLOCATED,
	    .moves = "Up: kswapd starts late, stops early or frees slower than the load allocates; "
		     "bursts; too little room between the watermarks (vm.watermark_scale_factor); a node "
		     "whose kswapd has given up. Down: kswapd that starts earlier or frees faster, a "
		     "slower load."),
	ROW("kswapd_cpu_ms_per_gib", "ms/GiB", LOWER, PRIMARY, CLOCKS, LOG, .1, .05, metric_kswapd_cpu,
	    "alloc.pages",
	    .help = "CPU time of all kswapd threads per GiB that the page allocator gave out: what the "
		    "same demand for memory costs.",
	    .where = KSWAPD_CPU PER_ALLOCATED,
	    .moves = "Up: scanning that frees little (dirty, referenced or mapped pages), lock "
		     "contention, shrinkers that free nothing, runs that find nothing to do, reclaim "
		     "beyond need, swap that compresses in kswapd's context (zram). Down: a better "
		     "choice of pages; also tasks that reclaim for themselves instead: look at "
		     "direct_share."),
	ROW("steal_scan", "1", HIGHER, PRIMARY, PAGES, LOGIT, .001, .02, metric_steal_scan, NULL,
	    .help = "Efficiency of reclaim by kswapd and by tasks for themselves, taken together: pages "
		    "freed per page scanned. ABSENT when nothing was scanned.",
	    .where = "(pgsteal_kswapd + pgsteal_direct) / (pgscan_kswapd + pgscan_direct):" BY_RECLAIMER
		     DIRECT_STRANGERS " Can exceed 1 by a batch isolated before the window.",
	    .moves = "Down: the pages that reclaim meets are dirty, under write-back, referenced or "
		     "mapped; the working set is larger than memory; lists out of balance. Up: clean and "
		     "cold pages, as in a file that is read once. Who makes the first, fruitless sweep "
		     "over a node does not move it.",
	    .breaks = BREAK_LRU | DIRECT_BREAKS),
	ROW("refaults_per_gib", "MiB/GiB", LOWER, PRIMARY, PAGES, LOG, .25, .05, metric_mib_per_gib_allocated,
	    "refault.all",
	    .help = "MiB that came back soon after they had been reclaimed, per GiB that the page "
		    "allocator gave out: how often reclaim took the wrong page.",
	    .where = REFAULTS PER_ALLOCATED,
	    .moves = "Up: reclaim beyond need, the wrong type of page taken (vm.swappiness), active pages "
		     "aged too fast, a working set just above memory. Down: better choice, less reclaim, "
		     "a load that touches each page once.",
	    .breaks = REFAULT_BREAKS),
	ROW("steal_scan_kswapd", "1", HIGHER, SECONDARY, PAGES, LOGIT, .001, .02, metric_ratio_of,
	    "scan.kswapd steal.kswapd",
	    .help = "Efficiency of kswapd: pages freed per page scanned. ABSENT when it scanned nothing.",
	    .where = "pgsteal_kswapd / pgscan_kswapd:" BY_RECLAIMER " Can exceed 1 by a batch isolated "
		     "before the window.",
	    .moves = "As steal_scan; and down where kswapd, not a stalled task, makes the first sweep over "
		     "a node, which frees little: by chance .40 to .62 where steal_scan is .36 to .38.",
	    .breaks = BREAK_LRU),
	ROW("steal_scan_direct", "1", HIGHER, SECONDARY, PAGES, LOGIT, .001, .02, metric_ratio_of,
	    "scan.direct steal.direct",
	    .help = "Efficiency of direct reclaim: pages freed per page scanned. ABSENT when nobody had "
		    "to reclaim for itself.",
	    .where = "pgsteal_direct / pgscan_direct:" BY_RECLAIMER DIRECT_STRANGERS,
	    .moves = "Down: dirty, referenced or mapped pages; many tasks that reclaim at once and "
		     "isolate pages from each other. Up: clean and cold pages.",
	    .breaks = BREAK_LRU | DIRECT_BREAKS),
	ROW("steal_scan_khugepaged", "1", HIGHER, DIAGNOSTIC, PAGES, LOGIT, .001, .02, metric_ratio_of,
	    "scan.khugepaged steal.khugepaged",
	    .help = "Efficiency of reclaim by khugepaged, which looks for huge pages: pages freed per "
		    "page scanned. ABSENT when it reclaimed nothing, and before 6.2.",
	    .where = "pgsteal_khugepaged / pgscan_khugepaged (since 6.2):" BY_RECLAIMER,
	    .moves = "Down: pages that are dirty, referenced or mapped. Up: clean and cold ones.",
	    .breaks = BREAK_LRU | BREAK_MEMCG),
	ROW("steal_scan_proactive", "1", HIGHER, DIAGNOSTIC, PAGES, LOGIT, .001, .02, metric_ratio_of,
	    "scan.proactive steal.proactive",
	    .help = "Efficiency of reclaim that user space asked for (memory.reclaim, since 6.17 "
		    "nodeN/reclaim): pages freed per page scanned. ABSENT when nobody asked, and before "
		    "6.15.",
	    .where = "pgsteal_proactive / pgscan_proactive (6.14 does not have them, 6.16 does):"
		     BY_RECLAIMER,
	    .moves = "Down: more is asked for than lies idle, dirty or mapped pages. Up: clean and cold "
		     "ones.",
	    .breaks = BREAK_LRU | BREAK_MEMCG),
	ROW("direct_share", "1", NEITHER, SECONDARY, EVENTS, LOGIT, .001, .02, metric_direct_share, NULL,
	    .help = "Share of reclaimed pages that tasks had to reclaim for themselves: direct / (direct "
		    "+ kswapd). Context: it also falls when kswapd reclaims more than anybody needs.",
	    .where = "pgsteal_direct / (pgsteal_direct + pgsteal_kswapd):" BY_RECLAIMER DIRECT_STRANGERS,
	    .moves = "Up: kswapd late, slow or given up; sudden bursts. Down: kswapd that keeps up, or "
		     "that reclaims beyond need.",
	    .breaks = DIRECT_BREAKS),
	ROW("direct_stall_time", "s/s", LOWER, DIAGNOSTIC, CLOCKS, LOG, .001, .05, metric_stall_time, NULL,
	    .help = "Seconds that tasks spent in direct reclaim per second of the window, all tasks added "
		    "up: above 1 when several wait at once. ABSENT where the kernel's trace events could "
		    "not be counted.",
	    .where = "Time from trace event vmscan:mm_vmscan_direct_reclaim_begin to _end of the same "
		     "task (try_to_free_pages() in mm/vmscan.c, every version), added up inside the "
		     "kernel by a histogram trigger. No counter of /proc/vmstat holds time.",
	    .moves = "Up: more stalls or longer ones (write-back, throttling, swap that compresses, lock "
		     "contention). Down: kswapd that keeps up."),
	ROW("refaults_per_steal", "1", NEITHER, SECONDARY, PAGES, LOG, .001, .05, metric_ratio_of,
	    "steal.total refault.all",
	    .help = "Pages that came back soon after they had been reclaimed, per page reclaimed. "
		    "Context: reclaim beyond need lowers it.",
	    .where = REFAULTS " Per page of " STEAL_BY_TYPE,
	    .moves = "Up: reclaim takes pages that are still in use. Down: it takes idle ones, or takes "
		     "so many that the refaults drown in them.",
	    .breaks = REFAULT_BREAKS | BREAK_BY_TYPE),
	/* -------------------------------------------------------- kswapd: work, wake and sleep */
	ROW("kswapd_cpu_ms_per_gib_stolen", "ms/GiB", NEITHER, DIAGNOSTIC, CLOCKS, LOG, .1, .05, metric_kswapd_cpu,
	    "steal.kswapd",
	    .help = "CPU time of all kswapd threads per GiB they took from LRU lists. Context: reclaim "
		    "beyond need lowers it, and slab memory freed is in no part of it.",
	    .where = KSWAPD_CPU " Per GiB of pgsteal_kswapd.",
	    .moves = "Up: dearer pages (swap, write-back, mapped), low efficiency, time in shrinkers. "
		     "Down: clean page cache."),
	ROW("kswapd_runs_per_gib", "runs/GiB", LOWER, SECONDARY, EVENTS, LOG, 1, .05, metric_per_gib_allocated,
	    "kswapd.runs",
	    .help = "Runs of kswapd per GiB that the page allocator gave out: what the same demand takes in wake-ups and "
		    "restarts. Few long runs can be reclaim beyond need: see peak_free_above_high.",
	    .where = "pageoutrun: one per call of balance_pgdat() in mm/vmscan.c, every version; "
		     "not wake-ups, one wake-up can bring many." PER_ALLOCATED,
	    .moves = "Up: it goes to sleep too early and is woken again, or frees too little per "
		     "run. Down: longer runs, a larger distance between low and high."),
	ROW("kswapd_runs_per_gib_stolen", "runs/GiB", NEITHER, DIAGNOSTIC, EVENTS, LOG, 1, .05, metric_per_gib_by_kswapd,
	    "kswapd.runs",
	    .help = "Runs of kswapd per GiB that it took from LRU lists. Context: reclaim beyond need "
		    "lowers it.",
	    .where = "pageoutrun (balance_pgdat() in mm/vmscan.c, every version) per GiB of "
		     "pgsteal_kswapd.",
	    .moves = "Up: runs that free little before it lies down again. Down: long runs."),
	ROW("pages_per_run", "pages/run", NEITHER, SECONDARY, EVENTS, LOG, 32, .05, metric_ratio_of,
	    "kswapd.runs steal.kswapd",
	    .help = "Pages kswapd freed per run: low = many short runs, very high = it reclaims far "
		    "beyond need.",
	    .where = "pgsteal_kswapd / pageoutrun; a run aims at the sum of the high watermarks of the "
		     "node's zones per priority level (kswapd_shrink_node() in mm/vmscan.c).",
	    .moves = "Up: a load that never lets it finish, a missed stop at the high watermark, large "
		     "folios. Down: a stop before high, pages that cannot be freed."),
	ROW("kswapd_sleep_share", "1", HIGHER, SECONDARY, EVENTS, LOGIT, .01, .05, metric_sleep_share, NULL,
	    .help = "Share of kswapd runs after which it really slept. The rest were cut short within a "
		    "tenth of a second, or kswapd was needed again before it could lie down.",
	    .where = "1 - (kswapd_low_wmark_hit_quickly + kswapd_high_wmark_hit_quickly) / pageoutrun:"
		     TRY_TO_SLEEP,
	    .moves = "Down: a steady load, a stop too early. Up: pauses in the load, runs that reach "
		     "high."),
	ROW("low_quick_share", "1", NEITHER, DIAGNOSTIC, EVENTS, LOGIT, .01, .05, metric_ratio_of,
	    "kswapd.runs kswapd.low_quick",
	    .help = "Share of kswapd runs after which it was woken out of its first nap of a tenth of a "
		    "second, because the low watermark had been hit again.",
	    .where = "kswapd_low_wmark_hit_quickly / pageoutrun:" TRY_TO_SLEEP,
	    .moves = "Up: a steady load that eats the distance from high to low in less than the nap. "
		     "Down: pauses, a larger distance."),
	ROW("high_quick_share", "1", NEITHER, DIAGNOSTIC, EVENTS, LOGIT, .01, .05, metric_ratio_of,
	    "kswapd.runs kswapd.high_quick",
	    .help = "Share of kswapd runs after which it was below high again before it could lie down.",
	    .where = "kswapd_high_wmark_hit_quickly / pageoutrun:" TRY_TO_SLEEP,
	    .moves = "Up: a load faster than kswapd, little that can be freed, a node near hopeless. "
		     "Down: runs that reach high."),
	ROW("kswapd_duty", "1", LOWER, SECONDARY, CLOCKS, LOGIT, .001, .02, metric_kswapd_duty, NULL,
	    .help = "Share of the window that a kswapd thread was on a CPU, mean over the nodes' threads; "
		    "kswapd_duty_nodeN has each.",
	    .where = KSWAPD_CPU,
	    .moves = "Up: more to reclaim, or the same at a lower efficiency; a kswapd that cannot get "
		     "to sleep. Down: less to do, or no CPU to do it on: a load on the same CPU takes "
		     "half of it."),
	ROW("kswapd_longest_burst_s", "s", LOWER, SECONDARY, CLOCKS, LOG, .1, .05, metric_longest_burst, NULL,
	    .help = "The longest time without a break that one kswapd was at work: steps of 100 ms in "
		    "each of which it had more than a quarter of a CPU (one that shares its CPU with the "
		    "load gets half). The longest of all nodes; 0 when it never had.",
	    .where = KSWAPD_CPU " Sampled every 100 ms.",
	    .moves = "Up: a load that kswapd cannot get ahead of, a target it never reaches, pages that "
		     "do not come free. Down: pauses in the load, faster reclaim."),
	ROW("kswapd_to_sleep_s", "s", LOWER, SECONDARY, CLOCKS, LOG, .1, .05, metric_to_sleep, NULL,
	    .help = "Time from the end of the window, load stopped and its memory still held, to the last "
		    "sign of work of any kswapd: 0 when it was asleep already, the length of the drain "
		    "phase (at least that) when it was not asleep by the drain's end. ABSENT without a "
		    "drain phase.",
	    .where = "The last sample of the drain phase in which pageoutrun (/proc/vmstat) or a kswapd's "
		     "run time had grown. " KSWAPD_CPU,
	    .moves = "Up: a target above what can be freed, slow swap or write-back, watermarks boosted "
		     "by fragmentation, high-order wake-ups. Down: free memory already near high when "
		     "the load ends."),
	/* -------------------------------------------------------- swap, faults, pressure */
	ROW("swap_per_gib", "MiB/GiB", LOWER, SECONDARY, PAGES, LOG, .25, .05, metric_swap_traffic, NULL,
	    .help = "Swap traffic: MiB swapped out and in, added up, per GiB that the page allocator gave "
		    "out.",
	    .where = "pswpout + pswpin (mm/page_io.c), from 6.12 on with swpout_zero + swpin_zero, the "
		     "zero-filled pages that since then no longer reach the device." PER_ALLOCATED,
	    .moves = "Up: anonymous memory preferred over page cache (vm.swappiness), the wrong pages "
		     "taken so that they come back, readahead of swap (vm.page-cluster). Down: page "
		     "cache that can be dropped instead."),
	ROW("swap_out_per_gib", "MiB/GiB", LOWER, SECONDARY, PAGES, LOG, .25, .05, metric_mib_per_gib_allocated,
	    "swap.out_all",
	    .help = "MiB swapped out per GiB that the page allocator gave out, zero-filled pages included.",
	    .where = "pswpout (count_swpout_vm_event() in mm/page_io.c); from 6.12 on + swpout_zero, "
		     "which no longer reach the device." PER_ALLOCATED,
	    .moves = "Up: reclaim prefers anonymous memory (vm.swappiness), a load of anonymous memory "
		     "above RAM. Down: page cache taken instead, reclaim of less."),
	ROW("swap_in_per_gib", "MiB/GiB", LOWER, SECONDARY, PAGES, LOG, .25, .05, metric_mib_per_gib_allocated,
	    "swap.in_all",
	    .help = "MiB swapped back in per GiB that the page allocator gave out, zero-filled pages "
		    "included: anonymous memory that should have stayed.",
	    .where = "pswpin (swap_read_folio() in mm/page_io.c); from 6.12 on + swpin_zero, which no "
		     "longer reach the device." PER_ALLOCATED,
	    .moves = "Up: pages swapped out that are still in use, readahead that brings too much. Down: "
		     "better choice, a load that touches each page once."),
	ROW("major_faults_per_gib", "faults/GiB", LOWER, SECONDARY, PAGES, LOG, 1, .05, metric_per_gib_allocated,
	    "fault.major",
	    .help = "Page faults that had to read from a device, per GiB that the page allocator gave out.",
	    .where = "pgmajfault: filemap_fault() in mm/filemap.c, do_swap_page() in mm/memory.c, tmpfs "
		     "in mm/shmem.c; every version." PER_ALLOCATED,
	    .moves = "Up: mapped files or swapped memory reclaimed while in use. Down: readahead that "
		     "hits, less reclaim."),
	ROW("psi_mem_some_share", "1", LOWER, SECONDARY, CLOCKS, LOGIT, .001, .02, metric_psi_share, "some.total",
	    .help = "Share of the window in which at least one task waited for memory.",
	    .where = "Line some, field total," PSI_MEMORY,
	    .moves = "Up: direct reclaim, thrashing, and kswapd at work by itself. Down: reclaim that is "
		     "ahead of the load."),
	ROW("psi_mem_full_share", "1", LOWER, SECONDARY, CLOCKS, LOGIT, .001, .02, metric_psi_share, "full.total",
	    .help = "Share of the window in which all tasks that were not idle waited for memory at once.",
	    .where = "Line full, field total," PSI_MEMORY,
	    .moves = "Up: every task of the load in direct reclaim or waiting for pages that come back. "
		     "Down: some task that gets on."),
	ROW("oom_kills", "kills", LOWER, SECONDARY, EVENTS, LOG, 1, .05, metric_count_of, "oom.kill",
	    .help = "Tasks that the OOM killer ended in the window.",
	    .where = "oom_kill: __oom_kill_process() in mm/oom_kill.c, since 4.13, memcg limits included.",
	    .moves = "Up: demand above RAM and swap, or reclaim that gives up while there is something "
		     "to free. Down to 0 otherwise."),
	ROW("throttle_stalls", "stalls", LOWER, SECONDARY, EVENTS, LOG, 1, .05, metric_count_of, "stall.throttle",
	    .help = "Tasks put to sleep because free memory was under half of min. Rare: any rise is "
		    "worth a look.",
	    .where = "pgscan_direct_throttle: throttle_direct_reclaim() in mm/vmscan.c, every version.",
	    .moves = "Up: allocation far ahead of kswapd, reserves eaten by swap-out itself, a node "
		     "whose kswapd does not answer. Down to 0 otherwise."),
	ROW("compact_stalls", "stalls", LOWER, SECONDARY, EVENTS, LOG, 1, .05, metric_count_of, "compact.stall",
	    .help = "Tasks that had to compact memory for themselves to get a high-order page.",
	    .where = "compact_stall: __alloc_pages_direct_compact() in mm/page_alloc.c, every version "
		     "(CONFIG_COMPACTION).",
	    .moves = "Up: fragmentation, huge pages at fault time, large folios. Down: kcompactd that "
		     "keeps up, order-0 loads."),
	/* -------------------------------------------------------- rates and context */
	ROW("scan_kswapd_per_s", "pages/s", NEITHER, DIAGNOSTIC, CLOCKS, LOG, 32, .05, metric_per_second,
	    "scan.kswapd",
	    .help = "Scan velocity of kswapd.",
	    .where = "pgscan_kswapd:" BY_RECLAIMER,
	    .moves = "Up: a faster load, lower efficiency. Down: less to do, or no CPU to do it on.",
	    .breaks = BREAK_LRU),
	ROW("scan_direct_per_s", "pages/s", NEITHER, DIAGNOSTIC, CLOCKS, LOG, 32, .05, metric_per_second,
	    "scan.direct",
	    .help = "Scan velocity of direct reclaim.",
	    .where = "pgscan_direct:" BY_RECLAIMER DIRECT_STRANGERS,
	    .moves = "Up: more stalls, lower efficiency. Down: kswapd that keeps up.",
	    .breaks = BREAK_LRU | DIRECT_BREAKS),
	ROW("steal_kswapd_per_s", "pages/s", NEITHER, DIAGNOSTIC, CLOCKS, LOG, 32, .05, metric_per_second,
	    "steal.kswapd",
	    .help = "Pages kswapd freed per second.",
	    .where = "pgsteal_kswapd:" BY_RECLAIMER,
	    .moves = "Up: a faster load, reclaim beyond need. Down: tasks that reclaim for themselves, a "
		     "slower load."),
	ROW("steal_direct_per_s", "pages/s", NEITHER, DIAGNOSTIC, CLOCKS, LOG, 32, .05, metric_per_second,
	    "steal.direct",
	    .help = "Pages direct reclaim freed per second.",
	    .where = "pgsteal_direct:" BY_RECLAIMER DIRECT_STRANGERS,
	    .moves = "Up: more stalls. Down: kswapd that keeps up.",
	    .breaks = DIRECT_BREAKS),
	ROW("alloc_per_s", "pages/s", NEITHER, DIAGNOSTIC, CLOCKS, LOG, 32, .05, metric_per_second, "alloc.pages",
	    .help = "Pages the allocator gave out per second: the demand that reclaim has to meet.",
	    .where = "pgalloc_{zone}, summed: rmqueue() and alloc_pages_bulk() in mm/page_alloc.c, every "
		     "version.",
	    .moves = "Up: a faster load, pages that come back after reclaim. Down: a load that waits for "
		     "memory."),
	ROW("slab_scanned_per_gib", "objects/GiB", NEITHER, DIAGNOSTIC, PAGES, LOG, 128, .05, metric_per_gib_allocated,
	    "slab.objects_scanned",
	    .help = "Objects that slab shrinkers went through per GiB that the page allocator gave out. "
		    "Objects, neither pages nor bytes, and not those freed: the kernel counts no freed "
		    "slab memory.",
	    .where = "slabs_scanned: do_shrink_slab() in mm/shrinker.c (mm/vmscan.c before 6.7); since "
		     "4.14 what the shrinker says it scanned, before what it was asked to." PER_ALLOCATED,
	    .moves = "Up: many dentries and inodes, a higher vm.vfs_cache_pressure, lower priority levels "
		     "reached. Down: few slab objects, easy page cache.",
	    .breaks = BREAK_SLABS),
	ROW("slab_cache_balance", "1", NEITHER, SECONDARY, PAGES, LOGIT, .001, .02, metric_slab_balance, NULL,
	    .help = "Slab against page cache at the window's end: reclaimable slab / (reclaimable slab + "
		    "file LRU). What shrinkers left of the slab, and reclaim of the page cache.",
	    .where = "Levels nr_slab_reclaimable (account_slab() in mm/slub.c, in 6.1 mm/slab.h) and nr_active_file + "
		     "nr_inactive_file (mm/vmscan.c, mm/swap.c) of /proc/vmstat, all nodes, every version.",
	    .moves = "Up: shrinkers that free little or are not called, a load that makes slab. Down: a "
		     "load that makes page cache, a higher vm.vfs_cache_pressure."),
	ROW("window_s", "s", NEITHER, DIAGNOSTIC, CLOCKS, LOG, .001, .03, metric_window_seconds, NULL,
	    .help = "Length of the measured window.",
	    .where = "The marks window-begin and window-end of the run, CLOCK_MONOTONIC; not a number of "
		     "the kernel's reclaim.",
	    .moves = "With a fixed amount of work: up when the load is held up. With a fixed time: "
		     "nothing."),
	{ .name = NULL },
};

#define WATERMARK \
	" (mm/vmstat.c, zoneinfo_show_print(); marks as printed, boost included, + the lowmem reserve " \
	"against the node's highest zone, as pgdat_balanced() in mm/vmscan.c sees it), sampled every " \
	"second: each sample holds until the next."

const struct metric metric_node_table[] = {
	ROW("below_low_s_nodeN", "s", LOWER, SECONDARY, CLOCKS, LOG, 1, .05, metric_below_low, NULL,
	    .help = "Seconds of the window in which no zone of the node had its low watermark: kswapd was "
		    "late or could not keep up.",
	    .where = "free and low of /proc/zoneinfo" WATERMARK,
	    .moves = "Up: a load faster than reclaim, kswapd woken late, little that can be freed. Down: "
		     "kswapd that keeps free memory between low and high; allocations that go to another "
		     "node."),
	ROW("below_min_s_nodeN", "s", LOWER, DIAGNOSTIC, CLOCKS, LOG, 1, .05, metric_below_min, NULL,
	    .help = "Seconds of the window in which no zone of the node had its min watermark: only "
		    "reclaim itself and urgent requests get memory there.",
	    .where = "free and min of /proc/zoneinfo" WATERMARK,
	    .moves = "Up: reclaim that frees nothing, bursts, swap-out that needs memory itself. Down to "
		     "0 otherwise."),
	ROW("peak_free_above_high_nodeN", "pages", NEITHER, SECONDARY, EVENTS, LOG, 64, .05, metric_peak_above_high,
	    NULL,
	    .help = "Most free pages above the high watermark, summed over the node's zones, after its "
		    "largest zone had first come down to high: reclaim beyond need, or memory that the "
		    "load gave back. ABSENT when it never came down to high.",
	    .where = "free and high of /proc/zoneinfo" WATERMARK,
	    .moves = "Up: kswapd that does not stop at high, one large free (a process that ends, a file "
		     "that is removed), direct reclaim on top of kswapd's. Down: a stop at high."),
	ROW("kswapd_duty_nodeN", "1", LOWER, SECONDARY, CLOCKS, LOGIT, .001, .02, metric_kswapd_duty, NULL,
	    .kswapd_nodes = true,
	    .help = "Share of the window that the kswapd of this node was on a CPU.",
	    .where = KSWAPD_CPU,
	    .moves = "Up on one node alone: a load bound to it, or one kswapd that cannot get to sleep. "
		     "On all: as kswapd_duty."),
	{ .name = NULL },
};
/* clang-format on */
