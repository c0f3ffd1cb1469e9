/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plans and drives whole campaigns on a target of the test's own, whose runs are made up: a
 * campaign knows targets through struct target_ops alone.
 */
#include "campaign/drive.h"

#include <string.h>
#include <unistd.h>

#include "test/temp.h"
#include "test_compare_synth.h"

#define RUNS_PER_SIDE 5

static const char *fake_name(const struct target *t)
{
	(void)t;
	return "fake";
}

static int fake_prepare(const char *spec, struct vm_kernel *k, struct err *e)
{
	*k = (struct vm_kernel){ .spec = spec };
	if (strcmp(spec, "old") != 0 && strcmp(spec, "new") != 0 && strcmp(spec, "odd") != 0)
		return err_set(e, -ENOENT, "%s: no such kernel", spec);
	k->release = arena_strdup(&k->mem, spec);
	k->image_hash = *spec == 'o' ? 1 : 2;
	return 0;
}

static int fake_emulator(const struct target *t, struct buf *out, struct err *e)
{
	(void)t;
	(void)e;
	buf_addstr(out, "none");
	return 0;
}

static int fake_place(const struct target *t, const struct run_spec *s, struct buf *out,
		      struct err *e)
{
	(void)s;
	return fake_emulator(t, out, e);
}

static int fake_key(const struct target *t, const struct run_spec *s, char out[17], struct err *e)
{
	(void)t;
	(void)e;
	snprintf(out, 17, "%016llx", (unsigned long long)s->sc->hash);
	return 0;
}

/* In a process of its own. The new kernel stalls three times as often, the odd one is worse in
 * three metrics; seed 77 ends by the host's fault. */
static int fake_run(const struct target *t, const struct run_spec *s, const char *archive,
		    const volatile sig_atomic_t *stop, struct run_end *end, struct err *e)
{
	enum side side = *s->side == 'A' ? SIDE_A : SIDE_B;
	struct spec p = spec();
	char key[17], image[17];
	struct synth text;
	int ret = fake_key(t, s, key, e);

	(void)stop;
	p.hash = key; /* of the machine, too */
	snprintf(image, sizeof(image), "%016llx", (unsigned long long)s->kernel->image_hash);
	p.image = image;
	p.release = s->kernel->release;
	p.stalls *= strcmp(s->kernel->release, "new") ? 1 : 3;
	if (!strcmp(s->kernel->release, "odd"))
		p.stalls = p.cpu_ms = p.refaults = 2000;
	p.outcome = s->seed == 77 ? "killed" : "ok";
	make_text(&text, &p, side, (long)s->seed);
	buf_addf(&text.text, "H run.side %s\n", s->side);
	ret = fs_write(archive, text.text.data, text.text.len, e);
	buf_release(&text.text);
	*end = (struct run_end){ .outcome = run_outcome_of(p.outcome) };
	return ret;
}

static const struct target_ops fake_ops = {
	.name = fake_name,
	.side_by_side = true,
	.prepare = fake_prepare,
	.emulator = fake_emulator,
	.place = fake_place,
	.key = fake_key,
	.run = fake_run,
};

/* What a campaign needs, in the folder of the test. */
struct setup {
	struct target target;
	struct machine_options machine;
	struct campaign_opts o;
	uint64_t seeds[RUNS_PER_SIDE];
	const char *scenarios[1];
};

