/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan file: what belongs to a campaign, in which order, under which names. */
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
#include "record/store.h"
#include "run/campaign.h"

#define PLAN_MAGIC "wmark plan 1"

static char *plan_path(const char *dir)
{
	return xasprintf("%s/plan", dir);
}

bool campaign_is(const char *dir)
{
	char *path = plan_path(dir);
	bool yes = fs_exists(path);

	free(path);
	return yes;
}

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
		if (opt_parse_u64(word, &from, NULL) || opt_parse_u64(dots ? dots + 2 : word, &to, NULL) || to < from || to - from >= 10000)
			return err_set(e, -EINVAL, "'%s': not a list of seeds (like 1..4 or 1,5,9)", text);
		more = arena_alloc(mem, (*nr + (size_t)(to - from) + 1) * sizeof(*v));
		if (*nr)
			memcpy(more, v, *nr * sizeof(*v));
		v = more;
		for (uint64_t s = from; s <= to; s++) {
			for (size_t i = 0; i < *nr; i++)
				if (v[i] == s)
					return err_set(e, -EINVAL, "'%s': seed %llu twice: it would be the same run", text, (unsigned long long)s);
			v[(*nr)++] = s;
		}
	}
	*seeds = v;
	return *nr ? 0 : err_set(e, -EINVAL, "'%s': no seeds", text);
}

static const char *run_file(struct campaign *c, const struct plan_run *r, uint64_t head, struct err *e)
{
	const struct campaign_opts *o = c->o;
	const struct vmrun_opts vo = { .sc = &c->sc[r->scenario], .kernel = &c->kernel[r->side - 'A'], .exact = o->exact,
				       .accel = c->accel, .lru = o->lru, .cmdline = o->cmdline };
	struct buf machine = BUF_INIT;
	const char *out = NULL;
	char *run, *path;

	if (vmrun_machine_name(&vo, &machine, e))
		goto out;
	/* the head is in the name: two campaigns of one name never write the same file */
	run = xasprintf("%s-%08x-%c-s%llu", o->name, (unsigned)(head ^ head >> 32), r->side, (unsigned long long)r->seed);
	path = store_path(o->store, machine.data, c->sc[r->scenario].name, c->kernel[r->side - 'A'].release, run, e);
	if (path)
		out = arena_strdup(&c->mem, path);
	free(path);
	free(run);
out:
	buf_release(&machine);
	return out;
}

/*
 * Blocks of two seeds: A B B A for each scenario, scenarios shuffled by the first seed of the block, so that a
 * slow drift of the machine falls on A and B alike (a campaign with an odd number of seeds ends in A B).
 */
static int make_runs(struct campaign *c, uint64_t head, struct err *e)
{
	const struct campaign_opts *o = c->o;
	size_t *shuffled = arena_alloc(&c->mem, c->nr_sc * sizeof(*shuffled)), n = 0;

	c->nr_runs = c->nr_sc * o->nr_seeds * 2;
	c->run = arena_alloc(&c->mem, c->nr_runs * sizeof(*c->run));
	for (size_t i = 0; i < o->nr_seeds; i += 2) {
		struct rng r = rng_make(o->seeds[i], 0xabba);

		for (size_t k = 0; k < c->nr_sc; k++) {
			size_t j = rng_below(&r, k + 1);

			shuffled[k] = shuffled[j];
			shuffled[j] = k;
		}
		for (size_t k = 0; k < c->nr_sc; k++) {
			for (size_t step = 0; step < (i + 1 < o->nr_seeds ? 4u : 2u); step++) {
				struct plan_run *p = &c->run[n];

				*p = (struct plan_run){ .order = (long)n, .side = "ABBA"[step], .scenario = shuffled[k],
							.seed = o->seeds[i + step / 2] };
				p->file = run_file(c, p, head, e);
				if (!p->file)
					return e->code;
				n++;
			}
		}
	}
	return 0;
}

/* What every run of the campaign has in common */
static int plan_head(struct campaign *c, struct buf *b, struct err *e)
{
	const struct campaign_opts *o = c->o;
	const char *qemu, *version;
	uint64_t self;
	int ret = fs_hash("/proc/self/exe", &self, e);

	if (!ret)
		ret = vm_qemu(&qemu, &version, e);
	if (ret)
		return ret;
	buf_addf(b, "%s\nname %s\ntarget %s\nemulator %s %s\nwmark %016llx\nlru %s\ncmdline %s\n", PLAN_MAGIC, o->name,
		 o->exact ? "exact" : "vm", version, c->accel == VM_KVM ? "kvm" : "tcg", (unsigned long long)self, o->lru, o->cmdline);
	for (int s = 0; s < 2; s++)
		buf_addf(b, "%c %s %016llx\n", 'A' + s, c->kernel[s].release, (unsigned long long)c->kernel[s].image_hash);
	for (size_t i = 0; i < c->nr_sc; i++)
		buf_addf(b, "scenario %s %016llx\n", c->sc[i].name, (unsigned long long)c->sc[i].hash);
	return 0;
}

