/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan of the looks as a user writes it; what is made of it: judge/course.h. */
#ifndef WMARK_CAMPAIGN_LOOKS_H
#define WMARK_CAMPAIGN_LOOKS_H

#include "judge/course.h"

/*
 * The looks that a command line asks for: @looks "5,10,15" (NULL: 5, 10, 15, 20 as far as the seeds
 * go, and all of them), @spend "0.01,0.02,0.02" (NULL: course_spend()). *nr_seeds: how many there
 * are; cut to the last look. @c is all zero, and gets nr_looks, n and spend. -EINVAL names the
 * word: no number, not rising, more looks than seeds or rates than alpha.
 */
int looks_parse(const char *looks, const char *spend, double alpha, size_t *nr_seeds,
		struct cmp_course *c, struct err *e);
/*
 * Can the rates be reached at all? -EINVAL names the option: so few fresh runs that the clearest of
 * results does not confirm, or so few relabellings that no p-value is as small as a look's alpha.
 */
int looks_check(const struct cmp_course *c, uint64_t permutations, struct err *e);

#endif
