/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must hold for every kernel in test/data. */
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "probe/probe.h"
#include "test_probe_data.h"

static bool data_load(const char *kernel, const char *path, probe_scan *scan, struct probe_list *l)
{
	struct buf text = BUF_INIT;
	struct err e = ERR_INIT;

	memset(l, 0, sizeof(*l));
	if (!data_read(kernel, path, &text))
		return false;
	cr_assert_eq(probe_list_load(l, scan, text.data, text.len, &e), 0, "%s/%s: %s", kernel,
		     path, e.msg);
	cr_assert_gt(l->nr, 0, "%s/%s", kernel, path);
	buf_release(&text);
	return true;
}

static int value_cmp(const void *a, const void *b)
{
	const struct probe_value *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : (x->value > y->value) - (x->value < y->value);
}

static void list_sort(struct probe_list *l)
{
	qsort(l->v, l->nr, sizeof(*l->v), value_cmp);
}

/* Split where @head says a new piece begins (NULL: every line) and put the pieces in another
 * order. */
static void shuffle(const struct buf *text, const char *head, struct rng *r, struct buf *out)
{
	struct piece {
		const char *p;
		size_t len;
	} *v = NULL;
	size_t nr = 0, cap = 0, i;
	const char *p = text->data, *end = text->data + text->len;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = nl ? (size_t)(nl + 1 - p) : (size_t)(end - p);

		if (!nr || !head || !strncmp(p, head, strlen(head))) {
			ARRAY_GROW(v, nr, cap);
			v[nr++] = (struct piece){ p, len };
		} else {
			v[nr - 1].len += len;
		}
		p += len;
	}
	buf_reset(out);
	for (i = nr; i > 0; i--) {
		size_t k = (size_t)rng_below(r, i);

		buf_add(out, v[k].p, v[k].len);
		v[k] = v[i - 1];
	}
	free(v);
}

static void expect_same_set(const char *what, probe_scan *scan, const struct buf *a,
			    const struct buf *b)
{
	struct probe_list x, y;
	struct err e = ERR_INIT;
	size_t i;

	cr_assert_eq(probe_list_load(&x, scan, a->data, a->len, &e), 0, "%s: %s", what, e.msg);
	cr_assert_eq(probe_list_load(&y, scan, b->data, b->len, &e), 0, "%s: %s", what, e.msg);
	cr_assert_gt(x.nr, 0);
	cr_assert_eq(x.nr, y.nr, "%s: %zu and %zu items", what, x.nr, y.nr);
	list_sort(&x);
	list_sort(&y);
	for (i = 0; i < x.nr; i++)
		cr_assert_eq(value_cmp(&x.v[i], &y.v[i]), 0, "%s: %s and %s", what, x.v[i].name,
			     y.v[i].name);
	probe_list_release(&x);
	probe_list_release(&y);
}

/* Drop the zone blocks of all nodes but one, so that node facts are met in one run of blocks. */
static void keep_node(const struct buf *text, const char *head, struct buf *out)
{
	const char *p = text->data, *end = text->data + text->len;
	bool keep = false;

	buf_reset(out);
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = nl ? (size_t)(nl + 1 - p) : (size_t)(end - p);

		if (!strncmp(p, "Node ", 5))
			keep = !strncmp(p, head, strlen(head));
		if (keep)
			buf_add(out, p, len);
		p += len;
	}
}

Test(probe, order_of_lines_does_not_matter)
{
	static const struct {
		const char *path, *head;
		probe_scan *scan;
	} files[] = {
		{ "proc/vmstat", NULL, probe_vmstat },
		{ "proc/meminfo", NULL, probe_meminfo },
		{ NODE "node0/vmstat", NULL, probe_vmstat },
		{ NODE "node1/meminfo", NULL, probe_meminfo },
		{ "cg/memory.stat", NULL, probe_vmstat },
		{ "proc/pressure/memory", NULL, probe_psi },
		{ "proc/zoneinfo", "Node ", probe_zoneinfo },
	};
	struct buf text = BUF_INIT, one = BUF_INIT, mixed = BUF_INIT;
	struct rng r = rng_make(1, 1);
	size_t k, f;
	int round;

	for (k = 0; k < ARRAY_SIZE(kernels); k++) {
		for (f = 0; f < ARRAY_SIZE(files); f++) {
			if (!data_read(kernels[k].dir, files[f].path, &text))
				continue;
			if (files[f].head)
				keep_node(&text, "Node 0,", &one);
			for (round = 0; round < 20; round++) {
				const struct buf *from = files[f].head ? &one : &text;

				shuffle(from, files[f].head, &r, &mixed);
				cr_assert_eq(mixed.len, from->len);
				expect_same_set(files[f].path, files[f].scan, from, &mixed);
			}
		}
	}
	buf_release(&text);
	buf_release(&one);
	buf_release(&mixed);
}

