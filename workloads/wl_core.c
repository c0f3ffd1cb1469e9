/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Life of an instance, its pace and its counts. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fs.h"
#include "workloads/wl_util.h"

/* A sleeper looks at the stop flag this often, even if nobody wakes it */
#define SLICE_NS 25000000ull

const char *const wl_policy_names[] = {
	"local", "bind", "preferred", "interleave", "spread", NULL
};

bool wl_policy_needs_nodes(int policy)
{
	return policy == WL_BIND || policy == WL_PREFERRED;
}

/* clang-format off */
const struct opt_desc wl_common_opts[] = {
	OPT_INT(struct wl_common, instances, "instances", 0, "1", 1, 1024, "processes of this workload"),
	OPT_ENUM(struct wl_common, policy, "policy", 0, "local", wl_policy_names,
		"memory policy; spread = instances dealt to the nodes in turn, each bound to its node"),
	OPT_STR(struct wl_common, nodes, "nodes", 0, "", "NODES",
		"nodes of the policy, like 1 or 0-1; interleave, spread: all when empty"),
	OPT_STR(struct wl_common, cpus, "cpus", 0, "", "NODES",
		"run on the CPUs of these nodes; anywhere when empty"),
	OPT_RATE(struct wl_common, rate, "rate", 0, "0",
		 "operations (500) or bytes (8M/s) per second of one instance; 0 = as fast as it can"),
	OPT_DURATION(struct wl_common, burst_on_ns, "burst_on", 0, "0",
		"work this long, then pause for burst_off"),
	OPT_DURATION(struct wl_common, burst_off_ns, "burst_off", 0, "0", "pause between bursts"),
	OPT_DURATION(struct wl_common, start_ns, "start", 0, "0", "begin this long after the others"),
	OPT_DURATION(struct wl_common, seconds_ns, "duration", 0, "0",
		"stop after this time; 0 = when the work is done"),
	OPT_BOOL(struct wl_common, background, "background", 0,
		"the window does not wait for this workload, which is stopped at the end"),
	OPT_INT(struct wl_common, oom_adj, "oom_adj", 0, "1000", -1000, 1000,
		"oom_score_adj of the instance"),
	OPT_END
};
/* clang-format on */

const struct workload *workload_find(const char *name)
{
	for (size_t i = 0; workload_table[i]; i++)
		if (!strcmp(workload_table[i]->name, name))
			return workload_table[i];
	return NULL;
}

uint64_t wl_now_ns(void)
{
	return clock_ns();
}

bool wl_more(struct wl_ctx *ctx)
{
	if (atomic_load_explicit(&ctx->control->stop, memory_order_relaxed))
		return false;
	return !ctx->deadline_ns || wl_now_ns() < ctx->deadline_ns;
}

void wl_op(struct wl_ctx *ctx, unsigned kind, uint64_t n, uint64_t bytes, uint64_t ns)
{
	struct wl_slot *s = ctx->slot;

	s->ops[kind] += n;
	s->bytes[kind] += bytes;
	if (ns)
		hist_add(&s->hist[kind], ns, n);
}

void wl_fail(struct wl_ctx *ctx, unsigned kind, uint64_t n)
{
	ctx->slot->failures[kind] += n;
}

