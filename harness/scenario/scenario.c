/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scenario/scenario.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/ini.h"
#include "scenario/knob.h"
#include "vm/machine.h"

/* clang-format off */
const struct opt_desc needs_opts[] = {
	OPT_INT(struct needs, nodes, "nodes", 0, "1", 1, 64, "nodes with memory"),
	OPT_INT(struct needs, cpus, "cpus", 0, "1", 1, 256, "CPUs"),
	OPT_SIZE(struct needs, mem, "mem", 0, "384M", "memory of the machine, all nodes together"),
	OPT_ENUM(struct needs, swap, "swap", 0, "none", vm_swap_names,
		"swap device of a VM; on a host any swap will do"),
	OPT_SIZE(struct needs, swap_size, "swap_size", 0, "512M", "size of the swap device"),
	OPT_ENUM(struct needs, fs, "fs", 0, "none", vm_fs_names,
		"file system under test in a VM; on a host --fs-dir"),
	OPT_SIZE(struct needs, fs_size, "fs_size", 0, "256M", "size of the file system"),
	OPT_DURATION(struct needs, disk_ns, "disk_time", 0, "100us",
		"time of one request on a null_blk device"),
	OPT_STR(struct needs, cmdline, "cmdline", 0, "", "WORDS", "extra kernel parameters of a VM"),
	OPT_LIST(struct needs, files, "file", 0, "PATH", "skip the scenario where PATH does not exist"),
	OPT_LIST(struct needs, programs, "program", 0, "NAME", "program that an exec workload calls"),
	OPT_END
};

const struct opt_desc phase_opts[] = {
	OPT_DURATION(struct phases, setup_ns, "setup", 0, "2m", "longest set-up of the workloads"),
	OPT_DURATION(struct phases, settle_ns, "settle", 0, "1s", "quiet time before the window"),
	OPT_DURATION(struct phases, window_ns, "window", 0, "0",
		"length of the window; 0 = until the work is done"),
	OPT_DURATION(struct phases, limit_ns, "limit", 0, "10m",
		"longest window; passing it is an outcome"),
	OPT_DURATION(struct phases, drain_ns, "drain", 0, "10s",
		"longest wait for kswapd to sleep, with the load stopped and memory held"),
	OPT_END
};

struct head {
	const char *name, *summary;
};
static const struct opt_desc head_opts[] = {
	OPT_STR(struct head, name, "name", 0, NULL, "NAME", "name; default: that of the file"),
	OPT_STR(struct head, summary, "summary", 0, "", "TEXT", "one line"),
	OPT_END
};
/* clang-format on */

/* Keys that may be given more than once. */
static const char *const repeatable[] = { "needs.file", "needs.program", NULL };

struct loader {
	struct scenario *s;
	struct err *e;
	struct ini_file keys; /* keys of the file, then those of --set, which have no line number */
};

static int at(struct loader *l, const struct ini_entry *en, int ret)
{
	/* an unknown key is the user's mistake, not a file that is missing */
	if (ret == -ENOENT)
		ret = -EINVAL;
	if (en->line)
		return err_wrap(l->e, ret, "%s:%zu: [%s] %s", l->s->file, en->line, en->section,
				en->key);
	return err_wrap(l->e, ret, "--set %s.%s=%s", en->section, en->key, en->value);
}

static bool is_workload(const char *section, const char **name)
{
	if (strncmp(section, "workload", 8) != 0 ||
	    (section[8] && !isspace((unsigned char)section[8])))
		return false;
	for (*name = section + 8; isspace((unsigned char)**name); (*name)++)
		;
	return true;
}

static int start_workload(struct loader *l, const struct ini_entry *en, const char *name)
{
	const struct ini_entry *type_en = ini_find(&l->keys, en->section, "type");
	const char *type = type_en ? type_en->value : name;
	const struct workload *wl = workload_find(type);
	struct scenario *s = l->s;
	struct wl_spec *spec, *old = s->wl;

	if (!opt_is_name(name, ""))
		return err_set(
			l->e, -EINVAL,
			"%s:%zu: [workload NAME]: '%s' is not a name (letters, digits, - and _)",
			s->file, en->line, name);
	if (!wl) {
		const char *names[64], *near;
		size_t nr = 0;

		while (workload_table[nr] && nr < ARRAY_SIZE(names)) {
			names[nr] = workload_table[nr]->name;
			nr++;
		}
		near = opt_suggest(type, names, nr);
		return err_set(l->e, -EINVAL, "%s:%zu: [%s] type '%s': no such workload%s%s%s",
			       s->file, type_en ? type_en->line : en->line, en->section, type,
			       near ? " (did you mean '" : "", near ? near : "", near ? "'?)" : "");
	}
	s->wl = arena_alloc(&s->mem, (s->nr_wl + 1) * sizeof(*s->wl));
	if (s->nr_wl)
		memcpy(s->wl, old, s->nr_wl * sizeof(*s->wl));
	spec = &s->wl[s->nr_wl++];
	spec->name = arena_strdup(&s->mem, name);
	spec->wl = wl;
	spec->cfg = arena_alloc(&s->mem, wl->cfg_size ? wl->cfg_size : 1);
	opt_defaults(wl_common_opts, &spec->common);
	opt_defaults(wl->opts, spec->cfg);
	return 0;
}

