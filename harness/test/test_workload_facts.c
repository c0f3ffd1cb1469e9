/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts of workloads: from the archive, from the built-in list for older archives, and from made-up
 * archives. */
#include <criterion/criterion.h>

#include "evidence/workload_facts.h"
#include "metric/metric.h"
#include "test/synth.h"

#define TEXT                                                                                    \
	"[workload users]\\ntype = probe\\n[workload weight]\\ntype = hog\\n[workload load]\\n" \
	"type = anon\\n[workload side]\\ntype = file\\nbackground = yes\\n"                     \
	"[workload odd]\\ntype = planet\\n[workload hog]\\nbytes = 1m\\n"

/* Makes an archive whose scenario is TEXT, with @heads as more lines of the header. */
static void make(struct archive *a, struct workload_facts *f, const char *heads)
{
	struct synth s;

	synth_init(&s);
	synth_head(&s, "scenario.text", TEXT);
	synth_heads(&s, heads);
	synth_seal(&s);
	synth_parse(&s, "facts", a);
	workload_facts_load(f, a);
}

static void drop(struct archive *a, struct workload_facts *f)
{
	workload_facts_release(f);
	archive_release(a);
}

Test(workload_facts, old_archives_by_their_types)
{
	static const struct {
		const char *name;
		bool background;
	} want[] = {
		{ "users", true }, { "weight", true }, { "load", false },   { "side", true },
		{ "odd", false },  { "hog", true },    { "absent", false }, { "", false },
	};
	struct workload_facts f;
	struct archive a;

	make(&a, &f, "");
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		cr_assert_eq(workload_in_background(&f, want[i].name), want[i].background, "%s",
			     want[i].name);
	cr_assert(workload_slow_kind(&f, "users", "slow"));
	cr_assert(!workload_slow_kind(&f, "users", "alloc"));
	drop(&a, &f);
}

/* The archive is believed, whatever the type is called. */
Test(workload_facts, told_by_the_archive)
{
	static const char heads[] = "scenario.workload.users.background no\n"
				    "scenario.workload.load.background yes\n"
				    "scenario.workload.load.slow spill\n"
				    "scenario.workload.side.background no\n"
				    "scenario.workload.odd.background yes\n";
	struct workload_facts f;
	struct archive a;

	make(&a, &f, heads);
	cr_assert(!workload_in_background(&f, "users"));
	cr_assert(workload_in_background(&f, "load"));
	cr_assert(!workload_in_background(&f, "side"));
	cr_assert(workload_in_background(&f, "odd"), "a type that no reader knows");
	cr_assert(workload_in_background(&f, "weight"), "nothing is told of this one");
	cr_assert(workload_slow_kind(&f, "load", "spill"));
	cr_assert(!workload_slow_kind(&f, "load", "slow"));
	cr_assert(!workload_slow_kind(&f, "users", "slow"), "it has none");
	drop(&a, &f);
}

Test(workload_facts, made_up_headers)
{
	static const char heads[] = "scenario.workload.users.background perhaps\n"
				    "scenario.workload.users.slow alloc\n"
				    "scenario.workload.load.background yes\n"
				    "scenario.workload.load.background no\n"
				    "scenario.workload.load.slow a\n"
				    "scenario.workload.load.slow b\n"
				    "scenario.workload..background yes\n"
				    "scenario.workload.background yes\n"
				    "scenario.workload.odd.background.background yes\n"
				    "scenario.workload.odd. yes\n"
				    "scenario.workload yes\n";
	struct workload_facts f;
	struct archive a;

	make(&a, &f, heads);
	cr_assert(workload_in_background(&f, "users"), "what is no answer leaves its type");
	cr_assert(!workload_slow_kind(&f, "users", "alloc"));
	cr_assert(!workload_in_background(&f, "load"), "the last line counts");
	cr_assert(workload_slow_kind(&f, "load", "b") && !workload_slow_kind(&f, "load", "a"));
	cr_assert(!workload_in_background(&f, "odd"));
	cr_assert(workload_in_background(&f, "odd.background"), "a name is what stands between");
	cr_assert(!workload_in_background(&f, ""));
	drop(&a, &f);
}

static const struct metric *row(const struct metric *m, const char *name)
{
	for (; m->name; m++)
		if (!strcmp(m->name, name))
			return m;
	return NULL;
}

/* A workload that came later than this reader: its facts make its rows. */
Test(workload_facts, rows_of_an_unknown_type)
{
	struct arena mem = ARENA_INIT;
	const struct metric *table;
	const struct archive *runs[1];
	struct archive a;

	for (int told = 0; told < 2; told++) {
		struct synth s;

		synth_init(&s);
		synth_head(&s, "scenario.text", TEXT);
		if (told) {
			synth_head(&s, "scenario.workload.odd.background", "yes");
			synth_head(&s, "scenario.workload.odd.slow", "late");
		}
		synth_result(&s, "odd", 0, "elapsed_s", 10);
		synth_result(&s, "odd", 0, "ops.turn", 1000);
		synth_result(&s, "odd", 0, "ops.late", 20);
		synth_hist(&s, "odd", 0, "late", 2, 64);
		synth_hist(&s, "odd", 0, "turn", 2, 32);
		synth_seal(&s);
		synth_parse(&s, "odd", &a);
		runs[0] = &a;
		table = metrics_for(runs, 1, &mem, NULL);
		cr_assert_eq(row(table, "odd.elapsed_s")->better,
			     told ? BETTER_NEITHER : BETTER_LOWER);
		cr_assert_eq(row(table, "odd.slow_rate") != NULL, told);
		cr_assert_eq(row(table, "odd.late_p99_us") == NULL, told);
		cr_assert_eq(row(table, "odd.turn_p99_us")->cls,
			     told ? METRIC_PRIMARY : METRIC_SECONDARY);
		archive_release(&a);
	}
	arena_release(&mem);
}

/* Very many headers cost no more than a sort. */
Test(workload_facts, many)
{
	struct workload_facts f;
	struct archive a;
	struct synth s;
	char key[80];

	synth_init(&s);
	for (unsigned i = 0; i < 200000; i++) {
		snprintf(key, sizeof(key), "scenario.workload.w%u.background", i * 7919 % 200000);
		synth_head(&s, key, i % 2 ? "yes" : "no");
	}
	synth_seal(&s);
	synth_parse(&s, "many", &a);
	workload_facts_load(&f, &a);
	cr_assert_eq(f.nr, 200000);
	for (unsigned i = 0; i < 200000; i++) {
		snprintf(key, sizeof(key), "w%u", i * 7919 % 200000);
		cr_assert_eq(workload_in_background(&f, key), i % 2);
		cr_assert(!workload_slow_kind(&f, key, "slow"));
	}
	drop(&a, &f);
}
