/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge/facts.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "archive/store.h"
#include "base/alloc.h"
#include "base/fs.h"

const char *facts_get(const struct run_facts *f, const char *key)
{
	return archive_get(&f->head, key);
}

static int by_metric(const void *pa, const void *pb)
{
	const struct facts_value *a = pa, *b = pb;

	return strcmp(a->metric, b->metric);
}

double facts_value(const struct run_facts *f, const char *metric)
{
	const struct facts_value want = { .metric = metric },
				 *v = f->nr_values ? bsearch(&want, f->value, f->nr_values,
							     sizeof(want), by_metric)
						   : NULL;

	return v ? v->v : NAN;
}

/* ---------------------------------------------------------------- fitness */

/*
 * The reason when the numbers of a run contradict each other, so that it must not be averaged in;
 * else NULL.
 */
static const char *invalid(struct run_facts *f)
{
	for (size_t i = 0; i < f->nr_findings; i++)
		if (finding_failed(&f->finding[i], RULE_INVARIANT))
			return arena_printf(&f->head.mem, "invalid: %s: %s", f->finding[i].rule,
					    f->finding[i].text);
	return NULL;
}

/*
 * NULL when the run ended well, is complete, has a window and breaks no invariant; else the reason
 * why it is not usable.
 */
static const char *set_aside(struct run_facts *f)
{
	const struct outcome *o = &f->outcome;

	if (o->cause != OUTCOME_WELL)
		return o->detail ? arena_printf(&f->head.mem, "%s: %s", o->word, o->detail)
				 : o->word;
	if (!f->head.complete)
		return *f->head.why ? f->head.why : "truncated";
	if (!f->has_window)
		return "no window: the run never reached the end of it";
	return invalid(f);
}

/* True when the kernel's own log says that it broke. */
static bool said_broken(const struct run_facts *f)
{
	for (size_t i = 0; i < f->nr_findings; i++)
		if (finding_failed(&f->finding[i], RULE_INVARIANT) && f->finding[i].broke)
			return true;
	return false;
}

/*
 * True when the kernel or the load made the run end badly (also by a truncated archive, or an oops
 * in the log). Trouble of the harness, a requested end, and spoilt numbers of a run that ended well
 * say nothing about kernel or load.
 */
static bool broken(const struct run_facts *f)
{
	const struct outcome *o = &f->outcome;

	if (o->cause == OUTCOME_HARNESS || o->cause == OUTCOME_HOST)
		return false;
	if (o->cause == OUTCOME_WELL && f->head.complete)
		return said_broken(f) || !f->has_window;
	return !f->usable;
}

static bool flagged(const struct run_facts *f)
{
	for (size_t i = 0; i < f->nr_findings; i++)
		if (finding_failed(&f->finding[i], RULE_LIVENESS))
			return f->usable;
	return false;
}

/* ---------------------------------------------------------------- derived */

static void copy_head(struct run_facts *f, const struct archive *a)
{
	struct archive *h = &f->head;

	h->path = a->path ? arena_strdup(&h->mem, a->path) : "";
	h->nr_kv = h->cap_kv = a->nr_kv;
	h->kv = a->nr_kv ? xcalloc(a->nr_kv, sizeof(*h->kv)) : NULL;
	for (size_t i = 0; i < a->nr_kv; i++)
		h->kv[i] = (struct archive_kv){ arena_strdup(&h->mem, a->kv[i].key),
						arena_strdup(&h->mem, a->kv[i].value),
						a->kv[i].host };
	h->body_lines = a->body_lines;
	h->checksum = a->checksum;
	h->complete = a->complete;
	memcpy(h->why, a->why, sizeof(h->why));
}

void facts_from_head(struct run_facts *f)
{
	const char *order = facts_get(f, "run.order");
	char *end;
	long at;

	f->scenario = facts_get(f, "scenario.name");
	f->seed = facts_get(f, "run.seed");
	f->order = -1;
	if (order) {
		at = strtol(order, &end, 10);
		if (end != order && !*end && at >= 0)
			f->order = at;
	}
	f->outcome = outcome_of(&f->head);
	f->final = outcome_is_final(&f->head);
}

static void derive_values(struct run_facts *f, const struct archive *a)
{
	const struct run_rows *rows = &f->rows;
	const struct metric *table = metrics_listed_for(&rows, 1, &f->head.mem, NULL);
	struct run_view view;
	size_t nr = 0;

	while (table[nr].name)
		nr++;
	f->value = arena_alloc(&f->head.mem, (nr + 1) * sizeof(*f->value));
	run_view_init(&view, a);
	for (const struct metric *m = table; m->name; m++) {
		double x;

		if (m->fn(&view, m, &x) && isfinite(x))
			f->value[f->nr_values++] = (struct facts_value){ m->name, x };
	}
	qsort(f->value, f->nr_values, sizeof(*f->value), by_metric);
}

static void derive_includes(struct run_facts *f, const struct archive *a)
{
	struct buf b = BUF_INIT;

	if (run_includes(a, &b))
		f->includes = arena_strdup(&f->head.mem, b.data);
	buf_release(&b);
}

void facts_derive(struct run_facts *f, const struct archive *a)
{
	*f = (struct run_facts){ .order = -1 };
	copy_head(f, a);
	facts_from_head(f);
	f->has_window = archive_window(a, &f->begin_us, &f->end_us) && f->end_us > f->begin_us;
	f->finding = run_findings(a, &f->head.mem, &f->nr_findings);
	f->set_aside = set_aside(f);
	f->usable = !f->set_aside;
	f->broken = broken(f);
	f->flagged = flagged(f);
	derive_includes(f, a);
	run_breaks_of(&f->breaks, a);
	run_shape_of(&f->shape, a, &f->head.mem);
	run_rows_gather(&f->rows, a, &f->head.mem);
	derive_values(f, a);
}

void facts_release(struct run_facts *f)
{
	archive_release(&f->head);
	*f = (struct run_facts){ .order = -1 };
}
