/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "evidence/workload_facts.h"

#include <stdlib.h>
#include <string.h>

#include "archive/keys.h"
#include "base/alloc.h"
#include "evidence/scenario_text.h"

/* NAME of scenario.workload.NAME@tail; NULL when @key is another key. */
static const char *name_in(const char *key, const char *tail, size_t *len)
{
	const size_t head = strlen(KEY_WORKLOAD), key_len = strlen(key), tail_len = strlen(tail);

	if (key_len <= head + tail_len || strncmp(key, KEY_WORKLOAD, head) != 0 ||
	    strcmp(key + key_len - tail_len, tail) != 0)
		return NULL;
	*len = key_len - head - tail_len;
	return key + head;
}

static int cmp_name(const struct workload_fact *a, const struct workload_fact *b)
{
	size_t len = a->name_len < b->name_len ? a->name_len : b->name_len;
	int d = memcmp(a->name, b->name, len);

	return d ? d : (a->name_len > b->name_len) - (a->name_len < b->name_len);
}

static int by_line(const void *pa, const void *pb)
{
	const struct workload_fact *a = pa, *b = pb;
	int d = cmp_name(a, b);

	return d ? d : (a->line > b->line) - (a->line < b->line);
}

static int by_name(const void *pa, const void *pb)
{
	return cmp_name(pa, pb);
}

static struct workload_fact *find(const struct workload_facts *f, const char *name, size_t len)
{
	const struct workload_fact want = { .name = name, .name_len = len };

	return f->nr ? bsearch(&want, f->v, f->nr, sizeof(want), by_name) : NULL;
}

void workload_facts_load(struct workload_facts *f, const struct archive *a)
{
	const char *name;
	size_t cap = 0, len, to = 0;

	*f = (struct workload_facts){ .a = a };
	for (size_t i = 0; i < a->nr_kv; i++) {
		const char *value = a->kv[i].value;

		name = name_in(a->kv[i].key, KEY_WORKLOAD_BACKGROUND, &len);
		if (!name || (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0))
			continue;
		ARRAY_GROW(f->v, f->nr, cap);
		f->v[f->nr++] = (struct workload_fact){
			.name = name, .name_len = len, .line = i, .background = *value == 'y'
		};
	}
	if (f->nr)
		qsort(f->v, f->nr, sizeof(*f->v), by_line);
	for (size_t i = 0; i < f->nr; i++) /* the last line about a name counts */
		if (i + 1 == f->nr || cmp_name(&f->v[i], &f->v[i + 1]) != 0)
			f->v[to++] = f->v[i];
	f->nr = to;
	for (size_t i = 0; i < a->nr_kv; i++) {
		struct workload_fact *w;

		name = name_in(a->kv[i].key, KEY_WORKLOAD_SLOW, &len);
		w = name ? find(f, name, len) : NULL;
		if (w)
			w->slow = a->kv[i].value;
	}
}

void workload_facts_release(struct workload_facts *f)
{
	free(f->v);
	*f = (struct workload_facts){ .a = NULL };
}

/*
 * ---------------------------------------------------------------- archives without headers
 */

/*
 * The workload types without an end of their own, and the kind that counts slow operations, in all
 * versions that wrote no such header.
 */
static const char *const endless[] = { "hog", "probe" };
#define OLD_SLOW_KIND "slow" /* of probe */

static bool was_in_background(const struct archive *a, const char *workload)
{
	struct scenario_workload w;

	scenario_workload(a, workload, &w);
	for (size_t i = 0; i < ARRAY_SIZE(endless) && !w.background; i++)
		w.background = strlen(endless[i]) == w.type_len &&
			       !memcmp(endless[i], w.type, w.type_len);
	return w.background;
}

/* ---------------------------------------------------------------- answers */

bool workload_in_background(const struct workload_facts *f, const char *workload)
{
	const struct workload_fact *w = find(f, workload, strlen(workload));

	return w ? w->background : was_in_background(f->a, workload);
}

bool workload_slow_kind(const struct workload_facts *f, const char *workload, const char *kind)
{
	const struct workload_fact *w = find(f, workload, strlen(workload));
	const char *slow = w ? w->slow : OLD_SLOW_KIND;

	return slow && !strcmp(kind, slow);
}
