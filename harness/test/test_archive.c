/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The archive: what was written is read back; damaged text never counts as whole, nor as a
 * number. */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/rng.h"
#include "archive/archive.h"
#include "archive/line.h"
#include "test/synth.h"
#include "test/temp.h"

#define SOURCES 4
#define MAX_KEYS 40
#define MAX_TICKS 60

/* A run as the test knows it; the test writes it with a separate encoder. */
struct model_tick {
	uint64_t t, dur, late, value[MAX_KEYS];
	bool present[MAX_KEYS];
	int nr_keys, split_key;
	unsigned split_us;
};

struct model {
	struct model_source {
		int nr_keys, nr_ticks;
		uint64_t lost;
		struct model_tick tick[MAX_TICKS];
	} src[SOURCES];
	struct hist hist;
	double result;
};

static void line(struct archive_writer *w, const struct buf *b)
{
	cr_assert_eq(archive_writer_line(w, b->data, b->len), 0);
}

static uint64_t random_value(struct rng *r, uint64_t old)
{
	switch (rng_below(r, 6)) {
	case 0:
		return rng_next(r);
	case 1:
		return 0;
	case 2:
		return UINT64_MAX - rng_below(r, 3);
	case 3:
		return old + rng_below(r, 1000);
	default:
		return old;
	}
}

static void model_sample(struct archive_writer *w, struct model *m, int id, struct rng *r,
			 uint64_t t)
{
	struct model_source *s = &m->src[id];
	const struct model_tick *last = s->nr_ticks ? &s->tick[s->nr_ticks - 1] : NULL;
	struct model_tick *now = &s->tick[s->nr_ticks++];
	struct buf b = BUF_INIT;
	int next = 0;

	*now = (struct model_tick){
		.t = t, .dur = rng_below(r, 500), .late = rng_below(r, 50), .split_key = -1
	};
	for (; s->nr_keys < MAX_KEYS && rng_below(r, 8) < (last ? 1 : 7); s->nr_keys++) {
		buf_reset(&b);
		buf_addf(&b, "d %d %d key_%d.%d", s->nr_keys, id * 3, id, s->nr_keys);
		line(w, &b);
	}
	now->nr_keys = s->nr_keys;
	buf_reset(&b);
	buf_addf(&b, "s %d %" PRIu64 " %" PRIu64 " %" PRIu64, id * 3, t, now->dur, now->late);
	if (s->nr_keys && !rng_below(r, 3)) {
		now->split_key = (int)rng_below(r, (uint64_t)s->nr_keys);
		now->split_us = (unsigned)rng_below(r, 9999);
		buf_addf(&b, " |%d@%u", now->split_key, now->split_us);
	}
	for (int k = 0; k < s->nr_keys; k++) {
		bool was = last && k < last->nr_keys && last->present[k];
		uint64_t old = was ? last->value[k] : 0, d;

		now->present[k] = rng_below(r, 20) != 0;
		now->value[k] = now->present[k] ? random_value(r, old) : 0;
		d = now->value[k] - old;
		if (was == now->present[k] && !d)
			continue;
		if (!now->present[k])
			buf_addf(&b, " %dx", k - next);
		else if (rng_below(r, 2))
			buf_addf(&b, " %d+%" PRIu64, k - next, d);
		else
			buf_addf(&b, " %d-%" PRIu64, k - next, 0 - d);
		next = k + 1;
	}
	line(w, &b);
	buf_release(&b);
}

