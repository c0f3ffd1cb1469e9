/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs workloads for test_workloads*.c as wmark does: forked, through wl_child(), with results in
 * shared memory. */
#ifndef WMARK_TEST_TEST_WORKLOADS_H
#define WMARK_TEST_TEST_WORKLOADS_H

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "workloads/workload.h"

struct wl_shared {
	struct wl_control control;
	struct wl_slot slot[4];
};

struct wl_run {
	struct wl_shared *sh;
	const struct workload *wl;
	struct wl_common common;
	struct wl_env env;
	void *cfg;
	char dir[64];
	pid_t pid[4];
	int status[4];
	struct rusage usage; /* of instance 0 */
};

/* @options: "name", "value", ..., NULL; names of the workload or common ones. */
static inline void wl_run_init(struct wl_run *r, const char *name, const char *const *options)
{
	memset(r, 0, sizeof(*r));
	r->wl = workload_find(name);
	cr_assert(r->wl != NULL, "no workload %s", name);
	r->sh = mmap(NULL, sizeof(*r->sh), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	cr_assert(r->sh != MAP_FAILED);
	r->cfg = xcalloc(1, r->wl->cfg_size);
	opt_defaults(r->wl->opts, r->cfg);
	opt_defaults(wl_common_opts, &r->common);
	for (; options && *options; options += 2) {
		struct err e = ERR_INIT;
		int ret = opt_set(r->wl->opts, r->cfg, options[0], options[1], &e);

		if (ret == -ENOENT)
			ret = opt_set(wl_common_opts, &r->common, options[0], options[1], &e);
		cr_assert_eq(ret, 0, "%s: %s", options[0], e.msg);
	}
	strcpy(r->dir, "/tmp/wmark-test-XXXXXX");
	cr_assert(mkdtemp(r->dir) != NULL);
	r->env = (struct wl_env){ .ram_bytes = 64 << 20,
				  .node_bytes = 32 << 20,
				  .page_bytes = (uint64_t)getpagesize(),
				  .fs_dir = r->dir,
				  .tmp_dir = r->dir,
				  .seed = 42 };
}

static inline void wl_run_start(struct wl_run *r)
{
	for (unsigned i = 0; i < (unsigned)r->common.instances; i++) {
		struct wl_ctx ctx = { .wl = r->wl,
				      .cfg = r->cfg,
				      .common = &r->common,
				      .env = &r->env,
				      .control = &r->sh->control,
				      .slot = &r->sh->slot[i],
				      .name = "w",
				      .instance = i };

		r->env.share_all = (uint64_t)r->common.instances;
		r->env.share_begin = i;
		r->env.share_end = i + 1;
		r->pid[i] = fork();
		cr_assert(r->pid[i] >= 0);
		if (!r->pid[i])
			wl_child(&ctx);
	}
}

static inline void wl_run_wait(struct wl_run *r)
{
	wl_release(&r->sh->control);
	for (unsigned i = 0; i < (unsigned)r->common.instances; i++)
		cr_assert_eq(wait4(r->pid[i], &r->status[i], 0, i ? NULL : &r->usage), r->pid[i]);
}

static inline void wl_run_end(struct wl_run *r)
{
	fs_remove_tree(r->dir, NULL);
	opt_release(r->wl->opts, r->cfg);
	free(r->cfg);
	munmap(r->sh, sizeof(*r->sh));
}

static inline void wl_run_sleep_ms(unsigned ms)
{
	nanosleep(&(struct timespec){ ms / 1000, (long)(ms % 1000) * 1000000 }, NULL);
}

/* Waits until instance @i is in @state or later. */
static inline void wl_run_until(const struct wl_run *r, unsigned i, int state)
{
	for (int k = 0; k < 5000 && atomic_load(&r->sh->slot[i].state) < state; k++)
		wl_run_sleep_ms(1);
	cr_assert(atomic_load(&r->sh->slot[i].state) >= state, "state %d",
		  atomic_load(&r->sh->slot[i].state));
}

/* Runs a workload to its end; the slots stay readable until wl_run_end(). */
static inline void wl_run_all(struct wl_run *r, const char *name, const char *const *options)
{
	wl_run_init(r, name, options);
	wl_run_start(r);
	wl_go(&r->sh->control);
	wl_run_wait(r);
}

static inline int wl_run_code(const struct wl_run *r, unsigned i)
{
	return WIFEXITED(r->status[i]) ? WEXITSTATUS(r->status[i]) : -WTERMSIG(r->status[i]);
}

static inline double wl_run_note(const struct wl_run *r, const char *name)
{
	for (uint32_t i = 0; i < r->sh->slot[0].nr_notes; i++)
		if (!strcmp(r->sh->slot[0].note[i].name, name))
			return r->sh->slot[0].note[i].value;
	cr_assert_fail("no note %s", name);
	return 0;
}

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif
#ifndef WITH_ASAN
#define WITH_ASAN 0
#endif

#define OPTIONS(...) ((const char *const[]){ __VA_ARGS__, NULL })

#endif
