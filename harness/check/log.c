/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules about the kernel's own messages, tasks that hang, and the OOM killer. */
#include "check/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "evidence/memcg.h"

/*
 * Reads "[   12.345678] text", as the runner writes a kernel message: seconds since boot on the
 * kernel's own clock, which CLOCK_MONOTONIC follows (`h epoch` is that clock at time 0 of the
 * archive, in ns).
 */
static const char *kernel_time(const struct archive *a, const char *text, uint64_t limit_us,
			       uint64_t *t_us)
{
	const char *epoch = archive_get(a, "epoch");
	unsigned long long s, us;
	uint64_t zero = epoch ? strtoull(epoch, NULL, 10) / 1000 : 0;
	int len = 0;

	if (sscanf(text, "[%llu.%6llu] %n", &s, &us, &len) != 2 || !len)
		return text;
	/* a time before the run began, or later than the message was read, is from another clock */
	if (epoch && s < UINT64_MAX / S_US / 2 && s * S_US + us >= zero &&
	    s * S_US + us - zero <= limit_us)
		*t_us = s * S_US + us - zero;
	return text + len;
}

/*
 * Text of an event or kernel log line after its "[seconds] "; *t_us becomes the kernel's own time
 * where the text has one.
 */
static const char *log_text(const struct archive *a, const struct archive_ev *ev, uint64_t *t_us)
{
	*t_us = ev->t_us;
	return kernel_time(a, ev->text, ev->t_us, t_us);
}

/* Reports the first line of these kinds, and their number. */
static void log_rule(struct inv *c, const char *const *kinds)
{
	const struct archive_ev *first = NULL;
	const char *text = NULL;
	uint64_t t, at = 0, nr = 0;

	if (archive_event_time(c->a, "kmsg.absent", NULL, 0, &t)) {
		inv_skip(c, "the kernel log could not be read");
		return;
	}
	for (size_t i = 0; i < c->a->nr_ev; i++) {
		const struct archive_ev *ev = &c->a->ev[i];

		for (size_t k = 0; ev->finding && kinds[k]; k++) {
			if (strcmp(ev->name, kinds[k]) != 0)
				continue;
			if (!nr++) {
				first = ev;
				text = log_text(c->a, ev, &at);
			}
		}
	}
	if (nr > 1)
		inv_found(c, -1, at, at, "%s: %s, the first of %llu such lines", first->name, text,
			  (unsigned long long)nr);
	else if (nr)
		inv_found(c, -1, at, at, "%s: %s", first->name, text);
}

#define KINDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/*
 * A panic leaves no time to read the log: its line comes over the console, as the outcome that the
 * host wrote.
 */
static void log_oops(struct inv *c)
{
	const char *outcome = archive_get(c->a, "outcome"),
		   *detail = archive_get(c->a, "outcome.detail");
	uint64_t at = 0;

	log_rule(c, KINDS(probe_finding_name(FINDING_PANIC), probe_finding_name(FINDING_OOPS)));
	if (inv_state(c) != RULE_PASS || !outcome || strcmp(outcome, "panic") != 0)
		return;
	detail = kernel_time(c->a, detail ? detail : "the console shows it", UINT64_MAX, &at);
	inv_found(c, -1, at, at, "panic: %s", detail);
}

static void log_lockup(struct inv *c)
{
	log_rule(c, KINDS(probe_finding_name(FINDING_LOCKUP)));
}

static void log_hung(struct inv *c)
{
	log_rule(c, KINDS(probe_finding_name(FINDING_HUNG_TASK)));
}

static void log_alloc(struct inv *c)
{
	log_rule(c, KINDS(probe_finding_name(FINDING_ALLOC_FAILURE)));
}

static void log_warning(struct inv *c)
{
	log_rule(c, KINDS(probe_finding_name(FINDING_WARNING)));
}

/* ---------------------------------------------------------------- D state */

#define DSTATE_S 5 /* fifty times the longest wait of reclaim_throttle() (HZ/10, mm/vmscan.c) */

/*
 * Reads the events "task.dstate SECONDS s NAME", one per second as long as the sleep lasts
 * (run/run.c).
 */
static void dstate(struct inv *c)
{
	uint64_t nr = 0, begin = 0, end = 0;
	unsigned longest = 0;
	const char *who = "";

	if (!archive_get(c->a, "scenario.name")) {
		inv_skip(c, "no processes of a scenario were watched");
		return;
	}
	for (size_t i = 0; i < c->a->nr_ev; i++) {
		const struct archive_ev *ev = &c->a->ev[i];
		unsigned seconds;
		int len = 0;

		if (ev->finding || strcmp(ev->name, "task.dstate") != 0 ||
		    sscanf(ev->text, "%u s %n", &seconds, &len) != 1 || !len)
			continue;
		nr += seconds == DSTATE_S;
		if (seconds < DSTATE_S || seconds <= longest)
			continue;
		longest = seconds;
		who = ev->text + len;
		end = ev->t_us;
		/* the first look already found the task there */
		begin = (seconds - 1) * S_US < end ? end - (seconds - 1) * S_US : 0;
	}
	if (longest)
		inv_found(
			c, -1, begin, end,
			"%s was found in one uninterruptible sleep %u times in a row, a second apart%s",
			who, longest, nr > 1 ? " (the longest of several)" : "");
}

