/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metrics of the workloads of a run: one set of rows per workload and op kind, made from the result
 * and histogram lines. Instances are combined: histograms are merged, rates summed, notes averaged,
 * and the longest time counts.
 */
#include "metric/row.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/keys.h"
#include "base/alloc.h"
#include "evidence/workload_facts.h"

/* Width of a histogram bucket relative to its value (base/hist.h). */
#define BUCKET (1.0 / (1 << HIST_SUB_BITS))

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

/* The latencies of all instances, malloc'ed; NULL where there are none. */
static struct hist *merged(const struct run_view *v, const struct metric *m)
{
	struct hist *h = xmalloc(sizeof(*h));
	size_t len;
	const char *kind = arg_word(m, &len);

	hist_reset(h);
	for (size_t i = 0; i < v->a->nr_lat; i++)
		if (same_workload(v->a->lat[i].workload, m, len) &&
		    !strcmp(v->a->lat[i].kind, kind))
			hist_merge(h, v->a->lat[i].hist);
	if (!h->count) {
		free(h);
		h = NULL;
	}
	return h;
}

static bool quantile_us(const struct run_view *v, const struct metric *m, double q, double *out)
{
	struct hist *h = merged(v, m);

	if (!h)
		return false;
	*out = (double)(q < 1 ? hist_quantile(h, q) : h->max) / 1e3;
	free(h);
	return true;
}

static bool kind_p50(const struct run_view *v, const struct metric *m, double *out)
{
	return quantile_us(v, m, .5, out);
}

static bool kind_p99(const struct run_view *v, const struct metric *m, double *out)
{
	return quantile_us(v, m, .99, out);
}

static bool kind_mean(const struct run_view *v, const struct metric *m, double *out)
{
	struct hist *h = merged(v, m);

	if (!h)
		return false;
	*out = (double)h->sum / (double)h->count / 1e3;
	free(h);
	return true;
}

static bool kind_max(const struct run_view *v, const struct metric *m, double *out)
{
	return quantile_us(v, m, 1, out);
}

/*
 * elapsed_s of the instances of one workload, sorted by instance: archives are untrusted, so
 * nothing here may be quadratic.
 */
struct elapsed {
	unsigned instance;
	size_t line;
	double seconds;
};

static int by_instance(const void *pa, const void *pb)
{
	const struct elapsed *a = pa, *b = pb;

	if (a->instance != b->instance)
		return a->instance < b->instance ? -1 : 1;
	return (a->line > b->line) - (a->line < b->line);
}

