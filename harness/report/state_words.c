/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/state_words.h"

size_t view_states(const struct comparison *c, struct view_state v[SHAPES_MAX])
{
	size_t nr = c->nr_scenarios ? c->scenario[0].nr_shapes : 0;

	for (size_t i = 0; i < nr; i++) {
		v[i] = (struct view_state){ NULL, 0 };
		for (size_t s = 0; s < c->nr_scenarios; s++) {
			const struct cmp_shape *f = &c->scenario[s].shape[i];

			if (!v[i].shape || f->state > v[i].shape->state)
				v[i] = (struct view_state){ f, 0 };
			v[i].scenarios += f->state == v[i].shape->state;
		}
	}
	return nr;
}

void view_state_note(const struct comparison *c, const struct view_state *v, struct buf *out)
{
	switch (v->shape->state) {
	case STATE_BARS:
		if (c->opts.force) {
			buf_addstr(out, "judged by force");
			break;
		}
		buf_addstr(out, "bars ");
		metric_of_words(v->shape->row->of, out);
		break;
	case STATE_TOLD:
		buf_addstr(out, "bars nothing");
		break;
	case STATE_EXPLAINED:
		buf_addf(out, "explained by settings: %s", v->shape->by);
		break;
	case STATE_ALIKE:
	case STATE_ABSENT:
		buf_addstr(out, cmp_state_names[v->shape->state]);
		break;
	}
	if (v->scenarios < c->nr_scenarios && v->shape->state > STATE_ALIKE)
		buf_addf(out, ", %zu of %zu scenarios", v->scenarios, c->nr_scenarios);
}

/* Primary metrics that an unlike state bars. */
static size_t barred(const struct comparison *c)
{
	size_t n = 0;

	for (size_t s = 0; s < c->nr_scenarios; s++)
		for (size_t i = 0; i < c->scenario[s].nr_metrics; i++)
			n += c->scenario[s].metric[i].cls == METRIC_PRIMARY &&
			     c->scenario[s].metric[i].barred != NULL;
	return n;
}

void view_unlike(const struct comparison *c, struct buf *out)
{
	struct view_state v[SHAPES_MAX];
	size_t nr = view_states(c, v), told = 0;

	for (size_t i = 0; i < nr; i++) {
		if (v[i].shape->state < STATE_TOLD)
			continue;
		buf_addf(out, "%s %s: A %s, B %s (",
			 told++ ? ";" : "unlike states that no setting explains:",
			 v[i].shape->row->name, v[i].shape->a, v[i].shape->b);
		view_state_note(c, &v[i], out);
		buf_addc(out, ')');
	}
	if (barred(c))
		buf_addf(out, "; %zu of %zu primary metrics are not judged (--force judges them)",
			 barred(c), c->nr_primary);
}

void view_unsaid(const struct comparison *c, struct buf *out)
{
	struct view_state v[SHAPES_MAX];
	size_t nr = view_states(c, v);

	for (size_t i = 0; i < nr; i++)
		if (v[i].shape->state == STATE_ABSENT)
			buf_addf(out, "%s%s", out->len ? ", " : "", v[i].shape->row->name);
}
