/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/ini.h"
#include "base/rng.h"

/* What a text says, as one line per event: "[section]", "key=value", "+more", "!message". */
static char *events(const char *text, size_t len)
{
	struct buf out = BUF_INIT;
	struct ini r;
	int what;

	ini_open(&r, "f", text, len);
	do {
		struct err e = ERR_INIT;

		what = ini_next(&r, &e);
		if (what < 0)
			buf_addf(&out, "!%s\n", e.msg);
		else if (what == INI_SECTION)
			buf_addf(&out, "[%.*s]", (int)r.section_len, r.section);
		else if (what == INI_KEY)
			buf_addf(&out, "%.*s=%.*s", (int)r.key_len, r.key, (int)r.value_len,
				 r.value);
		else if (what == INI_MORE)
			buf_addf(&out, "+%.*s", (int)r.value_len, r.value);
		if (what > 0)
			buf_addstr(&out, r.comment ? " ;\n" : "\n");
	} while (what);
	buf_addstr(&out, "");
	return buf_detach(&out);
}

Test(ini, lines)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "\n \n\t\n", "" },
		{ "; a\n# b\n  ; c\n", "" },
		{ "[a]\nk = v", "[a]\nk=v\n" },
		{ "[ a b ]\n", "[a b]\n" },
		{ "[a] ; c\n[b] # c\n", "[a] ;\n[b]\n" },
		{ "[a]\n  k = v\n  l = w\n", "[a]\nk=v\nl=w\n" },
		{ "[a]\nk = v\n  w\n\n\n ; no\n\tx = y\nl = z\n", "[a]\nk=v\n+w\n+x = y\nl=z\n" },
		{ "[a]\nk =\n  v\n", "[a]\nk=\n+v\n" },
		{ "[a]\n k = v\nl = w\n", "[a]\nk=v\nl=w\n" },
		{ "[a]\nk = v\n  [b]\n[c]\n  d = e\n", "[a]\nk=v\n+[b]\n[c]\nd=e\n" },
		{ "[a]\nk = v ; c\nl = v;w\nm =;n\no = ;p\n", "[a]\nk=v ;\nl=v;w\nm=;n\no= ;\n" },
		{ "[a]\nk = v\n  w ; c\n", "[a]\nk=v\n+w ;\n" },
		{ "[a]\nk = v # w\n", "[a]\nk=v # w\n" },
		{ "[a]\nk=v=w\n", "[a]\nk=v=w\n" },
		/* ':' is a '=', but a path may hold one */
		{ "[a]\nk: v\nl:w\nm : x\n", "[a]\nk=v\nl=w\nm=x\n" },
		{ "[a]\nk: v = w\n", "[a]\nk=v = w\n" },
		{ "[a]\n/sys/class/bdi/8:0/x = 1\n", "[a]\n/sys/class/bdi/8:0/x=1\n" },
		{ "k = v\n", "k=v\n" },
		/* bad lines, after which reading goes on */
		{ "[a\nk = v\n", "!f:1: a section without its ']': '[a'\nk=v\n" },
		{ "[]\n", "!f:1: a section without a name: '[]'\n" },
		{ "[a] b\n", "!f:1: text after the ']': '[a] b'\n" },
		{ "[a ; b]\n", "!f:1: a section without its ']': '[a'\n" },
		{ "[a]\n\n= v\n", "[a]\n!f:3: no key before the '=': '= v'\n" },
		{ "word\n", "!f:1: neither [section] nor key = value: 'word'\n" },
		{ "[a]\nk = v\nword\n  l = w\n",
		  "[a]\nk=v\n!f:3: neither [section] nor key = value: 'word'\nl=w\n" },
		{ "\x01\x7f\xc3\xa4\n", "!f:1: neither [section] nor key = value: '??\xc3\xa4'\n" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *have = events(cases[i].text, strlen(cases[i].text));

		cr_assert_str_eq(have, cases[i].want, "'%s': '%s'", cases[i].text, have);
		free(have);
	}
}

Test(ini, line_ends_and_byte_order_mark)
{
	const char *text = "\xef\xbb\xbf[a]\r\nk = v\r\n  w\r\n\r\n; c\r\nl = x\r";
	char *have = events(text, strlen(text));

	cr_assert_str_eq(have, "[a]\nk=v\n+w\nl=x\n");
	free(have);
	/* a mark anywhere else is text */
	have = events("\n\xef\xbb\xbf[a]\n", 8);
	cr_assert_str_eq(have, "!f:2: neither [section] nor key = value: '\xef\xbb\xbf[a]'\n");
	free(have);
}

