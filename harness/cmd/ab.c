/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/ab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "cmd/cmd.h"
#include "cmd/course_cli.h"

/* clang-format off */
static const struct opt_desc opts[] = {
	OPT_STR(struct ab_cli, a, "a", 'a', NULL, "SIDE", "side A, the base: a kernel (Debian version in the cache, package directory, "
		"or bzImage[:MODULES]); with --kernel, settings: 'vm.swappiness=60 /sys/...=V boot:NAME=V env:NAME=V', or none"),
	OPT_STR(struct ab_cli, b, "b", 'b', NULL, "SIDE", "side B"),
	OPT_STR(struct ab_cli, kernel, "kernel", 'k', NULL, "KERNEL", "of both sides, which differ in their settings"),
	OPT_STR(struct ab_cli, suite, "suite", 0, NULL, "NAME", "list of scenarios in bench/suites"),
	OPT_STR(struct ab_cli, seeds, "seeds", 0, "1..20", "LIST", "seeds, one run a side and scenario each: 1..20 or 1,5,9"),
	OPT_STR(struct ab_cli, looks, "looks", 0, NULL, "LIST", "numbers of seeds at which the runs so far are judged (default 5,10,15,20 and "
		"the number of seeds); what is decided is run no further"),
	OPT_STR(struct ab_cli, spend, "spend", 0, NULL, "LIST", "alpha of each look (default .2 .2 .3 .3 of --alpha for four looks, else equal parts)"),
	OPT_INT(struct ab_cli, confirm, "confirm", 0, "10", 0, 1000, "fresh seeds a side on which what was found must show again; 0 = do not confirm"),
	OPT_FLOAT(struct ab_cli, confirm_alpha, "confirm-alpha", 0, "0.01", 0.0001, 0.5, "error rate of that"),
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
	printf("replayed %zu runs: %zu archives are identical to the ones before, line for line (host lines - date, host name, wall time, outcome - apart)\n",
	       c->replayed, c->identical);
	for (size_t i = 0; i < c->nr_runs; i++)
		if (c->run[i].differs)
			printf("DIFFERS: %s\n  %s\n", c->run[i].file, c->run[i].note);
}

