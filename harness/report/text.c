/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A comparison for a terminal or a mail: verdict first, at most 110 columns, no control codes unless asked. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "report/fmt.h"
#include "report/report.h"
#include "report/view.h"

#define WIDTH          110
#define LEFT_OUT_SHOWN 10
#define ENV_SHOWN      10 /* differing facts before the rest is only counted */
#define NAME_MIN       18
#define NAME_MAX       21
#define NAME_SCENARIO  70
#define NAME_WITH      30 /* metrics of the "moves with it" list */
#define MOVES_SHOWN    8

#define RED   "\033[1;31m"
#define GREEN "\033[1;32m"
#define DIM   "\033[2m"
#define BOLD  "\033[1m"
#define RESET "\033[0m"

static const char *verdict_color(enum verdict v)
{
	return v == VERDICT_REGRESSED ? RED : v == VERDICT_IMPROVED ? GREEN : v == VERDICT_UNKNOWN ? DIM : BOLD;
}

static void colored(struct buf *out, const struct report_opts *o, const char *color, const char *s)
{
	buf_addf(out, "%s%s%s", o->color ? color : "", s, o->color ? RESET : "");
}

static void headline(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	const char *word = view_verdict(c->verdict);
	struct buf line = BUF_INIT;
	size_t col, n = strlen(word);

	view_headline(c, &line);
	buf_addstr(out, "wmark: ");
	colored(out, o, verdict_color(c->verdict), word);
	col = 7 + n;
	/* wrap at ", ": a kernel's own label may be long */
	for (const char *p = line.data + n; *p;) {
		const char *stop = strstr(p, ", ");
		size_t len = stop ? (size_t)(stop - p) + 1 : strlen(p);
		struct buf part = BUF_INIT, shown = BUF_INIT;
		size_t w;

		buf_add(&part, p, len);
		add_plain(&shown, part.data);
		w = utf8_width(shown.data);
		if (col + w > WIDTH) {
			buf_addstr(out, "\n      ");
			col = 6;
		}
		buf_addstr(out, shown.data);
		col += w;
		p += len;
		buf_release(&part);
		buf_release(&shown);
	}
	buf_addc(out, '\n');
	buf_release(&line);
}

/* Long values that begin alike (command lines) are shown from a little before their first difference on. */
static size_t alike(const char *a, const char *b)
{
	size_t same = 0, from = 0;

	for (; a[same] && a[same] == b[same]; same++)
		if (a[same] == ' ')
			from = same;
	return a[same] || b[same] ? from : 0;
}

static void env_value(struct buf *out, const char *s, size_t from, int width)
{
	struct buf tail = BUF_INIT;

	if (from)
		buf_addstr(&tail, "…");
	buf_addstr(&tail, s + from);
	add_padded(out, tail.data, width);
	buf_rtrim(out);
	buf_release(&tail);
}

/* One fact that differs. Values that do not fit side by side get a line each, and are cut there. */
static void env_row(struct buf *out, const char *key, int key_w, const char *a, const char *b)
{
	int side = (WIDTH - 2 - key_w - 8) / 2;

	a = a ? a : "(absent)";
	b = b ? b : "(absent)";
	buf_addstr(out, "  ");
	add_padded(out, key, key_w);
	buf_addstr(out, "  A ");
	if (utf8_width(a) <= (size_t)side && utf8_width(b) <= (size_t)side) {
		add_padded(out, a, side);
		buf_addstr(out, "  B ");
		add_padded(out, b, side);
	} else {
		size_t from = strlen(a) > 40 && strlen(b) > 40 ? alike(a, b) : 0;

		env_value(out, a, from, WIDTH - 6 - key_w);
		buf_addf(out, "\n  %*s  B ", key_w, "");
		env_value(out, b, from, WIDTH - 6 - key_w);
	}
	buf_rtrim(out);
	buf_addc(out, '\n');
}

static void environment(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	size_t *order = view_env_order(c), shown = o->all || c->nr_env <= ENV_SHOWN + 1 ? c->nr_env : ENV_SHOWN;
	size_t key_w = 18;

	buf_addstr(out, c->nr_env ? "\nWhat differs between A and B\n"
				  : "\nNothing recorded about the environment differs between A and B.\n");
	for (size_t i = 0; i < shown; i++) {
		size_t w = utf8_width(c->env[order[i]].key);

		key_w = w > key_w ? w : key_w;
	}
	key_w = key_w > 40 ? 40 : key_w;
	if (*c->lru_a && strcmp(c->lru_a, c->lru_b))
		env_row(out, "LRU mode", (int)key_w, c->lru_a, c->lru_b);
	for (size_t i = 0; i < shown; i++) {
		const struct cmp_env *e = &c->env[order[i]];

		env_row(out, e->key, (int)key_w, e->a, e->b);
	}
	if (shown < c->nr_env)
		buf_addf(out, "  and %zu more facts; the JSON and HTML reports have them all\n",
			 c->nr_env - shown);
	free(order);
}