static int workload_key(struct loader *l, const struct ini_entry *en, const char *name)
{
	struct wl_spec *spec = NULL;
	struct err first = ERR_INIT;
	const char *near;
	int ret;

	for (size_t i = 0; i < l->s->nr_wl; i++)
		if (!strcmp(l->s->wl[i].name, name))
			spec = &l->s->wl[i];
	if (!spec) {
		ret = start_workload(l, en, name);
		if (ret)
			return ret;
		spec = &l->s->wl[l->s->nr_wl - 1];
	}
	if (!*en->key || !strcmp(en->key, "type"))
		return 0;
	ret = opt_set(spec->wl->opts, spec->cfg, en->key, en->value, &first);
	if (ret != -ENOENT) {
		if (ret)
			err_set(l->e, ret, "%s", first.msg);
		return ret ? at(l, en, ret) : 0;
	}
	ret = opt_set(wl_common_opts, &spec->common, en->key, en->value, l->e);
	if (ret == -ENOENT) {
		near = opt_nearest(spec->wl->opts, en->key);
		if (near)
			err_set(l->e, ret, "%s", first.msg);
	}
	return ret ? at(l, en, ret) : 0;
}

static void add_pair(struct scenario *s, struct knob **list, size_t *nr, const char *name,
		     const char *value)
{
	struct knob *old = *list;

	*list = arena_alloc(&s->mem, (*nr + 1) * sizeof(**list));
	if (*nr)
		memcpy(*list, old, *nr * sizeof(**list));
	(*list)[(*nr)++] = (struct knob){ name, value };
}

static int judge_key(struct loader *l, const struct ini_entry *en)
{
	if (!strcmp(en->key, "primary")) {
		l->s->primary = en->value;
		l->s->primary_line = en->line;
		return 0;
	}
	if (!strncmp(en->key, "floor.", 6) && en->key[6]) {
		char *end;
		double v = strtod(en->value, &end);

		if (end == en->value || strcmp(end, "%") != 0 || !(v > 0 && v < 1000))
			return at(
				l, en,
				err_set(l->e, -EINVAL, "'%s': not a share (like 5%%)", en->value));
		add_pair(l->s, &l->s->floor, &l->s->nr_floors, en->key + 6, en->value);
		return 0;
	}
	return at(l, en, err_set(l->e, -EINVAL, "no such key (primary, floor.METRIC)"));
}

static int knob_key(struct loader *l, const struct ini_entry *en)
{
	int ret = knob_name_check(en->key, l->e);

	if (ret)
		return at(l, en, ret);
	add_pair(l->s, &l->s->knob, &l->s->nr_knobs, en->key, en->value);
	return 0;
}

static int apply_entry(struct loader *l, const struct ini_entry *en, struct head *head)
{
	static const char *const sections[] = { "scenario", "needs",  "knobs", "workload",
						"phase",    "sample", "judge" };
	struct scenario *s = l->s;
	const char *name, *near;
	int ret;

	if (is_workload(en->section, &name))
		return workload_key(l, en, name);
	if (!*en->key) {
		for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
			if (!strcmp(en->section, sections[i]))
				return 0;
		goto unknown;
	}
	if (!strcmp(en->section, "knobs"))
		return knob_key(l, en);
	if (!strcmp(en->section, "judge"))
		return judge_key(l, en);
	if (!strcmp(en->section, "scenario"))
		ret = opt_set(head_opts, head, en->key, en->value, l->e);
	else if (!strcmp(en->section, "needs"))
		ret = opt_set(needs_opts, &s->needs, en->key, en->value, l->e);
	else if (!strcmp(en->section, "phase"))
		ret = opt_set(phase_opts, &s->phase, en->key, en->value, l->e);
	else if (!strcmp(en->section, "sample"))
		ret = opt_set(sample_opts, &s->sample, en->key, en->value, l->e);
	else
		goto unknown;
	return ret ? at(l, en, ret) : 0;
unknown:
	near = opt_suggest(en->section, sections, ARRAY_SIZE(sections));
	return err_set(l->e, -EINVAL, "%s:%zu: [%s]: no such section%s%s%s", s->file, en->line,
		       en->section, near ? " (did you mean [" : "", near ? near : "",
		       near ? "]?)" : "");
}

