/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <math.h>

#include "test_workloads.h"
#include "workloads/wl_tools.h"

static void load(const char *name, struct buf *out)
{
	const char *dir = getenv("WMARK_TEST_DATA");
	char *path = xasprintf("%s/exec/%s", dir ? dir : "harness/test/data", name);
	struct err e = ERR_INIT;

	cr_assert_eq(fs_read(path, out, &e), 0, "%s", e.msg);
	free(path);
}

static struct wl_slot slot; /* half a megabyte does not belong on a stack */

static double value_of(const char *name)
{
	for (uint32_t i = 0; i < slot.nr_notes; i++)
		if (!strcmp(slot.note[i].name, name))
			return slot.note[i].value;
	return NAN;
}

Test(workloads_exec, split)
{
	static const struct {
		const char *text;
		int ret;
		const char *words[6];
	} cases[] = {
		{ "", 0, { NULL } },
		{ "  a\tb\n", 0, { "a", "b" } },
		{ "a 'b  c' \"d \\\" e\" f\\ g", 0, { "a", "b  c", "d \" e", "f g" } },
		{ "x'y'\"z\" ''", 0, { "xyz", "" } },
		{ "'a\\b' \"a\\b\"", 0, { "a\\b", "a\\b" } },
		{ "a 'b", -EINVAL, { "a" } },
		{ "\"", -EINVAL, { NULL } },
		{ "a\\", 0, { "a\\" } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct strv a = STRV_INIT;
		struct err e = ERR_INIT;
		size_t k;

		cr_assert_eq(wl_args_split(&a, cases[i].text, &e), cases[i].ret, "case %zu", i);
		for (k = 0; cases[i].words[k]; k++)
			cr_assert(k < a.nr && !strcmp(a.v[k], cases[i].words[k]),
				  "case %zu word %zu", i, k);
		cr_assert_eq(a.nr, k);
		strv_release(&a);
	}
}

static void check_words(void (*make)(struct strv *, const struct strv *, uint64_t, const char *),
			const char *user, const char *expect)
{
	struct strv u = STRV_INIT, a = STRV_INIT;
	struct buf all = BUF_INIT;

	cr_assert_eq(wl_args_split(&u, user, NULL), 0);
	make(&a, &u, 9, "F");
	for (size_t i = 0; i < a.nr; i++)
		buf_addf(&all, "%s%s", i ? " " : "", a.v[i]);
	cr_assert_str_eq(all.data, expect);
	buf_release(&all);
	strv_release(&u);
	strv_release(&a);
}

Test(workloads_exec, tool_words)
{
	check_words(wl_stressng_args, "--vm 1", "--seed 9 --metrics --oomable --yaml F");
	check_words(wl_stressng_args, "--seed 3 --metrics-brief", "--oomable --yaml F");
	check_words(wl_stressng_args, "--no-rand-seed", "--metrics --oomable --yaml F");
	check_words(wl_fio_args, "--rw=randread",
		    "--output-format=json+ --output=F --allow_file_create=0 --randseed=9");
	check_words(wl_fio_args, "--rw=randrw", "--output-format=json+ --output=F --randseed=9");
	check_words(wl_fio_args, "--readwrite write --randseed=4",
		    "--output-format=json+ --output=F");
	check_words(wl_fio_args, "--rw=read --allow_file_create=1 x.fio",
		    "--output-format=json+ --output=F --randseed=9");
}

Test(workloads_exec, stressng_real)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	load("stress-ng-0.15.06.yaml", &b);
	cr_assert_eq(wl_stressng_parse(b.data, b.len, &slot, &e), 0, "%s", e.msg);
	cr_assert_eq(value_of("dentry.bogo_ops"), 29150);
	cr_assert_eq(value_of("vm.bogo_ops"), 74240);
	cr_assert_float_eq(value_of("vm.bogo_ops_per_s_real"), 74139.519420, 1e-6);
	cr_assert_float_eq(value_of("vm.wall_s"), 1.001355, 1e-9);
	cr_assert_float_eq(value_of("dentry.user_s"), 0.069441, 1e-9);
	cr_assert_float_eq(value_of("dentry.system_s"), 0.406727, 1e-9);
	cr_assert_eq(value_of("vm.max_rss_kb"), 6664);
	cr_assert_float_eq(value_of("dentry.nanosecs_per_bogus_file_access"), 1007.425007, 1e-6);
	cr_assert_eq(slot.nr_notes, 8 + 8 + 4);
	buf_reset(&b);
	/* with -q stress-ng 0.15.06 writes no metrics at all */
	load("stress-ng-quiet.yaml", &b);
	cr_assert_eq(wl_stressng_parse(b.data, b.len, &slot, &e), -EINVAL);
	cr_assert(strstr(e.msg, "no metrics"));
	buf_release(&b);
}