Test(ini, nul_bytes)
{
	static const char text[] = "[a]\nk = v\0w\nl = x\n; c\0\n";
	char *have = events(text, sizeof(text) - 1);

	cr_assert_str_eq(have, "[a]\n!f:2: a NUL byte: not a text file\nl=x\n"
			       "!f:4: a NUL byte: not a text file\n");
	free(have);
}

/* The text ends where its length says, whatever follows. */
Test(ini, no_terminator)
{
	static const char text[] = "[a]\nk = value]=\n";
	char *have = events(text, 11);

	cr_assert_str_eq(have, "[a]\nk=val\n");
	free(have);
}

static int read_text(struct ini_file *f, const char *text, struct arena *mem, struct err *e)
{
	static const char *const twice[] = { "a.file", NULL };

	return ini_read(f, "f", text, strlen(text), twice, mem, e);
}

Test(ini, million_characters_a_line)
{
	const size_t million = 1 << 20;
	struct arena mem = ARENA_INIT;
	struct buf text = BUF_INIT, again = BUF_INIT;
	struct err e = ERR_INIT;
	struct ini_file f;

	buf_addc(&text, '[');
	for (size_t i = 0; i < million; i++)
		buf_addc(&text, 's');
	buf_addstr(&text, "]\n");
	for (size_t i = 0; i < million; i++)
		buf_addc(&text, 'k');
	buf_addstr(&text, " = ");
	for (size_t i = 0; i < million; i++)
		buf_addc(&text, 'v');
	/* and as many lines of one value */
	for (size_t i = 0; i < million / 4; i++)
		buf_addstr(&text, "\n w");
	cr_assert_eq(read_text(&f, text.data, &mem, &e), 0, "%s", e.msg);
	cr_assert_eq(f.nr, (size_t)2);
	cr_assert_eq(strlen(f.v[1].section), million);
	cr_assert_eq(strlen(f.v[1].key), million);
	cr_assert_eq(strlen(f.v[1].value), million + million / 4 * 2);
	ini_write(&f, &again);
	ini_release(&f);
	cr_assert_eq(read_text(&f, again.data, &mem, &e), 0, "%s", e.msg);
	cr_assert_eq(strlen(f.v[1].value), million + million / 4 * 2);
	ini_release(&f);
	buf_reset(&text);
	for (size_t i = 0; i < million; i++)
		buf_addc(&text, 'x');
	cr_assert_eq(read_text(&f, text.data, &mem, &e), -EINVAL);
	cr_assert(strstr(e.msg, "'xxxx") && strstr(e.msg, "...'"), "%s", e.msg);
	ini_release(&f);
	buf_release(&text);
	buf_release(&again);
	arena_release(&mem);
}

Test(ini, files)
{
	struct arena mem = ARENA_INIT;
	struct err e = ERR_INIT;
	struct ini_file f;

	cr_assert_eq(
		read_text(&f,
			  "[a]\nfile = x\nfile = y\ncommand = one\n  two ; c\n[b]\n[a]\nk =\n  v\n",
			  &mem, &e),
		0, "%s", e.msg);
	cr_assert_eq(f.nr, (size_t)7);
	cr_assert_str_eq(f.v[0].section, "a");
	cr_assert_str_eq(f.v[0].key, "");
	cr_assert_eq(f.v[0].line, (size_t)1);
	cr_assert_str_eq(f.v[1].value, "x");
	cr_assert_str_eq(f.v[2].value, "y");
	cr_assert_str_eq(ini_find(&f, "a", "command")->value, "one two");
	cr_assert_eq(ini_find(&f, "a", "command")->line, (size_t)4);
	cr_assert_eq(ini_find(&f, "a", "command")->comment, (size_t)5);
	cr_assert_eq(ini_find(&f, "a", "file")->comment, (size_t)0);
	cr_assert_str_eq(ini_find(&f, "a", "k")->value, "v", "no blank before the first piece");
	cr_assert(ini_find(&f, "b", ""));
	cr_assert_null(ini_find(&f, "b", "k"));
	ini_release(&f);
	arena_release(&mem);
}

Test(ini, refused_files)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "[a]\nk = 1\n[b]\nk = 2\n[a]\nk = 3\nk = 4\n",
		  "f:6: 'k' given twice (first on line 2)" },
		{ "[a]\nz = 1\nk = 1\nk = 2\nz = 2\n", "f:4: 'k' given twice (first on line 3)" },
		{ "k = 1\n[a]\n", "f:1: a key before the first [section]: 'k'" },
		{ "[a]\nk = 1\nword\n", "f:3: neither [section] nor key = value: 'word'" },
	};
	struct arena mem = ARENA_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err e = ERR_INIT;
		struct ini_file f;

		cr_assert_eq(read_text(&f, cases[i].text, &mem, &e), -EINVAL, "%zu", i);
		cr_assert_str_eq(e.msg, cases[i].message);
		ini_release(&f);
	}
	arena_release(&mem);
}

