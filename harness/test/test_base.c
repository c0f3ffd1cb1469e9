/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/rng.h"
#include "base/strv.h"
#include "test/temp.h"

Test(base, err_messages_grow_outwards)
{
	struct err e = ERR_INIT;

	cr_assert_eq(err_set(&e, -EINVAL, "'%s': not a number", "x"), -EINVAL);
	cr_assert_eq(err_wrap(&e, -EINVAL, "%s:%d", "file.ini", 3), -EINVAL);
	cr_assert_str_eq(e.msg, "file.ini:3: 'x': not a number");
	cr_assert_eq(e.code, -EINVAL);
	err_sys(&e, -ENOENT, "/no/such");
	cr_assert_str_eq(e.msg, "/no/such: No such file or directory");
	cr_assert_eq(err_set(NULL, -EIO, "nobody listens"), -EIO);
	cr_assert_eq(err_wrap(NULL, -EIO, "nobody listens"), -EIO);
}

Test(base, err_long_messages_are_cut_not_overrun)
{
	struct err e = ERR_INIT;
	char big[3 * ERR_MSG_MAX];

	memset(big, 'a', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	err_set(&e, -EINVAL, "%s", big);
	cr_assert_eq(strlen(e.msg), ERR_MSG_MAX - 1);
	for (int i = 0; i < 5; i++)
		err_wrap(&e, -EINVAL, "context %d", i);
	cr_assert_eq(strncmp(e.msg, "context 4: context 3: context 2:", 32), 0);
	cr_assert_lt(strlen(e.msg), (size_t)ERR_MSG_MAX);
	err_wrap(&e, -EINVAL, "%s", big);
	cr_assert_lt(strlen(e.msg), (size_t)ERR_MSG_MAX);
}

/* Whatever a name holds, a message is one line and moves no cursor; UTF-8 stays as it is. */
Test(base, err_messages_are_one_line)
{
	struct err e = ERR_INIT;
	char big[ERR_MSG_MAX];

	err_set(&e, -EINVAL, "'%s': no", "a\nb\x1b[2J\x7f\r\xc3\xa4");
	cr_assert_str_eq(e.msg, "'a\\nb\\x1b[2J\\x7f\\x0d\xc3\xa4': no");
	err_wrap(&e, -EINVAL, "%s", "x\ty");
	cr_assert_str_eq(e.msg, "x\\x09y: 'a\\nb\\x1b[2J\\x7f\\x0d\xc3\xa4': no");
	err_sys(&e, -ENOENT, "%s", "\n");
	cr_assert_str_eq(e.msg, "\\n: No such file or directory");
	memset(big, 1, sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	err_set(&e, -EINVAL, "%s", big);
	cr_assert_eq(strlen(e.msg) % 4, 0u, "no half escape at the end");
	cr_assert_gt(strlen(e.msg), ERR_MSG_MAX - 8u);
}

Test(base, buf_grows_and_formats)
{
	struct buf b = BUF_INIT;
	char *s;

	cr_assert_str_eq(b.data, "");
	for (int i = 0; i < 10000; i++)
		buf_addf(&b, "%d,", i % 10);
	cr_assert_eq(b.len, (size_t)20000);
	cr_assert_eq(strlen(b.data), b.len);
	buf_reset(&b);
	cr_assert_str_eq(b.data, "");
	buf_addf(&b, "%0200d  \n", 1);
	buf_rtrim(&b);
	cr_assert_eq(b.len, (size_t)200);
	s = buf_detach(&b);
	cr_assert_eq(strlen(s), (size_t)200);
	free(s);
	cr_assert_str_eq(b.data, "");
	s = buf_detach(&b);
	cr_assert_str_eq(s, "");
	free(s);
	buf_release(&b);
}

Test(base, buf_quotes_for_sh)
{
	static const struct {
		const char *word, *want;
	} cases[] = {
		{ "plain-1.0_x/y:z,a=b@c+%", "plain-1.0_x/y:z,a=b@c+%" },
		{ "", "''" },
		{ "a b", "'a b'" },
		{ "it's", "'it'\\''s'" },
		{ "'", "''\\'''" },
		{ "$HOME", "'$HOME'" },
		{ "a\nb", "'a\nb'" },
		{ "\\", "'\\'" },
		{ "~", "'~'" },
		{ "*", "'*'" },
		{ "\"", "'\"'" },
		{ "\xc3\xa4", "'\xc3\xa4'" },
	};
	struct buf b = BUF_INIT, line = BUF_INIT;

	buf_addstr(&line, "printf '%s\\n'");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		buf_reset(&b);
		buf_add_quoted(&b, cases[i].word);
		cr_assert_str_eq(b.data, cases[i].want);
		buf_addf(&line, " %s", b.data);
	}
	/* sh reads the words back, too */
	FILE *f = popen(line.data, "r");

	cr_assert(f);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = strlen(cases[i].word);
		char back[64];

		cr_assert_eq(fread(back, 1, len + 1, f), len + 1);
		cr_assert(!memcmp(back, cases[i].word, len) && back[len] == '\n', "case %zu", i);
	}
	cr_assert_eq(fgetc(f), EOF);
	cr_assert_eq(pclose(f), 0);
	buf_release(&b);
	buf_release(&line);
}