static void set_up(struct setup *u, const char *a, const char *b)
{
	static const char ini[] = "[scenario]\nname = paced\n[workload anon]\nbytes = 1m\n";

	memset(u, 0, sizeof(*u));
	u->target = (struct target){ .ops = &fake_ops };
	machine_defaults(&u->machine);
	u->scenarios[0] = temp_put("paced.ini", ini, strlen(ini));
	for (size_t i = 0; i < RUNS_PER_SIDE; i++)
		u->seeds[i] = i + 1;
	u->o = (struct campaign_opts){
		.target = &u->target,
		.a = a,
		.b = b,
		.rules = { .alpha = .05, .permutations = 999, .judge_seed = 1, .fine = .5 },
		.scenarios = u->scenarios,
		.nr_scenarios = 1,
		.machine = &u->machine,
		.seeds = u->seeds,
		.nr_seeds = RUNS_PER_SIDE,
		.jobs = 2,
		.dir = temp_path("campaign"),
		.store = temp_path("store"),
		.name = "try"
	};
	u->o.rules.looks = (struct cmp_course){ .nr_looks = 1,
						.n = { RUNS_PER_SIDE },
						.spend = { .05 },
						.confirm_n = RUNS_PER_SIDE,
						.confirm_alpha = .01 };
}

static void planned(struct setup *u, struct campaign *c)
{
	struct err e = ERR_INIT;

	cr_assert_eq(campaign_open(c, &u->o, &e), 0, "%s", e.msg);
	cr_assert_eq(campaign_plan(c, &e), 0, "%s", e.msg);
}

/* The verdict of the campaign; *runs = how many runs it took this time. */
static enum verdict driven_with(struct setup *u, const char *baselines, size_t *runs)
{
	struct campaign_course course = { 0 };
	struct comparison cmp;
	struct err e = ERR_INIT;
	struct campaign c;
	enum verdict v;

	planned(u, &c);
	cr_assert_eq(campaign_drive(&c, "none", baselines, false, &course, &cmp, &e), 0, "%s",
		     e.msg);
	v = cmp.verdict;
	cr_assert(cmp.course.finished);
	*runs = c.nr_run_now;
	comparison_release(&cmp);
	campaign_course_release(&course);
	campaign_release(&c);
	return v;
}

static enum verdict driven(struct setup *u, size_t *runs)
{
	return driven_with(u, "none", runs);
}

/* A block of two seeds is A B B A or B A A B; each side has its own kernel. */
Test(campaign_drive, blocks, TEMP_DIR)
{
	struct campaign c;
	struct setup u;

	set_up(&u, "old", "new");
	planned(&u, &c);
	cr_assert_eq(c.nr_runs, 4 * RUNS_PER_SIDE, "those of the look and the fresh ones");
	for (size_t i = 0; i < c.nr_runs; i++) {
		const struct plan_run *r = &c.run[i];
		size_t in_stage = i % (2 * RUNS_PER_SIDE), step = in_stage % 4;
		const struct plan_run *first = r - step;
		struct run_spec s = campaign_spec(&c, r);

		cr_assert_eq(r->order, (long)i);
		cr_assert_eq(r->stage, i < 2 * RUNS_PER_SIDE ? 1 : COURSE_FRESH);
		cr_assert_eq(r->seed, i / 2 + 1);
		cr_assert(r->side == SIDE_A || r->side == SIDE_B, "%d", r->side);
		cr_assert_eq(r->side == first->side, step == 0 || step == 3, "run %zu", i);
		cr_assert_str_eq(s.kernel->release, r->side == SIDE_A ? "old" : "new");
		cr_assert_str_eq(s.side, r->side == SIDE_A ? "A" : "B");
		cr_assert(strstr(r->file, s.side) && strstr(r->file, s.kernel->release), "%s",
			  r->file);
	}
	campaign_release(&c);
}

/* The look finds it, the fresh runs confirm it; what is there already is not run again. */
Test(campaign_drive, to_the_verdict_and_on_after_a_loss, TEMP_DIR)
{
	struct campaign_course course = { 0 };
	struct comparison cmp;
	struct cmp_opts opts;
	struct err e = ERR_INIT;
	struct campaign c;
	struct setup u;
	size_t runs;

	set_up(&u, "old", "new");
	cr_assert_eq(driven(&u, &runs), VERDICT_REGRESSED);
	cr_assert_eq(runs, 4 * RUNS_PER_SIDE);
	cr_assert_eq(driven(&u, &runs), VERDICT_REGRESSED);
	cr_assert_eq(runs, 0);
	planned(&u, &c);
	for (size_t i = 0; i < c.nr_runs; i += 3)
		cr_assert_eq(unlink(c.run[i].file), 0);
	campaign_release(&c);
	cr_assert_eq(driven(&u, &runs), VERDICT_REGRESSED);
	cr_assert_eq(runs, 7);
	cmp_opts_init(&opts);
	cr_assert_eq(campaign_judge_dir(u.o.dir, &opts, NULL, NULL, &course, &cmp, &e), 0, "%s",
		     e.msg);
	cr_assert(cmp.verdict == VERDICT_REGRESSED && cmp.course.finished);
	comparison_release(&cmp);
	campaign_course_release(&course);
}

