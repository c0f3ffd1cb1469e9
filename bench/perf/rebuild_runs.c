/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which runs the bench has, where they are, and which are still to be made. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/outline.h"
#include "archive/outcome.h"
#include "archive/store.h"
#include "base/alloc.h"
#include "campaign/campaign.h"
#include "judge/factset.h"
#include "rebuild.h"

static const struct settings no_settings = { .text = "" };

static struct run_spec spec_of(const struct bench *b, size_t kernel, size_t sc, size_t seed)
{
	return (struct run_spec){ .sc = &b->sc[sc],
				  .kernel = &b->kernel[kernel],
				  .seed = b->seed[seed],
				  .machine = &b->o->m,
				  .settings = &no_settings,
				  .side = "",
				  .order = -1 };
}

/* Where `wmark run` puts the run. malloc'ed; NULL with @e set. */
static char *run_path(const struct bench *b, const struct run_spec *s, struct err *e)
{
	struct buf machine = BUF_INIT;
	char *name = machine_run_name(&b->o->m, s->seed, s->sc, s->settings), *path = NULL;

	if (!b->target.ops->place(&b->target, s, &machine, e))
		path = store_path(machine_store(&b->o->m), machine.data, s->sc->name,
				  s->kernel->release, name, e);
	buf_release(&machine);
	free(name);
	return path;
}

/* True when @path is a run of today's scenario and machine that need not be made again. */
static bool is_made(const char *path, const struct scenario *sc, const char *key)
{
	struct buf head = BUF_INIT, tail = BUF_INIT;
	char hash[17];
	struct outline o;
	bool made;

	snprintf(hash, sizeof(hash), "%016" PRIx64, sc->hash);
	made = outline_read(&o, path, &head, &tail) && o.outcome &&
	       outcome_cause(o.outcome) != OUTCOME_HOST && o.fact[OUTLINE_HASH] &&
	       !strcmp(o.fact[OUTLINE_HASH], hash) && o.fact[OUTLINE_MACHINE_KEY] &&
	       !strcmp(o.fact[OUTLINE_MACHINE_KEY], key);
	buf_release(&head);
	buf_release(&tail);
	return made;
}

/* Calls @each for every run, kernels fastest and seeds slowest. */
static int each_run(const struct bench *b,
		    int (*each)(const struct bench *b, const char *path, bool made,
				const struct run_spec *s, size_t at, void *ctx, struct err *e),
		    void *ctx, struct err *e)
{
	size_t all = b->nr_seeds * b->nr_sc * b->nr_kernels;
	int ret = 0;

	for (size_t i = 0; i < all && !ret; i++) {
		size_t k = i % b->nr_kernels, sc = i / b->nr_kernels % b->nr_sc,
		       seed = i / b->nr_kernels / b->nr_sc;
		const struct run_spec s = spec_of(b, k, sc, seed);
		char *path = run_path(b, &s, e), key[17];

		if (!path)
			return e->code;
		ret = b->target.ops->key(&b->target, &s, key, e);
		if (!ret)
			ret = each(b, path, is_made(path, s.sc, key), &s, bench_at(b, k, sc, seed),
				   ctx, e);
		free(path);
	}
	return ret;
}

static void add_word(struct buf *out, const char *option, const char *value)
{
	if (!value)
		return;
	buf_addf(out, "--%s ", option);
	buf_add_quoted(out, value);
	buf_addc(out, ' ');
}

/* Each row of MACHINE_OPTIONS as the words of a command line; limits keep their defaults. */
#define WORDS_ENUM(field, option, letter, def, names, ...) add_word(out, option, names[m->field]);
#define WORDS_STR(field, option, ...) add_word(out, option, m->field);
#define WORDS_LIST(field, option, ...)           \
	for (size_t i = 0; i < m->field.nr; i++) \
		add_word(out, option, m->field.v[i]);
#define WORDS_DURATION(...)
#define WORDS(S, m, type, field, part, ...) WORDS_##type(field, __VA_ARGS__)

static void machine_words(const struct machine_options *m, struct buf *out)
{
	MACHINE_OPTIONS(WORDS, , m)
}

