/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Archives to scenarios: grouped by name, sorted so that the order of the arguments does not
 * matter, unusable runs set aside.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/outcome.h"
#include "base/alloc.h"
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

/* A run whose numbers contradict each other is not averaged in. */
static const char *invalid(struct arena *mem, const struct finding *f, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (finding_failed(&f[i], RULE_INVARIANT))
			return arena_printf(mem, "invalid: %s: %s", f[i].rule, f[i].text);
	return NULL;
}

const char *cmp_set_aside(struct arena *mem, const struct archive *a, const struct finding *f,
			  size_t nr_findings)
{
	const struct outcome o = outcome_of(a);
	uint64_t begin, end;

	if (o.cause != OUTCOME_WELL)
		return o.detail ? arena_printf(mem, "%s: %s", o.word, o.detail) : o.word;
	if (!a->complete)
		return *a->why ? a->why : "truncated";
	if (!archive_window(a, &begin, &end) || end <= begin)
		return "no window: the run never reached the end of it";
	return invalid(mem, f, nr_findings);
}

/* Does the kernel's own log say that it broke? */
static bool said_broken(const struct cmp_run *r)
{
	for (size_t i = 0; i < r->nr_findings; i++)
		if (finding_failed(&r->finding[i], RULE_INVARIANT) && r->finding[i].broke)
			return true;
	return false;
}

/*
 * Ended other than well through the kernel or the load (an archive cut short and an oops in the log
 * too). What happened to the harness, was asked for, or spoilt the numbers of a run that ended
 * well, says nothing about either.
 */
static bool run_broken(const struct cmp_run *r)
{
	const struct outcome o = outcome_of(r->a);

	if (o.cause == OUTCOME_HARNESS || o.cause == OUTCOME_HOST)
		return false;
	if (o.word && o.cause == OUTCOME_WELL && r->a->complete)
		return said_broken(r) || (r->set_aside && !strncmp(r->set_aside, "no window", 9));
	return !r->usable;
}

static int cmp_run_order(const void *pa, const void *pb)
{
	const struct cmp_run *a = pa, *b = pb;

	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return strcmp(a->file, b->file);
}

void cmp_run_init(struct cmp_run *r, struct arena *mem, const struct archive *a)
{
	const char *order = archive_get(a, "run.order");
	char *end;
	long at;

	*r = (struct cmp_run){ .a = a,
			       .file = a->path ? a->path : "",
			       .seed = archive_get(a, "run.seed"),
			       .order = -1 };
	if (order) {
		at = strtol(order, &end, 10);
		if (end != order && !*end && at >= 0)
			r->order = at;
	}
	r->finding = run_findings(a, mem, &r->nr_findings);
	r->set_aside = cmp_set_aside(mem, a, r->finding, r->nr_findings);
	r->usable = !r->set_aside;
	r->broken = run_broken(r);
}

bool cmp_is_flagged(const struct cmp_run *r)
{
	for (size_t i = 0; i < r->nr_findings; i++)
		if (finding_failed(&r->finding[i], RULE_LIVENESS))
			return r->usable;
	return false;
}

static size_t pick_runs(struct comparison *c, const char *scenario, const struct archive *const *v,
			size_t nr, struct cmp_run **out, size_t *usable, size_t *broken,
			size_t *flagged)
{
	struct cmp_run *runs = arena_alloc(&c->mem, (nr + 1) * sizeof(*runs));
	size_t n = 0;

	for (size_t i = 0; i < nr; i++) {
		const char *name = archive_get(v[i], "scenario.name");

		if (name && !strcmp(name, scenario))
			cmp_run_init(&runs[n++], &c->mem, v[i]);
	}
	qsort(runs, n, sizeof(*runs), cmp_run_order);
	for (size_t i = 0; i < n; i++) {
		*usable += runs[i].usable;
		*broken += runs[i].broken;
		*flagged += cmp_is_flagged(&runs[i]);
	}
	*out = runs;
	return n;
}

static int cmp_name(const void *pa, const void *pb)
{
	return strcmp(*(const char *const *)pa, *(const char *const *)pb);
}

/* Sorted distinct scenario names of @v into @names; those without a name are left out by file. */
static size_t scenario_names(struct comparison *c, const struct archive *const *v, size_t nr,
			     const char **names)
{
	size_t n = 0, distinct = 0;

	for (size_t i = 0; i < nr; i++) {
		const char *name = archive_get(v[i], "scenario.name");

		if (name)
			names[n++] = name;
		else
			cmp_left_out(c, "%s: names no scenario%s%s", v[i]->path ? v[i]->path : "?",
				     *v[i]->why ? ": " : "", v[i]->why);
	}
	qsort(names, n, sizeof(*names), cmp_name);
	for (size_t i = 0; i < n; i++)
		if (!distinct || strcmp(names[distinct - 1], names[i]) != 0)
			names[distinct++] = names[i];
	return distinct;
}

int cmp_load(struct comparison *c, const struct archive *const *a, size_t na,
	     const struct archive *const *b, size_t nb, struct err *e)
{
	const char **all = arena_alloc(&c->mem, (na + nb + 1) * sizeof(*all));
	size_t names_a = scenario_names(c, a, na, all),
	       names_b = scenario_names(c, b, nb, all + names_a), distinct = 0;

	qsort(all, names_a + names_b, sizeof(*all), cmp_name);
	for (size_t i = 0; i < names_a + names_b; i++)
		if (!distinct || strcmp(all[distinct - 1], all[i]) != 0)
			all[distinct++] = all[i];
	c->scenario = arena_alloc(&c->mem, (distinct + 1) * sizeof(*c->scenario));
	for (size_t i = 0; i < distinct; i++) {
		struct cmp_scenario *s = &c->scenario[c->nr_scenarios];

		*s = (struct cmp_scenario){ .name = all[i] };
		s->nra = pick_runs(c, all[i], a, na, &s->ra, &s->ua, &s->broken_a, &s->flagged_a);
		s->nrb = pick_runs(c, all[i], b, nb, &s->rb, &s->ub, &s->broken_b, &s->flagged_b);
		if (s->nra && s->nrb)
			c->nr_scenarios++;
		else
			cmp_left_out(c, "%s: no run of it in %s", all[i], s->nra ? "B" : "A");
	}
	if (c->nr_scenarios)
		return 0;
	if (!na || !nb)
		return err_set(e, -ENODATA, "nothing to compare: side %s holds no runs",
			       na ? "B" : "A");
	return err_set(e, -ENODATA, "nothing to compare: A and B share no scenario%s%s",
		       c->nr_left_out ? "; " : "", c->nr_left_out ? c->left_out[0] : "");
}
