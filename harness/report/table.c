/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct table *table_add(struct tables *t, const char *id, const char *title,
			const char *const *head, const char *right)
{
	struct table *tab;

	ARRAY_GROW(t->table, t->nr, t->cap);
	tab = &t->table[t->nr++];
	memset(tab, 0, sizeof(*tab));
	tab->id = id;
	tab->title = title;
	while (head[tab->cols]) {
		tab->head[tab->cols] = head[tab->cols];
		tab->right[tab->cols] = right[tab->cols] == 'r';
		tab->cols++;
	}
	return tab;
}

void table_row(struct table *t, const char *const *cells)
{
	for (int i = 0; i < t->cols; i++) {
		ARRAY_GROW(t->cell, t->nr * (size_t)t->cols + (size_t)i, t->cap);
		t->cell[t->nr * (size_t)t->cols + (size_t)i] = cells[i] ? cells[i] : "";
	}
	t->nr++;
}

void tables_release(struct tables *t)
{
	for (size_t i = 0; i < t->nr; i++)
		free(t->table[i].cell);
	free(t->table);
	arena_release(&t->mem);
	memset(t, 0, sizeof(*t));
}
