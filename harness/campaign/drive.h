/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A campaign from its plan to its verdict: runs and looks in turn until nothing more is needed, or
 * the verdict of the runs that a campaign's directory holds, without a run.
 */
#ifndef WMARK_CAMPAIGN_DRIVE_H
#define WMARK_CAMPAIGN_DRIVE_H

#include "campaign/campaign.h"
#include "campaign/past.h"
#include "judge/course.h"

/* The planned runs as the judge counts them, and the facts of those that are made. */
struct campaign_course {
	struct cmp_course plan;
	struct cmp_opts opts;
	struct factset set; /* facts of the runs so far */
	struct course_run *run;
	size_t nr, cap;
	struct history history;	   /* noise model, frozen in the campaign's directory */
	struct campaign_file file; /* of campaign_judge_dir() */
};

/*
 * Makes the runs of @c that its looks and the confirmation ask for, and judges them. @history:
 * where earlier runs are looked for (NULL = the campaign's store, where it exists; "none"); it
 * counts only before the first run of the campaign, and is then frozen in its directory. @again:
 * finished runs are repeated first and compared (exact target). @course is all zero; release it,
 * and @cmp after a return of 0. -EINTR when stopped: the same call goes on later.
 */
int campaign_drive(struct campaign *c, const char *history, bool again,
		   struct campaign_course *course, struct comparison *cmp, struct err *e);

/*
 * Judges what the campaign in @dir has so far, by its own plan; @opts: `force` alone counts. @check
 * (may be NULL) is asked before anything is loaded whether the rules of the plan are those that the
 * caller means. @course as above. -ENODATA: no runs of both sides yet.
 */
int campaign_judge_dir(const char *dir, const struct cmp_opts *opts,
		       int (*check)(const struct campaign_rules *rules, const void *ctx,
				    struct err *e),
		       const void *ctx, struct campaign_course *course, struct comparison *cmp,
		       struct err *e);

void campaign_course_release(struct campaign_course *course);

#endif