Test(workloads_exec, stressng_exit_codes)
{
	const char *why;

	cr_assert_eq(wl_stressng_exit(0, &why), WL_TOOL_OK);
	cr_assert_eq(wl_stressng_exit(2, &why), WL_TOOL_FAILED);
	cr_assert_eq(wl_stressng_exit(3, &why), WL_TOOL_FAILED);
	cr_assert_eq(wl_stressng_exit(4, &why), WL_TOOL_SKIP);
	cr_assert_eq(wl_stressng_exit(5, &why), WL_TOOL_DOUBTFUL);
	cr_assert_eq(wl_stressng_exit(7, &why), WL_TOOL_DOUBTFUL);
	cr_assert(strstr(why, "OOM"));
	cr_assert_eq(wl_stressng_exit(99, &why), WL_TOOL_FAILED);
	cr_assert_eq(wl_stressng_exit(-1, &why), WL_TOOL_FAILED);
}

Test(workloads_exec, fio_real)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	uint64_t p99;

	load("fio-3.33-read.json", &b);
	cr_assert_eq(wl_fio_parse(b.data, b.len, &slot, &e), 0, "%s", e.msg);
	cr_assert_eq(value_of("J.read.io_bytes"), 4194304);
	cr_assert_eq(value_of("J.read.bw_bytes"), 2097152000);
	cr_assert_eq(value_of("J.read.iops"), 512000);
	cr_assert_eq(value_of("J.read.clat_p99_ns"), 3056);
	cr_assert_eq(value_of("J.minf"), 10);
	cr_assert_eq(value_of("J.error"), 0);
	cr_assert(isnan(value_of("J.write.iops")), "nothing was written");
	cr_assert_eq(slot.ops[EXEC_READ], 1024);
	cr_assert_eq(slot.bytes[EXEC_READ], 4194304);
	/* the bins are the whole histogram: wmark's quantile is fio's within wmark's resolution */
	cr_assert_eq(slot.hist[EXEC_READ].count, 1024);
	p99 = hist_quantile(&slot.hist[EXEC_READ], 0.99);
	cr_assert(fabs((double)p99 / 3056 - 1) < 0.032, "%llu", (unsigned long long)p99);
	buf_release(&b);
}

Test(workloads_exec, fio_two_jobs)
{
	struct buf b = BUF_INIT;

	load("fio-3.33-two-jobs.json", &b);
	cr_assert_eq(wl_fio_parse(b.data, b.len, &slot, NULL), 0);
	cr_assert_eq(value_of("a.read.io_bytes"), 540672);
	cr_assert_eq(value_of("a.write.io_bytes"), 507904);
	cr_assert_eq(value_of("b.write.io_bytes"), 1048576);
	cr_assert_eq(slot.ops[EXEC_READ], 132);
	cr_assert_eq(slot.ops[EXEC_WRITE], 124 + 256);
	cr_assert_eq(slot.hist[EXEC_WRITE].count, 124 + 256);
	buf_release(&b);
}

