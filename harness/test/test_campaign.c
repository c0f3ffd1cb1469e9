/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan file as it is read back; making and running plans needs machines (ci/t/ab.sh). */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "run/campaign.h"

#define HEAD "wmark plan 2\nname try\ntarget exact\nA 6.1 0011 none\nB 6.12 0022 vm.swappiness=10\nscenario file 33\n"
#define RULES "alpha 0.05\nlooks 5 10\nspend 0.02 0.03\nconfirm 10 0.01\npermutations 9999\njudge-seed 7\n"
#define RUNS "run 0 B file 1 1 /store/with blank/b.wm\nrun 1 A file 1 2 a.wm\nrun 2 A file 9 fresh c.wm\n"

static int load(struct campaign_file *f, const char *text, struct err *e)
{
	char *dir = fs_temp_dir("plan"), *path = xasprintf("%s/plan", dir);
	int ret;

	cr_assert_eq(fs_write(path, text, strlen(text), NULL), 0);
	cr_assert(campaign_is(dir));
	ret = campaign_file_load(f, dir, e);
	fs_remove_tree(dir, NULL);
	free(path);
	free(dir);
	return ret;
}

Test(campaign, plan_is_read_back)
{
	struct campaign_file f;
	struct err e = ERR_INIT;

	cr_assert_eq(load(&f, HEAD RULES RUNS, &e), 0, "%s", e.msg);
	cr_assert_eq(f.rules.nr_looks, 2);
	cr_assert(f.rules.n[0] == 5 && f.rules.n[1] == 10 && f.rules.spend[0] == .02 && f.rules.spend[1] == .03);
	cr_assert(f.rules.alpha == .05 && f.rules.confirm_n == 10 && f.rules.confirm_alpha == .01);
	cr_assert(f.rules.permutations == 9999 && f.rules.judge_seed == 7);
	cr_assert_eq(f.nr_runs, 3);
	cr_assert(f.run[0].side == 'B' && f.run[0].seed == 1 && f.run[0].stage == 1);
	cr_assert_str_eq(f.run[0].file, "/store/with blank/b.wm");
	cr_assert_str_eq(f.run[1].scenario, "file");
	cr_assert_eq(f.run[1].stage, 2);
	cr_assert_eq(f.run[2].stage, CAMPAIGN_FRESH);
	campaign_file_release(&f);
}

Test(campaign, bad_plans_name_the_line_and_the_word)
{
	static const struct {
		const char *text, *want;
	} bad[] = {
		{ "wmark plan 1\n" RULES RUNS, "plan:1: 'wmark plan 1'" },
		{ "", "plan" },
		{ HEAD RULES "run 0 C file 1 1 x.wm\n", "'C': the side is A or B" },
		{ HEAD RULES "run 0 A file x 1 x.wm\n", "plan:13: 'x': not a number" },
		{ HEAD RULES "run 0 A file 1 9 x.wm\n", "'9': no such look" },
		{ HEAD RULES "run 0 A file 1 3 x.wm\n", "a run of look 3, but 2 looks" },
		{ HEAD RULES "run 0 A file 1 1\n", "not a run line" },
		{ HEAD RULES "run 0 A file 1 1 \n", "not a run line" },
		{ HEAD RULES "run\n", "'run': not a line of a plan" },
		{ HEAD RULES, "plans no runs" },
		{ HEAD RUNS, "are missing" },
		{ HEAD "looks 10 5\n" RUNS, "'5': looks must rise" },
		{ HEAD "looks 1 2 3 4 5 6 7 8 9\n" RUNS, "'9': too many looks" },
		{ HEAD "alpha 2\n" RUNS, "'2': not a rate" },
		{ HEAD "confirm 10\n" RUNS, "a rate is missing" },
		{ HEAD "confirm\n" RUNS, "'confirm': not a line" },
		{ HEAD "spend .1 .1 .1 .1 .1 .1 .1 .1 .1\n" RUNS, "more rates than looks" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct err e = ERR_INIT;
		struct campaign_file f;

		cr_assert_eq(load(&f, bad[i].text, &e), -EINVAL, "%zu: %s", i, e.msg);
		cr_assert(strstr(e.msg, bad[i].want), "%zu: '%s' does not say '%s'", i, e.msg, bad[i].want);
		campaign_file_release(&f);
	}
}
