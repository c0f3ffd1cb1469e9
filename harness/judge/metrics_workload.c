/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics of the workloads of a run: one set of rows per workload and op kind, made from the result and
 * histogram lines. Instances are added up: histograms merged, rates summed, notes averaged, the longest time
 * counts.
 */
#include "judge/metrics_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "judge/scenario_text.h"

#define BUCKET (1.0 / (1 << HIST_SUB_BITS)) /* width of a histogram bucket against its value (base/hist.h) */

/* arg "WORKLOAD WORD": result key, or op kind. Names hold no spaces. */
static const char *arg_word(const struct metric *m, size_t *workload_len)
{
	*workload_len = strcspn(m->arg, " ");
	return m->arg + *workload_len + 1;
}

static bool same_workload(const char *name, const struct metric *m, size_t len)
{
	return !strncmp(name, m->arg, len) && !name[len];
}

static bool merged(const struct run_view *v, const struct metric *m, struct hist *h)
{
	size_t len;
	const char *kind = arg_word(m, &len);

	hist_reset(h);
	for (size_t i = 0; i < v->a->nr_lat; i++)
		if (same_workload(v->a->lat[i].workload, m, len) && !strcmp(v->a->lat[i].kind, kind))
			hist_merge(h, v->a->lat[i].hist);
	return h->count > 0;
}

static bool quantile_us(const struct run_view *v, const struct metric *m, double q, double *out)
{
	struct hist *h = xmalloc(sizeof(*h));
	bool ok = merged(v, m, h);

	if (ok)
		*out = (double)(q < 1 ? hist_quantile(h, q) : h->max) / 1e3;
	free(h);
	return ok;
}

static bool kind_p50(const struct run_view *v, const struct metric *m, double *out)
{
	return quantile_us(v, m, .5, out);
}

static bool kind_p99(const struct run_view *v, const struct metric *m, double *out)
{
	return quantile_us(v, m, .99, out);
}

static bool kind_max(const struct run_view *v, const struct metric *m, double *out)
{
	return quantile_us(v, m, 1, out);
}

/* elapsed_s of the instances of one workload, by instance: archives are untrusted, so nothing here may be quadratic. */
struct elapsed {
	unsigned instance;
	size_t line;
	double seconds;
};

static int cmp_elapsed(const void *pa, const void *pb)
{
	const struct elapsed *a = pa, *b = pb;

	if (a->instance != b->instance)
		return a->instance < b->instance ? -1 : 1;
	return (a->line > b->line) - (a->line < b->line);
}

static struct elapsed *elapsed_times(const struct archive *a, const struct metric *m, size_t len, size_t *nr)
{
	struct elapsed *v = xcalloc(a->nr_res + 1, sizeof(*v));
	size_t to = 0;

	*nr = 0;
	for (size_t i = 0; i < a->nr_res; i++)
		if (same_workload(a->res[i].workload, m, len) && !strcmp(a->res[i].key, "elapsed_s"))
			v[(*nr)++] = (struct elapsed){ a->res[i].instance, i, a->res[i].value };
	qsort(v, *nr, sizeof(*v), cmp_elapsed);
	for (size_t i = 0; i < *nr; i++) /* the last line of an instance counts */
		if (i + 1 == *nr || v[i + 1].instance != v[i].instance)
			v[to++] = v[i];
	*nr = to;
	return v;
}

static double elapsed_of(const struct elapsed *v, size_t nr, unsigned instance)
{
	size_t lo = 0, hi = nr;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v[mid].instance < instance)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < nr && v[lo].instance == instance ? v[lo].seconds : 0;
}

enum fold { FOLD_SUM, FOLD_MEAN, FOLD_MAX, FOLD_RATE };

/* Value of result @key over the instances. FOLD_RATE: sum of value / elapsed_s. */
static bool fold(const struct run_view *v, const struct metric *m, enum fold how, double *out)
{
	const struct archive *a = v->a;
	double acc = how == FOLD_MAX ? -INFINITY : 0;
	size_t len, nr = 0, nr_times = 0;
	const char *key = arg_word(m, &len);
	struct elapsed *times = how == FOLD_RATE ? elapsed_times(a, m, len, &nr_times) : NULL;

	for (size_t i = 0; i < a->nr_res; i++) {
		const struct archive_res *r = &a->res[i];
		double value = r->value, seconds;

		if (!same_workload(r->workload, m, len) || strcmp(r->key, key) != 0)
			continue;
		if (how == FOLD_RATE) {
			seconds = elapsed_of(times, nr_times, r->instance);
			if (!(seconds > 0))
				continue;
			value /= seconds;
		}
		acc = how == FOLD_MAX ? fmax(acc, value) : acc + value;
		nr++;
	}
	free(times);
	if (!nr)
		return false;
	*out = how == FOLD_MEAN ? acc / (double)nr : acc;
	return isfinite(*out);
}

