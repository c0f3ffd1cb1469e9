/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which metrics have a floor from rebuilds, and how large it is in this comparison
 * (harness/man/judging.md, step 8).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "judge/scale.h"
#include "judge/steps.h"
#include "stats/stats.h"

static bool same_text(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* What tells one image from another; NULL = the run does not say. */
static const char *image_of(const struct run_facts *r)
{
	const char *hash = facts_get(r, "kernel.image_hash");

	return hash ? hash : facts_get(r, "kernel.version");
}

/* Puts the distinct images of the usable runs of one side into @out; returns their number. */
static size_t images(const struct cmp_side *s, const char **out)
{
	size_t nr = 0;

	for (size_t i = 0; i < s->nr; i++) {
		const char *image = s->run[i]->usable ? image_of(s->run[i]) : NULL;
		bool seen = !image;

		for (size_t k = 0; k < nr && !seen; k++)
			seen = !strcmp(out[k], image);
		if (!seen)
			out[nr++] = image;
	}
	return nr;
}

static void find_images(struct cmp_scenario *s)
{
	const char **a = xcalloc(cmp_nr_runs(s) + 1, sizeof(*a)), **b = a + s->side[SIDE_A].nr;
	size_t nr_a = images(&s->side[SIDE_A], a), nr_b = images(&s->side[SIDE_B], b), shared = 0;

	for (size_t i = 0; i < nr_a; i++)
		for (size_t k = 0; k < nr_b; k++)
			shared += !strcmp(a[i], b[k]);
	s->builds[SIDE_A] = nr_a;
	s->builds[SIDE_B] = nr_b;
	/* what is built alike on both sides moves neither against the other */
	s->builds_differ = nr_a && nr_b && (shared != nr_a || shared != nr_b);
	free(a);
}

/* ---------------------------------------------------------------- whose floors */

/* Is @release, "6.12.117+deb13-amd64", of the series "6.12"? */
static bool of_series(const char *release, const char *series)
{
	size_t len = strlen(series);

	return release && !strncmp(release, series, len) &&
	       !strchr("0123456789", release[len] ? release[len] : 'x');
}

/* The value of a header in all usable runs; NULL: it is absent, or they differ. */
static const char *shared_fact(const struct cmp_scenario *s, const char *key)
{
	const char *value = NULL;

	for (size_t i = 0; i < cmp_nr_runs(s); i++) {
		const char *v = facts_get(cmp_run(s, i), key);

		if (!cmp_run(s, i)->usable)
			continue;
		if (!v || (value && strcmp(v, value) != 0))
			return NULL;
		value = v;
	}
	return value;
}

static bool runs_series(const struct cmp_scenario *s, const char *series)
{
	for (size_t i = 0; i < cmp_nr_runs(s); i++)
		if (of_series(facts_get(cmp_run(s, i), "kernel.release"), series))
			return true;
	return false;
}

/* Is the kernel series of every usable run that of some block? */
static bool all_measured(const struct cmp_scenario *s, const struct rebuild_scenario *const *block,
			 size_t nr)
{
	for (size_t i = 0; i < cmp_nr_runs(s); i++) {
		const char *release = facts_get(cmp_run(s, i), "kernel.release");
		bool known = !cmp_run(s, i)->usable;

		for (size_t k = 0; k < nr && !known; k++)
			known = of_series(release, block[k]->kernel);
		if (!known)
			return false;
	}
	return true;
}

/*
 * The blocks that belong to this scenario, machine and LRU mode, malloc'ed. Where the kernel series
 * of both sides were measured, those of other series do not count. A series that was not may move
 * by more than those that were, so that all of them count then.
 */
static const struct rebuild_scenario **blocks_of(const struct comparison *c,
						 const struct cmp_scenario *s, size_t *nr)
{
	const struct rebuilds *r = c->opts.rebuilds;
	const struct rebuild_scenario **v = xcalloc(r->nr + 1, sizeof(*v));
	const char *hash = shared_fact(s, "scenario.hash"), *key = shared_fact(s, "machine.key"),
		   *lru = shared_fact(s, "lru.mode");
	size_t of_them = 0;

	*nr = 0;
	for (size_t i = 0; i < r->nr; i++) {
		const struct rebuild_scenario *b = &r->v[i];

		if (!same_text(b->hash, hash) || !same_text(b->machine_key, key) ||
		    !same_text(b->lru, lru))
			continue;
		v[(*nr)++] = b;
	}
	if (!all_measured(s, v, *nr))
		return v;
	for (size_t i = 0; i < *nr; i++)
		if (runs_series(s, v[i]->kernel))
			v[of_them++] = v[i];
	*nr = of_them;
	return v;
}

/* ---------------------------------------------------------------- one metric */

/* As the reader sees it: in points of share, where they are more, or relative. */
static double shown(const struct cmp_metric *m, double y)
{
	double at = m->side[SIDE_A].median;

	if (m->m->scale != SCALE_LOGIT)
		return stat_expm1(y);
	at = fmin(fmax(at, 0), 1);
	return fmax(metric_back(m->m, metric_forward(m->m, at) + y) - at,
		    at - metric_back(m->m, metric_forward(m->m, at) - y));
}

struct rebuild_floor cmp_rebuild_floor(const struct cmp_scenario *s, const struct cmp_metric *m,
				       double rate, size_t na, size_t nb)
{
	const struct rebuild_side side[] = { { na, s->builds[SIDE_A] }, { nb, s->builds[SIDE_B] } };

	return rebuild_floor(m->rebuild.line, rate, side);
}

/* Takes the block whose floor is the largest. */
static void find_floor(struct comparison *c, const struct cmp_scenario *s, struct cmp_metric *m,
		       const struct rebuild_scenario *const *block, size_t nr, double rate)
{
	for (size_t i = 0; i < nr; i++) {
		const struct rebuild_metric *line = rebuild_metric_find(block[i], m->m->name);
		struct cmp_metric with = { .rebuild.line = line };
		struct rebuild_floor f;

		if (!line)
			continue;
		if (line->scale != m->m->scale || line->c != m->m->c) {
			cmp_left_out(
				c,
				"%s: %s: its rebuild floor: measured with resolution %g, and is judged with %g (%s)",
				s->name, m->m->name, line->c, m->m->c,
				block[i]->from ? block[i]->from : "-");
			continue;
		}
		f = cmp_rebuild_floor(s, &with, rate, m->side[SIDE_A].present,
				      m->side[SIDE_B].present);
		if (!m->rebuild.line || f.floor > m->rebuild.y)
			m->rebuild = (struct cmp_rebuild){ .line = line,
							   .kernel = block[i]->kernel,
							   .builds = line->builds,
							   .runs = line->runs,
							   .y = f.floor,
							   .shown = shown(m, f.floor),
							   .same = f.same,
							   .se = f.se,
							   .df = f.df };
	}
}

void cmp_floors(struct comparison *c)
{
	double rate = c->opts.rebuild_rate > 0 ? c->opts.rebuild_rate : c->opts.alpha;
	size_t primary = 0;

	for (size_t s = 0; s < c->nr_scenarios; s++)
		for (size_t i = 0; i < c->scenario[s].nr_metrics; i++)
			primary += c->scenario[s].metric[i].judged &&
				   c->scenario[s].metric[i].cls == METRIC_PRIMARY;
	for (size_t s = 0; s < c->nr_scenarios; s++) {
		struct cmp_scenario *sc = &c->scenario[s];
		const struct rebuild_scenario **block;
		size_t nr;

		find_images(sc);
		if (!sc->builds_differ || !c->opts.rebuilds)
			continue;
		block = blocks_of(c, sc, &nr);
		for (size_t i = 0; i < sc->nr_metrics; i++)
			if (sc->metric[i].judged)
				find_floor(c, sc, &sc->metric[i], block, nr,
					   rate / (double)(primary ? primary : 1));
		free(block);
	}
}
