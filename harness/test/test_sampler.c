/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sampler: on captured kernels, on files that change under it, and on this machine. */
#include "test/test_sampler.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "sample/text.h"

static const struct sample_cfg all = { .vmstat_ns = SEC,
				       .kswapd_ns = SEC,
				       .psi_ns = SEC,
				       .node_ns = SEC,
				       .zoneinfo_ns = SEC,
				       .meminfo_ns = SEC,
				       .memcg_ns = SEC,
				       .memcg = "" };

static char *data_dir(const char *kernel)
{
	const char *dir = getenv("WMARK_TEST_DATA");

	return xasprintf("%s/%s", dir ? dir : "harness/test/data", kernel);
}

/* Every number that the parser sees in the file is in the series, and no other. */
static void check_file(const struct archive *a, const char *root, const char *series,
		       const char *path, probe_scan *scan)
{
	const struct archive_series *s = archive_series(a, series);
	struct buf text = BUF_INIT;
	struct probe_list l;
	size_t nr = 0;

	cr_assert_not_null(s, "%s: %s", root, series);
	cr_assert_eq(s->nr_ticks, 3);
	cr_assert_eq(root_read(root, path, &text, NULL), 0);
	cr_assert_eq(probe_list_load(&l, scan, text.data, text.len, NULL), 0);
	for (size_t i = 0; i < l.nr; i++) {
		uint64_t v, want;

		if (strstr(l.v[i].name, ".avg")) {
			cr_assert_eq(archive_key(s, l.v[i].name), -1, "derived: %s", l.v[i].name);
			continue;
		}
		cr_assert(probe_list_get(&l, l.v[i].name, &want));
		for (size_t t = 0; t < s->nr_ticks; t++)
			cr_assert(archive_value(s, t, archive_key(s, l.v[i].name), &v) && v == want,
				  "%s: %s %s", root, series, l.v[i].name);
		nr++;
	}
	cr_assert_geq(nr, s->nr_keys);
	cr_assert_gt(nr, 0);
	probe_list_release(&l);
	buf_release(&text);
}

Test(sampler, captured_kernels, TEMP_DIR)
{
	static const char *const kernels[] = { "4.4", "5.10", "6.1", "6.12", "6.18", "7.1", "7.3" };

	for (size_t k = 0; k < ARRAY_SIZE(kernels); k++) {
		char *root = data_dir(kernels[k]);
		struct bench b;
		struct sampler *s;
		struct err e = ERR_INIT;

		bench_open(&b);
		cr_assert_eq(sampler_open_manual(&s, &all, root, b.w, &e), 0, "%s", e.msg);
		cr_assert_gt(sampler_pass(s, &e), 0, "%s", e.msg);
		cr_assert_eq(sampler_mark(s, "window-begin", &e), 0, "%s", e.msg);
		cr_assert_eq(sampler_stop(s, NULL, NULL), 0);
		bench_load(&b);
		check_file(&b.a, root, "vmstat", "/proc/vmstat", probe_vmstat);
		check_file(&b.a, root, "zoneinfo", "/proc/zoneinfo", probe_zoneinfo);
		check_file(&b.a, root, "meminfo", "/proc/meminfo", probe_meminfo);
		check_file(&b.a, root, "node0/vmstat", "/sys/devices/system/node/node0/vmstat",
			   probe_vmstat);
		check_file(&b.a, root, "node1/meminfo", "/sys/devices/system/node/node1/meminfo",
			   probe_meminfo);
		if (k > 0) {
			check_file(&b.a, root, "pressure/memory", "/proc/pressure/memory",
				   probe_psi);
			cr_assert_not_null(archive_series(&b.a, "kswapd0/schedstat"), "%s", root);
			cr_assert_not_null(archive_series(&b.a, "kswapd1/schedstat"), "%s", root);
		} else {
			cr_assert(absent(&b.a, "pressure/memory"));
		}
		bench_close(&b);
		free(root);
	}
}