static struct model *model_write(const char *path, uint64_t seed, int ticks)
{
	struct model *m = xcalloc(1, sizeof(*m));
	struct rng r = rng_make(seed, 1);
	struct archive_writer *w;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	cr_assert_geq(fd, 0);
	cr_assert_eq(archive_writer_open(&w, fd, 0, &e), 0, "%s", e.msg);
	archive_header(w, "kernel", "6.12 with \\ back\nslash\r%s", "");
	archive_header(w, "empty", "%s", "");
	for (int id = 0; id < SOURCES; id++) {
		buf_reset(&b);
		buf_addf(&b, "src %d source%d %d", id * 3, id, 1000 * (id + 1));
		line(w, &b);
	}
	for (int i = 0; i < ticks; i++) {
		for (int id = 0; id < SOURCES; id++)
			model_sample(w, m, id, &r, (uint64_t)i * 1000 + (uint64_t)id);
		if (!rng_below(&r, 4)) {
			m->src[1].lost += 3;
			archive_writer_line(w, "lost 3 3", 8);
		}
	}
	for (int i = 0; i < 200; i++)
		hist_add(&m->hist, rng_next(&r) >> rng_below(&r, 64), 1 + rng_below(&r, 5));
	m->result = 1.0 / 3;
	archive_event(w, "phase", "load %d\nsecond line", 1);
	archive_finding(w, "oom-kill", "Out of memory: Killed process 1 (a b)");
	archive_result(w, "anon", 2, "ops per s", m->result);
	archive_hist(w, "anon", 2, "touch", &m->hist);
	archive_writer_line(w, "zz a later kind of line", 23);
	archive_writer_line(w, "H wall 12 s", 11);
	cr_assert_eq(archive_writer_close(w, NULL, &e), 0, "%s", e.msg);
	close(fd);
	buf_release(&b);
	return m;
}

static bool value_at(const struct archive_series *s, size_t tick, int k, uint64_t want,
		     bool present)
{
	uint64_t v;

	return archive_value(s, tick, k, &v) == present && (!present || v == want);
}

/* Checks that the ticks that were read are the first of those that were written. */
static void check_prefix(const struct archive *a, const struct model *m)
{
	size_t samples = 0;

	for (size_t id = 0; id < a->nr_series; id++) {
		const struct archive_series *s = &a->series[id];
		const struct model_source *want = &m->src[id];

		cr_assert_leq(s->nr_ticks, (size_t)want->nr_ticks);
		samples += s->nr_ticks;
		for (size_t i = 0; i < s->nr_ticks; i++) {
			const struct archive_tick *t = &s->tick[i];
			const struct model_tick *x = &want->tick[i];

			cr_assert(t->t_us == x->t && t->dur_us == x->dur && t->late_us == x->late);
			cr_assert_eq(t->nr_values, (uint32_t)x->nr_keys);
			cr_assert(x->split_key < 0 ? t->split_key == UINT32_MAX
						   : t->split_key == (uint32_t)x->split_key &&
							     t->split_us == x->split_us);
			for (int k = 0; k < x->nr_keys; k++) {
				if (!value_at(s, i, k, x->value[k], x->present[k]))
					cr_assert_fail("source %zu tick %zu key %d", id, i, k);
				cr_assert_eq(archive_key_time(s, i, k),
					     x->t + (x->split_key >= 0 && k >= x->split_key
							     ? x->split_us
							     : 0));
			}
		}
	}
	cr_assert_eq(samples, a->nr_samples);
}

static void check_whole(const struct archive *a, const struct model *m)
{
	cr_assert(a->complete, "%s", a->why);
	cr_assert_str_eq(a->why, "");
	cr_assert_eq(a->nr_series, SOURCES);
	for (int id = 0; id < SOURCES; id++) {
		cr_assert_eq(a->series[id].nr_ticks, (size_t)m->src[id].nr_ticks);
		cr_assert_eq(a->series[id].nr_keys, (size_t)m->src[id].nr_keys);
		cr_assert_eq(a->series[id].lost, m->src[id].lost);
		cr_assert_eq(a->series[id].period_us, 1000u * ((unsigned)id + 1));
		for (int k = 0; k < m->src[id].nr_keys; k++) {
			char name[32];

			snprintf(name, sizeof(name), "key_%d.%d", id, k);
			cr_assert_eq(archive_key(&a->series[id], name), k);
		}
	}
	check_prefix(a, m);
}

