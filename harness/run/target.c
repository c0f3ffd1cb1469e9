/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/target.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"

struct target target_of(const struct machine_options *m, const struct host_conf *host)
{
	return (struct target){
		.ops = m->target == TARGET_HOST ? &target_on_host : &target_on_vm,
		.kind = (enum target_kind)m->target,
		.accel = VM_TCG,
		.limit_ns = m->limit_ns,
		.hang_ns = m->hang_ns,
		.host = host,
	};
}

void fact_add(struct fact_list *f, const char *key, const char *fmt, ...)
{
	struct buf value = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&value, fmt, ap);
	va_end(ap);
	ARRAY_GROW(f->v, f->nr, f->cap);
	f->v[f->nr++] = (struct archive_note){ key, arena_strdup(&f->mem, value.data) };
	buf_release(&value);
}

void fact_add_key(struct fact_list *f, uint64_t scenario_hash)
{
	uint64_t h = FNV_INIT;

	for (size_t i = 0; i < f->nr; i++) {
		if (strncmp(f->v[i].key, "machine.", 8) != 0)
			continue;
		h = fnv1a(h, f->v[i].key, strlen(f->v[i].key));
		h = fnv1a(h, "=", 1);
		h = fnv1a(h, f->v[i].value, strlen(f->v[i].value));
		h = fnv1a(h, "\n", 1);
	}
	h = fnv1a(h, &scenario_hash, sizeof(scenario_hash));
	fact_add(f, "machine.key", "%016llx", (unsigned long long)h);
}

const char *fact_get(const struct fact_list *f, const char *key)
{
	for (size_t i = 0; i < f->nr; i++)
		if (!strcmp(f->v[i].key, key))
			return f->v[i].value;
	return NULL;
}

void fact_list_release(struct fact_list *f)
{
	free(f->v);
	arena_release(&f->mem);
}
