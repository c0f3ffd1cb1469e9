/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of the state that runs ran in, and how two values of a fact are compared. */
#include "metric/shape.h"

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "metric/metric.h"

#define ALL METRIC_OF_ANY
#define WHEN (METRIC_OF_EVENTS | METRIC_OF_CLOCKS)

/*
 * Two builds of one source differ by some KiB to 100 KiB of image, Debian's 6.1 and 6.12 by 5 MiB
 * (2.9 % of a node of 192 MiB). A difference of memory is told from 1 % of the node on; it matters
 * from 5 % on, the floor of most metrics: the load is a share of the memory and moves with it. Of
 * 11 MiB less on one such node (5.8 %) four of the five primary metrics of anon were SAME, within
 * 2.2 %, while file.elapsed_s moved by -5.7 % (6.12, 1 CPU, 5 + 5 runs). In more memory the same
 * image is a smaller share.
 */
#define MEMORY_TOLD .01
#define MEMORY_MATTERS .05

/* clang-format off */
const struct shape_row shape_table[] = {
	{ "lru", "LRU mode", SHAPE_WORD, ALL, 0, 0,
	  "--lru=* *lru_gen*",
	  "Classic LRU and MGLRU choose other pages in another order: two implementations.",
	  shape_lru, NULL, MACHINE_ANY },
	{ "page", "page size", SHAPE_WORD, ALL, 0, 0,
	  "",
	  "Faults, scans and refaults count pages, and a batch of reclaim is 32 of them.",
	  shape_page, NULL, MACHINE_ANY },
	{ "thp", "THP in use", SHAPE_SHARE, ALL, .01, .05,
	  "*transparent_hugepage* boot:thp_* env:GLIBC_TUNABLES",
	  "One fault brings 512 pages, and one is reclaimed, split or swapped as a whole.",
	  shape_thp, NULL, MACHINE_ANY },
	{ "thp-sizes", "THP sizes", SHAPE_WORD, ALL, 0, 0,
	  "*transparent_hugepage* boot:thp_*",
	  "Folios of 16 KiB to 1 MiB (since 6.8) are counted in no huge page of meminfo.",
	  shape_thp_sizes, NULL, MACHINE_ANY },
	{ "swap", "swap in use", SHAPE_WORD, ALL, 0, 0,
	  "*zswap*",
	  "zram compresses on the CPU of the reclaimer and into the same memory, a disk is waited "
	  "for, and without swap anonymous memory stays.",
	  shape_swap, shape_swapped, MACHINE_ANY },
	{ "zram", "zram algorithm", SHAPE_WORD, ALL, 0, 0,
	  "*zram* boot:zram*",
	  "What a page costs the reclaimer, and how much memory it gives back.",
	  shape_zram, shape_swapped, MACHINE_ANY },
	{ "memory", "memory of nodes", SHAPE_KIB, ALL, MEMORY_TOLD, MEMORY_MATTERS,
	  "boot:mem boot:memmap boot:numa* boot:movable* boot:kernelcore",
	  "Each node reclaims for itself, at watermarks that follow its size.",
	  shape_present, NULL, MACHINE_ANY },
	{ "reserved", "reserved memory", SHAPE_KIB, ALL, MEMORY_TOLD, MEMORY_MATTERS,
	  "boot:mem boot:memmap boot:crashkernel boot:reserve_mem boot:numa* boot:page_owner "
	  "boot:swiotlb boot:log_buf_len boot:kasan*",
	  "Present memory that the page allocator never gets: image, memory map, crash kernel.",
	  shape_reserved, NULL, MACHINE_ANY },
	{ "hugetlb", "hugetlb pools", SHAPE_KIB, ALL, MEMORY_TOLD, MEMORY_MATTERS,
	  "vm.nr_hugepages* vm.nr_overcommit_hugepages *nr_hugepages* boot:hugepage* boot:hugetlb*",
	  "Pages in a pool are neither free nor on a list: there is less memory for the same load.",
	  shape_hugetlb, NULL, MACHINE_ANY },
	{ "cma", "CMA areas", SHAPE_KIB, ALL, MEMORY_TOLD, MEMORY_MATTERS,
	  "boot:cma* boot:hugetlb_cma* boot:numa_cma",
	  "Free pages there serve movable requests alone, and count as free to none of the others.",
	  shape_cma, NULL, MACHINE_ANY },
	{ "held", "unevictable memory", SHAPE_KIB, ALL, MEMORY_TOLD, MEMORY_MATTERS,
	  "",
	  "Memory that is locked when the window begins cannot be reclaimed in it.",
	  shape_held, NULL, MACHINE_ANY },
	/* Not a share of the memory: 2 MiB or 17 MiB of 384 MiB is 1 % or 5 %, and x 7 between marks. */
	{ "kept", "memory kept free", SHAPE_KIB, ALL, .02, .1,
	  "vm.min_free_kbytes vm.extra_free_kbytes *transparent_hugepage* boot:mem boot:memmap",
	  "The watermarks are made of it (vm.min_free_kbytes). khugepaged raises it when huge pages "
	  "are allowed, whether or not a page of the load is one: 2,324 to 17,196 KiB in 384 MiB, and "
	  "kswapd's CPU time per GiB rose by 18 % (6.12, 1 CPU, anon).",
	  shape_kept, NULL, MACHINE_ANY },
	{ "scale", "watermark scale", SHAPE_WORD, ALL, 0, 0,
	  "vm.watermark_scale_factor",
	  "The distance from low to high, which is what a run of kswapd frees.",
	  shape_scale, NULL, MACHINE_ANY },
	{ "cpus", "CPUs of nodes", SHAPE_WORD, WHEN, 0, 0,
	  "boot:maxcpus boot:nr_cpus boot:possible_cpus boot:nosmp boot:numa* /sys/devices/system/cpu/*",
	  "A kswapd runs on the CPUs of its node, beside the load or with it.",
	  shape_cpus, NULL, MACHINE_ANY },
	{ "hz", "HZ", SHAPE_WORD, WHEN, 0, 0,
	  "",
	  "The tick decides when kswapd gets a CPU that the load holds, and how long a wait is "
	  "rounded up: 4 ms with 250, 10 ms with 100.",
	  shape_hz, NULL, MACHINE_ANY },
	/* voluntary to full moved kswapd_sleep_share by -4 points and kswapd_runs_per_gib by -13 %
	 * (hints), and none of the primary metrics of anon and file (6.12, 1 CPU, 5 + 5 runs) */
	{ "preempt", "preemption", SHAPE_WORD, WHEN, 0, 0,
	  "boot:preempt *sched/preempt",
	  "It decides whether kswapd goes on while the load waits for the CPU, and the reverse.",
	  shape_preempt, NULL, MACHINE_ANY },
	{ "compiler", "compiler", SHAPE_WORD, METRIC_OF_CLOCKS, 0, 0,
	  "",
	  "In virtual time an instruction is a tick, and compilers make more or fewer of one source: "
	  "Debian's builds of 6.12.117 by gcc 12 and gcc 14 differed by 21 % in kswapd's CPU time per "
	  "GiB of anon-node1, those of 6.12.115 by 10 % in that of hopeless. Not so eight builds by one "
	  "compiler.",
	  shape_compiler, NULL, MACHINE_EXACT | MACHINE_EXACT_SMP },
	{ "memcg", "memcg limits", SHAPE_WORD, ALL, 0, 0,
	  "*memory.max *memory.high *memory.swap.max *memory.limit_in_bytes",
	  "At a limit the cgroup reclaims from itself, however much memory is free.",
	  shape_memcg, NULL, MACHINE_ANY },
	{ .key = NULL },
};
/* clang-format on */
_Static_assert(sizeof(shape_table) / sizeof(*shape_table) <= SHAPES_MAX + 1, "run_shape.v");