void wl_slot_note(struct wl_slot *s, const char *name, double value)
{
	char key[WL_NOTE_NAME];
	uint32_t i;

	snprintf(key, sizeof(key), "%s", name);
	for (char *p = key; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			*p = '_';
	for (i = 0; i < s->nr_notes && strcmp(s->note[i].name, key) != 0; i++)
		;
	if (i >= WL_NOTES_MAX)
		return;
	memcpy(s->note[i].name, key, sizeof(key));
	s->note[i].value = value;
	if (i == s->nr_notes)
		s->nr_notes++;
}

void wl_note(struct wl_ctx *ctx, const char *name, double value)
{
	wl_slot_note(ctx->slot, name, value);
}

/* The futex words are shared between processes, so no FUTEX_PRIVATE_FLAG. */
static void futex_wait(_Atomic uint32_t *word, uint32_t while_value, uint64_t until_ns)
{
	struct timespec t = { (time_t)(until_ns / 1000000000ull),
			      (long)(until_ns % 1000000000ull) };

	/* FUTEX_WAIT_BITSET takes an absolute CLOCK_MONOTONIC time-out, FUTEX_WAIT a relative
	 * one */
	syscall(SYS_futex, word, FUTEX_WAIT_BITSET, while_value, until_ns == UINT64_MAX ? NULL : &t,
		NULL, FUTEX_BITSET_MATCH_ANY);
}

static void futex_set(_Atomic uint32_t *word)
{
	atomic_store(word, 1);
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

void wl_go(struct wl_control *c)
{
	futex_set(&c->go);
}

void wl_stop(struct wl_control *c)
{
	futex_set(&c->stop);
	futex_set(&c->go);
}

void wl_release(struct wl_control *c)
{
	futex_set(&c->release);
}

bool wl_sleep_until(struct wl_ctx *ctx, uint64_t when_ns)
{
	if (ctx->deadline_ns && when_ns > ctx->deadline_ns)
		when_ns = ctx->deadline_ns;
	while (!atomic_load(&ctx->control->stop)) {
		uint64_t now = wl_now_ns();

		if (now >= when_ns)
			break;
		futex_wait(&ctx->control->stop, 0,
			   when_ns - now > SLICE_NS ? now + SLICE_NS : when_ns);
	}
	return wl_more(ctx);
}

/* Wall time since the start of run() at which @active_ns of ON time have passed. */
static uint64_t burst_wall(const struct wl_common *c, uint64_t active_ns)
{
	return active_ns / c->burst_on_ns * (c->burst_on_ns + c->burst_off_ns) +
	       active_ns % c->burst_on_ns;
}

bool wl_pace(struct wl_ctx *ctx, uint64_t ops, uint64_t bytes)
{
	const struct wl_common *c = ctx->common;
	bool burst = c->burst_on_ns && c->burst_off_ns;
	uint64_t due = 0, now, phase;

	if (c->rate.per_s <= 0 && !burst)
		return wl_more(ctx);
	if (c->rate.per_s > 0) {
		double at = ctx->pace_done / c->rate.per_s * 1e9;

		/* at a rate near zero the next operation would be due later than a uint64_t can
		 * say */
		due = at < 0x1p62 ? (uint64_t)at : (uint64_t)1 << 62;
		if (burst)
			due = burst_wall(c, due);
		ctx->pace_done += (double)(c->rate.bytes ? bytes : ops);
	}
	now = wl_now_ns() - ctx->pace_begin_ns;
	if (burst && due <= now) {
		phase = now % (c->burst_on_ns + c->burst_off_ns);
		if (phase >= c->burst_on_ns)
			due = now - phase + c->burst_on_ns + c->burst_off_ns;
	}
	if (due <= now)
		return wl_more(ctx);
	return wl_sleep_until(ctx, ctx->pace_begin_ns + due);
}

uint64_t wl_bytes(const struct wl_ctx *ctx, const struct opt_size *s)
{
	uint64_t all = opt_size_bytes(s, ctx->env->ram_bytes, ctx->env->node_bytes),
		 page = ctx->env->page_bytes;
	uint64_t one = wl_share(ctx, all);

	return (one + page - 1) / page * page;
}

/* @total up to @part of @all, rounded up: the first instances take what does not divide. */
static uint64_t up_to(uint64_t total, uint64_t part, uint64_t all)
{
	return (uint64_t)(((unsigned __int128)total * part + all - 1) / all);
}

uint64_t wl_share(const struct wl_ctx *ctx, uint64_t total)
{
	const struct wl_env *env = ctx->env;

	return up_to(total, env->share_end, env->share_all) -
	       up_to(total, env->share_begin, env->share_all);
}

int wl_map_anon(struct wl_ctx *ctx, size_t bytes, void **out, struct err *e)
{
	size_t page = ctx->env->page_bytes;
	void *p;

	*out = NULL;
	if (bytes > SIZE_MAX - page)
		return err_set(e, -EINVAL, "%zu bytes do not fit in an address space", bytes);
	bytes = (bytes + page - 1) / page * page;
	/* the policy is the task's (wl_place), so that page cache and page tables follow it as
	 * well */
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		 -1, 0);
	if (p == MAP_FAILED)
		return err_sys(e, -errno, "mmap of %zu bytes", bytes);
	*out = p;
	return 0;
}

int wl_needs_fs(const struct wl_ctx *ctx, struct err *why)
{
	if (!ctx->env->fs_dir)
		return err_set(why, -ENOENT, "needs a file system under test, the run has none");
	return 0;
}

char *wl_own_path(const struct wl_ctx *ctx, const char *under)
{
	char *name = xstrdup(ctx->name), *dir;

	for (char *p = name; *p; p++)
		if (*p == '/' || *p == '.' || (unsigned char)*p <= ' ')
			*p = '_';
	dir = xasprintf("%s/%s.%u", under, name, ctx->instance);
	free(name);
	return dir;
}

int wl_own_dir(const struct wl_ctx *ctx, const char *under, char **dir, struct err *e)
{
	char *path = wl_own_path(ctx, under);
	int ret = mkdir(path, 0700) < 0 ? -errno : 0;

	if (ret == -EEXIST)
		err_set(e, ret,
			"%s is there already, and a workload uses and removes only a folder that it made",
			path);
	else if (ret)
		err_sys(e, ret, "%s", path);
	if (ret)
		free(path);
	*dir = ret ? NULL : path;
	return ret;
}

void wl_random_fill(void *to, size_t len, uint64_t key)
{
	uint64_t word;
	size_t at = 0;

	for (uint64_t i = 0; at < len; i++, at += sizeof(word)) {
		word = rng_at(key, i);
		memcpy((char *)to + at, &word, len - at < sizeof(word) ? len - at : sizeof(word));
	}
}

uint64_t wl_meminfo(const char *name)
{
	char text[8192], *p;
	int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	size_t len = strlen(name);

	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	for (p = text; p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (!strncmp(p, name, len) && p[len] == ':') {
			uint64_t v = strtoull(p + len + 1, &p, 10);

			return strncmp(p, " kB", 3) ? v : v * 1024;
		}
	}
	return 0;
}

static _Noreturn void leave(struct wl_ctx *ctx, int state, const struct err *e)
{
	if (e)
		snprintf(ctx->slot->error, sizeof(ctx->slot->error), "%.*s",
			 (int)sizeof(ctx->slot->error) - 1, e->msg);
	atomic_store(&ctx->slot->state, state);
	_exit(state == WL_DONE ? 0 : state == WL_SKIPPED ? 77 : 1);
}

/* Writes to the result pages before run(), which must never wait for one of them. */
static void touch_results(struct wl_slot *s, size_t page)
{
	volatile char *p = (volatile char *)s;

	for (size_t i = 0; i < sizeof(*s); i += page)
		p[i] = p[i];
	p[sizeof(*s) - 1] = p[sizeof(*s) - 1];
}

/* Resets signals: the runner's set-up (blocked for a signalfd, handlers) must not reach the tools
 * that are started. */
static void plain_signals(void)
{
	static const int sig[] = { SIGTERM, SIGHUP, SIGCHLD, SIGALRM, SIGQUIT, SIGUSR1, SIGUSR2 };
	sigset_t none;

	for (size_t i = 0; i < ARRAY_SIZE(sig); i++)
		signal(sig[i], SIG_DFL);
	/* Ctrl-C is for the runner, which then stops its instances in order */
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int run_timed(struct wl_ctx *ctx, struct err *e)
{
	const struct wl_common *c = ctx->common;
	int ret;

	while (!atomic_load(&ctx->control->go))
		futex_wait(&ctx->control->go, 0, UINT64_MAX);
	if (c->start_ns)
		wl_sleep_until(ctx, wl_now_ns() + c->start_ns);
	if (atomic_load(&ctx->control->stop))
		return 0;
	ctx->slot->start_ns = wl_now_ns();
	ctx->pace_begin_ns = ctx->slot->start_ns;
	ctx->deadline_ns = c->seconds_ns ? ctx->slot->start_ns + c->seconds_ns : 0;
	atomic_store(&ctx->slot->state, WL_RUNNING);
	ret = ctx->wl->run(ctx, e);
	ctx->slot->end_ns = wl_now_ns();
	return ret;
}

_Noreturn void wl_child(struct wl_ctx *ctx)
{
	struct err e = ERR_INIT;
	pid_t parent = getppid();
	int ret;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1); /* the runner died between fork() and prctl() */
	plain_signals();
	ctx->slot->pid = getpid();
	ctx->rng = rng_make(ctx->env->seed ^ fnv1a(FNV_INIT, ctx->name, strlen(ctx->name)),
			    ctx->instance);
	touch_results(ctx->slot, ctx->env->page_bytes);
	if (wl_place(ctx->common, ctx->instance, &e))
		leave(ctx, WL_FAILED, &e);
	if (ctx->wl->supported && ctx->wl->supported(ctx, &e))
		leave(ctx, WL_SKIPPED, &e);
	ret = ctx->wl->setup ? ctx->wl->setup(ctx, &e) : 0;
	if (!ret) {
		atomic_store(&ctx->slot->state, WL_READY);
		ret = run_timed(ctx, &e);
	}
	if (!ret) {
		/* the window ends, and kswapd is watched until it sleeps, with the memory still in
		 * use */
		atomic_store(&ctx->slot->state, WL_DONE);
		while (!atomic_load(&ctx->control->release))
			futex_wait(&ctx->control->release, 0, UINT64_MAX);
	}
	if (ctx->wl->teardown)
		ctx->wl->teardown(ctx);
	leave(ctx, !ret ? WL_DONE : ret == -EOPNOTSUPP ? WL_SKIPPED : WL_FAILED, ret ? &e : NULL);
}
