/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sections about the origin of the numbers: environment, runs set aside, what was left out, how to
 * repeat the comparison. */
#include <stdlib.h>
#include <string.h>

#include "report/fmt.h"
#include "html/page.h"
#include "html/section.h"
#include "report/state_words.h"
#include "report/words.h"

#define SHOWN 14 /* rows before the rest is folded away */

static void value_cell(struct buf *out, const char *v)
{
	if (v)
		html_tag(out, "td", "wrap mono", v);
	else
		buf_addstr(out, "<td class=\"u\">ABSENT</td>");
}

static void env_rows(const struct comparison *c, const size_t *order, size_t from, size_t to,
		     struct buf *out)
{
	buf_addstr(out,
		   "<div class=\"scroll\"><table>\n<tr><th>Fact</th><th>A</th><th>B</th></tr>\n");
	for (size_t i = from; i < to; i++) {
		const struct cmp_env *e = &c->env[order[i]];

		buf_addstr(out, "<tr><td class=\"mono\">");
		add_html(out, e->key);
		buf_addstr(out,
			   e->key_fact ? "<span class=\"key\">machine key</span></td>" : "</td>");
		value_cell(out, e->a);
		value_cell(out, e->b);
		buf_addstr(out, "</tr>\n");
	}
	buf_addstr(out, "</table></div>\n");
}

static void state_rows(const struct comparison *c, struct buf *out)
{
	struct view_state v[SHAPES_MAX];
	size_t nr = view_states(c, v);
	bool any = false;

	for (size_t i = 0; i < nr; i++) {
		const struct cmp_shape *f = v[i].shape;
		struct buf note = BUF_INIT;

		if (f->state <= STATE_ALIKE)
			continue;
		if (!any)
			buf_addstr(out,
				   "<div class=\"scroll\"><table>\n<tr><th>State</th><th>A</th>"
				   "<th>B</th><th>What follows</th></tr>\n");
		any = true;
		view_state_note(c, &v[i], &note);
		buf_addstr(out, "<tr>");
		html_tag(out, "td", "", f->row->name);
		value_cell(out, f->a);
		value_cell(out, f->b);
		html_tag(out, "td", "wrap", note.data);
		buf_addstr(out, "</tr>\n");
		buf_release(&note);
	}
	if (any)
		buf_addstr(out, "</table></div>\n");
}

/* The states that A and B ran in: what is unlike, and what is not known. */
static void states(const struct comparison *c, struct buf *out)
{
	struct buf line = BUF_INIT, note = BUF_INIT;

	view_unlike(c, &line);
	if (line.len) {
		buf_addstr(&note, "<b>Unlike states.</b> A shift between them says nothing of the "
				  "code: ");
		add_html(&note, line.data);
		html_note(out, note.data);
	}
	state_rows(c, out);
	buf_reset(&line);
	buf_reset(&note);
	view_unsaid(c, &line);
	if (line.len) {
		buf_addstr(&note, "Not recorded on a side, so neither alike nor unlike: ");
		add_html(&note, line.data);
		html_note(out, note.data);
	}
	buf_release(&note);
	buf_release(&line);
}

static void environment(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	size_t *order = view_env_order(c), shown = c->nr_env <= SHOWN + 2 ? c->nr_env : SHOWN;
	bool forced = false;

	(void)o;
	states(c, out);
	for (size_t i = 0; i < c->nr_env; i++)
		forced |= c->env[i].key_fact;
	if (forced)
		html_note(
			out,
			"<b>Unlike machines.</b> Facts marked <em>machine key</em> differ, and the "
			"comparison was forced. A shift below may be the machine, not the kernel.");
	if (*c->lru[SIDE_A] && strcmp(c->lru[SIDE_A], c->lru[SIDE_B]))
		html_note(out,
			  "<b>Unlike LRU modes.</b> Metrics that count different things in classic "
			  "LRU and MGLRU are left out by name.");
	if (c->nr_env) {
		html_note(
			out,
			"Recorded facts that are not equal. <em>varies</em>: differs inside one side "
			"already. Everything else that a run records (sysctls, configuration, NUMA map) "
			"was equal in A and B.");
		env_rows(c, order, 0, shown, out);
		if (shown < c->nr_env) {
			buf_addf(out, "<details><summary>%zu more facts</summary>\n",
				 c->nr_env - shown);
			env_rows(c, order, shown, c->nr_env, out);
			buf_addstr(out, "</details>\n");
		}
	} else {
		html_note(
			out,
			"Nothing that the runs recorded: same kernel release, command line, sysctls, "
			"configuration, NUMA map.");
	}
	free(order);
}