Test(archive, round_trip, TEMP_DIR)
{
	const char *path = temp_path("run.wm");

	for (uint64_t seed = 0; seed < 40; seed++) {
		struct model *m = model_write(path, seed, 5 + (int)seed);
		struct archive a;
		struct err e = ERR_INIT;

		cr_assert_eq(archive_load(&a, path, &e), 0, "%s", e.msg);
		check_whole(&a, m);
		cr_assert_str_eq(archive_get(&a, "kernel"), "6.12 with \\ back\nslash\r");
		cr_assert_str_eq(archive_get(&a, "empty"), "");
		cr_assert_str_eq(archive_get(&a, "wall"), "12 s");
		cr_assert_null(archive_get(&a, "absent"));
		cr_assert(a.kv[a.nr_kv - 1].host && !a.kv[0].host);
		cr_assert_eq(a.nr_ev, 2);
		cr_assert_str_eq(a.ev[0].text, "load 1\nsecond line");
		cr_assert(a.ev[1].finding);
		cr_assert_str_eq(a.ev[1].name, "oom-kill");
		cr_assert_eq(a.nr_res, 1);
		cr_assert_str_eq(a.res[0].key, "ops_per_s");
		cr_assert(a.res[0].value == m->result && a.res[0].instance == 2);
		cr_assert_eq(a.nr_lat, 1);
		cr_assert_eq(memcmp(a.lat[0].hist, &m->hist, sizeof(m->hist)), 0);
		archive_release(&a);
		free(m);
	}
}

Test(archive, cut_at_every_byte, TEMP_DIR)
{
	struct buf text = BUF_INIT;
	struct archive a;
	const char *path = temp_path("run.wm");
	char want[64];
	struct model *m;
	size_t end;

	m = model_write(path, 7, 12);
	cr_assert_eq(fs_read(path, &text, NULL), 0);
	/* The body ends with the end line; later lines are the host's. */
	end = text.len;
	cr_assert_eq(text.data[end - 1], '\n');
	for (size_t cut = 0; cut < end; cut++) {
		char *piece =
			xmalloc(cut + 1); /* exact size, so that a sanitizer sees a read too far */
		size_t samples = 0;

		memcpy(piece, text.data, cut);
		cr_assert_eq(archive_parse(&a, "cut", piece, cut, NULL), 0);
		cr_assert(!a.complete, "cut at %zu", cut);
		for (size_t i = 0; i + 1 < cut; i++)
			samples += piece[i] == '\n' && piece[i + 1] == 's' && piece[i + 2] == ' ' &&
				   memchr(piece + i + 1, '\n', cut - i - 1);
		snprintf(want, sizeof(want), "truncated at sample %zu", samples);
		cr_assert_str_eq(a.why, want, "cut at %zu: %s", cut, a.why);
		check_prefix(&a, m);
		for (size_t i = 0; i < a.nr_res; i++)
			cr_assert(a.res[i].value == m->result);
		for (size_t i = 0; i < a.nr_lat; i++)
			cr_assert_eq(memcmp(a.lat[i].hist, &m->hist, sizeof(m->hist)), 0);
		archive_release(&a);
		free(piece);
	}
	cr_assert_eq(archive_parse(&a, "whole", text.data, text.len, NULL), 0);
	check_whole(&a, m);
	archive_release(&a);
	buf_release(&text);
	free(m);
}

/* Text without its H lines. */
static void body_of(const char *text, size_t len, struct buf *out)
{
	const char *p = text, *end = text + len;

	buf_reset(out);
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *next = nl ? nl + 1 : end;

		if (p[0] != 'H' || (p + 1 < end && p[1] != ' ' && p[1] != '\n'))
			buf_add(out, p, (size_t)(next - p));
		p = next;
	}
}

