/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a run takes place, behind one interface: a test VM (run/on_vm.c: exact and vm) or this
 * machine (run/on_host.c). A campaign knows targets through struct target_ops alone.
 */
#ifndef WMARK_RUN_TARGET_H
#define WMARK_RUN_TARGET_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "archive/archive.h"
#include "archive/outcome.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "run/options.h"
#include "scenario/scenario.h"
#include "scenario/settings.h"
#include "vm/kernel.h"
#include "vm/machine.h"

/* What to run: one description for a single run, a replay and the runs of a campaign. */
struct run_spec {
	const struct scenario *sc;
	const struct vm_kernel *kernel; /* from the target's prepare() */
	uint64_t seed;
	const struct machine_options *machine; /* options beside the scenario: lru, cmdline */
	const struct settings *settings;       /* beside the scenario; NULL = none */
	const char *side;		       /* "A", "B" or "" */
	long order;			       /* position in the campaign; -1 = none */
};

/* How a run ended. */
struct run_end {
	enum run_outcome outcome;
	char detail[256];
	double wall_s, boot_wall_s; /* host time; boot_wall_s: 0 where nothing was booted */
	bool beside; /* not finished, and left beside a finished run (archive/place.h) */
};

struct target {
	const struct target_ops *ops;
	enum target_kind kind;
	enum vm_accel accel;	    /* TARGET_VM */
	uint64_t limit_ns, hang_ns; /* of a VM; 0 = defaults */
	const struct host_conf *host;
};

/* Every function returns 0, or -errno with a message. */
struct target_ops {
	/* The word for @t in plans and headers: "exact", "vm", "host". */
	const char *(*name)(const struct target *t);
	bool side_by_side; /* several runs may take place at once */
	bool reboots; /* another kernel would need a reboot of the machine that wmark runs on */
	/*
	 * Finds the kernel @spec, or where `reboots` is set the running one (@spec NULL). The
	 * caller releases @k with vm_kernel_release() in every case.
	 */
	int (*prepare)(const char *spec, struct vm_kernel *k, struct err *e);
	/* May @s take place here, by guards, permissions and the settings that the target can have?
	 * NULL = always. */
	int (*allow)(const struct target *t, const struct run_spec *s, struct err *e);
	/* What runs the kernel, for the plan of a campaign: "10.0.2 tcg", "none". */
	int (*emulator)(const struct target *t, struct buf *out, struct err *e);
	/* MACHINE folder of the store: "exact-qemu10.0.2-2n2c-384M", "host-0123456789abcdef". */
	int (*place)(const struct target *t, const struct run_spec *s, struct buf *out,
		     struct err *e);
	/* The header machine.key of such a run: 16 hex digits. */
	int (*key)(const struct target *t, const struct run_spec *s, char out[17], struct err *e);
	/*
	 * Returns 0 when the run could begin; the file @archive then exists, holds at least its
	 * header, and has the outcome in its H lines, whatever happened. Where a finished run is
	 * there and this one does not finish, it keeps its place (archive/place.h). @stop: a signal
	 * handler sets it, which ends the run with the outcome "stopped"; NULL = never.
	 */
	int (*run)(const struct target *t, const struct run_spec *s, const char *archive,
		   const volatile sig_atomic_t *stop, struct run_end *end, struct err *e);
};
extern const struct target_ops target_on_vm, target_on_host;

/* The target that @m asks for, with its limits; its accelerator is TCG. @host (may be NULL) must
 * outlive it. */
struct target target_of(const struct machine_options *m, const struct host_conf *host);

/* Header facts of a run in the order in which they are written: machine.* first. */
struct fact_list {
	struct arena mem;
	struct archive_note *v;
	size_t nr, cap;
};
void fact_add(struct fact_list *f, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/*
 * Adds machine.key, which every target makes alike: FNV-1a 64 of "NAME=value\n" of the machine.*
 * facts so far and the scenario's hash, 16 hex digits.
 */
void fact_add_key(struct fact_list *f, uint64_t scenario_hash);
const char *fact_get(const struct fact_list *f, const char *key); /* NULL = none */
void fact_list_release(struct fact_list *f);

#endif
