/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libFuzzer entry for every parser of probe: the first byte chooses the parser, the rest is the
 * text.
 *
 *   clang -fsanitize=fuzzer,address,undefined ... harness/fuzz/fuzz_probe.c LIBRARY
 *
 * With -DFUZZ_STANDALONE a main() takes files instead (a crash to replay, a corpus; any compiler).
 * There each file is given to every parser, so that captured /proc files serve as they are.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "probe/probe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

/* Slices must lie in the text; the key may be a static string (protection_N, schedstat). */
struct bounds {
	const char *text;
	size_t len;
};

static int check_item(void *ctx, const struct probe_item *item)
{
	const struct bounds *b = ctx;
	char name[64];

	require(item->key && item->key_len > 0);
	if (item->zone)
		require(item->zone >= b->text && item->zone + item->zone_len <= b->text + b->len);
	probe_item_name(item, name, sizeof(name));
	require(memchr(name, '\0', sizeof(name)) != NULL);
	return 0;
}

static void fuzz_scan(probe_scan *scan, const char *text, size_t len)
{
	struct bounds b = { text, len };
	struct probe_list l;
	struct err e = ERR_INIT;
	uint64_t value;
	int ret = scan(text, len, check_item, &b, &e);

	require(!ret || (ret == e.code && e.msg[0]));
	require(probe_list_load(&l, scan, text, len, NULL) == ret);
	require(!ret || !l.nr);
	if (l.nr)
		require(probe_list_get(&l, l.v[l.nr - 1].name, &value));
	probe_list_release(&l);
}

static void fuzz_vmstat(const char *text, size_t len)
{
	fuzz_scan(probe_vmstat, text, len);
}

static void fuzz_meminfo(const char *text, size_t len)
{
	fuzz_scan(probe_meminfo, text, len);
}

static void fuzz_zoneinfo(const char *text, size_t len)
{
	fuzz_scan(probe_zoneinfo, text, len);
}

static void fuzz_psi(const char *text, size_t len)
{
	fuzz_scan(probe_psi, text, len);
}

static void fuzz_schedstat(const char *text, size_t len)
{
	fuzz_scan(probe_schedstat, text, len);
}

static void fuzz_hist(const char *text, size_t len)
{
	struct probe_hist h = { .v = NULL };

	fuzz_scan(probe_hist_counts, text, len);
	probe_hist_load(&h, text, len, NULL);
	free(h.v);
}

static void fuzz_task(const char *text, size_t len)
{
	struct probe_task task;
	int node;

	if (probe_task_stat(text, len, &task, NULL))
		return;
	require(task.pid >= 0 && memchr(task.comm, '\0', sizeof(task.comm)));
	if (probe_kswapd_node(task.comm, &node))
		require(node >= 0);
}

static void fuzz_cpulist(const char *text, size_t len)
{
	static char printed[PROBE_BITS * 6];
	struct probe_bits a, b;

	if (probe_cpulist(text, len, &a, NULL))
		return;
	probe_bits_print(&a, printed, sizeof(printed));
	require(!probe_cpulist(printed, strlen(printed), &b, NULL));
	require(!memcmp(&a, &b, sizeof(a)));
}

static void fuzz_node(const char *text, size_t len)
{
	unsigned distance[16], nr;
	uint64_t size, used;
	enum probe_lru mode;
	char kinds[16];

	require(probe_distance(text, len, distance, ARRAY_SIZE(distance), NULL) <=
		(int)ARRAY_SIZE(distance));
	probe_lru_gen(text, len, &mode, NULL);
	probe_swaps(text, len, &nr, &size, &used, NULL);
	probe_swap_kinds(text, len, kinds, sizeof(kinds));
}

static void fuzz_names(const char *text, size_t len)
{
	static const char *const names[] = { "NUMA", "Cpus_allowed_list", "a", "" };
	const char *value;
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (probe_status_field(text, len, names[i], &value, &n))
			require(value >= text && value + n <= text + len);
		if (probe_cmdline(text, len, names[i], &value, &n))
			require(value >= text && value + n <= text + len);
		if (probe_kconfig(text, len, names[i], &value, &n))
			require(n <= len);
	}
	require(strcmp(probe_finding_name(probe_dmesg(text, len)), "unknown") != 0);
}

static void (*const parsers[])(const char *text, size_t len) = {
	fuzz_vmstat, fuzz_meminfo, fuzz_zoneinfo, fuzz_psi,   fuzz_schedstat,
	fuzz_task,   fuzz_cpulist, fuzz_node,	  fuzz_names, fuzz_hist,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size)
		parsers[data[0] % ARRAY_SIZE(parsers)]((const char *)data + 1, size - 1);
	return 0;
}

#ifdef FUZZ_STANDALONE
#include "base/fs.h"

int main(int argc, char **argv)
{
	size_t p;
	int i;

	for (i = 1; i < argc; i++) {
		struct buf text = BUF_INIT;

		if (fs_read(argv[i], &text, NULL))
			return 3;
		for (p = 0; p < ARRAY_SIZE(parsers); p++)
			parsers[p](text.data, text.len);
		buf_release(&text);
	}
	return 0;
}
#endif
