/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A comparison for a terminal or a mail: verdict first, at most 110 columns, no control codes
 * unless asked. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "report/course_words.h"
#include "report/end_words.h"
#include "report/floor_words.h"
#include "report/fmt.h"
#include "report/report.h"
#include "report/state_words.h"
#include "report/text.h"
#include "report/wrap.h"
#include "report/words.h"

#define LEFT_OUT_SHOWN 10
#define ENV_SHOWN 10 /* how many differing facts are shown; the rest is only counted */

static void headline(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	const char *word = verdict_names[c->verdict];
	struct buf line = BUF_INIT;
	size_t col, n = strlen(word);

	view_headline(c, &line);
	buf_addstr(out, "wmark: ");
	text_verdict(out, o, c->verdict);
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
		if (col + w > TEXT_WIDTH) {
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

/* Long values that begin alike (command lines) are shown from the last blank before their first
 * difference on. */
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

/* Appends one fact that differs. Values that do not fit side by side get one line each, and are cut
 * at its end. */
static void env_row(struct buf *out, const char *key, int key_w, const char *a, const char *b)
{
	int side = (TEXT_WIDTH - 2 - key_w - 8) / 2;

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

		env_value(out, a, from, TEXT_WIDTH - 6 - key_w);
		buf_addf(out, "\n  %*s  B ", key_w, "");
		env_value(out, b, from, TEXT_WIDTH - 6 - key_w);
	}
	buf_rtrim(out);
	buf_addc(out, '\n');
}

/* The states that differ, each with what follows from it; with --all those that are not known. */
static void states(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	struct view_state v[SHAPES_MAX];
	size_t nr = view_states(c, v);
	struct buf line = BUF_INIT;
	bool any = false;

	for (size_t i = 0; i < nr; i++) {
		if (v[i].shape->state <= STATE_ALIKE)
			continue;
		if (!any)
			buf_addstr(out, "\nWhat A and B ran in\n");
		any = true;
		env_row(out, v[i].shape->row->name, 18, v[i].shape->a, v[i].shape->b);
		view_state_note(c, &v[i], &line);
		buf_addf(out, "  %18s  ", "");
		text_wrapped(out, line.data, 22, 22);
		buf_reset(&line);
	}
	view_unsaid(c, &line);
	if (o->all && line.len) {
		buf_addstr(out, "\nNot recorded on a side, so neither alike nor unlike: ");
		text_wrapped(out, line.data, 53, 2);
	}
	buf_release(&line);
}

static void environment(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	size_t *order = view_env_order(c),
	       shown = o->all || c->nr_env <= ENV_SHOWN + 1 ? c->nr_env : ENV_SHOWN;
	size_t key_w = 18;

	buf_addstr(out,
		   c->nr_env
			   ? "\nWhat differs between A and B\n"
			   : "\nNothing recorded about the environment differs between A and B.\n");
	for (size_t i = 0; i < shown; i++) {
		size_t w = utf8_width(c->env[order[i]].key);

		key_w = w > key_w ? w : key_w;
	}
	key_w = key_w > 40 ? 40 : key_w;
	if (*c->lru[SIDE_A] && strcmp(c->lru[SIDE_A], c->lru[SIDE_B]))
		env_row(out, "LRU mode", (int)key_w, c->lru[SIDE_A], c->lru[SIDE_B]);
	for (size_t i = 0; i < shown; i++) {
		const struct cmp_env *e = &c->env[order[i]];

		env_row(out, e->key, (int)key_w, e->a, e->b);
	}
	if (shown < c->nr_env)
		buf_addf(out, "  and %zu more facts; the JSON and HTML reports have them all\n",
			 c->nr_env - shown);
	free(order);
}

/* Appends one remark under the verdict; empties @line. */
static void remark(struct buf *line, struct buf *out)
{
	if (line->len) {
		buf_addstr(out, "       ");
		text_wrapped(out, line->data, 7, 9);
	}
	buf_reset(line);
}

/* What a reader must know before any number: how the error rate is kept, which noise shifts were
 * compared with, and whether the sides are unlike. */
static void preamble(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	struct buf line = BUF_INIT;
	bool forced = false;

	for (size_t i = 0; i < c->nr_env; i++)
		forced |= c->env[i].key_fact;
	view_unlike(c, &line);
	remark(&line, out);
	if (o->date)
		buf_addstr(&line, o->date);
	remark(&line, out);
	view_course(c, &line);
	remark(&line, out);
	view_floors(c, &line);
	remark(&line, out);
	view_end(c, &line);
	remark(&line, out);
	view_history(c, o->history_from, &line);
	remark(&line, out);
	view_run_counts(c, &line);
	remark(&line, out);
	if (forced)
		buf_addstr(&line, "unlike machines, compared by force: see what differs, below");
	remark(&line, out);
	if (*c->lru[SIDE_A] && strcmp(c->lru[SIDE_A], c->lru[SIDE_B]))
		buf_addf(
			&line,
			"unlike LRU modes: A %s, B %s; metrics that do not compare across them are left out by name",
			c->lru[SIDE_A], c->lru[SIDE_B]);
	remark(&line, out);
	buf_release(&line);
}

static void left_out(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	size_t shown = o->all || c->nr_left_out <= LEFT_OUT_SHOWN + 1 ? c->nr_left_out
								      : LEFT_OUT_SHOWN;

	for (size_t i = 0; i < shown; i++) {
		buf_addstr(out, i ? "  " : "\nLeft out\n  ");
		add_padded(out, c->left_out[i], TEXT_WIDTH - 2);
		buf_rtrim(out);
		buf_addc(out, '\n');
	}
	if (shown < c->nr_left_out)
		buf_addf(out, "  and %zu more; --all lists them, as do JSON and HTML\n",
			 c->nr_left_out - shown);
}

static void how_to_read(const struct comparison *c, struct buf *out)
{
	struct buf b = BUF_INIT;

	buf_addf(&b,
		 "How to read: A and B are medians over runs, n = runs per side with a value (A+B "
		 "where unequal); shift is B against A (Hodges-Lehmann) with its interval. adj. p "
		 "counts at once all %zu primary metrics that these runs could tell apart "
		 "(step-down max-T, %s%llu relabellings); ",
		 c->nr_family, c->exact_permutation ? "all " : "",
		 (unsigned long long)c->permutations);
	if (c->course.nr_looks)
		buf_addf(&b,
			 "at the alpha of its look it decides, and over all looks that is the "
			 "declared rate of %g. A row keeps the verdict and p of the look that "
			 "decided it; its other numbers are of all runs of the looks or, where "
			 "fresh runs were asked, of these alone. REGRESSED, IMPROVED and "
			 "CHANGED count once %s confirm them: in the same direction, one-sided, p "
			 "corrected for all that was found. ",
			 c->opts.alpha, view_fresh(c));
	else
		buf_addf(&b, "at %g it is the campaign's declared rate. ", c->opts.alpha);
	if (c->count[VERDICT_BISTABLE])
		buf_addstr(&b, "BISTABLE: the runs sit in two states, and which of them says "
			       "nothing of the kernel. ");
	buf_addstr(
		&b,
		"SMALL: real, but below the floor that matters. SAME: shown to lie within the "
		"floor, or equal for every seed. UNKNOWN: neither; MDE is the smallest shift, in "
		"the direction of the one seen, that this n would have found 4 times in 5. A "
		"shift without % or pp is in the metric's unit (A near 0). wmark compare "
		"--explain METRIC tells what a metric is.");
	buf_addc(out, '\n');
	text_wrapped(out, b.data, 0, 0);
	buf_release(&b);
}

void report_text(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	headline(c, o, out);
	preamble(c, o, out);
	for (size_t s = 0; s < c->nr_scenarios; s++)
		text_scenario(c, &c->scenario[s], o, out);
	text_set_aside(c, out);
	text_findings(c, o, out);
	states(c, o, out);
	environment(c, o, out);
	left_out(c, o, out);
	for (size_t i = 0; o->commands && o->commands[i]; i++) {
		buf_addstr(out, i ? "  " : "\nReproduce\n  ");
		add_plain(out, o->commands[i]); /* a command is not cut: readers copy it */
		buf_addc(out, '\n');
	}
	how_to_read(c, out);
}
