/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "scenario/settings.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "scenario/knob.h"

#define BLANKS " \t\r\n"

static const char *const prefix[] = {
	[SETTING_KNOB] = "", [SETTING_BOOT] = "boot:", [SETTING_ENV] = "env:"
};

/* ---------------------------------------------------------------- words */

struct word {
	const char *p; /* the word as it stands in the text: kind, name, value */
	int len;
	const char *name;
	size_t name_len;
	const char *value; /* without its quotes; NULL = no '=' */
	size_t value_len;
	enum setting_kind kind;
};

static int refuse(const struct word *w, struct err *e, const char *why)
{
	char shown[160];
	int n = snprintf(shown, sizeof(shown), "%.*s", w->len, w->p);

	for (int i = 0; i < n && shown[i]; i++)
		if (iscntrl((unsigned char)shown[i]))
			shown[i] = '?';
	return err_set(e, -EINVAL, "setting '%s': %s", shown, why);
}

/* Cuts one word off *at, which then points after the word. Quotes stand around a whole value or
 * nowhere. */
static int cut_word(const char **at, struct word *w, struct err *e)
{
	const char *p = *at + strcspn(*at, BLANKS "=\""), *end;

	*w = (struct word){ .p = *at };
	if (*p == '=' && p[1] == '"') {
		end = strchr(p + 2, '"');
		w->len = (int)(end ? end + 1 - *at : (long)strlen(*at));
		if (!end)
			return refuse(w, e, "a \" without its end");
		w->value = p + 2;
		w->value_len = (size_t)(end++ - w->value);
		if (*end && !strchr(BLANKS, *end))
			return refuse(w, e, "the closing \" must end the word");
	} else {
		end = p + strcspn(p, BLANKS);
		w->len = (int)(end - *at);
		if (*p == '=') {
			w->value = p + 1;
			w->value_len = (size_t)(end - w->value);
		}
		if (memchr(*at, '"', (size_t)w->len))
			return refuse(w, e,
				      "a \" stands around a whole value (NAME=\"A B\") or nowhere");
		if (w->value_len && *w->value == '\'')
			return refuse(w, e,
				      "values with blanks stand in double quotes (NAME=\"A B\")");
	}
	w->name = *at;
	w->name_len = (size_t)(p - *at);
	for (int i = 0; i < w->len; i++)
		if (iscntrl((unsigned char)w->p[i]))
			return refuse(w, e, "a control character in it");
	*at = end;
	return 0;
}

/* Takes "boot:" or "env:" off the name; -EINVAL for any other kind. Paths may hold a ':'
 * (/sys/class/bdi/8:0/...). */
static int find_kind(struct word *w, struct err *e)
{
	const char *colon = memchr(w->name, ':', w->name_len);
	size_t len = colon ? (size_t)(colon + 1 - w->name) : 0;

	for (size_t i = SETTING_BOOT; i < ARRAY_SIZE(prefix); i++) {
		if (len == strlen(prefix[i]) && !memcmp(w->name, prefix[i], len)) {
			w->kind = (enum setting_kind)i;
			w->name += len;
			w->name_len -= len;
			return 0;
		}
	}
	w->kind = SETTING_KNOB;
	if (colon && !memchr(w->name, '.', len) && !memchr(w->name, '/', len))
		return refuse(
			w, e,
			"no such kind: SYSCTL=VALUE, /sys/PATH=VALUE, boot:NAME[=VALUE] or env:NAME=VALUE");
	return 0;
}

static bool env_name(const char *name)
{
	for (const char *p = name; *p; p++)
		if (*p != '_' && !isalpha((unsigned char)*p) &&
		    (p == name || !isdigit((unsigned char)*p)))
			return false;
	return true;
}

static int check(const struct word *w, const struct setting *s, struct err *e)
{
	if (!*s->name)
		return refuse(w, e, "no name");
	if (!s->value && s->kind != SETTING_BOOT)
		return refuse(w, e,
			      !strcmp(s->name, "none") ? "stands alone or not at all"
						       : "no '=' (NAME=VALUE)");
	if (s->kind == SETTING_ENV && !env_name(s->name))
		return refuse(w, e,
			      "the name of an environment variable holds letters, digits and _");
	if (s->kind == SETTING_BOOT && !strcmp(s->name, "--"))
		return refuse(w, e, "what follows -- is not the kernel's");
	if (s->kind != SETTING_KNOB)
		return 0;
	if (!s->value[strspn(s->value, " ")])
		return refuse(w, e, "no value");
	if (knob_name_check(s->name, e))
		return err_wrap(e, -EINVAL, "setting '%.*s'", w->len, w->p);
	return 0;
}

