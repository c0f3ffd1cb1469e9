/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of `ab` and the campaign that it asks for. Private to ab*.c. */
#ifndef WMARK_CMD_AB_H
#define WMARK_CMD_AB_H

#include "cmd/judge_cli.h"
#include "campaign/campaign.h"
#include "run/options.h"

struct ab_cli {
	struct machine_options m;
	struct judge_cli j;
	struct host_conf h;
	const char *a, *b, *kernel, *suite, *seeds, *looks, *spend, *out, *name;
	double confirm_alpha;
	int64_t jobs, confirm;
	bool replay, fresh;
};

/* Checks the options and fills @o, which keeps @target. What @o points at is in @mem, @argv or @c.
 * -EINVAL with a message of one line. */
int ab_options(const struct ab_cli *c, struct target *target, int argc, char **argv,
	       struct arena *mem, struct campaign_opts *o, struct err *e);
#endif
