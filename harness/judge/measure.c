/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes the metric rows of each scenario with their values, and decides which of them may be
 * judged.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "judge/family.h"
#include "judge/steps.h"
#include "stats/stats.h"

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

void cmp_take_values(struct comparison *c, const char *metric, const struct run_facts *const *run,
		     size_t nr, struct cmp_values *out)
{
	*out = (struct cmp_values){ .v = arena_alloc(&c->mem, (nr + 1) * sizeof(*out->v)) };
	for (size_t i = 0; i < nr; i++) {
		if (!run[i]->usable)
			continue;
		out->v[out->nr] = facts_value(run[i], metric);
		out->present += !isnan(out->v[out->nr++]);
	}
	out->median = median_present(out->v, out->nr);
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

/* The class that the table and the scenario ask for, wherever the runs took place. */
static enum metric_class class_wanted(const struct metric *m, const char *primary)
{
	if (!primary)
		return m->cls;
	if (word_in(primary, m->name))
		return METRIC_PRIMARY;
	return m->cls == METRIC_PRIMARY ? METRIC_SECONDARY : m->cls;
}

static enum metric_class class_of(const struct metric *m, const char *primary, unsigned machines)
{
	enum metric_class cls = class_wanted(m, primary);

	return cls == METRIC_PRIMARY && metric_not_primary_on(m, machines) ? METRIC_SECONDARY : cls;
}

unsigned cmp_machines(const struct cmp_scenario *s)
{
	unsigned machines = 0;

	for (size_t i = 0; i < cmp_nr_runs(s); i++) {
		const struct run_facts *r = cmp_run(s, i);
		const char *cpus = facts_get(r, "machine.cpus");

		if (r->usable && cpus)
			machines |= metric_machine(facts_get(r, "machine.target"),
						   strtol(cpus, NULL, 10));
	}
	return machines;
}

/* The header of the scenario's first run that has it. */
static const char *scenario_get(const struct cmp_scenario *s, const char *key)
{
	const char *v = NULL;

	for (size_t i = 0; i < cmp_nr_runs(s) && !v; i++)
		v = facts_get(cmp_run(s, i), key);
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

static const char *why_not(struct comparison *c, const struct cmp_scenario *s, struct cmp_metric *m,
			   unsigned breaks)
{
	const struct metric_break *b = metric_break_of(m->m, breaks);
	size_t in_a = m->side[SIDE_A].present, in_b = m->side[SIDE_B].present;

	if (!in_a || !in_b)
		return !in_a && !in_b ? "ABSENT in A and B" : in_a ? "ABSENT in B" : "ABSENT in A";
	if (b && b->flag == BREAK_LRU)
		return arena_printf(&c->mem, "not comparable between LRU modes (A %s, B %s)",
				    *c->lru[SIDE_A] ? c->lru[SIDE_A] : "unknown",
				    *c->lru[SIDE_B] ? c->lru[SIDE_B] : "unknown");
	if (b)
		return b->reason;
	m->barred = cmp_bar(c, s, m->m);
	if (m->barred)
		return cmp_shape_words(c, m->barred);
	if (in_a < CMP_RUNS_MIN || in_b < CMP_RUNS_MIN)
		return arena_printf(&c->mem, "%d runs per side needed, values from %zu and %zu",
				    CMP_RUNS_MIN, in_a, in_b);
	return NULL;
}

/* The @i-th usable run of one side */
static const struct run_facts *usable_run(const struct cmp_side *s, size_t i)
{
	for (const struct run_facts **r = s->run;; r++)
		if ((*r)->usable && !i--)
			return *r;
}

static bool on_exact(const struct run_facts *r)
{
	const char *target = facts_get(r, "machine.target");

	return target && !strcmp(target, "exact") && r->seed;
}

/* True when one of the usable runs before the @i-th has its seed. */
static bool seed_again(const struct cmp_side *s, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(usable_run(s, k)->seed, usable_run(s, i)->seed))
			return true;
	return false;
}

/*
 * On a target where a run is a function of kernel and seed, equal numbers for every seed are no
 * coincidence: no difference between the kernels reaches the metric. Each seed has one run per
 * side, in any order. That both runs of a seed are equal does not depend on which is A's.
 */
static bool pairs_equal(const struct cmp_scenario *s, const struct cmp_metric *m)
{
	const struct cmp_values *va = &m->side[SIDE_A], *vb = &m->side[SIDE_B];

	if (va->nr != vb->nr || va->present != va->nr || vb->present != vb->nr ||
	    va->nr < CMP_RUNS_MIN)
		return false;
	for (size_t i = 0; i < va->nr; i++) {
		const struct run_facts *a = usable_run(&s->side[SIDE_A], i);
		size_t j = 0;

		if (!on_exact(a) || seed_again(&s->side[SIDE_A], i))
			return false;
		for (; j < vb->nr; j++) {
			const struct run_facts *b = usable_run(&s->side[SIDE_B], j);

			if (on_exact(b) && !strcmp(a->seed, b->seed))
				break;
		}
		if (j == vb->nr || va->v[i] != vb->v[j])
			return false;
	}
	return true;
}

/*
 * That a metric which is the same for every seed is equal in A and B says only that nothing was
 * seen. Where a primary metric varies over seeds and is equal for each, the runs themselves are.
 */
static void equal_beside(struct cmp_scenario *s)
{
	bool runs_equal = false;

	for (size_t i = 0; i < s->nr_metrics; i++)
		runs_equal |= s->metric[i].cls == METRIC_PRIMARY && s->metric[i].pairs_equal &&
			      !within_resolution(&s->metric[i]);
	for (size_t i = 0; i < s->nr_metrics && !runs_equal; i++)
		if (within_resolution(&s->metric[i]))
			s->metric[i].pairs_equal = false;
}

bool cmp_nothing_happened(const struct cmp_metric *m)
{
	return !m->side[SIDE_A].present && !m->side[SIDE_B].present;
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

/* Says which metrics would be primary and are not, because of the machine of the runs. */
static void demoted(struct comparison *c, const struct cmp_scenario *s, const char *primary,
		    unsigned machines)
{
	for (size_t i = 0; i < s->nr_metrics; i++) {
		const struct metric *m = s->metric[i].m;
		const struct metric_machine *not = metric_not_primary_on(m, machines);
		struct buf words = BUF_INIT;

		if (!not|| class_wanted(m, primary) != METRIC_PRIMARY)
			continue;
		metric_machine_words(not, &words);
		cmp_left_out(c, "%s: %s: %s", s->name, m->name, words.data);
		buf_release(&words);
	}
}

/* The metric table of the usable runs, and the breaks that forbid comparisons between them. */
static const struct metric *scenario_table(struct comparison *c, const struct cmp_scenario *s,
					   unsigned *between, size_t *dropped)
{
	size_t nr = cmp_nr_runs(s), usable = 0;
	const struct run_rows **rows = xcalloc(nr + 1, sizeof(*rows));
	struct run_breaks *breaks = xcalloc(nr + 1, sizeof(*breaks));
	const struct metric *table;

	for (size_t i = 0; i < nr; i++) {
		const struct run_facts *r = cmp_run(s, i);

		if (!r->usable)
			continue;
		rows[usable] = &r->rows;
		breaks[usable++] = r->breaks;
	}
	*between = metric_breaks_between(breaks, usable);
	table = metrics_listed_for(rows, usable, &c->mem, dropped);
	free(breaks);
	free(rows);
	return table;
}

static void measure_scenario(struct comparison *c, struct cmp_scenario *s)
{
	const char *primary = scenario_get(s, "judge.primary");
	unsigned machines = cmp_machines(s);
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

			if ((int)class_of(&table[k], primary, machines) != cls)
				continue;
			*m = (struct cmp_metric){ .m = &table[k],
						  .cls = (enum metric_class)cls,
						  .floor = floor_of(s, &table[k]),
						  .verdict = VERDICT_UNKNOWN };
			for (enum side side = SIDE_A; side < NR_SIDES; side++)
				cmp_take_values(c, m->m->name, s->side[side].run, s->side[side].nr,
						&m->side[side]);
			if (cmp_nothing_happened(m) && cls != METRIC_PRIMARY)
				continue;
			m->shift = m->lo = m->hi = m->conf = m->p_raw = m->p_adj = m->p_same =
				m->mde = NAN;
			m->why_not = why_not(c, s, m, breaks);
			m->incomparable = metric_break_of(m->m, breaks);
			m->judged = !m->why_not;
			m->pairs_equal = pairs_equal(s, m);
			m->screen = VERDICT_UNKNOWN;
			m->p_confirm = NAN;
			nr++;
		}
	}
	s->nr_metrics = nr;
	equal_beside(s);
	unknown_primaries(c, s, table, primary);
	demoted(c, s, primary, machines);
}

/* One line for all metrics of a scenario that one unlike state bars. */
static void name_barred(struct comparison *c, const struct cmp_scenario *s,
			const struct cmp_shape *f)
{
	size_t nr[METRIC_DIAGNOSTIC + 1] = { 0 };

	for (size_t i = 0; i < s->nr_metrics; i++)
		nr[s->metric[i].cls] += s->metric[i].barred == f && !s->metric[i].judged;
	if (nr[METRIC_PRIMARY] + nr[METRIC_SECONDARY])
		cmp_left_out(c, "%s: %zu primary and %zu secondary metrics: not judged: %s",
			     s->name, nr[METRIC_PRIMARY], nr[METRIC_SECONDARY],
			     cmp_shape_words(c, f));
}

static void name_left_out(struct comparison *c)
{
	for (size_t s = 0; s < c->nr_scenarios; s++) {
		const struct cmp_scenario *sc = &c->scenario[s];

		for (size_t i = 0; i < sc->nr_shapes; i++)
			name_barred(c, sc, &sc->shape[i]);
		for (size_t i = 0; i < sc->nr_metrics; i++) {
			const struct cmp_metric *m = &sc->metric[i];

			if (!m->judged && !m->barred && m->cls != METRIC_DIAGNOSTIC)
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
