/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The sampler: a thread that reads counters on an absolute timerfd schedule and writes delta-coded
 * lines. It lives under the pressure it measures: every source is opened once and pread into
 * preallocated, touched, locked buffers; no allocation, stdio or path look-up in the loop;
 * SCHED_FIFO and oom_score_adj -1000 where allowed.
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
	/* vmstat_ns, kswapd_ns ...: periods of sources (sample/source.h), at least 1 ms; 0 = left
	 * out */
	SAMPLE_PERIODS(SAMPLE_PERIOD_FIELD)
	const char *memcg; /* cgroup path below /sys/fs/cgroup whose memory.stat and memory.events
			      are sampled; "" = none */
	bool realtime;	   /* try SCHED_FIFO and mlock; default yes */
	bool trace; /* event counts and stalls by hist triggers (sample/trace.h): whoever starts the
		       sampler sets them */
	uint64_t trace_ns;     /* period of the counts; not 0 */
	const char *trace_dir; /* trace_dir(); NULL = no counts */
};
extern const struct opt_desc sample_opts[]; /* names: those of the periods, then memcg_path
					       realtime trace trace_period */

/* Kernel threads kswapdN below @root, by comm, in order of nodes; *out malloc'ed. Returns how many.
 */
struct sampler_kswapd {
	int node;
	long pid;
};
size_t sampler_find_kswapds(const char *root, struct sampler_kswapd **out);

struct sampler;

struct sampler_stats {
	uint64_t ticks, missed; /* all sources */
	uint64_t late_p50_us, late_p99_us, late_max_us;
	uint64_t cpu_ns;   /* CLOCK_THREAD_CPUTIME_ID of the sampler thread */
	bool fifo, locked; /* what was granted */
};

/*
 * Opens the sources below @root (NULL = this machine), learns their keys, writes src and d lines,
 * takes the first sample of each and starts the thread. A source that does not exist is left out
 * and named in an event `source.absent`; what was refused (FIFO, mlock) in `sampler.note`. kswapdN
 * threads are found by comm. oom_score_adj is the caller's business (it is of the process).
 */
int sampler_start(struct sampler **out, const struct sample_cfg *cfg, const char *root,
		  struct archive_writer *w, struct err *e);
/*
 * Window edge: writes vm.stat_refresh (where it exists and is writable), samples every source once,
 * then writes `e T mark NAME`. Returns when that is done. @name: 1 to 127 bytes; control bytes and
 * backslashes become _.
 */
int sampler_mark(struct sampler *s, const char *name, struct err *e);
/* Stops the thread, writes the final `sampler.*` events (late_p99_us ...), frees. */
int sampler_stop(struct sampler *s, struct sampler_stats *stats, struct err *e);

/*
 * The same without a thread, for tests and bench/perf: one pass over all sources now; returns bytes
 * read or -errno. An instance opened by sampler_open_manual() has no thread; close it with
 * sampler_stop().
 */
int sampler_open_manual(struct sampler **out, const struct sample_cfg *cfg, const char *root,
			struct archive_writer *w, struct err *e);
long sampler_pass(struct sampler *s, struct err *e);

#endif
