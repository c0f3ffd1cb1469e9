/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The single-fact parsers of probe. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "probe/probe.h"

#define STAT_TAIL "S 2 0 0 0 -1 2230336 0 0 0 0 17 183 0 0 20 0 1 0 214 0 0 18446744073709551615\n"

Test(probe, task_stat_of_kswapd)
{
	static const char text[] = "72 (kswapd0) " STAT_TAIL;
	struct probe_task t;
	struct err e = ERR_INIT;

	cr_assert_eq(probe_task_stat(text, strlen(text), &t, &e), 0, "%s", e.msg);
	cr_assert_eq(t.pid, 72);
	cr_assert_str_eq(t.comm, "kswapd0");
	cr_assert_eq(t.state, 'S');
	cr_assert_eq(t.flags, 0x220840, "contract K6, 6.1 and later");
	cr_assert_eq(t.utime, 17);
	cr_assert_eq(t.stime, 183);
}

Test(probe, task_stat_comm_may_hold_anything)
{
	static const struct {
		const char *text, *comm;
	} cases[] = {
		{ "1 (a b) " STAT_TAIL, "a b" },
		{ "1 (a) R 3 (b)) " STAT_TAIL, "a) R 3 (b)" },
		{ "1 () " STAT_TAIL, "" },
		{ "1 (()) " STAT_TAIL, "()" },
		{ "1 (two\nlines) " STAT_TAIL, "two\nlines" },
		{ "1 (0123456789012345678901234567890123456789012345678901234567890123456789) " STAT_TAIL,
		  "012345678901234567890123456789012345678901234567890123456789012" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct probe_task t;
		struct err e = ERR_INIT;

		cr_assert_eq(probe_task_stat(cases[i].text, strlen(cases[i].text), &t, &e), 0, "%s",
			     e.msg);
		cr_assert_str_eq(t.comm, cases[i].comm);
		cr_assert_eq(t.stime, 183);
	}
}

Test(probe, task_stat_bad_input)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", "line 1: '': no command in parentheses" },
		{ "72 kswapd0 S", "line 1: '72 kswapd0 S': no command in parentheses" },
		{ "72 )kswapd0( S", "line 1: '72 )kswapd0( S': no command in parentheses" },
		{ "x (a) " STAT_TAIL, "line 1: 'x': not a number" },
		{ "(a) " STAT_TAIL, "line 1: '': not a number" },
		{ "1 2 (a) " STAT_TAIL, "line 1: '2': unexpected word" },
		{ "2147483648 (a) " STAT_TAIL, "line 1: '2147483648': not a process number" },
		{ "1 (a)", "line 1: '': not a task state" },
		{ "1 (a) SS 2", "line 1: 'SS': not a task state" },
		{ "1 (a) S 2 0 0 0", "line 1: field 8 is missing" },
		{ "1 (a) S 2 0 0 0 -1 ff", "line 1: 'ff': not a number" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct probe_task t = { .pid = 5 };
		struct err e = ERR_INIT;

		cr_assert_eq(probe_task_stat(cases[i].text, strlen(cases[i].text), &t, &e),
			     -EINVAL);
		cr_assert_str_eq(e.msg, cases[i].error);
		cr_assert_eq(t.pid, 5, "written in spite of the error");
	}
}

Test(probe, kswapd_names)
{
	static const char *const none[] = {
		"",	    "kswapd",		"kswapd-1",
		"kswapd0x", "kswapd0:1",	"kcompactd0",
		"xkswapd0", "kswapd2147483648", "kswapd99999999999999999999",
	};
	int node = -7;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(none); i++)
		cr_assert(!probe_kswapd_node(none[i], &node), "%s", none[i]);
	cr_assert_eq(node, -7);
	cr_assert(probe_kswapd_node("kswapd0", &node));
	cr_assert_eq(node, 0);
	cr_assert(probe_kswapd_node("kswapd12", &node));
	cr_assert_eq(node, 12);
}

Test(probe, status_fields)
{
	static const char text[] =
		"Name:\tkswapd0\nGroups:\t \nCpus_allowed:\t3\nCpus_allowed_list:\t0-1";
	static const struct {
		const char *key, *value;
	} cases[] = {
		{ "Name", "kswapd0" },	 { "Groups", "" },
		{ "Cpus_allowed", "3" }, { "Cpus_allowed_list", "0-1" },
		{ "Cpus", NULL },	 { "ame", NULL },
		{ "name", NULL },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *v = NULL;
		size_t n = 99;
		bool found = probe_status_field(text, strlen(text), cases[i].key, &v, &n);

		cr_assert_eq(found, cases[i].value != NULL, "%s", cases[i].key);
		if (!found)
			continue;
		cr_assert_eq(n, strlen(cases[i].value), "%s", cases[i].key);
		cr_assert_eq(memcmp(v, cases[i].value, n), 0);
	}
	cr_assert(!probe_status_field("", 0, "Name", NULL, NULL));
}