static void plan_runs(const struct campaign *c, struct buf *b)
{
	for (size_t i = 0; i < c->nr_runs; i++) {
		const struct plan_run *r = &c->run[i];

		buf_addf(b, "run %ld %c %s %llu %s\n", r->order, r->side, c->sc[r->scenario].name, (unsigned long long)r->seed, r->file);
	}
}

/* Ends that say nothing of the kernel under test: such a run is made again. */
bool campaign_host_trouble(const char *outcome)
{
	static const char *const words[] = { "killed", "qemu-failed", "stopped", "limit" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(outcome, words[i]))
			return true;
	return false;
}

/* A run is over when the host has written its outcome behind it. */
static void look_at_files(struct campaign *c)
{
	for (size_t i = 0; i < c->nr_runs; i++) {
		struct plan_run *r = &c->run[i];
		struct archive a;
		const char *said;

		if (!fs_exists(r->file) || archive_load(&a, r->file, NULL))
			continue;
		said = archive_get(&a, "outcome");
		if (said && !campaign_host_trouble(said)) {
			r->state = PLAN_DONE;
			r->note = arena_strdup(&c->mem, said);
		}
		archive_release(&a);
	}
}

/* Archives of the plan that is replaced */
static void drop_old_runs(const char *dir)
{
	for (char side = 'A'; side <= 'B'; side++) {
		char **files = NULL;
		size_t nr = 0;

		if (!campaign_files(dir, side, &files, &nr, NULL))
			for (size_t i = 0; i < nr; i++)
				(void)!unlink(files[i]);
		fs_list_free(files, nr);
	}
}

static int use_plan(struct campaign *c, const struct buf *want, struct err *e)
{
	struct buf have = BUF_INIT;
	char *path = plan_path(c->o->dir);
	int ret = 0;

	if (fs_exists(path)) {
		ret = fs_read(path, &have, e);
		c->had_plan = !ret && !strcmp(want->data, have.data);
		if (!ret && !c->had_plan && !c->o->fresh)
			ret = err_set(e, -EEXIST,
				      "%s is the plan of another campaign (other kernels, scenarios, seeds, emulator or wmark build); --fresh replaces it, --out DIR keeps both",
				      path);
	}
	c->replaced = !ret && have.len && !c->had_plan;
	if (!ret && !c->had_plan) {
		if (c->replaced)
			drop_old_runs(c->o->dir);
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

int campaign_open(struct campaign *c, const struct campaign_opts *o, struct err *e)
{
	int ret;

	memset(c, 0, sizeof(*c));
	c->o = o;
	c->lock_fd = -1;
	c->sc = arena_alloc(&c->mem, o->nr_scenarios * sizeof(*c->sc));
	for (size_t i = 0; i < o->nr_scenarios; i++) {
		char *path = scenario_path(o->scenarios[i], e);

		ret = path ? scenario_load(&c->sc[i], path, o->overrides, o->nr_overrides, e) : e->code;
		free(path);
		if (ret)
			return ret;
		c->nr_sc++;
		for (size_t k = 0; k < i; k++)
			if (!strcmp(c->sc[k].name, c->sc[i].name))
				return err_set(e, -EINVAL, "'%s' twice in one campaign", c->sc[i].name);
	}
	ret = vm_kernel_find(&c->kernel[0], o->a, NULL, e);
	if (!ret)
		ret = vm_kernel_find(&c->kernel[1], o->b, NULL, e);
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

int campaign_files(const char *dir, char side, char ***files, size_t *nr, struct err *e)
{
	char *path = plan_path(dir), *save = NULL;
	struct buf text = BUF_INIT;
	size_t cap = 0, line_nr = 0;
	int ret = fs_read(path, &text, e);

	*files = NULL;
	*nr = 0;
	if (!ret && strncmp(text.data, PLAN_MAGIC "\n", strlen(PLAN_MAGIC) + 1) != 0)
		ret = err_set(e, -EINVAL, "%s:1: not a plan ('%s')", path, PLAN_MAGIC);
	for (char *line = ret ? NULL : strtok_r(text.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		long order;
		char s, scenario[128];
		unsigned long long seed;
		int at = 0;

		line_nr++;
		if (strncmp(line, "run ", 4) != 0)
			continue;
		if (sscanf(line, "run %ld %c %127s %llu %n", &order, &s, scenario, &seed, &at) != 4 || !at || !line[at]) {
			ret = err_set(e, -EINVAL, "%s:%zu: '%s': not a run line", path, line_nr, line);
			break;
		}
		if (s != side)
			continue;
		ARRAY_GROW(*files, *nr, cap);
		(*files)[(*nr)++] = xstrdup(line + at);
	}
	if (!ret && !*nr)
		ret = err_set(e, -ENOENT, "%s: no runs of side %c", path, side);
	buf_release(&text);
	free(path);
	return ret;
}
