/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text, CSV and JSON of a comparison, and the helpers below them. */
#include <criterion/criterion.h>

#include "report/fmt.h"
#include "report/words.h"
#include "test/test_report.h"

Test(report, numbers)
{
	static const struct {
		double v;
		const char *want;
	} cases[] = {
		{ 0, "0" },	     { 4, "4" },	{ 710, "710" },	      { 8123, "8123" },
		{ 12345, "12.3 k" }, { 4e6, "4.00 M" }, { 0.0123, "0.0123" }, { 4.567, "4.57" },
		{ 999.6, "1000" },   { 99.96, "100" },	{ -0.5, "-0.500" },   { 1e-7, "1.00e-07" },
		{ 123.4, "123" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_assert_str_eq(fmt_num(cases[i].v).s, cases[i].want, "%g gives %s", cases[i].v,
				 fmt_num(cases[i].v).s);
	cr_assert_str_eq(fmt_num(NAN).s, "ABSENT");
	cr_assert_str_eq(fmt_num(INFINITY).s, "inf");
	cr_assert_str_eq(fmt_tick(10000).s, "10 k");
	cr_assert_str_eq(fmt_tick(0.5).s, "0.5");
	cr_assert_str_eq(fmt_tick(100).s, "100");
	cr_assert_str_eq(fmt_pct(.1234, true).s, "+12.3 %");
	cr_assert_str_eq(fmt_pct(-.0001, true).s, "+0.0 %", "no -0.0");
	cr_assert_str_eq(fmt_pct(13.2, true).s, "x 14.2");
	cr_assert_str_eq(fmt_p(.0286).s, "0.029");
	cr_assert_str_eq(fmt_p(1e-5).s, "<0.001");
	cr_assert_str_eq(fmt_p(1).s, "1");
	cr_assert_str_eq(fmt_ns(1.234e6).s, "1.23 ms");
	cr_assert_str_eq(fmt_kib(0).s, "0 KiB");
	cr_assert_str_eq(fmt_kib(2048).s, "2.00 MiB");
	cr_assert_str_eq(fmt_exact(NAN).s, "");
}

Test(report, exact_reads_back)
{
	struct rng r = rng_make(3, 0);

	for (int i = 0; i < 2000; i++) {
		double v = (rng_unit(&r) - .5) * pow(10, (double)rng_below(&r, 40) - 20);

		cr_assert_eq(strtod(fmt_exact(v).s, NULL), v, "%s", fmt_exact(v).s);
	}
}

Test(report, utf8)
{
	static const struct {
		const char *in, *plain, *html;
	} cases[] = {
		{ "a<b>&\"'", "a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;" },
		{ "\033[31mred\a", "\xef\xbf\xbd[31mred\xef\xbf\xbd",
		  "\xef\xbf\xbd[31mred\xef\xbf\xbd" },
		{ "two\nlines", "two lines", "two\nlines" },
		{ "\xff\xc3\x28", "\xef\xbf\xbd\xef\xbf\xbd(", "\xef\xbf\xbd\xef\xbf\xbd(" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
		  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xc2\x9b"
		  "C1",
		  "\xef\xbf\xbd\xef\xbf\xbd"
		  "C1",
		  "\xef\xbf\xbd\xef\xbf\xbd"
		  "C1" },
		{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xe2\x82\xac \xf0\x9f\x90\xa7", "\xe2\x82\xac \xf0\x9f\x90\xa7",
		  "\xe2\x82\xac \xf0\x9f\x90\xa7" },
		{ "cut\xe2\x82", "cut\xef\xbf\xbd\xef\xbf\xbd", "cut\xef\xbf\xbd\xef\xbf\xbd" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct buf a = BUF_INIT, b = BUF_INIT;

		add_plain(&a, cases[i].in);
		add_html(&b, cases[i].in);
		cr_assert_str_eq(a.data, cases[i].plain, "case %zu", i);
		cr_assert_str_eq(b.data, cases[i].html, "case %zu", i);
		buf_release(&a);
		buf_release(&b);
	}
}

Test(report, padded)
{
	struct buf b = BUF_INIT;

	add_padded(&b, "\xc2\xb5s", 4);
	add_padded(&b, "long word", 5);
	add_padded(&b, "9", -3);
	cr_assert_str_eq(b.data, "\xc2\xb5s  long\xe2\x80\xa6  9");
	buf_release(&b);
}

Test(report, text_golden)
{
	static const char *const lines[] = {
		"wmark: REGRESSED: 2 of 15 primary metrics (screened; not yet confirmed on fresh boots), 6.1.192 -> 6.12.117,",
		"       n = 4 + 3 to 4, declared error rate 5 % per campaign",
		"       noise model: from these runs alone, no history",
		"       runs set aside: A 0, B 1",
		"       unlike LRU modes: A classic, B mglru; metrics that do not compare across them are left out by name",
		"anon-paced: REGRESSED   runs 4 + 4",
		"  metric             unit            A      B    shift          95 % interval adj. p n        MDE verdict",
		"  fault_p99          us            416    526  +28.6 % worse   +21.4..+36.7 %  0.029 4            REGRESSED",
		"  stall_p99          us           8616   8333   +7.0 % worse   -21.0..+46.0 %   0.61 4    +11.0 % UNKNOWN",
		"  steal_scan_kswapd  ratio       0.834  0.563 -26.6 pp worse  -29.0..-24.0 pp  0.029 4            REGRESSED",
		"  moves with it (false discovery rate 10 %; explains, never alarms)",
		"  kswapd_runs                    1/GiB         314    582  +90.0 % higher   +71.0..+112 %",
		"file-stream: IMPROVED   runs 4 + 3 of 4 + 4",
		"  broken runs, A 0, B 1: adj. p = 1 (Fisher exact)",
		"  fault_p99          us           97.0   77.6  -19.0 % better  -24.0..-13.5 %  0.029 4+3          IMPROVED",
		"  stall_p99          us           1329   1054  -10.0 % better  -52.0..+61.0 %   0.80 4+3  -11.0 % UNKNOWN",
		"  B  file-stream          run-03.wm                      panic: Out of memory and no killable processes",
		"  LRU mode                  A classic                                 B mglru",
		"  kernel.release            A 6.1.192-cloud-amd64                     B 6.12.117-cloud-amd64",
		"  kernel.cmdline            A … numa=fake=2",
		"                            B … numa=fake=2 lru_gen=y",
		"  sysctl.vm.defrag_mode     A (absent)                                B 0",
		"  steal_scan_direct: scan counts are not comparable between classic LRU (A) and MGLRU (B)",
		"  wmark compare a b",
	};
	static const char *const commands[] = { "wmark compare a b", NULL };
	struct report_opts o = { .commands = commands };
	struct comparison c = { 0 };
	struct buf out = BUF_INIT;
	const char *at;

	made_comparison(&c, NULL, NULL);
	report_text(&c, &o, &out);
	at = out.data;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		const char *hit = strstr(at, lines[i]);

		cr_assert_not_null(hit, "in order, line \"%s\" of:\n%s", lines[i], out.data);
		cr_assert(hit == out.data || hit[-1] == '\n', "\"%s\" starts a line", lines[i]);
		cr_assert_eq(hit[strlen(lines[i])], '\n', "\"%s\" ends a line", lines[i]);
		at = hit + strlen(lines[i]);
	}
	cr_assert_null(strchr(out.data, '\033'));
	buf_reset(&out);
	o.color = true;
	report_text(&c, &o, &out);
	wants(&out, "\033[1;31mREGRESSED\033[0m");
	buf_release(&out);
	arena_release(&c.mem);
}

/* Names, values and reasons that want to break out. */
static void make_awkward(struct comparison *c)
{
	static struct metric odd;
	static struct cmp_env env[30];
	struct cmp_scenario *s = &c->scenario[0];

	odd = made_metrics[0];
	odd.name = "a,b\"c<script>alert(1)</script>_and_a_very_long_name";
	odd.unit = "\xff\"u,nit\n";
	odd.help = "</style><script>";
	s->name = "</title><script>alert(2)</script>,\"x\"";
	s->metric[0].m = &odd;
	s->metric[0].side[SIDE_A].v[1] = NAN;
	s->metric[1].judged = false;
	s->metric[1].why_not = "absent \"on\" one side,\r\nof two <b>";
	s->metric[1].side[SIDE_B].median = NAN;
	s->metric[3].lo = -INFINITY;
	s->metric[3].hi = INFINITY;
	s->metric[4].mde = INFINITY;
	s->metric[4].verdict = VERDICT_UNKNOWN;
	s->metric[4].why_not = "add runs";
	made(c, 0, SIDE_A, 0)->head.path = "dir/\"quoted\" \033[2Jrun.wm";
	made(c, 0, SIDE_A, 0)->usable = false;
	made(c, 0, SIDE_A, 0)->set_aside = NULL;
	s->side[SIDE_A].usable = 3;
	for (size_t i = 0; i < MADE_METRICS; i++)
		s->metric[i].side[SIDE_A].nr = 3;
	for (size_t i = 0; i < ARRAY_SIZE(env); i++)
		env[i] = (struct cmp_env){ "sysctl.vm.<x>", "\xf0\x28", i % 2 ? NULL : "]]>&amp;",
					   i == 3 };
	c->env = env;
	c->nr_env = ARRAY_SIZE(env);
	c->label[SIDE_B] = "6.12 \"</h1>";
}

Test(report, awkward_text_keeps_its_columns)
{
	struct comparison c = { 0 };
	struct report_opts o = { .all = true };
	struct buf out = BUF_INIT;

	made_comparison(&c, NULL, NULL);
	make_awkward(&c);
	report_text(&c, &o, &out);
	check_width(out.data);
	cr_assert_null(strchr(out.data, '\033'));
	wants(&out, "not judged: absent \"on\" one side");
	wants(&out, "MDE -: add runs");
	for (const char *p = out.data; *p;) {
		size_t n = utf8_len(p, strlen(p));

		cr_assert_gt(n, 0, "valid UTF-8");
		p += n;
	}
	buf_reset(&out);
	o.all = false;
	report_text(&c, &o, &out);
	wants(&out, "and 20 more facts");
	buf_release(&out);
	arena_release(&c.mem);
}

/* ---------------------------------------------------------------- CSV */

/* What a spreadsheet would take for a formula is text; numbers do not come this way. */
Test(report, csv_holds_no_formulas)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "plain-x", "plain-x" },
		{ "a=b", "a=b" },
		{ "=1+2", "'=1+2" },
		{ "+x", "'+x" },
		{ "-x", "'-x" },
		{ "@SUM(A1)", "'@SUM(A1)" },
		{ "=a,\"b\"", "\"'=a,\"\"b\"\"\"" },
		{ "\tx", "'\tx" },
		{ "", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf b = BUF_INIT;

		add_csv(&b, cases[i].in);
		cr_assert_str_eq(b.len ? b.data : "", cases[i].out);
		buf_release(&b);
	}
}

