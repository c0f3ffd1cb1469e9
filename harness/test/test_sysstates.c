/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Header facts of the state that a machine is in, from made-up files below a root. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "run/sysinfo.h"
#include "test/temp.h"

static void put(const char *name, const char *text)
{
	temp_put(name, text, strlen(text));
}

/* The header that a machine with this root writes. */
static void head(struct archive *a, int cgroup_version)
{
	const struct sysinfo_facts f = { .cgroup_version = cgroup_version };
	const char *path = temp_path("run.wm");
	struct archive_writer *w;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

	cr_assert_eq(archive_writer_open(&w, fd, 0, NULL), 0);
	sysinfo_states(w, &f, temp_path("root"));
	cr_assert_eq(archive_writer_close(w, NULL, NULL), 0);
	close(fd);
	cr_assert_eq(archive_load(a, path, NULL), 0);
}

static void is(const struct archive *a, const char *key, const char *want)
{
	const char *have = archive_get(a, key);

	cr_assert(!have == !want && (!want || !strcmp(have, want)), "%s is %s, not %s", key,
		  have ? have : "ABSENT", want ? want : "ABSENT");
}

Test(sysstates, of_a_bare_root, TEMP_DIR)
{
	struct archive a;

	put("root/proc/meminfo", "MemTotal: 1 kB\n");
	head(&a, 0);
	is(&a, "swap.kind", "none");
	is(&a, "swap.zram", NULL);
	is(&a, "thp.sizes", NULL);
	is(&a, "preempt.mode", NULL);
	is(&a, "memcg.max", NULL);
	archive_release(&a);
}

Test(sysstates, swap_thp_preempt, TEMP_DIR)
{
	struct archive a;

	put("root/proc/swaps", "Filename Type Size Used Priority\n"
			       "/dev/zram0 partition 393212 0 -2\n");
	put("root/sys/block/zram0/comp_algorithm", "lzo [lzo-rle] lz4\n");
	put("root/sys/kernel/mm/transparent_hugepage/enabled", "always [never]\n");
	put("root/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled",
	    "[always] inherit madvise never\n");
	put("root/sys/kernel/mm/transparent_hugepage/hugepages-128kB/enabled",
	    "always inherit madvise [never]\n");
	put("root/sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled",
	    "always [inherit] madvise never\n");
	put("root/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "2097152\n");
	put("root/sys/kernel/debug/sched/preempt", "none voluntary (full) lazy\n");
	head(&a, 0);
	is(&a, "swap.kind", "zram");
	is(&a, "swap.zram", "lzo-rle");
	is(&a, "thp.sizes", "64kB=always");
	is(&a, "preempt.mode", "full");
	archive_release(&a);
	put("root/sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled",
	    "[madvise] never\n");
	put("root/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled", "[inherit] never\n");
	head(&a, 0);
	is(&a, "thp.sizes", "2048kB=madvise 64kB=inherit");
	archive_release(&a);
	put("root/sys/kernel/mm/transparent_hugepage/hugepages-2048kB/enabled",
	    "[inherit] never\n");
	put("root/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled", "always [never]\n");
	put("root/proc/swaps", "Filename Type Size Used Priority\n");
	head(&a, 0);
	is(&a, "swap.kind", "none");
	is(&a, "swap.zram", NULL);
	is(&a, "thp.sizes", "none");
	archive_release(&a);
}

/* The least limit of all groups on the way up counts. */
Test(sysstates, cgroup2, TEMP_DIR)
{
	struct archive a;

	put("root/proc/self/cgroup", "1:name=systemd:/x\n0::/system.slice/job\n");
	put("root/sys/fs/cgroup/system.slice/job/memory.max", "2147483648\n");
	put("root/sys/fs/cgroup/system.slice/job/memory.high", "max\n");
	put("root/sys/fs/cgroup/system.slice/job/memory.swap.max", "0\n");
	put("root/sys/fs/cgroup/system.slice/memory.max", "1073741824\n");
	put("root/sys/fs/cgroup/system.slice/memory.high", "max\n");
	head(&a, 2);
	is(&a, "memcg.max", "1073741824");
	is(&a, "memcg.high", "max");
	is(&a, "memcg.swap.max", "0");
	archive_release(&a);
	put("root/proc/self/cgroup", "0::/\n");
	put("root/sys/fs/cgroup/memory.max", "4096\n");
	head(&a, 2);
	is(&a, "memcg.max", "4096");
	is(&a, "memcg.swap.max", "max");
	archive_release(&a);
}

Test(sysstates, cgroup1, TEMP_DIR)
{
	struct archive a;

	put("root/proc/self/cgroup", "11:cpuset:/a\n7:memory:/docker/1\n0::/b\n");
	put("root/sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes", "536870912\n");
	put("root/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
	head(&a, 1);
	is(&a, "memcg.max", "536870912");
	is(&a, "memcg.high", "max");
	archive_release(&a);
	put("root/proc/self/cgroup", "7:memory:/\n");
	head(&a, 1);
	is(&a, "memcg.max", "max");
	archive_release(&a);
	put("root/proc/self/cgroup", "7:cpuset:/\n");
	head(&a, 1);
	is(&a, "memcg.max", NULL);
	archive_release(&a);
}
