/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a plan: by those who judge a campaign without running it. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/opt.h"
#include "run/campaign.h"
#include "run/campaign_internal.h"

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
	return end == word || *end || !(*out > 0 && *out < 1) ? bad(r, word, "not a rate between 0 and 1") : 0;
}

static int read_looks(struct reader *r, char *words)
{
	struct campaign_rules *rules = &r->f->rules;
	char *save = NULL;
	int ret = 0;

	for (char *w = strtok_r(words, " ", &save); w && !ret; w = strtok_r(NULL, " ", &save)) {
		uint64_t n;

		if (rules->nr_looks == CAMPAIGN_LOOKS_MAX)
			return bad(r, w, "too many looks");
		ret = number(r, w, &n);
		if (!ret && (n < 1 || n > 100000 || (rules->nr_looks && n <= rules->n[rules->nr_looks - 1])))
			ret = bad(r, w, "looks must rise");
		if (!ret)
			rules->n[rules->nr_looks++] = (size_t)n;
	}
	return ret;
}

static int read_spend(struct reader *r, char *words)
{
	char *save = NULL;
	int ret = 0;

	for (char *w = strtok_r(words, " ", &save); w && !ret; w = strtok_r(NULL, " ", &save)) {
		if (r->nr_spend == CAMPAIGN_LOOKS_MAX)
			return bad(r, w, "more rates than looks");
		ret = share(r, w, &r->f->rules.spend[r->nr_spend++]);
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
		rules->confirm_n = (size_t)nr;
	return ret ? ret : share(r, strtok_r(NULL, " ", &save), &rules->confirm_alpha);
}

/* ORDER SIDE SCENARIO SEED STAGE FILE */
static int read_run(struct reader *r, char *words)
{
	struct campaign_file *f = r->f;
	struct campaign_file_run *run;
	char *save = NULL, *word[5];
	uint64_t order, stage = CAMPAIGN_FRESH;
	int ret = 0;

	for (size_t i = 0; i < ARRAY_SIZE(word); i++)
		word[i] = strtok_r(i ? NULL : words, " ", &save);
	if (!word[4] || !save || !*save)
		return bad(r, word[0], "not a run line (ORDER SIDE SCENARIO SEED STAGE FILE)");
	ARRAY_GROW(f->run, f->nr_runs, r->cap_runs);
	run = &f->run[f->nr_runs];
	*run = (struct campaign_file_run){ .side = *word[1] };
	ret = number(r, word[0], &order);
	if (!ret && (strlen(word[1]) != 1 || (*word[1] != 'A' && *word[1] != 'B')))
		ret = bad(r, word[1], "the side is A or B");
	if (!ret)
		ret = number(r, word[3], &run->seed);
	if (!ret && strcmp(word[4], "fresh") != 0) {
		ret = number(r, word[4], &stage);
		if (!ret && (stage < 1 || stage > CAMPAIGN_LOOKS_MAX))
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

static int read_line(struct reader *r, char *line)
{
	struct campaign_rules *rules = &r->f->rules;
	char *words = strchr(line, ' ');

	if (!words)
		return bad(r, line, "not a line of a plan");
	*words++ = '\0';
	if (!strcmp(line, "run"))
		return read_run(r, words);
	if (!strcmp(line, "looks"))
		return read_looks(r, words);
	if (!strcmp(line, "spend"))
		return read_spend(r, words);
	if (!strcmp(line, "confirm"))
		return read_confirm(r, words);
	if (!strcmp(line, "alpha"))
		return share(r, words, &rules->alpha);
	if (!strcmp(line, "permutations"))
		return number(r, words, &rules->permutations);
	if (!strcmp(line, "judge-seed"))
		return number(r, words, &rules->judge_seed);
	return 0; /* name, kernels, scenarios: what the runs have in their own headers */
}

static int check(struct reader *r)
{
	const struct campaign_file *f = r->f;

	if (!f->nr_runs)
		return err_set(r->e, -EINVAL, "%s: plans no runs", r->path);
	if (!f->rules.nr_looks || r->nr_spend != f->rules.nr_looks || f->rules.alpha == 0 || !f->rules.permutations)
		return err_set(r->e, -EINVAL, "%s: alpha, looks, spend or permutations are missing", r->path);
	for (size_t i = 0; i < f->nr_runs; i++)
		if (f->run[i].stage > f->rules.nr_looks)
			return err_set(r->e, -EINVAL, "%s: a run of look %zu, but %zu looks", r->path, f->run[i].stage, f->rules.nr_looks);
	return 0;
}

int campaign_file_load(struct campaign_file *f, const char *dir, struct err *e)
{
	char *path = campaign_plan_path(dir), *rest;
	struct buf text = BUF_INIT;
	struct reader r = { .f = f, .path = path, .e = e };
	int ret;

	memset(f, 0, sizeof(*f));
	ret = fs_read(path, &text, e);
	rest = text.data;
	for (char *line; !ret && rest && *rest;) {
		line = strsep(&rest, "\n");
		if (!r.line++)
			ret = strcmp(line, CAMPAIGN_MAGIC) != 0 ? bad(&r, line, "not a plan ('" CAMPAIGN_MAGIC "')") : 0;
		else if (*line)
			ret = read_line(&r, line);
	}
	if (!ret)
		ret = check(&r);
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
