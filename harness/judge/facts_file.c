/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes and reads facts as text; results/README.md lists the lines. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/line.h"
#include "base/alloc.h"
#include "base/fs.h"
#include "facts_tables.h" /* made by the Makefile: a hash of the sources that derive facts */
#include "judge/facts_file.h"

#define MAGIC "wmark facts 1"
#define TAIL_BYTES 16384

char *facts_path(const char *archive)
{
	size_t len = strlen(archive);

	if (len > 3 && !strcmp(archive + len - 3, ".wm"))
		len -= 3;
	return xasprintf("%.*s.facts", (int)len, archive);
}

int facts_of_file(struct facts_of *of, const char *path, struct err *e)
{
	char tail[TAIL_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), ret = 0;
	struct stat st;
	ssize_t n = 0;

	if (fd < 0 || fstat(fd, &st))
		ret = err_sys(e, -errno, "%s", path);
	else if (S_ISREG(st.st_mode))
		n = pread(fd, tail, sizeof(tail),
			  st.st_size > TAIL_BYTES ? st.st_size - TAIL_BYTES : 0);
	if (n < 0)
		ret = err_sys(e, -errno, "%s", path);
	if (!ret)
		*of = (struct facts_of){ (uint64_t)st.st_size,
					 (uint64_t)st.st_mtim.tv_sec * 1000000000 +
						 (uint64_t)st.st_mtim.tv_nsec,
					 fnv1a(FNV_INIT, tail, (size_t)n) };
	if (fd >= 0)
		close(fd);
	return ret;
}

/* ---------------------------------------------------------------- writing */

static void write_findings(const struct run_facts *f, struct buf *out)
{
	for (size_t i = 0; i < f->nr_findings; i++) {
		const struct finding *v = &f->finding[i];

		buf_addf(out, "finding %s %d %d %d %d %d %" PRIu64 " %" PRIu64, v->rule, v->cls,
			 v->state, v->broke, v->node, v->has_time, v->begin_us, v->end_us);
		line_add_text(out, v->text);
		buf_addc(out, '\n');
	}
}

static void write_head(const struct run_facts *f, struct buf *out)
{
	const struct archive *h = &f->head;

	buf_addf(out, "body %d %" PRIu64 " %016" PRIx64, h->complete, h->body_lines, h->checksum);
	line_add_text(out, h->why);
	buf_addc(out, '\n');
	for (size_t i = 0; i < h->nr_kv; i++) {
		buf_addstr(out, h->kv[i].host ? "host" : "header");
		line_add_word(out, h->kv[i].key);
		line_add_text(out, h->kv[i].value);
		buf_addc(out, '\n');
	}
}

static void write_shape(const struct run_shape *s, struct buf *out)
{
	for (size_t i = 0; shape_table[i].key; i++) {
		if (!s->v[i].text)
			continue;
		buf_addf(out, "state %s %d", shape_table[i].key, s->v[i].used);
		line_add_text(out, s->v[i].text);
		buf_addc(out, '\n');
	}
}

void facts_write(const struct run_facts *f, const struct facts_of *of, struct buf *out)
{
	size_t from = out->len;

	buf_addf(out, MAGIC "\ntables %s\narchive %" PRIu64 " %" PRIu64 " %016" PRIx64 "\n",
		 FACTS_TABLES, of->size, of->mtime_ns, of->tail);
	write_head(f, out);
	if (f->has_window)
		buf_addf(out, "window %" PRIu64 " %" PRIu64 "\n", f->begin_us, f->end_us);
	buf_addf(out, "fit %d %d %d", f->usable, f->broken, f->flagged);
	line_add_text(out, f->set_aside ? f->set_aside : "");
	buf_addc(out, '\n');
	if (f->includes) {
		buf_addstr(out, "includes");
		line_add_text(out, f->includes);
		buf_addc(out, '\n');
	}
	buf_addf(out, "breaks %u %u %u\n", f->breaks.side[0], f->breaks.side[1], f->breaks.matters);
	write_shape(&f->shape, out);
	write_findings(f, out);
	for (size_t i = 0; i < f->rows.nr; i++)
		buf_addf(out, "row %s %d %s\n", f->rows.v[i].model->name, f->rows.v[i].background,
			 f->rows.v[i].arg);
	if (f->rows.left_out)
		buf_addf(out, "left-out %zu\n", f->rows.left_out);
	for (size_t i = 0; i < f->nr_values; i++)
		buf_addf(out, "value %s %.17g\n", f->value[i].metric, f->value[i].v);
	buf_addf(out, "end %016" PRIx64 "\n", fnv1a(FNV_INIT, out->data + from, out->len - from));
}

