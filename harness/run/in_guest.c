/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/in_guest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "run/run.h"
#include "run/on_vm.h"
#include "vm/guest.h"
#include "vm/scatter.h"

struct conf {
	uint64_t seed;
	const char *lru, *settings;
	struct archive_note *header;
	size_t nr, cap;
};

/* Reads "KEY VALUE" lines; a value runs to the end of its line. The results point into @text. */
static void parse_conf(char *text, struct conf *c)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *value = strchr(line, ' ');

		if (!value)
			continue;
		*value++ = '\0';
		if (!strcmp(line, "seed")) {
			c->seed = strtoull(value, NULL, 10);
		} else if (!strcmp(line, "lru")) {
			c->lru = value;
		} else if (!strcmp(line, "settings")) {
			c->settings = value;
		} else if (!strcmp(line, "header")) {
			char *v = strchr(value, ' ');

			if (!v)
				continue;
			*v++ = '\0';
			ARRAY_GROW(c->header, c->nr, c->cap);
			c->header[c->nr++] = (struct archive_note){ value, v };
		}
	}
}

static int run_guest(struct guest *g, struct err *e)
{
	struct buf text = BUF_INIT;
	struct conf c = { .lru = "default", .settings = "" };
	struct arena mem = ARENA_INIT;
	struct settings set;
	struct run_result res;
	struct scenario sc;
	size_t held;
	int ret = fs_read(ON_VM_CONF, &text, e);

	if (ret)
		goto out;
	parse_conf(text.data, &c);
	ret = settings_parse(c.settings, &mem, &set, e);
	if (ret)
		goto out;
	ret = scenario_load(&sc, ON_VM_SCENARIO, NULL, 0, e);
	if (ret)
		goto out;
	ret = guest_scatter(c.seed, &held, e);
	if (ret)
		goto release;
	ARRAY_GROW(c.header, c.nr, c.cap);
	c.header[c.nr++] =
		(struct archive_note){ "run.held_pages", arena_printf(&mem, "%zu", held) };
	const struct run_opts o = {
		.sc = &sc,
		.seed = c.seed,
		.lru = c.lru,
		.settings = &set,
		.fs_dir = g->has_fs ? GUEST_FS_DIR : NULL,
		.tmp_dir = "/tmp",
		.kconfig = "/wmark/kconfig",
		.header = c.header,
		.nr_header = c.nr,
	};
	ret = run_here(&o, g->archive_fd, &res, e);
	guest_say("wmark: run %s%s%s", run_outcome_word(res.outcome), *res.detail ? ": " : "",
		  res.detail);
release:
	scenario_release(&sc);
out:
	free(c.header);
	arena_release(&mem);
	buf_release(&text);
	return ret;
}

_Noreturn void in_guest_main(void)
{
	struct err e = ERR_INIT;
	struct guest g;
	int ret = guest_boot(&g, &e);

	if (!ret)
		ret = run_guest(&g, &e);
	if (ret)
		guest_say("wmark: %s", e.msg);
	else
		guest_say("%s", GUEST_MARK_DONE);
	guest_poweroff(&g);
}
