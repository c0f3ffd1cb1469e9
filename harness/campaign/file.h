/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Private to harness/campaign. */
#ifndef WMARK_CAMPAIGN_FILE_H
#define WMARK_CAMPAIGN_FILE_H

#define CAMPAIGN_MAGIC "wmark plan 2"

/* malloc'ed */
char *campaign_plan_path(const char *dir);

#endif
