/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check/evidence.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static struct finding *add(struct inv *c)
{
	if (c->nr == c->cap) {
		struct finding *old = c->f;

		c->cap = c->cap ? 2 * c->cap : 8;
		c->f = arena_alloc(c->mem, c->cap * sizeof(*c->f));
		if (c->nr)
			memcpy(c->f, old, c->nr * sizeof(*old));
	}
	return &c->f[c->nr++];
}

/* Seconds as the report shows them: relative to the beginning of the window, if there is one. */
static const char *when(const struct inv *c, uint64_t begin_us, uint64_t end_us)
{
	double from = ((double)begin_us - (double)c->view.begin_us) / 1e6,
	       to = ((double)end_us - (double)c->view.begin_us) / 1e6;

	if (!c->view.has_window)
		return end_us > begin_us
			       ? arena_printf(c->mem, "from %.1f to %.1f s of the run",
					      (double)begin_us / 1e6, (double)end_us / 1e6)
			       : arena_printf(c->mem, "at %.1f s of the run",
					      (double)begin_us / 1e6);
	if (from < 0 && end_us <= begin_us)
		return arena_printf(c->mem, "%.1f s before the window", -from);
	if (begin_us > c->view.end_us)
		return arena_printf(c->mem, "%.1f s after the window",
				    ((double)begin_us - (double)c->view.end_us) / 1e6);
	if (end_us > begin_us)
		return arena_printf(c->mem, "from %.1f to %.1f s of the window", from, to);
	return arena_printf(c->mem, "at %.1f s of the window", from);
}

static __attribute__((format(printf, 2, 0))) const char *text_of(struct inv *c, const char *fmt,
								 va_list ap)
{
	const char *in_mem;
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		return fmt;
	in_mem = arena_strdup(c->mem, text);
	free(text);
	return in_mem;
}

void inv_found(struct inv *c, int node, uint64_t begin_us, uint64_t end_us, const char *fmt, ...)
{
	struct finding *f;
	va_list ap;

	/* a part of the rule could be evaluated and does not hold: FAIL replaces SKIP */
	if (inv_state(c) == RULE_SKIP)
		c->nr = c->first;
	f = add(c);
	*f = (struct finding){ .rule = c->rule->name,
			       .cls = c->rule->cls,
			       .state = RULE_FAIL,
			       .broke = c->rule->broke,
			       .node = node,
			       .has_time = end_us > 0,
			       .begin_us = begin_us,
			       .end_us = end_us };
	va_start(ap, fmt);
	f->text = text_of(c, fmt, ap);
	va_end(ap);
	if (f->has_time)
		f->text = arena_printf(c->mem, "%s, %s", f->text, when(c, begin_us, end_us));
}

void inv_skip(struct inv *c, const char *fmt, ...)
{
	struct finding *f;
	va_list ap;

	if (inv_state(c) == RULE_FAIL)
		return;
	f = add(c);
	*f = (struct finding){
		.rule = c->rule->name, .cls = c->rule->cls, .state = RULE_SKIP, .node = -1
	};
	va_start(ap, fmt);
	f->text = text_of(c, fmt, ap);
	va_end(ap);
}

enum rule_state inv_state(const struct inv *c)
{
	return c->nr > c->first ? c->f[c->first].state : RULE_PASS;
}

/* ---------------------------------------------------------------- numbers */

static unsigned fls_of(uint64_t v)
{
	unsigned n = 0;

	for (; v; v >>= 1)
		n++;
	return n;
}

int64_t inv_fold_lag(const struct inv *c)
{
	const char *total = archive_get(c->a, "mem.total_kib");
	uint64_t kib = total ? strtoull(total, NULL, 10) : 0,
		 most = 2ull * fls_of(c->nr_cpus) * (1 + fls_of(kib >> 17));

	if (!kib || most > 125)
		most = 125;
	return (int64_t)(most * c->nr_cpus * (c->nr_nodes ? c->nr_nodes : 1));
}
