/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sampler: a thread that reads counters on an absolute timerfd schedule and writes delta-coded
 * lines. It lives under the pressure that it measures: it opens every source once and preads it
 * into preallocated, touched, locked buffers; its loop does no allocation, stdio or path look-up;
 * it runs as SCHED_FIFO and with oom_score_adj -1000 where allowed.
 */
#ifndef WMARK_SAMPLE_SAMPLER_H
#define WMARK_SAMPLE_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/opt.h"
#include "archive/archive.h"
#include "sample_sources.h"

/* Scenario section [sample]. */
struct sample_cfg {
#define SAMPLE_PERIOD_FIELD(name) uint64_t name##_ns;
	/*
	 * vmstat_ns, kswapd_ns ...: periods of sources (sample/source.h), at least 1 ms; 0 = source
	 * left out
	 */
	SAMPLE_PERIODS(SAMPLE_PERIOD_FIELD)
	/*
	 * cgroup path below /sys/fs/cgroup whose memory.stat and memory.events are sampled; "" =
	 * none
	 */
	const char *memcg;
	bool realtime; /* try SCHED_FIFO and mlock; default yes */
	/*
	 * event counts and stalls from hist triggers (sample/trace.h); the caller of
	 * sampler_start() sets the triggers
	 */
	bool trace;
	uint64_t trace_ns;     /* period of the counts; not 0 */
	const char *trace_dir; /* trace_dir(); NULL = no counts */
};
/* names: those of the periods, then memcg_path realtime trace trace_period */
extern const struct opt_desc sample_opts[];

/*
 * Finds the kernel threads kswapdN below @root by comm, in the order of nodes. *out is malloc'ed.
 * Returns their number.
 */
struct sampler_kswapd {
	int node;
	long pid;
};
size_t sampler_find_kswapds(const char *root, struct sampler_kswapd **out);

struct sampler;

struct sampler_stats {
	uint64_t ticks, missed; /* sums over all sources */
	uint64_t late_p50_us, late_p99_us, late_max_us;
	uint64_t cpu_ns;   /* CLOCK_THREAD_CPUTIME_ID of the sampler thread */
	bool fifo, locked; /* what the kernel granted */
};

/*
 * Opens the sources below @root (NULL = this machine), learns their keys, writes src and d lines,
 * takes the first sample of each and starts the thread. A source that does not exist is left out
 * and named in an event `source.absent`; a refusal (FIFO, mlock) is named in `sampler.note`.
 * kswapdN threads are found by comm. oom_score_adj belongs to the process: the caller sets it.
 */
int sampler_start(struct sampler **out, const struct sample_cfg *cfg, const char *root,
		  struct archive_writer *w, struct err *e);
/*
 * Marks an edge of the window: writes vm.stat_refresh (where it exists and is writable), samples
 * every source once, writes `e T mark NAME`, then returns. @name: 1 to 127 bytes; control bytes and
 * backslashes become _.
 */
int sampler_mark(struct sampler *s, const char *name, struct err *e);
/* Stops the thread, writes the final `sampler.*` events (late_p99_us ...), frees. */
int sampler_stop(struct sampler *s, struct sampler_stats *stats, struct err *e);

/*
 * For tests and bench/perf: a sampler without a thread. sampler_pass() makes one pass over all
 * sources now and returns bytes read or -errno. Close it with sampler_stop().
 */
int sampler_open_manual(struct sampler **out, const struct sample_cfg *cfg, const char *root,
			struct archive_writer *w, struct err *e);
long sampler_pass(struct sampler *s, struct err *e);

#endif
