/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "run/apply.h"
#include "scenario/settings.h"
#include "test_compare_synth.h"

Test(settings, kinds)
{
	const char *text = "  vm.swappiness=60\t/sys/class/bdi/8:0/read_ahead_kb=128 boot:nosmt\n"
			   "boot:transparent_hugepage=never env:MALLOC_ARENA_MAX=1 env:EMPTY= "
			   "env:OPTS=\"a b  c\" boot:x=\"1 2\" env:Q=\"'a\" ";
	static const struct setting want[] = {
		{ SETTING_KNOB, "vm.swappiness", "60" },
		{ SETTING_KNOB, "/sys/class/bdi/8:0/read_ahead_kb", "128" },
		{ SETTING_BOOT, "nosmt", NULL },
		{ SETTING_BOOT, "transparent_hugepage", "never" },
		{ SETTING_ENV, "MALLOC_ARENA_MAX", "1" },
		{ SETTING_ENV, "EMPTY", "" },
		{ SETTING_ENV, "OPTS", "a b  c" },
		{ SETTING_BOOT, "x", "1 2" },
		{ SETTING_ENV, "Q", "'a" },
	};
	struct arena mem = ARENA_INIT;
	struct buf boot = BUF_INIT;
	struct settings s, again;
	struct err e = ERR_INIT;

	cr_assert_eq(settings_parse(text, &mem, &s, &e), 0, "%s", e.msg);
	cr_assert_eq(s.nr, ARRAY_SIZE(want));
	for (size_t i = 0; i < s.nr; i++) {
		cr_assert_eq(s.v[i].kind, want[i].kind, "%zu", i);
		cr_assert_str_eq(s.v[i].name, want[i].name);
		cr_assert_eq(s.v[i].value == NULL, want[i].value == NULL, "%zu", i);
		if (want[i].value)
			cr_assert_str_eq(s.v[i].value, want[i].value);
	}
	cr_assert_str_eq(s.text,
			 "vm.swappiness=60 /sys/class/bdi/8:0/read_ahead_kb=128 boot:nosmt "
			 "boot:transparent_hugepage=never env:MALLOC_ARENA_MAX=1 env:EMPTY= "
			 "env:OPTS=\"a b  c\" boot:x=\"1 2\" env:Q=\"'a\"");
	cr_assert_eq(settings_parse(s.text, &mem, &again, &e), 0, "%s", e.msg);
	cr_assert_str_eq(again.text, s.text, "the canonical text reads as itself");
	cr_assert_eq(again.nr, s.nr);
	settings_add_boot(&s, &boot);
	cr_assert_str_eq(boot.data, "nosmt transparent_hugepage=never x=\"1 2\"");
	cr_assert_str_eq(settings_first(&s, SETTING_ENV)->name, "MALLOC_ARENA_MAX");
	settings_export(&s);
	cr_assert_str_eq(getenv("OPTS"), "a b  c");
	cr_assert_str_eq(getenv("EMPTY"), "");
	buf_release(&boot);
	arena_release(&mem);
}

Test(settings, none)
{
	static const char *const texts[] = { "", "none", " \t\n", "  none  \n" };
	struct arena mem = ARENA_INIT;
	struct buf boot = BUF_INIT;
	struct err e = ERR_INIT;
	struct settings s;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		cr_assert_eq(settings_parse(texts[i], &mem, &s, &e), 0, "'%s': %s", texts[i],
			     e.msg);
		cr_assert_eq(s.nr, 0);
		cr_assert_str_eq(s.text, "");
		cr_assert_null(settings_first(&s, SETTING_BOOT));
	}
	settings_add_boot(NULL, &boot);
	settings_export(NULL);
	cr_assert_null(settings_first(NULL, SETTING_KNOB));
	cr_assert_eq(settings_apply(NULL, NULL, NULL, &e), 0);
	cr_assert_eq(boot.len, 0);
	arena_release(&mem);
}

