/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One scenario in text: one row per primary metric, then what moves with it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/course_words.h"
#include "report/floor_words.h"
#include "report/fmt.h"
#include "report/text.h"
#include "report/wrap.h"
#include "report/words.h"

#define NAME_MIN 18
#define NAME_MAX 21
#define NAME_SCENARIO 60
#define NAME_WITH 30 /* metrics of the "moves with it" list */
#define MOVES_SHOWN 8
#define UNIT_A_B 24 /* columns of unit, A and B together */
#define N_MDE 12    /* of n and MDE */

/* "5", or "5+4" where the sides differ. */
static struct fmt runs(const struct cmp_metric *m)
{
	struct fmt f;

	if (cmp_of_shift(m, SIDE_A)->present == cmp_of_shift(m, SIDE_B)->present)
		snprintf(f.s, sizeof(f.s), "%zu", cmp_of_shift(m, SIDE_A)->present);
	else
		snprintf(f.s, sizeof(f.s), "%zu+%zu", cmp_of_shift(m, SIDE_A)->present,
			 cmp_of_shift(m, SIDE_B)->present);
	return f;
}

static int name_width(const struct cmp_scenario *s)
{
	size_t w = NAME_MIN, max = NAME_MAX;

	for (size_t i = 0; i < s->nr_metrics; i++) {
		const struct cmp_metric *m = &s->metric[i];

		if (m->cls != METRIC_PRIMARY)
			continue;
		if (utf8_width(m->m->name) > w)
			w = utf8_width(m->m->name);
		if (strlen(runs(m).s) > 4) /* "20+19" takes a column more */
			max = NAME_MAX - 1;
	}
	return w > max ? (int)max : (int)w;
}

/* The interval without spaces inside: "+21.4..+36.7 %". */
static struct fmt tight(const struct cmp_metric *m)
{
	struct fmt f = fmt_interval(m);
	char *dots = strstr(f.s, " .. ");

	if (dots) {
		memmove(dots, dots + 1, strlen(dots));
		memmove(dots + 2, dots + 3, strlen(dots + 2));
	}
	return f;
}

/* Appends the columns that all rows have: name, unit, A, B. A name that is too long gets a separate
 * line; a long number takes room from the unit's column. */
static void row_start(struct buf *out, const struct cmp_metric *m, int name_w)
{
	struct buf unit = BUF_INIT;
	char ab[96];
	int gap;

	buf_addstr(out, "  ");
	if (utf8_width(m->m->name) > (size_t)name_w) {
		add_plain(out, m->m->name);
		buf_addf(out, "\n  %*s", name_w, "");
	} else {
		add_padded(out, m->m->name, name_w);
	}
	add_padded(&unit, metric_unit(m->m), 10);
	buf_rtrim(&unit);
	snprintf(ab, sizeof(ab), "%6s %6s", fmt_num(cmp_of_shift(m, SIDE_A)->median).s,
		 fmt_num(cmp_of_shift(m, SIDE_B)->median).s);
	gap = UNIT_A_B - (int)utf8_width(unit.data);
	if (gap < (int)strlen(ab) + 1)
		gap = (int)strlen(ab) + 1;
	buf_addf(out, " %s%*s ", unit.data, gap, ab);
	buf_release(&unit);
}

/* Shift, word and interval of a judged metric; for any other metric the reason why it is not
 * judged. */
static void row_shift(struct buf *out, const struct cmp_metric *m, int left)
{
	char shift[64];

	if (!m->judged) {
		buf_addstr(out, "  not judged: ");
		add_padded(out, m->why_not ? m->why_not : "no reason recorded", left - 14);
		buf_rtrim(out);
		return;
	}
	snprintf(shift, sizeof(shift), "%8s %s", fmt_shift(m, m->shift, true).s,
		 view_dir_word(view_dir(m)));
	add_padded(out, shift, 15);
	buf_addf(out, " %15s", tight(m).s);
}

/* n, and on the right the MDE, or in a campaign with looks the look that decided the metric. */
static void n_and_mde(struct buf *out, const struct cmp_metric *m)
{
	struct fmt n = runs(m);
	char right[48] = "";
	int gap = N_MDE - (int)strlen(n.s);

	if (m->verdict == VERDICT_UNKNOWN)
		snprintf(right, sizeof(right), "%s", isnan(m->mde) ? "-" : fmt_mde(m).s);
	else if (m->look)
		snprintf(right, sizeof(right), "look %zu", m->look);
	if (gap < (int)strlen(right) + 1)
		gap = (int)strlen(right) + 1;
	buf_addf(out, "%s%*s", n.s, gap, right);
}