/* Five fresh runs cannot confirm three findings: the campaign ends without an answer, and says what
 * would do. Six can, in the same campaign with another plan. */
Test(campaign_drive, more_found_than_can_be_confirmed, TEMP_DIR)
{
	for (size_t n = 5; n <= 6; n++) {
		struct campaign_course course = { 0 };
		struct comparison cmp;
		struct err e = ERR_INIT;
		struct campaign c;
		struct setup u;

		set_up(&u, "old", "odd");
		u.o.rules.looks.confirm_n = n;
		u.o.fresh = true;
		planned(&u, &c);
		cr_assert_eq(campaign_drive(&c, "none", "none", false, &course, &cmp, &e), 0, "%s",
			     e.msg);
		cr_assert_eq(cmp.course.found, 3, "%zu", cmp.course.found);
		cr_assert(cmp.course.finished);
		cr_assert_eq(comparison_exit(&cmp), n == 5 ? 77 : 1);
		cr_assert_eq(cmp.course.enough, n == 5 ? 6 : 0);
		comparison_release(&cmp);
		campaign_course_release(&course);
		campaign_release(&c);
	}
}

/* Writes DIR/baselines/floors, what builds do to the stalls of the campaign's scenario. */
static void put_rebuilds(const struct setup *u, double sd_between)
{
	const struct rebuild_metric m = { .name = "stalls_per_gib",
					  .scale = SCALE_LOG,
					  .c = metric_find("stalls_per_gib")->c,
					  .builds = 8,
					  .runs = 10,
					  .sd_between = sd_between };
	struct rebuilds r = { .v = NULL };
	struct buf text = BUF_INIT;
	struct campaign c;
	char hash[17];

	cr_assert_eq(campaign_open(&c, &u->o, NULL), 0);
	snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)c.sc[0].hash);
	campaign_release(&c);
	rebuilds_add_metric(&r,
			    rebuilds_add(&r, &(struct rebuild_scenario){ .name = "paced",
									 .hash = hash,
									 .machine_key = hash,
									 .lru = "classic",
									 .kernel = "6.12" }),
			    &m);
	rebuilds_write(&r, &text);
	temp_put("baselines/floors", text.data, text.len);
	buf_release(&text);
	rebuilds_release(&r);
}

/* Two builds that differ by less than builds do: the floor is fixed with the plan, and later files
 * change nothing. */
Test(campaign_drive, floors_are_frozen, TEMP_DIR)
{
	const char *dir = temp_path("baselines");
	struct campaign_course course = { 0 };
	struct comparison cmp;
	struct cmp_opts opts;
	struct err e = ERR_INIT;
	struct setup u;
	size_t runs;

	set_up(&u, "old", "new");
	put_rebuilds(&u, 1);
	cr_assert_neq(driven_with(&u, dir, &runs), VERDICT_REGRESSED);
	cr_assert_eq(runs, 2 * RUNS_PER_SIDE, "nothing to confirm");
	put_rebuilds(&u, .01);
	cr_assert_neq(driven_with(&u, dir, &runs), VERDICT_REGRESSED);
	cr_assert_neq(driven_with(&u, "none", &runs), VERDICT_REGRESSED);
	cmp_opts_init(&opts);
	cr_assert_eq(campaign_judge_dir(u.o.dir, &opts, NULL, NULL, &course, &cmp, &e), 0, "%s",
		     e.msg);
	cr_assert_neq(cmp.verdict, VERDICT_REGRESSED);
	comparison_release(&cmp);
	campaign_course_release(&course);
	/* the same campaign planned anew takes the file that is there now */
	u.o.fresh = true;
	u.o.rules.judge_seed = 2;
	cr_assert_eq(driven_with(&u, dir, &runs), VERDICT_REGRESSED);
	cr_assert_eq(runs, 4 * RUNS_PER_SIDE);
}

