/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Campaigns on seeded synthetic runs, for the tests of looks and of confirmation: a trip makes the
 * runs that the judge asks for. */
#ifndef WMARK_TEST_TEST_COURSE_TRIP_H
#define WMARK_TEST_TEST_COURSE_TRIP_H

#include "judge/course.h"
#include "test_compare_synth.h"

#define PLANNED 256

/* A planned campaign all of whose runs exist; the judge gets to see those that are @shown. */
struct trip {
	struct run_facts facts[PLANNED];
	struct course_run run[PLANNED], shown[PLANNED];
	size_t nr;
	struct cmp_course plan;
	struct cmp_opts opts;
	struct comparison c;
	struct course_next next;
	struct err e;
	bool judged;
};

static inline struct trip *trip_new(size_t nr_looks, const size_t *n, size_t confirm_n)
{
	struct trip *t = xcalloc(1, sizeof(*t));

	cmp_opts_init(&t->opts);
	t->opts.permutations = 999;
	t->plan = (struct cmp_course){ .nr_looks = nr_looks,
				       .confirm_n = confirm_n,
				       .confirm_alpha = .01 };
	memcpy(t->plan.n, n, nr_looks * sizeof(*n));
	course_spend(&t->plan, t->opts.alpha);
	return t;
}

/* Plans @n runs per side for one stage. */
static inline void plan(struct trip *t, size_t stage, const struct spec *a, const struct spec *b,
			size_t n)
{
	for (size_t i = 0; i < 2 * n; i++) {
		const struct spec *p = i % 2 ? b : a;
		size_t at = t->nr++;

		cr_assert_lt(at, PLANNED);
		make_run(&t->facts[at], p, i % 2 ? SIDE_B : SIDE_A, (long)(at / 2));
		t->run[at] = (struct course_run){ p->scenario, i % 2 ? SIDE_B : SIDE_A, stage,
						  &t->facts[at] };
	}
}

static inline void plan_looks(struct trip *t, const struct spec *a, const struct spec *b)
{
	for (size_t i = 0; i < t->plan.nr_looks; i++)
		plan(t, i + 1, a, b, t->plan.n[i] - (i ? t->plan.n[i - 1] : 0));
}

static inline int look(struct trip *t)
{
	if (t->judged)
		comparison_release(&t->c);
	free(t->next.v);
	int ret = course_judge(&t->plan, t->shown, t->nr, &t->opts, &t->c, &t->next, &t->e);

	t->judged = !ret;
	return ret;
}

static inline void hide_all(struct trip *t)
{
	for (size_t i = 0; i < t->nr; i++) {
		t->shown[i] = t->run[i];
		t->shown[i].facts = NULL;
	}
}

/* Shows the judge the runs that it asks for; returns how many these were. */
static inline size_t give(struct trip *t)
{
	size_t given = 0;

	for (size_t k = 0; k < t->next.nr; k++) {
		for (size_t i = 0; i < t->nr; i++) {
			size_t want = t->next.v[k].stage, stage = t->run[i].stage;
			bool now = want == COURSE_FRESH ? stage == COURSE_FRESH
							: stage != COURSE_FRESH && stage <= want;

			if (now && !t->shown[i].facts &&
			    !strcmp(t->run[i].scenario, t->next.v[k].scenario)) {
				t->shown[i].facts = t->run[i].facts;
				given++;
			}
		}
	}
	return given;
}

/* Does what a campaign does: judges, runs what is needed, judges again. Returns the number of runs
 * made. */
static inline size_t travel(struct trip *t)
{
	size_t runs = 0, given;

	hide_all(t);
	for (;;) {
		int ret = look(t);

		cr_assert(!ret || ret == -ENODATA, "%s", t->e.msg);
		given = give(t);
		if (!given)
			return runs;
		runs += given;
	}
}

static inline const struct cmp_metric *find(const struct trip *t, size_t scenario, const char *name)
{
	const struct cmp_scenario *s = &t->c.scenario[scenario];

	for (size_t i = 0; i < s->nr_metrics; i++)
		if (!strcmp(s->metric[i].m->name, name))
			return &s->metric[i];
	cr_assert(false, "no metric %s", name);
	return NULL;
}

static inline void trip_free(struct trip *t)
{
	if (t->judged)
		comparison_release(&t->c);
	free(t->next.v);
	for (size_t i = 0; i < t->nr; i++)
		facts_release(&t->facts[i]);
	free(t);
}

static const size_t four[] = { 5, 10, 15, 20 };

#endif
