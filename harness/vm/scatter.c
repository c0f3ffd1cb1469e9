/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes the state of memory depend on the seed. Every boot of one image gives the workload the same
 * free lists, so that the same kernel with another layout would differ in all seeds alike: measured
 * on 6.12, a kernel with 5 KiB of dead code in mm/vmscan.c read four times as many refaults in
 * scenario file, in each of five seeds. A kernel image is one draw of the layout (Mytkowicz 2009);
 * so each seed has to be another draw of what the layout decides. A quarter of each node's memory
 * is touched and given back in random pieces and order, which mixes the free lists of the node, and
 * up to HELD_MAX pages per node stay taken, which moves every point where a watermark is met.
 */
#include "vm/scatter.h"

#include <errno.h>
#include <numa.h>
#include <numaif.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/rng.h"

#define HELD_MAX 1024		 /* pages per node: 4 MiB, one part in fifty of the usual node */
#define PIECE_MAX 32		 /* the most pages freed at a time */
#define SCATTER_STREAM 0x5ca77e2 /* one stream per node, numbered from here on */

static void shuffle(size_t *v, size_t nr, struct rng *r)
{
	for (size_t i = nr; i > 1; i--) {
		size_t j = rng_below(r, i), t = v[i - 1];

		v[i - 1] = v[j];
		v[j] = t;
	}
}

/* Frees the pages from @held on, in pieces of random length and order. */
static void give_back(char *base, size_t pages, size_t held, size_t page_bytes, struct rng *r)
{
	size_t *from = xcalloc(pages + 1, sizeof(*from)),
	       *order = xcalloc(pages + 1, sizeof(*order)), nr = 0;

	for (size_t at = held; at < pages; at += 1 + rng_below(r, PIECE_MAX)) {
		order[nr] = nr;
		from[nr++] = at;
	}
	from[nr] = pages;
	shuffle(order, nr, r);
	for (size_t i = 0; i < nr; i++) {
		size_t k = order[i];

		madvise(base + from[k] * page_bytes, (from[k + 1] - from[k]) * page_bytes,
			MADV_DONTNEED);
	}
	free(order);
	free(from);
}

static int scatter_on(int node, size_t pages, uint64_t seed, size_t *held, struct err *e)
{
	struct rng r = rng_make(seed, SCATTER_STREAM + (uint64_t)node);
	size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	struct bitmask *one = numa_allocate_nodemask();
	char *base = mmap(NULL, pages * page_bytes, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int ret = 0;

	if (base == MAP_FAILED) {
		ret = err_sys(e, -errno, "%zu pages to mix memory", pages);
		goto out;
	}
	numa_bitmask_setbit(one, (unsigned)node);
	if (mbind(base, pages * page_bytes, MPOL_BIND, one->maskp, one->size + 1, 0) < 0) {
		ret = err_sys(e, -errno, "mixing the memory of node %d", node);
		goto out;
	}
	madvise(base, pages * page_bytes, MADV_NOHUGEPAGE);
	madvise(base, pages * page_bytes, MADV_DONTFORK);
	*held = rng_below(&r, HELD_MAX < pages ? HELD_MAX : pages);
	for (size_t i = 0; i < pages; i++)
		base[i * page_bytes] = 1;
	give_back(base, pages, *held, page_bytes, &r);
	if (*held && mlock(base, *held * page_bytes) < 0)
		ret = err_sys(e, -errno, "holding %zu pages", *held);
out:
	numa_free_nodemask(one);
	return ret;
}

int guest_scatter(uint64_t seed, size_t *held, struct err *e)
{
	long long page_bytes = sysconf(_SC_PAGESIZE);
	int ret = 0;

	*held = 0;
	if (numa_available() < 0)
		return err_set(e, -ENOSYS,
			       "this kernel has no NUMA policies: memory cannot be mixed");
	for (int node = 0; node <= numa_max_node() && !ret; node++) {
		long long bytes = numa_bitmask_isbitset(numa_all_nodes_ptr, (unsigned)node)
					  ? numa_node_size64(node, NULL)
					  : 0;
		size_t here = 0;

		if (bytes / 4 < page_bytes)
			continue;
		ret = scatter_on(node, (size_t)(bytes / 4 / page_bytes), seed, &here, e);
		*held += here;
	}
	return ret;
}
