/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scenario as an archive keeps it: canonical INI text in the header scenario.text. Read by
 * lines, untrusted. */
#ifndef WMARK_EVIDENCE_SCENARIO_TEXT_H
#define WMARK_EVIDENCE_SCENARIO_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/archive.h"

/* A position in the text and the `key = value` line it stands on. The texts are not terminated: use
 * the lengths. */
struct scenario_text {
	const char *next;
	const char *section, *key, *value; /* "workload file", "mode", "read" */
	size_t section_len, key_len, value_len;
};
void scenario_text_init(struct scenario_text *t, const struct archive *a);
/* The next line with a key; comments and lines without '=' are passed over. False at the end. */
bool scenario_text_next(struct scenario_text *t);

/*
 * Was @workload (the name behind "workload" in its section) stopped at the end of the window
 * instead of ending by itself: background = yes, or of a type that has no end of its own (hog,
 * probe)?
 */
bool scenario_in_background(const struct archive *a, const char *workload, size_t len);
/* Could memcg limits have caused reclaim: a cgroup key in the scenario, a sampled cgroup, or a
 * whole host around it? */
bool scenario_may_limit_memcg(const struct archive *a);

#endif
