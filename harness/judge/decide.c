/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Statistics and verdicts: primary metrics of all scenarios jointly, other metrics inside their
 * scenario, and broken runs as outcomes (harness/man/judging.md, steps 3 to 8, 11, 12).
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/rng.h"
#include "judge/family.h"
#include "judge/scale.h"
#include "judge/steps.h"

#define POWER 0.80
/*
 * Relabellings that are enumerated where p decides a verdict, and elsewhere: of 4 metrics at most
 * 45 and 5 ms. While p of a verdict lies near alpha DOUBT_TIMES as many as usual are drawn, but no
 * more than DOUBT_DRAWS.
 */
#define EXACT_MAX 200000
#define EXACT_ENOUGH 20000
#define DOUBT_TIMES 64
#define DOUBT_DRAWS 1000000

/* ---------------------------------------------------------------- one metric */

/*
 * A median of A under ten resolution steps gives no meaningful percentage: "+469 %" of nothing is
 * one event.
 */
#define PERCENT_MIN_STEPS 10

bool cmp_near_zero(const struct metric *m, double median)
{
	return m->scale != SCALE_LOGIT && !(fabs(median) >= PERCENT_MIN_STEPS * m->c);
}

static bool below_zero(const struct cmp_metric *m)
{
	for (size_t i = 0; i < cmp_nr_values(m); i++)
		if (cmp_value(m, i) < 0)
			return true;
	return false;
}

double cmp_shown(const struct cmp_metric *m, double dy)
{
	double at = cmp_of_shift(m, SIDE_A)->median, to;

	if (dy == 0) /* and not what rounding there and back makes of it */
		return 0;
	if (m->m->scale == SCALE_LOGIT)
		at = fmin(fmax(at, 0), 1);
	to = metric_back(m->m, metric_forward(m->m, at) + dy);
	if (to < 0 && !below_zero(m))
		to = 0;
	return m->m->scale == SCALE_LOGIT || m->shift_in_units ? to - at : (to - at) / fabs(at);
}

/*
 * The smallest detectable shift. For a share take the larger direction: the smaller one is bounded
 * by 0 or 1 and would promise too much.
 */
static double detectable(const struct cmp_metric *m, double step, double hl)
{
	if (isinf(step))
		return INFINITY;
	if (m->m->scale == SCALE_LOGIT || hl == 0)
		return fmax(fabs(cmp_shown(m, step)), fabs(cmp_shown(m, -step)));
	return fabs(cmp_shown(m, hl < 0 ? -step : step));
}

/*
 * The floor up and down from A's median, on the transformed scale: both ends of one band around it,
 * +-5 % or +-2 points as the reader sees them. INFINITY: the metric has no value so far away.
 */
static void floor_band(const struct cmp_metric *m, double *down, double *up)
{
	double at = m->side[SIDE_A].median, step = m->floor * fabs(at);

	if (m->m->scale == SCALE_LOGIT) {
		at = fmin(fmax(at, 0), 1);
		step = m->floor;
	} else if (m->shift_in_units) { /* relative to A + c */
		*up = stat_log1p(m->floor);
		*down = m->floor < 1 ? -stat_log1p(-m->floor) : INFINITY;
		return;
	}
	*up = metric_forward(m->m, at + step) - metric_forward(m->m, at);
	*down = metric_forward(m->m, at) - metric_forward(m->m, at - step);
	if (m->m->scale == SCALE_LOGIT && at + step > 1)
		*up = INFINITY;
	if (m->m->scale == SCALE_LOGIT && at - step < 0)
		*down = INFINITY;
}

static bool above_floor(const struct cmp_metric *m, double dy)
{
	double down, up;

	floor_band(m, &down, &up);
	return dy >= up - 1e-9 || dy <= -down + 1e-9;
}

static enum verdict direction(const struct metric *m, double hl)
{
	if (m->better == BETTER_NEITHER)
		return VERDICT_CHANGED;
	return (hl > 0) == (m->better == BETTER_LOWER) ? VERDICT_REGRESSED : VERDICT_IMPROVED;
}

/*
 * p of the equivalence test. What the builds add to the shift adds to its error, with degrees of
 * freedom by Satterthwaite: SAME is said of the code, and not of two images.
 */
static double equivalence(const struct cmp_metric *m, double diff, double se, double df)
{
	double of_runs = se * se, of_builds = m->rebuild.se * m->rebuild.se,
	       both = of_runs + of_builds, down, up;

	if (of_builds > 0)
		df = both * both / (of_runs * of_runs / df + of_builds * of_builds / m->rebuild.df);
	floor_band(m, &down, &up);
	return stat_tost(diff, sqrt(both), df, fmax(down, m->rebuild.same),
			 fmax(up, m->rebuild.same));
}

