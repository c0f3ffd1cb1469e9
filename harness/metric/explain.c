/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Explains a metric in plain words. */
#include <string.h>

#include "metric/metric.h"
#include "metric/shape.h"

#define INDENT 10

/* "  Where   text ...": broken at spaces; continuation lines stand under the text. */
static void paragraph(struct buf *out, size_t columns, const char *head, const char *text)
{
	size_t width = columns > INDENT + 20 ? columns - INDENT : 20, at = 0;

	buf_addf(out, "  %-*s", INDENT - 2, head);
	while (*text) {
		size_t len = strcspn(text, " ");

		if (at && at + 1 + len > width) {
			buf_addf(out, "\n%*s", INDENT, "");
			at = 0;
		}
		buf_addf(out, "%s%.*s", at ? " " : "", (int)len, text);
		at += len + (at ? 1 : 0);
		text += len;
		text += strspn(text, " ");
	}
	buf_addc(out, '\n');
}

static void judged(const struct metric *m, struct buf *out)
{
	const char *unit = strcmp(m->unit, "1") != 0 ? m->unit : "";

	buf_addf(out, "%s scale", metric_scale_names[m->scale]);
	if (m->scale == SCALE_LOGIT)
		buf_addf(out, "; shifts under %g percentage points do not matter", m->floor * 100);
	else
		buf_addf(out, "; shifts under %g %% do not matter", m->floor * 100);
	buf_addf(out, "; values inside %g%s%s are the same", m->c, *unit ? " " : "", unit);
	if (m->step > 0)
		buf_addf(out, ", and so are those within %.2g %%", m->step * 100);
	buf_addc(out, '.');
}

static void where_primary(const struct metric *m, struct buf *out)
{
	const struct metric_machine *not = metric_not_primary_on(m, MACHINE_ANY);

	buf_reset(out);
	if (!not)
		buf_addstr(out, "on any machine");
	for (; not; not= metric_not_primary_on(m, MACHINE_ANY & ~(2 * not->flag - 1))) {
		buf_addstr(out, out->len ? "; " : "");
		metric_machine_words(not, out);
		if (not->more)
			buf_addf(out, " (%s)", not->more);
	}
	buf_addc(out, '.');
}

/* Which states the sides must share: all, or all but those that are named. */
static void unlike_states(const struct metric *m, struct buf *out)
{
	const char *sep = "; these may differ: ";

	buf_reset(out);
	buf_addstr(out, "of ");
	metric_of_words(m->of, out);
	buf_addstr(out, "; not judged where A and B ran in unlike states (wmark list states)");
	for (const struct shape_row *r = shape_table; r->key; r++) {
		if (r->of & m->of)
			continue;
		buf_addf(out, "%s%s", sep, r->name);
		sep = ", ";
	}
	buf_addc(out, '.');
}

const char *metric_unit(const struct metric *m)
{
	return !m->unit || !strcmp(m->unit, "1") ? "ratio" : m->unit;
}

void metric_explain(const struct metric *m, size_t columns, struct buf *out)
{
	struct buf text = BUF_INIT;

	buf_addf(out, "%s (%s): %s, %s%s\n", m->name, *metric_unit(m) ? metric_unit(m) : "number",
		 metric_class_names[m->cls], metric_better_shown[m->better],
		 m->better == BETTER_NEITHER ? "" : " is better");
	paragraph(out, columns, "What", m->help);
	paragraph(out, columns, "Where", m->where);
	paragraph(out, columns, "Moves", m->moves);
	judged(m, &text);
	paragraph(out, columns, "Judged", text.data);
	where_primary(m, &text);
	paragraph(out, columns, "Decides", text.data);
	unlike_states(m, &text);
	paragraph(out, columns, "States", text.data);
	if (!m->breaks)
		paragraph(out, columns, "Compare",
			  "between all kernels and LRU modes that have it.");
	for (const struct metric_break *b = metric_break_table; b->flag; b++) {
		if (!(m->breaks & b->flag))
			continue;
		buf_reset(&text);
		buf_addf(&text, "%s.", b->reason);
		paragraph(out, columns, "Compare", text.data);
	}
	buf_release(&text);
}