Test(workloads_exec, fio_errors)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	load("fio-3.33-missing.json", &b);
	cr_assert_eq(wl_fio_parse(b.data, b.len, &slot, &e), -EIO);
	cr_assert_str_eq(e.msg, "fio job x: No such file or directory");
	cr_assert_eq(value_of("x.error"), 2);
	buf_reset(&b);
	memset(&slot, 0, sizeof(slot));
	/* ended by SIGTERM: a message comes before the JSON */
	load("fio-3.33-terminated.json", &b);
	cr_assert_eq(wl_fio_parse(b.data, b.len, &slot, &e), 0, "%s", e.msg);
	cr_assert_eq(slot.hist[EXEC_READ].count, 761293);
	buf_release(&b);
}

/* Cut at every byte, and with bytes flipped: an error or a result, never a crash. */
Test(workloads_exec, parsers_survive)
{
	static const char *const files[] = { "fio-3.33-two-jobs.json", "stress-ng-0.15.06.yaml" };

	for (size_t f = 0; f < ARRAY_SIZE(files); f++) {
		int (*parse)(const char *, size_t, struct wl_slot *, struct err *) =
			f ? wl_stressng_parse : wl_fio_parse;
		struct buf b = BUF_INIT;
		struct rng r = rng_make(f, 1);
		struct err e = ERR_INIT;

		load(files[f], &b);
		buf_rtrim(&b);
		buf_addc(&b, '\n');
		for (size_t n = 0; n + 1 < b.len; n += f ? 1 : 13) {
			/* its end is where a sanitizer sees a read too far */
			char *copy = xmalloc(n + 1);

			memcpy(copy, b.data, n);
			cr_assert_eq(parse(copy, n, &slot, &e), -EINVAL, "%s cut at %zu of %zu",
				     files[f], n, b.len);
			cr_assert(*e.msg != '\0');
			free(copy);
		}
		for (int i = 0; i < 2000; i++) {
			size_t at = rng_below(&r, b.len);
			char old = b.data[at];
			int ret;

			b.data[at] = (char)rng_next(&r);
			ret = parse(b.data, b.len, &slot, &e);
			cr_assert(ret <= 0);
			b.data[at] = old;
		}
		cr_assert(slot.nr_notes <= WL_NOTES_MAX);
		buf_release(&b);
	}
	cr_assert_eq(wl_fio_parse("{\"jobs\": 3}", 11, &slot, NULL), -EINVAL);
	cr_assert_eq(wl_fio_parse("{\"jobs\": [7]}", 13, &slot, NULL), 0);
}

Test(workloads_exec, command)
{
	struct wl_run r;
	struct buf b = BUF_INIT;
	char *path;

	wl_run_all(&r, "exec",
		   OPTIONS("command", "sh -c 'echo \"$1\" > $2; echo out; echo err >&2' x", "args",
			   "{seed}-{instance} {fs_dir}/said"));
	cr_assert_eq(wl_run_code(&r, 0), 0, "%s", r.sh->slot[0].error);
	cr_assert_eq(r.sh->slot[0].ops[EXEC_RUN], 1);
	cr_assert_eq(r.sh->slot[0].hist[EXEC_RUN].count, 1);
	path = xasprintf("%s/said", r.dir);
	cr_assert_eq(fs_read(path, &b, NULL), 0);
	cr_assert_str_eq(b.data, "42-0\n");
	free(path);
	buf_release(&b);
	wl_run_end(&r);

	wl_run_all(&r, "exec",
		   OPTIONS("command", "sh -c 'echo first; echo the reason >&2; exit 3'"));
	cr_assert_eq(wl_run_code(&r, 0), 1);
	cr_assert(strstr(r.sh->slot[0].error, "exit 3: the reason"), "%s", r.sh->slot[0].error);
	cr_assert_eq(r.sh->slot[0].failures[EXEC_RUN], 1);
	cr_assert_eq(wl_run_note(&r, "exit_code"), 3);
	wl_run_end(&r);

	wl_run_all(&r, "exec", OPTIONS("command", "sh -c 'kill -9 $$'"));
	cr_assert_eq(wl_run_code(&r, 0), 1);
	cr_assert(strstr(r.sh->slot[0].error, "killed by signal 9"), "%s", r.sh->slot[0].error);
	wl_run_end(&r);
}

