/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hist triggers: their texts from three kernels, what is set and removed in a made-up tracefs, and
 * the resulting numbers. */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "metric/metric.h"
#include "evidence/trace_counts.h"
#include "probe/probe.h"
#include "sample/sampler.h"
#include "sample/trace.h"
#include "sample/trace_place.h"
#include "test/synth.h"
#include "test/temp.h"

static const char *const kernels[] = { "6.1", "6.12", "7.3" };

static void captured(const char *kernel, const char *file, struct buf *out)
{
	const char *dir = getenv("WMARK_TEST_DATA");
	char *path = xasprintf("%s/trace/%s/%s", dir ? dir : "harness/test/data", kernel, file);
	struct err e = ERR_INIT;

	buf_reset(out);
	cr_assert_eq(fs_read(path, out, &e), 0, "%s", e.msg);
	free(path);
}

/* ---------------------------------------------------------------- texts */

Test(trace, counts_of_real_kernels)
{
	static const char *const files[] = { "kswapd_wake", "kswapd_sleep" };
	struct buf text = BUF_INIT;

	for (size_t k = 0; k < ARRAY_SIZE(kernels); k++) {
		for (size_t f = 0; f < ARRAY_SIZE(files); f++) {
			uint64_t hits = 0, dropped = 1, n0 = 0, n1 = 0;
			struct err e = ERR_INIT;
			struct probe_list l;

			captured(kernels[k], files[f], &text);
			cr_assert_eq(
				probe_list_load(&l, probe_hist_counts, text.data, text.len, &e), 0,
				"%s", e.msg);
			cr_assert(probe_list_get(&l, "Hits", &hits) &&
				  probe_list_get(&l, "Dropped", &dropped));
			probe_list_get(&l, "node0.hitcount", &n0);
			probe_list_get(&l, "node1.hitcount", &n1);
			cr_assert_eq(n0 + n1, hits, "%s %s: nodes add up to the whole", kernels[k],
				     files[f]);
			cr_assert_eq(dropped, 0);
			cr_assert_gt(hits, 0);
			probe_list_release(&l);
		}
	}
	buf_release(&text);
}

Test(trace, stalls_of_real_kernels)
{
	struct probe_hist stalls = { .v = NULL }, begin = { .v = NULL };
	struct buf text = BUF_INIT;

	for (size_t k = 0; k < ARRAY_SIZE(kernels); k++) {
		struct err e = ERR_INIT;
		uint64_t sum = 0;

		captured(kernels[k], "direct_begin", &text);
		cr_assert_eq(probe_hist_load(&begin, text.data, text.len, &e), 0, "%s", e.msg);
		captured(kernels[k], "stall", &text);
		cr_assert_eq(probe_hist_load(&stalls, text.data, text.len, &e), 0, "%s", e.msg);
		for (size_t i = 0; i < stalls.nr; i++) {
			sum += stalls.v[i].hits;
			cr_assert(!i || stalls.v[i].key > stalls.v[i - 1].key, "sorted by length");
		}
		cr_assert_eq(sum, stalls.hits, "%s", kernels[k]);
		cr_assert_eq(stalls.hits, begin.hits, "%s: every stall that began has its length",
			     kernels[k]);
		cr_assert_gt(stalls.nr, 5);
		cr_assert_eq(stalls.dropped, 0);
	}
	free(stalls.v);
	free(begin.v);
	buf_release(&text);
}

Test(trace, no_prefix_of_a_text_is_taken_for_one)
{
	struct probe_hist h = { .v = NULL };
	struct buf text = BUF_INIT;
	const char *last;

	captured("6.12", "stall", &text);
	last = strstr(text.data, "Dropped: ");
	cr_assert_not_null(last);
	for (size_t len = 0; len < text.len; len++) {
		/* no NUL follows: a sanitizer sees a read too far */
		char *cut = xmalloc(len + 1);
		int ret;

		memcpy(cut, text.data, len);
		ret = probe_hist_load(&h, cut, len, NULL);
		if (len <= (size_t)(last - text.data) + strlen("Dropped: "))
			cr_assert_eq(ret, -EINVAL, "cut at %zu", len);
		probe_hist_load(&h, cut, len, NULL);
		free(cut);
	}
	free(h.v);
	buf_release(&text);
}

