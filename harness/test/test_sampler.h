/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A writer on a file, and a folder for a made-up machine, in a test with TEMP_DIR. Everything is
 * static: each test file has its own copy. */
#ifndef WMARK_TEST_TEST_SAMPLER_H
#define WMARK_TEST_TEST_SAMPLER_H

#include <criterion/criterion.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "archive/archive.h"
#include "sample/sampler.h"
#include "test/temp.h"

#define SEC 1000000000ull

struct bench {
	const char *file, *root;
	int fd;
	struct archive_writer *w;
	struct archive a;
};

static inline void bench_open(struct bench *b)
{
	b->file = temp_path("run.wm");
	b->fd = open(b->file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	cr_assert_geq(b->fd, 0);
	b->root = temp_path("root");
	cr_assert_eq(fs_mkdirs(b->root, NULL), 0);
	cr_assert_eq(archive_writer_open(&b->w, b->fd, 0, NULL), 0);
}

/* Ends the archive and loads it. */
static inline void bench_load(struct bench *b)
{
	cr_assert_eq(archive_writer_close(b->w, NULL, NULL), 0);
	cr_assert_eq(archive_load(&b->a, b->file, NULL), 0);
	cr_assert(b->a.complete, "%s", b->a.why);
}

static inline void bench_close(struct bench *b)
{
	archive_release(&b->a);
	close(b->fd);
	fs_remove_tree(b->root, NULL);
}

/* Writes in place, so that an open descriptor sees the new text. */
static inline void put_file(const struct bench *b, const char *path, const char *text)
{
	char *full = root_path(b->root, path), *slash = strrchr(full, '/');
	int fd;

	*slash = '\0';
	cr_assert_eq(fs_mkdirs(full, NULL), 0);
	*slash = '/';
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	cr_assert_geq(fd, 0);
	cr_assert_eq(fs_write_all(fd, text, strlen(text)), 0);
	close(fd);
	free(full);
}

static inline uint64_t must_value(const struct archive *a, const char *series, size_t tick,
				  const char *key)
{
	const struct archive_series *s = archive_series(a, series);
	uint64_t v = 0;

	cr_assert_not_null(s, "%s", series);
	cr_assert(archive_value(s, tick, archive_key(s, key), &v), "%s %s in tick %zu", series, key,
		  tick);
	return v;
}

static inline bool has_value(const struct archive *a, const char *series, size_t tick,
			     const char *key)
{
	const struct archive_series *s = archive_series(a, series);
	uint64_t v;

	return s && archive_value(s, tick, archive_key(s, key), &v);
}

/* Does an event say that series @name is absent? */
static inline bool absent(const struct archive *a, const char *name)
{
	for (size_t i = 0; i < a->nr_ev; i++)
		if (!strcmp(a->ev[i].name, "source.absent") &&
		    !strncmp(a->ev[i].text, name, strlen(name)))
			return true;
	return false;
}

#endif
