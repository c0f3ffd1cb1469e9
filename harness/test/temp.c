/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test/temp.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/fs.h"

char *temp_dir;
static struct arena mem = ARENA_INIT;

void temp_init(void)
{
	temp_dir = fs_temp_dir("wmark-test");
	cr_assert_not_null(temp_dir);
}

void temp_fini(void)
{
	fs_remove_tree(temp_dir, NULL);
	arena_release(&mem);
	free(temp_dir);
	temp_dir = NULL;
}

const char *temp_path(const char *fmt, ...)
{
	char name[512];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	cr_assert(n >= 0 && (size_t)n < sizeof(name), "%s", fmt);
	cr_assert_not_null(temp_dir);
	return arena_printf(&mem, "%s/%s", temp_dir, name);
}

const char *temp_put(const char *name, const void *data, size_t len)
{
	const char *path = temp_path("%s", name);
	char *folder = arena_strndup(&mem, path, (size_t)(strrchr(path, '/') - path));

	cr_assert_eq(fs_mkdirs(folder, NULL), 0);
	cr_assert_eq(fs_write(path, data, len, NULL), 0);
	return path;
}
