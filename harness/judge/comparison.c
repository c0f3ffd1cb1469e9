/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge/comparison.h"

#include <string.h>

const char *const verdict_names[] = { "REGRESSED", "IMPROVED", "SMALL",	  "SAME",
				      "UNKNOWN",   "CHANGED",  "BISTABLE" };
const char *const confirm_names[] = { "", "pending", "confirmed", "not confirmed",
				      "could not be confirmed" };

void cmp_opts_init(struct cmp_opts *o)
{
	*o = (struct cmp_opts){ .alpha = .05,
				.conf = .95,
				.alpha_same = .05,
				.permutations = 9999,
				.seed = 1,
				.fine = .5 };
}

void comparison_release(struct comparison *c)
{
	arena_release(&c->mem);
	memset(c, 0, sizeof(*c));
}
