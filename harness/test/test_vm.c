/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machines, and runs on a stand-in for QEMU. Boots are tested by ci/t. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/units.h"
#include "test/temp.h"
#include "vm/console.h"
#include "vm/guest.h"
#include "vm/machine.h"
#include "vm/process.h"
#include "vm/qemu.h"

/* ------------------------------------------------------------ machine */

static const struct vm_machine good = {
	.exact = true,
	.accel = VM_TCG,
	.nodes = 2,
	.cpus = 2,
	.mem_bytes = 384 * MIB,
	.swap = VM_SWAP_ZRAM,
	.swap_bytes = 512 * MIB,
	.fs = VM_FS_EXT4_PMEM,
	.fs_bytes = 256 * MIB,
	.cmdline = "",
};

#define WITH(...)                            \
	({                                   \
		struct vm_machine m_ = good; \
		struct vm_machine *m = &m_;  \
		__VA_ARGS__;                 \
		m_;                          \
	})

Test(vm, machine_check)
{
	struct err e = ERR_INIT;
	struct vm_machine ok[] = {
		good,
		WITH(m->nodes = 1),
		WITH(m->nodes = 4),
		WITH(m->cpus = 1),
		WITH(m->swap = VM_SWAP_NONE; m->swap_bytes = 0),
		WITH(m->exact = false; m->fs = VM_FS_EXT4_VIRTIO; m->swap = VM_SWAP_VIRTIO),
		WITH(m->swap = VM_SWAP_PMEM),
		WITH(m->fs = VM_FS_TMPFS; m->fs_bytes = 0),
		WITH(m->cmdline = NULL),
		WITH(m->fs = VM_FS_EXT4_NULL_BLK; m->disk_ns = 100000),
	};
	struct {
		struct vm_machine m;
		const char *says;
	} bad[] = {
		{ WITH(m->nodes = 0), "nodes" },
		{ WITH(m->nodes = 1000), "nodes" },
		{ WITH(m->cpus = 0), "CPUs" },
		{ WITH(m->cpus = 1000), "CPUs" },
		{ WITH(m->mem_bytes = 0), "memory" },
		{ WITH(m->mem_bytes = UINT64_MAX), "memory" },
		{ WITH(m->nodes = 8), "per node" },
		{ WITH(m->fs = VM_FS_EXT4_VIRTIO), "virtio" },
		{ WITH(m->swap = VM_SWAP_VIRTIO), "virtio" },
		{ WITH(m->accel = VM_KVM), "KVM" },
		{ WITH(m->swap_bytes = 0), "swap" },
		{ WITH(m->fs_bytes = 0), "file system" },
		{ WITH(m->fs_bytes = 4096 * MIB), "pmem" },
		{ WITH(m->fs_bytes = UINT64_MAX), "TiB" },
		{ WITH(m->cmdline = "a\nb"), "line break" },
		{ WITH(m->fs = VM_FS_EXT4_NULL_BLK; m->disk_ns = UINT64_MAX), "disk_ns" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(ok); i++)
		cr_assert_eq(vm_machine_check(&ok[i], &e), 0, "good machine %zu: %s", i, e.msg);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		cr_assert_eq(vm_machine_check(&bad[i].m, &e), -EINVAL, "bad machine %zu", i);
		cr_assert_not_null(strstr(e.msg, bad[i].says), "bad machine %zu: %s", i, e.msg);
	}
}

/* Memory of node @n that is not pmem. */
static uint64_t usable(const struct vm_layout *l, unsigned n)
{
	uint64_t start = 0, end, left;

	for (unsigned i = 0; i < n; i++)
		start += l->node_bytes[i];
	end = start + l->node_bytes[n];
	left = end - start;
	if (l->fs_bytes && l->fs_start >= start && l->fs_start < end) {
		cr_assert_leq(l->fs_start + l->fs_bytes, end, "the region lies in one node");
		left -= l->fs_bytes;
	}
	if (l->swap_bytes && l->swap_start >= start && l->swap_start < end) {
		cr_assert_leq(l->swap_start + l->swap_bytes, end, "the region lies in one node");
		left -= l->swap_bytes;
	}
	return left;
}