Test(trace, bad_texts_are_named)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ "garbage\n", "line 1: 'garbage': neither an entry" },
		{ "# x\n{ nid: 0 } hitcount: 1x\n", "line 2: '1x'" },
		{ "{ nid: 0, order: 3 } hitcount: 1\n", "'0,'" },
		{ "{ nid: 0 } order: 4 hitcount: 1\n", "expected hitcount" },
		{ "{ us: ~ 2^12 } hitcount: 1\n", "'~'" },
		{ "{ nid 0 } hitcount: 1\n", "no ':'" },
		{ "{ nid: 0 } hitcount: 1 more\n", "'more'" },
		{ "{ nid: 18446744073709551616 } hitcount: 1\n", "64 bits" },
		{ "{ nid: 4294967296 } hitcount: 1\n", "not the number of a node" },
		{ "Totals:\n Hits: 1\n Dropped: 0\nTotals:\n",
		  "line 4: 'Totals:': a second trigger" },
		{ "Totals:\n Hits\n", "no ':'" },
		{ "Totals:\n : 3\n", "no name" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err e = ERR_INIT;
		struct probe_list l;

		cr_assert_eq(probe_list_load(&l, probe_hist_counts, cases[i].text,
					     strlen(cases[i].text), &e),
			     -EINVAL, "%s", cases[i].text);
		cr_assert(strstr(e.msg, cases[i].says), "'%s' is not in '%s'", cases[i].says,
			  e.msg);
	}
}

Test(trace, windows_are_differences)
{
	struct probe_hist_entry was[] = { { 700, 1 }, { 900, 5 }, { 3, 2 } };
	struct probe_hist_entry is[] = { { 3, 2 }, { 700, 2 }, { 900, 8 }, { 12000, 1 } };
	struct probe_hist before = { .v = was, .nr = 3 }, after = { .v = is, .nr = 4 };
	struct hist *h = xmalloc(sizeof(*h));

	cr_assert(trace_subtract(&before, &after, h));
	cr_assert_eq(h->count, 5);
	cr_assert_eq(h->min, 700000);
	cr_assert_eq(h->max, 12000000);
	cr_assert_eq(h->sum, 700000 + 3 * 900000 + 12000000ull);
	cr_assert_eq(hist_quantile(h, .99), 12000000);
	after.v = is + 1; /* the entry of 3 us has gone */
	after.nr = 3;
	cr_assert(!trace_subtract(&before, &after, h));
	after.v = is;
	after.nr = 4;
	is[2].hits = 4; /* fewer than before: somebody cleared it */
	cr_assert(!trace_subtract(&before, &after, h));
	free(h);
}

/* ---------------------------------------------------------------- a made-up tracefs */

static const char *const events[] = { TRACE_EVENT_WAKE, TRACE_EVENT_SLEEP, TRACE_EVENT_BEGIN,
				      TRACE_EVENT_END, "synthetic/wmark_stall" };

struct tree {
	const char *root, *tracefs, *file;
	int fd;
	struct archive_writer *w;
};

static const char *in(const char *dir, const char *file)
{
	return temp_path("root/sys/kernel/tracing/%s%s%s", dir, *file ? "/" : "", file);
}

static void put(const char *dir, const char *file, const char *text)
{
	cr_assert_eq(fs_mkdirs(in(dir, ""), NULL), 0);
	cr_assert_eq(fs_write(in(dir, file), text, strlen(text), NULL), 0);
}

static void put_hist(const char *event, const char *entries, unsigned hits, unsigned dropped)
{
	char *dir = xasprintf("events/%s", event);
	char *text =
		xasprintf("# event histogram\n#\n# trigger info: hist:size=128 [active]\n#\n\n%s\n"
			  "Totals:\n    Hits: %u\n    Entries: 1\n    Dropped: %u\n",
			  entries, hits, dropped);

	put(dir, "hist", text);
	free(text);
	free(dir);
}

