/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/fields.h"

#include <math.h>

#include "report/words.h"

static bool is_judged(const struct cmp_metric *m)
{
	return m->judged;
}

static bool is_decided(const struct cmp_metric *m)
{
	return m->look > 0;
}

static bool is_found(const struct cmp_metric *m)
{
	return m->confirm != CONFIRM_NONE;
}

static bool is_fresh(const struct cmp_metric *m)
{
	return cmp_asked(m);
}

static bool is_of_fresh(const struct cmp_metric *m)
{
	return m->of_fresh;
}

static bool has_rebuilds(const struct cmp_metric *m)
{
	return m->rebuild.line;
}

static bool has_states(const struct cmp_metric *m)
{
	return m->states.found;
}

#define ROW(member) .of_metric = true, .offset = offsetof(struct metric, member)
#define AT(member) .offset = offsetof(struct cmp_metric, member)
#define OF_SHIFT(s, member) \
	.of_shift = true, .side = s, .offset = offsetof(struct cmp_values, member)
#define LIST(v, nr) AT(v), .offset_nr = offsetof(struct cmp_metric, nr)

/* clang-format off */
const struct field metric_fields[] = {
	{ "metric",        "name",          FIELDS_METRIC,     FIELD_TEXT,   ROW(name) },
	{ "class",         "class",         FIELDS_METRIC,     FIELD_WORD,   AT(cls), .words = metric_class_names },
	{ "unit",          "unit",          FIELDS_METRIC,     FIELD_TEXT,   ROW(unit) },
	{ "better",        "better",        FIELDS_METRIC,     FIELD_WORD,   ROW(better), .words = metric_better_names },
	{ "scale",         "scale",         FIELDS_METRIC,     FIELD_WORD,   ROW(scale), .words = metric_scale_names },
	{ NULL,            "help",          FIELDS_METRIC,     FIELD_TEXT,   ROW(help) },
	{ NULL,            "where",         FIELDS_METRIC,     FIELD_TEXT,   ROW(where) },
	{ NULL,            "moves",         FIELDS_METRIC,     FIELD_TEXT,   ROW(moves) },
	{ "verdict",       "verdict",       FIELDS_NUMBERS,    FIELD_WORD,   AT(verdict), .words = verdict_names, .given = is_judged },
	{ "judged",        "judged",        FIELDS_JUDGED,     FIELD_YES,    AT(judged) },
	{ "why_not",       "why_not",       FIELDS_JUDGED,     FIELD_TEXT,   AT(why_not) },
	{ "n_a",           "n_a",           FIELDS_NUMBERS,    FIELD_COUNT,  OF_SHIFT(SIDE_A, present) },
	{ "n_b",           "n_b",           FIELDS_NUMBERS,    FIELD_COUNT,  OF_SHIFT(SIDE_B, present) },
	{ "median_a",      "median_a",      FIELDS_NUMBERS,    FIELD_NUMBER, OF_SHIFT(SIDE_A, median) },
	{ "median_b",      "median_b",      FIELDS_NUMBERS,    FIELD_NUMBER, OF_SHIFT(SIDE_B, median) },
	{ "shift",         "shift",         FIELDS_NUMBERS,    FIELD_NUMBER, AT(shift), .given = is_judged },
	{ "shift_low",     "shift_low",     FIELDS_NUMBERS,    FIELD_NUMBER, AT(lo), .given = is_judged },
	{ "shift_high",    "shift_high",    FIELDS_NUMBERS,    FIELD_NUMBER, AT(hi), .given = is_judged },
	{ "shift_unit",    "shift_unit",    FIELDS_NUMBERS,    FIELD_TEXT,   .text = view_shift_unit, .given = is_judged },
	{ "confidence",    "confidence",    FIELDS_NUMBERS,    FIELD_NUMBER, AT(conf), .given = is_judged },
	{ "p_raw",         "p_raw",         FIELDS_NUMBERS,    FIELD_NUMBER, AT(p_raw), .given = is_judged },
	{ "p_adjusted",    "p_adjusted",    FIELDS_NUMBERS,    FIELD_NUMBER, AT(p_adj), .given = is_judged },
	{ "p_same",        "p_same",        FIELDS_NUMBERS,    FIELD_NUMBER, AT(p_same), .given = is_judged },
	{ "mde",           "mde",           FIELDS_NUMBERS,    FIELD_NUMBER, AT(mde), .given = is_judged },
	{ "floor",         "floor",         FIELDS_LIMITS,     FIELD_NUMBER, AT(floor) },
	{ "floor_rebuilds", "floor_rebuilds", FIELDS_LIMITS,   FIELD_NUMBER, AT(rebuild.shown), .given = has_rebuilds, .optional = true },
	{ "rebuilds",      "rebuilds",      FIELDS_LIMITS,     FIELD_COUNT,  AT(rebuild.builds), .given = has_rebuilds, .optional = true },
	{ "rebuild_runs",  "rebuild_runs",  FIELDS_LIMITS,     FIELD_COUNT,  AT(rebuild.runs), .given = has_rebuilds, .optional = true },
	{ "rebuilds_of",   "rebuilds_of",   FIELDS_LIMITS,     FIELD_TEXT,   AT(rebuild.kernel), .given = has_rebuilds, .optional = true },
	{ "state_low",     "state_low",     FIELDS_LIMITS,     FIELD_NUMBER, AT(states.low), .given = has_states, .optional = true },
	{ "state_high",    "state_high",    FIELDS_LIMITS,     FIELD_NUMBER, AT(states.high), .given = has_states, .optional = true },
	{ "state_low_n_a", "state_low_n_a",         FIELDS_LIMITS,     FIELD_COUNT,  AT(states.n[SIDE_A][0]), .given = has_states, .optional = true },
	{ "state_high_n_a", "state_high_n_a",        FIELDS_LIMITS,     FIELD_COUNT,  AT(states.n[SIDE_A][1]), .given = has_states, .optional = true },
	{ "state_low_n_b", "state_low_n_b",         FIELDS_LIMITS,     FIELD_COUNT,  AT(states.n[SIDE_B][0]), .given = has_states, .optional = true },
	{ "state_high_n_b", "state_high_n_b",        FIELDS_LIMITS,     FIELD_COUNT,  AT(states.n[SIDE_B][1]), .given = has_states, .optional = true },
	{ "states_known",  "states_known",  FIELDS_LIMITS,     FIELD_YES,    AT(states.known), .given = has_states, .optional = true },
	{ "resolution",    "resolution",    FIELDS_RESOLUTION, FIELD_NUMBER, ROW(c) },
	{ "bucket",        "bucket",        FIELDS_RESOLUTION, FIELD_NUMBER, ROW(step) },
	{ "history_df",    "history_df",    FIELDS_LIMITS,     FIELD_NUMBER, AT(history_df) },
	{ "look",          "look",          FIELDS_COURSE,     FIELD_COUNT,  AT(look), .given = is_decided },
	{ "look_n",        "n",             FIELDS_COURSE,     FIELD_COUNT,  AT(look_n), .given = is_decided },
	{ "screen",        "screen",        FIELDS_COURSE,     FIELD_WORD,   AT(screen), .words = verdict_names, .given = is_decided },
	{ "confirm",       "confirm",       FIELDS_COURSE,     FIELD_WORD,   AT(confirm), .words = confirm_names, .given = is_found },
	{ "p_confirm",     "p_confirm",     FIELDS_COURSE,     FIELD_NUMBER, AT(p_confirm), .given = is_fresh, .optional = true },
	{ "confirm_n_a",   "confirm_n_a",   FIELDS_COURSE,     FIELD_COUNT,  AT(fresh[SIDE_A].present), .given = is_fresh, .optional = true },
	{ "confirm_n_b",   "confirm_n_b",   FIELDS_COURSE,     FIELD_COUNT,  AT(fresh[SIDE_B].present), .given = is_fresh, .optional = true },
	{ "of_fresh",      "of_fresh",      FIELDS_COURSE,     FIELD_YES,    AT(of_fresh), .given = is_fresh, .optional = true },
	{ "look_shift",    "look_shift",    FIELDS_COURSE,     FIELD_NUMBER, AT(look_shift), .given = is_of_fresh, .optional = true },
	{ "look_low",      "look_low",      FIELDS_COURSE,     FIELD_NUMBER, AT(look_lo), .given = is_of_fresh, .optional = true },
	{ "look_high",     "look_high",     FIELDS_COURSE,     FIELD_NUMBER, AT(look_hi), .given = is_of_fresh, .optional = true },
	{ "a_fresh",       "a_fresh",       FIELDS_COURSE,     FIELD_LIST,   LIST(fresh[SIDE_A].v, fresh[SIDE_A].nr), .given = is_fresh, .optional = true },
	{ "b_fresh",       "b_fresh",       FIELDS_COURSE,     FIELD_LIST,   LIST(fresh[SIDE_B].v, fresh[SIDE_B].nr), .given = is_fresh, .optional = true },
	{ "a_values",      "a",             FIELDS_RUNS,       FIELD_LIST,   LIST(side[SIDE_A].v, side[SIDE_A].nr) },
	{ "b_values",      "b",             FIELDS_RUNS,       FIELD_LIST,   LIST(side[SIDE_B].v, side[SIDE_B].nr) },
	{ .json = NULL }
};
/* clang-format on */

struct field_value field_value(const struct field *f, const struct cmp_metric *m)
{
	const void *of = f->of_metric  ? (const void *)m->m
			 : f->of_shift ? (const void *)cmp_of_shift(m, f->side)
				       : m,
		   *at = (const char *)of + f->offset;
	struct field_value v = { .number = NAN, .given = !f->given || f->given(m) };

	if (!v.given)
		return v;
	switch (f->type) {
	case FIELD_TEXT:
		v.text = f->text ? f->text(m) : *(const char *const *)at;
		break;
	case FIELD_WORD:
		v.text = f->words[*(const unsigned *)at];
		break;
	case FIELD_NUMBER:
		v.number = *(const double *)at;
		break;
	case FIELD_COUNT:
		v.count = *(const size_t *)at;
		break;
	case FIELD_YES:
		v.yes = *(const bool *)at;
		break;
	case FIELD_LIST:
		v.list = *(double *const *)at;
		v.nr = v.list ? *(const size_t *)((const char *)m + f->offset_nr) : 0;
		break;
	}
	return v;
}
