/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge/rebuilds.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "archive/line.h"
#include "base/alloc.h"
#include "base/opt.h"

#define MAGIC_WORDS "wmark rebuilds "
#define COUNT_MAX 1000000 /* of builds, and of runs per build */
/* a file may come from anybody: more is refused before it costs time */
#define SCENARIOS_MAX 4096
#define METRICS_MAX 4096 /* of one scenario */

/* ---------------------------------------------------------------- making */

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

/* A copy of one word as the file can hold it. */
static const char *word_of(struct rebuilds *r, const char *word)
{
	struct buf b = BUF_INIT;
	const char *copy;

	line_add_word(&b, word);
	copy = arena_strdup(&r->mem, b.data + 1);
	buf_release(&b);
	return copy;
}

/* Newlines are escaped when they are written. */
static const char *text_of(struct rebuilds *r, const char *text)
{
	char *copy = arena_strdup(&r->mem, text);

	for (char *p = copy; *p; p++)
		if (is_control(*p) && *p != '\n' && *p != '\r')
			*p = '_';
	return copy;
}

struct rebuild_scenario *rebuilds_add(struct rebuilds *r, const struct rebuild_scenario *s)
{
	ARRAY_GROW(r->v, r->nr, r->cap);
	r->v[r->nr] = (struct rebuild_scenario){
		.name = word_of(r, s->name),
		.hash = word_of(r, s->hash),
		.machine_key = word_of(r, s->machine_key),
		.lru = word_of(r, s->lru),
		.kernel = word_of(r, s->kernel),
		.from = s->from ? arena_strdup(&r->mem, s->from) : NULL,
	};
	return &r->v[r->nr++];
}

void rebuilds_add_fact(struct rebuilds *r, struct rebuild_scenario *s, const char *key,
		       const char *value)
{
	ARRAY_GROW(s->fact, s->nr_facts, s->cap_facts);
	s->fact[s->nr_facts++] = (struct archive_note){ word_of(r, key), text_of(r, value) };
}

void rebuilds_add_metric(struct rebuilds *r, struct rebuild_scenario *s,
			 const struct rebuild_metric *m)
{
	ARRAY_GROW(s->metric, s->nr_metrics, s->cap_metrics);
	s->metric[s->nr_metrics] = *m;
	s->metric[s->nr_metrics++].name = word_of(r, m->name);
}

const struct rebuild_metric *rebuild_metric_find(const struct rebuild_scenario *s, const char *name)
{
	for (size_t i = 0; i < s->nr_metrics; i++)
		if (!strcmp(s->metric[i].name, name))
			return &s->metric[i];
	return NULL;
}

void rebuilds_release(struct rebuilds *r)
{
	for (size_t i = 0; i < r->nr; i++) {
		free(r->v[i].fact);
		free(r->v[i].metric);
	}
	free(r->v);
	arena_release(&r->mem);
	*r = (struct rebuilds){ .v = NULL };
}

/* ---------------------------------------------------------------- writing */

static void write_metric(const struct rebuild_metric *m, struct buf *out)
{
	buf_addf(out, "metric %s %s %.9g %zu %zu %.9g %.9g %.9g", m->name,
		 metric_scale_names[m->scale], m->c, m->builds, m->runs, m->sd_between,
		 m->sd_within, m->p95);
	for (size_t i = 0; i < m->nr_states; i++)
		buf_addf(out, " %.9g %.9g", m->state[i].centre, m->state[i].share);
	buf_addc(out, '\n');
}

void rebuilds_write(const struct rebuilds *r, struct buf *out)
{
	size_t lines = 0;

	buf_addstr(out, REBUILDS_MAGIC "\n");
	for (size_t i = 0; i < r->nr; i++) {
		const struct rebuild_scenario *s = &r->v[i];

		buf_addf(out, "scenario %s %s %s %s %s\n", s->name, s->hash, s->machine_key, s->lru,
			 s->kernel);
		for (size_t k = 0; k < s->nr_facts; k++) {
			buf_addf(out, "fact %s", s->fact[k].key);
			line_add_text(out, s->fact[k].value);
			buf_addc(out, '\n');
		}
		for (size_t k = 0; k < s->nr_metrics; k++)
			write_metric(&s->metric[k], out);
		lines += s->nr_metrics;
	}
	buf_addf(out, "end %zu\n", lines);
}

