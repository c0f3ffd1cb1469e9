/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/judge_cli.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/version.h"
#include "cmd/cmd.h"
#include "judge/compare.h"
#include "report/find_metric.h"
#include "report/report.h"

#define FORMAT(name) &report_format_##name,
static const struct report_format *const formats[] = { REPORT_FORMATS(FORMAT) };
#define OPTION(name) "--" #name,
static const char *const options[] = { REPORT_FORMATS(OPTION) };

static int write_files(const struct judge_cli *j, const struct comparison *c,
		       const struct report_opts *o, struct err *e)
{
	struct buf b = BUF_INIT;
	int ret = 0;

	for (size_t i = 0; i < NR_REPORT_FORMATS && !ret; i++) {
		if (!j->file[i])
			continue;
		buf_reset(&b);
		formats[i]->write(c, o, &b);
		ret = fs_write(j->file[i], b.data, b.len, e);
	}
	buf_release(&b);
	return ret;
}

int judge_cli_check(const struct judge_cli *j, struct err *e)
{
	for (size_t i = 0; i < NR_REPORT_FORMATS; i++) {
		int ret = cmd_output_check(options[i], j->file[i], e);

		if (ret)
			return ret;
	}
	for (size_t i = 0; i < NR_REPORT_FORMATS; i++)
		for (size_t k = 0; k < i; k++)
			if (j->file[i] && j->file[k] && fs_write_same(j->file[i], j->file[k]))
				return err_set(e, -EINVAL, "%s %s and %s %s: one file", options[k],
					       j->file[k], options[i], j->file[i]);
	return 0;
}

void judge_cli_files(struct judge_cli *j, const char *dir, struct arena *mem)
{
	for (size_t i = 0; i < NR_REPORT_FORMATS; i++)
		if (!j->file[i] && formats[i]->file)
			j->file[i] = arena_printf(mem, "%s/%s", dir, formats[i]->file);
}

void judge_cli_opts(const struct judge_cli *j, const struct history *h, struct cmp_opts *o)
{
	cmp_opts_init(o);
	o->alpha = j->alpha;
	o->fine = j->fine;
	o->fine_mde = j->mde;
	o->permutations = (uint64_t)j->permutations;
	o->seed = (uint64_t)j->seed;
	o->force = j->force;
	history_use(h, o);
}

int judge_sides(const struct judge_cli *j, const struct judge_job *job, struct comparison *c,
		struct err *e)
{
	struct cmp_opts o;

	judge_cli_opts(j, job->history, &o);
	o.rebuilds = job->rebuilds;
	return compare_runs((const struct run_facts *const *)job->a->v, job->a->nr,
			    (const struct run_facts *const *)job->b->v, job->b->nr, &o, c, e);
}

int explain_metric(const char *name, const struct comparison *c, struct err *e)
{
	struct buf text = BUF_INIT;
	struct metric m;
	int ret = report_find_metric(name, c, &m, e);

	if (!ret) {
		report_explain(&m, c, &text);
		fputs(text.data, stdout);
	}
	buf_release(&text);
	return ret;
}

int report_comparison(const struct judge_cli *j, const struct judge_job *job,
		      const struct comparison *c, struct err *e)
{
	const struct report_opts o = {
		.color = isatty(STDOUT_FILENO),
		.all = j->all,
		.commands = job->commands,
		.wmark_version = wmark_version,
		.made = job->made ? (const struct run_facts *const *)job->made->v : NULL,
		.nr_made = job->made ? job->made->nr : 0,
		.history_from = job->history ? job->history->from : NULL
	};
	struct buf text = BUF_INIT;
	int ret;

	if (j->explain)
		return explain_metric(j->explain, c, e);
	if (!j->no_text) {
		report_text(c, &o, &text);
		fputs(text.data, stdout);
	}
	ret = write_files(j, c, &o, e);
	if (!ret)
		ret = comparison_exit(c);
	buf_release(&text);
	return ret;
}

int judge_and_report(const struct judge_cli *j, const struct judge_job *job, struct err *e)
{
	struct comparison c;
	int ret = judge_sides(j, job, &c, e);

	if (ret)
		return ret;
	ret = report_comparison(j, job, &c, e);
	comparison_release(&c);
	return ret;
}
