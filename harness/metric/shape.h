/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state that a run ran in, beside the code of the kernel: huge pages in use, swap in use, the
 * split of memory and CPUs over nodes, LRU mode, memory reserved and held, HZ, preemption model,
 * page size, compiler, memcg limits. A shift between two unlike states says nothing of the code: in
 * 2026 three public reports of reclaim regressions were withdrawn for that. Each fact is one row of
 * shape_table[]: how it is read, from which difference on it counts, to which metrics it matters,
 * and which settings explain it. judge/shape.c compares two sides.
 */
#ifndef WMARK_METRIC_SHAPE_H
#define WMARK_METRIC_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/archive.h"
#include "base/arena.h"
#include "base/buf.h"
#include "evidence/view.h"

/* The value of a fact is text, and these are its forms. */
enum shape_kind {
	SHAPE_WORD,  /* "250": equal or not */
	SHAPE_KIB,   /* "node0=37272/196212 node1=2504/196480": KiB of so many KiB, NAME=X/OF */
	SHAPE_SHARE, /* "all=0.31/1": something in use, or not */
};

enum shape_level {
	SHAPE_ALIKE,
	SHAPE_TOLD,    /* differs too little to matter, and is told */
	SHAPE_MATTERS, /* differs, and the metrics of .of are not judged */
};

struct shape_row {
	const char *key;  /* "hz": one word, for files */
	const char *name; /* "HZ": for readers */
	enum shape_kind kind;
	unsigned of; /* METRIC_OF_*: the metrics to which a difference matters */
	/*
	 * SHAPE_KIB: the least difference that is told and that matters, as a share of OF.
	 * SHAPE_SHARE: under .told it is not in use, above .matters it is; two runs differ when one
	 * is under and the other above. SHAPE_WORD: unused.
	 */
	double told, matters;
	/* patterns of fnmatch(3) for the names of settings that explain a difference */
	const char *knobs;
	const char *why; /* why it matters to these metrics */
	/* False = ABSENT: the run does not say. */
	bool (*read)(const struct run_view *v, struct buf *out);
	/* Was it used in the run? A difference of what no run used does not matter. NULL = yes */
	bool (*used)(const struct run_view *v);
	unsigned bars_on; /* MACHINE_*: where it matters; on others it is told */
};
#define SHAPES_MAX 20
extern const struct shape_row shape_table[]; /* .key == NULL ends it; at most SHAPES_MAX rows */

/* The state of one run, by row of shape_table[]. */
struct run_shape {
	struct {
		const char *text; /* NULL = ABSENT */
		bool used;
	} v[SHAPES_MAX];
};
/* All texts are in @mem. */
void run_shape_of(struct run_shape *s, const struct archive *a, struct arena *mem);
/* Index of the row @key; -1 = there is none. */
int shape_find(const char *key);

/* How far two values of a fact lie apart; both are present. */
enum shape_level shape_compare(const struct shape_row *r, const char *a, const char *b);
/*
 * Appends @value for readers: "31 %", "none", "node0 36.4 MiB". Of SHAPE_KIB only the parts that
 * differ from @other by what is told, unless that is NULL.
 */
void shape_show(const struct shape_row *r, const char *value, const char *other, struct buf *out);
/* May a setting of this name explain a difference? "vm.nr_hugepages", "boot:mem", "--lru=mglru". */
bool shape_explains(const struct shape_row *r, const char *name);

/* Readers of the rows: shape_read.c. */
typedef bool shape_read_fn(const struct run_view *v, struct buf *out);
shape_read_fn shape_lru, shape_page, shape_present, shape_cpus, shape_reserved, shape_hugetlb,
	shape_cma, shape_held, shape_kept, shape_scale, shape_thp, shape_thp_sizes, shape_swap,
	shape_zram, shape_hz, shape_preempt, shape_compiler, shape_memcg;
bool shape_swapped(const struct run_view *v);

#endif
