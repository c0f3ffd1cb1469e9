/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings of the machine under test: written down before they are changed, put back afterwards.
 * The journal is on disk before the first write, so `wmark restore` can repair the machine after a
 * crash or power cut.
 */
#ifndef WMARK_RUN_KNOBS_H
#define WMARK_RUN_KNOBS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define KNOB_JOURNAL "/var/lib/wmark/knobs.journal" /* default place */

struct knobs; /* an open journal */

/*
 * @journal: the file to keep; NULL = none (a throw-away VM). -EBUSY when it exists already: an
 * earlier run did not restore its settings, or another run is going on; the message names `wmark
 * restore`.
 */
int knobs_open(struct knobs **out, const char *journal, struct err *e);
/*
 * @name: sysctl with dots (vm.swappiness) or a path below /sys or /proc/sys. -ENOENT when this
 * kernel has no such knob. Reads the old value, journals it (fsync), writes, reads back; a refused
 * value is an error naming knob and value.
 * @old, @now (malloc'ed, may be NULL): the values before and after.
 */
int knobs_set(struct knobs *k, const char *name, const char *value, char **old, char **now,
	      struct err *e);
/* Puts all settings back in reverse order, removes the journal when all went well, frees @k.
 * Returns the first failure, and tries the other settings all the same. @nr: how many were put
 * back. */
int knobs_restore(struct knobs *k, size_t *nr, struct err *e);
/*
 * The same from the journal of a run that ended without restoring its settings. @nr: how many
 * settings were put back. -ENOENT: no such journal. -EBUSY: its run is still alive. -EIO: some
 * settings could not be written (the setting is gone, or refuses its own old value); the journal
 * stays unless @force.
 */
int knobs_restore_file(const char *journal, bool force, size_t *nr, struct err *e);

#endif
