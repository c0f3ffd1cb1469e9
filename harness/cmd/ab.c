/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "cmd/cmd.h"
#include "cmd/judge_cli.h"
#include "cmd/machine_cli.h"
#include "run/campaign.h"

struct ab_cli {
	struct machine_cli m;
	struct judge_cli j;
	const char *a, *b, *suite, *seeds, *out, *name;
	int64_t jobs;
	bool replay, fresh;
};

/* clang-format off */
static const struct opt_desc opts[] = {
	OPT_STR(struct ab_cli, a, "a", 'a', NULL, "KERNEL", "side A, the base: Debian version in the cache, package directory, or bzImage[:MODULES]"),
	OPT_STR(struct ab_cli, b, "b", 'b', NULL, "KERNEL", "side B"),
	OPT_STR(struct ab_cli, suite, "suite", 0, NULL, "NAME", "list of scenarios in bench/suites"),
	OPT_STR(struct ab_cli, seeds, "seeds", 0, "1..4", "LIST", "seeds, one run a side and scenario each: 1..4 or 1,5,9"),
	OPT_INT(struct ab_cli, jobs, "jobs", 'j', "0", 0, 64, "machines at a time; 0 = one a CPU"),
	OPT_STR(struct ab_cli, name, "name", 0, NULL, "NAME", "of the campaign (default A-vs-B-SUITE)"),
	OPT_STR(struct ab_cli, out, "out", 0, NULL, "DIR", "plan and reports (default STORE/campaigns/NAME)"),
	OPT_YES(struct ab_cli, replay, "replay", 0, NULL, "run finished runs again and compare every line (exact target)"),
	OPT_YES(struct ab_cli, fresh, "fresh", 0, NULL, "replace the plan of another campaign that is in the way"),
	MACHINE_CLI_OPTS(struct ab_cli, m),
	JUDGE_CLI_OPTS(struct ab_cli, j),
	OPT_END
};
/* clang-format on */

static int check(const struct ab_cli *c, int argc, struct err *e)
{
	if (!c->a || !c->b)
		return err_set(e, -EINVAL, "ab: --a KERNEL and --b KERNEL are needed (wmark list kernels)");
	if (!c->suite && !argc)
		return err_set(e, -EINVAL, "ab: --suite NAME or the names of scenarios are needed");
	if (c->suite && argc)
		return err_set(e, -EINVAL, "ab: --suite, or the names of scenarios; not both");
	if (c->m.target == TARGET_HOST)
		return err_set(e, -EINVAL, "ab: a host cannot change its own kernel between runs; use the exact or vm target, or record runs and compare them");
	if (c->replay && c->m.target != TARGET_EXACT)
		return err_set(e, -EINVAL, "ab: --replay needs the exact target: other runs differ from each other");
	return 0;
}

static const char *base_name(const char *spec)
{
	const char *slash = strrchr(spec, '/');

	return slash && slash[1] ? slash + 1 : spec;
}

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

static int load_sides(const struct campaign *c, struct runset *a, struct runset *b, struct err *e)
{
	int ret = 0;

	for (size_t i = 0; i < c->nr_runs && !ret; i++)
		if (c->run[i].state == PLAN_DONE)
			ret = runset_add(c->run[i].side == 'A' ? a : b, c->run[i].file, e);
	return ret;
}

static void say_replay(const struct campaign *c)
{
	printf("replayed %zu runs: %zu archives are identical to the ones before, line for line (host lines - date, host name, wall time, outcome - apart)\n",
	       c->replayed, c->identical);
	for (size_t i = 0; i < c->nr_runs; i++)
		if (c->run[i].differs)
			printf("DIFFERS: %s\n  %s\n", c->run[i].file, c->run[i].note);
}

