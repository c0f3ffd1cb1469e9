/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/strv.h"
#include "base/units.h"
#include "vm/console.h"
#include "vm/disk.h"
#include "vm/guest.h"
#include "vm/initramfs.h"
#include "vm/modules.h"
#include "vm/pin.h"
#include "vm/process.h"

const char *const vm_end_names[] = { "ok",	   "panic",	  "hang",   "limit",
				     "early-exit", "qemu-failed", "killed", "stopped" };

#define CONSOLE_MAX (64ull << 20) /* a guest that prints more has lost control */
/* how much of the console's end is read: a panic ends a run, so its line is there */
#define CONSOLE_READ (1ull << 20)
#define TAIL_LINES 40
#define POLL_MS 50
#define IDLE_SHARE 200 /* a QEMU that used less than one part in so many of the time is waiting */

struct watch {
	pid_t pid;
	int err_fd; /* QEMU's stderr, non-blocking */
	struct buf messages;
	uint64_t start_ns, moved_ns, first_ns;
	uint64_t moved_cpu_ns; /* CPU time of QEMU at that moment */
	uint64_t console_size, archive_size;
};

static char *work_path(const struct vm_spec *spec, const char *name)
{
	return xasprintf("%s/%s", spec->work_dir, name);
}

static uint64_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* Makes the file system's blocks and the images of virtio disks. */
static int make_disks(const struct vm_spec *spec, struct initramfs *i, struct err *e)
{
	const struct vm_machine *m = &spec->machine;
	char *fs = work_path(spec, VM_FS_IMAGE), *swap = work_path(spec, VM_SWAP_IMAGE);
	struct buf blocks = BUF_INIT;
	int ret = 0;

	if (m->fs != VM_FS_NONE && m->fs != VM_FS_TMPFS)
		ret = disk_make_ext4(fs, m->fs_bytes / DISK_BLOCK * DISK_BLOCK, e);
	if (!ret && (m->fs == VM_FS_EXT4_PMEM || m->fs == VM_FS_EXT4_NULL_BLK)) {
		ret = disk_nonzero_blocks(fs, &blocks, e);
		unlink(fs);
		if (!ret)
			ret = initramfs_data(i, GUEST_FS_BLOCKS, 0600, blocks.data, blocks.len, e);
	}
	if (!ret && m->swap == VM_SWAP_VIRTIO)
		ret = disk_make_swap(swap, m->swap_bytes, e);
	buf_release(&blocks);
	free(fs);
	free(swap);
	return ret;
}

static int add_files(const struct vm_spec *spec, struct initramfs *i, struct err *e)
{
	int ret = 0;

	for (size_t n = 0; n < spec->nr_files && !ret; n++) {
		const struct vm_file *f = &spec->files[n];

		ret = f->host ? initramfs_file(i, f->guest, f->host, e)
			      : initramfs_data(i, f->guest, f->mode, f->data, f->len, e);
	}
	for (size_t n = 0; n < spec->nr_programs && !ret; n++) {
		char *path = fs_find_program(spec->programs[n]);

		ret = path ? initramfs_program(i, path, e)
			   : err_set(e, -ENOENT, "program %s not found on this machine",
				     spec->programs[n]);
		free(path);
	}
	return ret;
}

int vm_initramfs(const struct vm_spec *spec, bool probe, uint64_t *hash, struct err *e)
{
	char *path = work_path(spec, VM_INITRAMFS);
	struct initramfs *i = initramfs_new();
	struct strv modules = STRV_INIT;
	struct buf conf = BUF_INIT;
	int ret;

	vm_guest_conf(&conf, &spec->machine, probe);
	ret = initramfs_file(i, "/init", "/proc/self/exe", e);
	if (!ret)
		ret = initramfs_data(i, GUEST_CONF, 0644, conf.data, conf.len, e);
	/* the kernel opens it for process 1 before anything is mounted */
	if (!ret)
		ret = initramfs_node(i, "/dev/console", S_IFCHR | 0600, 5, 1, e);
	if (!ret && !probe) {
		vm_machine_modules(&modules, &spec->machine);
		ret = modules_add(i, spec->kernel, (const char *const *)modules.v, modules.nr, e);
		if (!ret)
			ret = make_disks(spec, i, e);
		if (!ret)
			ret = add_files(spec, i, e);
	}
	if (!ret)
		ret = initramfs_write(i, path, e);
	if (!ret)
		ret = fs_hash(path, hash, e);
	strv_release(&modules);
	buf_release(&conf);
	initramfs_free(i);
	free(path);
	return ret;
}

