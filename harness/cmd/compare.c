/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "cmd/cmd.h"
#include "cmd/course_cli.h"
#include "cmd/judge_cli.h"
#include "campaign/campaign.h"

struct compare_cli {
	struct judge_cli j;
};

/* clang-format off */
static const struct opt_desc opts[] = {
	OPT_STR(struct compare_cli, j.explain, "explain", 0, NULL, "METRIC", "say in plain words what a metric is, where the kernel counts it and "
		"what moves it; with runs, its value in each of them, and no report"),
	JUDGE_CLI_OPTS(struct compare_cli, j),
	OPT_END
};
/* clang-format on */

/* The command line that leads to the same verdict */
static char *reproduce(const struct judge_cli *j, int argc, char **argv)
{
	struct buf b = BUF_INIT;

	buf_addstr(&b, "wmark compare");
	if (j->alpha != JUDGE_CLI_ALPHA)
		buf_addf(&b, " --alpha %g", j->alpha);
	if (j->permutations != JUDGE_CLI_PERMUTATIONS)
		buf_addf(&b, " --permutations %lld", (long long)j->permutations);
	if (j->seed != JUDGE_CLI_SEED)
		buf_addf(&b, " --judge-seed %lld", (long long)j->seed);
	if (j->history) {
		buf_addstr(&b, " --history ");
		buf_add_quoted(&b, j->history);
	}
	if (j->force)
		buf_addstr(&b, " --force");
	for (int i = 0; i < argc; i++) {
		buf_addc(&b, ' ');
		buf_add_quoted(&b, argv[i]);
	}
	return buf_detach(&b);
}

/* A campaign is judged by its own plan: looks, alpha and the runs of the noise model were fixed
 * before the first run. */
static int compare_campaign(const struct judge_cli *j, const char *dir, const char *const *commands,
			    struct err *e)
{
	if (j->history)
		return err_set(
			e, -EINVAL,
			"compare: --history: %s is a campaign, and its noise model was fixed when it was planned",
			dir);
	return course_cli_report_dir(dir, j, commands, e);
}

static int compare_sides(const struct judge_cli *j, const char *dir_a, const char *dir_b,
			 const char *const *commands, struct err *e)
{
	struct runset a = { 0 }, b = { 0 };
	struct history h = { .from = NULL };
	int ret = runset_add(&a, dir_a, e);

	if (!ret)
		ret = runset_add(&b, dir_b, e);
	if (!ret)
		ret = history_of_sides(&h, j->history, &a, &b, e);
	if (!ret)
		ret = judge_and_report(
			j,
			&(struct judge_job){
				.a = &a, .b = &b, .history = &h, .commands = commands },
			e);
	history_release(&h);
	runset_release(&a);
	runset_release(&b);
	return ret;
}

static int compare_run(int argc, char **argv, struct err *e)
{
	struct compare_cli c = { 0 };
	int ret = cmd_options(&cmd_compare, &c, &argc, &argv, false, e);

	if (!ret) {
		char *again = reproduce(&c.j, argc, argv);
		const char *const commands[] = { again, NULL };

		if (c.j.explain && !argc)
			ret = explain_metric(c.j.explain, NULL, e);
		else if (argc == 1 && campaign_is(argv[0]))
			ret = compare_campaign(&c.j, argv[0], commands, e);
		else if (argc == 2)
			ret = compare_sides(&c.j, argv[0], argv[1], commands, e);
		else
			ret = err_set(
				e, -EINVAL,
				"compare: two directories (or files) of runs, or one campaign directory");
		free(again);
	}
	opt_release(opts, &c);
	return ret;
}

const struct command cmd_compare = { "compare", compare_run, opts,
				     "DIR-A DIR-B | CAMPAIGN | --explain METRIC",
				     "Judge two sets of runs" };
