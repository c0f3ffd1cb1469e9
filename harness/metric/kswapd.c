/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metrics from the CPU time of the kswapd threads: cost, duty cycle, longest burst, time to sleep.
 */
#include <stdio.h>
#include <stdlib.h>

#include "metric/row.h"

/* 100 ms samples, some of them early by what the one before was late */
#define BURST_STEP_US 95000
#define BURST_SHARE .25 /* beside one busy task kswapd gets half of a CPU */

/* "kswapd3/schedstat": the node's number. */
static bool kswapd_node(const struct archive_series *s, unsigned *node)
{
	int end = 0;

	return sscanf(s->name, "kswapd%u/schedstat%n", node, &end) == 1 && end && !s->name[end];
}

void metric_kswapd_nodes(const struct archive *a, bool *has, size_t max)
{
	unsigned node;

	for (size_t i = 0; i < a->nr_series; i++)
		if (kswapd_node(&a->series[i], &node) && node < max)
			has[node] = true;
}

/* CPU time in the window, of @only alone or with -1 of all kswapd threads; false when one of them
 * cannot be told. */
static bool kswapd_run_ns(const struct run_view *v, long only, double *ns, unsigned *nr)
{
	*ns = 0;
	*nr = 0;
	if (!v->has_window)
		return false;
	for (size_t i = 0; i < v->a->nr_series; i++) {
		const struct archive_series *s = &v->a->series[i];
		unsigned node;
		uint64_t d;

		if (!kswapd_node(s, &node) || (only >= 0 && node != (unsigned long)only))
			continue;
		if (!archive_delta(s, archive_key(s, "run_ns"), v->begin_us, v->end_us, &d))
			return false;
		*ns += (double)d;
		(*nr)++;
	}
	return *nr > 0;
}

bool metric_kswapd_cpu(const struct run_view *v, const struct metric *m, double *out)
{
	double ns, pages;
	unsigned nr;

	return kswapd_run_ns(v, -1, &ns, &nr) && run_counter(v, m->arg, &pages) &&
	       metric_ratio(ns / 1e6, metric_gib(v, pages), out);
}

bool metric_kswapd_duty(const struct run_view *v, const struct metric *m, double *out)
{
	double ns;
	unsigned nr;

	return kswapd_run_ns(v, m->arg ? strtol(m->arg, NULL, 10) : -1, &ns, &nr) &&
	       metric_ratio(ns / 1e9, v->seconds * nr, out);
}

/* The longest stretch of steps with more than BURST_SHARE of a CPU, us. False when a sample lacks
 * the number. */
static bool longest_burst(const struct archive_series *s, const struct run_view *v,
			  uint64_t *longest)
{
	int key = archive_key(s, "run_ns");
	long first = archive_tick_at(s, v->begin_us), last = archive_tick_at(s, v->end_us);
	uint64_t at = 0, ns = 0, stretch = 0;

	if (first < 0 || last <= first || !archive_value(s, (size_t)first, key, &ns))
		return false;
	at = archive_key_time(s, (size_t)first, key);
	for (long t = first + 1; t <= last; t++) {
		uint64_t now = archive_key_time(s, (size_t)t, key), ran, step = now - at;

		if (!archive_value(s, (size_t)t, key, &ran) || ran < ns || now < at)
			return false;
		if (step < BURST_STEP_US && t != last)
			continue; /* sampled faster than that: slices of a CPU would show as breaks
				   */
		stretch = (double)(ran - ns) / 1e3 > BURST_SHARE * (double)step ? stretch + step
										: 0;
		if (stretch > *longest)
			*longest = stretch;
		at = now;
		ns = ran;
	}
	return true;
}

bool metric_longest_burst(const struct run_view *v, const struct metric *m, double *out)
{
	uint64_t longest = 0;
	unsigned node, nr = 0;

	(void)m;
	if (!v->has_window)
		return false;
	for (size_t i = 0; i < v->a->nr_series; i++) {
		if (!kswapd_node(&v->a->series[i], &node))
			continue;
		if (!longest_burst(&v->a->series[i], v, &longest))
			return false;
		nr++;
	}
	*out = (double)longest / 1e6;
	return nr > 0;
}

/* The last sample in (@from, @to] in which @name had grown; 0 = none. False = it cannot be told. */
static bool last_growth(const struct archive_series *s, const char *name, uint64_t from,
			uint64_t to, uint64_t *at)
{
	int key = archive_key(s, name);
	long tick = archive_tick_at(s, from);
	uint64_t before, now;

	*at = 0;
	if (tick < 0 || !archive_value(s, (size_t)tick, key, &before))
		return false;
	for (size_t t = (size_t)tick + 1; t < s->nr_ticks && s->tick[t].t_us <= to; t++) {
		if (!archive_value(s, t, key, &now))
			return false;
		if (now != before)
			*at = archive_key_time(s, t, key);
		before = now;
	}
	return true;
}

/*
 * The drain phase of run/run.c: load stopped, memory held, until kswapd was quiet for half a second
 * (kswapd.asleep) or the phase was over first (kswapd.awake). Behind it memory is given back, which
 * is no business of this metric.
 */
bool metric_to_sleep(const struct run_view *v, const struct metric *m, double *out)
{
	uint64_t drain, end, t, last = 0;
	unsigned node, nr = 0;

	(void)m;
	if (!v->has_window || !v->vmstat ||
	    !archive_event_time(v->a, "phase", "drain", v->end_us, &drain) ||
	    !archive_event_time(v->a, "phase", "end", drain, &end))
		return false;
	if (archive_event_time(v->a, "kswapd.awake", NULL, drain, &t)) {
		*out = (double)(end - v->end_us) / 1e6;
		return true;
	}
	if (!archive_event_time(v->a, "kswapd.asleep", NULL, drain, &t) ||
	    !last_growth(v->vmstat, "pageoutrun", v->end_us, end, &last))
		return false;
	for (size_t i = 0; i < v->a->nr_series; i++) {
		if (!kswapd_node(&v->a->series[i], &node))
			continue;
		if (!last_growth(&v->a->series[i], "run_ns", v->end_us, end, &t))
			return false;
		if (t > last)
			last = t;
		nr++;
	}
	*out = last > v->end_us ? (double)(last - v->end_us) / 1e6 : 0;
	return nr > 0;
}
