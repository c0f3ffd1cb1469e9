/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a plan, to judge a campaign without running it. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/opt.h"
#include "campaign/campaign.h"
#include "campaign/file.h"

/* as in --permutations: the judge keeps one number per relabelling */
#define PERMUTATIONS_MAX 10000000

struct reader {
	struct campaign_file *f;
	const char *path;
	size_t line, cap_runs, nr_spend;
	struct err *e;
};

char *campaign_plan_path(const char *dir)
{
	return xasprintf("%s/plan", dir);
}

bool campaign_is(const char *dir)
{
	char *path = campaign_plan_path(dir);
	bool yes = fs_exists(path);

	free(path);
	return yes;
}

static int bad(const struct reader *r, const char *word, const char *what)
{
	return err_set(r->e, -EINVAL, "%s:%zu: '%s': %s", r->path, r->line, word ? word : "", what);
}

static int number(const struct reader *r, const char *word, uint64_t *out)
{
	return !word || opt_parse_u64(word, out, NULL) ? bad(r, word, "not a number") : 0;
}

static int share(const struct reader *r, const char *word, double *out)
{
	char *end;

	if (!word)
		return bad(r, word, "a rate is missing");
	*out = strtod(word, &end);
	return end == word || *end || !(*out > 0 && *out < 1)
		       ? bad(r, word, "not a rate between 0 and 1")
		       : 0;
}

static int read_looks(struct reader *r, char *words)
{
	struct campaign_rules *rules = &r->f->rules;
	char *save = NULL;
	int ret = 0;

	for (char *w = strtok_r(words, " ", &save); w && !ret; w = strtok_r(NULL, " ", &save)) {
		uint64_t n;

		if (rules->looks.nr_looks == CMP_LOOKS_MAX)
			return bad(r, w, "too many looks");
		ret = number(r, w, &n);
		if (!ret &&
		    (n < 1 || n > 100000 ||
		     (rules->looks.nr_looks && n <= rules->looks.n[rules->looks.nr_looks - 1])))
			ret = bad(r, w, "looks must rise");
		if (!ret)
			rules->looks.n[rules->looks.nr_looks++] = (size_t)n;
	}
	return ret;
}

static int read_spend(struct reader *r, char *words)
{
	char *save = NULL;
	int ret = 0;

	for (char *w = strtok_r(words, " ", &save); w && !ret; w = strtok_r(NULL, " ", &save)) {
		if (r->nr_spend == CMP_LOOKS_MAX)
			return bad(r, w, "more rates than looks");
		ret = share(r, w, &r->f->rules.looks.spend[r->nr_spend++]);
	}
	return ret;
}

static int read_confirm(struct reader *r, char *words)
{
	struct campaign_rules *rules = &r->f->rules;
	char *save = NULL, *n = strtok_r(words, " ", &save);
	uint64_t nr;
	int ret = number(r, n, &nr);

	if (!ret && nr > 100000)
		ret = bad(r, n, "too many runs");
	if (!ret)
		rules->looks.confirm_n = (size_t)nr;
	return ret ? ret : share(r, strtok_r(NULL, " ", &save), &rules->looks.confirm_alpha);
}

/* SHARE MDE */
static int read_fine(struct reader *r, char *words)
{
	struct campaign_rules *rules = &r->f->rules;
	double *out[] = { &rules->fine, &rules->fine_mde };
	char *save = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(out); i++) {
		char *word = strtok_r(i ? NULL : words, " ", &save), *end;

		*out[i] = word ? strtod(word, &end) : NAN;
		if (!word || end == word || *end || !(*out[i] >= 0) || *out[i] > (i ? 10 : 1))
			return bad(r, word, "not a share");
	}
	return 0;
}

static int read_permutations(struct reader *r, const char *word)
{
	uint64_t *nr = &r->f->rules.permutations;
	int ret = number(r, word, nr);

	return !ret && *nr > PERMUTATIONS_MAX ? bad(r, word, "too many") : ret;
}