void run_shape_of(struct run_shape *s, const struct archive *a, struct arena *mem)
{
	struct buf text = BUF_INIT;
	struct run_view v;

	*s = (struct run_shape){ 0 };
	run_view_init(&v, a);
	for (size_t i = 0; shape_table[i].key; i++) {
		const struct shape_row *r = &shape_table[i];

		buf_reset(&text);
		if (!r->read(&v, &text))
			continue;
		s->v[i].text = arena_strdup(mem, text.data);
		s->v[i].used = !r->used || r->used(&v);
	}
	buf_release(&text);
}

int shape_find(const char *key)
{
	for (int i = 0; shape_table[i].key; i++)
		if (!strcmp(shape_table[i].key, key))
			return i;
	return -1;
}

/* ---------------------------------------------------------------- values */

/* One word "NAME=X/OF" of a value. */
struct part {
	const char *name;
	size_t len;
	double x, of;
};

/* Takes the next word off @p. False at the end, and at a word that is none. */
static bool next_part(const char **p, struct part *out)
{
	const char *eq = strchr(*p, '='), *at;
	char *end;

	if (!eq)
		return false;
	out->name = *p;
	out->len = (size_t)(eq - *p);
	out->x = strtod(eq + 1, &end);
	if (*end != '/')
		return false;
	at = end + 1;
	out->of = strtod(at, &end);
	*p = end + strspn(end, " ");
	return end != at;
}

