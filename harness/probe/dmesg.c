/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first rule that matches wins, so narrow rules stand before wide ones. Nearly all rules are
 * anchored to the start of the message: text that user space wrote, or that quotes a kernel
 * message, must not count.
 */
#include <string.h>

#include "base/alloc.h"
#include "probe/probe.h"
#include "probe/text.h"

static const struct dmesg_rule {
	enum probe_finding finding;
	const char *start; /* the beginning of the message; NULL = anything */
	const char *then;  /* a text that follows somewhere later; NULL = none is needed */
} rules[] = {
	{ FINDING_PANIC, "Kernel panic - not syncing", NULL },

	/* kernel/watchdog.c: prefix "NMI watchdog: " to 4.13, "watchdog: " later, none in 3.18 */
	{ FINDING_LOCKUP, "BUG: soft lockup", NULL },
	{ FINDING_LOCKUP, "watchdog: ", "soft lockup" },
	{ FINDING_LOCKUP, "watchdog: ", "hard LOCKUP" },
	{ FINDING_LOCKUP, "NMI watchdog: ", "soft lockup" },
	{ FINDING_LOCKUP, "NMI watchdog: ", "hard LOCKUP" },
	{ FINDING_LOCKUP, "Watchdog detected hard LOCKUP", NULL },
	{ FINDING_LOCKUP, "BUG: workqueue lockup", NULL }, /* kernel/workqueue.c, 4.5 */
	/*
	 * kernel/rcu/tree_stall.h, "self-detected" too; 3.18: kernel/rcu/tree.c, without the prefix
	 * "rcu: "
	 */
	{ FINDING_LOCKUP, "rcu: INFO: rcu", "detected stall" },
	{ FINDING_LOCKUP, "rcu: INFO: rcu", "detected expedited stalls" },
	{ FINDING_LOCKUP, "INFO: rcu", "detected stall" },
	{ FINDING_LOCKUP, "INFO: rcu", "detected expedited stalls" },

	/* kernel/hung_task.c */
	{ FINDING_HUNG_TASK, "INFO: task ", "blocked for more than" },

	/* NULL pointer, paging request, bad page state, KASAN, scheduling while atomic */
	{ FINDING_OOPS, "BUG: ", NULL },
	{ FINDING_OOPS, "Oops: ", NULL },
	{ FINDING_OOPS, "Oops - ", NULL },
	{ FINDING_OOPS, "kernel BUG at ", NULL },
	{ FINDING_OOPS, "Internal error: ", NULL },
	{ FINDING_OOPS, "Unable to handle kernel ", NULL },
	/* arch/x86/kernel/traps.c; the same faults of programs begin "traps: " */
	{ FINDING_OOPS, "general protection fault", NULL },
	{ FINDING_OOPS, "invalid opcode: ", NULL },
	{ FINDING_OOPS, "divide error: ", NULL },
	{ FINDING_OOPS, "double fault: ", NULL },
	{ FINDING_OOPS, "stack segment: ", NULL },

	/* kernel/panic.c __warn(): to 6.18, and the banner of 6.19 and later */
	{ FINDING_WARNING, "WARNING: CPU: ", " PID: " },
	{ FINDING_WARNING, "WARNING: at ", NULL },
	{ FINDING_WARNING, "WARNING: ", ", CPU#" },

	/*
	 * mm/oom_kill.c: the only line of a kill that every version prints once per victim. 3.18 to
	 * 4.20 say "Kill process", later "Killed process"; "NAME invoked oom-killer" also comes
	 * without a victim.
	 */
	{ FINDING_OOM_KILL, "Out of memory", ": Kill" },
	{ FINDING_OOM_KILL, "Memory cgroup out of memory", ": Kill" },

	/* mm/page_alloc.c warn_alloc(): after the name of the task */
	{ FINDING_ALLOC_FAILURE, NULL, ": page allocation failure: order:" },
	{ FINDING_ALLOC_FAILURE, NULL, ": page allocation failure. order:" },
	{ FINDING_ALLOC_FAILURE, NULL, ": page allocation stalls for " }, /* 4.10 to 4.14 */
};

enum probe_finding probe_dmesg(const char *text, size_t len)
{
	struct text_slice all = { text, len };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		const struct dmesg_rule *r = &rules[i];
		size_t skip = 0;

		if (r->start) {
			if (!text_starts(all, r->start))
				continue;
			skip = strlen(r->start);
		}
		if (!r->then ||
		    (len > skip && memmem(text + skip, len - skip, r->then, strlen(r->then))))
			return r->finding;
	}
	return FINDING_NONE;
}

const char *probe_finding_name(enum probe_finding f)
{
	static const char *const names[] = {
		[FINDING_NONE] = "none",	   [FINDING_PANIC] = "panic",
		[FINDING_OOPS] = "oops",	   [FINDING_WARNING] = "warning",
		[FINDING_HUNG_TASK] = "hung-task", [FINDING_LOCKUP] = "lockup",
		[FINDING_OOM_KILL] = "oom-kill",   [FINDING_ALLOC_FAILURE] = "allocation-failure",
	};

	return (size_t)f < ARRAY_SIZE(names) ? names[f] : "unknown";
}
