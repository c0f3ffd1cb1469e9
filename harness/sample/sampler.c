/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sampler thread, its schedule and the window marks. */
#include "sample/sampler.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/hist.h"
#include "archive/line.h"
#include "sample/pass.h"

#define FIFO_PRIORITY 50
#define STACK_BYTES ((size_t)512 << 10)
#define STACK_TOUCH_BYTES ((size_t)64 << 10)
#define MIN_PERIOD_NS 1000000u
#define MARK_NAME_MAX 128

#define PERIOD_OPT(name)                                                              \
	OPT_DURATION(struct sample_cfg, name##_ns, #name, 0, source_of_##name.period, \
		     source_of_##name.help),

const struct opt_desc sample_opts[] = {
	SAMPLE_PERIODS(PERIOD_OPT) /* one per source that has a period of its own */
	OPT_STR(struct sample_cfg, memcg, "memcg_path", 0, "", "CGROUP",
		"cgroup below /sys/fs/cgroup to sample; empty: none"),
	OPT_YES(struct sample_cfg, realtime, "realtime", 0, "yes",
		"sample with SCHED_FIFO and locked memory where allowed"),
	OPT_YES(struct sample_cfg, trace, "trace", 0, "yes",
		"count reclaim events and time direct reclaim by hist triggers of tracefs, "
		"where it has them"),
	OPT_DURATION(struct sample_cfg, trace_ns, "trace_period", 0, "1s",
		     "period of the trace counts between the edges of the window"),
	OPT_END
};

/* ---------------------------------------------------------------- schedule */

static void tick(struct sampler *s)
{
	uint64_t now = sampler_clock_ns(CLOCK_MONOTONIC), missed;

	for (size_t i = 0; i < s->nr_src; i++) {
		struct source *src = &s->src[i];

		src->due = !src->gone && src->next_ns <= now;
		if (!src->due)
			continue;
		/*
		 * Missed ticks are not made up for: one sample counts as late against the first of
		 * them, the others are lost.
		 */
		missed = (now - src->next_ns) / src->period_ns;
		src->due_ns = src->next_ns;
		src->next_ns += (missed + 1) * src->period_ns;
		src->lost += missed;
		s->stats.missed += missed;
	}
	sampler_sample_due(s);
}

static uint64_t next_due(const struct sampler *s)
{
	uint64_t due = UINT64_MAX;

	for (size_t i = 0; i < s->nr_src; i++)
		if (!s->src[i].gone && s->src[i].next_ns < due)
			due = s->src[i].next_ns;
	return due;
}

static void arm(const struct sampler *s, uint64_t at_ns)
{
	struct itimerspec t = { .it_interval = { 0, 0 } };

	if (at_ns != UINT64_MAX) { /* zero would disarm the timer: nothing is left to sample */
		t.it_value.tv_sec = (time_t)(at_ns / 1000000000u);
		t.it_value.tv_nsec = (long)(at_ns % 1000000000u);
	}
	timerfd_settime(s->timer, TFD_TIMER_ABSTIME, &t, NULL);
}

static void *sampler_thread(void *arg)
{
	struct sampler *s = arg;
	char touch[STACK_TOUCH_BYTES];
	uint64_t expired;

	explicit_bzero(touch, sizeof(touch));
	pthread_mutex_lock(&s->lock);
	while (!s->stop) {
		/*
		 * Arm under the lock, so that sampler_stop() cannot arm in between and be
		 * overruled.
		 */
		arm(s, next_due(s));
		pthread_mutex_unlock(&s->lock);
		while (read(s->timer, &expired, sizeof(expired)) < 0 && errno == EINTR)
			;
		pthread_mutex_lock(&s->lock);
		if (!s->stop)
			tick(s);
	}
	s->stats.cpu_ns = sampler_clock_ns(CLOCK_THREAD_CPUTIME_ID);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

static int start_thread(struct sampler *s, bool realtime, struct err *e)
{
	struct sched_param param = { .sched_priority = FIFO_PRIORITY };
	pthread_attr_t attr;
	sigset_t all, old;
	int ret;

	if (realtime) {
		/*
		 * Locks what is resident: the loop's code, the stack, the layouts. MCL_ONFAULT: >=
		 * 4.4, mm/mlock.c
		 */
		s->stats.locked = !mlockall(MCL_CURRENT | MCL_ONFAULT);
		if (!s->stats.locked)
			archive_event(s->w, "sampler.note", "memory not locked: %s",
				      strerror(errno));
	}
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	sigfillset(&all);
	pthread_mutex_lock(&s->lock);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = pthread_create(&s->thread, &attr, sampler_thread, s);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	s->threaded = !ret;
	if (!ret && realtime) {
		int refused = pthread_setschedparam(s->thread, SCHED_FIFO, &param);

		s->stats.fifo = !refused;
		if (refused)
			archive_event(s->w, "sampler.note", "no SCHED_FIFO: %s", strerror(refused));
	}
	pthread_mutex_unlock(&s->lock);
	return ret ? err_sys(e, -ret, "sampler: thread") : 0;
}

/* ---------------------------------------------------------------- opening */

static int check_cfg(const struct sample_cfg *cfg, struct err *e)
{
#define PERIOD_OF(name) { #name, cfg->name##_ns },
	const struct {
		const char *name;
		uint64_t ns;
	} periods[] = { { "trace_period", cfg->trace_ns }, SAMPLE_PERIODS(PERIOD_OF) };

	for (size_t i = 0; i < ARRAY_SIZE(periods); i++)
		if (periods[i].ns && periods[i].ns < MIN_PERIOD_NS)
			return err_set(e, -EINVAL,
				       "sample: %s: period of %" PRIu64
				       " ns; at least 1 ms is needed",
				       periods[i].name, periods[i].ns);
	if (cfg->trace && !cfg->trace_ns)
		return err_set(e, -EINVAL,
			       "sample: trace_period: 0; trace = no leaves the counts out");
	return 0;
}

/* Edges of the window write vm.stat_refresh; a captured tree must not be written to. */
static void open_refresh(struct sampler *s, const char *root)
{
	static const char path[] = "/proc/sys/vm/stat_refresh";

	if (root && *root)
		return;
	s->refresh = open(path, O_WRONLY | O_CLOEXEC);
	if (s->refresh < 0)
		archive_event(s->w, "sampler.note", "%s: %s", path, strerror(errno));
}

/*
 * The states follow the sources in memory, so that a tick that finds cold caches needs few pages.
 */
#define STATE_ALIGN ((size_t)64)

static size_t state_room(size_t bytes)
{
	return (bytes + STATE_ALIGN - 1) / STATE_ALIGN * STATE_ALIGN;
}

static size_t sampler_bytes(const struct source_list *l, size_t *first_state)
{
	size_t bytes = *first_state =
		state_room(sizeof(struct sampler) + l->nr * sizeof(struct source));

	for (size_t i = 0; i < l->nr; i++)
		bytes += state_room(l->v[i].ops->state_bytes);
	return bytes;
}

/* A source that the kernel does not have is absent; one that this process had no room for would be
 * missing without a word. */
static int open_sources(struct sampler *s, char *state, const struct source_spec *spec, size_t nr,
			struct err *e)
{
	for (size_t i = 0; i < nr; i++) {
		struct source *src = &s->src[s->nr_src];
		struct err why = ERR_INIT;
		int ret = source_open(src, &spec[i], (uint32_t)s->nr_src, state, &why);

		state += state_room(spec[i].ops->state_bytes);
		/* Do not print the path: it holds a process number. */
		if (ret == -EMFILE || ret == -ENFILE || ret == -ENOMEM)
			return err_sys(e, ret, "sampler: source %s", spec[i].name);
		if (ret == -ENOENT)
			archive_event(s->w, "source.absent", "%s", spec[i].name);
		else if (ret == -EINVAL)
			archive_event(s->w, "source.absent", "%s (%s)", spec[i].name, why.msg);
		else if (ret)
			archive_event(s->w, "source.absent", "%s (%s)", spec[i].name,
				      strerror(-ret));
		else
			s->nr_src++;
	}
	return 0;
}

/* Writes src and d lines, then takes the first sample of all sources. */
static int first_sample(struct sampler *s, struct err *e)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < s->nr_src; i++) {
		struct source *src = &s->src[i];

		ret = sampler_line_room(s, src, e);
		if (ret)
			return ret;
		ret = sampler_line(
			s, put_source(s->line_mem.p, src->id, src->name, src->period_ns / 1000));
		if (!ret)
			ret = sampler_announce(s, src);
	}
	if (ret)
		return err_sys(e, ret, "sampler: archive");
	sampler_sample_all(s);
	/* all sources share one grid */
	for (size_t i = 0; i < s->nr_src; i++)
		s->src[i].next_ns = s->src[0].begin_ns + s->src[i].period_ns;
	return 0;
}

