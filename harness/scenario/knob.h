/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and values of knobs: settings of the kernel that a scenario or a side of a comparison asks
 * for. Writing them is run/knobs.h. */
#ifndef WMARK_SCENARIO_KNOB_H
#define WMARK_SCENARIO_KNOB_H

#include "base/err.h"

/* -EINVAL with the reason, without the name: not a sysctl with dots nor a path below /sys or
 * /proc/sys, or an action (drop_caches). */
int knob_name_check(const char *name, struct err *e);
/* "vm.swappiness" -> "/proc/sys/vm/swappiness"; paths stay. malloc'ed. */
char *knob_path(const char *name);
/* The knob that becomes 0 when @path is written (dirty_bytes, dirty_ratio): put back instead of one
 * that was 0. NULL = none. */
const char *knob_twin(const char *path);
/* Value of a knob as it would be written back: the bracketed word of "always [madvise] never", else
 * the trimmed text. In place. */
void knob_value(char *text);

#endif
