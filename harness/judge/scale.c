/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge/scale.h"

#include <math.h>

#include "stats/stats.h"

/*
 * Below 0 (growth that can shrink) the logarithm is mirrored, so that the transform stays monotone
 * and continuous.
 */
double metric_forward(const struct metric *m, double x)
{
	if (isnan(x))
		return NAN;
	if (m->scale == SCALE_LOGIT) {
		x = fmin(fmax(x, 0), 1); /* steal can exceed scan in a window that cuts a batch */
		return stat_log((x + m->c) / (1 - x + m->c));
	}
	return x >= 0 ? stat_log(x + m->c) : 2 * stat_log(m->c) - stat_log(m->c - x);
}

double metric_back(const struct metric *m, double y)
{
	double odds;

	if (isnan(y))
		return NAN;
	if (m->scale == SCALE_LOGIT) {
		odds = stat_exp(-fabs(y)); /* odds of the smaller side, so that nothing overflows */
		odds = (odds * (1 + m->c) - m->c) / (1 + odds);
		return fmin(fmax(y < 0 ? odds : 1 - odds, 0), 1);
	}
	return y >= stat_log(m->c) ? stat_exp(y) - m->c : m->c - stat_exp(2 * stat_log(m->c) - y);
}
