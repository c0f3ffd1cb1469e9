/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The states that A and B ran in, over all scenarios of a comparison, and the words for them. */
#ifndef WMARK_REPORT_STATE_WORDS_H
#define WMARK_REPORT_STATE_WORDS_H

#include "base/buf.h"
#include "judge/comparison.h"

/* One fact: as it is in the scenario where it is worst (comparison.h, enum cmp_state). */
struct view_state {
	const struct cmp_shape *shape;
	size_t scenarios; /* in which it is so */
};
/* One entry per fact, in the order of their table; returns how many, at most SHAPES_MAX. */
size_t view_states(const struct comparison *c, struct view_state v[SHAPES_MAX]);
/* "bars events, clocks", "judged by force", "does not matter", "explained by A none, B boot:x=1";
 * and " (2 of 3 scenarios)". */
void view_state_note(const struct comparison *c, const struct view_state *v, struct buf *out);
/* What no setting explains, in one sentence; nothing where there is no such state. */
void view_unlike(const struct comparison *c, struct buf *out);
/* "memcg limits, zram algorithm": facts that the runs of one side do not say. */
void view_unsaid(const struct comparison *c, struct buf *out);

#endif