/* The fast scan must be in use for every format, or the sampler costs twice as much. */
Test(sampler, templates_are_used)
{
	char *root = data_dir("6.12");
	struct source_list l = { .root = root };
	size_t fast = 0;

	source_find(&l, &all);
	for (size_t i = 0; i < l.nr; i++) {
		struct text t = { .len = 0 };
		struct source s;

		if (source_open(&s, &l.v[i], 0, &t, NULL))
			continue;
		cr_assert_gt(t.nr_tokens, 0, "%s", s.name);
		source_begin(&s);
		cr_assert(template_scan(&s), "%s", s.name);
		source_close(&s);
		fast++;
	}
	cr_assert_geq(fast, 11);
	source_list_release(&l);
	free(root);
}

Test(sampler, changing_file, TEMP_DIR)
{
	struct bench b;
	struct sampler *s;
	struct sample_cfg cfg = { .vmstat_ns = SEC };
	static const char *const texts[] = {
		"a 1\nb 20\nc_2 300\n",
		"a 18446744073709551615\nb 9\nc_2 300\n", /* too wide for the template */
		"a 5\nb 123456789\nc_2 0\n",
		"a 5\nnew 7\nc_2 1\n",			  /* one goes, one comes in the middle */
		"a 6\nnew 8\nb 1\nc_2 1\ntail 4\n",	  /* it comes back */
		"a 6\nnew 8\nb 1\nc_2 1\ntail 4\na 77\n", /* a name twice: the first counts */
		"",					  /* all gone */
		"a 1\n",
	};

	bench_open(&b);
	put_file(&b, "/proc/vmstat", texts[0]);
	cr_assert_eq(sampler_open_manual(&s, &cfg, b.root, b.w, NULL), 0);
	for (size_t i = 1; i < ARRAY_SIZE(texts); i++) {
		put_file(&b, "/proc/vmstat", texts[i]);
		cr_assert_eq(sampler_pass(s, NULL), (long)strlen(texts[i]));
	}
	put_file(&b, "/proc/vmstat", "a what\n");
	cr_assert_eq(sampler_pass(s, NULL), -EIO, "not parsable: the tick is lost");
	put_file(&b, "/proc/vmstat", "a 18446744073709551616\n");
	cr_assert_eq(sampler_pass(s, NULL), -EIO, "more than 64 bits: not a number");
	put_file(&b, "/proc/vmstat", "a 3\n");
	cr_assert_eq(sampler_pass(s, NULL), 4);
	sampler_stop(s, NULL, NULL);
	bench_load(&b);
	cr_assert_eq(must_value(&b.a, "vmstat", 0, "c_2"), 300);
	cr_assert_eq(must_value(&b.a, "vmstat", 1, "a"), UINT64_MAX);
	cr_assert_eq(must_value(&b.a, "vmstat", 2, "b"), 123456789);
	cr_assert_eq(must_value(&b.a, "vmstat", 2, "a"), 5);
	cr_assert(!has_value(&b.a, "vmstat", 2, "new"));
	cr_assert_eq(must_value(&b.a, "vmstat", 3, "new"), 7);
	cr_assert(!has_value(&b.a, "vmstat", 3, "b"));
	cr_assert_eq(must_value(&b.a, "vmstat", 4, "b"), 1);
	cr_assert_eq(must_value(&b.a, "vmstat", 4, "tail"), 4);
	cr_assert_eq(must_value(&b.a, "vmstat", 5, "a"), 6);
	cr_assert(!has_value(&b.a, "vmstat", 6, "a") && !has_value(&b.a, "vmstat", 6, "tail"));
	cr_assert_eq(must_value(&b.a, "vmstat", 7, "a"), 1);
	cr_assert_eq(must_value(&b.a, "vmstat", 8, "a"), 3);
	cr_assert_eq(b.a.series[0].nr_ticks, 9);
	cr_assert_eq(b.a.series[0].lost, 2);
	cr_assert_eq(b.a.series[0].nr_keys, 5);
	bench_close(&b);
}

