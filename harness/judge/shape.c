/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compares the states that the two sides ran in, before anything is judged. */
#include <string.h>

#include "judge/steps.h"

const char *const cmp_state_names[] = { "absent", "alike", "explained", "told", "bars" };

/* One fact on one side of a scenario. */
struct seen {
	const char *first;  /* of the first run that says it; NULL = none does */
	const char *unlike; /* of the first run that differs from it; NULL = none does */
	enum shape_level inside;
	bool used; /* by some run */
};

static const char *value_of(const struct cmp_scenario *s, enum side side, size_t run, size_t fact)
{
	const struct run_facts *r = s->side[side].run[run];

	return cmp_speaks(s, r, side) ? r->shape.v[fact].text : NULL;
}

static struct seen look_at_side(const struct cmp_scenario *s, enum side side, size_t fact)
{
	struct seen out = { .inside = SHAPE_ALIKE };

	for (size_t i = 0; i < s->side[side].nr; i++) {
		const char *value = value_of(s, side, i, fact);
		enum shape_level level;

		if (!value)
			continue;
		out.used |= s->side[side].run[i]->shape.v[fact].used;
		if (!out.first)
			out.first = value;
		level = shape_compare(&shape_table[fact], out.first, value);
		if (level <= out.inside)
			continue;
		out.inside = level;
		out.unlike = value;
	}
	return out;
}

/* ---------------------------------------------------------------- what explains it */

/* Length of the word at @p: up to the next blank outside of double quotes. */
static size_t word_len(const char *p)
{
	bool quoted = false;
	size_t n = 0;

	for (; p[n] && (quoted || p[n] != ' '); n++)
		quoted ^= p[n] == '"';
	return n;
}

/* Appends the words of @text, with @prefix before each, whose name may explain the fact. */
static void add_words(const struct shape_row *row, const char *text, const char *prefix,
		      struct buf *out)
{
	for (const char *p = text ? text : ""; *p; p += strspn(p, " ")) {
		size_t len = word_len(p), name = strcspn(p, "= ");
		struct buf word = BUF_INIT;

		buf_addf(&word, "%s%.*s", prefix, (int)(name < len ? name : len), p);
		if (shape_explains(row, word.data))
			buf_addf(out, "%s%s%.*s", out->len ? " " : "", prefix, (int)len, p);
		buf_release(&word);
		p += len;
	}
}

/* What the runs of one side were asked for beside the scenario, as far as it names the fact. */
static void named(const struct cmp_scenario *s, enum side side, const struct shape_row *row,
		  struct buf *out)
{
	const struct run_facts *r = NULL;
	const char *lru;

	for (size_t i = 0; i < s->side[side].nr && !r; i++)
		if (cmp_speaks(s, s->side[side].run[i], side))
			r = s->side[side].run[i];
	if (!r)
		return;
	add_words(row, facts_get(r, "side.settings"), "", out);
	add_words(row, facts_get(r, "run.cmdline"), "boot:", out);
	lru = facts_get(r, "run.lru");
	if (lru && strcmp(lru, "default") != 0)
		add_words(row, lru, "--lru=", out);
}

/*
 * The settings that explain the difference, or NULL: those of A and of B that name the fact, if
 * they are unlike. Runs of one side that differ are explained by settings of that side alone.
 */
static const char *explained(struct comparison *c, const struct cmp_scenario *s,
			     const struct shape_row *row, const struct seen seen[NR_SIDES])
{
	struct buf words[NR_SIDES] = { BUF_INIT, BUF_INIT };
	const char *by = NULL;
	bool yes;

	for (enum side side = SIDE_A; side < NR_SIDES; side++)
		named(s, side, row, &words[side]);
	yes = strcmp(words[SIDE_A].data, words[SIDE_B].data) != 0;
	for (enum side side = SIDE_A; side < NR_SIDES; side++)
		yes &= seen[side].inside == SHAPE_ALIKE || words[side].len;
	if (yes)
		by = arena_printf(&c->mem, "A %s, B %s",
				  words[SIDE_A].len ? words[SIDE_A].data : "none",
				  words[SIDE_B].len ? words[SIDE_B].data : "none");
	for (enum side side = SIDE_A; side < NR_SIDES; side++)
		buf_release(&words[side]);
	return by;
}

