/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the runs of several builds of one source to the line of a metric. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "judge/rebuilds.h"
#include "judge/scale.h"
#include "judge/steps.h"
#include "stats/stats.h"

#define QUANTILE .95

/* The values of one build on the metric's scale. */
struct build {
	double *y;
	size_t nr;
};

/*
 * One-way analysis of variance. The component of the builds is (mean square between - mean square
 * within) / n0, with n0 = (N - sum n^2 / N) / (builds - 1), which is n when all builds have n runs
 * (Searle, Casella, McCulloch 1992, 3.6).
 */
static void variances(const struct build *b, size_t nr, struct rebuild_metric *out)
{
	double all = 0, total = 0, squares = 0, between = 0, within = 0, n0;

	for (size_t i = 0; i < nr; i++) {
		double n = (double)b[i].nr;

		all += n;
		squares += n * n;
		total += n * stat_mean(b[i].y, b[i].nr);
		within += (n - 1) * stat_var(b[i].y, b[i].nr);
	}
	for (size_t i = 0; i < nr; i++) {
		double off = stat_mean(b[i].y, b[i].nr) - total / all;

		between += (double)b[i].nr * off * off;
	}
	n0 = (all - squares / all) / (double)(nr - 1);
	within /= all - (double)nr;
	between /= (double)(nr - 1);
	out->sd_within = sqrt(within);
	out->sd_between = sqrt(fmax(0, (between - within) / n0));
}

static int by_value(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

/* The smallest shift that at least 95 % of the pairs do not exceed. */
static double pair_quantile(const struct build *b, size_t nr)
{
	size_t pairs = nr * (nr - 1) / 2, k = 0, at = (size_t)ceil(QUANTILE * (double)pairs);
	double *shift = xcalloc(pairs, sizeof(*shift)), q;

	for (size_t i = 0; i < nr; i++)
		for (size_t j = i + 1; j < nr; j++) {
			struct stat_shift hl = { .shift = NAN };

			stat_hodges_lehmann(b[i].y, b[i].nr, b[j].y, b[j].nr, .95, &hl);
			shift[k++] = fabs(hl.shift);
		}
	qsort(shift, pairs, sizeof(*shift), by_value);
	q = shift[at - 1];
	free(shift);
	return q;
}

/* ---------------------------------------------------------------- two states */

/* True when at least two builds have runs on both sides of the gap. */
static bool are_mixed(const struct build *b, size_t nr, const struct stat_states *s)
{
	size_t mixed = 0;

	for (size_t i = 0; i < nr; i++) {
		size_t low = 0;

		for (size_t k = 0; k < b[i].nr; k++)
			low += b[i].y[k] <= s->below;
		mixed += low && low < b[i].nr;
	}
	return mixed > 1;
}

/*
 * Either each build is in one of two states, and the builds are the sample: runs of a build that
 * are alike say nothing more. Or builds visit both, and all runs are.
 */
static bool find_states(const struct metric *m, const struct build *b, size_t nr,
			struct stat_states *s)
{
	double *at = xcalloc(nr, sizeof(*at)), *all, *to;
	size_t n = 0;
	bool found;

	for (size_t i = 0; i < nr; i++) {
		at[i] = stat_median(b[i].y, b[i].nr);
		n += b[i].nr;
	}
	all = to = xcalloc(n, sizeof(*all));
	for (size_t i = 0; i < nr; i++)
		for (size_t k = 0; k < b[i].nr; k++)
			*to++ = b[i].y[k];
	found = cmp_states_of(m, m->floor, at, nr, s) ||
		(cmp_states_of(m, m->floor, all, n, s) && are_mixed(b, nr, s));
	free(all);
	free(at);
	return found;
}

/* Tells the states, and leaves in @b the distance of each run from the centre of its state. */
static void split_states(const struct metric *m, struct build *b, size_t nr,
			 const struct stat_states *s, struct rebuild_metric *out)
{
	double cut = (s->below + s->above) / 2;
	size_t n[REBUILD_STATES] = { 0 };

	for (size_t i = 0; i < nr; i++)
		for (size_t k = 0; k < b[i].nr; k++) {
			bool high = b[i].y[k] > cut;

			n[high]++;
			b[i].y[k] -= high ? s->high : s->low;
		}
	out->nr_states = REBUILD_STATES;
	out->state[0] = (struct rebuild_state){ metric_back(m, s->low),
						(double)n[0] / (double)(n[0] + n[1]) };
	out->state[1] = (struct rebuild_state){ metric_back(m, s->high), 1 - out->state[0].share };
}

bool rebuild_measure(const struct metric *m, const double *const *value, const size_t *nr_runs,
		     size_t builds, struct rebuild_metric *out)
{
	struct build *b = xcalloc(builds, sizeof(*b));
	struct stat_states s;
	bool ok = builds >= 2;

	*out = (struct rebuild_metric){
		.name = m->name, .scale = m->scale, .c = m->c, .builds = builds, .runs = SIZE_MAX
	};
	for (size_t i = 0; i < builds; i++) {
		b[i].y = xcalloc(nr_runs[i], sizeof(*b[i].y));
		for (size_t k = 0; k < nr_runs[i]; k++)
			if (!isnan(value[i][k]))
				b[i].y[b[i].nr++] = metric_forward(m, value[i][k]);
		out->runs = b[i].nr < out->runs ? b[i].nr : out->runs;
	}
	ok = ok && out->runs >= 2;
	if (ok && find_states(m, b, builds, &s))
		split_states(m, b, builds, &s, out);
	if (ok) {
		variances(b, builds, out);
		out->p95 = pair_quantile(b, builds);
	}
	for (size_t i = 0; i < builds; i++)
		free(b[i].y);
	free(b);
	return ok;
}
