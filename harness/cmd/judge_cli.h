/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `ab`, `compare` and `report` share: judge two sets of runs, print, write the report files. */
#ifndef WMARK_CMD_JUDGE_CLI_H
#define WMARK_CMD_JUDGE_CLI_H

#include <stdbool.h>

#include "base/opt.h"
#include "record/store.h"

struct judge_cli {
	const char *html, *csv, *json;
	double alpha;
	int64_t permutations, seed;
	bool force, all, no_text;
};

/* clang-format off */
#define JUDGE_CLI_OPTS(S, f)                                                                                                       \
	OPT_HEAD("Judging and reports:"),                                                                                          \
	OPT_FLOAT(S, f.alpha, "alpha", 0, "0.05", 0.0001, 0.5, "declared rate of false alarms per campaign"),                      \
	OPT_INT(S, f.permutations, "permutations", 0, "9999", 99, 1e7, "relabellings drawn when there are too many to list"),      \
	OPT_INT(S, f.seed, "judge-seed", 0, "1", 0, 9e15, "seed of those"),                                                        \
	OPT_YES(S, f.force, "force", 0, NULL, "compare runs of unlike machines; says what differs"),                               \
	OPT_YES(S, f.all, "all", 0, NULL, "print diagnostic metrics too"),                                                         \
	OPT_STR(S, f.html, "html", 0, NULL, "FILE", "write the HTML report"),                                                      \
	OPT_STR(S, f.csv, "csv", 0, NULL, "FILE", "write every number as CSV"),                                                    \
	OPT_STR(S, f.json, "json", 0, NULL, "FILE", "write everything as JSON"),                                                   \
	OPT_YES(S, f.no_text, "no-text", 0, NULL, "print no table")
/* clang-format on */

/* Judges, prints, writes. @commands: how to reproduce, NULL-terminated. Returns the exit code (0, 1, 77) or -errno. */
int judge_and_report(const struct judge_cli *j, const struct runset *a, const struct runset *b, const char *const *commands, struct err *e);

#endif
