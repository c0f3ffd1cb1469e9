/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bump allocator: arena_release() frees everything at once. Memory is zeroed and 16-byte aligned.
 */
#ifndef WMARK_BASE_ARENA_H
#define WMARK_BASE_ARENA_H

#include <stddef.h>

struct arena_block;
struct arena {
	struct arena_block *head;
};

#define ARENA_INIT { NULL }

void *arena_alloc(struct arena *a, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void arena_release(struct arena *a);

#endif
