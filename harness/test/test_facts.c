/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts of a run as text, and when saved facts count. test_compare_synth.h shows that the judge
 * gets the same results from them: every second run there goes through text. */
#include "judge/factset.h"
#include "judge/facts_file.h"
#include "test/temp.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test_compare_synth.h"

static const struct facts_of here = { 1234, 5678, 0x9abc };

/* Makes the facts of an archive with something of everything. */
static void rich(struct run_facts *f)
{
	struct archive a;
	struct synth s;
	struct spec p = spec();
	struct rng r = rng_make(1, 1);

	synth_init(&s);
	heads(&s, &p, 7);
	synth_head(&s, "run.note", "two\\nlines, a back\\\\slash and \\r");
	synth_head(&s, "run.empty", "");
	synth_heads(&s, "config.HZ 250\nswap.kind a b\\\\c\nmem.page_bytes 4096\n");
	p.lat_ns = 12345;
	numbers(&s, &p, &r);
	synth_mark(&s, 1000, "window-begin");
	synth_finding(&s, 5000000, "warning", "[12.5] WARNING: at mm/vmscan.c:1 \\\\ x");
	synth_mark(&s, 10001000, "window-end");
	synth_seal(&s);
	buf_addf(&s.text, "H outcome ok\nH host box\n");
	synth_parse(&s, "rich.wm", &a);
	facts_derive(f, &a);
	archive_release(&a);
}

static void same_heads(const struct run_facts *f, const struct run_facts *g)
{
	cr_assert_eq(g->head.nr_kv, f->head.nr_kv);
	for (size_t i = 0; i < f->head.nr_kv; i++) {
		cr_assert_str_eq(g->head.kv[i].key, f->head.kv[i].key);
		cr_assert_str_eq(g->head.kv[i].value, f->head.kv[i].value);
		cr_assert_eq(g->head.kv[i].host, f->head.kv[i].host);
	}
	cr_assert_str_eq(g->head.path, f->head.path);
	cr_assert_str_eq(g->head.why, f->head.why);
	cr_assert(g->head.complete == f->head.complete && g->head.checksum == f->head.checksum &&
		  g->head.body_lines == f->head.body_lines);
	cr_assert(g->order == f->order && g->final == f->final &&
		  g->outcome.cause == f->outcome.cause);
	cr_assert_str_eq(g->scenario, f->scenario);
	cr_assert_str_eq(g->seed, f->seed);
}

static void same(const struct run_facts *f, const struct run_facts *g)
{
	same_heads(f, g);
	cr_assert(g->has_window == f->has_window && g->begin_us == f->begin_us &&
		  g->end_us == f->end_us);
	cr_assert(g->usable == f->usable && g->broken == f->broken && g->flagged == f->flagged);
	cr_assert_eq(!g->set_aside, !f->set_aside);
	if (f->set_aside)
		cr_assert_str_eq(g->set_aside, f->set_aside);
	cr_assert_str_eq(g->includes, f->includes);
	cr_assert(!memcmp(&g->breaks, &f->breaks, sizeof(f->breaks)));
	for (size_t i = 0; shape_table[i].key; i++) {
		cr_assert_eq(!g->shape.v[i].text, !f->shape.v[i].text, "%s", shape_table[i].key);
		cr_assert_eq(g->shape.v[i].used, f->shape.v[i].used, "%s", shape_table[i].key);
		if (f->shape.v[i].text)
			cr_assert_str_eq(g->shape.v[i].text, f->shape.v[i].text);
	}
	cr_assert_eq(g->nr_findings, f->nr_findings);
	for (size_t i = 0; i < f->nr_findings; i++) {
		const struct finding *x = &f->finding[i], *y = &g->finding[i];

		cr_assert_str_eq(y->rule, x->rule);
		cr_assert_str_eq(y->text, x->text);
		cr_assert(y->cls == x->cls && y->state == x->state && y->broke == x->broke &&
			  y->node == x->node && y->has_time == x->has_time &&
			  y->begin_us == x->begin_us && y->end_us == x->end_us);
	}
	cr_assert_eq(g->rows.nr, f->rows.nr);
	for (size_t i = 0; i < f->rows.nr; i++) {
		cr_assert_eq(g->rows.v[i].model, f->rows.v[i].model);
		cr_assert_str_eq(g->rows.v[i].name, f->rows.v[i].name);
		cr_assert_str_eq(g->rows.v[i].arg, f->rows.v[i].arg);
		cr_assert_eq(g->rows.v[i].background, f->rows.v[i].background);
	}
	cr_assert_eq(g->nr_values, f->nr_values);
	for (size_t i = 0; i < f->nr_values; i++) {
		cr_assert_str_eq(g->value[i].metric, f->value[i].metric);
		cr_assert_eq(g->value[i].v, f->value[i].v, "the same bits");
	}
}