/* Significant, and no finding because rebuilding may shift it as far. */
static bool held_by_floor(const struct cmp_metric *m)
{
	return m->verdict == VERDICT_UNKNOWN && m->rebuild.within && m->confirm == CONFIRM_NONE;
}

/* What does not fit into the row: a different confidence, and what fresh runs said. */
static void below_row(struct buf *out, const struct comparison *c, const struct cmp_scenario *s,
		      const struct cmp_metric *m)
{
	struct buf note = BUF_INIT;

	if (view_other_confidence(s, m))
		buf_addf(&note, "%.0f %% interval: n = %zu+%zu", m->conf * 100,
			 cmp_of_shift(m, SIDE_A)->present, cmp_of_shift(m, SIDE_B)->present);
	view_beside_verdict(c, m, &note);
	if (held_by_floor(m))
		buf_addf(&note, "%s%s", note.len ? "; " : "", m->why_not);
	if (note.len) {
		buf_addstr(out, "    ^ ");
		text_wrapped(out, note.data, 6, 6);
	}
	buf_release(&note);
}

static void primary_row(struct buf *out, const struct comparison *c, const struct report_opts *o,
			const struct cmp_scenario *s, const struct cmp_metric *m, int name_w)
{
	row_start(out, m, name_w);
	row_shift(out, m, TEXT_WIDTH - name_w - 28);
	if (!m->judged) {
		buf_addc(out, '\n');
		return;
	}
	buf_addf(out, " %6s ", fmt_p(m->p_adj).s);
	n_and_mde(out, m);
	buf_addc(out, ' ');
	text_verdict(out, o, m->verdict);
	buf_addc(out, '\n');
	below_row(out, c, s, m);
}

static void head_row(struct buf *out, const struct comparison *c, const struct cmp_scenario *s,
		     int name_w)
{
	double conf = view_confidence(s);
	char interval[32] = "interval";

	if (!isnan(conf) && conf > 0)
		snprintf(interval, sizeof(interval), "%.0f %% interval", conf * 100);
	buf_addstr(out, "  ");
	add_padded(out, "metric", name_w);
	buf_addf(out, " %-10s %6s %6s %8s %-6s %15s %6s n%*s verdict\n", "unit", "A", "B", "shift",
		 "", interval, "adj. p", N_MDE - 1, c->course.nr_looks ? "look/MDE" : "MDE");
}

/* A metric that is not primary: it has no verdict. */
static void other_row(struct buf *out, const struct cmp_scenario *s, const struct cmp_metric *m)
{
	row_start(out, m, NAME_WITH);
	row_shift(out, m, TEXT_WIDTH - NAME_WITH - 28);
	if (view_other_confidence(s, m))
		buf_addf(out, " (%.0f %%)", m->conf * 100);
	buf_addc(out, '\n');
}

static void moves_with(const struct cmp_scenario *s, const struct report_opts *o, struct buf *out)
{
	size_t nr, shown;
	const struct cmp_metric **list = view_moves(s, &nr);

	shown = o->all || nr <= MOVES_SHOWN ? nr : MOVES_SHOWN;
	if (nr)
		buf_addf(out, "  %s\n", view_moves_title(s));
	for (size_t i = 0; i < shown; i++)
		other_row(out, s, list[i]);
	if (shown < nr)
		buf_addf(out, "  and %zu more with --all\n", nr - shown);
	free(list);
}

static bool is_listed(const struct cmp_metric *const *list, size_t nr, const struct cmp_metric *m)
{
	for (size_t i = 0; i < nr; i++)
		if (list[i] == m)
			return true;
	return false;
}

/* With --all: every other metric, with its medians and nothing that looks like a verdict. */
static void the_rest(const struct cmp_scenario *s, struct buf *out)
{
	size_t shown = 0, nr;
	const struct cmp_metric **list = view_moves(s, &nr);

	for (size_t i = 0; i < s->nr_metrics; i++) {
		const struct cmp_metric *m = &s->metric[i];

		if (m->cls == METRIC_PRIMARY || is_listed(list, nr, m))
			continue;
		if (!shown++)
			buf_addstr(out, "  all other metrics (not judged by themselves)\n");
		other_row(out, s, m);
	}
	free(list);
}