/* Processes that the command leaves in its group are ended with it, and `duration` ends the command
 * by SIGTERM. */
Test(workloads_exec, group_ends)
{
	struct wl_run r;
	struct buf b = BUF_INIT;
	char *path;
	pid_t left;

	wl_run_all(&r, "exec",
		   OPTIONS("command", "sh -c 'sleep 99 & echo $! > {fs_dir}/left; wait'",
			   "duration", "200ms", "cpus", "0"));
	cr_assert_eq(wl_run_code(&r, 0), 0, "%s", r.sh->slot[0].error);
	path = xasprintf("%s/left", r.dir);
	cr_assert_eq(fs_read(path, &b, NULL), 0);
	left = (pid_t)atol(b.data);
	cr_assert(left > 1);
	free(path);
	buf_release(&b);
	path = xasprintf("/proc/%d/cmdline", (int)left);
	for (int i = 0; i < 1000; i++) {
		buf_reset(&b);
		if (fs_read(path, &b, NULL) || !b.len) /* gone, or a zombie */
			break;
		cr_assert(i < 999, "%s still runs", path);
		wl_run_sleep_ms(1);
	}
	free(path);
	buf_release(&b);
	wl_run_end(&r);
}

/* tmp_dir may be /tmp: a file that is there already belongs to somebody else, and no file of the
 * instance stays. */
Test(workloads_exec, files_are_its_own)
{
	static const char *const names[] = { "w.0.out", "w.0.err", "w.0.json" };
	struct buf b = BUF_INIT;
	struct wl_run r;
	char **left;
	size_t nr;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *link, *victim;

		wl_run_init(&r, "exec", OPTIONS("tool", "fio", "args", "--version"));
		link = xasprintf("%s/%s", r.dir, names[i]);
		victim = xasprintf("%s/victim", r.dir);
		cr_assert_eq(fs_write(victim, "precious", 8, NULL), 0);
		cr_assert_eq(symlink("victim", link), 0);
		wl_run_start(&r);
		wl_go(&r.sh->control);
		wl_run_wait(&r);
		if (wl_run_code(&r, 0) != 77) { /* no fio here */
			cr_assert_eq(wl_run_code(&r, 0), 1);
			cr_assert(strstr(r.sh->slot[0].error, names[i]), "%s", r.sh->slot[0].error);
		}
		buf_reset(&b);
		cr_assert_eq(fs_read(victim, &b, NULL), 0);
		cr_assert_str_eq(b.data, "precious");
		cr_assert_eq(fs_list(r.dir, &left, &nr, NULL), 0);
		cr_assert_eq(nr, 2, "%s: the link and what it points to are left, and nothing else",
			     names[i]);
		fs_list_free(left, nr);
		free(link);
		free(victim);
		wl_run_end(&r);
	}
	buf_release(&b);
	wl_run_all(&r, "exec", OPTIONS("command", "sh -c 'echo x; echo y >&2; exit 3'"));
	cr_assert_eq(fs_list(r.dir, &left, &nr, NULL), 0);
	cr_assert_eq(nr, 0, "a failed command leaves no file");
	fs_list_free(left, nr);
	wl_run_end(&r);
}

/* A SIGKILLed instance cannot clean up: the runner ends the tool's group by the number in the
 * slot. */
