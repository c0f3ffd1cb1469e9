/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The canonical table on captured kernels: which counters each kernel has, written out by hand, and
 * what is summed.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fs.h"
#include "evidence/counters.h"

static const char *const kernels[] = { "3.18", "4.4", "5.10", "6.1", "6.12", "6.18", "7.1", "7.3" };

/* "name value" lines as a lookup. */
static bool text_get(const void *ctx, const char *raw, uint64_t *out)
{
	const char *p = ctx;
	size_t len = strlen(raw);

	for (; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
		if (strncmp(p, raw, len) != 0 || p[len] != ' ')
			continue;
		*out = strtoull(p + len + 1, NULL, 10);
		return true;
	}
	return false;
}

static void load(const char *kernel, const char *file, struct buf *out)
{
	const char *dir = getenv("WMARK_TEST_DATA");
	struct err e = ERR_INIT;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s/%s", dir ? dir : "harness/test/data", kernel, file);
	cr_assert_eq(fs_read(path, out, &e), 0, "%s", e.msg);
}

/*
 * One letter per kernel in the order of kernels[]: x = has the counter, . = ABSENT. Names left out
 * are present everywhere.
 */
static const struct {
	const char *name, *presence;
} absent[] = {
	{ "scan.khugepaged", "....xxxx" },
	{ "steal.khugepaged", "....xxxx" },
	{ "scan.proactive", ".....xxx" },
	{ "steal.proactive", ".....xxx" },
	{ "scan.anon", "..xxxxxx" },
	{ "scan.file", "..xxxxxx" },
	{ "steal.anon", "..xxxxxx" },
	{ "steal.file", "..xxxxxx" },
	{ "rotate", ".......x" },
	{ "skip", "..xxxxxx" },
	{ "refault.anon", "..xxxxxx" },
	{ "refault.file", "..xxxxxx" },
	{ "activate.anon", "..xxxxxx" },
	{ "activate.file", "..xxxxxx" },
	{ "restore.anon", "..xxxxxx" },
	{ "restore.file", "..xxxxxx" },
	{ "restore.all", "..xxxxxx" },
	{ "swap.zero_in", "....xxxx" },
	{ "swap.zero_out", "....xxxx" },
	{ "swap.ra", "..xxxxxx" },
	{ "swap.ra_hit", "..xxxxxx" },
	{ "zswap.in", "......xx" },
	{ "zswap.out", "......xx" },
	{ "zswap.writeback", "......xx" },
	{ "compact.daemon_wake", "..xxxxxx" },
	{ "compact.daemon_migrate_scanned", "..xxxxxx" },
	{ "compact.daemon_free_scanned", "..xxxxxx" },
	{ "thp.split_failed", "..xxxxxx" },
	{ "thp.deferred_split", "..xxxxxx" },
	{ "thp.underused_split", "....xxxx" },
	{ "thp.swpout", "..xxxxxx" },
	{ "thp.swpout_fallback", "..xxxxxx" },
	{ "demote.kswapd", "...xxxxx" },
	{ "demote.direct", "...xxxxx" },
	{ "demote.khugepaged", "....xxxx" },
	{ "demote.proactive", ".....xxx" },
	{ "promote.success", "...xxxxx" },
	{ "promote.candidate", "...xxxxx" },
	{ "promote.candidate_nrl", ".....xxx" },
	{ "lazyfree.marked", "..xxxxxx" },
	{ "lazyfree.freed", "..xxxxxx" },
	{ "written.throttled", "...xxxxx" },
	{ "oom.kill", "..xxxxxx" },
	{ "node_reclaim.success", "....xxxx" },
	{ "free.blocks", ".....xxx" },
	{ "swapcached", "...xxxxx" },
	{ "workingset.nodes", "..xxxxxx" },
};

