/* SPDX-License-Identifier: GPL-2.0-or-later */
/* JSON of a comparison: everything, with keys in a fixed order, numbers that read back as the same
 * doubles, and ABSENT = null. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/course_words.h"
#include "report/end_words.h"
#include "report/fields.h"
#include "report/fmt.h"
#include "report/report.h"
#include "report/state_words.h"
#include "report/words.h"

static json_t *text(const char *s)
{
	struct buf b = BUF_INIT;
	json_t *j;

	if (!s)
		return json_null();
	add_utf8(&b, s);
	j = json_string(b.data);
	buf_release(&b);
	return j;
}

static json_t *number(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

static void set_text(json_t *o, const char *key, const char *s)
{
	json_object_set_new(o, key, text(s));
}

static void set_number(json_t *o, const char *key, double v)
{
	json_object_set_new(o, key, number(v));
}

static void set_count(json_t *o, const char *key, uint64_t v)
{
	json_object_set_new(o, key, json_integer((json_int_t)v));
}

static json_t *values(const double *v, size_t nr)
{
	json_t *list = json_array();

	for (size_t i = 0; v && i < nr; i++)
		json_array_append_new(list, number(v[i]));
	return list;
}

static json_t *value(const struct field *f, const struct field_value *v)
{
	if (!v->given)
		return json_null();
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_WORD:
		return text(v->text);
	case FIELD_NUMBER:
		return number(v->number);
	case FIELD_COUNT:
		return json_integer((json_int_t)v->count);
	case FIELD_YES:
		return json_boolean(v->yes);
	case FIELD_LIST:
		return values(v->list, v->nr);
	}
	return json_null();
}

static void set_fields(json_t *j, enum field_group group, const struct cmp_metric *m)
{
	for (const struct field *f = metric_fields; f->json; f++) {
		struct field_value v;

		if (f->group != group)
			continue;
		v = field_value(f, m);
		if (v.given || !f->optional)
			json_object_set_new(j, f->json, value(f, &v));
	}
}

static json_t *metric(const struct comparison *c, const struct cmp_metric *m)
{
	json_t *j = json_object(), *sub;

	for (int group = 0; group < NR_FIELD_GROUPS; group++) {
		if (group != FIELDS_COURSE) {
			set_fields(j, group, m);
		} else if (c->course.nr_looks && m->cls == METRIC_PRIMARY) {
			sub = json_object();
			set_fields(sub, group, m);
			json_object_set_new(j, "course", sub);
		}
	}
	return j;
}

static json_t *findings(const struct run_facts *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->nr_findings; i++) {
		const struct finding *f = &r->finding[i];
		json_t *j = json_object();

		set_text(j, "rule", f->rule);
		set_text(j, "class", finding_key(f));
		set_number(j, "begin_s", f->has_time ? (double)f->begin_us / 1e6 : NAN);
		set_number(j, "end_s", f->has_time ? (double)f->end_us / 1e6 : NAN);
		json_object_set_new(j, "node", f->node >= 0 ? json_integer(f->node) : json_null());
		set_text(j, "text", f->text);
		json_array_append_new(list, j);
	}
	return list;
}

/* As text: JSON readers with doubles lose 64-bit numbers. */
static void set_hex(json_t *o, const char *key, uint64_t v)
{
	char s[24];

	snprintf(s, sizeof(s), "%016llx", (unsigned long long)v);
	set_text(o, key, s);
}