/*
 * The captured files were read one after the other on a live kernel, so sums drift: 1.4 % of free
 * pages in the worst case (6.1), 0.1 % between /proc/vmstat and zoneinfo. The hand-made ones must
 * agree exactly.
 */
static void expect_close(const struct kernel *k, const char *what, uint64_t a, uint64_t b,
			 double tolerance)
{
	uint64_t off = a > b ? a - b : b - a;

	cr_assert(k->exact ? off == 0 : (double)off <= tolerance * (double)a,
		  "%s: %s: %llu and %llu", k->dir, what, (unsigned long long)a,
		  (unsigned long long)b);
}

/* Sum of the zones' @key. */
static uint64_t zone_sum(const struct probe_list *zi, const char *prefix, const char *key)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < zi->nr; i++) {
		const char *dot = strrchr(zi->v[i].name, '.');

		if (!strncmp(zi->v[i].name, prefix, strlen(prefix)) && dot && !strcmp(dot + 1, key))
			sum += zi->v[i].value;
	}
	return sum;
}

Test(probe, nodes_sum_up_to_the_whole)
{
	size_t k, i;
	int n;

	for (k = 0; k < ARRAY_SIZE(kernels); k++) {
		struct probe_list all, zi, node[3];
		uint64_t whole, part, sum = 0;

		cr_assert(data_load(kernels[k].dir, "proc/vmstat", probe_vmstat, &all));
		cr_assert(data_load(kernels[k].dir, "proc/zoneinfo", probe_zoneinfo, &zi));
		for (n = 0; n < 3; n++) {
			char path[64], prefix[24];

			snprintf(path, sizeof(path), NODE "node%d/vmstat", n);
			snprintf(prefix, sizeof(prefix), "node%d.", n);
			if (!data_load(kernels[k].dir, path, probe_vmstat, &node[n]))
				continue;
			cr_assert(probe_list_get(&node[n], "nr_free_pages", &part));
			expect_close(&kernels[k], path, zone_sum(&zi, prefix, "free"), part, 0.03);
			sum += part;
		}
		cr_assert(probe_list_get(&all, "nr_free_pages", &whole));
		expect_close(&kernels[k], "nodeN/vmstat and vmstat", whole, sum, 0.02);
		expect_close(&kernels[k], "zoneinfo and vmstat", whole, zone_sum(&zi, "", "free"),
			     0.002);
		expect_close(&kernels[k], "free twice", whole, zone_sum(&zi, "", "nr_free_pages"),
			     0.002);
		for (i = 0; kernels[k].exact && i < node[0].nr; i++) {
			const char *name = node[0].v[i].name;

			cr_assert(probe_list_get(&all, name, &whole), "%s", name);
			cr_assert(probe_list_get(&node[1], name, &part), "%s", name);
			expect_close(&kernels[k], name, whole, node[0].v[i].value + part, 0);
			expect_close(&kernels[k], name, whole, zone_sum(&zi, "", name), 0);
		}
		for (n = 0; n < 3; n++)
			probe_list_release(&node[n]);
		probe_list_release(&all);
		probe_list_release(&zi);
	}
}

Test(probe, meminfo_agrees_with_vmstat)
{
	static const struct {
		const char *kb, *pages;
	} pairs[] = {
		{ "MemFree", "nr_free_pages" },
		{ "Shmem", "nr_shmem" },
		{ "Mapped", "nr_mapped" },
		{ "PageTables", "nr_page_table_pages" },
		{ "AnonPages", "nr_anon_pages" },
		{ "Active(file)", "nr_active_file" },
		{ "Inactive(anon)", "nr_inactive_anon" },
	};
	size_t k, i;

	for (k = 0; k < ARRAY_SIZE(kernels) && kernels[k].exact; k++) {
		struct probe_list mi, vs;
		uint64_t kb, pages;

		cr_assert(data_load(kernels[k].dir, "proc/meminfo", probe_meminfo, &mi));
		cr_assert(data_load(kernels[k].dir, "proc/vmstat", probe_vmstat, &vs));
		for (i = 0; i < ARRAY_SIZE(pairs); i++) {
			cr_assert(probe_list_get(&mi, pairs[i].kb, &kb), "%s", pairs[i].kb);
			cr_assert(probe_list_get(&vs, pairs[i].pages, &pages), "%s",
				  pairs[i].pages);
			cr_assert_eq(kb, pages * 4, "%s %s", kernels[k].dir, pairs[i].kb);
		}
		probe_list_release(&mi);
		probe_list_release(&vs);
	}
	cr_assert_eq(k, 2, "both hand-made dumps were looked at");
}

