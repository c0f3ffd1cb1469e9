/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scan parsers on small texts: their items, and their errors for bad input. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "probe/probe.h"

/* "name=value;" of every item. */
static int collect(void *ctx, const struct probe_item *item)
{
	char name[128];

	probe_item_name(item, name, sizeof(name));
	buf_addf(ctx, "%s=%llu;", name, (unsigned long long)item->value);
	return 0;
}

struct scan_case {
	probe_scan *scan;
	const char *text;
	const char *items; /* what was emitted, also before an error */
	const char *error; /* NULL = none */
};

static const struct scan_case vmstat_cases[] = {
	{ probe_vmstat, "", "", NULL },
	{ probe_vmstat, "\n\n", "", NULL },
	{ probe_vmstat, "a 1\nb 2\n", "a=1;b=2;", NULL },
	{ probe_vmstat, "b 2\na 1", "b=2;a=1;", NULL },
	{ probe_vmstat, "  a\t7  \n", "a=7;", NULL },
	{ probe_vmstat, "a 1\na 2\n", "a=1;a=2;", NULL },
	{ probe_vmstat, "a 18446744073709551615\n", "a=18446744073709551615;", NULL },
	{ probe_vmstat, "a 000000000000000000000000000001\n", "a=1;", NULL },
	{ probe_vmstat, "a -1\n", "a=18446744073709551615;", NULL },
	{ probe_vmstat, "a -9223372036854775808\n", "a=9223372036854775808;", NULL },
	{ probe_vmstat, "a 1\nb 18446744073709551616\n", "a=1;",
	  "line 2: '18446744073709551616': more than 64 bits" },
	{ probe_vmstat, "a -9223372036854775809\n", "",
	  "line 1: '-9223372036854775809': more than 64 bits" },
	{ probe_vmstat, "a 1\n\nb\n", "a=1;", "line 3: 'b': no value" },
	{ probe_vmstat, "a x1\n", "", "line 1: 'x1': not a number" },
	{ probe_vmstat, "a -\n", "", "line 1: '-': not a number" },
	{ probe_vmstat, "a 99999999999999999999x\n", "",
	  "line 1: '99999999999999999999x': not a number" },
	{ probe_vmstat, "a 1 2\n", "", "line 1: '2': unexpected word" },
	{ probe_vmstat, "a 1\r\n", "", "line 1: '1\\x0d': not a number" },
	{ probe_vmstat, "\001\377 1\n", "", "line 1: '\\x01\\xff': not a name" },
	{ probe_vmstat, "a 123456789012345678901234567890123456789012345678901234567890\n", "",
	  "line 1: '123456789012345678901234567890123456789012345678...': more than 64 bits" },
};

static const struct scan_case meminfo_cases[] = {
	{ probe_meminfo, "", "", NULL },
	{ probe_meminfo, "MemFree:   12 kB\nHugePages_Total:       3\n",
	  "MemFree=12;HugePages_Total=3;", NULL },
	{ probe_meminfo, "\nNode 1 Active(anon):   12 kB", "node1.Active(anon)=12;", NULL },
	{ probe_meminfo, "MemFree 12 kB\n", "", "line 1: 'MemFree': no colon after the name" },
	{ probe_meminfo, "MemFree:\n", "", "line 1: 'MemFree': no value" },
	{ probe_meminfo, ": 1 kB\n", "", "line 1: '': name is empty" },
	{ probe_meminfo, "MemFree: 12 MB\n", "", "line 1: 'MB': unit is not kB" },
	{ probe_meminfo, "MemFree: 12 kB kB\n", "", "line 1: 'kB': unexpected word" },
	{ probe_meminfo, "Node x MemFree: 12 kB\n", "", "line 1: 'x': not a number" },
	{ probe_meminfo, "Node 9999999999 MemFree: 1 kB\n", "",
	  "line 1: '9999999999': not a node number" },
	{ probe_meminfo, "Node -1 MemFree: 1 kB\n", "", "line 1: '-1': not a node number" },
};