static json_t *runs(const struct cmp_side *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->nr; i++) {
		const struct run_facts *r = s->run[i];
		json_t *j = json_object();

		set_text(j, "file", r->head.path);
		set_hex(j, "checksum", r->head.checksum);
		set_text(j, "seed", r->seed);
		json_object_set_new(j, "order",
				    r->order >= 0 ? json_integer(r->order) : json_null());
		json_object_set_new(j, "usable", json_boolean(r->usable));
		set_text(j, "set_aside", r->usable ? NULL : r->set_aside);
		json_object_set_new(j, "broken", json_boolean(r->broken));
		json_object_set_new(j, "findings", findings(r));
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *scenario(const struct comparison *c, const struct cmp_scenario *s)
{
	json_t *j = json_object(), *list = json_array();

	set_text(j, "name", s->name);
	set_text(j, "verdict", verdict_names[s->verdict]);
	set_count(j, "broken_a", s->side[SIDE_A].broken);
	set_count(j, "broken_b", s->side[SIDE_B].broken);
	set_number(j, "p_outcome", s->p_outcome);
	set_number(j, "p_outcome_adjusted", s->p_outcome_adj);
	set_text(j, "outcome_verdict", verdict_names[s->outcome_verdict]);
	set_text(j, "outcome_confirm",
		 s->confirm_outcome == CONFIRM_NONE ? NULL : confirm_names[s->confirm_outcome]);
	set_number(j, "p_outcome_confirm",
		   s->confirm_outcome == CONFIRM_NONE ? NAN : s->p_confirm_outcome);
	set_count(j, "liveness_a", s->side[SIDE_A].flagged);
	set_count(j, "liveness_b", s->side[SIDE_B].flagged);
	if (s->looks)
		set_count(j, "looks", s->looks);
	set_count(j, "shown", s->shown);
	set_count(j, "counted", s->counted);
	json_object_set_new(j, "fine", json_boolean(s->fine));
	set_count(j, "usable_a", s->side[SIDE_A].usable);
	set_count(j, "usable_b", s->side[SIDE_B].usable);
	json_object_set_new(j, "runs_a", runs(&s->side[SIDE_A]));
	json_object_set_new(j, "runs_b", runs(&s->side[SIDE_B]));
	for (size_t i = 0; i < s->nr_metrics; i++)
		json_array_append_new(list, metric(c, &s->metric[i]));
	json_object_set_new(j, "metrics", list);
	return j;
}

static json_t *environment(const struct comparison *c)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->nr_env; i++) {
		json_t *j = json_object();

		set_text(j, "key", c->env[i].key);
		set_text(j, "a", c->env[i].a);
		set_text(j, "b", c->env[i].b);
		json_object_set_new(j, "machine_key", json_boolean(c->env[i].key_fact));
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *states(const struct comparison *c)
{
	struct view_state v[SHAPES_MAX];
	size_t nr = view_states(c, v);
	json_t *list = json_array();

	for (size_t i = 0; i < nr; i++) {
		const struct cmp_shape *f = v[i].shape;
		struct buf of = BUF_INIT;
		json_t *j = json_object();

		metric_of_words(f->row->of, &of);
		set_text(j, "fact", f->row->key);
		set_text(j, "name", f->row->name);
		set_text(j, "state", cmp_state_names[f->state]);
		set_count(j, "scenarios", v[i].scenarios);
		set_text(j, "a", f->a);
		set_text(j, "b", f->b);
		set_text(j, "explained_by", f->by);
		set_text(j, "matters_to", of.data);
		json_array_append_new(list, j);
		buf_release(&of);
	}
	return list;
}

static json_t *texts(const char *const *s, size_t nr)
{
	json_t *list = json_array();

	for (size_t i = 0; s && i < nr; i++)
		json_array_append_new(list, text(s[i]));
	return list;
}

static bool is_compared(const struct comparison *c, const struct run_facts *f)
{
	for (size_t s = 0; s < c->nr_scenarios; s++) {
		const struct cmp_scenario *sc = &c->scenario[s];

		for (size_t i = 0; i < cmp_nr_runs(sc); i++)
			if (cmp_run(sc, i) == f)
				return true;
	}
	return false;
}

/* Runs of the campaign that are not compared: those that confirm. */
static json_t *fresh_runs(const struct comparison *c, const struct report_opts *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->nr_made; i++) {
		const struct run_facts *f = o->made[i];
		json_t *j;

		if (is_compared(c, f))
			continue;
		j = json_object();
		set_text(j, "scenario", f->scenario);
		set_text(j, "side", facts_get(f, "run.side"));
		set_text(j, "seed", f->seed);
		set_text(j, "file", f->head.path);
		set_hex(j, "checksum", f->head.checksum);
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *course(const struct comparison *c, const struct report_opts *o)
{
	const struct cmp_course *k = &c->course;
	json_t *j, *looks;

	if (!k->nr_looks)
		return json_null();
	j = json_object();
	looks = json_array();
	for (size_t i = 0; i < k->nr_looks && i < CMP_LOOKS_MAX; i++) {
		json_t *one = json_object();

		set_count(one, "n", k->n[i]);
		set_number(one, "alpha", k->spend[i]);
		json_array_append_new(looks, one);
	}
	json_object_set_new(j, "looks", looks);
	set_count(j, "made", k->made);
	set_count(j, "confirm_n", k->confirm_n);
	set_number(j, "confirm_alpha", k->confirm_alpha);
	set_count(j, "found", k->found);
	set_count(j, "confirmed", k->confirmed);
	set_count(j, "unable", k->unable);
	json_object_set_new(j, "enough",
			    k->unable && k->enough ? json_integer((json_int_t)k->enough)
						   : json_null());
	json_object_set_new(j, "finished", json_boolean(k->finished));
	json_object_set_new(j, "fresh_runs", fresh_runs(c, o));
	return j;
}

/* The earlier runs of the noise model. */
static json_t *history(const struct comparison *c, const char *from)
{
	json_t *j = json_object(), *list = json_array();

	set_text(j, "from", from);
	set_count(j, "runs", c->opts.nr_history);
	for (size_t i = 0; i < c->opts.nr_history; i++) {
		json_t *one = json_object();

		set_hex(one, "checksum", c->opts.history[i]->head.checksum);
		set_text(one, "file", c->opts.history[i]->head.path);
		json_array_append_new(list, one);
	}
	json_object_set_new(j, "list", list);
	return j;
}

/* What was shown to be fine, and the exit code that follows. */
static json_t *end(const struct comparison *c)
{
	json_t *j = json_object();
	struct buf why = BUF_INIT;

	view_end(c, &why);
	set_count(j, "exit", (uint64_t)comparison_exit(c));
	set_text(j, "why", why.data);
	set_count(j, "shown", c->shown);
	set_count(j, "counted", c->counted);
	set_number(j, "fine", c->opts.fine);
	set_number(j, "mde", c->opts.fine_mde > 0 ? c->opts.fine_mde : NAN);
	buf_release(&why);
	return j;
}

static json_t *campaign(const struct comparison *c, const struct report_opts *o)
{
	json_t *j = json_object(), *count = json_object();
	struct buf line = BUF_INIT;
	char seed[24];
	size_t nr = 0;

	set_text(j, "format", "wmark comparison 1");
	set_text(j, "wmark", o->wmark_version);
	if (o->date)
		set_text(j, "date", o->date);
	view_headline(c, &line);
	set_text(j, "headline", line.data);
	set_text(j, "verdict", verdict_names[c->verdict]);
	json_object_set_new(j, "end", end(c));
	set_text(j, "label_a", c->label[SIDE_A]);
	set_text(j, "label_b", c->label[SIDE_B]);
	set_text(j, "target", view_target(c));
	buf_reset(&line);
	view_machine(c, &line);
	set_text(j, "machine", line.data);
	buf_release(&line);
	set_text(j, "lru_a", c->lru[SIDE_A]);
	set_text(j, "lru_b", c->lru[SIDE_B]);
	set_number(j, "alpha", c->opts.alpha);
	set_number(j, "alpha_same", c->opts.alpha_same);
	set_number(j, "confidence", c->opts.conf);
	json_object_set_new(j, "course", course(c, o));
	set_count(j, "primary_metrics", c->nr_primary);
	set_count(j, "family", c->nr_family);
	for (int v = VERDICT_REGRESSED; v < NR_VERDICTS; v++)
		set_count(count, verdict_names[v], c->count[v]);
	json_object_set_new(j, "count", count);
	set_count(j, "permutations", c->permutations);
	json_object_set_new(j, "exact_permutation", json_boolean(c->exact_permutation));
	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)c->opts.seed);
	set_text(j, "seed", seed); /* as text: JSON readers with doubles lose 64-bit seeds */
	json_object_set_new(j, "history", history(c, o->history_from));
	json_object_set_new(j, "forced", json_boolean(c->opts.force));
	json_object_set_new(j, "states", states(c));
	json_object_set_new(j, "environment", environment(c));
	json_object_set_new(j, "left_out", texts((const char *const *)c->left_out, c->nr_left_out));
	while (o->commands && o->commands[nr])
		nr++;
	json_object_set_new(j, "reproduce", texts(o->commands, nr));
	return j;
}

static void write_json(const struct comparison *c, const struct report_opts *o, struct buf *out)
{
	json_t *j = campaign(c, o), *list = json_array();
	char *s;

	for (size_t i = 0; i < c->nr_scenarios; i++)
		json_array_append_new(list, scenario(c, &c->scenario[i]));
	json_object_set_new(j, "scenarios", list);
	s = json_dumps(j, JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(17));
	if (s)
		buf_addstr(out, s);
	buf_addc(out, '\n');
	free(s);
	json_decref(j);
}

REPORT_FORMAT(json) = {
	.help = "write everything as JSON",
	.file = "report.json",
	.write = write_json,
};
