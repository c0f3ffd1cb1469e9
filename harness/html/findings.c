/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Section about findings in single runs: broken rules that need no comparison, each with the second
 * in which it was broken. */
#include <string.h>

#include "report/course_words.h"
#include "report/fmt.h"
#include "html/page.h"
#include "html/section.h"
#include "report/words.h"

static void head(struct buf *out, const char *count)
{
	buf_addf(
		out,
		"<div class=\"scroll\"><table>\n<tr><th>Scenario</th><th>Side</th><th>Rule</th><th class=\"n\">%s</th><th "
		"class=\"n\">Second</th><th>First in</th><th>What was seen there</th></tr>\n",
		count);
}

static void row(struct buf *out, const struct cmp_scenario *s, enum side side,
		const struct view_finding *v)
{
	struct buf b = BUF_INIT;

	buf_addstr(out, "<tr>");
	html_tag(out, "td", "", s->name);
	buf_addf(out, "<td><span class=\"tag%s\">%c</span></td>", side == SIDE_B ? " b" : "",
		 side_letter(side));
	html_tag(out, "td", "mono", v->first->rule);
	buf_addf(out, "<td class=\"n\">%zu in %zu of %zu</td>", v->count, v->runs,
		 s->side[side].nr);
	view_when(v->first, &b);
	html_tag(out, "td", "n", b.data);
	html_tag(out, "td", "mono", view_basename(v->run->head.path));
	buf_addstr(out, "<td class=\"wrap\">");
	if (v->first->node >= 0)
		buf_addf(out, "node %d: ", v->first->node);
	add_html(out, v->first->text);
	buf_addstr(out, "</td></tr>\n");
	buf_release(&b);
}

/* Appends the table of one state and class over all scenarios and sides, or nothing when it would
 * be empty. Returns the number of rows. */
static size_t table(const struct comparison *c, enum rule_state state, enum rule_class cls,
		    const char *title, struct buf *out)
{
	size_t n = 0;

	for (size_t s = 0; s < c->nr_scenarios; s++)
		for (int side = 0; side < 2; side++) {
			struct view_finding v[VIEW_RULES_MAX];
			size_t nr = view_findings(&c->scenario[s], side ? SIDE_B : SIDE_A, state,
						  cls, v, VIEW_RULES_MAX);

			for (size_t i = 0; i < nr; i++, n++) {
				if (!n) {
					html_tag(out, "h3", "", title);
					head(out, "Times, runs");
				}
				row(out, &c->scenario[s], side ? SIDE_B : SIDE_A, &v[i]);
			}
		}
	if (n)
		buf_addstr(out, "</table></div>\n");
	return n;
}

static void findings(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	struct buf skipped = BUF_INIT;
	size_t n;

	(void)o;
	html_note(out,
		  "Rules that every run is held against without a baseline. A run whose numbers "
		  "contradict each other is <b>invalid</b>: it is set aside and never averaged in. "
		  "A run in which reclaim failed its duty for a while (<b>liveness</b>) stays, and "
		  "counts as an outcome beside the runs that broke. Seconds are those of the "
		  "run\xe2\x80\x99s own clock, as <code>wmark show</code> prints them.");
	n = table(c, RULE_FAIL, RULE_INVARIANT, "Invalid", out);
	n += table(c, RULE_FAIL, RULE_LIVENESS, "Liveness", out);
	if (!n)
		html_note(out, "Every rule that could be evaluated held in every run.");
	n = table(c, RULE_SKIP, RULE_PARTIAL, "Not evaluated", &skipped);
	if (n) {
		buf_addf(out, "<details><summary>%zu rule%s could not be evaluated</summary>\n", n,
			 n == 1 ? "" : "s");
		buf_add(out, skipped.data, skipped.len);
		buf_addstr(out, "</details>\n");
	}
	buf_release(&skipped);
}

const struct html_section html_section_findings = {
	.id = "findings",
	.title = "Findings in single runs",
	.toc = "Findings",
	.render = findings,
};
