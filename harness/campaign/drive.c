/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "campaign/drive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "campaign/baselines.h"

static void course_init(struct campaign_course *c, const struct campaign_rules *rules, bool force)
{
	c->plan = rules->looks;
	cmp_opts_init(&c->opts);
	c->opts.alpha = rules->alpha;
	c->opts.permutations = rules->permutations;
	c->opts.seed = rules->judge_seed;
	c->opts.fine = rules->fine;
	c->opts.fine_mde = rules->fine_mde;
	c->opts.force = force;
}

static void course_add(struct campaign_course *c, const char *scenario, enum side side,
		       size_t stage)
{
	ARRAY_GROW(c->run, c->nr, c->cap);
	c->run[c->nr++] = (struct course_run){ .scenario = scenario, .side = side, .stage = stage };
}

static int course_made(struct campaign_course *c, size_t i, const char *file, struct err *e)
{
	int ret;

	if (c->run[i].facts)
		return 0;
	ret = factset_add(&c->set, file, FACTS_SAVE, e);
	if (!ret)
		c->run[i].facts = c->set.v[c->set.nr - 1];
	return ret;
}

static char *history_path(const char *dir)
{
	return xasprintf("%s/history", dir);
}

static int frozen_history(struct campaign_course *c, const char *dir, struct err *e)
{
	char *list = history_path(dir);
	int ret;

	if (fs_exists(list))
		ret = history_from_list(&c->history, list, e);
	else
		ret = err_set(
			e, -ENOENT,
			"%s: the list of earlier runs that the campaign was planned with is gone, so the campaign cannot "
			"be judged; compare the directories of its runs instead",
			list);
	free(list);
	return ret;
}

/* Takes the floors that were known when the campaign was planned; older campaigns have no file. */
static int frozen_rebuilds(struct campaign_course *c, const char *dir, struct err *e)
{
	char *file = baselines_path(dir);
	int ret = fs_exists(file) ? baselines_from_file(&c->rebuilds, file, e) : 0;

	free(file);
	return ret;
}

/* Puts the runs in the order of the plan, however often the campaign was interrupted: reports list
 * them in this order. */
static void plan_order(struct campaign_course *c)
{
	size_t at = 0;

	for (size_t i = 0; i < c->nr; i++) {
		for (size_t k = at; k < c->set.nr && c->run[i].facts; k++) {
			struct run_facts *found = c->set.v[k];

			if (found != c->run[i].facts)
				continue;
			c->set.v[k] = c->set.v[at];
			c->set.v[at++] = found;
			break;
		}
	}
}

static int course_now(struct campaign_course *c, struct comparison *out, struct course_next *next,
		      struct err *e)
{
	plan_order(c);
	history_use(&c->history, &c->opts);
	c->opts.rebuilds = &c->rebuilds;
	return course_judge(&c->plan, c->run, c->nr, &c->opts, out, next, e);
}

void campaign_course_release(struct campaign_course *c)
{
	history_release(&c->history);
	rebuilds_release(&c->rebuilds);
	factset_release(&c->set);
	free(c->run);
	campaign_file_release(&c->file);
	memset(c, 0, sizeof(*c));
}

/* ---------------------------------------------------------------- runs that are there */

/* Checks that the archive at a path of the plan is the planned run, as far as its header says
 * so. */
static int check_run(const struct run_facts *f, const struct campaign_file_run *run,
		     const struct campaign_file_side *planned, struct err *e)
{
	const char *image = facts_get(f, "kernel.image_hash"),
		   *settings = facts_get(f, "side.settings");

	const char *scenario = f->scenario, *seed = f->seed, *side = facts_get(f, "run.side");

	if (scenario && strcmp(scenario, run->scenario) != 0)
		return err_set(e, -EINVAL, "%s: a run of %s, but the plan has %s there", run->file,
			       scenario, run->scenario);
	if (seed && strtoull(seed, NULL, 10) != run->seed)
		return err_set(e, -EINVAL, "%s: a run of seed %s, but the plan has seed %llu there",
			       run->file, seed, (unsigned long long)run->seed);
	if (side && *side && *side != side_letter(run->side))
		return err_set(e, -EINVAL, "%s: a run of side %s, but the plan has side %c there",
			       run->file, side, side_letter(run->side));
	if (image && planned->image_hash && strcmp(image, planned->image_hash) != 0)
		return err_set(e, -EINVAL,
			       "%s: a run of the kernel image %s, but the plan has %s on side %c",
			       run->file, image, planned->image_hash, side_letter(run->side));
	if (image && planned->settings && strcmp(settings ? settings : "", planned->settings) != 0)
		return err_set(e, -EINVAL,
			       "%s: a run with the settings '%s', but the plan has '%s' on side %c",
			       run->file, settings ? settings : "none",
			       *planned->settings ? planned->settings : "none",
			       side_letter(run->side));
	return 0;
}

