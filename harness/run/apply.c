/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/apply.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "probe/probe.h"
#include "scenario/knob.h"

#define BLANKS " \t\r\n"
#define SYSCTL "sysctl." /* boot parameter from 5.8 on: fs/proc/proc_sysctl.c do_sysctl_args() */

int settings_knob(struct knobs *k, struct archive_writer *w, const char *name, const char *value,
		  char **now, struct err *e)
{
	char *old = NULL, *new = NULL, key[160];
	int ret = knobs_set(k, name, value, &old, &new, e);

	if (!ret) {
		snprintf(key, sizeof(key), "knob.%.150s", name);
		archive_header(w, key, "%s", new);
		archive_event(w, "knob", "%s %s -> %s", name, old, new);
	}
	free(old);
	if (now && !ret)
		*now = new;
	else
		free(new);
	return ret;
}

/*
 * Parameters that x86 reads off the command line by itself (6.12 arch/x86: cmdline_find_option();
 * pti until 6.9): they have no __setup() either, and reach process 1 although the kernel heeded
 * them.
 */
static bool read_by_hand(const char *name)
{
	static const char *const names[] = {
		"acpi",
		"acpi_rsdp",
		"clearcpuid",
		"dis_ucode_ldr",
		"edd",
		"forcepae",
		"fred",
		"mem_encrypt",
		"no387",
		"no5lvl",
		"nofxsr",
		"nokaslr",
		"nopti",
		"nospec_store_bypass_disable",
		"nospectre_v2",
		"nousershstk",
		"noxsave",
		"noxsaveopt",
		"noxsaves",
		"pti",
		"spec_store_bypass_disable",
		"spectre_v2",
		"spectre_v2_user",
		"split_lock_detect",
		"tsx",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/*
 * A parameter that no handler took goes to process 1: NAME=VALUE as its environment, NAME as its
 * argument (init/main.c unknown_bootoption(), also for a handler that refused the value). Names
 * with a dot are dropped instead.
 */
static bool unknown_to_kernel(const struct setting *s, const struct buf *args)
{
	if (read_by_hand(s->name))
		return false;
	if (s->value)
		return getenv(s->name) != NULL;
	for (const char *p = args->data; p < args->data + args->len; p += strlen(p) + 1)
		if (!strcmp(p, s->name))
			return true;
	return false;
}

/* The file that shows the value which a boot parameter has set; NULL = none that is known.
 * malloc'ed. */
static char *effect_path(const char *name)
{
	const char *dot = strchr(name, '.');
	char *path;

	if (!strcmp(name, "transparent_hugepage"))
		return xstrdup("/sys/kernel/mm/transparent_hugepage/enabled");
	if (!strncmp(name, SYSCTL, strlen(SYSCTL)))
		return knob_path(name + strlen(SYSCTL));
	if (!dot)
		return NULL;
	path = xasprintf("/sys/module/%.*s/parameters/%s", (int)(dot - name), name, dot + 1);
	for (char *p = path; *p; p++)
		if (*p == '-')
			*p = '_';
	return path;
}

/* Names with a dot that are not parameters of a module (6.12: __setup() and early_param() outside
 * of arch) */
static bool module_missing(const char *name)
{
	static const char *const others[] = { "cgroup",	  "cpuhp",  "devtmpfs", "fw_devlink",
					      "iommu",	  "kasan",  "lsm",	"printk",
					      "proc_mem", "random", "workqueue" };
	const char *dot = strchr(name, '.');
	char *dir;
	bool have = !dot;

	for (size_t i = 0; i < ARRAY_SIZE(others) && dot; i++)
		have |= strlen(others[i]) == (size_t)(dot - name) &&
			!strncmp(name, others[i], strlen(others[i]));
	if (have)
		return false;
	dir = xasprintf("/sys/module/%.*s", (int)(dot - name), name);
	for (char *p = dir; *p; p++)
		if (*p == '-')
			*p = '_';
	have = fs_is_dir(dir);
	free(dir);
	return !have;
}

/*
 * A kernel may drop a value without a word (transparent_hugepage on a machine below 512 MiB, all
 * parameters of a module that is not there), and a knob of the scenario may have changed it since.
 */
static int check_effect(const struct setting *s, struct err *e)
{
	const char *want = s->value ? s->value : "1";
	char *path = effect_path(s->name);
	struct buf now = BUF_INIT;
	int ret = 0;

	if (path && !fs_read(path, &now, NULL)) {
		knob_value(now.data);
		if (!setting_in_force(want, now.data))
			ret = err_set(e, -ERANGE, "boot:%s: '%s' is not in force: %s is '%s'",
				      s->name, want, path, now.data);
	} else if (!strncmp(s->name, SYSCTL, strlen(SYSCTL)) || module_missing(s->name)) {
		ret = err_set(e, -ENOENT, "boot:%s: nothing in this kernel has this parameter",
			      s->name);
	}
	buf_release(&now);
	free(path);
	return ret;
}

static int check_boot(const struct setting *s, const struct buf *cmdline, const struct buf *args,
		      struct err *e)
{
	const char *value, *want = s->value ? s->value : "", *eq = s->value ? "=" : "";
	size_t len;

	if (!probe_cmdline(cmdline->data, cmdline->len, s->name, &value, &len) ||
	    len != strlen(want) || memcmp(value, want, len) != 0)
		return err_set(
			e, -EIO,
			"boot:%s%s%s: not on the kernel's command line as it was given: cut off, or set again after it",
			s->name, eq, want);
	if (getpid() == 1 && unknown_to_kernel(s, args))
		return err_set(
			e, -ENOENT,
			"boot:%s%s%s: this kernel does not know the parameter, or not with this value",
			s->name, eq, want);
	return check_effect(s, e);
}

static int check_all_boot(const struct settings *s, struct err *e)
{
	struct buf cmdline = BUF_INIT, args = BUF_INIT;
	int ret = fs_read("/proc/cmdline", &cmdline, e);

	if (!ret)
		ret = fs_read("/proc/self/cmdline", &args, e);
	for (size_t i = 0; i < s->nr && !ret; i++)
		if (s->v[i].kind == SETTING_BOOT)
			ret = check_boot(&s->v[i], &cmdline, &args, e);
	buf_release(&cmdline);
	buf_release(&args);
	return ret;
}

int settings_apply(const struct settings *s, struct knobs *k, struct archive_writer *w,
		   struct err *e)
{
	int ret = settings_first(s, SETTING_BOOT) ? check_all_boot(s, e) : 0;

	for (size_t i = 0; s && i < s->nr && !ret; i++) {
		char *now = NULL;

		if (s->v[i].kind != SETTING_KNOB)
			continue;
		ret = settings_knob(k, w, s->v[i].name, s->v[i].value, &now, e);
		if (!ret && !setting_in_force(s->v[i].value, now))
			ret = err_set(e, -ERANGE, "%s: the kernel took '%s' and made it '%s'",
				      s->v[i].name, s->v[i].value, now);
		free(now);
	}
	return ret;
}

/* ---------------------------------------------------------------- the value read back */

/* "0x7", "-1", "128M" (lib/cmdline.c memparse()) */
static bool number(const char *w, long long *out)
{
	static const char units[] = "kmgt";
	const char *unit;
	char *end;

	errno = 0;
	*out = (long long)strtoull(w, &end, 0);
	if (end == w || errno)
		return false;
	unit = *end && !end[1] ? strchr(units, tolower((unsigned char)*end)) : NULL;
	if (unit && (end++, __builtin_mul_overflow(*out, 1ll << 10 * (unit - units + 1), out)))
		return false;
	return !*end;
}

/* 1, 0, or -1 for a word that is no truth value: lib/kstrtox.c kstrtobool() and the words that
 * sysfs prints */
static int truth(const char *w)
{
	static const char *const words[][6] = {
		{ "n", "no", "off", "false", "disabled", "f" },
		{ "y", "yes", "on", "true", "enabled", "t" },
	};
	long long v;

	for (int t = 0; t < 2; t++)
		for (size_t i = 0; i < ARRAY_SIZE(words[t]); i++)
			if (!strcasecmp(w, words[t][i]))
				return t;
	return number(w, &v) ? v != 0 : -1;
}

static bool same_word(const char *want, const char *now)
{
	long long a, b;
	bool na = number(want, &a), nb = number(now, &b);

	if (!strcmp(want, now))
		return true;
	if (na && nb)
		return a == b;
	return truth(want) >= 0 && truth(want) == truth(now);
}

bool setting_in_force(const char *want, const char *now)
{
	char *a = xstrdup(want), *b = xstrdup(now), *sa = NULL, *sb = NULL;
	char *p = strtok_r(a, BLANKS, &sa), *q = strtok_r(b, BLANKS, &sb);
	bool same = p != NULL, numbers = true;
	long long v;

	for (; p && q && same; p = strtok_r(NULL, BLANKS, &sa), q = strtok_r(NULL, BLANKS, &sb)) {
		numbers &= number(p, &v);
		same = same_word(p, q);
	}
	/* the list reads back longer: only its first numbers were written */
	same = same && !p && (!q || numbers);
	free(a);
	free(b);
	return same;
}
