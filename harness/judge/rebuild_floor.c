/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shift that is evidence of the code and not of the build.
 *
 * A build adds its own shift to every run of its image, so that neither more runs nor fresh ones
 * take it out. With b builds of N runs measured, the mean of N runs of one build has the variance
 * v = sd_between^2 + sd_within^2 / N, estimated with b - 1 degrees of freedom; the difference of
 * two other builds, over sqrt(2 v), is Student t with b - 1. So
 *
 *	floor = sqrt(2 v) * quantile of t at 1 - rate / 2, b - 1 degrees of freedom
 *
 * is exceeded with probability rate, exactly so for normal shifts, and over the draw of the b
 * builds too. With fewer than N runs per side sd_within^2 / n stands in place of / N.
 *
 * The noise of the runs must stay in v. Without it, by the variance component alone, the estimate
 * is 0 in one of six measurements though builds differ by a third of what runs do, and 47 % of the
 * campaigns of two builds alarmed where 5 % are declared (36 metrics, 8 builds x 10 runs, builds of
 * half the runs' deviation). A variance shared by the metrics of a family would have more degrees
 * of freedom, and lower floors by a third: 6 to 14 % of such campaigns alarmed. More builds lower
 * the quantile (rate .05 / 36: 4.9 for 8 builds, 4.0 for 16), more runs the rest.
 *
 * Rate: a metric of a campaign of m primary metrics has rate = declared / m (Bonferroni).
 */
#include <math.h>

#include "judge/rebuilds.h"
#include "stats/stats.h"

struct rebuild_floor rebuild_floor(const struct rebuild_metric *r, double rate,
				   const struct rebuild_side side[2])
{
	double df = (double)r->builds - 1, t = stat_t_inv(1 - rate / 2, df), of_builds = 0,
	       of_runs = 0;
	struct rebuild_floor out;

	for (int i = 0; i < 2; i++) {
		double builds = (double)side[i].builds, runs = (double)side[i].runs / builds;

		of_builds += r->sd_between * r->sd_between / builds;
		of_runs += r->sd_within * r->sd_within / fmin((double)r->runs, runs) / builds;
	}
	out = (struct rebuild_floor){ .floor = t * sqrt(of_builds + of_runs),
				      .same = t * sqrt(of_builds),
				      .se = sqrt(of_builds),
				      .df = df };
	/* a pair of single builds has been seen as far apart as this */
	if (side[0].builds == 1 && side[1].builds == 1)
		out.floor = fmax(out.floor, r->p95);
	return out;
}