static int print_todo(const struct bench *b, const char *path, bool made, const struct run_spec *s,
		      size_t at, void *ctx, struct err *e)
{
	struct buf line = BUF_INIT;

	(void)path, (void)ctx, (void)e;
	if (!made && b->wanted[at]) {
		machine_words(&b->o->m, &line);
		add_word(&line, "kernel", s->kernel->spec);
		buf_addf(&line, "--seed %" PRIu64 " ", s->seed);
		buf_add_quoted(&line, s->sc->file);
		puts(line.data);
	}
	buf_release(&line);
	return 0;
}

int bench_todo(const struct bench *b, struct err *e)
{
	return each_run(b, print_todo, NULL, e);
}

static int load_one(const struct bench *b, const char *path, bool made, const struct run_spec *s,
		    size_t at, void *ctx, struct err *e)
{
	(void)s, (void)ctx;
	return made ? facts_load(&b->facts[at], path, FACTS_SAVE, e) : 0;
}

int bench_load(struct bench *b, struct err *e)
{
	size_t all = b->nr_seeds * b->nr_sc * b->nr_kernels;

	b->facts = xcalloc(all, sizeof(*b->facts));
	b->wanted = xcalloc(all, sizeof(*b->wanted));
	return each_run(b, load_one, NULL, e);
}

size_t bench_missing(const struct bench *b)
{
	size_t missing = 0;

	for (size_t i = 0; i < b->nr_seeds * b->nr_sc * b->nr_kernels; i++)
		missing += b->wanted[i] && !b->facts[i].head.path;
	return missing;
}

/* ---------------------------------------------------------------- what is asked for */

static int open_scenarios(struct bench *b, struct err *e)
{
	const char **name = b->o->scenario.v;
	const char *const *over;
	size_t nr = b->o->scenario.nr, nr_over;
	int ret = 0;

	if (!nr)
		ret = suite_load(b->o->suite, &b->mem, &name, &nr, e);
	if (ret)
		return ret;
	over = machine_overrides(&b->o->m, &b->mem, &nr_over);
	b->sc = arena_alloc(&b->mem, nr * sizeof(*b->sc));
	for (size_t i = 0; i < nr && !ret; i++) {
		char *path = scenario_path(name[i], e);

		ret = path ? scenario_load(&b->sc[i], arena_strdup(&b->mem, path), over, nr_over, e)
			   : -EINVAL;
		b->nr_sc += !ret;
		free(path);
	}
	return ret;
}

static int open_kernels(struct bench *b, char **spec, size_t nr, struct err *e)
{
	b->kernel = arena_alloc(&b->mem, (nr + 1) * sizeof(*b->kernel));
	memset(b->kernel, 0, (nr + 1) * sizeof(*b->kernel));
	for (size_t i = 0; i < nr; i++) {
		int ret = b->target.ops->prepare(spec[i], &b->kernel[i], e);

		b->nr_kernels += !ret;
		if (ret)
			return ret;
		for (size_t k = 0; k < i; k++)
			if (b->kernel[k].image_hash == b->kernel[i].image_hash)
				return err_set(e, -EINVAL, "%s and %s are the same image", spec[k],
					       spec[i]);
	}
	return nr < 2 ? err_set(e, -EINVAL, "which kernels? two builds of one source at least") : 0;
}

int bench_open(struct bench *b, const struct rebuild_cli *o, char **kernels, size_t nr,
	       struct err *e)
{
	int ret;

	*b = (struct bench){ .o = o, .target = target_of(&o->m, NULL) };
	if (nr > BUILDS_MAX)
		return err_set(e, -EINVAL, "more than %d kernels", BUILDS_MAX);
	if (b->target.kind != TARGET_EXACT)
		return err_set(e, -EINVAL, "--target: this bench is of the exact target");
	ret = campaign_seeds(o->seeds, &b->mem, &b->seed, &b->nr_seeds, e);
	if (!ret)
		ret = open_scenarios(b, e);
	if (!ret)
		ret = open_kernels(b, kernels, nr, e);
	return ret;
}

void bench_release(struct bench *b)
{
	for (size_t i = 0; b->facts && i < b->nr_seeds * b->nr_sc * b->nr_kernels; i++)
		facts_release(&b->facts[i]);
	free(b->facts);
	free(b->wanted);
	for (size_t i = 0; i < b->nr_kernels; i++)
		vm_kernel_release(&b->kernel[i]);
	for (size_t i = 0; i < b->nr_sc; i++)
		scenario_release(&b->sc[i]);
	arena_release(&b->mem);
}
