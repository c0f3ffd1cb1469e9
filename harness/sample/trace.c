/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets the triggers of trace.h, reads the stall histogram at the edges of the window, and removes
 * all again.
 */
#include "sample/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/hist.h"
#include "probe/probe.h"
#include "sample/trace_place.h"

/* Room for about 6000 different stalls, allocated before the pressure begins */
#define TEXT_BYTES ((size_t)256 << 10)

struct trace {
	struct trace_place at;
	int lock; /* keeps trace_sweep() of other processes off our instance; -1 = none */
	bool counts, stalls;
	char *why; /* why something is missing; NULL = nothing is */
	struct buf text;
	struct probe_hist first, last;
	uint64_t first_lost;
	bool has_first;
};

/*
 * Sizes are numbers of entries, 2^7 to 2^17 (kernel/trace/trace_events_hist.c parse_map_size()).
 * Events without room are counted as dropped. Each read of a hist file allocates that many pointers
 * in the kernel, so the hist files that are read every second are small.
 */
#define BY_NODE "hist:keys=nid:sort=nid:size=128"
#define BY_TASK "hist:keys=common_pid%s:sort=common_pid:size=1024"

static void trouble(struct trace *t, const char *what, const struct err *e)
{
	if (!t->why)
		t->why = e ? xasprintf("%s: %s", what, e->msg) : xstrdup(what);
}

static int set_trigger(const struct trace_place *at, const char *event, const char *text,
		       struct err *e)
{
	char *path = trace_event_file(at, event, "trigger");
	int ret = fs_exists(path) ? fs_poke(path, text, NULL) : -ENOENT;

	free(path);
	if (ret == -ENOENT)
		return err_set(e, ret, "this kernel has no event %s", event);
	if (ret) /* do not print the path: it holds a process number */
		return err_set(e, ret, "event %s: trigger: %s", event, strerror(-ret));
	return 0;
}

static bool has_hist(const struct trace_place *at)
{
	char *path = trace_event_file(at, TRACE_EVENT_WAKE, "hist");
	bool yes = fs_exists(path);

	free(path);
	return yes;
}

/*
 * Makes the event that carries the length of a stall from the end of a direct reclaim to a
 * histogram of lengths.
 */
static int make_synthetic(const struct trace_place *at, struct err *e)
{
	char *path = xasprintf("%s/synthetic_events", at->tracefs),
	     *text = xasprintf("%s u64 us", at->synth);
	int ret = fs_poke(path, text,
			  NULL); /* without O_TRUNC, which would remove other users' events */

	if (ret == -ENOENT)
		err_set(e, ret, "this kernel has no synthetic events (CONFIG_SYNTH_EVENTS, 4.17)");
	else if (ret)
		err_set(e, ret, "synthetic_events: %s", strerror(-ret));
	free(text);
	free(path);
	return ret;
}

/*
 * Sets the triggers that take the length of a direct reclaim from its begin and its end in the same
 * task; clock mono is CLOCK_MONOTONIC.
 */
static int set_stalls(const struct trace_place *at, struct err *e)
{
	char *begin = xasprintf(BY_TASK ":clock=mono", ":t0=common_timestamp.usecs");
	char *end = xasprintf(BY_TASK
			      ":clock=mono:onmatch(vmscan.mm_vmscan_direct_reclaim_begin).%s($us)",
			      ":us=common_timestamp.usecs-$t0", at->synth);
	char *event = xasprintf("synthetic/%s", at->synth);
	int ret = make_synthetic(at, e);

	if (!ret)
		ret = set_trigger(at, TRACE_EVENT_BEGIN, begin, e);
	if (!ret)
		ret = set_trigger(at, TRACE_EVENT_END, end, e);
	if (!ret)
		ret = set_trigger(at, event, "hist:keys=us:sort=us:size=8192", e);
	free(begin);
	free(end);
	free(event);
	return ret;
}