/* Reads one field of RFC 4180 text at *p and moves *p after the separator. Returns the separator:
 * ',', '\n' or 0. */
static char csv_field(const char **p, struct buf *out)
{
	buf_reset(out);
	if (**p == '"') {
		for ((*p)++; **p; (*p)++) {
			if (**p == '"' && *++(*p) != '"')
				break;
			buf_addc(out, **p);
		}
	} else {
		size_t n = strcspn(*p, ",\n\"\r");

		buf_add(out, *p, n);
		*p += n;
	}
	return **p ? *(*p)++ : '\0';
}

#define CSV_COLS 120
struct csv {
	char *cell[64][CSV_COLS];
	size_t rows, cols[64];
};

static struct csv *csv_parse(const char *text)
{
	struct csv *c = xcalloc(1, sizeof(*c));
	struct buf f = BUF_INIT;

	for (const char *p = text; *p; c->rows++) {
		char sep = ',';

		cr_assert_lt(c->rows, 64);
		while (sep == ',') {
			sep = csv_field(&p, &f);
			cr_assert_lt(c->cols[c->rows], CSV_COLS);
			c->cell[c->rows][c->cols[c->rows]++] = xstrdup(f.data);
		}
		cr_assert_eq(sep, '\n', "row %zu ends in a line end", c->rows);
	}
	buf_release(&f);
	return c;
}

