/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was found in runs without comparing them: runs set aside, and where reclaim failed its
 * duty. */
#include <string.h>

#include "report/course_words.h"
#include "report/fmt.h"
#include "report/text.h"
#include "report/wrap.h"
#include "report/words.h"

/* "rule, 12.30 s, node 1: text", wrapped. */
static void finding(struct buf *out, const struct finding *f, size_t col, int indent)
{
	struct buf line = BUF_INIT;

	buf_addstr(&line, f->rule);
	if (f->has_time) {
		buf_addstr(&line, ", ");
		view_when(f, &line);
	}
	if (f->node >= 0)
		buf_addf(&line, ", node %d", f->node);
	buf_addf(&line, ": %s", f->text ? f->text : "");
	text_wrapped(out, line.data, col, indent);
	buf_release(&line);
}

static size_t invalid(const struct run_facts *r)
{
	size_t nr = 0;

	for (size_t i = 0; i < r->nr_findings; i++)
		nr += finding_failed(&r->finding[i], RULE_INVARIANT);
	return nr;
}

/* The reason why a run is invalid is its first finding, printed with rule and second in a separate
 * line. */
static void reason(const struct run_facts *r, struct buf *out)
{
	static const char not_counted[] = " (not counted)";
	size_t nr = invalid(r);
	bool by_rule = nr && r->set_aside && !strncmp(r->set_aside, "invalid", 7);

	if (by_rule)
		buf_addf(out, "invalid, by %zu finding%s", nr, nr == 1 ? "" : "s");
	else
		add_padded(out, r->set_aside ? r->set_aside : "no reason recorded",
			   TEXT_WIDTH - 57 - (r->broken ? 0 : (int)strlen(not_counted)));
	buf_rtrim(out);
	buf_addf(out, "%s\n", r->broken ? "" : not_counted);
	for (size_t i = 0; i < r->nr_findings; i++)
		if (finding_failed(&r->finding[i], RULE_INVARIANT)) {
			buf_addstr(out, "       ");
			finding(out, &r->finding[i], 7, 9);
		}
}

static void set_aside_side(const struct cmp_scenario *s, enum side side, bool *titled,
			   struct buf *out)
{
	const struct run_facts **r = s->side[side].run;
	size_t nr = s->side[side].nr;

	for (size_t i = 0; i < nr; i++) {
		if (r[i]->usable)
			continue;
		if (!*titled)
			buf_addstr(
				out,
				"\nRuns set aside (no values; those broken by the kernel or the load count as outcomes)\n");
		*titled = true;
		buf_addf(out, "  %c  ", side_letter(side));
		add_padded(out, s->name, 20);
		buf_addc(out, ' ');
		add_padded(out, view_basename(r[i]->head.path), 30);
		buf_addc(out, ' ');
		reason(r[i], out);
	}
}

void text_set_aside(const struct comparison *c, struct buf *out)
{
	bool titled = false;

	for (size_t s = 0; s < c->nr_scenarios; s++) {
		set_aside_side(&c->scenario[s], SIDE_A, &titled, out);
		set_aside_side(&c->scenario[s], SIDE_B, &titled, out);
	}
}

static void liveness_side(const struct cmp_scenario *s, enum side side, struct buf *out)
{
	struct view_finding v[VIEW_RULES_MAX];
	size_t nr = view_findings(s, side, RULE_FAIL, RULE_LIVENESS, v, VIEW_RULES_MAX);

	for (size_t i = 0; i < nr; i++) {
		buf_addf(out, "  %c  ", side_letter(side));
		add_padded(out, s->name, 20);
		buf_addf(out, " %s: %zu time%s in %zu of %zu runs, first in ", v[i].first->rule,
			 v[i].count, v[i].count == 1 ? "" : "s", v[i].runs, s->side[side].usable);
		add_plain(out, view_basename(v[i].run->head.path));
		buf_addstr(out, "\n       ");
		finding(out, v[i].first, 7, 9);
	}
}

/* With --all: rules that could not be evaluated, one line per scenario, side and rule. */
static void skipped(const struct comparison *c, struct buf *out)
{
	bool titled = false;

	for (size_t s = 0; s < c->nr_scenarios; s++)
		for (int side = 0; side < 2; side++) {
			struct view_finding v[VIEW_RULES_MAX];
			size_t nr = view_findings(&c->scenario[s], side ? SIDE_B : SIDE_A,
						  RULE_SKIP, RULE_PARTIAL, v, VIEW_RULES_MAX);

			for (size_t i = 0; i < nr; i++) {
				if (!titled)
					buf_addstr(
						out,
						"\nRules that could not be evaluated (the first run of each)\n");
				titled = true;
				buf_addf(out, "  %c  ", side_letter((enum side)side));
				add_padded(out, c->scenario[s].name, 20);
				buf_addc(out, ' ');
				finding(out, v[i].first, 26, 28);
			}
		}
}

void text_findings(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	bool any = false;

	for (size_t s = 0; s < c->nr_scenarios; s++)
		any |= c->scenario[s].side[SIDE_A].flagged || c->scenario[s].side[SIDE_B].flagged;
	if (any)
		buf_addstr(
			out,
			"\nReclaim failed its duty for a while (liveness; the runs stay, and count as outcomes with those that broke)\n");
	for (size_t s = 0; s < c->nr_scenarios && any; s++) {
		liveness_side(&c->scenario[s], SIDE_A, out);
		liveness_side(&c->scenario[s], SIDE_B, out);
	}
	if (o->all)
		skipped(c, out);
}
