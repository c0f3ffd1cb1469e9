/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "campaign/campaign.h"
#include "scenario/scenario.h"
#include "vm/machine.h"
#include "test/temp.h"

static const char good[] = "; comment\n"
			   "[scenario]\n"
			   "summary = a test\n"
			   "[needs]\n"
			   "nodes = 2\n"
			   "mem = 512M\n"
			   "swap = zram\n"
			   "program = fio\n"
			   "program = numactl\n"
			   "[knobs]\n"
			   "vm.swappiness = 10\n"
			   "/sys/kernel/mm/lru_gen/min_ttl_ms = 1000\n"
			   "[workload one]\n"
			   "type = anon\n"
			   "bytes = 50%ram\n"
			   "rate = 8M/s\n"
			   "nodes = 1\n"
			   "policy = bind\n"
			   "[workload probe]\n"
			   "background = yes\n"
			   "[phase]\n"
			   "window = 3s\n"
			   "[sample]\n"
			   "vmstat = 20ms\n"
			   "[judge]\n"
			   "primary = a b\n"
			   "  c\n"
			   "floor.a = 5%\n";

static int parse(struct scenario *s, const char *text, const char *const *over, size_t nr,
		 struct err *e)
{
	return scenario_parse(s, "dir/name.ini", text, strlen(text), over, nr, e);
}

Test(scenario, everything_lands_where_it_belongs)
{
	struct err e = ERR_INIT;
	struct scenario s;

	cr_assert_eq(parse(&s, good, NULL, 0, &e), 0, "%s", e.msg);
	cr_assert_str_eq(s.name, "name");
	cr_assert_str_eq(s.summary, "a test");
	cr_assert_eq(s.needs.nodes, 2);
	cr_assert_eq(s.needs.mem.bytes, (uint64_t)512 << 20);
	cr_assert_eq(s.needs.swap, VM_SWAP_ZRAM);
	cr_assert_eq(s.needs.programs.nr, (size_t)2);
	cr_assert_eq(s.nr_knobs, (size_t)2);
	cr_assert_str_eq(s.knob[1].name, "/sys/kernel/mm/lru_gen/min_ttl_ms");
	cr_assert_eq(s.nr_wl, (size_t)2);
	cr_assert_str_eq(s.wl[0].name, "one");
	cr_assert_str_eq(s.wl[0].wl->name, "anon");
	cr_assert(s.wl[0].common.rate.bytes);
	cr_assert_eq(s.wl[0].common.policy, WL_BIND);
	cr_assert(s.wl[1].common.background);
	cr_assert_eq(s.phase.window_ns, 3000000000ull);
	cr_assert_eq(s.sample.vmstat_ns, 20000000ull);
	cr_assert_str_eq(s.primary, "a b c");
	cr_assert_str_eq(s.floor[0].value, "5%");
	scenario_release(&s);
}

static int only_a_and_dots(const char *name, bool primary, unsigned machine, struct err *e)
{
	cr_assert_eq(machine, 7u);
	return !strcmp(name, "a") || strchr(name, '.')
		       ? 0
		       : err_set(e, -EINVAL, "%s: no %s", name, primary ? "primary" : "metric");
}

