/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "campaign/looks.h"
#include "base/stop.h"
#include "cmd/ab.h"
#include "cmd/cmd.h"
#include "judge/course.h"

/* Do the sides differ in settings (else in their kernels)? */
static bool by_settings(const struct ab_cli *c)
{
	return c->kernel || c->m.target == TARGET_HOST;
}

static bool is_settings(const char *side)
{
	return strchr(side, '=') || !strcmp(side, "none");
}

static int check_sides(const struct ab_cli *c, struct err *e)
{
	if (!c->a || !c->b)
		return err_set(
			e, -EINVAL,
			"ab: --a and --b are needed: two kernels (wmark list kernels), or with --kernel K two settings");
	if (c->m.target == TARGET_HOST && (c->kernel || !is_settings(c->a) || !is_settings(c->b)))
		return err_set(
			e, -EINVAL,
			"ab: a host cannot change its own kernel between runs: there --a and --b are settings, without --kernel; for two kernels use the exact or vm target");
	if (!by_settings(c) && (strchr(c->a, '=') || strchr(c->b, '=')))
		return err_set(e, -EINVAL,
			       "ab: '%s': settings of one kernel are compared with --kernel K",
			       strchr(c->a, '=') ? c->a : c->b);
	return 0;
}

static int check(const struct ab_cli *c, int argc, struct err *e)
{
	int ret = check_sides(c, e);

	if (ret)
		return ret;
	if (!c->suite && !argc)
		return err_set(e, -EINVAL, "ab: --suite NAME or the names of scenarios are needed");
	if (c->suite && argc)
		return err_set(e, -EINVAL, "ab: --suite, or the names of scenarios; not both");
	if (c->replay && c->m.target != TARGET_EXACT)
		return err_set(
			e, -EINVAL,
			"ab: --replay needs the exact target: other runs differ from each other");
	return 0;
}

static int sides(const struct ab_cli *c, struct arena *mem, struct campaign_opts *o, struct err *e)
{
	int ret;

	o->a = by_settings(c) ? c->kernel : c->a;
	o->b = by_settings(c) ? c->kernel : c->b;
	ret = settings_parse(by_settings(c) ? c->a : "", mem, &o->settings[0], e);
	if (ret)
		return err_wrap(e, ret, "--a");
	ret = settings_parse(by_settings(c) ? c->b : "", mem, &o->settings[1], e);
	if (ret)
		return err_wrap(e, ret, "--b");
	if (by_settings(c) && !strcmp(o->settings[0].text, o->settings[1].text))
		return err_set(e, -EINVAL,
			       "ab: --a and --b are the same settings '%s' of one kernel",
			       o->settings[0].text);
	return 0;
}

#define NAME_ALSO ".=+" /* in names of campaigns, beside letters, digits, - and _ */

/* The last part of a path, or of settings the characters that a file name can hold. */
static char *name_part(struct arena *mem, const char *spec)
{
	const char *slash = strchr(spec, '=') ? NULL : strrchr(spec, '/');
	char *name = arena_strdup(mem, slash && slash[1] ? slash + 1 : spec);

	for (char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("_-" NAME_ALSO, *p))
			*p = '_';
	return name;
}

static const char *default_name(const struct ab_cli *c, struct arena *mem)
{
	const char *what = c->suite ? name_part(mem, c->suite) : "runs";

	if (by_settings(c))
		return arena_printf(mem, "%s-%s-vs-%s-%s",
				    name_part(mem, c->kernel ? c->kernel : "host"),
				    name_part(mem, c->a), name_part(mem, c->b), what);
	return arena_printf(mem, "%s-vs-%s-%s", name_part(mem, c->a), name_part(mem, c->b), what);
}

int ab_options(const struct ab_cli *c, struct target *target, int argc, char **argv,
	       struct arena *mem, struct campaign_opts *o, struct err *e)
{
	struct cmp_course *looks = &o->rules.looks;
	uint64_t *seeds;
	int ret = check(c, argc, e);

	if (ret)
		return ret;
	*o = (struct campaign_opts){
		.target = target,
		.machine = &c->m,
		.jobs = c->jobs ? (unsigned)c->jobs : (unsigned)sysconf(_SC_NPROCESSORS_ONLN),
		.store = machine_store(&c->m),
		.fresh = c->fresh,
		.force = c->j.force,
		.progress = stderr,
		.stop = stop_flag(),
		.rules = { .alpha = c->j.alpha,
			   .fine = c->j.fine,
			   .fine_mde = c->j.mde,
			   .permutations = (uint64_t)c->j.permutations,
			   .judge_seed = (uint64_t)c->j.seed },
	};
	ret = sides(c, mem, o, e);
	if (ret)
		return ret;
	if (c->suite)
		ret = suite_load(c->suite, mem, (const char ***)&o->scenarios, &o->nr_scenarios, e);
	else
		*(const char *const **)&o->scenarios = (const char *const *)argv,
				    o->nr_scenarios = (size_t)argc;
	if (!ret)
		ret = campaign_seeds(c->seeds, mem, &seeds, &o->nr_seeds, e);
	if (!ret)
		ret = looks_parse(c->looks, c->spend, c->j.alpha, &o->nr_seeds, looks, e);
	if (ret)
		return ret;
	looks->confirm_n = (size_t)c->confirm;
	looks->confirm_alpha = c->confirm_alpha;
	ret = looks_check(looks, (uint64_t)c->j.permutations, e);
	if (ret)
		return ret;
	o->seeds = seeds;
	if (c->name && !opt_is_name(c->name, NAME_ALSO))
		return err_set(
			e, -EINVAL,
			"ab: --name '%s': not a campaign's name (letters, digits, - _ . = +, no dot first)",
			c->name);
	o->name = c->name ? c->name : default_name(c, mem);
	/* the plan's files count from a folder above the plan, or from / */
	if (c->out && *o->store != '/') {
		char *cwd = realpath(".", NULL);

		if (!cwd)
			return err_sys(e, -errno, ".");
		o->store = arena_printf(mem, "%s/%s", cwd, o->store);
		free(cwd);
	}
	o->dir = c->out ? c->out : arena_printf(mem, "%s/campaigns/%s", o->store, o->name);
	return 0;
}
