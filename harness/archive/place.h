/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a run is written while it goes on: in its place, or, where a finished run has that place,
 * beside it. So a finished run is replaced by a finished run alone. Finished: its outcome is
 * written and says something of kernel or load, not of the host (killed, stopped, limit ...) or the
 * harness (skip, failed).
 */
#ifndef WMARK_ARCHIVE_PLACE_H
#define WMARK_ARCHIVE_PLACE_H

#include <stdbool.h>

#include "base/err.h"

/* The file beside @path: ".unfinished" behind the name that its links lead to. malloc'ed; NULL with
 * @e as of place_begin(). */
char *place_beside(const char *path, struct err *e);
/*
 * The file to write a run into whose place is @path: what its symbolic links lead to, or the one
 * beside it where a finished run is there. malloc'ed. NULL with @e: -EINVAL, @path is no regular
 * file, or the one beside it is none or holds a finished run.
 */
char *place_begin(const char *path, struct err *e);
/*
 * The run has ended and its outcome is written. A finished run moves from @work, which
 * place_begin() gave, to its place. *beside: it stays at @work, for it is not finished and what has
 * its place is. 0 or -errno.
 */
int place_end(const char *path, const char *work, bool *beside, struct err *e);

#endif