static const struct scan_case psi_cases[] = {
	{ probe_psi, "", "", NULL },
	{ probe_psi, "some avg10=0.07 avg60=12.30 avg300=100.00 total=99\n",
	  "some.avg10=7;some.avg60=1230;some.avg300=10000;some.total=99;", NULL },
	{ probe_psi, "full total=5 avg10=1 new=2.5 odd=3\n",
	  "full.total=5;full.avg10=100;full.new=250;full.odd=3;", NULL },
	{ probe_psi, "most avg10=0.00\n", "", "line 1: 'most': neither some nor full" },
	{ probe_psi, "some avg10\n", "", "line 1: 'avg10': not name=value" },
	{ probe_psi, "some =1\n", "", "line 1: '': name is empty" },
	{ probe_psi, "some avg10=\n", "", "line 1: '': not a number" },
	{ probe_psi, "some avg10=1.\n", "", "line 1: '1.': not a number with two decimals" },
	{ probe_psi, "some avg10=1.234\n", "", "line 1: '1.234': not a number with two decimals" },
	{ probe_psi, "some avg10=1.-2\n", "", "line 1: '1.-2': not a number with two decimals" },
	{ probe_psi, "some avg10=.5\n", "", "line 1: '': not a number" },
	{ probe_psi, "some avg10=-1.00\n", "", "line 1: '-1.00': more than 64 bits" },
	{ probe_psi, "some total=1x\n", "", "line 1: '1x': not a number" },
	{ probe_schedstat, "10 20 3\n", "run_ns=10;wait_ns=20;slices=3;", NULL },
	{ probe_schedstat, "10 20 3", "run_ns=10;wait_ns=20;slices=3;", NULL },
	{ probe_schedstat, "10 20\n", "", "line 1: '': expected three numbers" },
	{ probe_schedstat, "", "", "line 1: '': expected three numbers" },
	{ probe_schedstat, "10 20 3 4\n", "", "line 1: '4': unexpected word" },
	{ probe_schedstat, "10 x 3\n", "", "line 1: 'x': not a number" },
};

