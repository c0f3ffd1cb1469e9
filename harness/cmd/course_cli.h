/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A planned campaign on its way to the judge: what `ab` and `compare CAMPAIGN` share. */
#ifndef WMARK_CMD_COURSE_CLI_H
#define WMARK_CMD_COURSE_CLI_H

#include "campaign/past.h"
#include "cmd/judge_cli.h"
#include "judge/course.h"
#include "archive/store.h"
#include "campaign/campaign.h"

struct course_cli {
	struct cmp_course plan;
	struct cmp_opts opts;
	struct runset set; /* archives loaded so far */
	struct course_run *run;
	size_t nr, cap;
	struct history history;
	struct campaign_file file; /* of course_cli_report_dir() */
};

/* @c is all zero. @rules decide alpha, permutations and seed, whatever @j says of them: they were
 * fixed before the first run. */
void course_cli_init(struct course_cli *c, const struct campaign_rules *rules,
		     const struct judge_cli *j);
/* One planned run, in plan order; @scenario must outlive @c. */
void course_cli_plan(struct course_cli *c, const char *scenario, char side, size_t stage);
/* The @i-th planned run is made, and is in @file. Does nothing when it was loaded before. */
int course_cli_made(struct course_cli *c, size_t i, const char *file, struct err *e);
/* The list file of the history that a campaign froze: malloc'ed. */
char *course_cli_history_path(const char *dir);
/* Read that list. -ENOENT: a campaign that has runs cannot be judged without it. */
int course_cli_history(struct course_cli *c, const char *dir, struct err *e);
/* Judge; @out is the caller's to release. @next->v to free. */
int course_cli_judge(struct course_cli *c, struct comparison *out, struct course_next *next,
		     struct err *e);
void course_cli_release(struct course_cli *c);

/* `compare CAMPAIGN`: judge what the campaign in @dir has so far, by its own plan; print and write.
 * Returns the exit code or -errno. */
int course_cli_report_dir(const char *dir, const struct judge_cli *j, const char *const *commands,
			  struct err *e);

#endif
