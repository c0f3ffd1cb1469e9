/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/units.h"

const char *const vm_swap_names[] = { "none", "zram", "pmem", "null_blk", "virtio", NULL };
const char *const vm_fs_names[] = { "none",	   "ext4-pmem", "ext4-null_blk",
				    "ext4-virtio", "tmpfs",	NULL };

/*
 * pmem regions begin here. Below lie the kernel (linked at 16 MiB, up to 100 MiB while it unpacks
 * itself); the initramfs and the ACPI tables lie at the top of low memory. 128 MiB is also a memory
 * section of x86.
 */
#define PMEM_START (128 * MIB)
/* ordinary memory between two regions; without it e820 merges them */
#define PMEM_GAP (2 * MIB)
#define PMEM_ALIGN (2 * MIB) /* a sub-section: the unit that ZONE_DEVICE maps */
/* where the pc machine's RAM below 4 GiB ends if the machine has more */
#define LOW_MEMORY (3072 * MIB)
#define MIN_BYTES (192 * MIB)
#define MIN_NODE_BYTES (64 * MIB)

static uint64_t align_up(uint64_t v, uint64_t to)
{
	return (v + to - 1) / to * to;
}

static bool fs_is_pmem(const struct vm_machine *m)
{
	return m->fs == VM_FS_EXT4_PMEM;
}

static bool uses_null_blk(const struct vm_machine *m)
{
	return m->fs == VM_FS_EXT4_NULL_BLK || m->swap == VM_SWAP_NULL_BLK;
}

static bool uses_virtio(const struct vm_machine *m)
{
	return m->fs == VM_FS_EXT4_VIRTIO || m->swap == VM_SWAP_VIRTIO;
}

static int check_devices(const struct vm_machine *m, struct err *e)
{
	bool ext4 = m->fs != VM_FS_NONE && m->fs != VM_FS_TMPFS;

	if (m->swap > VM_SWAP_VIRTIO || m->fs > VM_FS_TMPFS)
		return err_set(e, -EINVAL, "machine: unknown kind of swap or file system");
	if (m->exact && uses_virtio(m))
		return err_set(e, -EINVAL,
			       "machine: virtio completes on host time and cannot be exact: "
			       "take pmem, null_blk or zram, or the target vm");
	if (m->exact && m->accel != VM_TCG)
		return err_set(e, -EINVAL, "machine: the exact target runs under TCG, not KVM");
	if (m->swap != VM_SWAP_NONE && m->swap_bytes < MIB)
		return err_set(e, -EINVAL, "machine: swap of %llu bytes, at least 1 MiB is needed",
			       (unsigned long long)m->swap_bytes);
	/* ext4 with a journal: mke2fs leaves the journal out of smaller ones */
	if (ext4 && m->fs_bytes < 16 * MIB)
		return err_set(e, -EINVAL,
			       "machine: file system of %llu bytes, at least 16 MiB are needed",
			       (unsigned long long)m->fs_bytes);
	if (m->swap_bytes > (1ull << 42) || m->fs_bytes > (1ull << 42))
		return err_set(e, -EINVAL, "machine: swap or file system larger than 4 TiB");
	if (uses_null_blk(m) && m->disk_ns > 60ull * 1000000000)
		return err_set(e, -EINVAL, "machine: disk_ns %llu is more than a minute",
			       (unsigned long long)m->disk_ns);
	return 0;
}

