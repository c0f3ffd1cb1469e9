/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the plan file of a campaign is, and its first line. Private to harness/campaign. */
#ifndef WMARK_CAMPAIGN_FILE_H
#define WMARK_CAMPAIGN_FILE_H

#define CAMPAIGN_MAGIC "wmark plan 2"

/* Path of the plan in @dir. malloc'ed. */
char *campaign_plan_path(const char *dir);

#endif
