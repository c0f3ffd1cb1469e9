/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "cmd/cmd.h"
#include "evidence/counters.h"
#include "check/check.h"
#include "metric/metric.h"
#include "metric/shape.h"
#include "probe/probe.h"
#include "archive/outcome.h"
#include "archive/outline.h"
#include "archive/store.h"
#include "scenario/scenario.h"
#include "vm/kernel.h"

struct list_cli {
	bool verbose;
	const char *root, *store;
};

/* clang-format off */
static const struct opt_desc opts[] = {
	OPT_YES(struct list_cli, verbose, "verbose", 'v', NULL,
		"also options of workloads and sections, rules of counters, help of metrics"),
	OPT_STR(struct list_cli, root, "root", 0, "", "DIR",
		"counters: read DIR/proc and DIR/sys, a captured machine"),
	OPT_STR(struct list_cli, store, "store", 0, NULL, "DIR",
		"runs: the store (default $WMARK_RESULTS or results)"),
	OPT_END
};
/* clang-format on */

static void print_opts(const char *title, const struct opt_desc *t)
{
	struct buf b = BUF_INIT;

	opt_help(t, &b);
	printf("%s\n%s", title, b.data);
	buf_release(&b);
}

static int list_workloads(const struct list_cli *c, struct err *e)
{
	(void)e;
	for (size_t i = 0; workload_table[i]; i++) {
		const struct workload *w = workload_table[i];

		printf("%-8s %s\n", w->name, w->summary);
		if (c->verbose)
			print_opts("", w->opts);
	}
	if (c->verbose)
		print_opts("\nevery workload:", wl_common_opts);
	return 0;
}

/* A function for one file of bench/: its @path, and its @name without the suffix. */
typedef int bench_fn(const char *path, const char *name, struct err *e);

static int for_each_bench(const char *folder, const char *suffix, bench_fn *fn, struct err *e)
{
	char *dir = xasprintf("%s/%s", bench_dir(), folder), **names;
	size_t nr, slen = strlen(suffix);
	int ret = fs_list(dir, &names, &nr, e);

	for (size_t i = 0; i < nr && !ret; i++) {
		size_t len = strlen(names[i]);
		char *path;

		if (len <= slen || strcmp(names[i] + len - slen, suffix) != 0)
			continue;
		path = xasprintf("%s/%s", dir, names[i]);
		names[i][len - slen] = '\0';
		ret = fn(path, names[i], e);
		free(path);
	}
	fs_list_free(names, nr);
	free(dir);
	return ret;
}

static int print_scenario(const char *path, const char *name, struct err *e)
{
	struct scenario s;
	int ret = scenario_load(&s, path, NULL, 0, e);

	(void)name;
	if (ret)
		return ret;
	printf("%-16s %s\n", s.name, s.summary);
	scenario_release(&s);
	return 0;
}

static int print_suite(const char *path, const char *name, struct err *e)
{
	struct arena mem = ARENA_INIT;
	const char **list;
	size_t n;
	int ret = suite_load(path, &mem, &list, &n, e);

	printf("%-16s", name);
	for (size_t i = 0; !ret && i < n; i++)
		printf(" %s", list[i]);
	putchar('\n');
	arena_release(&mem);
	return ret;
}

static int list_scenarios(const struct list_cli *c, struct err *e)
{
	int ret = for_each_bench("scenarios", ".ini", print_scenario, e);

	if (!ret && c->verbose) {
		print_opts("\n[needs]", needs_opts);
		print_opts("\n[phase]", phase_opts);
		print_opts("\n[sample]", sample_opts);
	}
	return ret;
}

static int list_suites(const struct list_cli *c, struct err *e)
{
	(void)c;
	return for_each_bench("suites", ".list", print_suite, e);
}

static int list_kernels(const struct list_cli *c, struct err *e)
{
	char **specs;
	size_t nr;

	(void)c;
	(void)e;
	vm_kernel_list(NULL, &specs, &nr);
	for (size_t i = 0; i < nr; i++) {
		struct vm_kernel k = { .mem = ARENA_INIT };

		if (!vm_kernel_find(&k, specs[i], NULL, NULL))
			printf("%-32s %s\n", k.release, k.package ? k.package : specs[i]);
		vm_kernel_release(&k);
	}
	if (!nr)
		printf("no kernels in %s/kernels; ci/kernels.sh fetch 6.1 6.12 fetches two\n",
		       vm_cache_dir());
	fs_list_free(specs, nr);
	return 0;
}

