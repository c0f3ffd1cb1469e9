/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deltas over a window whose edges lack their sample. */
#include <criterion/criterion.h>

#include "archive/archive.h"
#include "test/synth.h"

/* The sample of a mark is taken just before it: a sample that is older by more than half a period
 * does not belong to the mark. */
Test(archive, mark_sample_missing)
{
	static const char text[] = "src 0 v 100000\n"
				   "d 0 0 up\n"
				   "s 0 1000000 1 0 0+10\n"
				   "s 0 1100000 1 0 0+7\n"
				   "s 0 1200000 1 0 0+7\n";
	const struct archive_series *s;
	struct archive a;
	uint64_t v;

	synth_text(&a, "m", text);
	s = archive_series(&a, "v");
	cr_assert(archive_delta(s, 0, 1000000, 1200000, &v) && v == 14);
	cr_assert(archive_delta(s, 0, 1050000, 1250000, &v) && v == 14,
		  "half a period is near enough");
	cr_assert(!archive_delta(s, 0, 1050001, 1200000, &v), "no sample at the begin");
	cr_assert(!archive_delta(s, 0, 1000000, 1250001, &v), "no sample at the end");
	archive_release(&a);
}
