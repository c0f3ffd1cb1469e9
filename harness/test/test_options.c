/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rows of the machine's options become: names of runs, lines of a plan, overrides. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "run/options.h"
#include "test/synth.h"

struct cli {
	int before;
	struct machine_options m;
	struct host_conf h;
};

/* clang-format off */
static const struct opt_desc opts[] = {
	MACHINE_OPTS(struct cli, m)
	HOST_OPTS(struct cli, h)
	OPT_END
};
/* clang-format on */

static struct cli parse(const char *name, const char *value)
{
	struct err e = ERR_INIT;
	struct cli c = { 0 };

	opt_defaults(opts, &c);
	if (name)
		cr_assert_eq(opt_set(opts, &c, name, value, &e), 0, "%s", e.msg);
	return c;
}

static struct scenario sc = { .hash = 0x1122334455667788 };
static const struct settings none = { .text = "" };

static char *name_with(const char *option, const char *value)
{
	struct cli c = parse(option, value);
	char *name = machine_run_name(&c.m, 7, &sc, &none);

	opt_release(opts, &c);
	return name;
}

static char *hashed(uint64_t h)
{
	return xasprintf("s7-%08x", (unsigned)(h ^ h >> 32));
}

/* Archives of older builds lie under these names. */
Test(options, names_of_runs)
{
	static const char *const scenario[][2] = {
		{ "nodes", "2" },	{ "cpus", "1" },
		{ "mem", "512M" },	{ "swap", "zram" },
		{ "swap-size", "64M" }, { "fs", "tmpfs" },
		{ "fs-size", "64M" },	{ "set", "phase.settle=1s" },
	};
	static const char *const driver[][2] = {
		{ NULL, NULL },	   { "target", "host" }, { "accel", "tcg" }, { "lru", "default" },
		{ "limit", "1m" }, { "hang", "1m" },	 { "store", "x" },   { "fs-dir", "x" },
	};
	const struct settings set = { .text = "vm.swappiness=1", .nr = 1 };
	char *plain = hashed(sc.hash), *other = hashed(fnv1a(sc.hash, "quiet a", 7)), *name;
	struct cli c = parse("lru", "mglru");

	for (size_t i = 0; i < ARRAY_SIZE(scenario); i++) {
		name = name_with(scenario[i][0], scenario[i][1]);
		cr_assert_str_eq(name, plain, "--%s", scenario[i][0]);
		free(name);
	}
	for (size_t i = 0; i < ARRAY_SIZE(driver); i++) {
		name = name_with(driver[i][0], driver[i][1]);
		cr_assert_str_eq(name, "s7", "--%s", driver[i][0]);
		free(name);
	}
	name = name_with("lru", "mglru");
	cr_assert_str_eq(name, "s7-mglru");
	free(name);
	name = name_with("cmdline", "quiet a");
	cr_assert_str_eq(name, other);
	free(name);
	free(other);
	c.m.cmdline = "a";
	other = hashed(fnv1a(fnv1a(sc.hash, "a", 1), set.text, strlen(set.text)));
	name = machine_run_name(&c.m, 7, &sc, &set);
	cr_assert(!strncmp(name, "s7-mglru-", 9) && !strcmp(name + 8, other + 2), "%s", name);
	free(name);
	free(other);
	free(plain);
}

Test(options, lines_of_a_plan)
{
	struct cli c = parse("lru", "classic");
	struct buf plan = BUF_INIT;

	machine_plan(&c.m, &plan);
	cr_assert_str_eq(plan.data, "lru classic\ncmdline \n");
	c = parse("cmdline", "quiet a");
	buf_reset(&plan);
	machine_plan(&c.m, &plan);
	cr_assert_str_eq(plan.data, "lru default\ncmdline quiet a\n");
	buf_release(&plan);
}

Test(options, headers_of_a_run)
{
	struct cli c = parse("cmdline", "quiet a");
	struct arena mem = ARENA_INIT;
	const char *header, *value;

	cr_assert(machine_header(&c.m, 0, &mem, &header, &value));
	cr_assert_str_eq(header, "run.cmdline");
	cr_assert_str_eq(value, "quiet a");
	cr_assert_not(machine_header(&c.m, 1, &mem, &header, &value));
	arena_release(&mem);
}

Test(options, overrides_of_the_scenario)
{
	struct arena mem = ARENA_INIT;
	struct cli c = parse("set", "needs.mem=1G");
	const char *const *v;
	size_t nr;

	v = machine_overrides(&c.m, &mem, &nr);
	cr_assert_eq(nr, 1);
	cr_assert_str_eq(v[0], "needs.mem=1G");
	opt_release(opts, &c);
	c = parse("nodes", "2");
	cr_assert_eq(opt_set(opts, &c, "swap-size", "64M", NULL), 0);
	cr_assert_eq(opt_set(opts, &c, "fs", "", NULL), 0);
	cr_assert_eq(opt_set(opts, &c, "set", "a.b=c", NULL), 0);
	v = machine_overrides(&c.m, &mem, &nr);
	cr_assert_eq(nr, 4);
	cr_assert_str_eq(v[0], "needs.nodes=2");
	cr_assert_str_eq(v[1], "needs.swap_size=64M");
	cr_assert_str_eq(v[2], "needs.fs=", "a bad value is told by the scenario");
	cr_assert_str_eq(v[3], "a.b=c", "--set has the last word");
	opt_release(opts, &c);
	arena_release(&mem);
}

/* Each override is a key that scenarios have, and its words mean the same there. */
Test(options, overrides_are_keys_of_needs)
{
	static const char *const options[] = { "nodes",	    "cpus", "mem",    "swap",
					       "swap-size", "fs",   "fs-size" };

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		struct arena mem = ARENA_INIT;
		struct cli c = parse(options[i], "x");
		struct err e = ERR_INIT;
		struct scenario s;
		const char *const *v;
		size_t nr;

		v = machine_overrides(&c.m, &mem, &nr);
		cr_assert_eq(scenario_parse(&s, "f", "[workload anon]\n", 16, v, nr, &e), -EINVAL);
		cr_assert_null(strstr(e.msg, "no such key"), "%s", e.msg);
		arena_release(&mem);
	}
}

static int of_run(const char *lines, struct machine_options *m, struct err *e)
{
	static struct archive a;

	archive_release(&a); /* of the call before */
	synth_text(&a, "made", lines);
	return machine_of_run(m, &a, e);
}

Test(options, of_a_run_that_is_replayed)
{
	struct machine_options m;
	struct err e = ERR_INIT;

	cr_assert_eq(of_run("h run.lru mglru\nh run.cmdline quiet a\n", &m, &e), 0, "%s", e.msg);
	cr_assert_str_eq(lru_names[m.lru], "mglru");
	cr_assert_str_eq(m.cmdline, "quiet a");
	cr_assert_eq(m.target, TARGET_EXACT);
	cr_assert_eq(m.limit_ns, 900000000000u);
	cr_assert_eq(of_run("h run.lru classic\n", &m, &e), 0, "an option newer than the run");
	cr_assert_str_eq(lru_names[m.lru], "classic");
	cr_assert_str_eq(m.cmdline, "");
	cr_assert_eq(of_run("h run.lru new\nh run.cmdline x\n", &m, &e), -EINVAL);
	cr_assert(strstr(e.msg, "made: header run.lru: 'new': not one of"), "%s", e.msg);
}
