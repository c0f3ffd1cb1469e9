/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <math.h>
#include <signal.h>

#include "test_workloads.h"

static const struct {
	const char *name;
	const char *options[13];
	uint64_t ops[WL_KINDS_MAX];
	uint64_t bytes0;
} exact_counts[] = {
	{ "anon", { "bytes", "1m", "passes", "3" }, { 256, 512 }, 1 << 20 },
	{ "anon",
	  { "bytes", "1m", "passes", "3", "churn", "yes", "batch", "100" },
	  { 768, 0 },
	  3 << 20 },
	{ "anon",
	  { "bytes", "1%ram", "pattern", "zipf", "passes", "2", "read_pct", "50" },
	  { 164, 164 },
	  164 * 4096 },
	{ "anon",
	  { "bytes", "4m", "thp", "on", "latency", "no", "incompressible", "0" },
	  { 1024 },
	  4 << 20 },
	{ "file",
	  { "bytes", "1m", "mode", "read", "block", "4k", "files", "4", "random", "yes" },
	  { 512 },
	  2 << 20 },
	{ "file",
	  { "bytes", "1m", "mode", "write", "files", "2", "passes", "3", "fsync", "yes" },
	  { 0, 48, 0, 6 },
	  0 },
	{ "file",
	  { "bytes", "1m", "mode", "mmap", "pattern", "uniform", "sparse", "no" },
	  { 0, 0, 32 },
	  0 },
	{ "slab", { "names", "500", "passes", "2" }, { 1000 }, 0 },
	{ "slab",
	  { "mode", "create", "names", "100", "keep", "no", "passes", "2", "dirs", "3" },
	  { 0, 200, 0, 200 },
	  0 },
	{ "slab",
	  { "mode", "stat", "names", "100", "passes", "3", "name_len", "24" },
	  { 0, 0, 300 },
	  0 },
	{ "slab", { "mode", "mixed", "names", "300" }, { 100, 100, 100 }, 0 },
};

/* Op counts are what the options say, to the last one. */
Test(workloads, exact_counts)
{
	for (size_t i = 0; i < ARRAY_SIZE(exact_counts); i++) {
		struct wl_run r;
		const struct wl_slot *s;

		wl_run_all(&r, exact_counts[i].name, exact_counts[i].options);
		s = &r.sh->slot[0];
		cr_assert_eq(wl_run_code(&r, 0), 0, "case %zu: %d %s", i, wl_run_code(&r, 0),
			     s->error);
		cr_assert_eq(s->state, WL_DONE);
		cr_assert(s->start_ns && s->end_ns >= s->start_ns);
		for (int k = 0; k < WL_KINDS_MAX; k++) {
			cr_assert_eq(s->ops[k], exact_counts[i].ops[k], "case %zu kind %d: %llu", i,
				     k, (unsigned long long)s->ops[k]);
			cr_assert(s->hist[k].count == s->ops[k] || s->hist[k].count == 0);
			cr_assert_eq(s->failures[k], 0);
		}
		cr_assert_eq(s->bytes[0], exact_counts[i].bytes0, "case %zu", i);
		wl_run_end(&r);
	}
}

Test(workloads, instances_share_the_size)
{
	struct wl_run r;
	uint64_t sum = 0;

	wl_run_all(&r, "anon", OPTIONS("bytes", "3m", "instances", "3"));
	for (int i = 0; i < 3; i++)
		sum += r.sh->slot[i].ops[0];
	cr_assert_eq(sum, 768);
	wl_run_end(&r);
	wl_run_all(&r, "slab", OPTIONS("names", "101", "instances", "2"));
	cr_assert_eq(r.sh->slot[0].ops[0], 51);
	cr_assert_eq(r.sh->slot[1].ops[0], 50);
	wl_run_end(&r);
}

/* Each page is one minor fault: N pages more are N faults more. */
Test(workloads, anon_faults)
{
	long faults[2];

	for (int i = 0; i < 2; i++) {
		struct wl_run r;

		wl_run_all(&r, "anon", OPTIONS("bytes", i ? "9m" : "1m"));
		faults[i] = r.usage.ru_minflt;
		wl_run_end(&r);
	}
	/* page tables and the stack account for the few; AddressSanitizer adds an eighth */
	cr_assert(labs(faults[1] - faults[0] - 2048) <= (WITH_ASAN ? 300 : 12),
		  "%ld faults for 2048 pages", faults[1] - faults[0]);
}