static int spawn(char *const *argv, int cpu, struct watch *w, struct err *e)
{
	int fds[2], ret;
	pid_t parent = getpid();

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(e, -errno, "pipe");
	w->pid = fork();
	if (w->pid < 0) {
		ret = err_sys(e, -errno, "fork");
		close(fds[0]);
		close(fds[1]);
		return ret;
	}
	if (!w->pid) {
		int null = open("/dev/null", O_RDWR);

		/* QEMU dies with the driver, whatever kills it; a ^C is for the driver to handle */
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(126);
		vm_pin_self(cpu);
		dup2(null, 0);
		dup2(null, 1);
		dup2(fds[1], 2);
		execv(argv[0], argv);
		dprintf(2, "%s: %s\n", argv[0], strerror(errno));
		_exit(126);
	}
	close(fds[1]);
	w->err_fd = fds[0];
	fcntl(w->err_fd, F_SETFL, O_NONBLOCK);
	return 0;
}

static void read_messages(struct watch *w)
{
	char chunk[1024];
	ssize_t n;

	while (w->err_fd >= 0 && (n = read(w->err_fd, chunk, sizeof(chunk)))) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		if (w->messages.len < 65536)
			buf_add(&w->messages, chunk, (size_t)n);
	}
	if (w->err_fd >= 0)
		close(w->err_fd);
	w->err_fd = -1;
}

