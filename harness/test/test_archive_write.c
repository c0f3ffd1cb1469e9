/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The archive's writer under threads, full rings, broken outputs and kill -9; H lines; comparison
 * of two files. */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/rng.h"
#include "archive/archive.h"
#include "test/temp.h"

static int create(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	cr_assert_geq(fd, 0);
	return fd;
}

struct producer {
	struct archive_writer *w;
	int id;
};

static void *produce(void *arg)
{
	const struct producer *p = arg;

	for (int i = 0; i < 5000; i++)
		archive_event(p->w, "count", "%d %d", p->id, i);
	return NULL;
}

Test(archive, many_threads_lose_nothing, TEMP_DIR)
{
	pthread_t t[6];
	struct producer p[ARRAY_SIZE(t)];
	int next[ARRAY_SIZE(t)] = { 0 };
	struct archive_write_stats st;
	struct archive_writer *w;
	struct archive a;
	const char *path = temp_path("run.wm");
	int fd = create(path);

	cr_assert_eq(archive_writer_open(&w, fd, 0, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		p[i] = (struct producer){ w, (int)i };
		cr_assert_eq(pthread_create(&t[i], NULL, produce, &p[i]), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		pthread_join(t[i], NULL);
	cr_assert_eq(archive_writer_close(w, &st, NULL), 0);
	cr_assert_eq(st.dropped_lines, 0);
	cr_assert_eq(archive_load(&a, path, NULL), 0);
	cr_assert(a.complete, "%s", a.why);
	cr_assert_eq(a.nr_ev, 5000 * ARRAY_SIZE(t));
	cr_assert_eq(st.lines, a.body_lines);
	for (size_t i = 0; i < a.nr_ev; i++) {
		unsigned id;
		int n;

		cr_assert_eq(sscanf(a.ev[i].text, "%u %d", &id, &n), 2);
		cr_assert(id < ARRAY_SIZE(t) && n == next[id], "order within a thread");
		next[id]++;
	}
	archive_release(&a);
	close(fd);
}

Test(archive, full_ring_is_counted, TEMP_DIR)
{
	struct archive_write_stats st;
	struct archive_writer *w;
	struct archive a;
	const char *path = temp_path("run.wm");
	char big[4000], got[65536];
	int fd[2], out = create(path), dropped = 0, ret;
	size_t total = 0;
	ssize_t n;

	/* Nobody reads the pipe, so the ring fills up. */
	cr_assert_eq(pipe(fd), 0);
	cr_assert_eq(fcntl(fd[1], F_SETFL, O_NONBLOCK), 0);
	cr_assert_eq(fcntl(fd[1], F_SETPIPE_SZ, 4096), 4096);
	cr_assert_eq(archive_writer_open(&w, fd[1], 16384, NULL), 0);
	memset(big, 'x', sizeof(big));
	memcpy(big, "h k ", 4);
	for (int i = 0; i < 20; i++) {
		ret = archive_writer_line(w, big, sizeof(big));
		cr_assert(ret == 0 || ret == -ENOSPC);
		dropped += ret != 0;
	}
	cr_assert_geq(dropped, 10);
	if (!fork()) { /* drain into the file */
		close(fd[1]);
		while ((n = read(fd[0], got, sizeof(got))) > 0)
			if (write(out, got, (size_t)n) != n)
				_exit(1);
		_exit(0);
	}
	cr_assert_eq(archive_writer_close(w, &st, NULL), 0);
	close(fd[1]);
	cr_assert_eq(wait(&ret) > 0 && WIFEXITED(ret) && !WEXITSTATUS(ret), 1);
	cr_assert_eq(st.dropped_lines, (uint64_t)dropped);
	cr_assert_eq(archive_load(&a, path, NULL), 0);
	cr_assert(a.complete, "%s", a.why);
	cr_assert_eq(a.nr_ev, 1);
	cr_assert_str_eq(a.ev[0].name, "archive.dropped");
	cr_assert_eq(atoi(a.ev[0].text), dropped);
	for (size_t i = 0; i < a.nr_kv; i++)
		total += !strcmp(a.kv[i].key, "k");
	cr_assert_eq(total, (size_t)(20 - dropped));
	archive_release(&a);
}

Test(archive, write_errors_come_back)
{
	struct archive_writer *w;
	struct err e = ERR_INIT;
	int fd[2], full = open("/dev/full", O_WRONLY);

	cr_assert_eq(archive_writer_open(&w, full, 0, &e), -ENOSPC);
	cr_assert_str_eq(e.msg, "/dev/full: writing: No space left on device");
	cr_assert_null(w);
	/* A reader that goes away must not kill the run by SIGPIPE. */
	cr_assert_eq(pipe(fd), 0);
	cr_assert_eq(archive_writer_open(&w, fd[1], 0, &e), 0);
	close(fd[0]);
	archive_event(w, "phase", "load");
	cr_assert_eq(archive_writer_flush(w, &e), -EPIPE);
	cr_assert_eq(archive_writer_line(w, "", 0), -EINVAL);
	cr_assert_eq(archive_writer_line(w, "a\nb", 3), -EINVAL);
	cr_assert_eq(archive_writer_close(w, NULL, &e), -EPIPE);
	close(fd[1]);
}

static void write_until_killed(int fd)
{
	struct archive_writer *w;

	if (archive_writer_open(&w, fd, 65536, NULL))
		_exit(1);
	archive_writer_line(w, "src 0 v 1000", 12);
	archive_writer_line(w, "d 0 0 k", 7);
	for (unsigned i = 0;; i++) {
		char text[64];
		int n = snprintf(text, sizeof(text), "s 0 %u 1 0 0+1", i);

		if (archive_writer_line(w, text, (size_t)n))
			archive_writer_flush(w, NULL);
		else if (i % 500 == 0)
			archive_writer_flush(w, NULL);
	}
}

Test(archive, killed_writer_leaves_a_readable_file, TEMP_DIR)
{
	struct rng r = rng_make(5, 5);
	size_t with_samples = 0;

	for (int i = 0; i < 15; i++) {
		const char *path = temp_path("run.wm");
		char want[64];
		int fd = create(path), status;
		struct archive a;
		struct stat st;
		off_t wanted;
		pid_t pid = fork();
		uint64_t v;

		if (!pid)
			write_until_killed(fd);
		/* kill at once, or after so many bytes: at any moment on a machine of any speed */
		wanted = i < 3 ? 0 : (off_t)rng_below(&r, 300000);
		for (int ms = 0; ms < 5000 && !fstat(fd, &st) && st.st_size < wanted; ms++)
			usleep(1000);
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		cr_assert(WIFSIGNALED(status));
		cr_assert_eq(archive_append_host(path,
						 (struct archive_note[]){ { "outcome", "killed" } },
						 1, NULL),
			     0);
		cr_assert_eq(archive_load(&a, path, NULL), 0);
		snprintf(want, sizeof(want), "truncated at sample %" PRIu64, a.nr_samples);
		cr_assert_str_eq(a.why, want);
		cr_assert_str_eq(archive_get(&a, "outcome"), "killed");
		with_samples += a.nr_samples > 0;
		for (size_t t = 0; a.nr_series && t < a.series[0].nr_ticks; t++)
			cr_assert(archive_value(&a.series[0], t, 0, &v) &&
				  v == a.series[0].tick[0].value[0] + t);
		archive_release(&a);
		close(fd);
	}
	cr_assert_gt(with_samples, 3);
}

#define HOST_END "H end 2 6121b7573fba0114\n"

Test(archive, host_lines, TEMP_DIR)
{
	static const struct archive_note notes[] = {
		{ "host", "a b\nc" },
		{ "empty", "" },
		{ NULL, NULL },
	};
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "wmark archive 1\nh a b\n",
		  "wmark archive 1\nh a b\nH host a b\\nc\nH empty\n" HOST_END },
		{ "wmark archive 1\nh a b\nh ha",
		  "wmark archive 1\nh a b\nH host a b\\nc\nH empty\n" HOST_END },
		{ "wmark arch", "wmark archive 1\nH host a b\\nc\nH empty\n" HOST_END },
		{ "", "wmark archive 1\nH host a b\\nc\nH empty\n" HOST_END },
	};
	struct buf text = BUF_INIT;
	struct err e = ERR_INIT;
	struct archive a;
	const char *path = temp_path("run.wm");

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_assert_eq(fs_write(path, cases[i].before, strlen(cases[i].before), NULL), 0);
		cr_assert_eq(archive_append_host(path, notes, ARRAY_SIZE(notes), &e), 0, "%s",
			     e.msg);
		buf_reset(&text);
		cr_assert_eq(fs_read(path, &text, NULL), 0);
		cr_assert_str_eq(text.data, cases[i].after);
		cr_assert_eq(archive_load(&a, path, NULL), 0);
		cr_assert_str_eq(archive_get(&a, "host"), "a b\nc");
		archive_release(&a);
	}
	/* a half line longer than one block of the search */
	buf_reset(&text);
	buf_addstr(&text, "wmark archive 1\ns ");
	for (int i = 0; i < 3000; i++)
		buf_addstr(&text, "0+1 ");
	cr_assert_eq(fs_write(path, text.data, text.len, NULL), 0);
	cr_assert_eq(archive_append_host(path, notes, 1, &e), 0);
	buf_reset(&text);
	fs_read(path, &text, NULL);
	cr_assert_str_eq(text.data, "wmark archive 1\nH host a b\\nc\nH end 1 1ecf2d7c5dd7889d\n");
	cr_assert_eq(fs_write(path, "text\n", 5, NULL), 0);
	cr_assert_eq(archive_append_host(path, notes, 1, &e), -EINVAL);
	buf_reset(&text);
	fs_read(path, &text, NULL);
	cr_assert_str_eq(text.data, "text\n");
	unlink(path);
	cr_assert_eq(archive_append_host(path, notes, 1, &e), -ENOENT);
	buf_release(&text);
}

