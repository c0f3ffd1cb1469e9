/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads data/stats/golden.txt, which golden.R made. Everything is static: each test file has its
 * own copy. */
#ifndef WMARK_TEST_TEST_STATS_H
#define WMARK_TEST_TEST_STATS_H

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/rng.h"
#include "stats/stats.h"

static const double a[] = { 1.013, 1.052, .981, 1.104, 1.022, .974, 1.041, 1.033, .992, 1.007 };
static const double b[] = { 1.083, 1.121, 1.034, 1.157, 1.094, 1.016, 1.113, 1.072, 1.061, 1.108 };

static inline void both_sides(double y[20])
{
	memcpy(y, a, sizeof(a));
	memcpy(y + 10, b, sizeof(b));
}

/* Numbers of the line that begins with @name. */
static inline size_t golden(const char *name, double *out, size_t max)
{
	const char *dir = getenv("WMARK_TEST_DATA");
	struct buf text = BUF_INIT;
	struct err e = ERR_INIT;
	char path[512];
	size_t nr = 0, len = strlen(name);

	snprintf(path, sizeof(path), "%s/stats/golden.txt", dir ? dir : "harness/test/data");
	cr_assert_eq(fs_read(path, &text, &e), 0, "%s", e.msg);
	for (char *line = text.data; line && *line;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		char *p = line + len;

		if (strncmp(line, name, len) != 0 || *p != ' ')
			continue;
		while (nr < max && *p && *p != '\n') {
			char *end;
			double v = strtod(p, &end);

			if (end == p)
				break;
			out[nr++] = v;
			p = end + strspn(end, " ");
		}
		break;
	}
	buf_release(&text);
	cr_assert_gt(nr, 0, "golden.txt has no line %s", name);
	return nr;
}

static inline bool near(double got, double want, double tolerance)
{
	return got == want || fabs(got - want) <= tolerance * fmax(fabs(want), 1e-300);
}

#define ASSERT_NEAR(got, want, tol) \
	cr_assert(near((got), (want), (tol)), "%s: got %.17g, want %.17g", #got, (got), (want))

static inline void expect(const char *name, const double *got, size_t nr, double tolerance)
{
	double want[64];

	cr_assert_eq(golden(name, want, ARRAY_SIZE(want)), nr, "%s: number of values", name);
	for (size_t i = 0; i < nr; i++)
		cr_assert(near(got[i], want[i], tolerance), "%s[%zu]: got %.17g, R says %.17g",
			  name, i, got[i], want[i]);
}

#endif
