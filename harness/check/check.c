/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/evidence.h"

#include <stdlib.h>

#include "archive/keys.h"
#include "base/alloc.h"
#include "rule_tables.h"

#define RULES_EXTERN(file) extern const struct rule rules_##file[];
#define RULES_TABLE(file) rules_##file,
RULE_TABLES(RULES_EXTERN)
static const struct rule *const tables[] = { RULE_TABLES(RULES_TABLE) };

const struct rule *rule_listed(size_t i)
{
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (const struct rule *r = tables[t]; r->name; r++)
			if (!i--)
				return r;
	return NULL;
}

/* By class. RULE_PARTIAL is named like a rule that could not be evaluated. */
static const char *const names[] = { "INVALID", "LIVENESS", "SKIPPED" }, *const keys[] = {
	"invalid", "liveness", "skipped"
};

const char *rule_class_name(enum rule_class cls)
{
	return names[cls];
}

const char *finding_name(const struct finding *f)
{
	return names[f->state == RULE_SKIP ? RULE_PARTIAL : f->cls];
}

const char *finding_key(const struct finding *f)
{
	return keys[f->state == RULE_SKIP ? RULE_PARTIAL : f->cls];
}

bool finding_failed(const struct finding *f, enum rule_class cls)
{
	return f->state == RULE_FAIL && f->cls == cls;
}

/* ---------------------------------------------------------------- the run */

static void find_nodes(struct inv *c)
{
	unsigned node[NODES_MAX];

	c->nr_nodes = run_nodes(c->a, node);
	c->node = arena_alloc(c->mem, (c->nr_nodes + 1) * sizeof(*c->node));
	for (size_t i = 0; i < c->nr_nodes; i++)
		run_node_init(&c->node[i], c->a, node[i]);
}

static void run_init(struct inv *c, const struct archive *a, struct arena *mem)
{
	const char *cpus = archive_get(a, "cpu.online");

	*c = (struct inv){ .a = a, .mem = mem };
	run_view_init(&c->view, a);
	c->zoneinfo = archive_series(a, SERIES_ZONEINFO);
	c->nr_cpus = cpus ? (unsigned)strtoul(cpus, NULL, 10) : 0;
	if (!c->nr_cpus)
		c->nr_cpus = 1;
	find_nodes(c);
}

const struct rule_result *run_check(const struct archive *a, struct arena *mem, size_t *nr)
{
	struct rule_result *r;
	const struct finding *f;
	struct inv c;

	for (*nr = 0; rule_listed(*nr);)
		++*nr;
	r = arena_alloc(mem, *nr * sizeof(*r));
	run_init(&c, a, mem);
	for (size_t i = 0; i < *nr; i++) {
		c.rule = rule_listed(i);
		c.first = c.nr;
		c.rule->check(&c);
		r[i] = (struct rule_result){ .rule = c.rule, .nr = c.nr - c.first };
	}
	/* the array of findings moves no more from here on */
	f = c.f;
	for (size_t i = 0; i < *nr; f += r[i++].nr) {
		if (!r[i].nr)
			continue;
		r[i].finding = f;
		r[i].state = f->state;
		r[i].reason = f->state == RULE_SKIP ? f->text : NULL;
	}
	return r;
}

const struct finding *run_findings(const struct archive *a, struct arena *mem, size_t *nr)
{
	size_t nr_rules;
	const struct rule_result *r = run_check(a, mem, &nr_rules);
	const struct finding *first = NULL;

	*nr = 0;
	for (size_t i = 0; i < nr_rules; i++) {
		first = first ? first : r[i].finding;
		*nr += r[i].nr;
	}
	return first;
}
