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

static bool result(const struct archive *a, const char *workload, size_t len, unsigned instance,
		   const char *key, double *out)
{
	bool found = false;

	for (size_t i = 0; i < a->nr_res; i++) {
		const struct archive_res *r = &a->res[i];

		if (r->instance != instance || strncmp(r->workload, workload, len) != 0 || r->workload[len] ||
		    strcmp(r->key, key) != 0)
			continue;
		*out = r->value; /* the last one counts */
		found = true;
	}
	return found;
}

enum fold { FOLD_SUM, FOLD_MEAN, FOLD_MAX, FOLD_RATE };

/* Value of result @key over the instances. FOLD_RATE: sum of value / elapsed_s. */
static bool fold(const struct run_view *v, const struct metric *m, enum fold how, double *out)
{
	const struct archive *a = v->a;
	double acc = how == FOLD_MAX ? -INFINITY : 0;
	size_t len, nr = 0;
	const char *key = arg_word(m, &len);

	for (size_t i = 0; i < a->nr_res; i++) {
		const struct archive_res *r = &a->res[i];
		double value = r->value, seconds;

		if (!same_workload(r->workload, m, len) || strcmp(r->key, key) != 0)
			continue;
		if (how == FOLD_RATE) {
			if (!result(a, m->arg, len, r->instance, "elapsed_s", &seconds) || !(seconds > 0))
				continue;
			value /= seconds;
		}
		acc = how == FOLD_MAX ? fmax(acc, value) : acc + value;
		nr++;
	}
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

static void latency_rows(struct metric_list *l, struct arena *mem, const struct archive_lat *lat)
{
	static const struct metric p50 = { .unit = "us",
					   .better = BETTER_LOWER,
					   .cls = METRIC_SECONDARY,
					   .scale = SCALE_LOG,
					   .c = .1,
					   .floor = .05,
					   .fn = kind_p50,
					   .help = "Median latency of this operation, all instances "
						   "together." };
	static const struct metric p99 = { .unit = "us",
					   .better = BETTER_LOWER,
					   .cls = METRIC_SECONDARY,
					   .scale = SCALE_LOG,
					   .c = .1,
					   .floor = .05,
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

static void result_rows(struct metric_list *l, struct arena *mem, const struct archive_res *r)
{
	const char *w = r->workload;

	if (!strcmp(r->key, "elapsed_s")) {
		add_row(l, mem, row_elapsed, arena_printf(mem, "%s.elapsed_s", w), w, r->key);
	} else if (!strncmp(r->key, "ops.", 4)) {
		struct metric head = row_rate;

		if (!has_headline(l, w))
			head.cls = METRIC_PRIMARY;
		add_row(l, mem, head, arena_printf(mem, "%s.%s_rate", w, r->key + 4), w, r->key);
	} else if (!strncmp(r->key, "bytes.", 6)) {
		add_row(l, mem, row_bytes, arena_printf(mem, "%s.%s_mib_per_s", w, r->key + 6), w, r->key);
	} else if (!strncmp(r->key, "failures.", 9)) {
		add_row(l, mem, row_failures, arena_printf(mem, "%s.%s_failures", w, r->key + 9), w, r->key);
	} else {
		add_row(l, mem, row_note, arena_printf(mem, "%s.%s", w, r->key), w, r->key);
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
			result_rows(l, mem, &runs[i]->res[k]);
}