/* ---------------------------------------------------------------- facts of a scenario */

static const char *shown(struct comparison *c, const struct shape_row *row, const struct seen *v,
			 const char *other)
{
	struct buf text = BUF_INIT;
	const char *out;

	if (!v->first)
		return NULL;
	if (v->unlike) {
		buf_addstr(&text, "varies: ");
		shape_show(row, v->first, v->unlike, &text);
		buf_addstr(&text, " or ");
		shape_show(row, v->unlike, v->first, &text);
	} else {
		shape_show(row, v->first, other, &text);
	}
	out = arena_strdup(&c->mem, text.data);
	buf_release(&text);
	return out;
}

static void compare_fact(struct comparison *c, const struct cmp_scenario *s, size_t fact,
			 struct cmp_shape *out)
{
	const struct shape_row *row = &shape_table[fact];
	const struct seen seen[NR_SIDES] = { look_at_side(s, SIDE_A, fact),
					     look_at_side(s, SIDE_B, fact) };
	const struct seen *a = &seen[SIDE_A], *b = &seen[SIDE_B];
	enum shape_level level = SHAPE_ALIKE;

	*out = (struct cmp_shape){ .row = row, .state = STATE_ABSENT };
	if (a->first && b->first) {
		out->state = STATE_ALIKE;
		level = shape_compare(row, a->first, b->first);
		for (enum side side = SIDE_A; side < NR_SIDES; side++)
			level = seen[side].inside > level ? seen[side].inside : level;
	}
	out->a = shown(c, row, a, level == SHAPE_ALIKE ? NULL : b->first);
	out->b = shown(c, row, b, level == SHAPE_ALIKE ? NULL : a->first);
	if (level == SHAPE_ALIKE)
		return;
	out->by = explained(c, s, row, seen);
	if (out->by)
		out->state = STATE_EXPLAINED;
	else if (level == SHAPE_MATTERS && (a->used || b->used) &&
		 (row->bars_on == MACHINE_ANY || row->bars_on & cmp_machines(s)))
		out->state = STATE_BARS;
	else
		out->state = STATE_TOLD;
}

const char *cmp_shape_words(struct comparison *c, const struct cmp_shape *f)
{
	return arena_printf(&c->mem, "%s: A %s, B %s, which no setting explains", f->row->name,
			    f->a, f->b);
}

const struct cmp_shape *cmp_bar(const struct comparison *c, const struct cmp_scenario *s,
				const struct metric *m)
{
	for (size_t i = 0; i < s->nr_shapes && !c->opts.force; i++)
		if (s->shape[i].state == STATE_BARS && s->shape[i].row->of & m->of)
			return &s->shape[i];
	return NULL;
}

/* A state that matters to every metric also decides how often runs break. */
static void bar_outcome(struct comparison *c, struct cmp_scenario *s)
{
	for (size_t i = 0; i < s->nr_shapes && !c->opts.force && !s->outcome_barred; i++)
		if (s->shape[i].state == STATE_BARS && s->shape[i].row->of == METRIC_OF_ANY)
			s->outcome_barred = cmp_shape_words(c, &s->shape[i]);
	if (s->outcome_barred && s->side[SIDE_A].broken + s->side[SIDE_A].flagged +
						 s->side[SIDE_B].broken + s->side[SIDE_B].flagged >
					 0)
		cmp_left_out(c, "%s: broken runs: not judged: %s", s->name, s->outcome_barred);
}

void cmp_states(struct comparison *c)
{
	for (size_t i = 0; i < c->nr_scenarios; i++) {
		struct cmp_scenario *s = &c->scenario[i];

		s->shape = arena_alloc(&c->mem, SHAPES_MAX * sizeof(*s->shape));
		for (; shape_table[s->nr_shapes].key; s->nr_shapes++)
			compare_fact(c, s, s->nr_shapes, &s->shape[s->nr_shapes]);
		bar_outcome(c, s);
	}
}
