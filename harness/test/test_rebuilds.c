/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of rebuilds: read and written, what is refused, and the numbers of a line. */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/alloc.h"
#include "judge/rebuilds.h"
#include "judge/scale.h"

static const char whole[] = REBUILDS_MAGIC
	"\n"
	"scenario file aaaa k1 classic 6.12\n"
	"fact machine.target exact\n"
	"fact machine.emulator qemu 10.0.2 \\\\ tcg icount\n"
	"metric refaults_per_gib log 1 8 10 0.0125 0.034 0.051\n"
	"metric steal_scan_kswapd logit 0.02 8 10 1.5 0.25 3.125 0.08 0.25 0.24 0.75\n"
	"scenario anon bbbb k2 mglru 7.3\n"
	"metric stalls_per_gib log 2 16 5 0 0 0\n"
	"end 3\n";

static int read_text(struct rebuilds *r, const char *text, struct err *e)
{
	*r = (struct rebuilds){ .v = NULL };
	return rebuilds_read(r, "a.txt", text, strlen(text), e);
}

Test(rebuilds, text_and_back)
{
	const struct rebuild_metric *m;
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	struct rebuilds r;

	cr_assert_eq(read_text(&r, whole, &e), 0, "%s", e.msg);
	cr_assert_eq(r.nr, 2);
	cr_assert_str_eq(r.v[0].name, "file");
	cr_assert_str_eq(r.v[0].hash, "aaaa");
	cr_assert_str_eq(r.v[0].machine_key, "k1");
	cr_assert_str_eq(r.v[0].lru, "classic");
	cr_assert_str_eq(r.v[0].kernel, "6.12");
	cr_assert_str_eq(r.v[0].from, "a.txt");
	cr_assert_eq(r.v[0].nr_facts, 2);
	cr_assert_str_eq(r.v[0].fact[1].value, "qemu 10.0.2 \\ tcg icount");
	m = rebuild_metric_find(&r.v[0], "steal_scan_kswapd");
	cr_assert(m && m->scale == SCALE_LOGIT && m->c == .02 && m->builds == 8 && m->runs == 10);
	cr_assert(m->sd_between == 1.5 && m->sd_within == .25 && m->p95 == 3.125);
	cr_assert_eq(m->nr_states, 2);
	cr_assert(m->state[0].centre == .08 && m->state[0].share == .25 &&
		  m->state[1].centre == .24 && m->state[1].share == .75);
	cr_assert_eq(rebuild_metric_find(&r.v[0], "refaults_per_gib")->nr_states, 0);
	cr_assert_null(rebuild_metric_find(&r.v[1], "refaults_per_gib"));
	rebuilds_write(&r, &out);
	cr_assert_str_eq(out.data, whole);
	buf_release(&out);
	rebuilds_release(&r);
}

Test(rebuilds, several_files_in_one)
{
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	struct rebuilds r;

	cr_assert_eq(read_text(&r, whole, &e), 0, "%s", e.msg);
	cr_assert_eq(rebuilds_read(&r, "b.txt", whole, strlen(whole), &e), 0, "%s", e.msg);
	cr_assert_eq(r.nr, 4);
	cr_assert_str_eq(r.v[2].from, "b.txt");
	rebuilds_release(&r);
	cr_assert_eq(read_text(&r, REBUILDS_MAGIC "\nend 0\n", &e), 0, "%s", e.msg);
	cr_assert_eq(r.nr, 0);
	rebuilds_write(&r, &out);
	cr_assert_str_eq(out.data, REBUILDS_MAGIC "\nend 0\n");
	buf_release(&out);
	rebuilds_release(&r);
}

Test(rebuilds, words_cannot_break_a_line)
{
	struct rebuilds r = { .v = NULL }, s;
	struct rebuild_metric m = { .name = "a b\nc", .c = 1, .builds = 2, .runs = 2 };
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	struct rebuild_scenario *sc =
		rebuilds_add(&r, &(struct rebuild_scenario){ .name = "x y\nend 0",
							     .hash = "",
							     .machine_key = "k",
							     .lru = "classic",
							     .kernel = "6.12" });

	rebuilds_add_fact(&r, sc, "a key", "two\nlines\t");
	rebuilds_add_metric(&r, sc, &m);
	rebuilds_write(&r, &out);
	cr_assert_eq(read_text(&s, out.data, &e), 0, "%s in\n%s", e.msg, out.data);
	cr_assert_str_eq(s.v[0].name, "x_y_end_0");
	cr_assert_str_eq(s.v[0].hash, "_");
	cr_assert_str_eq(s.v[0].fact[0].value, "two\nlines_");
	cr_assert_str_eq(s.v[0].metric[0].name, "a_b_c");
	buf_release(&out);
	rebuilds_release(&r);
	rebuilds_release(&s);
}

