/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The differences between the sides other than the measured ones. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "judge/steps.h"

static bool has_prefix(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

/*
 * True for the parts of the machine key. machine.key is a hash of the others and of the scenario:
 * it adds nothing to them.
 */
static bool is_key_fact(const char *key)
{
	return has_prefix(key, "machine.") || !strcmp(key, "scenario.hash");
}

/*
 * True for facts to compare. run.* and the epoch differ from run to run; scenario.* and judge.* are
 * compared by the scenario's hash.
 */
static bool is_environment(const char *key)
{
	return strcmp(key, "epoch") != 0 && !has_prefix(key, "run.") &&
	       !has_prefix(key, "judge.") && (!has_prefix(key, "scenario.") || is_key_fact(key));
}

static bool same_value(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/*
 * The first machine fact in which run @r differs from run @ref, the hash last; NULL = none. Runs
 * that broke before their header was written are no evidence.
 */
static const char *unlike_fact(const struct run_facts *ref, const struct run_facts *r)
{
	const struct run_facts *from[] = { ref, r };

	if (!facts_get(ref, "scenario.hash") || !facts_get(r, "scenario.hash"))
		return NULL;
	for (size_t side = 0; side < 2; side++) {
		for (size_t i = 0; i < from[side]->head.nr_kv; i++) {
			const char *key = from[side]->head.kv[i].key;

			if (is_key_fact(key) && strcmp(key, "machine.key") != 0 &&
			    !same_value(facts_get(ref, key), facts_get(r, key)))
				return key;
		}
	}
	return same_value(facts_get(ref, "machine.key"), facts_get(r, "machine.key"))
		       ? NULL
		       : "machine.key";
}

int cmp_check_machine(const struct comparison *c, struct err *e)
{
	for (size_t i = 0; i < c->nr_scenarios; i++) {
		const struct cmp_scenario *s = &c->scenario[i];
		const struct run_facts *ref = cmp_run(s, 0);

		for (size_t k = 1; k < cmp_nr_runs(s); k++) {
			const struct run_facts *r = cmp_run(s, k);
			const char *key = unlike_fact(ref, r), *va, *vb;

			if (!key)
				continue;
			va = facts_get(ref, key);
			vb = facts_get(r, key);
			return err_set(e, -EXDEV,
				       "%s: not comparable: %s is \"%s\" in %s and \"%s\" in %s",
				       s->name, key, va ? va : "absent", ref->head.path,
				       vb ? vb : "absent", r->head.path);
		}
	}
	return 0;
}

/* ---------------------------------------------------------------- differences */

#define INCLUDES "includes: " /* the beginning of counter_includes() */

struct fact {
	const char *key, *value;
	size_t scenario;
	enum side side;
};

static int by_key(const void *pa, const void *pb)
{
	const struct fact *a = pa, *b = pb;
	int d = strcmp(a->key, b->key);

	if (!d)
		d = (a->scenario > b->scenario) - (a->scenario < b->scenario);
	if (!d)
		d = (int)a->side - (int)b->side;
	return d ? d : strcmp(a->value, b->value);
}

bool cmp_speaks(const struct cmp_scenario *s, const struct run_facts *r, enum side side)
{
	return r->usable || !s->side[side].usable;
}

/*
 * What the counters of direct reclaim include besides direct reclaim, as one more fact: it decides
 * what a shift of these counters means, and no header has it. NULL = the run does not say.
 */
static const char *includes_of(const struct run_facts *r)
{
	if (!r->includes)
		return NULL;
	if (has_prefix(r->includes, INCLUDES))
		return r->includes + strlen(INCLUDES);
	return *r->includes ? r->includes : "nothing else";
}

static struct fact *collect_facts(const struct comparison *c, size_t *nr)
{
	struct fact *f = NULL;
	size_t cap = 0;

	*nr = 0;
	for (size_t s = 0; s < c->nr_scenarios; s++) {
		const struct cmp_scenario *sc = &c->scenario[s];

		for (size_t i = 0; i < cmp_nr_runs(sc); i++) {
			enum side side = i < sc->side[SIDE_A].nr ? SIDE_A : SIDE_B;
			const struct run_facts *r = cmp_run(sc, i);
			bool heard = cmp_speaks(sc, r, side);
			const char *includes = heard ? includes_of(r) : NULL;

			for (size_t k = 0; k < r->head.nr_kv && heard; k++) {
				const struct archive_kv *kv = &r->head.kv[k];

				/* the last line about a key counts */
				if (kv->host || !is_environment(kv->key) ||
				    facts_get(r, kv->key) != kv->value)
					continue;
				ARRAY_GROW(f, *nr, cap);
				f[(*nr)++] = (struct fact){ kv->key, kv->value, s, side };
			}
			if (includes) {
				ARRAY_GROW(f, *nr, cap);
				f[(*nr)++] =
					(struct fact){ "scan.direct includes", includes, s, side };
			}
		}
	}
	if (*nr)
		qsort(f, *nr, sizeof(*f), by_key);
	return f;
}

static size_t speakers(const struct cmp_scenario *s, enum side side)
{
	return s->side[side].usable ? s->side[side].usable : s->side[side].nr;
}

static const char varies[] = "varies", none[] = "none";

/* The value of one key on one side of one scenario; @f[0..nr) are its facts, sorted by value. */
static const char *side_value(const struct cmp_scenario *s, enum side side, const struct fact *f,
			      size_t nr)
{
	if (!nr)
		return NULL;
	return nr == speakers(s, side) && !strcmp(f[0].value, f[nr - 1].value) ? f[0].value
									       : varies;
}

/*
 * Adds a value. Scenarios may have different ones (watermarks follow the memory of the machine):
 * all are listed, in their order.
 */
static const char *also(struct comparison *c, const char *before, const char *value)
{
	if (same_value(before, value))
		return before;
	return arena_printf(&c->mem, "%s | %s", before ? before : "(absent)",
			    value ? value : "(absent)");
}

/*
 * True when the key, whose facts are @f[0..nr), differs in any scenario; @out gets both sides'
 * values.
 */
static bool key_differs(struct comparison *c, const struct fact *f, size_t nr, struct cmp_env *out)
{
	bool differs = false;

	for (size_t i = 0; i < nr;) {
		const struct cmp_scenario *s = &c->scenario[f[i].scenario];
		const char *value[2];
		size_t from = i, mid, scenario = f[i].scenario;

		while (i < nr && f[i].scenario == scenario && f[i].side == SIDE_A)
			i++;
		mid = i;
		while (i < nr && f[i].scenario == scenario)
			i++;
		value[0] = side_value(s, SIDE_A, f + from, mid - from);
		value[1] = side_value(s, SIDE_B, f + mid, i - mid);
		if (same_value(value[0], value[1]) && value[0] != varies)
			continue;
		out->a = differs ? also(c, out->a, value[0]) : value[0];
		out->b = differs ? also(c, out->b, value[1]) : value[1];
		differs = true;
	}
	return differs;
}

static void diff_facts(struct comparison *c)
{
	size_t nr, cap = 0;
	struct fact *f = collect_facts(c, &nr);
	struct cmp_env *env = NULL;

	for (size_t i = 0, end; i < nr; i = end) {
		struct cmp_env row = { .key = f[i].key, .key_fact = is_key_fact(f[i].key) };

		for (end = i; end < nr && !strcmp(f[end].key, f[i].key); end++)
			;
		if (!key_differs(c, f + i, end - i, &row))
			continue;
		ARRAY_GROW(env, c->nr_env, cap);
		env[c->nr_env++] = row;
	}
	c->env = arena_alloc(&c->mem, (c->nr_env + 1) * sizeof(*env));
	if (c->nr_env)
		memcpy(c->env, env, c->nr_env * sizeof(*env));
	free(env);
	free(f);
}

/* The value of @key on one side of the whole campaign: "varies", or NULL when no run says. */
static const char *campaign_value(const struct comparison *c, enum side side, const char *key)
{
	const char *value = NULL;

	for (size_t s = 0; s < c->nr_scenarios; s++) {
		const struct cmp_scenario *sc = &c->scenario[s];

		for (size_t i = 0; i < sc->side[side].nr; i++) {
			const struct run_facts *r = sc->side[side].run[i];
			const char *v = cmp_speaks(sc, r, side) ? facts_get(r, key) : NULL;

			if (v && value && strcmp(v, value) != 0)
				return varies;
			value = v ? v : value;
		}
	}
	return value;
}

/*
 * The settings of one side: their text, "none", or "varies". Runs without a header are no evidence.
 */
static const char *side_settings(const struct comparison *c, enum side side)
{
	const char *value = NULL;

	for (size_t s = 0; s < c->nr_scenarios; s++) {
		const struct cmp_scenario *sc = &c->scenario[s];

		for (size_t i = 0; i < sc->side[side].nr; i++) {
			const struct run_facts *r = sc->side[side].run[i];
			const char *v = facts_get(r, "side.settings");

			if (!cmp_speaks(sc, r, side) || !facts_get(r, "scenario.hash"))
				continue;
			v = v ? v : none;
			if (value && strcmp(v, value) != 0)
				return varies;
			value = v;
		}
	}
	return value ? value : none;
}

/*
 * Names sides that differ in their settings by the settings, and by the kernel too when that
 * differs as well.
 */
static bool label_settings(struct comparison *c)
{
	const char *a = side_settings(c, SIDE_A), *b = side_settings(c, SIDE_B);
	const char *ka = campaign_value(c, SIDE_A, "kernel.release"),
		   *kb = campaign_value(c, SIDE_B, "kernel.release");

	if (!strcmp(a, b) || a == varies || b == varies)
		return false;
	c->label[SIDE_A] = a;
	c->label[SIDE_B] = b;
	if (ka && kb && strcmp(ka, kb) != 0) {
		c->label[SIDE_A] = strcmp(a, none) != 0 ? arena_printf(&c->mem, "%s %s", ka, a)
							: ka;
		c->label[SIDE_B] = strcmp(b, none) != 0 ? arena_printf(&c->mem, "%s %s", kb, b)
							: kb;
	}
	return true;
}

/*
 * Names the sides in a few words: by settings or kernel release, else by the LRU mode, else by the
 * one fact that differs.
 */
static void set_labels(struct comparison *c)
{
	static const char *const keys[] = { "kernel.release", "lru.mode", "kernel.image_hash",
					    "kernel.version" };

	if (label_settings(c))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *a = campaign_value(c, SIDE_A, keys[i]),
			   *b = campaign_value(c, SIDE_B, keys[i]);

		if (!a || !b || !strcmp(a, b))
			continue;
		/* with many differences, one of them would be misleading */
		if (i > 0 && c->nr_env > 2)
			break;
		c->label[SIDE_A] = a;
		c->label[SIDE_B] = b;
		return;
	}
	if (c->nr_env == 1 && c->env[0].a != varies && c->env[0].b != varies) {
		const char *key = c->env[0].key, *dot = strrchr(key, '.');

		key = dot && dot[1] ? dot + 1 : key;
		c->label[SIDE_A] = arena_printf(&c->mem, "%s=%.40s", key,
						c->env[0].a ? c->env[0].a : "absent");
		c->label[SIDE_B] = arena_printf(&c->mem, "%s=%.40s", key,
						c->env[0].b ? c->env[0].b : "absent");
		return;
	}
	c->label[SIDE_A] = "A";
	c->label[SIDE_B] = "B";
}

void cmp_environment(struct comparison *c)
{
	const char *a = campaign_value(c, SIDE_A, "lru.mode"),
		   *b = campaign_value(c, SIDE_B, "lru.mode");

	snprintf(c->lru[SIDE_A], sizeof(c->lru[SIDE_A]), "%s", a ? a : "");
	snprintf(c->lru[SIDE_B], sizeof(c->lru[SIDE_B]), "%s", b ? b : "");
	diff_facts(c);
	set_labels(c);
}