/* Messages about [judge] name the line, or the --set word, and the metric. */
Test(scenario, judged_metrics)
{
	static const struct {
		const char *over[2], *msg;
	} cases[] = {
		{ { "judge.primary=a one.x probe.y", NULL }, NULL },
		{ { "judge.primary=a b", NULL }, "--set judge.primary=a b: b: no primary" },
		{ { "judge.primary=a three.x", NULL },
		  "--set judge.primary=a three.x: three.x: the scenario has no workload 'three'" },
		{ { "judge.primary=a", "judge.floor.b=3%" },
		  "dir/name.ini: [judge] floor.b: b: no metric" },
		{ { "judge.primary=a", "judge.floor.on.x=3%" },
		  "dir/name.ini: [judge] floor.on.x: on.x: the scenario has no workload 'on'" },
	};
	struct scenario s;
	size_t line = 1;
	char want[80];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err e = ERR_INIT;

		cr_assert_eq(parse(&s, good, cases[i].over, cases[i].over[1] ? 2 : 1, &e), 0, "%s",
			     e.msg);
		cr_assert_eq(scenario_check_judge(&s, 7, only_a_and_dots, &e),
			     cases[i].msg ? -EINVAL : 0);
		cr_assert_str_eq(e.msg, cases[i].msg ? cases[i].msg : "");
		scenario_release(&s);
	}
	for (const char *p = good; strncmp(p, "primary", 7) != 0; p++)
		line += *p == '\n';
	struct err e = ERR_INIT;

	snprintf(want, sizeof(want), "dir/name.ini:%zu: [judge] primary: b: no primary", line);
	cr_assert_eq(parse(&s, good, NULL, 0, &e), 0, "%s", e.msg);
	cr_assert_eq(scenario_check_judge(&s, 7, only_a_and_dots, &e), -EINVAL);
	cr_assert_str_eq(e.msg, want);
	scenario_release(&s);
}

Test(scenario, canonical_text_is_a_fixed_point)
{
	const char *const over[] = { "one.bytes=30%ram", "needs.cpus=4", "knobs.vm.dirty_ratio=5" };
	struct err e = ERR_INIT;
	struct scenario a, b, c;

	cr_assert_eq(parse(&a, good, over, 3, &e), 0, "%s", e.msg);
	cr_assert(strstr(a.text, "bytes = 30%ram\n"));
	cr_assert(strstr(a.text, "vm.dirty_ratio = 5\n"));
	cr_assert_null(strstr(a.text, "comment"));
	cr_assert_eq(parse(&b, a.text, NULL, 0, &e), 0, "%s", e.msg);
	cr_assert_str_eq(a.text, b.text);
	cr_assert_eq(a.hash, b.hash);
	cr_assert_eq(b.needs.cpus, 4);
	cr_assert_eq(parse(&c, good, NULL, 0, &e), 0);
	cr_assert_neq(a.hash, c.hash, "an override changes what is run, so it changes the hash");
	scenario_release(&a);
	scenario_release(&b);
	scenario_release(&c);
}

Test(scenario, comments_and_blanks_do_not_change_the_hash)
{
	struct err e = ERR_INIT;
	struct scenario a, b;

	cr_assert_eq(parse(&a, "[workload anon]\npasses = 2\n", NULL, 0, &e), 0);
	cr_assert_eq(parse(&b, "# x\n\n[workload anon]\n\n; y\npasses   =  2\n\n", NULL, 0, &e), 0);
	cr_assert_eq(a.hash, b.hash);
	scenario_release(&a);
	scenario_release(&b);
}

Test(scenario, long_values)
{
	char text[2000] = "[scenario]\nsummary = ", *p = text + strlen(text);
	struct err e = ERR_INIT;
	struct scenario a, b;

	for (int i = 0; i < 90; i++)
		p += sprintf(p, "word%02d%s", i, i % 12 == 11 ? "\n  " : " ");
	strcpy(p, "end\n[workload anon]\npasses = 1\n");
	cr_assert_eq(parse(&a, text, NULL, 0, &e), 0, "%s", e.msg);
	cr_assert(strstr(a.summary, "word88 word89 end"), "%s", a.summary);
	cr_assert_eq(parse(&b, a.text, NULL, 0, &e), 0, "%s", e.msg);
	cr_assert_str_eq(a.summary, b.summary);
	cr_assert_str_eq(a.text, b.text);
	scenario_release(&a);
	scenario_release(&b);
}

