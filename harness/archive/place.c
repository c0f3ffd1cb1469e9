/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/archive.h"
#include "archive/outcome.h"
#include "base/alloc.h"
#include "base/fs.h"

static bool is_finished(const char *path)
{
	struct err e = ERR_INIT;
	struct archive a;
	bool is;

	if (!fs_exists(path))
		return false;
	is = !archive_load(&a, path, &e) && outcome_is_final(&a) &&
	     outcome_of(&a).cause != OUTCOME_HARNESS;
	archive_release(&a);
	return is;
}

char *place_beside(const char *path, struct err *e)
{
	char *at = fs_target(path, e), *beside;

	if (!at)
		return NULL;
	beside = xasprintf("%s.unfinished", at);
	free(at);
	return beside;
}

char *place_begin(const char *path, struct err *e)
{
	char *at = fs_target(path, e), *beside;
	struct stat st;

	if (!at || !is_finished(at))
		return at;
	free(at);
	beside = place_beside(path, e);
	/* it is emptied, and moves: no link to another file, and no finished run of its own */
	if (beside && !lstat(beside, &st) && (!S_ISREG(st.st_mode) || is_finished(beside))) {
		err_set(e, -EINVAL, "%s: %s", beside,
			S_ISREG(st.st_mode) ? "holds a finished run" : "not a regular file");
		free(beside);
		beside = NULL;
	}
	return beside;
}

int place_end(const char *path, const char *work, bool *beside, struct err *e)
{
	char *at = fs_target(path, e);
	int ret = 0;

	*beside = false;
	if (!at)
		return e->code;
	if (strcmp(at, work) != 0) {
		*beside = !is_finished(work) && is_finished(at);
		if (!*beside && rename(work, at) < 0)
			ret = err_sys(e, -errno, "%s", at);
	}
	free(at);
	return ret;
}