static int load(struct campaign_course *c, const char *dir, struct err *e)
{
	const struct campaign_file *f = &c->file;
	char *history = history_path(dir);
	bool made = false;
	int ret = 0;

	for (size_t i = 0; i < f->nr_runs && !ret; i++) {
		course_add(c, f->run[i].scenario, f->run[i].side, f->run[i].stage);
		if (fs_exists(f->run[i].file))
			ret = course_made(c, i, f->run[i].file, e);
		/* the run is not finished, or the host was to blame: it is made again */
		if (!ret && c->run[i].facts && !c->run[i].facts->final)
			c->run[i].facts = NULL;
		if (!ret && c->run[i].facts)
			ret = check_run(c->run[i].facts, &f->run[i], &f->side[f->run[i].side], e);
		made |= !!c->run[i].facts;
	}
	if (!ret && (made || fs_exists(history)))
		ret = frozen_history(c, dir, e);
	if (!ret)
		ret = frozen_rebuilds(c, dir, e);
	free(history);
	return ret;
}

int campaign_judge_dir(const char *dir, const struct cmp_opts *opts,
		       int (*check)(const struct campaign_rules *rules, const void *ctx,
				    struct err *e),
		       const void *ctx, struct campaign_course *c, struct comparison *cmp,
		       struct err *e)
{
	struct course_next next = { 0 };
	int ret = campaign_file_load(&c->file, dir, e);

	if (!ret && check)
		ret = check(&c->file.rules, ctx, e);
	if (ret)
		return ret;
	course_init(c, &c->file.rules, opts->force);
	ret = load(c, dir, e);
	if (!ret)
		ret = course_now(c, cmp, &next, e);
	free(next.v);
	return ret;
}

/* ---------------------------------------------------------------- runs still to be made */

static int wanted_history(struct campaign *c, const struct scenario *sc, struct history_want *want,
			  struct err *e)
{
	const struct target *t = c->o->target;
	const struct run_spec s = {
		.sc = sc, .kernel = &c->kernel[0], .machine = c->o->machine, .side = ""
	};
	char key[17];
	int ret = t->ops->key(t, &s, key, e);