/* ORDER SIDE SCENARIO SEED STAGE FILE */
static int read_run(struct reader *r, char *words)
{
	struct campaign_file *f = r->f;
	struct campaign_file_run *run;
	char *save = NULL, *word[5];
	uint64_t order, stage = COURSE_FRESH;
	int ret = 0;

	for (size_t i = 0; i < ARRAY_SIZE(word); i++)
		word[i] = strtok_r(i ? NULL : words, " ", &save);
	if (!word[4] || !save || !*save)
		return bad(r, word[0], "not a run line (ORDER SIDE SCENARIO SEED STAGE FILE)");
	ARRAY_GROW(f->run, f->nr_runs, r->cap_runs);
	run = &f->run[f->nr_runs];
	*run = (struct campaign_file_run){ .stage = 0 };
	ret = number(r, word[0], &order);
	if (!ret && !side_parse(word[1], &run->side))
		ret = bad(r, word[1], "the side is A or B");
	if (!ret)
		ret = number(r, word[3], &run->seed);
	if (!ret && strcmp(word[4], "fresh") != 0) {
		ret = number(r, word[4], &stage);
		if (!ret && (stage < 1 || stage > CMP_LOOKS_MAX))
			ret = bad(r, word[4], "no such look");
	}
	if (ret)
		return ret;
	run->scenario = arena_strdup(&f->mem, word[2]);
	run->stage = (size_t)stage;
	run->file = arena_strdup(&f->mem, save);
	f->nr_runs++;
	return 0;
}

/* RELEASE IMAGE-HASH SETTINGS */
static int read_side(struct reader *r, enum side side, char *words)
{
	char *save = NULL, *release = strtok_r(words, " ", &save),
	     *hash = strtok_r(NULL, " ", &save);

	if (!hash || !save || !*save)
		return bad(r, release, "not a side (RELEASE IMAGE-HASH SETTINGS)");
	r->f->side[side] = (struct campaign_file_side){
		arena_strdup(&r->f->mem, hash),
		arena_strdup(&r->f->mem, strcmp(save, "none") ? save : "")
	};
	return 0;
}

static int read_line(struct reader *r, char *line)
{
	struct campaign_rules *rules = &r->f->rules;
	char *words = strchr(line, ' ');

	if (!words)
		return bad(r, line, "not a line of a plan");
	*words++ = '\0';
	if (!strcmp(line, "run"))
		return read_run(r, words);
	if (!strcmp(line, "A") || !strcmp(line, "B"))
		return read_side(r, *line == 'A' ? SIDE_A : SIDE_B, words);
	if (!strcmp(line, "looks"))
		return read_looks(r, words);
	if (!strcmp(line, "spend"))
		return read_spend(r, words);
	if (!strcmp(line, "confirm"))
		return read_confirm(r, words);
	if (!strcmp(line, "alpha"))
		return share(r, words, &rules->alpha);
	if (!strcmp(line, "fine"))
		return read_fine(r, words);
	if (!strcmp(line, "permutations"))
		return read_permutations(r, words);
	if (!strcmp(line, "judge-seed"))
		return number(r, words, &rules->judge_seed);
	return 0; /* name, kernels and scenarios stand in the headers of the runs, too */
}

/* Refuses a plan that does not hold as many runs of @scenario as its looks ask for: one that was
 * cut short would be judged as if it were whole. */
static int check_scenario(const struct reader *r, const char *scenario)
{
	const struct campaign_rules *rules = &r->f->rules;

	for (size_t i = 0; i < 2 * (rules->looks.nr_looks + 1); i++) {
		size_t stage = i / 2, have = 0,
		       want = stage == COURSE_FRESH ? rules->looks.confirm_n
						    : rules->looks.n[stage - 1];
		enum side side = i % 2 ? SIDE_B : SIDE_A;

		if (stage > 1)
			want -= rules->looks.n[stage - 2];
		for (size_t k = 0; k < r->f->nr_runs; k++) {
			const struct campaign_file_run *run = &r->f->run[k];

			have += run->stage == stage && run->side == side &&
				!strcmp(run->scenario, scenario);
		}
		if (have == want)
			continue;
		if (stage == COURSE_FRESH)
			return err_set(
				r->e, -EINVAL,
				"%s: %zu fresh runs of %s on side %c, but %zu are to confirm",
				r->path, have, scenario, side_letter(side), want);
		return err_set(
			r->e, -EINVAL,
			"%s: %zu runs of %s on side %c are new at look %zu, but its looks ask for %zu",
			r->path, have, scenario, side_letter(side), stage, want);
	}
	return 0;
}

static int by_name(const void *pa, const void *pb)
{
	return strcmp(*(const char *const *)pa, *(const char *const *)pb);
}

static int check_runs(const struct reader *r)
{
	const struct campaign_file *f = r->f;
	const char **v = xcalloc(f->nr_runs, sizeof(*v));
	int ret = 0;

	for (size_t i = 0; i < f->nr_runs; i++)
		v[i] = f->run[i].scenario;
	qsort(v, f->nr_runs, sizeof(*v), by_name);
	for (size_t i = 0; i < f->nr_runs && !ret; i++)
		if (!i || strcmp(v[i - 1], v[i]) != 0)
			ret = check_scenario(r, v[i]);
	for (size_t i = 0; i < f->nr_runs; i++)
		v[i] = f->run[i].file;
	qsort(v, f->nr_runs, sizeof(*v), by_name);
	for (size_t i = 1; i < f->nr_runs && !ret; i++)
		if (!strcmp(v[i - 1], v[i]))
			ret = err_set(r->e, -EINVAL, "%s: %s: the same run twice", r->path, v[i]);
	free(v);
	return ret;
}

