/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the facts of shape_table[] from the header and the samples of a run. */
#include "metric/shape.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "archive/keys.h"
#include "base/opt.h"
#include "evidence/nodes.h"

/* The sample of a source that belongs to the beginning of the window, else its first; -1 = none. */
static long begin_tick(const struct run_view *v, const struct archive_series *s)
{
	long at = s && v->has_window ? archive_tick_at(s, v->begin_us) : -1;

	return s && at < 0 && s->nr_ticks ? 0 : at;
}

/* Value of @key at the beginning of the window. False = ABSENT. */
static bool at_begin(const struct run_view *v, const char *series, const char *key, uint64_t *out)
{
	const struct archive_series *s = archive_series(v->a, series);
	long tick = begin_tick(v, s);

	return tick >= 0 && archive_value(s, (size_t)tick, archive_key(s, key), out);
}

static bool at_end(const struct run_view *v, const char *series, const char *key, uint64_t *out)
{
	const struct archive_series *s = archive_series(v->a, series);
	long tick = s && v->has_window ? archive_tick_at(s, v->end_us) : -1;

	return tick >= 0 && archive_value(s, (size_t)tick, archive_key(s, key), out);
}

static bool head(const struct run_view *v, const char *key, struct buf *out)
{
	const char *text = archive_get(v->a, key);

	if (!text || !*text)
		return false;
	buf_addstr(out, text);
	return true;
}

static bool is_yes(const struct run_view *v, const char *key)
{
	const char *text = archive_get(v->a, key);

	return text && (!strcmp(text, "y") || !strcmp(text, "Y") || !strcmp(text, "1"));
}

/* KiB of all memory, by the header; 0 = it does not say. */
static double total_kib(const struct run_view *v)
{
	const char *text = archive_get(v->a, "mem.total_kib");
	uint64_t kib;

	return text && !opt_parse_u64(text, &kib, NULL) ? (double)kib : 0;
}

static bool kib_of_total(const struct run_view *v, double kib, struct buf *out)
{
	double of = total_kib(v);

	if (of <= 0)
		return false;
	buf_addf(out, "all=%.0f/%.0f", kib, of);
	return true;
}

/* ---------------------------------------------------------------- words */

bool shape_lru(const struct run_view *v, struct buf *out)
{
	return head(v, "lru.mode", out);
}

bool shape_page(const struct run_view *v, struct buf *out)
{
	return head(v, "mem.page_bytes", out);
}

bool shape_hz(const struct run_view *v, struct buf *out)
{
	return head(v, "config.HZ", out);
}

bool shape_thp_sizes(const struct run_view *v, struct buf *out)
{
	return head(v, "thp.sizes", out);
}

bool shape_zram(const struct run_view *v, struct buf *out)
{
	return head(v, "swap.zram", out);
}

/* Words of the CPU lists, one per node with memory: "node0:0-3 node1:4-7". */
bool shape_cpus(const struct run_view *v, struct buf *out)
{
	unsigned node[NODES_MAX];
	size_t nr = run_nodes(v->a, node);
	bool any = false;

	for (size_t i = 0; i < nr; i++) {
		char key[64];
		const char *cpus;

		snprintf(key, sizeof(key), "numa.node%u.cpus", node[i]);
		cpus = archive_get(v->a, key);
		any |= cpus != NULL;
		buf_addf(out, "%snode%u:%s", i ? " " : "", node[i], cpus ? cpus : "?");
	}
	return any;
}

/* A parameter of the kernel's command line, up to the next blank; the last one counts. */
static bool boot_word(const struct run_view *v, const char *name, struct buf *out)
{
	const char *p = archive_get(v->a, "kernel.cmdline");
	size_t len = strlen(name);

	for (; p && *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		if (n > len && !strncmp(p, name, len)) {
			buf_reset(out);
			buf_add(out, p + len, n - len);
		}
		p += n;
	}
	return out->len > 0;
}

/*
 * The preemption model: as the kernel says (debugfs, sched/preempt); else of a kernel that can
 * switch it the parameter preempt=; else as it was configured.
 */
