/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the scenario in an archive (header scenario.text, base/ini.h). The text may come from
 * anybody: bad lines are skipped.
 */
#ifndef WMARK_EVIDENCE_SCENARIO_TEXT_H
#define WMARK_EVIDENCE_SCENARIO_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/archive.h"

/* What the section of a workload says. */
struct scenario_workload {
	const char *type; /* not terminated; the workload's name where the section has no type */
	size_t type_len;
	bool background; /* background = yes */
};
/*
 * @name: the text after "workload" in the section's name. @out holds pointers into @a or to @name.
 */
void scenario_workload(const struct archive *a, const char *name, struct scenario_workload *out);
/*
 * True when a key or a value of the scenario's actions (workloads, knobs, sampling; not its name,
 * its summary or its needs) contains one of @words, NULL-terminated.
 */
bool scenario_names(const struct archive *a, const char *const *words);

#endif
