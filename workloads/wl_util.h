/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Helpers that the workloads share; the runner needs none of them. */
#ifndef WMARK_WORKLOADS_WL_UTIL_H
#define WMARK_WORKLOADS_WL_UTIL_H

#include "workloads/workload.h"

/*
 * Puts the calling process, instance @number of its workload, where wl_common says: memory policy
 * (inherited by exec), CPUs, oom_score_adj. A node that does not exist or has no memory (or no CPU)
 * is -EINVAL; the message lists the nodes that would do.
 */
int wl_place(const struct wl_common *c, unsigned number, struct err *e);

/* For supported(): 0, or -ENOENT when the run has no file system under test. */
int wl_needs_fs(const struct wl_ctx *ctx, struct err *why);

/* "UNDER/NAME.INSTANCE", unique to the instance; malloc'ed. */
char *wl_own_path(const struct wl_ctx *ctx, const char *under);

/*
 * For setup(): makes the folder wl_own_path() with plain mkdir(2). *dir is malloc'ed, or NULL on
 * error: a folder that was there before (-EEXIST) belongs to somebody else. So teardown() removes a
 * *dir that is not NULL, and nothing else.
 */
int wl_own_dir(const struct wl_ctx *ctx, const char *under, char **dir, struct err *e);

/* This instance's share of @total indivisible items; the shares of all instances add up to it. */
uint64_t wl_share(const struct wl_ctx *ctx, uint64_t total);

/* Writes @len bytes from the counter-based stream @key: incompressible, the same on every
 * machine. */
void wl_random_fill(void *to, size_t len, uint64_t key);

/* Value of "NAME: N kB" in /proc/meminfo, in bytes (N itself where there is no kB); 0 when absent.
 * No allocation. */
uint64_t wl_meminfo(const char *name);

/* Adds a named result number. The last value of a name counts; white space and control characters
 * become '_'; names are cut to WL_NOTE_NAME. */
void wl_slot_note(struct wl_slot *s, const char *name, double value);

/* Options of the access pattern, which anon and file share. */
struct wl_pattern_cfg {
	int pattern;
	double theta, hot_share, hot_odds;
};
/* clang-format off */
#define WL_PATTERN_OPTS(S) \
	OPT_ENUM(S, pat.pattern, "pattern", 0, "seq", wl_pattern_names, "order of the accesses"), \
	OPT_FLOAT(S, pat.theta, "theta", 0, "0.99", 0.01, 0.9999, "skew of pattern zipf"), \
	OPT_FLOAT(S, pat.hot_share, "hot_share", 0, "0.1", 0.0001, 0.9999, \
		"pattern hotcold: share of the memory that is hot"), \
	OPT_FLOAT(S, pat.hot_odds, "hot_odds", 0, "0.9", 0.0001, 0.9999, \
		"pattern hotcold: share of the accesses that go there")
/* clang-format on */
static inline void wl_pattern_init(struct wl_walk *w, const struct wl_pattern_cfg *p, uint64_t nr)
{
	wl_walk_init(w, (enum wl_pattern)p->pattern, nr, p->theta, p->hot_share, p->hot_odds);
}

#endif
