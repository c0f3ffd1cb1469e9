/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scenario/scenario.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "scenario/knob.h"
#include "vm/vm.h"

/* clang-format off */
const struct opt_desc needs_opts[] = {
	OPT_INT(struct needs, nodes, "nodes", 0, "1", 1, 64, "nodes with memory"),
	OPT_INT(struct needs, cpus, "cpus", 0, "1", 1, 256, "CPUs"),
	OPT_SIZE(struct needs, mem, "mem", 0, "384M", "memory of the machine, all nodes together"),
	OPT_ENUM(struct needs, swap, "swap", 0, "none", vm_swap_names, "swap device of a VM; on a host any swap will do"),
	OPT_SIZE(struct needs, swap_size, "swap_size", 0, "512M", "its size"),
	OPT_ENUM(struct needs, fs, "fs", 0, "none", vm_fs_names, "file system under test in a VM; on a host --fs-dir"),
	OPT_SIZE(struct needs, fs_size, "fs_size", 0, "256M", "its size"),
	OPT_DURATION(struct needs, disk_ns, "disk_time", 0, "100us", "time of one request on a null_blk device"),
	OPT_STR(struct needs, cmdline, "cmdline", 0, "", "WORDS", "extra kernel parameters of a VM"),
	OPT_LIST(struct needs, files, "file", 0, "PATH", "skip the scenario where PATH does not exist"),
	OPT_LIST(struct needs, programs, "program", 0, "NAME", "program that an exec workload calls"),
	OPT_END
};

const struct opt_desc phase_opts[] = {
	OPT_DURATION(struct phases, setup_ns, "setup", 0, "2m", "longest set-up of the workloads"),
	OPT_DURATION(struct phases, settle_ns, "settle", 0, "1s", "quiet time before the window"),
	OPT_DURATION(struct phases, window_ns, "window", 0, "0", "length of the window; 0 = until the work is done"),
	OPT_DURATION(struct phases, limit_ns, "limit", 0, "10m", "longest window; passing it is an outcome"),
	OPT_DURATION(struct phases, drain_ns, "drain", 0, "10s", "longest wait for kswapd to sleep, load stopped, memory held"),
	OPT_END
};

struct head {
	const char *name, *summary;
};
static const struct opt_desc head_opts[] = {
	OPT_STR(struct head, name, "name", 0, NULL, "NAME", "name; the file's own by default"),
	OPT_STR(struct head, summary, "summary", 0, "", "TEXT", "one line"),
	OPT_END
};
/* clang-format on */

/* A key as it stood in the file or on the command line. */
struct entry {
	const char *section, *key;
	char *value;
	size_t line; /* 0 = --set */
};

struct loader {
	struct scenario *s;
	struct err *e;
	int ret;
	struct entry *entry;
	size_t nr, cap;
	/* reader */
	const char *text, *end;
	size_t line;
	bool continued;
};

static struct entry *find_entry(struct loader *l, const char *section, const char *key)
{
	for (size_t i = 0; i < l->nr; i++)
		if (!strcmp(l->entry[i].section, section) && !strcmp(l->entry[i].key, key))
			return &l->entry[i];
	return NULL;
}

static void add_entry(struct loader *l, const char *section, const char *key, const char *value,
		      size_t line)
{
	ARRAY_GROW(l->entry, l->nr, l->cap);
	l->entry[l->nr++] = (struct entry){ arena_strdup(&l->s->mem, section),
					    arena_strdup(&l->s->mem, key),
					    arena_strdup(&l->s->mem, value), line };
}

/* An empty [workload NAME] is a workload with all defaults: inih calls no handler for it */
static void note_section(struct loader *l, const char *line)
{
	const char *end = strchr(line, ']');
	char *name;

	if (!end)
		return; /* inih says so */
	name = xstrndup(line + 1, (size_t)(end - line - 1));
	if (!find_entry(l, name, ""))
		add_entry(l, name, "", "", l->line);
	free(name);
}

static bool cuts_command(const struct loader *l, const char *line)
{
	const struct entry *last = l->nr ? &l->entry[l->nr - 1] : NULL;
	const char *semi = strstr(line, " ;");

	if (!semi)
		return false;
	if (l->continued)
		return last && (!strcmp(last->key, "command") || !strcmp(last->key, "args"));
	return !strncmp(line, "command", 7) || !strncmp(line, "args", 4);
}