Test(workloads, file_cleans_up)
{
	struct wl_run r;
	char **names;
	size_t nr;

	wl_run_all(&r, "file", OPTIONS("bytes", "1m", "files", "8"));
	cr_assert_eq(fs_list(r.dir, &names, &nr, NULL), 0);
	cr_assert_eq(nr, 0);
	fs_list_free(names, nr);
	r.env.fs_dir = NULL;
	memset(r.sh, 0, sizeof(*r.sh));
	wl_run_start(&r);
	wl_go(&r.sh->control);
	wl_run_wait(&r);
	cr_assert_eq(wl_run_code(&r, 0), 77);
	cr_assert_eq(r.sh->slot[0].state, WL_SKIPPED);
	cr_assert(strstr(r.sh->slot[0].error, "file system"), "%s", r.sh->slot[0].error);
	wl_run_end(&r);
}

Test(workloads, slab_grows)
{
	struct wl_run r;

	wl_run_all(&r, "slab", OPTIONS("names", "20000"));
	cr_assert_eq(wl_run_code(&r, 0), 0);
	cr_assert(fabs(wl_run_note(&r, "sreclaimable_growth_bytes")) < 1e9);
	cr_assert(fabs(wl_run_note(&r, "sunreclaim_growth_bytes")) < 1e9);
	wl_run_end(&r);
}

/* Operations done, of the best of three tries: a stall of the machine at the very end loses some,
 * never adds any. */
static uint64_t best_ops(const char *const *options)
{
	uint64_t best = 0;

	for (int tries = 0; tries < 3; tries++) {
		struct wl_run r;

		wl_run_all(&r, "slab", options);
		cr_assert_eq(wl_run_code(&r, 0), 0, "%s", r.sh->slot[0].error);
		if (r.sh->slot[0].ops[0] > best)
			best = r.sh->slot[0].ops[0];
		wl_run_end(&r);
	}
	return best;
}

/* Ops or bytes per second, within 5 %: the schedule is absolute, so a late step does not shift the
 * rest. */
Test(workloads, rate)
{
	struct wl_run r;
	uint64_t n = best_ops(OPTIONS("names", "100000", "rate", "200/s", "duration", "500ms"));

	cr_assert(n >= 95 && n <= 105, "%llu", (unsigned long long)n);
	/* fixed work at a rate takes its time: 257 steps of 1 page, the last is due after 256/1024
	 * s */
	wl_run_all(&r, "anon", OPTIONS("bytes", "1028k", "batch", "1", "rate", "4m/s"));
	n = (r.sh->slot[0].end_ns - r.sh->slot[0].start_ns) / 1000000;
	cr_assert(n >= 249 && n <= 500, "%llu ms", (unsigned long long)n);
	cr_assert_eq(r.sh->slot[0].ops[0], 257);
	wl_run_end(&r);
}

/* 100 ms of work, 100 ms of pause at 500 ops/s: three bursts of 50, the last cut by 10 ms of
 * 490. */
Test(workloads, bursts)
{
	uint64_t n = best_ops(OPTIONS("names", "100000", "rate", "500", "burst_on", "100ms",
				      "burst_off", "100ms", "duration", "490ms"));

	cr_assert(n >= 140 && n <= 150, "%llu", (unsigned long long)n);
}

/* Without a rate a burst is as fast as it can be, but nothing happens in the pause. */
Test(workloads, burst_pause)
{
	struct wl_run r;
	uint64_t took;

	wl_run_all(&r, "slab",
		   OPTIONS("names", "2000000", "burst_on", "20ms", "burst_off", "10s", "duration",
			   "200ms"));
	took = r.sh->slot[0].hist[0].sum / 1000000;
	cr_assert(r.sh->slot[0].ops[0] > 0);
	cr_assert(took <= 100, "%llu ms of work", (unsigned long long)took);
	wl_run_end(&r);
}