int vm_machine_check(const struct vm_machine *m, struct err *e)
{
	struct vm_layout l;
	int ret;

	if (!m->nodes || m->nodes > VM_MAX_NODES)
		return err_set(e, -EINVAL, "machine: %u nodes, 1 to %d are possible", m->nodes,
			       VM_MAX_NODES);
	if (!m->cpus || m->cpus > VM_MAX_CPUS)
		return err_set(e, -EINVAL, "machine: %u CPUs, 1 to %d are possible", m->cpus,
			       VM_MAX_CPUS);
	if (m->mem_bytes < MIN_BYTES)
		return err_set(e, -EINVAL,
			       "machine: %llu MiB of memory, at least %llu MiB are needed",
			       (unsigned long long)(m->mem_bytes / MIB),
			       (unsigned long long)(MIN_BYTES / MIB));
	if (m->mem_bytes > (1ull << 42))
		return err_set(e, -EINVAL, "machine: more than 4 TiB of memory");
	if (m->mem_bytes / m->nodes < MIN_NODE_BYTES)
		return err_set(e, -EINVAL,
			       "machine: %llu MiB per node, at least %llu MiB are needed",
			       (unsigned long long)(m->mem_bytes / m->nodes / MIB),
			       (unsigned long long)(MIN_NODE_BYTES / MIB));
	ret = check_devices(m, e);
	if (ret)
		return ret;
	if (m->cmdline && strlen(m->cmdline) > 1024)
		return err_set(e, -EINVAL, "machine: more than 1024 bytes of kernel parameters");
	if (m->cmdline && m->cmdline[strcspn(m->cmdline, "\r\n")])
		return err_set(e, -EINVAL, "machine: line break in the kernel parameters");
	return vm_layout(&l, m, e);
}

int vm_layout(struct vm_layout *l, const struct vm_machine *m, struct err *e)
{
	uint64_t per = align_up(m->mem_bytes / m->nodes, PMEM_ALIGN), extra = 0, end = PMEM_START;
	unsigned host = (unsigned)(PMEM_START / per); /* the node in whose range the regions lie */

	*l = (struct vm_layout){ .total_bytes = 0 };
	if (fs_is_pmem(m)) {
		l->fs_start = end;
		l->fs_bytes = align_up(m->fs_bytes, PMEM_ALIGN);
		extra += l->fs_bytes;
		end += l->fs_bytes + PMEM_GAP;
	}
	if (m->swap == VM_SWAP_PMEM) {
		l->swap_start = end;
		l->swap_bytes = align_up(m->swap_bytes, PMEM_ALIGN);
		extra += l->swap_bytes;
		end += l->swap_bytes + PMEM_GAP;
	}
	/* the struct pages of the regions (64 bytes per 4096) are taken from the same node: make up
	 * for them */
	extra += align_up(extra / 64, PMEM_ALIGN);
	for (unsigned n = 0; n < m->nodes; n++) {
		l->node_bytes[n] = per + (n == host ? extra : 0);
		l->total_bytes += l->node_bytes[n];
	}
	if (extra && (end > LOW_MEMORY || end + 16 * MIB > l->total_bytes))
		return err_set(
			e, -EINVAL, "machine: pmem of %llu MiB does not fit below %llu MiB",
			(unsigned long long)(extra / MIB),
			(unsigned long long)((end > LOW_MEMORY ? LOW_MEMORY : l->total_bytes) /
					     MIB));
	return 0;
}

void vm_machine_modules(struct strv *names, const struct vm_machine *m)
{
	if (m->swap == VM_SWAP_ZRAM) {
		strv_add(names, "zsmalloc");
		/* up to 6.11 zram takes lz4 from the crypto layer, later it has its own */
		strv_add(names, "?lz4");
		strv_add(names, "zram");
	}
	if (fs_is_pmem(m) || m->swap == VM_SWAP_PMEM) {
		strv_add(names, "libnvdimm");
		strv_add(names, "?nd_btt");
		strv_add(names, "nd_pmem");
		strv_add(names, "nd_e820");
	}
	if (uses_null_blk(m)) {
		strv_add(names, "configfs");
		strv_add(names, "null_blk");
	}
	if (uses_virtio(m)) {
		strv_add(names, "virtio_pci");
		strv_add(names, "virtio_blk");
	}
	if (m->fs != VM_FS_NONE && m->fs != VM_FS_TMPFS) {
		/* soft dependencies of jbd2 and ext4 for metadata checksums, which are not in
		 * modules.dep */
		strv_add(names, "?crc32c_generic");
		strv_add(names, "?crc32c_cryptoapi");
		strv_add(names, "ext4");
	}
}

