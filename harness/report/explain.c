/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Explains one metric in plain words and, with a comparison, gives its value in every run. */
#include <string.h>

#include "report/course_words.h"
#include "report/floor_words.h"
#include "report/fmt.h"
#include "report/report.h"
#include "report/wrap.h"
#include "report/words.h"

#define RUNS_A_LINE 5

/* Names of metrics come from archives: no raw byte of them may reach the terminal. */
static void in_words(const struct metric *m, struct buf *out)
{
	struct buf text = BUF_INIT, line = BUF_INIT;

	metric_explain(m, TEXT_WIDTH, &text);
	for (const char *p = text.data; *p;) {
		size_t len = strcspn(p, "\n");

		buf_reset(&line);
		buf_add(&line, p, len);
		add_plain(out, line.data);
		buf_addc(out, '\n');
		p += len + (p[len] == '\n');
	}
	buf_release(&text);
	buf_release(&line);
}

static void side_values(enum side side, const struct cmp_scenario *s, const struct cmp_metric *m,
			struct buf *out)
{
	const struct cmp_values *v = &m->side[side];
	const struct cmp_side *runs = &s->side[side];

	for (size_t i = 0; i < v->nr; i++) {
		size_t at = view_usable(runs, i);
		const char *seed = at < runs->nr ? runs->run[at]->seed : NULL;

		if (i % RUNS_A_LINE == 0)
			buf_addf(out, "%s    %c  ", i ? "\n" : "", i ? ' ' : side_letter(side));
		buf_addstr(out, "seed ");
		add_padded(out, seed ? seed : "?", -4);
		buf_addc(out, ' ');
		add_padded(out, fmt_num(v->v[i]).s, 9);
	}
	if (!v->nr)
		buf_addf(out, "    %c  no usable run", side_letter(side));
	buf_rtrim(out);
	buf_addc(out, '\n');
}

/* Appends "  text", wrapped; empties @line. */
static void indented(struct buf *line, struct buf *out)
{
	if (line->len) {
		buf_addstr(out, "  ");
		text_wrapped(out, line->data, 2, 4);
	}
	buf_reset(line);
}

static void judged(const struct comparison *c, const struct cmp_metric *m, struct buf *out)
{
	const char *word = view_dir_word(view_dir(m));
	bool verdict = m->cls == METRIC_PRIMARY;
	struct buf line = BUF_INIT;

	buf_addf(out, ": %s\n", verdict ? verdict_names[m->verdict] : "not judged by itself");
	buf_addf(&line, "A %s, B %s: shift %s%s%s, interval %s (%.0f %%), %s p = %s, n = %zu + %zu",
		 fmt_num(cmp_of_shift(m, SIDE_A)->median).s,
		 fmt_num(cmp_of_shift(m, SIDE_B)->median).s, fmt_shift(m, m->shift, true).s,
		 *word ? " " : "", word, fmt_interval(m).s, m->conf * 100,
		 verdict ? "adjusted" : "Benjamini-Hochberg", fmt_p(m->p_adj).s,
		 cmp_of_shift(m, SIDE_A)->present, cmp_of_shift(m, SIDE_B)->present);
	if (verdict && m->verdict == VERDICT_UNKNOWN)
		buf_addf(&line, ", MDE %s", fmt_mde(m).s);
	indented(&line, out);
	view_metric_floor(m, &line);
	indented(&line, out);
	view_two_states(m, &line);
	indented(&line, out);
	view_by_builds(m, &line);
	indented(&line, out);
	view_metric_course(c, m, &line);
	if (m->history_df > 0)
		buf_addf(&line, "%s%g degrees of freedom of its noise from history",
			 line.len ? "; " : "", m->history_df);
	if (m->why_not && !cmp_asked(m))
		buf_addf(&line, "%s%s", line.len ? "; " : "", m->why_not);
	indented(&line, out);
	buf_release(&line);
}

static void numbers(const struct comparison *c, const struct cmp_scenario *s,
		    const struct cmp_metric *m, struct buf *out)
{
	struct buf line = BUF_INIT;

	buf_addc(out, '\n');
	add_plain(out, s->name);
	if (m->cls != m->m->cls)
		buf_addf(out, " (%s here)", metric_class_names[m->cls]);
	if (m->judged) {
		judged(c, m, out);
	} else {
		buf_addf(out, ": not judged\n  A %s, B %s\n",
			 fmt_num(cmp_of_shift(m, SIDE_A)->median).s,
			 fmt_num(cmp_of_shift(m, SIDE_B)->median).s);
		buf_addstr(&line, m->why_not ? m->why_not : "no reason recorded");
		indented(&line, out);
	}
	buf_addstr(out, "  every usable run:\n");
	side_values(SIDE_A, s, m, out);
	side_values(SIDE_B, s, m, out);
	buf_release(&line);
}

void report_explain(const struct metric *m, const struct comparison *c, struct buf *out)
{
	in_words(m, out);
	for (size_t s = 0; c && s < c->nr_scenarios; s++)
		for (size_t i = 0; i < c->scenario[s].nr_metrics; i++)
			if (!strcmp(c->scenario[s].metric[i].m->name, m->name))
				numbers(c, &c->scenario[s], &c->scenario[s].metric[i], out);
}
