/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A source that is no text, from its ops to the archive: a table of numbers, as a BPF map would be.
 * Also the table of sources. */
#include "test/test_sampler.h"

#include <errno.h>
#include <stdio.h>

#include "sample/pass.h"

#define MAP_MAX 8

/* Keys from this one on are read second, 100 us later. */
#define MAP_SECOND 100

struct map {
	struct entry {
		uint32_t id;
		uint64_t value;
	} entry[MAP_MAX];
	size_t nr;
	int error; /* of reading it */
	unsigned opened, closed;
};

#define MAP(n, ...) { .entry = { __VA_ARGS__ }, .nr = n }

struct map_state {
	struct map *map;
	struct map copy;
	uint32_t id[MAP_MAX], num[MAP_MAX]; /* as learnt */
	size_t nr;
};

static int map_read(struct source *s)
{
	struct map_state *m = s->state;

	if (m->map->error)
		return m->map->error;
	m->copy = *m->map;
	s->bytes = m->copy.nr * sizeof(struct entry);
	s->nr_reads = 2;
	s->read_us[0] = 0;
	s->read_us[1] = 100;
	return 0;
}

static int map_scan(struct source *s)
{
	const struct map_state *m = s->state;

	source_begin(s);
	if (m->copy.nr != m->nr)
		return 1;
	for (size_t i = 0; i < m->nr; i++) {
		if (m->copy.entry[i].id != m->id[i])
			return 1;
		source_value(s, m->num[i], m->copy.entry[i].value, m->id[i] >= MAP_SECOND);
	}
	return 0;
}

static int map_learn(struct source *s, struct err *e)
{
	struct map_state *m = s->state;
	int ret;

	m->nr = m->copy.nr;
	for (size_t i = 0; i < m->nr; i++) {
		char name[SOURCE_KEY_MAX];

		m->id[i] = m->copy.entry[i].id;
		snprintf(name, sizeof(name), "id%u", m->id[i]);
		m->num[i] = source_key(s, name);
	}
	ret = source_room(s, e);
	return ret ? ret : map_scan(s);
}

static int map_open(struct source *s, const struct source_spec *spec, struct err *e)
{
	struct map_state *m = s->state;
	int ret;

	m->map = (struct map *)spec->arg;
	m->map->opened++;
	if (strcmp(spec->what, "pinned") != 0)
		return err_set(e, -EINVAL, "%s: no such map", spec->what);
	ret = source_read(s);
	return ret ? ret : map_learn(s, e);
}

static void map_close(struct source *s)
{
	const struct map_state *m = s->state;

	m->map->closed++;
}

static const struct source_ops map_ops = {
	.state_bytes = sizeof(struct map_state),
	.open = map_open,
	.read = map_read,
	.scan = map_scan,
	.learn = map_learn,
	.close = map_close,
};

/* Opens a sampler of vmstat and of @map, the latter as @what by @ops. */
static int open_map(struct sampler **s, const struct bench *b, const struct source_ops *ops,
		    struct map *map, const char *what)
{
	const struct sample_cfg cfg = { .vmstat_ns = SEC };
	struct source_list l = { .root = b->root };
	int ret;

	put_file(b, "/proc/vmstat", "pgfault 1\n");
	source_find(&l, &cfg);
	source_add(&l, ops, map, SEC / 2, xstrdup(what), "map/%d", 7);
	source_add(&l, ops, map, 0, xstrdup(what), "left out");
	ret = sampler_open_list(s, &l, b->w, NULL);
	source_list_release(&l);
	return ret;
}

