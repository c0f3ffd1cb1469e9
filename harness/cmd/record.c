/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/stop.h"
#include "cmd/cmd.h"
#include "run/on_host.h"
#include "run/options.h"

struct record_cli {
	const char *out, *store;
	uint64_t period_ns;
	struct opt_list sample;
	bool quiet;
};

/* clang-format off */
static const struct opt_desc opts[] = {
	OPT_STR(struct record_cli, out, "output", 'o', NULL, "FILE",
		"archive to write (default: a place in the store)"),
	OPT_DURATION(struct record_cli, period_ns, "period", 'p', "0",
		"period of the fast sources, >= 1ms (default 100ms)"),
	OPT_LIST(struct record_cli, sample, "sample", 0, "KEY=VALUE",
		"a line of a scenario's [sample] section, like zoneinfo=250ms"),
	OPT_STR(struct record_cli, store, "store", 0, NULL, "DIR",
		"result store (default $WMARK_RESULTS or results)"),
	OPT_YES(struct record_cli, quiet, "quiet", 'q', NULL, "do not print the archive's name at the end"),
	OPT_END
};
/* clang-format on */

static int sampling(const struct record_cli *c, struct sample_cfg *s, struct err *e)
{
	opt_defaults(sample_opts, s);
	if (c->period_ns && c->period_ns < 1000000)
		return err_set(e, -EINVAL, "record: --period: the shortest period is 1ms");
	if (c->period_ns)
		s->vmstat_ns = s->kswapd_ns = c->period_ns;
	for (size_t i = 0; i < c->sample.nr; i++) {
		const char *eq = strchr(c->sample.v[i], '=');
		char key[64];
		int ret;

		if (!eq || (size_t)(eq - c->sample.v[i]) >= sizeof(key))
			return err_set(e, -EINVAL, "record: --sample '%s': not KEY=VALUE",
				       c->sample.v[i]);
		snprintf(key, sizeof(key), "%.*s", (int)(eq - c->sample.v[i]), c->sample.v[i]);
		ret = opt_set(sample_opts, s, key, eq + 1, e);
		if (ret)
			return err_wrap(e, -EINVAL, "record: --sample %s", key);
	}
	return 0;
}

/* The exit code is the command's own, as in time(1) and perf record. */
static int command_code(const struct run_result *res)
{
	return WIFSIGNALED(res->command_status) ? 128 + WTERMSIG(res->command_status)
						: WEXITSTATUS(res->command_status);
}

static int record_run(int argc, char **argv, struct err *e)
{
	struct record_cli c = { 0 };
	struct host_conf h = { .tmp_dir = "/tmp" };
	struct sample_cfg sample = { 0 };
	struct machine_options m;
	struct run_result res = { 0 };
	char *file = NULL;
	int ret = cmd_options(&cmd_record, &c, &argc, &argv, true, e);

	if (!ret && !argc)
		ret = err_set(e, -EINVAL, "record: which command? (wmark record -- CMD ARGS)");
	if (!ret)
		ret = sampling(&c, &sample, e);
	if (ret)
		goto out;
	machine_defaults(&m);
	m.store = c.store;
	argv[argc] = NULL;
	const struct host_run run = { .conf = &h,
				      .spec = { .machine = &m, .side = "", .order = -1 },
				      .command = argv,
				      .sample = &sample,
				      .store = machine_store(&m),
				      .out = c.out,
				      .stop = stop_flag() };
	ret = host_run(&run, &res, &file, e);
	if (ret && res.command_ended && command_code(&res)) {
		/* the archive was not written; the command's failure is the one to pass on */
		err_say("%s", e->msg);
		ret = command_code(&res);
	}
	if (ret)
		goto out;
	if (!c.quiet)
		err_say("%s", file);
	ret = command_code(&res);
out:
	free(file);
	opt_release(opts, &c);
	return ret;
}

const struct command cmd_record = { "record", record_run, opts, "-- CMD [ARG...]",
				    "Sample the kernel's reclaim counters around any command" };
