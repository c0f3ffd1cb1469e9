/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scenario/knob.h"
#include "run/sysinfo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "sample/sampler.h"
#include "run/knobs.h"

/* Kernel options that change what reclaim does or what can be seen of it. */
static const char *const config_names[] = {
	"LRU_GEN",
	"LRU_GEN_ENABLED",
	"NUMA",
	"NUMA_BALANCING",
	"MEMCG",
	"MEMCG_V1",
	"SWAP",
	"ZSWAP",
	"ZSWAP_DEFAULT_ON",
	"ZRAM",
	"TRANSPARENT_HUGEPAGE",
	"TRANSPARENT_HUGEPAGE_ALWAYS",
	"TRANSPARENT_HUGEPAGE_MADVISE",
	"COMPACTION",
	"MIGRATION",
	"PSI",
	"PSI_DEFAULT_DISABLED",
	"VM_EVENT_COUNTERS",
	"HZ",
	"PREEMPT",
	"PREEMPT_VOLUNTARY",
	"PREEMPT_NONE",
	"PREEMPT_LAZY",
	"PREEMPT_RT",
	"PREEMPT_DYNAMIC",
	"SHRINKER_DEBUG",
	"DAMON",
	"BALLOON_COMPACTION",
	"PAGE_REPORTING",
	"HIGHMEM",
	"MEMORY_HOTPLUG",
	"HIST_TRIGGERS",
	"CC_VERSION_TEXT",
};

/* A small file as trimmed text; NULL when absent. malloc'ed. */
static char *read_text(const char *root, const char *path)
{
	struct buf b = BUF_INIT;

	if (root_read(root, path, &b, NULL)) {
		buf_release(&b);
		return NULL;
	}
	buf_rtrim(&b);
	return buf_detach(&b);
}

static bool meminfo_total(const char *root, const char *path, uint64_t *bytes)
{
	struct probe_list l = { 0 };
	struct buf b = BUF_INIT;
	uint64_t kb;
	bool ok = false;
	char name[64];
	unsigned node;

	if (!root_read(root, path, &b, NULL) &&
	    !probe_list_load(&l, probe_meminfo, b.data, b.len, NULL)) {
		ok = probe_list_get(&l, "MemTotal", &kb);
		if (!ok && sscanf(path, "/sys/devices/system/node/node%u/", &node) == 1) {
			snprintf(name, sizeof(name), "node%u.MemTotal", node);
			ok = probe_list_get(&l, name, &kb);
		}
		if (ok)
			*bytes = kb * 1024;
	}
	probe_list_release(&l);
	buf_release(&b);
	return ok;
}

static void read_nodes(struct sysinfo_facts *f, const char *root)
{
	char *list = read_text(root, "/sys/devices/system/node/has_memory");

	if (!list)
		list = read_text(root, "/sys/devices/system/node/has_normal_memory");
	if (!list || probe_cpulist(list, strlen(list), &f->mem_nodes, NULL)) {
		memset(&f->mem_nodes, 0, sizeof(f->mem_nodes));
		f->mem_nodes.w[0] = 1;
	}
	free(list);
	f->nr_nodes = probe_bits_count(&f->mem_nodes);
	for (unsigned n = 0; n < ARRAY_SIZE(f->node_bytes); n++) {
		char path[80];

		if (!probe_bit(&f->mem_nodes, n))
			continue;
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%u/meminfo", n);
		if (!meminfo_total(root, path, &f->node_bytes[n]) && f->nr_nodes == 1)
			f->node_bytes[n] = f->ram_bytes;
		if (f->node_bytes[n] &&
		    (!f->min_node_bytes || f->node_bytes[n] < f->min_node_bytes))
			f->min_node_bytes = f->node_bytes[n];
	}
	if (!f->min_node_bytes)
		f->min_node_bytes = f->ram_bytes;
}

