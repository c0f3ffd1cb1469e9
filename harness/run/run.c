/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/apply.h"
#include "run/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "archive/keys.h"
#include "base/alloc.h"
#include "base/fs.h"
#include "base/rng.h"
#include "base/version.h"
#include "probe/probe.h"
#include "sample/trace.h"
#include "run/instances.h"
#include "run/knobs.h"
#include "run/sysinfo.h"

#define POLL_NS 10000000ull	     /* how often the main thread looks at its children */
#define KSWAPD_QUIET_NS 500000000ull /* five naps of HZ/10: mm/vmscan.c kswapd_try_to_sleep() */
#define EXIT_NS 30000000000ull
#define SEED_JITTER_NS 1000000000ull /* the longest period of mm's own timers: vm.stat_interval */
#define TELL_D_S 3 /* looks in a row that found a task in the same D state sleep */

struct running {
	const struct run_opts *o;
	struct archive_writer *w;
	struct sampler *sampler;
	struct trace *trace; /* NULL = not wanted */
	struct knobs *knobs;
	struct instances in;
	struct sysinfo_facts facts;
	struct run_result *res;
	int kmsg;
	uint64_t next_second_ns;
	unsigned psi_s;
};

static void nap(uint64_t ns)
{
	struct timespec t = { (time_t)(ns / 1000000000), (long)(ns % 1000000000) };

	nanosleep(&t, NULL);
}

static bool stopped(const struct running *r)
{
	return r->o->stop && *r->o->stop;
}

static void outcome(struct running *r, enum run_outcome what, const char *detail)
{
	if (r->res->outcome != RUN_OK)
		return; /* the first problem is the cause of the later ones */
	r->res->outcome = what;
	snprintf(r->res->detail, sizeof(r->res->detail), "%.255s", detail);
}

/* ---------------------------------------------------------------- kernel log */

static void open_kmsg(struct running *r)
{
	r->kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (r->kmsg < 0)
		archive_event(r->w, "kmsg.absent", "%s", strerror(errno));
	else
		lseek(r->kmsg, 0, SEEK_END);
}

/* Record: "prio,seq,usec,flags;text\n KEY=value..." (Documentation/ABI/testing/dev-kmsg) */
static void read_kmsg(struct running *r)
{
	char rec[8192], line[sizeof(rec) + 40];
	ssize_t n;

	while (r->kmsg >= 0) {
		char *text, *end;
		enum probe_finding f;
		unsigned long long us;

		n = read(r->kmsg, rec, sizeof(rec) - 1);
		/* records were overwritten before they were read; the next read goes on */
		if (n < 0 && errno == EPIPE)
			continue;
		if (n <= 0)
			break;
		rec[n] = '\0';
		text = strchr(rec, ';');
		text = text ? text + 1 : rec;
		end = strchr(text, '\n');
		if (end)
			*end = '\0';
		f = probe_dmesg(text, strlen(text));
		if (f == FINDING_NONE)
			continue;
		/* the record is read up to a second late: its text keeps the kernel's own time, as
		 * dmesg shows it */
		us = 0;
		sscanf(rec, "%*u,%*u,%llu", &us);
		snprintf(line, sizeof(line), "[%5llu.%06llu] %s", us / 1000000, us % 1000000, text);
		archive_finding(r->w, probe_finding_name(f), line);
	}
}

/* ---------------------------------------------------------------- settings */

static int set_knob(struct running *r, const char *name, const char *value, struct err *e)
{
	return settings_knob(r->knobs, r->w, name, value, NULL, e);
}

static int set_lru(struct running *r, struct err *e)
{
	const char *path = "/sys/kernel/mm/lru_gen/enabled";
	bool have = fs_exists(path);

	if (!strcmp(r->o->lru, "default"))
		return 0;
	if (!have && !strcmp(r->o->lru, "classic"))
		return 0; /* MGLRU is not built in: the LRU is classic */
	if (!have)
		return err_set(e, -ENOENT, "--lru mglru: this kernel has no %s", path);
	return set_knob(r, path, !strcmp(r->o->lru, "mglru") ? "y" : "n", e);
}

