/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* By class; RULE_PARTIAL is told as what could not be evaluated. */
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

#define NODES_MAX 1024 /* CONFIG_NODES_SHIFT is 10 at most */

static const struct archive_series *node_series(const struct archive *a, const char *fmt,
						unsigned node)
{
	char name[64];

	snprintf(name, sizeof(name), strcmp(fmt, "node") ? "kswapd%u/%s" : "node%u/%s", node,
		 strcmp(fmt, "node") ? fmt : "vmstat");
	return archive_series(a, name);
}

static void find_nodes(struct inv *c)
{
	bool *has = arena_alloc(c->mem, NODES_MAX * sizeof(*has));
	const char *list = archive_get(c->a, "numa.nodes");
	struct probe_bits bits;
	unsigned nr = 0, n;

	if (list && !probe_cpulist(list, strlen(list), &bits, NULL))
		for (n = 0; n < NODES_MAX; n++)
			has[n] |= probe_bit(&bits, n);
	metric_zoneinfo_nodes(c->a, has, NODES_MAX);
	for (size_t i = 0; i < c->a->nr_series; i++)
		if (sscanf(c->a->series[i].name, "kswapd%u/", &n) == 1 && n < NODES_MAX)
			has[n] = true;
	for (n = 0; n < NODES_MAX; n++)
		nr += has[n];
	c->node = arena_alloc(c->mem, (nr + 1) * sizeof(*c->node));
	for (n = 0; n < NODES_MAX; n++) {
		struct inv_node *d = &c->node[c->nr_nodes];
		char key[64];

		if (!has[n])
			continue;
		*d = (struct inv_node){ .n = n,
					.unreclaimable = -1,
					.vmstat = node_series(c->a, "node", n) };
		d->kswapd = node_series(c->a, "schedstat", n);
		if (!d->kswapd)
			d->kswapd = node_series(c->a, "stat", n);
		if (c->zoneinfo) {
			metric_node_keys(c->zoneinfo, n, &d->zones);
			snprintf(key, sizeof(key), "node%u.node_unreclaimable", n);
			d->unreclaimable = archive_key(c->zoneinfo, key);
		}
		c->nr_nodes++;
	}
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
	/* the array of findings has its place only now */
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
