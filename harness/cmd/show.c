/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/version.h"
#include "cmd/cmd.h"
#include "archive/store.h"
#include "report/report.h"

struct show_cli {
	bool all;
};

/* clang-format off */
static const struct opt_desc show_opts[] = {
	OPT_YES(struct show_cli, all, "all", 'a', NULL, "every header line and every canonical counter"),
	OPT_END
};
/* clang-format on */

static int show_run(int argc, char **argv, struct err *e)
{
	struct report_opts o = { .color = isatty(STDOUT_FILENO), .wmark_version = wmark_version };
	struct runset runs = { 0 };
	struct buf b = BUF_INIT;
	struct show_cli c = { 0 };
	int ret = cmd_options(&cmd_show, &c, &argc, &argv, false, e);

	if (!ret && !argc)
		ret = err_set(e, -EINVAL, "show: which run? (wmark list runs)");
	o.all = c.all;
	for (int i = 0; i < argc && !ret; i++)
		ret = runset_add(&runs, argv[i], e);
	for (size_t i = 0; i < runs.nr && !ret; i++) {
		if (i)
			buf_addc(&b, '\n');
		report_run_text(runs.v[i], &o, &b);
	}
	fputs(b.data, stdout);
	buf_release(&b);
	runset_release(&runs);
	return ret;
}

const struct command cmd_show = { "show", show_run, show_opts, "RUN.wm...",
				  "Print what one run says" };