Test(probe, cpulists)
{
	static const struct {
		const char *in, *out; /* out NULL: in is the normal form */
		unsigned count;
	} cases[] = {
		{ "", NULL, 0 },	  { "\n", "", 0 },	     { "0\n", "0", 1 },
		{ "0-3,7", NULL, 5 },	  { "7,0-1,2", "0-2,7", 4 }, { "62-65", NULL, 4 },
		{ "0-4095", NULL, 4096 }, { "4095", NULL, 1 },	     { "3-3", "3", 1 },
		{ "1,1", "1", 1 },
	};
	static const struct {
		const char *in, *error;
	} bad[] = {
		{ "4096", "line 1: '4096': number is too large for a list" },
		{ "0-4096", "line 1: '4096': number is too large for a list" },
		{ "18446744073709551616", "line 1: '18446744073709551616': more than 64 bits" },
		{ "3-1", "line 1: '3-1': range runs backwards" },
		{ "0,", "line 1: '': not a number" },
		{ ",0", "line 1: '': not a number" },
		{ "-", "line 1: '': not a number" },
		{ "1-", "line 1: '': not a number" },
		{ "1--2", "line 1: '-2': not a number" },
		{ "0-7:2/4", "line 1: '7:2/4': not a number" },
		{ "a", "line 1: 'a': not a number" },
		{ "1 2", "line 1: '1 2': not a number" },
	};
	struct probe_bits b;
	char out[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err e = ERR_INIT;

		cr_assert_eq(probe_cpulist(cases[i].in, strlen(cases[i].in), &b, &e), 0, "%s",
			     e.msg);
		cr_assert_eq(probe_bits_count(&b), cases[i].count, "%s", cases[i].in);
		probe_bits_print(&b, out, sizeof(out));
		cr_assert_str_eq(out, cases[i].out ? cases[i].out : cases[i].in);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct err e = ERR_INIT;

		memset(&b, 0x5a, sizeof(b));
		cr_assert_eq(probe_cpulist(bad[i].in, strlen(bad[i].in), &b, &e), -EINVAL, "%s",
			     bad[i].in);
		cr_assert_str_eq(e.msg, bad[i].error);
		cr_assert_eq(b.w[0], 0x5a5a5a5a5a5a5a5aull);
	}
}

Test(probe, bits_print_never_cuts_a_range)
{
	struct probe_bits b;
	char out[16];

	cr_assert_eq(probe_cpulist("0,10-12", 7, &b, NULL), 0);
	cr_assert(probe_bit(&b, 11) && !probe_bit(&b, 13) && !probe_bit(&b, PROBE_BITS));
	probe_bits_print(&b, out, 8);
	cr_assert_str_eq(out, "0,10-12");
	probe_bits_print(&b, out, 7);
	cr_assert_str_eq(out, "0", "0,10-1 would be a lie");
	probe_bits_print(&b, out, 1);
	cr_assert_str_eq(out, "");
	out[0] = 'x';
	probe_bits_print(&b, out, 0);
	cr_assert_eq(out[0], 'x');
}

Test(probe, distances)
{
	unsigned d[3] = { 0 };
	struct err e = ERR_INIT;

	cr_assert_eq(probe_distance("10 20 255\n", 10, d, 3, &e), 3);
	cr_assert(d[0] == 10 && d[1] == 20 && d[2] == 255);
	cr_assert_eq(probe_distance("", 0, d, 3, &e), 0);
	cr_assert_eq(probe_distance("10 20 20 20", 11, d, 3, &e), -E2BIG);
	cr_assert_str_eq(e.msg, "line 1: more than 3 distances");
	cr_assert_eq(probe_distance("10 x", 4, d, 3, &e), -EINVAL);
	cr_assert_str_eq(e.msg, "line 1: 'x': not a number");
	cr_assert_eq(probe_distance("-1", 2, d, 3, &e), -EINVAL);
	cr_assert_str_eq(e.msg, "line 1: '-1': not a distance");
}

