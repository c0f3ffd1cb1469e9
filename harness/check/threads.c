/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules: each node has its kswapd, and it may run where it should. */
#include "check/evidence.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

static bool header_bits(const struct archive *a, const char *key, struct probe_bits *out)
{
	const char *v = archive_get(a, key);

	return v && !probe_cpulist(v, strlen(v), out, NULL);
}

static void kswapd_threads(struct inv *c)
{
	struct probe_bits memory, threads;
	const char *want = archive_get(c->a, "numa.nodes"),
		   *have = archive_get(c->a, "kswapd.nodes");

	if (!header_bits(c->a, "numa.nodes", &memory) ||
	    !header_bits(c->a, "kswapd.nodes", &threads)) {
		inv_skip(
			c,
			"the archive does not say which nodes have memory, or a kswapd (numa.nodes, kswapd.nodes)");
		return;
	}
	if (memcmp(&memory, &threads, sizeof(memory)) != 0)
		inv_found(c, -1, 0, 0, "nodes with memory: %s; nodes with a kswapd: %s",
			  *want ? want : "none", *have ? have : "none");
}

/*
 * True when CPUs are taken out of general use: kthreads keep off them from 6.14 on
 * (kernel/kthread.c, HK_TYPE_KTHREAD).
 */
static bool isolates_cpus(const struct archive *a)
{
	const char *line = archive_get(a, "kernel.cmdline");

	return line && (strstr(line, "isolcpus=") || strstr(line, "nohz_full="));
}

static bool is_subset(const struct probe_bits *a, const struct probe_bits *of)
{
	for (size_t i = 0; i < ARRAY_SIZE(a->w); i++)
		if (a->w[i] & ~of->w[i])
			return false;
	return true;
}

/*
 * Takes offline CPUs out of a mask. They say nothing: kswapd keeps CPUs that went offline later
 * (kernel/sched/core.c, select_fallback_rq() acts when none is left), but the node's list is
 * without them. The online CPUs are known where the nodes' lists hold as many CPUs as there are.
 */
static void leave_out_offline(const struct inv *c, struct probe_bits *mask)
{
	struct probe_bits online = { { 0 } }, cpus;
	char key[64];

	for (size_t i = 0; i < c->nr_nodes; i++) {
		snprintf(key, sizeof(key), "numa.node%u.cpus", c->node[i].n);
		for (size_t k = 0; header_bits(c->a, key, &cpus) && k < ARRAY_SIZE(online.w); k++)
			online.w[k] |= cpus.w[k];
	}
	for (size_t k = 0; probe_bits_count(&online) == c->nr_cpus && k < ARRAY_SIZE(online.w); k++)
		mask->w[k] &= online.w[k];
}

static void kswapd_affinity(struct inv *c)
{
	bool isolated = isolates_cpus(c->a), looked = false;

	for (size_t i = 0; i < c->nr_nodes; i++) {
		unsigned n = c->node[i].n;
		struct probe_bits cpus, allowed;
		char key[64], key2[64];
		bool good;

		snprintf(key, sizeof(key), "numa.node%u.cpus", n);
		snprintf(key2, sizeof(key2), "kswapd.node%u.cpus", n);
		if (!header_bits(c->a, key, &cpus) || !header_bits(c->a, key2, &allowed))
			continue;
		looked = true;
		leave_out_offline(c, &allowed);
		if (!probe_bits_count(&cpus)) /* a node without CPUs: all CPUs */
			good = probe_bits_count(&allowed) >= c->nr_cpus || isolated;
		else if (isolated)
			good = probe_bits_count(&allowed) && is_subset(&allowed, &cpus);
		else
			good = !memcmp(&allowed, &cpus, sizeof(cpus));
		if (!good)
			inv_found(c, (int)n, 0, 0, "kswapd%u may run on CPUs %s, its node has %s",
				  n, archive_get(c->a, key2),
				  probe_bits_count(&cpus) ? archive_get(c->a, key) : "none");
	}
	if (!looked)
		inv_skip(c, "the archive does not say where kswapd may run (kswapd.nodeN.cpus)");
}

/* clang-format off */
RULES(threads, 30) = {
	{ .name = "kswapd-threads", .cls = RULE_LIVENESS, .check = kswapd_threads,
	  .help = "Each node with memory has its kswapd, and no other (mm/vmscan.c, kswapd_init(), "
	  "kswapd_run()). Contract K1." },
	{ .name = "kswapd-affinity", .cls = RULE_LIVENESS, .check = kswapd_affinity,
	  .help = "kswapd may run on the CPUs of its node, on all where the node has none (mm/vmscan.c, "
	  "kswapd() to 6.13; kernel/kthread.c from 6.14). Contract K3." },
	{ .name = NULL }
};
/* clang-format on */
