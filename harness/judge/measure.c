/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metric rows of each scenario with their values, and which of them may be judged at all. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "judge/steps.h"
#include "stats/stats.h"

/* Values of the usable runs of one side, NAN = ABSENT; how many are not. */
static size_t side_values(struct comparison *c, const char *metric, const struct run_facts **r,
			  size_t usable, double **out)
{
	size_t present = 0;

	*out = arena_alloc(&c->mem, (usable + 1) * sizeof(**out));
	for (size_t n = 0; n < usable; r++) {
		if (!(*r)->usable)
			continue;
		(*out)[n] = facts_value(*r, metric);
		present += !isnan((*out)[n++]);
	}
	return present;
}

static double median_present(const double *x, size_t n)
{
	double *v = xmalloc(n * sizeof(*v)), med;
	size_t nr = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(x[i]))
			v[nr++] = x[i];
	med = stat_median(v, nr);
	free(v);
	return med;
}

static bool word_in(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (; *list; list += strspn(list, " ")) {
		size_t n = strcspn(list, " ");

		if (n == len && !strncmp(list, word, len))
			return true;
		list += n;
	}
	return false;
}

static enum metric_class class_of(const struct metric *m, const char *primary)
{
	if (!primary)
		return m->cls;
	if (word_in(primary, m->name))
		return METRIC_PRIMARY;
	return m->cls == METRIC_PRIMARY ? METRIC_SECONDARY : m->cls;
}

/* Header of the scenario's first run that has it. */
static const char *scenario_get(const struct cmp_scenario *s, const char *key)
{
	const char *v = NULL;

	for (size_t i = 0; i < s->nra && !v; i++)
		v = facts_get(s->ra[i], key);
	for (size_t i = 0; i < s->nrb && !v; i++)
		v = facts_get(s->rb[i], key);
	return v;
}

static double floor_of(const struct cmp_scenario *s, const struct metric *m)
{
	char key[192];
	const char *text;
	char *end;
	double v;

	snprintf(key, sizeof(key), "judge.floor.%s", m->name);
	text = scenario_get(s, key);
	if (!text)
		return m->floor;
	v = strtod(text, &end);
	return end != text && !*end && v > 0 && isfinite(v) ? v : m->floor;
}

static const char *why_not(struct comparison *c, const struct cmp_metric *m, unsigned breaks)
{
	const struct metric_break *b = metric_break_of(m->m, breaks);

	if (!m->va || !m->vb)
		return !m->va && !m->vb ? "ABSENT in A and B"
		       : m->va		? "ABSENT in B"
					: "ABSENT in A";
	if (b && b->flag == BREAK_LRU)
		return arena_printf(&c->mem, "not comparable between LRU modes (A %s, B %s)",
				    *c->lru_a ? c->lru_a : "unknown",
				    *c->lru_b ? c->lru_b : "unknown");
	if (b)
		return b->reason;
	if (m->va < CMP_RUNS_MIN || m->vb < CMP_RUNS_MIN)
		return arena_printf(&c->mem, "%d runs a side are needed, values from %zu and %zu",
				    CMP_RUNS_MIN, m->va, m->vb);
	return NULL;
}

/* The @i-th usable run of one side */
static const struct run_facts *usable_run(const struct run_facts **r, size_t i)
{
	for (;; r++)
		if ((*r)->usable && !i--)
			return *r;
}

static bool on_exact(const struct run_facts *r)
{
	const char *target = facts_get(r, "machine.target");

	return target && !strcmp(target, "exact") && r->seed;
}

/*
 * Where a run is a function of kernel and seed, equal numbers for every seed are no coincidence:
 * the kernels differ in nothing that reaches the metric. @a and @b come in any order, with the same
 * seeds.
 */
static bool pairs_equal(const struct cmp_scenario *s, const struct cmp_metric *m)
{
	if (m->na != m->nb || m->va != m->na || m->vb != m->nb || m->na < CMP_RUNS_MIN)
		return false;
	for (size_t i = 0; i < m->na; i++) {
		const struct run_facts *a = usable_run(s->ra, i);
		size_t j = 0;

		if (!on_exact(a))
			return false;
		for (; j < m->nb; j++) {
			const struct run_facts *b = usable_run(s->rb, j);

			if (on_exact(b) && !strcmp(a->seed, b->seed))
				break;
		}
		if (j == m->nb || m->a[i] != m->b[j])
			return false;
	}
	return true;
}