/* ---------------------------------------------------------------- reading */

struct facts_reader {
	struct run_facts *f;
	struct arena *mem;
	const struct facts_of *of;
	size_t cap_findings, cap_values;
	struct finding *finding; /* malloc'ed while they grow */
	struct facts_value *value;
	bool fresh, body, fit;
};

/* The rest of a line as text, unescaped in place; NULL: an unknown escape. */
static const char *text_of(char *rest)
{
	char *end = line_unescape(rest, rest, rest + strlen(rest));

	if (!end)
		return NULL;
	*end = '\0';
	return rest;
}

/* The text after the @n bytes that sscanf() took. */
static const char *text_after(char *rest, int n)
{
	return text_of(rest[n] == ' ' ? rest + n + 1 : rest + n);
}

static bool read_archive(struct facts_reader *r, char *rest)
{
	struct facts_of is;

	r->fresh = sscanf(rest, "%" SCNu64 " %" SCNu64 " %" SCNx64, &is.size, &is.mtime_ns,
			  &is.tail) == 3 &&
		   is.size == r->of->size && is.mtime_ns == r->of->mtime_ns &&
		   is.tail == r->of->tail;
	return r->fresh;
}

static bool read_body(struct facts_reader *r, char *rest)
{
	struct archive *h = &r->f->head;
	int complete, n = 0;
	const char *why;

	r->body = sscanf(rest, "%d %" SCNu64 " %" SCNx64 "%n", &complete, &h->body_lines,
			 &h->checksum, &n) == 3 &&
		  n && (why = text_after(rest, n));
	if (r->body) {
		h->complete = complete;
		snprintf(h->why, sizeof(h->why), "%s", why);
	}
	return r->body;
}

static bool read_kv(struct facts_reader *r, char *rest, bool host)
{
	struct archive *h = &r->f->head;
	char *space = strchr(rest, ' ');
	const char *value;

	if (space)
		*space = '\0';
	value = text_of(space ? space + 1 : rest + strlen(rest));
	if (!value || !*rest)
		return false;
	ARRAY_GROW(h->kv, h->nr_kv, h->cap_kv);
	h->kv[h->nr_kv++] = (struct archive_kv){ rest, value, host };
	return true;
}

static bool read_header(struct facts_reader *r, char *rest)
{
	return read_kv(r, rest, false);
}

static bool read_host(struct facts_reader *r, char *rest)
{
	return read_kv(r, rest, true);
}

static bool read_window(struct facts_reader *r, char *rest)
{
	struct run_facts *f = r->f;

	f->has_window = sscanf(rest, "%" SCNu64 " %" SCNu64, &f->begin_us, &f->end_us) == 2 &&
			f->end_us > f->begin_us;
	return f->has_window;
}

static bool read_fit(struct facts_reader *r, char *rest)
{
	int usable, broken, flagged, n = 0;
	const char *text;

	if (sscanf(rest, "%d %d %d%n", &usable, &broken, &flagged, &n) != 3 || !n ||
	    !(text = text_after(rest, n)))
		return false;
	r->f->usable = usable;
	r->f->broken = broken;
	r->f->flagged = flagged;
	r->f->set_aside = usable ? NULL : text;
	return r->fit = usable ? !*text : !!*text;
}

static bool read_includes(struct facts_reader *r, char *rest)
{
	return (r->f->includes = text_of(rest));
}

static bool read_breaks(struct facts_reader *r, char *rest)
{
	struct run_breaks *b = &r->f->breaks;

	return sscanf(rest, "%u %u %u", &b->side[0], &b->side[1], &b->matters) == 3;
}

static bool read_state(struct facts_reader *r, char *rest)
{
	struct run_shape *s = &r->f->shape;
	char *space = strchr(rest, ' ');
	int at, used, n = 0;

	if (!space)
		return false;
	*space++ = '\0';
	at = shape_find(rest);
	if (at < 0 || sscanf(space, "%d%n", &used, &n) != 1)
		return false;
	s->v[at].used = used;
	return (s->v[at].text = text_after(space, n));
}