static int check_needs(struct running *r, struct err *e)
{
	const struct needs *n = &r->o->sc->needs;

	for (size_t i = 0; i < n->files.nr; i++)
		if (!fs_exists(n->files.v[i]))
			return err_set(e, -ENOENT, "this kernel has no %s", n->files.v[i]);
	if (r->facts.nr_nodes < (uint64_t)n->nodes)
		return err_set(e, -ENODEV, "needs %lld nodes with memory, this machine has %u",
			       (long long)n->nodes, r->facts.nr_nodes);
	if (r->facts.nr_cpus < (uint64_t)n->cpus)
		return err_set(e, -ENODEV, "needs %lld CPUs, this machine has %u",
			       (long long)n->cpus, r->facts.nr_cpus);
	if (r->o->on_host && r->facts.ram_bytes < n->mem.bytes)
		return err_set(e, -ENODEV, "needs %llu MiB of memory, this machine has %llu",
			       (unsigned long long)(n->mem.bytes >> 20),
			       (unsigned long long)(r->facts.ram_bytes >> 20));
	for (size_t i = 0; i < n->programs.nr; i++) {
		char *path = fs_find_program(n->programs.v[i]);

		if (!path)
			return err_set(e, -ENODEV, "needs the program %s", n->programs.v[i]);
		free(path);
	}
	if (n->swap && !r->facts.has_swap)
		return err_set(e, -ENODEV, "needs swap, and none is on");
	if (n->fs && !r->o->fs_dir)
		return err_set(e, -ENODEV, "needs a file system to work on (--fs-dir DIR)");
	return 0;
}

/*
 * Checks the needs and applies the settings. If the kernel lacks what the scenario or the side asks
 * for, the run is a SKIP; if it refuses a value, the run has failed. Neither is an error.
 */
static void prepare(struct running *r)
{
	struct err why = ERR_INIT;
	int ret = 0;

	if (r->o->sc) {
		ret = check_needs(r, &why);
		for (size_t i = 0; i < r->o->sc->nr_knobs && !ret; i++)
			ret = set_knob(r, r->o->sc->knob[i].name, r->o->sc->knob[i].value, &why);
	}
	if (!ret)
		ret = set_lru(r, &why);
	/* the side's settings come last, because they override the scenario; the event says what
	 * they replaced */
	if (!ret)
		ret = settings_apply(r->o->settings, r->knobs, r->w, &why);
	if (ret)
		outcome(r, ret == -ENOENT || ret == -ENODEV ? RUN_SKIP : RUN_FAILED, why.msg);
}

/* Facts of a workload that readers cannot know from its name. */
static void write_workload(struct running *r, const struct wl_spec *wl)
{
	char *key = xasprintf(KEY_WORKLOAD "%s" KEY_WORKLOAD_BACKGROUND, wl->name);

	archive_header(r->w, key, "%s", wl_spec_background(wl) ? "yes" : "no");
	free(key);
	if (!wl->wl->slow)
		return;
	key = xasprintf(KEY_WORKLOAD "%s" KEY_WORKLOAD_SLOW, wl->name);
	archive_header(r->w, key, "%s", wl->wl->slow);
	free(key);
}

static void write_head(struct running *r)
{
	const struct run_opts *o = r->o;
	char key[160];

	archive_header(r->w, "wmark.version", "%s", wmark_version);
	for (size_t i = 0; i < o->nr_header; i++)
		archive_header(r->w, o->header[i].key, "%s", o->header[i].value);
	archive_header(r->w, "run.seed", "%llu", (unsigned long long)o->seed);
	archive_header(r->w, "run.lru", "%s", o->lru);
	if (o->settings && *o->settings->text)
		archive_header(r->w, "side.settings", "%s", o->settings->text);
	if (!o->sc) {
		for (size_t i = 0; o->command[i]; i++) {
			snprintf(key, sizeof(key), "command.%zu", i);
			archive_header(r->w, key, "%s", o->command[i]);
		}
		return;
	}
	archive_header(r->w, "scenario.name", "%s", o->sc->name);
	archive_header(r->w, "scenario.summary", "%s", o->sc->summary);
	archive_header(r->w, "scenario.hash", "%016llx", (unsigned long long)o->sc->hash);
	archive_header(r->w, "scenario.text", "%s", o->sc->text);
	for (size_t i = 0; i < o->sc->nr_wl; i++)
		write_workload(r, &o->sc->wl[i]);
	if (*o->sc->primary)
		archive_header(r->w, "judge.primary", "%s", o->sc->primary);
	for (size_t i = 0; i < o->sc->nr_floors; i++) {
		snprintf(key, sizeof(key), "judge.floor.%.140s", o->sc->floor[i].name);
		archive_header(r->w, key, "%g", strtod(o->sc->floor[i].value, NULL) / 100);
	}
}

