/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/opt.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"

static const struct opt_desc *find(const struct opt_desc *t, const char *name, size_t len)
{
	for (; t->type != OPT_T_END; t++)
		if (t->type != OPT_T_HELP && strlen(t->name) == len && !memcmp(t->name, name, len))
			return t;
	return NULL;
}

static const struct opt_desc *find_letter(const struct opt_desc *t, char c)
{
	for (; t->type != OPT_T_END; t++)
		if (t->letter && t->letter == c)
			return t;
	return NULL;
}

/*
 * strtod and strtoull accept signs, white space, hex and "nan"; here a number is plain digits only
 */
static bool number_end(const char *s, double *v, const char **end)
{
	char *stop;

	if (!isdigit((unsigned char)*s) && !(*s == '.' && isdigit((unsigned char)s[1])))
		return false;
	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		return false;
	errno = 0;
	*v = strtod(s, &stop);
	*end = stop;
	return errno == 0 && isfinite(*v);
}

int opt_parse_u64(const char *s, uint64_t *out, struct err *e)
{
	char *stop;

	if (!isdigit((unsigned char)*s))
		return err_set(e, -EINVAL, "'%s': not a whole number", s);
	errno = 0;
	*out = strtoull(s, &stop, 10);
	if (errno || *stop)
		return err_set(e, -EINVAL, "'%s': not a whole number%s", s,
			       errno ? " that fits in 64 bits" : "");
	return 0;
}

/*
 * The factor of the binary unit at @s (k, K, kB, KiB, m ...), 1 when there is none; *end is the
 * text after it.
 */
static double binary_unit(const char *s, const char **end)
{
	static const char letters[] = "kmgt";
	const char *p = *s ? strchr(letters, tolower((unsigned char)*s)) : NULL;
	double f = 1;

	*end = s;
	if (p) {
		f = ldexp(1, 10 * (int)(p - letters + 1));
		s++;
		if (*s == 'i')
			s++;
		*end = s;
	}
	if (**end == 'B' || **end == 'b')
		(*end)++;
	return f;
}

int opt_parse_size(const char *s, struct opt_size *out, struct err *e)
{
	const char *end;
	double v;

	if (!number_end(s, &v, &end))
		goto bad;
	if (*end == '%') {
		if (!strcmp(end, "%ram") || !strcmp(end, "%"))
			*out = (struct opt_size){ OPT_PCT_RAM, 0, v };
		else if (!strcmp(end, "%node"))
			*out = (struct opt_size){ OPT_PCT_NODE, 0, v };
		else
			goto bad;
		return 0;
	}
	v *= binary_unit(end, &end);
	if (*end || v >= 0x1p63)
		goto bad;
	*out = (struct opt_size){ OPT_BYTES, (uint64_t)v, 0 };
	return 0;
bad:
	return err_set(e, -EINVAL, "'%s': not a size (like 4096, 64k, 1.5G, 50%%ram, 80%%node)", s);
}

uint64_t opt_size_bytes(const struct opt_size *s, uint64_t ram_bytes, uint64_t node_bytes)
{
	switch (s->share) {
	case OPT_PCT_RAM:
		return (uint64_t)(s->pct / 100 * (double)ram_bytes);
	case OPT_PCT_NODE:
		return (uint64_t)(s->pct / 100 * (double)node_bytes);
	case OPT_BYTES:
		break;
	}
	return s->bytes;
}

int opt_parse_duration(const char *s, uint64_t *ns, struct err *e)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = {
		{ "ns", 1 },   { "us", 1e3 },	{ "ms", 1e6 },	 { "s", 1e9 },
		{ "m", 60e9 }, { "min", 60e9 }, { "h", 3600e9 },
	};
	const char *end;
	double v;

	if (number_end(s, &v, &end)) {
		if (!*end && v == 0) {
			*ns = 0;
			return 0;
		}
		for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
			if (!strcmp(end, units[i].unit) && v * units[i].ns < 0x1p63) {
				*ns = (uint64_t)llround(v * units[i].ns);
				return 0;
			}
		}
	}
	return err_set(e, -EINVAL, "'%s': not a time with a unit (like 250us, 10ms, 1.5s, 2m)", s);
}

int opt_parse_rate(const char *s, struct opt_rate *out, struct err *e)
{
	const char *end;
	double v, unit;

	if (!number_end(s, &v, &end))
		goto bad;
	if (!*end || !strcmp(end, "/s")) {
		*out = (struct opt_rate){ v, false };
		return 0;
	}
	unit = binary_unit(end, &end);
	if (*end && strcmp(end, "/s") != 0)
		goto bad;
	*out = (struct opt_rate){ v * unit, true };
	return 0;
bad:
	return err_set(e, -EINVAL, "'%s': not a rate (like 500, 500/s, 8M/s; 0 = no limit)", s);
}