/* ---------------------------------------------------------------- reading */

struct reader {
	struct rebuilds *r;
	const char *path;
	size_t line, first, metrics; /* first: index of the file's first scenario */
	bool ended;
	struct err *e;
};

static int bad(const struct reader *r, const char *word, const char *what)
{
	return err_set(r->e, -EINVAL, "%s:%zu: '%.60s': %s", r->path, r->line, word ? word : "",
		       what);
}

static int number(const struct reader *r, const char *word, double least, double most, double *out)
{
	char *end;

	if (!word)
		return bad(r, word, "a number is missing");
	*out = strtod(word, &end);
	return end == word || *end || !(*out >= least && *out <= most)
		       ? bad(r, word, "not a number of this kind")
		       : 0;
}

static int count(const struct reader *r, const char *word, uint64_t least, uint64_t most,
		 size_t *out)
{
	uint64_t v;

	if (!word || opt_parse_u64(word, &v, NULL) || v < least || v > most)
		return bad(r, word, "not a number of this kind");
	*out = (size_t)v;
	return 0;
}

static struct rebuild_scenario *current(const struct reader *r)
{
	return r->r->nr > r->first ? &r->r->v[r->r->nr - 1] : NULL;
}

static int read_scenario(struct reader *r, char *words)
{
	struct rebuild_scenario s = { .from = r->path };
	const char **field[] = { &s.name, &s.hash, &s.machine_key, &s.lru, &s.kernel };
	char *save = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(field); i++) {
		*field[i] = strtok_r(i ? NULL : words, " ", &save);
		if (!*field[i])
			return bad(r, words,
				   "not a scenario line (NAME HASH MACHINE-KEY LRU KERNEL)");
	}
	if (*save)
		return bad(r, save, "one word too many");
	if (r->r->nr - r->first == SCENARIOS_MAX)
		return bad(r, s.name, "too many scenarios");
	rebuilds_add(r->r, &s);
	return 0;
}

static int read_fact(struct reader *r, char *words)
{
	char *space = strchr(words, ' '), *value = space ? space + 1 : words + strlen(words), *end;

	if (!current(r))
		return bad(r, words, "stands before the first scenario");
	if (space)
		*space = '\0';
	end = line_unescape(value, value, value + strlen(value));
	if (!*words || !end)
		return bad(r, words, "not a fact (KEY TEXT)");
	*end = '\0';
	rebuilds_add_fact(r->r, current(r), words, value);
	return 0;
}

static int read_scale(const struct reader *r, const char *word, enum metric_scale *out)
{
	for (int i = SCALE_LOG; i <= SCALE_LOGIT && word; i++) {
		if (strcmp(word, metric_scale_names[i]) != 0)
			continue;
		*out = (enum metric_scale)i;
		return 0;
	}
	return bad(r, word, "not a scale (log or logit)");
}

/* The states: none, or two pairs of centre and share. */
static int read_states(const struct reader *r, char **save, struct rebuild_metric *m)
{
	int ret = 0;

	for (char *w = strtok_r(NULL, " ", save); w && !ret; w = strtok_r(NULL, " ", save)) {
		struct rebuild_state *s = &m->state[m->nr_states];

		if (m->nr_states == REBUILD_STATES)
			return bad(r, w, "one word too many");
		ret = number(r, w, -1e300, 1e300, &s->centre);
		if (!ret)
			ret = number(r, strtok_r(NULL, " ", save), 0, 1, &s->share);
		m->nr_states++;
	}
	if (!ret && m->nr_states &&
	    (m->nr_states != REBUILD_STATES || m->state[0].centre > m->state[1].centre))
		ret = bad(r, m->name, "two states are needed, the lower centre first, or none");
	return ret;
}

