/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where an instance runs and where its pages come from. */
#include <ctype.h>
#include <errno.h>
#include <numa.h>
#include <numaif.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/fs.h"
#include "workloads/wl_util.h"

#define NODES_MAX 1024
#define LONG_BITS (8 * sizeof(unsigned long))
#ifndef MPOL_PREFERRED_MANY
#define MPOL_PREFERRED_MANY 5 /* from 5.15 on: include/uapi/linux/mempolicy.h */
#endif

struct node_set {
	unsigned long bits[NODES_MAX / LONG_BITS];
	unsigned nr, first;
};

static bool node_in(const struct node_set *s, unsigned node)
{
	return s->bits[node / LONG_BITS] >> node % LONG_BITS & 1;
}

/* Reads a node list, "0" or "0-3,5", item by item, so that the error can name the word */
static int nodes_parse(const char *text, struct node_set *out, struct err *e)
{
	const char *p = text;

	memset(out, 0, sizeof(*out));
	while (*p) {
		unsigned long lo, hi;
		char *end;

		if (!isdigit((unsigned char)*p))
			goto bad;
		lo = hi = strtoul(p, &end, 10);
		if (*end == '-' && isdigit((unsigned char)end[1]))
			hi = strtoul(end + 1, &end, 10);
		if (hi < lo || hi >= NODES_MAX || (*end && (*end != ',' || !end[1])))
			goto bad;
		for (; lo <= hi; lo++) {
			if (!node_in(out, (unsigned)lo)) {
				if (!out->nr++ || lo < out->first)
					out->first = (unsigned)lo;
			}
			out->bits[lo / LONG_BITS] |= 1ul << lo % LONG_BITS;
		}
		p = *end == ',' ? end + 1 : end;
	}
	return 0;
bad:
	return err_set(e, -EINVAL, "'%s': not a list of nodes (like 1, 0-1 or 0,2)", text);
}

/* A kernel without CONFIG_NUMA is a machine with node 0 only. */
static bool node_there(unsigned node, bool needs_cpus)
{
	const struct bitmask *all = needs_cpus ? numa_nodes_ptr : numa_all_nodes_ptr;

	if (numa_available() < 0)
		return node == 0;
	return node < all->size && numa_bitmask_isbitset(all, node);
}

static int nodes_check(const char *option, const char *text, bool needs_cpus, struct node_set *out,
		       struct err *e)
{
	struct buf there = BUF_INIT;
	int ret = nodes_parse(text, out, e);

	if (ret)
		return err_wrap(e, ret, "%s", option);
	for (unsigned n = 0; n < NODES_MAX && !ret; n++) {
		if (!node_in(out, n) || node_there(n, needs_cpus))
			continue;
		for (unsigned k = 0; k < NODES_MAX; k++)
			if (node_there(k, needs_cpus))
				buf_addf(&there, "%s%u", there.len ? "," : "", k);
		ret = err_set(e, -EINVAL, "%s = %s: node %u %s; this machine has node %s", option,
			      text, n,
			      needs_cpus ? "is not there" : "has no memory or is not there",
			      there.data);
	}
	buf_release(&there);
	return ret;
}

/* Leaves only the node of instance @number in @set, dealt in turn. */
static void deal(struct node_set *set, unsigned number)
{
	unsigned nth = number % set->nr;

	for (unsigned n = 0; n < NODES_MAX; n++)
		if (node_in(set, n) && nth-- != 0)
			set->bits[n / LONG_BITS] &= ~(1ul << n % LONG_BITS);
}

static void all_nodes(struct node_set *set)
{
	for (unsigned n = 0; n < NODES_MAX; n++) {
		if (!node_there(n, false))
			continue;
		set->bits[n / LONG_BITS] |= 1ul << n % LONG_BITS;
		set->nr++;
	}
}

int wl_spread_node(const struct wl_common *c, unsigned number)
{
	struct node_set set = { .nr = 0 };
	int node = 0;

	if (numa_available() < 0 ||
	    (*c->nodes && nodes_check("nodes", c->nodes, false, &set, NULL)))
		return -1;
	if (!*c->nodes)
		all_nodes(&set);
	deal(&set, number);
	while (!node_in(&set, (unsigned)node))
		node++;
	return node;
}

static int place_memory(const struct wl_common *c, unsigned number, struct err *e)
{
	static const int mode[] = { [WL_LOCAL] = MPOL_LOCAL,
				    [WL_BIND] = MPOL_BIND,
				    [WL_PREFERRED] = MPOL_PREFERRED,
				    [WL_INTERLEAVE] = MPOL_INTERLEAVE,
				    [WL_SPREAD] = MPOL_BIND };
	bool given = c->nodes && *c->nodes;
	struct node_set set = { .nr = 0 };
	int ret, how = mode[c->policy];

	if (given) {
		ret = nodes_check("nodes", c->nodes, false, &set, e);
		if (ret)
			return ret;
	}
	if (c->policy == WL_LOCAL)
		return given ? err_set(e, -EINVAL,
				       "nodes = %s needs policy = bind, preferred, interleave or spread",
				       c->nodes)
			     : 0;
	if (!given && wl_policy_needs_nodes(c->policy))
		return err_set(e, -EINVAL, "policy = %s needs nodes", wl_policy_names[c->policy]);
	if (numa_available() < 0)
		return 0;
	if (!given)
		all_nodes(&set);
	if (c->policy == WL_SPREAD)
		deal(&set, number);
	if (c->policy == WL_PREFERRED && set.nr > 1)
		how = MPOL_PREFERRED_MANY;
	if (set_mempolicy(how, set.bits, NODES_MAX) < 0)
		return err_sys(e, -errno, "memory policy on nodes %s%s", given ? c->nodes : "(all)",
			       how == MPOL_PREFERRED_MANY && errno == EINVAL
				       ? " (kernels before 5.15 prefer one node only)"
				       : "");
	return 0;
}

static int place_cpus(const char *nodes, struct err *e)
{
	struct bitmask *all = NULL, *one = NULL;
	struct node_set set;
	int ret = nodes_check("cpus", nodes, true, &set, e);

	if (ret || numa_available() < 0)
		return ret;
	all = numa_allocate_cpumask();
	one = numa_allocate_cpumask();
	for (unsigned n = 0; n < NODES_MAX; n++) {
		if (!node_in(&set, n) || numa_node_to_cpus((int)n, one) < 0)
			continue;
		for (unsigned long i = 0; i < all->size / LONG_BITS; i++)
			all->maskp[i] |= one->maskp[i];
	}
	if (!numa_bitmask_weight(all))
		ret = err_set(e, -EINVAL, "cpus = %s: no CPU on these nodes", nodes);
	else if (sched_setaffinity(0, numa_bitmask_nbytes(all),
				   (const cpu_set_t *)(const void *)all->maskp) < 0)
		ret = err_sys(e, -errno, "cpus = %s", nodes);
	numa_free_cpumask(one);
	numa_free_cpumask(all);
	return ret;
}

int wl_place(const struct wl_common *c, unsigned number, struct err *e)
{
	char text[16];
	int ret;

	snprintf(text, sizeof(text), "%d", (int)c->oom_adj);
	ret = fs_poke("/proc/self/oom_score_adj", text, e);
	if (!ret && c->cpus && *c->cpus)
		ret = place_cpus(c->cpus, e);
	if (!ret)
		ret = place_memory(c, number, e);
	return ret;
}
