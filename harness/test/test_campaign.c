/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads plan files back; plans are made and driven in test_campaign_drive.c. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "campaign/campaign.h"
#include "test/temp.h"

#define HEAD                             \
	"wmark plan 2\n"                 \
	"name try\n"                     \
	"target exact\n"                 \
	"A 6.1 0011 none\n"              \
	"B 6.12 0022 vm.swappiness=10\n" \
	"scenario file 33\n"
#define RULES                 \
	"alpha 0.05\n"        \
	"looks 1 3\n"         \
	"spend 0.02 0.03\n"   \
	"confirm 1 0.5\n"     \
	"permutations 9999\n" \
	"judge-seed 7\n"
#define LOOKS                                       \
	"run 0 B file 1 1 /store/with blank/b.wm\n" \
	"run 1 A file 1 1 a1.wm\n"                  \
	"run 2 A file 2 2 a2.wm\n"                  \
	"run 3 B file 2 2 b2.wm\n"                  \
	"run 4 B file 3 2 b3.wm\n"                  \
	"run 5 A file 3 2 a3.wm\n"
#define RUNS                           \
	LOOKS                          \
	"run 6 A file 9 fresh a9.wm\n" \
	"run 7 B file 9 fresh b9.wm\n"

static int load(struct campaign_file *f, const char *text, struct err *e)
{
	temp_put("plan", text, strlen(text));
	cr_assert(campaign_is(temp_dir));
	return campaign_file_load(f, temp_dir, e);
}

Test(campaign, plan_is_read_back, TEMP_DIR)
{
	struct campaign_file f;
	struct err e = ERR_INIT;

	cr_assert_eq(load(&f, HEAD RULES RUNS, &e), 0, "%s", e.msg);
	cr_assert_eq(f.rules.looks.nr_looks, 2);
	cr_assert(f.rules.looks.n[0] == 1 && f.rules.looks.n[1] == 3 &&
		  f.rules.looks.spend[0] == .02 && f.rules.looks.spend[1] == .03);
	cr_assert(f.rules.alpha == .05 && f.rules.looks.confirm_n == 1 &&
		  f.rules.looks.confirm_alpha == .5);
	cr_assert(f.rules.permutations == 9999 && f.rules.judge_seed == 7);
	cr_assert_eq(f.nr_runs, 8);
	cr_assert(f.run[0].side == SIDE_B && f.run[0].seed == 1 && f.run[0].stage == 1);
	cr_assert_str_eq(f.run[0].file, "/store/with blank/b.wm");
	cr_assert_str_eq(f.run[1].scenario, "file");
	cr_assert_eq(f.run[2].stage, 2);
	cr_assert_eq(f.run[6].stage, COURSE_FRESH);
	campaign_file_release(&f);
}

Test(campaign, bad_plans_name_the_line_and_the_word, TEMP_DIR)
{
	static const struct {
		const char *text, *want;
	} bad[] = {
		{ "wmark plan 1\n" RULES RUNS, "plan:1: 'wmark plan 1'" },
		{ "wmark plan 2\nA 6.1 0011\n" RULES RUNS, "plan:2: '6.1': not a side" },
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
		/* a plan that is cut short, or holds more than was planned */
		{ HEAD RULES LOOKS, "plan: 0 fresh runs of file on side A, but 1 are to confirm" },
		{ HEAD RULES "run 0 B file 1 1 b.wm\nrun 1 A file 1 1 a1.wm\n"
			     "run 6 A file 9 fresh a9.wm\nrun 7 B file 9 fresh b9.wm\n",
		  "plan: 0 runs of file on side A are new at look 2, but its looks ask for 2" },
		{ HEAD RULES RUNS "run 8 A file 4 1 a4.wm\n",
		  "2 runs of file on side A are new at look 1" },
		{ HEAD RULES RUNS "run 8 A anon 4 1 x.wm\n", "runs of anon on side" },
		{ HEAD RULES LOOKS "run 6 A file 9 fresh a1.wm\nrun 7 B file 9 fresh b9.wm\n",
		  "a1.wm: the same run twice" },
		{ HEAD
		  "alpha 0.05\nlooks 1 3\nspend 0.04 0.04\nconfirm 1 0.5\npermutations 9\n" RUNS,
		  "spend 0.08, more than the declared alpha 0.05" },
		{ HEAD "permutations 18446744073709551615\n" RUNS,
		  "plan:7: '18446744073709551615': too many" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct err e = ERR_INIT;
		struct campaign_file f;

		cr_assert_eq(load(&f, bad[i].text, &e), -EINVAL, "%zu: %s", i, e.msg);
		cr_assert(strstr(e.msg, bad[i].want), "%zu: '%s' does not say '%s'", i, e.msg,
			  bad[i].want);
		campaign_file_release(&f);
	}
}

static int seeds(const char *text, struct arena *mem, uint64_t **v, size_t *nr)
{
	struct err e = ERR_INIT;
	int ret = campaign_seeds(text, mem, v, nr, &e);

	cr_assert_eq(!ret, !*e.msg);
	return ret;
}

Test(campaign, seeds_of_a_command_line)
{
	static const char *const bad[] = { "",
					   ",",
					   "0..",
					   "..3",
					   "4..1",
					   "x",
					   "1,1",
					   "1..3,2",
					   "-1",
					   "1..20000",
					   "18446744073709551615",
					   "18446744073709551610..18446744073709551615",
					   "9000000000000001" };
	struct arena mem = ARENA_INIT;
	uint64_t *v;
	size_t nr;

	cr_assert_eq(seeds("9,1..3", &mem, &v, &nr), 0);
	cr_assert_eq(nr, 4);
	cr_assert(v[0] == 9 && v[1] == 1 && v[3] == 3);
	cr_assert_eq(seeds("9000000000000000", &mem, &v, &nr), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_assert_eq(seeds(bad[i], &mem, &v, &nr), -EINVAL, "'%s'", bad[i]);
	arena_release(&mem);
}
