/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arithmetic for rows of every kind. */
#include "metric/row.h"

double metric_gib(const struct run_view *v, double pages)
{
	return pages * v->page_kib / (1024 * 1024);
}

bool metric_ratio(double num, double den, double *out)
{
	if (!(den > 0))
		return false;
	*out = num / den;
	return true;
}
