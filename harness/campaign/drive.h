/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A campaign from its plan to its verdict: makes runs and takes looks in turn until nothing more is
 * needed. Or judges, without a run, what a campaign's directory holds.
 */
#ifndef WMARK_CAMPAIGN_DRIVE_H
#define WMARK_CAMPAIGN_DRIVE_H

#include "campaign/campaign.h"
#include "campaign/past.h"
#include "judge/course.h"

/* The planned runs as the judge counts them, and the facts of the runs that are made. */
struct campaign_course {
	struct cmp_course plan;
	struct cmp_opts opts;
	struct factset set; /* facts of the runs so far */
	struct course_run *run;
	size_t nr, cap;
	struct history history;	   /* noise model, frozen in the campaign's directory */
	struct rebuilds rebuilds;  /* what builds do, frozen there too */
	struct campaign_file file; /* the plan that campaign_judge_dir() has read */
};

/*
 * Makes the runs of @c that its looks and the confirmation ask for, and judges them. @history:
 * where earlier runs are looked for (NULL = the campaign's store, where it exists; "none"); it
 * counts only before the first run of the campaign, and is then frozen in the campaign's directory.
 * @baselines: the same for floors, as in baselines_collect().
 * @again: finished runs are first repeated and compared (exact target). @course is all zero on
 * entry; release it in every case, and @cmp when 0 is returned. -EINTR when stopped: the same call
 * goes on later.
 */
int campaign_drive(struct campaign *c, const char *history, const char *baselines, bool again,
		   struct campaign_course *course, struct comparison *cmp, struct err *e);

/*
 * Judges what the campaign in @dir has so far, by its own plan; of @opts only `force` counts.
 * @check (may be NULL) is called before anything is loaded: it refuses a plan whose rules are not
 * those that the caller means. @course as above. -ENODATA: there are not yet runs of both sides.
 */
int campaign_judge_dir(const char *dir, const struct cmp_opts *opts,
		       int (*check)(const struct campaign_rules *rules, const void *ctx,
				    struct err *e),
		       const void *ctx, struct campaign_course *course, struct comparison *cmp,
		       struct err *e);

void campaign_course_release(struct campaign_course *course);

#endif
