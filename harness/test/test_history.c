/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Earlier runs for the noise model: which runs of a store are taken, and frozen lists. Also the
 * metric that --explain means. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "archive/outline.h"
#include "campaign/past.h"
#include "report/find_metric.h"
#include "test/synth.h"
#include "test/temp.h"

struct tiny {
	const char *scenario, *hash, *key, *lru, *target, *image, *seed, *settings, *date;
	bool cut; /* no end line */
};

static const struct tiny plain = {
	"file", "aaaa", "k1", "classic", "exact", "img1", "1", NULL, "2026-11-20T10:00:00Z", false
};

/* Adds an archive that is only a header to the store temp_dir, as FOLDER/SCENARIO/6.x/NAME.wm.
 * Returns its path. */
static const char *add(const char *folder, const char *name, struct tiny t)
{
	struct synth s;
	char path[128];
	const char *written;

	synth_init(&s);
	synth_head(&s, "machine.target", t.target);
	synth_head(&s, "machine.key", t.key);
	synth_head(&s, "kernel.image_hash", t.image);
	synth_head(&s, "run.seed", t.seed);
	synth_head(&s, "scenario.name", t.scenario);
	synth_head(&s, "scenario.hash", t.hash);
	synth_head(&s, "lru.mode", t.lru);
	if (t.settings)
		synth_head(&s, "side.settings", t.settings);
	synth_head(&s, "name", name);
	synth_source(&s, "vmstat", "");
	if (!t.cut)
		synth_seal(&s);
	if (t.date)
		buf_addf(&s.text, "H date %s\nH host here\n", t.date);
	snprintf(path, sizeof(path), "%s/%s/6.x/%s.wm", folder, t.scenario, name);
	written = temp_put(path, s.text.data, s.text.len);
	buf_release(&s.text);
	return written;
}

/* "name name ...": what was taken, in order. */
static char *names(const struct history *h)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < h->runs.nr; i++)
		buf_addf(&b, "%s%s", i ? " " : "", facts_get(h->runs.v[i], "name"));
	return buf_detach(&b);
}

static void taken(const struct history *h, const char *want)
{
	char *is = names(h);

	cr_assert_str_eq(is, want);
	free(is);
}

#define WITH(...)                       \
	({                              \
		struct tiny t_ = plain; \
		__VA_ARGS__;            \
		t_;                     \
	})

Test(history, takes_what_fits, TEMP_DIR)
{
	const struct history_want want[] = { { "file", "aaaa", "k1", "classic" } };
	struct history h;
	struct err e = ERR_INIT;

	add("m1", "a", plain);
	add("m1", "b", WITH(t_.seed = "2"));
	add("m2", "c", WITH(t_.seed = "3")); /* the folder's name is not what decides */
	add("m1", "other-key", WITH(t_.key = "k2"; t_.seed = "4"));
	add("m1", "other-hash", WITH(t_.hash = "bbbb"; t_.seed = "5"));
	add("m1", "other-lru", WITH(t_.lru = "mglru"; t_.seed = "6"));
	add("m1", "cut", WITH(t_.cut = true; t_.seed = "7"));
	add("m1", "anon", WITH(t_.scenario = "anon"; t_.seed = "8"));
	cr_assert_eq(history_collect(&h, temp_dir, want, 1, NULL, 0, &e), 0, "%s", e.msg);
	cr_assert_str_eq(h.from, temp_dir);
	taken(&h, "a b c");
	history_release(&h);
	cr_assert_eq(history_collect(&h, temp_dir, &(struct history_want){ .scenario = "file" }, 1,
				     NULL, 0, &e),
		     0);
	taken(&h, "a b other-hash other-key other-lru c"); /* NULL: any */
	history_release(&h);
	cr_assert_eq(history_collect(&h, temp_dir, NULL, 0, NULL, 0, &e), 0);
	taken(&h, "");
	history_release(&h);
}

/* The compared runs themselves, a copy of one, and a repetition of one on the exact target are not
 * their own history. */