static struct elapsed *elapsed_times(const struct archive *a, const struct metric *m, size_t len,
				     size_t *nr)
{
	struct elapsed *v = xcalloc(a->nr_res + 1, sizeof(*v));
	size_t to = 0;

	*nr = 0;
	for (size_t i = 0; i < a->nr_res; i++)
		if (same_workload(a->res[i].workload, m, len) &&
		    !strcmp(a->res[i].key, "elapsed_s"))
			v[(*nr)++] = (struct elapsed){ a->res[i].instance, i, a->res[i].value };
	qsort(v, *nr, sizeof(*v), by_instance);
	for (size_t i = 0; i < *nr; i++) /* the last line about an instance counts */
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

#define BY_WORKLOAD "Not the kernel: the workload itself (workloads/, one file per type), "
#define TIMED                                                                                 \
	BY_WORKLOAD                                                                           \
	"CLOCK_MONOTONIC around each operation, in a histogram whose buckets are 1.6 % wide " \
	"(base/hist.h)."
#define FELT                                                                                               \
	"Up: direct reclaim and compaction inside the operation, swap-in and other waits for a device, a " \
	"CPU shared with kswapd. Down: free memory at hand when it is asked for."

enum {
	ROW_MEAN,
	ROW_P99,
	ROW_P50,
	ROW_MAX,
	ROW_ELAPSED,
	ROW_SLOW,
	ROW_RATE,
	ROW_BYTES,
	ROW_FAILURES,
	ROW_NOTE
};

/* clang-format off */
const struct metric metric_workload_table[] = {
	[ROW_MEAN] = ROW("WORKLOAD.OP_mean_us", "us", LOWER, SECONDARY, CLOCKS, LOG, .1, .05, kind_mean, NULL,
	    .help = "Mean latency of this operation, all instances together: all that reclaim costs its "
		    "users, over the number of operations.",
	    .where = BY_WORKLOAD "CLOCK_MONOTONIC around each operation, summed; exact.",
	    .moves = FELT),
	[ROW_P99] = ROW("WORKLOAD.OP_p99_us", "us", LOWER, SECONDARY, QUANTILES, LOG, .1, .05, kind_p99, NULL,
	    .help = "99 % of these operations took no longer, all instances together: what users feel "
		    "when memory is short.",
	    .where = TIMED,
	    .moves = FELT,
	    .step = BUCKET),
	[ROW_P50] = ROW("WORKLOAD.OP_p50_us", "us", LOWER, SECONDARY, QUANTILES, LOG, .1, .05, kind_p50, NULL,
	    .help = "Median latency of this operation, all instances together.",
	    .where = TIMED,
	    .moves = "Up: a longer path for every operation: code layout, cache misses, a CPU shared with "
		     "kswapd; reclaim only when most operations meet it. Down: the same, less of it.",
	    .step = BUCKET),
	[ROW_MAX] = ROW("WORKLOAD.OP_max_us", "us", LOWER, DIAGNOSTIC, CLOCKS, LOG, .1, .1, kind_max, NULL,
	    .help = "The longest of these operations: one event, so it varies a lot.",
	    .where = BY_WORKLOAD "CLOCK_MONOTONIC around each operation; exact.",
	    .moves = FELT),
	[ROW_ELAPSED] = ROW("WORKLOAD.elapsed_s", "s", LOWER, SECONDARY, CLOCKS, LOG, .001, .03, key_max, NULL,
	    .help = "Time from release to the end of the slowest instance. Context where the workload "
		    "runs in the background and is stopped at the window's end: then it is the length of "
		    "the window.",
	    .where = BY_WORKLOAD "CLOCK_MONOTONIC from the common start to its last operation.",
	    .moves = "Up: anything that holds the load up: stalls, swap-in, reads that had been cached. "
		     "Down: reclaim that keeps out of its way. A paced load hides it."),
	[ROW_SLOW] = ROW("WORKLOAD.slow_rate", "ops/s", LOWER, SECONDARY, CLOCKS, LOG, .1, .05, key_rate, NULL,
	    .help = "Operations that took longer than the workload's threshold (option slow), per second, "
		    "summed over instances.",
	    .where = BY_WORKLOAD "a count beside the histogram.",
	    .moves = FELT),
	[ROW_RATE] = ROW("WORKLOAD.OP_rate", "ops/s", HIGHER, SECONDARY, CLOCKS, LOG, .01, .03, key_rate, NULL,
	    .help = "Operations per second of each instance's own time, summed over instances. A paced "
		    "workload holds it until reclaim cannot keep up.",
	    .where = BY_WORKLOAD "its count of operations over its own time.",
	    .moves = "Down: stalls, swap-in, reads that had been cached, a CPU shared with kswapd. Up: "
		     "reclaim that keeps out of its way."),
	[ROW_BYTES] = ROW("WORKLOAD.OP_mib_per_s", "MiB/s", HIGHER, DIAGNOSTIC, CLOCKS, LOG, .001, .03, key_mib_rate,
	    NULL,
	    .help = "Bytes these operations moved, per second, summed over instances.",
	    .where = BY_WORKLOAD "its count of bytes over its own time.",
	    .moves = "With the rate of the operation: down when reclaim holds it up."),
	[ROW_FAILURES] = ROW("WORKLOAD.OP_failures", "failures", LOWER, SECONDARY, EVENTS, LOG, 1, .05, key_sum,
	    NULL,
	    .help = "Operations the kernel refused, all instances.",
	    .where = BY_WORKLOAD "a count of calls that returned an error.",
	    .moves = "Up: allocations that fail where they could have waited, limits reached, a full "
		     "file system. Down to 0 otherwise."),
	[ROW_NOTE] = ROW("WORKLOAD.NOTE", "", NEITHER, DIAGNOSTIC, CLOCKS, LOG, .001, .05, key_mean, NULL,
	    .help = "A number the workload noted itself (unit in its name), mean over instances.",
	    .where = BY_WORKLOAD "or the external program it drives.",
	    .moves = "What it says of the load itself; it explains the other rows and judges nothing."),
	{ .name = NULL },
};
/* clang-format on */

/* ---------------------------------------------------------------- names */

/*
 * True when the name of a model holds "OP", which stands for the operation in its arg: "ops.fault",
 * or the kind itself.
 */
static bool names_op(const struct metric *model)
{
	return !strncmp(strchr(model->name, '.') + 1, "OP", 2);
}

static int row_of(const struct metric *model)
{
	return (int)(model - metric_workload_table);
}

/* The name of the model with the words of @arg in place of "WORKLOAD" and "OP". */
static const char *workload_row_name(const struct metric *model, const char *arg, struct arena *mem)
{
	const char *tail = strchr(model->name, '.') + 1, *space = strchr(arg, ' '), *op;
	int len = space ? (int)(space - arg) : 0;

	if (!len || !space[1] || strchr(space + 1, ' '))
		return NULL;
	if (model == &metric_workload_table[ROW_NOTE])
		return arena_printf(mem, "%.*s.%s", len, arg, space + 1);
	if (!names_op(model))
		return arena_printf(mem, "%.*s.%s", len, arg, tail);
	op = row_of(model) >= ROW_RATE ? strchr(space + 1, '.') : space;
	return op ? arena_printf(mem, "%.*s.%s%s", len, arg, op + 1, tail + 2) : NULL;
}

/* ---------------------------------------------------------------- rows of one run */

struct gathering {
	const struct workload_facts *facts;
	struct run_rows *rows;
	size_t from; /* the first row of this maker */
	struct arena *mem;
};

static bool has_row(const struct gathering *g, const char *name)
{
	for (size_t i = g->from; i < g->rows->nr; i++)
		if (!strcmp(g->rows->v[i].name, name))
			return true;
	return false;
}

static bool is_full(const struct gathering *g)
{
	return g->rows->nr - g->from >= METRIC_WORKLOAD_ROWS;
}

static void gather_row(struct gathering *g, int model, const char *workload, const char *word,
		       bool background)
{
	struct run_row row = { .model = &metric_workload_table[model], .background = background };

	row.arg = arena_printf(g->mem, "%s %s", workload, word);
	row.name = workload_row_name(row.model, row.arg, g->mem);
	if (!row.name || has_row(g, row.name))
		return;
	if (is_full(g))
		g->rows->left_out++;
	else
		run_rows_put(g->rows, g->mem, &row);
}

static void gather_latency(struct gathering *g, const struct archive_lat *lat)
{
	static const int models[] = { ROW_MEAN, ROW_P99, ROW_P50, ROW_MAX };

	/* only the tail over a threshold: nothing but the number of operations has a meaning */
	if (workload_slow_kind(g->facts, lat->workload, lat->kind))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(models); i++)
		gather_row(g, models[i], lat->workload, lat->kind, false);
}

