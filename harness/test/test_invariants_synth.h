/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs of six seconds written by hand for the tests of the invariants; the window is from 1 to 5
 * s. */
#ifndef WMARK_TEST_TEST_INVARIANTS_SYNTH_H
#define WMARK_TEST_TEST_INVARIANTS_SYNTH_H

#include "check/check.h"
#include "test/synth.h"

#define TICKS 60 /* ticks of 100 ms */
#define BEGIN_S 1
#define END_S 5

struct got {
	struct archive a;
	struct arena mem;
	const struct rule_result *r;
	size_t nr;
};

static inline uint64_t at(unsigned tick)
{
	return tick * 100000ull + 5000;
}

/* Header of a good run in a guest of two nodes and two CPUs. */
static inline void heads(struct synth *s, const char *target)
{
	synth_init(s);
	synth_head(s, "machine.target", target);
	synth_heads(s, "epoch 2000000000\n"
		       "scenario.name anon\n"
		       "cpu.online 2\n"
		       "mem.total_kib 393216\n"
		       "mem.page_bytes 4096\n"
		       "numa.nodes 0-1\n"
		       "numa.node0.mem_kib 196608\n"
		       "numa.node1.mem_kib 196608\n"
		       "run.outcome ok\n");
}

static inline void judge_open(struct synth *s, struct got *g)
{
	memset(g, 0, sizeof(*g));
	synth_parse(s, "x.wm", &g->a);
	g->r = run_check(&g->a, &g->mem, &g->nr);
}

static inline void judge(struct synth *s, struct got *g)
{
	synth_mark(s, at(10 * BEGIN_S) + 600, "window-begin");
	synth_mark(s, at(10 * END_S) + 600, "window-end");
	synth_seal(s);
	judge_open(s, g);
}

static inline void got_release(struct got *g)
{
	arena_release(&g->mem);
	archive_release(&g->a);
}

static inline const struct rule_result *result(const struct got *g, const char *rule)
{
	for (size_t i = 0; i < g->nr; i++)
		if (!strcmp(g->r[i].rule->name, rule))
			return &g->r[i];
	cr_assert_fail("no rule %s", rule);
	return NULL;
}

/* The first finding of a rule; NULL = none. */
static inline const struct finding *found(const struct got *g, const char *rule)
{
	const struct rule_result *r = result(g, rule);

	return r->state == RULE_FAIL ? r->finding : NULL;
}

static inline void expect_state(struct got *g, const char *rule, enum rule_state state,
				const char *words)
{
	const struct rule_result *r = result(g, rule);
	const char *text = r->nr ? r->finding->text : "";

	cr_assert_eq(r->state, state, "%s: state %d, not %d: %s", rule, r->state, state, text);
	cr_assert_eq(r->nr > 0, state != RULE_PASS);
	cr_assert_eq(r->reason != NULL, state == RULE_SKIP);
	cr_assert_not_null(strstr(text, words), "%s: '%s' is not in '%s'", rule, words, text);
	got_release(g);
}

/* Expects @words in the first finding of a rule of class @cls. */
static inline void expect(struct got *g, const char *rule, enum rule_class cls, const char *words)
{
	cr_assert_eq(result(g, rule)->rule->cls, cls, "%s", rule);
	expect_state(g, rule, RULE_FAIL, words);
}

static inline void expect_held(struct got *g, const char *rule)
{
	expect_state(g, rule, RULE_PASS, "");
}

static inline void expect_skip(struct got *g, const char *rule, const char *reason)
{
	expect_state(g, rule, RULE_SKIP, reason);
}

#endif
