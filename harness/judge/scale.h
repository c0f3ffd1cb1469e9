/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scale on which values of a metric are compared. */
#ifndef WMARK_JUDGE_SCALE_H
#define WMARK_JUDGE_SCALE_H

#include "metric/metric.h"

/*
 * The transform of a metric value and its inverse: ln(x + c) (mirrored below 0), or logit of [0, 1]
 * with c added on both sides. NAN stays NAN.
 */
double metric_forward(const struct metric *m, double x);
double metric_back(const struct metric *m, double y);

#endif
