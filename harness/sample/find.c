/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the sources of this machine: the table of their kinds, and the list made from it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "sample/sampler.h"
#include "sample/source.h"

void source_add(struct source_list *l, const struct source_ops *ops, const void *arg,
		uint64_t period_ns, char *what, const char *name, ...)
{
	struct source_spec s = { .ops = ops, .arg = arg, .what = what, .period_ns = period_ns };
	va_list ap;

	if (!period_ns) {
		free(what);
		return;
	}
	va_start(ap, name);
	vsnprintf(s.name, sizeof(s.name), name, ap);
	va_end(ap);
	ARRAY_GROW(l->v, l->nr, l->cap);
	l->v[l->nr++] = s;
}

void source_list_release(struct source_list *l)
{
	for (size_t i = 0; i < l->nr; i++)
		free(l->v[i].what);
	free(l->v);
	*l = (struct source_list){ .root = l->root };
}

#define SOURCE_ADDRESS(name) &source_of_##name,
static const struct source_kind *const kinds[] = { SAMPLE_SOURCES(SOURCE_ADDRESS) };

void source_find(struct source_list *l, const struct sample_cfg *cfg)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		kinds[i]->find(l, cfg);
}