Test(archive, flipped_bytes_never_pass, TEMP_DIR)
{
	struct buf text = BUF_INIT, body = BUF_INIT, body_now = BUF_INIT;
	struct rng r = rng_make(3, 3);
	struct archive a;
	const char *path = temp_path("run.wm");
	size_t passed = 0;

	free(model_write(path, 11, 6));
	cr_assert_eq(fs_read(path, &text, NULL), 0);
	body_of(text.data, text.len, &body);
	/* every bit of every byte, then several at once */
	for (size_t i = 0; i < text.len * 8 + 20000; i++) {
		char *copy = xmalloc(text.len);
		size_t flips = i < text.len * 8 ? 1 : 1 + rng_below(&r, 8);

		memcpy(copy, text.data, text.len);
		if (i < text.len * 8)
			copy[i / 8] = (char)(copy[i / 8] ^ 1 << i % 8);
		else
			for (size_t f = 0; f < flips; f++)
				copy[rng_below(&r, text.len)] = (char)rng_next(&r);
		if (!archive_parse(&a, "flip", copy, text.len, NULL) && a.complete) {
			body_of(copy, text.len, &body_now);
			cr_assert(body_now.len == body.len &&
					  !memcmp(body_now.data, body.data, body.len),
				  "flip %zu", i);
			passed++;
		} else if (!a.complete && a.body_lines) {
			cr_assert(*a.why, "flip %zu", i);
		}
		archive_release(&a);
		free(copy);
	}
	cr_assert_gt(passed, 0, "flips in the H line alone must pass");
	cr_assert_lt(passed, 3000);
	buf_release(&text);
	buf_release(&body);
	buf_release(&body_now);
}

static const struct {
	const char *text, *why;
} bad_lines[] = {
	{ "", "truncated at sample 0" },
	{ "src 0 v 1\ns 0 1 2 3\n", "truncated at sample 1" },
	{ "src 0 v 1\ns 0 1 2 3\ns 0 1 2", "truncated at sample 1" },
	{ "s 0 1 2 3\n", "line 2: unknown source (read up to sample 0)" },
	{ "src x v 1\n", "line 2: not a new source number (read up to sample 0)" },
	{ "src 0 v 1\nsrc 0 w 1\n", "line 3: not a new source number (read up to sample 0)" },
	{ "src 4294967296 v 1\n", "line 2: not a new source number (read up to sample 0)" },
	{ "src 0 v 1 2\n", "line 2: not a source name and its period (read up to sample 0)" },
	{ "src 0 v 1\nd 1 0 k\n",
	  "line 3: counter numbers must follow each other (read up to sample 0)" },
	{ "src 0 v 1\nd 0 9 k\n", "line 3: unknown source (read up to sample 0)" },
	{ "src 0 v 1\ns 0 1 2 3 0+1\n",
	  "line 3: counter number without a name (read up to sample 0)" },
	{ "src 0 v 1\nd 0 0 k\ns 0 1 2 3 1+1\n",
	  "line 4: counter number without a name (read up to sample 0)" },
	{ "src 0 v 1\nd 0 0 k\ns 0 1 2 3 18446744073709551615+1\n",
	  "line 4: counter number without a name (read up to sample 0)" },
	{ "src 0 v 1\nd 0 0 k\ns 0 1 2 3 0x\n",
	  "line 4: a counter vanishes that was not there (read up to sample 0)" },
	{ "src 0 v 1\nd 0 0 k\ns 0 1 2 3 0*1\n",
	  "line 4: not a change of a counter (read up to sample 0)" },
	{ "src 0 v 1\nd 0 0 k\ns 0 1 2 3 0+18446744073709551616\n",
	  "line 4: not a change of a counter (read up to sample 0)" },
	{ "src 0 v 1\nd 0 0 k\ns 0 1 2 3 |1@5\n",
	  "line 4: split at a counter number that cannot be (read up to sample 0)" },
	{ "src 0 v 1\nd 0 0 k\ns 0 1 2 3 |0@\n",
	  "line 4: not a split |NUM@US (read up to sample 0)" },
	{ "src 0 v 1\ns 0 5 2 3\ns 0 4 2 3\n",
	  "line 4: time goes backwards (read up to sample 1)" },
	{ "src 0 v 1\nlost 0 x\n", "line 3: not a number of ticks (read up to sample 0)" },
	{ "e x name\n", "line 2: not a time (read up to sample 0)" },
	{ "h k a\\tb\n", "line 2: unknown escape (read up to sample 0)" },
	{ "h k a\\\n", "line 2: unknown escape (read up to sample 0)" },
	{ "w anon 0 ops 1,5\n", "line 2: not a number (read up to sample 0)" },
	{ "l anon 0 touch 3 0 0 0 0:2\n",
	  "line 2: histogram buckets do not add up to the count (read up to sample 0)" },
	{ "l anon 0 touch 1 0 0 0 99999:1\n",
	  "line 2: not a histogram bucket (read up to sample 0)" },
	{ "\n", "line 2: no kind of line (read up to sample 0)" },
	{ "end 1 0 0000000000000000\n",
	  "line 2: the sums of the end line do not fit (read up to sample 0)" },
	{ "end 1 0 64b8b1ae9fc2e00f\nh a b\n", NULL },
};