Test(workloads, start_and_duration)
{
	struct wl_run r;
	uint64_t t = wl_now_ns(), run;

	wl_run_all(&r, "anon",
		   OPTIONS("bytes", "64k", "passes", "1000000000", "start", "100ms", "duration",
			   "150ms"));
	run = (r.sh->slot[0].end_ns - r.sh->slot[0].start_ns) / 1000000;
	cr_assert(r.sh->slot[0].start_ns - t >= 100000000);
	cr_assert(run >= 150 && run < 1000, "%llu ms", (unsigned long long)run);
	cr_assert_eq(wl_run_code(&r, 0), 0);
	wl_run_end(&r);
}

/* The stop flag ends whatever an instance does, also without a wake-up. A busy machine gets three
 * tries to do so in time. */
Test(workloads, stop)
{
	static const struct {
		const char *name;
		const char *options[9];
	} cases[] = {
		{ "anon", { "bytes", "64k", "hold", "yes", "background", "yes" } },
		{ "anon", { "bytes", "64k", "passes", "1000000000" } },
		{ "anon", { "bytes", "1m", "rate", "0.01" } },
		{ "hog", { "bytes", "64k" } },
		{ "probe", { "interval", "20s" } },
		{ "exec", { "command", "sleep 100" } },
	};

	for (size_t i = 0, tries = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		struct wl_run r;
		uint64_t t;

		wl_run_init(&r, cases[i / 2].name, cases[i / 2].options);
		wl_run_start(&r);
		wl_go(&r.sh->control);
		wl_run_until(&r, 0, WL_RUNNING);
		wl_run_sleep_ms(30);
		t = wl_now_ns();
		if (i % 2)
			wl_stop(&r.sh->control);
		else
			atomic_store(&r.sh->control.stop, 1);
		wl_run_wait(&r);
		t = (wl_now_ns() - t) / 1000000;
		cr_assert(t < 100 || tries < 2, "case %zu: %llu ms", i / 2, (unsigned long long)t);
		cr_assert_eq(wl_run_code(&r, 0), 0, "case %zu: %s", i / 2, r.sh->slot[0].error);
		wl_run_end(&r);
		tries = t < 100 ? 0 : tries + 1;
		i -= tries > 0;
	}
}

Test(workloads, stop_before_go)
{
	struct wl_run r;

	wl_run_init(&r, "anon", OPTIONS("bytes", "64k"));
	wl_run_start(&r);
	wl_run_until(&r, 0, WL_READY);
	wl_run_sleep_ms(20);
	cr_assert_eq(r.sh->slot[0].state, WL_READY, "the barrier holds");
	wl_stop(&r.sh->control);
	wl_run_wait(&r);
	cr_assert_eq(wl_run_code(&r, 0), 0);
	cr_assert_eq(r.sh->slot[0].ops[0], 0);
	wl_run_end(&r);
}

/* What a killed instance had counted stays. */
Test(workloads, killed)
{
	struct wl_run r;
	const struct wl_slot *s;

	wl_run_init(&r, "anon", OPTIONS("bytes", "64k", "passes", "1000000000"));
	wl_run_start(&r);
	wl_go(&r.sh->control);
	wl_run_until(&r, 0, WL_RUNNING);
	wl_run_sleep_ms(50);
	kill(r.pid[0], SIGKILL);
	wl_run_wait(&r);
	s = &r.sh->slot[0];
	cr_assert_eq(wl_run_code(&r, 0), -SIGKILL);
	cr_assert_eq(s->state, WL_RUNNING);
	cr_assert_eq(s->ops[0], 16);
	cr_assert(s->ops[1] > 0);
	/* killed between the count and the histogram at most one is missing */
	cr_assert(s->ops[1] - s->hist[1].count <= 1);
	cr_assert(s->start_ns && !s->end_ns);
	wl_run_end(&r);
}

/* An instance dies with its runner. */
Test(workloads, orphan)
{
	struct wl_run r;
	pid_t runner;

	wl_run_init(&r, "hog", OPTIONS("bytes", "64k"));
	runner = fork();
	if (!runner) {
		wl_run_start(&r);
		wl_go(&r.sh->control);
		pause();
		_exit(0);
	}
	wl_run_until(&r, 0, WL_RUNNING);
	kill(runner, SIGKILL);
	waitpid(runner, NULL, 0);
	for (int i = 0; i < 2000 && !kill(r.sh->slot[0].pid, 0); i++) {
		/* a container's init may never reap it: a zombie is dead enough */
		char path[64];
		struct buf b = BUF_INIT;
		bool zombie;

		snprintf(path, sizeof(path), "/proc/%d/stat", (int)r.sh->slot[0].pid);
		zombie = !fs_read(path, &b, NULL) && strstr(b.data, ") Z ");
		buf_release(&b);
		if (zombie)
			break;
		cr_assert(i < 1999, "still there");
		wl_run_sleep_ms(1);
	}
	wl_run_end(&r);
}

