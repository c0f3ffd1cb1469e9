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

/* Seconds as a reader of the report sees them: against the begin of the window, where there is one.
 */
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

	if (inv_state(c) == RULE_SKIP)
		c->nr = c->first; /* one part of the rule could be evaluated, and does not hold */
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

const char *const inv_allocstall[] = { "allocstall",	    "allocstall_dma",
				       "allocstall_dma32",  "allocstall_normal",
				       "allocstall_high",   "allocstall_movable",
				       "allocstall_device", NULL };

size_t inv_sum_init(struct inv_sum *sum, const struct archive_series *s, const char *const *names)
{
	*sum = (struct inv_sum){ .s = s };
	for (; s && *names && sum->nr < INV_KEYS_MAX; names++) {
		int key = archive_key(s, *names);

		if (key >= 0)
			sum->key[sum->nr++] = key;
	}
	return sum->nr;
}

bool inv_sum_at(const struct inv_sum *sum, size_t tick, uint64_t *out)
{
	uint64_t v;

	*out = 0;
	for (size_t i = 0; i < sum->nr; i++) {
		if (!archive_value(sum->s, tick, sum->key[i], &v))
			return false;
		*out += v;
	}
	return sum->nr > 0;
}

bool inv_sum_over(const struct inv_sum *sum, uint64_t from_us, uint64_t to_us, uint64_t *out)
{
	long from, to;
	uint64_t a, b;

	if (!sum->s || !sum->s->nr_ticks)
		return false;
	from = archive_tick_at(sum->s, from_us);
	to = archive_tick_at(sum->s, to_us);
	if (from < 0)
		return false;
	if (sum->s->tick[to].t_us < to_us && (size_t)to + 1 < sum->s->nr_ticks)
		to++;
	if (!inv_sum_at(sum, (size_t)from, &a) || !inv_sum_at(sum, (size_t)to, &b) || b < a)
		return false;
	*out = b - a;
	return true;
}

#define USER_HZ_NS 1e7 /* of /proc/PID/stat; 100 on every architecture but alpha and ia64 */

bool inv_kswapd_ns(const struct inv_node *n, uint64_t from_us, uint64_t to_us, double *ns)
{
	static const char *const run_ns[] = { "run_ns", NULL }, *const ticks[] = { "utime", "stime",
										   NULL };
	struct inv_sum sum;
	uint64_t a, b;
	bool exact;
	long from, to;

	if (!n->kswapd)
		return false;
	exact = inv_sum_init(&sum, n->kswapd, run_ns) > 0;
	if (!exact && !inv_sum_init(&sum, n->kswapd, ticks))
		return false;
	from = archive_tick_at(n->kswapd, from_us);
	to = archive_tick_at(n->kswapd, to_us);
	if (from < 0 || to < from || !inv_sum_at(&sum, (size_t)from, &a) ||
	    !inv_sum_at(&sum, (size_t)to, &b) || b < a)
		return false;
	*ns = (double)(b - a) * (exact ? 1 : USER_HZ_NS);
	return true;
}

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