/* One line each, with the word and what is wrong with it. */
Test(settings, refused)
{
	static const struct {
		const char *text, *word, *why;
	} cases[] = {
		{ "vm.swappiness", "'vm.swappiness'", "no '='" },
		{ "vm.a=1 env:A vm.b=2", "'env:A'", "no '='" },
		{ "swappiness=1", "'swappiness=1'", "a knob is a sysctl" },
		{ "vm.a=1 sysctl:vm.b=1", "'sysctl:vm.b=1'", "no such kind" },
		{ "Boot:nosmt", "'Boot:nosmt'", "no such kind" },
		{ "=1", "'=1'", "no name" },
		{ "boot:", "'boot:'", "no name" },
		{ "boot:=1", "'boot:=1'", "no name" },
		{ "env:=1", "'env:=1'", "no name" },
		{ "env:A-B=1", "'env:A-B=1'", "letters, digits and _" },
		{ "env:1A=1", "'env:1A=1'", "letters, digits and _" },
		{ "vm.a=", "'vm.a='", "no value" },
		{ "vm.a=\"  \"", "'vm.a=\"  \"'", "no value" },
		{ "vm.a=1 vm.a=1", "'vm.a=1'", "second value" },
		{ "vm.a=1 /proc/sys/vm/a=2", "'/proc/sys/vm/a=2'", "second value" },
		{ "boot:a-b boot:a_b=2", "'boot:a_b=2'", "second value" },
		{ "env:A=1 env:A=2", "'env:A=2'", "second value" },
		{ "boot:x=1 vm.a=\"1 2", "'vm.a=\"1 2'", "without its end" },
		{ "vm.a=\"1\"2", "'vm.a=\"1\"'", "must end the word" },
		{ "\"vm.a=1 2\"", "'\"vm.a=1'", "a \" stands around" },
		{ "vm.a=1\"2\"", "'vm.a=1\"2\"'", "a \" stands around" },
		{ "env:A='b c'", "'env:A='b'", "double quotes" },
		{ "env:A=\"b\nc\"", "'env:A=\"b?c\"'", "control character" },
		{ "env:A=b\001", "'env:A=b?'", "control character" },
		{ "/etc/passwd=x", "'/etc/passwd=x'", "only /sys and /proc/sys" },
		{ "/sys/../etc/passwd=x", "'/sys/../etc/passwd=x'", "'..'" },
		{ "/sys/kernel/mm/=1", "'/sys/kernel/mm/=1'", "nothing after" },
		{ "vm.drop_caches=3", "'vm.drop_caches=3'", "an action" },
		{ "vm.a=1 none", "'none'", "stands alone" },
		{ "boot:quiet boot:--", "'boot:--'", "not the kernel's" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct arena mem = ARENA_INIT;
		struct err e = ERR_INIT;
		struct settings s;

		cr_assert_eq(settings_parse(cases[i].text, &mem, &s, &e), -EINVAL, "'%s' was taken",
			     cases[i].text);
		cr_assert(strstr(e.msg, cases[i].word), "no %s in: %s", cases[i].word, e.msg);
		cr_assert(strstr(e.msg, cases[i].why), "no '%s' in: %s", cases[i].why, e.msg);
		cr_assert(!strchr(e.msg, '\n'), "one line: %s", e.msg);
		cr_assert(s.nr == 0 && !*s.text, "nothing is left of a text that was refused");
		arena_release(&mem);
	}
}

/* No text crashes the parser, and text that it takes reads back as itself. */
Test(settings, any_bytes)
{
	static const char bytes[] = "ab.=:\"/ -_'\t\nvm.x=1 boot: env:A= none\\";
	struct rng r = rng_make(7, 7);

	for (int i = 0; i < 20000; i++) {
		struct arena mem = ARENA_INIT;
		struct settings s, again;
		struct err e = ERR_INIT;
		char text[40];
		size_t len = rng_below(&r, sizeof(text) - 1);

		for (size_t k = 0; k < len; k++)
			text[k] = bytes[rng_below(&r, sizeof(bytes) - 1)];
		text[len] = '\0';
		if (!settings_parse(text, &mem, &s, &e)) {
			cr_assert_eq(settings_parse(s.text, &mem, &again, &e), 0,
				     "'%s' from '%s': %s", s.text, text, e.msg);
			cr_assert_str_eq(again.text, s.text);
		}
		arena_release(&mem);
	}
}

Test(settings, in_force)
{
	static const struct {
		const char *want, *now;
		bool same;
	} cases[] = {
		{ "60", "60", true },
		{ "60", "10", false },
		{ "0x3c", "60", true },
		{ "-1", "-1", true },
		{ "1G", "1073741824", true },
		{ "128k", "131072", true },
		{ "129", "128", false },
		{ "1", "Y", true },
		{ "0", "Y", false },
		{ "y", "0x0007", true },
		{ "n", "0x0007", false },
		{ "n", "0x0000", true },
		{ "7", "0x0007", true },
		{ "7", "0x0003", false },
		{ "never", "never", true },
		{ "never", "always", false },
		{ "1", "always", false },
		{ "on", "1", true },
		{ "lz4", "lzo", false },
		{ "", "0", false },
		{ "1", "", false },
		{ "1x", "1", false },
		{ "99999999999999999999", "1", false },
		{ "256 100", "256\t100\t32\t0", true },
		{ "256 100", "256\t256\t32\t0", false },
		{ "256 100 32", "256 100", false },
		{ "a", "a b", false },
		{ "|/bin/x %p", "|/bin/x %p", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_assert_eq(setting_in_force(cases[i].want, cases[i].now), cases[i].same,
			     "'%s' and '%s'", cases[i].want, cases[i].now);
}

/* Settings name the sides; the kernel does too where it differs. They are an ordinary difference
 * and no machine fact. */
Test(settings, labels)
{
	static const struct {
		const char *a, *b, *ka, *kb, *label_a, *label_b;
	} cases[] = {
		{ "vm.swappiness=60", "vm.swappiness=10", "6.12.0", "6.12.0", "vm.swappiness=60",
		  "vm.swappiness=10" },
		{ NULL, "boot:nosmt env:A=\"1 2\"", "6.12.0", "6.12.0", "none",
		  "boot:nosmt env:A=\"1 2\"" },
		{ NULL, "vm.swappiness=10", "6.12.0", "7.3.0", "6.12.0", "7.3.0 vm.swappiness=10" },
		{ "vm.swappiness=10", "vm.swappiness=10", "6.12.0", "7.3.0", "6.12.0", "7.3.0" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct spec a = spec(), b = spec();
		struct contest *k;
		bool seen = false;

		a.settings = cases[i].a;
		b.settings = cases[i].b;
		a.release = cases[i].ka;
		b.release = cases[i].kb;
		k = versus(&a, 4, &b, 4);
		ASSERT_LABELS(k, cases[i].label_a, cases[i].label_b);
		for (size_t n = 0; n < k->c.nr_env; n++) {
			cr_assert(!k->c.env[n].key_fact);
			seen |= !strcmp(k->c.env[n].key, "side.settings");
		}
		cr_assert_eq(seen, i < 3, "a difference of settings stands among the differences");
		contest_free(k);
	}
}

/* A side whose runs do not agree is not named by the settings of one of them. */
Test(settings, mixed_side)
{
	struct spec a = spec(), b = spec(), odd = spec();
	struct contest *k = contest_new();

	odd.settings = "vm.swappiness=1";
	b.release = "7.3.0";
	odd.release = "7.3.0";
	add(k, 0, &a, 4);
	add(k, 1, &b, 3);
	add(k, 1, &odd, 1);
	judged(k);
	ASSERT_LABELS(k, "6.12.0", "7.3.0");
	contest_free(k);
}

/* Earlier runs of one kernel under two settings: the distance between them is not noise. */
Test(settings, history)
{
	struct spec a = spec(), old = spec(), far = spec();
	struct contest *k = contest_new(), *past = contest_new();
	double mde;

	old.seed = 77;
	far.seed = 78;
	far.settings = "vm.swappiness=1";
	far.stalls *= 5;
	add(k, 0, &a, 5);
	add(k, 1, &a, 5);
	add(past, 0, &old, 6);
	use_history(k, past);
	judged(k);
	cr_assert_eq(metric(k, 0, "stalls_per_gib")->history_df, 5.0);
	mde = metric(k, 0, "stalls_per_gib")->mde;
	comparison_release(&k->c);
	add(past, 0, &far, 6);
	use_history(k, past);
	judged(k);
	cr_assert_eq(metric(k, 0, "stalls_per_gib")->history_df, 10.0, "two groups of six");
	cr_assert_lt(metric(k, 0, "stalls_per_gib")->mde, 1.5 * mde);
	contest_free(past);
	contest_free(k);
}

/* Knobs of this machine, if there is one that this user may write with its own value. */
Test(settings, apply)
{
	struct arena mem = ARENA_INIT;
	struct knobs *k = NULL;
	struct settings s;
	struct err e = ERR_INIT;

	cr_assert_eq(knobs_open(&k, NULL, &e), 0);
	cr_assert_eq(settings_parse("vm.no_such_setting=1", &mem, &s, &e), 0);
	cr_assert_eq(settings_apply(&s, k, NULL, &e), -ENOENT);
	cr_assert(strstr(e.msg, "vm.no_such_setting"), "%s", e.msg);
	cr_assert_eq(settings_parse("boot:wmark_no_such_parameter=1", &mem, &s, &e), 0);
	cr_assert_eq(settings_apply(&s, k, NULL, &e), -EIO);
	cr_assert(strstr(e.msg, "boot:wmark_no_such_parameter=1"), "%s", e.msg);
	cr_assert_eq(knobs_restore(k, NULL, &e), 0);
	arena_release(&mem);
}
