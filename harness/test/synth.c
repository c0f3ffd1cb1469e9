/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test/synth.h"

#include "archive/line.h"

void synth_init(struct synth *s)
{
	memset(s, 0, sizeof(*s));
	buf_init(&s->text);
	buf_addstr(&s->text, ARCHIVE_MAGIC);
}

void synth_head(struct synth *s, const char *key, const char *value)
{
	buf_addf(&s->text, "h %s %s\n", key, value);
}

void synth_heads(struct synth *s, const char *lines)
{
	while (*lines) {
		int len = (int)strcspn(lines, "\n");

		buf_addf(&s->text, "h %.*s\n", len, lines);
		lines += len + 1;
	}
}

static void add_key(struct synth *s, unsigned id, const char *key, size_t len)
{
	cr_assert_lt(s->nr_keys[id], SYNTH_KEYS_MAX);
	buf_addf(&s->text, "d %zu %u %.*s\n", s->nr_keys[id]++, id, (int)len, key);
}

void synth_key(struct synth *s, unsigned id, const char *key)
{
	add_key(s, id, key, strlen(key));
}

unsigned synth_source_every(struct synth *s, const char *name, const char *period_us,
			    const char *keys)
{
	unsigned id = s->nr_sources++;

	cr_assert_lt(id, SYNTH_SOURCES_MAX);
	buf_addf(&s->text, "src %u %s %s\n", id, name, period_us);
	while (*keys) {
		size_t len = strcspn(keys, " ");

		add_key(s, id, keys, len);
		keys += len + (keys[len] == ' ');
	}
	return id;
}

unsigned synth_source(struct synth *s, const char *name, const char *keys)
{
	return synth_source_every(s, name, "100000", keys);
}

void synth_sample(struct synth *s, unsigned id, uint64_t t_us, const uint64_t *value)
{
	buf_addf(&s->text, "s %u %" PRIu64 " 10 0", id, t_us);
	for (size_t i = 0; i < s->nr_keys[id]; i++) {
		uint64_t old = s->last[id][i];

		buf_addf(&s->text, " 0%c%" PRIu64, value[i] >= old ? '+' : '-',
			 value[i] >= old ? value[i] - old : old - value[i]);
		s->last[id][i] = value[i];
	}
	buf_addc(&s->text, '\n');
}

void synth_table(struct synth *s, unsigned id, const uint64_t *t_us, size_t samples,
		 const struct synth_row *row, size_t nr)
{
	uint64_t v[SYNTH_KEYS_MAX];

	for (size_t i = 0; i < nr; i++)
		synth_key(s, id, row[i].key);
	for (size_t n = 0; n < samples; n++) {
		for (size_t i = 0; i < nr; i++)
			v[i] = row[i].v[n];
		synth_sample(s, id, t_us[n], v);
	}
}

void synth_event(struct synth *s, uint64_t t_us, const char *name, const char *text)
{
	buf_addf(&s->text, "e %" PRIu64 " %s %s\n", t_us, name, text);
}

void synth_mark(struct synth *s, uint64_t t_us, const char *name)
{
	synth_event(s, t_us, "mark", name);
}

void synth_finding(struct synth *s, uint64_t t_us, const char *finding, const char *text)
{
	buf_addf(&s->text, "m %" PRIu64 " %s %s\n", t_us, finding, text);
}

void synth_result(struct synth *s, const char *workload, unsigned instance, const char *key,
		  double value)
{
	buf_addf(&s->text, "w %s %u %s %.17g\n", workload, instance, key, value);
}

void synth_hist(struct synth *s, const char *workload, unsigned instance, const char *kind,
		uint64_t count, uint64_t ns)
{
	buf_addf(&s->text,
		 "l %s %u %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %zu:%" PRIu64 "\n",
		 workload, instance, kind, count, count * ns, ns, ns, hist_index(ns), count);
}

void synth_seal(struct synth *s)
{
	size_t lines = 0, samples = 0;
	uint64_t sum = FNV_INIT;

	for (const char *p = s->text.data; *p; p = strchr(p, '\n') + 1) {
		size_t len = (size_t)(strchr(p, '\n') - p) + 1;

		if (*p == 'H')
			continue;
		lines++;
		samples += p[0] == 's' && p[1] == ' ';
		sum = fnv1a(sum, p, len);
	}
	buf_addf(&s->text, "end %zu %zu %016" PRIx64 "\n", lines, samples, sum);
}

void synth_parse(struct synth *s, const char *name, struct archive *a)
{
	struct err e = ERR_INIT;

	cr_assert_eq(archive_parse(a, name, s->text.data, s->text.len, &e), 0, "%s", e.msg);
	buf_release(&s->text);
}

void synth_text(struct archive *a, const char *name, const char *lines)
{
	struct synth s;

	synth_init(&s);
	buf_addstr(&s.text, lines);
	synth_parse(&s, name, a);
}