static void set_aside_side(const struct cmp_scenario *s, char side, bool *titled, struct buf *out)
{
	const struct cmp_run *r = side == 'A' ? s->ra : s->rb;
	size_t nr = side == 'A' ? s->nra : s->nrb;
	static const char not_counted[] = " (not counted)";

	for (size_t i = 0; i < nr; i++) {
		if (r[i].usable)
			continue;
		if (!*titled)
			buf_addstr(out, "\nRuns set aside (no values; those broken by the kernel or the load count as outcomes)\n");
		*titled = true;
		buf_addf(out, "  %c  ", side);
		add_padded(out, s->name, 20);
		buf_addc(out, ' ');
		add_padded(out, view_basename(r[i].file), 30);
		buf_addc(out, ' ');
		add_padded(out, r[i].set_aside ? r[i].set_aside : "no reason recorded",
			   WIDTH - 57 - (r[i].broken ? 0 : (int)strlen(not_counted)));
		buf_rtrim(out);
		buf_addf(out, "%s\n", r[i].broken ? "" : not_counted);
	}
}

static void set_aside(const struct comparison *c, struct buf *out)
{
	bool titled = false;

	for (size_t s = 0; s < c->nr_scenarios; s++) {
		set_aside_side(&c->scenario[s], 'A', &titled, out);
		set_aside_side(&c->scenario[s], 'B', &titled, out);
	}
}

