/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/floor_words.h"

#include <stdlib.h>
#include <string.h>

#include "report/fmt.h"

static void add_source(const struct cmp_rebuild *r, struct buf *out)
{
	buf_addf(out, "%zu builds x %zu runs of %s", r->builds, r->runs, r->kernel);
}

void view_metric_floor(const struct cmp_metric *m, struct buf *out)
{
	if (!m->rebuild.line)
		return;
	buf_addf(out, "rebuild floor %s (", fmt_share_of(m, m->rebuild.shown).s);
	add_source(&m->rebuild, out);
	buf_addc(out, ')');
}

void view_by_builds(const struct cmp_metric *m, struct buf *out)
{
	if (!m->rebuild.beyond || (m->verdict != VERDICT_SAME && m->verdict != VERDICT_SMALL))
		return;
	buf_addstr(out, "beyond the declared floor, within what builds alone do (");
	add_source(&m->rebuild, out);
	buf_addc(out, ')');
}

static bool is_primary(const struct cmp_metric *m)
{
	return m->cls == METRIC_PRIMARY && m->judged;
}

void view_scenario_floors(const struct cmp_scenario *s, struct buf *out)
{
	const struct cmp_rebuild *last = NULL;

	for (size_t i = 0; i < s->nr_metrics; i++) {
		const struct cmp_metric *m = &s->metric[i];

		if (!is_primary(m) || !m->rebuild.line || m->rebuild.shown <= m->floor)
			continue;
		buf_addf(out, "%s%s %s", last ? ", " : "rebuild floor: ", m->m->name,
			 fmt_share_of(m, m->rebuild.shown).s);
		last = &m->rebuild;
	}
	if (!last)
		return;
	buf_addstr(out, " (");
	add_source(last, out);
	buf_addc(out, ')');
}

/* Primary metrics of two builds: all, and those that have a floor from rebuilds. */
static size_t count(const struct comparison *c, size_t *with, const struct cmp_rebuild **least)
{
	size_t nr = 0;

	*with = 0;
	for (size_t s = 0; s < c->nr_scenarios; s++) {
		const struct cmp_scenario *sc = &c->scenario[s];

		for (size_t i = 0; i < sc->nr_metrics && sc->builds_differ; i++) {
			const struct cmp_metric *m = &sc->metric[i];

			if (!is_primary(m))
				continue;
			nr++;
			if (!m->rebuild.line)
				continue;
			(*with)++;
			if (!*least || m->rebuild.builds < (*least)->builds)
				*least = &m->rebuild;
		}
	}
	return nr;
}

void view_floors(const struct comparison *c, struct buf *out)
{
	const struct cmp_rebuild *least = NULL;
	size_t with, nr = count(c, &with, &least);

	if (!nr)
		return;
	if (!with) {
		buf_addstr(
			out,
			"no rebuild floor for this machine: the error rates hold for these two images, not for builds (make perf-rebuild)");
		return;
	}
	if (with < nr)
		buf_addf(
			out,
			"no rebuild floor for %zu of %zu primary metrics: for these the error rates hold for the two images, not for builds (make perf-rebuild); the others: ",
			nr - with, nr);
	buf_addstr(out, "what rebuilding one source may do is no finding (");
	add_source(least, out);
	buf_addc(out, ')');
}

void view_two_states(const struct cmp_metric *m, struct buf *out)
{
	const struct cmp_states *s = &m->states;

	if (m->verdict != VERDICT_BISTABLE || !s->found)
		return;
	buf_addf(out, "two states%s, %s and %s: A %zu + %zu runs, B %zu + %zu",
		 s->known ? " of builds of one source" : "", fmt_num(s->low).s, fmt_num(s->high).s,
		 s->n[SIDE_A][0], s->n[SIDE_A][1], s->n[SIDE_B][0], s->n[SIDE_B][1]);
}
