/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One pass: all reads back to back, then the lines into the archive's ring. Runs under memory
 * pressure.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "archive/line.h"
#include "sample/pass.h"

/* enough for src, d and e lines: SOURCE_KEY_MAX and SOURCE_NAME_MAX bound them */
#define LINE_MIN_BYTES 1024

uint64_t sampler_clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

int sampler_line(struct sampler *s, const char *end)
{
	const char *line = s->line_mem.p;

	return archive_writer_line(s->w, line, (size_t)(end - line));
}

int sampler_event(struct sampler *s, const char *name, const char *text)
{
	uint64_t now_us = (sampler_clock_ns(CLOCK_MONOTONIC) - s->epoch_ns) / 1000;

	return sampler_line(s, put_event(s->line_mem.p, now_us, name, text));
}

int sampler_announce(struct sampler *s, struct source *src)
{
	while (src->nr_announced < src->nr_keys) {
		uint32_t num = (uint32_t)src->nr_announced;
		int ret = sampler_line(s, put_key(s->line_mem.p, num, src->id, src->key[num]));

		if (ret)
			return ret;
		src->nr_announced++;
	}
	return 0;
}

int sampler_lost(struct sampler *s, struct source *src)
{
	int ret = src->lost ? sampler_line(s, put_lost(s->line_mem.p, src->id, src->lost)) : 0;

	if (!ret)
		src->lost = 0;
	return ret;
}

int sampler_line_room(struct sampler *s, const struct source *src, struct err *e)
{
	size_t need = line_sample_max(src->nr_keys);
	struct pages more;
	int ret;

	if (need < LINE_MIN_BYTES)
		need = LINE_MIN_BYTES;
	if (need <= s->line_mem.bytes)
		return 0;
	ret = pages_alloc(&more, need, e);
	if (ret)
		return ret;
	pages_free(&s->line_mem);
	s->line_mem = more;
	return 0;
}

static bool went_away(int error)
{
	return error == -ESRCH || error == -ENODEV || error == -ENOENT || error == -ENXIO;
}

/*
 * Writes the snapshot as a line. -errno: this tick is lost; the next one counts from the last
 * written line.
 */
static int write_sample(struct sampler *s, struct source *src)
{
	int ret = src->error;

	if (went_away(ret)) {
		/* A thread, node or cgroup is gone: all its keys vanish with its last sample. */
		ret = source_vanish(src);
	} else if (!ret) {
		ret = source_scan(src);
		if (ret > 0) /* hotplug: a rare path, which may allocate */
			ret = source_learn(src, NULL);
	}
	if (!ret)
		ret = sampler_line_room(s, src, NULL);
	if (!ret)
		ret = sampler_announce(s, src);
	if (!ret)
		ret = sampler_lost(s, src);
	if (!ret)
		ret = sampler_line(s, source_put_sample(src, s->line_mem.p, s->epoch_ns));
	if (ret) {
		/* the end of a source must be written: try again at the next tick */
		src->gone = false;
		return ret;
	}
	source_commit(src);
	if (src->gone)
		sampler_event(s, "source.gone", src->name);
	return 0;
}

long sampler_sample_due(struct sampler *s)
{
	long bytes = 0;

	for (size_t i = 0; i < s->nr_src; i++)
		if (s->src[i].due)
			s->src[i].error = source_read(&s->src[i]);
	for (size_t i = 0; i < s->nr_src; i++) {
		struct source *src = &s->src[i];

		if (!src->due)
			continue;
		src->due = false;
		if (src->due_ns)
			hist_add(&s->late_us, source_late_us(src), 1);
		if (write_sample(s, src)) {
			src->lost++;
			s->stats.missed++;
			continue;
		}
		s->stats.ticks++;
		bytes += (long)src->bytes;
	}
	return bytes;
}

long sampler_sample_all(struct sampler *s)
{
	for (size_t i = 0; i < s->nr_src; i++) {
		s->src[i].due = !s->src[i].gone;
		s->src[i].due_ns = 0;
	}
	return sampler_sample_due(s);
}
