/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fs/proc/meminfo.c meminfo_proc_show(), drivers/base/node.c node_read_meminfo(). */
#include <limits.h>

#include "probe/probe.h"
#include "probe/text.h"

/* Takes "Node N" off the front of the line when it is there. */
static int meminfo_node(struct text_slice *line, size_t nr, int *node, struct err *e)
{
	struct text_slice rest = *line, word;
	uint64_t value;
	int ret;

	if (!text_word(&rest, &word) || !text_is(word, "Node"))
		return 0;
	if (!text_word(&rest, &word))
		return text_bad(e, nr, *line, "no node number");
	ret = text_value(word, nr, &value, e);
	if (ret)
		return ret;
	if (value > INT_MAX)
		return text_bad(e, nr, word, "not a node number");
	*node = (int)value;
	*line = rest;
	return 0;
}

static int meminfo_line(struct text_slice line, size_t nr, struct probe_item *item, struct err *e)
{
	struct text_slice key, word;
	int ret = meminfo_node(&line, nr, &item->node, e);

	if (ret)
		return ret;
	if (!text_word(&line, &key))
		return text_bad(e, nr, line, "no name");
	if (!text_chop(&key, ':'))
		return text_bad(e, nr, key, "no colon after the name");
	ret = text_name(key, nr, e);
	if (ret)
		return ret;
	if (!text_word(&line, &word))
		return text_bad(e, nr, key, "no value");
	ret = text_value(word, nr, &item->value, e);
	if (ret)
		return ret;
	/* HugePages_* are counts and have no unit; all others are kB since 2.4 */
	if (text_word(&line, &word) && !text_is(word, "kB"))
		return text_bad(e, nr, word, "unit is not kB");
	item->key = key.p;
	item->key_len = key.len;
	return text_line_end(line, nr, e);
}

int probe_meminfo(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e)
{
	struct text t = text_init(text, len);
	struct text_slice line;

	while (text_line(&t, &line)) {
		struct probe_item item = { .node = -1 };
		int ret;

		if (!text_trim(line).len)
			continue;
		ret = meminfo_line(line, t.line, &item, e);
		if (!ret)
			ret = emit(ctx, &item);
		if (ret)
			return ret;
	}
	return 0;
}
