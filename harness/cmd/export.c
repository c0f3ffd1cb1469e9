/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>

#include "cmd/cmd.h"
#include "report/report.h"

struct export_cli {
	const char *source;
	bool csv;
};

/* clang-format off */
static const struct opt_desc export_opts[] = {
	OPT_YES(struct export_cli, csv, "csv", 0, NULL,
		"comma-separated values (the only format so far, and the default)"),
	OPT_STR(struct export_cli, source, "source", 0, NULL, "NAME",
		"one source, one column per key (vmstat, node1/vmstat, zoneinfo ...); default: "
		"all sources, one line per value"),
	OPT_END
};
/* clang-format on */

static int export_run(int argc, char **argv, struct err *e)
{
	struct export_cli c = { 0 };
	struct buf b = BUF_INIT;
	struct archive a;
	int ret = cmd_options(&cmd_export, &c, &argc, &argv, false, e);

	if (!ret && argc != 1)
		ret = err_set(e, -EINVAL, "export: one run archive");
	if (ret)
		return ret;
	ret = archive_load(&a, argv[0], e);
	if (!ret)
		ret = report_run_csv(&a, c.source, &b, e);
	if (!ret) {
		fwrite(b.data, 1, b.len, stdout);
		if (!a.complete)
			err_say("%s: %s", argv[0], a.why);
	}
	archive_release(&a);
	buf_release(&b);
	return ret;
}

const struct command cmd_export = { "export", export_run, export_opts, "RUN.wm",
				    "Write every sample of a run as CSV" };