Test(history, is_never_its_own, TEMP_DIR)
{
	struct factset a = { 0 }, b = { 0 };
	struct history h;
	struct err e = ERR_INIT;
	const char *fa = add("m1", "a", plain), *fb = add("m1", "b", WITH(t_.image = "img2")),
		   *copy = temp_path("m1/file/6.x/copy.wm");
	struct buf text = BUF_INIT;

	cr_assert_eq(fs_read(fa, &text, &e), 0);
	cr_assert_eq(fs_write(copy, text.data, text.len, &e), 0);
	add("m1", "again",
	    plain); /* another name in its header: another checksum, the same numbers */
	add("m1", "settings", WITH(t_.settings = "vm.swappiness=10"));
	add("m1", "older", WITH(t_.seed = "2"));
	cr_assert_eq(factset_add(&a, fa, FACTS_KEEP_NOT, &e), 0);
	cr_assert_eq(factset_add(&b, fb, FACTS_KEEP_NOT, &e), 0);
	cr_assert_eq(history_of_sides(&h, temp_dir, &a, &b, &e), 0, "%s", e.msg);
	taken(&h, "older settings");
	history_release(&h);
	/* a machine whose runs are not functions of the seed: the other run of the seed is another
	 * run */
	factset_release(&b);
	fb = add("m3", "vm1", WITH(t_.target = "vm"; t_.key = "k3"));
	add("m3", "vm2", WITH(t_.target = "vm"; t_.key = "k3"));
	cr_assert_eq(factset_add(&b, fb, FACTS_KEEP_NOT, &e), 0);
	cr_assert_eq(history_of_sides(&h, temp_dir, &b, &b, &e), 0);
	taken(&h, "vm2");
	history_release(&h);
	factset_release(&a);
	factset_release(&b);
	buf_release(&text);
}

/* What was left out as a copy or a repetition is said, also by the list that a campaign keeps. */
Test(history, names_its_copies, TEMP_DIR)
{
	const struct history_want want[] = { { "file", "aaaa", "k1", "classic" } };
	const char *list = temp_path("history");
	struct history h, again;
	struct err e = ERR_INIT;
	struct cmp_opts o;

	add("m1", "a", plain);
	add("m1", "b", WITH(t_.seed = "2"));
	cr_assert_eq(history_collect(&h, temp_dir, want, 1, NULL, 0, &e), 0, "%s", e.msg);
	cr_assert_null(h.left_out);
	cr_assert_eq(history_write_list(&h, list, &e), 0);
	history_release(&h);
	cr_assert_eq(history_from_list(&h, list, &e), 0, "%s", e.msg);
	cr_assert_null(h.left_out);
	history_release(&h);
	add("m1", "c", WITH(t_.date = "2026-11-19T10:00:00Z"));
	add("m2", "d", WITH(t_.date = "2026-11-18T10:00:00Z"));
	cr_assert_eq(history_collect(&h, temp_dir, want, 1, NULL, 0, &e), 0, "%s", e.msg);
	taken(&h, "a b");
	cr_assert(strstr(h.left_out, "2 earlier runs are copies and count once, as ") == h.left_out,
		  "%s", h.left_out);
	cr_assert(strstr(h.left_out, "/m1/file/6.x/c.wm of ") && strstr(h.left_out, "6.x/a.wm"),
		  "%s", h.left_out);
	cr_assert_eq(history_write_list(&h, list, &e), 0);
	cr_assert_eq(history_from_list(&again, list, &e), 0, "%s", e.msg);
	taken(&again, "a b");
	cr_assert_str_eq(again.left_out, h.left_out);
	history_use(&again, &o);
	cr_assert_str_eq(o.history_left_out, h.left_out);
	history_release(&again);
	history_release(&h);
}

/* The newest runs of each scenario, whatever their names; of repetitions on the exact target the
 * newest alone. */
