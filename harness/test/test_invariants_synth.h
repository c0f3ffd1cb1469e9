/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs of six seconds written by hand for the tests of the invariants; the window is from 1 to 5 s.
 */
#ifndef WMARK_TEST_TEST_INVARIANTS_SYNTH_H
#define WMARK_TEST_TEST_INVARIANTS_SYNTH_H

#include "check/check.h"
#include "test/synth.h"

#define TICKS 60 /* of 100 ms */
#define BEGIN_S 1
#define END_S 5

struct got {
	struct archive a;
	struct arena mem;
	const struct finding *f;
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
	synth_head(s, "epoch", "2000000000");
	synth_head(s, "machine.target", target);
	synth_head(s, "scenario.name", "anon");
	synth_head(s, "cpu.online", "2");
	synth_head(s, "mem.total_kib", "393216");
	synth_head(s, "mem.page_bytes", "4096");
	synth_head(s, "numa.nodes", "0-1");
	synth_head(s, "numa.node0.mem_kib", "196608");
	synth_head(s, "numa.node1.mem_kib", "196608");
	synth_head(s, "run.outcome", "ok");
}

static inline void judge(struct synth *s, struct got *g)
{
	synth_mark(s, at(10 * BEGIN_S) + 600, "window-begin");
	synth_mark(s, at(10 * END_S) + 600, "window-end");
	synth_seal(s);
	memset(g, 0, sizeof(*g));
	synth_parse(s, "x.wm", &g->a);
	g->f = run_findings(&g->a, &g->mem, &g->nr);
}

static inline void got_release(struct got *g)
{
	arena_release(&g->mem);
	archive_release(&g->a);
}

/* What a rule found, or that it was not evaluated; NULL = it held. */
static inline const struct finding *found(const struct got *g, const char *rule)
{
	for (size_t i = 0; i < g->nr; i++)
		if (!strcmp(g->f[i].rule, rule))
			return &g->f[i];
	return NULL;
}

/* The text of the only thing found, of class @cls. */
static inline void expect(struct got *g, const char *rule, enum finding_class cls,
			  const char *words)
{
	const struct finding *f = found(g, rule);

	cr_assert_not_null(f, "%s held", rule);
	cr_assert_eq(f->cls, cls, "%s: %s, %s", rule, finding_class_names[f->cls], f->text);
	cr_assert_not_null(strstr(f->text, words), "%s: '%s' is not in '%s'", rule, words, f->text);
	got_release(g);
}

static inline void expect_held(struct got *g, const char *rule)
{
	const struct finding *f = found(g, rule);

	cr_assert_null(f, "%s: %s", rule, f ? f->text : "");
	got_release(g);
}

#endif
