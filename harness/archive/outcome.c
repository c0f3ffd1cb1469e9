/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/outcome.h"

#include <string.h>

/* clang-format off */
static const struct {
	const char *word;
	enum outcome_cause cause;
} words[NR_RUN_OUTCOMES] = {
	[RUN_OK]          = { "ok",          OUTCOME_WELL },
	[RUN_PANIC]       = { "panic",       OUTCOME_BROKE },
	[RUN_HANG]        = { "hang",        OUTCOME_BROKE },
	[RUN_EARLY_EXIT]  = { "early-exit",  OUTCOME_BROKE },
	[RUN_TRUNCATED]   = { "truncated",   OUTCOME_BROKE },
	[RUN_OVERRUN]     = { "overrun",     OUTCOME_BROKE },
	[RUN_WATCHDOG]    = { "watchdog",    OUTCOME_BROKE },
	[RUN_OOM_KILL]    = { "oom-kill",    OUTCOME_BROKE },
	[RUN_SKIP]        = { "skip",        OUTCOME_HARNESS },
	[RUN_FAILED]      = { "failed",      OUTCOME_HARNESS },
	[RUN_KILLED]      = { "killed",      OUTCOME_HOST },
	[RUN_QEMU_FAILED] = { "qemu-failed", OUTCOME_HOST },
	[RUN_STOPPED]     = { "stopped",     OUTCOME_HOST },
	[RUN_LIMIT]       = { "limit",       OUTCOME_HOST },
};
/* clang-format on */

const char *run_outcome_word(enum run_outcome o)
{
	return words[o].word;
}

enum run_outcome run_outcome_of(const char *word)
{
	enum run_outcome o = RUN_OK;

	while (o < NR_RUN_OUTCOMES && strcmp(word, words[o].word) != 0)
		o++;
	return o;
}

enum outcome_cause outcome_cause(const char *word)
{
	enum run_outcome o = word ? run_outcome_of(word) : RUN_OK;

	return o < NR_RUN_OUTCOMES ? words[o].cause : OUTCOME_BROKE;
}

static const char *said(const struct archive *a, const char *by_host, const char *by_run)
{
	const char *v = archive_get(a, by_host);

	if (!v || !*v)
		v = archive_get(a, by_run);
	return v && *v ? v : NULL;
}

struct outcome outcome_of(const struct archive *a)
{
	const char *word = said(a, "outcome", "run.outcome");

	return (struct outcome){ .word = word,
				 .detail = said(a, "outcome.detail", "run.detail"),
				 .cause = outcome_cause(word) };
}

bool outcome_is_final(const struct archive *a)
{
	const char *word = archive_get(a, "outcome");

	return word && outcome_cause(word) != OUTCOME_HOST;
}