static bool find_part(const char *value, const struct part *want, struct part *out)
{
	while (next_part(&value, out))
		if (out->len == want->len && !memcmp(out->name, want->name, want->len))
			return true;
	return false;
}

/* The distance of a part from the same part of @other, as a share; 1 where that has none. */
static double apart(const struct part *a, const char *other)
{
	struct part b;
	double of;

	if (!find_part(other, a, &b))
		return 1;
	of = fmax(a->of, b.of);
	return of > 0 ? fabs(a->x - b.x) / of : 0;
}

static double most_apart(const char *a, const char *b)
{
	struct part p;
	double most = 0;

	while (next_part(&a, &p))
		most = fmax(most, apart(&p, b));
	return most;
}

static double share_of(const char *value)
{
	struct part p;

	return next_part(&value, &p) && p.of > 0 ? p.x / p.of : 0;
}

enum shape_level shape_compare(const struct shape_row *r, const char *a, const char *b)
{
	double d, lo, hi;

	switch (r->kind) {
	case SHAPE_WORD:
		return strcmp(a, b) ? SHAPE_MATTERS : SHAPE_ALIKE;
	case SHAPE_KIB:
		d = fmax(most_apart(a, b), most_apart(b, a));
		return d > r->matters ? SHAPE_MATTERS : d > r->told ? SHAPE_TOLD : SHAPE_ALIKE;
	case SHAPE_SHARE:
		lo = fmin(share_of(a), share_of(b));
		hi = fmax(share_of(a), share_of(b));
		return lo < r->told && hi > r->matters ? SHAPE_MATTERS : SHAPE_ALIKE;
	}
	return SHAPE_ALIKE;
}

void shape_show(const struct shape_row *r, const char *value, const char *other, struct buf *out)
{
	struct part p;
	const char *sep = "";

	if (r->kind == SHAPE_WORD) {
		buf_addstr(out, value);
		return;
	}
	if (r->kind == SHAPE_SHARE) {
		if (share_of(value) < r->told)
			buf_addstr(out, "none");
		else
			buf_addf(out, "%.0f %%", 100 * share_of(value));
		return;
	}
	while (next_part(&value, &p)) {
		if (other && apart(&p, other) <= r->told)
			continue;
		buf_addstr(out, sep);
		if (p.len != 3 || memcmp(p.name, "all", 3) != 0)
			buf_addf(out, "%.*s ", (int)p.len, p.name);
		buf_addf(out, "%.1f MiB", p.x / 1024);
		sep = ", ";
	}
	if (!*sep)
		buf_addc(out, '-');
}

bool shape_explains(const struct shape_row *r, const char *name)
{
	const char *p = r->knobs;
	bool yes = false;

	while (*p && !yes) {
		size_t len = strcspn(p, " ");
		char *pattern = xstrndup(p, len);

		yes = !fnmatch(pattern, name, 0);
		free(pattern);
		p += len;
		p += strspn(p, " ");
	}
	return yes;
}
