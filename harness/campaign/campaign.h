/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A campaign: the planned, interleaved runs of A and B. The plan is on disk before the first boot,
 * so an interrupted campaign goes on where it stopped, and a finished one can be repeated and
 * compared bit for bit.
 */
#ifndef WMARK_CAMPAIGN_CAMPAIGN_H
#define WMARK_CAMPAIGN_CAMPAIGN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "archive/side.h"
#include "base/arena.h"
#include "base/err.h"
#include "judge/course.h"
#include "scenario/scenario.h"
#include "scenario/settings.h"
#include "run/target.h"

/* How the campaign is judged, fixed before its first run. */
struct campaign_rules {
	double alpha;		 /* declared rate of false alarms */
	struct cmp_course looks; /* n, spend, confirm_n, confirm_alpha; one run per side and seed */
	uint64_t permutations, judge_seed;
	double fine, fine_mde; /* what exit code 0 takes, as in struct cmp_opts */
};

struct campaign_opts {
	/* where the runs take place; the caller may settle its accel between open and plan */
	struct target *target;
	const char *a, *b; /* kernel specs; NULL where the target uses the running kernel */
	struct settings settings[2]; /* of A and B */
	struct campaign_rules rules;
	const char *const *scenarios; /* names or paths */
	size_t nr_scenarios;
	const struct machine_options *machine; /* of both sides */
	/* seeds of the looks, of which the last look uses all; fresh seeds are the numbers above
	 * the largest seed */
	const uint64_t *seeds;
	size_t nr_seeds;
	unsigned jobs;
	const char *dir;   /* folder of plan and reports; made if missing */
	const char *store; /* folder of the archives */
	const char *name;  /* name of the campaign: part of the archive names */
	/* replace a plan for something else that is in dir, and remove the archives that it
	 * names */
	bool fresh;
	bool force;	/* judge runs of unlike machines */
	FILE *progress; /* NULL = silent */
	const volatile sig_atomic_t *stop;
};

enum plan_state { PLAN_TODO, PLAN_RUNNING, PLAN_DONE, PLAN_FAILED };

struct plan_run {
	long order;
	enum side side;
	size_t scenario;
	uint64_t seed;
	size_t stage; /* the look that needs it first, or COURSE_FRESH */
	const char *file;
	bool wanted; /* by campaign_want() or campaign_want_again() */
	enum plan_state state;
	bool tried; /* started by this call */
	bool again; /* a replay of a finished run */
	bool differs;
	const char *note; /* outcome, or why it differs or failed */
	double wall_s;
};

struct campaign {
	struct arena mem;
	const struct campaign_opts *o;
	struct scenario *sc;
	size_t nr_sc;
	struct vm_kernel kernel[2];
	int lock_fd;
	struct plan_run *run;
	size_t nr_runs;
	bool had_plan; /* the plan was already there, and fits */
	bool replaced; /* another plan was there, and `fresh` replaced it */
	size_t replayed, identical;
	size_t nr_run_now; /* runs made since campaign_open() */
	double took_s;	   /* wall time of these runs */
	const char *doing; /* what the wanted runs are for; printed before the progress */
};

/* Resolves kernels and scenarios and locks the directory (-EBUSY when another campaign runs in it).
 * Release @c in every case. */
int campaign_open(struct campaign *c, const struct campaign_opts *o, struct err *e);
/* Makes the plan, or finds that the one in the directory is the same. -EEXIST: the plan or an
 * archive belongs to another campaign. */
int campaign_plan(struct campaign *c, struct err *e);
/* Marks the runs of a scenario that are not done: up to look @stage, or the fresh ones. */
void campaign_want(struct campaign *c, const char *scenario, size_t stage);
/* Marks all finished runs, to be repeated and compared. */
void campaign_want_again(struct campaign *c);
/* Makes the marked runs. Returns 0 also when single runs broke: their outcome is a result. -EINTR
 * when stopped. */
int campaign_run(struct campaign *c, struct err *e);
void campaign_release(struct campaign *c);
/* The planned run @r as targets take it. */
struct run_spec campaign_spec(const struct campaign *c, const struct plan_run *r);

/*
 * A plan as its file has it, for judging without running. Files of runs that do not begin at /
 * count from the folder above the plan under which there are some: wmark ab ran there.
 */
struct campaign_file {
	struct arena mem;
	struct campaign_rules rules;
	struct campaign_file_side {
		const char *image_hash, *settings; /* NULL = the plan does not say */
	} side[NR_SIDES];
	struct campaign_file_run {
		enum side side;
		const char *scenario, *file;
		uint64_t seed;
		size_t stage;
	} *run;
	size_t nr_runs;
};
/* Errors name file, line and word. Release in every case. */
int campaign_file_load(struct campaign_file *f, const char *dir, struct err *e);
void campaign_file_release(struct campaign_file *f);
/* Is there a plan in this directory? */
bool campaign_is(const char *dir);
/* Reads seeds such as "1..4,7" into @mem; none is above 9e15. */
int campaign_seeds(const char *text, struct arena *mem, uint64_t **seeds, size_t *nr,
		   struct err *e);

#endif
