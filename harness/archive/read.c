/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reader. Memory-safe on any bytes: every number is parsed strictly, every index is checked,
 * and the size of the file bounds the memory. Only lines that end in a newline count; the first bad
 * line ends the reading.
 */
#include "archive/archive.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "archive/line.h"
#include "archive/samples.h"

/*
 * Limits of the memory for rows of values: a line of a few bytes can stand for a row of every key.
 * Real files stay under 100 bytes of memory per byte of file.
 */
#define BUDGET_BYTES ((uint64_t)256 << 20)
#define BUDGET_FACTOR 512
#define HOST_LINES_MAX 1000
#define BLOCK_BYTES ((size_t)1 << 20)

static const char *word_copy(struct reader *r)
{
	const char *w;
	size_t len;

	return reader_word(r, &w, &len) ? arena_strndup(&r->a->mem, w, len) : NULL;
}

/* The rest of the line, unescaped; NULL: an unknown escape. */
static const char *text_copy(struct reader *r)
{
	char *out = arena_alloc(&r->a->mem, (size_t)(r->end - r->p) + 1);

	if (!line_unescape(out, r->p, r->end))
		return NULL;
	r->p = r->end;
	return out;
}

static int line_kv(struct reader *r, bool host)
{
	struct archive *a = r->a;
	struct archive_kv kv = { .host = host };

	kv.key = word_copy(r);
	if (!kv.key)
		return reader_bad(r, "no key");
	kv.value = text_copy(r);
	if (!kv.value)
		return reader_bad(r, "unknown escape");
	ARRAY_GROW(a->kv, a->nr_kv, a->cap_kv);
	a->kv[a->nr_kv++] = kv;
	return 0;
}

/*
 * What the run itself says counts, and of the host's words the first: a line that says something
 * else is no note but damage.
 */
static int check_host_kv(struct reader *r, const struct archive_kv *kv)
{
	const char *was = archive_get(r->a, kv->key);

	if (!was || !strcmp(was, kv->value))
		return 0;
	return reader_bad(r, "an H line contradicts an earlier line");
}

static void host_begin(struct reader *r)
{
	r->host_lines = 0;
	r->host_sum = FNV_INIT;
}

/* "H end LINES CHECKSUM" */
static int host_end(struct reader *r)
{
	uint64_t lines = r->host_lines, sum = r->host_sum, nr;
	char want[20];
	int n;

	host_begin(r);
	if (!reader_u64(r, &nr) || nr != lines)
		return reader_bad(r, "the host's lines are not as many as it wrote");
	n = snprintf(want, sizeof(want), "%016" PRIx64, sum);
	if (n != r->end - r->p || memcmp(r->p, want, (size_t)n))
		return reader_bad(r, "the checksum of the host's lines does not fit them");
	return 0;
}

/* A note that cannot be read does not make the run incomplete; one that is wrong does. */
static int line_host(struct reader *r, const char *line, size_t len)
{
	struct archive *a = r->a;
	const char *from = r->p, *key;
	size_t key_len;
	int ret;

	if (reader_word(r, &key, &key_len) && key_len == 3 && !memcmp(key, "end", 3))
		return host_end(r);
	r->p = from;
	r->host_lines++;
	r->host_sum = fnv1a(fnv1a(r->host_sum, line, len), "\n", 1);
	if (r->nr_host++ == HOST_LINES_MAX)
		return reader_bad(r, "too many H lines");
	if (line_kv(r, true))
		return 0;
	a->nr_kv--;
	ret = check_host_kv(r, &a->kv[a->nr_kv]);
	a->nr_kv += !ret;
	return ret;
}

static int line_event(struct reader *r, bool finding)
{
	struct archive *a = r->a;
	struct archive_ev ev = { .finding = finding };

	if (!reader_u64(r, &ev.t_us))
		return reader_bad(r, "not a time");
	ev.name = word_copy(r);
	if (!ev.name)
		return reader_bad(r, "no name");
	ev.text = text_copy(r);
	if (!ev.text)
		return reader_bad(r, "unknown escape");
	ARRAY_GROW(a->ev, a->nr_ev, a->cap_ev);
	a->ev[a->nr_ev++] = ev;
	return 0;
}