bool cmp_nothing_happened(const struct cmp_metric *m)
{
	return !m->va && !m->vb;
}

static void unknown_primaries(struct comparison *c, const struct cmp_scenario *s,
			      const struct metric *table, const char *primary)
{
	for (const char *p = primary; p && *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");
		char *word = arena_strndup(&c->mem, p, n);
		const struct metric *m = table;

		while (m->name && strcmp(m->name, word) != 0)
			m++;
		if (n && !m->name)
			cmp_left_out(
				c,
				"%s: %s: named primary by the scenario, but no run has such a metric",
				s->name, word);
		p += n;
	}
}

/* The metric table of the usable runs, and what must not be compared across them. */
static const struct metric *scenario_table(struct comparison *c, const struct cmp_scenario *s,
					   unsigned *between, size_t *dropped)
{
	const struct run_rows **rows = xcalloc(s->ua + s->ub + 1, sizeof(*rows));
	struct run_breaks *breaks = xcalloc(s->ua + s->ub + 1, sizeof(*breaks));
	const struct metric *table;

	for (size_t i = 0; i < s->ua + s->ub; i++) {
		const struct run_facts *r = i < s->ua ? usable_run(s->ra, i)
						      : usable_run(s->rb, i - s->ua);

		rows[i] = &r->rows;
		breaks[i] = r->breaks;
	}
	*between = metric_breaks_between(breaks, s->ua + s->ub);
	table = metrics_listed_for(rows, s->ua + s->ub, &c->mem, dropped);
	free(breaks);
	free(rows);
	return table;
}

static void measure_scenario(struct comparison *c, struct cmp_scenario *s)
{
	const char *primary = scenario_get(s, "judge.primary");
	size_t nr = 0, rows = 0, dropped = 0;
	unsigned breaks;
	const struct metric *table = scenario_table(c, s, &breaks, &dropped);

	if (dropped)
		cmp_left_out(c, "%s: %zu workload results: more than %d metrics of workloads",
			     s->name, dropped, METRIC_WORKLOAD_ROWS);
	while (table[rows].name)
		rows++;
	s->metric = arena_alloc(&c->mem, (rows + 1) * sizeof(*s->metric));
	for (int cls = METRIC_PRIMARY; cls <= METRIC_DIAGNOSTIC; cls++) {
		for (size_t k = 0; k < rows; k++) {
			struct cmp_metric *m = &s->metric[nr];

			if ((int)class_of(&table[k], primary) != cls)
				continue;
			*m = (struct cmp_metric){ .m = &table[k],
						  .cls = (enum metric_class)cls,
						  .na = s->ua,
						  .nb = s->ub,
						  .floor = floor_of(s, &table[k]),
						  .verdict = VERDICT_UNKNOWN };
			m->va = side_values(c, m->m->name, s->ra, s->ua, &m->a);
			m->vb = side_values(c, m->m->name, s->rb, s->ub, &m->b);
			if (!m->va && !m->vb && cls != METRIC_PRIMARY)
				continue;
			m->med_a = median_present(m->a, m->na);
			m->med_b = median_present(m->b, m->nb);
			m->shift = m->lo = m->hi = m->conf = m->p_raw = m->p_adj = m->p_same =
				m->mde = NAN;
			m->why_not = why_not(c, m, breaks);
			m->judged = !m->why_not;
			m->pairs_equal = pairs_equal(s, m);
			m->screen = VERDICT_UNKNOWN;
			m->p_confirm = m->confirm_shift = NAN;
			nr++;
		}
	}
	s->nr_metrics = nr;
	unknown_primaries(c, s, table, primary);
}

static void name_left_out(struct comparison *c)
{
	for (size_t s = 0; s < c->nr_scenarios; s++) {
		const struct cmp_scenario *sc = &c->scenario[s];

		for (size_t i = 0; i < sc->nr_metrics; i++) {
			const struct cmp_metric *m = &sc->metric[i];

			if (!m->judged && m->cls != METRIC_DIAGNOSTIC)
				cmp_left_out(c, "%s: %s: %s", sc->name, m->m->name, m->why_not);
		}
	}
}

void cmp_measure(struct comparison *c)
{
	for (size_t s = 0; s < c->nr_scenarios; s++)
		measure_scenario(c, &c->scenario[s]);
	name_left_out(c);
}
