/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scenario files (INI): what to run, on what machine, under which settings, in which phases.
 * Sections: [scenario] [needs] [knobs] [workload NAME]... [phase] [sample] [judge]. Every error
 * names file, line and word. The order of sections is free; a key may be given once. base/ini.h
 * describes the lines.
 */
#ifndef WMARK_SCENARIO_SCENARIO_H
#define WMARK_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/opt.h"
#include "sample/sampler.h"
#include "workloads/workload.h"

struct needs {
	int64_t nodes; /* nodes with memory: the least number on a host, the exact one in a VM */
	int64_t cpus;
	struct opt_size mem; /* MemTotal: the least on a host, the size of a VM */
	/* in the order of enum vm_swap; on a host any swap will do unless it is none */
	int swap;
	struct opt_size swap_size;
	int fs; /* in the order of enum vm_fs; on a host --fs-dir */
	struct opt_size fs_size;
	uint64_t disk_ns;      /* null_blk completion time */
	const char *cmdline;   /* VM: extra kernel parameters */
	struct opt_list files; /* paths that must exist on the running kernel, else SKIP */
	/* external programs that exec workloads call, carried into a VM */
	struct opt_list programs;
};
extern const struct opt_desc needs_opts[];

struct knob {
	const char *name; /* as written: vm.swappiness, /sys/kernel/mm/... */
	const char *value;
};

struct phases {
	uint64_t settle_ns; /* quiet time between set-up and the window */
	uint64_t window_ns; /* length of the window; 0 = until every foreground instance is done */
	uint64_t limit_ns;  /* longest window; passing it is an outcome (`limit`) */
	/* longest wait for kswapd to sleep, with the load stopped and memory still held */
	uint64_t drain_ns;
	uint64_t setup_ns; /* longest set-up */
};
extern const struct opt_desc phase_opts[];

struct wl_spec {
	const char *name; /* name of the section, unique; used in archives */
	const struct workload *wl;
	struct wl_common common;
	void *cfg; /* wl->cfg_size bytes */
};

/* The window does not wait for this section: the section says so, or its workload never ends by
 * itself. */
static inline bool wl_spec_background(const struct wl_spec *s)
{
	return s->common.background || s->wl->background;
}

struct scenario {
	struct arena mem;
	const char *file; /* as given */
	const char *name, *summary;
	struct needs needs;
	struct knob *knob;
	size_t nr_knobs;
	struct wl_spec *wl;
	size_t nr_wl;
	struct phases phase;
	struct sample_cfg sample;
	const char *primary; /* [judge] primary: metric names, space-separated; "" = defaults */
	size_t primary_line; /* its line; 0 = a --set word */
	struct knob *floor;  /* [judge] floor.METRIC = 5% */
	size_t nr_floors;
	const char *text; /* canonical text: what was set, in file order, without comments */
	uint64_t hash;	  /* FNV-1a 64 of text */
};

/*
 * @overrides: "SECTION.KEY=VALUE" words (--set); SECTION is scenario, needs, knobs, phase, sample,
 * judge or a workload's name. They replace or add keys and are part of text and hash. After an
 * error nothing need be released.
 */
int scenario_load(struct scenario *s, const char *file, const char *const *overrides, size_t nr,
		  struct err *e);
int scenario_parse(struct scenario *s, const char *file, const char *text, size_t len,
		   const char *const *overrides, size_t nr, struct err *e);
/*
 * Are the metrics that [judge] names ones that a run of @s can have? @check says of one name
 * whether it is a metric, and where @primary whether it may decide on @machine; a name with a dot
 * must begin with a workload of @s. -EINVAL names file, line or option, and word.
 */
int scenario_check_judge(const struct scenario *s, unsigned machine,
			 int (*check)(const char *name, bool primary, unsigned machine,
				      struct err *e),
			 struct err *e);
void scenario_release(struct scenario *s);

/* Path of a scenario: "anon" is scenarios/anon.ini in bench_dir(); a path is taken as it is.
 * malloc'ed; NULL and @e when not found. */
char *scenario_path(const char *name_or_path, struct err *e);
/* Directory with scenarios/ and suites/: $WMARK_BENCH, ./bench, or the installed one. */
const char *bench_dir(void);
/* Scenario names of a suite file (one per line, # comments). The names are in @mem; errors name
 * file, line and word. */
int suite_load(const char *name_or_path, struct arena *mem, const char ***names, size_t *nr,
	       struct err *e);

#endif
