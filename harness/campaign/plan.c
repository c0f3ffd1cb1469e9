/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes the plan file: which runs belong to a campaign, in which order, under which names. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/rng.h"
#include "archive/outline.h"
#include "archive/store.h"
#include "campaign/campaign.h"
#include "campaign/file.h"
#include "judge/facts_file.h"
#include "judge/factset.h"
#include "metric/metric.h"

/* the limit of a run's --seed; the numbers above it are left for fresh seeds */
#define SEED_MAX 9000000000000000u

int campaign_seeds(const char *text, struct arena *mem, uint64_t **seeds, size_t *nr, struct err *e)
{
	char *copy = arena_strdup(mem, text), *save = NULL;
	uint64_t *v = NULL;

	*nr = 0;
	for (char *word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		char *dots = strstr(word, "..");
		uint64_t from, to;
		uint64_t *more;

		if (dots)
			*dots = '\0';
		if (opt_parse_u64(word, &from, NULL) ||
		    opt_parse_u64(dots ? dots + 2 : word, &to, NULL) || to < from ||
		    to - from >= 10000 || to > SEED_MAX)
			return err_set(e, -EINVAL, "'%s': not a list of seeds (like 1..4 or 1,5,9)",
				       text);
		more = arena_alloc(mem, (*nr + (size_t)(to - from) + 1) * sizeof(*v));
		if (*nr)
			memcpy(more, v, *nr * sizeof(*v));
		v = more;
		for (uint64_t s = from; s <= to; s++) {
			for (size_t i = 0; i < *nr; i++)
				if (v[i] == s)
					return err_set(
						e, -EINVAL,
						"'%s': seed %llu twice: it would be the same run",
						text, (unsigned long long)s);
			v[(*nr)++] = s;
		}
	}
	*seeds = v;
	return *nr ? 0 : err_set(e, -EINVAL, "'%s': no seeds", text);
}

struct run_spec campaign_spec(const struct campaign *c, const struct plan_run *r)
{
	return (struct run_spec){
		.sc = &c->sc[r->scenario],
		.kernel = &c->kernel[r->side],
		.seed = r->seed,
		.machine = c->o->machine,
		.settings = &c->o->settings[r->side],
		.side = r->side == SIDE_A ? "A" : "B",
		.order = r->order,
	};
}

static const char *run_file(struct campaign *c, const struct plan_run *r, uint64_t head,
			    struct err *e)
{
	const struct campaign_opts *o = c->o;
	const struct run_spec s = campaign_spec(c, r);
	struct buf machine = BUF_INIT;
	const char *out = NULL;
	char *run, *path;

	if (o->target->ops->place(o->target, &s, &machine, e))
		goto out;
	/* the name holds a hash of the head: campaigns with one name but different rules never
	 * share files (for different seeds see check_free()) */
	run = xasprintf("%s-%08x-%c-s%llu", o->name, (unsigned)(head ^ head >> 32),
			side_letter(r->side), (unsigned long long)r->seed);
	path = store_path(o->store, machine.data, c->sc[r->scenario].name,
			  c->kernel[r->side].release, run, e);
	if (path)
		out = arena_strdup(&c->mem, path);
	free(path);
	free(run);
out:
	buf_release(&machine);
	return out;
}

/*
 * Blocks of two seeds: A B B A or B A A B for each scenario, scenarios shuffled and the start drawn
 * by the first seed of the block, so that a slow drift of the machine falls on A and B alike (an
 * odd number of seeds ends in A B or B A; harness/man/judging.md, step 2).
 */
static int add_blocks(struct campaign *c, const uint64_t *seeds, size_t nr, size_t stage,
		      uint64_t head, struct err *e)
{
	static const enum side orders[2][4] = { { SIDE_A, SIDE_B, SIDE_B, SIDE_A },
						{ SIDE_B, SIDE_A, SIDE_A, SIDE_B } };
	size_t *shuffled = arena_alloc(&c->mem, c->nr_sc * sizeof(*shuffled));

	for (size_t i = 0; i < nr; i += 2) {
		struct rng r = rng_make(seeds[i], 0xabba);

		for (size_t k = 0; k < c->nr_sc; k++) {
			size_t j = rng_below(&r, k + 1);

			shuffled[k] = shuffled[j];
			shuffled[j] = k;
		}
		for (size_t k = 0; k < c->nr_sc; k++) {
			const enum side *order = orders[rng_below(&r, 2)];

			for (size_t step = 0; step < (i + 1 < nr ? 4u : 2u); step++) {
				struct plan_run *p = &c->run[c->nr_runs];

				*p = (struct plan_run){ .order = (long)c->nr_runs,
							.side = order[step],
							.scenario = shuffled[k],
							.seed = seeds[i + step / 2],
							.stage = stage };
				p->file = run_file(c, p, head, e);
				if (!p->file)
					return e->code;
				c->nr_runs++;
			}
		}
	}
	return 0;
}