/* inih takes one line of at most 199 characters a call: this also counts the lines, which its
 * handler is not told */
static char *next_line(char *out, int room, void *stream)
{
	struct loader *l = stream;
	const char *nl;
	size_t len;

	if (l->text >= l->end || l->ret)
		return NULL;
	nl = memchr(l->text, '\n', (size_t)(l->end - l->text));
	len = nl ? (size_t)(nl - l->text) : (size_t)(l->end - l->text);
	l->line++;
	if (len + 2 > (size_t)room || memchr(l->text, '\0', len)) {
		l->ret = err_set(
			l->e, -EINVAL, "%s:%zu: %s", l->s->file, l->line,
			len + 2 > (size_t)room
				? "line longer than 197 characters (continue it on an indented line)"
				: "a NUL byte: not a text file");
		return NULL;
	}
	memcpy(out, l->text, len);
	out[len] = '\0';
	l->continued = len && isspace((unsigned char)*out) && strspn(out, " \t\r") < len;
	if (!l->continued && *out == '[')
		note_section(l, out);
	if (cuts_command(l, out))
		l->ret = err_set(
			l->e, -EINVAL,
			"%s:%zu: ';' behind a blank starts a comment, which would cut the command here",
			l->s->file, l->line);
	l->text += len + (nl ? 1 : 0);
	return out;
}

static bool repeatable(const char *section, const char *key)
{
	return !strcmp(section, "needs") && (!strcmp(key, "file") || !strcmp(key, "program"));
}

static int on_key(void *user, const char *section, const char *key, const char *value)
{
	struct loader *l = user;
	struct entry *old = find_entry(l, section, key),
		     *last = l->nr ? &l->entry[l->nr - 1] : NULL;

	if (l->ret)
		return 0;
	if (l->continued && last && !strcmp(last->key, key) && !strcmp(last->section, section)) {
		last->value = arena_printf(&l->s->mem, "%s %s", last->value, value);
		return 1;
	}
	if (old && !repeatable(section, key)) {
		l->ret = err_set(l->e, -EINVAL, "%s:%zu: '%s' given twice (first on line %zu)",
				 l->s->file, l->line, key, old->line);
		return 0;
	}
	add_entry(l, section, key, value, l->line);
	return 1;
}

