/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plug-in interface of pressure generators. One workload = one file workloads/NAME.c that ends
 * in `const struct workload workload_NAME`. The Makefile makes the registry from the file list
 * (files named wl_*.c are helpers). Life of an instance, in a child process of its own:
 *
 *   supported() -> setup() -> barrier -> run() to !wl_more() or its goal -> hold -> teardown()
 *
 * setup() may allocate and is not counted; run() must not allocate. All results live in memory
 * shared with the runner (struct wl_slot), so an instance killed by the OOM killer leaves what it
 * had counted. Includes only base/.
 */
#ifndef WMARK_WORKLOADS_WORKLOAD_H
#define WMARK_WORKLOADS_WORKLOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/hist.h"
#include "base/opt.h"
#include "base/rng.h"

#define WL_KINDS_MAX 4	/* op kinds a workload may have */
#define WL_NOTES_MAX 96 /* named result numbers beside the op counts */
#define WL_NOTE_NAME 56

struct wl_ctx;

struct workload {
	const char *name;    /* = file name = scenario `type =` */
	const char *summary; /* one line */
	/* NULL-terminated names of op kinds ("touch", "read" ...), <= WL_KINDS_MAX */
	const char *const *kinds;
	/* options of cfg; every workload has the common ones as well */
	const struct opt_desc *opts;
	size_t cfg_size;
	/* The next two are written to the archive (results/README.md), because its readers do not
	 * know the types of workloads. */
	bool background; /* never ends by itself: the runner treats it as `background = yes` */
	/* the kind of those operations that took longer than a threshold, and that another kind has
	 * counted already: only their number is judged; NULL = no such kind */
	const char *slow;
	/*
	 * supported(): 0, or -errno with the reason why this machine or this cfg cannot do it (a
	 * SKIP, not a failure). NULL = always. setup() and run() may also find this out, and then
	 * return -EOPNOTSUPP. teardown() also follows a failed setup(): it must accept a half-made
	 * or NULL ctx->priv.
	 */
	int (*supported)(const struct wl_ctx *ctx, struct err *why);
	int (*setup)(struct wl_ctx *ctx, struct err *e);
	int (*run)(struct wl_ctx *ctx, struct err *e);
	void (*teardown)(struct wl_ctx *ctx); /* NULL = nothing to do */
};

extern const struct workload
	*const workload_table[]; /* NULL-terminated, sorted by name; generated */
const struct workload *workload_find(const char *name);

/* Placement of memory (libnuma): where the pages of setup() and run() may come from. */
enum wl_policy { WL_LOCAL, WL_BIND, WL_PREFERRED, WL_INTERLEAVE, WL_SPREAD };
extern const char *const wl_policy_names[]; /* in that order, ended by NULL */
/* Does it need a list of nodes? Interleave and spread take all nodes when there is none. */
bool wl_policy_needs_nodes(int policy);

/* Options that every workload has (wl_common_opts). */
struct wl_common {
	int64_t instances;
	int policy; /* enum wl_policy */
	/* node list "1" or "0-1"; "" = all; see wl_policy_needs_nodes() */
	const char *nodes;
	const char *cpus;		    /* run on the CPUs of these nodes; "" = anywhere */
	struct opt_rate rate;		    /* 0 = as fast as it can (saturated) */
	uint64_t burst_on_ns, burst_off_ns; /* work for ON, pause for OFF; 0 = steady */
	uint64_t start_ns;		    /* begin this long after the barrier */
	uint64_t seconds_ns; /* `duration`: stop run() after this time; 0 = when the work is done */
	/* never ends by itself: the window does not wait for it; it is stopped at the end */
	bool background;
	int64_t oom_adj; /* oom_score_adj of the instance, default 1000 */
};
extern const struct opt_desc wl_common_opts[];
/* The node of instance @number with WL_SPREAD; -1: `nodes` is wrong, or the kernel has no NUMA. */
int wl_spread_node(const struct wl_common *c, unsigned number);

/* What the machine offers, filled by the runner. */
struct wl_env {
	uint64_t ram_bytes; /* MemTotal */
	/*
	 * MemTotal of the first node of `nodes`, or of the smallest node with memory; with
	 * WL_SPREAD of all its nodes together
	 */
	uint64_t node_bytes;
	/*
	 * The part of sizes and counts that falls to this instance: from share_begin to share_end
	 * of share_all. Equal parts; with WL_SPREAD as the memory of the instances' nodes.
	 */
	uint64_t share_begin, share_end, share_all;
	uint64_t page_bytes;
	const char *fs_dir; /* a directory on the file system under test; NULL when there is none */
	const char *tmp_dir; /* a directory for small files outside it (logs of external tools) */
	uint64_t seed;	     /* of the run */
};

enum wl_state { WL_NEW, WL_READY, WL_RUNNING, WL_DONE, WL_FAILED, WL_SKIPPED };

struct wl_note {
	char name[WL_NOTE_NAME];
	double value;
};

