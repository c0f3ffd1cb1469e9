/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "archive/outline.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/line.h"

/*
 * In any archive that wmark writes, the header (with the scenario text) ends within the first
 * HEAD_BYTES, and `end` with the host lines after it fits in the last TAIL_BYTES.
 */
#define HEAD_BYTES 32768
#define TAIL_BYTES 16384

static const char *const fact_keys[NR_OUTLINE_FACTS] = {
	[OUTLINE_SCENARIO] = "scenario.name",  [OUTLINE_HASH] = "scenario.hash",
	[OUTLINE_MACHINE_KEY] = "machine.key", [OUTLINE_LRU_MODE] = "lru.mode",
	[OUTLINE_TARGET] = "machine.target",   [OUTLINE_IMAGE_HASH] = "kernel.image_hash",
	[OUTLINE_RELEASE] = "kernel.release",  [OUTLINE_SEED] = "run.seed",
	[OUTLINE_SETTINGS] = "side.settings",  [OUTLINE_CMDLINE] = "run.cmdline",
};

static int read_span(int fd, off_t from, size_t len, struct buf *out)
{
	buf_reserve(out, len + 1);
	while (len) {
		ssize_t n = pread(fd, out->data + out->len, len, from);

		if (n < 0)
			return -errno;
		if (!n)
			break;
		out->len += (size_t)n;
		from += n;
		len -= (size_t)n;
	}
	out->data[out->len] = '\0';
	return 0;
}

/* Cuts the lines "h KEY VALUE" before the first source into strings. */
static void read_head(struct outline *o, char *text)
{
	for (char *line = text, *next; line && *line; line = next) {
		char *value;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!strncmp(line, "src ", 4))
			return;
		value = strncmp(line, "h ", 2) ? NULL : strchr(line + 2, ' ');
		if (!value)
			continue;
		*value++ = '\0';
		for (int i = 0; i < NR_OUTLINE_FACTS; i++)
			if (!strcmp(line + 2, fact_keys[i]))
				o->fact[i] = value;
	}
}

/* Reads "end LINES SAMPLES CHECKSUM" and the host lines after it, of which the first counts. */
static void read_tail(struct outline *o, char *text)
{
	char *line = strstr(text, "\nend "), *next;

	for (char *later = line; later; later = strstr(later + 1, "\nend "))
		line = later;
	for (line = line ? line + 1 : NULL; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!strncmp(line, "end ", 4)) {
			o->complete = sscanf(line, "end %" SCNu64 " %*u %16" SCNx64, &o->lines,
					     &o->checksum) == 2;
			o->lines = o->complete ? o->lines : 0;
		} else if (!o->date && !strncmp(line, "H date ", 7)) {
			o->date = line + 7;
		} else if (!o->outcome && !strncmp(line, "H outcome ", 10)) {
			o->outcome = line + 10;
		}
	}
}

bool outline_read(struct outline *o, const char *path, struct buf *head, struct buf *tail)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	bool ok = false;

	*o = (struct outline){ .complete = false };
	buf_reset(head);
	buf_reset(tail);
	if (fd < 0)
		return false;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && !read_span(fd, 0, HEAD_BYTES, head) &&
	    !strncmp(head->data, ARCHIVE_MAGIC, ARCHIVE_MAGIC_LEN))
		ok = !read_span(fd, st.st_size > TAIL_BYTES ? st.st_size - TAIL_BYTES : 0,
				TAIL_BYTES, tail);
	close(fd);
	if (ok) {
		read_head(o, head->data);
		read_tail(o, tail->data);
	}
	return ok;
}

void outline_of(struct outline *o, const struct archive *a)
{
	*o = (struct outline){ .complete = a->complete,
			       .lines = a->body_lines,
			       .checksum = a->checksum };
	for (int i = 0; i < NR_OUTLINE_FACTS; i++)
		o->fact[i] = archive_get(a, fact_keys[i]);
}

static bool same_text(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

bool outline_same_run(const struct outline *a, const struct outline *b)
{
	static const enum outline_fact same[] = { OUTLINE_SEED,	      OUTLINE_SCENARIO,
						  OUTLINE_HASH,	      OUTLINE_TARGET,
						  OUTLINE_LRU_MODE,   OUTLINE_IMAGE_HASH,
						  OUTLINE_SETTINGS,   OUTLINE_CMDLINE,
						  OUTLINE_MACHINE_KEY };
	const char *target = a->fact[OUTLINE_TARGET];

	if (a->lines > 1 && a->lines == b->lines && a->checksum == b->checksum)
		return true;
	if (!same_text(target, "exact") || !a->fact[OUTLINE_SEED] || !a->fact[OUTLINE_IMAGE_HASH])
		return false;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (!same_text(a->fact[same[i]], b->fact[same[i]]))
			return false;
	return true;
}
