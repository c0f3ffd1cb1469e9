/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Error objects: every function that can fail for outside reasons returns 0 (or a count) or -errno
 * and takes a caller-owned `struct err *` last. The message is complete when it reaches main(),
 * which alone prints it. A NULL err is allowed everywhere and means "the code is enough".
 */
#ifndef WMARK_BASE_ERR_H
#define WMARK_BASE_ERR_H

#include <stddef.h>

#define ERR_MSG_MAX 1024

struct err {
	int code; /* 0, or the negative errno of the last err_set() */
	char msg[ERR_MSG_MAX];
};

#define ERR_INIT { 0, "" }

/* All three write one line: control characters of what a message quotes become \n or \xNN. */

/* Format the message, remember @code, return @code (negative errno). */
int err_set(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* As err_set() with ": strerror(-code)" appended. */
int err_sys(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Put "context: " before the message in @e; returns e->code (or @code when e is NULL). */
int err_wrap(struct err *e, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Prints "wmark: " and the message to standard error, for what does not end the program. */
void err_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
