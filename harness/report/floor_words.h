/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words for what is of the build and not of the code: floors from rebuilds, two states. */
#ifndef WMARK_REPORT_FLOOR_WORDS_H
#define WMARK_REPORT_FLOOR_WORDS_H

#include "base/buf.h"
#include "judge/comparison.h"

/*
 * One line on whether the error rates hold for builds: which primary metrics have a floor from
 * rebuilds. Nothing where no scenario compares different images.
 */
void view_floors(const struct comparison *c, struct buf *out);
/* "rebuild floor: refaults_per_gib 7.2 %, ... (8 builds x 10 runs of 6.12)": the primary metrics
 * whose declared floor is below it; nothing where there is none. */
void view_scenario_floors(const struct cmp_scenario *s, struct buf *out);
/* "rebuild floor 7.2 % (8 builds x 10 runs of 6.12)"; nothing where it has none. */
void view_metric_floor(const struct cmp_metric *m, struct buf *out);

/*
 * "two states, 0.08 and 0.24: A 1 + 9 runs, B 7 + 3"; nothing where the metric is not BISTABLE.
 * With states that are known of builds: "... of builds of one source".
 */
void view_two_states(const struct cmp_metric *m, struct buf *out);
/* "beyond the declared floor, within what builds alone do (8 builds x 10 runs of 6.12)": why a
 * shift that the reader would take for one is SAME or SMALL; nothing elsewhere. */
void view_by_builds(const struct cmp_metric *m, struct buf *out);

#endif