static int make_runs(struct campaign *c, uint64_t head, struct err *e)
{
	const struct campaign_opts *o = c->o;
	const struct campaign_rules *rules = &o->rules;
	uint64_t *fresh = arena_alloc(&c->mem, (rules->looks.confirm_n + 1) * sizeof(*fresh)),
		 most = 0;
	size_t from = 0;
	int ret = 0;

	c->run = arena_alloc(&c->mem, c->nr_sc * (o->nr_seeds + rules->looks.confirm_n) * 2 *
					      sizeof(*c->run));
	for (size_t i = 0; i < rules->looks.nr_looks && !ret; i++) {
		ret = add_blocks(c, o->seeds + from, rules->looks.n[i] - from, i + 1, head, e);
		from = rules->looks.n[i];
	}
	for (size_t i = 0; i < o->nr_seeds; i++)
		most = o->seeds[i] > most ? o->seeds[i] : most;
	for (size_t i = 0; i < rules->looks.confirm_n; i++)
		fresh[i] = most + 1 + i;
	return ret ? ret : add_blocks(c, fresh, rules->looks.confirm_n, COURSE_FRESH, head, e);
}

static void plan_rules(const struct campaign_rules *r, struct buf *b)
{
	buf_addf(b, "alpha %.17g\nlooks", r->alpha);
	for (size_t i = 0; i < r->looks.nr_looks; i++)
		buf_addf(b, " %zu", r->looks.n[i]);
	buf_addstr(b, "\nspend");
	for (size_t i = 0; i < r->looks.nr_looks; i++)
		buf_addf(b, " %.17g", r->looks.spend[i]);
	buf_addf(b, "\nconfirm %zu %.17g\npermutations %llu\njudge-seed %llu\n", r->looks.confirm_n,
		 r->looks.confirm_alpha, (unsigned long long)r->permutations,
		 (unsigned long long)r->judge_seed);
	buf_addf(b, "fine %.17g %.17g\n", r->fine, r->fine_mde);
}

/* What every run of the campaign has in common */
static int plan_head(struct campaign *c, struct buf *b, struct err *e)
{
	const struct campaign_opts *o = c->o;
	uint64_t self;
	struct buf emulator = BUF_INIT;
	int ret = fs_hash("/proc/self/exe", &self, e);

	if (!ret)
		ret = o->target->ops->emulator(o->target, &emulator, e);
	if (ret)
		goto out;
	buf_addf(b, "%s\nname %s\ntarget %s\nemulator %s\nwmark %016llx\n", CAMPAIGN_MAGIC, o->name,
		 o->target->ops->name(o->target), emulator.data, (unsigned long long)self);
	machine_plan(o->machine, b);
	for (enum side s = SIDE_A; s < NR_SIDES; s++)
		buf_addf(b, "%c %s %016llx %s\n", side_letter(s), c->kernel[s].release,
			 (unsigned long long)c->kernel[s].image_hash,
			 o->settings[s].nr ? o->settings[s].text : "none");
	for (size_t i = 0; i < c->nr_sc; i++)
		buf_addf(b, "scenario %s %016llx\n", c->sc[i].name,
			 (unsigned long long)c->sc[i].hash);
	plan_rules(&o->rules, b);
out:
	buf_release(&emulator);
	return ret;
}

static void plan_runs(const struct campaign *c, struct buf *b)
{
	for (size_t i = 0; i < c->nr_runs; i++) {
		const struct plan_run *r = &c->run[i];

		if (r->stage == COURSE_FRESH)
			buf_addf(b, "run %ld %c %s %llu fresh %s\n", r->order, side_letter(r->side),
				 c->sc[r->scenario].name, (unsigned long long)r->seed, r->file);
		else
			buf_addf(b, "run %ld %c %s %llu %zu %s\n", r->order, side_letter(r->side),
				 c->sc[r->scenario].name, (unsigned long long)r->seed, r->stage,
				 r->file);
	}
}

static void look_at_files(struct campaign *c)
{
	for (size_t i = 0; i < c->nr_runs; i++) {
		struct plan_run *r = &c->run[i];
		struct run_facts f;

		if (!fs_exists(r->file))
			continue;
		if (!facts_load(&f, r->file, FACTS_SAVE, NULL) && f.final) {
			r->state = PLAN_DONE;
			r->note = arena_strdup(&c->mem, facts_get(&f, "outcome"));
		}
		facts_release(&f);
	}
}

static bool is_archive(const char *file)
{
	struct buf head = BUF_INIT, tail = BUF_INIT;
	struct outline o;
	bool yes = outline_read(&o, file, &head, &tail);

	buf_release(&head);
	buf_release(&tail);
	return yes;
}

/* Removes the archives and facts of the plan that is replaced, and nothing else that a plan may
 * name. */
static void drop_old_runs(const char *dir)
{
	struct campaign_file f;

	if (!campaign_file_load(&f, dir, NULL))
		for (size_t i = 0; i < f.nr_runs; i++) {
			char *facts = facts_path(f.run[i].file);

			if (is_archive(f.run[i].file) && !unlink(f.run[i].file))
				(void)!unlink(facts);
			free(facts);
		}
	campaign_file_release(&f);
}

/* Refuses a new plan when there are runs under its names already: they belong to a campaign of the
 * same name that is planned elsewhere (--out). */
