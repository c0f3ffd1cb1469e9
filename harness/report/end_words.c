/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/end_words.h"

#define SCENARIOS_SHOWN 3

/* "slab (1 of 3), file (nothing happened) and 2 more scenarios" */
static void not_shown(const struct comparison *c, struct buf *out)
{
	size_t nr = 0;

	for (size_t i = 0; i < c->nr_scenarios; i++) {
		const struct cmp_scenario *s = &c->scenario[i];

		if (s->fine || nr++ >= SCENARIOS_SHOWN)
			continue;
		buf_addf(out, "%s%s (", nr > 1 ? ", " : "", s->name);
		if (s->counted)
			buf_addf(out, "%zu of %zu", s->shown, s->counted);
		else
			buf_addstr(out, "nothing that counts happened");
		if (s->breaks_more)
			buf_addstr(out, "; more runs of B broke");
		buf_addc(out, ')');
	}
	if (nr > SCENARIOS_SHOWN)
		buf_addf(out, " and %zu more scenario%s", nr - SCENARIOS_SHOWN,
			 nr == SCENARIOS_SHOWN + 1 ? "" : "s");
}

void view_end(const struct comparison *c, struct buf *out)
{
	buf_addf(out, "shown to be fine: %zu of %zu primary metric%s", c->shown, c->counted,
		 c->counted == 1 ? "" : "s");
	if (c->opts.fine_mde > 0)
		buf_addf(out, ", with UNKNOWN whose MDE is at most %g %%", c->opts.fine_mde * 100);
	buf_addf(out, "; exit code %d: ", comparison_exit(c));
	switch (comparison_end(c)) {
	case CMP_UNFINISHED:
		buf_addstr(out, "runs are still to be made");
		break;
	case CMP_REGRESSED:
		buf_addstr(out, verdict_names[VERDICT_REGRESSED]);
		break;
	case CMP_UNABLE:
		buf_addf(out, "%zu found could not be confirmed", c->course.unable);
		break;
	case CMP_NOT_SHOWN:
		buf_addf(out, "not %g %% of each scenario: ", c->opts.fine * 100);
		not_shown(c, out);
		break;
	case CMP_FINE:
		buf_addf(out, "at least %g %% of each scenario", c->opts.fine * 100);
		break;
	}
}
