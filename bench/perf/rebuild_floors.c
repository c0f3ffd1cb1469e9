/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the rows to what the judge reads about rebuilds. */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "rebuild.h"

/* "6.12" of "6.12.118-..." */
static char *series_of(struct arena *mem, const char *release)
{
	size_t n = strspn(release, "0123456789");

	n += release[n] == '.' ? 1 + strspn(release + n + 1, "0123456789") : 0;
	return arena_strndup(mem, release, n);
}

/* The value of a header in all usable runs of a scenario; NULL where it is absent or differs. */
static const char *shared_header(const struct bench *b, size_t sc, const char *key)
{
	const char *all = NULL;

	for (size_t i = 0; i < b->nr_kernels * b->nr_seeds; i++) {
		const struct run_facts *f = bench_run(b, i / b->nr_seeds, sc, i % b->nr_seeds);
		const char *v = facts_get(f, key);

		if (!f->usable)
			continue;
		if (!v || (all && strcmp(v, all) != 0))
			return NULL;
		all = v;
	}
	return all;
}

static int add_scenario(const struct bench *b, size_t sc, struct rebuilds *out,
			struct rebuild_scenario **s, struct err *e)
{
	static const char *const key[] = { "scenario.hash", "machine.key", "lru.mode" };
	static const char *const facts[] = { "machine.target", "machine.emulator", "machine.setup",
					     "machine.nodes",  "machine.cpus",	   "machine.memory",
					     "machine.swap",   "machine.fs" };
	const char *v[ARRAY_SIZE(key)];

	for (size_t i = 0; i < ARRAY_SIZE(key); i++) {
		v[i] = shared_header(b, sc, key[i]);
		if (!v[i])
			return err_set(e, -EXDEV, "%s: %s is not the same in all runs",
				       b->sc[sc].name, key[i]);
	}
	*s = rebuilds_add(out, &(struct rebuild_scenario){
				       .name = b->sc[sc].name,
				       .hash = v[0],
				       .machine_key = v[1],
				       .lru = v[2],
				       .kernel = series_of(&out->mem, b->kernel[0].release) });
	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		const char *fact = shared_header(b, sc, facts[i]);

		if (fact)
			rebuilds_add_fact(out, *s, facts[i], fact);
	}
	return 0;
}

int bench_rebuilds(const struct bench *b, const struct bench_result *r, size_t without_a,
		   size_t without_b, struct rebuilds *out, struct err *e)
{
	bool all = without_a == SIZE_MAX && without_b == SIZE_MAX;
	int ret = 0;

	for (size_t sc = 0; sc < b->nr_sc && !ret; sc++) {
		struct rebuild_scenario *s = NULL;

		ret = add_scenario(b, sc, out, &s, e);
		for (size_t i = 0; i < r->nr_rows && !ret; i++) {
			const struct bench_row *row = &r->row[i];
			struct rebuild_metric m = row->r;

			if (row->sc != sc || !row->measured || (!all && row->cls != METRIC_PRIMARY))
				continue;
			if (all || bench_measure(b, row, without_a, without_b, &m))
				rebuilds_add_metric(out, s, &m);
		}
	}
	return ret;
}

int bench_rebuilds_file(const struct bench *b, const struct bench_result *r, const char *file,
			struct err *e)
{
	struct rebuilds all = { .nr = 0 };
	struct buf text = BUF_INIT;
	int ret = bench_rebuilds(b, r, SIZE_MAX, SIZE_MAX, &all, e);

	if (!ret) {
		rebuilds_write(&all, &text);
		ret = fs_write(file, text.data, text.len, e);
	}
	buf_release(&text);
	rebuilds_release(&all);
	return ret;
}
