/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/view.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/opt.h"
#include "report/fmt.h"

#define NR_VERDICTS (VERDICT_CHANGED + 1)

const char *view_verdict(enum verdict v)
{
	return (unsigned)v < NR_VERDICTS ? verdict_names[v] : "UNKNOWN";
}

const char *view_class(enum metric_class c)
{
	return c == METRIC_PRIMARY ? "primary" : c == METRIC_SECONDARY ? "secondary" : "diagnostic";
}

const char *view_better(const struct metric *m)
{
	return m->better == BETTER_LOWER ? "lower" : m->better == BETTER_HIGHER ? "higher" : "neither";
}

const char *view_label(const struct comparison *c, char side)
{
	const char *s = side == 'A' ? c->label_a : c->label_b;

	return s && *s ? s : side == 'A' ? "A" : "B";
}

const char *view_basename(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash && slash[1] ? slash + 1 : path ? path : "";
}

const char *view_fact(const struct comparison *c, const char *const *keys)
{
	for (; *keys; keys++)
		for (size_t s = 0; s < c->nr_scenarios; s++) {
			const struct cmp_scenario *sc = &c->scenario[s];

			for (size_t i = 0; i < sc->nra + sc->nrb; i++) {
				const struct cmp_run *r = i < sc->nra ? &sc->ra[i] : &sc->rb[i - sc->nra];
				const char *v = r->a ? archive_get(r->a, *keys) : NULL;

				if (v && *v)
					return v;
			}
		}
	return "";
}

const char *view_target(const struct comparison *c)
{
	static const char *const keys[] = { "machine.target", "target", NULL };

	return view_fact(c, keys);
}

void view_machine(const struct comparison *c, struct buf *out)
{
	static const char *const name[] = { "machine.name", "machine", NULL },
				 *const nodes[] = { "machine.nodes", NULL },
				 *const cpus[] = { "machine.cpus", NULL },
				 *const mem[] = { "machine.memory", NULL };
	const char *n = view_fact(c, nodes), *p = view_fact(c, cpus), *m = view_fact(c, mem);
	uint64_t bytes;

	buf_addstr(out, view_fact(c, name));
	if (*n)
		buf_addf(out, "%s%s node%s", out->len ? ", " : "", n, strcmp(n, "1") ? "s" : "");
	if (*p)
		buf_addf(out, "%s%s CPU%s", out->len ? ", " : "", p, strcmp(p, "1") ? "s" : "");
	if (*m && !opt_parse_u64(m, &bytes, NULL))
		buf_addf(out, "%s%s", out->len ? ", " : "", fmt_kib((double)bytes / 1024).s);
}

static void range(struct buf *out, size_t lo, size_t hi)
{
	if (lo == hi)
		buf_addf(out, "%zu", lo);
	else
		buf_addf(out, "%zu to %zu", lo, hi);
}

void view_n(const struct comparison *c, struct buf *out)
{
	size_t lo[2] = { SIZE_MAX, SIZE_MAX }, hi[2] = { 0, 0 };

	for (size_t s = 0; s < c->nr_scenarios; s++) {
		size_t n[2] = { c->scenario[s].ua, c->scenario[s].ub };

		for (int i = 0; i < 2; i++) {
			lo[i] = n[i] < lo[i] ? n[i] : lo[i];
			hi[i] = n[i] > hi[i] ? n[i] : hi[i];
		}
	}
	if (!c->nr_scenarios)
		lo[0] = lo[1] = 0;
	range(out, lo[0], hi[0]);
	buf_addstr(out, " + ");
	range(out, lo[1], hi[1]);
}

void view_basis(const struct comparison *c, struct buf *out)
{
	enum verdict v = c->verdict;
	size_t broken = 0;

	if (!c->nr_family) {
		if (c->nr_primary)
			buf_addf(out, "none of %zu primary metrics could be judged", c->nr_primary);
		else
			buf_addstr(out, "no primary metric could be judged");
	} else if ((unsigned)v < NR_VERDICTS) {
		buf_addf(out, "%zu of %zu primary metric%s", c->count[v], c->nr_primary,
			 c->nr_primary == 1 ? "" : "s");
		if (v == VERDICT_UNKNOWN && c->count[VERDICT_UNKNOWN] != c->nr_primary)
			buf_addstr(out, " undecided");
	}
	/* p_outcome speaks for broken runs; name them only when they made the verdict */
	for (size_t s = 0; s < c->nr_scenarios; s++)
		broken += c->scenario[s].broken_b;
	if (v == VERDICT_REGRESSED && !c->count[VERDICT_REGRESSED])
		buf_addf(out, "; %zu run%s of B broke, significantly more than of A", broken,
			 broken == 1 ? "" : "s");
}

void view_headline(const struct comparison *c, struct buf *out)
{
	const char *target = view_target(c);

	buf_addf(out, "%s: ", view_verdict(c->verdict));
	view_basis(c, out);
	buf_addf(out, ", %s -> %s", view_label(c, 'A'), view_label(c, 'B'));
	if (*target)
		buf_addf(out, ", %s target", target);
	buf_addstr(out, ", n = ");
	view_n(c, out);
	buf_addf(out, ", declared error rate %g %% per campaign", c->opts.alpha * 100);
}

enum view_dir view_dir(const struct cmp_metric *m)
{
	if (!m->judged || isnan(m->shift) || fabs(m->shift) < 0.0005)
		return DIR_NONE; /* it is shown as 0.0 % */
	if (m->m->better == BETTER_NEITHER)
		return m->shift > 0 ? DIR_HIGHER : DIR_LOWER;
	return (m->shift > 0) == (m->m->better == BETTER_LOWER) ? DIR_WORSE : DIR_BETTER;
}

const char *view_dir_word(enum view_dir d)
{
	static const char *const words[] = { "", "worse", "better", "higher", "lower" };

	return words[d];
}

bool view_moved(const struct cmp_metric *m)
{
	return m->judged && m->verdict != VERDICT_SAME && m->verdict != VERDICT_UNKNOWN;
}

bool view_moves_with(const struct cmp_metric *m)
{
	return m->cls == METRIC_SECONDARY && m->judged && (m->lo > 0 || m->hi < 0);
}

static int env_rank(const struct cmp_env *e)
{
	const char *k = e->key ? e->key : "";

	if (e->key_fact)
		return 0;
	if (strstr(k, "cmdline"))
		return 2;
	if (!strncmp(k, "kernel", 6))
		return 1;
	if (!strncmp(k, "lru", 3))
		return 3;
	return !strncmp(k, "sysctl", 6) || !strncmp(k, "vm.", 3) ? 4 : 5;
}

size_t *view_env_order(const struct comparison *c)
{
	size_t *order = c->nr_env ? xcalloc(c->nr_env, sizeof(*order)) : NULL, n = 0;

	for (int rank = 0; rank <= 5; rank++)
		for (size_t i = 0; i < c->nr_env; i++)
			if (env_rank(&c->env[i]) == rank)
				order[n++] = i;
	return order;
}

size_t view_usable(const struct cmp_run *r, size_t nr, size_t i)
{
	for (size_t k = 0; k < nr; k++)
		if (r[k].usable && !i--)
			return k;
	return nr;
}