static void gather_result(struct gathering *g, const struct archive_res *r)
{
	const char *w = r->workload, *key = r->key, *kind = strchr(key, '.');
	bool ops = !strncmp(key, "ops.", 4);

	if (!strcmp(key, "elapsed_s")) {
		/* search the scenario once per row: many lines must not cost a search each */
		if (!has_row(g, arena_printf(g->mem, "%s.elapsed_s", w)))
			gather_row(g, ROW_ELAPSED, w, key,
				   !is_full(g) && workload_in_background(g->facts, w));
	} else if (!ops && strncmp(key, "bytes.", 6) != 0 && strncmp(key, "failures.", 9) != 0) {
		gather_row(g, ROW_NOTE, w, key, false);
	} else if (workload_slow_kind(g->facts, w, kind + 1)) {
		if (ops)
			gather_row(g, ROW_SLOW, w, key, false);
	} else {
		gather_row(g,
			   ops		 ? ROW_RATE
			   : *key == 'b' ? ROW_BYTES
					 : ROW_FAILURES,
			   w, key, false);
	}
}

/* Lines of the same kinds hold what the kernel did; it has rows of its own. */
static bool is_kernel(const char *workload)
{
	return !strcmp(workload, ARCHIVE_KERNEL);
}

static void gather_workloads(const struct archive *a, struct run_rows *rows, struct arena *mem)
{
	struct workload_facts facts;
	struct gathering g = { &facts, rows, rows->nr, mem };

	workload_facts_load(&facts, a);
	/* latencies come first: if there are any, one of them is the headline */
	for (size_t i = 0; i < a->nr_lat; i++)
		if (!is_kernel(a->lat[i].workload))
			gather_latency(&g, &a->lat[i]);
	for (size_t i = 0; i < a->nr_res; i++)
		if (!is_kernel(a->res[i].workload))
			gather_result(&g, &a->res[i]);
	workload_facts_release(&facts);
}

