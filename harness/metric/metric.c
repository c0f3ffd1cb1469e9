/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows for a set of runs. */
#include "metric/metric.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "metric/row.h"

#define NODES_MAX 1024

const char *const metric_better_names[] = { "lower", "higher", "neither" };
const char *const metric_better_shown[] = { "lower", "higher", "context" };
const char *const metric_class_names[] = { "primary", "secondary", "diagnostic" };
const char *const metric_scale_names[] = { "log", "logit" };

/* Tables of fixed rows, in the order they are shown in: one line a file. */
static const struct metric *const tables[] = {
	metric_table,
	metric_trace_table,
};

bool metric_list_has(const struct metric_list *l, const char *name)
{
	for (size_t i = 0; i < l->nr; i++)
		if (!strcmp(l->v[i].name, name))
			return true;
	return false;
}

void metric_list_add(struct metric_list *l, const struct metric *m)
{
	if (metric_list_has(l, m->name))
		return;
	if (l->nr >= l->max) {
		l->left_out++;
		return;
	}
	ARRAY_GROW(l->v, l->nr, l->cap);
	l->v[l->nr++] = *m;
}

static void node_rows(const struct archive *const *runs, size_t nr, struct metric_list *l,
		      struct arena *mem)
{
	bool zones[NODES_MAX] = { false }, threads[NODES_MAX] = { false };

	for (size_t i = 0; i < nr; i++) {
		metric_zoneinfo_nodes(runs[i], zones, NODES_MAX);
		metric_kswapd_nodes(runs[i], threads, NODES_MAX);
	}
	for (const struct metric *model = metric_node_table; model->name; model++) {
		const bool *has = model->kswapd_nodes ? threads : zones;

		for (unsigned n = 0; n < NODES_MAX; n++) {
			struct metric m = *model;

			if (!has[n])
				continue;
			/* the model's name ends in N */
			m.name = arena_printf(mem, "%.*s%u", (int)strlen(m.name) - 1, m.name, n);
			m.arg = arena_printf(mem, "%u", n);
			metric_list_add(l, &m);
		}
	}
}

static const struct {
	metric_maker *fn;
	size_t max; /* rows it may add; 0 = any number */
} makers[] = {
	{ node_rows,	     0		       },
	  { metric_workload_rows, METRIC_WORKLOAD_ROWS }
};

const struct metric *metrics_for(const struct archive *const *runs, size_t nr, struct arena *mem,
				 size_t *left_out)
{
	struct metric_list l = { .max = SIZE_MAX };
	struct metric *out;

	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (const struct metric *m = tables[t]; m->name; m++)
			metric_list_add(&l, m);
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
		l.max = makers[i].max ? l.nr + makers[i].max : SIZE_MAX;
		makers[i].fn(runs, nr, &l, mem);
	}
	out = arena_alloc(mem, (l.nr + 1) * sizeof(*out));
	memcpy(out, l.v, l.nr * sizeof(*out));
	if (left_out)
		*left_out = l.left_out;
	free(l.v);
	return out;
}

const struct metric *metric_find(const char *name)
{
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (const struct metric *m = tables[t]; m->name; m++)
			if (!strcmp(m->name, name))
				return m;
	return NULL;
}

const struct metric *metric_listed(size_t i)
{
	static const struct metric *const models[] = { metric_node_table, metric_workload_table };

	for (size_t t = 0; t < ARRAY_SIZE(tables) + ARRAY_SIZE(models); t++) {
		const struct metric *m = t < ARRAY_SIZE(tables) ? tables[t]
								: models[t - ARRAY_SIZE(tables)];

		for (; m->name; m++)
			if (!i--)
				return m;
	}
	return NULL;
}

/* "below_low_s_node1" is of the model "below_low_s_nodeN". */
static bool is_of_node(const char *name, const char *model)
{
	size_t len = strlen(model) - 1, digits;

	if (strncmp(name, model, len) != 0)
		return false;
	digits = strspn(name + len, "0123456789");
	return digits && !name[len + digits];
}

/*
 * "anon.fault_p99_us" is of the model "WORKLOAD.OP_p99_us", "anon.elapsed_s" of
 * "WORKLOAD.elapsed_s". Names of workloads and operations may hold anything but spaces.
 */
static bool is_of_workload(const char *name, const char *model)
{
	const char *dot = strchr(name, '.'), *rest = strchr(model, '.') + 1;
	size_t len, tail;

	if (!dot || dot == name || !dot[1])
		return false;
	if (!strcmp(rest, "NOTE"))
		return true; /* the last model: whatever nothing else describes */
	if (strncmp(rest, "OP", 2) != 0)
		return !strcmp(dot + 1, rest);
	len = strlen(dot + 1);
	tail = strlen(rest + 2);
	return len > tail && !strcmp(dot + 1 + len - tail, rest + 2);
}

const struct metric *metric_describe(const char *name)
{
	const struct metric *m = metric_find(name);

	if (m)
		return m;
	for (m = metric_node_table; m->name; m++)
		if (!strcmp(name, m->name) || is_of_node(name, m->name))
			return m;
	for (m = metric_workload_table; m->name; m++)
		if (!strcmp(name, m->name) || is_of_workload(name, m->name))
			return m;
	return NULL;
}