Test(counters, presence)
{
	for (size_t i = 0; i < ARRAY_SIZE(absent); i++)
		cr_assert(counter_find(absent[i].name), "%s is in no row of the table",
			  absent[i].name);
	for (size_t k = 0; k < ARRAY_SIZE(kernels); k++) {
		struct buf text = BUF_INIT;

		load(kernels[k], "proc/vmstat", &text);
		for (const struct counter *c = counter_table; c->name; c++) {
			const char *presence = "xxxxxxxx";
			uint64_t v;

			for (size_t i = 0; i < ARRAY_SIZE(absent); i++)
				if (!strcmp(absent[i].name, c->name))
					presence = absent[i].presence;
			cr_assert_eq(counter_resolve(c, text_get, text.data, &v, NULL),
				     presence[k] == 'x', "%s on %s: %s expected", c->name,
				     kernels[k], presence[k] == 'x' ? "a value" : "ABSENT");
		}
		buf_release(&text);
	}
}

/* Which raw names stand for a counter, by kernel. */
Test(counters, used)
{
	static const struct {
		const char *kernel, *name, *used;
	} cases[] = {
		{ "3.18", "scan.kswapd",
		  "pgscan_kswapd_dma+pgscan_kswapd_dma32+pgscan_kswapd_normal+pgscan_kswapd_movable" },
		{ "3.18", "scan.direct",
		  "pgscan_direct_dma+pgscan_direct_dma32+pgscan_direct_normal+pgscan_direct_movable" },
		{ "4.4", "stall.direct", "allocstall" },
		{ "5.10", "stall.direct",
		  "allocstall_dma+allocstall_dma32+allocstall_normal+allocstall_movable" },
		{ "7.1", "stall.direct",
		  "allocstall_dma+allocstall_dma32+allocstall_normal+allocstall_movable+allocstall_device" },
		{ "4.4", "refault.all", "workingset_refault" },
		{ "6.1", "refault.all", "workingset_refault_anon+workingset_refault_file" },
		{ "6.12", "scan.total", "pgscan_anon+pgscan_file" },
		{ "4.4", "scan.total",
		  "pgscan_kswapd_dma+pgscan_kswapd_dma32+pgscan_kswapd_normal+pgscan_kswapd_movable+"
		  "pgscan_direct_dma+pgscan_direct_dma32+pgscan_direct_normal+pgscan_direct_movable" },
		{ "6.1", "swap.out_all", "pswpout" },
		{ "6.12", "swap.out_all", "pswpout+swpout_zero" },
		{ "7.3", "swap.in_all", "pswpin+swpin_zero" },
		{ "3.18", "thp.split", "thp_split" },
		{ "5.10", "thp.split", "thp_split_page" },
		{ "6.18", "oom.kill", "oom_kill" },
		{ "3.18", "oom.kill", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buf text = BUF_INIT, used = BUF_INIT;
		uint64_t v;

		load(cases[i].kernel, "proc/vmstat", &text);
		counter_resolve(counter_find(cases[i].name), text_get, text.data, &v, &used);
		cr_assert_str_eq(used.data, cases[i].used, "%s on %s", cases[i].name,
				 cases[i].kernel);
		buf_release(&used);
		buf_release(&text);
	}
}

Test(counters, rules)
{
	static const char era47[] =
		"pgscan_kswapd_dma 1\npgscan_kswapd_high 2\npgscan_kswapd_movable "
		"4\npgscan_direct_throttle 100\n";
	static const char both[] =
		"pgscan_kswapd 7\npgscan_kswapd_normal 1000\npgscan_anon 5\npgscan_direct "
		"3\n";
	static const char stalls[] =
		"allocstall_dma32 7\nallocstall_normal 700\nallocstall_movable 3\n";
	uint64_t v = 42;

	cr_assert(counter_resolve(counter_find("scan.kswapd"), text_get, era47, &v, NULL));
	cr_assert_eq(v, 7);
	v = 42;
	cr_assert(!counter_resolve(counter_find("scan.direct"), text_get, era47, &v, NULL),
		  "throttle is no "
		  "zone");
	cr_assert_eq(v, 42, "ABSENT must not touch the value");
	cr_assert(counter_resolve(counter_find("scan.kswapd"), text_get, both, &v, NULL));
	cr_assert_eq(v, 7, "the first rule counts");
	/* no pgscan_file: the first rule needs both, the second does not */
	cr_assert(counter_resolve(counter_find("scan.total"), text_get, both, &v, NULL));
	cr_assert_eq(v, 10);
	cr_assert(counter_resolve(counter_find("stall.direct"), text_get, stalls, &v, NULL));
	cr_assert_eq(v, 710, "all zones are summed");
	cr_assert_null(counter_find("no.such"));
}

Test(counters, includes)
{
	static const struct {
		const char *kernel, *want;
	} cases[] = {
		{ "4.4", "includes: khugepaged, proactive" },
		{ "6.1", "includes: khugepaged, proactive" },
		{ "6.12", "includes: proactive" },
		{ "6.18", "" },
		{ "7.1", "includes: memcg" },
		{ "7.3", "includes: memcg" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buf text = BUF_INIT, node = BUF_INIT, out = BUF_INIT;
		uint64_t v;

		load(cases[i].kernel, "proc/vmstat", &text);
		load(cases[i].kernel, "sys/devices/system/node/node0/vmstat", &node);
		counter_includes(text_get, text.data, text_get(node.data, "pgscan_direct", &v),
				 &out);
		cr_assert_str_eq(out.data, cases[i].want, "%s", cases[i].kernel);
		buf_release(&out);
		buf_release(&node);
		buf_release(&text);
	}
}

/*
 * Of all names that the captured kernels print: those that are events in spite of nr_, and gauges
 * without it.
 */
Test(counters, events_and_gauges)
{
	static const char *const files[] = { "proc/vmstat",
					     "sys/devices/system/node/node0/vmstat" };
	static const char odd[] =
		" nr_dirtied nr_foll_pin_acquired nr_foll_pin_released nr_pages_scanned nr_throttled_written "
		"nr_vmscan_immediate_reclaim nr_vmscan_write nr_written workingset_nodes ";
	size_t nr = 0;

	for (size_t k = 0; k < 2 * ARRAY_SIZE(kernels); k++) {
		struct buf text = BUF_INIT;

		load(kernels[k / 2], files[k % 2], &text);
		for (char *name = text.data, *end; *name; name = strchr(end + 1, '\n') + 1, nr++) {
			char word[96];

			end = strchr(name, ' ');
			*end = '\0';
			snprintf(word, sizeof(word), " %s ", name);
			cr_assert_eq(counter_raw_is_event(name) == !strncmp(name, "nr_", 3),
				     strstr(odd, word) != NULL, "%s of %s", name, kernels[k / 2]);
		}
		buf_release(&text);
	}
	cr_assert_gt(nr, 1000);
	cr_assert(counter_raw_is_event("allocstall_movable"), "a zone of a row");
	cr_assert(counter_raw_is_event("nr_tlb_remote_flush"));
	cr_assert(!counter_raw_is_event("nr_slab_reclaimable") &&
		  !counter_raw_is_event("nr_of_a_kernel_to_come"));
}

/*
 * Every row is complete, names are unique, and no rule sums a by-reclaimer with a by-type counter
 * (a page is in both).
 */
Test(counters, table)
{
	for (const struct counter *c = counter_table; c->name; c++) {
		cr_assert(c->rules && c->rules[0], "%s: no rule", c->name);
		cr_assert(c->help && strlen(c->help) > 10, "%s: fill in the help", c->name);
		cr_assert_eq(counter_find(c->name), c, "%s stands twice", c->name);
		for (const char *const *r = c->rules; *r; r++)
			cr_assert(!((strstr(*r, "_anon") || strstr(*r, "_file")) &&
				    (strstr(*r, "_kswapd") || strstr(*r, "_direct"))),
				  "%s: %s", c->name, *r);
	}
}