/* Bad options are one clear line each. */
Test(workloads, refusals)
{
	static const struct {
		const char *name;
		const char *options[9];
		int code;
		const char *text;
	} cases[] = {
		{ "anon",
		  { "policy", "bind", "nodes", "63" },
		  1,
		  "node 63 has no memory or is not there; this machine has node 0" },
		{ "anon", { "policy", "bind" }, 1, "policy = bind needs nodes" },
		{ "anon",
		  { "policy", "preferred", "nodes", "0-" },
		  1,
		  "'0-': not a list of nodes" },
		{ "anon", { "policy", "interleave", "nodes", "5000" }, 1, "not a list of nodes" },
		{ "anon", { "nodes", "0" }, 1, "needs policy" },
		{ "anon", { "cpus", "77" }, 1, "cpus = 77: node 77 is not there" },
		{ "anon", { "hold", "yes" }, 1, "hold = yes has no end" },
		{ "anon", { "hold", "yes", "churn", "yes" }, 1, "exclude" },
		{ "anon", { "bytes", "0" }, 1, "less than a page" },
		{ "file", { "block", "0" }, 1, "block" },
		{ "probe", { "interval", "0" }, 1, "interval" },
		{ "hog", { "mode", "ramfs", "path", "/proc" }, 77, "not in a ramfs" },
		{ "hog", { "mode", "ramfs" }, 77, "needs path" },
		{ "hog", { "mode", "hugetlb", "bytes", "4000g" }, 77, "huge pages" },
		{ "exec", { "command", "" }, 1, "either command or tool" },
		{ "exec", { "command", "echo 'x" }, 1, "without its end" },
		{ "exec",
		  { "command", "no-such-program-here x" },
		  1,
		  "no-such-program-here: no such program" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct wl_run r;

		wl_run_all(&r, cases[i].name, cases[i].options);
		cr_assert_eq(wl_run_code(&r, 0), cases[i].code, "case %zu: %s", i,
			     r.sh->slot[0].error);
		cr_assert(strstr(r.sh->slot[0].error, cases[i].text), "case %zu: %s", i,
			  r.sh->slot[0].error);
		cr_assert_null(strchr(r.sh->slot[0].error, '\n'));
		wl_run_end(&r);
	}
}

/* A folder that was there before the run is neither used nor removed. */
Test(workloads, folders_are_their_own)
{
	static const char *const names[] = { "file", "slab" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		for (int as_link = 0; as_link < 2; as_link++) {
			char *dir, *file, *real;
			struct wl_run r;

			wl_run_init(&r, names[i], NULL);
			dir = xasprintf("%s/w.0", r.dir);
			real = xasprintf("%s/%s", r.dir, as_link ? "real" : "w.0");
			file = xasprintf("%s/precious", real);
			cr_assert_eq(fs_mkdirs(real, NULL), 0);
			cr_assert_eq(fs_write(file, "x", 1, NULL), 0);
			if (as_link)
				cr_assert_eq(symlink("real", dir), 0);
			wl_run_start(&r);
			wl_go(&r.sh->control);
			wl_run_wait(&r);
			cr_assert_eq(wl_run_code(&r, 0), 1);
			cr_assert(strstr(r.sh->slot[0].error, "/w.0 is there already"), "%s",
				  r.sh->slot[0].error);
			cr_assert(fs_exists(file), "%s", names[i]);
			cr_assert(fs_exists(dir));
			free(dir);
			free(file);
			free(real);
			wl_run_end(&r);
		}
	}
}

Test(workloads, folders_are_removed)
{
	static const struct {
		const char *name, *options[7];
	} cases[] = {
		{ "file", { "bytes", "64k", "files", "2", "passes", "1" } },
		{ "slab", { "names", "30", "dirs", "3", "mode", "mixed" } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct wl_run r;
		char **left;
		size_t nr;

		wl_run_all(&r, cases[i].name, cases[i].options);
		cr_assert_eq(wl_run_code(&r, 0), 0, "%s", r.sh->slot[0].error);
		cr_assert_eq(fs_list(r.dir, &left, &nr, NULL), 0);
		cr_assert_eq(nr, 0, "%s left %s", cases[i].name, nr ? left[0] : "");
		fs_list_free(left, nr);
		wl_run_end(&r);
	}
}

Test(workloads, placed)
{
	static const char *const policy[] = { "bind", "preferred", "interleave", "spread" };

	for (size_t i = 0; i < ARRAY_SIZE(policy); i++) {
		struct wl_run r;

		wl_run_all(&r, "anon",
			   OPTIONS("bytes", "64k", "policy", policy[i], "nodes", "0", "cpus", "0"));
		cr_assert_eq(wl_run_code(&r, 0), 0, "%s: %s", policy[i], r.sh->slot[0].error);
		cr_assert_eq(r.sh->slot[0].ops[0], 16);
		wl_run_end(&r);
	}
}

Test(workloads, hog_holds)
{
	struct wl_run r;
	char path[64];
	struct buf b = BUF_INIT;
	const char *line;

	wl_run_init(&r, "hog", OPTIONS("bytes", "5m"));
	wl_run_start(&r);
	wl_go(&r.sh->control);
	for (int i = 0; i < 2000 && r.sh->slot[0].ops[0] < 1280; i++)
		wl_run_sleep_ms(1);
	snprintf(path, sizeof(path), "/proc/%d/status", (int)r.pid[0]);
	cr_assert_eq(fs_read(path, &b, NULL), 0);
	line = strstr(b.data, "VmLck:");
	/* AddressSanitizer makes mlock() do nothing */
	cr_assert(line && (atol(line + 6) == 5120 || WITH_ASAN), "%.40s", line ? line : "none");
	buf_release(&b);
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)r.pid[0]);
	cr_assert_eq(fs_read(path, &b, NULL), 0);
	cr_assert_str_eq(b.data, "1000\n");
	buf_release(&b);
	wl_stop(&r.sh->control);
	wl_run_wait(&r);
	cr_assert_eq(r.sh->slot[0].ops[0], 1280);
	cr_assert_eq(r.sh->slot[0].bytes[0], 5 << 20);
	wl_run_end(&r);
}