/* ---------------------------------------------------------------- phases */

/* Once per second: reads the kernel log, and on a host asks the watchdog. False when the load must
 * stop. */
static bool each_second(struct running *r)
{
	uint64_t now = wl_now_ns();
	struct buf b = BUF_INIT;
	const char *full;
	unsigned d;

	if (now < r->next_second_ns)
		return true;
	r->next_second_ns = now + 1000000000ull;
	read_kmsg(r);
	if (r->o->watchdog_psi_pct > 0 && !fs_read("/proc/pressure/memory", &b, NULL)) {
		full = strstr(b.data, "full avg10=");
		r->psi_s = full && strtod(full + 11, NULL) > r->o->watchdog_psi_pct ? r->psi_s + 1
										    : 0;
	}
	buf_release(&b);
	if (r->psi_s >= 5) {
		outcome(r, RUN_WATCHDOG, "memory pressure (full avg10) above the limit for 5 s");
		return false;
	}
	d = instances_d_state(&r->in);
	for (size_t i = 0; d >= TELL_D_S && i < r->in.nr; i++)
		if (r->in.v[i].d_state_s >= TELL_D_S)
			archive_event(r->w, "task.dstate", "%u s %s.%u", r->in.v[i].d_state_s,
				      r->in.v[i].spec->name, r->in.v[i].number);
	if (r->o->watchdog_d_s && d >= r->o->watchdog_d_s) {
		outcome(r, RUN_WATCHDOG,
			"an instance stayed in uninterruptible sleep (D state) too long");
		return false;
	}
	return true;
}

typedef bool until_fn(const struct instances *in);

/* Waits until @until is true, at most @limit_ns; returns whether it is. */
static bool wait_for(struct running *r, until_fn *until, uint64_t limit_ns)
{
	uint64_t end = wl_now_ns() + limit_ns;

	for (;;) {
		instances_reap(&r->in);
		if (until && until(&r->in))
			return true;
		if (wl_now_ns() >= end || stopped(r) || !each_second(r))
			return false;
		nap(POLL_NS);
	}
}

static void phase(struct running *r, const char *name)
{
	archive_event(r->w, "phase", "%s", name);
}

/* kswapd sleeps when no balance_pgdat() run began for a while: mm/vmscan.c counts every run in
 * pageoutrun */
static uint64_t kswapd_activity(void)
{
	struct probe_list l = { 0 };
	struct buf b = BUF_INIT;
	uint64_t runs = 0, scanned = 0;

	if (!fs_read("/proc/vmstat", &b, NULL) &&
	    !probe_list_load(&l, probe_vmstat, b.data, b.len, NULL)) {
		probe_list_get(&l, "pageoutrun", &runs);
		probe_list_get(&l, "pgscan_kswapd", &scanned);
	}
	probe_list_release(&l);
	buf_release(&b);
	return runs + scanned;
}

static void drain(struct running *r)
{
	uint64_t begin = wl_now_ns(), quiet_since = begin, last = kswapd_activity();

	phase(r, "drain");
	while (wl_now_ns() - begin < r->o->sc->phase.drain_ns && !stopped(r)) {
		uint64_t now;

		nap(50000000);
		now = kswapd_activity();
		if (now != last) {
			last = now;
			quiet_since = wl_now_ns();
		} else if (wl_now_ns() - quiet_since >= KSWAPD_QUIET_NS) {
			archive_event(r->w, "kswapd.asleep", "%llu",
				      (unsigned long long)((quiet_since - begin) / 1000));
			return;
		}
		instances_reap(&r->in);
		each_second(r);
	}
	if (r->o->sc->phase.drain_ns && !stopped(r))
		archive_event(r->w, "kswapd.awake",
			      "still reclaiming %llu ms after the load stopped",
			      (unsigned long long)((wl_now_ns() - begin) / 1000000));
}