Test(source, no_text_reaches_the_archive, TEMP_DIR)
{
	struct map map = MAP(2, { 3, 30 }, { 100, 1000 });
	const struct archive_series *series;
	struct sampler *s;
	struct bench b;
	uint64_t t;

	bench_open(&b);
	cr_assert_eq(open_map(&s, &b, &map_ops, &map, "pinned"), 0);
	map.entry[0].value = UINT64_MAX;
	cr_assert_eq(sampler_pass(s, NULL), (long)(10 + 2 * sizeof(struct entry)));
	map.error = -EIO;
	cr_assert_eq(sampler_pass(s, NULL), -EIO, "this tick is lost");
	map.error = 0;
	/* id 3 goes, id 5 comes */
	map.entry[0] = (struct entry){ 5, 50 };
	cr_assert_eq(sampler_mark(s, "window-begin", NULL), 0);
	map.error = -ENODEV;
	sampler_pass(s, NULL);
	map.error = 0;
	sampler_pass(s, NULL); /* gone for good */
	cr_assert_eq(sampler_stop(s, NULL, NULL), 0);
	cr_assert(map.opened == 1 && map.closed == 1);
	bench_load(&b);
	cr_assert_eq(b.a.nr_series, 2);
	series = archive_series(&b.a, "map/7");
	cr_assert_not_null(series);
	cr_assert(series->period_us == 500000 && series->lost == 1 && series->nr_keys == 3);
	cr_assert_eq(series->nr_ticks, 4);
	cr_assert_eq(must_value(&b.a, "map/7", 0, "id3"), 30);
	cr_assert_eq(must_value(&b.a, "map/7", 1, "id3"), UINT64_MAX);
	cr_assert_eq(must_value(&b.a, "map/7", 1, "id100"), 1000);
	cr_assert(!has_value(&b.a, "map/7", 2, "id3"));
	cr_assert_eq(must_value(&b.a, "map/7", 2, "id5"), 50);
	cr_assert_eq(archive_key_time(series, 2, archive_key(series, "id100")),
		     series->tick[2].t_us + 100, "of the second read");
	cr_assert_eq(archive_key_time(series, 2, archive_key(series, "id5")), series->tick[2].t_us);
	cr_assert(!has_value(&b.a, "map/7", 3, "id5") && !has_value(&b.a, "map/7", 3, "id100"));
	cr_assert(archive_event_time(&b.a, "source.gone", "map/7", 0, &t));
	cr_assert_eq(archive_series(&b.a, "vmstat")->nr_ticks, 6, "it went on");
	bench_close(&b);
}

Test(source, absent_with_its_reason, TEMP_DIR)
{
	struct map map = { .nr = 0 };
	struct sampler *s;
	struct bench b;

	bench_open(&b);
	cr_assert_eq(open_map(&s, &b, &map_ops, &map, "unknown"), 0);
	cr_assert_eq(sampler_stop(s, NULL, NULL), 0);
	cr_assert(map.opened == 1 && map.closed == 1, "what failed to open is closed");
	bench_load(&b);
	cr_assert(absent(&b.a, "map/7 (unknown: no such map)"));
	cr_assert_null(archive_series(&b.a, "map/7"));
	bench_close(&b);
}

/* Without learn(), a snapshot of other keys is a lost tick, and those that it had go on. */
Test(source, keys_that_cannot_change, TEMP_DIR)
{
	struct map map = MAP(1, { 3, 30 }, { 4, 40 });
	struct source_ops ops = map_ops;
	struct sampler *s;
	struct bench b;

	ops.learn = NULL;
	bench_open(&b);
	cr_assert_eq(open_map(&s, &b, &ops, &map, "pinned"), 0);
	map.nr = 2;
	cr_assert_eq(sampler_pass(s, NULL), -EIO);
	map.nr = 1;
	map.entry[0].value = 31;
	cr_assert_gt(sampler_pass(s, NULL), 0);
	cr_assert_eq(sampler_stop(s, NULL, NULL), 0);
	bench_load(&b);
	cr_assert_eq(archive_series(&b.a, "map/7")->lost, 1);
	cr_assert_eq(must_value(&b.a, "map/7", 1, "id3"), 31);
	cr_assert_eq(archive_series(&b.a, "map/7")->nr_keys, 1);
	bench_close(&b);
}

/* More keys than the first room had: values of the last sample are kept. */
Test(source, grows)
{
	struct source s = { .id = 0 };

	for (unsigned i = 0; i < 3000; i++) {
		char name[SOURCE_KEY_MAX];

		snprintf(name, sizeof(name), "key%u", i);
		cr_assert_eq(source_key(&s, name), i);
		if (i % 100)
			continue;
		cr_assert_eq(source_room(&s, NULL), 0);
		if (i)
			cr_assert(s.was[i - 100] == 7 * i - 700 && s.had[i - 100]);
		source_begin(&s);
		source_value(&s, i, 7ull * i, 0);
		source_commit(&s);
	}
	cr_assert_eq(source_key(&s, "key2999"), 2999);
	cr_assert_eq(s.nr_keys, 3000);
	source_close(&s);
}

/* Every period is an option of [sample], with the default and the help that its file says. */
Test(source, periods_are_options)
{
	struct sample_cfg cfg = { 0 };

	for (const struct opt_desc *o = sample_opts; o->type != OPT_T_END; o++)
		if (o->type == OPT_T_DURATION)
			cr_assert(*o->def && *o->help, "%s", o->name);
	opt_defaults(sample_opts, &cfg);
#define PERIOD_IS_SET(name)                                                                 \
	cr_assert(cfg.name##_ns && !opt_set(sample_opts, &cfg, #name, "3ms", NULL), #name); \
	cr_assert_eq(cfg.name##_ns, 3000000, #name);
	SAMPLE_PERIODS(PERIOD_IS_SET)
}
