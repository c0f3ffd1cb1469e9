/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the scenario in an archive says (header scenario.text, base/ini.h). The text may come from
 * anybody: lines that are none are passed over. */
#ifndef WMARK_EVIDENCE_SCENARIO_TEXT_H
#define WMARK_EVIDENCE_SCENARIO_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/archive.h"

/*
 * Was @workload (the name behind "workload" in its section) stopped at the end of the window
 * instead of ending by itself: background = yes, or of a type that has no end of its own (hog,
 * probe)?
 */
bool scenario_in_background(const struct archive *a, const char *workload, size_t len);
/*
 * Does a key or a value of what the scenario does (workloads, knobs, sampling; not its name, its
 * summary or its needs) hold one of @words, NULL-terminated?
 */
bool scenario_names(const struct archive *a, const char *const *words);

#endif