	if (!ret)
		*want = (struct history_want){
			.scenario = sc->name,
			.hash = arena_printf(&c->mem, "%016llx", (unsigned long long)sc->hash),
			.machine_key = arena_strdup(&c->mem, key),
			/* 0 = whatever the kernel boots with */
			.lru_mode = c->o->machine->lru ? lru_names[c->o->machine->lru] : NULL,
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

/* Collects what was known of the noise before the first run and keeps it in the campaign's
 * directory, so that later runs do not change the campaign's verdict. */
static int freeze_history(struct campaign *c, const char *from, struct campaign_course *course,
			  struct err *e)
{
	struct history *h = &course->history;
	char *list = history_path(c->o->dir);
	struct history_want *want = xcalloc(c->nr_sc, sizeof(*want));
	struct history_own *own = xcalloc(c->nr_runs, sizeof(*own));
	const char *where;
	int ret = 0;

	if (c->had_plan && (fs_exists(list) || has_runs(c))) {
		ret = frozen_history(course, c->o->dir, e);
		goto out;
	}
	for (size_t i = 0; i < c->nr_sc && !ret; i++)
		ret = wanted_history(c, &c->sc[i], &want[i], e);
	if (ret)
		goto out;
	for (size_t i = 0; i < c->nr_runs; i++) {
		enum side side = c->run[i].side;

		own[i] = (struct history_own){
			.scenario = c->sc[c->run[i].scenario].name,
			.image_hash = arena_printf(&c->mem, "%016llx",
						   (unsigned long long)c->kernel[side].image_hash),
			.seed = arena_printf(&c->mem, "%llu", (unsigned long long)c->run[i].seed),
			.settings = c->o->settings[side].text,
		};
	}
	/* a default store that does not exist yet has no history; a store that the user named must
	 * exist */
	where = from ? from : fs_is_dir(c->o->store) ? c->o->store : "none";
	ret = history_collect(h, where, want, c->nr_sc, own, c->nr_runs, e);
	if (!ret)
		ret = history_write_list(h, list, e);
	/* this call reads the list, too, so that its output is the same as that of every later
	 * call */
	if (!ret) {
		history_release(h);
		ret = history_from_list(h, list, e);
	}
out:
	free(own);
	free(want);
	free(list);
	return ret;
}

/*
 * The same for what rebuilding does to the metrics: later files do not change the verdict. One
 * image on both sides needs none.
 */
static int freeze_rebuilds(struct campaign *c, const char *from, struct campaign_course *course,
			   struct err *e)
{
	struct history_want *want = xcalloc(c->nr_sc, sizeof(*want));
	struct rebuilds all = { .v = NULL }, ours = { .v = NULL };
	char *file = baselines_path(c->o->dir);
	int ret = 0;

	for (size_t i = 0; i < c->nr_sc && !ret; i++)
		ret = wanted_history(c, &c->sc[i], &want[i], e);
	if (!ret && !(c->had_plan && (fs_exists(file) || has_runs(c)))) {
		if (c->kernel[SIDE_A].image_hash != c->kernel[SIDE_B].image_hash)
			ret = baselines_collect(&all, from, c->o->store, e);
		baselines_pick(&ours, &all, want, c->nr_sc);
		if (!ret)
			ret = baselines_write(&ours, file, e);
	}
	if (!ret)
		ret = frozen_rebuilds(course, c->o->dir, e);
	rebuilds_release(&ours);
	rebuilds_release(&all);
	free(file);
	free(want);
	return ret;
}

static const char *doing(struct campaign *c, const struct course_next *next)
{
	size_t stage = next->v[0].stage;

	if (stage == COURSE_FRESH)
		return "confirming";
	return arena_printf(&c->mem, "look %zu (n = %zu)", stage, c->o->rules.looks.n[stage - 1]);
}

/* Makes runs and takes looks in turn, until nothing more is needed. The caller releases @cmp when 0
 * is returned. */
static int take_course(struct campaign *c, struct campaign_course *course, struct comparison *cmp,
		       struct err *e)
{
	for (;;) {
		struct course_next next;
		int ret = 0;

		for (size_t i = 0; i < c->nr_runs && !ret; i++)
			if (c->run[i].state == PLAN_DONE)
				ret = course_made(course, i, c->run[i].file, e);
		if (ret)
			return ret;
		ret = course_now(course, cmp, &next, e);
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
		*e = (struct err)ERR_INIT; /* it is no error that nothing can be judged yet */
		ret = campaign_run(c, e);
		if (ret)
			return ret;
	}
}

int campaign_drive(struct campaign *c, const char *history, const char *baselines, bool again,
		   struct campaign_course *course, struct comparison *cmp, struct err *e)
{
	int ret;

	course_init(course, &c->o->rules, c->o->force);
	for (size_t i = 0; i < c->nr_runs; i++)
		course_add(course, c->sc[c->run[i].scenario].name, c->run[i].side, c->run[i].stage);
	ret = freeze_history(c, history, course, e);
	if (!ret)
		ret = freeze_rebuilds(c, baselines, course, e);
	if (!ret && again) {
		c->doing = "replay";
		campaign_want_again(c);
		ret = campaign_run(c, e);
	}
	return ret ? ret : take_course(c, course, cmp, e);
}