bool shape_preempt(const struct run_view *v, struct buf *out)
{
	static const char *const built[][2] = { { "config.PREEMPT_RT", "rt" },
						{ "config.PREEMPT_LAZY", "lazy" },
						{ "config.PREEMPT", "full" },
						{ "config.PREEMPT_VOLUNTARY", "voluntary" },
						{ "config.PREEMPT_NONE", "none" } };

	if (head(v, "preempt.mode", out))
		return true;
	if (is_yes(v, "config.PREEMPT_DYNAMIC") && boot_word(v, "preempt=", out))
		return true;
	for (size_t i = 0; i < sizeof(built) / sizeof(*built); i++) {
		if (!is_yes(v, built[i][0]))
			continue;
		buf_addstr(out, built[i][1]);
		return true;
	}
	return false;
}

/*
 * Name and major version: "gcc 12", "clang 16". CONFIG_CC_VERSION_TEXT is the first line of
 * --version: "gcc-12 (Debian 12.2.0-14) 12.2.0", "Debian clang version 16.0.6 (15)". Of gcc the
 * first version after the brackets counts, which hold words of the distribution.
 */
bool shape_compiler(const struct run_view *v, struct buf *out)
{
	const char *text = archive_get(v->a, "config.CC_VERSION_TEXT"), *p, *name = "gcc";
	size_t digits;

	if (!text || !*text)
		return false;
	p = strstr(text, "clang version ");
	if (p) {
		name = "clang";
		p += strlen("clang version");
	} else {
		p = strchr(text, ')');
		p = p && strstr(text, "gcc") ? p + 1 : "";
	}
	p += strspn(p, " ");
	digits = strspn(p, "0123456789");
	if (digits && p[digits] == '.')
		buf_addf(out, "%s %.*s", name, (int)digits, p);
	else
		buf_addstr(out, text);
	return true;
}

/* Limits on the cgroup of wmark and those above it, where there are any. */
bool shape_memcg(const struct run_view *v, struct buf *out)
{
	static const char *const limits[] = { "max", "high", "swap.max" };
	bool any = false;

	for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
		char key[32];
		const char *text;

		snprintf(key, sizeof(key), "memcg.%s", limits[i]);
		text = archive_get(v->a, key);
		any |= text != NULL;
		if (text && strcmp(text, "max") != 0)
			buf_addf(out, "%s%s=%s", out->len ? " " : "", limits[i], text);
	}
	if (any && !out->len)
		buf_addstr(out, "none");
	return any;
}

/* ---------------------------------------------------------------- swap */

bool shape_swap(const struct run_view *v, struct buf *out)
{
	const char *machine = archive_get(v->a, "machine.swap");

	/* archives without swap.kind: the device that the VM was made with, "zram 402653184" */
	if (!head(v, "swap.kind", out)) {
		if (!machine)
			return false;
		buf_add(out, machine, strcspn(machine, " "));
	}
	if (strcmp(out->data, "none") != 0 && is_yes(v, "zswap.enabled"))
		buf_addstr(out, "+zswap");
	return true;
}

bool shape_swapped(const struct run_view *v)
{
	double in, out;

	return (run_counter(v, "swap.in_all", &in) && in > 0) ||
	       (run_counter(v, "swap.out_all", &out) && out > 0);
}

/* ---------------------------------------------------------------- memory of the nodes */

/* Sum over a node's zones of a key of zoneinfo, in KiB. False = ABSENT in every zone. */
static bool node_kib(const struct run_view *v, const struct run_node *d, const char *what,
		     double *kib)
{
	bool any = false;

	*kib = 0;
	for (size_t z = 0; z < d->nr_zones; z++) {
		char key[80];
		uint64_t pages;

		snprintf(key, sizeof(key), "node%u.%s.%s", d->n, d->zone[z].name, what);
		if (!at_begin(v, SERIES_ZONEINFO, key, &pages))
			continue;
		any = true;
		*kib += (double)pages * v->page_kib;
	}
	return any;
}

/* One word per node: its present memory, or the part that the page allocator does not manage. */
static bool nodes_kib(const struct run_view *v, bool reserved, struct buf *out)
{
	unsigned node[NODES_MAX];
	size_t nr = run_nodes(v->a, node);

	for (size_t i = 0; i < nr; i++) {
		double present, managed = 0;
		struct run_node d;

		run_node_init(&d, v->a, node[i]);
		if (!node_kib(v, &d, "present", &present) ||
		    (reserved && !node_kib(v, &d, "managed", &managed)))
			return false;
		buf_addf(out, "%snode%u=%.0f/%.0f", out->len ? " " : "", node[i],
			 reserved ? present - managed : present, present);
	}
	return out->len > 0;
}