/* NAME SCALE C BUILDS RUNS BETWEEN WITHIN P95 [CENTRE SHARE CENTRE SHARE] */
static int read_metric(struct reader *r, char *words)
{
	struct rebuild_metric metric = { .nr_states = 0 }, *m = &metric;
	char *save = NULL, *word[8];
	int ret;

	for (size_t i = 0; i < ARRAY_SIZE(word); i++)
		word[i] = strtok_r(i ? NULL : words, " ", &save);
	if (!current(r))
		return bad(r, word[0], "stands before the first scenario");
	if (!word[0])
		return bad(r, words, "a metric without a name");
	m->name = word[0];
	if (current(r)->nr_metrics == METRICS_MAX)
		return bad(r, m->name, "too many metrics");
	if (rebuild_metric_find(current(r), m->name))
		return bad(r, m->name, "the same metric twice in one scenario");
	ret = read_scale(r, word[1], &m->scale);
	if (!ret)
		ret = number(r, word[2], 1e-300, 1e300, &m->c);
	if (!ret)
		ret = count(r, word[3], 2, COUNT_MAX, &m->builds);
	if (!ret)
		ret = count(r, word[4], 2, COUNT_MAX, &m->runs);
	if (!ret)
		ret = number(r, word[5], 0, 1e300, &m->sd_between);
	if (!ret)
		ret = number(r, word[6], 0, 1e300, &m->sd_within);
	if (!ret)
		ret = number(r, word[7], 0, 1e300, &m->p95);
	if (!ret)
		ret = read_states(r, &save, m);
	if (!ret)
		rebuilds_add_metric(r->r, current(r), m);
	r->metrics++;
	return ret;
}

static int read_end(struct reader *r, char *words)
{
	size_t lines = 0;
	int ret = count(r, words, 0, SIZE_MAX, &lines);

	r->ended = true;
	return !ret && lines != r->metrics ? bad(r, words, "not as many metrics stand before it")
					   : ret;
}

static const struct {
	const char *word;
	int (*read)(struct reader *r, char *words);
} lines[] = {
	{ "scenario", read_scenario },
	{ "fact", read_fact },
	{ "metric", read_metric },
	{ "end", read_end },
};

static int read_line(struct reader *r, char *line)
{
	char *words = strchr(line, ' ');

	if (r->ended)
		return bad(r, line, "a line after the end");
	for (const char *p = line; *p; p++)
		if (is_control(*p))
			return bad(r, "", "a control character in the line");
	if (words)
		*words++ = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(lines) && words; i++)
		if (!strcmp(line, lines[i].word))
			return lines[i].read(r, words);
	return bad(r, line, "not a line of a file of rebuilds");
}

bool rebuilds_is(const char *text, size_t len)
{
	return len >= strlen(MAGIC_WORDS) && !memcmp(text, MAGIC_WORDS, strlen(MAGIC_WORDS));
}

int rebuilds_read(struct rebuilds *rebuilds, const char *path, const char *text, size_t len,
		  struct err *e)
{
	struct reader r = { .r = rebuilds, .path = path, .first = rebuilds->nr, .e = e };
	char *copy = xstrndup(text, len), *next;
	int ret = strlen(copy) != len ? err_set(e, -EINVAL, "%s: holds a zero byte", path) : 0;

	for (char *line = copy; (*line || !r.line) && !ret; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		if (!r.line++)
			ret = strcmp(line, REBUILDS_MAGIC) != 0
				      ? bad(&r, line,
					    "not a file of rebuilds ('" REBUILDS_MAGIC "')")
				      : 0;
		else
			ret = read_line(&r, line);
	}
	if (!ret && !r.ended)
		ret = err_set(e, -EINVAL,
			      "%s:%zu: the file is cut short: its 'end' line is missing", path,
			      r.line);
	free(copy);
	return ret;
}
