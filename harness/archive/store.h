/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The result store: archives in results/MACHINE/SCENARIO/KERNEL/RUN.wm, found again by walking the
 * folders.
 */
#ifndef WMARK_ARCHIVE_STORE_H
#define WMARK_ARCHIVE_STORE_H

#include <stddef.h>

#include "base/err.h"
#include "archive/archive.h"

/* $WMARK_RESULTS or "results"; static string. */
const char *store_dir(void);
/*
 * The path STORE/MACHINE/SCENARIO/KERNEL/RUN.wm, malloc'ed; its folders are made. Slashes and odd
 * bytes in the parts become '_'. NULL with @e set.
 */
char *store_path(const char *store, const char *machine, const char *scenario, const char *kernel,
		 const char *run, struct err *e);

/*
 * All *.wm below @dir, in the order of the walk, which is sorted in each folder; malloc'ed list
 * (free with fs_list_free()). A folder that links reach by several paths is walked once, by the
 * first of them.
 */
int store_files(const char *dir, char ***files, size_t *nr, struct err *e);
/*
 * As store_files(), or @path itself where @path is no directory. -ENOENT when a directory holds
 * none.
 */
int store_runs(const char *path, char ***files, size_t *nr, struct err *e);

#endif