static int setup(struct running *r, struct err *e)
{
	const struct wl_env env = {
		.ram_bytes = r->facts.ram_bytes,
		.page_bytes = (uint64_t)sysconf(_SC_PAGESIZE),
		.fs_dir = r->o->fs_dir,
		.tmp_dir = r->o->tmp_dir,
		.seed = r->o->seed,
	};
	const struct instance *bad;
	int ret;

	phase(r, "setup");
	ret = instances_start(&r->in, r->o->sc, r->o->settings, &env, &r->facts, e);
	if (ret)
		return ret;
	if (!wait_for(r, instances_ready, r->o->sc->phase.setup_ns))
		outcome(r, stopped(r) ? RUN_STOPPED : RUN_OVERRUN,
			stopped(r) ? "by a signal, in set-up"
				   : "set-up took longer than [phase] setup");
	bad = instances_broken(&r->in);
	if (bad) {
		char why[300];

		snprintf(why, sizeof(why), "%s.%u: %.250s", bad->spec->name, bad->number,
			 *bad->slot->error ? bad->slot->error : "died in set-up");
		outcome(r, atomic_load(&bad->slot->state) == WL_SKIPPED ? RUN_SKIP : RUN_FAILED,
			why);
	}
	return 0;
}

static int window(struct running *r, struct err *e)
{
	const struct phases *p = &r->o->sc->phase;
	int ret;

	phase(r, "settle");
	/*
	 * Where ticks, kswapd's naps and the updates of statistics fall against the load would be
	 * fixed by the length of the boot, and so by the image. The seed draws it, to the
	 * nanosecond: wait_for() alone ends on multiples of its own period.
	 */
	wait_for(r, NULL, p->settle_ns);
	if (r->res->outcome == RUN_OK && !stopped(r))
		nap(rng_at(r->o->seed, 0) % SEED_JITTER_NS);
	if (r->res->outcome != RUN_OK || stopped(r))
		goto stop;
	phase(r, "window");
	ret = sampler_mark(r->sampler, "window-begin", e);
	if (ret)
		return ret;
	trace_begin(r->trace);
	instances_go(&r->in);
	if (p->window_ns)
		wait_for(r, NULL, p->window_ns);
	else if (!wait_for(r, instances_done, p->limit_ns) && !stopped(r))
		outcome(r, RUN_OVERRUN, "the work was not done within [phase] limit");
	ret = sampler_mark(r->sampler, "window-end", e);
	if (ret)
		return ret;
	trace_end(r->trace, r->w);
stop:
	if (stopped(r))
		outcome(r, RUN_STOPPED, "by a signal");
	instances_stop(&r->in);
	/* the drain is measured with the memory still held; it is left out after the watchdog
	 * stopped the load */
	if (r->res->outcome != RUN_WATCHDOG)
		drain(r);
	return 0;
}

static void finish(struct running *r)
{
	char why[256];
	enum run_outcome end;

	phase(r, "end");
	instances_release(&r->in);
	if (!wait_for(r, instances_gone, EXIT_NS)) {
		instances_kill(&r->in);
		nap(POLL_NS);
		instances_reap(&r->in);
	}
	end = instances_outcome(&r->in, why, sizeof(why));
	if (end != RUN_OK)
		outcome(r, end, why);
	instances_report(&r->in, r->w);
}

/* A command that cannot be started writes its errno to @fd, which exec closes. */
static _Noreturn void exec_command(const struct running *r, int fd)
{
	int why;

	settings_export(r->o->settings);
	fs_poke("/proc/self/oom_score_adj", "0", NULL);
	execvp(r->o->command[0], r->o->command);
	why = errno;
	fs_write_all(fd, &why, sizeof(why));
	err_say("%s: %s", r->o->command[0], strerror(why));
	_exit(why == ENOENT ? 127 : 126);
}

static int run_command(struct running *r, struct err *e)
{
	pid_t pid;
	int ret, started[2], why;

	phase(r, "window");
	ret = sampler_mark(r->sampler, "window-begin", e);
	if (ret)
		return ret;
	trace_begin(r->trace);
	if (pipe2(started, O_CLOEXEC) < 0)
		return err_sys(e, -errno, "pipe");
	fflush(NULL);
	pid = fork();
	if (!pid)
		exec_command(r, started[1]);
	close(started[1]);
	if (pid < 0) {
		close(started[0]);
		return err_sys(e, -errno, "fork");
	}
	if (read(started[0], &why, sizeof(why)) == (ssize_t)sizeof(why))
		outcome(r, RUN_FAILED, strerror(why));
	close(started[0]);
	for (bool told = false;;) {
		pid_t got = waitpid(pid, &r->res->command_status, WNOHANG);

		if (got == pid || (got < 0 && errno != EINTR))
			break;
		if (stopped(r) && !told)
			told = kill(pid, SIGTERM) == 0;
		each_second(r);
		nap(POLL_NS);
	}
	r->res->command_ended = true;
	ret = sampler_mark(r->sampler, "window-end", e);
	if (!ret)
		trace_end(r->trace, r->w);
	phase(r, "end");
	archive_event(r->w, "exit", "command 0 %s %d",
		      WIFSIGNALED(r->res->command_status) ? "signal" : "status",
		      WIFSIGNALED(r->res->command_status) ? WTERMSIG(r->res->command_status)
							  : WEXITSTATUS(r->res->command_status));
	return ret;
}

