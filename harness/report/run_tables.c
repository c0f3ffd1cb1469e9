/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/run_tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "archive/keys.h"
#include "archive/outcome.h"
#include "base/alloc.h"
#include "report/fmt.h"

/* A header fact of the run; NULL when it is missing or empty. */
static const char *fact_of(const struct archive *a, const char *key)
{
	const char *v = archive_get(a, key);

	return v && *v ? v : NULL;
}

void report_run_title(const struct archive *a, struct buf *out)
{
	const char *scenario = fact_of(a, "scenario.name"), *kernel = fact_of(a, "kernel.release"),
		   *target = fact_of(a, "machine.target"), *seed = fact_of(a, "run.seed");

	buf_addstr(out, scenario ? scenario : "run");
	if (kernel)
		buf_addf(out, ", %s", kernel);
	if (target)
		buf_addf(out, ", %s target", target);
	if (seed)
		buf_addf(out, ", seed %s", seed);
}

bool report_run_state(const struct archive *a, struct buf *out)
{
	const struct outcome o = outcome_of(a);
	uint64_t begin, end;
	bool good = a->complete && o.cause == OUTCOME_WELL,
	     window = archive_window(a, &begin, &end);

	if (o.word)
		buf_addf(out, "outcome %s%s%s; ", o.word, o.detail ? ": " : "",
			 o.detail ? o.detail : "");
	buf_addf(out, "%s", a->complete ? "archive complete" : a->why);
	if (!window)
		buf_addstr(out, "; the end of the window was not reached");
	return good && window;
}

#define KEEP(f) arena_strdup(&t->mem, (f).s)

/* Sysctls and configuration are facts by the hundred; the few facts that identify a run stand
 * first. */
static bool minor_fact(const char *key)
{
	static const char *const prefix[] = { "sysctl.",       "config.",    "preflight.",
					      "scenario.text", KEY_WORKLOAD, "thp.",
					      "epoch",	       "numa.node" };

	for (size_t i = 0; i < ARRAY_SIZE(prefix); i++)
		if (!strncmp(key, prefix[i], strlen(prefix[i])))
			return true;
	return false;
}

static void facts(struct tables *t, const struct archive *a, bool minor)
{
	struct table *tab = table_add(t, minor ? "settings" : "facts",
				      minor ? "Settings and configuration" : "Facts",
				      HEAD("Fact", "Value"), "ll");

	tab->more = minor;
	tab->mono = true;
	for (size_t i = 0; i < a->nr_kv; i++)
		if (minor_fact(a->kv[i].key) == minor)
			table_row(tab, ROW(a->kv[i].key, a->kv[i].value));
}

static const char *at_s(struct tables *t, uint64_t t_us)
{
	return arena_printf(&t->mem, "%.3f", (double)t_us / 1e6);
}

static void phases(struct tables *t, const struct archive *a)
{
	struct table *tab =
		table_add(t, "phases", "Phases", HEAD("Phase", "Begin, s", "Length, s"), "lrr");
	uint64_t begin, end;

	for (size_t i = 0; i < a->nr_ev; i++) {
		const struct archive_ev *e = &a->ev[i];
		const char *length = "not ended";

		if (e->finding || strcmp(e->name, "phase") || !strcmp(e->text, "end"))
			continue;
		for (size_t k = i + 1; k < a->nr_ev; k++)
			if (!a->ev[k].finding && !strcmp(a->ev[k].name, "phase")) {
				length = at_s(t, a->ev[k].t_us - e->t_us);
				break;
			}
		table_row(tab, ROW(e->text, at_s(t, e->t_us), length));
	}
	if (archive_window(a, &begin, &end))
		table_row(tab, ROW("measured window", at_s(t, begin), at_s(t, end - begin)));
}

static void results(struct tables *t, const struct archive *a)
{
	struct table *tab = table_add(t, "workloads", "Workload results",
				      HEAD("Workload", "Instance", "Result", "Value"), "lrlr");

	for (size_t i = 0; i < a->nr_res; i++)
		table_row(tab,
			  ROW(a->res[i].workload, arena_printf(&t->mem, "%u", a->res[i].instance),
			      a->res[i].key, KEEP(fmt_num(a->res[i].value))));
}

/* The instances of a workload share one row per op kind: differences between instances are noise of
 * placement. */
