/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The facts of one run, derived from its archive once: identity, outcome, fitness, findings and the
 * value of every metric. Comparisons, looks and noise models read these facts and no archive.
 *
 * Facts can be saved as text beside the archive (RUN.facts beside RUN.wm; results/README.md has the
 * format), and are then read instead of it: a few KiB instead of some hundred. Saved facts are
 * stale when they belong to another archive, or were made with other tables than this program's:
 * then they are not used, and the facts are derived anew.
 */
#ifndef WMARK_JUDGE_FACTS_H
#define WMARK_JUDGE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/archive.h"
#include "archive/outcome.h"
#include "base/buf.h"
#include "base/err.h"
#include "check/check.h"
#include "metric/metric.h"
#include "metric/shape.h"

struct facts_value {
	const char *metric;
	double v; /* finite, in the metric's unit */
};

struct run_facts {
	/*
	 * The archive without its measurements: path, header, whether it is complete and why not,
	 * lines and checksum. Series, events and results are empty. Its arena holds everything
	 * below.
	 */
	struct archive head;
	const char *scenario, *seed; /* headers scenario.name and run.seed; NULL = absent */
	long order; /* header run.order: position in the campaign; -1 = not known */
	struct outcome outcome;
	bool final; /* the host has written its word, and the run need not be made again */
	bool has_window;
	uint64_t begin_us, end_us; /* the window, on the archive's clock */
	bool usable;
	const char *set_aside; /* why not usable: outcome (panic ...), truncated, no window */
	/*
	 * The kernel or the load made the run end badly: this counts as an outcome. Trouble of the
	 * harness does not.
	 */
	bool broken;
	bool flagged; /* usable, with a liveness finding */
	const struct finding *finding;
	size_t nr_findings;
	const char *includes; /* counter_includes() of scan.direct; NULL = the run has no vmstat */
	struct run_breaks breaks;
	struct run_shape shape;	   /* the state that it ran in */
	struct run_rows rows;	   /* rows of this run's own table */
	struct facts_value *value; /* sorted by name; an ABSENT metric has no entry */
	size_t nr_values;
};

/* Header value or NULL, as archive_get(). */
const char *facts_get(const struct run_facts *f, const char *key);
/* Value of @metric in its unit; NAN = ABSENT. */
double facts_value(const struct run_facts *f, const char *metric);

/* Derives facts from a loaded archive, which may be released afterwards. Release @f. */
void facts_derive(struct run_facts *f, const struct archive *a);
void facts_release(struct run_facts *f);
/* Derives what follows from the header alone: scenario, seed, order, outcome, final. */
void facts_from_head(struct run_facts *f);

#endif
