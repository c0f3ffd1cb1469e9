/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/strv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

static void add_owned(struct strv *s, char *word)
{
	if (s->nr + 1 >= s->cap) {
		s->cap = s->cap ? s->cap * 2 : 16;
		s->v = xreallocarray(s->v, s->cap, sizeof(*s->v));
	}
	s->v[s->nr++] = word;
	s->v[s->nr] = NULL;
}

void strv_add(struct strv *s, const char *word)
{
	add_owned(s, xstrdup(word));
}

void strv_addf(struct strv *s, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	add_owned(s, buf_detach(&b));
}

bool strv_has(const struct strv *s, const char *word)
{
	for (size_t i = 0; i < s->nr; i++)
		if (!strcmp(s->v[i], word))
			return true;
	return false;
}

void strv_release(struct strv *s)
{
	for (size_t i = 0; i < s->nr; i++)
		free(s->v[i]);
	free(s->v);
	*s = (struct strv)STRV_INIT;
}
