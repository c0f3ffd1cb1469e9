/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/words.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"
#include "base/opt.h"
#include "report/course_words.h"
#include "report/floor_words.h"
#include "report/fmt.h"

static void join(struct buf *piece, struct buf *out)
{
	if (piece->len)
		buf_addf(out, "%s%s", out->len ? "; " : "", piece->data);
	buf_reset(piece);
}

void view_beside_verdict(const struct comparison *c, const struct cmp_metric *m, struct buf *out)
{
	struct buf piece = BUF_INIT;

	view_metric_confirm(c, m, &piece);
	join(&piece, out);
	view_two_states(m, &piece);
	join(&piece, out);
	view_by_builds(m, &piece);
	join(&piece, out);
	buf_release(&piece);
}

const char *view_shift_unit(const struct cmp_metric *m)
{
	return m->m->scale == SCALE_LOGIT ? "points" : m->shift_in_units ? "units" : "relative";
}

const char *view_label(const struct comparison *c, enum side side)
{
	const char *s = c->label[side];

	return s && *s ? s : side == SIDE_A ? "A" : "B";
}

const char *view_basename(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	return slash && slash[1] ? slash + 1 : path ? path : "";
}

bool view_archive(const struct run_facts *r, struct archive *a)
{
	bool same = !archive_load(a, r->head.path, NULL) && a->checksum == r->head.checksum;

	if (!same)
		archive_release(a);
	return same;
}

const char *view_fact(const struct comparison *c, const char *key)
{
	for (size_t s = 0; s < c->nr_scenarios; s++) {
		const struct cmp_scenario *sc = &c->scenario[s];

		for (size_t i = 0; i < cmp_nr_runs(sc); i++) {
			const char *v = facts_get(cmp_run(sc, i), key);

			if (v && *v)
				return v;
		}
	}
	return "";
}

const char *view_target(const struct comparison *c)
{
	return view_fact(c, "machine.target");
}

void view_machine(const struct comparison *c, struct buf *out)
{
	const char *nodes = view_fact(c, "machine.nodes"), *cpus = view_fact(c, "machine.cpus"),
		   *mem = view_fact(c, "machine.memory");
	uint64_t bytes;

	if (*nodes)
		buf_addf(out, "%s node%s", nodes, strcmp(nodes, "1") ? "s" : "");
	if (*cpus)
		buf_addf(out, "%s%s CPU%s", out->len ? ", " : "", cpus,
			 strcmp(cpus, "1") ? "s" : "");
	if (*mem && !opt_parse_u64(mem, &bytes, NULL))
		buf_addf(out, "%s%s", out->len ? ", " : "", fmt_kib((double)bytes / 1024).s);
}

/* What makes a run a fresh one: its seed where nothing else differs, the boot of a VM, or on a
 * host, which does not reboot, the run itself. */
static const struct fresh_words {
	const char *target, *fresh, *confirmed, *screened;
} fresh_words[] = {
	{ "exact", "fresh seeds", "confirmed on fresh seeds",
	  "screened; not yet confirmed on fresh seeds" },
	{ "host", "fresh runs", "confirmed on fresh runs",
	  "screened; not yet confirmed on fresh runs" },
	{ NULL, "fresh boots", "confirmed on fresh boots",
	  "screened; not yet confirmed on fresh boots" },
};

static const struct fresh_words *words_of(const struct comparison *c)
{
	const struct fresh_words *w = fresh_words;

	while (w->target && strcmp(w->target, view_target(c)) != 0)
		w++;
	return w;
}

const char *view_fresh(const struct comparison *c)
{
	return words_of(c)->fresh;
}

/* What the looks or the outcome of runs say of the campaign: is it confirmed, refuted or still to
 * be confirmed? */
static enum confirm_state standing(const struct comparison *c)
{
	bool yes = false, no = false;

	for (size_t s = 0; s < c->nr_scenarios; s++) {
		const struct cmp_scenario *sc = &c->scenario[s];

		if (sc->outcome_verdict == c->verdict) {
			yes |= sc->confirm_outcome == CONFIRM_YES;
			no |= sc->confirm_outcome != CONFIRM_YES &&
			      sc->p_outcome_adj <= c->opts.alpha;
		}
		for (size_t i = 0; i < sc->nr_metrics; i++) {
			const struct cmp_metric *m = &sc->metric[i];

			if (m->cls != METRIC_PRIMARY || !m->judged || m->verdict != c->verdict)
				continue;
			yes |= m->confirm == CONFIRM_YES;
			no |= m->confirm != CONFIRM_YES;
		}
	}
	return yes ? CONFIRM_YES : no ? CONFIRM_PENDING : CONFIRM_NONE;
}