Test(archive, bad_lines_are_named)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad_lines); i++) {
		struct archive a;

		synth_text(&a, "bad", bad_lines[i].text);
		cr_assert(!a.complete);
		if (bad_lines[i].why)
			cr_assert_str_eq(a.why, bad_lines[i].why, "%s: %s", bad_lines[i].text,
					 a.why);
		archive_release(&a);
	}
}

Test(archive, other_files_are_refused)
{
	static const struct {
		const char *text, *msg;
	} cases[] = {
		{ "#!/bin/sh\n", "f: not a wmark archive" },
		{ "wmark archives\n", "f: not a wmark archive" },
		{ "wmark archive 2\n",
		  "f: a wmark archive of another version; this program reads version 1" },
		{ "wmark archive 10\n",
		  "f: a wmark archive of another version; this program reads version 1" },
		{ "wmark archive 1\r\n",
		  "f: a wmark archive of another version; this program reads version 1" },
	};
	struct archive a;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_assert_eq(archive_parse(&a, "f", cases[i].text, strlen(cases[i].text), &e),
			     -EINVAL);
		cr_assert_str_eq(e.msg, cases[i].msg);
		archive_release(&a);
	}
	cr_assert_eq(archive_load(&a, "/nonexistent/run.wm", &e), -ENOENT);
	archive_release(&a);
}

/* A few kilobytes must not make the reader ask for gigabytes. */
Test(archive, memory_is_bounded_by_the_file)
{
	struct buf b = BUF_INIT;
	struct archive a;

	buf_addstr(&b, "wmark archive 1\nsrc 0 v 1\n");
	for (int i = 0; i < 50000; i++)
		buf_addf(&b, "d %d 0 k\n", i);
	for (int i = 0; i < 100000; i++)
		buf_addf(&b, "s 0 %d 0 0 0+1\n", i);
	cr_assert_eq(archive_parse(&a, "big", b.data, b.len, NULL), 0);
	cr_assert(!a.complete);
	cr_assert(strstr(a.why, "too much data for a file of this size"), "%s", a.why);
	cr_assert_gt(a.nr_samples, 500);
	cr_assert_lt(a.nr_samples, 10000);
	archive_release(&a);
	buf_release(&b);
}