static int line_result(struct reader *r)
{
	struct archive *a = r->a;
	struct archive_res res;
	const char *value;
	char *stop;

	res.workload = word_copy(r);
	if (!res.workload || !reader_u32(r, &res.instance))
		return reader_bad(r, "not a workload and its instance");
	res.key = word_copy(r);
	value = res.key ? word_copy(r) : NULL;
	if (!value || r->p != r->end)
		return reader_bad(r, "not a key and its value");
	res.value = strtod(value, &stop);
	if (*stop || (unsigned char)*value <= ' ')
		return reader_bad(r, "not a number");
	ARRAY_GROW(a->res, a->nr_res, a->cap_res);
	a->res[a->nr_res++] = res;
	return 0;
}

static int line_hist(struct reader *r)
{
	struct archive *a = r->a;
	struct archive_lat lat;
	uint64_t count, sum = 0;
	size_t next = 0;

	lat.workload = word_copy(r);
	if (!lat.workload || !reader_u32(r, &lat.instance))
		return reader_bad(r, "not a workload and its instance");
	lat.kind = word_copy(r);
	if (!lat.kind)
		return reader_bad(r, "no kind");
	if (!reader_spend(r, sizeof(*lat.hist)))
		return reader_bad(r, "too much data for a file of this size");
	lat.hist = arena_alloc(&a->mem, sizeof(*lat.hist));
	if (!reader_u64(r, &count) || !reader_u64(r, &lat.hist->sum) ||
	    !reader_u64(r, &lat.hist->min) || !reader_u64(r, &lat.hist->max))
		return reader_bad(r, "not count, sum, min and max");
	lat.hist->count = count;
	while (r->p < r->end) {
		const char *w;
		uint64_t gap, n;
		size_t len;

		if (!reader_word(r, &w, &len) || !reader_digits(&w, r->end, &gap) || w == r->end ||
		    *w++ != ':' || !reader_digits(&w, r->end, &n) || (w < r->end && *w != ' ') ||
		    gap >= HIST_BUCKETS - next)
			return reader_bad(r, "not a histogram bucket");
		next += gap;
		lat.hist->bucket[next++] = n;
		sum += n;
	}
	if (sum != count)
		return reader_bad(r, "histogram buckets do not add up to the count");
	ARRAY_GROW(a->lat, a->nr_lat, a->cap_lat);
	a->lat[a->nr_lat++] = lat;
	return 0;
}

static int line_end(struct reader *r, uint64_t line)
{
	struct archive *a = r->a;
	char want[80];
	int n;

	n = snprintf(want, sizeof(want), "%" PRIu64 " %" PRIu64 " %016" PRIx64, a->body_lines,
		     a->nr_samples, a->checksum);
	if (n != r->end - r->p || memcmp(r->p, want, (size_t)n)) {
		snprintf(a->why, sizeof(a->why),
			 "line %" PRIu64
			 ": the sums of the end line do not fit (read up to sample %" PRIu64 ")",
			 line, a->nr_samples);
		return -EINVAL;
	}
	a->complete = true;
	return 0;
}

static bool kind_is(const char *kind, size_t len, const char *name)
{
	return strlen(name) == len && !memcmp(kind, name, len);
}

static int body_line(struct reader *r, const char *kind, size_t len)
{
	if (kind_is(kind, len, "s"))
		return reader_sample(r);
	if (kind_is(kind, len, "h"))
		return line_kv(r, false);
	if (kind_is(kind, len, "e") || kind_is(kind, len, "m"))
		return line_event(r, *kind == 'm');
	if (kind_is(kind, len, "w"))
		return line_result(r);
	if (kind_is(kind, len, "l"))
		return line_hist(r);
	if (kind_is(kind, len, "src"))
		return reader_source(r);
	if (kind_is(kind, len, "d"))
		return reader_key(r);
	if (kind_is(kind, len, "lost"))
		return reader_lost(r);
	return 0; /* a kind of a later version: counted, not interpreted */
}

