/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A metric by the name that a reader uses. */
#ifndef WMARK_REPORT_FIND_METRIC_H
#define WMARK_REPORT_FIND_METRIC_H

#include "base/err.h"
#include "judge/comparison.h"

/*
 * The metric @name: a row of @c (may be NULL), else what metric_describe() says of such a name.
 * @out is a copy that points into @c, the tables and @name. -EINVAL: none, with the nearest names.
 */
int report_find_metric(const char *name, const struct comparison *c, struct metric *out,
		       struct err *e);

#endif
