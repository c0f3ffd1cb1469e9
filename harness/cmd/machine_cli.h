/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of the machine that `run`, `ab` and `replay` share, and what they become. */
#ifndef WMARK_CMD_MACHINE_CLI_H
#define WMARK_CMD_MACHINE_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/opt.h"
#include "run/knobs.h"
#include "run/target.h"

struct machine_cli {
	int target, lru, accel;
	const char *cmdline, *store;
	const char *nodes, *cpus, *mem, *swap, *swap_size, *fs, *fs_size;
	struct opt_list set;
	uint64_t limit_ns, hang_ns;
};

/* clang-format off */
#define MACHINE_CLI_OPTS(S, f)                                                                                                     \
	OPT_HEAD("Machine (what the scenario's [needs] say, unless given here):"),                                                 \
	OPT_ENUM(S, f.target, "target", 't', "exact", target_names, "where to run"),                                               \
	OPT_ENUM(S, f.lru, "lru", 0, "default", lru_names, "LRU kind; default = what the kernel boots with"),                      \
	OPT_ENUM(S, f.accel, "accel", 0, "auto", accel_names, "of the vm target; auto = KVM if a probe boot works"),               \
	OPT_STR(S, f.nodes, "nodes", 0, NULL, "N", "NUMA nodes"),                                                                  \
	OPT_STR(S, f.cpus, "cpus", 0, NULL, "N", "CPUs"),                                                                          \
	OPT_STR(S, f.mem, "mem", 0, NULL, "SIZE", "memory"),                                                                       \
	OPT_STR(S, f.swap, "swap", 0, NULL, "KIND", "swap device: none zram pmem null_blk virtio"),                                \
	OPT_STR(S, f.swap_size, "swap-size", 0, NULL, "SIZE", "its size"),                                                         \
	OPT_STR(S, f.fs, "fs", 0, NULL, "KIND", "file system: none ext4-pmem ext4-null_blk ext4-virtio tmpfs"),                    \
	OPT_STR(S, f.fs_size, "fs-size", 0, NULL, "SIZE", "its size"),                                                             \
	OPT_STR(S, f.cmdline, "cmdline", 0, "", "WORDS", "extra kernel parameters"),                                               \
	OPT_LIST(S, f.set, "set", 0, "SECTION.KEY=VALUE", "override a line of the scenario"),                                      \
	OPT_DURATION(S, f.limit_ns, "limit", 0, "15m", "longest wall time of a VM run"),                                           \
	OPT_DURATION(S, f.hang_ns, "hang", 0, "2m", "no sign of life from a VM that used so much CPU time is a hang"),             \
	OPT_STR(S, f.store, "store", 0, NULL, "DIR", "result store (default $WMARK_RESULTS or results)")
/* clang-format on */

/* clang-format off */
#define HOST_CLI_OPTS(S, f) \
	OPT_HEAD("This machine (--target host):"), \
	OPT_YES(S, f.allow_global_pressure, "allow-global-pressure", 0, NULL, "put the whole machine under memory pressure"), \
	OPT_STR(S, f.fs_dir, "fs-dir", 0, NULL, "DIR", "file system to work on"), \
	OPT_STR(S, f.tmp_dir, "tmp-dir", 0, "/tmp", "DIR", "small files of external tools"), \
	OPT_STR(S, f.journal, "journal", 0, KNOB_JOURNAL, "FILE", "where changed settings are written down first"), \
	OPT_FLOAT(S, f.psi_limit, "watchdog-psi", 0, "80", 0, 100, "stop the load when memory full avg10 stays above for 5 s; 0 = never"), \
	OPT_INT(S, f.d_limit_s, "watchdog-dstate", 0, "60", 0, 86400, "... or an instance sits in D state for so many seconds; 0 = never")
/* clang-format on */

/* All overrides as --set words, in @mem. */
const char *const *machine_overrides(const struct machine_cli *m, struct arena *mem, size_t *nr);
/* The target that was asked for; @host (may be NULL) must outlive it. */
struct target machine_target(const struct machine_cli *m, const struct host_conf *host);
/*
 * Settles the accelerator of the vm target: probes KVM when asked to. -ENODEV with the reason when
 * `kvm` was demanded and does not work. The other targets have none to settle.
 */
int machine_accel(const struct machine_cli *m, const struct vm_kernel *k, struct target *t,
		  struct err *e);
/* The store to use. */
const char *machine_store(const struct machine_cli *m);

#endif
