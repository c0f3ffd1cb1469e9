/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/course_cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "cmd/cmd.h"

_Static_assert(CAMPAIGN_LOOKS_MAX == CMP_LOOKS_MAX && CAMPAIGN_FRESH == COURSE_FRESH,
	       "plan and judge count looks alike");

void course_cli_init(struct course_cli *c, const struct campaign_rules *rules,
		     const struct judge_cli *j)
{
	c->plan = (struct cmp_course){ .nr_looks = rules->nr_looks,
				       .confirm_n = rules->confirm_n,
				       .confirm_alpha = rules->confirm_alpha };
	memcpy(c->plan.n, rules->n, sizeof(c->plan.n));
	memcpy(c->plan.spend, rules->spend, sizeof(c->plan.spend));
	judge_cli_opts(j, NULL, &c->opts);
	c->opts.alpha = rules->alpha;
	c->opts.permutations = rules->permutations;
	c->opts.seed = rules->judge_seed;
}

void course_cli_plan(struct course_cli *c, const char *scenario, char side, size_t stage)
{
	ARRAY_GROW(c->run, c->nr, c->cap);
	c->run[c->nr++] = (struct course_run){ .scenario = scenario, .side = side, .stage = stage };
}

int course_cli_made(struct course_cli *c, size_t i, const char *file, struct err *e)
{
	int ret;

	if (c->run[i].a)
		return 0;
	ret = runset_add(&c->set, file, e);
	if (!ret)
		c->run[i].a = c->set.v[c->set.nr - 1];
	return ret;
}

char *course_cli_history_path(const char *dir)
{
	return xasprintf("%s/history", dir);
}

int course_cli_history(struct course_cli *c, const char *dir, struct err *e)
{
	char *list = course_cli_history_path(dir);
	int ret;

	if (fs_exists(list))
		ret = history_from_list(&c->history, list, e);
	else
		ret = err_set(
			e, -ENOENT,
			"%s: the list of earlier runs that the campaign was planned with is gone, and its verdict with it; "
			"compare the directories of its runs instead",
			list);
	free(list);
	return ret;
}

/* Archives in the order of the plan, however often the campaign was interrupted: reports list them.
 */
static void plan_order(struct course_cli *c)
{
	size_t at = 0;

	for (size_t i = 0; i < c->nr; i++) {
		for (size_t k = at; k < c->set.nr && c->run[i].a; k++) {
			struct archive *found = c->set.v[k];

			if (found != c->run[i].a)
				continue;
			c->set.v[k] = c->set.v[at];
			c->set.v[at++] = found;
			break;
		}
	}
}

int course_cli_judge(struct course_cli *c, struct comparison *out, struct course_next *next,
		     struct err *e)
{
	plan_order(c);
	history_use(&c->history, &c->opts);
	return course_judge(&c->plan, c->run, c->nr, &c->opts, out, next, e);
}

void course_cli_release(struct course_cli *c)
{
	history_release(&c->history);
	runset_release(&c->set);
	free(c->run);
	campaign_file_release(&c->file);
	memset(c, 0, sizeof(*c));
}

/* A rule of the command line that is not the plan's would be a promise made after the fact. */
static int check_rules(const struct judge_cli *j, const struct campaign_rules *rules,
		       const char *dir, struct err *e)
{
	if ((uint64_t)j->permutations != rules->permutations &&
	    j->permutations != JUDGE_CLI_PERMUTATIONS)
		return err_set(e, -EINVAL, "--permutations %lld: %s was planned with %llu",
			       (long long)j->permutations, dir,
			       (unsigned long long)rules->permutations);
	if ((uint64_t)j->seed != rules->judge_seed && j->seed != JUDGE_CLI_SEED)
		return err_set(e, -EINVAL, "--judge-seed %lld: %s was planned with %llu",
			       (long long)j->seed, dir, (unsigned long long)rules->judge_seed);
	if (j->alpha == rules->alpha || j->alpha == JUDGE_CLI_ALPHA)
		return 0;
	return err_set(
		e, -EINVAL,
		"--alpha %g: %s was planned with %g, and its looks are made; compare the directories of its runs instead",
		j->alpha, dir, rules->alpha);
}

/* The archive in the plan's place is that run, as far as it says what it is. */
static int check_archive(const struct archive *a, const struct campaign_file_run *run,
			 struct err *e)
{
	const char *scenario = archive_get(a, "scenario.name"), *seed = archive_get(a, "run.seed"),
		   *side = archive_get(a, "run.side");

	if (scenario && strcmp(scenario, run->scenario) != 0)
		return err_set(e, -EINVAL, "%s: a run of %s, but the plan has %s there", run->file,
			       scenario, run->scenario);
	if (seed && strtoull(seed, NULL, 10) != run->seed)
		return err_set(e, -EINVAL, "%s: a run of seed %s, but the plan has seed %llu there",
			       run->file, seed, (unsigned long long)run->seed);
	if (side && *side && *side != run->side)
		return err_set(e, -EINVAL, "%s: a run of side %s, but the plan has side %c there",
			       run->file, side, run->side);
	return 0;
}

static int load(struct course_cli *c, const char *dir, struct err *e)
{
	const struct campaign_file *f = &c->file;
	char *history = course_cli_history_path(dir);
	bool made = false;
	int ret = 0;

	for (size_t i = 0; i < f->nr_runs && !ret; i++) {
		course_cli_plan(c, f->run[i].scenario, f->run[i].side, f->run[i].stage);
		if (fs_exists(f->run[i].file))
			ret = course_cli_made(c, i, f->run[i].file, e);
		if (!ret && c->run[i].a && !campaign_is_over(c->run[i].a))
			c->run[i].a =
				NULL; /* under way, or the host's trouble: it will be made again */
		if (!ret && c->run[i].a)
			ret = check_archive(c->run[i].a, &f->run[i], e);
		made |= !!c->run[i].a;
	}
	if (!ret && (made || fs_exists(history)))
		ret = course_cli_history(c, dir, e);
	free(history);
	return ret;
}

static int judge_dir(struct course_cli *c, const char *dir, const struct judge_cli *j,
		     struct comparison *out, struct err *e)
{
	struct course_next next = { 0 };
	int ret;

	memset(c, 0, sizeof(*c));
	ret = campaign_file_load(&c->file, dir, e);
	if (!ret)
		ret = check_rules(j, &c->file.rules, dir, e);
	if (ret)
		return ret;
	course_cli_init(c, &c->file.rules, j);
	ret = load(c, dir, e);
	if (!ret)
		ret = course_cli_judge(c, out, &next, e);
	free(next.v);
	return ret;
}

int course_cli_report_dir(const char *dir, const struct judge_cli *j, const char *const *commands,
			  struct err *e)
{
	struct course_cli c;
	struct comparison cmp;
	int ret = judge_dir(&c, dir, j, &cmp, e);

	if (!ret) {
		ret = report_comparison(j,
					&(struct judge_job){ .made = &c.set,
							     .history = &c.history,
							     .commands = commands },
					&cmp, e);
		comparison_release(&cmp);
	}
	course_cli_release(&c);
	if (ret ==
	    -ENODATA) { /* no runs of both sides yet: as of any campaign that is not finished */
		fprintf(stderr, "wmark: %s: %s\n", dir, e->msg);
		ret = EXIT_SKIP;
	}
	return ret;
}
