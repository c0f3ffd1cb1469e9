/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One source built several times is one code: what the judge tells apart between such builds is a
 * false alarm. Judges every pair of builds as a campaign, counts the alarms against the declared
 * rates, and says which metrics a build moves. bench/perf/rebuild.sh builds the kernels and makes
 * the runs. Exit codes: 0, 1 a declared rate is shown not to hold, 2 usage, 3 the runs are not all
 * there or cannot be judged.
 */
#include "rebuild.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct opt_desc opts[] = {
	OPT_STR(struct rebuild_cli, suite, "suite", 0, "reclaim", "SUITE", "scenarios to run"),
	OPT_LIST(struct rebuild_cli, scenario, "scenario", 0, "NAME", "instead of a suite; may be repeated"),
	OPT_STR(struct rebuild_cli, seeds, "seeds", 's', "1..30", "LIST",
		"of the looks, and after them of the confirmation; what is left makes more campaigns"),
	OPT_STR(struct rebuild_cli, looks, "looks", 0, NULL, "LIST",
		"runs per side at each look (default 5,10,15,20 as far as the seeds go)"),
	OPT_INT(struct rebuild_cli, confirm, "confirm", 0, "10", 0, 10000,
		"fresh runs per side that confirm; 0 = no confirmation"),
	OPT_FLOAT(struct rebuild_cli, alpha, "alpha", 0, "0.05", 0, 1, "declared rate of the looks"),
	OPT_FLOAT(struct rebuild_cli, confirm_alpha, "confirm-alpha", 0, "0.01", 0, 1,
		"declared rate after confirmation"),
	OPT_INT(struct rebuild_cli, permutations, "permutations", 0, "9999", 99, 1e6,
		"of each judgement"),
	OPT_INT(struct rebuild_cli, judge_seed, "judge-seed", 0, "1", 0, 1e15, "of permutations"),
	OPT_YES(struct rebuild_cli, all, "all", 'v', NULL, "print metrics that are not primary, too"),
	OPT_STR(struct rebuild_cli, baselines, "baselines", 0, "others", "WHERE",
		"floors of rebuilds: others = from the builds that are not of the pair, none, or a folder of files"),
	OPT_STR(struct rebuild_cli, csv, "csv", 0, NULL, "FILE", "write all metrics as CSV"),
	OPT_STR(struct rebuild_cli, rebuilds, "rebuilds", 0, NULL, "FILE",
		"write what rebuilding does to each metric, for results/baselines"),
	MACHINE_OPTS(struct rebuild_cli, m)
	OPT_END
};
/* clang-format on */

static int usage(const char *problem)
{
	struct buf help = BUF_INIT;

	opt_help(opts, &help);
	fprintf(problem ? stderr : stdout,
		"%s%susage: rebuild todo KERNEL KERNEL... [OPTIONS]    prints the runs to make next; again after them\n"
		"       rebuild judge KERNEL KERNEL... [OPTIONS]\n%s",
		problem ? problem : "", problem ? "\n" : "", help.data);
	buf_release(&help);
	return problem ? 2 : 0;
}

static int tell(const struct bench *b, const struct bench_result *r, struct err *e)
{
	size_t missing = bench_missing(b);
	bool broken;
	int ret = 0;

	if (missing)
		return err_set(e, -ENOENT, "%zu runs are not in %s (rebuild todo prints them)",
			       missing, machine_store(&b->o->m));
	broken = bench_table(b, r);
	if (b->o->csv)
		ret = bench_csv(b, r, b->o->csv, e);
	if (!ret && b->o->rebuilds)
		ret = bench_rebuilds_file(b, r, b->o->rebuilds, e);
	return ret ? ret : broken;
}

static int work(struct bench *b, bool todo, struct err *e)
{
	struct bench_result r = { 0 };
	int ret = bench_load(b, e);

	if (!ret)
		ret = bench_judge(b, &r, e);
	if (!ret)
		ret = todo ? bench_todo(b, e) : tell(b, &r, e);
	rebuilds_release(&r.baselines);
	free(r.row);
	return ret;
}

int main(int argc, char **argv)
{
	struct rebuild_cli cli = { 0 };
	struct bench b = { 0 };
	struct err e = ERR_INIT;
	char **words;
	int nr, ret;

	opt_defaults(opts, &cli);
	ret = opt_parse(opts, &cli, argc - 1, argv + 1, false, &words, &nr, &e);
	if (ret)
		return usage(ret < 0 ? e.msg : NULL);
	if (!nr || (strcmp(words[0], "todo") != 0 && strcmp(words[0], "judge") != 0))
		return usage("rebuild: todo or judge?");
	ret = bench_open(&b, &cli, words + 1, (size_t)nr - 1, &e);
	if (!ret)
		ret = work(&b, words[0][0] == 't', &e);
	bench_release(&b);
	opt_release(opts, &cli);
	if (ret < 0)
		fprintf(stderr, "rebuild: %s\n", e.msg);
	return ret >= 0 ? ret : ret == -EINVAL || ret == -EXDEV ? 2 : 3;
}