static const struct scan_case zoneinfo_cases[] = {
	{ probe_zoneinfo, "", "", NULL },
	{ probe_zoneinfo,
	  "Node 0, zone      DMA\n"
	  "  per-node stats\n"
	  "      nr_dirty     5\n"
	  "  pages free     7\n"
	  "        boost    1\n"
	  "        protection: (0, 318, -1)\n"
	  "      nr_free_pages 7\n  pagesets\n    cpu: 0\n              count:    9\n"
	  "              sort of new: 9\n  vm stats threshold: 6\n"
	  "  node_unreclaimable:  0\n  start_pfn:           1\n"
	  "Node 0, zone    DMA32\n  pages free     8\n  node_unreclaimable:  1\n  start_pfn: 4096\n"
	  "Node 1, zone   Normal\n"
	  "  pages free     0\n"
	  "        protection: (0)\n"
	  "  node_unreclaimable:  2\n",
	  "node0.nr_dirty=5;node0.DMA.free=7;node0.DMA.boost=1;node0.DMA.protection_0=0;"
	  "node0.DMA.protection_1=318;node0.DMA.protection_2=18446744073709551615;node0.DMA.nr_free_pages=7;"
	  "node0.node_unreclaimable=0;node0.DMA.start_pfn=1;"
	  "node0.DMA32.free=8;node0.DMA32.start_pfn=4096;"
	  "node1.Normal.free=0;node1.Normal.protection_0=0;node1.node_unreclaimable=2;",
	  NULL },
	/* 4.9: node_scanned and node_inactive_ratio */
	{ probe_zoneinfo,
	  "Node 3, zone   Normal\n"
	  "  pages free     7\n"
	  "   node_scanned  4\n"
	  "  pagesets\n"
	  "  node_inactive_ratio: 1\n",
	  "node3.Normal.free=7;node3.node_scanned=4;node3.node_inactive_ratio=1;", NULL },
	{ probe_zoneinfo, "  pages free 7\n", "", "line 1: 'pages': before the first Node line" },
	{ probe_zoneinfo, "Node 0 zone DMA\n", "",
	  "line 1: '0': no node number and comma after Node" },
	{ probe_zoneinfo, "Node", "", "line 1: '': no node number and comma after Node" },
	{ probe_zoneinfo, "Node x, zone DMA\n", "", "line 1: 'x': not a number" },
	{ probe_zoneinfo, "Node 4294967296, zone DMA\n", "",
	  "line 1: '4294967296': not a node number" },
	{ probe_zoneinfo, "Node 0, area DMA\n", "", "line 1: 'area': expected zone" },
	{ probe_zoneinfo, "Node 0, zone\n", "", "line 1: 'zone': no zone name" },
	{ probe_zoneinfo, "Node 0, zone DMA x\n", "", "line 1: 'x': unexpected word" },
	{ probe_zoneinfo, "Node 0, zone DMA\n  pages\n", "",
	  "line 2: '  pages': no name after pages" },
	{ probe_zoneinfo, "Node 0, zone DMA\n  pages free\n", "", "line 2: 'free': no value" },
	{ probe_zoneinfo, "Node 0, zone DMA\n  protection: (0, x)\n", "node0.DMA.protection_0=0;",
	  "line 2: 'x': not a number" },
	{ probe_zoneinfo, "Node 0, zone DMA\n  protection: ()\n", "", "line 2: '': not a number" },
	{ probe_zoneinfo, "Node 0, zone DMA\n  protection: (0) 1\n", "node0.DMA.protection_0=0;",
	  "line 2: '1': unexpected word" },
	{ probe_zoneinfo, "Node 0, zone DMA\n  x: 99999999999999999999\n", "",
	  "line 2: '99999999999999999999': more than 64 bits" },
};

static void run_cases(const struct scan_case *c, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		struct buf got = BUF_INIT;
		struct err e = ERR_INIT;
		int ret = c[i].scan(c[i].text, strlen(c[i].text), collect, &got, &e);

		cr_assert_eq(ret, c[i].error ? -EINVAL : 0, "'%s': %d %s", c[i].text, ret, e.msg);
		cr_assert_str_eq(e.msg, c[i].error ? c[i].error : "", "'%s'", c[i].text);
		cr_assert_str_eq(got.data, c[i].items, "'%s'", c[i].text);
		/* the code is enough */
		cr_assert_eq(c[i].scan(c[i].text, strlen(c[i].text), collect, &got, NULL), ret);
		buf_release(&got);
	}
}

Test(probe, vmstat_lines)
{
	run_cases(vmstat_cases, ARRAY_SIZE(vmstat_cases));
}

Test(probe, meminfo_lines)
{
	run_cases(meminfo_cases, ARRAY_SIZE(meminfo_cases));
}

Test(probe, psi_and_schedstat)
{
	run_cases(psi_cases, ARRAY_SIZE(psi_cases));
}

Test(probe, zoneinfo_lines)
{
	run_cases(zoneinfo_cases, ARRAY_SIZE(zoneinfo_cases));
}

Test(probe, null_text_of_no_length_is_empty)
{
	struct buf got = BUF_INIT;

	cr_assert_eq(probe_vmstat(NULL, 0, collect, &got, NULL), 0);
	cr_assert_eq(probe_meminfo(NULL, 0, collect, &got, NULL), 0);
	cr_assert_eq(probe_zoneinfo(NULL, 0, collect, &got, NULL), 0);
	cr_assert_eq(probe_psi(NULL, 0, collect, &got, NULL), 0);
	cr_assert_eq(probe_schedstat(NULL, 0, collect, &got, NULL), -EINVAL);
	cr_assert_eq(got.len, 0);
}

