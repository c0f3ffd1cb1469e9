/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CSV of a comparison (RFC 4180, LF line ends): one row per scenario and metric, all classes. Lists
 * (a_values ...) are ;-separated, with one element per usable run in the order the runs were given:
 * those of the looks, and in a_fresh and b_fresh the fresh ones. n, medians, shift and interval are
 * of the fresh runs where of_fresh says yes. An empty number or list element is ABSENT (or, for
 * statistics, not judged); it is never 0. Shares and shifts are fractions, not percent; but a shift
 * whose shift_unit is `units` is in units of the metric.
 */
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "report/course_words.h"
#include "report/fields.h"
#include "report/fmt.h"
#include "report/report.h"
#include "report/words.h"

static const char scenario_columns[] =
	"scenario,scenario_verdict,runs_a,runs_b,usable_a,usable_b,broken_a,broken_b,p_outcome,p_outcome_adjusted,outcome_verdict,outcome_confirm,p_outcome_confirm,shown,counted,fine,liveness_a,liveness_b,findings_a,findings_b,";
static const char campaign_columns[] =
	"a_seeds,b_seeds,label_a,label_b,lru_a,lru_b,alpha,alpha_same,family,permutations,exact_permutation,judge_seed,"
	"history_runs,looks,looks_alpha,looks_made,confirm_n,confirm_alpha,fine_share,fine_mde,exit\n";

static void field(struct buf *out, const char *s)
{
	add_csv(out, s);
	buf_addc(out, ',');
}

static void number(struct buf *out, double v)
{
	buf_addf(out, "%s,", fmt_exact(v).s);
}

static void values(struct buf *out, const double *v, size_t nr)
{
	for (size_t i = 0; v && i < nr; i++)
		buf_addf(out, "%s%s", i ? ";" : "", fmt_exact(v[i]).s);
	buf_addc(out, ',');
}

static void seeds(struct buf *out, const struct cmp_side *s)
{
	struct buf list = BUF_INIT;
	bool first = true;

	for (size_t i = 0; i < s->nr; i++) {
		if (!s->run[i]->usable)
			continue;
		if (!first)
			buf_addc(&list, ';');
		buf_addstr(&list, s->run[i]->seed ? s->run[i]->seed : "");
		first = false;
	}
	field(out, list.data);
	buf_release(&list);
}

/* Findings by rule, "kswapd-spins:3;identity-c:1"; a skipped rule is no finding. */
static void findings(struct buf *out, const struct cmp_scenario *s, enum side side)
{
	static const enum rule_class cls[] = { RULE_INVARIANT, RULE_LIVENESS };
	struct buf list = BUF_INIT;

	for (size_t k = 0; k < ARRAY_SIZE(cls); k++) {
		struct view_finding v[VIEW_RULES_MAX];
		size_t nr = view_findings(s, side, RULE_FAIL, cls[k], v, VIEW_RULES_MAX);

		for (size_t i = 0; i < nr; i++)
			buf_addf(&list, "%s%s:%zu", list.len ? ";" : "", v[i].first->rule,
				 v[i].count);
	}
	field(out, list.data);
	buf_release(&list);
}

static void scenario_part(struct buf *out, const struct cmp_scenario *s)
{
	const struct cmp_side *a = &s->side[SIDE_A], *b = &s->side[SIDE_B];

	field(out, s->name);
	field(out, verdict_names[s->verdict]);
	buf_addf(out, "%zu,%zu,%zu,%zu,%zu,%zu,", a->nr, b->nr, a->usable, b->usable, a->broken,
		 b->broken);
	number(out, s->p_outcome);
	number(out, s->p_outcome_adj);
	field(out, verdict_names[s->outcome_verdict]);
	field(out, confirm_names[s->confirm_outcome]);
	number(out, s->confirm_outcome == CONFIRM_NONE ? NAN : s->p_confirm_outcome);
	buf_addf(out, "%zu,%zu,%s,", s->shown, s->counted, s->fine ? "yes" : "no");
	buf_addf(out, "%zu,%zu,", a->flagged, b->flagged);
	findings(out, s, SIDE_A);
	findings(out, s, SIDE_B);
}

static void metric_field(struct buf *out, const struct field *f, const struct cmp_metric *m)
{
	struct field_value v = field_value(f, m);

	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_WORD:
		field(out, v.text);
		break;
	case FIELD_NUMBER:
		number(out, v.number);
		break;
	case FIELD_COUNT:
		buf_addf(out, v.given ? "%zu," : ",", v.count);
		break;
	case FIELD_YES:
		field(out, !v.given ? "" : v.yes ? "yes" : "no");
		break;
	case FIELD_LIST:
		values(out, v.list, v.nr);
		break;
	}
}

/* A scenario without metrics (@m NULL) still has its row, so that its broken runs are not lost. */
static void metric_part(struct buf *out, const struct cmp_metric *m)
{
	for (const struct field *f = metric_fields; f->json; f++)
		if (f->csv && m)
			metric_field(out, f, m);
		else if (f->csv)
			buf_addc(out, ',');
}

static void campaign_part(struct buf *out, const struct comparison *c)
{
	const struct cmp_course *k = &c->course;

	field(out, view_label(c, SIDE_A));
	field(out, view_label(c, SIDE_B));
	field(out, c->lru[SIDE_A]);
	field(out, c->lru[SIDE_B]);
	number(out, c->opts.alpha);
	number(out, c->opts.alpha_same);
	buf_addf(out, "%zu,%llu,%s,%llu,%zu,", c->nr_family, (unsigned long long)c->permutations,
		 c->exact_permutation ? "yes" : "no", (unsigned long long)c->opts.seed,
		 c->opts.nr_history);
	for (size_t i = 0; i < k->nr_looks; i++)
		buf_addf(out, "%s%zu", i ? ";" : "", k->n[i]);
	buf_addc(out, ',');
	values(out, k->spend, k->nr_looks);
	if (k->nr_looks)
		buf_addf(out, "%zu,%zu,%s,", k->made, k->confirm_n, fmt_exact(k->confirm_alpha).s);
	else
		buf_addstr(out, ",,,");
	number(out, c->opts.fine);
	number(out, c->opts.fine_mde > 0 ? c->opts.fine_mde : NAN);
	buf_addf(out, "%d\n", comparison_exit(c));
}

static void write_csv(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	(void)o;
	buf_addstr(out, scenario_columns);
	for (const struct field *f = metric_fields; f->json; f++)
		if (f->csv)
			buf_addf(out, "%s,", f->csv);
	buf_addstr(out, campaign_columns);
	for (size_t s = 0; s < c->nr_scenarios; s++) {
		const struct cmp_scenario *sc = &c->scenario[s];

		for (size_t i = 0; i < (sc->nr_metrics ? sc->nr_metrics : 1); i++) {
			scenario_part(out, sc);
			metric_part(out, sc->nr_metrics ? &sc->metric[i] : NULL);
			seeds(out, &sc->side[SIDE_A]);
			seeds(out, &sc->side[SIDE_B]);
			campaign_part(out, c);
		}
	}
}

REPORT_FORMAT(csv) = {
	.help = "write every number as CSV",
	.file = "report.csv",
	.write = write_csv,
};