Test(archive, diff, TEMP_DIR)
{
	static const struct {
		const char *a, *b, *why;
	} cases[] = {
		{ "h a 1\n", "h a 1\n", NULL },
		{ "H x 1\nh a 1\nH y\n", "h a 1\nH z 3\n", NULL },
		{ "h a 1\nh b 2\n", "h a 1\nH q\nh b 3\n", "A line 3: h b 2 | B line 4: h b 3" },
		{ "h a 1\n", "h a 1\nh b 2\n", "A ends where B goes on with line 3: h b 2" },
		{ "h a 1\nh b", "h a 1\nh b\n", "A line 3: h b (cut off) | B line 3: h b" },
		{ "h a \x01\n", "h a 1\n", "A line 2: h a \\x01 | B line 2: h a 1" },
	};
	const char *a = temp_path("a.wm"), *b = temp_path("b.wm");
	struct buf why = BUF_INIT, text = BUF_INIT;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *want = NULL, *p;
		int ret;

		buf_reset(&text);
		buf_addf(&text, "wmark archive 1\n%s", cases[i].a);
		fs_write(a, text.data, text.len, NULL);
		buf_reset(&text);
		buf_addf(&text, "wmark archive 1\n%s", cases[i].b);
		fs_write(b, text.data, text.len, NULL);
		buf_reset(&why);
		ret = archive_diff(a, b, &why, &e);
		cr_assert_eq(ret, cases[i].why ? 1 : 0);
		buf_reset(&text);
		for (p = want = xstrdup(cases[i].why ? cases[i].why : ""); *p; p++) {
			if (p == want && *p == 'A')
				buf_addstr(&text, a);
			else if (*p == 'B')
				buf_addstr(&text, b);
			else
				buf_addc(&text, *p);
		}
		cr_assert_str_eq(why.data, text.data);
		free(want);
	}
	cr_assert_eq(fs_write(b, "no\n", 3, NULL), 0);
	cr_assert_eq(archive_diff(a, b, &why, &e), -EINVAL);
	unlink(b);
	cr_assert_eq(archive_diff(a, b, &why, &e), -ENOENT);
	buf_release(&why);
	buf_release(&text);
}

Test(archive, doubles_read_back, TEMP_DIR)
{
	static const double values[] = { 0,   -0.5,    1.0 / 3, 1e300, 5e-324, 123456789012345678.0,
					 0.1, INFINITY };
	struct archive_writer *w;
	struct archive a;
	const char *path = temp_path("run.wm");
	int fd = create(path);

	cr_assert_eq(archive_writer_open(&w, fd, 0, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		archive_result(w, "w", (unsigned)i, "v", values[i]);
	archive_result(w, "w", UINT32_MAX, "v", NAN);
	cr_assert_eq(archive_writer_close(w, NULL, NULL), 0);
	cr_assert_eq(archive_load(&a, path, NULL), 0);
	cr_assert(a.complete, "%s", a.why);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		cr_assert(a.res[i].value == values[i] && a.res[i].instance == i);
	cr_assert(isnan(a.res[ARRAY_SIZE(values)].value));
	archive_release(&a);
	close(fd);
}