bool shape_present(const struct run_view *v, struct buf *out)
{
	return nodes_kib(v, false, out);
}

bool shape_reserved(const struct run_view *v, struct buf *out)
{
	return nodes_kib(v, true, out);
}

/* ---------------------------------------------------------------- memory held */

bool shape_hugetlb(const struct run_view *v, struct buf *out)
{
	uint64_t kib, pages, size;

	/* Hugetlb (4.16) holds the pools of all sizes, the other two that of the default size */
	if (at_begin(v, "meminfo", "Hugetlb", &kib))
		return kib_of_total(v, (double)kib, out);
	return at_begin(v, "meminfo", "HugePages_Total", &pages) &&
	       at_begin(v, "meminfo", "Hugepagesize", &size) &&
	       kib_of_total(v, (double)pages * (double)size, out);
}

bool shape_cma(const struct run_view *v, struct buf *out)
{
	uint64_t kib;

	return at_begin(v, "meminfo", "CmaTotal", &kib) && kib_of_total(v, (double)kib, out);
}

/* Without the pages that the guest holds because its seed says so (run.held_pages). */
bool shape_held(const struct run_view *v, struct buf *out)
{
	const char *text = archive_get(v->a, "run.held_pages");
	uint64_t pages, drawn;

	if (!at_begin(v, SERIES_VMSTAT, "nr_unevictable", &pages))
		return false;
	if (text && !opt_parse_u64(text, &drawn, NULL) && drawn <= pages)
		pages -= drawn;
	return kib_of_total(v, (double)pages * v->page_kib, out);
}

/* Of itself: what counts is how many times more one side keeps. */
bool shape_kept(const struct run_view *v, struct buf *out)
{
	const char *text = archive_get(v->a, "sysctl.vm.min_free_kbytes");
	uint64_t kib;

	if (!text || opt_parse_u64(text, &kib, NULL))
		return false;
	buf_addf(out, "all=%" PRIu64 "/%" PRIu64, kib, kib);
	return true;
}

bool shape_scale(const struct run_view *v, struct buf *out)
{
	return head(v, "sysctl.vm.watermark_scale_factor", out);
}

/* ---------------------------------------------------------------- huge pages */

/* Memory in transparent huge pages at one end of the window, as a share of all memory. */
static bool thp_level(const struct run_view *v, bool end, double *share)
{
	static const char *const keys[] = { "AnonHugePages", "ShmemHugePages", "FileHugePages" };
	double kib = 0, of = total_kib(v);
	bool any = false;

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		uint64_t n;

		if (!(end ? at_end : at_begin)(v, "meminfo", keys[i], &n))
			continue;
		any = true;
		kib += (double)n;
	}
	*share = any && of > 0 ? kib / of : 0;
	return any && of > 0;
}

/* Pages given out in the window as transparent huge pages, as a share of all that were given out.
 */
static bool thp_flow(const struct run_view *v, double *share)
{
	static const char *const keys[] = { "thp_fault_alloc", "thp_collapse_alloc",
					    "thp_file_alloc" };
	/* as many pages as there are page table entries of 8 bytes in a page */
	double pages = v->page_kib * 1024 / 8, huge = 0, all;
	bool any = false;

	for (size_t i = 0; v->vmstat && v->has_window && i < sizeof(keys) / sizeof(*keys); i++) {
		uint64_t n;

		if (!archive_delta(v->vmstat, archive_key(v->vmstat, keys[i]), v->begin_us,
				   v->end_us, &n))
			continue;
		any = true;
		huge += (double)n;
	}
	if (!any || !run_counter(v, "alloc.pages", &all))
		return false;
	*share = all > 0 ? huge * pages / all : 0;
	return true;
}

/* The largest of: memory in huge pages at either end of the window, pages given out as such. */
bool shape_thp(const struct run_view *v, struct buf *out)
{
	double share[3], most = -1;
	const bool has[] = { thp_level(v, false, &share[0]), thp_level(v, true, &share[1]),
			     thp_flow(v, &share[2]) };

	for (size_t i = 0; i < sizeof(has) / sizeof(*has); i++)
		if (has[i] && share[i] > most)
			most = share[i];
	if (most < 0)
		return false;
	buf_addf(out, "all=%.4f/1", most > 1 ? 1 : most);
	return true;
}
