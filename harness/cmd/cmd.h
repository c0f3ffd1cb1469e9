/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Subcommands. One table in main.c: { name, function, options, words, summary }; help and the man
 * page are printed from it. A command returns one of the exit codes below or a negative errno with
 * @e filled; main() prints the error and turns it into 2 (bad input) or 3 (environment, I/O): see
 * harness/README.md, errors and ownership.
 */
#ifndef WMARK_CMD_CMD_H
#define WMARK_CMD_CMD_H

#include "base/err.h"
#include "base/opt.h"

/* A comparison ends with 0 when B was shown to be fine, with EXIT_SKIP when neither that nor a
 * regression can be said (comparison_end()). */
enum { EXIT_OK = 0, EXIT_REGRESSED = 1, EXIT_USAGE = 2, EXIT_BROKEN = 3, EXIT_SKIP = 77 };

struct command {
	const char *name;
	int (*run)(int argc, char **argv, struct err *e); /* argv without the command's name */
	const struct opt_desc *opts;
	const char *words; /* synopsis after the options */
	const char *summary;
};

/* May @option write a report to @file (NULL = none)? -EINVAL: it is one of our own files, a run, a
 * plan or the like. */
int cmd_output_check(const char *option, const char *file, struct err *e);
/* Parses the options. Returns 0; -ECANCELED when help was printed (main() turns it into 0); -EINVAL
 * with the message. */
int cmd_options(const struct command *c, void *cfg, int *argc, char ***argv, bool stop_early,
		struct err *e);

extern const struct command cmd_run, cmd_record, cmd_ab, cmd_compare, cmd_report, cmd_show,
	cmd_list, cmd_export, cmd_replay, cmd_doctor, cmd_restore, cmd_help, cmd_version;

#endif
