/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge/compare.h"

#include <string.h>

#include "judge/steps.h"

int compare_runs(const struct run_facts *const *a, size_t na, const struct run_facts *const *b,
		 size_t nb, const struct cmp_opts *opts, struct comparison *out, struct err *e)
{
	int ret;

	memset(out, 0, sizeof(*out));
	out->opts = *opts;
	ret = cmp_load(out, a, na, b, nb, e);
	if (!ret && !opts->force)
		ret = cmp_check_machine(out, e);
	if (!ret) {
		cmp_environment(out);
		cmp_states(out);
		cmp_measure(out);
		cmp_floors(out);
		ret = cmp_judge(out, e);
	}
	if (ret)
		comparison_release(out);
	return ret;
}