Test(facts, text_and_back)
{
	struct buf text = BUF_INIT, again = BUF_INIT;
	struct run_facts f, g;

	rich(&f);
	cr_assert_gt(f.nr_findings, 1);
	cr_assert_gt(f.rows.nr, 4);
	cr_assert_gt(f.nr_values, 8);
	cr_assert_str_eq(f.shape.v[shape_find("hz")].text, "250");
	cr_assert_str_eq(f.shape.v[shape_find("swap")].text, "a b\\c");
	cr_assert(!f.shape.v[shape_find("swap")].used && f.shape.v[shape_find("hz")].used);
	cr_assert_str_eq(facts_get(&f, "run.note"), "two\nlines, a back\\slash and \r");
	facts_write(&f, &here, &text);
	cr_assert(facts_read(&g, &here, "rich.wm", text.data, text.len), "%s", text.data);
	same(&f, &g);
	cr_assert_str_eq(facts_get(&g, "run.empty"), "");
	cr_assert_null(facts_get(&g, "run.nothing"));
	cr_assert(isnan(facts_value(&g, "no_such_metric")));
	cr_assert_eq(facts_value(&g, "load.touch_p99_us"), facts_value(&f, "load.touch_p99_us"));
	facts_write(&g, &here, &again);
	cr_assert_str_eq(again.data, text.data);
	facts_release(&f);
	facts_release(&g);
	buf_release(&text);
	buf_release(&again);
}

/* Facts of another archive, of other tables, or with any byte damaged do not count. */
Test(facts, stale_or_damaged)
{
	static const struct facts_of others[] = {
		{ 1235, 5678, 0x9abc },
		{ 1234, 5679, 0x9abc },
		{ 1234, 5678, 0x9abd },
	};
	struct buf text = BUF_INIT;
	struct run_facts f, g;
	char *tables;

	rich(&f);
	facts_write(&f, &here, &text);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		cr_assert_not(facts_read(&g, &others[i], "x", text.data, text.len));
		facts_release(&g);
	}
	for (size_t i = 0; i < text.len; i++) {
		text.data[i] ^= 1;
		cr_assert_not(facts_read(&g, &here, "x", text.data, text.len), "byte %zu", i);
		facts_release(&g);
		text.data[i] ^= 1;
		cr_assert_not(facts_read(&g, &here, "x", text.data, i), "cut at %zu", i);
		facts_release(&g);
	}
	tables = strstr(text.data, "\ntables ") + 8;
	*tables = *tables == '0' ? '1' : '0';
	cr_assert_not(facts_read(&g, &here, "x", text.data, text.len));
	facts_release(&g);
	facts_release(&f);
	buf_release(&text);
}

/* Is a text with these lines, and with the right sum, read as facts? */
static bool reads(const char *lines)
{
	struct buf text = BUF_INIT, whole = BUF_INIT;
	struct run_facts f, g;
	const char *end;
	bool ok;

	rich(&f);
	facts_write(&f, &here, &whole);
	end = strstr(whole.data, "\nbody ") + 1;
	buf_add(&text, whole.data, (size_t)(end - whole.data));
	buf_addstr(&text, lines);
	buf_addf(&text, "end %016" PRIx64 "\n", fnv1a(FNV_INIT, text.data, text.len));
	ok = facts_read(&g, &here, "x", text.data, text.len);
	facts_release(&g);
	facts_release(&f);
	buf_release(&text);
	buf_release(&whole);
	return ok;
}

#define BODY "body 1 10 00000000000000ff\n"

Test(facts, lines_that_cannot_be)
{
	static const char *const bad[] = {
		"",
		BODY,
		"fit 1 0 0\n",
		BODY "fit 1 0 0 but why\n",
		BODY "fit 0 0 0\n",
		BODY "fit 1 0\n",
		"body x 10 ff\nfit 1 0 0\n",
		BODY "fit 1 0 0\nheader\n",
		BODY "fit 1 0 0\nheader key \\q\n",
		BODY "fit 1 0 0\nwindow 5 5\n",
		BODY "fit 1 0 0\nnonsense\n",
		BODY "fit 1 0 0\nstate no-such 1 x\n",
		BODY "fit 1 0 0\nstate hz\n",
		BODY "fit 1 0 0\nstate hz x 250\n",
		BODY "fit 1 0 0\nfinding rule 9 1 0 -1 0 0 0 x\n",
		BODY "fit 1 0 0\nfinding rule 0 9 0 -1 0 0 0 x\n",
		BODY "fit 1 0 0\nfinding rule\n",
		BODY "fit 1 0 0\nrow no_such_model 0 0\n",
		BODY "fit 1 0 0\nrow below_low_s_nodeN 0 99999\n",
		BODY "fit 1 0 0\nrow below_low_s_nodeN 0 -1\n",
		BODY "fit 1 0 0\nrow WORKLOAD.OP_rate 0 anon ops\n",
		BODY "fit 1 0 0\nrow WORKLOAD.OP_rate 0 anon\n",
		BODY "fit 1 0 0\nvalue a\n",
		BODY "fit 1 0 0\nvalue a nan\n",
		BODY "fit 1 0 0\nvalue a 1x\n",
		BODY "fit 1 0 0\nvalue b 1\nvalue a 1\n",
		BODY "fit 1 0 0\nvalue a 1\nvalue a 1\n",
		BODY "fit 1 0 0\n\n",
	};
	cr_assert(reads(BODY "fit 1 0 0\n"));
	cr_assert(reads(BODY "header key\n"
			     "fit 0 1 0 panic: x\n"
			     "window 4 5\n"
			     "row WORKLOAD.OP_rate 0 anon ops.fault\n"
			     "row below_low_s_nodeN 0 3\n"
			     "finding rule 0 1 1 -1 1 5 6 text\n"
			     "value a 1\n"
			     "value b 2\n"));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_assert_not(reads(bad[i]), "%s", bad[i]);
}

