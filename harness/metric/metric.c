/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists the rows for a set of runs. */
#include "metric/metric.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "evidence/nodes.h"
#include "metric/row.h"

const char *const metric_better_names[] = { "lower", "higher", "neither" };
const char *const metric_better_shown[] = { "lower", "higher", "context" };
const char *const metric_class_names[] = { "primary", "secondary", "diagnostic" };
const char *const metric_scale_names[] = { "log", "logit" };

void metric_of_words(unsigned of, struct buf *out)
{
	static const char *const names[] = { "pages", "events", "clocks" };
	const char *sep = "";

	if (of == METRIC_OF_ANY)
		buf_addstr(out, "all");
	for (size_t i = 0; i < ARRAY_SIZE(names) && of != METRIC_OF_ANY; i++) {
		if (!(of & (1u << i)))
			continue;
		buf_addf(out, "%s%s", sep, names[i]);
		sep = ", ";
	}
}

/* Tables of fixed rows, in the order in which they are shown: one line per file. */
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

void run_rows_put(struct run_rows *rows, struct arena *mem, const struct run_row *row)
{
	if (rows->nr == rows->cap) {
		struct run_row *old = rows->v;

		rows->cap = rows->cap ? 2 * rows->cap : 32;
		rows->v = arena_alloc(mem, rows->cap * sizeof(*rows->v));
		if (rows->nr)
			memcpy(rows->v, old, rows->nr * sizeof(*old));
	}
	rows->v[rows->nr++] = *row;
}

/* The model's name ends in N. */
static const char *node_row_name(const struct metric *model, const char *arg, struct arena *mem)
{
	if (!*arg || strspn(arg, "0123456789") != strlen(arg) || strlen(arg) > 4 ||
	    atoi(arg) >= NODES_MAX)
		return NULL;
	return arena_printf(mem, "%.*s%s", (int)strlen(model->name) - 1, model->name, arg);
}

static void gather_nodes(const struct archive *a, struct run_rows *rows, struct arena *mem)
{
	bool zones[NODES_MAX] = { false }, threads[NODES_MAX] = { false };
	unsigned node[NODES_MAX];

	for (size_t k = run_nodes(a, node); k-- > 0;) {
		struct run_node d;

		run_node_init(&d, a, node[k]);
		zones[d.n] = d.nr_zones > 0;
		threads[d.n] = d.kswapd != NULL;
	}
	for (const struct metric *model = metric_node_table; model->name; model++) {
		const bool *has = model->kswapd_nodes ? threads : zones;

		for (unsigned n = 0; n < NODES_MAX; n++) {
			struct run_row row = { .model = model };

			if (!has[n])
				continue;
			row.arg = arena_printf(mem, "%u", n);
			row.name = node_row_name(model, row.arg, mem);
			run_rows_put(rows, mem, &row);
		}
	}
}

static void list_nodes(const struct run_rows *const *runs, size_t nr, struct metric_list *l)
{
	for (const struct metric *model = metric_node_table; model->name; model++) {
		const struct run_row *at[NODES_MAX] = { NULL };

		for (size_t i = 0; i < nr; i++)
			for (size_t k = 0; k < runs[i]->nr; k++)
				if (runs[i]->v[k].model == model)
					at[atoi(runs[i]->v[k].arg)] = &runs[i]->v[k];
		for (unsigned n = 0; n < NODES_MAX; n++) {
			struct metric m = *model;

			if (!at[n])
				continue;
			m.name = at[n]->name;
			m.arg = at[n]->arg;
			metric_list_add(l, &m);
		}
	}
}

static const struct metric_maker node_rows = {
	.models = metric_node_table,
	.gather = gather_nodes,
	.list = list_nodes,
	.name = node_row_name,
};

static const struct metric_maker *const makers[] = { &node_rows, &metric_workload_rows };

void run_rows_gather(struct run_rows *rows, const struct archive *a, struct arena *mem)
{
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++)
		makers[i]->gather(a, rows, mem);
}

bool run_rows_add(struct run_rows *rows, struct arena *mem, const char *model, const char *arg,
		  bool background)
{
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
		for (const struct metric *m = makers[i]->models; m->name; m++) {
			struct run_row row = { .model = m, .background = background };

			if (strcmp(m->name, model) != 0)
				continue;
			row.name = makers[i]->name(m, arg, mem);
			row.arg = arena_strdup(mem, arg);
			if (row.name)
				run_rows_put(rows, mem, &row);
			return !!row.name;
		}
	}
	return false;
}

const struct metric *metrics_listed_for(const struct run_rows *const *runs, size_t nr,
					struct arena *mem, size_t *left_out)
{
	struct metric_list l = { .max = SIZE_MAX };
	struct metric *out;

	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (const struct metric *m = tables[t]; m->name; m++)
			metric_list_add(&l, m);
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
		l.max = makers[i]->max ? l.nr + makers[i]->max : SIZE_MAX;
		makers[i]->list(runs, nr, &l);
	}
	out = arena_alloc(mem, (l.nr + 1) * sizeof(*out));
	memcpy(out, l.v, l.nr * sizeof(*out));
	free(l.v);
	for (size_t i = 0; i < nr; i++)
		l.left_out += runs[i]->left_out;
	if (left_out)
		*left_out = l.left_out;
	return out;
}

const struct metric *metrics_for(const struct archive *const *runs, size_t nr, struct arena *mem,
				 size_t *left_out)
{
	struct run_rows *rows = arena_alloc(mem, (nr + 1) * sizeof(*rows));
	const struct run_rows **v = arena_alloc(mem, (nr + 1) * sizeof(*v));

	for (size_t i = 0; i < nr; i++) {
		run_rows_gather(&rows[i], runs[i], mem);
		v[i] = &rows[i];
	}
	return metrics_listed_for(v, nr, mem, left_out);
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
		return true; /* the last model describes all that no other model does */
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