Test(base, strv_owns_and_ends_with_null)
{
	struct strv s = STRV_INIT;
	char word[8] = "one";

	strv_add(&s, word);
	word[0] = 'X';
	for (int i = 0; i < 100; i++)
		strv_addf(&s, "%d", i);
	cr_assert_eq(s.nr, 101);
	cr_assert_str_eq(s.v[0], "one");
	cr_assert_str_eq(s.v[100], "99");
	cr_assert_null(s.v[101]);
	cr_assert(strv_has(&s, "42") && !strv_has(&s, "100") && !strv_has(&s, ""));
	strv_release(&s);
	cr_assert_null(s.v);
	cr_assert(!strv_has(&s, "one"));
	strv_add(&s, "");
	cr_assert_str_eq(s.v[0], "");
	strv_release(&s);
}

Test(base, programs_are_found_as_sh_does, TEMP_DIR)
{
	const char *tool = temp_put("tool", "#!/bin/sh\n", 10), *plain = temp_put("plain", "x", 1),
		   *sub = temp_path("mke2fs");
	char *found;

	cr_assert_eq(chmod(tool, 0755), 0);
	cr_assert_eq(chmod(plain, 0644), 0);
	cr_assert_eq(fs_mkdirs(sub, NULL), 0);
	setenv("PATH", temp_dir, 1);
	found = fs_find_program("tool");
	cr_assert_str_eq(found, tool);
	free(found);
	cr_assert_null(fs_find_program("plain"), "not executable");
	cr_assert_null(fs_find_program("no-such-program-here"));
	cr_assert_null(fs_find_program(""));
	cr_assert_null(fs_find_program(plain));
	cr_assert_null(fs_find_program(sub), "a directory");
	found = fs_find_program(tool);
	cr_assert_str_eq(found, tool);
	free(found);
	/* a directory of that name is skipped, and sbin is always searched */
	found = fs_find_program("mke2fs");
	cr_assert(!found || strstr(found, "/sbin/mke2fs"), "%s", found);
	free(found);
	unsetenv("PATH");
	found = fs_find_program("sh");
	cr_assert(found && found[0] == '/');
	free(found);
}

Test(base, clock_goes_forward)
{
	uint64_t t = clock_ns(), now = t;

	for (int i = 0; i < 1000; i++) {
		now = clock_ns();
		cr_assert_geq(now, t);
		t = now;
	}
	cr_assert_gt(t, 0);
}

Test(base, arena_memory_is_zeroed_aligned_and_apart)
{
	struct arena a = ARENA_INIT;
	char *last = NULL;

	for (size_t i = 1; i < 3000; i += 7) {
		char *p = arena_alloc(&a, i);

		cr_assert_eq((uintptr_t)p % 16, (uintptr_t)0);
		for (size_t j = 0; j < i; j++)
			cr_assert_eq(p[j], 0);
		memset(p, 0x5a, i);
		if (last)
			cr_assert_eq(*last, 0x5a);
		last = p;
	}
	cr_assert_str_eq(arena_printf(&a, "%s-%d", "x", 42), "x-42");
	cr_assert_str_eq(arena_strndup(&a, "abcdef", 3), "abc");
	cr_assert(arena_alloc(&a, (size_t)1 << 20));
	arena_release(&a);
	cr_assert_null(a.head);
}

