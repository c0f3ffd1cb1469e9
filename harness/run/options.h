/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Options of a run's machine, and the guards of a host, as `run` and `ab` take them. One row says
 * everything about an option: its field, how it is parsed, its --help text, and its part in a run.
 * Fields, option tables, the man page, names of runs, plans of campaigns, overrides of the scenario
 * and replays follow from the rows.
 */
#ifndef WMARK_RUN_OPTIONS_H
#define WMARK_RUN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "archive/archive.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/opt.h"
#include "run/knobs.h"
#include "scenario/scenario.h"
#include "scenario/settings.h"

enum target_kind { TARGET_EXACT, TARGET_VM, TARGET_HOST };
enum accel_choice { ACCEL_AUTO, ACCEL_KVM, ACCEL_TCG };
/* Names in the order of the enums, and of the LRU modes ("default", "classic", "mglru"); each ended
 * by NULL. */
extern const char *const target_names[], *const lru_names[], *const accel_names[];

/* The part that an option has in a run. The value of all but PART_DRIVER is one word (STR, ENUM) or
 * a list of words. */
enum option_part {
	/* how runs are carried out: stands in no name and no plan */
	PART_DRIVER,
	/* where a run takes place: stands in the folder of the archive and in the plan's target */
	PART_TARGET,
	/*
	 * Overrides lines of the scenario, whose hash every plan has. A word sets the key of
	 * [needs] with the option's name (_ for -); a list holds the overrides themselves.
	 */
	PART_SCENARIO,
	/*
	 * Beside the scenario: a line of the plan, and the header run.NAME, from which a replay
	 * takes the value. A _WORD stands in the names of runs unless it is the default, and the
	 * run itself writes its header (run_here()). A _TEXT goes into the hash in these names, and
	 * the target writes its header. Both have a default.
	 */
	PART_RUN_WORD,
	PART_RUN_TEXT,
};

/* clang-format off */
#define MACHINE_OPTIONS(X, S, f) \
	X(S, f, ENUM, target, PART_TARGET, "target", 't', "exact", target_names, "where to run") \
	X(S, f, ENUM, lru, PART_RUN_WORD, "lru", 0, "default", lru_names, \
		"LRU kind; default = what the kernel boots with") \
	X(S, f, ENUM, accel, PART_TARGET, "accel", 0, "auto", accel_names, \
		"accelerator of the vm target; auto = KVM if a probe boot works") \
	X(S, f, STR, nodes, PART_SCENARIO, "nodes", 0, NULL, "N", "NUMA nodes") \
	X(S, f, STR, cpus, PART_SCENARIO, "cpus", 0, NULL, "N", "CPUs") \
	X(S, f, STR, mem, PART_SCENARIO, "mem", 0, NULL, "SIZE", "memory") \
	X(S, f, STR, swap, PART_SCENARIO, "swap", 0, NULL, "KIND", \
		"swap device: none zram pmem null_blk virtio") \
	X(S, f, STR, swap_size, PART_SCENARIO, "swap-size", 0, NULL, "SIZE", \
		"size of the swap device") \
	X(S, f, STR, fs, PART_SCENARIO, "fs", 0, NULL, "KIND", \
		"file system: none ext4-pmem ext4-null_blk ext4-virtio tmpfs") \
	X(S, f, STR, fs_size, PART_SCENARIO, "fs-size", 0, NULL, "SIZE", \
		"size of the file system") \
	X(S, f, STR, cmdline, PART_RUN_TEXT, "cmdline", 0, "", "WORDS", "extra kernel parameters") \
	X(S, f, LIST, set, PART_SCENARIO, "set", 0, "SECTION.KEY=VALUE", \
		"override a line of the scenario") \
	X(S, f, DURATION, limit_ns, PART_DRIVER, "limit", 0, "15m", \
		"longest wall time of a VM run") \
	X(S, f, DURATION, hang_ns, PART_DRIVER, "hang", 0, "2m", \
		"a VM without a sign of life while it uses so much CPU time hangs") \
	X(S, f, STR, store, PART_DRIVER, "store", 0, NULL, "DIR", \
		"result store (default $WMARK_RESULTS or results)")

