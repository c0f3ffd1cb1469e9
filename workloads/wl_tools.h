/* SPDX-License-Identifier: GPL-2.0-or-later */
/* External generators (stress-ng, fio): makes their command lines and reads their results. The
 * functions run nothing: they turn text into words, notes and counts. */
#ifndef WMARK_WORKLOADS_WL_TOOLS_H
#define WMARK_WORKLOADS_WL_TOOLS_H

#include "base/strv.h"
#include "workloads/workload.h"

/* Op kinds of workload exec. */
enum { EXEC_RUN, EXEC_READ, EXEC_WRITE };

/*
 * Appends the words of @text, split as sh would: blanks, 'literal', "with \" and \\", \x. No
 * globbing, no variables. -EINVAL for a quote without end.
 */
int wl_args_split(struct strv *a, const char *text, struct err *e);
/* Replaces {fs_dir}, {tmp_dir}, {seed} and {instance} in every word. -ENOENT: {fs_dir} in a run
 * that has none. */
int wl_args_expand(struct strv *a, const struct wl_ctx *ctx, struct err *e);
/* True when a word is @option itself or starts with "@option=". */
bool wl_args_has(const struct strv *a, const char *option);

/* Adds words before and after the user's own that make the tool seeded and its result readable. The
 * tool writes its result to @result. */
void wl_stressng_args(struct strv *a, const struct strv *user, uint64_t seed, const char *result);
void wl_fio_args(struct strv *a, const struct strv *user, uint64_t seed, const char *result);

/*
 * Puts the metrics of a result file into @s: "STRESSOR.bogo_ops", "JOB.read.iops" ... fio also
 * fills ops, bytes and hist of EXEC_READ and EXEC_WRITE. -EINVAL when the text is not such a result
 * (truncated, garbage); metrics that were complete before that are kept. wl_fio_parse() returns
 * -EIO when a job reports an error; the message names the job.
 */
int wl_stressng_parse(const char *text, size_t len, struct wl_slot *s, struct err *e);
int wl_fio_parse(const char *text, size_t len, struct wl_slot *s, struct err *e);

enum wl_verdict { WL_TOOL_OK, WL_TOOL_DOUBTFUL, WL_TOOL_SKIP, WL_TOOL_FAILED };
/* What an exit code of stress-ng means; *why is a static text. DOUBTFUL: a stressor was killed, its
 * counts may be low. */
enum wl_verdict wl_stressng_exit(int code, const char **why);

#endif