static const char *or_dash(const char *v)
{
	return v && *v ? v : "-";
}

static void print_run(const char *outcome, const char *scenario, const char *release,
		      const char *target, const char *seed, const char *file)
{
	printf("%-12s %-8s %-26s %-6s seed %-4s %s\n", or_dash(outcome), or_dash(scenario),
	       or_dash(release), or_dash(target), or_dash(seed), file);
}

/* Beginning and end of an archive are enough, unless the run broke or the header is a long one. */
static void list_run_file(const char *file, struct buf *head, struct buf *tail)
{
	struct archive a;
	struct outline o;
	struct err bad = ERR_INIT;

	if (outline_read(&o, file, head, tail) && o.complete && o.outcome &&
	    o.fact[OUTLINE_SCENARIO] && o.fact[OUTLINE_RELEASE] && o.fact[OUTLINE_SEED]) {
		print_run(o.outcome, o.fact[OUTLINE_SCENARIO], o.fact[OUTLINE_RELEASE],
			  o.fact[OUTLINE_TARGET], o.fact[OUTLINE_SEED], file);
		return;
	}
	if (archive_load(&a, file, &bad))
		printf("%-12s %s: %s\n", "unreadable", file, bad.msg);
	else
		print_run(outcome_of(&a).word, archive_get(&a, "scenario.name"),
			  archive_get(&a, "kernel.release"), archive_get(&a, "machine.target"),
			  archive_get(&a, "run.seed"), file);
	archive_release(&a);
}

static int list_runs(const struct list_cli *c, struct err *e)
{
	const char *store = c->store ? c->store : store_dir();
	struct buf head = BUF_INIT, tail = BUF_INIT;
	char **files = NULL;
	size_t nr = 0;
	/* the usual store is made by the first run; one that was named is to be there */
	int ret = fs_is_dir(store) || c->store ? store_files(store, &files, &nr, e) : 0;

	for (size_t i = 0; i < nr && !ret; i++)
		list_run_file(files[i], &head, &tail);
	if (!nr && !ret)
		printf("no runs in %s\n", store);
	buf_release(&head);
	buf_release(&tail);
	fs_list_free(files, nr);
	return ret;
}

static bool from_list(const void *ctx, const char *name, uint64_t *out)
{
	return probe_list_get(ctx, name, out);
}

static int list_counters(const struct list_cli *c, struct err *e)
{
	struct probe_list l = { 0 };
	struct buf text = BUF_INIT, used = BUF_INIT;
	int ret = root_read(c->root, "/proc/vmstat", &text, e);

	if (!ret)
		ret = probe_list_load(&l, probe_vmstat, text.data, text.len, e);
	for (const struct counter *k = counter_table; k->name && !ret; k++) {
		uint64_t v;

		buf_reset(&used);
		if (counter_resolve(k, from_list, &l, &v, &used))
			printf("%-26s %20llu  %s\n", k->name, (unsigned long long)v, used.data);
		else
			printf("%-26s %20s\n", k->name, "ABSENT");
		if (c->verbose)
			printf("    %s\n", k->help);
	}
	probe_list_release(&l);
	buf_release(&text);
	buf_release(&used);
	return ret;
}

