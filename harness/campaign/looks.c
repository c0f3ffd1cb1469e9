/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads looks and spending as a user writes them (harness/man/judging.md, step 9). */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/opt.h"
#include "campaign/looks.h"

/* Gives each word of a list such as "5,10 15" to @take. */
static int each_word(const char *option, const char *list,
		     int (*take)(struct cmp_course *, const char *, struct err *),
		     struct cmp_course *r, struct err *e)
{
	char *copy = xstrdup(list), *save = NULL;
	int ret = 0;

	for (char *w = strtok_r(copy, ", ", &save); w && !ret; w = strtok_r(NULL, ", ", &save)) {
		ret = take(r, w, e);
		if (ret)
			ret = err_wrap(e, ret, "--%s %s", option, list);
	}
	free(copy);
	return ret;
}

static int take_look(struct cmp_course *r, const char *word, struct err *e)
{
	uint64_t n;

	if (opt_parse_u64(word, &n, NULL) || n < 1 || n > 100000)
		return err_set(e, -EINVAL, "'%s' is no number of seeds", word);
	if (r->nr_looks && n <= r->n[r->nr_looks - 1])
		return err_set(e, -EINVAL, "'%s': each look is at more seeds than the one before",
			       word);
	if (r->nr_looks == CMP_LOOKS_MAX)
		return err_set(e, -EINVAL, "'%s': more than %d looks", word, CMP_LOOKS_MAX);
	r->n[r->nr_looks++] = (size_t)n;
	return 0;
}

static int take_spend(struct cmp_course *r, const char *word, struct err *e)
{
	char *end;
	double v = strtod(word, &end);
	size_t i = 0;

	while (i < r->nr_looks && r->spend[i] > 0)
		i++;
	if (end == word || *end || !(v > 0 && v < 1))
		return err_set(e, -EINVAL, "'%s' is no rate between 0 and 1", word);
	if (i == r->nr_looks)
		return err_set(e, -EINVAL, "'%s': more rates than the %zu looks", word,
			       r->nr_looks);
	r->spend[i] = v;
	return 0;
}

/* Looks at 5, 10, 15, 20 as far as the seeds go, and at all of them. */
static void default_looks(size_t nr_seeds, struct cmp_course *r)
{
	struct cmp_course c;

	course_default(&c, 1);
	for (size_t i = 0; i < c.nr_looks && c.n[i] < nr_seeds; i++)
		r->n[r->nr_looks++] = c.n[i];
	r->n[r->nr_looks++] = nr_seeds;
}

static int check_spend(const struct cmp_course *r, double alpha, const char *spend, struct err *e)
{
	double sum = 0;

	for (size_t i = 0; i < r->nr_looks; i++) {
		if (r->spend[i] == 0)
			return err_set(e, -EINVAL,
				       "--spend %s: a rate for each of the %zu looks is needed",
				       spend, r->nr_looks);
		sum += r->spend[i];
	}
	if (sum > alpha * (1 + 1e-9))
		return err_set(e, -EINVAL,
			       "--spend %s: the looks spend %g, more than the declared --alpha %g",
			       spend, sum, alpha);
	return 0;
}

int looks_parse(const char *looks, const char *spend, double alpha, size_t *nr_seeds,
		struct cmp_course *r, struct err *e)
{
	int ret = 0;

	if (looks)
		ret = each_word("looks", looks, take_look, r, e);
	else
		default_looks(*nr_seeds, r);
	if (ret)
		return ret;
	if (!r->nr_looks)
		return err_set(e, -EINVAL, "--looks '%s': no number of seeds", looks);
	if (r->n[r->nr_looks - 1] > *nr_seeds)
		return err_set(e, -EINVAL,
			       "--looks %s: a look at %zu seeds, but there are %zu (--seeds)",
			       looks, r->n[r->nr_looks - 1], *nr_seeds);
	*nr_seeds = r->n[r->nr_looks - 1];
	if (spend) {
		ret = each_word("spend", spend, take_spend, r, e);
		return ret ? ret : check_spend(r, alpha, spend, e);
	}
	course_spend(r, alpha);
	return 0;
}

int looks_check(const struct cmp_course *c, uint64_t permutations, struct err *e)
{
	size_t needed = course_fresh_needed(1, c->confirm_alpha);
	double least = 1;

	if (c->confirm_n && c->confirm_n < needed)
		return err_set(
			e, -EINVAL,
			"--confirm %zu: too few fresh seeds to confirm anything at --confirm-alpha %g; %zu are enough, 0 = do not confirm",
			c->confirm_n, c->confirm_alpha, needed);
	for (size_t i = 0; i < c->nr_looks; i++)
		least = c->spend[i] < least ? c->spend[i] : least;
	if (1 / ((double)permutations + 1) > least * (1 + 1e-9))
		return err_set(
			e, -EINVAL,
			"--permutations %llu: no p-value is as small as the alpha of a look, %g; %.0f are needed",
			(unsigned long long)permutations, least, ceil(1 / least * (1 - 1e-9)) - 1);
	return 0;
}
