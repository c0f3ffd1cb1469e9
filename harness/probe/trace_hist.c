/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hist file of a trace event with one hist trigger: kernel/trace/trace_events_hist.c
 * hist_trigger_show(), the same from 4.7 to 7.3. It has comments, one line "{ nid:          0 }
 * hitcount: 84" per entry, then "Totals:" and three numbers.
 */
#include "probe/probe.h"

#include <errno.h>
#include <limits.h>

#include "base/alloc.h"
#include "probe/text.h"

struct entry {
	struct text_slice key, hits_key;
	uint64_t value, hits;
};

/* Takes "KEY:" and a number off the front of @rest. */
static int take_pair(struct text_slice *rest, size_t line, struct text_slice *key, uint64_t *value,
		     struct err *e)
{
	struct text_slice word;

	if (!text_word(rest, key))
		return text_bad(e, line, *rest, "no name");
	if (!text_chop(key, ':'))
		return text_bad(e, line, *key, "no ':' after it");
	if (!key->len)
		return text_bad(e, line, *key, "no name");
	if (!text_word(rest, &word))
		return text_bad(e, line, *key, "no value");
	return text_value(word, line, value, e);
}

/* The text after "{": one key of one number, and the hit count. */
static int take_entry(struct text_slice rest, size_t line, struct entry *out, struct err *e)
{
	struct text_slice word;
	int ret = take_pair(&rest, line, &out->key, &out->value, e);

	if (ret)
		return ret;
	if (!text_word(&rest, &word) || !text_is(word, "}"))
		return text_bad(e, line, rest, "expected '}' after one key");
	ret = take_pair(&rest, line, &out->hits_key, &out->hits, e);
	if (!ret && !text_is(out->hits_key, "hitcount"))
		ret = text_bad(e, line, out->hits_key, "expected hitcount");
	return ret ? ret : text_line_end(rest, line, e);
}

typedef int entry_fn(void *ctx, const struct entry *entry, size_t line, struct err *e);
typedef int total_fn(void *ctx, struct text_slice key, uint64_t value);

/* Calls @on_entry for entries by @key alone and skips others; with @key NULL, for all entries. */
static int scan_hist(const char *text, size_t len, const char *key, entry_fn *on_entry,
		     total_fn *on_total, void *ctx, struct err *e)
{
	struct text t = text_init(text, len);
	struct text_slice line, word, rest;
	bool totals = false;
	int ret = 0;

	while (!ret && text_line(&t, &line)) {
		struct entry entry;
		uint64_t value;

		rest = line;
		if (!text_word(&rest, &word) || *word.p == '#')
			continue;
		if (text_is(word, "Totals:")) {
			if (totals)
				return text_bad(e, t.line, word, "a second trigger");
			totals = true;
			continue;
		}
		if (totals) {
			ret = take_pair(&line, t.line, &word, &value, e);
			if (!ret)
				ret = text_line_end(line, t.line, e);
			if (!ret)
				ret = on_total(ctx, word, value);
			continue;
		}
		if (!text_is(word, "{"))
			return text_bad(e, t.line, word, "neither an entry nor Totals:");
		ret = take_entry(rest, t.line, &entry, e);
		if (!ret && (!key || text_is(entry.key, key)))
			ret = on_entry(ctx, &entry, t.line, e);
	}
	return ret;
}

/* ---------------------------------------------------------------- counts, for the sampler */

struct counts {
	probe_emit *emit;
	void *ctx;
};

static int count_node(void *ctx, const struct entry *entry, size_t line, struct err *e)
{
	const struct counts *c = ctx;
	struct probe_item item = { .key = entry->hits_key.p,
				   .key_len = entry->hits_key.len,
				   .value = entry->hits };

	if (entry->value > INT_MAX)
		return text_bad(e, line, entry->key, "not the number of a node");
	item.node = (int)entry->value;
	return c->emit(c->ctx, &item);
}

static int count_total(void *ctx, struct text_slice key, uint64_t value)
{
	const struct counts *c = ctx;
	const struct probe_item item = {
		.node = -1, .key = key.p, .key_len = key.len, .value = value
	};

	return text_is(key, "Hits") || text_is(key, "Dropped") ? c->emit(c->ctx, &item) : 0;
}

int probe_hist_counts(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e)
{
	struct counts c = { emit, ctx };

	return scan_hist(text, len, "nid", count_node, count_total, &c, e);
}

/* ---------------------------------------------------------------- whole histogram */

struct load {
	struct probe_hist *h;
	unsigned totals; /* one bit per total */
};

static int load_entry(void *ctx, const struct entry *entry, size_t line, struct err *e)
{
	struct probe_hist *h = ((struct load *)ctx)->h;

	(void)line;
	(void)e;
	ARRAY_GROW(h->v, h->nr, h->cap);
	h->v[h->nr++] = (struct probe_hist_entry){ entry->value, entry->hits };
	return 0;
}

static int load_total(void *ctx, struct text_slice key, uint64_t value)
{
	struct load *l = ctx;

	if (text_is(key, "Hits")) {
		l->h->hits = value;
		l->totals |= 1;
	} else if (text_is(key, "Dropped")) {
		l->h->dropped = value;
		l->totals |= 2;
	}
	return 0;
}

int probe_hist_load(struct probe_hist *h, const char *text, size_t len, struct err *e)
{
	struct load l = { .h = h };
	int ret;

	h->nr = 0;
	h->hits = h->dropped = 0;
	ret = scan_hist(text, len, NULL, load_entry, load_total, &l, e);
	if (!ret && l.totals != 3)
		ret = err_set(e, -EINVAL,
			      "no totals: the text is cut short, or the event has no hist trigger");
	return ret;
}
