/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>

#include "base/fs.h"
#include "cmd/cmd.h"
#include "sample/trace.h"
#include "run/knobs.h"

struct restore_cli {
	const char *journal;
	bool force;
};

/* clang-format off */
static const struct opt_desc opts[] = {
	OPT_STR(struct restore_cli, journal, "journal", 0, KNOB_JOURNAL, "FILE",
		"where the run recorded the settings"),
	OPT_YES(struct restore_cli, force, "force", 0, NULL,
		"give up settings that can no longer be written"),
	OPT_END
};
/* clang-format on */

static int restore_run(int argc, char **argv, struct err *e)
{
	struct restore_cli c = { 0 };
	struct err left = ERR_INIT;
	size_t nr, traces;
	int swept, ret = cmd_options(&cmd_restore, &c, &argc, &argv, false, e);

	if (ret)
		return ret;
	swept = trace_sweep(NULL, &traces, &left);
	if (traces)
		printf("trace instances of killed runs removed: %zu\n", traces);
	if (!fs_exists(c.journal)) {
		if (!swept && !traces)
			printf("nothing to restore (%s is not there)\n", c.journal);
		return swept ? err_set(e, swept, "%s", left.msg) : EXIT_OK;
	}
	ret = knobs_restore_file(c.journal, c.force, &nr, e);
	if (!ret)
		printf("%zu settings restored\n", nr);
	if (!ret && swept)
		ret = err_set(e, swept, "%s", left.msg);
	return ret;
}

const struct command cmd_restore = { "restore", restore_run, opts, "",
				     "Put back settings that a killed run had changed" };