static void csv_free(struct csv *c)
{
	for (size_t r = 0; r < c->rows; r++)
		for (size_t k = 0; k < c->cols[r]; k++)
			free(c->cell[r][k]);
	free(c);
}

static const char *csv_get(const struct csv *c, size_t row, const char *col)
{
	for (size_t k = 0; k < c->cols[0]; k++)
		if (!strcmp(c->cell[0][k], col))
			return c->cell[row][k];
	cr_assert_fail("no column %s", col);
	return NULL;
}

static void same_number(const char *cell, double want)
{
	if (!isfinite(want))
		cr_assert_str_eq(cell, "");
	else
		cr_assert_eq(strtod(cell, NULL), want, "%s is not %.17g", cell, want);
}

static void same_list(const char *cell, const double *v, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		char one[64];
		size_t n = strcspn(cell, ";");

		snprintf(one, sizeof(one), "%.*s", (int)n, cell);
		same_number(one, v[i]);
		cr_assert_eq(cell[n], i + 1 < nr ? ';' : '\0');
		cell += n + 1;
	}
}

/* Every number a report can show is in the CSV, to the last bit. */
static void check_csv(const struct comparison *c)
{
	struct buf out = BUF_INIT;
	struct csv *csv;
	size_t row = 1;

	report_format_csv.write(c, &plain, &out);
	csv = csv_parse(out.data);
	for (size_t r = 0; r < csv->rows; r++)
		cr_assert_eq(csv->cols[r], csv->cols[0], "row %zu has %zu fields", r, csv->cols[r]);
	for (size_t s = 0; s < c->nr_scenarios; s++)
		for (size_t i = 0; i < c->scenario[s].nr_metrics; i++, row++) {
			const struct cmp_metric *m = &c->scenario[s].metric[i];

			cr_assert_str_eq(csv_get(csv, row, "verdict"),
					 m->judged ? verdict_names[m->verdict] : "");
			same_number(csv_get(csv, row, "median_a"), m->side[SIDE_A].median);
			same_number(csv_get(csv, row, "median_b"), m->side[SIDE_B].median);
			same_number(csv_get(csv, row, "shift"), m->judged ? m->shift : NAN);
			same_number(csv_get(csv, row, "shift_low"), m->judged ? m->lo : NAN);
			same_number(csv_get(csv, row, "shift_high"), m->judged ? m->hi : NAN);
			cr_assert_str_eq(csv_get(csv, row, "shift_unit"),
					 m->judged ? view_shift_unit(m) : "");
			same_number(csv_get(csv, row, "p_adjusted"), m->judged ? m->p_adj : NAN);
			same_number(csv_get(csv, row, "mde"), m->judged ? m->mde : NAN);
			same_number(csv_get(csv, row, "floor"), m->floor);
			same_number(csv_get(csv, row, "p_outcome"), c->scenario[s].p_outcome);
			same_number(csv_get(csv, row, "n_a"), (double)m->side[SIDE_A].present);
			same_number(csv_get(csv, row, "n_b"), (double)m->side[SIDE_B].present);
			same_number(csv_get(csv, row, "alpha"), c->opts.alpha);
			same_list(csv_get(csv, row, "a_values"), m->side[SIDE_A].v,
				  m->side[SIDE_A].nr);
			same_list(csv_get(csv, row, "b_values"), m->side[SIDE_B].v,
				  m->side[SIDE_B].nr);
		}
	cr_assert_eq(row, csv->rows);
	csv_free(csv);
	buf_release(&out);
}