/* Reads one line, given without its newline. */
static int one_line(struct reader *r, const char *line, size_t len, uint64_t nr)
{
	struct archive *a = r->a;
	const char *kind;
	size_t kind_len;
	int ret;

	r->p = line;
	r->end = line + len;
	r->what = NULL;
	if (!reader_word(r, &kind, &kind_len)) {
		ret = reader_bad(r, "no kind of line");
	} else if (kind_is(kind, kind_len, "H")) {
		ret = line_host(r, line, len);
		if (!ret)
			return 0;
	} else if (memchr(line, '\0', len)) {
		ret = reader_bad(r, "NUL byte");
	} else if (a->complete) {
		ret = reader_bad(r, "text after the end line");
	} else if (kind_is(kind, kind_len, "end")) {
		host_begin(r);
		return line_end(r, nr);
	} else {
		ret = body_line(r, kind, kind_len);
	}
	if (ret) {
		a->complete = false;
		snprintf(a->why, sizeof(a->why),
			 "line %" PRIu64 ": %s (read up to sample %" PRIu64 ")", nr, r->what,
			 a->nr_samples);
		return ret;
	}
	host_begin(r);
	a->body_lines++;
	a->checksum = fnv1a(fnv1a(a->checksum, line, len), "\n", 1);
	return 0;
}

/* Reads the whole lines of @text, of which @seen bytes are known to hold no newline. Returns how
 * many bytes they are; *more = false: a bad line ends the reading. */
static size_t read_lines(struct reader *r, const char *text, size_t len, size_t seen, bool *more)
{
	const char *p = text, *from = text + seen, *end = text + len, *nl;

	for (*more = true; *more && (nl = memchr(from, '\n', (size_t)(end - from))); from = p) {
		*more = !one_line(r, p, (size_t)(nl - p), r->line++);
		p = nl + 1;
	}
	return (size_t)(p - text);
}

/* What a w or l line is of: it may be written once. */
struct said {
	const char *workload, *what;
	unsigned instance;
	char kind;
};

static int by_said(const void *va, const void *vb)
{
	const struct said *a = va, *b = vb;
	int c = strcmp(a->workload, b->workload);

	c = c ? c : strcmp(a->what, b->what);
	return c ? c : (a->instance > b->instance) - (a->instance < b->instance);
}

/* Readers add the numbers of a workload up: one that stands there twice would count twice. */
static void check_repeated(struct archive *a, struct said *v, size_t nr)
{
	qsort(v, nr, sizeof(*v), by_said);
	for (size_t i = 1; i < nr && a->complete; i++) {
		if (by_said(&v[i - 1], &v[i]) != 0)
			continue;
		a->complete = false;
		snprintf(a->why, sizeof(a->why), "%c %s %u %s stands there twice", v[i].kind,
			 v[i].workload, v[i].instance, v[i].what);
	}
}

static void check_results(struct archive *a)
{
	struct said *v = xcalloc(a->nr_res + a->nr_lat + 1, sizeof(*v));

	for (size_t i = 0; i < a->nr_res; i++)
		v[i] = (struct said){ a->res[i].workload, a->res[i].key, a->res[i].instance, 'w' };
	check_repeated(a, v, a->nr_res);
	for (size_t i = 0; i < a->nr_lat; i++)
		v[i] = (struct said){ a->lat[i].workload, a->lat[i].kind, a->lat[i].instance, 'l' };
	check_repeated(a, v, a->nr_lat);
	free(v);
}