Test(history, takes_the_newest, TEMP_DIR)
{
	const struct history_want want[] = {
		{ "file", NULL, "k1", NULL },
		{ "anon", NULL, "k1", NULL },
	};
	struct history h;
	struct err e = ERR_INIT;

	for (int i = 0; i < HISTORY_RUNS_MAX + 6; i++) {
		struct tiny t = plain;
		char *name = xasprintf("r%03d", HISTORY_RUNS_MAX + 6 - i),
		     *seed = xasprintf("%d", i),
		     *date = xasprintf("2026-10-%02dT10:%02d:00Z", 1 + i / 60, i % 60);

		t.seed = seed;
		t.date = i ? date : NULL; /* undated: the oldest */
		add("m1", name, t);
		free(name);
		free(seed);
		free(date);
	}
	add("m1", "x1", WITH(t_.scenario = "anon"; t_.date = "2026-01-02T00:00:00Z"));
	add("m1", "x2", WITH(t_.scenario = "anon"; t_.date = "2026-01-03T00:00:00Z"));
	add("m1", "x3", WITH(t_.scenario = "anon"; t_.date = "2026-01-01T00:00:00Z"));
	cr_assert_eq(history_collect(&h, temp_dir, want, 2, NULL, 0, &e), 0, "%s", e.msg);
	cr_assert_eq(h.runs.nr, HISTORY_RUNS_MAX + 1, "%zu", h.runs.nr);
	cr_assert_str_eq(facts_get(h.runs.v[0], "name"), "x2", "folder anon comes first by path");
	cr_assert_str_eq(facts_get(h.runs.v[1], "name"), "r001",
			 "the newest has the smallest name here");
	cr_assert_str_eq(facts_get(h.runs.v[HISTORY_RUNS_MAX], "name"), "r064");
	history_release(&h);
	/* where any machine is wanted, newer runs of another machine do not push out the others */
	for (int i = 0; i < HISTORY_RUNS_MAX; i++) {
		char *name = xasprintf("o%03d", i), *seed = xasprintf("%d", i);

		add("m2", name,
		    WITH(t_.key = "k2"; t_.seed = seed; t_.date = "2026-11-01T00:00:00Z"));
		free(name);
		free(seed);
	}
	cr_assert_eq(history_collect(&h, temp_dir, &(struct history_want){ .scenario = "file" }, 1,
				     NULL, 0, &e),
		     0, "%s", e.msg);
	cr_assert_eq(h.runs.nr, 2 * HISTORY_RUNS_MAX, "%zu", h.runs.nr);
	history_release(&h);
}

Test(history, places, TEMP_DIR)
{
	const struct history_want want[] = { { .scenario = "file" } };
	struct history h;
	struct err e = ERR_INIT;
	const char *file = add("m1", "a", plain);

	temp_put("m1/file/6.x/junk.wm", "not an archive\n", 15);
	cr_assert_eq(history_collect(&h, "none", want, 1, NULL, 0, &e), 0);
	cr_assert_null(h.from);
	history_release(&h);
	cr_assert_eq(history_collect(&h, "/nonexistent/store", want, 1, NULL, 0, &e), -ENOENT);
	cr_assert_str_eq(e.msg, "--history: /nonexistent/store: no such directory");
	history_release(&h);
	cr_assert_eq(history_collect(&h, file, want, 1, NULL, 0, &e), -ENOTDIR);
	history_release(&h);
	setenv("WMARK_RESULTS", temp_dir, 1);
	cr_assert_eq(history_collect(&h, NULL, want, 1, NULL, 0, &e), 0);
	taken(&h, "a"); /* junk is passed over */
	history_release(&h);
	setenv("WMARK_RESULTS", "/nonexistent/store", 1);
	cr_assert_eq(history_collect(&h, NULL, want, 1, NULL, 0, &e), 0,
		     "the default may be missing");
	cr_assert_null(h.from);
	history_release(&h);
}

Test(history, list, TEMP_DIR)
{
	const struct history_want want[] = { { .scenario = "file" } };
	struct history h, again;
	struct err e = ERR_INIT;
	struct cmp_opts o;
	const char *file = add("m1", "a", plain), *list = temp_path("history");
	struct buf text = BUF_INIT;

	add("m1", "b", WITH(t_.seed = "2"));
	cr_assert_eq(history_collect(&h, temp_dir, want, 1, NULL, 0, &e), 0);
	cr_assert_eq(history_write_list(&h, list, &e), 0);
	cr_assert_eq(history_from_list(&again, list, &e), 0, "%s", e.msg);
	taken(&again, "a b");
	cr_assert_str_eq(again.from, list);
	history_use(&again, &o);
	cr_assert_eq(o.nr_history, 2);
	cr_assert_eq(o.history[1], again.runs.v[1]);
	history_use(NULL, &o);
	cr_assert_eq(o.nr_history, 0);
	history_release(&again);
	/* another run in its place */
	add("m1", "a", WITH(t_.key = "k7"));
	cr_assert_eq(history_from_list(&again, list, &e), -EINVAL);
	cr_assert_not_null(strstr(e.msg, ":1: ") && strstr(e.msg, file) && strstr(e.msg, "checksum")
				   ? e.msg
				   : NULL,
			   "%s", e.msg);
	history_release(&again);
	cr_assert_eq(unlink(file), 0);
	cr_assert_eq(history_from_list(&again, list, &e), -ENOENT);
	cr_assert_not_null(strstr(e.msg, file), "%s", e.msg);
	history_release(&again);
	cr_assert_eq(fs_write(list, "12 x\n", 5, &e), 0);
	cr_assert_eq(history_from_list(&again, list, &e), -EINVAL);
	cr_assert_not_null(strstr(e.msg, "history:1: '12 x': not a checksum"), "%s", e.msg);
	history_release(&again);
	/* an empty one is a list too */
	cr_assert_eq(fs_write(list, "", 0, &e), 0);
	cr_assert_eq(history_from_list(&again, list, &e), 0);
	cr_assert_eq(again.runs.nr, 0);
	history_release(&again);
	cr_assert_eq(history_from_list(&again, "/nonexistent/list", &e), -ENOENT);
	history_release(&again);
	history_release(&h);
	buf_release(&text);
}

