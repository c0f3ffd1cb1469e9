/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Allocation that cannot fail: out of memory, it aborts with a message. Allowed everywhere but in
 * the sampler's loop and the timed part of workloads, which must not allocate at all.
 */
#ifndef WMARK_BASE_ALLOC_H
#define WMARK_BASE_ALLOC_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Make room for one more element in a (pointer, used, capacity) triple; the pointer may move.
 * Elements are not cleared.
 */
#define ARRAY_GROW(ptr, nr, cap)                                             \
	do {                                                                 \
		if ((nr) >= (cap)) {                                         \
			(cap) = (cap) ? (cap) * 2 : 16;                      \
			(ptr) = xreallocarray((ptr), (cap), sizeof(*(ptr))); \
		}                                                            \
	} while (0)

#endif
