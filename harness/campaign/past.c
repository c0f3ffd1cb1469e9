/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "campaign/past.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/outline.h"
#include "archive/store.h"
#include "base/alloc.h"
#include "base/fs.h"
#include "judge/copies.h"

struct candidate {
	struct outline o;
	const char *path;
	size_t want;
	bool out; /* not taken: a newer one is the same run, or there are enough newer ones */
};

struct pick {
	struct arena mem;
	const struct history_want *want;
	size_t nr_want;
	const struct history_own *own;
	size_t nr_own;
	struct candidate *v;
	size_t nr, cap;
};

/* ---------------------------------------------------------------- which runs */

static bool same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static bool fits(const char *wanted, const char *is)
{
	return !wanted || same_text(wanted, is);
}

/* Is @o a run that is judged, or a repetition of one? What is not known of a run that is only
 * planned is taken to be as in @o. */
static bool is_own(const struct pick *p, const struct outline *o)
{
	for (size_t i = 0; i < p->nr_own; i++) {
		const struct history_own *w = &p->own[i];
		struct outline own = *o;

		own.lines = w->checksum ? o->lines : 0;
		own.checksum = w->checksum;
		own.fact[OUTLINE_SCENARIO] = w->scenario;
		own.fact[OUTLINE_IMAGE_HASH] = w->image_hash;
		own.fact[OUTLINE_SEED] = w->seed;
		own.fact[OUTLINE_SETTINGS] = w->settings;
		if (outline_same_run(&own, o))
			return true;
	}
	return false;
}

/* Index of the wanted kind that @o fits; nr_want = none. */
static size_t wanted(const struct pick *p, const struct outline *o)
{
	size_t i = 0;

	for (; i < p->nr_want; i++) {
		const struct history_want *w = &p->want[i];

		if (o->complete && same_text(w->scenario, o->fact[OUTLINE_SCENARIO]) &&
		    fits(w->hash, o->fact[OUTLINE_HASH]) &&
		    fits(w->machine_key, o->fact[OUTLINE_MACHINE_KEY]) &&
		    fits(w->lru_mode, o->fact[OUTLINE_LRU_MODE]))
			break;
	}
	return i < p->nr_want && !is_own(p, o) ? i : p->nr_want;
}

static void take_file(struct pick *p, const char *path, struct buf *head, struct buf *tail)
{
	struct candidate c = { .out = false };

	if (!outline_read(&c.o, path, head, tail))
		return;
	c.want = wanted(p, &c.o);
	if (c.want == p->nr_want)
		return;
	for (int i = 0; i < NR_OUTLINE_FACTS; i++) /* the buffers are used again */
		c.o.fact[i] = c.o.fact[i] ? arena_strdup(&p->mem, c.o.fact[i]) : NULL;
	c.o.outcome = NULL;
	c.o.date = arena_strdup(&p->mem, c.o.date ? c.o.date : "");
	c.path = arena_strdup(&p->mem, path);
	ARRAY_GROW(p->v, p->nr, p->cap);
	p->v[p->nr++] = c;
}

/* Is @folder the name that store_path() gives to the folder of @scenario? Compared with that
 * function's own escaping. */
static bool is_folder_of(const char *folder, const char *scenario)
{
	for (; *folder && *scenario; folder++, scenario++)
		if (*folder != *scenario && *folder != '_')
			return false;
	return !*folder && !*scenario;
}

/* A folder that may not be read, or has gone, holds no history; any other failure is an error. */
static int pass_over(int ret)
{
	return ret == -EACCES || ret == -ENOENT ? 0 : ret;
}

static int walk_machine(struct pick *p, const char *machine, struct err *e)
{
	struct buf head = BUF_INIT, tail = BUF_INIT;
	char **names, **files;
	size_t nr, nr_files;
	int ret = pass_over(fs_list(machine, &names, &nr, e));

	for (size_t i = 0; i < nr && !ret; i++) {
		char *path = xasprintf("%s/%s", machine, names[i]);
		bool ours = false;

		for (size_t k = 0; k < p->nr_want && !ours; k++)
			ours = is_folder_of(names[i], p->want[k].scenario);
		if (ours && fs_is_dir(path)) {
			ret = pass_over(store_files(path, &files, &nr_files, e));
			for (size_t k = 0; k < nr_files && !ret; k++)
				take_file(p, files[k], &head, &tail);
			fs_list_free(files, nr_files);
		}
		free(path);
	}
	fs_list_free(names, nr);
	buf_release(&head);
	buf_release(&tail);
	return ret;
}