Test(probe, lru_gen_modes)
{
	static const struct {
		const char *text;
		int mode; /* -1: error */
	} cases[] = {
		{ "0x0007\n", PROBE_LRU_MGLRU },
		{ "0x0001", PROBE_LRU_MGLRU },
		{ "0x0000\n", PROBE_LRU_CLASSIC },
		{ "0x0006\n", PROBE_LRU_CLASSIC },
		{ "0xF\n", PROBE_LRU_MGLRU },
		{ "7", PROBE_LRU_MGLRU },
		{ "y\n", PROBE_LRU_MGLRU },
		{ "Y", PROBE_LRU_MGLRU },
		{ "n\n", PROBE_LRU_CLASSIC },
		{ "N", PROBE_LRU_CLASSIC },
		{ "", -1 },
		{ "0x", -1 },
		{ "0x123456789", -1 },
		{ "0xg", -1 },
		{ "yes", -1 },
		{ "f", -1 },
	};
	enum probe_lru mode = PROBE_LRU_MGLRU;
	struct err e = ERR_INIT;
	size_t i;

	cr_assert_eq(probe_lru_gen(NULL, 0, &mode, &e), 0);
	cr_assert_eq(mode, PROBE_LRU_CLASSIC, "no such file before 6.1");
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		int ret = probe_lru_gen(cases[i].text, strlen(cases[i].text), &mode, &e);

		cr_assert_eq(ret, cases[i].mode < 0 ? -EINVAL : 0, "%s", cases[i].text);
		if (!ret)
			cr_assert_eq((int)mode, cases[i].mode, "%s", cases[i].text);
	}
	cr_assert_str_eq(e.msg, "line 1: 'f': neither a mask nor y or n");
}

typedef bool lookup(const char *text, size_t len, const char *name, const char **value,
		    size_t *value_len);

static void expect_value(lookup *f, const char *text, const char *name, const char *value)
{
	const char *v = NULL;
	size_t n = 99;
	bool found = f(text, strlen(text), name, &v, &n);

	cr_assert_eq(found, value != NULL, "%s", name);
	if (!found)
		return;
	cr_assert_eq(n, strlen(value), "%s: %.*s", name, (int)n, v);
	cr_assert_eq(memcmp(v, value, n), 0, "%s: %.*s", name, (int)n, v);
}

Test(probe, kconfig_values)
{
	static const char text[] =
		"# CONFIG_ZSWAP is not set\nCONFIG_NUMA=y\nCONFIG_NUMA_BALANCING=m\n"
		"CONFIG_CMDLINE=\"a=b c\"\n"
		"# CONFIG_ODD is not settled\n"
		"#CONFIG_TIGHT is not set\n"
		"CONFIG_LATE=y\n"
		"# CONFIG_GLUEDis not set\nCONFIG_BARE\n# CONFIG_LATE is not set\n"
		" # CONFIG_SHIFTED is not set\nCONFIG_HZ=250";

	expect_value(probe_kconfig, text, "ZSWAP", "n");
	expect_value(probe_kconfig, text, "NUMA", "y");
	expect_value(probe_kconfig, text, "NUMA_BALANCING", "m");
	expect_value(probe_kconfig, text, "CMDLINE", "\"a=b c\"");
	expect_value(probe_kconfig, text, "HZ", "250");
	expect_value(probe_kconfig, text, "LATE", "n");
	expect_value(probe_kconfig, text, "NUM", NULL);
	expect_value(probe_kconfig, text, "ODD", NULL);
	expect_value(probe_kconfig, text, "TIGHT", NULL);
	expect_value(probe_kconfig, text, "GLUED", NULL);
	expect_value(probe_kconfig, text, "BARE", NULL);
	expect_value(probe_kconfig, text, "SHIFTED", NULL);
	expect_value(probe_kconfig, "", "NUMA", NULL);
}

Test(probe, cmdline_values)
{
	static const char text[] =
		"BOOT_IMAGE=/vmlinuz ro quiet console=tty0 console=ttyS0,115200 empty= "
		"dyndbg=\"file a.c +p\" \"spaced=x y\" \"bare word\" random.trust_cpu=off a=b=c "
		"open=\"never ends -- after\n";
	static const char init[] = "quiet -- quiet=2 single\n";

	expect_value(probe_cmdline, text, "BOOT_IMAGE", "/vmlinuz");
	expect_value(probe_cmdline, text, "ro", "");
	expect_value(probe_cmdline, text, "r", NULL);
	expect_value(probe_cmdline, text, "console", "ttyS0,115200");
	expect_value(probe_cmdline, text, "empty", "");
	expect_value(probe_cmdline, text, "dyndbg", "file a.c +p");
	expect_value(probe_cmdline, text, "spaced", "x y");
	expect_value(probe_cmdline, text, "bare word", "");
	expect_value(probe_cmdline, text, "y", NULL);
	expect_value(probe_cmdline, text, "random.trust-cpu", "off");
	expect_value(probe_cmdline, text, "a", "b=c");
	expect_value(probe_cmdline, text, "after", NULL);
	expect_value(probe_cmdline, init, "quiet", "");
	expect_value(probe_cmdline, init, "single", NULL);
	expect_value(probe_cmdline, "", "ro", NULL);
	expect_value(probe_cmdline, "\" \"", "ro", NULL);
	expect_value(probe_cmdline, "\"", "ro", NULL);
	expect_value(probe_cmdline, "=x", "ro", NULL);
}

