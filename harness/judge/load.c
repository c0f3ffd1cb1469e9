/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Groups runs into scenarios by name, sorted so that the order of the arguments does not matter. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "judge/copies.h"
#include "judge/steps.h"

void cmp_left_out(struct comparison *c, const char *fmt, ...)
{
	const char **old = c->left_out;
	va_list ap;
	char *line;

	va_start(ap, fmt);
	if (vasprintf(&line, fmt, ap) < 0)
		line = NULL;
	va_end(ap);
	c->left_out = arena_alloc(&c->mem, (c->nr_left_out + 1) * sizeof(*c->left_out));
	if (c->nr_left_out)
		memcpy(c->left_out, old, c->nr_left_out * sizeof(*old));
	c->left_out[c->nr_left_out++] = arena_strdup(&c->mem, line ? line : fmt);
	free(line);
}

void cmp_name_copies(struct comparison *c, const struct copies *copies, const char *what)
{
	char *text = copies_text(copies, what);

	if (text)
		cmp_left_out(c, "%s", text);
	free(text);
}

static int by_order(const void *pa, const void *pb)
{
	const struct run_facts *a = *(const struct run_facts *const *)pa,
			       *b = *(const struct run_facts *const *)pb;

	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return strcmp(a->head.path, b->head.path);
}

static void pick_runs(struct comparison *c, const char *scenario, const struct run_facts *const *v,
		      size_t nr, struct cmp_side *out, struct copies *copies)
{
	*out = (struct cmp_side){ .run = arena_alloc(&c->mem, (nr + 1) * sizeof(*out->run)) };
	for (size_t i = 0; i < nr; i++)
		if (v[i]->scenario && !strcmp(v[i]->scenario, scenario))
			out->run[out->nr++] = v[i];
	qsort(out->run, out->nr, sizeof(*out->run), by_order);
	/* inside a side alone: one image against itself has equal runs on both sides */
	out->nr = copies_drop(out->run, out->nr, NULL, 0, copies);
	for (size_t i = 0; i < out->nr; i++) {
		out->usable += out->run[i]->usable;
		out->broken += out->run[i]->broken;
		out->flagged += out->run[i]->flagged;
	}
}

static int by_name(const void *pa, const void *pb)
{
	return strcmp(*(const char *const *)pa, *(const char *const *)pb);
}

/*
 * Puts the sorted distinct scenario names of @v into @names; runs without a name are left out, by
 * file.
 */
static size_t scenario_names(struct comparison *c, const struct run_facts *const *v, size_t nr,
			     const char **names)
{
	size_t n = 0, distinct = 0;

	for (size_t i = 0; i < nr; i++) {
		const struct archive *head = &v[i]->head;

		if (v[i]->scenario)
			names[n++] = v[i]->scenario;
		else
			cmp_left_out(c, "%s: names no scenario%s%s", *head->path ? head->path : "?",
				     *head->why ? ": " : "", head->why);
	}
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 0; i < n; i++)
		if (!distinct || strcmp(names[distinct - 1], names[i]) != 0)
			names[distinct++] = names[i];
	return distinct;
}

int cmp_load(struct comparison *c, const struct run_facts *const *a, size_t na,
	     const struct run_facts *const *b, size_t nb, struct err *e)
{
	const char **all = arena_alloc(&c->mem, (na + nb + 1) * sizeof(*all));
	size_t names_a = scenario_names(c, a, na, all),
	       names_b = scenario_names(c, b, nb, all + names_a), distinct = 0;
	struct copies copies = { 0 };

	qsort(all, names_a + names_b, sizeof(*all), by_name);
	for (size_t i = 0; i < names_a + names_b; i++)
		if (!distinct || strcmp(all[distinct - 1], all[i]) != 0)
			all[distinct++] = all[i];
	c->scenario = arena_alloc(&c->mem, (distinct + 1) * sizeof(*c->scenario));
	for (size_t i = 0; i < distinct; i++) {
		struct cmp_scenario *s = &c->scenario[c->nr_scenarios];

		*s = (struct cmp_scenario){ .name = all[i] };
		pick_runs(c, all[i], a, na, &s->side[SIDE_A], &copies);
		pick_runs(c, all[i], b, nb, &s->side[SIDE_B], &copies);
		if (s->side[SIDE_A].nr && s->side[SIDE_B].nr)
			c->nr_scenarios++;
		else
			cmp_left_out(c, "%s: no run of it in %s", all[i],
				     s->side[SIDE_A].nr ? "B" : "A");
	}
	cmp_name_copies(c, &copies, "run");
	if (c->opts.history_left_out)
		cmp_left_out(c, "noise model: %s", c->opts.history_left_out);
	if (c->nr_scenarios)
		return 0;
	if (!na || !nb)
		return err_set(e, -ENODATA, "nothing to compare: side %s holds no runs",
			       na ? "B" : "A");
	return err_set(e, -ENODATA, "nothing to compare: A and B share no scenario%s%s",
		       c->nr_left_out ? "; " : "", c->nr_left_out ? c->left_out[0] : "");
}