Test(archive, queries)
{
	static const char text[] = "src 0 v 1000\nd 0 0 up\nd 1 0 gone\nd 2 0 falls\n"
				   "s 0 100 1 0 0+10 0+5 0+9\n"
				   "e 110 mark window-begin\n"
				   "s 0 200 1 0 0+7 0x 0-4\n"
				   "e 210 mark window-end-not\n"
				   "d 3 0 late\n"
				   "s 0 300 1 0 3+1\n"
				   "e 310 mark window-end\n";
	const struct archive_series *s;
	uint64_t begin, end, v;
	struct archive a;

	synth_text(&a, "q", text);
	s = archive_series(&a, "v");
	cr_assert_not_null(s);
	cr_assert_null(archive_series(&a, "w"));
	cr_assert_eq(archive_tick_at(s, 99), -1);
	cr_assert_eq(archive_tick_at(s, 100), 0);
	cr_assert_eq(archive_tick_at(s, 299), 1);
	cr_assert_eq(archive_tick_at(s, UINT64_MAX), 2);
	cr_assert(archive_window(&a, &begin, &end));
	cr_assert_eq(begin, 110);
	cr_assert(archive_event_time(&a, "mark", "window-end", 220, &v) && v == 310);
	cr_assert(!archive_event_time(&a, "mark", "window-begin", 111, &v));
	cr_assert(archive_delta(s, 0, 110, 310, &v) && v == 7);
	cr_assert(!archive_delta(s, 1, 110, 310, &v), "vanished");
	cr_assert(!archive_delta(s, 2, 110, 310, &v), "fell");
	cr_assert(!archive_delta(s, 3, 110, 310, &v), "not there at the begin");
	cr_assert(!archive_delta(s, 0, 50, 310, &v), "no sample before the begin");
	cr_assert(!archive_delta(s, 0, 310, 400, &v), "no sample in the window");
	cr_assert(!archive_delta(s, 0, 310, 110, &v), "backwards");
	cr_assert(!archive_delta(s, -1, 110, 310, &v) && !archive_delta(s, 99, 110, 310, &v));
	cr_assert(!archive_value(s, 0, 3, &v) && !archive_value(s, 3, 0, &v));
	archive_release(&a);
}

/* Files are read block by block: lines of all lengths, some longer than a block, are read as from
 * memory, and a bad line ends the reading at the same place. */
Test(archive, blocks_are_no_borders, TEMP_DIR)
{
	const char *path = temp_path("run.wm");
	struct rng r = rng_make(5, 7);
	struct buf b = BUF_INIT;
	uint64_t lines = 1;

	buf_addstr(&b, ARCHIVE_MAGIC);
	for (; b.len < 6u << 20; lines++) {
		size_t n = lines % 50 ? rng_below(&r, 20000) : (5u << 18) + rng_below(&r, 9);

		buf_addf(&b, "e %" PRIu64 " note ", lines);
		for (size_t i = 0; i < n; i++)
			buf_addc(&b, (char)('a' + i % 26));
		buf_addc(&b, '\n');
	}
	for (int bad = 0; bad < 2; bad++) {
		size_t len = b.len;
		struct archive by_file, by_text;

		if (bad)
			memcpy(b.data + 4000000, "\nbad\n", 5);
		buf_addf(&b, "end %" PRIu64 " 0 %016" PRIx64 "\n", lines,
			 fnv1a(FNV_INIT, b.data, b.len));
		cr_assert_eq(fs_write(path, b.data, b.len, NULL), 0);
		cr_assert_eq(archive_load(&by_file, path, NULL), 0);
		cr_assert_eq(archive_parse(&by_text, path, b.data, b.len, NULL), 0);
		cr_assert_eq(by_file.complete, !bad, "%s", by_file.why);
		cr_assert_str_eq(by_file.why, by_text.why);
		cr_assert_eq(by_file.body_lines, by_text.body_lines);
		cr_assert_eq(by_file.checksum, by_text.checksum);
		cr_assert_eq(by_file.nr_ev, by_text.nr_ev);
		cr_assert(bad || by_file.nr_ev == lines - 1);
		archive_release(&by_file);
		archive_release(&by_text);
		b.data[b.len = len] = '\0';
	}
	buf_release(&b);
}

