/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Says what works on this machine, what is missing for the rest, and the one command that installs
 * it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "cmd/cmd.h"
#include "sample/trace.h"
#include "run/knobs.h"
#include "run/sysinfo.h"
#include "vm/kernel.h"
#include "vm/process.h"
#include "vm/qemu.h"

struct doctor_cli {
	bool kvm;
	const char *root;
};

/* clang-format off */
static const struct opt_desc opts[] = {
	OPT_YES(struct doctor_cli, kvm, "kvm", 0, NULL,
		"also boot a machine under KVM to see whether it works (up to 20 s)"),
	OPT_STR(struct doctor_cli, root, "root", 0, "", "DIR",
		"look at a captured machine for the host target"),
	OPT_END
};
/* clang-format on */

struct doctor {
	unsigned missing;
};

static void good(const char *what, const char *text)
{
	printf("  ok       %-22s %s\n", what, text);
}

static void note(const char *what, const char *text)
{
	printf("  note     %-22s %s\n", what, text);
}

static void bad(struct doctor *d, const char *what, const char *text, const char *fix)
{
	printf("  MISSING  %-22s %s\n           %-22s run: %s\n", what, text, "", fix);
	d->missing++;
}

static void program(struct doctor *d, const char *name, const char *what_for, const char *group)
{
	char *fix = xasprintf("ci/deps.sh %s", group), *path = fs_find_program(name);

	if (path)
		good(name, what_for);
	else
		bad(d, name, what_for, fix);
	free(path);
	free(fix);
}

static bool qemu_new_enough(const char *version)
{
	unsigned major = 0, minor = 0;

	return sscanf(version, "%u.%u", &major, &minor) == 2 &&
	       (major > 8 || (major == 8 && minor >= 1));
}

static void look_at_vm(struct doctor *d, const struct doctor_cli *c)
{
	const char *qemu, *version;
	struct vm_kernel k = { .mem = ARENA_INIT };
	char text[300], why[200];
	struct err e = ERR_INIT;
	unsigned before = d->missing;
	char **specs;
	size_t kernels;

	vm_kernel_list(NULL, &specs, &kernels);
	printf("target exact (virtual time, bit-identical runs) and target vm:\n");
	if (vm_qemu(&qemu, &version, NULL)) {
		bad(d, "QEMU", "qemu-system-x86_64 is not there", "ci/deps.sh vm");
	} else {
		snprintf(
			text, sizeof(text), "%s, version %s%s", qemu, version,
			qemu_new_enough(version)
				? ""
				: ": before 8.1 the second CPU starves under -icount on kernels before 6.12");
		if (vm_qemu_exact(version, &e))
			bad(d, "QEMU", e.msg, "ci/deps.sh vm");
		else if (qemu_new_enough(version))
			good("QEMU", text);
		else
			bad(d, "QEMU", text, "ci/deps.sh vm");
	}
	program(d, "depmod", "module dependencies of kernel packages", "vm");
	program(d, "mke2fs", "ext4 for file and slab scenarios", "vm");
	snprintf(text, sizeof(text), "%zu in %s/kernels", kernels, vm_cache_dir());
	if (kernels)
		good("kernels", text);
	else
		bad(d, "kernels", text, "ci/kernels.sh fetch 6.1 6.12");
	program(d, "stress-ng", "exec workloads", "tools");
	program(d, "fio", "exec workloads", "tools");
	program(d, "numactl", "exec workloads that are bound to nodes", "tools");
	if (access("/dev/kvm", F_OK))
		note("KVM", "no /dev/kvm: the vm target uses TCG (the exact target always does)");
	else if (access("/dev/kvm", R_OK | W_OK))
		note("KVM", "/dev/kvm is there, but not for this user: the vm target uses TCG");
	else if (!c->kvm || !kernels || before != d->missing)
		note("KVM",
		     "/dev/kvm is there; wmark doctor --kvm boots a machine to see whether it works");
	else if (!vm_kernel_find(&k, specs[kernels - 1], NULL, NULL) &&
		 vm_kvm_works(&k, why, sizeof(why)))
		good("KVM", "a probe boot works");
	else
		note("KVM", "a probe boot fails: the vm target uses TCG");
	vm_kernel_release(&k);
	fs_list_free(specs, kernels);
}

static void look_at_host(struct doctor *d, const struct doctor_cli *c)
{
	struct sysinfo_facts f;
	struct err e = ERR_INIT;
	char text[300];
	struct buf why = BUF_INIT;

	printf("target host (this machine, real pressure):\n");
	if (sysinfo_read(&f, c->root, &e)) {
		bad(d, "/proc", e.msg, "mount -t proc proc /proc");
		return;
	}
	snprintf(text, sizeof(text), "%s, %u nodes with memory, %u CPUs, %llu MiB, LRU %s",
		 f.release, f.nr_nodes, f.nr_cpus, (unsigned long long)(f.ram_bytes >> 20),
		 f.lru == PROBE_LRU_MGLRU ? "mglru" : "classic");
	good("kernel", text);
	if (geteuid() == 0)
		good("root", "settings, oom_score_adj and the kernel log can be used");
	else
		note("root",
		     "settings, oom_score_adj and the kernel log need it: sudo wmark run --target host ...");
	if (fs_exists(KNOB_JOURNAL))
		bad(d, "settings", "an earlier run did not put its settings back", "wmark restore");
	if (root_exists(c->root, "/proc/pressure/memory"))
		good("PSI", "memory, io and cpu pressure");
	else
		note("PSI",
		     "no /proc/pressure (CONFIG_PSI, psi=1): stall shares are ABSENT and the watchdog is blind");
	if (trace_usable(c->root, &why))
		good("tracefs", "events can be counted and stalls be timed by hist triggers");
	else
		note("tracefs", why.data);
	buf_release(&why);
	if (f.has_swap)
		good("swap", "on");
	else
		note("swap", "none: scenarios with anon pressure that need swap are skipped");
	if (f.nr_nodes < 2)
		note("NUMA",
		     "one node: scenarios that need two are skipped here; the exact target emulates them");
	note("safety", "refuses to start without --allow-global-pressure");
}

static int doctor_run(int argc, char **argv, struct err *e)
{
	struct doctor_cli c = { 0 };
	struct doctor d = { 0 };
	int ret = cmd_options(&cmd_doctor, &c, &argc, &argv, false, e);

	if (ret)
		return ret;
	if (argc)
		return err_set(e, -EINVAL, "doctor: takes no words ('%s')", argv[0]);
	look_at_vm(&d, &c);
	look_at_host(&d, &c);
	if (!d.missing)
		printf("nothing is missing\n");
	return d.missing ? EXIT_BROKEN : EXIT_OK;
}

const struct command cmd_doctor = {
	"doctor", doctor_run, opts, "",
	"Say which targets work here, what is missing, and what installs it"
};
