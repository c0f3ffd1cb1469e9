/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a run says about its own workloads: the headers scenario.workload.NAME.* (archive/keys.h,
 * results/README.md). Older archives have no such headers; for them the scenario's text and the
 * workload types of that time decide. Headers and text may come from anybody.
 */
#ifndef WMARK_EVIDENCE_WORKLOAD_FACTS_H
#define WMARK_EVIDENCE_WORKLOAD_FACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/archive.h"

/* One workload that the headers describe. */
struct workload_fact {
	const char *name; /* points into the archive; not terminated */
	size_t name_len, line;
	bool background;
	const char *slow; /* NULL = none */
};

/* The workloads of one archive, which must outlive this struct. */
struct workload_facts {
	const struct archive *a;
	struct workload_fact *v; /* by name */
	size_t nr;
};
void workload_facts_load(struct workload_facts *f, const struct archive *a);
void workload_facts_release(struct workload_facts *f);

/*
 * True when @workload (the name in its section) was stopped at the end of the window instead of
 * ending by itself.
 */
bool workload_in_background(const struct workload_facts *f, const char *workload);
/*
 * True when operations @kind of @workload are slow by design: another kind has counted them
 * already, and this kind holds those over a threshold.
 */
bool workload_slow_kind(const struct workload_facts *f, const char *workload, const char *kind);

#endif