/* The shift that is found with power: significant, and above the floor from rebuilds. */
static double to_find(const struct cmp_metric *m, double t_crit, double df, double se)
{
	double by_test = stat_t_detectable(t_crit, df, POWER) * se;

	return m->rebuild.line ? fmax(by_test, m->rebuild.y + stat_t_inv(POWER, df) * se) : by_test;
}

/*
 * The chance that the runs of a side show none of the CMP_RARE_SHARE of them that differ. Values
 * that do not vary hold no noise to test an equivalence against; all that they tell is how many
 * runs have been seen.
 */
static double rare_unseen(size_t na, size_t nb)
{
	return stat_exp((double)(na < nb ? na : nb) * stat_log1p(-CMP_RARE_SHARE));
}

static size_t runs_to_see(void)
{
	size_t n = 1;

	while (rare_unseen(n, n) > CMP_RARE_ALPHA)
		n++;
	return n;
}

/*
 * Fills in effect, interval, equivalence and detectable shift (none for a @z_crit of NAN): all but
 * p_adj and the verdict. Returns the shift on the transformed scale.
 */
static double describe(const struct comparison *c, struct cmp_metric *m, const struct stat_hyp *h,
		       double z_crit)
{
	double se = h->s * sqrt(1.0 / (double)m->side[SIDE_A].present +
				1.0 / (double)m->side[SIDE_B].present),
	       df = (double)(m->side[SIDE_A].present + m->side[SIDE_B].present) - 2 + h->df0;
	struct stat_shift hl;

	stat_hodges_lehmann(h->y, m->side[SIDE_A].present, h->y + m->side[SIDE_A].present,
			    m->side[SIDE_B].present, c->opts.conf, &hl);
	if (m->pairs_equal) /* known, not estimated */
		hl.shift = hl.lo = hl.hi = 0;
	m->shift_in_units = cmp_near_zero(m->m, m->side[SIDE_A].median);
	m->shift = cmp_shown(m, hl.shift);
	m->lo = cmp_shown(m, hl.lo);
	m->hi = cmp_shown(m, hl.hi);
	m->conf = hl.conf;
	m->rebuild.beyond = m->rebuild.line && !within_resolution(m) && above_floor(m, hl.shift) &&
			    fabs(hl.shift) <= m->rebuild.same;
	m->p_raw = h->p_raw;
	m->p_same = m->pairs_equal ? 0
		    : within_resolution(m)
			    ? rare_unseen(m->side[SIDE_A].present, m->side[SIDE_B].present)
			    : equivalence(m, h->diff, se, df);
	m->mde = isnan(z_crit)
			 ? NAN
			 : detectable(m, to_find(m, stat_z_to_t(z_crit, df), df, se), hl.shift);
	return hl.shift;
}

/* Neither floor is reached: the declared one, or what builds alone do. */
static bool is_small(const struct cmp_metric *m, double dy)
{
	return !above_floor(m, dy) || fabs(dy) <= m->rebuild.same;
}

/*
 * Draws the verdict on a metric that the test rejects. What the test found, the shift of the means
 * and the median shift @hl, which is shown, are estimates of their own. A direction needs all of
 * them; SMALL needs that both shifts are small.
 */
static enum verdict found(struct comparison *c, struct cmp_metric *m, const struct stat_hyp *h,
			  double hl)
{
	if (h->way * hl <= 0 || h->diff * hl <= 0) {
		m->why_not =
			"median shift and shift of the means do not go the same way: see the runs";
		return VERDICT_UNKNOWN;
	}
	if (is_small(m, hl) && is_small(m, h->diff))
		return VERDICT_SMALL;
	if (is_small(m, hl)) {
		m->why_not =
			"the median shift is below the floor, that of the means is not: see the runs";
		return VERDICT_UNKNOWN;
	}
	if (fabs(hl) >= m->rebuild.y)
		return direction(m->m, hl);
	m->why_not = arena_printf(
		&c->mem,
		"significant, but rebuilding one source alone may shift it by %.3g %s (%zu builds x %zu runs)",
		m->rebuild.shown * 100, m->m->scale == SCALE_LOGIT ? "pp" : "%", m->rebuild.builds,
		m->rebuild.runs);
	m->rebuild.within = true;
	return VERDICT_UNKNOWN;
}