/* ---------------------------------------------------------------- the newest of them */

/* Order by what is counted together: runs of one scenario on one machine in one LRU mode, also
 * where several of these are wanted. */
static int by_kind(const struct candidate *a, const struct candidate *b)
{
	int d = (a->want > b->want) - (a->want < b->want);

	for (int i = 0; i < 2 && !d; i++) {
		const char *fa = a->o.fact[i ? OUTLINE_LRU_MODE : OUTLINE_MACHINE_KEY],
			   *fb = b->o.fact[i ? OUTLINE_LRU_MODE : OUTLINE_MACHINE_KEY];

		d = strcmp(fa ? fa : "", fb ? fb : "");
	}
	return d;
}

/* Order by kind; in each kind the newest first, undated runs last, ties by path. */
static int by_age(const void *pa, const void *pb)
{
	const struct candidate *a = pa, *b = pb;
	int d = by_kind(a, b);

	if (!d)
		d = strcmp(b->o.date, a->o.date);
	return d ? d : strcmp(a->path, b->path);
}

static int by_path(const void *pa, const void *pb)
{
	const struct candidate *a = pa, *b = pb;

	return strcmp(a->path, b->path);
}

/* The run of @p->v[from] to @p->v[to] that counts and is the same as that of @p->v[to]; NULL: there
 * is none. */
static const struct candidate *counted(const struct pick *p, size_t from, size_t to)
{
	for (size_t k = from; k < to; k++)
		if (!p->v[k].out && outline_same_run(&p->v[k].o, &p->v[to].o))
			return &p->v[k];
	return NULL;
}

/* Keeps the newest runs of each kind; @copies: what is not among them because it is one of them
 * once more. */
static void keep_newest(struct pick *p, struct copies *copies)
{
	if (!p->nr)
		return;
	qsort(p->v, p->nr, sizeof(*p->v), by_age);
	for (size_t from = 0, to; from < p->nr; from = to) {
		size_t kept = 0;

		for (to = from; to < p->nr && !by_kind(&p->v[from], &p->v[to]); to++) {
			bool full = kept >= HISTORY_RUNS_MAX;
			const struct candidate *same = full ? NULL : counted(p, from, to);

			p->v[to].out = full || same;
			kept += !p->v[to].out;
			if (same)
				copies_add(copies, p->v[to].path, same->path);
		}
	}
	qsort(p->v, p->nr, sizeof(*p->v), by_path);
}

static int load(struct history *h, const struct pick *p, struct err *e)
{
	int ret = 0;

	for (size_t i = 0; i < p->nr && !ret; i++)
		if (!p->v[i].out)
			ret = factset_add(&h->runs, p->v[i].path, FACTS_SAVE, e);
	return ret;
}

int history_collect(struct history *h, const char *where, const struct history_want *want,
		    size_t nr_want, const struct history_own *own, size_t nr_own, struct err *e)
{
	struct pick p = { .want = want, .nr_want = nr_want, .own = own, .nr_own = nr_own };
	struct copies copies = { 0 };
	char **names = NULL;
	size_t nr = 0;
	int ret;

	*h = (struct history){ .from = NULL };
	if (where && !strcmp(where, "none"))
		return 0;
	if (!where && !fs_is_dir(store_dir()))
		return 0;
	where = where ? where : store_dir();
	if (!fs_is_dir(where))
		return err_set(e, fs_exists(where) ? -ENOTDIR : -ENOENT, "--history: %s: %s", where,
			       fs_exists(where) ? "not a directory" : "no such directory");
	ret = fs_list(where, &names, &nr, e);
	for (size_t i = 0; i < nr && !ret; i++) {
		char *machine = xasprintf("%s/%s", where, names[i]);

		if (fs_is_dir(machine))
			ret = walk_machine(&p, machine, e);
		free(machine);
	}
	if (!ret) {
		keep_newest(&p, &copies);
		h->left_out = copies_text(&copies, "earlier run");
		h->from = xstrdup(where);
		ret = load(h, &p, e);
	}
	free(p.v);
	arena_release(&p.mem);
	fs_list_free(names, nr);
	return ret;
}