Test(workloads_exec, group_of_a_killed_instance)
{
	struct buf b = BUF_INIT;
	struct wl_run r;
	char *path;
	pid_t group = 0, left = 0;

	wl_run_init(&r, "exec",
		    OPTIONS("command", "sh -c 'sleep 99 & echo $! > {fs_dir}/left; wait'"));
	cr_assert_eq(atomic_load(&r.sh->slot[0].tool_pgid), 0);
	wl_run_start(&r);
	wl_go(&r.sh->control);
	path = xasprintf("%s/left", r.dir);
	/* the tool may run before its parent notes the number */
	for (int i = 0; i < 5000 && (left <= 1 || group <= 1); i++) {
		wl_run_sleep_ms(1);
		buf_reset(&b);
		if (!fs_read(path, &b, NULL) && strchr(b.data, '\n'))
			left = (pid_t)atol(b.data);
		group = atomic_load(&r.sh->slot[0].tool_pgid);
	}
	cr_assert(left > 1);
	cr_assert(group > 1);
	cr_assert_eq(getpgid(left), group);
	kill(r.pid[0], SIGKILL);
	wl_run_wait(&r);
	cr_assert_eq(atomic_load(&r.sh->slot[0].tool_pgid), group, "it stays for the runner");
	cr_assert_eq(getpgid(left), group, "the tool's child outlives them both");
	cr_assert_eq(kill(-group, SIGKILL), 0);
	for (int i = 0; i < 2000 && getpgid(left) == group; i++) {
		buf_reset(&b);
		free(path);
		path = xasprintf("/proc/%d/cmdline", (int)left);
		if (fs_read(path, &b, NULL) || !b.len)
			break;
		cr_assert(i < 1999, "%s still runs", path);
		wl_run_sleep_ms(1);
	}
	free(path);
	buf_release(&b);
	wl_run_end(&r);

	wl_run_all(&r, "exec", OPTIONS("command", "true"));
	cr_assert_eq(wl_run_code(&r, 0), 0, "%s", r.sh->slot[0].error);
	cr_assert_eq(atomic_load(&r.sh->slot[0].tool_pgid), 0, "a tool that ended has no group");
	wl_run_end(&r);
}

Test(workloads_exec, tools_for_real)
{
	struct wl_run r;

	wl_run_all(&r, "exec",
		   OPTIONS("tool", "stress-ng", "args",
			   "--vm 1 --vm-bytes 4m --vm-method write64 --vm-ops 20"));
	if (wl_run_code(&r, 0) == 77) {
		cr_assert(strstr(r.sh->slot[0].error, "Debian package stress-ng"), "%s",
			  r.sh->slot[0].error);
	} else {
		cr_assert_eq(wl_run_code(&r, 0), 0, "%s", r.sh->slot[0].error);
		cr_assert(wl_run_note(&r, "vm.bogo_ops") >= 20);
		cr_assert(wl_run_note(&r, "vm.wall_s") > 0);
	}
	wl_run_end(&r);
	wl_run_all(
		&r, "exec",
		OPTIONS("tool", "fio", "policy", "bind", "nodes", "0", "args",
			"--name=t --filename={fs_dir}/f --size=256k --rw=write --ioengine=psync --bs=4k"));
	if (wl_run_code(&r, 0) == 77) {
		cr_assert(strstr(r.sh->slot[0].error, "Debian package fio"), "%s",
			  r.sh->slot[0].error);
	} else {
		cr_assert_eq(wl_run_code(&r, 0), 0, "%s", r.sh->slot[0].error);
		cr_assert_eq(r.sh->slot[0].ops[EXEC_WRITE], 64);
		cr_assert_eq(wl_run_note(&r, "t.write.io_bytes"), 262144);
		wl_run_end(&r);
		wl_run_all(&r, "exec",
			   OPTIONS("tool", "fio", "args",
				   "--name=t --filename={fs_dir}/none --size=4k --rw=read"));
		cr_assert_eq(wl_run_code(&r, 0), 1);
		cr_assert(strstr(r.sh->slot[0].error, "allow_file_create"), "%s",
			  r.sh->slot[0].error);
	}
	wl_run_end(&r);
}