/* The section that --set means by @name: a section of this name, or the workload's. NULL = none. */
static const char *section_of(const struct loader *l, const char *name)
{
	static const char *const fixed[] = { "scenario", "needs",  "knobs",
					     "phase",	 "sample", "judge" };

	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		if (!strcmp(name, fixed[i]))
			return fixed[i];
	for (size_t i = 0; i < l->keys.nr; i++) {
		const char *workload;

		if (is_workload(l->keys.v[i].section, &workload) && !strcmp(workload, name))
			return l->keys.v[i].section;
	}
	return NULL;
}

/* "anon.bytes=1G" is read as the line "bytes = 1G" would be, and must be one line only. */
static int add_override(struct loader *l, const char *word)
{
	const char *eq = strchr(word, '='), *dot = strchr(word, '.');
	const char *section, *key, *value;
	struct ini_entry *old;
	struct ini line;

	if (!eq || !dot || dot > eq || dot == word || dot + 1 == eq)
		return err_set(l->e, -EINVAL, "--set '%s': not SECTION.KEY=VALUE", word);
	section = section_of(l, arena_strndup(&l->s->mem, word, (size_t)(dot - word)));
	if (!section)
		return err_set(l->e, -EINVAL, "--set '%s': no section or workload '%.*s' in %s",
			       word, (int)(dot - word), word, l->s->file);
	ini_open(&line, "--set", dot + 1, strlen(dot + 1));
	if (ini_next(&line, NULL) != INI_KEY || line.comment || line.next != line.end)
		return err_set(l->e, -EINVAL, "--set '%s': a line break or a comment (' ;') in it",
			       word);
	key = arena_strndup(&l->s->mem, line.key, line.key_len);
	value = arena_strndup(&l->s->mem, line.value, line.value_len);
	old = ini_find(&l->keys, section, key);
	if (old && !ini_repeatable(repeatable, section, key))
		*old = (struct ini_entry){ old->section, old->key, value, 0, 0 };
	else
		ini_add(&l->keys, section, key, value);
	return 0;
}

/* Refuses a command whose end became a comment: "sh -c 'a ; b'". */
static int check_commands(struct loader *l)
{
	for (size_t i = 0; i < l->keys.nr; i++) {
		const struct ini_entry *en = &l->keys.v[i];

		if (en->comment && (!strcmp(en->key, "command") || !strcmp(en->key, "args")))
			return err_set(
				l->e, -EINVAL,
				"%s:%zu: ';' after a blank starts a comment, which would cut the command here",
				l->s->file, en->comment);
	}
	return 0;
}

static int check_whole(struct loader *l)
{
	struct scenario *s = l->s;
	bool fg = false;

	if (!s->nr_wl)
		return err_set(l->e, -EINVAL, "%s: no [workload NAME] section", s->file);
	for (size_t i = 0; i < s->nr_wl; i++) {
		const struct wl_common *c = &s->wl[i].common;

		fg |= !wl_spec_background(&s->wl[i]);
		if (wl_policy_needs_nodes(c->policy) && !*c->nodes)
			return err_set(l->e, -EINVAL,
				       "%s: [workload %s]: policy = %s needs 'nodes'", s->file,
				       s->wl[i].name, wl_policy_names[c->policy]);
	}
	if (!fg && !s->phase.window_ns)
		return err_set(
			l->e, -EINVAL,
			"%s: [phase] window: all workloads are in the background, so the window needs a length",
			s->file);
	if (s->needs.mem.share != OPT_BYTES || s->needs.swap_size.share != OPT_BYTES ||
	    s->needs.fs_size.share != OPT_BYTES)
		return err_set(l->e, -EINVAL,
			       "%s: [needs]: sizes of the machine itself cannot be shares",
			       s->file);
	return 0;
}

static char *file_stem(struct arena *mem, const char *file)
{
	const char *base = strrchr(file, '/');
	size_t len;

	base = base ? base + 1 : file;
	len = strlen(base);
	if (len > 4 && !strcmp(base + len - 4, ".ini"))
		len -= 4;
	return arena_strndup(mem, base, len);
}

