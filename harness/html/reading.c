/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Section on how to read the page. */
#include "html/page.h"
#include "html/section.h"
#include "report/words.h"

static void reading(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	(void)o;
	buf_addf(
		out,
		"<p class=\"note\">One run is one sample: on the VM targets, one boot. The %zu primary metrics "
		"that these runs could tell apart were tested at once, so that the chance of even one false REGRESSED or IMPROVED in the "
		"whole campaign is the declared %g %%.</p>\n",
		c->nr_family, c->opts.alpha * 100);
	if (c->course.nr_looks)
		buf_addf(
			out,
			"<p class=\"note\">The campaign looked at its runs %zu time%s, and spent that rate over the looks as it had planned before "
			"the first run. A metric keeps the verdict and the adjusted p of the look that decided it; its other numbers are of "
			"all runs of the looks or, where fresh runs were asked, of these alone. What the looks found counts once %s have confirmed it: in the same direction, one-sided, p corrected for all that was found.</p>\n",
			c->course.made, c->course.made == 1 ? "" : "s", view_fresh(c));
	html_note(
		out,
		"<b>REGRESSED</b>, <b>IMPROVED</b>: the shift is real (adjusted p at or below the "
		"declared rate) and at least as large as the metric\xe2\x80\x99s floor. "
		"<b>SMALL</b>: real, below the floor, so it should not worry anybody. The floor of two "
		"builds is also what building one source anew may shift a metric by. "
		"<b>SAME</b>: shown to lie within the floor, which is more than not having found "
		"a difference. <b>UNKNOWN</b>: neither; the MDE beside it is the smallest shift, "
		"on the side of the one seen, that this number of runs would have found four "
		"times in five. <b>CHANGED</b>: real, but the metric has no good or bad "
		"direction.");
	html_note(out,
		  "<b>Shift</b> is the Hodges-Lehmann estimate: the median of all differences "
		  "between a run of B and a run of A, in percent of A (percentage points, pp, for "
		  "shares; a bare number is in the metric\xe2\x80\x99s unit, because A is too near "
		  "0 for a percentage). <b>adj. p</b> is corrected for all primary metrics by "
		  "step-down max-T over relabelled boots. <b>ABSENT</b> means that the kernel "
		  "cannot say, or that nothing happened that could be divided by; it is never "
		  "zero.");
	html_note(out,
		  "Scan counts are not compared between classic LRU and MGLRU, because they count "
		  "different things; such metrics are left out by name.");
}

const struct html_section html_section_reading = {
	.id = "reading",
	.title = "How to read this",
	.toc = "How to read",
	.render = reading,
};