const char *view_standing(const struct comparison *c)
{
	if (c->verdict != VERDICT_REGRESSED && c->verdict != VERDICT_IMPROVED &&
	    (c->verdict != VERDICT_CHANGED || !c->course.nr_looks))
		return "";
	if (c->course.nr_looks && standing(c) == CONFIRM_YES)
		return words_of(c)->confirmed;
	return words_of(c)->screened;
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
		size_t n[2] = { c->scenario[s].side[SIDE_A].usable,
				c->scenario[s].side[SIDE_B].usable };

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

/* Broken runs on side @b (0 = A), counted in the scenarios where this side breaks significantly
 * more often. */
static size_t decisive_breakage(const struct comparison *c, int b)
{
	size_t broken = 0;

	for (size_t i = 0; i < c->nr_scenarios; i++) {
		const struct cmp_scenario *s = &c->scenario[i];
		size_t of_a = s->side[SIDE_A].broken *
			      (s->side[SIDE_B].broken + s->side[SIDE_B].usable),
		       of_b = s->side[SIDE_B].broken *
			      (s->side[SIDE_A].broken + s->side[SIDE_A].usable);

		if (s->p_outcome_adj <= c->opts.alpha && (b ? of_b > of_a : of_a > of_b))
			broken += b ? s->side[SIDE_B].broken : s->side[SIDE_A].broken;
	}
	return broken;
}

void view_basis(const struct comparison *c, struct buf *out)
{
	enum verdict v = c->verdict;
	size_t broken = 0;
	enum side worse = v == VERDICT_REGRESSED ? SIDE_B : SIDE_A;

	if (!c->nr_judged) {
		if (c->nr_primary)
			buf_addf(out, "none of %zu primary metrics could be judged", c->nr_primary);
		else
			buf_addstr(out, "no primary metric could be judged");
	} else {
		buf_addf(out, "%zu of %zu primary metric%s", c->count[v], c->nr_primary,
			 c->nr_primary == 1 ? "" : "s");
		if (v == VERDICT_UNKNOWN && c->count[VERDICT_UNKNOWN] != c->nr_primary)
			buf_addstr(out, " undecided");
	}
	if (v == VERDICT_REGRESSED || v == VERDICT_IMPROVED)
		broken = decisive_breakage(c, v == VERDICT_REGRESSED);
	if (broken)
		buf_addf(out, "; %zu run%s of %c broke, significantly more than of %c", broken,
			 broken == 1 ? "" : "s", side_letter(worse),
			 side_letter(worse == SIDE_A ? SIDE_B : SIDE_A));
}

void view_headline(const struct comparison *c, struct buf *out)
{
	const char *target = view_target(c);

	buf_addf(out, "%s: ", verdict_names[c->verdict]);
	view_basis(c, out);
	if (*view_standing(c))
		buf_addf(out, " (%s)", view_standing(c));
	buf_addf(out, ", %s -> %s", view_label(c, SIDE_A), view_label(c, SIDE_B));
	if (*target)
		buf_addf(out, ", %s target", target);
	buf_addstr(out, ", n = ");
	view_n(c, out);
	buf_addf(out, ", declared error rate %g %% per campaign", c->opts.alpha * 100);
}

/* Shifts smaller than this are shown as 0. */
static double shown_zero(const struct cmp_metric *m)
{
	return m->shift_in_units ? .05 * m->m->c : .0005;
}

enum view_dir view_dir(const struct cmp_metric *m)
{
	if (!m->judged || isnan(m->shift) || fabs(m->shift) < shown_zero(m))
		return DIR_NONE;
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
	return m->judged && m->verdict != VERDICT_SAME && m->verdict != VERDICT_UNKNOWN &&
	       m->verdict != VERDICT_BISTABLE;
}

bool view_excludes_zero(const struct cmp_metric *m)
{
	return m->judged && (m->lo >= shown_zero(m) || m->hi <= -shown_zero(m));
}

bool view_scenario_moved(const struct cmp_scenario *s)
{
	return s->verdict == VERDICT_REGRESSED || s->verdict == VERDICT_IMPROVED ||
	       s->verdict == VERDICT_CHANGED;
}

const struct cmp_metric **view_moves(const struct cmp_scenario *s, size_t *nr)
{
	bool moved = view_scenario_moved(s);
	const struct cmp_metric **list = NULL;
	size_t cap = 0;

	*nr = 0;
	for (size_t i = 0; i < s->nr_metrics; i++) {
		const struct cmp_metric *m = &s->metric[i];
		size_t at;

		if (m->cls != METRIC_SECONDARY || !m->judged || view_dir(m) == DIR_NONE)
			continue;
		if (!(moved ? m->p_adj <= CMP_ALPHA_MOVES : view_excludes_zero(m)))
			continue;
		ARRAY_GROW(list, *nr, cap);
		for (at = (*nr)++; at > 0 && list[at - 1]->p_raw > m->p_raw; at--)
			list[at] = list[at - 1];
		list[at] = m;
	}
	return list;
}

const char *view_moves_title(const struct cmp_scenario *s)
{
	return view_scenario_moved(s)
		       ? "moves with it (false discovery rate 10 %; explains, never alarms)"
		       : "uncorrected hints (raw interval excludes zero; some do by chance)";
}

double view_confidence(const struct cmp_scenario *s)
{
	for (size_t i = 0; i < s->nr_metrics; i++)
		if (s->metric[i].cls == METRIC_PRIMARY && s->metric[i].judged)
			return s->metric[i].conf;
	return NAN;
}

bool view_other_confidence(const struct cmp_scenario *s, const struct cmp_metric *m)
{
	return m->judged && fabs(m->conf - view_confidence(s)) > .005;
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
	/* facts that decide what counters mean */
	if (!strncmp(k, "lru", 3) || !strncmp(k, "scan.", 5))
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

size_t view_usable(const struct cmp_side *s, size_t i)
{
	for (size_t k = 0; k < s->nr; k++)
		if (s->run[k]->usable && !i--)
			return k;
	return s->nr;
}