/* A scenario without a name gets that of its file, also in its text. */
static int settle_name(struct loader *l, const struct head *head)
{
	struct scenario *s = l->s;

	s->name = head->name ? head->name : file_stem(&s->mem, s->file);
	s->summary = head->summary;
	if (!opt_is_name(s->name, "")) {
		const struct ini_entry *en = ini_find(&l->keys, "scenario", "name");

		err_set(l->e, -EINVAL, "'%s' is not a scenario name (letters, digits, - and _)",
			s->name);
		return en && en->line ? err_wrap(l->e, -EINVAL, "%s:%zu", s->file, en->line)
				      : err_wrap(l->e, -EINVAL, "%s", s->file);
	}
	if (!head->name)
		ini_add(&l->keys, "scenario", "name", s->name);
	return 0;
}

/* Reading the canonical text again gives the same text: it travels into VMs and archives, and the
 * hash is made from it. */
static void canonical_text(struct loader *l)
{
	struct buf text = BUF_INIT;
	struct scenario *s = l->s;

	ini_write(&l->keys, &text);
	s->text = arena_strdup(&s->mem, text.data);
	s->hash = fnv1a(FNV_INIT, text.data, text.len);
	buf_release(&text);
}

int scenario_parse(struct scenario *s, const char *file, const char *text, size_t len,
		   const char *const *overrides, size_t nr, struct err *e)
{
	struct loader l = { .s = s, .e = e };
	struct head head = { NULL, "" };
	int ret;

	memset(s, 0, sizeof(*s));
	s->file = arena_strdup(&s->mem, file);
	s->primary = "";
	opt_defaults(needs_opts, &s->needs);
	opt_defaults(phase_opts, &s->phase);
	opt_defaults(sample_opts, &s->sample);
	ret = ini_read(&l.keys, file, text, len, repeatable, &s->mem, e);
	if (!ret)
		ret = check_commands(&l);
	for (size_t i = 0; i < nr && !ret; i++)
		ret = add_override(&l, overrides[i]);
	for (size_t i = 0; i < l.keys.nr && !ret; i++)
		ret = apply_entry(&l, &l.keys.v[i], &head);
	if (!ret)
		ret = check_whole(&l);
	if (!ret)
		ret = settle_name(&l, &head);
	if (!ret)
		canonical_text(&l);
	ini_release(&l.keys);
	if (ret)
		scenario_release(s);
	return ret;
}

int scenario_load(struct scenario *s, const char *file, const char *const *overrides, size_t nr,
		  struct err *e)
{
	struct buf text = BUF_INIT;
	int ret = fs_read(file, &text, e);

	if (!ret)
		ret = scenario_parse(s, file, text.data, text.len, overrides, nr, e);
	else
		memset(s, 0, sizeof(*s));
	buf_release(&text);
	return ret;
}

/* "anon.fault_mean_us" is a metric of the workload anon. */
static int check_workload(const struct scenario *s, const char *name, struct err *e)
{
	const char *dot = strchr(name, '.');
	size_t len = dot ? (size_t)(dot - name) : 0;

	for (size_t i = 0; i < s->nr_wl && dot; i++)
		if (strlen(s->wl[i].name) == len && !strncmp(s->wl[i].name, name, len))
			return 0;
	return dot ? err_set(e, -EINVAL, "%s: the scenario has no workload '%.*s'", name, (int)len,
			     name)
		   : 0;
}

int scenario_check_judge(const struct scenario *s, unsigned machine,
			 int (*check)(const char *name, bool primary, unsigned machine,
				      struct err *e),
			 struct err *e)
{
	char *names = xstrdup(s->primary), *save = NULL;
	int ret = 0;

	for (char *w = strtok_r(names, " ", &save); w && !ret; w = strtok_r(NULL, " ", &save)) {
		ret = check(w, true, machine, e);
		if (!ret)
			ret = check_workload(s, w, e);
		if (ret && s->primary_line)
			err_wrap(e, ret, "%s:%zu: [judge] primary", s->file, s->primary_line);
		else if (ret)
			err_wrap(e, ret, "--set judge.primary=%s", s->primary);
	}
	free(names);
	for (size_t i = 0; i < s->nr_floors && !ret; i++) {
		ret = check(s->floor[i].name, false, machine, e);
		if (!ret)
			ret = check_workload(s, s->floor[i].name, e);
		if (ret)
			err_wrap(e, ret, "%s: [judge] floor.%s", s->file, s->floor[i].name);
	}
	return ret;
}

void scenario_release(struct scenario *s)
{
	for (size_t i = 0; i < s->nr_wl; i++) {
		opt_release(s->wl[i].wl->opts, s->wl[i].cfg);
		opt_release(wl_common_opts, &s->wl[i].common);
	}
	opt_release(needs_opts, &s->needs);
	arena_release(&s->mem);
	memset(s, 0, sizeof(*s));
}