Test(vm, layout_keeps_nodes_equal)
{
	for (unsigned nodes = 1; nodes <= 8; nodes++) {
		for (uint64_t mem = nodes < 3 ? 192 : 64 * nodes; mem <= 1024; mem += 26) {
			struct vm_machine many = WITH(m->nodes = nodes; m->mem_bytes = mem * MIB;
						      m->swap = VM_SWAP_PMEM);
			uint64_t pages = (many.fs_bytes + many.swap_bytes) / 64, sum = 0;
			struct vm_layout l;
			struct err e = ERR_INIT;

			cr_assert_eq(vm_layout(&l, &many, &e), 0, "%u nodes %llu MiB: %s", nodes,
				     (unsigned long long)mem, e.msg);
			for (unsigned n = 0; n < nodes; n++) {
				uint64_t u = usable(&l, n), want = many.mem_bytes / nodes;

				cr_assert_geq(u, want);
				cr_assert_leq(u, want + pages + 4 * MIB,
					      "node %u of %u has %llu MiB", n, nodes,
					      (unsigned long long)(u / MIB));
				sum += l.node_bytes[n];
			}
			cr_assert_eq(sum, l.total_bytes);
			cr_assert_lt(l.fs_start + l.fs_bytes, l.swap_start,
				     "a gap between the regions");
			cr_assert_eq((l.fs_start | l.fs_bytes | l.swap_start | l.swap_bytes) %
					     (2 * MIB),
				     0);
			cr_assert_lt(l.swap_start + l.swap_bytes + 8 * MIB, l.total_bytes,
				     "the top is left alone");
		}
	}
}

Test(vm, command_line)
{
	static const char *const want =
		"/q -nodefaults -no-user-config -display none -no-reboot -machine pc -m 644M"
		" -smp 2,sockets=2,cores=1,threads=1 -object memory-backend-ram,id=m0,size=452M"
		" -object memory-backend-ram,id=m1,size=192M -numa node,nodeid=0,memdev=m0,cpus=0"
		" -numa node,nodeid=1,memdev=m1,cpus=1 -accel tcg -icount shift=1,sleep=off"
		" -rtc base=2026-01-01,clock=vm -cpu qemu64 -chardev file,id=console,path=/w,,d/console.log"
		" -serial chardev:console -chardev file,id=archive,path=/a,append=on -serial chardev:archive"
		" -kernel /k -initrd /w,d/initramfs.cpio -append console=ttyS0 panic=-1 quiet no_timer_check"
		" cryptomgr.notests nokaslr mitigations=off random.trust_cpu=off idle=poll memmap=256M!128M lru_gen=n";
	struct vm_kernel k = { .image = "/k" };
	struct vm_spec s = { .kernel = &k,
			     .machine = WITH(m->cmdline = "lru_gen=n"),
			     .work_dir = "/w,d",
			     .archive = "/a" };
	const struct vm_paths paths = { "/q", k.image, s.work_dir, s.archive };
	struct strv argv = STRV_INIT;
	struct buf line = BUF_INIT;
	struct err e = ERR_INIT;
	char *quoted;

	cr_assert_eq(vm_argv(&argv, &s.machine, &paths, &e), 0, "%s", e.msg);
	for (size_t i = 0; i < argv.nr; i++)
		buf_addf(&line, "%s%s", i ? " " : "", argv.v[i]);
	cr_assert_str_eq(line.data, want);
	quoted = vm_command(&s, &e);
	cr_assert_not_null(strstr(quoted, " -append 'console=ttyS0 "), "%s", quoted);
	free(quoted);
	strv_release(&argv);

	/* one CPU: QEMU records, and the guest may halt */
	s.machine = WITH(m->cpus = 1);
	cr_assert_eq(vm_argv(&argv, &s.machine, &paths, &e), 0, "%s", e.msg);
	cr_assert(strv_has(&argv, "shift=1,sleep=off,rr=record,rrfile=/dev/null"));
	cr_assert_null(strstr(argv.v[argv.nr - 1], "idle=poll"));
	strv_release(&argv);

	s.machine =
		WITH(m->exact = false; m->accel = VM_KVM; m->fs = VM_FS_EXT4_VIRTIO; m->cpus = 3);
	cr_assert_eq(vm_argv(&argv, &s.machine, &paths, &e), 0, "%s", e.msg);
	cr_assert(strv_has(&argv, "kvm") && strv_has(&argv, "host") && !strv_has(&argv, "-icount"));
	cr_assert(strv_has(&argv, "node,nodeid=0,memdev=m0,cpus=0,cpus=2"));
	cr_assert(strv_has(&argv, "file=/w,,d/fs.img,format=raw,if=none,id=d0,cache=unsafe"));
	strv_release(&argv);
	s.machine.nodes = 0;
	cr_assert_null(vm_command(&s, &e));
	cr_assert_not_null(strstr(e.msg, "nodes"));
	strv_release(&argv);
	buf_release(&line);
}

