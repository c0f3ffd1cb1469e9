/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `ab` and `compare` share: judging two sets of runs, printing, writing the report files. */
#ifndef WMARK_CMD_JUDGE_CLI_H
#define WMARK_CMD_JUDGE_CLI_H

#include <stdbool.h>

#include "base/opt.h"
#include "campaign/past.h"
#include "judge/comparison.h"
#include "report/formats.h"

/* defaults of --alpha, --permutations, --judge-seed, --fine, --mde */
#define JUDGE_CLI_ALPHA 0.05
#define JUDGE_CLI_PERMUTATIONS 9999
#define JUDGE_CLI_SEED 1
#define JUDGE_CLI_FINE 0.5
#define JUDGE_CLI_MDE 0

struct judge_cli {
	const char *file[NR_REPORT_FORMATS]; /* where each format is written; NULL = nowhere */
	const char *history, *baselines;
	const char *explain; /* a metric to be explained instead of a report, or NULL */
	double alpha, fine, mde;
	int64_t permutations, seed;
	bool force, all, no_text;
};

/* clang-format off */
#define JUDGE_CLI_OPTS(S, f) \
	OPT_HEAD("Judging and reports:"), \
	OPT_FLOAT(S, f.alpha, "alpha", 0, "0.05", 0.0001, 0.5, \
		"declared rate of false alarms per campaign"), \
	OPT_SHARE(S, f.fine, "fine", 0, "50%", 0.01, 1, \
		"share of the primary metrics of each scenario that must be SAME, SMALL or " \
		"IMPROVED for exit code 0; those in which nothing happened do not count"), \
	OPT_SHARE(S, f.mde, "mde", 0, "0", 0, 10, \
		"for --fine an UNKNOWN whose MDE is at most this counts too (20%; of a share, " \
		"20 points); 0 = none does"), \
	OPT_INT(S, f.permutations, "permutations", 0, "9999", 99, 1e7, \
		"relabellings to draw when there are too many to list"), \
	OPT_INT(S, f.seed, "judge-seed", 0, "1", 0, 9e15, "seed of the drawn relabellings"), \
	OPT_STR(S, f.history, "history", 0, NULL, "DIR|none", \
		"store of earlier runs of the same scenarios and machine; their noise " \
		"makes an estimate from few runs steadier (default $WMARK_RESULTS or results, " \
		"where it exists)"), \
	OPT_STR(S, f.baselines, "baselines", 0, NULL, "DIR|none", \
		"what building a source anew does to the metrics, for the floor of two kernels " \
		"(make perf-rebuild; default: the folder baselines of the result store, and the " \
		"program's own)"), \
	OPT_YES(S, f.force, "force", 0, NULL, \
		"judge runs of unlike machines or states; says what differs"), \
	OPT_YES(S, f.all, "all", 0, NULL, "print diagnostic metrics too"), \
	REPORT_FORMAT_OPTS(S, f.file) \
	OPT_YES(S, f.no_text, "no-text", 0, NULL, "print no table")
/* clang-format on */

/* One comparison to be made; everything it points at must outlive it. */
struct judge_job {
	const struct factset *a, *b;
	/* all runs of a campaign, fresh ones included; NULL = there are only the runs of the
	 * sides */
	const struct factset *made;
	const struct history *history;	 /* NULL = none */
	const struct rebuilds *rebuilds; /* NULL = none */
	/* commands that reproduce the comparison, NULL-terminated; may be NULL */
	const char *const *commands;
};

/* Refuses two formats in one file: -EINVAL. To be called before anything runs. */
int judge_cli_check(const struct judge_cli *j, struct err *e);
/* Sends formats that have a default file name to @dir (paths in @mem), unless an option names
 * another file. */
void judge_cli_files(struct judge_cli *j, const char *dir, struct arena *mem);
/* Turns the options of the command line into those of the judge; @h may be NULL. */
void judge_cli_opts(const struct judge_cli *j, const struct history *h, struct cmp_opts *o);
/* Calls compare_runs() for the job. Returns -errno, or 0: then the caller releases @c. */
int judge_sides(const struct judge_cli *j, const struct judge_job *job, struct comparison *c,
		struct err *e);
/*
 * Prints a comparison and writes its files, however it was judged (@job: everything but the sides
 * counts). Returns the exit code (0, 1, 77) or -errno.
 */
int report_comparison(const struct judge_cli *j, const struct judge_job *job,
		      const struct comparison *c, struct err *e);
/* judge_sides(), then report_comparison(). */
int judge_and_report(const struct judge_cli *j, const struct judge_job *job, struct err *e);

/* `--explain METRIC`: prints what the metric is and, with @c (may be NULL), its value in every
 * run. */
int explain_metric(const char *name, const struct comparison *c, struct err *e);

#endif