static int check_rules(const struct reader *r)
{
	const struct campaign_rules *rules = &r->f->rules;
	double sum = 0;

	if (!rules->looks.nr_looks || r->nr_spend != rules->looks.nr_looks || rules->alpha == 0 ||
	    !rules->permutations)
		return err_set(r->e, -EINVAL, "%s: alpha, looks, spend or permutations are missing",
			       r->path);
	for (size_t i = 0; i < rules->looks.nr_looks; i++)
		sum += rules->looks.spend[i];
	if (sum > rules->alpha * (1 + 1e-9))
		return err_set(r->e, -EINVAL,
			       "%s: the looks spend %g, more than the declared alpha %g", r->path,
			       sum, rules->alpha);
	return 0;
}

static int check(struct reader *r)
{
	const struct campaign_file *f = r->f;
	int ret;

	if (!f->nr_runs)
		return err_set(r->e, -EINVAL, "%s: plans no runs", r->path);
	ret = check_rules(r);
	if (ret)
		return ret;
	for (size_t i = 0; i < f->nr_runs; i++)
		if (f->run[i].stage > f->rules.looks.nr_looks)
			return err_set(r->e, -EINVAL, "%s: a run of look %zu, but %zu looks",
				       r->path, f->run[i].stage, f->rules.looks.nr_looks);
	return check_runs(r);
}

/* Are there runs of the plan, by names that do not begin at /, below @base? */
static bool there(const struct campaign_file *f, const char *base)
{
	bool yes = false;

	for (size_t i = 0; i < f->nr_runs && !yes; i++) {
		char *path = xasprintf("%s/%s", base, f->run[i].file);

		yes = *f->run[i].file != '/' && fs_exists(path);
		free(path);
	}
	return yes;
}

/*
 * Files of the plan that do not begin at / are of the folder that wmark ab ran in, which is above
 * the plan. Those of the folder that wmark runs in now may be another campaign's.
 */
static int settle_files(const struct reader *r, const char *dir)
{
	struct campaign_file *f = r->f;
	char *base = realpath(dir, NULL), *cwd = realpath(".", NULL), *slash;
	bool found;
	int ret = 0;

	if (!base || !cwd) {
		ret = err_sys(r->e, -errno, "%s", dir);
		goto out;
	}
	while (!(found = there(f, base)) && (slash = strrchr(base, '/')) && slash[1])
		slash[slash == base] = '\0';
	if (!found && there(f, cwd))
		ret = err_set(
			r->e, -EXDEV,
			"%s: its runs (%s ...) are below none of the folders above it; others are not taken",
			r->path, f->run[0].file);
	for (size_t i = 0; i < f->nr_runs && found && strcmp(base, cwd) != 0; i++)
		if (*f->run[i].file != '/')
			f->run[i].file = arena_printf(&f->mem, "%s/%s", base, f->run[i].file);
out:
	free(base);
	free(cwd);
	return ret;
}

int campaign_file_load(struct campaign_file *f, const char *dir, struct err *e)
{
	char *path = campaign_plan_path(dir), *rest;
	struct buf text = BUF_INIT;
	struct reader r = { .f = f, .path = path, .e = e };
	struct cmp_opts usual;
	int ret;

	memset(f, 0, sizeof(*f));
	cmp_opts_init(&usual);
	f->rules.fine = usual.fine; /* of plans that do not say */
	f->rules.fine_mde = usual.fine_mde;
	ret = fs_read(path, &text, e);
	rest = text.data;
	for (char *line; !ret && rest && *rest;) {
		line = strsep(&rest, "\n");
		if (!r.line++)
			ret = strcmp(line, CAMPAIGN_MAGIC) != 0
				      ? bad(&r, line, "not a plan ('" CAMPAIGN_MAGIC "')")
				      : 0;
		else if (*line)
			ret = read_line(&r, line);
	}
	if (!ret)
		ret = check(&r);
	if (!ret)
		ret = settle_files(&r, dir);
	buf_release(&text);
	free(path);
	return ret;
}

void campaign_file_release(struct campaign_file *f)
{
	free(f->run);
	arena_release(&f->mem);
	memset(f, 0, sizeof(*f));
}
