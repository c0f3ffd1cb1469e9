/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Process 1 of the test machine. It runs alone and to the end: no host time, no randomness, no
 * daemon. */
#include "vm/guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/fs.h"
#include "base/units.h"
#include "vm/disk.h"

#define MODULES_DIR "/modules"
#define ARCHIVE_PORT "/dev/ttyS1"
#define ZRAM_ALGORITHM "lz4" /* the only one that every Debian kernel from 5.10 to 7.3 has */
#define DEVICE_WAIT_MS 10000

struct conf {
	struct arena mem;
	const char *swap, *fs, *swap_dev, *fs_dev;
	uint64_t swap_bytes, fs_bytes, disk_ns;
	bool probe;
};

bool guest_is_init(void)
{
	return getpid() == 1 && access(GUEST_CONF, F_OK) == 0;
}

void guest_say(const char *fmt, ...)
{
	char line[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n > sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	line[n] = '\n';
	fs_write_all(1, line, (size_t)n + 1);
}

static int read_conf(struct conf *c, struct err *e)
{
	struct buf b = BUF_INIT;
	char *save = NULL;
	int ret = fs_read(GUEST_CONF, &b, e);

	*c = (struct conf){ .swap = "none", .fs = "none" };
	if (ret)
		goto out;
	for (char *key = strtok_r(b.data, "\n", &save); key; key = strtok_r(NULL, "\n", &save)) {
		char *value = strchr(key, ' ');

		if (!value)
			continue;
		*value++ = '\0';
		if (!strcmp(key, "swap"))
			c->swap = arena_strdup(&c->mem, value);
		else if (!strcmp(key, "fs"))
			c->fs = arena_strdup(&c->mem, value);
		else if (!strcmp(key, "swap_dev"))
			c->swap_dev = arena_strdup(&c->mem, value);
		else if (!strcmp(key, "fs_dev"))
			c->fs_dev = arena_strdup(&c->mem, value);
		else if (!strcmp(key, "swap_bytes"))
			c->swap_bytes = strtoull(value, NULL, 10);
		else if (!strcmp(key, "fs_bytes"))
			c->fs_bytes = strtoull(value, NULL, 10);
		else if (!strcmp(key, "disk_ns"))
			c->disk_ns = strtoull(value, NULL, 10);
		else if (!strcmp(key, "probe"))
			c->probe = true;
	}
out:
	buf_release(&b);
	return ret;
}

static int mount_all(struct err *e)
{
	static const struct {
		const char *dir, *type, *options;
		bool needed;
	} table[] = {
		{ "/proc", "proc", NULL, true },
		{ "/sys", "sysfs", NULL, true },
		{ "/dev", "devtmpfs", NULL, true },
		{ "/dev/shm", "tmpfs", NULL, false },
		{ "/sys/fs/cgroup", "cgroup2", NULL, false },
		{ "/sys/kernel/debug", "debugfs", NULL, false },
		{ "/sys/kernel/tracing", "tracefs", NULL, false },
		{ "/tmp", "tmpfs", "mode=1777", false },
		{ "/run", "tmpfs", "mode=755", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		mkdir(table[i].dir, 0755);
		if (mount(table[i].type, table[i].dir, table[i].type, 0, table[i].options) == 0 ||
		    errno == EBUSY)
			continue;
		if (table[i].needed)
			return err_sys(e, -errno, "mounting %s on %s", table[i].type, table[i].dir);
		guest_say("wmark: no %s on %s: %s", table[i].type, table[i].dir, strerror(errno));
	}
	return 0;
}

/* Is @word a parameter of this module ("null_blk.nr_devices=0")? - and _ are the same in its
 * name. */
static bool is_option_of(const char *word, const char *module, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (word[i] != module[i] &&
		    !(word[i] && strchr("-_", word[i]) && strchr("-_", module[i])))
			return false;
	return word[len] == '.';
}

/*
 * Appends the parameters of a loadable module that stand on the kernel's command line. The program
 * that loads the module has to pass them, as kmod does: the kernel does not.
 */
static void module_options(struct buf *out, const char *module, size_t len, const char *cmdline)
{
	const char *p = cmdline + strspn(cmdline, " \n");

	while (*p) {
		const char *word = p;
		bool quoted = false;

		for (; *p && (quoted || !strchr(" \n", *p)); p++)
			if (*p == '"')
				quoted = !quoted;
		if (is_option_of(word, module, len)) {
			buf_addc(out, ' ');
			buf_add(out, word + len + 1, (size_t)(p - word) - len - 1);
		}
		p += strspn(p, " \n");
	}
}

/* Loads the modules in the order of their names: 00-zsmalloc.ko, 01-... */
static int load_modules(struct err *e)
{
	char **names = NULL;
	struct buf cmdline = BUF_INIT;
	size_t nr = 0;
	int ret = 0;

	if (!fs_is_dir(MODULES_DIR))
		return 0;
	ret = fs_list(MODULES_DIR, &names, &nr, e);
	if (!ret)
		ret = fs_read("/proc/cmdline", &cmdline, e);
	for (size_t i = 0; i < nr && !ret; i++) {
		char *path = xasprintf("%s/%s", MODULES_DIR, names[i]);
		const char *name = names[i] + strcspn(names[i], "-") + 1;
		struct buf options = BUF_INIT;
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		/* null_blk makes a disk when it is loaded unless told not to */
		buf_addstr(&options, strncmp(name, "null_blk.", 9) ? "" : "nr_devices=0");
		module_options(&options, name, strcspn(name, "."), cmdline.data);
		if (fd < 0)
			ret = err_sys(e, -errno, "%s", path);
		else if (syscall(SYS_finit_module, fd, options.data, 0) < 0 && errno != EEXIST)
			ret = err_sys(e, -errno, "loading module %s", names[i]);
		if (fd >= 0)
			close(fd);
		unlink(path); /* files of the initramfs take memory of the machine under test */
		buf_release(&options);
		free(path);
	}
	fs_list_free(names, nr);
	buf_release(&cmdline);
	rmdir(MODULES_DIR);
	return ret;
}

/* Waits until the disk can be opened. Its device node comes a little earlier (block/genhd.c,
 * device_add_disk(): opening gives ENXIO until the disk is there). */
static int wait_for_device(const char *dev, const char *kind, struct err *e)
{
	for (int ms = 0; ms < DEVICE_WAIT_MS; ms += 10) {
		struct stat st;
		int fd = open(dev, O_RDONLY | O_CLOEXEC);
		bool there = fd >= 0 && fstat(fd, &st) == 0 && S_ISBLK(st.st_mode);

		if (fd >= 0)
			close(fd);
		if (there)
			return 0;
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	return err_set(e, -ENODEV,
		       "%s did not appear: the kernel has no %s (or give its modules directory)",
		       dev, kind);
}

static int poke_number(const char *dir, const char *name, uint64_t value, struct err *e)
{
	char *path = xasprintf("%s/%s", dir, name), text[32];
	int ret;

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	ret = fs_poke(path, text, e);
	free(path);
	return ret;
}

/* Makes a disk in the guest's memory that answers after disk_ns of the guest's own time
 * (block/null_blk, irqmode 2). */
static int make_null_blk(const char *dev, uint64_t bytes, uint64_t ns, struct err *e)
{
	char *dir = xasprintf("/sys/kernel/config/nullb/%s", strrchr(dev, '/') + 1);
	const struct {
		const char *name;
		uint64_t value;
	} table[] = {
		{ "size", bytes / MIB },
		{ "blocksize", DISK_BLOCK },
		{ "memory_backed", 1 },
		{ "queue_mode", 2 },
		{ "irqmode", ns ? 2 : 0 },
		{ "completion_nsec", ns },
		/* last: this creates the disk */
		{ "power", 1 },
	};
	int ret = 0;

	mkdir("/sys/kernel/config", 0755);
	if (mount("configfs", "/sys/kernel/config", "configfs", 0, NULL) < 0 && errno != EBUSY)
		ret = err_sys(e, -errno, "mounting configfs");
	/* from 6.1 on the disk has the directory's name; earlier kernels number the disks, which
	 * gives the same name */
	else if (mkdir(dir, 0755) < 0)
		ret = err_sys(e, -errno, "%s", dir);
	for (size_t i = 0; i < ARRAY_SIZE(table) && !ret; i++)
		ret = poke_number(dir, table[i].name, table[i].value, e);
	free(dir);
	return ret;
}

static int write_swap_header(const char *dev, uint64_t bytes, struct err *e)
{
	unsigned char page[DISK_BLOCK];
	int fd = open(dev, O_WRONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return err_sys(e, -errno, "%s", dev);
	disk_swap_header(page, bytes);
	ret = fs_write_all(fd, page, sizeof(page));
	if (!ret && fsync(fd) < 0)
		ret = -errno;
	close(fd);
	return ret ? err_sys(e, ret, "%s: writing the swap header", dev) : 0;
}

static int set_up_swap(const struct conf *c, struct err *e)
{
	bool null_blk = !strcmp(c->swap, "null_blk");
	int ret = 0;

	if (!strcmp(c->swap, "none"))
		return 0;
	if (null_blk)
		ret = make_null_blk(c->swap_dev, c->swap_bytes, c->disk_ns, e);
	if (!ret)
		ret = wait_for_device(c->swap_dev, c->swap, e);
	if (!ret && !strcmp(c->swap, "zram")) {
		ret = fs_poke("/sys/block/zram0/comp_algorithm", ZRAM_ALGORITHM, e);
		if (!ret)
			ret = poke_number("/sys/block/zram0", "disksize", c->swap_bytes, e);
	}
	if (!ret && strcmp(c->swap, "virtio")) /* the host has made it */
		ret = write_swap_header(c->swap_dev, c->swap_bytes, e);
	if (!ret && swapon(c->swap_dev, 0) < 0)
		ret = err_sys(e, -errno, "swapon %s", c->swap_dev);
	if (ret)
		return err_wrap(e, ret, "swap on %s", c->swap);
	return 0;
}

static int put_file_system(const char *dev, struct err *e)
{
	struct buf b = BUF_INIT;
	int fd = -1, ret = fs_read(GUEST_FS_BLOCKS, &b, e);

	if (ret)
		goto out;
	unlink(GUEST_FS_BLOCKS);
	fd = open(dev, O_WRONLY | O_CLOEXEC);
	ret = fd < 0 ? err_sys(e, -errno, "%s", dev) : disk_put_blocks(fd, b.data, b.len, e);
	if (!ret && fsync(fd) < 0)
		ret = err_sys(e, -errno, "%s", dev);
out:
	if (fd >= 0)
		close(fd);
	buf_release(&b);
	return ret;
}

static int set_up_fs(struct guest *g, const struct conf *c, struct err *e)
{
	const char *kind = strchr(c->fs, '-') ? strchr(c->fs, '-') + 1 : "";
	char size[32];
	int ret = 0;

	if (!strcmp(c->fs, "none"))
		return 0;
	mkdir("/mnt", 0755);
	mkdir(GUEST_FS_DIR, 0755);
	if (!strcmp(c->fs, "tmpfs")) {
		snprintf(size, sizeof(size), "size=%llu", (unsigned long long)c->fs_bytes);
		if (mount("tmpfs", GUEST_FS_DIR, "tmpfs", 0, c->fs_bytes ? size : NULL) < 0)
			return err_sys(e, -errno, "mounting tmpfs on " GUEST_FS_DIR);
		g->has_fs = true;
		return 0;
	}
	if (!strcmp(kind, "null_blk"))
		ret = make_null_blk(c->fs_dev, c->fs_bytes, c->disk_ns, e);
	if (!ret)
		ret = wait_for_device(c->fs_dev, kind, e);
	if (!ret && strcmp(kind, "virtio")) /* with virtio the disk is the image itself */
		ret = put_file_system(c->fs_dev, e);
	if (!ret && mount(c->fs_dev, GUEST_FS_DIR, "ext4", 0, NULL) < 0)
		ret = err_sys(e, -errno, "mounting ext4 of %s", c->fs_dev);
	if (ret)
		return err_wrap(e, ret, "file system %s", c->fs);
	g->has_fs = true;
	return 0;
}

static int open_archive_port(struct guest *g, struct err *e)
{
	struct termios t;

	g->archive_fd = open(ARCHIVE_PORT, O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (g->archive_fd < 0)
		return err_sys(e, -errno, ARCHIVE_PORT);
	if (tcgetattr(g->archive_fd, &t) < 0)
		return err_sys(e, -errno, ARCHIVE_PORT);
	cfmakeraw(&t);
	t.c_cflag |= CLOCAL;
	cfsetspeed(&t, B115200);
	if (tcsetattr(g->archive_fd, TCSANOW, &t) < 0)
		return err_sys(e, -errno, ARCHIVE_PORT);
	return 0;
}

/*
 * Starts this program again, because libnuma's constructor looked at /sys before it was mounted.
 * The arguments stay the same: they are the kernel parameters that no handler took, which
 * run/apply.c wants to know.
 */
static int start_again(struct err *e)
{
	struct buf args = BUF_INIT;
	char **argv = NULL;
	size_t nr = 0, cap = 0;
	int ret = fs_read("/proc/self/cmdline", &args, e);

	for (size_t at = 0; !ret && at < args.len; at += strlen(args.data + at) + 1) {
		ARRAY_GROW(argv, nr, cap);
		argv[nr++] = args.data + at;
	}
	if (!ret) {
		ARRAY_GROW(argv, nr, cap);
		argv[nr] = NULL;
		setenv("WMARK_MOUNTED", "1", 1);
		execv("/init", argv);
		ret = err_sys(e, -errno, "starting /init again");
	}
	free(argv);
	buf_release(&args);
	return ret;
}

/*
 * Keeps the zone DMA, the first 16 MiB, for requests that need it: 1 = its reserve against higher
 * zones is all of them (setup_per_zone_lowmem_reserve() in mm/page_alloc.c). On a machine of 4 GiB
 * and more the default ratio of 256 does that. On a guest of some hundred MiB it does not: there
 * the page cache lives in zone DMA, pgdat_balanced() is decided by it, and whether a run falls into
 * that state depends on some hundred KiB of image.
 */
static int keep_dma(struct err *e)
{
	return fs_poke("/proc/sys/vm/lowmem_reserve_ratio", "1", e);
}

int guest_boot(struct guest *g, struct err *e)
{
	struct conf c;
	int ret;

	*g = (struct guest){ .archive_fd = -1 };
	umask(022);
	setenv("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", 1);
	setenv("HOME", "/tmp", 1);
	ret = read_conf(&c, e);
	if (!ret && !getenv("WMARK_MOUNTED")) {
		ret = mount_all(e);
		if (!ret)
			ret = start_again(e);
	}
	if (!ret)
		ret = keep_dma(e);
	if (!ret && c.probe) {
		guest_say(GUEST_MARK_DONE);
		guest_poweroff(g);
	}
	if (!ret)
		ret = open_archive_port(g, e);
	if (!ret)
		ret = load_modules(e);
	/* the file system first: its device has the lower number */
	if (!ret)
		ret = set_up_fs(g, &c, e);
	if (!ret)
		ret = set_up_swap(&c, e);
	arena_release(&c.mem);
	return ret;
}

_Noreturn void guest_poweroff(struct guest *g)
{
	if (g->archive_fd >= 0) {
		tcdrain(g->archive_fd);
		close(g->archive_fd);
	}
	tcdrain(1);
	sync();
	reboot(RB_POWER_OFF);
	/* for a kernel without ACPI: QEMU runs with -no-reboot, so a reboot ends the machine,
	 * too */
	reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}