static int check_free(const struct campaign *c, struct err *e)
{
	for (size_t i = 0; i < c->nr_runs; i++)
		if (fs_exists(c->run[i].file))
			return err_set(
				e, -EEXIST,
				"%s is there already, a run of another campaign '%s'; --name NAME keeps both, --fresh replaces it",
				c->run[i].file, c->o->name);
	return 0;
}

static int use_plan(struct campaign *c, const struct buf *want, struct err *e)
{
	struct buf have = BUF_INIT;
	char *path = campaign_plan_path(c->o->dir);
	int ret = 0;

	if (fs_exists(path)) {
		ret = fs_read(path, &have, e);
		c->had_plan = !ret && !strcmp(want->data, have.data);
		if (!ret && !c->had_plan && !c->o->fresh)
			ret = err_set(
				e, -EEXIST,
				"%s is the plan of another campaign (other kernels, settings, scenarios, seeds, looks, emulator or wmark build); --fresh replaces it, --out DIR keeps both",
				path);
	}
	c->replaced = !ret && have.len && !c->had_plan;
	if (!ret && !c->had_plan) {
		if (c->replaced)
			drop_old_runs(c->o->dir);
		if (!c->o->fresh)
			ret = check_free(c, e);
		if (!ret)
			ret = fs_write(path, want->data, want->len, e);
	}
	if (!ret && c->had_plan)
		look_at_files(c);
	free(path);
	buf_release(&have);
	return ret;
}

static int take_directory(struct campaign *c, struct err *e)
{
	char *path = xasprintf("%s/lock", c->o->dir);
	int ret = 0;

	c->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (c->lock_fd < 0)
		ret = err_sys(e, -errno, "%s", path);
	else if (flock(c->lock_fd, LOCK_EX | LOCK_NB) < 0)
		ret = err_set(e, -EBUSY, "%s: another wmark is running this campaign", c->o->dir);
	free(path);
	return ret;
}

/* Asks the target before anything is written: its guards may refuse, or it cannot have a
 * setting. */
static int allow(const struct campaign *c, struct err *e)
{
	const struct target *t = c->o->target;
	int ret = 0;

	for (size_t i = 0; i < 2 * c->nr_sc && t->ops->allow && !ret; i++) {
		const struct plan_run r = { .side = i % 2 ? SIDE_B : SIDE_A, .scenario = i / 2 };
		const struct run_spec s = campaign_spec(c, &r);

		ret = t->ops->allow(t, &s, e);
	}
	return ret;
}

/* Refuses scenarios that judge metrics which there are not, or which may not decide on this target.
 */
static int check_judged(const struct campaign *c, struct err *e)
{
	for (size_t i = 0; i < c->nr_sc; i++) {
		const struct scenario *s = &c->sc[i];
		const struct target *t = c->o->target;
		int ret = scenario_check_judge(
			s, metric_machine(t->ops->name(t), (long)s->needs.cpus), metric_check, e);

		if (ret)
			return ret;
	}
	return 0;
}

int campaign_open(struct campaign *c, const struct campaign_opts *o, struct err *e)
{
	const char *const *overrides;
	size_t nr_overrides;
	int ret;

	memset(c, 0, sizeof(*c));
	c->o = o;
	c->lock_fd = -1;
	overrides = machine_overrides(o->machine, &c->mem, &nr_overrides);
	c->sc = arena_alloc(&c->mem, o->nr_scenarios * sizeof(*c->sc));
	for (size_t i = 0; i < o->nr_scenarios; i++) {
		char *path = scenario_path(o->scenarios[i], e);

		ret = path ? scenario_load(&c->sc[i], path, overrides, nr_overrides, e) : e->code;
		free(path);
		if (ret)
			return ret;
		c->nr_sc++;
		for (size_t k = 0; k < i; k++)
			if (!strcmp(c->sc[k].name, c->sc[i].name))
				return err_set(e, -EINVAL, "'%s' twice in one campaign",
					       c->sc[i].name);
	}
	ret = check_judged(c, e);
	if (!ret)
		ret = o->target->ops->prepare(o->a, &c->kernel[0], e);
	if (!ret)
		ret = o->target->ops->prepare(o->b, &c->kernel[1], e);
	if (!ret)
		ret = allow(c, e);
	if (!ret)
		ret = fs_mkdirs(o->dir, e);
	if (!ret)
		ret = take_directory(c, e);
	return ret;
}

int campaign_plan(struct campaign *c, struct err *e)
{
	struct buf text = BUF_INIT;
	int ret = plan_head(c, &text, e);

	if (!ret)
		ret = make_runs(c, fnv1a(FNV_INIT, text.data, text.len), e);
	if (!ret) {
		plan_runs(c, &text);
		ret = use_plan(c, &text, e);
	}
	buf_release(&text);
	return ret;
}

void campaign_release(struct campaign *c)
{
	for (size_t i = 0; i < c->nr_sc; i++)
		scenario_release(&c->sc[i]);
	vm_kernel_release(&c->kernel[0]);
	vm_kernel_release(&c->kernel[1]);
	if (c->lock_fd >= 0)
		close(c->lock_fd);
	arena_release(&c->mem);
}
