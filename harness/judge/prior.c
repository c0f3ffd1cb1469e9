/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The noise of a metric as earlier runs of the same scenario on the same machine showed it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "judge/scale.h"
#include "judge/steps.h"

#define HISTORY_DF_MAX 20 /* beyond it today's own variance would no longer be heard */

struct past {
	const char *kernel, *settings, *cmdline; /* runs of one group differ by chance alone */
	double y;
};

static bool same_header(const struct archive *a, const struct archive *b, const char *key)
{
	const char *va = archive_get(a, key), *vb = archive_get(b, key);

	return va == vb || (va && vb && !strcmp(va, vb));
}

/* A run under comparison may not stand in its own history: the prior would know the labels. */
static bool is_compared(const struct cmp_scenario *s, const struct archive *a)
{
	for (size_t i = 0; i < s->nra + s->nrb; i++) {
		const struct archive *r = i < s->nra ? s->ra[i].a : s->rb[i - s->nra].a;

		if (r == a || (r->checksum == a->checksum && r->body_lines == a->body_lines))
			return true;
	}
	return false;
}

/* The same run twice (a copy in another folder) would count its noise twice. */
static bool is_taken(const struct archive *const *past, size_t nr, const struct archive *a)
{
	for (size_t i = 0; i < nr; i++)
		if (past[i]->checksum == a->checksum && past[i]->body_lines == a->body_lines)
			return true;
	return false;
}

/* What the others are held against: a run that broke early may not know its LRU mode. */
static const struct archive *first_usable(const struct cmp_scenario *s)
{
	for (size_t i = 0; i < s->nra + s->nrb; i++) {
		const struct cmp_run *r = i < s->nra ? &s->ra[i] : &s->rb[i - s->nra];

		if (r->usable)
			return r->a;
	}
	return s->ra[0].a;
}

static bool belongs(const struct cmp_scenario *s, const struct archive *a)
{
	static const char *const keys[] = { "scenario.name", "scenario.hash", "machine.key",
					    "lru.mode" };
	const struct archive *ref = first_usable(s);
	struct arena mem = ARENA_INIT;
	const struct finding *f;
	size_t nr;
	bool ok = !is_compared(s, a);

	for (size_t i = 0; i < ARRAY_SIZE(keys) && ok; i++)
		ok = same_header(a, ref, keys[i]);
	if (ok) {
		f = run_findings(a, &mem, &nr);
		ok = !cmp_set_aside(&mem, a, f, nr);
	}
	arena_release(&mem);
	return ok;
}

static int cmp_group(const struct past *a, const struct past *b)
{
	int d = strcmp(a->kernel, b->kernel);

	if (!d)
		d = strcmp(a->settings, b->settings);
	return d ? d : strcmp(a->cmdline, b->cmdline);
}

static int cmp_past(const void *pa, const void *pb)
{
	const struct past *a = pa, *b = pb;
	int d = cmp_group(a, b);

	return d ? d : (a->y > b->y) - (a->y < b->y);
}

/* Pooled variance inside the groups of @v, which is sorted by them. */
static void pool(const struct past *v, size_t nr, double *var, double *df)
{
	double ss = 0;

	*df = 0;
	for (size_t from = 0, to; from < nr; from = to) {
		double mean = 0;

		for (to = from; to < nr && !cmp_group(&v[to], &v[from]); to++)
			mean += v[to].y;
		mean /= (double)(to - from);
		for (size_t i = from; i < to; i++)
			ss += (v[i].y - mean) * (v[i].y - mean);
		*df += (double)(to - from) - 1;
	}
	*var = *df > 0 ? ss / *df : 0;
	*df = fmin(*df, HISTORY_DF_MAX);
}

const struct archive **cmp_history(const struct comparison *c, const struct cmp_scenario *s,
				   size_t *nr)
{
	const struct archive **past = xcalloc(c->opts.nr_history, sizeof(*past));

	*nr = 0;
	for (size_t i = 0; i < c->opts.nr_history; i++)
		if (belongs(s, c->opts.history[i]) && !is_taken(past, *nr, c->opts.history[i]))
			past[(*nr)++] = c->opts.history[i];
	return past;
}

void cmp_history_prior(const struct archive *const *past, size_t nr, const struct metric *m,
		       double *var, double *df)
{
	struct past *v = xcalloc(nr, sizeof(*v));
	size_t used = 0;

	for (size_t i = 0; i < nr; i++) {
		const char *kernel = archive_get(past[i], "kernel.image_hash"),
			   *settings = archive_get(past[i], "side.settings"),
			   *cmdline = archive_get(past[i], "run.cmdline");
		struct run_view view;
		double x;

		run_view_init(&view, past[i]);
		if (!m->fn(&view, m, &x) || !isfinite(x))
			continue;
		kernel = kernel ? kernel : archive_get(past[i], "kernel.release");
		v[used++] = (struct past){ kernel ? kernel : "", settings ? settings : "",
					   cmdline ? cmdline : "", metric_forward(m, x) };
	}
	if (used)
		qsort(v, used, sizeof(*v), cmp_past);
	pool(v, used, var, df);
	free(v);
}