/* ---------------------------------------------------------------- rows of a table */

/* True when the operation of @arg is the headline of its workload. */
static bool is_headline(const struct metric_list *l, const char *arg)
{
	for (size_t i = 0; i < l->nr; i++)
		if (l->v[i].cls == METRIC_PRIMARY && l->v[i].fn == kind_mean &&
		    !strcmp(l->v[i].arg, arg))
			return true;
	return false;
}

/*
 * True when the workload of @arg has a headline: its first operation, by mean and 99th percentile,
 * or by rate where no latencies were taken.
 */
static bool has_headline(const struct metric_list *l, const char *arg)
{
	size_t len = strcspn(arg, " ");

	for (size_t i = 0; i < l->nr; i++)
		if (l->v[i].cls == METRIC_PRIMARY && !strncmp(l->v[i].name, arg, len) &&
		    l->v[i].name[len] == '.')
			return true;
	return false;
}

/* The unit of a note is in its name: the longest suffix that is a unit. */
static void note_unit(const char *key, struct metric *m)
{
	static const struct {
		const char *suffix, *unit;
		double c;
	} units[] = {
		{ "_bytes", "bytes", 4096 },
		{ "_kb", "KiB", 4 },
		{ "_pct", "%", .1 },
		/* times */
		{ "_ns", "ns", 100 },
		{ "_us", "us", .1 },
		{ "_s", "s", .001 },
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

static bool in_background(const struct run_rows *const *runs, size_t nr, const char *name)
{
	for (size_t i = 0; i < nr; i++)
		for (size_t k = 0; k < runs[i]->nr; k++)
			if (runs[i]->v[k].background && !strcmp(runs[i]->v[k].name, name))
				return true;
	return false;
}

static void elapsed_is_context(struct metric *m)
{
	m->better = BETTER_NEITHER;
	m->cls = METRIC_DIAGNOSTIC;
	m->help =
		"Time from release until it was stopped: it runs in the background, so this is the length of "
		"the window.";
	m->moves = "Moves with window_s and says nothing of its own.";
}

static void list_row(struct metric_list *l, const struct run_row *row,
		     const struct run_rows *const *runs, size_t nr)
{
	struct metric m = *row->model;

	if (metric_list_has(l, row->name))
		return; /* one search for the background is enough */
	m.name = row->name;
	m.arg = row->arg;
	switch (row_of(row->model)) {
	case ROW_MEAN:
	case ROW_RATE:
		if (!has_headline(l, m.arg))
			m.cls = METRIC_PRIMARY;
		break;
	case ROW_P99:
		if (is_headline(l, m.arg))
			m.cls = METRIC_PRIMARY;
		break;
	case ROW_ELAPSED:
		if (in_background(runs, nr, m.name))
			elapsed_is_context(&m);
		break;
	case ROW_NOTE:
		note_unit(strchr(m.arg, ' ') + 1, &m);
		break;
	}
	metric_list_add(l, &m);
}

static bool is_latency(const struct run_row *row)
{
	return row_of(row->model) <= ROW_MAX;
}

static void list_workloads(const struct run_rows *const *runs, size_t nr, struct metric_list *l)
{
	for (int latency = 1; latency >= 0; latency--)
		for (size_t i = 0; i < nr; i++)
			for (size_t k = 0; k < runs[i]->nr; k++) {
				const struct run_row *row = &runs[i]->v[k];

				if (row->model >= metric_workload_table &&
				    row->model <= &metric_workload_table[ROW_NOTE] &&
				    is_latency(row) == latency)
					list_row(l, row, runs, nr);
			}
}

const struct metric_maker metric_workload_rows = {
	.models = metric_workload_table,
	.gather = gather_workloads,
	.list = list_workloads,
	.name = workload_row_name,
	.max = METRIC_WORKLOAD_ROWS,
};