static int stop_at_two(void *ctx, const struct probe_item *item)
{
	int *n = ctx;

	cr_assert_lt(item->value, 3, "called again after it said stop");
	++*n;
	return item->value == 2 ? 42 : 0;
}

Test(probe, emit_stops_the_scan)
{
	static const struct {
		probe_scan *scan;
		const char *text;
	} cases[] = {
		{ probe_vmstat, "a 1\nb 2\nc 3\n" },
		{ probe_meminfo, "a: 1 kB\nb: 2 kB\nc: 3 kB\n" },
		{ probe_zoneinfo, "Node 0, zone DMA\n  pages free 1\n protection: (2, 3)\n c 3\n" },
		{ probe_psi, "some a=1 b=2 c=3\n" },
		{ probe_schedstat, "1 2 3\n" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err e = ERR_INIT;
		int n = 0;

		cr_assert_eq(
			cases[i].scan(cases[i].text, strlen(cases[i].text), stop_at_two, &n, &e),
			42);
		cr_assert_eq(n, 2, "%s", cases[i].text);
		cr_assert_str_eq(e.msg, "");
	}
}

Test(probe, item_name_is_cut_to_size)
{
	const struct probe_item item = {
		.node = 12,
		.zone = "Normal-and-more",
		.zone_len = 6,
		.key = "free 7",
		.key_len = 4,
	};
	char out[32];

	probe_item_name(&item, out, sizeof(out));
	cr_assert_str_eq(out, "node12.Normal.free");
	probe_item_name(&item, out, 7);
	cr_assert_str_eq(out, "node12");
	probe_item_name(&item, out, 1);
	cr_assert_str_eq(out, "");
	out[0] = 'x';
	probe_item_name(&item, out, 0);
	cr_assert_eq(out[0], 'x');
}

Test(probe, list_keeps_order_and_first_of_duplicates)
{
	static const char text[] = "b 2\na 1\nb 3\n";
	struct probe_list l;
	struct err e = ERR_INIT;
	uint64_t v = 77;

	cr_assert_eq(probe_list_load(&l, probe_vmstat, text, strlen(text), &e), 0, "%s", e.msg);
	cr_assert_eq(l.nr, 3);
	cr_assert_str_eq(l.v[0].name, "b");
	cr_assert_str_eq(l.v[1].name, "a");
	cr_assert_eq(l.v[2].value, 3);
	cr_assert(!probe_list_get(&l, "c", &v));
	cr_assert_eq(v, 77, "an absent name must leave the value alone");
	cr_assert(probe_list_get(&l, "b", &v));
	cr_assert_eq(v, 2);
	probe_list_release(&l);
	cr_assert_eq(l.nr, 0);
	cr_assert(!probe_list_get(&l, "b", &v));
}

Test(probe, list_is_empty_after_an_error)
{
	static const char text[] = "a 1\nb x\n";
	struct probe_list l;
	struct err e = ERR_INIT;
	uint64_t v;

	cr_assert_eq(probe_list_load(&l, probe_vmstat, text, strlen(text), &e), -EINVAL);
	cr_assert_str_eq(e.msg, "line 2: 'x': not a number");
	cr_assert_eq(l.nr, 0);
	cr_assert(!probe_list_get(&l, "a", &v));
	probe_list_release(&l);
}

Test(probe, list_never_cuts_a_name)
{
	struct buf text = BUF_INIT;
	struct probe_list l;
	uint64_t v = 0;
	int i;

	for (i = 0; i < 5000; i++)
		buf_addc(&text, (char)('a' + i % 26));
	buf_addstr(&text, " 9");
	cr_assert_eq(probe_list_load(&l, probe_vmstat, text.data, text.len, NULL), 0);
	text.data[5000] = '\0';
	cr_assert(probe_list_get(&l, text.data, &v));
	cr_assert_eq(v, 9);
	probe_list_release(&l);
	buf_release(&text);
}