Test(vm, guest_conf)
{
	struct vm_machine one = WITH(m->swap = VM_SWAP_PMEM);
	struct buf b = BUF_INIT;

	vm_guest_conf(&b, &one, false);
	cr_assert_str_eq(b.data,
			 "swap pmem\nswap_bytes 536870912\nfs ext4-pmem\nfs_bytes 268435456\n"
			 "fs_dev /dev/pmem0\nswap_dev /dev/pmem1\n");
	buf_reset(&b);
	one = WITH(m->swap = VM_SWAP_NULL_BLK; m->fs = VM_FS_TMPFS; m->disk_ns = 7);
	vm_guest_conf(&b, &one, false);
	cr_assert_not_null(strstr(b.data, "disk_ns 7\nswap_dev /dev/nullb0\n"));
	buf_release(&b);
	cr_assert_not(guest_is_init());
}

/* ------------------------------------------------------------ console */

Test(vm, console)
{
	const char *panic = "one\r\n"
			    "[    2.9] Kernel panic - not syncing: Oops\r\n"
			    "[    3.0] ---[ end Kernel panic - x\r\n";
	char line[128], *tail;

	cr_assert(vm_console_panic(panic, line, sizeof(line)));
	cr_assert_str_eq(line, "[    2.9] Kernel panic - not syncing: Oops");
	cr_assert_not(vm_console_panic("all is well\n", line, sizeof(line)));
	cr_assert(vm_console_done("x\n" GUEST_MARK_DONE "\r\n"));
	cr_assert(vm_console_done(GUEST_MARK_DONE));
	cr_assert_not(vm_console_done("echo " GUEST_MARK_DONE), "only a line that begins so");
	tail = vm_console_tail("a\nb\nc\033[0m\r\nd\r\n\r\n", 2);
	cr_assert_str_eq(tail, "c[0m\nd\n");
	free(tail);
	tail = vm_console_tail("", 40);
	cr_assert_str_eq(tail, "");
	free(tail);
	tail = vm_console_tail("only", 40);
	cr_assert_str_eq(tail, "only\n");
	free(tail);
}

static volatile sig_atomic_t stop;

/* A stand-in for QEMU: the driver's view of each way to end. */
static enum vm_end run_fake_on(bool exact, uint64_t limit_ns, const char *script,
			       struct vm_outcome *out, struct err *e)
{
	const char *archive = temp_path("archive"), *work = temp_path("work"), *fake;
	char *text;
	struct vm_kernel k = { .image = "/k", .release = "1.0" };
	struct vm_spec s = {
		.kernel = &k,
		.work_dir = work,
		.archive = archive,
		.limit_ns = limit_ns,
		.hang_ns = 1000000000,
		.machine = WITH(m->exact = exact; m->fs = VM_FS_NONE; m->swap = VM_SWAP_NONE),
		.stop = &stop,
	};
	int ret;

	text = xasprintf("#!/bin/sh\n"
			 "[ \"$1\" != --version ] || { echo QEMU emulator version 10.0.2; exit; }\n"
			 "C=%s/console.log A=%s\n%s\n",
			 work, archive, script);
	fake = temp_put("qemu", text, strlen(text));
	cr_assert_eq(chmod(fake, 0755), 0);
	setenv("WMARK_QEMU", fake, 1);
	ret = vm_run(&s, out, e);
	cr_assert_eq(ret, 0, "%s", e->msg);
	free(text);
	return out->end;
}