int sysinfo_read(struct sysinfo_facts *f, const char *root, struct err *e)
{
	struct probe_bits cpus = { { 0 } };
	uint64_t size_kb, used_kb;
	unsigned nr_swaps = 0;
	char *text;

	memset(f, 0, sizeof(*f));
	if (!meminfo_total(root, "/proc/meminfo", &f->ram_bytes))
		return err_set(e, -ENODATA, "%s/proc/meminfo: no MemTotal", root ? root : "");
	read_nodes(f, root);
	text = read_text(root, "/sys/devices/system/cpu/online");
	f->nr_cpus = text && !probe_cpulist(text, strlen(text), &cpus, NULL)
			     ? probe_bits_count(&cpus)
			     : 1;
	free(text);
	text = read_text(root, "/proc/swaps");
	f->has_swap = text &&
		      !probe_swaps(text, strlen(text), &nr_swaps, &size_kb, &used_kb, NULL) &&
		      nr_swaps;
	free(text);
	text = read_text(root, "/sys/kernel/mm/lru_gen/enabled");
	f->has_lru_gen = text != NULL;
	if (probe_lru_gen(text, text ? strlen(text) : 0, &f->lru, NULL))
		f->lru = PROBE_LRU_CLASSIC;
	free(text);
	text = read_text(root, "/proc/sys/kernel/osrelease");
	snprintf(f->release, sizeof(f->release), "%s", text ? text : "unknown");
	free(text);
	f->cgroup_version = root_exists(root, "/sys/fs/cgroup/cgroup.controllers") ? 2
			    : root_exists(root, "/sys/fs/cgroup/memory")	   ? 1
										   : 0;
	return 0;
}

static void head_file(struct archive_writer *w, const char *root, const char *key, const char *path)
{
	char *text = read_text(root, path);

	if (text)
		archive_header(w, key, "%s", text);
	free(text);
}

static void head_sysctls(struct archive_writer *w, const char *root)
{
	/* files that are write-only, that act when they are read, or that are no settings */
	static const char *const skip[] = { "stat_refresh", "compact_memory", "drop_caches" };
	char *dir = root_path(root, "/proc/sys/vm"), **names = NULL;
	size_t nr = 0;

	if (fs_list(dir, &names, &nr, NULL))
		nr = 0;
	for (size_t i = 0; i < nr; i++) {
		char key[128], path[256];
		bool use = true;

		for (size_t j = 0; j < ARRAY_SIZE(skip); j++)
			use &= strcmp(names[i], skip[j]) != 0;
		snprintf(key, sizeof(key), "sysctl.vm.%.100s", names[i]);
		snprintf(path, sizeof(path), "/proc/sys/vm/%.200s", names[i]);
		if (use)
			head_file(w, root, key, path);
	}
	fs_list_free(names, nr);
	free(dir);
}

static void head_numa(struct archive_writer *w, const struct sysinfo_facts *f, const char *root)
{
	char list[256];

	probe_bits_print(&f->mem_nodes, list, sizeof(list));
	archive_header(w, "numa.nodes", "%s", list);
	for (unsigned n = 0; n < ARRAY_SIZE(f->node_bytes); n++) {
		char key[64], path[96];

		if (!probe_bit(&f->mem_nodes, n))
			continue;
		snprintf(key, sizeof(key), "numa.node%u.mem_kib", n);
		archive_header(w, key, "%llu", (unsigned long long)(f->node_bytes[n] / 1024));
		snprintf(key, sizeof(key), "numa.node%u.cpus", n);
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%u/cpulist", n);
		head_file(w, root, key, path);
		snprintf(key, sizeof(key), "numa.node%u.distance", n);
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%u/distance", n);
		head_file(w, root, key, path);
	}
}

/*
 * Which nodes have a kswapd, and on which CPUs each may run: mm/vmscan.c kswapd_run() promises
 * both. Nothing is written where kernel threads cannot be seen (a PID namespace).
 */
static void head_kswapds(struct archive_writer *w, const char *root)
{
	struct probe_bits nodes = { { 0 } };
	struct sampler_kswapd *k;
	size_t nr = sampler_find_kswapds(root, &k);
	char list[256], path[64], key[64], *kthreadd = read_text(root, "/proc/2/comm");
	bool hidden = !nr && (!kthreadd || strcmp(kthreadd, "kthreadd") != 0);

	free(kthreadd);
	if (hidden) {
		free(k);
		return;
	}
	for (size_t i = 0; i < nr; i++)
		if (k[i].node >= 0 && k[i].node < PROBE_BITS)
			nodes.w[k[i].node / 64] |= 1ull << (k[i].node % 64);
	probe_bits_print(&nodes, list, sizeof(list));
	archive_header(w, "kswapd.nodes", "%s", list);
	for (size_t i = 0; i < nr; i++) {
		struct buf text = BUF_INIT;
		const char *cpus;
		size_t len;

		snprintf(path, sizeof(path), "/proc/%ld/status", k[i].pid);
		snprintf(key, sizeof(key), "kswapd.node%d.cpus", k[i].node);
		if (!root_read(root, path, &text, NULL) &&
		    probe_status_field(text.data, text.len, "Cpus_allowed_list", &cpus, &len))
			archive_header(w, key, "%.*s", (int)len, cpus);
		buf_release(&text);
	}
	free(k);
}