static int check_first_line(const char *name, const char *text, size_t len, struct err *e)
{
	static const char any[] = "wmark archive ";
	size_t n = len < ARCHIVE_MAGIC_LEN ? len : ARCHIVE_MAGIC_LEN;

	if (!n || !memcmp(text, ARCHIVE_MAGIC, n))
		return 0;
	if (n < sizeof(any) || memcmp(text, any, sizeof(any) - 1))
		return err_set(e, -EINVAL, "%s: not a wmark archive", name);
	return err_set(e, -EINVAL,
		       "%s: a wmark archive of another version; this program reads version 1",
		       name);
}

/* A file of @bytes begins; *used: length of its first line. */
static int read_begin(struct reader *r, struct archive *a, const char *name, const char *text,
		      size_t len, uint64_t bytes, size_t *used, struct err *e)
{
	int ret;

	*r = (struct reader){ .a = a, .budget = BUDGET_BYTES + bytes * BUDGET_FACTOR, .line = 2 };
	*a = (struct archive){ .mem = ARENA_INIT };
	a->path = arena_strdup(&a->mem, name);
	ret = check_first_line(name, text, len, e);
	*used = !ret && len >= ARCHIVE_MAGIC_LEN ? ARCHIVE_MAGIC_LEN : 0;
	if (!*used)
		return ret;
	host_begin(r);
	a->body_lines = 1;
	a->checksum = fnv1a(FNV_INIT, text, ARCHIVE_MAGIC_LEN);
	return 0;
}

static void read_end(struct reader *r)
{
	struct archive *a = r->a;

	check_results(a);
	if (!a->complete && !*a->why)
		snprintf(a->why, sizeof(a->why), "truncated at sample %" PRIu64, a->nr_samples);
	reader_release(r);
}

int archive_parse(struct archive *a, const char *name, const char *text, size_t len, struct err *e)
{
	struct reader r;
	size_t used;
	bool more;
	int ret = read_begin(&r, a, name, text, len, len, &used, e);

	if (ret)
		return ret;
	if (used)
		read_lines(&r, text + used, len - used, 0, &more);
	read_end(&r);
	return 0;
}

static int read_block(int fd, struct buf *b)
{
	ssize_t n;

	buf_reserve(b, BLOCK_BYTES + 1);
	do
		n = read(fd, b->data + b->len, BLOCK_BYTES);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	b->len += (size_t)n;
	b->data[b->len] = '\0';
	return n > 0;
}

/* Block by block: a file may be larger than the memory that its samples need. */
static int load(struct archive *a, const char *path, int fd, uint64_t bytes, struct err *e)
{
	struct buf b = BUF_INIT;
	struct reader r;
	size_t used = 0, seen;
	bool more = true;
	int got, ret;

	while ((got = read_block(fd, &b)) > 0 && b.len < ARCHIVE_MAGIC_LEN)
		;
	ret = got < 0 ? err_sys(e, got, "%s", path)
		      : read_begin(&r, a, path, b.data, b.len, bytes, &used, e);
	if (ret)
		goto out;
	more = used;
	for (seen = 0; more;) {
		used += read_lines(&r, b.data + used, b.len - used, seen, &more);
		b.len -= used;
		memmove(b.data, b.data + used, b.len);
		used = 0;
		seen = b.len;
		got = more ? read_block(fd, &b) : 0;
		more = more && got > 0;
	}
	if (got < 0)
		ret = err_sys(e, got, "%s", path);
	read_end(&r);
out:
	buf_release(&b);
	return ret;
}

int archive_load(struct archive *a, const char *path, struct err *e)
{
	uint64_t bytes;
	int fd = fs_open_regular(path, &bytes, e), ret;

	*a = (struct archive){ .mem = ARENA_INIT };
	if (fd < 0)
		return fd;
	ret = load(a, path, fd, bytes, e);
	close(fd);
	return ret;
}

void archive_release(struct archive *a)
{
	for (size_t i = 0; i < a->nr_series; i++) {
		free(a->series[i].key);
		free(a->series[i].tick);
	}
	free(a->series);
	free(a->kv);
	free(a->ev);
	free(a->res);
	free(a->lat);
	arena_release(&a->mem);
	*a = (struct archive){ .mem = ARENA_INIT };
}