/* The triggers are set first: the sampler reads what they count. */
static int start_sampler(struct running *r, struct err *e)
{
	struct sample_cfg cfg = r->o->sample ? *r->o->sample : r->o->sc->sample;

	if (cfg.trace) {
		r->trace = trace_open(&(const struct trace_conf){ .own_instance = r->o->on_host });
		trace_header(r->trace, r->w);
		cfg.trace_dir = trace_dir(r->trace);
	}
	return sampler_start(&r->sampler, &cfg, NULL, r->w, e);
}

static int body(struct running *r, struct err *e)
{
	const struct run_opts *o = r->o;
	int ret = sysinfo_read(&r->facts, NULL, e);

	if (ret)
		return ret;
	write_head(r);
	/* if a setting kills the kernel, the run still says what kernel it was */
	ret = archive_writer_flush(r->w, e);
	if (ret)
		return ret;
	prepare(r);
	ret = sysinfo_read(&r->facts, NULL, e); /* once more, with the knobs set */
	if (!ret)
		ret = sysinfo_header(r->w, &r->facts, NULL, o->kconfig, e);
	if (ret || r->res->outcome != RUN_OK)
		return ret;
	open_kmsg(r);
	ret = start_sampler(r, e);
	if (ret)
		return ret;
	if (!o->sc) {
		ret = run_command(r, e);
	} else {
		ret = setup(r, e);
		if (!ret)
			ret = window(r, e);
		if (r->in.control)
			finish(r);
	}
	read_kmsg(r);
	return ret;
}

int run_here(const struct run_opts *o, int archive_fd, struct run_result *res, struct err *e)
{
	struct running r = { .o = o, .res = res, .kmsg = -1 };
	struct err later = ERR_INIT, trace_left = ERR_INIT;
	int ret, ret2, traced;

	memset(res, 0, sizeof(*res));
	res->outcome = RUN_OK;
	fs_poke("/proc/self/oom_score_adj", "-1000", NULL);
	ret = knobs_open(&r.knobs, o->journal, e);
	if (ret)
		return ret;
	ret = archive_writer_open(&r.w, archive_fd, 0, e);
	if (!ret) {
		ret = body(&r, e);
		if (r.sampler) {
			ret2 = sampler_stop(r.sampler, NULL, &later);
			if (ret2 && !ret)
				ret = err_set(e, ret2, "%s", later.msg);
		}
		if (ret)
			outcome(&r, RUN_FAILED, e ? e->msg : strerror(-ret));
	}
	/* the settings are restored first: an instance in D state may never end */
	instances_kill(&r.in);
	ret2 = knobs_restore(r.knobs, NULL, &later);
	traced = trace_close(r.trace, &trace_left);
	instances_end(&r.in);
	if (r.w) {
		if (ret2)
			archive_event(r.w, "knob.not-restored", "%s", later.msg);
		if (traced)
			archive_event(r.w, "trace.not-removed", "%s", trace_left.msg);
		archive_header(r.w, "run.outcome", "%s", run_outcome_word(res->outcome));
		if (*res->detail)
			archive_header(r.w, "run.detail", "%s", res->detail);
	}
	if (ret2 && !ret)
		ret = err_set(e, ret2, "%s", later.msg);
	if (traced && !ret)
		ret = err_set(e, traced, "%s", trace_left.msg);
	if (r.w) {
		ret2 = archive_writer_close(r.w, &res->written, &later);
		if (ret2 && !ret)
			ret = err_set(e, ret2, "%s", later.msg);
	}
	if (r.kmsg >= 0)
		close(r.kmsg);
	fs_poke("/proc/self/oom_score_adj", "0", NULL);
	return ret;
}
