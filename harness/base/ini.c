/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/ini.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define FOLD_COLUMN 150 /* of the canonical text: a change would change the hashes of scenarios */

/* ---------------------------------------------------------------- lines */

struct piece {
	const char *p;
	size_t len;
};

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void trim(struct piece *s)
{
	while (s->len && is_blank(s->p[s->len - 1]))
		s->len--;
	while (s->len && is_blank(*s->p)) {
		s->p++;
		s->len--;
	}
}

/*
 * An indented line after a bad line must not continue the key before the bad line: forget that key.
 */
static int refuse(struct ini *r, struct err *e, const char *why, struct piece word)
{
	char shown[64];
	size_t n = word.len < sizeof(shown) - 4 ? word.len : sizeof(shown) - 4;

	r->key = NULL;
	for (size_t i = 0; i < n; i++)
		shown[i] = iscntrl((unsigned char)word.p[i]) ? '?' : word.p[i];
	snprintf(shown + n, sizeof(shown) - n, "%s", n < word.len ? "..." : "");
	return err_set(e, -EINVAL, "%s:%zu: %s: '%s'", r->file, r->line, why, shown);
}

/* Returns 1 with the next line as it stands, 0 at the end. */
static int take_line(struct ini *r, struct piece *line, struct err *e)
{
	const char *nl;

	if (r->next == r->end)
		return 0;
	nl = memchr(r->next, '\n', (size_t)(r->end - r->next));
	*line = (struct piece){ r->next, (size_t)((nl ? nl : r->end) - r->next) };
	r->next = nl ? nl + 1 : r->end;
	r->line++;
	r->comment = false;
	if (!memchr(line->p, '\0', line->len))
		return 1;
	r->key = NULL;
	return err_set(e, -EINVAL, "%s:%zu: a NUL byte: not a text file", r->file, r->line);
}

static void cut_comment(struct ini *r, struct piece *line)
{
	for (size_t i = 1; i < line->len; i++) {
		if (line->p[i] != ';' || !is_blank(line->p[i - 1]))
			continue;
		line->len = i;
		trim(line);
		r->comment = true;
		return;
	}
}

static int section_line(struct ini *r, struct piece line, struct err *e)
{
	const char *close = memchr(line.p, ']', line.len);
	struct piece name, rest;

	if (!close)
		return refuse(r, e, "a section without its ']'", line);
	name = (struct piece){ line.p + 1, (size_t)(close - line.p) - 1 };
	rest = (struct piece){ close + 1, line.len - name.len - 2 };
	trim(&name);
	trim(&rest);
	if (!name.len)
		return refuse(r, e, "a section without a name", line);
	if (rest.len && *rest.p != '#')
		return refuse(r, e, "text after the ']'", line);
	r->section = name.p;
	r->section_len = name.len;
	r->key = NULL;
	return INI_SECTION;
}

/*
 * Finds the '=' or ':' between key and value. Paths in keys may hold a ':'
 * (/sys/class/bdi/8:0/...): where the line has a '=', a ':' before it counts only at the end of a
 * word.
 */
static const char *separator(struct piece line)
{
	const char *end = line.p + line.len, *eq = memchr(line.p, '=', line.len),
		   *stop = eq ? eq : end;

	for (const char *c = line.p; (c = memchr(c, ':', (size_t)(stop - c))); c++)
		if (!eq || c + 1 == eq || c[1] == ':' || is_blank(c[1]))
			return c;
	return eq;
}

static int key_line(struct ini *r, struct piece line, size_t indent, struct err *e)
{
	const char *sep = separator(line);
	struct piece key, value;

	if (!sep)
		return refuse(r, e, "neither [section] nor key = value", line);
	key = (struct piece){ line.p, (size_t)(sep - line.p) };
	value = (struct piece){ sep + 1, line.len - key.len - 1 };
	trim(&key);
	trim(&value);
	if (!key.len)
		return refuse(r, e, "no key before the '='", line);
	r->key = key.p;
	r->key_len = key.len;
	r->value = value.p;
	r->value_len = value.len;
	r->indent = indent;
	return INI_KEY;
}

void ini_open(struct ini *r, const char *file, const char *text, size_t len)
{
	const size_t bom = len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;

	*r = (struct ini){
		.file = file, .section = "", .value = "", .next = text + bom, .end = text + len
	};
}

int ini_next(struct ini *r, struct err *e)
{
	struct piece line;
	int ret;

	while ((ret = take_line(r, &line, e)) > 0) {
		const char *start = line.p;
		size_t indent;

		trim(&line);
		if (!line.len || *line.p == ';' || *line.p == '#')
			continue;
		indent = (size_t)(line.p - start);
		cut_comment(r, &line);
		if (r->key && indent > r->indent) {
			r->value = line.p;
			r->value_len = line.len;
			return INI_MORE;
		}
		return *line.p == '[' ? section_line(r, line, e) : key_line(r, line, indent, e);
	}
	return ret;
}

int ini_next_name(struct ini *r, struct err *e)
{
	struct piece line;
	int ret;

	while ((ret = take_line(r, &line, e)) > 0) {
		const char *hash = memchr(line.p, '#', line.len);

		if (hash)
			line.len = (size_t)(hash - line.p);
		trim(&line);
		if (!line.len || *line.p == ';')
			continue;
		for (size_t i = 0; i < line.len; i++)
			if (is_blank(line.p[i]))
				return refuse(r, e, "more than one name on a line", line);
		r->value = line.p;
		r->value_len = line.len;
		return 1;
	}
	return ret;
}

/* ---------------------------------------------------------------- files */

