/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts settings into force on the machine under test and records them in the archive. */
#ifndef WMARK_RUN_APPLY_H
#define WMARK_RUN_APPLY_H

#include <stdbool.h>

#include "archive/archive.h"
#include "run/knobs.h"
#include "scenario/settings.h"

/*
 * Sets the knobs in their order, reads each back and records it in the archive. Boot parameters are
 * only checked: they must stand in /proc/cmdline, and process 1 also sees which of them the kernel
 * did not know. -ENOENT: this kernel has no such knob or parameter. -ERANGE: the kernel took the
 * value and made another one of it. Other errors are those of the write.
 */
int settings_apply(const struct settings *s, struct knobs *k, struct archive_writer *w,
		   struct err *e);

/* knobs_set(), which also writes the header `knob.NAME` (the new value) and the event `knob` (NAME
 * OLD -> NEW). @now (malloc'ed) may be NULL. */
int settings_knob(struct knobs *k, struct archive_writer *w, const char *name, const char *value,
		  char **now, struct err *e);

/*
 * Does a knob that reads @now have the value that @want asked for? The two are compared word by
 * word: each must be the same text, the same number (any base, K M G T) or the same truth value (1
 * y on, 0x0007). @want may hold only the first numbers of a list.
 */
bool setting_in_force(const char *want, const char *now);

#endif