Test(probe, swap_kinds)
{
#define HEAD "Filename\tType\tSize\tUsed\tPriority\n"
	static const struct {
		const char *text, *kinds;
	} cases[] = {
		{ "", "none" },
		{ HEAD, "none" },
		{ HEAD "/dev/zram0 partition 1 0 100\n", "zram" },
		{ HEAD "/dev/zram0 partition 1 0 100\n/dev/zram1 partition 1 0 100\n", "zram" },
		{ HEAD "/dev/pmem0 partition 1 0 5", "pmem" },
		{ HEAD "/dev/nullb0 partition 1 0 5", "null_blk" },
		{ HEAD "/dev/vda2 partition 1 0 5\n/swap\\040file file 1 0 4\n", "virtio+file" },
		{ HEAD "/dev/nvme0n1p3 partition 1 0 5\n/dev/sdb1 partition 1 0 5\n", "nvme+scsi" },
		{ HEAD "/dev/dm-0 partition 1 0 5\n", "dm" },
		{ HEAD "/dev/mapper/vg-swap partition 1 0 5\n", "vg" },
		{ "/dev/0 partition 1 0 5\nlone\n", "0" },
	};
	char out[16], cut[8];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		probe_swap_kinds(cases[i].text, strlen(cases[i].text), out, sizeof(out));
		cr_assert_str_eq(out, cases[i].kinds, "case %zu", i);
	}
	probe_swap_kinds(cases[7].text, strlen(cases[7].text), cut, sizeof(cut));
	cr_assert_str_eq(cut, "nvme", "whole words alone");
}

Test(probe, swap_areas)
{
	static const char text[] =
		"Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
		"/dev/vdb                                partition\t1048572\t\t3100\t\t-2\n"
		"/swap\\040file file 10 4 5";
	static const char huge[] = "a b 18446744073709551615 0 1\nc d 1 0 1\n";
	uint64_t size = 0, used = 0;
	struct err e = ERR_INIT;
	unsigned nr = 9;

	cr_assert_eq(probe_swaps(text, strlen(text), &nr, &size, &used, &e), 0, "%s", e.msg);
	cr_assert(nr == 2 && size == 1048582 && used == 3104);
	cr_assert_eq(probe_swaps(text, 20, &nr, &size, &used, &e), 0, "the head alone");
	cr_assert(nr == 0 && size == 0 && used == 0);
	cr_assert_eq(probe_swaps("a b 1\n", 6, &nr, &size, &used, &e), -EINVAL);
	cr_assert_str_eq(e.msg, "line 1: 'a': swap area without five fields");
	cr_assert_eq(probe_swaps("a b 1 x 2\n", 10, &nr, &size, &used, &e), -EINVAL);
	cr_assert_str_eq(e.msg, "line 1: 'x': not a number");
	cr_assert_eq(probe_swaps(huge, strlen(huge), &nr, &size, &used, &e), -EINVAL);
	cr_assert_str_eq(e.msg, "line 2: '1': sum of swap sizes is more than 64 bits");
}

