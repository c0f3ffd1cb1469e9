/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How a run ended, as its archive says it. */
#include <criterion/criterion.h>
#include <string.h>

#include "archive/outcome.h"
#include "vm/qemu.h"
#include "test/synth.h"

static struct archive parsed(const char *lines)
{
	struct archive a;

	synth_text(&a, "made", lines);
	return a;
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* The host's word comes before the run's, and only the host's makes a run final. */
Test(outcome, words_of_an_archive)
{
	static const struct {
		const char *lines, *word, *detail;
		enum outcome_cause cause;
		bool final;
	} cases[] = {
		{ "", NULL, NULL, OUTCOME_WELL, false },
		{ "h run.outcome ok\n", "ok", NULL, OUTCOME_WELL, false },
		{ "h run.outcome overrun\nh run.detail late\n", "overrun", "late", OUTCOME_BROKE,
		  false },
		{ "h run.outcome ok\nH outcome panic\nH outcome.detail Oops\n", "panic", "Oops",
		  OUTCOME_BROKE, true },
		{ "h run.outcome failed\nh run.detail no swap\nH outcome failed\n", "failed",
		  "no swap", OUTCOME_HARNESS, true },
		{ "h run.outcome ok\nH outcome killed\n", "killed", NULL, OUTCOME_HOST, false },
		{ "H outcome ok\n", "ok", NULL, OUTCOME_WELL, true },
		{ "H outcome on-fire\n", "on-fire", NULL, OUTCOME_BROKE, true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct archive a = parsed(cases[i].lines);
		struct outcome o = outcome_of(&a);

		cr_assert(same(o.word, cases[i].word), "%zu: %s", i, o.word ? o.word : "-");
		cr_assert(same(o.detail, cases[i].detail), "%zu: %s", i, o.detail ? o.detail : "-");
		cr_assert_eq(o.cause, cases[i].cause, "%zu", i);
		cr_assert_eq(outcome_is_final(&a), cases[i].final, "%zu", i);
		archive_release(&a);
	}
}

/* The cause of every end of a VM, as the table has it and not as the default for unknown words. */
Test(outcome, ends_of_a_vm)
{
	static const enum outcome_cause cause[] = {
		[VM_END_OK] = OUTCOME_WELL,	[VM_END_PANIC] = OUTCOME_BROKE,
		[VM_END_HANG] = OUTCOME_BROKE,	[VM_END_LIMIT] = OUTCOME_HOST,
		[VM_END_EARLY] = OUTCOME_BROKE, [VM_END_QEMU] = OUTCOME_HOST,
		[VM_END_KILLED] = OUTCOME_HOST, [VM_END_STOPPED] = OUTCOME_HOST,
	};

	for (size_t i = 0; i < sizeof(cause) / sizeof(*cause); i++)
		cr_assert_eq(outcome_cause(vm_end_names[i]), cause[i], "%s", vm_end_names[i]);
}

/* Every outcome has a different word, by which it is found again. */
Test(outcome, words)
{
	for (enum run_outcome o = RUN_OK; o < NR_RUN_OUTCOMES; o++) {
		cr_assert_not_null(run_outcome_word(o), "%d", o);
		cr_assert_eq(run_outcome_of(run_outcome_word(o)), o, "%s", run_outcome_word(o));
	}
	cr_assert_eq(run_outcome_of("on-fire"), NR_RUN_OUTCOMES);
	cr_assert_eq(run_outcome_of(""), NR_RUN_OUTCOMES);
}