static int set_counts(const struct trace_place *at, bool stalls, struct err *e)
{
	char *by_task = xasprintf(BY_TASK, "");
	int ret = set_trigger(at, TRACE_EVENT_WAKE, BY_NODE, e);

	if (!ret)
		ret = set_trigger(at, TRACE_EVENT_SLEEP, BY_NODE, e);
	if (!ret && !stalls)
		ret = set_trigger(at, TRACE_EVENT_BEGIN, by_task, e);
	if (!ret && !stalls)
		ret = set_trigger(at, TRACE_EVENT_END, by_task, e);
	free(by_task);
	return ret;
}

static int make_instance(struct trace *t, struct err *e)
{
	char *size = xasprintf("%s/buffer_size_kb", t->at.dir),
	     *parent = xasprintf("%s/instances", t->at.tracefs);
	int ret = 0;

	if (!fs_is_dir(parent))
		ret = err_set(e, -ENOENT, "this kernel has no trace instances (3.10)");
	else if (mkdir(t->at.dir, 0700) < 0)
		ret = err_set(e, -errno, "instance: %s", strerror(errno));
	if (!ret) {
		t->at.made = true;
		t->lock = open(t->at.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (t->lock < 0 || flock(t->lock, LOCK_EX | LOCK_NB) < 0)
			ret = err_set(e, -errno, "instance: locking: %s", strerror(errno));
		fs_poke(size, "4", NULL); /* no event is ever stored in it */
	}
	free(size);
	free(parent);
	return ret;
}

static int set_up(struct trace *t, const struct trace_conf *c, struct err *e)
{
	size_t nr;
	int ret = trace_find(&t->at, c->root, c->own_instance ? getpid() : 0, e);

	if (ret)
		return ret;
	if (!has_hist(&(const struct trace_place){ .dir = t->at.tracefs }))
		return err_set(e, -ENOENT,
			       "this kernel has no hist triggers (CONFIG_HIST_TRIGGERS)");
	if (c->own_instance) {
		trace_sweep(c->root, &nr, NULL); /* what cannot be removed does no harm here */
		return make_instance(t, e);
	}
	t->at.made = true;
	return 0;
}

struct trace *trace_open(const struct trace_conf *c)
{
	struct trace *t = xcalloc(1, sizeof(*t));
	struct err e = ERR_INIT;

	*t = (struct trace){ .lock = -1, .text = BUF_INIT };
	trace_place_init(&t->at);
	if (set_up(t, c, &e)) {
		trouble(t, "tracefs", &e);
		return t;
	}
	t->stalls = !set_stalls(&t->at, &e);
	if (!t->stalls) {
		trouble(t, "stalls", &e);
		trace_undo_stalls(&t->at, NULL);
	}
	t->counts = !set_counts(&t->at, t->stalls, &e);
	if (!t->counts)
		trouble(t, "counts", &e);
	if (t->stalls) {
		buf_reserve(&t->text, TEXT_BYTES);
		memset(t->text.data, 0, t->text.cap); /* touch it now, not under pressure */
	}
	return t;
}

const char *trace_dir(const struct trace *t)
{
	return t->counts ? t->at.dir : NULL;
}

void trace_header(const struct trace *t, struct archive_writer *w)
{
	archive_header(w, "trace.counts", "%s", t->counts ? "yes" : "no");
	archive_header(w, "trace.stalls", "%s", t->stalls ? "yes" : "no");
	if (t->why)
		archive_header(w, "trace.reason", "%s", t->why);
}

/* ---------------------------------------------------------------- stalls */

static int read_hist(struct trace *t, const char *event, struct probe_hist *h, struct err *e)
{
	char *path = trace_event_file(&t->at, event, "hist");
	int ret;

	buf_reset(&t->text);
	ret = fs_read(path, &t->text, NULL);
	if (ret)
		err_set(e, ret, "%s: %s", event, strerror(-ret));
	else if (probe_hist_load(h, t->text.data, t->text.len, e))
		ret = err_wrap(e, -EINVAL, "%s", event);
	free(path);
	return ret;
}

/*
 * Reads the histogram of lengths, and the number of events that are not in it: a stall without an
 * entry in any of the three is lost.
 */
static int read_stalls(struct trace *t, struct probe_hist *h, uint64_t *lost, struct err *e)
{
	char *event = xasprintf("synthetic/%s", t->at.synth);
	struct probe_hist tasks = { .v = NULL };
	int ret = read_hist(t, event, h, e);

	*lost = h->dropped;
	for (size_t i = 0; i < 2 && !ret; i++) {
		ret = read_hist(t, i ? TRACE_EVENT_END : TRACE_EVENT_BEGIN, &tasks, e);
		*lost += tasks.dropped;
	}
	free(tasks.v);
	free(event);
	return ret;
}

static int by_key(const void *pa, const void *pb)
{
	const struct probe_hist_entry *a = pa, *b = pb;

	return (a->key > b->key) - (a->key < b->key);
}

static uint64_t hits_of(const struct probe_hist *h, uint64_t key)
{
	const struct probe_hist_entry want = { .key = key };
	const struct probe_hist_entry *at =
		h->nr ? bsearch(&want, h->v, h->nr, sizeof(want), by_key) : NULL;

	return at ? at->hits : 0;
}

bool trace_subtract(struct probe_hist *before, const struct probe_hist *after, struct hist *ns)
{
	uint64_t sum = 0;

	hist_reset(ns);
	if (before->nr)
		qsort(before->v, before->nr, sizeof(*before->v), by_key);
	for (size_t i = 0; i < after->nr; i++) {
		uint64_t had = hits_of(before, after->v[i].key), us = after->v[i].key;

		if (had > after->v[i].hits)
			return false;
		/* the kernel wrote the text, but a clock that went back must not wrap the sum */
		hist_add(ns, us < UINT64_MAX / 1000 ? us * 1000 : UINT64_MAX / 1000,
			 after->v[i].hits - had);
	}
	for (size_t i = 0; i < after->nr; i++)
		sum += after->v[i].hits;
	for (size_t i = 0; i < before->nr; i++)
		sum -= before->v[i].hits;
	return ns->count == sum; /* no entry is gone */
}

void trace_begin(struct trace *t)
{
	struct err e = ERR_INIT;

	if (!t || !t->stalls)
		return;
	t->has_first = !read_stalls(t, &t->first, &t->first_lost, &e);
	if (!t->has_first)
		trouble(t, "begin of the window", &e);
}

void trace_end(struct trace *t, struct archive_writer *w)
{
	struct err e = ERR_INIT;
	struct hist *ns;
	uint64_t lost;

	if (!t || !t->stalls)
		return;
	ns = xmalloc(sizeof(*ns));
	if (!t->has_first)
		archive_event(w, "trace.lost", "%s", t->why);
	else if (read_stalls(t, &t->last, &lost, &e))
		archive_event(w, "trace.lost", "end of the window: %s", e.msg);
	else if (lost < t->first_lost || !trace_subtract(&t->first, &t->last, ns))
		archive_event(w, "trace.lost", "the stall histogram was cleared by somebody else");
	else {
		lost -= t->first_lost;
		archive_result(w, ARCHIVE_KERNEL, 0, TRACE_STALLS_KEY, (double)ns->count);
		archive_result(w, ARCHIVE_KERNEL, 0, TRACE_LOST_KEY, (double)lost);
		if (ns->count)
			archive_hist(w, ARCHIVE_KERNEL, 0, TRACE_STALL_KIND, ns);
	}
	free(ns);
}

/* ---------------------------------------------------------------- end */

int trace_close(struct trace *t, struct err *e)
{
	int ret;

	if (!t)
		return 0;
	ret = t->at.tracefs ? trace_undo(&t->at, e) : 0;
	if (t->lock >= 0)
		close(t->lock);
	trace_place_release(&t->at);
	buf_release(&t->text);
	free(t->first.v);
	free(t->last.v);
	free(t->why);
	free(t);
	return ret;
}