/* Draws the verdict on a metric whose values all lie within one resolution step. */
static void decide_still(struct comparison *c, struct cmp_metric *m)
{
	m->verdict = m->p_same <= CMP_RARE_ALPHA ? VERDICT_SAME : VERDICT_UNKNOWN;
	if (m->verdict == VERDICT_SAME)
		return;
	m->mde = NAN; /* no size of a shift is in question, but how often there is one */
	m->why_not = arena_printf(
		&c->mem,
		"all values lie within one resolution step, in too few runs to say SAME: %zu per side are needed",
		runs_to_see());
}

static void decide(struct comparison *c, struct cmp_metric *m, const struct stat_hyp *h, double hl,
		   double alpha)
{
	if (m->pairs_equal) {
		m->verdict = VERDICT_SAME;
		return;
	}
	if (within_resolution(m)) {
		decide_still(c, m);
		return;
	}
	m->verdict = m->p_adj <= alpha ? found(c, m, h, hl) : VERDICT_UNKNOWN;
	if (m->verdict == VERDICT_UNKNOWN && !m->rebuild.within &&
	    m->p_same <= c->opts.alpha_same) {
		m->verdict = VERDICT_SAME;
		m->why_not = NULL;
	}
	if (m->verdict == VERDICT_UNKNOWN && isinf(m->mde))
		m->why_not = "so few runs cannot show a difference of any size: add runs";
}

/* ---------------------------------------------------------------- outcomes */

/*
 * Counts the runs for the outcome, usable and broken ones. Bad runs broke, or reclaim did not work
 * in them for a while.
 */
static void count_bad(const struct cmp_scenario *s, unsigned bad[2], unsigned good[2])
{
	for (enum side i = SIDE_A; i < NR_SIDES; i++) {
		bad[i] = (unsigned)(s->side[i].broken + s->side[i].flagged);
		good[i] = (unsigned)(s->side[i].usable - s->side[i].flagged);
	}
}

static double fisher_bad(const struct cmp_scenario *s)
{
	unsigned bad[2], good[2];

	count_bad(s, bad, good);
	return bad[0] || bad[1] ? stat_fisher(bad[0], good[0], bad[1], good[1]) : 1;
}

/*
 * The smallest p that these margins allow: all bad runs on one side. A test that can never reject
 * needs no correction (Tarone 1990).
 */
static double fisher_least(const struct cmp_scenario *s)
{
	unsigned bad[2], good[2], na, nb, k, in_a, in_b;

	count_bad(s, bad, good);
	na = bad[0] + good[0];
	nb = bad[1] + good[1];
	k = bad[0] + bad[1];
	in_a = k < na ? k : na;
	in_b = k < nb ? k : nb;
	return fmin(stat_fisher(in_a, na - in_a, k - in_a, nb - (k - in_a)),
		    stat_fisher(k - in_b, na - (k - in_b), in_b, nb - in_b));
}

struct outcome_p {
	double p;
	size_t scenario;
};

static int by_p(const void *pa, const void *pb)
{
	const struct outcome_p *a = pa, *b = pb;

	if (a->p != b->p)
		return a->p < b->p ? -1 : 1;
	return (a->scenario > b->scenario) - (a->scenario < b->scenario);
}

/*
 * Holm over the outcomes that could reject, with the max-T family as one more hypothesis. The
 * family is never rejected as a whole, so each outcome is corrected for it; the family is corrected
 * for the outcomes that are not rejected. Returns the factor for the family's p-values.
 */
static double join_outcomes(struct comparison *c)
{
	struct outcome_p *o = xcalloc(c->nr_scenarios, sizeof(*o));
	size_t nr = 0, open = 0, family = c->nr_family > 0;
	double most = 0;

	for (size_t s = 0; s < c->nr_scenarios; s++) {
		struct cmp_scenario *sc = &c->scenario[s];

		sc->p_outcome = fisher_bad(sc);
		sc->p_outcome_adj = 1;
		if (!sc->outcome_barred && sc->p_outcome < 1 && fisher_least(sc) <= c->opts.alpha)
			o[nr++] = (struct outcome_p){ sc->p_outcome, s };
	}
	qsort(o, nr, sizeof(*o), by_p);
	for (size_t i = 0; i < nr; i++) {
		most = fmax(most, fmin(1, o[i].p * (double)(nr - i + family)));
		c->scenario[o[i].scenario].p_outcome_adj = most;
		open += most > c->opts.alpha;
	}
	free(o);
	return 1 + (double)open;
}

