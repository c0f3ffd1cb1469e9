/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judges two sets of runs, A and B, at once. Procedure: harness/man/judging.md, steps 1, 3 to 8, 11
 * and 12 (log scale, moderated t, joint permutation, step-down max-T, Hodges-Lehmann shift with its
 * interval, the floor as a second condition, equivalence for SAME, broken runs).
 */
#ifndef WMARK_JUDGE_COMPARE_H
#define WMARK_JUDGE_COMPARE_H

#include "judge/comparison.h"

/*
 * @a, @b: facts of runs, broken runs included; they must outlive @out. Runs are grouped by
 * scenario.name. The machine key (every header machine.* and scenario.hash) must agree inside each
 * scenario: else -EXDEV naming the first fact that differs, unless opts->force. Scenarios on one
 * side only are left out by name. -ENODATA when nothing can be compared. After an error @out is
 * released.
 */
int compare_runs(const struct run_facts *const *a, size_t na, const struct run_facts *const *b,
		 size_t nb, const struct cmp_opts *opts, struct comparison *out, struct err *e);

#endif
