/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a run says of its own workloads: the headers scenario.workload.NAME.* (archive/keys.h,
 * results/README.md). Archives from before these have none: there the scenario's text and the types
 * that had been by then decide. Headers and text may come from anybody.
 */
#ifndef WMARK_EVIDENCE_WORKLOAD_FACTS_H
#define WMARK_EVIDENCE_WORKLOAD_FACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/archive.h"

/* One workload that the headers speak of. */
struct workload_fact {
	const char *name; /* in the archive; not terminated */
	size_t name_len, line;
	bool background;
	const char *slow; /* NULL = none */
};

/* Of one archive, which must outlive it. */
struct workload_facts {
	const struct archive *a;
	struct workload_fact *v; /* by name */
	size_t nr;
};
void workload_facts_load(struct workload_facts *f, const struct archive *a);
void workload_facts_release(struct workload_facts *f);

/* Was @workload (the name in its section) stopped at the end of the window, instead of ending by
 * itself? */
bool workload_in_background(const struct workload_facts *f, const char *workload);
/* Are operations @kind of @workload such as another kind has counted already, those over a
 * threshold: slow by design? */
bool workload_slow_kind(const struct workload_facts *f, const char *workload, const char *kind);

#endif