static void latencies(struct tables *t, const struct archive *a)
{
	struct table *tab = table_add(
		t, "latency", "Latency of workload operations",
		HEAD("Workload", "Operation", "Count", "Mean", "p50", "p90", "p99", "p99.9", "Max"),
		"llrrrrrrr");
	struct hist *sum = xmalloc(sizeof(*sum));

	for (size_t i = 0; i < a->nr_lat; i++) {
		const struct archive_lat *l = &a->lat[i];
		bool seen = false;

		for (size_t k = 0; k < i && !seen; k++)
			seen = !strcmp(a->lat[k].workload, l->workload) &&
			       !strcmp(a->lat[k].kind, l->kind);
		if (seen)
			continue;
		hist_reset(sum);
		for (size_t k = i; k < a->nr_lat; k++)
			if (!strcmp(a->lat[k].workload, l->workload) &&
			    !strcmp(a->lat[k].kind, l->kind))
				hist_merge(sum, a->lat[k].hist);
		table_row(tab, ROW(l->workload, l->kind, KEEP(fmt_num((double)sum->count)),
				   KEEP(fmt_ns(sum->count ? (double)sum->sum / (double)sum->count
							  : NAN)),
				   KEEP(fmt_ns((double)hist_quantile(sum, .5))),
				   KEEP(fmt_ns((double)hist_quantile(sum, .9))),
				   KEEP(fmt_ns((double)hist_quantile(sum, .99))),
				   KEEP(fmt_ns((double)hist_quantile(sum, .999))),
				   KEEP(fmt_ns((double)sum->max))));
	}
	tab->note =
		"Instances of a workload are added up. Quantiles are exact to 1.6 %, the maximum is exact.";
	free(sum);
}

static void events(struct tables *t, const struct archive *a, bool findings)
{
	struct table *tab = findings ? table_add(t, "findings", "Kernel log findings",
						 HEAD("Time, s", "Finding", "Text"), "rll")
				     : table_add(t, "events", "Events",
						 HEAD("Time, s", "Event", "Text"), "rll");

	tab->mono = true;
	for (size_t i = 0; i < a->nr_ev; i++)
		if (a->ev[i].finding == findings && (findings || strcmp(a->ev[i].name, "phase")))
			table_row(tab, ROW(at_s(t, a->ev[i].t_us), a->ev[i].name, a->ev[i].text));
}

static void sources(struct tables *t, const struct archive *a)
{
	struct table *tab = table_add(t, "sources", "Sampled sources",
				      HEAD("Source", "Period, ms", "Keys", "Samples", "Missed",
					   "Latest start, ms", "Longest read, ms"),
				      "lrrrrrr");

	tab->more = true;
	for (size_t s = 0; s < a->nr_series; s++) {
		const struct archive_series *ser = &a->series[s];
		uint64_t late = 0, dur = 0;

		for (size_t i = 0; i < ser->nr_ticks; i++) {
			late = ser->tick[i].late_us > late ? ser->tick[i].late_us : late;
			dur = ser->tick[i].dur_us > dur ? ser->tick[i].dur_us : dur;
		}
		table_row(tab,
			  ROW(ser->name, KEEP(fmt_tick((double)ser->period_us / 1e3)),
			      arena_printf(&t->mem, "%zu", ser->nr_keys),
			      arena_printf(&t->mem, "%zu", ser->nr_ticks),
			      arena_printf(&t->mem, "%llu", (unsigned long long)ser->lost),
			      KEEP(fmt_num((double)late / 1e3)), KEEP(fmt_num((double)dur / 1e3))));
	}
}

void report_run_tables(struct tables *t, const struct archive *a)
{
	size_t to = 0;

	memset(t, 0, sizeof(*t));
	report_run_invariants(t, a, false);
	events(t, a, true);
	phases(t, a);
	latencies(t, a);
	results(t, a);
	report_run_metrics(t, a);
	report_run_watermarks(t, a);
	report_run_counters(t, a);
	events(t, a, false);
	report_run_invariants(t, a, true);
	facts(t, a, false);
	facts(t, a, true);
	sources(t, a);
	for (size_t i = 0; i < t->nr; i++)
		if (t->table[i].nr)
			t->table[to++] = t->table[i];
		else
			free(t->table[i].cell);
	t->nr = to;
}
