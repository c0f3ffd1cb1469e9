/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What rebuilding alone does to a metric: one source was built several times, each build ran the
 * same scenarios, and the spread between the builds was measured. Text, `wmark rebuilds 1`;
 * results/README.md lists its lines. bench/perf/rebuild writes such files, the judge reads them
 * (harness/man/judging.md, step 8).
 */
#ifndef WMARK_JUDGE_REBUILDS_H
#define WMARK_JUDGE_REBUILDS_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/archive.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "metric/metric.h"

#define REBUILDS_MAGIC "wmark rebuilds 1"
/* The two states in which a metric may sit, at most; a metric with one place has none. */
#define REBUILD_STATES 2

struct rebuild_state {
	double centre; /* in the metric's unit: the median of the runs in this state */
	double share;  /* of the runs of all builds */
};

/* One metric of one scenario. Standard deviations and shifts are on the metric's scale, forward().
 */
struct rebuild_metric {
	const char *name;
	enum metric_scale scale; /* with c: the scale on which this was measured */
	double c;
	size_t builds, runs; /* runs per build: of the build that has the fewest, at least 2 */
	double sd_between; /* variance component of the builds; 0 = none beyond that of the runs */
	double sd_within;
	double p95; /* of |Hodges-Lehmann shift| over all pairs of builds */
	/*
	 * 0, or 2: the lower centre first. With two, the deviations and p95 are of the runs about
	 * the centre of their state.
	 */
	size_t nr_states;
	struct rebuild_state state[REBUILD_STATES];
};

/* One scenario on one machine, in one LRU mode, by builds of one kernel series. */
struct rebuild_scenario {
	const char *name; /* for people: hash and key say which scenario and machine it is */
	const char *hash, *machine_key, *lru; /* headers scenario.hash, machine.key, lru.mode */
	const char *kernel;		      /* series, "6.12": information */
	struct archive_note *fact;	      /* machine.target and the like: information */
	size_t nr_facts, cap_facts;
	struct rebuild_metric *metric;
	size_t nr_metrics, cap_metrics;
	const char *from; /* the file that it was read from; NULL = none */
};

/* All zero is empty. Every pointer below belongs to it. */
struct rebuilds {
	struct arena mem;
	struct rebuild_scenario *v;
	size_t nr, cap;
};

/*
 * Adds a scenario without metrics; copies what @s names, but not its facts and metrics. The pointer
 * is good until the next call. White space in words becomes '_'.
 */
struct rebuild_scenario *rebuilds_add(struct rebuilds *r, const struct rebuild_scenario *s);
void rebuilds_add_fact(struct rebuilds *r, struct rebuild_scenario *s, const char *key,
		       const char *value);
/* Copies @m. */
void rebuilds_add_metric(struct rebuilds *r, struct rebuild_scenario *s,
			 const struct rebuild_metric *m);
const struct rebuild_metric *rebuild_metric_find(const struct rebuild_scenario *s,
						 const char *name);

/* Is this the text of such a file, of whatever version? */
bool rebuilds_is(const char *text, size_t len);
/*
 * Adds what a text says. -EINVAL with file, line and word: not such a file, another version, a line
 * that is wrong, or a file that was cut short. Release @r also then.
 */
int rebuilds_read(struct rebuilds *r, const char *path, const char *text, size_t len,
		  struct err *e);
/* Appends the whole file's text. Reading it gives the same numbers, to 9 digits. */
void rebuilds_write(const struct rebuilds *r, struct buf *out);
void rebuilds_release(struct rebuilds *r);

/*
 * Makes the line of metric @m from the runs: value[b][i] is run i of build b, in the metric's unit,
 * NAN = ABSENT. False: fewer than 2 builds, or a build with fewer than 2 values. @out->name is
 * m->name.
 */
bool rebuild_measure(const struct metric *m, const double *const *value, const size_t *nr_runs,
		     size_t builds, struct rebuild_metric *out);

/* One side of a comparison: runs in all, and how many builds they are of. */
struct rebuild_side {
	size_t runs, builds;
};
/*
 * What builds of one source may shift a metric by, on its scale. floor: the estimated shift between
 * the sides, of builds and of runs, exceeds it with probability @rate. same and se are of the
 * builds alone: what they exceed with @rate, and the standard error that they add to the shift;
 * se has df degrees of freedom. rebuild_floor.c says why.
 */
struct rebuild_floor {
	double floor, same, se, df;
};
struct rebuild_floor rebuild_floor(const struct rebuild_metric *r, double rate,
				   const struct rebuild_side side[2]);

#endif
