/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings of one side of a comparison ("vm.swappiness=60 boot:transparent_hugepage=never"):
 * applied beside the scenario and recorded in the archive. They are no part of the machine key, so
 * that two settings can be compared.
 */
#ifndef WMARK_SCENARIO_SETTINGS_H
#define WMARK_SCENARIO_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum setting_kind {
	SETTING_KNOB, /* sysctl with dots (vm.swappiness) or a path below /sys or /proc/sys */
	SETTING_BOOT, /* boot:NAME or boot:NAME=VALUE: kernel parameter; VM targets only */
	/* env:NAME=VALUE: environment of the workloads and of the commands they start */
	SETTING_ENV,
};

struct setting {
	enum setting_kind kind;
	const char *name, *value; /* value NULL: a boot parameter that has none */
};

struct settings {
	/* canonical text: the words in the order given, one space between them; "" = none */
	const char *text;
	struct setting *v;
	size_t nr;
};

/*
 * @text: words separated by blanks; a value with blanks stands in double quotes; "none" alone or
 * "" = no setting. All of @out is in @mem. -EINVAL names the word: no '=', an unknown kind, a name
 * twice, a knob outside /sys and /proc/sys.
 */
int settings_parse(const char *text, struct arena *mem, struct settings *out, struct err *e);

/* The first setting of this kind; NULL = none. @s may be NULL, here and below. */
const struct setting *settings_first(const struct settings *s, enum setting_kind kind);

/* Appends the boot parameters as a kernel's command line has them, with a blank before each unless
 * @out is empty. */
void settings_add_boot(const struct settings *s, struct buf *out);

/* Adds the env: settings to the environment of the calling process, a child that becomes a workload
 * or a command. */
void settings_export(const struct settings *s);

#endif