Test(base, fs_write_replaces_whole_files, TEMP_DIR)
{
	const char *path = temp_path("a/b/c"), *file = temp_path("a/b/c/f");
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	char **names;
	size_t nr;

	cr_assert_eq(fs_mkdirs(path, &e), 0, "%s", e.msg);
	cr_assert_eq(fs_mkdirs(path, &e), 0);
	cr_assert_eq(fs_write(file, "one", 3, &e), 0, "%s", e.msg);
	cr_assert_eq(fs_write(file, "two!", 4, &e), 0);
	cr_assert_eq(fs_read(file, &b, &e), 0);
	cr_assert_str_eq(b.data, "two!");
	cr_assert_eq(fs_list(path, &names, &nr, &e), 0);
	cr_assert_eq(nr, (size_t)1, "a temporary file was left behind");
	fs_list_free(names, nr);
	cr_assert_eq(fs_mkdirs(file, &e), -ENOTDIR);
	cr_assert_eq(fs_remove_tree(temp_dir, &e), 0);
	cr_assert(!fs_exists(temp_dir));
	cr_assert_eq(fs_remove_tree(temp_dir, &e), 0, "removing what is not there is fine");
	cr_assert_eq(fs_read(file, &b, &e), -ENOENT);
	cr_assert(strstr(e.msg, file));
	buf_release(&b);
}

static void holds(const char *path, const char *want)
{
	struct buf b = BUF_INIT;

	cr_assert_eq(fs_read(path, &b, NULL), 0, "%s", path);
	cr_assert_str_eq(b.data, want, "%s", path);
	buf_release(&b);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	cr_assert_eq(lstat(path, &st), 0, "%s", path);
	return st.st_mode;
}

/* Devices and FIFOs are written to, links are followed to the file; none of them is replaced. */
Test(base, fs_write_through, TEMP_DIR)
{
	const char *file = temp_path("file"), *link = temp_path("link"), *far = temp_path("far"),
		   *full = temp_path("full"), *fifo = temp_path("fifo"), *loop = temp_path("loop"),
		   *d = temp_path("d");
	struct err e = ERR_INIT;
	char got[8];
	int fd;

	cr_assert_eq(symlink("file", link), 0);
	cr_assert_eq(symlink(link, far), 0);
	cr_assert_eq(fs_write(far, "new", 3, &e), 0, "%s", e.msg);
	cr_assert(S_ISLNK(mode_of(far)) && S_ISLNK(mode_of(link)));
	holds(file, "new");
	cr_assert_eq(chmod(file, 0640), 0);
	cr_assert_eq(fs_write(far, "newer", 5, &e), 0, "%s", e.msg);
	cr_assert(S_ISLNK(mode_of(link)));
	holds(file, "newer");
	cr_assert_eq(mode_of(file) & 07777, 0640);
	cr_assert_eq(symlink("/dev/full", full), 0);
	cr_assert_eq(fs_write(full, "x", 1, &e), -ENOSPC);
	cr_assert(strstr(e.msg, full), "%s", e.msg);
	cr_assert(S_ISLNK(mode_of(full)) && S_ISCHR(mode_of("/dev/full")));
	cr_assert_eq(mkfifo(fifo, 0600), 0);
	fd = open(fifo, O_RDWR);
	cr_assert_eq(fs_write(fifo, "pipe", 4, &e), 0, "%s", e.msg);
	cr_assert_eq(read(fd, got, sizeof(got)), 4);
	cr_assert(S_ISFIFO(mode_of(fifo)));
	close(fd);
	cr_assert_eq(symlink("loop", loop), 0);
	cr_assert_eq(fs_write(loop, "x", 1, &e), -ELOOP);
	cr_assert_eq(mkdir(d, 0700), 0);
	cr_assert_eq(fs_write(d, "x", 1, &e), -EISDIR);
}

