/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stress-ng. Its YAML (0.15.06) is flat enough to be read line by line:
 *
 * 	metrics:
 * 	    - stressor: vm
 * 	      bogo-ops: 74240
 * 	      wall-clock-time: 1.001355
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "workloads/wl_tools.h"
#include "workloads/wl_util.h"

void wl_stressng_args(struct strv *a, const struct strv *user, uint64_t seed, const char *result)
{
	char text[32];

	/* --seed and --no-rand-seed exclude each other (exit 1) */
	if (!wl_args_has(user, "--seed") && !wl_args_has(user, "--no-rand-seed")) {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)seed);
		strv_add(a, "--seed");
		strv_add(a, text);
	}
	if (!wl_args_has(user, "--metrics") && !wl_args_has(user, "--metrics-brief"))
		strv_add(a, "--metrics");
	if (!wl_args_has(user, "--oomable"))
		strv_add(a, "--oomable");
	strv_add(a, "--yaml");
	strv_add(a, result);
	/* no -q: 0.15.06 then leaves the metrics out of the YAML as well */
}

/* The part of @name that makes it a note name; the common ones get short names with their unit. */
static void note_name(char *out, size_t size, const char *stressor, const char *key)
{
	static const char *const map[][2] = {
		{ "bogo-ops-per-second-real-time", "bogo_ops_per_s_real" },
		{ "bogo-ops-per-second-usr-sys-time", "bogo_ops_per_s_cpu" },
		{ "wall-clock-time", "wall_s" },
		{ "user-time", "user_s" },
		{ "system-time", "system_s" },
		{ "cpu-usage-per-instance", "cpu_pct" },
		{ "max-rss", "max_rss_kb" },
	};
	int at = snprintf(out, size, "%s.", stressor);

	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (!strcmp(key, map[i][0]))
			key = map[i][1];
	for (; *key && at >= 0 && (size_t)at + 1 < size; key++)
		out[at++] =
			(char)(isalnum((unsigned char)*key) ? tolower((unsigned char)*key) : '_');
	if (at >= 0 && (size_t)at < size)
		out[at] = '\0';
}

/* "key: value" with any indent and an optional "- "; both copied, -1 when the line is something
 * else. */
static int key_value(const char *line, size_t len, char *key, size_t key_size, char *value,
		     size_t value_size)
{
	const char *end = line + len, *colon, *v;

	while (line < end && (*line == ' ' || *line == '-'))
		line++;
	colon = memchr(line, ':', (size_t)(end - line));
	if (!colon || colon == line || (size_t)(colon - line) >= key_size)
		return -1;
	memcpy(key, line, (size_t)(colon - line));
	key[colon - line] = '\0';
	for (v = colon + 1; v < end && *v == ' '; v++)
		;
	while (end > v && (end[-1] == ' ' || end[-1] == '\r'))
		end--;
	if ((size_t)(end - v) >= value_size)
		return -1;
	memcpy(value, v, (size_t)(end - v));
	value[end - v] = '\0';
	return 0;
}

int wl_stressng_parse(const char *text, size_t len, struct wl_slot *s, struct err *e)
{
	const char *p = text, *end = text + len;
	char stressor[32] = "", key[64], value[64], name[WL_NOTE_NAME];
	bool metrics = false, complete = false;
	unsigned found = 0;

	for (const char *nl; p < end; p = nl + 1) {
		size_t n;
		char *stop;
		double v;

		nl = memchr(p, '\n', (size_t)(end - p));
		/* a line without its end: the writer was killed while writing it */
		if (!nl)
			break;
		n = (size_t)(nl - p);
		if (n && !isspace((unsigned char)*p)) {
			complete = n == 3 && !memcmp(p, "...", 3);
			metrics = n >= 8 && !memcmp(p, "metrics:", 8);
			stressor[0] = '\0';
			continue;
		}
		if (!metrics || key_value(p, n, key, sizeof(key), value, sizeof(value)))
			continue;
		if (!strcmp(key, "stressor")) {
			snprintf(stressor, sizeof(stressor), "%.*s", (int)sizeof(stressor) - 1,
				 value);
			continue;
		}
		v = strtod(value, &stop);
		if (!*stressor || stop == value || *stop || !isfinite(v))
			continue;
		note_name(name, sizeof(name), stressor, key);
		wl_slot_note(s, name, v);
		found++;
	}
	if (!found)
		return err_set(e, -EINVAL, "no metrics in the YAML of stress-ng");
	return complete ? 0 : err_set(e, -EINVAL, "the YAML of stress-ng is truncated");
}

enum wl_verdict wl_stressng_exit(int code, const char **why)
{
	static const struct {
		enum wl_verdict verdict;
		const char *why;
	} t[] = {
		{ WL_TOOL_OK, "success" },
		{ WL_TOOL_FAILED, "bad option or fatal error" },
		{ WL_TOOL_FAILED, "a stressor failed" },
		{ WL_TOOL_FAILED,
		  "a stressor could not initialise (no memory, no space, missing system call)" },
		{ WL_TOOL_SKIP, "a stressor is not implemented on this machine" },
		{ WL_TOOL_DOUBTFUL, "a stressor was killed by a signal" },
		{ WL_TOOL_FAILED, "a stressor exited unexpectedly" },
		{ WL_TOOL_DOUBTFUL,
		  "bogo-op counts cannot be trusted (a stressor was OOM-killed)" },
	};

	if (code < 0 || (size_t)code >= ARRAY_SIZE(t)) {
		*why = "unknown exit code";
		return WL_TOOL_FAILED;
	}
	*why = t[code].why;
	return t[code].verdict;
}