#define HEAD REBUILDS_MAGIC "\nscenario file aaaa k1 classic 6.12\n"

Test(rebuilds, what_is_refused)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "", "a.txt:1: '': not a file of rebuilds ('wmark rebuilds 1')" },
		{ "wmark rebuilds 2\nend 0\n", "a.txt:1: 'wmark rebuilds 2': not a file of" },
		{ HEAD, "a.txt:2: the file is cut short: its 'end' line is missing" },
		{ HEAD "metric x log 1 8 10 0 0 0\n", "a.txt:3: the file is cut short" },
		{ HEAD "end 1\n", "a.txt:3: '1': not as many metrics stand before it" },
		{ HEAD "end 0\n\n", "a.txt:4: '': a line after the end" },
		{ HEAD "end\n", "a.txt:3: 'end': not a line of a file of rebuilds" },
		{ HEAD "end x\n", "a.txt:3: 'x': not a number of this kind" },
		{ HEAD "metrc x log 1 8 10 0 0 0\nend 1\n",
		  "a.txt:3: 'metrc': not a line of a file of rebuilds" },
		{ REBUILDS_MAGIC "\nmetric x log 1 8 10 0 0 0\nend 1\n",
		  "a.txt:2: 'x': stands before the first scenario" },
		{ REBUILDS_MAGIC "\nfact x y\nend 0\n",
		  "a.txt:2: 'x y': stands before the first scenario" },
		{ REBUILDS_MAGIC "\nscenario a b c d\nend 0\n",
		  "a.txt:2: 'a': not a scenario line (NAME HASH MACHINE-KEY LRU KERNEL)" },
		{ REBUILDS_MAGIC "\nscenario a b c d e f\nend 0\n",
		  "a.txt:2: 'f': one word too many" },
		{ HEAD "metric x log 1 8 10 0 0 0\nmetric x log 1 8 10 0 0 0\nend 2\n",
		  "a.txt:4: 'x': the same metric twice in one scenario" },
		{ HEAD "metric x lin 1 8 10 0 0 0\nend 1\n",
		  "a.txt:3: 'lin': not a scale (log or logit)" },
		{ HEAD "metric x log 0 8 10 0 0 0\nend 1\n", "a.txt:3: '0': not a number of" },
		{ HEAD "metric x log 1 1 10 0 0 0\nend 1\n", "a.txt:3: '1': not a number of" },
		{ HEAD "metric x log 1 8 1 0 0 0\nend 1\n", "a.txt:3: '1': not a number of" },
		{ HEAD "metric x log 1 8 10 -1 0 0\nend 1\n", "a.txt:3: '-1': not a number of" },
		{ HEAD "metric x log 1 8 10 0 nan 0\nend 1\n", "a.txt:3: 'nan': not a number of" },
		{ HEAD "metric x log 1 8 10 0 0 inf\nend 1\n", "a.txt:3: 'inf': not a number of" },
		{ HEAD "metric x log 1 8 10 0 0 1x\nend 1\n", "a.txt:3: '1x': not a number of" },
		{ HEAD "metric x log 1 8 10 0 0\nend 1\n", "a.txt:3: '': a number is missing" },
		{ HEAD "metric x log 1 8 10 0 0 0 5\nend 1\n", "a.txt:3: '': a number is missing" },
		{ HEAD "metric x log 1 8 10 0 0 0 5 .5\nend 1\n", "a.txt:3: 'x': two states are" },
		{ HEAD "metric x\t log 1 8 10 0 0 0\nend 1\n", "a.txt:3: '': a control character" },
		{ HEAD "end 0\r\n", "a.txt:3: '': a control character" },
		{ HEAD "metric x log 1 8 10 0 0 0 5 .5 4 .5\nend 1\n", "a.txt:3: 'x': two states" },
		{ HEAD "metric x log 1 8 10 0 0 0 5 .5 6 1.5\nend 1\n", "a.txt:3: '1.5': not a " },
		{ HEAD "metric x log 1 8 10 0 0 0 5 .5 6 .5 7\nend 1\n", "a.txt:3: '7': one word" },
		{ HEAD "fact x a\\q\nend 0\n", "a.txt:3: 'x': not a fact (KEY TEXT)" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err e = ERR_INIT;
		struct rebuilds r;

		cr_assert_eq(read_text(&r, cases[i].text, &e), -EINVAL, "%s", cases[i].text);
		cr_assert(!strncmp(e.msg, cases[i].message, strlen(cases[i].message)),
			  "is \"%s\"\nwanted \"%s\"", e.msg, cases[i].message);
		rebuilds_release(&r);
	}
}