static int report(struct ab_cli *cli, struct campaign *c, const char *dir, const char *command, struct err *e)
{
	char *html = xasprintf("%s/report.html", dir), *csv = xasprintf("%s/report.csv", dir), *json = xasprintf("%s/report.json", dir);
	const char *const commands[] = { command, NULL };
	struct runset a = { 0 }, b = { 0 };
	int ret = load_sides(c, &a, &b, e);

	if (!cli->j.html)
		cli->j.html = html;
	if (!cli->j.csv)
		cli->j.csv = csv;
	if (!cli->j.json)
		cli->j.json = json;
	if (!ret)
		ret = judge_and_report(&cli->j, &a, &b, commands, e);
	if (ret >= 0) {
		if (c->replayed)
			say_replay(c);
		printf("\n%zu runs took %d min %02d s\n%s\n%s\n%s\n", c->nr_run_now, (int)c->took_s / 60, (int)c->took_s % 60, cli->j.json, cli->j.csv, cli->j.html);
		if (c->identical < c->replayed)
			ret = err_set(e, -EIO, "%zu of %zu replayed runs differ: the exact target did not keep its promise here", c->replayed - c->identical,
				      c->replayed);
	}
	runset_release(&a);
	runset_release(&b);
	free(html);
	free(csv);
	free(json);
	return ret;
}

static int options_to_campaign(struct ab_cli *c, int argc, char **argv, struct arena *mem, struct campaign_opts *o, struct err *e)
{
	uint64_t *seeds;
	int ret = 0;

	*o = (struct campaign_opts){
		.a = c->a, .b = c->b, .exact = c->m.target == TARGET_EXACT, .lru = lru_names[c->m.lru], .cmdline = c->m.cmdline,
		.jobs = c->jobs ? (unsigned)c->jobs : (unsigned)sysconf(_SC_NPROCESSORS_ONLN), .store = machine_store(&c->m),
		.replay = c->replay, .fresh = c->fresh, .limit_ns = c->m.limit_ns, .hang_ns = c->m.hang_ns, .progress = stderr, .stop = cmd_stop_flag(),
	};
	o->overrides = machine_overrides(&c->m, mem, &o->nr_overrides);
	if (c->suite)
		ret = suite_load(c->suite, mem, (const char ***)&o->scenarios, &o->nr_scenarios, e);
	else
		*(const char *const **)&o->scenarios = (const char *const *)argv, o->nr_scenarios = (size_t)argc;
	if (!ret)
		ret = campaign_seeds(c->seeds, mem, &seeds, &o->nr_seeds, e);
	if (ret)
		return ret;
	o->seeds = seeds;
	o->name = c->name ? c->name
			  : arena_printf(mem, "%s-vs-%s-%s", base_name(c->a), base_name(c->b), c->suite ? base_name(c->suite) : "runs");
	o->dir = c->out ? c->out : arena_printf(mem, "%s/campaigns/%s", o->store, o->name);
	return 0;
}

static int ab_run(int argc, char **argv, struct err *e)
{
	char *command = reproduce(argc, argv);
	struct ab_cli c = { 0 };
	struct arena mem = ARENA_INIT;
	struct campaign_opts o;
	struct campaign camp;
	int ret = cmd_options(&cmd_ab, &c, &argc, &argv, false, e);

	if (!ret)
		ret = check(&c, argc, e);
	if (!ret)
		ret = options_to_campaign(&c, argc, argv, &mem, &o, e);
	if (ret)
		goto out;
	ret = campaign_open(&camp, &o, e);
	if (!ret)
		ret = machine_accel(&c.m, &camp.kernel[0], &camp.accel, e);
	if (!ret)
		ret = campaign_plan(&camp, e);
	if (!ret && camp.replaced)
		fprintf(stderr, "wmark: the runs of %s were made by another wmark build, kernel, emulator or scenario: starting afresh\n", o.name);
	if (!ret)
		ret = campaign_run(&camp, e);
	if (!ret)
		ret = report(&c, &camp, o.dir, command, e);
	campaign_release(&camp);
out:
	free(command);
	arena_release(&mem);
	opt_release(opts, &c);
	return ret;
}

const struct command cmd_ab = { "ab", ab_run, opts, "[SCENARIO...]", "Run a campaign of two kernels, interleaved, and judge it" };
