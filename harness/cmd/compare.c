/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "cmd/cmd.h"
#include "cmd/judge_cli.h"
#include "archive/store.h"
#include "campaign/baselines.h"
#include "campaign/drive.h"

struct compare_cli {
	struct judge_cli j;
};

/* clang-format off */
static const struct opt_desc opts[] = {
	OPT_STR(struct compare_cli, j.explain, "explain", 0, NULL, "METRIC",
		"say in plain words what a metric is, where the kernel counts it and "
		"what moves it; with runs also its value in each run, instead of a report"),
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
	if (j->fine != JUDGE_CLI_FINE)
		buf_addf(&b, " --fine %g", j->fine);
	if (j->mde != JUDGE_CLI_MDE)
		buf_addf(&b, " --mde %g", j->mde);
	if (j->permutations != JUDGE_CLI_PERMUTATIONS)
		buf_addf(&b, " --permutations %lld", (long long)j->permutations);
	if (j->seed != JUDGE_CLI_SEED)
		buf_addf(&b, " --judge-seed %lld", (long long)j->seed);
	if (j->history) {
		buf_addstr(&b, " --history ");
		buf_add_quoted(&b, j->history);
	}
	if (j->baselines) {
		buf_addstr(&b, " --baselines ");
		buf_add_quoted(&b, j->baselines);
	}
	if (j->force)
		buf_addstr(&b, " --force");
	for (int i = 0; i < argc; i++) {
		buf_addc(&b, ' ');
		buf_add_quoted(&b, argv[i]);
	}
	return buf_detach(&b);
}

struct asked {
	const struct judge_cli *j;
	const char *dir;
};

/* Refuses rules on the command line that differ from those of the plan: they would be a promise
 * made after the fact. */
static int check_rules(const struct campaign_rules *rules, const void *ctx, struct err *e)
{
	const struct asked *asked = ctx;
	const struct judge_cli *j = asked->j;
	const char *dir = asked->dir;

	if ((uint64_t)j->permutations != rules->permutations &&
	    j->permutations != JUDGE_CLI_PERMUTATIONS)
		return err_set(e, -EINVAL, "--permutations %lld: %s was planned with %llu",
			       (long long)j->permutations, dir,
			       (unsigned long long)rules->permutations);
	if ((uint64_t)j->seed != rules->judge_seed && j->seed != JUDGE_CLI_SEED)
		return err_set(e, -EINVAL, "--judge-seed %lld: %s was planned with %llu",
			       (long long)j->seed, dir, (unsigned long long)rules->judge_seed);
	if (j->fine != rules->fine && j->fine != JUDGE_CLI_FINE)
		return err_set(e, -EINVAL, "--fine %g: %s was planned with %g", j->fine, dir,
			       rules->fine);
	if (j->mde != rules->fine_mde && j->mde != JUDGE_CLI_MDE)
		return err_set(e, -EINVAL, "--mde %g: %s was planned with %g", j->mde, dir,
			       rules->fine_mde);
	if (j->alpha == rules->alpha || j->alpha == JUDGE_CLI_ALPHA)
		return 0;
	return err_set(
		e, -EINVAL,
		"--alpha %g: %s was planned with %g, and its looks are made; compare the directories of its runs instead",
		j->alpha, dir, rules->alpha);
}

/* A campaign is judged by its own plan: looks, alpha and the runs of the noise model were fixed
 * before the first run. */
static int compare_campaign(const struct judge_cli *j, const char *dir, const char *const *commands,
			    struct err *e)
{
	const struct asked asked = { j, dir };
	struct campaign_course course = { 0 };
	struct comparison cmp;
	struct cmp_opts o;
	int ret;

	if (j->history)
		return err_set(
			e, -EINVAL,
			"compare: --history: %s is a campaign, and its noise model was fixed when it was planned",
			dir);
	if (j->baselines)
		return err_set(
			e, -EINVAL,
			"compare: --baselines: %s is a campaign, and its floors were fixed when it was planned",
			dir);
	judge_cli_opts(j, NULL, &o);
	ret = campaign_judge_dir(dir, &o, check_rules, &asked, &course, &cmp, e);
	if (!ret) {
		const struct judge_job job = { .made = &course.set,
					       .history = &course.history,
					       .commands = commands };

		ret = report_comparison(j, &job, &cmp, e);
		comparison_release(&cmp);
	}
	campaign_course_release(&course);
	if (ret == -ENODATA) {
		/* there are not yet runs of both sides: the same answer as for any campaign that is
		 * not finished */
		err_say("%s: %s", dir, e->msg);
		ret = EXIT_SKIP;
	}
	return ret;
}

static int compare_sides(const struct judge_cli *j, const char *dir_a, const char *dir_b,
			 const char *const *commands, struct err *e)
{
	struct factset a = { 0 }, b = { 0 };
	struct history h = { .from = NULL };
	struct rebuilds r = { .v = NULL };
	int ret = factset_add(&a, dir_a, FACTS_KEEP_NOT, e);

	if (!ret)
		ret = factset_add(&b, dir_b, FACTS_KEEP_NOT, e);
	if (!ret)
		ret = history_of_sides(&h, j->history, &a, &b, e);
	if (!ret)
		ret = baselines_collect(&r, j->baselines, store_dir(), e);
	if (!ret)
		ret = judge_and_report(j,
				       &(struct judge_job){ .a = &a,
							    .b = &b,
							    .history = &h,
							    .rebuilds = &r,
							    .commands = commands },
				       e);
	rebuilds_release(&r);
	history_release(&h);
	factset_release(&a);
	factset_release(&b);
	return ret;
}

static int compare_run(int argc, char **argv, struct err *e)
{
	struct compare_cli c = { 0 };
	int ret = cmd_options(&cmd_compare, &c, &argc, &argv, false, e);

	if (!ret)
		ret = judge_cli_check(&c.j, e);
	if (!ret) {
		char *again = reproduce(&c.j, argc, argv);
		const char *const commands[] = { again, NULL };

		if (c.j.explain && !argc)
			ret = explain_metric(c.j.explain, NULL, e);
		else if (argc == 1 && campaign_is(argv[0]))
			ret = compare_campaign(&c.j, argv[0], commands, e);
		else if (argc == 2)
			ret = compare_sides(&c.j, argv[0], argv[1], commands, e);
		else if (argc == 1)
			ret = err_set(e, -EINVAL, "compare: %s: %s", argv[0],
				      fs_exists(argv[0])
					      ? "not a campaign (a directory with a plan)"
					      : "no such campaign");
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