/* A cut at any byte, and any byte put wrong, never reads as a file with fewer lines. */
Test(rebuilds, cut_at_every_byte)
{
	for (size_t len = 0; len < strlen(whole) - 1; len++) {
		struct err e = ERR_INIT;
		struct rebuilds r = { .v = NULL };

		cr_assert_eq(rebuilds_read(&r, "a.txt", whole, len, &e), -EINVAL, "%zu", len);
		rebuilds_release(&r);
	}
	for (size_t at = 0; at < strlen(whole); at++) {
		char *text = xstrdup(whole);
		struct err e = ERR_INIT;
		struct rebuilds r = { .v = NULL };

		text[at] = '\0';
		cr_assert_eq(rebuilds_read(&r, "a.txt", text, strlen(whole), &e), -EINVAL, "%zu",
			     at);
		rebuilds_release(&r);
		free(text);
	}
}

/* ---------------------------------------------------------------- the numbers of a line */

static const struct metric share = { .name = "x", .scale = SCALE_LOGIT, .c = .02 };
static const struct metric cost = { .name = "x", .scale = SCALE_LOG, .c = 1 };

#define MEASURE(m, out, ...)                                     \
	({                                                       \
		const double v_[][3] = { __VA_ARGS__ };          \
		const double *p_[ARRAY_SIZE(v_)];                \
		size_t n_[ARRAY_SIZE(v_)];                       \
                                                                 \
		for (size_t i_ = 0; i_ < ARRAY_SIZE(v_); i_++) { \
			p_[i_] = v_[i_];                         \
			n_[i_] = 3;                              \
		}                                                \
		rebuild_measure(m, p_, n_, ARRAY_SIZE(v_), out); \
	})
#define E(y) (exp(y) - 1) /* the value whose place on the scale of `cost` is y */

Test(rebuilds, balanced_by_hand)
{
	struct rebuild_metric r;

	/*
	 * means 1, 2, 6, total mean 3: mean square between = 3 (4 + 1 + 9) / 2 = 21, within = 1,
	 * component (21 - 1) / 3; shifts of the pairs 1, 5, 4
	 */
	cr_assert(MEASURE(&cost, &r, { E(0), E(1), E(2) }, { E(1), E(2), E(3) },
			  { E(5), E(6), E(7) }));
	cr_assert_str_eq(r.name, "x");
	cr_assert(r.builds == 3 && r.runs == 3 && r.scale == SCALE_LOG && r.c == 1);
	cr_assert_float_eq(r.sd_within, 1, 1e-12);
	cr_assert_float_eq(r.sd_between, sqrt(20 / 3.), 1e-12);
	cr_assert_float_eq(r.p95, 5, 1e-12);
}

Test(rebuilds, unbalanced_by_hand)
{
	struct rebuild_metric r;

	/*
	 * builds (0, 2) and (4, 5, 6): means 1 and 5, total mean 17 / 5; between = 2 * 2.4^2 + 3 *
	 * 1.6^2 = 19.2 with 1 df, within = (2 + 2) / 3, n0 = 5 - 13 / 5
	 */
	cr_assert(MEASURE(&cost, &r, { E(0), NAN, E(2) }, { E(4), E(5), E(6) }));
	cr_assert(r.builds == 2 && r.runs == 2);
	cr_assert_float_eq(r.sd_within, sqrt(4 / 3.), 1e-12);
	cr_assert_float_eq(r.sd_between, sqrt((19.2 - 4 / 3.) / 2.4), 1e-12);
}