static const struct {
	enum probe_finding finding;
	const char *text;
} log_lines[] = {
	{ FINDING_PANIC,
	  "Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled" },
	{ FINDING_OOPS, "BUG: kernel NULL pointer dereference, address: 0000000000000010" },
	{ FINDING_OOPS, "BUG: unable to handle kernel paging request at ffffea0000000008" },
	{ FINDING_OOPS, "BUG: Bad page state in process kswapd0  pfn:12345" },
	{ FINDING_OOPS, "Oops: 0002 [#1] SMP" },
	{ FINDING_OOPS,
	  "general protection fault, probably for non-canonical address 0xdead: 0000 [#1]" },
	{ FINDING_OOPS, "kernel BUG at mm/vmscan.c:1234!" },
	{ FINDING_OOPS,
	  "Unable to handle kernel NULL pointer dereference at virtual address 00000010" },
	{ FINDING_WARNING, "WARNING: CPU: 1 PID: 72 at mm/vmscan.c:7221 balance_pgdat+0x9/0x10" },
	{ FINDING_WARNING,
	  "WARNING: mm/vmscan.c:7221 at balance_pgdat+0x9/0x10, CPU#1: kswapd0/72" },
	{ FINDING_WARNING, "WARNING: at balance_pgdat+0x9/0x10, CPU#1: kswapd0/72" },
	{ FINDING_HUNG_TASK, "INFO: task kworker/0:1:17 blocked for more than 120 seconds." },
	{ FINDING_LOCKUP, "watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [kswapd0:72]" },
	{ FINDING_LOCKUP, "BUG: soft lockup - CPU#0 stuck for 22s! [kswapd0:72]" },
	{ FINDING_LOCKUP, "NMI watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [kswapd0:72]" },
	{ FINDING_LOCKUP, "NMI watchdog: Watchdog detected hard LOCKUP on cpu 1" },
	{ FINDING_LOCKUP, "watchdog: CPU1: Watchdog detected hard LOCKUP on cpu 1" },
	{ FINDING_LOCKUP,
	  "BUG: workqueue lockup - pool cpus=1 node=0 flags=0x0 nice=0 stuck for 31s!" },
	{ FINDING_LOCKUP, "rcu: INFO: rcu_preempt self-detected stall on CPU" },
	{ FINDING_LOCKUP, "rcu: INFO: rcu_sched detected stalls on CPUs/tasks:" },
	{ FINDING_LOCKUP,
	  "INFO: rcu_sched detected stalls on CPUs/tasks: { 1} (detected by 0, t=21002 jiffies)" },
	{ FINDING_LOCKUP,
	  "rcu: INFO: rcu_sched detected expedited stalls on CPUs/tasks: { 1-... } 21 jiffies" },
	{ FINDING_OOM_KILL,
	  "Out of memory: Killed process 201 (stress) total-vm:812kB, anon-rss:4kB" },
	{ FINDING_OOM_KILL,
	  "Out of memory: Kill process 201 (stress) score 905 or sacrifice child" },
	{ FINDING_OOM_KILL,
	  "Out of memory (oom_kill_allocating_task): Killed process 201 (stress)" },
	{ FINDING_OOM_KILL,
	  "Memory cgroup out of memory: Killed process 201 (stress) total-vm:812kB" },
	{ FINDING_ALLOC_FAILURE, "kswapd0: page allocation failure: order:0, mode:0x20" },
	{ FINDING_ALLOC_FAILURE,
	  "systemd-journal: page allocation stalls for 10036ms, order:0, mode:0x14" },
	{ FINDING_NONE, "" },
	{ FINDING_NONE,
	  "stress invoked oom-killer: gfp_mask=0x140cca, order=0, oom_score_adj=1000" },
	{ FINDING_NONE, "oom_reaper: reaped process 201 (stress), now anon-rss:0kB" },
	{ FINDING_NONE, "Killed process 201 (stress) total-vm:812kB, anon-rss:4kB, file-rss:0kB" },
	{ FINDING_NONE, "Out of memory and no killable processes..." },
	{ FINDING_NONE, "WARNING: x86/pti: the kernel is not isolated" },
	{ FINDING_NONE, "WARNING! power/level is deprecated; use power/control instead" },
	{ FINDING_NONE,
	  "traps: stress[201] general protection fault ip:4011 sp:7ffc error:0 in stress" },
	{ FINDING_NONE, "systemd[1]: Kernel panic - not syncing is only quoted here" },
	{ FINDING_NONE, "rcu: Hierarchical RCU implementation." },
	{ FINDING_NONE, "NMI watchdog: Enabled. Permanently consumes one hw-PMU counter." },
};

Test(probe, dmesg_findings)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(log_lines); i++)
		cr_assert_str_eq(probe_finding_name(
					 probe_dmesg(log_lines[i].text, strlen(log_lines[i].text))),
				 probe_finding_name(log_lines[i].finding), "%s", log_lines[i].text);
	cr_assert_str_eq(probe_finding_name(FINDING_OOM_KILL), "oom-kill");
	cr_assert_str_eq(probe_finding_name(FINDING_HUNG_TASK), "hung-task");
	cr_assert_str_eq(probe_finding_name((enum probe_finding)99), "unknown");
	cr_assert_eq(probe_dmesg(NULL, 0), FINDING_NONE);
}
