/* SPDX-License-Identifier: GPL-2.0-or-later */
/* May memory cgroups have been reclaimed in a run? */
#include "evidence/memcg.h"
#include "test/synth.h"

static const struct {
	const char *what, *target, *lines;
	bool want;
} cases[] = {
	{ "nothing names one", "exact", "", false },
	{ "nor on the other target", "vm", "h scenario.text [workload anon]\\nbytes = 1G\n",
	  false },
	{ "a machine of others", "host", "", true },
	{ "a run that does not say where it was", NULL, "", true },
	{ "a limit among the knobs", "exact",
	  "h scenario.text [knobs]\\n/sys/fs/cgroup/a/memory.max = 64M\n", true },
	{ "a knob that was set beside the scenario", "vm",
	  "h knob./sys/fs/cgroup/a/memory.high 64M\n", true },
	{ "a command", "exact",
	  "h scenario.text [workload exec]\\ncommand = sh -c 'echo 9M >x/memory.max'\n", true },
	{ "arguments of one", "exact",
	  "h scenario.text [workload fio]\\ntool = fio\\nargs = --rw=read --cgroup=a\n", true },
	{ "reclaim asked for", "exact",
	  "h scenario.text [workload exec]\\nargs = 1M >x/memory.reclaim\n", true },
	{ "a group that is sampled", "exact", "src 0 memcg/memory.events 500000\n", true },
	{ "a kill at a limit", "exact",
	  "m 5 oom-kill [    5.0] Memory cgroup out of memory: Killed process 9 (x)\n", true },
	{ "a kill for want of memory", "exact",
	  "m 5 oom-kill [    5.0] Out of memory: Killed process 9\n", false },
	{ "prose", "exact",
	  "h scenario.text [scenario]\\nname = no-memcg\\nsummary = anon, no cgroup, no memory.max\n",
	  false },
	{ "a comment", "exact", "h scenario.text [workload anon]\\n# cgroup = a\\n; cgroup = b\n",
	  false },
	{ "a kernel without them", "exact",
	  "h scenario.text [needs]\\ncmdline = cgroup_disable=memory\n", false },
	{ "the version that is mounted", "exact", "h cgroup.version 2\n", false },
};

Test(memcg, may_have_been_reclaimed)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct archive a = { 0 };
		struct synth s;

		synth_init(&s);
		if (cases[i].target)
			synth_head(&s, "machine.target", cases[i].target);
		buf_addstr(&s.text, cases[i].lines);
		synth_seal(&s);
		synth_parse(&s, "memcg", &a);
		cr_assert(a.complete, "%s: %s", cases[i].what, a.why);
		cr_assert_eq(memcg_may_reclaim(&a), cases[i].want, "%s", cases[i].what);
		archive_release(&a);
	}
}
