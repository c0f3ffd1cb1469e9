/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/knobs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "scenario/knob.h"

struct saved {
	char *path, *value;
};

struct knobs {
	char *journal;
	int fd;
	struct saved *saved;
	size_t nr, cap;
};

static int read_knob(const char *path, char **value, struct err *e)
{
	struct buf b = BUF_INIT;
	int ret = fs_read(path, &b, e);

	if (!ret) {
		*value = buf_detach(&b);
		knob_value(*value);
	}
	buf_release(&b);
	return ret;
}

/* The journal's folder entry must be on disk too, or a power cut could lose the whole file. */
static void sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup(".");
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		(void)!fsync(fd);
		close(fd);
	}
	free(dir);
}

int knobs_open(struct knobs **out, const char *journal, struct err *e)
{
	struct knobs *k = xcalloc(1, sizeof(*k));
	char *slash, *dir;
	int ret = 0;

	k->fd = -1;
	if (journal) {
		k->journal = xstrdup(journal);
		dir = xstrdup(journal);
		slash = strrchr(dir, '/');
		if (slash && slash != dir) {
			*slash = '\0';
			ret = fs_mkdirs(dir, e);
		}
		free(dir);
		if (!ret) {
			k->fd = open(journal, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC,
				     0600);
			if (k->fd < 0 && errno == EEXIST)
				ret = err_set(
					e, -EBUSY,
					"%s exists: another run is going on, or one ended without restoring its settings; `wmark restore` puts them back",
					journal);
			else if (k->fd < 0)
				ret = err_sys(e, -errno, "%s", journal);
			else
				sync_folder(journal);
		}
	}
	/* `wmark restore` leaves the journal alone while this process lives */
	if (!ret && k->fd >= 0)
		flock(k->fd, LOCK_EX | LOCK_NB);
	if (ret) {
		free(k->journal);
		free(k);
		return ret;
	}
	*out = k;
	return 0;
}

static int journal_add(struct knobs *k, const char *path, const char *value, struct err *e)
{
	char *line;
	int ret;

	if (k->fd < 0)
		return 0;
	line = xasprintf("%s\t%s\n", path, value);
	ret = fs_write_all(k->fd, line, strlen(line));
	if (!ret && fsync(k->fd) < 0)
		ret = -errno;
	free(line);
	return ret ? err_sys(e, ret, "%s", k->journal) : 0;
}

/* Journals what will bring the knob back to @before: the knob itself, or, where it is 0, its twin,
 * which is in force then. */
static int remember(struct knobs *k, const char *path, const char *before, struct err *e)
{
	const char *twin = strcmp(before, "0") ? NULL : knob_twin(path);
	char *other = NULL;
	int ret;

	if (twin && !read_knob(twin, &other, NULL) && strcmp(other, "0") != 0) {
		path = twin;
		before = other;
	}
	ret = journal_add(k, path, before, e);
	if (!ret) {
		ARRAY_GROW(k->saved, k->nr, k->cap);
		k->saved[k->nr++] = (struct saved){ xstrdup(path), xstrdup(before) };
	}
	free(other);
	return ret;
}

int knobs_set(struct knobs *k, const char *name, const char *value, char **old, char **now,
	      struct err *e)
{
	char *path = knob_path(name), *before = NULL;
	int ret = read_knob(path, &before, e);

	if (ret) {
		if (ret == -ENOENT)
			err_set(e, ret, "%s: this kernel has no such setting (%s)", name, path);
		goto out;
	}
	if (strchr(before, '\n') || strchr(before, '\t')) {
		/* lowmem_reserve_ratio and the like print tabs between numbers and accept spaces */
		for (char *p = before; *p; p++)
			if (*p == '\n' || *p == '\t')
				*p = ' ';
	}
	ret = remember(k, path, before, e);
	if (ret)
		goto out;
	ret = fs_poke(path, value, e);
	if (ret) {
		err_set(e, ret, "%s: the kernel refused '%s': %s", name, value, strerror(-ret));
		goto out;
	}
	if (now)
		ret = read_knob(path, now, e);
	if (old) {
		*old = before;
		before = NULL;
	}
out:
	free(before);
	free(path);
	return ret;
}

static int put_back(const struct saved *s, size_t nr, size_t *done, struct err *e)
{
	int first = 0;

	*done = 0;
	while (nr--) {
		struct err one = ERR_INIT;
		int ret = fs_poke(s[nr].path, s[nr].value, &one);

		if (!ret)
			(*done)++;
		else if (!first)
			first = err_set(e, -EIO, "restoring: %s", one.msg);
	}
	return first;
}

int knobs_restore(struct knobs *k, size_t *nr, struct err *e)
{
	size_t done;
	int ret;

	if (!k)
		return 0;
	ret = put_back(k->saved, k->nr, &done, e);
	if (nr)
		*nr = done;
	if (!ret && k->journal && unlink(k->journal) < 0)
		ret = err_sys(e, -errno, "%s", k->journal);
	for (size_t i = 0; i < k->nr; i++) {
		free(k->saved[i].path);
		free(k->saved[i].value);
	}
	if (k->fd >= 0)
		close(k->fd);
	free(k->saved);
	free(k->journal);
	free(k);
	return ret;
}

int knobs_restore_file(const char *journal, bool force, size_t *nr, struct err *e)
{
	struct buf text = BUF_INIT;
	struct saved *s = NULL;
	size_t n = 0, cap = 0;
	int fd = fs_open_regular(journal, NULL, e), ret;

	if (fd < 0)
		return fd;
	ret = flock(fd, LOCK_EX | LOCK_NB) < 0
		      ? err_set(e, -EBUSY, "%s: the run that wrote it is still going on", journal)
		      : fs_read(journal, &text, e);

	*nr = 0;
	for (char *line = text.data, *nl; !ret && (nl = strchr(line, '\n')); line = nl + 1) {
		char *tab = strchr(line, '\t');

		/* the knob of a half line at the end was never written */
		*nl = '\0';
		if (!tab ||
		    (strncmp(line, "/sys/", 5) != 0 && strncmp(line, "/proc/sys/", 10) != 0) ||
		    strstr(line, "..")) {
			ret = err_set(e, -EINVAL, "%s: '%s': not a journal line", journal, line);
			break;
		}
		*tab = '\0';
		ARRAY_GROW(s, n, cap);
		s[n++] = (struct saved){ line, tab + 1 };
	}
	if (!ret)
		ret = put_back(s, n, nr, e);
	if (ret == -EIO && force)
		ret = 0;
	if (!ret && unlink(journal) < 0)
		ret = err_sys(e, -errno, "%s", journal);
	close(fd);
	free(s);
	buf_release(&text);
	return ret;
}