/* ---------------------------------------------------------------- OOM killer */

/*
 * Share of a node's memory. In real kills, less than a twentieth could not be reclaimed at once
 * (mapped, being read).
 */
#define CACHE_SHARE .10

/* Clean file pages as a share of the node's memory, at a sample of nodeN/vmstat. */
static bool cache_share(const struct inv *c, const struct run_node *n, long tick, double *share)
{
	static const char *const file[] = { "nr_active_file", "nr_inactive_file", NULL },
				 *const dirty[] = { "nr_dirty", "nr_writeback", NULL };
	struct key_sum f, d;
	uint64_t cache, not_clean;
	const char *kib;
	char key[64];
	double total;

	snprintf(key, sizeof(key), "numa.node%u.mem_kib", n->n);
	kib = archive_get(c->a, key);
	total = kib ? strtod(kib, NULL) / c->view.page_kib : 0;
	if (tick < 0 || !(total > 0) || sum_init(&f, n->vmstat, file) != 2 ||
	    sum_init(&d, n->vmstat, dirty) != 2 || !sum_at(&f, (size_t)tick, &cache) ||
	    !sum_at(&d, (size_t)tick, &not_clean))
		return false;
	*share = ((double)cache - (double)not_clean) / total;
	return true;
}

/*
 * The least share of any node with memory, before and after: the nodes that the killed request
 * could use are not known. False = not known.
 */
static bool least_share(const struct inv *c, uint64_t from, uint64_t to, double *least)
{
	bool any = false;

	*least = 1;
	for (size_t i = 0; i < c->nr_nodes; i++) {
		const struct run_node *n = &c->node[i];
		long before, after;
		double x, y;

		if (!n->vmstat || !n->nr_zones)
			continue;
		before = archive_tick_at(n->vmstat, from);
		after = archive_tick_at(n->vmstat, to);
		if (after >= 0 && n->vmstat->tick[after].t_us < to &&
		    (size_t)after + 1 < n->vmstat->nr_ticks)
			after++;
		if (!cache_share(c, n, before, &x) || !cache_share(c, n, after, &y))
			return false;
		x = x < y ? x : y;
		*least = x < *least ? x : *least;
		any = true;
	}
	return any;
}

static void oom_cache(struct inv *c)
{
	static const char *const kills[] = { "oom_kill", NULL };
	const struct archive_series *s = c->view.vmstat;
	struct key_sum kill;
	uint64_t was, now;

	if (!sum_init(&kill, s, kills)) {
		inv_skip(c, s ? "this kernel does not count oom_kill (before 4.13)"
			      : "vmstat was not sampled");
		return;
	}
	for (size_t t = 1; t < s->nr_ticks; t++) {
		uint64_t from = s->tick[t - 1].t_us, to = s->tick[t].t_us;
		double least;

		if (!sum_at(&kill, t - 1, &was) || !sum_at(&kill, t, &now) || now <= was)
			continue;
		if (memcg_killed(c->a)) {
			inv_skip(c, "a memory cgroup killed tasks of its own");
			return;
		}
		if (!least_share(c, from, to, &least)) {
			inv_skip(
				c,
				"a task was killed for want of memory, and what cache each node held is not known");
			return;
		}
		if (least < CACHE_SHARE)
			continue;
		inv_found(
			c, -1, from, to,
			"%llu tasks were killed for want of memory while every node held %.0f %% or more in clean page cache",
			(unsigned long long)(now - was), 100 * least);
		return;
	}
}

/* clang-format off */
RULES(log, 50) = {
	{ .name = "oom-cache", .cls = RULE_LIVENESS, .check = oom_cache,
	  .help = "No task is killed for want of memory while every node has a tenth of its memory in clean "
	  "page cache (mm/page_alloc.c, should_reclaim_retry()). Kills inside a memory cgroup are not "
	  "judged." },
	{ .name = "task-dstate", .cls = RULE_LIVENESS, .check = dstate,
	  .help = "No workload process is in one and the same uninterruptible sleep for 5 s: waits of reclaim "
	  "end after HZ/10 (mm/vmscan.c, reclaim_throttle())." },
	{ .name = "log-oops", .cls = RULE_INVARIANT, .check = log_oops,
	  .help = "The kernel log holds no panic, oops or BUG: the counters of such a kernel mean nothing "
	  "afterwards.",
	  .broke = true },
	{ .name = "log-lockup", .cls = RULE_LIVENESS, .check = log_lockup,
	  .help = "The kernel log holds no soft, hard or workqueue lockup and no RCU stall." },
	{ .name = "log-hung-task", .cls = RULE_LIVENESS, .check = log_hung,
	  .help = "The kernel log holds no hung task (kernel/hung_task.c)." },
	{ .name = "log-allocation-failure", .cls = RULE_LIVENESS, .check = log_alloc,
	  .help = "The kernel log holds no page allocation failure (mm/page_alloc.c, warn_alloc())." },
	{ .name = "log-warning", .cls = RULE_LIVENESS, .check = log_warning,
	  .help = "The kernel log holds no WARN (kernel/panic.c, __warn())." },
	{ .name = NULL }
};
/* clang-format on */
