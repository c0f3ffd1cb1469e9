/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words that all formats of a comparison share. The functions read struct comparison and decide
 * nothing. */
#ifndef WMARK_REPORT_WORDS_H
#define WMARK_REPORT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "judge/comparison.h"

/* "REGRESSED: 2 of 12 primary metrics (screened; ...), 6.1.192 -> 6.12.117, exact target, n = 4 +
 * 4, declared error rate 5 % per campaign" (raw text) */
void view_headline(const struct comparison *c, struct buf *out);
/* What the verdict rests on: "2 of 12 primary metrics", and broken runs where they decided it. */
void view_basis(const struct comparison *c, struct buf *out);
/* "screened; not yet confirmed on fresh boots", "confirmed on fresh seeds" beside REGRESSED and
 * IMPROVED, else "". */
const char *view_standing(const struct comparison *c);
/* What confirms a finding: "fresh seeds" on the exact target, "fresh runs" on a host, else "fresh
 * boots". */
const char *view_fresh(const struct comparison *c);
/* "4 + 4", or "3 to 4 + 4" when scenarios differ. */
void view_n(const struct comparison *c, struct buf *out);
/* Labels that are never NULL. */
const char *view_label(const struct comparison *c, enum side side);
/* Reads the archive of a run, to draw it; false when the file is gone or is by now another archive.
 * Reports read archives with this function alone. Release @a. */
bool view_archive(const struct run_facts *r, struct archive *a);
/* Header fact @key of the first run of A (then of B) that has it; "" when none does. */
const char *view_fact(const struct comparison *c, const char *key);
const char *view_target(const struct comparison *c);
/* "2 nodes, 2 CPUs, 384 MiB" from the header (raw text; @out is empty before). */
void view_machine(const struct comparison *c, struct buf *out);

/* Which way the estimate of a metric points. */
enum view_dir { DIR_NONE, DIR_WORSE, DIR_BETTER, DIR_HIGHER, DIR_LOWER };
enum view_dir view_dir(const struct cmp_metric *m);
const char *view_dir_word(enum view_dir d); /* "worse" ...; "" for DIR_NONE */
/* Is the verdict a statement that something moved (REGRESSED, IMPROVED, SMALL, CHANGED)? */
bool view_moved(const struct cmp_metric *m);
/* Does the interval of a judged metric exclude zero, also when it is rounded for the reader? */
bool view_excludes_zero(const struct cmp_metric *m);
/* Did the scenario as a whole move (REGRESSED, IMPROVED, CHANGED), so that there is something to
 * explain? */
bool view_scenario_moved(const struct cmp_scenario *s);
/*
 * Secondary metrics worth a look, the smallest p first. Where the scenario moved: those inside the
 * false discovery rate. Elsewhere the hints: those whose raw interval excludes zero. malloc'ed;
 * NULL when there are none.
 */
const struct cmp_metric **view_moves(const struct cmp_scenario *s, size_t *nr);
/* Title of such a list: "moves with it (...)" or "uncorrected hints (...)". */
const char *view_moves_title(const struct cmp_scenario *s);
/* Confidence of the intervals of the primary metrics: that of the first judged metric; NAN when
 * none is judged. */
double view_confidence(const struct cmp_scenario *s);
/* Has the interval of a judged metric another confidence, because fewer runs have a value? */
bool view_other_confidence(const struct cmp_scenario *s, const struct cmp_metric *m);
/* Unit of a shift, its interval and the MDE: "relative", "points" (of share), "units" (of the
 * metric). */
const char *view_shift_unit(const struct cmp_metric *m);

/*
 * Order of c->env for readers: machine key facts, kernel, command line, LRU, sysctls, the rest;
 * each group in the given order. malloc'ed, c->nr_env indexes; NULL when there are none.
 */
size_t *view_env_order(const struct comparison *c);
/*
 * Appends what stands beside a verdict, joined by "; " to what @out has: what fresh runs said of a
 * metric that the looks had found, its two states, that its shift is one of builds.
 */
void view_beside_verdict(const struct comparison *c, const struct cmp_metric *m, struct buf *out);
/* Last component of a path; "" for NULL. */
const char *view_basename(const char *path);
/* Index in run[] of the @i-th usable run (from 0, as in cmp_values.v); nr when there is no such
 * run. */
size_t view_usable(const struct cmp_side *s, size_t i);

#endif
