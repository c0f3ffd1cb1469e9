/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds tracefs and removes what was set in it: our own at the end of a run, that of killed runs
 * later.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "sample/trace_place.h"

#define INSTANCE_PREFIX "wmark-"
#define SYNTH_NAME "wmark_stall"

void trace_place_init(struct trace_place *p)
{
	*p = (struct trace_place){ .mount = -1 };
}

void trace_place_release(struct trace_place *p)
{
	if (p->mount >= 0)
		close(p->mount);
	free(p->tracefs);
	free(p->dir);
	free(p->synth);
	trace_place_init(p);
}

char *trace_event_file(const struct trace_place *p, const char *event, const char *file)
{
	return xasprintf("%s/events/%s/%s", p->dir, event, file);
}

/*
 * Mounts tracefs where nobody has: the mount is in no folder, is reached through its descriptor
 * alone and ends with it, so that nothing is left to undo (fsmount(2), 5.2).
 */
static int mount_aside(struct err *e)
{
	int fs = fsopen("tracefs", FSOPEN_CLOEXEC), fd = -1, ret = 0;

	if (fs < 0)
		ret = -errno;
	else if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		ret = -errno;
	else if ((fd = fsmount(fs, FSMOUNT_CLOEXEC, 0)) < 0)
		ret = -errno;
	if (fs >= 0)
		close(fs);
	if (ret == -ENODEV)
		return err_set(e, ret, "this kernel has none (CONFIG_TRACING)");
	return ret ? err_set(e, ret, "not mounted, and mounting it: %s", strerror(-ret)) : fd;
}

static int find_tracefs(struct trace_place *p, const char *root, struct err *e)
{
	static const char *const places[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };

	for (size_t i = 0; i < ARRAY_SIZE(places) && !p->tracefs; i++) {
		char *events = xasprintf("%s/events", places[i]);

		if (root_exists(root, events))
			p->tracefs = root_path(root, places[i]);
		free(events);
	}
	if (p->tracefs)
		return 0;
	if (root && *root)
		return err_set(e, -ENOENT, "not mounted");
	p->mount = mount_aside(e);
	if (p->mount < 0)
		return p->mount;
	p->tracefs = xasprintf("/proc/self/fd/%d", p->mount);
	return 0;
}

int trace_find(struct trace_place *p, const char *root, pid_t pid, struct err *e)
{
	int ret;

	if (!(root && *root) && geteuid() != 0)
		return err_set(e, -EPERM, "needs root");
	ret = find_tracefs(p, root, e);
	if (ret)
		return ret;
	p->instance = pid != 0;
	p->dir = pid ? xasprintf("%s/instances/" INSTANCE_PREFIX "%d", p->tracefs, (int)pid)
		     : xstrdup(p->tracefs);
	p->synth = pid ? xasprintf(SYNTH_NAME "_%d", (int)pid) : xstrdup(SYNTH_NAME);
	return 0;
}

/* ---------------------------------------------------------------- undoing */

static void keep_first(int *first, int ret, struct err *e, const struct err *one)
{
	if (ret && !*first)
		*first = err_set(e, ret, "%s", one->msg);
}

/*
 * Removes every hist trigger of an event. The event's file prints them as they are written, with "
 * [active]" after each.
 */