/* ---------------------------------------------------------------- the campaign */

/* Verdicts, from the one that leads a headline to the one that needs none. */
static const enum verdict lead[] = { VERDICT_REGRESSED, VERDICT_CHANGED, VERDICT_IMPROVED,
				     VERDICT_BISTABLE,	VERDICT_UNKNOWN, VERDICT_SMALL,
				     VERDICT_SAME };

static enum verdict leading(const size_t count[NR_VERDICTS])
{
	for (size_t i = 0; i < ARRAY_SIZE(lead); i++)
		if (count[lead[i]])
			return lead[i];
	return VERDICT_UNKNOWN;
}

static enum verdict scenario_verdict(struct comparison *c, const struct cmp_scenario *s)
{
	size_t count[NR_VERDICTS] = { 0 };

	for (size_t i = 0; i < s->nr_metrics; i++) {
		if (s->metric[i].cls != METRIC_PRIMARY || cmp_nothing_happened(&s->metric[i]))
			continue;
		count[s->metric[i].verdict]++;
		c->count[s->metric[i].verdict]++;
		c->nr_primary++;
	}
	if (s->outcome_verdict == VERDICT_REGRESSED || s->outcome_verdict == VERDICT_IMPROVED)
		count[s->outcome_verdict]++;
	return leading(count);
}

static enum verdict outcome_verdict(const struct comparison *c, const struct cmp_scenario *s)
{
	unsigned bad[2], good[2];

	if (s->p_outcome_adj > c->opts.alpha)
		return VERDICT_UNKNOWN;
	count_bad(s, bad, good);
	/* compares the shares of bad runs among the runs that count */
	return bad[1] * (bad[0] + good[0]) > bad[0] * (bad[1] + good[1]) ? VERDICT_REGRESSED
									 : VERDICT_IMPROVED;
}

/* The relabellings of a test that decides nothing: all, or few draws. */
static struct stat_maxt_opts labels_of(const struct comparison *c, double alpha, uint64_t seed)
{
	return (struct stat_maxt_opts){ .exact_max = EXACT_ENOUGH,
					.permutations = c->opts.permutations,
					.seed = seed,
					.alpha = alpha };
}

/*
 * The statistic that the open hypotheses must reach. Step-down has removed the rejected ones: their
 * statistics, large under every relabelling, no longer hide the others.
 */
static int open_z_crit(const struct comparison *c, const struct family *f, double alpha,
		       double *z_crit)
{
	struct stat_hyp *open = xcalloc(f->nr, sizeof(*open));
	struct stat_maxt_opts o = labels_of(c, alpha, c->opts.seed);
	struct stat_maxt_info info;
	size_t nr = 0;
	int ret = 0;

	for (size_t i = 0; i < f->nr; i++)
		if (f->hyp[i].p_adj > alpha)
			open[nr++] = f->hyp[i];
	if (nr && nr < f->nr)
		ret = stat_maxt(f->group, f->nr_groups, open, nr, &o, &info);
	if (nr && nr < f->nr && !ret)
		*z_crit = info.z_crit;
	free(open);
	return ret;
}

/*
 * Judges the metrics that no labels could reject, each by itself. Their MDE is that of the family,
 * @z_open, or where it is empty (INFINITY) that of the metric alone; NAN = none is wanted.
 */
static int judge_apart(struct comparison *c, const struct family *f, double alpha, double z_open)
{
	struct stat_maxt_opts o = labels_of(c, alpha, c->opts.seed);

	for (size_t i = 0; i < f->nr; i++) {
		struct cmp_metric *m = f->metric[i];
		struct stat_hyp h = f->hyp[i];
		const struct stat_group *g = &f->group[h.group];
		struct stat_maxt_info info;
		double z = z_open, hl;
		int ret;

		h.group = 0;
		ret = stat_maxt(g, 1, &h, 1, &o, &info);
		if (ret)
			return ret;
		if (isinf(z) || too_few_runs(g->na, g->nb, alpha))
			z = isnan(z_open) ? NAN : info.z_crit;
		hl = describe(c, m, &h, z);
		m->p_adj = 1;
		decide(c, m, &h, hl, alpha);
		if (m->verdict == VERDICT_UNKNOWN && !within_resolution(m) &&
		    !too_few_runs(g->na, g->nb, alpha))
			m->why_not =
				"too many of its values are equal to show a difference: add runs";
	}
	return 0;
}

