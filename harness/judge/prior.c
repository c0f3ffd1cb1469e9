/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The noise of a metric in earlier runs of the same scenario on the same machine
 * (harness/man/judging.md, step 3).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "judge/scale.h"
#include "judge/steps.h"

#define HISTORY_DF_MAX 20 /* with more, today's own variance would hardly count */

struct past {
	const char *kernel, *settings, *cmdline; /* the runs of one group differ by chance alone */
	double y;
};

static bool same_header(const struct run_facts *a, const struct run_facts *b, const char *key)
{
	const char *va = facts_get(a, key), *vb = facts_get(b, key);

	return va == vb || (va && vb && !strcmp(va, vb));
}

/* The reference for the other runs: a run that broke early may not know its LRU mode. */
static const struct run_facts *first_usable(const struct cmp_scenario *s)
{
	for (size_t i = 0; i < cmp_nr_runs(s); i++) {
		const struct run_facts *r = cmp_run(s, i);

		if (r->usable)
			return r;
	}
	return s->side[SIDE_A].run[0];
}

static bool belongs(const struct cmp_scenario *s, const struct run_facts *f)
{
	static const char *const keys[] = { "scenario.name", "scenario.hash", "machine.key",
					    "lru.mode" };
	const struct run_facts *ref = first_usable(s);
	bool ok = f->usable;

	for (size_t i = 0; i < ARRAY_SIZE(keys) && ok; i++)
		ok = same_header(f, ref, keys[i]);
	return ok;
}

static int compare_groups(const struct past *a, const struct past *b)
{
	int d = strcmp(a->kernel, b->kernel);

	if (!d)
		d = strcmp(a->settings, b->settings);
	return d ? d : strcmp(a->cmdline, b->cmdline);
}

static int by_group(const void *pa, const void *pb)
{
	const struct past *a = pa, *b = pb;
	int d = compare_groups(a, b);

	return d ? d : (a->y > b->y) - (a->y < b->y);
}

/* The pooled variance inside the groups of @v, which is sorted by group. */
static void pool(const struct past *v, size_t nr, double *var, double *df)
{
	double ss = 0;

	*df = 0;
	for (size_t from = 0, to; from < nr; from = to) {
		double mean = 0;

		for (to = from; to < nr && !compare_groups(&v[to], &v[from]); to++)
			mean += v[to].y;
		mean /= (double)(to - from);
		for (size_t i = from; i < to; i++)
			ss += (v[i].y - mean) * (v[i].y - mean);
		*df += (double)(to - from) - 1;
	}
	*var = *df > 0 ? ss / *df : 0;
	*df = fmin(*df, HISTORY_DF_MAX);
}

const struct run_facts **cmp_history(const struct comparison *c, const struct cmp_scenario *s,
				     size_t *nr)
{
	const struct run_facts **past = xcalloc(c->opts.nr_history + 1, sizeof(*past)),
			       **compared = xcalloc(cmp_nr_runs(s) + 1, sizeof(*compared));
	struct copies copies = { 0 };

	*nr = 0;
	for (size_t i = 0; i < c->opts.nr_history; i++)
		if (belongs(s, c->opts.history[i]))
			past[(*nr)++] = c->opts.history[i];
	for (size_t i = 0; i < cmp_nr_runs(s); i++)
		compared[i] = cmp_run(s, i);
	/*
	 * A run under comparison must not be in its own history, or the prior would know the
	 * labels; a copy in another folder would count its noise twice.
	 */
	*nr = copies_drop(past, *nr, compared, cmp_nr_runs(s), &copies);
	free(compared);
	return past;
}

void cmp_history_prior(const struct run_facts *const *past, size_t nr, const struct metric *m,
		       double *var, double *df)
{
	struct past *v = xcalloc(nr, sizeof(*v));
	size_t used = 0;

	for (size_t i = 0; i < nr; i++) {
		const char *kernel = facts_get(past[i], "kernel.image_hash"),
			   *settings = facts_get(past[i], "side.settings"),
			   *cmdline = facts_get(past[i], "run.cmdline");
		double x = facts_value(past[i], m->name);

		if (isnan(x))
			continue;
		kernel = kernel ? kernel : facts_get(past[i], "kernel.release");
		v[used++] = (struct past){ kernel ? kernel : "", settings ? settings : "",
					   cmdline ? cmdline : "", metric_forward(m, x) };
	}
	if (used)
		qsort(v, used, sizeof(*v), by_group);
	pool(v, used, var, df);
	free(v);
}
