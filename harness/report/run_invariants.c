/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the invariants say of one run: the broken ones first; on request also those that could not
 * be evaluated. */
#include "check/check.h"
#include "report/run_tables.h"

/* Rows for what failed of a class, or for every rule that could not be evaluated. */
static void rows(struct table *tab, struct arena *mem, const struct finding *f, size_t nr,
		 enum rule_state state, enum rule_class cls)
{
	for (size_t i = 0; i < nr; i++)
		if (f[i].state == state && (state == RULE_SKIP || f[i].cls == cls))
			table_row(tab, ROW(finding_name(&f[i]), f[i].rule,
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
		rows(tab, &t->mem, f, nr, RULE_SKIP, RULE_PARTIAL);
		return;
	}
	rows(tab, &t->mem, f, nr, RULE_FAIL, RULE_INVARIANT);
	rows(tab, &t->mem, f, nr, RULE_FAIL, RULE_LIVENESS);
	tab->note = "INVALID: the run is set aside and never averaged in. LIVENESS: reclaim stood "
		    "still, or ran in vain; the run counts.";
}

void report_run_invariant_state(const struct archive *a, struct buf *out)
{
	size_t nr, in[] = { [RULE_PASS] = 0, [RULE_FAIL] = 0, [RULE_SKIP] = 0 };
	struct arena mem = ARENA_INIT;
	const struct rule_result *r = run_check(a, &mem, &nr);

	for (size_t i = 0; i < nr; i++)
		in[r[i].state]++;
	buf_addf(out, "invariants: %zu held, %zu broken", in[RULE_PASS], in[RULE_FAIL]);
	if (in[RULE_SKIP])
		buf_addf(out, ", %zu not evaluated", in[RULE_SKIP]);
	arena_release(&mem);
}