Test(report, csv_reads_back)
{
	struct comparison c = { 0 };
	struct buf out = BUF_INIT;
	struct csv *csv;

	made_comparison(&c, NULL, NULL);
	check_csv(&c);
	make_awkward(&c);
	check_csv(&c);
	report_format_csv.write(&c, &plain, &out);
	csv = csv_parse(out.data);
	cr_assert_str_eq(csv_get(csv, 1, "scenario"), c.scenario[0].name);
	cr_assert_str_eq(csv_get(csv, 1, "metric"), c.scenario[0].metric[0].m->name);
	cr_assert_str_eq(csv_get(csv, 1, "unit"), "\xef\xbf\xbd\"u,nit\n");
	cr_assert_str_eq(csv_get(csv, 2, "why_not"), "absent \"on\" one side,\r\nof two <b>");
	cr_assert_str_eq(csv_get(csv, 1, "a_seeds"), "101;102;103");
	csv_free(csv);
	buf_release(&out);
	arena_release(&c.mem);
}

/* ---------------------------------------------------------------- JSON */

static void json_number(const json_t *o, const char *key, double want)
{
	const json_t *v = json_object_get(o, key);

	cr_assert_not_null(v, "%s", key);
	if (!isfinite(want))
		cr_assert(json_is_null(v), "%s", key);
	else
		cr_assert_eq(json_number_value(v), want, "%s", key);
}

