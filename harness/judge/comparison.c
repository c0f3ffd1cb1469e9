/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge/comparison.h"

#include <string.h>

const char *const verdict_names[] = {
	"REGRESSED", "IMPROVED", "SMALL", "SAME", "UNKNOWN", "CHANGED"
};
const char *const confirm_names[] = { "", "pending", "confirmed", "not confirmed",
				      "could not be confirmed" };

void cmp_opts_init(struct cmp_opts *o)
{
	*o = (struct cmp_opts){
		.alpha = .05, .conf = .95, .alpha_same = .05, .permutations = 9999, .seed = 1
	};
}

void comparison_release(struct comparison *c)
{
	arena_release(&c->mem);
	memset(c, 0, sizeof(*c));
}

int comparison_exit(const struct comparison *c)
{
	if (c->course.nr_looks && !c->course.finished)
		return 77;
	if (c->verdict == VERDICT_REGRESSED)
		return 1;
	if (c->course.unable)
		return 77;
	for (size_t s = 0; s < c->nr_scenarios; s++) /* broken runs can decide without a metric */
		if (c->scenario[s].verdict == VERDICT_IMPROVED)
			return 0;
	return c->count[VERDICT_UNKNOWN] == c->nr_primary ? 77 : 0;
}
