/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/ab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "cmd/accel.h"
#include "cmd/cmd.h"
#include "campaign/drive.h"

/* clang-format off */
static const struct opt_desc opts[] = {
	OPT_STR(struct ab_cli, a, "a", 'a', NULL, "SIDE",
		"side A, the base: a kernel (Debian version in the cache, package directory, "
		"or bzImage[:MODULES]); with --kernel, settings: 'vm.swappiness=60 /sys/...=V "
		"boot:NAME=V env:NAME=V', or none"),
	OPT_STR(struct ab_cli, b, "b", 'b', NULL, "SIDE", "side B"),
	OPT_STR(struct ab_cli, kernel, "kernel", 'k', NULL, "KERNEL",
		"kernel of both sides, which then differ in their settings (not with --target "
		"host, which uses the running kernel)"),
	OPT_STR(struct ab_cli, suite, "suite", 0, NULL, "NAME", "list of scenarios in bench/suites"),
	OPT_STR(struct ab_cli, seeds, "seeds", 0, "1..20", "LIST",
		"seeds, with one run per side and scenario for each: 1..20 or 1,5,9"),
	OPT_STR(struct ab_cli, looks, "looks", 0, NULL, "LIST",
		"numbers of seeds after which the runs so far are judged (default 5,10,15,20 "
		"and the number of seeds); a scenario that is decided is not run further"),
	OPT_STR(struct ab_cli, spend, "spend", 0, NULL, "LIST",
		"error rate (alpha) spent at each look (default .2 .2 .3 .3 of --alpha for four "
		"looks, else equal parts)"),
	OPT_INT(struct ab_cli, confirm, "confirm", 0, "10", 0, 1000,
		"fresh seeds per side on which a finding must show again; 0 = do not confirm"),
	OPT_FLOAT(struct ab_cli, confirm_alpha, "confirm-alpha", 0, "0.01", 0.0001, 0.5,
		"error rate of the confirmation"),
	OPT_INT(struct ab_cli, jobs, "jobs", 'j', "0", 0, 64, "machines at a time; 0 = one per CPU"),
	OPT_STR(struct ab_cli, name, "name", 0, NULL, "NAME",
		"name of the campaign (default A-vs-B-SUITE)"),
	OPT_STR(struct ab_cli, out, "out", 0, NULL, "DIR",
		"directory of plan and reports (default STORE/campaigns/NAME)"),
	OPT_YES(struct ab_cli, replay, "replay", 0, NULL,
		"run finished runs again and compare every line (exact target)"),
	OPT_YES(struct ab_cli, fresh, "fresh", 0, NULL,
		"replace the plan of another campaign that is in the way"),
	MACHINE_OPTS(struct ab_cli, m)
	HOST_OPTS(struct ab_cli, h)
	JUDGE_CLI_OPTS(struct ab_cli, j),
	OPT_END
};
/* clang-format on */

/* The command line that leads to the same runs */
static char *reproduce(int argc, char **argv)
{
	struct buf b = BUF_INIT;

	buf_addstr(&b, "wmark ab");
	for (int i = 0; i < argc; i++) {
		buf_addc(&b, ' ');
		buf_add_quoted(&b, argv[i]);
	}
	return buf_detach(&b);
}

static void say_replay(const struct campaign *c)
{
	printf("replayed %zu runs: %zu archives are identical to the ones before, line for line (except host lines: date, host name, wall time, outcome)\n",
	       c->replayed, c->identical);
	for (size_t i = 0; i < c->nr_runs; i++)
		if (c->run[i].differs)
			printf("DIFFERS: %s\n  %s\n", c->run[i].file, c->run[i].note);
}

static int report(struct ab_cli *cli, struct campaign *c, const struct campaign_course *course,
		  const struct comparison *cmp, const char *command, struct err *e)
{
	const char *const commands[] = { command, NULL };
	const struct judge_job job = { .made = &course->set,
				       .history = &course->history,
				       .commands = commands };
	int ret;

	ret = report_comparison(&cli->j, &job, cmp, e);
	if (ret >= 0) {
		if (c->replayed)
			say_replay(c);
		printf("\n%zu runs took %d min %02d s\n", c->nr_run_now, (int)c->took_s / 60,
		       (int)c->took_s % 60);
		/* the page, first of the formats, is printed last */
		for (size_t i = NR_REPORT_FORMATS; i--;)
			if (cli->j.file[i])
				puts(cli->j.file[i]);
		if (c->identical < c->replayed)
			ret = err_set(
				e, -EIO,
				"%zu of %zu replayed runs differ: the exact target did not keep its promise here",
				c->replayed - c->identical, c->replayed);
	}
	return ret;
}

static int run_and_judge(struct ab_cli *cli, struct campaign *c, const char *command, struct err *e)
{
	struct campaign_course course = { 0 };
	struct comparison cmp;
	int ret =
		campaign_drive(c, cli->j.history, cli->j.baselines, cli->replay, &course, &cmp, e);

	if (!ret) {
		ret = report(cli, c, &course, &cmp, command, e);
		comparison_release(&cmp);
	}
	campaign_course_release(&course);
	return ret;
}

static int ab_run(int argc, char **argv, struct err *e)
{
	char *command = reproduce(argc, argv);
	struct ab_cli c = { 0 };
	struct arena mem = ARENA_INIT;
	struct campaign_opts o;
	struct target target;
	struct campaign camp;
	int ret = cmd_options(&cmd_ab, &c, &argc, &argv, false, e);

	target = target_of(&c.m, &c.h);
	if (!ret)
		ret = ab_options(&c, &target, argc, argv, &mem, &o, e);
	if (!ret) {
		judge_cli_files(&c.j, o.dir, &mem);
		ret = judge_cli_check(&c.j, e);
	}
	if (ret)
		goto out;
	ret = campaign_open(&camp, &o, e);
	if (!ret)
		ret = settle_accel(&c.m, &camp.kernel[0], &target, e);
	if (!ret)
		ret = campaign_plan(&camp, e);
	if (!ret && camp.replaced)
		fprintf(stderr,
			"wmark: the runs of %s were made by another wmark build, kernel, emulator, scenario or plan: starting afresh\n",
			o.name);
	if (!ret)
		ret = run_and_judge(&c, &camp, command, e);
	campaign_release(&camp);
out:
	free(command);
	arena_release(&mem);
	opt_release(opts, &c);
	return ret;
}

const struct command cmd_ab = {
	"ab", ab_run, opts, "[SCENARIO...]",
	"Run a campaign of two kernels or settings, interleaved, and judge it"
};
