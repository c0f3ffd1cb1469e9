/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the invariants say of one run: broken ones first, those that could not be evaluated on
 * request. */
#include <string.h>

#include "check/check.h"
#include "report/run_tables.h"

static void rows(struct table *tab, struct arena *mem, const struct finding *f, size_t nr,
		 enum finding_class cls)
{
	for (size_t i = 0; i < nr; i++)
		if (f[i].cls == cls)
			table_row(tab, ROW(finding_class_names[cls], f[i].rule,
					   f[i].node < 0 ? "" : arena_printf(mem, "%d", f[i].node),
					   f[i].text));
}

void report_run_invariants(struct tables *t, const struct archive *a, bool skipped)
{
	static const char *const head[] = { "Class", "Rule", "Node", "What was found", NULL };
	struct table *tab = skipped ? table_add(t, "not-evaluated",
						"Invariants that could not be evaluated", head,
						"llrl")
				    : table_add(t, "invariants", "Broken invariants", head, "llrl");
	size_t nr;
	const struct finding *f = run_findings(a, &t->mem, &nr);

	tab->more = skipped;
	tab->wrap = true;
	if (skipped) {
		rows(tab, &t->mem, f, nr, FINDING_SKIPPED);
		return;
	}
	rows(tab, &t->mem, f, nr, FINDING_INVALID);
	rows(tab, &t->mem, f, nr, FINDING_LIVENESS);
	tab->note =
		"INVALID: set aside, averaged in with no other run. LIVENESS: reclaim stood still, or ran in "
		"vain; the run counts.";
}

void report_run_invariant_state(const struct archive *a, struct buf *out)
{
	size_t nr, rules = 0, broken = 0, skipped = 0;
	struct arena mem = ARENA_INIT;
	const struct finding *f = run_findings(a, &mem, &nr);

	for (const struct invariant *v = invariant_table; v->rule; v++, rules++) {
		bool bad = false, skip = false;

		for (size_t i = 0; i < nr; i++) {
			if (strcmp(f[i].rule, v->rule) != 0)
				continue;
			bad |= f[i].cls != FINDING_SKIPPED;
			skip |= f[i].cls == FINDING_SKIPPED;
		}
		broken += bad;
		skipped += skip && !bad;
	}
	buf_addf(out, "invariants: %zu held, %zu broken", rules - broken - skipped, broken);
	if (skipped)
		buf_addf(out, ", %zu not evaluated", skipped);
	arena_release(&mem);
}