static int drop_triggers(const struct trace_place *p, const char *event, struct err *e)
{
	char *path = trace_event_file(p, event, "trigger"), *save = NULL;
	struct buf text = BUF_INIT;
	int first = 0, ret = fs_exists(path) ? fs_read(path, &text, e) : 0;

	if (ret)
		first = ret;
	for (char *line = strtok_r(text.data, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *state = strstr(line, " ["), *undo;
		struct err one = ERR_INIT;

		if (strncmp(line, "hist:", 5) != 0)
			continue;
		if (state)
			*state = '\0';
		undo = xasprintf("!%s", line);
		keep_first(&first, fs_poke(path, undo, &one), e, &one);
		free(undo);
	}
	buf_release(&text);
	free(path);
	return first;
}

static int drop_synthetic(const struct trace_place *p, struct err *e)
{
	char *dir = xasprintf("%s/events/synthetic/%s", p->tracefs, p->synth),
	     *path = xasprintf("%s/synthetic_events", p->tracefs);
	char *undo = xasprintf("!%s", p->synth);
	int ret = fs_exists(dir) ? fs_poke(path, undo, e) : 0;

	free(dir);
	free(path);
	free(undo);
	return ret;
}

/*
 * A trigger is busy as long as another trigger reads its variables. So is a synthetic event that a
 * trigger sends, and an instance that holds either. So they are removed in the reverse order of
 * making (kernel/trace/trace_events_hist.c check_var_refs()).
 */
int trace_undo_stalls(const struct trace_place *p, struct err *e)
{
	char *synth = xasprintf("synthetic/%s", p->synth);
	const char *const events[] = { synth, TRACE_EVENT_END, TRACE_EVENT_BEGIN };
	struct err one = ERR_INIT;
	int first = 0;

	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		keep_first(&first, drop_triggers(p, events[i], &one), e, &one);
	keep_first(&first, drop_synthetic(p, &one), e, &one);
	free(synth);
	return first;
}

int trace_undo(const struct trace_place *p, struct err *e)
{
	static const char *const events[] = { TRACE_EVENT_SLEEP, TRACE_EVENT_WAKE };
	struct err one = ERR_INIT;
	int first = 0;

	if (!p->made)
		return 0;
	keep_first(&first, trace_undo_stalls(p, &one), e, &one);
	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		keep_first(&first, drop_triggers(p, events[i], &one), e, &one);
	/* ENOENT: another run swept it between making and locking */
	if (p->instance && rmdir(p->dir) < 0 && errno != ENOENT)
		keep_first(&first, err_sys(&one, -errno, "%s", p->dir), e, &one);
	return first ? err_wrap(e, first, "taking away trace settings") : 0;
}

/* ---------------------------------------------------------------- what killed runs have left */

/* The process number after the prefix; 0 = not one of our names. */
static pid_t instance_pid(const char *name)
{
	size_t len = strlen(INSTANCE_PREFIX);
	long pid;
	char *end;

	if (strncmp(name, INSTANCE_PREFIX, len) != 0 || !isdigit((unsigned char)name[len]))
		return 0;
	pid = strtol(name + len, &end, 10);
	return *end || pid <= 0 || pid > INT32_MAX ? 0 : (pid_t)pid;
}

/* False: its run is alive, or the instance is just gone. */
static bool abandoned(const char *dir, int *lock)
{
	*lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*lock < 0)
		return false;
	return flock(*lock, LOCK_EX | LOCK_NB) == 0;
}

int trace_sweep(const char *root, size_t *nr, struct err *e)
{
	struct trace_place top;
	char **names = NULL, *instances = NULL;
	size_t nr_names = 0;
	int first = 0;

	*nr = 0;
	trace_place_init(&top);
	if (trace_find(&top, root, 0, NULL))
		goto out;
	instances = xasprintf("%s/instances", top.tracefs);
	if (fs_is_dir(instances))
		fs_list(instances, &names, &nr_names, NULL);
	for (size_t i = 0; i < nr_names; i++) {
		struct trace_place p = {
			.tracefs = top.tracefs, .instance = true, .made = true, .mount = -1
		};
		pid_t pid = instance_pid(names[i]);
		struct err one = ERR_INIT;
		int lock = -1, ret;

		if (!pid)
			continue;
		p.dir = xasprintf("%s/%s", instances, names[i]);
		p.synth = xasprintf(SYNTH_NAME "_%d", (int)pid);
		if (abandoned(p.dir, &lock)) {
			ret = trace_undo(&p, &one);
			keep_first(&first, ret, e, &one);
			*nr += !ret;
		}
		if (lock >= 0)
			close(lock);
		free(p.dir);
		free(p.synth);
	}
out:
	fs_list_free(names, nr_names);
	free(instances);
	trace_place_release(&top);
	return first;
}

bool trace_usable(const char *root, struct buf *why)
{
	struct trace_place p;
	struct err e = ERR_INIT;
	char *hist = NULL, *synth = NULL;
	bool yes = false;

	trace_place_init(&p);
	if (trace_find(&p, root, 0, &e)) {
		buf_addstr(why, e.msg);
		goto out;
	}
	hist = trace_event_file(&p, TRACE_EVENT_WAKE, "hist");
	synth = xasprintf("%s/synthetic_events", p.tracefs);
	if (!fs_exists(hist))
		buf_addstr(why, "this kernel has no hist triggers (CONFIG_HIST_TRIGGERS)");
	else if (!fs_exists(synth))
		buf_addstr(why, "counts only: this kernel has no synthetic events (4.17)");
	else
		yes = true;
out:
	free(hist);
	free(synth);
	trace_place_release(&p);
	return yes;
}
