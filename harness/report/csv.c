/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CSV of a comparison (RFC 4180, LF line ends): one row a scenario and metric, all classes. Lists (a_values ...)
 * are
 * ;-separated, one element a usable run in the order the runs were given. An empty number or list element is
 * ABSENT (or, for statistics, not judged); it is never 0. Shares and shifts are fractions, not percent,
 * but for shifts whose shift_unit is `units`, those of the metric.
 */
#include <math.h>
#include <string.h>

#include "report/fmt.h"
#include "report/report.h"
#include "report/view.h"

static const char header[] =
	"scenario,scenario_verdict,runs_a,runs_b,usable_a,usable_b,broken_a,broken_b,p_outcome,p_outcome_adjusted,"
	"metric,class,unit,better,scale,verdict,judged,why_not,n_a,n_b,median_a,median_b,shift,shift_low,shift_"
	"high,shift_unit,confidence,p_raw,p_adjusted,p_same,mde,floor,resolution,history_df,a_values,b_values,a_seeds,b_"
	"seeds,label_a,label_b,lru_a,lru_b,alpha,family,permutations\n";

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

static void seeds(struct buf *out, const struct cmp_run *r, size_t nr)
{
	struct buf list = BUF_INIT;
	bool first = true;

	for (size_t i = 0; i < nr; i++) {
		if (!r[i].usable)
			continue;
		if (!first)
			buf_addc(&list, ';');
		buf_addstr(&list, r[i].seed ? r[i].seed : "");
		first = false;
	}
	field(out, list.data);
	buf_release(&list);
}

static void scenario_part(struct buf *out, const struct cmp_scenario *s)
{
	field(out, s->name);
	field(out, view_verdict(s->verdict));
	buf_addf(out, "%zu,%zu,%zu,%zu,%zu,%zu,", s->nra, s->nrb, s->ua, s->ub, s->broken_a, s->broken_b);
	number(out, s->p_outcome);
	number(out, s->p_outcome_adj);
}

static void metric_part(struct buf *out, const struct cmp_metric *m)
{
	double nan = m->judged ? 0 : NAN; /* statistics of a metric that was not judged are left empty */

	field(out, m->m->name);
	field(out, view_class(m->cls));
	field(out, m->m->unit);
	field(out, view_better(m->m));
	field(out, m->m->scale == SCALE_LOGIT ? "logit" : "log");
	field(out, m->judged ? view_verdict(m->verdict) : "");
	field(out, m->judged ? "yes" : "no");
	field(out, m->why_not);
	buf_addf(out, "%zu,%zu,", m->va, m->vb);
	number(out, m->med_a);
	number(out, m->med_b);
	number(out, m->shift + nan);
	number(out, m->lo + nan);
	number(out, m->hi + nan);
	field(out, m->judged ? view_shift_unit(m) : "");
	number(out, m->conf + nan);
	number(out, m->p_raw + nan);
	number(out, m->p_adj + nan);
	number(out, m->p_same + nan);
	number(out, m->mde + nan);
	number(out, m->floor);
	number(out, m->m->c);
	number(out, m->history_df);
	values(out, m->a, m->na);
	values(out, m->b, m->nb);
}

static void campaign_part(struct buf *out, const struct comparison *c)
{
	field(out, view_label(c, 'A'));
	field(out, view_label(c, 'B'));
	field(out, c->lru_a);
	field(out, c->lru_b);
	number(out, c->opts.alpha);
	buf_addf(out, "%zu,%llu\n", c->nr_family, (unsigned long long)c->permutations);
}

/* A scenario without metrics still has its row, so that its broken runs are not lost. */
static void empty_metric_part(struct buf *out)
{
	for (int i = 0; i < 26; i++)
		buf_addc(out, ',');
}

void report_csv(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	(void)o;
	buf_addstr(out, header);
	for (size_t s = 0; s < c->nr_scenarios; s++) {
		const struct cmp_scenario *sc = &c->scenario[s];

		for (size_t i = 0; i < (sc->nr_metrics ? sc->nr_metrics : 1); i++) {
			scenario_part(out, sc);
			if (sc->nr_metrics)
				metric_part(out, &sc->metric[i]);
			else
				empty_metric_part(out);
			seeds(out, sc->ra, sc->nra);
			seeds(out, sc->rb, sc->nrb);
			campaign_part(out, c);
		}
	}
}