static int list_metrics(const struct list_cli *c, struct err *e)
{
	const struct metric *m;
	struct buf words = BUF_INIT, on = BUF_INIT;

	(void)e;
	if (!c->verbose)
		printf("%-29s %-12s %-8s %-10s %-13s %7s %6s %-5s %s\n", "metric", "unit", "better",
		       "class", "primary on", "floor", "c", "scale", "not across");
	for (size_t i = 0; (m = metric_listed(i)); i++) {
		buf_reset(&words);
		if (c->verbose) {
			metric_explain(m, 110, &words);
			printf("%s%s", i ? "\n" : "", words.data);
			continue;
		}
		if (m->breaks)
			metric_break_words(m, &words);
		else
			buf_addc(&words, '-');
		buf_reset(&on);
		metric_primary_words(m, &on);
		printf("%-29s %-12s %-8s %-10s %-13s %4g %s %6g %-5s %s\n", m->name, m->unit,
		       metric_better_shown[m->better], metric_class_names[m->cls], on.data,
		       m->floor * 100, m->scale == SCALE_LOGIT ? "pp" : "% ", m->c,
		       metric_scale_names[m->scale], words.data);
	}
	if (!c->verbose)
		printf("Primary on: the machines on which it may decide; exact is with one CPU, exact-smp with several.\n"
		       "Floor: smallest shift that matters, pp = percentage points. c: resolution, in units.\nAlso primary, of "
		       "each workload: the p99 of its first operation with latencies, else its first rate.\nNot across: lru = "
		       "classic and MGLRU, a version = kernels before it and from it on; -v has the reasons.\n");
	buf_release(&on);
	buf_release(&words);
	return 0;
}

static int list_states(const struct list_cli *c, struct err *e)
{
	struct buf of = BUF_INIT;

	(void)e;
	for (const struct shape_row *r = shape_table; r->key; r++) {
		buf_reset(&of);
		metric_of_words(r->of, &of);
		printf("%-20s matters to %-15s", r->name, of.data);
		if (r->kind == SHAPE_KIB)
			printf(" told from %g %% on, matters from %g %%\n", r->told * 100,
			       r->matters * 100);
		else if (r->kind == SHAPE_SHARE)
			printf(" none is under %g %%, in use above %g %%\n", r->told * 100,
			       r->matters * 100);
		else
			printf(" %s\n", r->used ? "where a run used it"
					: r->bars_on == MACHINE_ANY
						? "where unlike"
						: "where unlike, on the exact target");
		if (c->verbose)
			printf("    %s\n    explained by settings: %s\n", r->why,
			       *r->knobs ? r->knobs : "none");
	}
	if (!c->verbose)
		printf("Where A and B ran in unlike states that no setting explains, the metrics "
		       "that they matter to are not judged.\nWhat a metric is made of (pages, events, "
		       "clocks): --explain METRIC. -v: why, and which settings explain a state.\n");
	buf_release(&of);
	return 0;
}

static int list_invariants(const struct list_cli *c, struct err *e)
{
	const struct rule *r;

	(void)e;
	for (size_t i = 0; (r = rule_listed(i)); i++) {
		printf("%-24s %s\n", r->name, rule_class_name(r->cls));
		if (c->verbose)
			printf("    %s\n", r->help);
	}
	return 0;
}

/* clang-format off */
static const struct {
	const char *name;
	int (*fn)(const struct list_cli *c, struct err *e);
} what[] = {
	{ "scenarios", list_scenarios },
	{ "suites", list_suites },
	{ "workloads", list_workloads },
	{ "kernels", list_kernels },
	{ "runs", list_runs },
	{ "counters", list_counters },
	{ "metrics", list_metrics },
	{ "states", list_states },
	{ "invariants", list_invariants },
};
/* clang-format on */

static int list_run(int argc, char **argv, struct err *e)
{
	struct list_cli c = { 0 };
	struct buf names = BUF_INIT;
	int ret = cmd_options(&cmd_list, &c, &argc, &argv, false, e);

	if (ret)
		return ret;
	for (size_t i = 0; i < ARRAY_SIZE(what); i++)
		if (argc == 1 && !strcmp(argv[0], what[i].name))
			return what[i].fn(&c, e);
	for (size_t i = 0; i < ARRAY_SIZE(what); i++)
		buf_addf(&names, "%s%s", i ? ", " : "", what[i].name);
	if (argc)
		ret = err_set(e, -EINVAL, "list: '%s': not one of %s", argv[argc > 1], names.data);
	else
		ret = err_set(e, -EINVAL, "list: which? %s", names.data);
	buf_release(&names);
	return ret;
}

const struct command cmd_list = {
	"list", list_run, opts,
	"scenarios|suites|workloads|kernels|runs|counters|metrics|states|invariants",
	"List what there is"
};
