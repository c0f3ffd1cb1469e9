/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds a metric by the name that a reader uses. */
#ifndef WMARK_REPORT_FIND_METRIC_H
#define WMARK_REPORT_FIND_METRIC_H

#include "base/err.h"
#include "judge/comparison.h"

/*
 * Finds the metric @name: a row of @c (may be NULL), else the description that metric_describe()
 * gives for such a name. @out is a copy that points into @c, the tables and @name. -EINVAL, with
 * the nearest names: there is no such metric.
 */
int report_find_metric(const char *name, const struct comparison *c, struct metric *out,
		       struct err *e);

#endif