/* One image on both sides has no floor, so a file that is wrong does not even matter. */
Test(campaign_drive, one_image_asks_for_no_floors, TEMP_DIR)
{
	struct setup u;
	size_t runs;

	set_up(&u, "old", "old");
	put_rebuilds(&u, 1);
	temp_put("baselines/wrong", "wmark rebuilds 1\nx\n", 19);
	driven_with(&u, temp_path("baselines"), &runs);
	cr_assert_eq(runs, 2 * RUNS_PER_SIDE);
}

/* What exit code 0 takes is fixed with the plan, and judged by it later. */
Test(campaign_drive, what_is_fine_stands_in_the_plan, TEMP_DIR)
{
	for (int mde = 0; mde <= 10; mde += 10) {
		struct campaign_course course = { 0 };
		struct comparison cmp;
		struct cmp_opts opts;
		struct err e = ERR_INIT;
		struct setup u;
		size_t runs;

		set_up(&u, "old", "old");
		u.o.rules.fine = 1;
		u.o.rules.fine_mde = mde;
		u.o.fresh = true;
		driven(&u, &runs);
		cr_assert_eq(runs, 2 * RUNS_PER_SIDE, "another rule is another plan");
		cmp_opts_init(&opts);
		cr_assert_eq(campaign_judge_dir(u.o.dir, &opts, NULL, NULL, &course, &cmp, &e), 0,
			     "%s", e.msg);
		cr_assert_eq(cmp.opts.fine, 1);
		cr_assert_eq(cmp.opts.fine_mde, mde);
		cr_assert_gt(cmp.count[VERDICT_UNKNOWN], 0);
		cr_assert_eq(comparison_exit(&cmp), mde ? 0 : 77);
		comparison_release(&cmp);
		campaign_course_release(&course);
	}
}

/* One kernel on both sides: nothing is found, so no fresh run is made. */
Test(campaign_drive, nothing_to_confirm, TEMP_DIR)
{
	struct setup u;
	size_t runs;

	set_up(&u, "old", "old");
	cr_assert_neq(driven(&u, &runs), VERDICT_REGRESSED);
	cr_assert_eq(runs, 2 * RUNS_PER_SIDE);
}

/* A run that the host ended counts for nothing and is made again by the next call. */
Test(campaign_drive, trouble_of_the_host, TEMP_DIR)
{
	struct campaign_course course = { 0 };
	struct comparison cmp;
	struct err e = ERR_INIT;
	struct campaign c;
	struct setup u;

	set_up(&u, "old", "new");
	u.seeds[RUNS_PER_SIDE - 1] = 77;
	for (int call = 0; call < 2; call++) {
		planned(&u, &c);
		cr_assert_lt(campaign_drive(&c, "none", "none", false, &course, &cmp, &e), 0);
		cr_assert(strstr(e.msg, "killed"), "%s", e.msg);
		cr_assert_eq(c.nr_run_now, call ? 2 : 2 * RUNS_PER_SIDE);
		campaign_course_release(&course);
		campaign_release(&c);
	}
}

Test(campaign_drive, no_such_kernel, TEMP_DIR)
{
	struct err e = ERR_INIT;
	struct campaign c;
	struct setup u;

	set_up(&u, "old", "lost");
	cr_assert_eq(campaign_open(&c, &u.o, &e), -ENOENT);
	cr_assert_str_eq(e.msg, "lost: no such kernel");
	cr_assert_not(fs_exists(u.o.dir));
	campaign_release(&c);
}
