/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all formats of a comparison say in the same words. Nothing here decides: it reads struct comparison. */
#ifndef WMARK_REPORT_VIEW_H
#define WMARK_REPORT_VIEW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "judge/compare.h"

/* "REGRESSED: 2 of 12 primary metrics, 6.1.192 -> 6.12.117, exact target, n = 4 + 4, declared error rate 5 % per campaign" (raw text) */
void view_headline(const struct comparison *c, struct buf *out);
/* The part behind the verdict word that says what it rests on: "2 of 12 primary metrics". */
void view_basis(const struct comparison *c, struct buf *out);
/* "4 + 4", or "3 to 4 + 4" when scenarios differ. */
void view_n(const struct comparison *c, struct buf *out);
/* Labels that are never NULL. */
const char *view_label(const struct comparison *c, char side);
/* Header fact of the first archive of A (then of B) that has it under one of the NULL-terminated @keys; "" when none does. */
const char *view_fact(const struct comparison *c, const char *const *keys);
const char *view_target(const struct comparison *c);
/* "2 nodes, 2 CPUs, 384 MiB" from the header (raw text; @out is empty before). */
void view_machine(const struct comparison *c, struct buf *out);

/* Which way the estimate of a metric points. */
enum view_dir { DIR_NONE, DIR_WORSE, DIR_BETTER, DIR_HIGHER, DIR_LOWER };
enum view_dir view_dir(const struct cmp_metric *m);
const char *view_dir_word(enum view_dir d); /* "worse" ...; "" for DIR_NONE */
/* Is the verdict a statement that something moved (REGRESSED, IMPROVED, SMALL, CHANGED)? */
bool view_moved(const struct cmp_metric *m);
/* Secondary metric whose raw interval leaves out zero: listed as "moves with it". */
bool view_moves_with(const struct cmp_metric *m);
const char *view_verdict(enum verdict v); /* never NULL, also for a value out of range */
const char *view_class(enum metric_class c);
/* Which way is better: "lower", "higher", "neither". */
const char *view_better(const struct metric *m);

/*
 * Order of c->env for readers: machine key facts, kernel, command line, LRU, sysctls, the rest; inside as given.
 * malloc'ed, c->nr_env indexes; NULL when there are none.
 */
size_t *view_env_order(const struct comparison *c);
/* Last component of a path; "" for NULL. */
const char *view_basename(const char *path);
/* Index of the usable run number @i (0-based, as in cmp_metric.a) among @nr runs; nr when there is none. */
size_t view_usable(const struct cmp_run *r, size_t nr, size_t i);

#endif
