/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A finished run is replaced by a finished run alone. */
#include "archive/place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/archive.h"
#include "archive/line.h"
#include "base/fs.h"
#include "test/temp.h"

/* A run with this outcome by the host; "" = the host has not said one, NULL = there is no file. */
static const char *run_text(const char *outcome)
{
	static char text[256];

	snprintf(text, sizeof(text), "%sh run.outcome ok\n%s%s%s", ARCHIVE_MAGIC,
		 *outcome ? "H outcome " : "", outcome, *outcome ? "\n" : "");
	return text;
}

static void put(const char *path, const char *outcome)
{
	struct err e = ERR_INIT;

	if (outcome)
		cr_assert_eq(fs_write(path, run_text(outcome), strlen(run_text(outcome)), &e), 0);
	else
		unlink(path);
}

static void holds(const char *path, const char *outcome)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	cr_assert_eq(fs_read(path, &b, &e), 0, "%s", e.msg);
	cr_assert_str_eq(b.data, run_text(outcome));
	buf_release(&b);
}

Test(place, only_a_finished_run_replaces_a_finished_run, TEMP_DIR)
{
	static const struct {
		const char *was, *is;
		bool aside; /* written beside what was */
		bool stays; /* and left there */
	} cases[] = {
		{ NULL, "ok", false, false },
		{ NULL, "stopped", false, false },
		{ "", "ok", false, false },
		{ "", "limit", false, false },
		{ "killed", "stopped", false, false },
		{ "skip", "limit", false, false },
		{ "ok", "ok", true, false },
		{ "ok", "panic", true, false },
		{ "panic", "ok", true, false },
		{ "ok", "limit", true, true },
		{ "ok", "stopped", true, true },
		{ "ok", "", true, true },
		{ "hang", "qemu-failed", true, true },
		{ "ok", "skip", true, true },
		{ "ok", "failed", true, true },
	};
	const char *path = temp_path("run.wm");

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct err e = ERR_INIT;
		bool beside;
		char *work, *name = place_beside(path, &e);

		put(path, cases[i].was);
		work = place_begin(path, &e);
		cr_assert_not_null(work, "%zu: %s", i, e.msg);
		cr_assert_str_eq(work, cases[i].aside ? name : path, "%zu", i);
		put(work, cases[i].is);
		cr_assert_eq(place_end(path, work, &beside, &e), 0, "%zu: %s", i, e.msg);
		cr_assert_eq(beside, cases[i].stays, "%zu", i);
		holds(path, cases[i].stays ? cases[i].was : cases[i].is);
		if (cases[i].stays)
			holds(name, cases[i].is);
		else
			cr_assert(!fs_exists(name), "%zu", i);
		unlink(name);
		free(name);
		free(work);
	}
}

/* A link to a run stays a link, and the run is replaced where it is. */
Test(place, links_are_followed, TEMP_DIR)
{
	const char *path = temp_path("run.wm"), *link = temp_path("link.wm");
	struct err e = ERR_INIT;
	struct stat st;
	bool beside;
	char *work;

	put(path, "ok");
	cr_assert_eq(symlink("run.wm", link), 0);
	work = place_begin(link, &e);
	cr_assert_str_eq(work, temp_path("run.wm.unfinished"));
	put(work, "hang");
	cr_assert_eq(place_end(link, work, &beside, &e), 0);
	cr_assert(!beside);
	holds(path, "hang");
	cr_assert(!lstat(link, &st) && S_ISLNK(st.st_mode));
	free(work);
}

/* What stands beside a finished run already is not lost, and nothing waits for its reader. */
Test(place, beside_is_taken, TEMP_DIR)
{
	const char *path = temp_path("run.wm"), *beside = temp_path("run.wm.unfinished"),
		   *other = temp_path("other");
	char *work;

	put(path, "ok");
	put(other, "");
	for (int i = 0; i < 4; i++) {
		struct err e = ERR_INIT;

		unlink(beside);
		if (i == 0)
			put(beside, "panic");
		else if (i == 1)
			cr_assert_eq(symlink("other", beside), 0);
		else if (i == 2)
			cr_assert_eq(mkfifo(beside, 0600), 0);
		else
			put(beside, "stopped");
		work = place_begin(path, &e);
		cr_assert_eq(!work, i < 3, "%d", i);
		cr_assert(i == 3 || (e.code == -EINVAL && strstr(e.msg, beside)), "%s", e.msg);
		free(work);
	}
	holds(path, "ok");
	holds(other, "");
}

Test(place, no_regular_file, TEMP_DIR)
{
	const char *dir = temp_path("dir"), *fifo = temp_path("fifo");
	const char *const names[] = { "/dev/null", dir, fifo };

	cr_assert_eq(mkdir(dir, 0700), 0);
	cr_assert_eq(mkfifo(fifo, 0600), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct err e = ERR_INIT;

		cr_assert_null(place_begin(names[i], &e));
		cr_assert_eq(e.code, -EINVAL);
		cr_assert(strstr(e.msg, names[i]) && strstr(e.msg, "not a regular file"), "%s",
			  e.msg);
	}
}