/* ---------------------------------------------------------------- files */

static void write_run(const char *path, const char *outcome)
{
	struct spec p = spec();
	struct rng r = rng_make(1, 1);
	struct err e = ERR_INIT;
	struct synth s;

	synth_init(&s);
	heads(&s, &p, 7);
	numbers(&s, &p, &r);
	synth_mark(&s, 1000, "window-begin");
	synth_mark(&s, 10001000, "window-end");
	synth_seal(&s);
	buf_addf(&s.text, "H outcome %s\n", outcome);
	cr_assert_eq(fs_write(path, s.text.data, s.text.len, &e), 0, "%s", e.msg);
	buf_release(&s.text);
}

/* What facts_load() says of one metric. */
static double loaded(const char *path, enum facts_save save)
{
	struct err e = ERR_INIT;
	struct run_facts f;
	double v;

	cr_assert_eq(facts_load(&f, path, save, &e), 0, "%s", e.msg);
	v = f.usable ? facts_value(&f, "window_s") : -1;
	cr_assert_str_eq(f.head.path, path);
	facts_release(&f);
	return v;
}

/* Makes saved facts say 77 for the length of the window: this shows whether they are read. */
static void forge(const char *path, const char *saved)
{
	struct run_facts f;
	struct facts_of of;
	struct buf text = BUF_INIT;
	struct err e = ERR_INIT;

	cr_assert_eq(facts_of_file(&of, path, &e), 0, "%s", e.msg);
	cr_assert_eq(fs_read(saved, &text, &e), 0, "%s", e.msg);
	cr_assert(facts_read(&f, &of, path, text.data, text.len));
	for (size_t i = 0; i < f.nr_values; i++)
		if (!strcmp(f.value[i].metric, "window_s"))
			f.value[i].v = 77;
	buf_reset(&text);
	facts_write(&f, &of, &text);
	cr_assert_eq(fs_write(saved, text.data, text.len, &e), 0, "%s", e.msg);
	facts_release(&f);
	buf_release(&text);
}

Test(facts, saved_beside_the_archive, TEMP_DIR)
{
	const char *path = temp_path("run.wm"), *saved = temp_path("run.facts");
	char *other = facts_path("x/run.txt");
	struct factset set = { 0 };
	struct err e = ERR_INIT;

	cr_assert_str_eq(other, "x/run.txt.facts");
	write_run(path, "ok");
	cr_assert_eq(loaded(path, FACTS_KEEP_NOT), 10);
	cr_assert_not(fs_exists(saved));
	cr_assert_eq(loaded(path, FACTS_SAVE), 10);
	cr_assert(fs_exists(saved));
	forge(path, saved);
	cr_assert_eq(loaded(path, FACTS_KEEP_NOT), 77, "read instead of the archive");
	/* a folder of runs holds no facts of facts */
	cr_assert_eq(factset_add(&set, temp_dir, FACTS_KEEP_NOT, &e), 0, "%s", e.msg);
	cr_assert_eq(set.nr, 1);
	factset_release(&set);
	/* the host's last word came later */
	write_run(path, "panic");
	cr_assert_eq(loaded(path, FACTS_KEEP_NOT), -1, "stale: derived anew");
	cr_assert_eq(loaded(path, FACTS_SAVE), -1);
	/* as long as before, and something else */
	write_run(path, "panik");
	cr_assert_eq(loaded(path, FACTS_KEEP_NOT), -1);
	write_run(path, "ok");
	cr_assert_eq(loaded(path, FACTS_SAVE), 10);
	cr_assert_eq(fs_write(saved, "rubbish\n", 8, &e), 0);
	cr_assert_eq(loaded(path, FACTS_SAVE), 10);
	forge(path, saved);
	cr_assert_eq(loaded(path, FACTS_SAVE), 77, "written anew over the rubbish");
	free(other);
}

Test(facts, files_that_are_no_runs, TEMP_DIR)
{
	const char *path = temp_path("run.wm");
	struct err e = ERR_INIT;
	struct run_facts f;

	cr_assert_eq(facts_load(&f, path, FACTS_SAVE, &e), -ENOENT);
	cr_assert(strstr(e.msg, path), "%s", e.msg);
	facts_release(&f);
	cr_assert_eq(fs_write(path, "no archive\n", 11, &e), 0);
	cr_assert_eq(facts_load(&f, path, FACTS_SAVE, &e), -EINVAL);
	facts_release(&f);
	cr_assert_not(fs_exists(temp_path("run.facts")));
}