static int judge_primary(struct comparison *c, struct err *e)
{
	struct families all = { .alpha = c->opts.alpha };
	struct family *f = &all.test;
	struct stat_maxt_info info = { .z_crit = INFINITY };
	struct stat_maxt_opts o;
	double factor, z_open, alpha;
	int ret = 0;

	for (size_t s = 0; s < c->nr_scenarios; s++)
		family_add(c, &all, &c->scenario[s], METRIC_PRIMARY);
	c->nr_family = f->nr;
	c->nr_judged = f->nr + all.apart.nr;
	factor = join_outcomes(c);
	alpha = c->opts.alpha / factor;
	o = labels_of(c, alpha, c->opts.seed);
	o.exact_max = EXACT_MAX;
	o.draws_max = c->opts.permutations < DOUBT_DRAWS / DOUBT_TIMES
			      ? DOUBT_TIMES * c->opts.permutations
			      : DOUBT_DRAWS;
	if (f->nr)
		ret = stat_maxt(f->group, f->nr_groups, f->hyp, f->nr, &o, &info);
	z_open = info.z_crit;
	if (f->nr && !ret)
		ret = open_z_crit(c, f, alpha, &z_open);
	c->exact_permutation = info.exact;
	c->permutations = info.permutations;
	for (size_t i = 0; i < f->nr && !ret; i++) {
		double hl = describe(c, f->metric[i], &f->hyp[i],
				     f->hyp[i].p_adj > alpha ? z_open : info.z_crit);

		f->metric[i]->p_adj = fmin(1, f->hyp[i].p_adj * factor);
		decide(c, f->metric[i], &f->hyp[i], hl, c->opts.alpha);
	}
	if (!ret)
		ret = judge_apart(c, &all.apart, alpha, z_open);
	families_release(&all);
	return ret ? err_set(e, ret, "permutations: at least one is needed") : 0;
}

/*
 * Judges the other metrics. They never alarm by themselves, so the false discovery rate inside one
 * scenario and class is enough.
 */
static int judge_rest(struct comparison *c, struct cmp_scenario *s, size_t index,
		      enum metric_class cls)
{
	struct families all = { .alpha = CMP_ALPHA_MOVES };
	struct family *f = &all.test;
	struct stat_maxt_opts o =
		labels_of(c, CMP_ALPHA_MOVES, rng_at(c->opts.seed, index * 4 + cls));
	double *p, *adj;
	int ret = 0;

	family_add(c, &all, s, cls);
	p = xcalloc(f->nr, sizeof(*p));
	adj = xcalloc(f->nr, sizeof(*adj));
	if (f->nr)
		ret = stat_maxt(f->group, f->nr_groups, f->hyp, f->nr, &o, NULL);
	for (size_t i = 0; i < f->nr; i++)
		p[i] = f->hyp[i].p_raw;
	stat_bh(p, f->nr, adj);
	for (size_t i = 0; i < f->nr && !ret; i++) {
		double hl = describe(c, f->metric[i], &f->hyp[i], NAN);

		f->metric[i]->p_adj = adj[i];
		decide(c, f->metric[i], &f->hyp[i], hl, CMP_ALPHA_MOVES);
	}
	if (!ret)
		ret = judge_apart(c, &all.apart, CMP_ALPHA_MOVES, NAN);
	free(adj);
	free(p);
	families_release(&all);
	return ret;
}

void cmp_conclude(struct comparison *c)
{
	size_t count[NR_VERDICTS] = { 0 };

	memset(c->count, 0, sizeof(c->count));
	c->nr_primary = 0;
	for (size_t s = 0; s < c->nr_scenarios; s++) {
		c->scenario[s].verdict = scenario_verdict(c, &c->scenario[s]);
		count[c->scenario[s].verdict]++;
	}
	c->verdict = leading(count);
	cmp_show_fine(c);
}

int cmp_judge(struct comparison *c, struct err *e)
{
	int ret = judge_primary(c, e);

	for (size_t s = 0; s < c->nr_scenarios && !ret; s++) {
		ret = judge_rest(c, &c->scenario[s], s, METRIC_SECONDARY);
		if (!ret)
			ret = judge_rest(c, &c->scenario[s], s, METRIC_DIAGNOSTIC);
	}
	if (ret)
		return ret;
	cmp_bistable(c);
	for (size_t s = 0; s < c->nr_scenarios; s++)
		c->scenario[s].outcome_verdict = outcome_verdict(c, &c->scenario[s]);
	cmp_conclude(c);
	return 0;
}