/* CPU time that QEMU has used; 0 = unknown. */
static uint64_t cpu_ns(pid_t pid)
{
	struct timespec t;
	clockid_t id;

	if (clock_getcpuclockid(pid, &id) || clock_gettime(id, &t) < 0)
		return 0;
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/*
 * Has there been no sign of life for too long? A busy host only slows the guest down, which must
 * not look like a broken kernel. So QEMU must also have used so much CPU time, or next to none.
 */
static enum vm_end is_hung(const struct watch *w, uint64_t now_ns, const struct vm_spec *spec)
{
	uint64_t wall = now_ns - w->moved_ns, used = cpu_ns(w->pid) - w->moved_cpu_ns;

	if (!spec->hang_ns || wall <= spec->hang_ns)
		return VM_END_OK;
	if (used > spec->hang_ns)
		return VM_END_HANG;
	if (used >= wall / IDLE_SHARE)
		return VM_END_OK;
	/* an exact guest that has nothing to do jumps to its next timer: a QEMU that does nothing
	 * has lost one of its own wake-ups */
	return spec->machine.exact ? VM_END_QEMU : VM_END_HANG;
}

/*
 * Waits until QEMU has ended: by itself (VM_END_OK, to be examined further), or killed by this
 * driver (stop, hang, limit). @status is its wait status.
 */
static enum vm_end watch_until_end(struct watch *w, const struct vm_spec *spec, const char *console,
				   int *status, char *detail, size_t size)
{
	enum vm_end end = VM_END_OK;

	w->start_ns = w->moved_ns = clock_ns();
	while (waitpid(w->pid, status, WNOHANG) != w->pid) {
		struct pollfd p = { .fd = w->err_fd, .events = POLLIN };
		uint64_t now, con, arc;

		poll(&p, 1, POLL_MS);
		if (p.revents)
			read_messages(w);
		now = clock_ns();
		con = file_size(console);
		arc = file_size(spec->archive);
		if (con != w->console_size || arc != w->archive_size) {
			w->moved_ns = now;
			w->moved_cpu_ns = cpu_ns(w->pid);
		}
		if (!w->first_ns && arc) {
			w->first_ns = now;
			vm_pin_main_loop(w->pid);
		}
		w->console_size = con;
		w->archive_size = arc;
		if (spec->stop && *spec->stop) {
			end = VM_END_STOPPED;
			snprintf(detail, size, "stopped after %.0f s",
				 (double)(now - w->start_ns) / 1e9);
		} else if (spec->limit_ns && now - w->start_ns > spec->limit_ns) {
			end = VM_END_LIMIT;
			snprintf(detail, size, "not finished after %.0f s",
				 (double)spec->limit_ns / 1e9);
		} else if ((end = is_hung(w, now, spec)) != VM_END_OK) {
			snprintf(detail, size, "%s for %.0f s",
				 end == VM_END_HANG ? "no output" : "QEMU stood still",
				 (double)(now - w->moved_ns) / 1e9);
		} else if (con > CONSOLE_MAX) {
			end = VM_END_LIMIT;
			snprintf(detail, size, "more than %llu MiB on the console",
				 CONSOLE_MAX >> 20);
		}
		if (end != VM_END_OK) {
			kill(w->pid, SIGKILL);
			while (waitpid(w->pid, status, 0) < 0 && errno == EINTR)
				;
			break;
		}
	}
	read_messages(w);
	return end;
}

/* Reads the end of a file as text: NULs, which a dying guest may send, become spaces. */
static void read_end(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t size = file_size(path);
	ssize_t n;

	if (fd < 0)
		return;
	buf_reserve(out, CONSOLE_READ);
	n = pread(fd, out->data, CONSOLE_READ,
		  size > CONSOLE_READ ? (off_t)(size - CONSOLE_READ) : 0);
	if (n > 0)
		out->len = (size_t)n;
	out->data[out->len] = '\0';
	for (size_t i = 0; i < out->len; i++)
		if (!out->data[i])
			out->data[i] = ' ';
	close(fd);
}

static void last_line(const char *text, char *line, size_t size)
{
	char *tail = vm_console_tail(text, 1);

	snprintf(line, size, "%.*s", (int)strcspn(tail, "\n"), tail);
	free(tail);
}

static enum vm_end classify(enum vm_end end, int status, const char *console, const char *messages,
			    char *detail, size_t size)
{
	char line[160];

	/* a panic explains a hang, too */
	if (vm_console_panic(console, detail, size))
		return VM_END_PANIC;
	if ((end == VM_END_HANG || end == VM_END_QEMU) && vm_console_done(console)) {
		snprintf(detail, size, "all results are there, but the guest did not power off");
		return VM_END_OK;
	}
	if (end != VM_END_OK)
		return end;
	if (WIFSIGNALED(status)) {
		snprintf(detail, size, "QEMU was killed by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
		return VM_END_KILLED;
	}
	last_line(messages, line, sizeof(line));
	/* SIGTERM, SIGINT, SIGHUP: QEMU ends in good order */
	if (strstr(messages, "terminating on signal")) {
		snprintf(detail, size, "%s", line);
		return VM_END_KILLED;
	}
	if (WEXITSTATUS(status)) {
		snprintf(detail, size, "QEMU exit status %d: %s", WEXITSTATUS(status),
			 line[0] ? line : "no message");
		return VM_END_QEMU;
	}
	if (vm_console_done(console)) {
		detail[0] = '\0';
		return VM_END_OK;
	}
	last_line(console, line, sizeof(line));
	snprintf(detail, size, "the guest ended before its archive did; last line: %s",
		 line[0] ? line : "none");
	return VM_END_EARLY;
}

static int command_line(struct strv *argv, const struct vm_spec *spec, const char *qemu,
			struct err *e)
{
	return vm_argv(argv, &spec->machine,
		       &(struct vm_paths){ .qemu = qemu,
					   .image = spec->kernel->image,
					   .work_dir = spec->work_dir,
					   .archive = spec->archive },
		       e);
}

static int run(const struct vm_spec *spec, const char *qemu, struct vm_outcome *out, struct err *e)
{
	struct watch w = { .err_fd = -1, .messages = BUF_INIT };
	char *console = work_path(spec, VM_CONSOLE);
	struct strv argv = STRV_INIT;
	struct buf text = BUF_INIT;
	int status = 0, cpu = -1, pin = -1, ret;

	ret = command_line(&argv, spec, qemu, e);
	if (ret)
		goto out;
	unlink(console);
	/* not earlier: all that can fail before QEMU runs has succeeded by now */
	unlink(spec->archive);
	if (spec->machine.exact)
		pin = vm_pin_choose(&cpu);
	ret = spawn(argv.v, cpu, &w, e);
	if (ret)
		goto out;
	out->end = watch_until_end(&w, spec, console, &status, out->detail, sizeof(out->detail));
	out->wall_s = (double)(clock_ns() - w.start_ns) / 1e9;
	out->boot_wall_s = w.first_ns ? (double)(w.first_ns - w.start_ns) / 1e9 : 0;
	read_end(console, &text);
	out->end = classify(out->end, status, text.data, w.messages.data, out->detail,
			    sizeof(out->detail));
	free(out->console_tail);
	out->console_tail = vm_console_tail(text.data, TAIL_LINES);
out:
	buf_release(&text);
	buf_release(&w.messages);
	if (w.err_fd >= 0)
		close(w.err_fd);
	if (pin >= 0)
		close(pin);
	strv_release(&argv);
	free(console);
	return ret;
}

static int prepare_and_run(const struct vm_spec *spec, bool probe, struct vm_outcome *out,
			   struct err *e)
{
	const char *qemu;
	int ret;

	*out = (struct vm_outcome){ .console_tail = xstrdup("") };
	ret = vm_machine_check(&spec->machine, e);
	if (!ret)
		ret = vm_qemu(&qemu, NULL, e);
	if (!ret)
		ret = fs_mkdirs(spec->work_dir, e);
	if (!ret)
		ret = vm_initramfs(spec, probe, &out->guest_image_hash, e);
	return ret ? ret : run(spec, qemu, out, e);
}

int vm_run(const struct vm_spec *spec, struct vm_outcome *out, struct err *e)
{
	return prepare_and_run(spec, false, out, e);
}

void vm_outcome_release(struct vm_outcome *out)
{
	free(out->console_tail);
	*out = (struct vm_outcome){ .end = VM_END_OK };
}

char *vm_command(const struct vm_spec *spec, struct err *e)
{
	struct strv argv = STRV_INIT;
	struct buf b = BUF_INIT;
	const char *qemu;

	if (vm_qemu(&qemu, NULL, NULL))
		qemu = "qemu-system-x86_64";
	if (command_line(&argv, spec, qemu, e)) {
		strv_release(&argv);
		return NULL;
	}
	for (size_t i = 0; i < argv.nr; i++) {
		if (i)
			buf_addc(&b, ' ');
		buf_add_quoted(&b, argv.v[i]);
	}
	strv_release(&argv);
	return buf_detach(&b);
}

bool vm_kvm_works(const struct vm_kernel *k, char *why, size_t size)
{
	static enum { UNKNOWN, WORKS, FAILS } known;
	static char reason[256];
	struct vm_outcome out = { .console_tail = NULL };
	char dir[] = "/tmp/wmark-kvm-XXXXXX";
	struct err e = ERR_INIT;
	char *archive = NULL;

	if (known == UNKNOWN && access("/dev/kvm", R_OK | W_OK) < 0) {
		snprintf(reason, sizeof(reason), "/dev/kvm: %s", strerror(errno));
		known = FAILS;
	}
	/* /dev/kvm alone proves nothing (with kvm_pvm, stock kernels die in their first
	 * instructions), so a kernel is booted to wmark's init. */
	if (known == UNKNOWN && !mkdtemp(dir)) {
		snprintf(reason, sizeof(reason), "%s: %s", dir, strerror(errno));
		known = FAILS;
	} else if (known == UNKNOWN) {
		struct vm_spec spec = {
			.kernel = k,
			.work_dir = dir,
			.limit_ns = 20ull * 1000000000,
			.machine = { .accel = VM_KVM,
				     .nodes = 1,
				     .cpus = 1,
				     .mem_bytes = 256 * MIB },
		};

		archive = xasprintf("%s/archive", dir);
		spec.archive = archive;
		if (prepare_and_run(&spec, true, &out, &e))
			snprintf(reason, sizeof(reason), "%.250s", e.msg);
		else
			snprintf(reason, sizeof(reason), "probe boot under KVM: %s%s%.200s",
				 vm_end_names[out.end], out.detail[0] ? ": " : "", out.detail);
		known = out.console_tail && !e.code && out.end == VM_END_OK ? WORKS : FAILS;
		vm_outcome_release(&out);
		fs_remove_tree(dir, NULL);
		free(archive);
	}
	if (why && size)
		snprintf(why, size, "%s", reason);
	return known == WORKS;
}
