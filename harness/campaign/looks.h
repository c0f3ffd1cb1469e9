/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plan of the looks as a user writes it; judge/course.h describes what is made of it. */
#ifndef WMARK_CAMPAIGN_LOOKS_H
#define WMARK_CAMPAIGN_LOOKS_H

#include "judge/course.h"

/*
 * The looks that a command line asks for: @looks "5,10,15" (NULL: 5, 10, 15, 20 as far as the seeds
 * go, and one look at all seeds), @spend "0.01,0.02,0.02" (NULL: course_spend()). *nr_seeds: how
 * many seeds there are; reduced to those of the last look. @c is all zero, and gets nr_looks, n and
 * spend. -EINVAL names the word: no number, not rising, more looks than seeds, or rates that add up
 * to more than alpha.
 */
int looks_parse(const char *looks, const char *spend, double alpha, size_t *nr_seeds,
		struct cmp_course *c, struct err *e);
/*
 * Can the rates be reached at all? -EINVAL names the option: there are too few fresh runs to
 * confirm even the clearest result, or too few relabellings for any p-value to be as small as the
 * alpha of a look.
 */
int looks_check(const struct cmp_course *c, uint64_t permutations, struct err *e);

#endif