void vm_guest_conf(struct buf *out, const struct vm_machine *m, bool probe)
{
	bool null_blk_swap = m->swap == VM_SWAP_NULL_BLK;

	if (probe) {
		buf_addstr(out, "probe 1\n");
		return;
	}
	buf_addf(out, "swap %s\nswap_bytes %llu\n", vm_swap_names[m->swap],
		 (unsigned long long)m->swap_bytes);
	buf_addf(out, "fs %s\nfs_bytes %llu\n", vm_fs_names[m->fs],
		 (unsigned long long)m->fs_bytes);
	if (uses_null_blk(m))
		buf_addf(out, "disk_ns %llu\n", (unsigned long long)m->disk_ns);
	/* the file system comes first in address and in number, so it takes number 0 of a shared
	 * kind */
	if (fs_is_pmem(m))
		buf_addstr(out, "fs_dev /dev/pmem0\n");
	else if (m->fs == VM_FS_EXT4_NULL_BLK)
		buf_addstr(out, "fs_dev /dev/nullb0\n");
	else if (m->fs == VM_FS_EXT4_VIRTIO)
		buf_addstr(out, "fs_dev /dev/vda\n");
	if (m->swap == VM_SWAP_ZRAM)
		buf_addstr(out, "swap_dev /dev/zram0\n");
	else if (m->swap == VM_SWAP_PMEM)
		buf_addf(out, "swap_dev /dev/pmem%d\n", fs_is_pmem(m));
	else if (null_blk_swap)
		buf_addf(out, "swap_dev /dev/nullb%d\n", m->fs == VM_FS_EXT4_NULL_BLK);
	else if (m->swap == VM_SWAP_VIRTIO)
		buf_addf(out, "swap_dev /dev/vd%c\n", m->fs == VM_FS_EXT4_VIRTIO ? 'b' : 'a');
}

/* A value in a QEMU option list, with each comma written twice. */
static char *comma(const char *s)
{
	struct buf b = BUF_INIT;

	for (; *s; s++) {
		if (*s == ',')
			buf_addc(&b, ',');
		buf_addc(&b, *s);
	}
	buf_addstr(&b, "");
	return buf_detach(&b);
}

static void add_numa(struct strv *argv, const struct vm_layout *l, const struct vm_machine *m)
{
	for (unsigned n = 0; n < m->nodes; n++) {
		strv_add(argv, "-object");
		strv_addf(argv, "memory-backend-ram,id=m%u,size=%lluM", n,
			  (unsigned long long)(l->node_bytes[n] / MIB));
	}
	for (unsigned n = 0; n < m->nodes; n++) {
		struct buf b = BUF_INIT;

		buf_addf(&b, "node,nodeid=%u,memdev=m%u", n, n);
		for (unsigned c = n; c < m->cpus; c += m->nodes)
			buf_addf(&b, ",cpus=%u", c);
		strv_add(argv, "-numa");
		strv_add(argv, b.data);
		buf_release(&b);
	}
}

bool vm_idles(const struct vm_machine *m)
{
	return m->exact && m->cpus == 1;
}

static void add_accel(struct strv *argv, const struct vm_machine *m)
{
	strv_add(argv, "-accel");
	if (m->exact) {
		/* Virtual time counts instructions, two nanoseconds each, and never waits for the
		 * host's clock. */
		strv_add(argv, "tcg");
		strv_add(argv, "-icount");
		strv_addf(argv, "shift=1,sleep=off%s",
			  vm_idles(m) ? ",rr=record,rrfile=/dev/null" : "");
		strv_add(argv, "-rtc");
		strv_add(argv, "base=2026-01-01,clock=vm");
	} else {
		strv_add(argv, m->accel == VM_KVM ? "kvm" : "tcg,thread=multi");
	}
	/* a fixed model, without rdrand, and three times faster under TCG than "max" */
	strv_add(argv, "-cpu");
	strv_add(argv, m->accel == VM_KVM && !m->exact ? "host" : "qemu64");
}

