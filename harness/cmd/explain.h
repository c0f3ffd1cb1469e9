/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `compare --explain METRIC`: a metric in plain words, with or without runs that have it. */
#ifndef WMARK_CMD_EXPLAIN_H
#define WMARK_CMD_EXPLAIN_H

#include "base/err.h"
#include "judge/compare.h"

/*
 * The metric @name: a row of @c (may be NULL), else what metric_describe() says of such a name.
 * @out is a copy that points into @c, the tables and @name. -EINVAL: none, with the nearest names.
 */
int explain_find(const char *name, const struct comparison *c, struct metric *out, struct err *e);
/* Print it, with its numbers in @c (may be NULL). */
int explain_metric(const char *name, const struct comparison *c, struct err *e);

#endif