static int by_name(const void *pa, const void *pb)
{
	const struct ini_entry *a = *(const struct ini_entry *const *)pa,
			       *b = *(const struct ini_entry *const *)pb;
	int order = strcmp(a->section, b->section);

	if (!order)
		order = strcmp(a->key, b->key);
	return order ? order : (a->line > b->line) - (a->line < b->line);
}

bool ini_repeatable(const char *const *words, const char *section, const char *key)
{
	size_t len = strlen(section);

	for (; words && *words; words++)
		if (!strncmp(*words, section, len) && (*words)[len] == '.' &&
		    !strcmp(*words + len + 1, key))
			return true;
	return false;
}

/* Of all keys that are given twice, reports the one whose second line comes first. */
static int check_once(const struct ini_file *f, const char *file, const char *const *repeatable,
		      struct err *e)
{
	const struct ini_entry **v = xcalloc(f->nr, sizeof(*v)), *first = NULL, *again = NULL;

	for (size_t i = 0; i < f->nr; i++)
		v[i] = &f->v[i];
	if (f->nr)
		qsort(v, f->nr, sizeof(*v), by_name);
	for (size_t i = 1; i < f->nr; i++) {
		if (!*v[i]->key || strcmp(v[i - 1]->section, v[i]->section) != 0 ||
		    strcmp(v[i - 1]->key, v[i]->key) != 0 || (again && again->line < v[i]->line) ||
		    ini_repeatable(repeatable, v[i]->section, v[i]->key))
			continue;
		first = v[i - 1];
		again = v[i];
	}
	free(v);
	return again ? err_set(e, -EINVAL, "%s:%zu: '%s' given twice (first on line %zu)", file,
			       again->line, again->key, first->line)
		     : 0;
}

static void add_value_line(struct ini_file *f, const struct ini *r, struct buf *value)
{
	if (value->len && r->value_len)
		buf_addc(value, ' ');
	buf_add(value, r->value, r->value_len);
	if (r->comment)
		f->v[f->nr - 1].comment = r->line;
}

/* The value of the last entry is complete: store it. */
static void settle(struct ini_file *f, struct arena *mem, struct buf *value)
{
	if (f->nr && *f->v[f->nr - 1].key)
		f->v[f->nr - 1].value = arena_strndup(mem, value->data, value->len);
	buf_reset(value);
}

int ini_read(struct ini_file *f, const char *file, const char *text, size_t len,
	     const char *const *repeatable, struct arena *mem, struct err *e)
{
	struct buf value = BUF_INIT;
	const char *section = NULL;
	struct ini r;
	int what;

	*f = (struct ini_file)INI_FILE_INIT;
	ini_open(&r, file, text, len);
	while ((what = ini_next(&r, e)) > 0) {
		if (what == INI_MORE) {
			add_value_line(f, &r, &value);
			continue;
		}
		settle(f, mem, &value);
		if (what == INI_SECTION)
			section = arena_strndup(mem, r.section, r.section_len);
		if (!section) {
			what = refuse(&r, e, "a key before the first [section]",
				      (struct piece){ r.key, r.key_len });
			break;
		}
		ini_add(f, section, what == INI_KEY ? arena_strndup(mem, r.key, r.key_len) : "",
			"");
		f->v[f->nr - 1].line = r.line;
		if (what == INI_KEY)
			add_value_line(f, &r, &value);
	}
	settle(f, mem, &value);
	buf_release(&value);
	return what ? what : check_once(f, file, repeatable, e);
}

void ini_release(struct ini_file *f)
{
	free(f->v);
	*f = (struct ini_file)INI_FILE_INIT;
}

struct ini_entry *ini_find(const struct ini_file *f, const char *section, const char *key)
{
	for (size_t i = 0; i < f->nr; i++)
		if (!strcmp(f->v[i].section, section) && !strcmp(f->v[i].key, key))
			return &f->v[i];
	return NULL;
}

void ini_add(struct ini_file *f, const char *section, const char *key, const char *value)
{
	ARRAY_GROW(f->v, f->nr, f->cap);
	f->v[f->nr++] = (struct ini_entry){ section, key, value, 0, 0 };
}

/* May a line end before the word @p of a value, and the next line begin with it? */
static bool may_fold(const char *value, const char *p)
{
	const char *last = p;

	while (last > value && last[-1] == ' ')
		last--;
	return last > value && !is_blank(last[-1]) && !is_blank(*p) && *p != '#' && *p != ';';
}

static void write_key(const struct ini_entry *en, struct buf *out)
{
	size_t col = strlen(en->key) + 3;

	/* after a blank the ';' would begin a comment */
	buf_addf(out, "%s =%s", en->key, *en->value == ';' ? "" : " ");
	for (const char *p = en->value; *p;) {
		size_t word = strcspn(p, " ");

		if (col + word > FOLD_COLUMN && may_fold(en->value, p)) {
			buf_addstr(out, "\n    ");
			col = 4;
		} else if (p > en->value) {
			buf_addc(out, ' ');
		}
		buf_add(out, p, word);
		col += word + 1;
		p += word;
		p += strspn(p, " ");
	}
	buf_addc(out, '\n');
}

void ini_write(const struct ini_file *f, struct buf *out)
{
	for (size_t i = 0; i < f->nr; i++) {
		bool first = true;

		for (size_t j = 0; j < i && first; j++)
			first = strcmp(f->v[j].section, f->v[i].section) != 0;
		if (!first)
			continue;
		buf_addf(out, "%s[%s]\n", out->len ? "\n" : "", f->v[i].section);
		for (size_t j = i; j < f->nr; j++)
			if (*f->v[j].key && !strcmp(f->v[j].section, f->v[i].section))
				write_key(&f->v[j], out);
	}
}