static int name_width(const struct cmp_scenario *s)
{
	size_t w = NAME_MIN;

	for (size_t i = 0; i < s->nr_metrics; i++)
		if (s->metric[i].cls == METRIC_PRIMARY && utf8_width(s->metric[i].m->name) > w)
			w = utf8_width(s->metric[i].m->name);
	return w > NAME_MAX ? NAME_MAX : (int)w;
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

/* Columns shared by all rows: name, unit, A, B, shift, word. A name that is too long has a line of its own. */
static void row_start(struct buf *out, const struct cmp_metric *m, int name_w)
{
	buf_addstr(out, "  ");
	if (utf8_width(m->m->name) > (size_t)name_w) {
		add_plain(out, m->m->name);
		buf_addf(out, "\n  %*s", name_w, "");
	} else {
		add_padded(out, m->m->name, name_w);
	}
	buf_addc(out, ' ');
	add_padded(out, fmt_unit(m->m), 10);
	buf_addf(out, " %6s %6s ", fmt_num(m->med_a).s, fmt_num(m->med_b).s);
}

/* Shift, word, interval of a judged metric; the reason of another. */
static void row_shift(struct buf *out, const struct cmp_metric *m, int left)
{
	char shift[64];

	if (!m->judged) {
		buf_addstr(out, "  not judged: ");
		add_padded(out, m->why_not ? m->why_not : "no reason recorded", left - 14);
		buf_rtrim(out);
		return;
	}
	snprintf(shift, sizeof(shift), "%8s %s", fmt_shift(m, m->shift, true).s, view_dir_word(view_dir(m)));
	add_padded(out, shift, 15);
	buf_addf(out, " %15s", tight(m).s);
}

static void primary_row(struct buf *out, const struct report_opts *o, const struct cmp_scenario *s,
			const struct cmp_metric *m, int name_w)
{
	char n[48], mde[48] = "";

	row_start(out, m, name_w);
	row_shift(out, m, WIDTH - name_w - 28);
	if (!m->judged) {
		buf_addc(out, '\n');
		return;
	}
	snprintf(n, sizeof(n), "%zu+%zu", m->va, m->vb);
	if (m->verdict == VERDICT_UNKNOWN)
		snprintf(mde, sizeof(mde), "%s", fmt_mde(m).s);
	buf_addf(out, " %6s  %s%*s ", fmt_p(m->p_adj).s, n, 11 - (int)strlen(n), mde);
	colored(out, o, verdict_color(m->verdict), view_verdict(m->verdict));
	buf_addc(out, '\n');
	if (view_other_confidence(s, m))
		buf_addf(out, "  %*s (%.0f %% interval: n = %zu+%zu)\n", name_w, "", m->conf * 100, m->va, m->vb);
}

static void head_row(struct buf *out, const struct cmp_scenario *s, int name_w)
{
	double conf = view_confidence(s);
	char interval[32] = "interval";

	if (!isnan(conf) && conf > 0)
		snprintf(interval, sizeof(interval), "%.0f %% interval", conf * 100);
	buf_addstr(out, "  ");
	add_padded(out, "metric", name_w);
	buf_addf(out, " %-10s %6s %6s %8s %-6s %15s %6s  %-3s%8s verdict\n", "unit", "A", "B", "shift", "",
		 interval, "adj. p", "n", "MDE");
}

/* A metric that is not primary: no verdict stands behind it. */
static void other_row(struct buf *out, const struct cmp_scenario *s, const struct cmp_metric *m)
{
	row_start(out, m, NAME_WITH);
	row_shift(out, m, WIDTH - NAME_WITH - 28);
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

/* --all: every other metric, with its medians and nothing that looks like a verdict. */
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

/* UNKNOWN for want of runs: said once, in the judge's words. */
static void add_runs(const struct cmp_scenario *s, struct buf *out)
{
	for (size_t i = 0; i < s->nr_metrics; i++) {
		const struct cmp_metric *m = &s->metric[i];

		if (m->cls != METRIC_PRIMARY || !m->judged || m->verdict != VERDICT_UNKNOWN || !m->why_not)
			continue;
		buf_addstr(out, "  MDE -: ");
		add_padded(out, m->why_not, WIDTH - 9);
		buf_rtrim(out);
		buf_addc(out, '\n');
		return;
	}
}

static void scenario(const struct cmp_scenario *s, const struct report_opts *o, struct buf *out)
{
	int name_w = name_width(s);
	size_t absent = 0;

	buf_addc(out, '\n');
	add_padded(out, s->name, utf8_width(s->name) > NAME_SCENARIO ? NAME_SCENARIO : 0);
	buf_addstr(out, ": ");
	colored(out, o, verdict_color(s->verdict), view_verdict(s->verdict));
	buf_addf(out, "   runs %zu + %zu", s->ua, s->ub);
	if (s->nra != s->ua || s->nrb != s->ub)
		buf_addf(out, " of %zu + %zu", s->nra, s->nrb);
	if (s->broken_a || s->broken_b)
		buf_addf(out, "\n  broken runs, A %zu, B %zu: adj. p = %s (Fisher exact)", s->broken_a, s->broken_b,
			 fmt_p(s->p_outcome_adj).s);
	buf_addc(out, '\n');
	head_row(out, s, name_w);
	for (size_t i = 0; i < s->nr_metrics; i++)
		if (s->metric[i].cls == METRIC_PRIMARY)
			primary_row(out, o, s, &s->metric[i], name_w);
	add_runs(s, out);
	moves_with(s, o, out);
	if (o->all)
		the_rest(s, out);
	for (size_t i = 0; i < s->nr_metrics && !o->all; i++)
		absent += s->metric[i].cls != METRIC_PRIMARY && !s->metric[i].judged;
	if (absent)
		buf_addf(out,
			 "  %zu secondary or diagnostic metric%s not judged: ABSENT on a side, or too few runs\n",
			 absent, absent == 1 ? "" : "s");
}

void report_text(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	size_t shown;

	headline(c, o, out);
	if (o->date) {
		buf_addstr(out, "       ");
		add_plain(out, o->date);
		buf_addc(out, '\n');
	}
	environment(c, o, out);
	set_aside(c, out);
	for (size_t s = 0; s < c->nr_scenarios; s++)
		scenario(&c->scenario[s], o, out);
	shown = o->all || c->nr_left_out <= LEFT_OUT_SHOWN + 1 ? c->nr_left_out : LEFT_OUT_SHOWN;
	for (size_t i = 0; i < shown; i++) {
		buf_addstr(out, i ? "  " : "\nLeft out\n  ");
		add_padded(out, c->left_out[i], WIDTH - 2);
		buf_rtrim(out);
		buf_addc(out, '\n');
	}
	if (shown < c->nr_left_out)
		buf_addf(out, "  and %zu more; --all lists them, as do JSON and HTML\n", c->nr_left_out - shown);
	for (size_t i = 0; o->commands && o->commands[i]; i++) {
		buf_addstr(out, i ? "  " : "\nReproduce\n  ");
		add_plain(out, o->commands[i]); /* not cut: it is there to be copied */
		buf_addc(out, '\n');
	}
	buf_addf(out,
		 "\nHow to read: A and B are medians over runs, n = runs with a value; shift is B against A "
		 "(Hodges-Lehmann) with\n"
		 "its interval. adj. p counts all %zu judged primary metrics at once (step-down max-T, %s%llu "
		 "relabellings);\n"
		 "at %g it is the campaign's declared rate. SMALL: real, but below the floor that matters. SAME: "
		 "shown to\n"
		 "lie within the floor. UNKNOWN: neither; MDE is the smallest shift, on the side of the one seen, that "
		 "this n\n"
		 "would have found 4 times in 5. A shift without %% or pp is in the metric's unit (A near 0).\n",
		 c->nr_family, c->exact_permutation ? "all " : "", (unsigned long long)c->permutations,
		 c->opts.alpha);
}
