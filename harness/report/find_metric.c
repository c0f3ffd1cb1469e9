/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/find_metric.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/opt.h"

#define NEAR_SHOWN 5

struct names {
	const char **v;
	size_t nr, cap;
};

static void add_name(struct names *n, const char *name)
{
	for (size_t i = 0; i < n->nr; i++)
		if (!strcmp(n->v[i], name))
			return;
	ARRAY_GROW(n->v, n->nr, n->cap);
	n->v[n->nr++] = name;
}

/* Appends every metric name, those of the comparison first. */
static void all_names(const struct comparison *c, struct names *n)
{
	const struct metric *m;

	for (size_t s = 0; c && s < c->nr_scenarios; s++)
		for (size_t i = 0; i < c->scenario[s].nr_metrics; i++)
			add_name(n, c->scenario[s].metric[i].m->name);
	for (size_t i = 0; (m = metric_listed(i)); i++)
		add_name(n, m->name);
}

/* The message lists the names that are nearly @name, then those that contain it. */
static int unknown(const char *name, const struct comparison *c, struct err *e)
{
	struct names n = { 0 };
	struct buf b = BUF_INIT;
	const char *near;
	size_t shown = 0;

	all_names(c, &n);
	near = opt_suggest(name, n.v, n.nr);
	if (near) {
		buf_addf(&b, "'%s'", near);
		shown++;
	}
	for (size_t i = 0; i < n.nr && shown < NEAR_SHOWN && strlen(name) > 2; i++)
		if (strstr(n.v[i], name) && n.v[i] != near)
			buf_addf(&b, "%s'%s'", shown++ ? ", " : "", n.v[i]);
	if (shown)
		err_set(e, -EINVAL, "--explain: '%.80s': no such metric; did you mean %s?", name,
			b.data);
	else
		err_set(e, -EINVAL,
			"--explain: '%.80s': no such metric; wmark list metrics names them", name);
	buf_release(&b);
	free(n.v);
	return -EINVAL;
}

int report_find_metric(const char *name, const struct comparison *c, struct metric *out,
		       struct err *e)
{
	const struct metric *m;

	for (size_t s = 0; c && s < c->nr_scenarios; s++)
		for (size_t i = 0; i < c->scenario[s].nr_metrics; i++)
			if (!strcmp(c->scenario[s].metric[i].m->name, name)) {
				*out = *c->scenario[s].metric[i].m;
				return 0;
			}
	m = metric_describe(name);
	if (!m)
		return unknown(name, c, e);
	*out = *m;
	out->name = name; /* the row's own name is a pattern: WORKLOAD.OP_p99_us */
	return 0;
}