const struct html_section html_section_environment = {
	.id = "environment",
	.title = "What differs between A and B",
	.toc = "Environment",
	.render = environment,
};

static size_t aside_rows(const struct cmp_scenario *s, enum side side, struct buf *out)
{
	const struct run_facts *const *r = s->side[side].run;
	size_t n = 0;

	for (size_t i = 0; i < s->side[side].nr; i++) {
		if (r[i]->usable)
			continue;
		n++;
		buf_addstr(out, "<tr>");
		html_tag(out, "td", "", s->name);
		buf_addf(out, "<td><span class=\"tag%s\">%c</span></td>",
			 side == SIDE_B ? " b" : "", side_letter(side));
		html_tag(out, "td", "mono", view_basename(r[i]->head.path));
		html_tag(out, "td", "n", r[i]->seed ? r[i]->seed : "");
		html_tag(out, "td", "wrap",
			 r[i]->set_aside ? r[i]->set_aside : "no reason recorded");
		buf_addf(out, "<td class=\"n\">%s</td></tr>\n",
			 r[i]->broken ? fmt_p(s->p_outcome_adj).s : "not counted");
	}
	return n;
}

static void left_out(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	struct buf rows = BUF_INIT;
	size_t n = 0;

	(void)o;
	for (size_t s = 0; s < c->nr_scenarios; s++) {
		const struct cmp_scenario *sc = &c->scenario[s];

		n += aside_rows(sc, SIDE_A, &rows);
		n += aside_rows(sc, SIDE_B, &rows);
	}
	if (n) {
		html_note(out,
			  "Broken runs have no values, but they are not dropped: a separate test "
			  "(Fisher exact) asks whether B breaks more often than A. It does not "
			  "count what happened to the harness (a run stopped, skipped or failed by "
			  "the harness\xe2\x80\x99s fault).");
		buf_addstr(
			out,
			"<div class=\"scroll\"><table>\n<tr><th>Scenario</th><th>Side</th><th>Run</th><th "
			"class=\"n\">Seed</th><th>Why</th><th class=\"n\">adj. p, broken A v B</th></tr>\n");
		buf_add(out, rows.data, rows.len);
		buf_addstr(out, "</table></div>\n");
	} else {
		html_note(out, "Every run was usable.");
	}
	if (c->nr_left_out) {
		buf_addstr(out, "<h3>Not compared</h3>\n<ul>\n");
		for (size_t i = 0; i < c->nr_left_out; i++) {
			if (i == SHOWN && c->nr_left_out > SHOWN + 2)
				buf_addf(out, "</ul>\n<details><summary>%zu more</summary>\n<ul>\n",
					 c->nr_left_out - i);
			html_tag(out, "li", "", c->left_out[i]);
			buf_addc(out, '\n');
		}
		buf_addstr(out, c->nr_left_out > SHOWN + 2 ? "</ul>\n</details>\n" : "</ul>\n");
	}
	buf_release(&rows);
}

const struct html_section html_section_left_out = {
	.id = "left-out",
	.title = "Set aside and left out",
	.toc = "Set aside",
	.render = left_out,
};

static void reproduce(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	(void)c;
	if (o->commands && o->commands[0]) {
		html_note(
			out,
			"The commands that make this page. On the exact target the same image and seed "
			"give the same counters to the last digit on any machine.");
		buf_addstr(out, "<pre>");
		for (size_t i = 0; o->commands[i]; i++) {
			add_html(out, o->commands[i]);
			buf_addc(out, '\n');
		}
		buf_addstr(out, "</pre>\n");
	} else {
		html_note(
			out,
			"No commands were recorded with this comparison. <code>wmark replay RUN</code> "
			"repeats any single run.");
	}
}

const struct html_section html_section_reproduce = {
	.id = "reproduce",
	.title = "Reproduce",
	.toc = "Reproduce",
	.render = reproduce,
};
