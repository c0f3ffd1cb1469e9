/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mm/vmstat.c zoneinfo_show_print(). One block per zone:
 *
 *   Node 0, zone    DMA32          3.18 to 4.4 print populated zones only
 *     per-node stats               >= 4.8, only in the node's first populated zone
 *         nr_inactive_anon 53
 *     pages free     70849         then min low high ..., depending on the version
 *           protection: (0, 0, 0)  3.18: after the counters; later: before them
 *         nr_free_pages 70849      3.18: four spaces; unpopulated zones (>= 5.4) stop before these
 *     pagesets
 *       cpu: 0                     deeper than the trailer: left out, whatever the names
 *     vm stats threshold: 6
 *     node_unreclaimable:  0       the trailer, two spaces deep
 */
#include <limits.h>

#include "base/alloc.h"
#include "probe/probe.h"
#include "probe/text.h"

/* MAX_NR_ZONES is 6 at most in 3.18 to 7.3 (DMA DMA32 Normal HighMem Movable Device). */
static const char *const protection_key[] = {
	"protection_0", "protection_1", "protection_2", "protection_3",
	"protection_4", "protection_5", "protection_6", "protection_7",
};
#define PROTECTION_KEY_LEN (sizeof("protection_0") - 1)

/* Facts of the node that the kernel prints with each of its zones. */
static const char *const node_key[] = {
	"node_unreclaimable",
	"node_scanned",
	"node_inactive_ratio",
};

struct zoneinfo {
	struct text t;
	struct text_slice zone;
	int node;      /* -1 before the first block */
	bool per_node; /* in "per-node stats" */
	bool pagesets;
	unsigned node_seen; /* bit i: node_key[i] was given for this node */
	probe_emit *emit;
	void *ctx;
};

static int zoneinfo_emit(struct zoneinfo *z, const char *key, size_t key_len, bool of_node,
			 uint64_t value)
{
	struct probe_item item = {
		.node = z->node,
		.key = key,
		.key_len = key_len,
		.value = value,
	};

	if (!of_node) {
		item.zone = z->zone.p;
		item.zone_len = z->zone.len;
	}
	return z->emit(z->ctx, &item);
}

/* "Node 0, zone      DMA"; @rest is what follows "Node". */
static int zoneinfo_block(struct zoneinfo *z, struct text_slice rest, struct err *e)
{
	struct text_slice number, word;
	uint64_t node;
	int ret;

	if (!text_word(&rest, &number) || !text_chop(&number, ','))
		return text_bad(e, z->t.line, number, "no node number and comma after Node");
	ret = text_value(number, z->t.line, &node, e);
	if (ret)
		return ret;
	if (node > INT_MAX)
		return text_bad(e, z->t.line, number, "not a node number");
	if (!text_word(&rest, &word) || !text_is(word, "zone"))
		return text_bad(e, z->t.line, word, "expected zone");
	if (!text_word(&rest, &z->zone))
		return text_bad(e, z->t.line, word, "no zone name");
	ret = text_name(z->zone, z->t.line, e);
	if (ret)
		return ret;
	if ((int)node != z->node)
		z->node_seen = 0;
	z->node = (int)node;
	z->per_node = false;
	z->pagesets = false;
	return text_line_end(rest, z->t.line, e);
}

/* "(0, 318, 318)" */
static int zoneinfo_protection(struct zoneinfo *z, struct text_slice rest, struct err *e)
{
	struct text_slice word;
	bool closed = false;
	uint64_t value;
	size_t i;
	int ret;

	for (i = 0; !closed && text_word(&rest, &word); i++) {
		struct text_slice number = word;

		if (i == ARRAY_SIZE(protection_key))
			return text_bad(e, z->t.line, word, "too many zones in protection");
		if (i == 0 && number.len && *number.p == '(') {
			number.p++;
			number.len--;
		}
		closed = text_chop(&number, ')');
		if (!closed)
			text_chop(&number, ',');
		ret = text_value(number, z->t.line, &value, e);
		if (!ret)
			ret = zoneinfo_emit(z, protection_key[i], PROTECTION_KEY_LEN, false, value);
		if (ret)
			return ret;
	}
	return text_line_end(rest, z->t.line, e);
}

/*
 * True when the key is a fact of the node; *again when an earlier zone of this node already gave
 * it.
 */
static bool zoneinfo_node_fact(struct zoneinfo *z, struct text_slice key, bool *again)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(node_key); i++) {
		if (!text_is(key, node_key[i]))
			continue;
		*again = z->node_seen >> i & 1;
		z->node_seen |= 1u << i;
		return true;
	}
	return false;
}

static int zoneinfo_value(struct zoneinfo *z, struct text_slice key, struct text_slice rest,
			  struct err *e)
{
	bool of_node, again = false;
	struct text_slice word;
	uint64_t value;
	int ret;

	text_chop(&key, ':'); /* trailer keys have one */
	ret = text_name(key, z->t.line, e);
	if (ret)
		return ret;
	if (!text_word(&rest, &word))
		return text_bad(e, z->t.line, key, "no value");
	ret = text_value(word, z->t.line, &value, e);
	if (!ret)
		ret = text_line_end(rest, z->t.line, e);
	if (ret)
		return ret;
	of_node = zoneinfo_node_fact(z, key, &again) || z->per_node;
	return again ? 0 : zoneinfo_emit(z, key.p, key.len, of_node, value);
}

static int zoneinfo_line(struct zoneinfo *z, struct text_slice line, struct err *e)
{
	struct text_slice rest = line, word;
	size_t indent;

	if (!text_word(&rest, &word))
		return 0;
	indent = (size_t)(word.p - line.p);
	if (!indent && text_is(word, "Node"))
		return zoneinfo_block(z, rest, e);
	if (z->node < 0)
		return text_bad(e, z->t.line, word, "before the first Node line");
	if (z->pagesets) {
		if (indent > 2 ||
		    (text_is(word, "vm") && text_starts(text_trim(rest), "stats threshold")))
			return 0;
		z->pagesets = false;
	}
	if (text_is(word, "pagesets")) {
		z->per_node = false;
		z->pagesets = true;
		return text_line_end(rest, z->t.line, e);
	}
	if (text_is(word, "per-node")) {
		z->per_node = true;
		return 0;
	}
	if (text_is(word, "pages")) {
		z->per_node = false;
		if (!text_word(&rest, &word))
			return text_bad(e, z->t.line, line, "no name after pages");
	}
	if (text_is(word, "protection:"))
		return zoneinfo_protection(z, rest, e);
	return zoneinfo_value(z, word, rest, e);
}

int probe_zoneinfo(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e)
{
	struct zoneinfo z = { .t = text_init(text, len), .node = -1, .emit = emit, .ctx = ctx };
	struct text_slice line;

	while (text_line(&z.t, &line)) {
		int ret = zoneinfo_line(&z, line, e);

		if (ret)
			return ret;
	}
	return 0;
}
