/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads what a guest printed on its console, or a program on its standard output: text that may
 * hold any byte but NUL. */
#ifndef WMARK_VM_CONSOLE_H
#define WMARK_VM_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

/* The line of @text that holds @at, without control characters, cut to @size with its NUL. */
void vm_console_line(const char *text, const char *at, char *line, size_t size);
/* Did the kernel panic? @line as above: the line that says why. */
bool vm_console_panic(const char *text, char *line, size_t size);
/* Has the guest said that its archive is whole (GUEST_MARK_DONE at the beginning of a line)? */
bool vm_console_done(const char *text);
/* The last @lines lines, printable characters only, each ended by a line break. malloc'ed. */
char *vm_console_tail(const char *text, unsigned lines);

#endif