static bool key_sum(const struct run_view *v, const struct metric *m, double *out)
{
	return fold(v, m, FOLD_SUM, out);
}

static bool key_mean(const struct run_view *v, const struct metric *m, double *out)
{
	return fold(v, m, FOLD_MEAN, out);
}

static bool key_max(const struct run_view *v, const struct metric *m, double *out)
{
	return fold(v, m, FOLD_MAX, out);
}

static bool key_rate(const struct run_view *v, const struct metric *m, double *out)
{
	return fold(v, m, FOLD_RATE, out);
}

static bool key_mib_rate(const struct run_view *v, const struct metric *m, double *out)
{
	if (!fold(v, m, FOLD_RATE, out))
		return false;
	*out /= 1024 * 1024;
	return true;
}

/* ---------------------------------------------------------------- rows */

static void add_row(struct metric_list *l, struct arena *mem, struct metric m, const char *name,
		    const char *workload, const char *word)
{
	m.name = name;
	m.arg = arena_printf(mem, "%s %s", workload, word);
	metric_list_add(l, &m);
}

/* Has this workload a headline already? One primary row a workload: its first kind. */
static bool has_headline(const struct metric_list *l, const char *workload)
{
	size_t len = strlen(workload);

	for (size_t i = 0; i < l->nr; i++)
		if (l->v[i].cls == METRIC_PRIMARY && !strncmp(l->v[i].name, workload, len) &&
		    l->v[i].name[len] == '.')
			return true;
	return false;
}

/* Operations over a threshold, which the probe counts again (workloads/probe.c). */
static bool is_slow(const char *kind)
{
	return !strcmp(kind, "slow");
}

static void latency_rows(struct metric_list *l, struct arena *mem, const struct archive_lat *lat)
{
	static const struct metric p50 = { .unit = "us",
					   .better = BETTER_LOWER,
					   .cls = METRIC_SECONDARY,
					   .scale = SCALE_LOG,
					   .c = .1,
					   .floor = .05,
					   .step = BUCKET,
					   .fn = kind_p50,
					   .help = "Median latency of this operation, all instances "
						   "together." };
	static const struct metric p99 = { .unit = "us",
					   .better = BETTER_LOWER,
					   .cls = METRIC_SECONDARY,
					   .scale = SCALE_LOG,
					   .c = .1,
					   .floor = .05,
					   .step = BUCKET,
					   .fn = kind_p99,
					   .help = "99 % of these operations took no longer, all instances "
						   "together: what users feel when memory is short." };
	static const struct metric max = { .unit = "us",
					   .better = BETTER_LOWER,
					   .cls = METRIC_DIAGNOSTIC,
					   .scale = SCALE_LOG,
					   .c = .1,
					   .floor = .1,
					   .fn = kind_max,
					   .help = "The longest of these operations: one event, so it varies "
						   "a lot." };
	struct metric head = p99;

	if (is_slow(lat->kind))
		return; /* the tail cut off at a threshold: only how many there were means anything */
	head.cls = has_headline(l, lat->workload) ? METRIC_SECONDARY : METRIC_PRIMARY;
	add_row(l, mem, head, arena_printf(mem, "%s.%s_p99_us", lat->workload, lat->kind), lat->workload,
		lat->kind);
	add_row(l, mem, p50, arena_printf(mem, "%s.%s_p50_us", lat->workload, lat->kind), lat->workload,
		lat->kind);
	add_row(l, mem, max, arena_printf(mem, "%s.%s_max_us", lat->workload, lat->kind), lat->workload,
		lat->kind);
}

static const struct metric row_elapsed = { .unit = "s",
					   .better = BETTER_LOWER,
					   .cls = METRIC_SECONDARY,
					   .scale = SCALE_LOG,
					   .c = .001,
					   .floor = .03,
					   .fn = key_max,
					   .help = "Time from release to the end of the slowest "
						   "instance." };
static const struct metric row_elapsed_background = { .unit = "s",
						      .better = BETTER_NEITHER,
						      .cls = METRIC_DIAGNOSTIC,
						      .scale = SCALE_LOG,
						      .c = .001,
						      .floor = .03,
						      .fn = key_max,
						      .help = "Time from release until it was stopped: it runs in the "
							      "background, so this is the length of the window." };
static const struct metric row_rate = { .unit = "ops/s",
					.better = BETTER_HIGHER,
					.cls = METRIC_SECONDARY,
					.scale = SCALE_LOG,
					.c = .01,
					.floor = .03,
					.fn = key_rate,
					.help = "Operations per second of each instance's own time, "
						"summed over instances. A paced workload holds it until "
						"reclaim cannot keep up." };