static void tree_make(struct tree *t, bool hist, bool synth)
{
	t->root = temp_path("root");
	t->tracefs = temp_path("root/sys/kernel/tracing");
	t->file = temp_path("run.wm");
	t->fd = open(t->file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	cr_assert_geq(t->fd, 0);
	cr_assert_eq(archive_writer_open(&t->w, t->fd, 0, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(events) - !synth; i++) {
		char *dir = xasprintf("events/%s", events[i]);

		put(dir, "trigger", "");
		if (hist)
			put_hist(events[i], "", 0, 0);
		free(dir);
	}
	if (synth)
		put(".", "synthetic_events", "");
}

static void tree_load(struct tree *t, struct archive *a)
{
	cr_assert_eq(archive_writer_close(t->w, NULL, NULL), 0);
	cr_assert_eq(archive_load(a, t->file, NULL), 0);
	cr_assert(a->complete, "%s", a->why);
}

static void tree_drop(struct tree *t)
{
	fs_remove_tree(t->root, NULL);
	close(t->fd);
}

static void holds(const char *dir, const char *file, const char *want)
{
	const char *path = in(dir, file);
	struct buf b = BUF_INIT;

	cr_assert_eq(fs_read(path, &b, NULL), 0, "%s", path);
	cr_assert_str_eq(b.data, want, "%s", path);
	buf_release(&b);
}

Test(trace, sets_and_takes_away, TEMP_DIR)
{
	struct trace_conf c = { .own_instance = false };
	struct archive a;
	struct trace *tr;
	struct tree t;
	struct err e = ERR_INIT;

	tree_make(&t, true, true);
	c.root = t.root;
	tr = trace_open(&c);
	trace_header(tr, t.w);
	cr_assert_str_eq(trace_dir(tr), t.tracefs);
	holds("events/" TRACE_EVENT_WAKE, "trigger", "hist:keys=nid:sort=nid:size=128");
	holds("events/" TRACE_EVENT_SLEEP, "trigger", "hist:keys=nid:sort=nid:size=128");
	holds("events/" TRACE_EVENT_BEGIN, "trigger",
	      "hist:keys=common_pid:t0=common_timestamp.usecs:sort=common_pid:size=1024:clock=mono");
	holds("events/" TRACE_EVENT_END, "trigger",
	      "hist:keys=common_pid:us=common_timestamp.usecs-$t0:sort=common_pid:size=1024:clock=mono"
	      ":onmatch(vmscan.mm_vmscan_direct_reclaim_begin).wmark_stall($us)");
	holds(".", "synthetic_events", "wmark_stall u64 us");
	/* the kernel prints triggers like this, and other kinds of triggers belong to somebody
	 * else */
	put("events/" TRACE_EVENT_WAKE, "trigger",
	    "hist:keys=nid:vals=hitcount:sort=nid:size=128 [active]\n");
	put("events/" TRACE_EVENT_SLEEP, "trigger", "# Available triggers:\n");
	cr_assert_eq(trace_close(tr, &e), 0, "%s", e.msg);
	holds("events/" TRACE_EVENT_WAKE, "trigger",
	      "!hist:keys=nid:vals=hitcount:sort=nid:size=128[active]\n");
	holds("events/" TRACE_EVENT_SLEEP, "trigger", "# Available triggers:\n");
	holds(".", "synthetic_events", "!wmark_stallu64 us");
	tree_load(&t, &a);
	cr_assert_str_eq(archive_get(&a, "trace.counts"), "yes");
	cr_assert_str_eq(archive_get(&a, "trace.stalls"), "yes");
	cr_assert_null(archive_get(&a, "trace.reason"));
	archive_release(&a);
	tree_drop(&t);
}

static void degrades(bool tracefs, bool hist, bool synth, const char *missing, const char *counts,
		     const char *stalls, const char *says)
{
	struct trace_conf c = { .own_instance = false };
	struct archive a;
	struct trace *tr;
	struct tree t;
	struct err e = ERR_INIT;

	tree_make(&t, hist, synth);
	if (!tracefs)
		fs_remove_tree(t.tracefs, NULL);
	if (missing)
		fs_remove_tree(in("events", missing), NULL);
	c.root = t.root;
	tr = trace_open(&c);
	trace_header(tr, t.w);
	trace_begin(tr);
	trace_end(tr, t.w);
	cr_assert_eq(!trace_dir(tr), *counts == 'n');
	cr_assert_eq(trace_close(tr, &e), 0, "%s", e.msg);
	tree_load(&t, &a);
	cr_assert_str_eq(archive_get(&a, "trace.counts"), counts, "%s", says);
	cr_assert_str_eq(archive_get(&a, "trace.stalls"), stalls, "%s", says);
	cr_assert_str_eq(archive_get(&a, "trace.reason"), says);
	if (*stalls == 'n')
		cr_assert_eq(a.nr_res + a.nr_lat, 0, "nothing is said of stalls");
	archive_release(&a);
	tree_drop(&t);
}

Test(trace, says_what_is_missing, TEMP_DIR)
{
	degrades(false, true, true, NULL, "no", "no", "tracefs: not mounted");
	degrades(true, false, true, NULL, "no", "no",
		 "tracefs: this kernel has no hist triggers (CONFIG_HIST_TRIGGERS)");
	degrades(true, true, false, NULL, "yes", "no",
		 "stalls: this kernel has no synthetic events (CONFIG_SYNTH_EVENTS, 4.17)");
	degrades(true, true, true, TRACE_EVENT_END, "no", "no",
		 "stalls: this kernel has no event " TRACE_EVENT_END);
	degrades(true, true, true, TRACE_EVENT_SLEEP, "no", "yes",
		 "counts: this kernel has no event " TRACE_EVENT_SLEEP);
}

Test(trace, a_window_in_the_archive, TEMP_DIR)
{
	struct trace_conf c = { .own_instance = false };
	struct archive a;
	struct trace *tr;
	struct tree t;

	tree_make(&t, true, true);
	c.root = t.root;
	tr = trace_open(&c);
	put_hist("synthetic/wmark_stall", "{ us:         60 } hitcount:          2\n", 2, 0);
	put_hist(TRACE_EVENT_BEGIN, "", 2, 7);
	trace_begin(tr);
	put_hist("synthetic/wmark_stall",
		 "{ us:         60 } hitcount:          3\n"
		 "{ us:       4000 } hitcount:          9\n",
		 12, 0);
	put_hist(TRACE_EVENT_END, "", 2, 1);
	trace_end(tr, t.w);
	put_hist("synthetic/wmark_stall", "", 0, 0);
	trace_end(tr, t.w); /* cleared by somebody */
	cr_assert_eq(trace_close(tr, NULL), 0);
	tree_load(&t, &a);
	cr_assert_eq(a.nr_res, 2);
	cr_assert_str_eq(a.res[0].key, TRACE_STALLS_KEY);
	cr_assert_eq(a.res[0].value, 10);
	cr_assert_str_eq(a.res[1].key, TRACE_LOST_KEY);
	cr_assert_eq(a.res[1].value, 1, "dropped in the window, not before");
	cr_assert_eq(a.nr_lat, 1);
	cr_assert_eq(a.lat[0].hist->sum, 60000 + 9 * 4000000ull);
	cr_assert_eq(a.nr_ev, 1);
	cr_assert_str_eq(a.ev[0].name, "trace.lost");
	archive_release(&a);
	tree_drop(&t);
}

Test(trace, sweeps_what_dead_runs_left, TEMP_DIR)
{
	/* the first is of a run of wmark */
	static const char *const names[] = { "wmark-5", "wmark-x", "perf" };
	struct err e = ERR_INIT;
	struct tree t;
	size_t nr = 0;
	const char *alive;
	int lock;

	tree_make(&t, true, true);
	put("instances/wmark-99999/events/" TRACE_EVENT_WAKE, "trigger",
	    "hist:keys=nid [active]\n");
	alive = in("instances/wmark-77", "");
	cr_assert_eq(fs_mkdirs(alive, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		cr_assert_eq(fs_mkdirs(in("instances", names[i]), NULL), 0);
	lock = open(alive, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_eq(flock(lock, LOCK_EX | LOCK_NB), 0);
	/* a real instance can be removed, but this folder has files in it and cannot: that is
	 * reported, and the others are removed all the same */
	cr_assert_eq(trace_sweep(t.root, &nr, &e), -ENOTEMPTY);
	cr_assert(!strncmp(e.msg, "taking away trace settings: /", 29), "%s", e.msg);
	cr_assert_eq(nr, 1);
	holds("instances/wmark-99999/events/" TRACE_EVENT_WAKE, "trigger",
	      "!hist:keys=nid[active]\n");
	cr_assert(fs_is_dir(alive), "its run is alive");
	close(lock);
	cr_assert_eq(trace_sweep(t.root, &nr, NULL), -ENOTEMPTY);
	cr_assert_eq(nr, 1);
	cr_assert(!fs_is_dir(alive));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		cr_assert_eq(fs_is_dir(in("instances", names[i])), i > 0, "%s", names[i]);
	cr_assert_eq(archive_writer_close(t.w, NULL, NULL), 0);
	tree_drop(&t);
}

Test(trace, leaves_this_machine_as_it_was)
{
	struct trace *tr = trace_open(&(const struct trace_conf){ .own_instance = true });
	struct buf why = BUF_INIT;
	struct err e = ERR_INIT;
	char *name = xasprintf("/sys/kernel/tracing/instances/wmark-%d", (int)getpid());

	if (trace_usable(NULL, &why)) /* this does not hold where only counts are possible */
		cr_assert_not_null(trace_dir(tr));
	cr_assert_eq(trace_close(tr, &e), 0, "%s", e.msg);
	cr_assert(!fs_exists(name));
	buf_release(&why);
	free(name);
}

/* ---------------------------------------------------------------- sampled, and judged */

/* The histogram of wakes as it reads after a while, and after another. */
static const char *const wakes[] = {
	"# x\n\n"
	"{ nid:          1 } hitcount:         11\n\n"
	"Totals:\n"
	"    Hits: 11\n"
	"    Entries: 1\n"
	"    Dropped: 0\n",
	"# x\n\n"
	"{ nid:          0 } hitcount:          9\n"
	"{ nid:          1 } hitcount:        120\n\n"
	"Totals:\n"
	"    Hits: 129\n"
	"    Entries: 2\n"
	"    Dropped: 0\n",
};

Test(trace, sampled_beside_vmstat, TEMP_DIR)
{
	struct sample_cfg cfg = { .trace = true, .trace_ns = 1000000000, .memcg = "" };
	const struct archive_series *s;
	struct sampler *sampler;
	struct archive a;
	struct tree t;
	struct err e = ERR_INIT;
	uint64_t from, to, n, value;

	tree_make(&t, true, true);
	cfg.vmstat_ns = 1000000000;
	cfg.trace_dir = t.tracefs;
	temp_put("root/proc/vmstat", "pageoutrun 3\n", 13);
	cr_assert_eq(sampler_open_manual(&sampler, &cfg, t.root, t.w, &e), 0, "%s", e.msg);
	cr_assert_eq(sampler_mark(sampler, "window-begin", &e), 0, "%s", e.msg);
	/* the files are open: what they hold changes, they stay */
	for (size_t i = 0; i < ARRAY_SIZE(wakes); i++) {
		int fd = open(in("events/" TRACE_EVENT_WAKE, "hist"),
			      O_WRONLY | O_TRUNC | O_CLOEXEC);

		cr_assert_eq(fs_write_all(fd, wakes[i], strlen(wakes[i])), 0);
		close(fd);
		cr_assert_geq(sampler_pass(sampler, &e), 0, "%s", e.msg);
	}
	cr_assert_eq(sampler_mark(sampler, "window-end", &e), 0, "%s", e.msg);
	cr_assert_eq(sampler_stop(sampler, NULL, &e), 0, "%s", e.msg);
	tree_load(&t, &a);
	cr_assert_str_eq(a.series[0].name, TRACE_WAKE);
	cr_assert_str_eq(a.series[3].name, TRACE_END);
	cr_assert_str_eq(a.series[4].name, "vmstat",
			 "read right before the mark: those before it may wait for memory");
	s = archive_series(&a, TRACE_WAKE);
	cr_assert(archive_window(&a, &from, &to));
	cr_assert(trace_delta(&a, TRACE_WAKE, -1, from, to, &n));
	cr_assert_eq(n, 129);
	cr_assert(trace_delta(&a, TRACE_WAKE, 0, from, to, &n), "no entry at the begin means 0");
	cr_assert_eq(n, 9);
	cr_assert(trace_delta(&a, TRACE_WAKE, 1, from, to, &n));
	cr_assert_eq(n, 120);
	cr_assert(trace_delta(&a, TRACE_WAKE, 5, from, to, &n));
	cr_assert_eq(n, 0);
	cr_assert(!trace_delta(&a, "trace/none", -1, from, to, &n));
	cr_assert(trace_count(s, 2, 1, &value));
	cr_assert_eq(value, 11);
	cr_assert(!archive_value(s, 2, archive_key(s, "node0.hitcount"), &value),
		  "ABSENT until its first event");
	archive_release(&a);
	tree_drop(&t);
}

Test(trace, dropped_events_count_but_not_by_node)
{
	static const char text[] = "h epoch 0\n"
				   "src 0 trace/kswapd_wake 1000\n"
				   "d 0 0 node0.hitcount\n"
				   "d 1 0 Hits\n"
				   "d 2 0 Dropped\n"
				   "s 0 0 5 0 0+4 0+4 0+0\n"
				   "s 0 1000 5 0 0+1 0+1 0+3\n";
	struct archive a;
	uint64_t n;

	synth_text(&a, "x", text);
	cr_assert(trace_count(archive_series(&a, TRACE_WAKE), 1, -1, &n));
	cr_assert_eq(n, 8);
	cr_assert(trace_count(archive_series(&a, TRACE_WAKE), 0, 0, &n));
	cr_assert_eq(n, 4);
	cr_assert(!trace_count(archive_series(&a, TRACE_WAKE), 1, 0, &n));
	archive_release(&a);
}

static bool value_of(const char *extra, const char *metric, double *out)
{
	char *text = xasprintf("h epoch 0\n"
			       "h mem.page_bytes 4096\n"
			       "src 0 vmstat 100000\n"
			       "d 0 0 pgalloc_normal\n"
			       "s 0 0 5 0 0+1000\n"
			       "e 10 mark window-begin\n"
			       "s 0 1000000 5 0 0+262144\n"
			       "e 1000010 mark window-end\n"
			       "%s",
			       extra);
	struct run_view v;
	struct archive a;
	const struct metric *m = metric_find(metric);
	bool have;

	cr_assert_not_null(m, "%s", metric);
	synth_text(&a, "x", text);
	run_view_init(&v, &a);
	have = m->fn(&v, m, out);
	archive_release(&a);
	free(text);
	return have;
}

Test(trace, metrics_of_stalls)
{
	static const char
		none[] = "w @kernel 0 direct_reclaim_stalls 0\nw @kernel 0 direct_reclaim_lost 0\n",
		lost[] = "w @kernel 0 direct_reclaim_stalls 1\nw @kernel 0 direct_reclaim_lost 2\n"
			 "l @kernel 0 direct_reclaim_stall 1 50 50 50 50:1\n";
	char *two =
		xasprintf("w @kernel 0 direct_reclaim_stalls 3\nw @kernel 0 direct_reclaim_lost 0\n"
			  "l @kernel 0 direct_reclaim_stall 3 1000100 50 1000000 50:2 %zu:1\n",
			  hist_index(1000000) - 50);
	double d;

	cr_assert(!value_of("", "direct_stall_p99_us", &d), "not looked for");
	cr_assert(!value_of("", "direct_stall_ms_per_gib", &d));
	cr_assert(!value_of(none, "direct_stall_p99_us", &d), "nothing stalled");
	cr_assert(value_of(none, "direct_stall_ms_per_gib", &d), "looked, and nobody lost time");
	cr_assert_eq(d, 0);
	cr_assert(!value_of(lost, "direct_stall_p50_us", &d),
		  "what was lost may have been the longest");
	cr_assert(!value_of(lost, "direct_stall_ms_per_gib", &d));
	cr_assert(value_of(two, "direct_stall_p50_us", &d));
	cr_assert_float_eq(d, .05, 1e-9);
	cr_assert(value_of(two, "direct_stall_p99_us", &d));
	cr_assert_float_eq(d, 1000, 1e-9);
	cr_assert(value_of(two, "direct_stall_ms_per_gib", &d));
	cr_assert_float_eq(d, 1.0001, 1e-9, "of 1 GiB");
	free(two);
}