static int report(struct ab_cli *cli, struct campaign *c, const struct course_cli *course,
		  const struct comparison *cmp, const char *command, struct err *e)
{
	const char *const commands[] = { command, NULL };
	const struct judge_job job = { .made = &course->set,
				       .history = &course->history,
				       .commands = commands };
	int ret;

	judge_cli_files(&cli->j, c->o->dir, &c->mem);
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

static int wanted_history(struct campaign *c, const struct scenario *sc, struct history_want *want,
			  struct err *e)
{
	const struct vmrun_opts vo = { .sc = sc,
				       .kernel = &c->kernel[0],
				       .exact = c->o->exact,
				       .accel = c->accel,
				       .lru = c->o->lru,
				       .cmdline = c->o->cmdline };
	char key[17];
	int ret = vmrun_machine_key(&vo, key, e);

	if (!ret)
		*want = (struct history_want){
			.scenario = sc->name,
			.hash = arena_printf(&c->mem, "%016llx", (unsigned long long)sc->hash),
			.machine_key = arena_strdup(&c->mem, key),
			.lru_mode = strcmp(c->o->lru, "default") != 0 ? c->o->lru : NULL,
		};
	return ret;
}

static bool has_runs(const struct campaign *c)
{
	for (size_t i = 0; i < c->nr_runs; i++)
		if (c->run[i].state == PLAN_DONE)
			return true;
	return false;
}

/* What was known of the noise before the first run; kept in the campaign's directory, so that later
 * runs do not change its verdict. */
static int freeze_history(struct campaign *c, const struct ab_cli *cli, struct course_cli *course,
			  struct err *e)
{
	struct history *h = &course->history;
	char *list = course_cli_history_path(c->o->dir);
	struct history_want *want = xcalloc(c->nr_sc, sizeof(*want));
	struct history_own *own = xcalloc(c->nr_runs, sizeof(*own));
	const char *where;
	int ret = 0;

	if (c->had_plan && (fs_exists(list) || has_runs(c))) {
		ret = course_cli_history(course, c->o->dir, e);
		goto out;
	}
	for (size_t i = 0; i < c->nr_sc && !ret; i++)
		ret = wanted_history(c, &c->sc[i], &want[i], e);
	if (ret)
		goto out;
	for (size_t i = 0; i < c->nr_runs; i++) {
		size_t side = c->run[i].side == 'B';

		own[i] = (struct history_own){
			.scenario = c->sc[c->run[i].scenario].name,
			.image_hash = arena_printf(&c->mem, "%016llx",
						   (unsigned long long)c->kernel[side].image_hash),
			.seed = arena_printf(&c->mem, "%llu", (unsigned long long)c->run[i].seed),
			.settings = c->o->settings[side].text,
		};
	}
	/* a store that is not there yet has no history; one that was asked for must be there */
	where = cli->j.history ? cli->j.history : fs_is_dir(c->o->store) ? c->o->store : "none";
	ret = history_collect(h, where, want, c->nr_sc, own, c->nr_runs, e);
	if (!ret)
		ret = history_write_list(h, list, e);
	if (!ret) { /* from the list in this call, too: the same words and bytes as in every later
		       one */
		history_release(h);
		ret = history_from_list(h, list, e);
	}
out:
	free(own);
	free(want);
	free(list);
	return ret;
}

static const char *doing(struct campaign *c, const struct course_next *next)
{
	size_t stage = next->v[0].stage;

	if (stage == COURSE_FRESH)
		return "confirming";
	return arena_printf(&c->mem, "look %zu (n = %zu)", stage, c->o->rules.n[stage - 1]);
}

/* Runs and looks in turn, until nothing more is needed. @cmp is the caller's when 0 is returned. */
static int take_course(struct campaign *c, struct course_cli *course, struct comparison *cmp,
		       struct err *e)
{
	for (;;) {
		struct course_next next;
		int ret = 0;

		for (size_t i = 0; i < c->nr_runs && !ret; i++)
			if (c->run[i].state == PLAN_DONE)
				ret = course_cli_made(course, i, c->run[i].file, e);
		if (ret)
			return ret;
		ret = course_cli_judge(course, cmp, &next, e);
		if ((ret && ret != -ENODATA) || !next.nr) {
			free(next.v);
			return ret;
		}
		if (!ret)
			comparison_release(cmp);
		c->doing = doing(c, &next);
		for (size_t i = 0; i < next.nr; i++)
			campaign_want(c, next.v[i].scenario, next.v[i].stage);
		free(next.v);
		*e = (struct err)ERR_INIT; /* what cannot be judged yet is no error */
		ret = campaign_run(c, e);
		if (ret)
			return ret;
	}
}

static int run_and_judge(struct ab_cli *cli, struct campaign *c, const char *command, struct err *e)
{
	struct course_cli course = { 0 };
	struct comparison cmp;
	int ret;

	course_cli_init(&course, &c->o->rules, &cli->j);
	for (size_t i = 0; i < c->nr_runs; i++)
		course_cli_plan(&course, c->sc[c->run[i].scenario].name, c->run[i].side,
				c->run[i].stage);
	ret = freeze_history(c, cli, &course, e);
	if (!ret && cli->replay) {
		c->doing = "replay";
		campaign_want_again(c);
		ret = campaign_run(c, e);
	}
	if (!ret)
		ret = take_course(c, &course, &cmp, e);
	if (!ret) {
		ret = report(cli, c, &course, &cmp, command, e);
		comparison_release(&cmp);
	}
	course_cli_release(&course);
	return ret;
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
		ret = ab_options(&c, argc, argv, &mem, &o, e);
	if (ret)
		goto out;
	ret = campaign_open(&camp, &o, e);
	if (!ret)
		ret = machine_accel(&c.m, &camp.kernel[0], &camp.accel, e);
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
