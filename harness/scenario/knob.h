/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and values of knobs, the kernel settings that a scenario or a side of a comparison asks
 * for. run/knobs.h writes them. */
#ifndef WMARK_SCENARIO_KNOB_H
#define WMARK_SCENARIO_KNOB_H

#include "base/err.h"

/* -EINVAL when @name is neither a sysctl with dots nor a path below /sys or /proc/sys, or is an
 * action (drop_caches); the message gives the reason without the name. */
int knob_name_check(const char *name, struct err *e);
/* "vm.swappiness" -> "/proc/sys/vm/swappiness"; a path stays as it is. malloc'ed. */
char *knob_path(const char *name);
/* The knob that becomes 0 when @path is written (dirty_bytes and dirty_ratio are such twins). A
 * knob that was 0 is restored by writing its twin. NULL = @path has no twin. */
const char *knob_twin(const char *path);
/* Turns the text of a knob, in place, into the value that would be written back: the bracketed word
 * of "always [madvise] never", else the trimmed text. */
void knob_value(char *text);

#endif
