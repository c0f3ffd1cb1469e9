/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fio: --output-format=json+, whose clat bins are a whole histogram that is added to the instance's
 * own. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "workloads/wl_tools.h"
#include "workloads/wl_util.h"

/* A job that writes must be allowed to make its files. A job file decides for itself: its options
 * override those given here. */
static bool writes(const struct strv *user)
{
	static const char *const opts[] = { "--rw", "--readwrite" };

	for (size_t i = 0; i < user->nr; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(opts); k++) {
			size_t n = strlen(opts[k]);
			const char *v;

			if (strncmp(user->v[i], opts[k], n) != 0 ||
			    (user->v[i][n] && user->v[i][n] != '='))
				continue;
			v = user->v[i][n]      ? user->v[i] + n + 1
			    : i + 1 < user->nr ? user->v[i + 1]
					       : "";
			if (strstr(v, "write") || strstr(v, "rw"))
				return true;
		}
	}
	return false;
}

void wl_fio_args(struct strv *a, const struct strv *user, uint64_t seed, const char *result)
{
	char *text = xasprintf("--output=%s", result), num[40];

	strv_add(a, "--output-format=json+");
	strv_add(a, text);
	free(text);
	/* as root fio silently makes a missing input file and reads that, exit 0 */
	if (!writes(user) && !wl_args_has(user, "--allow_file_create"))
		strv_add(a, "--allow_file_create=0");
	if (!wl_args_has(user, "--randseed")) {
		snprintf(num, sizeof(num), "--randseed=%llu", (unsigned long long)seed);
		strv_add(a, num);
	}
}

static double number(const json_t *obj, const char *key)
{
	double v = json_number_value(json_object_get(obj, key));

	return isfinite(v) ? v : 0;
}

static void note(struct wl_slot *s, const char *job, const char *dir, const char *what, double v)
{
	char name[2 * WL_NOTE_NAME];

	snprintf(name, sizeof(name), "%s%s%s.%s", job, *dir ? "." : "", dir, what);
	wl_slot_note(s, name, v);
}

static void note_latency(struct wl_slot *s, const char *job, const char *dir, const json_t *clat)
{
	static const struct {
		const char *key, *name;
	} pct[] = {
		{ "50.000000", "clat_p50_ns" },
		{ "90.000000", "clat_p90_ns" },
		{ "99.000000", "clat_p99_ns" },
		{ "99.900000", "clat_p99.9_ns" },
	};
	const json_t *p = json_object_get(clat, "percentile"), *v;

	note(s, job, dir, "clat_mean_ns", number(clat, "mean"));
	note(s, job, dir, "clat_max_ns", number(clat, "max"));
	for (size_t i = 0; i < ARRAY_SIZE(pct); i++) {
		v = json_object_get(p, pct[i].key);
		if (json_is_number(v))
			note(s, job, dir, pct[i].name, json_number_value(v));
	}
}

static void one_direction(struct wl_slot *s, const char *job, const char *dir, const json_t *d,
			  int kind)
{
	json_t *clat = json_object_get(d, "clat_ns"), *bins = json_object_get(clat, "bins"), *v;
	double ios = number(d, "total_ios");
	const char *key;

	if (ios <= 0 || ios > 1e18)
		return;
	note(s, job, dir, "bw_bytes", number(d, "bw_bytes"));
	note(s, job, dir, "iops", number(d, "iops"));
	note(s, job, dir, "io_bytes", number(d, "io_bytes"));
	note(s, job, dir, "runtime_ms", number(d, "runtime"));
	note_latency(s, job, dir, clat);
	if (kind < 0)
		return;
	s->ops[kind] += (uint64_t)ios;
	s->bytes[kind] += number(d, "io_bytes") > 0 && number(d, "io_bytes") < 1e18
				  ? (uint64_t)number(d, "io_bytes")
				  : 0;
	json_object_foreach(bins, key, v)
	{
		char *stop;
		uint64_t ns = strtoull(key, &stop, 10);

		if (stop != key && !*stop && json_is_integer(v) && json_integer_value(v) > 0)
			hist_add(&s->hist[kind], ns, (uint64_t)json_integer_value(v));
	}
}

static int one_job(struct wl_slot *s, const json_t *job, const json_t *all, size_t index,
		   struct err *e)
{
	const char *given = json_string_value(json_object_get(job, "jobname"));
	double error = number(job, "error");
	char name[56];

	snprintf(name, sizeof(name), "%.30s", given && *given ? given : "job");
	for (size_t i = 0; i < index; i++) {
		const char *before =
			json_string_value(json_object_get(json_array_get(all, i), "jobname"));

		/* with numjobs several jobs have one name */
		if (given && before && !strcmp(before, given)) {
			snprintf(name, sizeof(name), "%.26s#%zu", given, index);
			break;
		}
	}
	one_direction(s, name, "read", json_object_get(job, "read"), EXEC_READ);
	one_direction(s, name, "write", json_object_get(job, "write"), EXEC_WRITE);
	one_direction(s, name, "trim", json_object_get(job, "trim"), -1);
	note(s, name, "", "usr_cpu_pct", number(job, "usr_cpu"));
	note(s, name, "", "sys_cpu_pct", number(job, "sys_cpu"));
	note(s, name, "", "majf", number(job, "majf"));
	note(s, name, "", "minf", number(job, "minf"));
	note(s, name, "", "error", error);
	if (error > 0 && error < 4096)
		return err_set(e, -EIO, "fio job %s: %s", name, strerror((int)error));
	return 0;
}

int wl_fio_parse(const char *text, size_t len, struct wl_slot *s, struct err *e)
{
	/* messages such as "terminating on signal" come before the JSON */
	const char *json = memchr(text, '{', len);
	json_error_t je;
	json_t *root, *jobs, *job;
	size_t i;
	int ret = 0;

	if (!json)
		return err_set(e, -EINVAL, "no JSON in the output of fio");
	root = json_loadb(json, len - (size_t)(json - text), JSON_DISABLE_EOF_CHECK, &je);
	if (!root)
		return err_set(e, -EINVAL, "the JSON of fio is broken at line %d: %s", je.line,
			       je.text);
	jobs = json_object_get(root, "jobs");
	if (!json_is_array(jobs) || !json_array_size(jobs))
		ret = err_set(e, -EINVAL, "the JSON of fio has no jobs");
	json_array_foreach(jobs, i, job)
	{
		int one = one_job(s, job, jobs, i, ret ? NULL : e);

		ret = ret ? ret : one;
	}
	json_decref(root);
	return ret;
}
