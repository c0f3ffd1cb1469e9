/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "name value" lines: mm/vmstat.c vmstat_show(), drivers/base/node.c node_read_vmstat(),
 * mm/memcontrol.c.
 */
#include "probe/probe.h"
#include "probe/text.h"

int probe_vmstat(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e)
{
	struct text t = text_init(text, len);
	struct text_slice line, key, word;
	int ret;

	while (text_line(&t, &line)) {
		struct probe_item item = { .node = -1 };

		if (!text_word(&line, &key))
			continue;
		ret = text_name(key, t.line, e);
		if (ret)
			return ret;
		if (!text_word(&line, &word))
			return text_bad(e, t.line, key, "no value");
		ret = text_value(word, t.line, &item.value, e);
		if (!ret)
			ret = text_line_end(line, t.line, e);
		if (ret)
			return ret;
		item.key = key.p;
		item.key_len = key.len;
		ret = emit(ctx, &item);
		if (ret)
			return ret;
	}
	return 0;
}