/*
 * Says in the judge's words why metrics are UNKNOWN: once where several have no MDE for one reason,
 * else by name.
 */
static void why_unknown(const struct cmp_scenario *s, struct buf *out)
{
	const char *said = NULL;

	for (size_t i = 0; i < s->nr_metrics; i++) {
		const struct cmp_metric *m = &s->metric[i];
		bool no_mde = isinf(m->mde);

		if (m->cls != METRIC_PRIMARY || !m->judged || m->verdict != VERDICT_UNKNOWN ||
		    !m->why_not || cmp_asked(m) || held_by_floor(m) ||
		    (no_mde && said && !strcmp(said, m->why_not)))
			continue;
		said = no_mde ? m->why_not : said;
		buf_addf(out, "  %s: ", no_mde ? "MDE -" : m->m->name);
		text_wrapped(out, m->why_not, no_mde ? 9 : strlen(m->m->name) + 4, no_mde ? 9 : 4);
	}
}

static void outcomes(const struct comparison *c, const struct cmp_scenario *s, struct buf *out)
{
	struct buf line = BUF_INIT;

	if (s->side[SIDE_A].broken || s->side[SIDE_B].broken || s->side[SIDE_A].flagged ||
	    s->side[SIDE_B].flagged) {
		buf_addf(&line, "broken runs, A %zu, B %zu", s->side[SIDE_A].broken,
			 s->side[SIDE_B].broken);
		if (s->side[SIDE_A].flagged || s->side[SIDE_B].flagged)
			buf_addf(&line, "; runs with a liveness finding, A %zu, B %zu",
				 s->side[SIDE_A].flagged, s->side[SIDE_B].flagged);
		buf_addf(&line, ": adj. p = %s (Fisher exact)", fmt_p(s->p_outcome_adj).s);
		view_outcome_confirm(c, s, &line);
		buf_addstr(out, "  ");
		text_wrapped(out, line.data, 2, 4);
	}
	buf_release(&line);
}

void text_scenario(const struct comparison *c, const struct cmp_scenario *s,
		   const struct report_opts *o, struct buf *out)
{
	struct buf history = BUF_INIT, floors = BUF_INIT;
	int name_w = name_width(s);
	size_t absent = 0;

	buf_addc(out, '\n');
	add_padded(out, s->name, utf8_width(s->name) > NAME_SCENARIO ? NAME_SCENARIO : 0);
	buf_addstr(out, ": ");
	text_verdict(out, o, s->verdict);
	buf_addf(out, "   runs %zu + %zu", s->side[SIDE_A].usable, s->side[SIDE_B].usable);
	if (s->side[SIDE_A].nr != s->side[SIDE_A].usable ||
	    s->side[SIDE_B].nr != s->side[SIDE_B].usable)
		buf_addf(out, " of %zu + %zu", s->side[SIDE_A].nr, s->side[SIDE_B].nr);
	view_scenario_history(s, &history);
	if (history.len)
		buf_addf(out, "   %s", history.data);
	buf_addc(out, '\n');
	outcomes(c, s, out);
	head_row(out, c, s, name_w);
	for (size_t i = 0; i < s->nr_metrics; i++)
		if (s->metric[i].cls == METRIC_PRIMARY)
			primary_row(out, c, o, s, &s->metric[i], name_w);
	why_unknown(s, out);
	view_scenario_floors(s, &floors);
	if (floors.len) {
		buf_addstr(out, "  ");
		text_wrapped(out, floors.data, 2, 4);
	}
	moves_with(s, o, out);
	if (o->all)
		the_rest(s, out);
	for (size_t i = 0; i < s->nr_metrics && !o->all; i++)
		absent += s->metric[i].cls != METRIC_PRIMARY && !s->metric[i].judged;
	if (absent)
		buf_addf(
			out,
			"  %zu secondary or diagnostic metric%s not judged: ABSENT on one side, too "
			"few runs, or unlike states\n",
			absent, absent == 1 ? "" : "s");
	buf_release(&history);
	buf_release(&floors);
}