/* A name is in a file of exactly the kernels from @first to before @gone (0: still there). */
Test(probe, names_come_and_go_with_the_version)
{
	static const struct {
		const char *path, *name;
		int first, gone;
	} names[] = {
		{ "proc/vmstat", "pgscan_kswapd_dma32", 0, 408 },
		{ "proc/vmstat", "pgscan_kswapd", 408, 0 },
		{ "proc/vmstat", "allocstall", 0, 410 },
		{ "proc/vmstat", "allocstall_normal", 410, 0 },
		{ "proc/vmstat", "pgscan_anon", 508, 0 },
		{ "proc/vmstat", "pgscan_khugepaged", 602, 0 },
		{ "proc/vmstat", "pgscan_proactive", 615, 0 },
		{ "proc/vmstat", "pgrotate_anon", 702, 0 },
		{ "proc/vmstat", "nr_pages_scanned", 0, 410 },
		{ "proc/vmstat", "pageoutrun", 0, 0 },
		{ "proc/vmstat", "workingset_refault", 0, 509 },
		{ "proc/vmstat", "nr_unstable", 0, 0 },
		{ NODE "node0/vmstat", "pgscan_kswapd", 701, 0 },
		{ NODE "node0/vmstat", "nr_free_pages", 0, 0 },
		{ NODE "node0/vmstat", "numa_hit", 0, 0 },
		{ "proc/zoneinfo", "node0.DMA32.min", 0, 0 },
		{ "proc/zoneinfo", "node0.DMA32.protection_2", 0, 0 },
		{ "proc/zoneinfo", "node0.DMA32.scanned", 0, 408 },
		{ "proc/zoneinfo", "node0.DMA32.boost", 511, 0 },
		{ "proc/zoneinfo", "node0.DMA32.cma", 511, 0 },
		{ "proc/zoneinfo", "node0.DMA32.promo", 607, 0 },
		{ "proc/zoneinfo", "node0.DMA32.all_unreclaimable", 0, 408 },
		{ "proc/zoneinfo", "node0.node_unreclaimable", 408, 0 },
		{ "proc/zoneinfo", "node0.nr_inactive_anon", 408, 0 },
		{ "proc/zoneinfo", "node0.DMA32.nr_inactive_anon", 0, 408 },
		{ "proc/zoneinfo", "node0.DMA32.free_highatomic", 701, 0 },
		{ "proc/zoneinfo", "node0.DMA32.start_pfn", 0, 0 },
		/* never: pagesets, and the trailer of an unpopulated zone */
		{ "proc/zoneinfo", "node0.DMA32.count", 9999, 0 },
		{ "proc/zoneinfo", "node0.DMA32.high_min", 9999, 0 },
		{ "proc/zoneinfo", "node0.Movable.start_pfn", 9999, 0 },
		{ "proc/zoneinfo", "node0.DMA32.node_unreclaimable", 9999, 0 },
	};
	size_t k, i;

	for (k = 0; k < ARRAY_SIZE(kernels); k++) {
		for (i = 0; i < ARRAY_SIZE(names); i++) {
			bool zone = !strcmp(names[i].path, "proc/zoneinfo");
			int version = kernels[k].version;
			bool want = version >= names[i].first &&
				    (!names[i].gone || version < names[i].gone);
			struct probe_list l;
			uint64_t v;

			cr_assert(data_load(kernels[k].dir, names[i].path,
					    zone ? probe_zoneinfo : probe_vmstat, &l));
			cr_assert_eq(probe_list_get(&l, names[i].name, &v), want, "%s/%s: %s",
				     kernels[k].dir, names[i].path, names[i].name);
			probe_list_release(&l);
		}
	}
}

Test(probe, watermarks_are_in_order)
{
	static const char *const zones[] = { "node0.DMA", "node0.DMA32", "node1.DMA32" };
	size_t k, i;

	for (k = 0; k < ARRAY_SIZE(kernels); k++) {
		struct probe_list l;

		cr_assert(data_load(kernels[k].dir, "proc/zoneinfo", probe_zoneinfo, &l));
		for (i = 0; i < ARRAY_SIZE(zones); i++) {
			static const char *const keys[] = { "min",     "low",	  "high",
							    "managed", "present", "spanned" };
			uint64_t v, last = 0;
			char name[64];
			size_t j;

			for (j = 0; j < ARRAY_SIZE(keys); j++) {
				snprintf(name, sizeof(name), "%s.%s", zones[i], keys[j]);
				cr_assert(probe_list_get(&l, name, &v), "%s %s", kernels[k].dir,
					  name);
				cr_assert_geq(v, last, "%s %s", kernels[k].dir, name);
				cr_assert_gt(v, 0);
				last = v;
			}
		}
		probe_list_release(&l);
	}
}
