/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A NULL-terminated vector of strings that owns them: argument vectors, lists of paths. */
#ifndef WMARK_BASE_STRV_H
#define WMARK_BASE_STRV_H

#include <stdbool.h>
#include <stddef.h>

struct strv {
	char **v; /* nr malloc'ed strings and a NULL; v itself is NULL until something is added */
	size_t nr, cap;
};
#define STRV_INIT { NULL, 0, 0 }

void strv_add(struct strv *s, const char *word); /* copies it */
void strv_addf(struct strv *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool strv_has(const struct strv *s, const char *word);
void strv_release(struct strv *s); /* s is empty afterwards and can be used again */

#endif