Test(rebuilds, no_component_below_zero)
{
	struct rebuild_metric r;

	cr_assert(MEASURE(&cost, &r, { E(0), E(5), E(1) }, { E(5), E(1), E(0) }));
	cr_assert_eq(r.sd_between, 0);
	cr_assert_eq(r.p95, 0, "the same values in another order");
	cr_assert(MEASURE(&share, &r, { 0, 0, 0 }, { 0, 0, 0 }));
	cr_assert(r.sd_between == 0 && r.sd_within == 0 && r.p95 == 0);
}

Test(rebuilds, quantile_of_the_pairs)
{
	struct rebuild_metric r;

	/* seven builds, places 0 1 2 3 4 5 100: of 21 pairs the 20th is 99 */
	cr_assert(MEASURE(&cost, &r, { E(0), E(0), E(0) }, { E(1), E(1), E(1) },
			  { E(2), E(2), E(2) }, { E(3), E(3), E(3) }, { E(4), E(4), E(4) },
			  { E(5), E(5), E(5) }, { E(100), E(100), E(100) }));
	cr_assert_float_eq(r.p95, 99, 1e-9);
}

/* Eight builds of three runs, each in one of two places; the deviations are those inside. */
Test(rebuilds, a_state_per_build)
{
	struct rebuild_metric r;

	cr_assert(MEASURE(&cost, &r, { E(1.0), E(1.1), E(1.2) }, { E(3.0), E(3.1), E(3.2) },
			  { E(1.1), E(1.2), E(1.0) }, { E(1.0), E(1.1), E(1.2) },
			  { E(3.1), E(3.2), E(3.0) }, { E(3.0), E(3.1), E(3.2) },
			  { E(1.2), E(1.1), E(1.0) }, { E(1.0), E(1.1), E(1.2) }));
	cr_assert_eq(r.nr_states, 2);
	cr_assert_float_eq(r.state[0].centre, E(1.1), 1e-9);
	cr_assert_float_eq(r.state[1].centre, E(3.1), 1e-9);
	cr_assert_float_eq(r.state[0].share, 5 / 8., 1e-12);
	cr_assert_float_eq(r.state[1].share, 3 / 8., 1e-12);
	cr_assert_float_eq(r.sd_within, .1, 1e-9);
	cr_assert_float_eq(r.sd_between, 0, 1e-9);
	cr_assert_float_eq(r.p95, 0, 1e-9);
}

/* Builds that visit both; a build that is off by itself is no state, nor are builds all apart. */
Test(rebuilds, states_inside_builds_or_none)
{
	struct rebuild_metric r;

	cr_assert(MEASURE(&cost, &r, { E(1.0), E(3.0), E(1.1) }, { E(3.1), E(1.0), E(3.0) },
			  { E(1.1), E(3.1), E(1.2) }, { E(3.2), E(1.1), E(1.0) }));
	cr_assert_eq(r.nr_states, 2);
	cr_assert_float_eq(r.state[1].share, 5 / 12., 1e-12);
	cr_assert(MEASURE(&cost, &r, { E(1.0), E(1.1), E(1.2) }, { E(9.0), E(9.1), E(9.2) },
			  { E(1.1), E(1.2), E(1.0) }, { E(1.0), E(1.1), E(1.2) },
			  { E(1.1), E(1.2), E(1.0) }, { E(1.0), E(1.1), E(1.2) }));
	cr_assert_eq(r.nr_states, 0);
	cr_assert_gt(r.sd_between, 3);
	/* two clusters of runs, made by builds that lie anywhere: the gap of builds is no wide one
	 */
	cr_assert(MEASURE(&cost, &r, { E(1), E(1), E(1) }, { E(1.6), E(1.6), E(1.6) },
			  { E(2), E(2), E(2) }, { E(3.4), E(3.4), E(3.4) },
			  { E(3.8), E(3.8), E(3.8) }, { E(4.1), E(4.1), E(4.1) }));
	cr_assert_eq(r.nr_states, 0);
	cr_assert_gt(r.sd_between, 1);
}

Test(rebuilds, too_little_to_measure)
{
	struct rebuild_metric r;

	cr_assert_not(MEASURE(&cost, &r, { E(0), E(5), E(1) }));
	cr_assert_not(MEASURE(&cost, &r, { E(0), NAN, NAN }, { E(5), E(1), E(0) }));
}
