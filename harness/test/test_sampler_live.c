/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sampler thread on this machine: schedule, marks, counters that only rise. */
#include "test/test_sampler.h"

#include <errno.h>
#include <time.h>

/* T - LATE of the scheduled samples lies on the grid of the first sample. */
static size_t on_grid(const struct archive_series *s, uint64_t origin_us, uint64_t period_us)
{
	size_t nr = 0;

	for (size_t i = 1; i < s->nr_ticks; i++) {
		uint64_t off = (s->tick[i].t_us - s->tick[i].late_us - origin_us + 2) % period_us;

		nr += off <= 4; /* each of the three is rounded to 1 us */
	}
	return nr;
}

/* Number on the grid of the last tick that was sampled; samples at marks have no lateness. */
static uint64_t last_tick(const struct archive_series *s)
{
	for (size_t i = s->nr_ticks; i-- > 1;)
		if (s->tick[i].late_us)
			return (s->tick[i].t_us - s->tick[i].late_us - s->tick[0].t_us + 2500) /
			       5000;
	return 0;
}

static void check_live(const struct archive *a, const struct sampler_stats *st)
{
	const struct archive_series *s = archive_series(a, "vmstat");
	uint64_t begin, end, v, last = 0, faults;
	size_t marks = 2;

	cr_assert_not_null(s);
	/* Whatever the load of the machine, every tick of the grid is sampled or counted as
	 * lost. */
	cr_assert(archive_event_time(a, "sampler.ticks", NULL, 0, &v));
	cr_assert_leq(s->nr_ticks - 1 - marks + s->lost, (v - s->tick[0].t_us) / 5000 + 1);
	cr_assert_geq(s->nr_ticks - 1 - marks + s->lost, last_tick(s));
	cr_assert_gt(last_tick(s), 10);
	cr_assert_geq(on_grid(s, a->series[0].tick[0].t_us, 5000), s->nr_ticks - 1 - marks);
	for (size_t i = 0; i < s->nr_ticks; i++) {
		cr_assert(archive_value(s, i, archive_key(s, "pgfault"), &v));
		cr_assert_geq(v, last);
		last = v;
	}
	cr_assert(archive_window(a, &begin, &end));
	cr_assert_gt(end, begin);
	cr_assert(archive_delta(s, archive_key(s, "pgfault"), begin, end, &faults));
	cr_assert_geq(faults, 256, "the pages touched between the marks");
	for (size_t i = 0; i < a->nr_series; i++)
		cr_assert_geq(archive_tick_at(&a->series[i], begin), 1,
			      "%s: the first sample and the mark's", a->series[i].name);
	cr_assert_gt(st->cpu_ns, 0);
	cr_assert_leq(st->late_p50_us, st->late_p99_us);
	cr_assert_leq(st->late_p99_us, st->late_max_us);
	cr_assert(archive_event_time(a, "sampler.late_p99_us", NULL, 0, &v));
	cr_assert_geq(st->ticks, s->nr_ticks - 1 - marks);
}

Test(sampler, this_machine, TEMP_DIR)
{
	struct sample_cfg cfg = { .vmstat_ns = SEC / 200,
				  .kswapd_ns = SEC / 200,
				  .psi_ns = SEC / 100,
				  .node_ns = SEC / 50,
				  .zoneinfo_ns = SEC / 10,
				  .realtime = true };
	struct timespec second = { 1, 0 };
	struct sampler_stats st;
	struct err e = ERR_INIT;
	struct sampler *s;
	struct bench b;
	char *touched;

	bench_open(&b);
	cr_assert_eq(sampler_start(&s, &cfg, NULL, b.w, &e), 0, "%s", e.msg);
	cr_assert_eq(sampler_mark(s, "window-begin", &e), 0, "%s", e.msg);
	touched = xmalloc(256 << 12);
	for (size_t i = 0; i < 256; i++)
		((volatile char *)touched)[i << 12] = 1;
	while (nanosleep(&second, &second) && errno == EINTR)
		;
	cr_assert_eq(sampler_mark(s, "window-end", &e), 0, "%s", e.msg);
	cr_assert_eq(sampler_mark(s, "", &e), -EINVAL);
	cr_assert_eq(sampler_stop(s, &st, &e), 0, "%s", e.msg);
	free(touched);
	bench_load(&b);
	check_live(&b.a, &st);
	bench_close(&b);
}