/* A vmstat longer than a page takes two reads of two instants: the archive must say from which key
 * on. */
Test(sampler, split_is_recorded, TEMP_DIR)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), first = 0;
	struct sample_cfg cfg = { .vmstat_ns = SEC };
	const struct archive_series *series;
	struct buf text = BUF_INIT;
	struct sampler *s;
	struct bench b;

	/* lines of 16 bytes: the page ends between two of them, as with seq_file */
	for (unsigned i = 0; i < page / 16 + 50; i++)
		buf_addf(&text, "key_%06u %4u\n", i, i % 1000);
	first = page / 16;
	bench_open(&b);
	put_file(&b, "/proc/vmstat", text.data);
	cr_assert_eq(sampler_open_manual(&s, &cfg, b.root, b.w, NULL), 0);
	cr_assert_eq(sampler_pass(s, NULL), (long)text.len);
	/* too wide for the template: the parser must split at the same key */
	memcpy(text.data, "k 18446744073709551615\nkey_0 88\n", 32);
	put_file(&b, "/proc/vmstat", text.data);
	cr_assert_eq(sampler_pass(s, NULL), (long)text.len);
	sampler_stop(s, NULL, NULL);
	bench_load(&b);
	series = &b.a.series[0];
	cr_assert_eq(series->nr_ticks, 3);
	for (size_t t = 0; t < 3; t++) {
		cr_assert_eq(series->tick[t].split_key, first);
		/* the two new keys have later numbers, but are in the first page */
		cr_assert_eq(series->tick[t].nr_splits, t == 2 ? 2 : 1);
		cr_assert_leq(series->tick[t].split_us, series->tick[t].dur_us);
		cr_assert_eq(archive_key_time(series, t, (int)first - 1), series->tick[t].t_us);
		cr_assert_eq(archive_key_time(series, t, (int)first),
			     series->tick[t].t_us + series->tick[t].split_us);
	}
	cr_assert_eq(archive_key_time(series, 2, archive_key(series, "k")), series->tick[2].t_us);
	for (unsigned i = 0; i < page / 16 + 50; i++) {
		char key[16];

		snprintf(key, sizeof(key), "key_%06u", i);
		cr_assert_eq(must_value(&b.a, "vmstat", 1, key), i % 1000);
		if (i > 1)
			cr_assert_eq(must_value(&b.a, "vmstat", 2, key), i % 1000);
	}
	bench_close(&b);
	buf_release(&text);
}

Test(sampler, kswapd_is_found_by_name_and_flag, TEMP_DIR)
{
	struct bench b;
	struct sampler *s;
	struct sample_cfg cfg = { .kswapd_ns = SEC };
	struct archive_series *series;

	bench_open(&b);
	/* node 10 and node 2, in this order; the numbers of the processes do not matter */
	put_file(&b, "/proc/51/comm", "kswapd10\n");
	put_file(&b, "/proc/51/stat",
		 "51 (kswapd10) S 2 0 0 0 -1 2230336 0 0 0 0 7 9 0 0 20 0 1 0 46 0 0\n");
	put_file(&b, "/proc/51/schedstat", "1000 20 3\n");
	put_file(&b, "/proc/9/comm", "kswapd2\n");
	put_file(&b, "/proc/9/stat",
		 "9 (kswapd2) S 2 0 0 0 -1 2230336 0 0 0 0 70 90 0 0 20 0 1 0 46 0 0\n");
	put_file(&b, "/proc/9/schedstat", "0 0 0\n"); /* a kernel that has no schedstat */
	put_file(&b, "/proc/8/comm", "kswapd0\n");    /* a user's process of that name */
	put_file(&b, "/proc/8/stat",
		 "8 (kswapd0) S 1 0 0 0 -1 4194560 0 0 0 0 1 1 0 0 20 0 1 0 46 0 0\n");
	put_file(&b, "/proc/8/schedstat", "5 5 5\n");
	cr_assert_eq(sampler_open_manual(&s, &cfg, b.root, b.w, NULL), 0);
	sampler_stop(s, NULL, NULL);
	bench_load(&b);
	series = b.a.series;
	cr_assert_eq(b.a.nr_series, 2);
	cr_assert_str_eq(series[0].name, "kswapd2/stat");
	cr_assert_str_eq(series[1].name, "kswapd10/schedstat");
	cr_assert_eq(must_value(&b.a, "kswapd2/stat", 0, "stime"), 90);
	cr_assert_eq(must_value(&b.a, "kswapd10/schedstat", 0, "run_ns"), 1000);
	bench_close(&b);
}