/* One per instance, in memory shared between runner and child. */
struct wl_slot {
	_Atomic int state; /* enum wl_state */
	pid_t pid;
	/* process group of the tool that the instance runs (exec); 0 = none. A process that
	 * SIGKILLs the instance must also end the tool with kill(-tool_pgid, SIGKILL): PDEATHSIG
	 * reaches the tool, not its children */
	_Atomic pid_t tool_pgid;
	int wait_status;	   /* of waitpid(), filled by the runner */
	uint64_t start_ns, end_ns; /* CLOCK_MONOTONIC around run() */
	uint64_t ops[WL_KINDS_MAX], bytes[WL_KINDS_MAX], failures[WL_KINDS_MAX];
	uint32_t nr_notes;
	struct wl_note note[WL_NOTES_MAX];
	char error[256];		/* why WL_FAILED or WL_SKIPPED */
	struct hist hist[WL_KINDS_MAX]; /* latency, ns */
};

/* Shared by all instances of a run. */
struct wl_control {
	_Atomic uint32_t go;   /* futex: 0 wait, 1 run */
	_Atomic uint32_t stop; /* 1 = leave run() soon */
	/* futex: 1 = teardown() may give the memory back; until then a finished instance holds
	 * it */
	_Atomic uint32_t release;
};

struct wl_ctx {
	const struct workload *wl;
	const void *cfg; /* wl->cfg_size bytes, parsed */
	const struct wl_common *common;
	const struct wl_env *env;
	struct wl_control *control;
	struct wl_slot *slot;
	const char *name;  /* section name of the scenario */
	unsigned instance; /* 0 .. instances - 1 */
	struct rng rng;	   /* seeded by wl_child() from run seed, section name and instance */
	void *priv;	   /* of the workload */
	/* pacing, owned by wl_pace() */
	uint64_t pace_begin_ns, deadline_ns;
	double pace_done;
};

/* --- for workloads --- */

uint64_t wl_now_ns(void); /* CLOCK_MONOTONIC */

/*
 * False when the instance must leave run(): stop flag or `duration` over. Cheap: two loads and,
 * with duration, a clock read.
 */
bool wl_more(struct wl_ctx *ctx);

/* Counts @n operations of @kind that moved @bytes in all; @ns > 0 also enters the latency of ONE
 * operation @n times. */
void wl_op(struct wl_ctx *ctx, unsigned kind, uint64_t n, uint64_t bytes, uint64_t ns);
/* counts operations that the kernel refused */
void wl_fail(struct wl_ctx *ctx, unsigned kind, uint64_t n);

/*
 * Sleeps as long as `rate` and `burst_*` demand before the next @ops operations of @bytes in all
 * may begin (absolute schedule from the start of run(): a late instance catches up; `rate` counts
 * ON time only). Returns wl_more().
 */
bool wl_pace(struct wl_ctx *ctx, uint64_t ops, uint64_t bytes);

/* Adds a named result number (unit in the name: "sreclaimable_growth_bytes"); the last value of a
 * name counts. */
void wl_note(struct wl_ctx *ctx, const char *name, double value);

/* Makes an anonymous mapping under the instance's policy, with MAP_NORESERVE; *out = NULL on error.
 * The length is rounded up to pages. */
int wl_map_anon(struct wl_ctx *ctx, size_t bytes, void **out, struct err *e);

/*
 * Bytes of an OPT_SIZE option for THIS instance: a size is that of all instances of a section
 * together, so it is divided among them (and rounded up to pages).
 */
uint64_t wl_bytes(const struct wl_ctx *ctx, const struct opt_size *s);

/* Sleeps until the absolute CLOCK_MONOTONIC time @when_ns (UINT64_MAX: for good) or until
 * !wl_more(). Returns wl_more(). */
bool wl_sleep_until(struct wl_ctx *ctx, uint64_t when_ns);

/* --- access patterns, workloads/wl_pattern.c --- */
enum wl_pattern { WL_SEQ, WL_UNIFORM, WL_ZIPF, WL_HOTCOLD };
extern const char *const wl_pattern_names[]; /* "seq", "uniform", "zipf", "hotcold", NULL */
struct wl_walk {
	enum wl_pattern pattern;
	/* number of items; next item of a sequential walk */
	uint64_t nr, next;
	double theta, zetan, eta, alpha, zeta2; /* zipf (Gray et al. 1994, as YCSB uses it) */
	/* factor of the scattering bijection i -> i * mul % nr */
	uint64_t mul;
	uint64_t nr_hot;
	/* hotcold: share of items that is hot, share of accesses that go there */
	double hot_share, hot_odds;
};
/* @theta: zipf skew in (0, 1), default .99; @hot_share, @hot_odds in (0, 1). */
void wl_walk_init(struct wl_walk *w, enum wl_pattern pattern, uint64_t nr_items, double theta,
		  double hot_share, double hot_odds);
/* Item index < nr_items; zipf and hot items are scattered by a fixed bijection. */
uint64_t wl_walk_next(struct wl_walk *w, struct rng *r);

/* --- for the runner, workloads/wl_core.c --- */

/*
 * Everything an instance does after fork(): places itself (oom_score_adj, CPUs, policy), calls
 * setup(), waits on control->go, calls run(), holds its memory until control->release, calls
 * teardown(). Never returns: _exit() with 0 = done, 1 = failed, 77 = skipped. The reason is in
 * slot->error.
 */
_Noreturn void wl_child(struct wl_ctx *ctx);

void wl_go(struct wl_control *c); /* opens the barrier for all instances */
/* asks all instances to leave run(); opens the barrier as well */
void wl_stop(struct wl_control *c);
void wl_release(struct wl_control *c); /* finished instances may give their memory back and exit */

#endif