static void sampler_free(struct sampler *s)
{
	struct pages self = s->self;

	for (size_t i = 0; i < s->nr_src; i++)
		source_close(&s->src[i]);
	if (s->timer >= 0)
		close(s->timer);
	if (s->refresh >= 0)
		close(s->refresh);
	pthread_mutex_destroy(&s->lock);
	pages_free(&s->line_mem);
	pages_free(&self);
}

static int sampler_new(struct sampler **out, size_t bytes, struct archive_writer *w, struct err *e)
{
	struct pages self;
	struct sampler *s;
	pthread_mutexattr_t attr;
	int ret = pages_alloc(&self, bytes, e);

	if (ret)
		return ret;
	s = self.p;
	s->self = self;
	s->w = w;
	s->epoch_ns = archive_writer_epoch_ns(w);
	s->timer = -1;
	s->refresh = -1;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
	if (pthread_mutex_init(&s->lock, &attr))
		pthread_mutex_init(&s->lock, NULL); /* a kernel without PI futexes */
	pthread_mutexattr_destroy(&attr);
	*out = s;
	return 0;
}

int sampler_open_list(struct sampler **out, const struct source_list *l, struct archive_writer *w,
		      struct err *e)
{
	struct sampler *s = NULL;
	size_t first_state;
	int ret = sampler_new(&s, sampler_bytes(l, &first_state), w, e);