static enum vm_end run_fake(const char *script, struct vm_outcome *out, struct err *e)
{
	return run_fake_on(true, 3000000000u, script, out, e);
}

Test(vm, run_classifies, TEMP_DIR)
{
	static const struct {
		const char *script;
		enum vm_end end;
		const char *detail, *tail;
	} cases[] = {
		{ "test ! -e $A && echo x > $A; echo '" GUEST_MARK_DONE "' > $C", VM_END_OK, "",
		  GUEST_MARK_DONE "\n" },
		{ "echo hello > $C", VM_END_EARLY, "hello", "hello\n" },
		{ "echo '[ 1.0] Kernel panic - not syncing: x' > $C", VM_END_PANIC,
		  "not syncing: x", "panic" },
		{ "echo bad option >&2; exit 1", VM_END_QEMU, "status 1: bad option", "" },
		{ "kill -9 $$", VM_END_KILLED, "signal 9", "" },
		{ "echo 'qemu: terminating on signal 15 from pid 1' >&2; exit 0", VM_END_KILLED,
		  "signal 15", "" },
		{ "exec sleep 60", VM_END_QEMU, "QEMU stood still for ", "" },
		{ "while :; do echo x >> $A; sleep 0.1; done", VM_END_LIMIT,
		  "not finished after 3 s", "" },
		{ "echo '" GUEST_MARK_DONE "' > $C; exec sleep 60", VM_END_OK, "power off", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct vm_outcome out;
		struct err e = ERR_INIT;
		enum vm_end end;

		temp_put("archive", "of a run before", 15);
		end = run_fake(cases[i].script, &out, &e);

		cr_assert_eq(end, cases[i].end, "%s: %s: %s", cases[i].script, vm_end_names[end],
			     out.detail);
		cr_assert_not_null(strstr(out.detail, cases[i].detail), "%s: %s", cases[i].script,
				   out.detail);
		cr_assert_not_null(strstr(out.console_tail, cases[i].tail), "%s: %s",
				   cases[i].script, out.console_tail);
		cr_assert_gt(out.wall_s, 0);
		cr_assert(i != 0 || out.boot_wall_s > 0);
		vm_outcome_release(&out);
		fs_remove_tree(temp_dir, NULL);
	}
}

/* Silence alone is no hang of the guest: QEMU has to have run meanwhile, or has had nothing to do
 * on a machine of real time. */
Test(vm, run_hangs, TEMP_DIR)
{
	struct vm_outcome out;
	struct err e = ERR_INIT;

	cr_assert_eq(run_fake_on(false, 60000000000u, "exec sleep 60", &out, &e), VM_END_HANG);
	cr_assert(strstr(out.detail, "no output for "), "%s", out.detail);
	vm_outcome_release(&out);
	cr_assert_eq(run_fake_on(true, 60000000000u, "while :; do :; done", &out, &e), VM_END_HANG);
	cr_assert(strstr(out.detail, "no output for "), "%s", out.detail);
	vm_outcome_release(&out);
}

static void raise_stop(int sig)
{
	(void)sig;
	stop = 1;
}

Test(vm, run_is_stopped, TEMP_DIR)
{
	const char *file = temp_put("pid", "", 0);
	struct buf b = BUF_INIT;
	struct vm_outcome out;
	struct err e = ERR_INIT;

	signal(SIGALRM, raise_stop);
	ualarm(400000, 0);
	cr_assert_eq(run_fake("echo $$ > ${C%/*}/../pid; echo x > $A; exec sleep 60", &out, &e),
		     VM_END_STOPPED);
	cr_assert_str_eq(vm_end_names[out.end], "stopped");
	cr_assert(strstr(out.detail, "stopped after 0 s"), "%s", out.detail);
	cr_assert_lt(out.wall_s, 1.0, "before the hang would have ended it");
	cr_assert_eq(fs_read(file, &b, NULL), 0);
	cr_assert(atol(b.data) > 1 && kill((pid_t)atol(b.data), 0) < 0 && errno == ESRCH,
		  "QEMU is gone");
	vm_outcome_release(&out);
	buf_release(&b);
}

/* A run that could not be tried must not remove the archive of the earlier run. */
Test(vm, archive_outlives_a_run_that_cannot_start, TEMP_DIR)
{
	static const char *const programs[] = { "no-such-program-here" };
	static const char script[] = "#!/bin/sh\n"
				     "echo QEMU emulator version 10.0.2 '(Debian 1:10.0.2+ds-2)'\n"
				     "echo more\n";
	const char *archive = temp_put("archive", "precious", 8), *work = temp_path("work"),
		   *fake = temp_put("qemu", script, strlen(script));
	struct vm_kernel k = { .image = "/k", .release = "1.0" };
	struct vm_spec s = {
		.kernel = &k,
		.work_dir = work,
		.archive = archive,
		.programs = programs,
		.nr_programs = 1,
		.limit_ns = 1000000000u,
		.machine = WITH(m->fs = VM_FS_NONE; m->swap = VM_SWAP_NONE),
	};
	struct buf b = BUF_INIT;
	struct vm_outcome out;
	struct err e = ERR_INIT;

	cr_assert_eq(chmod(fake, 0755), 0);
	setenv("WMARK_QEMU", fake, 1);
	cr_assert_str_eq(vm_qemu_banner(), "QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)");
	cr_assert_eq(vm_run(&s, &out, &e), -ENOENT);
	vm_outcome_release(&out);
	s.machine.nodes = 0;
	cr_assert_eq(vm_run(&s, &out, &e), -EINVAL);
	vm_outcome_release(&out);
	s.machine.nodes = 2;
	s.machine.swap = VM_SWAP_ZRAM;
	s.machine.swap_bytes = 64 * MIB;
	cr_assert_lt(vm_run(&s, &out, &e), 0, "the kernel has no modules");
	vm_outcome_release(&out);
	cr_assert_eq(fs_read(archive, &b, NULL), 0);
	cr_assert_str_eq(b.data, "precious");
	buf_release(&b);
}

/* The hash is that of the file QEMU got: equal for equal input, another one when a byte of it
 * changes. */
Test(vm, image_hash, TEMP_DIR)
{
	struct vm_kernel k = { .image = "/k", .release = "1.0" };
	struct vm_file file = { .guest = "/wmark/x", .data = "one", .len = 3, .mode = 0444 };
	const char *work = temp_path("work"), *cpio = temp_path("work/initramfs.cpio");
	struct vm_spec s = {
		.kernel = &k,
		.work_dir = work,
		.files = &file,
		.nr_files = 1,
		.machine = WITH(m->fs = VM_FS_NONE; m->swap = VM_SWAP_NONE),
	};
	uint64_t one, again, other, have;
	struct err e = ERR_INIT;

	cr_assert_eq(fs_mkdirs(work, NULL), 0);
	cr_assert_eq(vm_initramfs(&s, false, &one, &e), 0, "%s", e.msg);
	cr_assert_eq(fs_hash(cpio, &have, &e), 0);
	cr_assert_eq(one, have);
	cr_assert_eq(vm_initramfs(&s, false, &again, &e), 0, "%s", e.msg);
	cr_assert_eq(one, again);
	file.data = "two";
	cr_assert_eq(vm_initramfs(&s, false, &other, &e), 0, "%s", e.msg);
	cr_assert_neq(one, other);
}

/* QEMU 10.2.0 alone interrupts guests by the clock of the host. */
Test(vm, qemu_that_is_not_exact)
{
	struct err e = ERR_INIT;

	cr_assert_eq(vm_qemu_exact("10.2.0", &e), -ENOTSUP);
	cr_assert_not_null(strstr(e.msg, "10.2.0"));
	for (const char *const *v =
		     (const char *const[]){ "10.0.2", "10.2.1", "10.2", "8.1.0", NULL };
	     *v; v++)
		cr_assert_eq(vm_qemu_exact(*v, &e), 0, "%s", *v);
}

Test(vm, no_qemu)
{
	struct err e = ERR_INIT;
	const char *path, *version;

	setenv("WMARK_QEMU", "/nonexistent/qemu", 1);
	cr_assert_eq(vm_qemu(&path, &version, &e), -ENOENT);
	cr_assert_not_null(strstr(e.msg, "ci/deps.sh vm"));
	cr_assert_str_eq(vm_qemu_banner(), "");
}
