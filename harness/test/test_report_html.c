/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTML reports: well-formed, inert, deterministic, small; time lines and their thinning; reports of
 * one run. */
#include <criterion/criterion.h>
#include <errno.h>

#include "report/fmt.h"
#include "html/page.h"
#include "html/svg.h"
#include "html/timeline.h"
#include "test/temp.h"
#include "test/test_report.h"

/* ---------------------------------------------------------------- a checker of tags */

struct tags {
	char open[64][24];
	size_t depth;
	char id[1024][64];
	size_t nr_ids;
};

static bool is_void(const char *name)
{
	static const char *const names[] = { "meta", "br", "hr", "img", "link", "!DOCTYPE" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/* Attributes from @p to the '>' of the tag: name="value" with no raw < or " inside. Returns the
 * '>'. */
static const char *attributes(struct tags *t, const char *p)
{
	while (*p && *p != '>' && *p != '/') {
		size_t n;

		p += strspn(p, " \n");
		n = strcspn(p, "= />");
		if (p[n] == '=') {
			const char *value = p + n + 2, *end;

			cr_assert_eq(p[n + 1], '"', "quoted attribute at %.60s", p);
			end = strchr(value, '"');
			cr_assert_not_null(end);
			cr_assert_null(memchr(value, '<', (size_t)(end - value)), "raw < in %.60s",
				       p);
			cr_assert_neq(strncmp(p, "on", 2), 0, "no event handlers: %.60s", p);
			if (n == 2 && !strncmp(p, "id", 2)) {
				cr_assert_lt(t->nr_ids, ARRAY_SIZE(t->id));
				snprintf(t->id[t->nr_ids++], sizeof(t->id[0]), "%.*s",
					 (int)(end - value), value);
			}
			p = end + 1;
		} else {
			p += n;
		}
	}
	return p;
}

static void check_html(const char *html)
{
	struct tags *t = xcalloc(1, sizeof(*t));
	const char *p = html;

	while ((p = strpbrk(p, "<>"))) {
		bool closing = p[1] == '/';
		char name[24];
		size_t n;

		cr_assert_eq(*p, '<', "stray > at %.60s", p);
		p += 1 + closing;
		n = strcspn(p, " />\n");
		snprintf(name, sizeof(name), "%.*s", (int)n, p);
		cr_assert_lt(n, sizeof(name));
		cr_assert_str_neq(name, "script");
		if (closing) {
			cr_assert_gt(t->depth, 0, "</%s> with nothing open", name);
			cr_assert_str_eq(t->open[--t->depth], name, "</%s> closes <%s> near %.80s",
					 name, t->open[t->depth], p);
			p += n;
		} else {
			p = is_void(name) && *name == '!' ? strchr(p, '>') : attributes(t, p + n);
			if (*p == '/')
				p++;
			else if (!is_void(name)) {
				cr_assert_lt(t->depth, 64);
				memcpy(t->open[t->depth++], name, sizeof(name));
			}
			if (!strcmp(name, "style")) /* CSS holds no tags; its > would be strays */
				p = strstr(p, "</style") - 1;
		}
		cr_assert(*p == '>' || !strcmp(name, "style"), "tag <%s> ends at %.60s", name, p);
		p++;
	}
	cr_assert_eq(t->depth, 0, "<%s> is not closed", t->depth ? t->open[t->depth - 1] : "");
	for (size_t i = 0; i < t->nr_ids; i++)
		for (size_t k = i + 1; k < t->nr_ids; k++)
			cr_assert_str_neq(t->id[i], t->id[k], "ids are unique");
	/* links inside the page lead somewhere */
	for (p = html; (p = strstr(p, "href=\"#")); p++) {
		char id[64];
		bool found = false;

		snprintf(id, sizeof(id), "%.*s", (int)strcspn(p + 7, "\""), p + 7);
		for (size_t i = 0; i < t->nr_ids; i++)
			found |= !strcmp(id, t->id[i]);
		cr_assert(found, "#%s leads nowhere", id);
	}
	for (p = html; *p;) {
		size_t n = utf8_len(p, 4);

		cr_assert_gt(n, 0, "valid UTF-8");
		p += n;
	}
	cr_assert_null(strstr(html, "http:"));
	cr_assert_null(strstr(html, "https:"));
	free(t);
}

/* Makes facts of four runs per side of each scenario, and their archives. */
static void load_all(struct run_facts a[12], struct run_facts b[12])
{
	static const char *const scenario[] = { "anon-paced", "file-stream", "slab-dentries" };

	for (unsigned i = 0; i < 12; i++) {
		struct made_run ma = { "6.1.192", scenario[i / 4], 100 + i % 4, 5200, .83,
				       .05,	  false,	   12 };
		struct made_run mb = {
			"6.12.117", scenario[i / 4], 100 + i % 4, 5200, .56, .3, true, 12.5
		};

		made_facts(&a[i], &ma, temp_path("a%02u.wm", i));
		made_facts(&b[i], &mb, temp_path("b%02u.wm", i));
	}
}

static void release_all(struct run_facts a[12], struct run_facts b[12])
{
	for (int i = 0; i < 12; i++) {
		facts_release(&a[i]);
		facts_release(&b[i]);
	}
}

Test(report_html, whole_page, TEMP_DIR)
{
	static const char *const commands[] = { "wmark compare 'a<b' \"c&d\"", NULL };
	static const char *const pieces[] = {
		"<meta charset=\"utf-8\">",
		"content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"",
		"<h1>REGRESSED</h1>",
		"2 of 15 primary metrics",
		"screened; not yet confirmed on fresh seeds", /* target exact */
		"id=\"environment\"",
		"id=\"forest\"",
		"B is worse",
		"id=\"runs\"",
		"<title>A, seed 100: ",
		"id=\"time\"",
		"Free memory of node 1",
		"window</text>",
		"ABSENT: not recorded in this run",
		"id=\"derived\"",
		"id=\"moves\"",
		"id=\"left-out\"",
		"panic: Out of memory",
		"id=\"reproduce\"",
		"wmark compare &#39;a&lt;b&#39; &quot;c&amp;d&quot;",
		"id=\"reading\"",
	};
	static struct run_facts a[12], b[12];
	struct report_opts o = { .commands = commands, .wmark_version = "test" };
	struct comparison c = { 0 };
	struct buf one = BUF_INIT, two = BUF_INIT;
	const char *at;

	load_all(a, b);
	made_comparison(&c, a, b);
	report_format_html.write(&c, &o, &one);
	check_html(one.data);
	at = one.data;
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		const char *hit = strstr(at, pieces[i]);

		cr_assert_not_null(hit, "\"%s\" in its place", pieces[i]);
		at = hit;
	}
	report_format_html.write(&c, &o, &two);
	cr_assert_eq(one.len, two.len);
	cr_assert_eq(memcmp(one.data, two.data, one.len), 0, "same bytes twice");
	cr_assert_lt(one.len, 600000u);
	buf_release(&one);
	buf_release(&two);
	arena_release(&c.mem);
	release_all(a, b);
}

Test(report_html, foreign_text_is_inert)
{
	struct metric odd = made_metrics[0];
	static const struct finding nasty[] = {
		{ "<script>", RULE_LIVENESS, RULE_FAIL, true, 5000000, 9000000, 2,
		  "\"><script>\033[2J", false },
		{ "]]>", RULE_INVARIANT, RULE_FAIL, false, 0, 0, -1, NULL, false },
		{ "<b", RULE_LIVENESS, RULE_SKIP, false, 0, 0, -1, "\xff", false },
	};
	struct comparison c = { 0 };
	struct buf out = BUF_INIT;

	odd.name = "\"><script>alert(1)</script>";
	odd.unit = "</svg><script>";
	odd.help = "</style>\xff\xfe";
	made_comparison(&c, NULL, NULL);
	c.course = (struct cmp_course){ .nr_looks = 2,
					.n = { 3, 4 },
					.spend = { .02, .03 },
					.made = 2,
					.confirm_n = 6,
					.found = 1,
					.finished = true };
	made(&c, 0, SIDE_B, 0)->finding = nasty;
	made(&c, 0, SIDE_B, 0)->nr_findings = ARRAY_SIZE(nasty);
	c.scenario[0].metric[0].confirm = CONFIRM_NO;
	c.scenario[0].metric[0].of_fresh = true;
	c.scenario[0].metric[0].look_shift = 40; /* far beyond the axis */
	c.scenario[0].metric[2].confirm = CONFIRM_YES;
	c.scenario[0].metric[2].of_fresh = true;
	c.scenario[0].metric[2].look_shift = -.2;
	c.scenario[0].name = "</title><script>alert(2)</script>";
	c.scenario[0].metric[0].m = &odd;
	c.scenario[0].metric[0].side[SIDE_A].v[0] = NAN;
	c.scenario[0].metric[1].judged = false;
	c.scenario[0].metric[1].why_not = "<b onclick=\"x\">";
	c.scenario[0].metric[3].lo = -INFINITY;
	c.scenario[0].metric[3].hi = INFINITY;
	made(&c, 0, SIDE_A, 0)->seed = "\"/><script>";
	made(&c, 0, SIDE_A, 1)->head.path = "x/\" onload=\"y";
	made(&c, 1, SIDE_B, 2)->set_aside = "<img src=x>\033[2J";
	c.label[SIDE_A] = "6.1</h1><script>";
	c.left_out[0] = "<script>";
	c.left_out[1] = "\xf0\x28\x8c\x28";
	report_format_html.write(&c, &plain, &out);
	check_html(out.data);
	cr_assert_null(strstr(out.data, "<script"));
	cr_assert_null(strstr(out.data, "<img"));
	cr_assert_null(strstr(out.data, "nan"), "no NaN coordinate");
	wants(&out, "&lt;script&gt;alert(2)&lt;/script&gt;");
	buf_release(&out);
	arena_release(&c.mem);
}

/* A broken rule is marked over the time line, from its first second to its last, on the clock of
 * the figure. */
Test(report_html, findings_on_the_time_line, TEMP_DIR)
{
	static const struct finding found[] = {
		{ "kswapd-spins", RULE_LIVENESS, RULE_FAIL, true, 6000000, 8500000, 1, "ran & ran",
		  false },
		{ "point", RULE_LIVENESS, RULE_FAIL, true, 7000000, 7000000, -1, "once", false },
		{ "untimed", RULE_LIVENESS, RULE_FAIL, false, 0, 0, -1, "nowhere", false },
		{ "skipped", RULE_LIVENESS, RULE_SKIP, true, 7000000, 7000000, -1, "nowhere",
		  false },
	};
	static struct run_facts a[12], b[12];
	struct comparison c = { 0 };
	struct buf out = BUF_INIT;
	const struct report_opts o = { .wmark_version = "test" };
	const char *bar, *time;

	load_all(a, b);
	made_comparison(&c, a, b);
	for (size_t i = 0; i < 4; i++) {
		made(&c, 0, SIDE_A, i)->finding = found;
		made(&c, 0, SIDE_A, i)->nr_findings = ARRAY_SIZE(found);
	}
	report_format_html.write(&c, &o, &out);
	check_html(out.data);
	time = strstr(out.data, "id=\"time\"");
	cr_assert_not_null(time);
	bar = strstr(time, "\"><title>kswapd-spins: ran &amp; ran</title>");
	cr_assert_not_null(bar);
	cr_assert_not_null(strstr(time, "v8\"><title>point: once</title>"));
	while (*bar != 'H' && *bar != '<')
		bar--;
	cr_assert_eq(*bar, 'H', "%.80s", bar);
	cr_assert_null(strstr(time, "<title>untimed"));
	cr_assert_null(strstr(time, "<title>skipped"));
	release_all(a, b);
	buf_release(&out);
	arena_release(&c.mem);
}

Test(report_html, few_and_many_scenarios, TEMP_DIR)
{
	static struct run_facts a[4], b[4];
	const char *path = temp_path("many.wm");
	struct made_run m = { "6.1.192", "many", 7, 5200, .8, .2, true, 150 };

	made_facts(&a[0], &m, path);
	made_facts(&b[0], &m, path);
	for (int i = 1; i < 4; i++) {
		a[i] = a[0];
		b[i] = b[0];
	}
	for (size_t n = 0; n <= 400; n = n ? n * (n < 40 ? 40 : 10) : 1) {
		struct comparison c = { .verdict = VERDICT_UNKNOWN, .opts = { .alpha = .05 } };
		struct buf out = BUF_INIT;

		c.nr_scenarios = n;
		c.scenario = arena_alloc(&c.mem, (n + 1) * sizeof(*c.scenario));
		for (size_t i = 0; i < n; i++)
			made_scenario(&c, &c.scenario[i], arena_printf(&c.mem, "scenario %zu", i),
				      a, b, n == 1 ? 1 : 4, made_bad, VERDICT_UNKNOWN);
		report_format_html.write(&c, &plain, &out);
		check_html(out.data);
		cr_assert_lt(out.len, (size_t)HTML_LIMIT);
		if (n >= 40)
			cr_assert_gt(out.len, 1u << 20, "the figures are there");
		buf_release(&out);
		arena_release(&c.mem);
	}
	facts_release(&a[0]);
	facts_release(&b[0]);
}

/* ---------------------------------------------------------------- lines */

Test(report_html, thinning_keeps_the_extremes)
{
	struct rng r = rng_make(9, 1);
	struct line l = { 0 };
	double lo, hi;

	for (int i = 0; i < 30000; i++)
		line_add(&l, i * .1, i % 1000 < 7 ? NAN : 100 + rng_unit(&r));
	l.v[12345] = -5;
	l.v[23456] = 999;
	lo = line_min(&l);
	hi = line_max(&l);
	line_thin(&l, 2000);
	cr_assert_leq(l.nr, 2000);
	cr_assert_gt(l.nr, 1000);
	cr_assert_eq(line_min(&l), lo);
	cr_assert_eq(line_max(&l), hi);
	for (size_t i = 0; i < l.nr; i++) {
		cr_assert(!i || l.t[i] > l.t[i - 1], "time order");
		if (l.v[i] == -5)
			cr_assert_float_eq(l.t[i], 1234.5, 1e-9);
		if (l.v[i] == 999)
			cr_assert_float_eq(l.t[i], 2345.6, 1e-9);
	}
	line_release(&l);
	for (int i = 0; i < 50; i++)
		line_add(&l, 1, i); /* all at one time */
	line_thin(&l, 10);
	cr_assert_leq(l.nr, 10);
	cr_assert_eq(line_max(&l), 49);
	cr_assert_eq(line_min(&l), 0);
	line_release(&l);
}

Test(report_html, ticks)
{
	double t[AXIS_TICKS];

	cr_assert_eq(axis_ticks(0, 10, 5, t), 6);
	cr_assert_eq(t[1], 2);
	cr_assert_eq(axis_ticks(-.3, .3, 6, t), 7);
	cr_assert_eq(t[3], 0);
	cr_assert_eq(axis_ticks(1, 1, 5, t), 0);
	cr_assert_eq(axis_ticks(NAN, 1, 5, t), 0);
	cr_assert_leq(axis_ticks(0, 1e300, 5, t), (size_t)AXIS_TICKS);
}

Test(report_html, time_line_of_known_samples)
{
	static const char text[] = "src 0 vmstat 100000\n"
				   "d 0 0 pgscan_kswapd\n"
				   "d 1 0 pgsteal_kswapd\n"
				   "src 1 zoneinfo 1000000\n"
				   "d 0 1 node0.DMA.free\n"
				   "d 1 1 node0.DMA.high\n"
				   "d 2 1 node0.DMA32.free\n"
				   "d 3 1 node0.DMA32.high\n"
				   "d 4 1 node0.DMA.managed\n"
				   "d 5 1 node0.DMA32.managed\n"
				   "s 0 1000000 1 1 0+100 0+50\n"
				   "s 1 1000000 1 1 0+256 0+100 0+512 0+156 0+3840 0+40000\n"
				   "e 1500000 mark window-begin\n"
				   "s 0 2000000 1 1 0+200 0+100\n"
				   "s 0 3000000 1 1 0-50\n"
				   "e 3500000 mark window-end\n";
	struct archive a = { 0 };
	struct timeline t;
	struct panel *p;

	synth_text(&a, "t", text);
	timeline_load(&t, &a, 4);
	cr_assert_eq(t.nr_nodes, 1);
	p = timeline_panel(&t, "Free memory of node 0");
	cr_assert_not_null(p);
	cr_assert_str_eq(p->name[3], "free");
	cr_assert_eq(p->line[3].nr, 1);
	cr_assert_eq(p->line[3].v[0], 3, "768 pages of 4 KiB over both zones");
	cr_assert_eq(p->line[0].v[0], 1);
	cr_assert_float_eq(p->line[0].t[0], -.5, 1e-9);
	p = timeline_panel(&t, "Reclaim, all nodes");
	cr_assert_not_null(p);
	cr_assert_eq(p->line[0].nr, 2);
	cr_assert_eq(p->line[0].v[0], 200);
	cr_assert(isnan(p->line[0].v[1]), "a counter that fell is a gap");
	cr_assert_eq(p->line[1].v[0], 100);
	cr_assert_eq(p->line[1].v[1], 0);
	cr_assert_eq(p->line[2].nr, 0, "direct reclaim is ABSENT, not zero");
	cr_assert_null(timeline_panel(&t, "Memory pressure (PSI)"));
	timeline_release(&t);
	archive_release(&a);
}

/* ---------------------------------------------------------------- one run */

Test(report_html, one_run)
{
	struct made_run m = { "6.12.117", "anon-paced", 7, 5200, .6, .3, true, 10 };
	struct archive a = { 0 };
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;

	made_load(&a, &m);
	report_run_text(&a, &plain, &out);
	cr_assert_not_null(strstr(out.data, "wmark: anon-paced, 6.12.117, exact target, seed 7\n"
					    "       archive complete\n"),
			   "%s", out.data);
	wants(&out, "  window              4.000     10.000\n");
	wants(&out, "node0.DMA32");
	wants(&out, "allocstall_normal+allocstall_movable");
	wants(&out, "  ABSENT  ");
	wants(&out, " more rows (settings");
	buf_reset(&out);
	report_run_html(&a, &plain, &out);
	check_html(out.data);
	wants(&out, "<h1>Complete</h1>");
	wants(&out, "Free memory of node 0");
	buf_reset(&out);
	cr_assert_eq(report_run_csv(&a, "node0/vmstat", &out, &e), 0);
	cr_assert_eq(strncmp(out.data, "t_us,nr_free_pages,pgscan_kswapd,", 33), 0);
	buf_reset(&out);
	cr_assert_eq(report_run_csv(&a, NULL, &out, &e), 0);
	wants(&out, "\n147,kswapd0/schedstat,run_ns,0\n");
	buf_reset(&out);
	cr_assert_eq(report_run_csv(&a, "nope", &out, &e), -ENOENT);
	cr_assert_not_null(strstr(e.msg, "node1/vmstat"));
	cr_assert_eq(out.len, 0);
	buf_release(&out);
	archive_release(&a);
}

/* The host has the last word on how a run ended. */
Test(report_html, run_that_died_after_its_end)
{
	struct made_run m = { "6.12.117", "anon-paced", 7, 5200, .6, .3, true, 10 };
	struct archive a = { 0 };
	struct buf out = BUF_INIT;
	struct synth text;

	made_archive(&text, &m);
	synth_head(&text, "run.outcome", "ok");
	synth_seal(&text);
	buf_addstr(&text.text, "H outcome panic\nH outcome.detail not syncing\n");
	synth_parse(&text, "p.wm", &a);
	cr_assert(a.complete, "%s", a.why);
	report_run_text(&a, &plain, &out);
	wants(&out, "outcome panic: not syncing; archive complete");
	buf_reset(&out);
	report_run_html(&a, &plain, &out);
	wants(&out, "<h1>Not usable</h1>");
	buf_release(&out);
	archive_release(&a);
}

/* The lowest sample of the window starts with the one its mark is made of; direct reclaim says what
 * is in it. */
Test(report_html, run_tables)
{
	static const char text[] = "src 0 zoneinfo 1000000\n"
				   "d 0 0 node0.DMA.free\n"
				   "d 1 0 node0.DMA.high\n"
				   "d 2 0 node0.DMA.managed\n"
				   "src 1 vmstat 100000\n"
				   "d 0 1 pgscan_direct\n"
				   "s 0 500000 1 1 0+100 0+50 0+3840\n"
				   "s 0 1000000 1 1 0+900\n"
				   "s 1 1000000 1 1 0+5\n"
				   "e 1000100 mark window-begin\n"
				   "s 0 1500000 1 1 0+500\n"
				   "s 0 2000000 1 1 0+500\n"
				   "s 1 2000000 1 1 0+4\n"
				   "e 2000100 mark window-end\n";
	struct archive a = { 0 };
	struct buf out = BUF_INIT;

	synth_text(&a, "t", text);
	report_run_text(&a, &plain, &out);
	wants(&out, "3.91 MiB     7.81 MiB       3.91 MiB\n");
	wants(&out, "pgscan_direct (includes: khugepaged, proactive)\n");
	buf_release(&out);
	archive_release(&a);
}

/* More kswapd threads than lines in a panel: the title says so. */
Test(report_html, many_nodes)
{
	struct buf text = BUF_INIT;
	struct archive a = { 0 };
	struct timeline t;

	for (int n = 0; n < 6; n++)
		buf_addf(&text, "src %d kswapd%d/schedstat 100000\nd 0 %d run_ns\n", n, n, n);
	for (int n = 0; n < 6; n++)
		buf_addf(&text, "s %d 1000 1 1 0+5\ns %d 101000 1 1 0+7000\n", n, n);
	synth_text(&a, "t", text.data);
	timeline_load(&t, &a, 4);
	cr_assert_not_null(timeline_panel(&t, "CPU time of kswapd, 4 of 6 nodes drawn"));
	timeline_release(&t);
	buf_release(&text);
	archive_release(&a);
}

/* Cut anywhere, a run is still shown, and said to be truncated. */
Test(report_html, truncated_runs)
{
	struct made_run m = { "6.12.117", "anon</h1>", 7, 5200, .6, .3, true, 1 };
	struct err e = ERR_INIT;
	struct synth text;

	made_archive(&text, &m);
	buf_addstr(&text.text, "m 3000000 oom-kill <b>Killed</b> \xff process\n"
			       "w anon 0 ops 12\n"
			       "w anon 0 ops nan\n");
	for (size_t len = 16; len <= text.text.len; len += 1 + text.text.len / 40) {
		struct archive a = { 0 };
		struct buf out = BUF_INIT;

		cr_assert_eq(archive_parse(&a, "cut.wm", text.text.data, len, &e), 0);
		cr_assert_not(a.complete);
		report_run_text(&a, &plain, &out);
		wants(&out, a.why);
		cr_assert_null(strchr(out.data, '\033'));
		buf_reset(&out);
		report_run_html(&a, &plain, &out);
		check_html(out.data);
		wants(&out, "<h1>Not usable</h1>");
		cr_assert_null(strstr(out.data, "<b>Killed"));
		buf_release(&out);
		archive_release(&a);
	}
	buf_release(&text.text);
}