/* What standard output is goes on after what was printed, and keeps it. */
Test(base, fs_write_standard_output, TEMP_DIR)
{
	const char *file = temp_path("out");
	int fd = open(file, O_WRONLY | O_CREAT, 0600), kept = dup(1);
	int by_name, by_device;

	fflush(stdout);
	cr_assert_eq(dup2(fd, 1), 1);
	printf("one ");
	by_device = fs_write("/dev/stdout", "two ", 4, NULL);
	printf("three ");
	by_name = fs_write(file, "four", 4, NULL);
	fflush(stdout);
	cr_assert_eq(dup2(kept, 1), 1);
	cr_assert_eq(by_device, 0);
	cr_assert_eq(by_name, 0);
	holds(file, "one two three four");
	close(fd);
	close(kept);
}

Test(base, fs_write_same, TEMP_DIR)
{
	const char *a = temp_path("a"), *b = temp_path("b"), *link = temp_path("link"),
		   *d = temp_path("d");
	char *indirect = xasprintf("%s/../a", d);

	cr_assert_eq(mkdir(d, 0700), 0);
	cr_assert_eq(symlink("a", link), 0);
	for (int exists = 0; exists < 2; exists++) {
		cr_assert(fs_write_same(a, a));
		cr_assert(fs_write_same(a, indirect));
		cr_assert(fs_write_same(a, link));
		cr_assert(!fs_write_same(a, b));
		cr_assert(!fs_write_same(link, b));
		cr_assert_eq(fs_write(a, "x", 1, NULL), 0);
	}
	cr_assert(!fs_write_same("/dev/null", "/dev/null"), "both lose nothing there");
	free(indirect);
}

Test(base, fs_reads_proc_files_and_roots)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	const char *data = getenv("WMARK_TEST_DATA");
	char *root = xasprintf("%s/6.12", data ? data : "harness/test/data");

	cr_assert_eq(root_read(NULL, "/proc/self/stat", &b, &e), 0, "%s", e.msg);
	cr_assert_gt(b.len, (size_t)10);
	buf_reset(&b);
	cr_assert_eq(root_read(root, "/proc/vmstat", &b, &e), 0, "%s", e.msg);
	cr_assert(strstr(b.data, "pgscan_kswapd"));
	cr_assert(root_exists(root, "/proc/zoneinfo"));
	cr_assert(!root_exists(root, "/proc/no-such"));
	buf_release(&b);
	free(root);
}

Test(base, fnv_is_the_published_function)
{
	/* test vectors of the FNV reference code, 64-bit FNV-1a */
	cr_assert_eq(fnv1a(FNV_INIT, "", 0), 0xcbf29ce484222325ull);
	cr_assert_eq(fnv1a(FNV_INIT, "a", 1), 0xaf63dc4c8601ec8cull);
	cr_assert_eq(fnv1a(FNV_INIT, "foobar", 6), 0x85944171f73967e8ull);
	cr_assert_eq(fnv1a(fnv1a(FNV_INIT, "foo", 3), "bar", 3), 0x85944171f73967e8ull);
}

Test(base, rng_is_splitmix64)
{
	struct rng r = { 1234567, 0 };
	/* first outputs of Vigna's splitmix64.c for seed 1234567 */
	static const uint64_t want[] = { 6457827717110365317ull, 3203168211198807973ull,
					 9817491932198370423ull, 4593380528125082431ull,
					 16408922859458223821ull };

	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		cr_assert_eq(rng_at(1234567, i), want[i]);
		cr_assert_eq(rng_next(&r), want[i]);
	}
}

Test(base, rng_streams_differ_and_are_even)
{
	struct rng a = rng_make(1, 0), b = rng_make(1, 1);
	unsigned count[10] = { 0 };

	cr_assert_neq(a.key, b.key);
	for (int i = 0; i < 100000; i++)
		count[rng_below(&a, 10)]++;
	for (int i = 0; i < 10; i++)
		cr_assert(count[i] > 9600 && count[i] < 10400, "%u of 100000 in tenth %d", count[i],
			  i);
}