static bool has_want(const struct history_want *want, size_t nr, const struct history_want *w)
{
	for (size_t i = 0; i < nr; i++)
		if (same_text(want[i].scenario, w->scenario) && same_text(want[i].hash, w->hash) &&
		    same_text(want[i].machine_key, w->machine_key) &&
		    same_text(want[i].lru_mode, w->lru_mode))
			return true;
	return false;
}

int history_of_sides(struct history *h, const char *where, const struct factset *a,
		     const struct factset *b, struct err *e)
{
	size_t nr = a->nr + b->nr, nr_want = 0;
	struct history_want *want = xcalloc(nr + 1, sizeof(*want));
	struct history_own *own = xcalloc(nr + 1, sizeof(*own));
	int ret;

	for (size_t i = 0; i < nr; i++) {
		const struct run_facts *r = i < a->nr ? a->v[i] : b->v[i - a->nr];
		const struct history_want w = { r->scenario, facts_get(r, "scenario.hash"),
						facts_get(r, "machine.key"),
						facts_get(r, "lru.mode") };

		own[i] = (struct history_own){ w.scenario, r->head.checksum,
					       facts_get(r, "kernel.image_hash"), r->seed,
					       facts_get(r, "side.settings") };
		/* a run that broke early may lack some of these headers, and then cannot say what
		 * fits */
		if (w.scenario && w.hash && w.machine_key && w.lru_mode &&
		    !has_want(want, nr_want, &w))
			want[nr_want++] = w;
	}
	ret = history_collect(h, where, want, nr_want, own, nr, e);
	free(want);
	free(own);
	return ret;
}

/* ---------------------------------------------------------------- lists */

#define LEFT_OUT "left-out "

/* Path and checksum of a line "CHECKSUM PATH", with exactly one blank. NULL: not such a line. */
static const char *list_line(const char *line, uint64_t *checksum)
{
	if (strspn(line, "0123456789abcdef") != 16 || line[16] != ' ' || !line[17])
		return NULL;
	*checksum = strtoull(line, NULL, 16);
	return line + 17;
}

int history_from_list(struct history *h, const char *file, struct err *e)
{
	struct buf text = BUF_INIT;
	size_t nr = 0;
	int ret;

	*h = (struct history){ .from = NULL };
	ret = fs_read(file, &text, e);
	for (char *line = text.data, *next; *line && !ret; line = next) {
		uint64_t checksum;
		const char *path;

		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		nr++;
		if (!strncmp(line, LEFT_OUT, strlen(LEFT_OUT)) && !h->left_out) {
			h->left_out = xstrdup(line + strlen(LEFT_OUT));
			continue;
		}
		path = list_line(line, &checksum);
		if (!path) {
			ret = err_set(e, -EINVAL,
				      "%s:%zu: '%.60s': not a checksum of 16 hex digits and a path",
				      file, nr, line);
			break;
		}
		ret = factset_add(&h->runs, path, FACTS_SAVE, e);
		if (ret)
			ret = err_wrap(e, ret, "%s:%zu: a run of the noise model", file, nr);
		else if (h->runs.v[h->runs.nr - 1]->head.checksum != checksum)
			ret = err_set(
				e, -EINVAL,
				"%s:%zu: %s is not the run it was when the campaign was planned (checksum)",
				file, nr, path);
	}
	if (!ret)
		h->from = xstrdup(file);
	buf_release(&text);
	return ret;
}

int history_write_list(const struct history *h, const char *file, struct err *e)
{
	struct buf text = BUF_INIT;
	int ret;

	for (size_t i = 0; i < h->runs.nr; i++)
		buf_addf(&text, "%016" PRIx64 " %s\n", h->runs.v[i]->head.checksum,
			 h->runs.v[i]->head.path);
	if (h->left_out)
		buf_addf(&text, LEFT_OUT "%s\n", h->left_out);
	ret = fs_write(file, text.data, text.len, e);
	buf_release(&text);
	return ret;
}

void history_use(const struct history *h, struct cmp_opts *o)
{
	o->history = h && h->runs.nr ? (const struct run_facts *const *)h->runs.v : NULL;
	o->nr_history = o->history ? h->runs.nr : 0;
	o->history_left_out = h ? h->left_out : NULL;
}

void history_release(struct history *h)
{
	factset_release(&h->runs);
	free(h->from);
	free(h->left_out);
	h->from = h->left_out = NULL;
}