Test(sampler, source_that_goes_away, TEMP_DIR)
{
	struct bench b;
	struct sampler *s;
	struct sample_cfg cfg = { .kswapd_ns = SEC };
	pid_t pid = fork();
	char target[64], *link;
	uint64_t t;

	if (!pid) {
		pause();
		_exit(0);
	}
	usleep(20000); /* the process must have run */
	bench_open(&b);
	put_file(&b, "/proc/77/comm", "kswapd3\n");
	snprintf(target, sizeof(target), "/proc/%d/schedstat", (int)pid);
	link = root_path(b.root, "/proc/77/schedstat");
	cr_assert_eq(symlink(target, link), 0);
	free(link);
	cr_assert_eq(sampler_open_manual(&s, &cfg, b.root, b.w, NULL), 0);
	cr_assert_gt(sampler_pass(s, NULL), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	cr_assert_eq(sampler_pass(s, NULL), 0);
	cr_assert_eq(sampler_pass(s, NULL), 0);
	sampler_stop(s, NULL, NULL);
	bench_load(&b);
	cr_assert_eq(b.a.series[0].nr_ticks, 3);
	cr_assert(has_value(&b.a, "kswapd3/schedstat", 1, "run_ns"));
	cr_assert(!has_value(&b.a, "kswapd3/schedstat", 2, "run_ns"));
	cr_assert(archive_event_time(&b.a, "source.gone", "kswapd3/schedstat", 0, &t));
	bench_close(&b);
}

/* A child that writes to @out all that comes out of the pipe. */
static pid_t drain(const int fd[2], int out)
{
	pid_t pid = fork();
	char got[4096];
	ssize_t n;

	if (pid)
		return pid;
	close(fd[1]);
	while ((n = read(fd[0], got, sizeof(got))) > 0)
		if (write(out, got, (size_t)n) != n)
			_exit(1);
	_exit(0);
}

/* Samples that the ring had no room for are lost ticks; what follows still adds up. */
Test(sampler, full_ring_loses_ticks_not_numbers, TEMP_DIR)
{
	struct sample_cfg cfg = { .vmstat_ns = SEC };
	struct archive_writer *w;
	struct sampler *s;
	struct bench b;
	uint64_t kept[200];
	size_t nr_kept = 0, nr_lost = 0;
	char pad[1000];
	int fd[2], status;
	pid_t pid = 0;

	bench_open(&b);
	cr_assert_eq(archive_writer_close(b.w, NULL, NULL), 0);
	cr_assert_eq(ftruncate(b.fd, 0), 0);
	lseek(b.fd, 0, SEEK_SET);
	cr_assert_eq(pipe(fd), 0);
	cr_assert_eq(fcntl(fd[1], F_SETPIPE_SZ, 4096), 4096);
	cr_assert_eq(archive_writer_open(&w, fd[1], 4096, NULL), 0);
	put_file(&b, "/proc/vmstat", "n 0\nm 1\n");
	cr_assert_eq(sampler_open_manual(&s, &cfg, b.root, w, NULL), 0);
	kept[nr_kept++] = 0;
	memset(pad, 'x', sizeof(pad));
	memcpy(pad, "h ", 2);
	for (uint64_t i = 1; i < 120; i++) {
		char text[64];

		snprintf(text, sizeof(text), "n %" PRIu64 "\nm %" PRIu64 "\n", i * 1000, 7 * i);
		put_file(&b, "/proc/vmstat", text);
		if (i < 60)
			archive_writer_line(w, pad, sizeof(pad));
		if (sampler_pass(s, NULL) > 0)
			kept[nr_kept++] = i;
		else
			nr_lost++;
		if (i == 60) {
			cr_assert_gt(nr_lost, 10);
			pid = drain(fd, b.fd);
			archive_writer_flush(w, NULL);
		}
	}
	sampler_stop(s, NULL, NULL);
	cr_assert_eq(archive_writer_close(w, NULL, NULL), 0);
	close(fd[1]);
	waitpid(pid, &status, 0);
	cr_assert_eq(archive_load(&b.a, b.file, NULL), 0);
	cr_assert(b.a.complete, "%s", b.a.why);
	cr_assert_eq(b.a.series[0].nr_ticks, nr_kept);
	cr_assert_eq(b.a.series[0].lost, nr_lost);
	for (size_t i = 0; i < nr_kept; i++) {
		cr_assert_eq(must_value(&b.a, "vmstat", i, "n"), kept[i] * 1000);
		cr_assert_eq(must_value(&b.a, "vmstat", i, "m"), i ? 7 * kept[i] : 1);
	}
	bench_close(&b);
}

Test(sampler, bad_configuration, TEMP_DIR)
{
	struct sample_cfg cfg = { .zoneinfo_ns = 999999 };
	struct err e = ERR_INIT;
	struct sampler *s;
	struct bench b;

	bench_open(&b);
	cr_assert_eq(sampler_start(&s, &cfg, b.root, b.w, &e), -EINVAL);
	cr_assert_str_eq(e.msg, "sample: zoneinfo: period of 999999 ns; at least 1 ms is needed");
	cr_assert_null(s);
	cr_assert_eq(sampler_start(&s, &all, b.root, b.w, &e), -ENOENT);
	cr_assert_null(s);
	bench_load(&b);
	cr_assert(absent(&b.a, "vmstat") && absent(&b.a, "kswapd0/schedstat") &&
		  absent(&b.a, "node0/vmstat"));
	cr_assert(!absent(&b.a, "memcg/memory.stat"), "not asked for");
	bench_close(&b);
}

Test(sampler, cgroup_files, TEMP_DIR)
{
	struct sample_cfg cfg = { .memcg_ns = SEC, .memcg = "/load/a" };
	struct sampler *s;
	struct bench b;

	bench_open(&b);
	put_file(&b, "/sys/fs/cgroup/load/a/memory.stat", "anon 4096\nfile 0\n");
	cr_assert_eq(sampler_open_manual(&s, &cfg, b.root, b.w, NULL), 0);
	sampler_stop(s, NULL, NULL);
	bench_load(&b);
	cr_assert_eq(must_value(&b.a, "memcg/memory.stat", 0, "anon"), 4096);
	cr_assert(absent(&b.a, "memcg/memory.events"));
	bench_close(&b);
}

Test(sampler, options)
{
	struct sample_cfg cfg = { 0 };

	opt_defaults(sample_opts, &cfg);
	cr_assert(cfg.vmstat_ns == SEC / 10 && cfg.kswapd_ns == SEC / 10 && cfg.psi_ns == SEC / 2 &&
		  cfg.node_ns == SEC / 2 && cfg.zoneinfo_ns == SEC && cfg.realtime && cfg.trace &&
		  cfg.trace_ns == SEC && !cfg.trace_dir);
	cr_assert_str_eq(cfg.memcg, "");
}