static int parse_bool(const char *s, bool *out)
{
	static const char *const yes[] = { "yes", "on", "true", "1", "y" }, *const no[] = {
		"no", "off", "false", "0", "n"
	};

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		if (!strcasecmp(s, yes[i]) || !strcasecmp(s, no[i])) {
			*out = !strcasecmp(s, yes[i]);
			return 0;
		}
	}
	return -EINVAL;
}

static int parse_enum(const struct opt_desc *d, const char *value, int *out, struct err *e)
{
	struct buf all = BUF_INIT;

	for (int i = 0; d->choices[i]; i++) {
		if (!strcmp(value, d->choices[i])) {
			*out = i;
			buf_release(&all);
			return 0;
		}
		buf_addf(&all, "%s%s", i ? ", " : "", d->choices[i]);
	}
	err_set(e, -EINVAL, "'%s': not one of %s", value, all.data);
	buf_release(&all);
	return -EINVAL;
}

static int in_range(const struct opt_desc *d, double v, const char *value, struct err *e)
{
	if ((d->min != 0 || d->max != 0) && (v < d->min || v > d->max))
		return err_set(e, -EINVAL, "'%s': not within %g..%g", value, d->min, d->max);
	return 0;
}

static int set_float(const struct opt_desc *d, double *at, const char *value, struct err *e)
{
	const char *end;
	double v;
	int ret;

	if (!number_end(value + (*value == '-'), &v, &end) || *end)
		return err_set(e, -EINVAL, "'%s': not a number", value);
	v = *value == '-' ? -v : v;
	ret = in_range(d, v, value, e);
	if (!ret)
		*at = v;
	return ret;
}

static int set_share(const struct opt_desc *d, double *at, const char *value, struct err *e)
{
	const char *end;
	double v;
	int ret;

	if (!number_end(value, &v, &end) || (*end && strcmp(end, "%") != 0))
		return err_set(e, -EINVAL, "'%s': not a share (like 20%% or 0.2)", value);
	v = *end ? v / 100 : v;
	ret = in_range(d, v, value, e);
	if (!ret)
		*at = v;
	return ret;
}

bool opt_is_name(const char *s, const char *also)
{
	if (!*s || *s == '.')
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("-_", *s) && !strchr(also, *s))
			return false;
	return true;
}

/* Names of files, folders and things become lines of plans, archives and messages. */
static int set_str(const struct opt_desc *d, const char **at, const char *value, struct err *e)
{
	static const char *const names[] = { "FILE", "DIR", "NAME" };

	for (size_t i = 0; i < ARRAY_SIZE(names) && d->arg && value != d->def; i++) {
		if (strcmp(d->arg, names[i]) != 0)
			continue;
		if (!*value)
			return err_set(e, -EINVAL, "'': an empty name");
		for (const char *p = value; *p; p++)
			if (iscntrl((unsigned char)*p))
				return err_set(e, -EINVAL, "'%s': a control character in a name",
					       value);
	}
	*at = value;
	return 0;
}

static int set_value(const struct opt_desc *d, void *cfg, const char *value, struct err *e)
{
	void *at = (char *)cfg + d->offset;
	char *stop;
	int64_t n;
	int ret;

	switch (d->type) {
	case OPT_T_BOOL:
		if (parse_bool(value, at))
			return err_set(e, -EINVAL, "'%s': not yes or no", value);
		return 0;
	case OPT_T_INT:
		errno = 0;
		n = strtoll(value, &stop, 10);
		if (errno || stop == value || *stop || isspace((unsigned char)*value))
			return err_set(e, -EINVAL, "'%s': not a whole number", value);
		ret = in_range(d, (double)n, value, e);
		if (!ret)
			*(int64_t *)at = n;
		return ret;
	case OPT_T_FLOAT:
		return set_float(d, at, value, e);
	case OPT_T_SHARE:
		return set_share(d, at, value, e);
	case OPT_T_SIZE:
		return opt_parse_size(value, at, e);
	case OPT_T_DURATION:
		return opt_parse_duration(value, at, e);
	case OPT_T_RATE:
		return opt_parse_rate(value, at, e);
	case OPT_T_STR:
		return set_str(d, at, value, e);
	case OPT_T_ENUM:
		ret = parse_enum(d, value, at, e);
		return ret;
	case OPT_T_LIST: {
		struct opt_list *l = at;

		l->v = xreallocarray(l->v, l->nr + 1, sizeof(*l->v));
		l->v[l->nr++] = value;
		return 0;
	}
	case OPT_T_END:
	case OPT_T_HELP:
		break;
	}
	assert(!"option type");
	return -EINVAL;
}