static void head_config(struct archive_writer *w, const struct sysinfo_facts *f, const char *root,
			const char *file)
{
	char path[256], key[96];
	struct buf b = BUF_INIT;
	const char *v;
	size_t len;

	if (file) {
		if (fs_read(file, &b, NULL))
			goto out;
	} else {
		snprintf(path, sizeof(path), "/boot/config-%s", f->release);
		if (root_read(root, path, &b, NULL)) {
			snprintf(path, sizeof(path), "/usr/lib/modules/%s/config", f->release);
			if (root_read(root, path, &b, NULL))
				goto out;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(config_names); i++) {
		snprintf(key, sizeof(key), "config.%s", config_names[i]);
		if (probe_kconfig(b.data, b.len, config_names[i], &v, &len))
			archive_header(w, key, "%.*s", (int)len, v);
	}
out:
	buf_release(&b);
}

/* Other reclaimers and traps: runs cannot be compared without knowing them. */
static void head_preflight(struct archive_writer *w, const char *root)
{
	static const struct {
		const char *key, *path;
	} facts[] = {
		{ "thp.enabled", "/sys/kernel/mm/transparent_hugepage/enabled" },
		{ "thp.defrag", "/sys/kernel/mm/transparent_hugepage/defrag" },
		{ "numa.demotion", "/sys/kernel/mm/numa/demotion_enabled" },
		{ "numa.balancing", "/proc/sys/kernel/numa_balancing" },
		{ "ksm.run", "/sys/kernel/mm/ksm/run" },
		{ "zswap.enabled", "/sys/module/zswap/parameters/enabled" },
		{ "preflight.page_reporting_order",
		  "/sys/module/page_reporting/parameters/page_reporting_order" },
		{ "preflight.damon_kdamonds", "/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds" },
		{ "preflight.damon_reclaim", "/sys/module/damon_reclaim/parameters/enabled" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		char *text = read_text(root, facts[i].path);

		if (text) {
			knob_value(text);
			archive_header(w, facts[i].key, "%s", text);
		}
		free(text);
	}
}

int sysinfo_header(struct archive_writer *w, const struct sysinfo_facts *f, const char *root,
		   const char *kconfig, struct err *e)
{
	(void)e;
	archive_header(w, "kernel.release", "%s", f->release);
	head_file(w, root, "kernel.version", "/proc/sys/kernel/version");
	head_file(w, root, "kernel.cmdline", "/proc/cmdline");
	archive_header(w, "mem.page_bytes", "%ld", sysconf(_SC_PAGESIZE));
	archive_header(w, "mem.total_kib", "%llu", (unsigned long long)(f->ram_bytes / 1024));
	archive_header(w, "cpu.online", "%u", f->nr_cpus);
	archive_header(w, "lru.mode", "%s", f->lru == PROBE_LRU_MGLRU ? "mglru" : "classic");
	archive_header(w, "lru.gen_built", "%s", f->has_lru_gen ? "yes" : "no");
	head_file(w, root, "lru.gen_enabled", "/sys/kernel/mm/lru_gen/enabled");
	head_file(w, root, "lru.min_ttl_ms", "/sys/kernel/mm/lru_gen/min_ttl_ms");
	archive_header(w, "cgroup.version", "%d", f->cgroup_version);
	head_numa(w, f, root);
	head_kswapds(w, root);
	head_sysctls(w, root);
	head_preflight(w, root);
	sysinfo_states(w, f, root);
	head_config(w, f, root, kconfig);
	return 0;
}

void sysinfo_machine_id(const struct sysinfo_facts *f, const char *root, char out[17])
{
	struct buf b = BUF_INIT, cpu = BUF_INIT;
	const char *model = NULL;

	if (!root_read(root, "/proc/cpuinfo", &cpu, NULL))
		model = strstr(cpu.data, "model name");
	buf_addf(&b, "%.*s\n%u\n%u\n", model ? (int)strcspn(model, "\n") : 0, model ? model : "",
		 f->nr_cpus, f->nr_nodes);
	/* rounded to 64 MiB: firmware takes a little more or less from boot to boot */
	for (unsigned n = 0; n < ARRAY_SIZE(f->node_bytes); n++)
		buf_addf(&b, "%llu ", (unsigned long long)((f->node_bytes[n] + (32u << 20)) >> 26));
	snprintf(out, 17, "%016llx", (unsigned long long)fnv1a(FNV_INIT, b.data, b.len));
	buf_release(&cpu);
	buf_release(&b);
}
