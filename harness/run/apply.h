/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings put into force on the machine under test, with their trace in the archive. */
#ifndef WMARK_RUN_APPLY_H
#define WMARK_RUN_APPLY_H

#include <stdbool.h>

#include "archive/archive.h"
#include "run/knobs.h"
#include "scenario/settings.h"

/*
 * Sets the knobs in their order and reads each back, with its trace in the archive. Boot parameters
 * are only looked for: they must stand in /proc/cmdline, and as process 1 we see which of them the
 * kernel did not know. -ENOENT: this kernel has no such knob or parameter. -ERANGE: it took the
 * value and made it another. Else what the write returned.
 */
int settings_apply(const struct settings *s, struct knobs *k, struct archive_writer *w,
		   struct err *e);

/* knobs_set(), with header `knob.NAME` (the value now) and event `knob` (NAME OLD -> NEW). @now
 * (malloc'ed) may be NULL. */
int settings_knob(struct knobs *k, struct archive_writer *w, const char *name, const char *value,
		  char **now, struct err *e);

/*
 * Is a knob that reads @now what was asked for with @want? Word by word: the same text, the same
 * number (any base, K M G T), or the same truth (1 y on, 0x0007). A list may have been written only
 * in its first numbers.
 */
bool setting_in_force(const char *want, const char *now);

#endif
