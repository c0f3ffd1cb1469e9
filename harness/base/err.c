/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/err.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A message is one line and moves no cursor, whatever stands in a name or a word that it quotes. */
static int said(struct err *e, int code)
{
	char raw[ERR_MSG_MAX];
	size_t len = 0;

	memcpy(raw, e->msg, sizeof(raw));
	for (const char *p = raw; *p; p++) {
		bool control = (unsigned char)*p < ' ' || *p == 0x7f;
		int n = snprintf(e->msg + len, sizeof(e->msg) - len,
				 !control     ? "%c"
				 : *p == '\n' ? "\\n"
					      : "\\x%02x",
				 *p);

		if (len + (size_t)n >= sizeof(e->msg))
			break;
		len += (size_t)n;
	}
	e->msg[len] = '\0';
	e->code = code;
	return code;
}

int err_set(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return code;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	return said(e, code);
}

int err_sys(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;
	size_t len;

	if (!e)
		return code;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	len = strlen(e->msg);
	snprintf(e->msg + len, sizeof(e->msg) - len, ": %s", strerror(-code));
	return said(e, code);
}

int err_wrap(struct err *e, int code, const char *fmt, ...)
{
	char ctx[ERR_MSG_MAX];
	va_list ap;
	size_t len, keep;

	if (!e)
		return code;
	va_start(ap, fmt);
	vsnprintf(ctx, sizeof(ctx) - 2, fmt, ap);
	va_end(ap);
	strcat(ctx, ": ");
	len = strlen(ctx);
	/* where both do not fit, the end of the inner message is cut */
	keep = strnlen(e->msg, sizeof(e->msg) - len - 1);
	memmove(e->msg + len, e->msg, keep);
	e->msg[len + keep] = '\0';
	memcpy(e->msg, ctx, len);
	return said(e, code);
}

void err_say(const char *fmt, ...)
{
	struct err e = ERR_INIT;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e.msg, sizeof(e.msg), fmt, ap);
	va_end(ap);
	said(&e, 0);
	fprintf(stderr, "wmark: %s\n", e.msg);
}
