/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/outcome.h"

#include <string.h>

#include "base/alloc.h"

static const struct {
	const char *word;
	enum outcome_cause cause;
} words[] = {
	{ "ok", OUTCOME_WELL },		{ "panic", OUTCOME_BROKE },
	{ "hang", OUTCOME_BROKE },	{ "early-exit", OUTCOME_BROKE }, /* of the VM */
	{ "truncated", OUTCOME_BROKE }, /* the archive has no end */
	{ "overrun", OUTCOME_BROKE },	/* a phase took too long */
	{ "watchdog", OUTCOME_BROKE },	{ "oom-kill", OUTCOME_BROKE },
	{ "skip", OUTCOME_HARNESS },	{ "failed", OUTCOME_HARNESS },
	{ "killed", OUTCOME_HOST },	{ "qemu-failed", OUTCOME_HOST },
	{ "stopped", OUTCOME_HOST }, /* by a signal */
	{ "limit", OUTCOME_HOST },   /* wall time of the VM */
};

enum outcome_cause outcome_cause(const char *word)
{
	if (!word)
		return OUTCOME_WELL;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(word, words[i].word))
			return words[i].cause;
	return OUTCOME_BROKE;
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
