/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the scenario in an archive says (header scenario.text, base/ini.h). The text may come from
 * anybody: lines that are none are passed over. */
#ifndef WMARK_EVIDENCE_SCENARIO_TEXT_H
#define WMARK_EVIDENCE_SCENARIO_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/archive.h"

/* What the section of a workload says. */
struct scenario_workload {
	const char *type; /* not terminated; the name of the workload where it says none */
	size_t type_len;
	bool background; /* background = yes */
};
/* @name: what follows "workload" in the section. @out holds pointers into @a or to @name. */
void scenario_workload(const struct archive *a, const char *name, struct scenario_workload *out);
/*
 * Does a key or a value of what the scenario does (workloads, knobs, sampling; not its name, its
 * summary or its needs) hold one of @words, NULL-terminated?
 */
bool scenario_names(const struct archive *a, const char *const *words);

#endif