static void add_disk(struct strv *argv, const char *work_dir, const char *name, unsigned slot)
{
	char *path = xasprintf("%s/%s", work_dir, name), *quoted = comma(path);

	strv_add(argv, "-drive");
	strv_addf(argv, "file=%s,format=raw,if=none,id=d%u,cache=unsafe", quoted, slot);
	strv_add(argv, "-device");
	strv_addf(argv, "virtio-blk-pci,drive=d%u,addr=0x%x", slot, 0x10 + slot);
	free(quoted);
	free(path);
}

static void add_port(struct strv *argv, const char *id, const char *path, bool append)
{
	char *quoted = comma(path);

	strv_add(argv, "-chardev");
	strv_addf(argv, "file,id=%s,path=%s%s", id, quoted, append ? ",append=on" : "");
	strv_add(argv, "-serial");
	strv_addf(argv, "chardev:%s", id);
	free(quoted);
}

static void add_cmdline(struct strv *argv, const struct vm_layout *l, const struct vm_machine *m)
{
	struct buf b = BUF_INIT;

	/* panic=-1 reboots at once, which -no-reboot turns into an exit; cryptomgr.notests saves a
	 * second or two of every boot under TCG */
	buf_addstr(&b, "console=ttyS0 panic=-1 quiet no_timer_check cryptomgr.notests");
	if (m->exact)
		buf_addstr(&b, " nokaslr mitigations=off random.trust_cpu=off");
	if (m->exact && !vm_idles(m))
		buf_addstr(&b, " idle=poll");
	if (l->fs_bytes)
		buf_addf(&b, " memmap=%lluM!%lluM", (unsigned long long)(l->fs_bytes / MIB),
			 (unsigned long long)(l->fs_start / MIB));
	if (l->swap_bytes)
		buf_addf(&b, " memmap=%lluM!%lluM", (unsigned long long)(l->swap_bytes / MIB),
			 (unsigned long long)(l->swap_start / MIB));
	if (m->cmdline && *m->cmdline)
		buf_addf(&b, " %s", m->cmdline);
	strv_add(argv, "-append");
	strv_add(argv, b.data);
	buf_release(&b);
}

int vm_argv(struct strv *argv, const struct vm_machine *m, const struct vm_paths *p, struct err *e)
{
	char *console = xasprintf("%s/%s", p->work_dir, VM_CONSOLE),
	     *initrd = xasprintf("%s/%s", p->work_dir, VM_INITRAMFS);
	struct vm_layout l;
	int ret = vm_machine_check(m, e);

	if (!ret)
		ret = vm_layout(&l, m, e);
	if (ret)
		goto out;
	strv_add(argv, p->qemu);
	for (const char *const *w =
		     (const char *const[]){ "-nodefaults", "-no-user-config", "-display", "none",
					    "-no-reboot", "-machine", "pc", NULL };
	     *w; w++)
		strv_add(argv, *w);
	strv_add(argv, "-m");
	strv_addf(argv, "%lluM", (unsigned long long)(l.total_bytes / MIB));
	/* each CPU is a socket: two CPUs of one package on two nodes make the kernel warn about its
	 * topology */
	strv_add(argv, "-smp");
	strv_addf(argv, "%u,sockets=%u,cores=1,threads=1", m->cpus, m->cpus);
	add_numa(argv, &l, m);
	add_accel(argv, m);
	add_port(argv, "console", console, false);
	add_port(argv, "archive", p->archive, true);
	if (m->fs == VM_FS_EXT4_VIRTIO)
		add_disk(argv, p->work_dir, VM_FS_IMAGE, 0);
	if (m->swap == VM_SWAP_VIRTIO)
		add_disk(argv, p->work_dir, VM_SWAP_IMAGE, 1);
	strv_add(argv, "-kernel");
	strv_add(argv, p->image);
	strv_add(argv, "-initrd");
	strv_add(argv, initrd);
	add_cmdline(argv, &l, m);
out:
	free(console);
	free(initrd);
	return ret;
}
