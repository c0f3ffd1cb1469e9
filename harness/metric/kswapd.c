/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics from the CPU time of the kswapd threads: cost, duty cycle, longest burst, time to sleep.
 */
#include <stdlib.h>

#include "evidence/nodes.h"
#include "metric/row.h"

/* samples come every 100 ms; after a late sample the next one is early by as much */
#define BURST_STEP_US 95000
#define BURST_SHARE .25 /* beside one busy task kswapd gets half of a CPU */

/*
 * CPU time in the window of node @only's kswapd, or with -1 of all kswapd threads; false when the
 * CPU time of one of them is not known.
 */
static bool kswapd_run_ns(const struct run_view *v, long only, double *ns, unsigned *nr)
{
	unsigned node[NODES_MAX];
	size_t nr_nodes = v->has_window ? run_nodes(v->a, node) : 0;

	*ns = 0;
	*nr = 0;
	for (size_t i = 0; i < nr_nodes; i++) {
		struct run_node d;
		uint64_t ran;

		if (only >= 0 && node[i] != (unsigned long)only)
			continue;
		run_node_init(&d, v->a, node[i]);
		if (!d.kswapd)
			continue;
		if (!node_kswapd_delta(&d, v->begin_us, v->end_us, &ran))
			return false;
		*ns += (double)ran;
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

/*
 * The longest stretch of steps with more than BURST_SHARE of a CPU, us. False when a sample lacks
 * the CPU time.
 */
static bool longest_burst(const struct run_node *d, const struct run_view *v, uint64_t *longest)
{
	long first = archive_tick_at(d->kswapd, v->begin_us),
	     last = archive_tick_at(d->kswapd, v->end_us);
	uint64_t at = 0, ns = 0, stretch = 0;

	if (first < 0 || last <= first || !node_kswapd_at(d, (size_t)first, &ns))
		return false;
	at = sum_time(&d->cpu, (size_t)first);
	for (long t = first + 1; t <= last; t++) {
		uint64_t now = sum_time(&d->cpu, (size_t)t), ran, step = now - at;

		if (!node_kswapd_at(d, (size_t)t, &ran) || ran < ns || now < at)
			return false;
		/* sampled faster than that: scheduler slices would look like breaks */
		if (step < BURST_STEP_US && t != last)
			continue;
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
	unsigned node[NODES_MAX], nr = 0;
	size_t nr_nodes = v->has_window ? run_nodes(v->a, node) : 0;
	uint64_t longest = 0;

	(void)m;
	for (size_t i = 0; i < nr_nodes; i++) {
		struct run_node d;

		run_node_init(&d, v->a, node[i]);
		if (!d.kswapd)
			continue;
		if (!longest_burst(&d, v, &longest))
			return false;
		nr++;
	}
	*out = (double)longest / 1e6;
	return nr > 0;
}

/* The last sample in (@from, @to] in which the sum had grown; 0 = none. False = not known. */
static bool last_growth(const struct key_sum *sum, uint64_t from, uint64_t to, uint64_t *at)
{
	long tick = sum->nr ? archive_tick_at(sum->s, from) : -1;
	uint64_t before, now;

	*at = 0;
	if (tick < 0 || !sum_at(sum, (size_t)tick, &before))
		return false;
	for (size_t t = (size_t)tick + 1; t < sum->s->nr_ticks && sum->s->tick[t].t_us <= to; t++) {
		if (!sum_at(sum, t, &now))
			return false;
		if (now != before)
			*at = sum_time(sum, t);
		before = now;
	}
	return true;
}

/*
 * The last growth of the CPU time of any kswapd. False = not known for one of them, or there is
 * none.
 */
static bool last_on_cpu(const struct run_view *v, uint64_t end, uint64_t *last)
{
	unsigned node[NODES_MAX], nr = 0;
	size_t nr_nodes = run_nodes(v->a, node);

	for (size_t i = 0; i < nr_nodes; i++) {
		struct run_node d;
		uint64_t t;

		run_node_init(&d, v->a, node[i]);
		if (!d.kswapd)
			continue;
		if (!last_growth(&d.cpu, v->end_us, end, &t))
			return false;
		if (t > *last)
			*last = t;
		nr++;
	}
	return nr > 0;
}

/*
 * The drain phase of run/run.c: the load is stopped and memory is held until kswapd was quiet for
 * half a second (kswapd.asleep) or the phase ended before that (kswapd.awake). After this phase
 * memory is given back, which does not concern this metric.
 */
bool metric_to_sleep(const struct run_view *v, const struct metric *m, double *out)
{
	uint64_t drain, end, t, last = 0;
	struct key_sum runs;

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
	    !sum_counter(&runs, v->vmstat, "kswapd.runs") ||
	    !last_growth(&runs, v->end_us, end, &last) || !last_on_cpu(v, end, &last))
		return false;
	*out = last > v->end_us ? (double)(last - v->end_us) / 1e6 : 0;
	return true;
}
