/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds what rebuilding does to metrics (judge/rebuilds.h): files in the folder `baselines` of the
 * result store and among the program's own data, by their content. A campaign keeps what belongs
 * to it in its own folder, so that later files do not change its verdict.
 */
#ifndef WMARK_CAMPAIGN_BASELINES_H
#define WMARK_CAMPAIGN_BASELINES_H

#include "campaign/past.h"
#include "judge/comparison.h"
#include "judge/rebuilds.h"

/*
 * Adds what the files of a folder hold that are files of rebuilds; all others are passed over.
 * @where: NULL = the folder `baselines` of @store and of the program's data, where they are there;
 * "none" = nothing; anything else must be a directory: -ENOENT, -ENOTDIR. A file of rebuilds that
 * is wrong is an error that names file, line and word. Release @r in every case.
 */
int baselines_collect(struct rebuilds *r, const char *where, const char *store, struct err *e);
/* Adds the scenarios of @from that fit one of @want (name and image count for nothing). */
void baselines_pick(struct rebuilds *r, const struct rebuilds *from,
		    const struct history_want *want, size_t nr_want);

/* The file of a campaign's folder, malloc'ed. */
char *baselines_path(const char *dir);
/* -EINVAL: the file is wrong. */
int baselines_from_file(struct rebuilds *r, const char *file, struct err *e);
int baselines_write(const struct rebuilds *r, const char *file, struct err *e);

#endif
