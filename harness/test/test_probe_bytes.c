/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parsers of probe on cut, flipped and random bytes: no crash, no byte read too far, a clear
 * line. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/rng.h"
#include "probe/probe.h"
#include "test_probe_data.h"

/* The end of a mapping that a forbidden page follows: a read one byte too far crashes, with or
 * without a sanitizer. */
struct fence {
	char *map, *end;
	size_t size;
};

static void fence_init(struct fence *f, size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	f->size = (len / page + 2) * page;
	f->map = mmap(NULL, f->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(f->map, MAP_FAILED);
	f->end = f->map + f->size - page;
	cr_assert_eq(mprotect(f->end, page, PROT_NONE), 0);
}

static char *fence_put(struct fence *f, const char *text, size_t len)
{
	return memcpy(f->end - len, text, len);
}

/* What every item must be, whatever the text. */
static int check_item(void *ctx, const struct probe_item *item)
{
	size_t *nr = ctx, i;

	cr_assert_gt(item->key_len, 0);
	for (i = 0; i < item->key_len; i++)
		cr_assert(item->key[i] > ' ' && item->key[i] < 0x7f);
	for (i = 0; item->zone && i < item->zone_len; i++)
		cr_assert(item->zone[i] > ' ' && item->zone[i] < 0x7f);
	cr_assert_geq(item->node, -1);
	++*nr;
	return 0;
}

static void check_result(const char *what, int ret, const struct err *e)
{
	if (!ret)
		return;
	cr_assert(ret == -EINVAL || ret == -E2BIG, "%s: %d", what, ret);
	cr_assert_eq(ret, e->code);
	cr_assert_eq(strncmp(e->msg, "line ", 5), 0, "%s: %s", what, e->msg);
	cr_assert_null(strchr(e->msg, '\n'));
}

/* Gives the same bytes to all the small parsers. */
static void feed_facts(const char *text, size_t len)
{
	struct probe_task task;
	struct probe_bits bits;
	enum probe_lru mode;
	const char *value;
	unsigned distance[4], nr;
	uint64_t size, used;
	size_t value_len;
	char kinds[12];
	struct err e = ERR_INIT;

	check_result("stat", probe_task_stat(text, len, &task, &e), &e);
	check_result("cpulist", probe_cpulist(text, len, &bits, &e), &e);
	if (probe_distance(text, len, distance, ARRAY_SIZE(distance), &e) < 0)
		check_result("distance", e.code, &e);
	check_result("lru_gen", probe_lru_gen(text, len, &mode, &e), &e);
	check_result("swaps", probe_swaps(text, len, &nr, &size, &used, &e), &e);
	probe_swap_kinds(text, len, kinds, sizeof(kinds));
	cr_assert(*kinds && strlen(kinds) < sizeof(kinds));
	if (probe_status_field(text, len, "Cpus_allowed_list", &value, &value_len) ||
	    probe_kconfig(text, len, "NUMA", &value, &value_len) ||
	    probe_cmdline(text, len, "console", &value, &value_len))
		cr_assert_leq(value_len, len);
	cr_assert_str_neq(probe_finding_name(probe_dmesg(text, len)), "unknown");
}

static probe_scan *const scans[] = {
	probe_vmstat, probe_meminfo, probe_zoneinfo, probe_psi, probe_schedstat, probe_hist_counts,
};

static const struct {
	const char *path;
	probe_scan *scan; /* NULL: one of the single facts */
} texts[] = {
	{ "proc/vmstat", probe_vmstat },
	{ "proc/meminfo", probe_meminfo },
	{ "proc/zoneinfo", probe_zoneinfo },
	{ "proc/pressure/memory", probe_psi },
	{ "cg/memory.stat", probe_vmstat },
	{ NODE "node0/vmstat", probe_vmstat },
	{ NODE "node1/vmstat", probe_vmstat },
	{ NODE "node2/vmstat", probe_vmstat },
	{ NODE "node0/meminfo", probe_meminfo },
	{ NODE "node1/meminfo", probe_meminfo },
	{ NODE "node2/meminfo", probe_meminfo },
	{ NODE "node0/distance", NULL },
	{ NODE "node0/cpulist", NULL },
	{ "proc/swaps", NULL },
	{ "sys/kernel/mm/lru_gen/enabled", NULL },
	{ "proc/cmdline", NULL },
	{ "boot/config", NULL },
	{ "proc/41/stat", NULL },
	{ "proc/42/stat", NULL },
	{ "proc/42/status", NULL },
	{ "proc/42/schedstat", probe_schedstat },
	{ "proc/72/stat", NULL },
	{ "proc/72/status", NULL },
	{ "proc/72/schedstat", probe_schedstat },
};

Test(probe, every_prefix_is_survived)
{
	struct buf text = BUF_INIT;
	size_t k, t, len, seen = 0;

	for (k = 0; k < ARRAY_SIZE(kernels); k++) {
		for (t = 0; t < ARRAY_SIZE(texts); t++) {
			size_t nr = 0, last = 0;
			struct fence f;

			if (!data_read(kernels[k].dir, texts[t].path, &text))
				continue;
			seen++;
			fence_init(&f, text.len);
			for (len = 0; len <= text.len; len++) {
				const char *p = fence_put(&f, text.data, len);
				struct err e = ERR_INIT;

				if (!texts[t].scan) {
					feed_facts(p, len);
					continue;
				}
				nr = 0;
				check_result(texts[t].path,
					     texts[t].scan(p, len, check_item, &nr, &e), &e);
				/* "12 k" is an error where "12" was none; but no line before the
				 * last may be lost */
				cr_assert_geq(nr + 1, last, "%s: %zu items, then %zu",
					      texts[t].path, last, nr);
				last = nr;
			}
			cr_assert(!texts[t].scan || nr > 0, "%s", texts[t].path);
			munmap(f.map, f.size);
		}
	}
	cr_assert_gt(seen, 120, "only %zu texts", seen);
	buf_release(&text);
}

Test(probe, flipped_bytes_are_survived)
{
	struct buf text = BUF_INIT;
	struct rng r = rng_make(2, 7);
	size_t k, t, s, i;
	int round;

	for (k = 0; k < ARRAY_SIZE(kernels); k++) {
		for (t = 0; t < ARRAY_SIZE(texts); t++) {
			struct fence f;

			if (!data_read(kernels[k].dir, texts[t].path, &text))
				continue;
			fence_init(&f, text.len);
			for (round = 0; round < 50; round++) {
				char *p = fence_put(&f, text.data, text.len);
				size_t nr = 0, flips = 1 + (size_t)rng_below(&r, 8);

				for (i = 0; i < flips; i++)
					p[rng_below(&r, text.len)] = (char)rng_next(&r);
				for (s = 0; s < ARRAY_SIZE(scans); s++) {
					struct err e = ERR_INIT;

					check_result(texts[t].path,
						     scans[s](p, text.len, check_item, &nr, &e),
						     &e);
				}
				feed_facts(p, text.len);
			}
			munmap(f.map, f.size);
		}
	}
	buf_release(&text);
}

Test(probe, random_bytes_are_survived)
{
	struct rng r = rng_make(3, 9);
	struct fence f;
	int round;

	fence_init(&f, 512);
	for (round = 0; round < 20000; round++) {
		size_t len = (size_t)rng_below(&r, 512), i, s, nr = 0;
		bool words = round % 2; /* half of them from bytes that mean something */
		char *p = f.end - len;

		for (i = 0; i < len; i++)
			p[i] = words ? "Node 0, zone pagset:(1)-9=.%\n\n\""[rng_below(&r, 32)]
				     : (char)rng_next(&r);
		for (s = 0; s < ARRAY_SIZE(scans); s++) {
			struct err e = ERR_INIT;

			check_result("random", scans[s](p, len, check_item, &nr, &e), &e);
		}
		feed_facts(p, len);
	}
	munmap(f.map, f.size);
}