#define HOST_OPTIONS(X, S, f) \
	X(S, f, YES, allow_global_pressure, PART_DRIVER, "allow-global-pressure", 0, NULL, \
		"put the whole machine under memory pressure") \
	X(S, f, STR, fs_dir, PART_DRIVER, "fs-dir", 0, NULL, "DIR", "file system to work on") \
	X(S, f, STR, tmp_dir, PART_DRIVER, "tmp-dir", 0, "/tmp", "DIR", \
		"directory for small files of external tools") \
	X(S, f, STR, journal, PART_DRIVER, "journal", 0, KNOB_JOURNAL, "FILE", \
		"file in which settings are recorded before they change") \
	X(S, f, FLOAT, psi_limit, PART_DRIVER, "watchdog-psi", 0, "80", 0, 100, \
		"stop the load when memory full avg10 stays above this for 5 s; 0 = never") \
	X(S, f, INT, d_limit_s, PART_DRIVER, "watchdog-dstate", 0, "60", 0, 86400, \
		"stop the load when an instance sits in D state for so many seconds; 0 = never")
/* clang-format on */

/* What a row becomes: a field of this C type, and an option in the table of a struct @S with field
 * @f. */
#define OPTION_FIELD_ENUM int
#define OPTION_FIELD_STR const char *
#define OPTION_FIELD_LIST struct opt_list
#define OPTION_FIELD_DURATION uint64_t
#define OPTION_FIELD_YES bool
#define OPTION_FIELD_FLOAT double
#define OPTION_FIELD_INT int64_t
#define OPTION_FIELD(S, f, type, field, ...) OPTION_FIELD_##type field;
#define OPTION_DESC(S, f, type, field, part, ...) OPT_##type(S, f.field, __VA_ARGS__),

/* A string that was not given is NULL or the default; an enum is an index of its names. */
struct machine_options {
	MACHINE_OPTIONS(OPTION_FIELD, , )
};
/* The guards of the host target: what its user has allowed, and where it may write. */
struct host_conf {
	HOST_OPTIONS(OPTION_FIELD, , )
};

/* For the option table of a command whose struct @S holds the options as @f; no comma follows. */
#define MACHINE_OPTS(S, f) \
	OPT_HEAD("Machine (default: the scenario's [needs]):"), MACHINE_OPTIONS(OPTION_DESC, S, f)
#define HOST_OPTS(S, f) OPT_HEAD("This machine (--target host):"), HOST_OPTIONS(OPTION_DESC, S, f)

/* The values when no option is given. */
void machine_defaults(struct machine_options *m);
/*
 * For a replay: the options beside the scenario as the headers run.* of @a say. The others have
 * their defaults, and so have options that the build which wrote @a did not know. The strings
 * belong to the archive. -EINVAL names a header that is wrong.
 */
int machine_of_run(struct machine_options *m, const struct archive *a, struct err *e);
/* Overrides of the scenario as --set words, those of the option --set itself last. The words are in
 * @mem and @m. */
const char *const *machine_overrides(const struct machine_options *m, struct arena *mem,
				     size_t *nr);
/* Header and value of the @nth PART_RUN_TEXT option, the header in @mem; false after the last
 * one. */
bool machine_header(const struct machine_options *m, size_t nth, struct arena *mem,
		    const char **header, const char **value);
/* Appends the options' lines "NAME VALUE\n" of a campaign's plan. */
void machine_plan(const struct machine_options *m, struct buf *out);
/*
 * Name of a run in the store, without its suffix: "s1", "s1-mglru", "s1-0123abcd". Anything else
 * that was asked for is in the hash, so that two different runs have two files. malloc'ed.
 */
char *machine_run_name(const struct machine_options *m, uint64_t seed, const struct scenario *sc,
		       const struct settings *set);
/* The store to use. */
const char *machine_store(const struct machine_options *m);

#endif
