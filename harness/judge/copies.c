/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge/copies.h"

#include <stdlib.h>

#include "archive/outline.h"
#include "base/alloc.h"

void copies_add(struct copies *c, const char *path, const char *of)
{
	if (!c->nr++) {
		c->path = path;
		c->of = of;
	}
}

char *copies_text(const struct copies *c, const char *what)
{
	if (!c->nr)
		return NULL;
	return xasprintf("%zu %s%s %s and count%s once, as %s of %s", c->nr, what,
			 c->nr == 1 ? "" : "s", c->nr == 1 ? "is a copy" : "are copies",
			 c->nr == 1 ? "s" : "", c->path, c->of);
}

/* The smaller, the sounder. A panic is not hidden by an attempt that ended well. */
static int state(const struct run_facts *f)
{
	enum outcome_cause cause = f->outcome.cause;

	if (cause == OUTCOME_HOST || cause == OUTCOME_HARNESS)
		return 3;
	if (!f->final && !f->head.complete)
		return 2;
	return !f->broken;
}

/* The first of @o[nr] that is the same run as @is; nr = none. */
static size_t same_as(const struct outline *o, size_t nr, const struct outline *is)
{
	size_t i = 0;

	while (i < nr && !outline_same_run(&o[i], is))
		i++;
	return i;
}

size_t copies_drop(const struct run_facts **run, size_t nr, const struct run_facts *const *counted,
		   size_t nr_counted, struct copies *c)
{
	struct outline *o = xcalloc(nr_counted + nr + 1, sizeof(*o)), *kept = o + nr_counted;
	size_t left = 0;

	for (size_t i = 0; i < nr_counted; i++)
		outline_of(&o[i], &counted[i]->head);
	for (size_t i = 0; i < nr; i++) {
		const struct run_facts *f = run[i];
		size_t at;

		outline_of(&kept[left], &f->head);
		at = same_as(o, nr_counted + left, &kept[left]);
		if (at == nr_counted + left) {
			run[left++] = f;
			continue;
		}
		if (at < nr_counted) {
			copies_add(c, f->head.path, counted[at]->head.path);
			continue;
		}
		at -= nr_counted;
		if (state(f) < state(run[at])) {
			copies_add(c, run[at]->head.path, f->head.path);
			run[at] = f;
			kept[at] = kept[left];
		} else {
			copies_add(c, f->head.path, run[at]->head.path);
		}
	}
	free(o);
	return left;
}
