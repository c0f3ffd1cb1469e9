/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The decisions of harness/judge/decide.c and course.c on plain numbers: the plan of looks is
 * course_default()'s, the statistics are the judge's own.
 */
#include "judge.h"

#include <math.h>
#include <string.h>

#include "judge/course.h"

#define CONFIRM_EXACT 200000
#define CONFIRM_ALPHA .01

/* A family of PRIMARY hypotheses; scenario s has n[s] runs a side. */
struct family {
	struct stat_group group[SCENARIOS];
	struct stat_hyp hyp[PRIMARY];
	double y[PRIMARY][2 * RUNS_MAX];
};

static void judge_family(struct family *f, const struct series *s, const size_t *n,
			 uint64_t permutations, uint64_t seed, double alpha)
{
	for (size_t h = 0; h < PRIMARY; h++) {
		size_t g = h / METRICS;

		f->group[g] = (struct stat_group){ n[g], n[g] };
		memcpy(f->y[h], s[h].a, n[g] * sizeof(double));
		memcpy(f->y[h] + n[g], s[h].b, n[g] * sizeof(double));
		f->hyp[h] = (struct stat_hyp){
			.group = g, .y = f->y[h], .var0 = s[h].var0, .df0 = s[h].df0
		};
	}
	stat_maxt(f->group, SCENARIOS, f->hyp, PRIMARY, permutations, seed, alpha, NULL);
}

/* Decides metric @h; false when it stays open. */
static bool decide(const struct family *f, size_t h, size_t n, double alpha, double alpha_same,
		   struct outcome *o)
{
	const struct stat_hyp *hyp = &f->hyp[h];
	struct stat_shift hl;

	if (hyp->p_adj <= alpha) {
		o->rejected[h] = true;
		stat_hodges_lehmann(hyp->y, n, hyp->y + n, n, .95, &hl);
		o->alarm[h] = expm1(fabs(hl.shift)) >= FLOOR;
		return true;
	}
	o->same[h] = stat_tost(hyp->diff, hyp->s * sqrt(2 / (double)n),
			       2 * (double)n - 2 + hyp->df0, log1p(FLOOR)) <= alpha_same;
	return o->same[h];
}

void course_once(const struct model *m, const struct series *s, uint64_t permutations,
		 uint64_t seed, struct outcome *o)
{
	static struct family f;
	size_t n[SCENARIOS];

	memset(o, 0, sizeof(*o));
	for (size_t g = 0; g < SCENARIOS; g++)
		n[g] = o->runs[g] = m->n;
	judge_family(&f, s, n, permutations, seed, ALPHA);
	for (size_t h = 0; h < PRIMARY; h++)
		decide(&f, h, m->n, ALPHA, ALPHA, o);
}

void course_looks(const struct series *s, uint64_t permutations, uint64_t seed, struct outcome *o)
{
	static struct family f;
	struct cmp_course plan;
	size_t n[SCENARIOS] = { 0 };
	bool closed[SCENARIOS] = { false }, decided[PRIMARY] = { false };

	memset(o, 0, sizeof(*o));
	course_default(&plan, ALPHA);
	for (size_t look = 0; look < plan.nr_looks; look++) {
		size_t open = 0;

		for (size_t g = 0; g < SCENARIOS; g++)
			n[g] = closed[g] ? n[g] : plan.n[look];
		judge_family(&f, s, n, permutations, seed, plan.spend[look]);
		memset(closed, 1, sizeof(closed));
		for (size_t h = 0; h < PRIMARY; h++) {
			if (!decided[h] && n[h / METRICS] == plan.n[look])
				decided[h] = decide(&f, h, plan.n[look], plan.spend[look],
						    plan.spend[look], o);
			closed[h / METRICS] &= decided[h];
			open += !decided[h];
		}
		memcpy(o->runs, n, sizeof(n));
		if (!open)
			break;
	}
}

void course_confirm(const struct series *s, struct outcome *o)
{
	double p[PRIMARY], adj[PRIMARY], y[2 * FRESH];
	size_t which[PRIMARY], nr = 0;

	for (size_t h = 0; h < PRIMARY; h++) {
		size_t n = o->runs[h / METRICS];
		struct stat_perm perm;
		struct stat_shift hl;

		if (!o->alarm[h])
			continue;
		stat_hodges_lehmann(s[h].a, n, s[h].b, n, .95, &hl);
		memcpy(y, s[h].fresh_a, sizeof(s[h].fresh_a));
		memcpy(y + FRESH, s[h].fresh_b, sizeof(s[h].fresh_b));
		stat_permute(y, FRESH, FRESH, 0, 0, 0, hl.shift > 0 ? STAT_GREATER : STAT_LESS,
			     CONFIRM_EXACT, 0, 0, &perm);
		which[nr] = h;
		p[nr++] = perm.p;
	}
	stat_holm(p, nr, adj);
	for (size_t i = 0; i < nr; i++)
		o->confirmed[which[i]] = adj[i] <= CONFIRM_ALPHA;
}
