/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fs.h"
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

static int print_runs(const char *path, const struct report_opts *o, struct buf *out, struct err *e)
{
	char **files = NULL;
	size_t nr = 0;
	int ret = store_runs(path, &files, &nr, e);

	for (size_t i = 0; i < nr && !ret; i++) {
		struct archive a;

		ret = archive_load(&a, files[i], e);
		if (!ret) {
			if (out->len)
				buf_addc(out, '\n');
			report_run_text(&a, o, out);
		}
		archive_release(&a);
	}
	fs_list_free(files, nr);
	return ret;
}

static int show_run(int argc, char **argv, struct err *e)
{
	struct report_opts o = { .color = isatty(STDOUT_FILENO), .wmark_version = wmark_version };
	struct buf b = BUF_INIT;
	struct show_cli c = { 0 };
	int ret = cmd_options(&cmd_show, &c, &argc, &argv, false, e);

	if (!ret && !argc)
		ret = err_set(e, -EINVAL, "show: which run? (wmark list runs)");
	o.all = c.all;
	for (int i = 0; i < argc && !ret; i++)
		ret = print_runs(argv[i], &o, &b, e);
	if (!ret)
		fputs(b.data, stdout);
	buf_release(&b);
	return ret;
}

const struct command cmd_show = { "show", show_run, show_opts, "RUN.wm...",
				  "Print what one run says" };
