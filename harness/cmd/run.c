/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/stop.h"
#include "cmd/accel.h"
#include "cmd/cmd.h"
#include "check/check.h"
#include "metric/metric.h"
#include "archive/place.h"
#include "archive/store.h"
#include "run/on_host.h"
#include "run/on_vm.h"
#include "run/options.h"

struct run_cli {
	struct machine_options m;
	struct host_conf h;
	const char *kernel, *out;
	struct opt_list with;
	int64_t seed;
	bool verbose;
};

/* clang-format off */
static const struct opt_desc opts[] = {
	OPT_STR(struct run_cli, kernel, "kernel", 'k', NULL, "KERNEL",
		"kernel of a VM: Debian version in the cache, package directory, or "
		"bzImage[:MODULES]"),
	OPT_INT(struct run_cli, seed, "seed", 's', "1", 0, 9e15, "seed of every random choice in the run"),
	OPT_STR(struct run_cli, out, "output", 'o', NULL, "FILE",
		"archive to write (default: a place in the store)"),
	OPT_LIST(struct run_cli, with, "with", 'w', "WORDS",
		"settings beside the scenario: SYSCTL=V /sys/PATH=V boot:NAME[=V] env:NAME=V"),
	OPT_YES(struct run_cli, verbose, "verbose", 'v', NULL, "print the QEMU command line first"),
	MACHINE_OPTS(struct run_cli, m)
	HOST_OPTS(struct run_cli, h)
	OPT_END
};
/* clang-format on */

/* Prints which invariants this run broke: rules that every run must keep, without a baseline. */
static void say_findings(const char *file)
{
	struct arena mem = ARENA_INIT;
	const struct finding *f;
	struct archive a;
	size_t nr;

	if (!archive_load(&a, file, NULL)) {
		f = run_findings(&a, &mem, &nr);
		for (size_t i = 0; i < nr; i++)
			if (f[i].state == RULE_FAIL)
				printf("  %s: %s: %s\n", finding_name(&f[i]), f[i].rule, f[i].text);
		archive_release(&a);
	}
	arena_release(&mem);
}

/* @file: where the run is; @place: where it was to be. */
static int report_outcome(const char *scenario, const char *file, const char *place,
			  enum run_outcome outcome, const char *detail)
{
	printf("%s: %s%s%s\n", scenario, run_outcome_word(outcome), *detail ? ": " : "", detail);
	say_findings(file);
	printf("%s\n", file);
	if (strcmp(file, place) != 0)
		printf("  %s holds a finished run and stays as it is\n", place);
	if (outcome == RUN_OK)
		return EXIT_OK;
	return outcome == RUN_SKIP ? EXIT_SKIP : EXIT_BROKEN;
}

static int run_vm(const struct run_cli *c, struct run_spec *s, struct err *e)
{
	struct target t = target_of(&c->m, &c->h);
	struct buf machine = BUF_INIT;
	struct vm_kernel k = { .mem = ARENA_INIT };
	char *file = NULL, *name = NULL, *beside = NULL, *cmd;
	struct run_end end;
	int ret;

	if (!c->kernel)
		return err_set(e, -EINVAL,
			       "run: --kernel is needed for the %s target (wmark list kernels)",
			       target_names[t.kind]);
	ret = t.ops->prepare(c->kernel, &k, e);
	if (!ret)
		ret = settle_accel(&c->m, &k, &t, e);
	s->kernel = &k;
	if (!ret)
		ret = t.ops->place(&t, s, &machine, e);
	if (ret)
		goto out;
	name = machine_run_name(&c->m, s->seed, s->sc, s->settings);
	file = c->out ? xstrdup(c->out)
		      : store_path(machine_store(&c->m), machine.data, s->sc->name, k.release, name,
				   e);
	if (!file) {
		ret = e->code;
		goto out;
	}
	if (c->verbose && (cmd = on_vm_command(&t, s, file, e))) {
		printf("%s\n", cmd);
		free(cmd);
	}
	ret = t.ops->run(&t, s, file, stop_flag(), &end, e);
	if (!ret) {
		beside = end.beside ? place_beside(file, e) : NULL;
		ret = report_outcome(s->sc->name, beside ? beside : file, file, end.outcome,
				     end.detail);
	}
out:
	free(beside);
	free(name);
	free(file);
	buf_release(&machine);
	vm_kernel_release(&k);
	return ret;
}

static int run_host(const struct run_cli *c, const struct run_spec *s, struct err *e)
{
	const struct host_run h = { .conf = &c->h,
				    .spec = *s,
				    .store = machine_store(&c->m),
				    .out = c->out,
				    .stop = stop_flag() };
	struct run_result res;
	char *file = NULL;
	int ret = host_run(&h, &res, &file, e);

	if (!ret)
		ret = report_outcome(s->sc->name, file, c->out ? c->out : file, res.outcome,
				     res.detail);
	free(file);
	return ret;
}

static int run_one(const struct run_cli *c, const char *word, const struct settings *set,
		   struct err *e)
{
	struct arena mem = ARENA_INIT;
	struct scenario sc;
	char *path = scenario_path(word, e);
	const char *const *over;
	size_t nr;
	int ret;

	if (!path)
		return -EINVAL;
	over = machine_overrides(&c->m, &mem, &nr);
	ret = scenario_load(&sc, path, over, nr, e);
	if (!ret) {
		ret = scenario_check_judge(
			&sc, metric_machine(target_names[c->m.target], (long)sc.needs.cpus),
			metric_check, e);
		if (ret)
			scenario_release(&sc);
	}
	if (!ret) {
		struct run_spec s = { .sc = &sc,
				      .seed = (uint64_t)c->seed,
				      .machine = &c->m,
				      .settings = set,
				      .side = "",
				      .order = -1 };

		ret = c->m.target == TARGET_HOST ? run_host(c, &s, e) : run_vm(c, &s, e);
		scenario_release(&sc);
	}
	free(path);
	arena_release(&mem);
	return ret;
}

/* --with may be given several times */
static int parse_with(const struct run_cli *c, struct arena *mem, struct settings *set,
		      struct err *e)
{
	struct buf words = BUF_INIT;
	int ret;

	for (size_t i = 0; i < c->with.nr; i++)
		buf_addf(&words, "%s ", c->with.v[i]);
	ret = settings_parse(words.data, mem, set, e);
	buf_release(&words);
	return ret ? err_wrap(e, ret, "run: --with") : 0;
}

static int run_run(int argc, char **argv, struct err *e)
{
	struct run_cli c = { 0 };
	struct arena mem = ARENA_INIT;
	struct settings set;
	int ret = cmd_options(&cmd_run, &c, &argc, &argv, false, e), worst = 0;

	if (!ret && !argc)
		ret = err_set(e, -EINVAL, "run: which scenario? (wmark list scenarios)");
	if (!ret && argc > 1 && c.out)
		ret = err_set(e, -EINVAL, "run: --output holds one run, but there are %d scenarios",
			      argc);
	if (!ret)
		ret = parse_with(&c, &mem, &set, e);
	for (int i = 0; i < argc && !ret; i++) {
		int one = run_one(&c, argv[i], &set, e);

		if (one < 0)
			ret = one;
		else if (worst == EXIT_OK || (worst == EXIT_SKIP && one))
			worst = one; /* a broken run outranks a skipped one */
	}
	arena_release(&mem);
	opt_release(opts, &c);
	return ret < 0 ? ret : worst;
}

const struct command cmd_run = { "run", run_run, opts, "SCENARIO...",
				 "Run scenarios once, on a test VM or on this machine" };