	*out = NULL;
	if (ret)
		return ret;
	open_refresh(s, l->root);
	ret = open_sources(s, (char *)s + first_state, l->v, l->nr, e);
	if (!ret && !s->nr_src)
		ret = err_set(e, -ENOENT, "sampler: nothing to sample below '%s'",
			      l->root ? l->root : "/");
	if (!ret)
		ret = first_sample(s, e);
	if (ret)
		sampler_free(s);
	else
		*out = s;
	return ret;
}

int sampler_open_manual(struct sampler **out, const struct sample_cfg *cfg, const char *root,
			struct archive_writer *w, struct err *e)
{
	struct source_list l = { .root = root };
	int ret = check_cfg(cfg, e);

	*out = NULL;
	if (ret)
		return ret;
	source_find(&l, cfg);
	ret = sampler_open_list(out, &l, w, e);
	source_list_release(&l);
	return ret;
}

int sampler_start(struct sampler **out, const struct sample_cfg *cfg, const char *root,
		  struct archive_writer *w, struct err *e)
{
	struct sampler *s;
	int ret = sampler_open_manual(&s, cfg, root, w, e);

	*out = NULL;
	if (ret)
		return ret;
	s->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	ret = s->timer < 0 ? err_sys(e, -errno, "sampler: timerfd")
			   : start_thread(s, cfg->realtime, e);
	if (ret) {
		sampler_free(s);
		return ret;
	}
	*out = s;
	return 0;
}

/* ---------------------------------------------------------------- marks and end */

/*
 * Folds the per-CPU parts of node and zone counters (mm/vmstat.c vmstat_refresh()). A failure does
 * not matter here: it is -EINVAL, after the folding, when some counter is below zero.
 */
static void refresh(const struct sampler *s)
{
	if (s->refresh >= 0 && pwrite(s->refresh, "1", 1, 0) < 0)
		return;
}

int sampler_mark(struct sampler *s, const char *name, struct err *e)
{
	char word[MARK_NAME_MAX];
	size_t len = strlen(name);
	uint64_t missed;
	int ret;

	if (!len || len >= sizeof(word))
		return err_set(e, -EINVAL, "sampler: mark '%.20s': 1 to %d bytes", name,
			       MARK_NAME_MAX - 1);
	for (size_t i = 0; i <= len; i++)
		word[i] = ((unsigned char)name[i] < ' ' && name[i]) || name[i] == '\\' ? '_'
										       : name[i];
	refresh(s); /* outside the lock: it waits for every CPU */
	pthread_mutex_lock(&s->lock);
	missed = s->stats.missed;
	sampler_sample_all(s);
	if (s->stats.missed != missed)
		sampler_event(s, "sampler.note", "the next mark lacks the sample of a source");
	ret = sampler_event(s, "mark", word);
	pthread_mutex_unlock(&s->lock);
	return ret ? err_sys(e, ret, "sampler: mark %s", word) : 0;
}

long sampler_pass(struct sampler *s, struct err *e)
{
	uint64_t missed;
	long bytes;

	pthread_mutex_lock(&s->lock);
	missed = s->stats.missed;
	bytes = sampler_sample_all(s);
	missed = s->stats.missed - missed;
	pthread_mutex_unlock(&s->lock);
	return missed ? err_set(e, -EIO, "sampler: %" PRIu64 " sources could not be sampled",
				missed)
		      : bytes;
}

static void final_events(struct sampler *s)
{
	archive_event(s->w, "sampler.ticks", "%" PRIu64, s->stats.ticks);
	archive_event(s->w, "sampler.missed", "%" PRIu64, s->stats.missed);
	archive_event(s->w, "sampler.late_p50_us", "%" PRIu64, s->stats.late_p50_us);
	archive_event(s->w, "sampler.late_p99_us", "%" PRIu64, s->stats.late_p99_us);
	archive_event(s->w, "sampler.late_max_us", "%" PRIu64, s->stats.late_max_us);
	archive_event(s->w, "sampler.cpu_us", "%" PRIu64, s->stats.cpu_ns / 1000);
}

int sampler_stop(struct sampler *s, struct sampler_stats *stats, struct err *e)
{
	int ret = 0;

	if (s->threaded) {
		pthread_mutex_lock(&s->lock);
		s->stop = true;
		arm(s, 1);
		pthread_mutex_unlock(&s->lock);
		ret = pthread_join(s->thread, NULL);
		if (ret)
			return err_sys(e, -ret, "sampler: thread");
	}
	for (size_t i = 0; i < s->nr_src; i++)
		sampler_lost(s, &s->src[i]);
	s->stats.late_p50_us = hist_quantile(&s->late_us, 0.5);
	s->stats.late_p99_us = hist_quantile(&s->late_us, 0.99);
	s->stats.late_max_us = s->late_us.max;
	if (s->threaded)
		final_events(s);
	if (stats)
		*stats = s->stats;
	sampler_free(s);
	return 0;
}