/* Two names of one knob are the same, and so are boot parameters with - and _ (kernel/params.c
 * parameqn()). */
static bool same_name(const struct setting *a, const struct setting *b)
{
	const char *p = a->name, *q = b->name;
	char *pa, *pb;
	bool same;

	if (a->kind != b->kind)
		return false;
	if (a->kind == SETTING_KNOB) {
		pa = knob_path(p);
		pb = knob_path(q);
		same = !strcmp(pa, pb);
		free(pa);
		free(pb);
		return same;
	}
	for (; *p && *q; p++, q++)
		if (*p != *q && !(a->kind == SETTING_BOOT && strchr("-_", *p) && strchr("-_", *q)))
			return false;
	return *p == *q;
}

/* Appends a setting as the canonical text has it, or without its kind as a kernel's command line
 * has it (lib/cmdline.c next_arg()). */
static void add_word(struct buf *out, const struct setting *s, bool kind)
{
	/* settings_parse() refuses a ' at the front without quotes, and must be able to read this
	 * text */
	const char *quote = s->value && (strchr(s->value, ' ') || *s->value == '\'') ? "\"" : "";

	buf_addf(out, "%s%s%s", out->len ? " " : "", kind ? prefix[s->kind] : "", s->name);
	if (s->value)
		buf_addf(out, "=%s%s%s", quote, s->value, quote);
}

static int add_setting(const char **at, struct arena *mem, struct settings *out, struct err *e)
{
	struct setting *s = &out->v[out->nr];
	struct word w;
	int ret = cut_word(at, &w, e);

	if (!ret)
		ret = find_kind(&w, e);
	if (ret)
		return ret;
	s->kind = w.kind;
	s->name = arena_strndup(mem, w.name, w.name_len);
	s->value = w.value ? arena_strndup(mem, w.value, w.value_len) : NULL;
	ret = check(&w, s, e);
	for (size_t i = 0; i < out->nr && !ret; i++)
		if (same_name(&out->v[i], s))
			ret = refuse(&w, e, "the second value for this name");
	out->nr += !ret;
	return ret;
}

int settings_parse(const char *text, struct arena *mem, struct settings *out, struct err *e)
{
	const char *p = text + strspn(text, BLANKS);
	struct buf canonical = BUF_INIT;
	size_t most = 0;
	int ret = 0;

	*out = (struct settings){ .text = "" };
	if (!strncmp(p, "none", 4) && !p[4 + strspn(p + 4, BLANKS)])
		return 0;
	/* no word is shorter than a letter and a blank */
	most = strlen(p) / 2 + 1;
	out->v = arena_alloc(mem, most * sizeof(*out->v));
	for (; *p && !ret; p += strspn(p, BLANKS))
		ret = add_setting(&p, mem, out, e);
	if (ret) {
		*out = (struct settings){ .text = "" };
		return ret;
	}
	for (size_t i = 0; i < out->nr; i++)
		add_word(&canonical, &out->v[i], true);
	out->text = arena_strdup(mem, canonical.data);
	buf_release(&canonical);
	return 0;
}

/* ---------------------------------------------------------------- use */

const struct setting *settings_first(const struct settings *s, enum setting_kind kind)
{
	for (size_t i = 0; s && i < s->nr; i++)
		if (s->v[i].kind == kind)
			return &s->v[i];
	return NULL;
}

void settings_add_boot(const struct settings *s, struct buf *out)
{
	for (size_t i = 0; s && i < s->nr; i++)
		if (s->v[i].kind == SETTING_BOOT)
			add_word(out, &s->v[i], false);
}

void settings_export(const struct settings *s)
{
	for (size_t i = 0; s && i < s->nr; i++)
		if (s->v[i].kind == SETTING_ENV)
			setenv(s->v[i].name, s->v[i].value, 1);
}
