/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "evidence/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "evidence/counters.h"

void line_add(struct line *l, double t, double v)
{
	if (l->nr >= l->cap) {
		l->cap = l->cap ? l->cap * 2 : 256;
		l->t = xreallocarray(l->t, l->cap, sizeof(*l->t));
		l->v = xreallocarray(l->v, l->cap, sizeof(*l->v));
	}
	l->t[l->nr] = t;
	l->v[l->nr++] = v;
}

void line_release(struct line *l)
{
	free(l->t);
	free(l->v);
	memset(l, 0, sizeof(*l));
}

double line_max(const struct line *l)
{
	double m = NAN;

	for (size_t i = 0; i < l->nr; i++)
		m = fmax(m, l->v[i]);
	return m;
}

double line_min(const struct line *l)
{
	double m = NAN;

	for (size_t i = 0; i < l->nr; i++)
		m = fmin(m, l->v[i]);
	return m;
}

static double seconds(uint64_t t_us, uint64_t zero_us)
{
	return t_us >= zero_us ? (double)(t_us - zero_us) / 1e6 : -(double)(zero_us - t_us) / 1e6;
}

void line_gauge(struct line *l, const struct archive_series *s, const char *key, double scale,
		uint64_t zero_us)
{
	int k = s ? archive_key(s, key) : -1;
	uint64_t v;

	for (size_t i = 0; k >= 0 && i < s->nr_ticks; i++)
		line_add(l, seconds(archive_key_time(s, i, k), zero_us),
			 archive_value(s, i, k, &v) ? (double)v * scale : NAN);
}

void line_zone_sum(struct line *l, const struct run_node *d, const int key[NODE_ZONES_MAX],
		   double scale, uint64_t zero_us)
{
	const struct archive_series *s = d->zoneinfo;

	for (size_t i = 0; d->nr_zones && i < s->nr_ticks; i++) {
		double sum = 0;
		bool any = false;
		uint64_t v;

		for (size_t z = 0; z < d->nr_zones; z++)
			if (node_zone_populated(d, i, z) && archive_value(s, i, key[z], &v)) {
				sum += (double)v;
				any = true;
			}
		line_add(l, seconds(archive_key_time(s, i, key[0]), zero_us),
			 any ? sum * scale : NAN);
	}
}

struct at_tick {
	const struct archive_series *s;
	size_t tick;
};

static bool lookup(const void *ctx, const char *raw, uint64_t *out)
{
	const struct at_tick *at = ctx;

	return archive_value(at->s, at->tick, archive_key(at->s, raw), out);
}

/* Rates between neighbouring samples of @c, or of @sum when @c is NULL. */
static void rates(struct line *l, const struct archive_series *s, const struct counter *c,
		  const struct key_sum *sum, double scale, uint64_t zero_us)
{
	uint64_t prev = 0, prev_us = 0;
	bool have = false;

	for (size_t i = 0; i < s->nr_ticks; i++) {
		struct at_tick at = { s, i };
		uint64_t v = 0, us = c ? s->tick[i].t_us : sum_time(sum, i);
		bool ok = c ? counter_resolve(c, lookup, &at, &v, NULL) : sum_at(sum, i, &v);

		/*
		 * two samples less than 1 ms apart, as at edges of the window, would make an absurd
		 * rate
		 */
		if (ok && have && us < prev_us + 1000)
			continue;
		if (i)
			line_add(l, seconds(us, zero_us),
				 ok && have && v >= prev
					 ? (double)(v - prev) * 1e6 / (double)(us - prev_us) * scale
					 : NAN);
		prev = v;
		prev_us = us;
		have = ok;
	}
}

void line_rate(struct line *l, const struct archive_series *s, const char *key, double scale,
	       uint64_t zero_us)
{
	const char *const names[] = { key, NULL };
	struct key_sum sum;

	sum_init(&sum, s, names);
	line_rate_sum(l, &sum, scale, zero_us);
}

void line_rate_sum(struct line *l, const struct key_sum *sum, double scale, uint64_t zero_us)
{
	if (sum->nr)
		rates(l, sum->s, NULL, sum, scale, zero_us);
}

void line_rate_counter(struct line *l, const struct archive_series *s, const char *canonical,
		       uint64_t zero_us)
{
	const struct counter *c = counter_find(canonical);

	if (s && c)
		rates(l, s, c, NULL, 1, zero_us);
	if (isnan(line_max(l)))
		l->nr = 0; /* ABSENT at every sample: no line instead of a line of gaps */
}

/*
 * Keeps point @i as the next point of the thinned line. Thinning works in place: it never overtakes
 * the point that is read.
 */
static void keep(struct line *l, size_t *to, size_t i)
{
	l->t[*to] = l->t[i];
	l->v[*to] = l->v[i];
	(*to)++;
}

void line_thin(struct line *l, size_t max)
{
	size_t to = 0, buckets = max / 3 ? max / 3 : 1, i = 0;
	double t0, width;

	if (l->nr <= max || l->nr < 3)
		return;
	t0 = l->t[0];
	width = (l->t[l->nr - 1] - t0) / (double)buckets;
	for (size_t b = 0; b < buckets && i < l->nr; b++) {
		double stop = t0 + width * (double)(b + 1);
		size_t from = i, lo = SIZE_MAX, hi = SIZE_MAX, gap = SIZE_MAX, pick[3];

		for (; i < l->nr && (l->t[i] < stop || b + 1 == buckets); i++) {
			if (isnan(l->v[i])) {
				gap = gap == SIZE_MAX ? i : gap;
				continue;
			}
			lo = lo == SIZE_MAX || l->v[i] < l->v[lo] ? i : lo;
			hi = hi == SIZE_MAX || l->v[i] > l->v[hi] ? i : hi;
		}
		pick[0] = lo;
		pick[1] = hi != lo ? hi : SIZE_MAX;
		pick[2] = gap;
		for (size_t k = from; k < i; k++)
			if (k == pick[0] || k == pick[1] || k == pick[2])
				keep(l, &to, k);
	}
	l->nr = to;
}