Test(workloads, probe_ticks)
{
	struct wl_run r;
	const struct wl_slot *s;

	wl_run_all(&r, "probe",
		   OPTIONS("interval", "10ms", "bytes", "64k", "duration", "295ms", "slow", "1ns"));
	s = &r.sh->slot[0];
	cr_assert_eq(wl_run_code(&r, 0), 0, "%s", s->error);
	cr_assert(s->ops[0] >= 25 && s->ops[0] <= 30, "%llu", (unsigned long long)s->ops[0]);
	cr_assert_eq(s->ops[1], s->ops[0], "all are slower than 1 ns");
	cr_assert_eq(s->bytes[0], s->ops[0] * 65536);
	cr_assert_eq(s->hist[0].count, s->ops[0]);
	cr_assert(wl_run_note(&r, "late_max_ns") >= 0);
	wl_run_end(&r);
}

/* A finished instance keeps its memory until the runner lets go: the drain is measured under it. */
Test(workloads, done_instances_hold_their_memory)
{
	struct wl_run r;
	char path[64];
	struct buf b = BUF_INIT;

	wl_run_init(&r, "anon", OPTIONS("bytes", "8m"));
	wl_run_start(&r);
	wl_go(&r.sh->control);
	wl_run_until(&r, 0, WL_DONE);
	wl_run_sleep_ms(50);
	snprintf(path, sizeof(path), "/proc/%d/statm", r.pid[0]);
	cr_assert_eq(fs_read(path, &b, NULL), 0, "it has exited");
	cr_assert_geq(strtoul(strchr(b.data, ' '), NULL, 10), 2048UL, "resident pages: %s", b.data);
	buf_release(&b);
	wl_run_wait(&r);
	cr_assert_eq(wl_run_code(&r, 0), 0);
	wl_run_end(&r);
}