static const struct metric row_slow_rate = { .unit = "ops/s",
					     .better = BETTER_LOWER,
					     .cls = METRIC_SECONDARY,
					     .scale = SCALE_LOG,
					     .c = .1,
					     .floor = .05,
					     .fn = key_rate,
					     .help = "Operations that took longer than the workload's threshold, per "
						     "second, summed over instances." };
static const struct metric row_bytes = { .unit = "MiB/s",
					 .better = BETTER_HIGHER,
					 .cls = METRIC_DIAGNOSTIC,
					 .scale = SCALE_LOG,
					 .c = .001,
					 .floor = .03,
					 .fn = key_mib_rate,
					 .help = "Bytes these operations moved, per second, summed over "
						 "instances." };
static const struct metric row_failures = { .unit = "failures",
					    .better = BETTER_LOWER,
					    .cls = METRIC_SECONDARY,
					    .scale = SCALE_LOG,
					    .c = 1,
					    .floor = .05,
					    .fn = key_sum,
					    .help = "Operations the kernel refused, all instances." };
static const struct metric row_note = { .unit = "",
					.better = BETTER_NEITHER,
					.cls = METRIC_DIAGNOSTIC,
					.scale = SCALE_LOG,
					.c = .001,
					.floor = .05,
					.fn = key_mean,
					.help = "A number the workload noted itself (unit in its name), "
						"mean over instances." };

/* A note says its unit in its name: the longest suffix that is one. */
static void note_unit(const char *key, struct metric *m)
{
	static const struct {
		const char *suffix, *unit;
		double c;
	} units[] = {
		{ "_bytes", "bytes", 4096 }, { "_kb", "KiB", 4 },   { "_pct", "%", .1 },
		{ "_ns", "ns", 100 },	     { "_us", "us", .1 },   { "_s", "s", .001 },
	};
	size_t len = strlen(key);

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		size_t n = strlen(units[i].suffix);

		if (len <= n || strcmp(key + len - n, units[i].suffix) != 0)
			continue;
		m->unit = units[i].unit;
		m->c = units[i].c;
		return;
	}
}

static bool in_background(const struct archive *const *runs, size_t nr, const char *workload)
{
	for (size_t i = 0; i < nr; i++)
		if (scenario_in_background(runs[i], workload, strlen(workload)))
			return true;
	return false;
}

static void counted_rows(struct metric_list *l, struct arena *mem, const char *w, const char *key)
{
	const char *dot = strchr(key, '.'), *kind = dot + 1;
	bool slow = is_slow(kind);

	if (!strncmp(key, "ops.", 4)) {
		struct metric head = slow ? row_slow_rate : row_rate;

		if (!slow && !has_headline(l, w))
			head.cls = METRIC_PRIMARY;
		add_row(l, mem, head, arena_printf(mem, "%s.%s_rate", w, kind), w, key);
	} else if (slow) {
		return;
	} else if (*key == 'b') {
		add_row(l, mem, row_bytes, arena_printf(mem, "%s.%s_mib_per_s", w, kind), w, key);
	} else {
		add_row(l, mem, row_failures, arena_printf(mem, "%s.%s_failures", w, kind), w, key);
	}
}

static void result_rows(struct metric_list *l, struct arena *mem, const struct archive *const *runs, size_t nr,
			const struct archive_res *r)
{
	const char *w = r->workload;

	if (!strcmp(r->key, "elapsed_s")) {
		const char *name = arena_printf(mem, "%s.elapsed_s", w);

		if (metric_list_has(l, name))
			return; /* one look into the scenario a workload is enough */
		add_row(l, mem, l->nr < l->max && in_background(runs, nr, w) ? row_elapsed_background : row_elapsed, name, w, r->key);
	} else if (!strncmp(r->key, "ops.", 4) || !strncmp(r->key, "bytes.", 6) || !strncmp(r->key, "failures.", 9)) {
		counted_rows(l, mem, w, r->key);
	} else {
		struct metric note = row_note;

		note_unit(r->key, &note);
		add_row(l, mem, note, arena_printf(mem, "%s.%s", w, r->key), w, r->key);
	}
}

void metric_workload_rows(const struct archive *const *runs, size_t nr, struct metric_list *l,
			  struct arena *mem)
{
	for (size_t i = 0; i < nr; i++) /* latencies first: where there are any, they are the headline */
		for (size_t k = 0; k < runs[i]->nr_lat; k++)
			latency_rows(l, mem, &runs[i]->lat[k]);
	for (size_t i = 0; i < nr; i++)
		for (size_t k = 0; k < runs[i]->nr_res; k++)
			result_rows(l, mem, runs, nr, &runs[i]->res[k]);
}