/* Names and knobs longer than any buffer, and alike at their beginning. */
Test(scenario, long_names_are_two_names)
{
	char text[1000], name[101] = "";
	struct err e = ERR_INIT;
	struct scenario s;

	memset(name, 'n', 100);
	snprintf(text, sizeof(text),
		 "[knobs]\n"
		 "/sys/%s/a = 1\n"
		 "/sys/%s/b = 2\n"
		 "[workload %sa]\n"
		 "type = anon\n"
		 "[workload %sb]\n"
		 "type = file\n",
		 name, name, name, name);
	cr_assert_eq(parse(&s, text, NULL, 0, &e), 0, "%s", e.msg);
	cr_assert_eq(s.nr_knobs, (size_t)2);
	cr_assert_eq(s.nr_wl, (size_t)2);
	cr_assert_str_eq(s.wl[1].wl->name, "file");
	scenario_release(&s);
}

/* --set means the same as a line of the file. */
Test(scenario, overrides_are_lines)
{
	static const char *const bad[] = { "scenario.summary=a ; b", "scenario.summary=a\nb = c",
					   "one.bytes=1G\r\n[needs]", "scenario.[x]=1",
					   "scenario.#x=1" };
	static const char *const good_words[] = { "scenario.summary= a: b;c ",
						  "knobs./sys/class/bdi/8:0/read_ahead_kb=128" };
	struct err e = ERR_INIT;
	struct scenario s;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_assert_eq(parse(&s, good, &bad[i], 1, &e), -EINVAL, "%s", bad[i]);
		cr_assert(strstr(e.msg, "--set"), "%s", e.msg);
	}
	cr_assert_eq(parse(&s, good, good_words, 2, &e), 0, "%s", e.msg);
	cr_assert_str_eq(s.summary, "a: b;c");
	cr_assert_str_eq(s.knob[2].name, "/sys/class/bdi/8:0/read_ahead_kb");
	cr_assert_str_eq(s.knob[2].value, "128");
	scenario_release(&s);
}

Test(scenario, suites, TEMP_DIR)
{
	static const char text[] = "\xef\xbb\xbf# all\r\nanon\r\n\r\n  file # paced\n"
				   "slab hopeless\n";
	const char *list = temp_put("x.list", text, 33);
	struct arena mem = ARENA_INIT;
	struct err e = ERR_INIT;
	const char **names;
	size_t nr;

	cr_assert_eq(suite_load(list, &mem, &names, &nr, &e), 0, "%s", e.msg);
	cr_assert_eq(nr, (size_t)2);
	cr_assert_str_eq(names[0], "anon");
	cr_assert_str_eq(names[1], "file");
	temp_put("x.list", text, strlen(text));
	cr_assert_eq(suite_load(list, &mem, &names, &nr, &e), -EINVAL);
	cr_assert(strstr(e.msg, ".list:5: more than one name on a line: 'slab hopeless'"), "%s",
		  e.msg);
	arena_release(&mem);
}

Test(scenario, no_text_crashes_it)
{
	struct rng r = rng_make(7, 7);
	size_t len = strlen(good);
	char text[sizeof(good)];

	for (int i = 0; i < 3000; i++) {
		struct err e = ERR_INIT;
		struct scenario s;

		memcpy(text, good, sizeof(good));
		for (uint64_t k = rng_below(&r, 4) + 1; k; k--)
			text[rng_below(&r, len)] = (char)rng_next(&r);
		if (!scenario_parse(&s, "x.ini", text, rng_below(&r, 2) ? len : rng_below(&r, len),
				    NULL, 0, &e))
			scenario_release(&s);
		else
			cr_assert(strstr(e.msg, "x.ini"), "a message without its file: %s", e.msg);
	}
}

Test(scenario, seeds)
{
	struct arena mem = ARENA_INIT;
	struct err e = ERR_INIT;
	uint64_t *v;
	size_t nr;

	cr_assert_eq(campaign_seeds("1..4,9", &mem, &v, &nr, &e), 0);
	cr_assert_eq(nr, (size_t)5);
	cr_assert_eq(v[3], (uint64_t)4);
	cr_assert_eq(v[4], (uint64_t)9);
	static const char *const bad[] = { "", "x", "4..1", "1..", "..3", "1..99999999", "-1" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_assert_eq(campaign_seeds(bad[i], &mem, &v, &nr, &e), -EINVAL, "'%s'", bad[i]);
	arena_release(&mem);
}