static int at(struct loader *l, const struct entry *en, int ret)
{
	if (ret == -ENOENT)
		ret = -EINVAL; /* a key that is not there is what the user wrote, not what the disk
				  lacks */
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

static bool name_ok(const char *name)
{
	return *name &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
		       strlen(name);
}

static int start_workload(struct loader *l, const struct entry *en, const char *name)
{
	const struct entry *type_en = find_entry(l, en->section, "type");
	const char *type = type_en ? type_en->value : name;
	const struct workload *wl = workload_find(type);
	struct scenario *s = l->s;
	struct wl_spec *spec, *old = s->wl;

	if (!name_ok(name))
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

static int workload_key(struct loader *l, const struct entry *en, const char *name)
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

static int judge_key(struct loader *l, const struct entry *en)
{
	if (!strcmp(en->key, "primary")) {
		l->s->primary = en->value;
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

static int knob_key(struct loader *l, const struct entry *en)
{
	int ret = knob_name_check(en->key, l->e);

	if (ret)
		return at(l, en, ret);
	add_pair(l->s, &l->s->knob, &l->s->nr_knobs, en->key, en->value);
	return 0;
}

static int apply_entry(struct loader *l, const struct entry *en, struct head *head)
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

/* "anon.bytes=1G": the longest known section before a dot */
static int add_override(struct loader *l, const char *word)
{
	static const char *const fixed[] = { "scenario", "needs",  "knobs",
					     "phase",	 "sample", "judge" };
	const char *eq = strchr(word, '='), *dot = strchr(word, '.');
	const char *section = NULL;
	struct entry *old;
	char *sec, *key;

	if (!eq || !dot || dot > eq || dot == word || dot + 1 == eq)
		return err_set(l->e, -EINVAL, "--set '%s': not SECTION.KEY=VALUE", word);
	sec = arena_strndup(&l->s->mem, word, (size_t)(dot - word));
	key = arena_strndup(&l->s->mem, dot + 1, (size_t)(eq - dot - 1));
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		if (!strcmp(sec, fixed[i]))
			section = fixed[i];
	for (size_t i = 0; i < l->nr && !section; i++) {
		const char *name;

		if (is_workload(l->entry[i].section, &name) && !strcmp(name, sec))
			section = l->entry[i].section;
	}
	if (!section)
		return err_set(l->e, -EINVAL, "--set '%s': no section or workload '%s' in %s", word,
			       sec, l->s->file);
	old = find_entry(l, section, key);
	if (old && !repeatable(section, key))
		*old = (struct entry){ old->section, old->key, arena_strdup(&l->s->mem, eq + 1),
				       0 };
	else
		add_entry(l, section, key, eq + 1, 0);
	return 0;
}

/* One key, long values on indented continuation lines: inih reads 199 characters a line */
static void canonical_key(struct buf *text, const struct entry *en)
{
	size_t col = strlen(en->key) + 3;

	buf_addf(text, "%s = ", en->key);
	for (const char *p = en->value; *p;) {
		size_t word = strcspn(p, " ");

		if (p > en->value && col + word > 150) {
			buf_addstr(text, "\n    ");
			col = 4;
		} else if (p > en->value) {
			buf_addc(text, ' ');
		}
		buf_add(text, p, word);
		col += word + 1;
		p += word;
		p += strspn(p, " ");
	}
	buf_addc(text, '\n');
}

/* Reading this text again gives the same text: it travels into VMs and archives, and is what the
 * hash is of. */
static void canonical_text(struct loader *l)
{
	struct buf text = BUF_INIT;
	struct scenario *s = l->s;

	/* keys of one section stand together, sections in order of first appearance */
	for (size_t i = 0; i < l->nr; i++) {
		bool first = true;

		for (size_t j = 0; j < i && first; j++)
			first = strcmp(l->entry[j].section, l->entry[i].section) != 0;
		if (!first)
			continue;
		buf_addf(&text, "%s[%s]\n", text.len ? "\n" : "", l->entry[i].section);
		for (size_t j = i; j < l->nr; j++)
			if (*l->entry[j].key && !strcmp(l->entry[j].section, l->entry[i].section))
				canonical_key(&text, &l->entry[j]);
	}
	s->text = arena_strdup(&s->mem, text.data);
	s->hash = fnv1a(FNV_INIT, text.data, text.len);
	buf_release(&text);
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
		if (c->policy != WL_LOCAL && !*c->nodes)
			return err_set(l->e, -EINVAL, "%s: [workload %s]: policy needs 'nodes'",
				       s->file, s->wl[i].name);
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

int scenario_parse(struct scenario *s, const char *file, const char *text, size_t len,
		   const char *const *overrides, size_t nr, struct err *e)
{
	struct loader l = { .s = s, .e = e, .text = text, .end = text + len };
	struct head head = { NULL, "" };
	int bad;

	memset(s, 0, sizeof(*s));
	s->file = arena_strdup(&s->mem, file);
	s->primary = "";
	opt_defaults(needs_opts, &s->needs);
	opt_defaults(phase_opts, &s->phase);
	opt_defaults(sample_opts, &s->sample);
	bad = ini_parse_stream(next_line, &l, on_key, &l);
	if (!l.ret && bad > 0)
		l.ret = err_set(e, -EINVAL, "%s:%d: neither [section] nor key = value", file, bad);
	else if (!l.ret && bad < 0)
		l.ret = err_set(e, -ENOMEM, "%s: out of memory", file);
	for (size_t i = 0; i < nr && !l.ret; i++)
		l.ret = add_override(&l, overrides[i]);
	for (size_t i = 0; i < l.nr && !l.ret; i++)
		l.ret = apply_entry(&l, &l.entry[i], &head);
	if (!l.ret)
		l.ret = check_whole(&l);
	if (!l.ret) {
		s->name = head.name ? head.name : file_stem(&s->mem, file);
		if (!head.name)
			add_entry(&l, "scenario", "name", s->name, 0);
		s->summary = head.summary;
		if (!name_ok(s->name))
			l.ret = err_set(
				e, -EINVAL,
				"%s: '%s' is not a scenario name (letters, digits, - and _)", file,
				s->name);
	}
	if (!l.ret)
		canonical_text(&l);
	free(l.entry);
	if (l.ret)
		scenario_release(s);
	return l.ret;
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
