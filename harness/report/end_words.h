/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words for how a comparison ends: what was shown to be fine, the exit code, and why. */
#ifndef WMARK_REPORT_END_WORDS_H
#define WMARK_REPORT_END_WORDS_H

#include "base/buf.h"
#include "judge/comparison.h"

/* "shown to be fine: 12 of 16 primary metrics; exit code 77: less than 50 % in slab (1 of 3)" (raw
 * text) */
void view_end(const struct comparison *c, struct buf *out);

#endif
