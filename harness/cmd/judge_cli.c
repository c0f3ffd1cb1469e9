/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/judge_cli.h"

#include <stdio.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/version.h"
#include "judge/compare.h"
#include "report/report.h"

typedef void report_fn(const struct comparison *c, const struct report_opts *o, struct buf *out);

static int write_report(const char *file, report_fn *fn, const struct comparison *c, const struct report_opts *o, struct err *e)
{
	struct buf b = BUF_INIT;
	int ret = 0;

	if (file) {
		fn(c, o, &b);
		ret = fs_write(file, b.data, b.len, e);
	}
	buf_release(&b);
	return ret;
}

int judge_and_report(const struct judge_cli *j, const struct runset *a, const struct runset *b, const char *const *commands, struct err *e)
{
	struct report_opts o = { .color = isatty(STDOUT_FILENO), .all = j->all, .commands = commands, .wmark_version = wmark_version };
	struct comparison c;
	struct cmp_opts co;
	struct buf text = BUF_INIT;
	int ret;

	cmp_opts_init(&co);
	co.alpha = j->alpha;
	co.permutations = (uint64_t)j->permutations;
	co.seed = (uint64_t)j->seed;
	co.force = j->force;
	ret = compare_runs((const struct archive *const *)a->v, a->nr, (const struct archive *const *)b->v, b->nr, &co, &c, e);
	if (ret)
		return ret;
	if (!j->no_text) {
		report_text(&c, &o, &text);
		fputs(text.data, stdout);
	}
	ret = write_report(j->html, report_html, &c, &o, e);
	if (!ret)
		ret = write_report(j->csv, report_csv, &c, &o, e);
	if (!ret)
		ret = write_report(j->json, report_json, &c, &o, e);
	if (!ret)
		ret = comparison_exit(&c);
	buf_release(&text);
	comparison_release(&c);
	return ret;
}