static void json_metric(const json_t *j, const struct cmp_metric *m)
{
	json_number(j, "median_a", m->side[SIDE_A].median);
	json_number(j, "median_b", m->side[SIDE_B].median);
	json_number(j, "shift", m->judged ? m->shift : NAN);
	json_number(j, "shift_low", m->judged ? m->lo : NAN);
	json_number(j, "p_adjusted", m->judged ? m->p_adj : NAN);
	json_number(j, "floor", m->floor);
	cr_assert_eq(json_array_size(json_object_get(j, "a")), m->side[SIDE_A].nr);
	cr_assert_eq(json_array_size(json_object_get(j, "b")), m->side[SIDE_B].nr);
	for (size_t i = 0; i < m->side[SIDE_A].nr; i++)
		if (isnan(m->side[SIDE_A].v[i]))
			cr_assert(json_is_null(json_array_get(json_object_get(j, "a"), i)));
		else
			cr_assert_eq(json_number_value(json_array_get(json_object_get(j, "a"), i)),
				     m->side[SIDE_A].v[i]);
}

Test(report, json_equals_the_struct)
{
	struct comparison c = { 0 };
	json_t *j, *list;

	made_comparison(&c, NULL, NULL);
	make_awkward(&c);
	j = loaded(&c, &plain);
	cr_assert_str_eq(json_string_value(json_object_get(j, "verdict")), "REGRESSED");
	cr_assert_eq(json_integer_value(json_object_get(json_object_get(j, "count"), "REGRESSED")),
		     (json_int_t)c.count[VERDICT_REGRESSED]);
	cr_assert_eq(json_array_size(json_object_get(j, "environment")), c.nr_env);
	list = json_object_get(j, "scenarios");
	cr_assert_eq(json_array_size(list), c.nr_scenarios);
	for (size_t s = 0; s < c.nr_scenarios; s++) {
		json_t *sj = json_array_get(list, s), *mj = json_object_get(sj, "metrics");

		cr_assert_str_eq(json_string_value(json_object_get(sj, "name")),
				 c.scenario[s].name);
		cr_assert_eq(json_array_size(json_object_get(sj, "runs_a")),
			     c.scenario[s].side[SIDE_A].nr);
		cr_assert_eq(json_array_size(mj), c.scenario[s].nr_metrics);
		for (size_t i = 0; i < c.scenario[s].nr_metrics; i++)
			json_metric(json_array_get(mj, i), &c.scenario[s].metric[i]);
	}
	json_decref(j);
	arena_release(&c.mem);
}

/* Nothing to compare, or one run per side: no format may fail. */
Test(report, few_runs)
{
	for (size_t n = 0; n < 2; n++) {
		struct comparison c = { .label[SIDE_A] = NULL,
					.opts = { .alpha = .05 },
					.verdict = VERDICT_UNKNOWN };
		struct buf out = BUF_INIT;

		c.nr_scenarios = n;
		c.scenario = arena_alloc(&c.mem, sizeof(*c.scenario));
		if (n)
			made_scenario(&c, &c.scenario[0], "one", NULL, NULL, n, made_bad,
				      VERDICT_UNKNOWN);
		report_text(&c, &plain, &out);
		check_width(out.data);
		wants(&out, "UNKNOWN: no primary metric could be judged, A -> B");
		cr_assert_eq(strstr(out.data, "not judged: fewer than 3 runs") != NULL, n == 1);
		check_csv(&c);
		json_decref(loaded(&c, &plain));
		buf_release(&out);
		arena_release(&c.mem);
	}
}
