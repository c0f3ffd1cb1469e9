/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/console.h"

#include <string.h>

#include "base/buf.h"
#include "vm/guest.h"

void vm_console_line(const char *text, const char *at, char *line, size_t size)
{
	size_t n = 0;

	while (at > text && at[-1] != '\n')
		at--;
	for (; *at && *at != '\n' && n + 1 < size; at++)
		if (*at >= ' ' && *at <= '~')
			line[n++] = *at;
	line[n] = '\0';
}

bool vm_console_done(const char *text)
{
	const char *p = strstr(text, GUEST_MARK_DONE);

	return p && (p == text || p[-1] == '\n');
}

bool vm_console_panic(const char *text, char *line, size_t size)
{
	/* the "end Kernel panic" line repeats the first one */
	const char *p = strstr(text, "Kernel panic - ");

	if (!p)
		return false;
	vm_console_line(text, p, line, size);
	return true;
}

char *vm_console_tail(const char *text, unsigned lines)
{
	const char *end = text + strlen(text), *p;
	struct buf b = BUF_INIT;

	while (end > text && (end[-1] == '\n' || end[-1] == '\r'))
		end--;
	for (p = end; p > text; p--)
		if (p[-1] == '\n' && !--lines)
			break;
	for (; p < end; p++)
		if (*p == '\n' || *p == '\t' || (*p >= ' ' && *p <= '~'))
			buf_addc(&b, *p);
	if (b.len)
		buf_addc(&b, '\n');
	buf_addstr(&b, "");
	return buf_detach(&b);
}