/* Beginnings and ends of archives as a crash leaves them, and as anybody may write them. */
Test(history, outline, TEMP_DIR)
{
	static const struct {
		const char *text;
		bool complete;
	} cases[] = {
		{ "wmark archive 1\n", false },
		{ "wmark archive 1\nend", false },
		{ "wmark archive 1\nend 1 0 \n", false },
		{ "wmark archive 1\nend 1 0 0123456789abcdef", true },
		{ "wmark archive 1\nh\nh \nh key\nsrc\nend 1 0 0123456789abcdef\nH date", true },
		{ "wmark archive 1\nend x y z\n", false },
	};
	const char *path = temp_path("x.wm");
	struct buf head = BUF_INIT, tail = BUF_INIT;
	struct outline o;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_assert_eq(fs_write(path, cases[i].text, strlen(cases[i].text), NULL), 0);
		cr_assert(outline_read(&o, path, &head, &tail), "case %zu", i);
		cr_assert_eq(o.complete, cases[i].complete, "case %zu", i);
		cr_assert_null(o.date);
	}
	cr_assert_not(outline_read(&o, temp_dir, &head, &tail), "a folder");
	cr_assert_not(outline_read(&o, "/nonexistent", &head, &tail));
	buf_release(&head);
	buf_release(&tail);
}

/* ---------------------------------------------------------------- --explain */

Test(explain, names)
{
	static const char *const known[] = { "stalls_per_gib",	       "steal_scan_kswapd",
					     "below_low_s_node1",      "below_low_s_node0",
					     "below_low_s_nodeN",      "peak_free_above_high_node3",
					     "anon.touch_p99_us",      "WORKLOAD.OP_p99_us",
					     "WORKLOAD.OP_rate",       "WORKLOAD.elapsed_s",
					     "my-section.read_p50_us", "probe.slow_rate" };
	struct err e = ERR_INIT;
	struct metric m = { .name = NULL };

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		cr_assert_eq(report_find_metric(known[i], NULL, &m, &e), 0, "%s: %s", known[i],
			     e.msg);
		cr_assert_str_eq(m.name, known[i]);
		cr_assert(m.help && *m.help, "%s", known[i]);
	}
}

Test(explain, unknown_names)
{
	static const struct {
		const char *name, *say;
	} cases[] = {
		{ "stalls_per_gb",
		  "--explain: 'stalls_per_gb': no such metric; did you mean 'stalls_per_gib'" },
		{ "swap_out", "'swap_out_per_gib'" },
		{ "nonsense",
		  "--explain: 'nonsense': no such metric; wmark list metrics names them" },
		{ "", "--explain: '': no such metric; wmark list metrics names them" },
		{ "below_low_s_node", "did you mean 'below_low_s_nodeN'" },
		{ "odd_secnd", "did you mean 'odd_second'?" },
	};
	static const struct metric odd = { .name = "odd_second",
					   .unit = "1",
					   .help = "of these runs alone" };
	struct cmp_metric cm = { .m = &odd };
	struct cmp_scenario s = { .name = "s", .metric = &cm, .nr_metrics = 1 };
	const struct comparison c = { .scenario = &s, .nr_scenarios = 1 };
	struct metric m = { .name = NULL };
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_assert_eq(report_find_metric(cases[i].name, &c, &m, &e), -EINVAL, "%s",
			     cases[i].name);
		cr_assert_not_null(strstr(e.msg, cases[i].say), "%s", e.msg);
	}
	cr_assert_eq(report_find_metric("odd_second", NULL, &m, &e), -EINVAL);
	cr_assert_eq(report_find_metric("odd_second", &c, &m, &e), 0);
	cr_assert_str_eq(m.help, odd.help);
}