/* Numbers of workloads are added up by readers: none may stand there twice. */
Test(archive, no_result_twice)
{
	static const struct {
		const char *lines, *why;
	} cases[] = {
		{ "w anon 0 bytes 1\nw anon 1 bytes 1\nw file 0 bytes 1\nw anon 0 ops 1\n", NULL },
		{ "w anon 0 bytes 1\nw anon 1 bytes 2\nw anon 0 bytes 3\n",
		  "w anon 0 bytes stands there twice" },
		{ "l probe 0 touch 1 5 5 5 5:1\nl probe 0 alloc 1 5 5 5 5:1\n", NULL },
		{ "l probe 0 touch 1 5 5 5 5:1\nl probe 0 touch 1 5 5 5 5:1\n",
		  "l probe 0 touch stands there twice" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buf b = BUF_INIT;
		struct archive a;
		uint64_t lines = 1;

		buf_addf(&b, "%s%s", ARCHIVE_MAGIC, cases[i].lines);
		for (const char *p = cases[i].lines; *p; p++)
			lines += *p == '\n';
		buf_addf(&b, "end %" PRIu64 " 0 %016" PRIx64 "\n", lines,
			 fnv1a(FNV_INIT, b.data, b.len));
		cr_assert_eq(archive_parse(&a, "run", b.data, b.len, NULL), 0);
		cr_assert_eq(a.complete, !cases[i].why, "%zu: %s", i, a.why);
		cr_assert_str_eq(a.why, cases[i].why ? cases[i].why : "");
		archive_release(&a);
		buf_release(&b);
	}
}

/* Lines after the end of a whole run whose host said "date now" and "outcome ok". The run's own
 * words count, of the host's the first, and what contradicts them makes the run incomplete. */
Test(archive, host_lines_never_shadow, TEMP_DIR)
{
	static const struct {
		const char *more, *why;
	} cases[] = {
		{ "", NULL },
		{ "H note later\n", NULL },
		{ "H outcome ok\n", NULL },
		{ "H outcome panic\n", "an H line contradicts an earlier line" },
		{ "H empty 7\n", "an H line contradicts an earlier line" },
		{ "H end 2 0000000000000000\n", "the host's lines are not as many as it wrote" },
		{ "H note later\nH end 1 0000000000000000\n",
		  "the checksum of the host's lines does not fit them" },
	};
	static const struct archive_note notes[] = { { "date", "now" }, { "outcome", "ok" } };
	const char *path = temp_path("run.wm");
	struct model *m = model_write(path, 1, 5);
	struct buf text = BUF_INIT;

	cr_assert_eq(archive_append_host(path, notes, ARRAY_SIZE(notes), NULL), 0);
	cr_assert_eq(fs_read(path, &text, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = text.len;
		struct archive a;

		buf_addstr(&text, cases[i].more);
		cr_assert_eq(archive_parse(&a, "run", text.data, text.len, NULL), 0);
		cr_assert_eq(a.complete, !cases[i].why, "%zu: %s", i, a.why);
		cr_assert(!cases[i].why || strstr(a.why, cases[i].why), "%zu: %s", i, a.why);
		cr_assert_str_eq(archive_get(&a, "empty"), "");
		cr_assert_str_eq(archive_get(&a, "outcome"), "ok");
		archive_release(&a);
		text.data[text.len = len] = '\0';
	}
	/* a host line that changed after it was written */
	strstr(text.data, "H date now")[8] = 'N';
	for (int sound = 0; sound < 2; sound++) {
		struct archive a;

		cr_assert_eq(archive_parse(&a, "run", text.data, text.len, NULL), 0);
		cr_assert_eq(a.complete, sound);
		archive_release(&a);
		strstr(text.data, "H date ")[8] = 'o';
	}
	buf_release(&text);
	free(m);
}

Test(archive, host_lines_keep_the_checksum, TEMP_DIR)
{
	const char *path = temp_path("run.wm");
	struct archive a;
	struct model *m;

	m = model_write(path, 1, 5);
	cr_assert_eq(
		archive_append_host(path, (struct archive_note[]){ { "date", "now" } }, 1, NULL),
		0);
	cr_assert_eq(archive_load(&a, path, NULL), 0);
	check_whole(&a, m);
	cr_assert_str_eq(archive_get(&a, "date"), "now");
	archive_release(&a);
	free(m);
}
