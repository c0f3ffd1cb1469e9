/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/opt.h"
#include "workloads/workload.h"

Test(opt, size)
{
	static const struct {
		const char *text;
		int ret;
		struct opt_size want;
	} cases[] = {
		{ "0", 0, { OPT_BYTES, 0, 0 } },
		{ "4096", 0, { OPT_BYTES, 4096, 0 } },
		{ "64k", 0, { OPT_BYTES, 65536, 0 } },
		{ "64K", 0, { OPT_BYTES, 65536, 0 } },
		{ "1.5G", 0, { OPT_BYTES, 1610612736, 0 } },
		{ "2MiB", 0, { OPT_BYTES, 2097152, 0 } },
		{ "2MB", 0, { OPT_BYTES, 2097152, 0 } },
		{ "1t", 0, { OPT_BYTES, 1ull << 40, 0 } },
		{ "50%ram", 0, { OPT_PCT_RAM, 0, 50 } },
		{ "12.5%", 0, { OPT_PCT_RAM, 0, 12.5 } },
		{ "120%node", 0, { OPT_PCT_NODE, 0, 120 } },
		{ "", -EINVAL, { 0, 0, 0 } },
		{ "-1", -EINVAL, { 0, 0, 0 } },
		{ " 1", -EINVAL, { 0, 0, 0 } },
		{ "1 k", -EINVAL, { 0, 0, 0 } },
		{ "1kk", -EINVAL, { 0, 0, 0 } },
		{ "0x10", -EINVAL, { 0, 0, 0 } },
		{ "nan", -EINVAL, { 0, 0, 0 } },
		{ "inf", -EINVAL, { 0, 0, 0 } },
		{ "1e400", -EINVAL, { 0, 0, 0 } },
		{ "99999999999t", -EINVAL, { 0, 0, 0 } },
		{ "50%disk", -EINVAL, { 0, 0, 0 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct opt_size s = { 0, 0, 0 };
		struct err e = ERR_INIT;

		cr_assert_eq(opt_parse_size(cases[i].text, &s, &e), cases[i].ret, "'%s'",
			     cases[i].text);
		if (cases[i].ret)
			cr_assert(strstr(e.msg, "not a size"), "%s", e.msg);
		else
			cr_assert(s.share == cases[i].want.share &&
					  s.bytes == cases[i].want.bytes &&
					  s.pct == cases[i].want.pct,
				  "'%s'", cases[i].text);
	}
	cr_assert_eq(opt_size_bytes(&(struct opt_size){ OPT_PCT_RAM, 0, 25 }, 1000, 400), 250);
	cr_assert_eq(opt_size_bytes(&(struct opt_size){ OPT_PCT_NODE, 0, 25 }, 1000, 400), 100);
	cr_assert_eq(opt_size_bytes(&(struct opt_size){ OPT_BYTES, 7, 0 }, 1000, 400), 7);
}

Test(opt, duration)
{
	static const struct {
		const char *text;
		int ret;
		uint64_t ns;
	} cases[] = {
		{ "0", 0, 0 },
		{ "5ns", 0, 5 },
		{ "250us", 0, 250000 },
		{ "10ms", 0, 10000000 },
		{ "1.5s", 0, 1500000000 },
		{ "2m", 0, 120000000000 },
		{ "2min", 0, 120000000000 },
		{ "1h", 0, 3600000000000 },
		{ "0.1us", 0, 100 },
		{ "5", -EINVAL, 0 },
		{ "s", -EINVAL, 0 },
		{ "-1s", -EINVAL, 0 },
		{ "1 s", -EINVAL, 0 },
		{ "1d", -EINVAL, 0 },
		{ "1e30h", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t ns = 0;
		struct err e = ERR_INIT;

		cr_assert_eq(opt_parse_duration(cases[i].text, &ns, &e), cases[i].ret, "'%s'",
			     cases[i].text);
		cr_assert_eq(ns, cases[i].ns, "'%s': %llu", cases[i].text, (unsigned long long)ns);
		cr_assert_eq(cases[i].ret != 0, strstr(e.msg, "not a time") != NULL);
	}
}

Test(opt, rate)
{
	static const struct {
		const char *text;
		int ret;
		double per_s;
		bool bytes;
	} cases[] = {
		{ "0", 0, 0, false },
		{ "500", 0, 500, false },
		{ "0.5/s", 0, 0.5, false },
		{ "8m/s", 0, 8388608, true },
		{ "20MiB/s", 0, 20971520, true },
		{ "20MB", 0, 20971520, true },
		{ "100B/s", 0, 100, true },
		{ "x", -EINVAL, 0, false },
		{ "8m/m", -EINVAL, 0, false },
		{ "-4", -EINVAL, 0, false },
		{ "", -EINVAL, 0, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct opt_rate r = { 0, false };

		cr_assert_eq(opt_parse_rate(cases[i].text, &r, NULL), cases[i].ret, "'%s'",
			     cases[i].text);
		cr_assert(r.per_s == cases[i].per_s && r.bytes == cases[i].bytes, "'%s': %g",
			  cases[i].text, r.per_s);
	}
}

Test(opt, u64)
{
	uint64_t v = 1;
	struct err e = ERR_INIT;

	cr_assert_eq(opt_parse_u64("18446744073709551615", &v, NULL), 0);
	cr_assert_eq(v, UINT64_MAX);
	cr_assert_eq(opt_parse_u64("18446744073709551616", &v, &e), -EINVAL);
	cr_assert(strstr(e.msg, "64 bits"), "%s", e.msg);
	cr_assert_eq(opt_parse_u64("-1", &v, NULL), -EINVAL);
	cr_assert_eq(opt_parse_u64("12x", &v, NULL), -EINVAL);
	cr_assert_eq(opt_parse_u64("", &v, NULL), -EINVAL);
}

struct cfg {
	bool fast;
	int64_t count;
	struct opt_size size;
	double share, part;
	const char *name;
	int color;
	struct opt_list tags;
	uint64_t wait_ns;
};

static const char *const colors[] = { "red", "green", NULL };

/* clang-format off */
static const struct opt_desc table[] = {
	OPT_HEAD("Options:"),
	OPT_BOOL(struct cfg, fast, "fast", 'f', "be quick"),
	OPT_INT(struct cfg, count, "count", 'c', "3", 1, 100, "how many"),
	OPT_SIZE(struct cfg, size, "size", 's', "1m", "how large"),
	OPT_FLOAT(struct cfg, share, "share", 0, "0.5", 0, 1, "part of it"),
	OPT_SHARE(struct cfg, part, "part", 0, "50%", 0.01, 1, "as percent too"),
	OPT_STR(struct cfg, name, "name", 'n', NULL, "NAME", "what to call it"),
	OPT_ENUM(struct cfg, color, "color", 0, "green", colors, "paint"),
	OPT_LIST(struct cfg, tags, "tag", 't', "TAG", "a word"),
	OPT_DURATION(struct cfg, wait_ns, "wait", 'w', "10ms", "pause"),
	OPT_END
};
/* clang-format on */

Test(opt, defaults_and_set)
{
	static const struct {
		const char *name, *value;
		int ret;
		const char *text; /* in the message */
	} cases[] = {
		{ "count", "100", 0, "" },
		{ "count", "101", -EINVAL, "'101': not within 1..100" },
		{ "count", "0", -EINVAL, "not within" },
		{ "count", "ten", -EINVAL, "'ten': not a whole number" },
		{ "count", "99999999999999999999", -EINVAL, "not a whole number" },
		{ "count", " 4", -EINVAL, "not a whole number" },
		{ "fast", "On", 0, "" },
		{ "fast", "maybe", -EINVAL, "'maybe': not yes or no" },
		{ "color", "red", 0, "" },
		{ "color", "blue", -EINVAL, "'blue': not one of red, green" },
		{ "share", "1.5", -EINVAL, "not within 0..1" },
		{ "share", "-0.5", -EINVAL, "not within" },
		{ "share", "a", -EINVAL, "not a number" },
		{ "part", "120%", -EINVAL, "'120%': not within 0.01..1" },
		{ "part", "0", -EINVAL, "not within" },
		{ "part", "%", -EINVAL, "'%': not a share (like 20% or 0.2)" },
		{ "part", "20%%", -EINVAL, "not a share" },
		{ "part", "-20%", -EINVAL, "not a share" },
		{ "part", "0.3", 0, "" },
		{ "part", "12.5%", 0, "" },
		{ "cuont", "4", -ENOENT, "did you mean 'count'" },
		{ "zzz", "4", -ENOENT, "'zzz': no such key" },
		{ "", "4", -ENOENT, "no such key" },
	};
	struct cfg c = { .fast = false };

	opt_defaults(table, &c);
	cr_assert(!c.fast && c.count == 3 && c.size.bytes == 1 << 20 && c.share == 0.5 &&
		  c.part == .5 && !c.name && c.color == 1 && c.tags.nr == 0 &&
		  c.wait_ns == 10000000);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err e = ERR_INIT;

		cr_assert_eq(opt_set(table, &c, cases[i].name, cases[i].value, &e), cases[i].ret,
			     "case %zu: %s", i, e.msg);
		cr_assert(strstr(e.msg, cases[i].text), "case %zu: %s", i, e.msg);
	}
	cr_assert(c.count == 100 && c.share == 0.5 && c.part == .125 && c.fast && c.color == 0,
		  "a refused value changes nothing");
	cr_assert_eq(opt_set(table, &c, "zzz", "4", &(struct err)ERR_INIT), -ENOENT);
	opt_release(table, &c);
}

static int parse(struct cfg *c, char **argv, bool early, char ***rest, int *nr, struct err *e)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	memset(c, 0, sizeof(*c));
	opt_defaults(table, c);
	return opt_parse(table, c, argc, argv, early, rest, nr, e);
}

Test(opt, command_line_forms)
{
	char *all[] = { "a",  "--count=7", "-f",      "b",  "-s64k", "--name", "x y",
			"-t", "p",	   "--tag=q", "--", "-f",    NULL };
	char *early[] = { "-f", "run", "--count", "9", NULL };
	char *odd[] = { "--fast=no", "-", "--name=-", NULL };
	char *help[] = { "x", "--help", NULL }, *h[] = { "-h", NULL };
	struct cfg c;
	struct err e = ERR_INIT;
	char **rest;
	int nr;

	cr_assert_eq(parse(&c, all, false, &rest, &nr, &e), 0, "%s", e.msg);
	cr_assert(c.count == 7 && c.fast && c.size.bytes == 65536 && !strcmp(c.name, "x y"));
	cr_assert(c.tags.nr == 2 && !strcmp(c.tags.v[0], "p") && !strcmp(c.tags.v[1], "q"));
	cr_assert_eq(nr, 3);
	cr_assert(!strcmp(rest[0], "a") && !strcmp(rest[1], "b") && !strcmp(rest[2], "-f"));
	opt_release(table, &c);

	cr_assert_eq(parse(&c, early, true, &rest, &nr, &e), 0);
	cr_assert(c.fast && c.count == 3 && nr == 3 && !strcmp(rest[0], "run") &&
		  !strcmp(rest[2], "9"));
	cr_assert_eq(parse(&c, odd, false, &rest, &nr, &e), 0);
	cr_assert(!c.fast && nr == 1 && !strcmp(rest[0], "-") && !strcmp(c.name, "-"));
	cr_assert_eq(parse(&c, help, false, &rest, &nr, &e), 1);
	cr_assert_eq(parse(&c, h, false, &rest, &nr, &e), 1);
}

Test(opt, command_line_errors)
{
	static const struct {
		const char *word, *next, *text;
	} cases[] = {
		{ "--cuont=1", NULL, "unknown option '--cuont'; did you mean '--count'?" },
		{ "--qqqqqq", NULL, "unknown option '--qqqqqq'" },
		{ "-x", NULL, "unknown option '-x'" },
		{ "--count", NULL, "--count needs a value (N)" },
		{ "-c", NULL, "--count needs a value" },
		{ "--count", "x", "--count: 'x': not a whole number" },
		{ "-c0", NULL, "--count: '0': not within 1..100" },
		{ "--fast=perhaps", NULL, "--fast: 'perhaps': not yes or no" },
		{ "--coun", "3", "unknown option '--coun'" },
		{ "--name=", NULL, "--name: '': an empty name" },
		{ "--name", "a\nb", "--name: 'a\\nb': a control character in a name" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *argv[] = { (char *)(uintptr_t)cases[i].word, (char *)(uintptr_t)cases[i].next,
				 NULL };
		struct err e = ERR_INIT;
		struct cfg c;
		char **rest;
		int nr;

		cr_assert_eq(parse(&c, argv, false, &rest, &nr, &e), -EINVAL, "case %zu", i);
		cr_assert(strstr(e.msg, cases[i].text), "case %zu: %s", i, e.msg);
	}
}

Test(opt, suggest)
{
	static const char *const names[] = { "compare", "check", "report" };
	char longer[200];

	cr_assert_str_eq(opt_suggest("comapre", names, 3), "compare");
	cr_assert_str_eq(opt_suggest("chek", names, 3), "check");
	cr_assert_null(opt_suggest("x", names, 3));
	cr_assert_null(opt_suggest("", names, 3));
	memset(longer, 'r', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	cr_assert_null(opt_suggest(longer, names, 3));
}

Test(opt, help)
{
	struct buf b = BUF_INIT;
	size_t width = 0;

	opt_help(table, &b);
	cr_assert(strstr(b.data, "\nOptions:\n"));
	cr_assert(strstr(b.data, "  -c, --count N"));
	cr_assert(strstr(b.data, "how many; 1..100 (default 3)"));
	cr_assert(strstr(b.data, "paint: red, green (default green)"));
	cr_assert(strstr(b.data, "a word; may be repeated"));
	for (const char *p = b.data; *p; p += width + (p[width] == '\n')) {
		width = strcspn(p, "\n");
		cr_assert(width <= 100, "%.*s", (int)width, p);
	}
	buf_release(&b);
}

/* Every workload's defaults parse, its kinds fit, and no option hides a common one. */
static bool has_kind(const struct workload *w, const char *kind)
{
	for (size_t i = 0; w->kinds[i]; i++)
		if (!strcmp(w->kinds[i], kind))
			return true;
	return false;
}

Test(opt, workload_tables)
{
	for (size_t i = 0; workload_table[i]; i++) {
		const struct workload *w = workload_table[i];
		void *cfg = xcalloc(1, w->cfg_size);
		size_t nr = 0;

		opt_defaults(w->opts, cfg);
		opt_release(w->opts, cfg);
		free(cfg);
		while (w->kinds[nr])
			nr++;
		cr_assert(nr >= 1 && nr <= WL_KINDS_MAX, "%s", w->name);
		cr_assert(i == 0 || strcmp(workload_table[i - 1]->name, w->name) < 0);
		cr_assert(!w->slow || has_kind(w, w->slow), "%s", w->name);
		cr_assert_eq(workload_find(w->name), w);
		for (const struct opt_desc *o = w->opts; o->type != OPT_T_END; o++)
			for (const struct opt_desc *c = wl_common_opts; c->type != OPT_T_END; c++)
				cr_assert(strcmp(o->name, c->name) != 0, "%s: %s", w->name,
					  o->name);
	}
	cr_assert_null(workload_find("no-such"));
}