void opt_defaults(const struct opt_desc *t, void *cfg)
{
	for (; t->type != OPT_T_END; t++) {
		if (t->def) {
			struct err e = ERR_INIT;
			int ret = set_value(t, cfg, t->def, &e);

			assert(ret == 0);
			(void)ret;
		}
	}
}

void opt_release(const struct opt_desc *t, void *cfg)
{
	for (; t->type != OPT_T_END; t++) {
		if (t->type == OPT_T_LIST) {
			struct opt_list *l = (void *)((char *)cfg + t->offset);

			free(l->v);
			*l = (struct opt_list){ NULL, 0 };
		}
	}
}

static size_t distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b), row[64];

	if (la >= ARRAY_SIZE(row) || lb >= ARRAY_SIZE(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diag = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t up = row[j], best = diag + (a[i - 1] != b[j - 1]);

			if (up + 1 < best)
				best = up + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diag = up;
			row[j] = best;
		}
	}
	return row[lb];
}

const char *opt_suggest(const char *word, const char *const *names, size_t nr)
{
	size_t best = 3;
	const char *found = NULL;

	for (size_t i = 0; i < nr; i++) {
		size_t d = distance(word, names[i]);

		if (d < best && 2 * d < strlen(word) + 1) {
			best = d;
			found = names[i];
		}
	}
	return found;
}

const char *opt_nearest(const struct opt_desc *t, const char *name)
{
	const char *names[128];
	size_t nr = 0;

	for (; t->type != OPT_T_END && nr < ARRAY_SIZE(names); t++)
		if (t->type != OPT_T_HELP)
			names[nr++] = t->name;
	return opt_suggest(name, names, nr);
}

int opt_set(const struct opt_desc *t, void *cfg, const char *name, const char *value, struct err *e)
{
	const struct opt_desc *d = find(t, name, strlen(name));
	const char *near;

	if (d)
		return set_value(d, cfg, value, e);
	near = opt_nearest(t, name);
	return err_set(e, -ENOENT, "'%s': no such key%s%s%s", name, near ? " (did you mean '" : "",
		       near ? near : "", near ? "'?)" : "");
}

static int unknown_option(const struct opt_desc *t, const char *word, size_t len, struct err *e)
{
	char *name = xstrndup(word, len);
	const char *near = opt_nearest(t, name);

	err_set(e, -EINVAL, "unknown option '--%s'%s%s%s", name, near ? "; did you mean '--" : "",
		near ? near : "", near ? "'?" : "");
	free(name);
	return -EINVAL;
}

/* Parses the option at argv[i] and moves *i over the words it used. */
static int parse_one(const struct opt_desc *t, void *cfg, int argc, char **argv, int *i,
		     struct err *e)
{
	const char *word = argv[*i], *value = NULL;
	const struct opt_desc *d;
	char label[80];
	int ret;

	if (word[1] == '-') {
		size_t len = strcspn(word + 2, "=");

		d = find(t, word + 2, len);
		if (!d)
			return unknown_option(t, word + 2, len, e);
		if (word[2 + len])
			value = word + 2 + len + 1;
	} else {
		d = find_letter(t, word[1]);
		if (!d)
			return err_set(e, -EINVAL, "unknown option '-%c'", word[1]);
		if (word[2])
			value = word + 2;
	}
	snprintf(label, sizeof(label), "--%s", d->name);
	if (!value && d->type == OPT_T_BOOL)
		value = "yes";
	if (!value) {
		if (*i + 1 >= argc)
			return err_set(e, -EINVAL, "%s needs a value (%s)", label, opt_arg(d));
		value = argv[++*i];
	}
	ret = set_value(d, cfg, value, e);
	return ret ? err_wrap(e, ret, "%s", label) : 0;
}

int opt_parse(const struct opt_desc *t, void *cfg, int argc, char **argv, bool stop_early,
	      char ***argv_rest, int *nr_rest, struct err *e)
{
	int nr = 0, i, ret;

	*argv_rest = argv;
	for (i = 0; i < argc; i++) {
		char *w = argv[i];

		if (!strcmp(w, "--")) {
			i++;
			break;
		}
		if (w[0] != '-' || !w[1]) {
			if (stop_early)
				break;
			argv[nr++] = w;
			continue;
		}
		if (!strcmp(w, "--help") || (!strcmp(w, "-h") && !find_letter(t, 'h')))
			return 1;
		ret = parse_one(t, cfg, argc, argv, &i, e);
		if (ret)
			return ret;
	}
	while (i < argc)
		argv[nr++] = argv[i++];
	*nr_rest = nr;
	return 0;
}
