/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "cmd/cmd.h"
#include "cmd/judge_cli.h"
#include "run/campaign.h"

struct compare_cli {
	struct judge_cli j;
};

/* clang-format off */
static const struct opt_desc opts[] = {
	JUDGE_CLI_OPTS(struct compare_cli, j),
	OPT_END
};
/* clang-format on */

/* Archives of one side of a campaign's plan. */
static int add_side(struct runset *s, const char *dir, char side, struct err *e)
{
	char **files;
	size_t nr;
	int ret = campaign_files(dir, side, &files, &nr, e);

	for (size_t i = 0; i < nr && !ret; i++)
		if (fs_exists(files[i]))
			ret = runset_add(s, files[i], e);
	fs_list_free(files, nr);
	if (!ret && !s->nr)
		ret = err_set(e, -ENOENT, "%s: no run of side %c has been made yet", dir, side);
	return ret;
}

static int compare_run(int argc, char **argv, struct err *e)
{
	struct compare_cli c = { 0 };
	struct runset a = { 0 }, b = { 0 };
	int ret = cmd_options(&cmd_compare, &c, &argc, &argv, false, e);

	if (ret)
		goto out;
	if (argc == 1 && campaign_is(argv[0])) {
		ret = add_side(&a, argv[0], 'A', e);
		if (!ret)
			ret = add_side(&b, argv[0], 'B', e);
	} else if (argc == 2) {
		ret = runset_add(&a, argv[0], e);
		if (!ret)
			ret = runset_add(&b, argv[1], e);
	} else {
		ret = err_set(e, -EINVAL, "compare: two directories (or files) of runs, or one campaign directory");
	}
	if (!ret) {
		struct buf again = BUF_INIT;

		buf_addstr(&again, "wmark compare");
		for (int i = 0; i < argc; i++) {
			buf_addc(&again, ' ');
			buf_add_quoted(&again, argv[i]);
		}
		const char *const commands[] = { again.data, NULL };


		ret = judge_and_report(&c.j, &a, &b, commands, e);
		buf_release(&again);
	}
out:
	runset_release(&a);
	runset_release(&b);
	opt_release(opts, &c);
	return ret;
}

const struct command cmd_compare = { "compare", compare_run, opts, "DIR-A DIR-B | CAMPAIGN", "Judge two sets of runs" };
