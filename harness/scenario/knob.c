/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scenario/knob.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"

int knob_name_check(const char *name, struct err *e)
{
	static const char *const actions[] = { "drop_caches", "compact_memory", "stat_refresh",
					       "compact",     "reclaim",	"post_init" };
	const char *base = name + strcspn(name, "./");

	for (const char *p = name; *p; p++)
		if (*p == '.' || *p == '/')
			base = p + 1;
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++)
		if (!strcmp(base, actions[i]))
			return err_set(e, -EINVAL,
				       "an action, not a setting: it has no value to put back");
	if (*name != '/' && !strchr(name, '.'))
		return err_set(e, -EINVAL,
			       "a knob is a sysctl (vm.swappiness) or a path (/sys/...)");
	if (*name == '/' && strncmp(name, "/sys/", 5) != 0 && strncmp(name, "/proc/sys/", 10) != 0)
		return err_set(e, -EINVAL, "only /sys and /proc/sys hold knobs");
	if (strstr(name, ".."))
		return err_set(e, -EINVAL, "'..' in a knob");
	return *base ? 0 : err_set(e, -EINVAL, "nothing after the last '%c'", base[-1]);
}

char *knob_path(const char *name)
{
	char *path;

	if (*name == '/')
		return xstrdup(name);
	path = xasprintf("/proc/sys/%s", name);
	for (char *p = path + strlen("/proc/sys/"); *p; p++)
		if (*p == '.')
			*p = '/';
	return path;
}

void knob_value(char *text)
{
	char *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL;
	size_t len;

	if (close) {
		len = (size_t)(close - open - 1);
		memmove(text, open + 1, len);
	} else {
		len = strlen(text);
	}
	while (len && strchr(" \t\n", text[len - 1]))
		len--;
	text[len] = '\0';
}

/*
 * Writing one of these makes the other 0 (mm/page-writeback.c dirty_bytes_handler(), mm/util.c
 * overcommit_kbytes_handler()). The one that is 0 cannot be written back: the kernel refuses the 0,
 * or takes it and leaves both 0.
 */
static const char *const twins[][2] = {
	{ "/proc/sys/vm/dirty_bytes", "/proc/sys/vm/dirty_ratio" },
	{ "/proc/sys/vm/dirty_background_bytes", "/proc/sys/vm/dirty_background_ratio" },
	{ "/proc/sys/vm/overcommit_kbytes", "/proc/sys/vm/overcommit_ratio" },
};

const char *knob_twin(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(twins); i++)
		for (size_t j = 0; j < 2; j++)
			if (!strcmp(path, twins[i][j]))
				return twins[i][1 - j];
	return NULL;
}
