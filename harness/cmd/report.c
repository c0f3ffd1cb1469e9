/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>

#include "base/fs.h"
#include "base/version.h"
#include "cmd/cmd.h"
#include "html/html.h"
#include "report/report.h"

struct report_cli {
	const char *html;
};

/* clang-format off */
static const struct opt_desc opts[] = {
	OPT_STR(struct report_cli, html, "html", 0, NULL, "FILE",
		"where to write the page (default: standard output)"),
	OPT_END
};
/* clang-format on */

static int report_run(int argc, char **argv, struct err *e)
{
	const struct report_opts o = { .wmark_version = wmark_version };
	struct report_cli c = { 0 };
	struct buf b = BUF_INIT;
	struct archive a;
	int ret = cmd_options(&cmd_report, &c, &argc, &argv, false, e);

	if (!ret && argc != 1)
		ret = err_set(
			e, -EINVAL,
			"report: one run archive (for two sets of runs: wmark compare --html FILE)");
	if (!ret)
		ret = cmd_output_check("--html", c.html, e);
	if (ret)
		return ret;
	ret = archive_load(&a, argv[0], e);
	if (!ret) {
		report_run_html(&a, &o, &b);
		if (c.html)
			ret = fs_write(c.html, b.data, b.len, e);
		else
			fwrite(b.data, 1, b.len, stdout);
	}
	archive_release(&a);
	buf_release(&b);
	return ret;
}

const struct command cmd_report = { "report", report_run, opts, "RUN.wm",
				    "Draw the time line of one run as an HTML page" };
