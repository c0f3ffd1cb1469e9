/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "probe/probe.h"

/* Returns the length it needs, as snprintf() does. */
static size_t item_print(const struct probe_item *item, char *out, size_t size)
{
	/*
	 * a key longer than INT_MAX would make the precision negative, which means no limit at all
	 */
	int zone_len = item->zone_len > INT_MAX / 4 ? INT_MAX / 4 : (int)item->zone_len;
	int key_len = item->key_len > INT_MAX / 4 ? INT_MAX / 4 : (int)item->key_len;
	char node[16] = "";
	int n;

	if (item->node >= 0)
		snprintf(node, sizeof(node), "node%d.", item->node);
	n = snprintf(out, size, "%s%.*s%s%s%s%.*s", node, item->zone ? zone_len : 0,
		     item->zone ? item->zone : "", item->zone ? "." : "",
		     item->group ? item->group : "", item->group ? "." : "", key_len, item->key);
	return n < 0 ? 0 : (size_t)n;
}

void probe_item_name(const struct probe_item *item, char *out, size_t size)
{
	item_print(item, out, size);
}

static int list_add(void *ctx, const struct probe_item *item)
{
	struct probe_list *l = ctx;
	size_t len = item_print(item, NULL, 0);
	char *name = arena_alloc(&l->mem, len + 1);

	item_print(item, name, len + 1);
	ARRAY_GROW(l->v, l->nr, l->cap);
	l->v[l->nr++] = (struct probe_value){ name, item->value };
	return 0;
}

int probe_list_load(struct probe_list *l, probe_scan *scan, const char *text, size_t len,
		    struct err *e)
{
	int ret;

	memset(l, 0, sizeof(*l));
	ret = scan(text, len, list_add, l, e);
	if (ret)
		probe_list_release(l);
	return ret;
}

bool probe_list_get(const struct probe_list *l, const char *name, uint64_t *out)
{
	size_t i;

	for (i = 0; i < l->nr; i++) {
		if (strcmp(l->v[i].name, name))
			continue;
		*out = l->v[i].value;
		return true;
	}
	return false;
}

void probe_list_release(struct probe_list *l)
{
	arena_release(&l->mem);
	free(l->v);
	memset(l, 0, sizeof(*l));
}
