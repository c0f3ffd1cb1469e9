/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes the state of memory depend on the seed. Every boot of one image gives the workload the same
 * free lists, so that the same kernel with another layout would differ in all seeds alike: measured
 * on 6.12, a kernel with 5 KiB of dead code in mm/vmscan.c read four times as many refaults in
 * scenario file, in each of five seeds. A kernel image is one draw of the layout (Mytkowicz 2009);
 * so each seed has to be another draw of what the layout decides. A quarter of each CPU's memory is
 * touched and given back in random pieces and order, which mixes the free lists of its node, and up
 * to HELD_MAX pages per CPU stay taken, which moves every point where a watermark is met.
 */
#include "vm/scatter.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/rng.h"

#define HELD_MAX 1024 /* pages per CPU: 4 MiB, one part in a hundred of the usual machine */
#define PIECE_MAX 32  /* the most pages freed at a time */
#define SCATTER_STREAM 0x5ca77e2 /* one stream per CPU, numbered from here on */

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

static int scatter_on(int cpu, size_t pages, uint64_t seed, size_t *held, struct err *e)
{
	struct rng r = rng_make(seed, SCATTER_STREAM + (uint64_t)cpu);
	size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	cpu_set_t one;
	char *base;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one) < 0)
		return err_sys(e, -errno, "going to CPU %d", cpu);
	base = mmap(NULL, pages * page_bytes, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		return err_sys(e, -errno, "%zu pages to mix memory", pages);
	madvise(base, pages * page_bytes, MADV_NOHUGEPAGE);
	madvise(base, pages * page_bytes, MADV_DONTFORK);
	*held = rng_below(&r, HELD_MAX < pages ? HELD_MAX : pages);
	for (size_t i = 0; i < pages; i++)
		base[i * page_bytes] = 1;
	give_back(base, pages, *held, page_bytes, &r);
	if (*held && mlock(base, *held * page_bytes) < 0)
		return err_sys(e, -errno, "holding %zu pages", *held);
	return 0;
}

int guest_scatter(uint64_t seed, size_t *held, struct err *e)
{
	struct sysinfo mem;
	cpu_set_t all;
	size_t pages;
	int ret = 0;

	*held = 0;
	if (sched_getaffinity(0, sizeof(all), &all) < 0 || sysinfo(&mem) < 0)
		return err_sys(e, -errno, "looking at CPUs and memory");
	pages = (size_t)(mem.totalram * mem.mem_unit / 4 / (uint64_t)sysconf(_SC_PAGESIZE)) /
		(size_t)CPU_COUNT(&all);
	for (int cpu = 0; cpu < CPU_SETSIZE && !ret; cpu++) {
		size_t here = 0;

		if (!CPU_ISSET(cpu, &all))
			continue;
		ret = scatter_on(cpu, pages, seed, &here, e);
		*held += here;
	}
	sched_setaffinity(0, sizeof(all), &all);
	return ret;
}
