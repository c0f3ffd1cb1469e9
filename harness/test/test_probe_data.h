/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the dumps of /proc in test/data, for the test suites of probe. */
#ifndef WMARK_TEST_TEST_PROBE_DATA_H
#define WMARK_TEST_TEST_PROBE_DATA_H

#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/fs.h"

#define NODE "sys/devices/system/node/"

/* Version as 100 * major + minor; the hand-made dumps are exact: consistent to the last page. */
static const struct kernel {
	const char *dir;
	int version;
	bool exact;
} kernels[] = {
	{ "3.18", 318, true }, { "4.4", 404, true },   { "5.10", 510, false },
	{ "6.1", 601, false }, { "6.12", 612, false }, { "6.18", 618, false },
	{ "7.1", 701, false }, { "7.3", 703, false },
};

static inline char *data_path(const char *kernel, const char *path)
{
	const char *dir = getenv("WMARK_TEST_DATA");

	return xasprintf("%s/%s/%s", dir ? dir : "harness/test/data", kernel, path);
}

/* False when there is no such file; any other trouble fails the test. */
static inline bool data_read(const char *kernel, const char *path, struct buf *out)
{
	char *full = data_path(kernel, path);
	bool there = fs_exists(full);
	struct err e = ERR_INIT;

	buf_reset(out);
	if (there)
		cr_assert_eq(fs_read(full, out, &e), 0, "%s", e.msg);
	free(full);
	return there;
}

#endif