static bool read_finding(struct facts_reader *r, char *rest)
{
	char *space = strchr(rest, ' ');
	int cls, state, broke, has_time, n = 0;
	struct finding v = { .rule = rest };

	if (!space)
		return false;
	*space++ = '\0';
	if (sscanf(space, "%d %d %d %d %d %" SCNu64 " %" SCNu64 "%n", &cls, &state, &broke, &v.node,
		   &has_time, &v.begin_us, &v.end_us, &n) != 7 ||
	    !n || cls < RULE_INVARIANT || cls > RULE_PARTIAL || state < RULE_PASS ||
	    state > RULE_SKIP)
		return false;
	v.cls = (enum rule_class)cls;
	v.state = (enum rule_state)state;
	v.broke = broke;
	v.has_time = has_time;
	v.text = text_after(space, n);
	ARRAY_GROW(r->finding, r->f->nr_findings, r->cap_findings);
	r->finding[r->f->nr_findings++] = v;
	return v.text;
}

static bool read_row(struct facts_reader *r, char *rest)
{
	char *background = strchr(rest, ' '),
	     *arg = background ? strchr(background + 1, ' ') : NULL;

	if (!arg)
		return false;
	*background++ = *arg++ = '\0';
	return run_rows_add(&r->f->rows, r->mem, rest, arg, !strcmp(background, "1"));
}

static bool read_left_out(struct facts_reader *r, char *rest)
{
	return sscanf(rest, "%zu", &r->f->rows.left_out) == 1;
}

static bool read_value(struct facts_reader *r, char *rest)
{
	struct run_facts *f = r->f;
	char *space = strrchr(rest, ' '), *end;
	double v;

	if (!space)
		return false;
	*space++ = '\0';
	v = strtod(space, &end);
	if (end == space || *end || !isfinite(v))
		return false;
	/* bsearch() needs them in this order */
	if (f->nr_values && strcmp(r->value[f->nr_values - 1].metric, rest) >= 0)
		return false;
	ARRAY_GROW(r->value, f->nr_values, r->cap_values);
	r->value[f->nr_values++] = (struct facts_value){ rest, v };
	return true;
}

static const struct {
	const char *word;
	bool (*read)(struct facts_reader *r, char *rest);
} lines[] = {
	{ "archive", read_archive },
	{ "body", read_body },
	{ "header", read_header },
	{ "host", read_host },
	/* derived facts */
	{ "window", read_window },
	{ "fit", read_fit },
	{ "includes", read_includes },
	{ "breaks", read_breaks },
	{ "state", read_state },
	{ "finding", read_finding },
	{ "row", read_row },
	{ "left-out", read_left_out },
	{ "value", read_value },
};

static bool read_line(struct facts_reader *r, char *line)
{
	char *rest = strchr(line, ' ');

	if (rest)
		*rest++ = '\0';
	else
		rest = line + strlen(line);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (!strcmp(line, lines[i].word))
			return lines[i].read(r, rest);
	return false;
}

/* Copies what was gathered in malloc'ed memory to the arena of the facts, and frees it. */
static void *keep(struct arena *mem, void *from, size_t len)
{
	void *to = arena_alloc(mem, len + 1);

	if (len)
		memcpy(to, from, len);
	free(from);
	return to;
}

/* Length of the lines before `end`; 0: no `end`, or a wrong sum. */
static size_t closed(const char *text, size_t len)
{
	const size_t end_len = strlen("end 0123456789abcdef\n");
	char sum[32];

	if (len <= end_len)
		return 0;
	snprintf(sum, sizeof(sum), "end %016" PRIx64 "\n", fnv1a(FNV_INIT, text, len - end_len));
	return memcmp(text + len - end_len, sum, end_len) ? 0 : len - end_len;
}

bool facts_read(struct run_facts *f, const struct facts_of *of, const char *path, const char *text,
		size_t len)
{
	static const char begin[] = MAGIC "\ntables " FACTS_TABLES "\n";
	struct facts_reader r = { .f = f, .mem = &f->head.mem, .of = of };
	size_t body = closed(text, len);
	bool ok = body > strlen(begin) && !memcmp(text, begin, strlen(begin));
	char *line, *next;

	*f = (struct run_facts){ .order = -1 };
	if (!ok)
		return false;
	line = arena_strndup(r.mem, text + strlen(begin), body - strlen(begin));
	for (; *line && ok; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		ok = read_line(&r, line) && r.fresh;
	}
	f->head.path = arena_strdup(r.mem, path);
	f->finding = keep(r.mem, r.finding, f->nr_findings * sizeof(*r.finding));
	f->value = keep(r.mem, r.value, f->nr_values * sizeof(*r.value));
	ok = ok && r.body && r.fit;
	if (ok) {
		const char *mode = facts_get(f, "lru.mode");

		snprintf(f->breaks.lru, sizeof(f->breaks.lru), "%s", mode ? mode : "");
		facts_from_head(f);
	}
	return ok;
}