/* 29 words fill a line; the next word goes to a new line unless it would be read differently
 * there. */
Test(ini, canonical_text)
{
	static const char *const ends[][2] = {
		{ " yes more", "\n    yes more" },
		{ " #no yes", " #no\n    yes" },
		{ " \vno yes", " \vno\n    yes" },
		{ " no\v yes", "\n    no\v yes" },
	};
	struct buf words = BUF_INIT, value = BUF_INIT, out = BUF_INIT, want = BUF_INIT;
	struct arena mem = ARENA_INIT;
	struct err e = ERR_INIT;
	struct ini_file f;

	cr_assert_eq(read_text(&f, "[b]\nx =;y\n[a]\nk = 1  2\n[b]\nz = 3\n", &mem, &e), 0, "%s",
		     e.msg);
	ini_add(&f, "a", "l", "4");
	ini_write(&f, &out);
	cr_assert_str_eq(out.data, "[b]\nx =;y\nz = 3\n\n[a]\nk = 1 2\nl = 4\n");
	ini_release(&f);
	for (int i = 0; i < 29; i++)
		buf_addf(&words, " w%03d", i);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		buf_reset(&value);
		buf_reset(&want);
		buf_reset(&out);
		buf_addf(&value, "%s%s", words.data + 1, ends[i][0]);
		buf_addf(&want, "[a]\nk =%s%s\n", words.data, ends[i][1]);
		ini_add(&f, "a", "k", value.data);
		ini_write(&f, &out);
		cr_assert_str_eq(out.data, want.data);
		ini_release(&f);
		cr_assert_eq(read_text(&f, out.data, &mem, &e), 0, "%s", e.msg);
		cr_assert_str_eq(ini_find(&f, "a", "k")->value, value.data);
		ini_release(&f);
	}
	buf_release(&words);
	buf_release(&value);
	buf_release(&out);
	buf_release(&want);
	arena_release(&mem);
}

static void check_fixed_point(const char *text, size_t len)
{
	static const char *const twice[] = { "a.k", NULL };
	struct buf once = BUF_INIT, again = BUF_INIT;
	struct arena mem = ARENA_INIT;
	struct err e = ERR_INIT;
	struct ini_file f, g;

	if (!ini_read(&f, "f", text, len, twice, &mem, &e)) {
		ini_write(&f, &once);
		cr_assert_eq(ini_read(&g, "g", once.data, once.len, twice, &mem, &e), 0,
			     "%s of\n%s\nwritten as\n%s", e.msg, text, once.data);
		ini_write(&g, &again);
		cr_assert_str_eq(once.data, again.data);
		ini_release(&g);
	} else {
		cr_assert(!strncmp(e.msg, "f:", 2), "a message without its file: %s", e.msg);
	}
	ini_release(&f);
	buf_release(&once);
	buf_release(&again);
	arena_release(&mem);
}

/* Whatever can be read is written so that it reads back the same: texts of the characters that
 * matter. */
Test(ini, canonical_text_is_a_fixed_point)
{
	static const char some[] = "[]=:;# \t\r\v\nak.x";
	struct rng r = rng_make(11, 3);
	char text[400];

	for (int i = 0; i < 20000; i++) {
		size_t head = (size_t)sprintf(text, "[a]\nk = "), len;

		len = head + rng_below(&r, i % 2 ? 40 : sizeof(text) - head - 1);
		for (size_t k = head; k < len; k++)
			text[k] = some[rng_below(&r, sizeof(some) - 1)];
		text[len] = '\0';
		check_fixed_point(text, len);
	}
	check_fixed_point(some, sizeof(some));
}

Test(ini, names)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "\xef\xbb\xbf"
		  "a\r\n\r\n# c\r\n  b # d\r\n; e\nc#f",
		  "a b c " },
		{ "a\nb c\nd\n", "a !f:2: more than one name on a line: 'b c' d " },
	};
	struct ini r;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buf out = BUF_INIT;
		struct err e = ERR_INIT;
		int ret;

		ini_open(&r, "f", cases[i].text, strlen(cases[i].text));
		while ((ret = ini_next_name(&r, &e)))
			if (ret > 0)
				buf_addf(&out, "%.*s ", (int)r.value_len, r.value);
			else
				buf_addf(&out, "!%s ", e.msg);
		cr_assert_str_eq(out.data, cases[i].want);
		buf_release(&out);
	}
	ini_open(&r, "f", "a\0b\n", 4);
	cr_assert_eq(ini_next_name(&r, NULL), -EINVAL);
	cr_assert_eq(ini_next_name(&r, NULL), 0);
}
