/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to metrics*.c: functions behind the rows and what they share. False = ABSENT everywhere. */
#ifndef WMARK_JUDGE_METRICS_INTERNAL_H
#define WMARK_JUDGE_METRICS_INTERNAL_H

#include "judge/metrics.h"

/* GiB in @pages of this run's page size. */
double metric_gib(const struct run_view *v, double pages);
/* num / den; false when den is 0. */
bool metric_ratio(double num, double den, double *out);

/* metrics_time.c: from samples */
bool metric_kswapd_cpu(const struct run_view *v, const struct metric *m, double *out);
bool metric_kswapd_duty(const struct run_view *v, const struct metric *m, double *out);
bool metric_psi_share(const struct run_view *v, const struct metric *m, double *out);
bool metric_slab_balance(const struct run_view *v, const struct metric *m, double *out);
bool metric_below_low(const struct run_view *v, const struct metric *m, double *out);
bool metric_peak_above_high(const struct run_view *v, const struct metric *m, double *out);
/* Highest node number + 1 that zoneinfo of this archive names; *has[n] is set for each (size @max). */
void metric_zoneinfo_nodes(const struct archive *a, bool *has, size_t max);

/* metrics_workload.c */
struct metric_list {
	struct metric *v;
	size_t nr, cap;
	size_t max, left_out; /* rows allowed; lines whose rows came behind them */
};
bool metric_list_has(const struct metric_list *l, const char *name);
/* Appends unless a row of that name is there, or the list is full. */
void metric_list_add(struct metric_list *l, const struct metric *m);
void metric_workload_rows(const struct archive *const *runs, size_t nr, struct metric_list *l,
			  struct arena *mem);

#endif
