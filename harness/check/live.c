/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Liveness: reclaim does its work in bounded time. Every rule needs its evidence at each sample of
 * a span, so that a kernel seen in a short odd state is not accused. Measured on 5.10 to 7.3, all
 * scenarios.
 */
#include "check/evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Time of the machine under test. A guest on the exact target executes 500 million instructions per
 * second, a tenth of real hardware: kswapd passes of up to one second are normal there, passes of
 * three seconds are not.
 */
#define SPIN_US (3 * S_US)
#define SPIN_SHARE .5 /* share of the span on a CPU */
/*
 * Pages per second of CPU time: one SWAP_CLUSTER_MAX. The slowest healthy run that was measured
 * frees 8000.
 */
#define SPIN_PAGES 32
#define AWAKE_US (3 * S_US)
/*
 * With this share, chance finds the node above high at every sample in one of 600 spans, and seldom
 * also in all samples of nodeN/vmstat.
 */
#define AWAKE_SHARE .8
#define ASLEEP_SHARE .01
#define LOW_US (3 * S_US)
#define LOW_PAGES_PER_S 100 /* that the node hands out meanwhile; an idle node hands out none */
#define ALONE_US (2 * S_US) /* twenty naps of HZ/10 (mm/vmscan.c, kswapd_try_to_sleep()) */
#define ALONE_STALLS 20
#define HOPELESS_US (3 * S_US)
/*
 * Share of the node's managed pages. In healthy runs, less than this cannot be reclaimed at once.
 */
#define CACHE_SHARE .10
#define DRAIN_MS 3000
#define STARVED_US (2 * S_US) /* twenty periods of vmstat, two of the slowest source */

static void sampler_starved(struct inv *c)
{
	const struct archive_series *s = c->view.vmstat;
	uint64_t limit;

	if (!s || s->nr_ticks < 2) {
		inv_skip(c, "vmstat was not sampled");
		return;
	}
	limit = s->period_us * 2 > STARVED_US ? s->period_us * 2 : STARVED_US;
	for (size_t t = 1; t < s->nr_ticks; t++) {
		uint64_t gap = s->tick[t].t_us - s->tick[t - 1].t_us;

		/*
		 * a sample was late, or ticks were counted as missed: without either, none was due
		 */
		if (s->tick[t].t_us > s->tick[t - 1].t_us && gap > limit &&
		    (s->tick[t].late_us > limit || s->lost * s->period_us > limit))
			inv_found(c, -1, s->tick[t - 1].t_us, s->tick[t].t_us,
				  "no sample of vmstat for %.1f s", (double)gap / 1e6);
	}
}

/* The keys that show the progress of a node's kswapd, looked up once. */
struct progress {
	const struct run_node *n;
	struct key_sum node, all, slab;
};

static void progress_init(struct progress *p, const struct inv *c, const struct run_node *n)
{
	static const char *const slab[] = { "nr_slab_reclaimable", NULL };

	p->n = n;
	/* node files have the counter from 7.1 on; before, use all nodes together */
	if (sum_counter(&p->node, n->vmstat, "steal.kswapd"))
		sum_add_counter(&p->node, "demote.kswapd");
	sum_counter(&p->all, c->view.vmstat, "steal.kswapd");
	sum_add_counter(&p->all, "demote.kswapd");
	sum_init(&p->slab, c->view.vmstat, slab);
}

/*
 * Pages freed over a span: from the LRU lists, by demotion, and of slab (no counter exists: falls
 * of the gauge count).
 */
static bool freed(const struct progress *p, uint64_t from, uint64_t to, double *pages)
{
	uint64_t d, was, now;
	long first;

	if (!sum_over(&p->node, from, to, &d) && !sum_over(&p->all, from, to, &d))
		return false;
	*pages = (double)d;
	first = p->slab.nr ? archive_tick_at(p->slab.s, from) : -1;
	for (size_t t = (size_t)first + 1;
	     first >= 0 && t < p->slab.s->nr_ticks && p->slab.s->tick[t - 1].t_us < to; t++)
		if (sum_at(&p->slab, t - 1, &was) && sum_at(&p->slab, t, &now) && now < was)
			*pages += (double)(was - now);
	return true;
}

static bool spins(const struct progress *p, uint64_t from, uint64_t to)
{
	uint64_t ns;
	double pages;

	return node_kswapd_between(p->n, from, to, &ns) &&
	       (double)ns / 1e3 >= SPIN_SHARE * (double)(to - from) && freed(p, from, to, &pages) &&
	       pages < SPIN_PAGES * (double)ns / 1e9;
}

static void kswapd_spins(struct inv *c)
{
	bool looked = false;

	for (size_t i = 0; i < c->nr_nodes && c->view.vmstat; i++) {
		const struct run_node *n = &c->node[i];
		const struct archive_series *s = n->kswapd;
		uint64_t begin = 0, end = 0, ns;
		struct progress p;
		double pages;

		progress_init(&p, c, n);
		looked |= s && s->nr_ticks > 1;
		for (size_t t = 0, u = 0; s && t < s->nr_ticks; t++) {
			while (u < s->nr_ticks && s->tick[u].t_us < s->tick[t].t_us + SPIN_US)
				u++;
			if (u == s->nr_ticks)
				break;
			if (!spins(&p, s->tick[t].t_us, s->tick[u].t_us))
				continue;
			if (!end)
				begin = s->tick[t].t_us;
			else if (s->tick[t].t_us > end)
				break; /* another breach: only the first is reported */
			end = s->tick[u].t_us;
		}
		if (end && node_kswapd_between(n, begin, end, &ns) && freed(&p, begin, end, &pages))
			inv_found(c, (int)n->n, begin, end,
				  "kswapd%u was on a CPU for %.1f of %.1f s and freed %.0f pages",
				  n->n, (double)ns / 1e9, (double)(end - begin) / 1e6, pages);
	}
	if (!looked)
		inv_skip(c, "kswapd's CPU time or vmstat was not sampled");
}

/* ---------------------------------------------------------------- spans of zoneinfo samples */

static bool given_up(const struct inv *c, const struct run_node *n, size_t tick)
{
	uint64_t v;

	return archive_value(c->zoneinfo, tick, n->unreclaimable, &v) && v;
}

static double on_cpu(const struct run_node *n, uint64_t from, uint64_t to)
{
	uint64_t ns;

	return to > from && node_kswapd_between(n, from, to, &ns)
		       ? (double)ns / 1e3 / (double)(to - from)
		       : -1;
}

/*
 * True when the node is in the wrong state at sample @tick and, with @since, has been in it since
 * @tick - 1 (@since is false at the first sample of a span).
 */
typedef bool span_fn(const struct inv *c, const struct run_node *n, size_t tick, bool since);

/*
 * Finds the first span of samples of at least @us in which @fn holds throughout, as long as it
 * lasts.
 */
static bool find_span(const struct inv *c, const struct run_node *n, span_fn *fn, uint64_t us,
		      size_t *from, size_t *to)
{
	const struct archive_series *s = c->zoneinfo;

	for (size_t t = 0; s && t < s->nr_ticks; t++) {
		size_t u = t;

		if (!fn(c, n, t, false))
			continue;
		while (u + 1 < s->nr_ticks && fn(c, n, u + 1, true))
			u++;
		if (s->tick[u].t_us - s->tick[t].t_us >= us) {
			*from = t;
			*to = u;
			return true;
		}
		t = u;
	}
	return false;
}

static bool can_span(struct inv *c, bool kswapd)
{
	bool zones = false, threads = false;

	for (size_t i = 0; i < c->nr_nodes; i++) {
		zones |= c->node[i].nr_zones > 0;
		threads |= c->node[i].kswapd != NULL;
	}
	if (!zones || !c->view.vmstat)
		inv_skip(c, "zoneinfo or vmstat was not sampled");
	else if (kswapd && !threads)
		inv_skip(c, "kswapd's CPU time was not sampled");
	return zones && c->view.vmstat && (!kswapd || threads);
}

/*
 * Checks the samples of nodeN/vmstat in between too: a node with more free pages than the marks of
 * all its zones together has a zone above its mark.
 */
static bool roomy_between(const struct inv *c, const struct run_node *n, size_t tick)
{
	const struct archive_series *z = c->zoneinfo, *s = n->vmstat;
	int key = s ? archive_key(s, "nr_free_pages") : -1;
	uint64_t need = 0, v;
	long t;

	for (size_t i = 0; i < n->nr_zones; i++)
		if (node_zone_populated(n, tick, i) && archive_value(z, tick, n->zone[i].high, &v))
			need += v;
	for (t = s ? archive_tick_at(s, z->tick[tick - 1].t_us) + 1 : 0;
	     key >= 0 && (size_t)t < s->nr_ticks && s->tick[t].t_us < z->tick[tick].t_us; t++)
		if (archive_value(s, (size_t)t, key, &v) && v <= need)
			return false;
	return true;
}

static bool high_awake(const struct inv *c, const struct run_node *n, size_t tick, bool since)
{
	const struct archive_series *z = c->zoneinfo;
	struct node_margin m;

	if (!node_margin(n, tick, MARK_HIGH, &m) || !m.balanced)
		return false;
	return !since || (on_cpu(n, z->tick[tick - 1].t_us, z->tick[tick].t_us) >= AWAKE_SHARE &&
			  roomy_between(c, n, tick));
}

/*
 * Finds, for each node with a kswapd, the first span of @us or more in which @fn holds, and reports
 * it by @tell.
 */
static void kswapd_spans(struct inv *c, span_fn *fn, uint64_t us,
			 void (*tell)(struct inv *c, const struct run_node *n, uint64_t begin,
				      uint64_t end))
{
	size_t from, to;

	if (!can_span(c, true))
		return;
	for (size_t i = 0; i < c->nr_nodes; i++)
		if (c->node[i].kswapd && find_span(c, &c->node[i], fn, us, &from, &to))
			tell(c, &c->node[i], c->zoneinfo->tick[from].t_us,
			     c->zoneinfo->tick[to].t_us);
}

static void tell_high_awake(struct inv *c, const struct run_node *n, uint64_t begin, uint64_t end)
{
	inv_found(
		c, (int)n->n, begin, end,
		"kswapd%u was on a CPU for %.0f %% of %.1f s while its node had the high watermark at every sample",
		n->n, 100 * on_cpu(n, begin, end), (double)(end - begin) / 1e6);
}

static void find_high_awake(struct inv *c)
{
	kswapd_spans(c, high_awake, AWAKE_US, tell_high_awake);
}

/*
 * True when every populated zone is nearer to min than to low. That alone is no finding: a CPU
 * takes a whole batch at once (up to 2000 pages from 6.7 on, mm/page_alloc.c, nr_pcp_alloc()),
 * which leaves a zone under low until somebody asks for more.
 */
static bool under_low(const struct run_node *n, size_t tick)
{
	const struct archive_series *z = n->zoneinfo;
	bool any = false;

	for (size_t i = 0; i < n->nr_zones; i++) {
		uint64_t free_pages, min, low;

		if (!node_zone_populated(n, tick, i))
			continue;
		if (!archive_value(z, tick, n->zone[i].free, &free_pages) ||
		    !archive_value(z, tick, n->zone[i].low, &low) ||
		    !archive_value(z, tick, n->zone[i].min, &min) ||
		    free_pages > min + (low - min) / 2)
			return false;
		any = true;
	}
	return any;
}

static bool runs_flat(const struct inv *c, uint64_t from, uint64_t to)
{
	struct key_sum s;
	uint64_t d;

	return sum_counter(&s, c->view.vmstat, "kswapd.runs") && sum_over(&s, from, to, &d) && !d;
}

/*
 * True when the node handed out pages: while the node is under low, each page comes by the slow
 * path, which wakes its kswapd first.
 */
static bool hands_out(const struct run_node *n, uint64_t from, uint64_t to)
{
	static const char *const served[] = { "numa_hit", "numa_miss", NULL };
	struct key_sum s;
	uint64_t a, b;
	long t, u;

	if (!n->vmstat || sum_init(&s, n->vmstat, served) != 2)
		return false;
	t = archive_tick_at(n->vmstat, from);
	u = archive_tick_at(n->vmstat, to);
	return t >= 0 && u > t && sum_at(&s, (size_t)t, &a) && sum_at(&s, (size_t)u, &b) && b > a &&
	       (double)(b - a) >= LOW_PAGES_PER_S * (double)(to - from) / 1e6;
}

static bool low_ignored(const struct inv *c, const struct run_node *n, size_t tick, bool since)
{
	const struct archive_series *z = c->zoneinfo;
	double cpu;

	if (!under_low(n, tick) || given_up(c, n, tick))
		return false;
	if (!since)
		return true;
	cpu = on_cpu(n, z->tick[tick - 1].t_us, z->tick[tick].t_us);
	return cpu >= 0 && cpu < ASLEEP_SHARE &&
	       hands_out(n, z->tick[tick - 1].t_us, z->tick[tick].t_us) &&
	       runs_flat(c, z->tick[tick - 1].t_us, z->tick[tick].t_us);
}

static void tell_low_ignored(struct inv *c, const struct run_node *n, uint64_t begin, uint64_t end)
{
	inv_found(
		c, (int)n->n, begin, end,
		"node %u was nearer to min than to low for %.1f s and still handed out pages, while kswapd%u slept",
		n->n, (double)(end - begin) / 1e6, n->n);
}

static void find_low_ignored(struct inv *c)
{
	kswapd_spans(c, low_ignored, LOW_US, tell_low_ignored);
}

/* ---------------------------------------------------------------- hopeless nodes */

/*
 * Clean pages on the node's file lists at a sample of zoneinfo (zone counters, 4.8), and the node's
 * managed pages.
 */
static bool clean_cache(const struct inv *c, const struct run_node *n, size_t tick, double *pages,
			double *managed)
{
	static const struct {
		const char *item;
		int sign;
	} items[] = {
		{ "managed", 0 },
		{ "nr_zone_inactive_file", 1 },
		{ "nr_zone_active_file", 1 },
		{ "nr_zone_write_pending", -1 },
	};
	bool any = false;

	*pages = *managed = 0;
	for (size_t i = 0; i < n->nr_zones; i++)
		for (size_t k = 0; k < sizeof(items) / sizeof(*items); k++) {
			char key[96];
			uint64_t v;

			snprintf(key, sizeof(key), "node%u.%s.%s", n->n, n->zone[i].name,
				 items[k].item);
			if (!archive_value(c->zoneinfo, tick, archive_key(c->zoneinfo, key), &v))
				continue;
			*managed += items[k].sign ? 0 : (double)v;
			*pages += items[k].sign * (double)v;
			any |= items[k].sign > 0;
		}
	return any;
}

static bool hopeless(const struct inv *c, const struct run_node *n, size_t tick, bool since)
{
	struct node_margin m;
	double pages, managed;

	(void)since;
	return given_up(c, n, tick) && node_margin(n, tick, MARK_HIGH, &m) && !m.balanced &&
	       clean_cache(c, n, tick, &pages, &managed) && pages >= CACHE_SHARE * managed;
}

static void find_hopeless(struct inv *c)
{
	bool can = can_span(c, false), looked = false;
	size_t from, to;

	for (size_t i = 0; i < c->nr_nodes && can; i++) {
		const struct run_node *n = &c->node[i];
		double pages, managed;

		looked |= n->unreclaimable >= 0;
		if (!find_span(c, n, hopeless, HOPELESS_US, &from, &to) ||
		    !clean_cache(c, n, to, &pages, &managed))
			continue;
		inv_found(c, (int)n->n, c->zoneinfo->tick[from].t_us, c->zoneinfo->tick[to].t_us,
			  "node %u is given up by kswapd (node_unreclaimable) under its high "
			  "watermark, with %.0f clean pages of cache on %.0f",
			  n->n, pages, managed);
	}
	if (can && !looked)
		inv_skip(c, "zoneinfo has no node_unreclaimable (before 4.9)");
}

/* ---------------------------------------------------------------- direct reclaim alone */

static bool any_given_up(const struct inv *c, uint64_t from, uint64_t to)
{
	long first = archive_tick_at(c->zoneinfo, from);

	for (size_t t = first < 0 ? 0 : (size_t)first; t < c->zoneinfo->nr_ticks; t++) {
		for (size_t i = 0; i < c->nr_nodes; i++)
			if (given_up(c, &c->node[i], t))
				return true;
		if (c->zoneinfo->tick[t].t_us > to)
			break;
	}
	return false;
}

static bool all_asleep(const struct inv *c, uint64_t from, uint64_t to)
{
	bool any = false;

	for (size_t i = 0; i < c->nr_nodes; i++) {
		double cpu = on_cpu(&c->node[i], from, to);

		if (cpu >= ASLEEP_SHARE)
			return false;
		any |= cpu >= 0;
	}
	return any;
}

static void direct_alone(struct inv *c)
{
	const struct archive_series *s = c->view.vmstat;
	struct key_sum run, stall;
	uint64_t begin = 0, end = 0, total = 0, r0, r1, s0, s1;

	if (!can_span(c, true))
		return;
	if (!sum_counter(&run, s, "kswapd.runs") || !sum_counter(&stall, s, "stall.direct")) {
		inv_skip(c, "this kernel has no pageoutrun or allocstall");
		return;
	}
	for (size_t t = 1; t <= s->nr_ticks; t++) {
		bool known = t < s->nr_ticks && sum_at(&run, t - 1, &r0) && sum_at(&run, t, &r1) &&
			     sum_at(&stall, t - 1, &s0) && sum_at(&stall, t, &s1);

		if (known && r1 == r0) {
			if (s1 > s0) {
				begin = total ? begin : s->tick[t - 1].t_us;
				end = s->tick[t].t_us;
				total += s1 - s0;
			}
			continue;
		}
		if (total >= ALONE_STALLS && end - begin >= ALONE_US && all_asleep(c, begin, end) &&
		    !any_given_up(c, begin, end)) {
			inv_found(
				c, -1, begin, end,
				"%llu direct reclaims in %.1f s while every kswapd slept and pageoutrun stood still",
				(unsigned long long)total, (double)(end - begin) / 1e6);
			return;
		}
		total = 0;
	}
}

static void kswapd_drain(struct inv *c)
{
	uint64_t t;

	for (size_t i = 0; i < c->a->nr_ev; i++) {
		const struct archive_ev *ev = &c->a->ev[i];
		unsigned long ms;

		if (ev->finding || strcmp(ev->name, "kswapd.awake") != 0 ||
		    sscanf(ev->text, "still reclaiming %lu ms", &ms) != 1 || ms < DRAIN_MS)
			continue;
		t = ev->t_us;
		inv_found(c, -1, t - (uint64_t)ms * 1000 < t ? t - (uint64_t)ms * 1000 : 0, t,
			  "kswapd still reclaimed %.1f s after the load had stopped",
			  (double)ms / 1e3);
	}
}

/* clang-format off */
RULES(live, 40) = {
	{ .name = "sampler-starved", .cls = RULE_LIVENESS, .check = sampler_starved,
	  .help = "vmstat was sampled every 2 s at least: the sampler is real-time and locked in memory, so "
	  "only a machine that stood still keeps it waiting." },
	{ .name = "kswapd-spins", .cls = RULE_LIVENESS, .check = kswapd_spins,
	  .help = "kswapd is not on a CPU for half of 3 s or more without freeing anything: 16 fruitless runs "
	  "make it give up (mm/vmscan.c, MAX_RECLAIM_RETRIES, 4.12)." },
	{ .name = "high-awake", .cls = RULE_LIVENESS, .check = find_high_awake,
	  .help = "kswapd is not on a CPU for 3 s while its node has the high watermark: one eligible zone "
	  "above it ends a run (mm/vmscan.c, pgdat_balanced(), 4.12)." },
	{ .name = "low-ignored", .cls = RULE_LIVENESS, .check = find_low_ignored,
	  .help = "No node hands out pages for 3 s while it is nearer to min than to low and its kswapd "
	  "sleeps: a task that takes pages below low wakes kswapd first (mm/page_alloc.c, "
	  "wake_all_kswapds()). Not judged while the node is given up as hopeless." },
	{ .name = "direct-alone", .cls = RULE_LIVENESS, .check = direct_alone,
	  .help = "Tasks do not reclaim for themselves for 2 s (20 times or more) while every kswapd sleeps: "
	  "each of these tasks has woken kswapd before (mm/page_alloc.c, __alloc_pages_slowpath()). Not "
	  "judged while a node is given up as hopeless." },
	{ .name = "hopeless", .cls = RULE_LIVENESS, .check = find_hopeless,
	  .help = "A node is not given up (zoneinfo node_unreclaimable, kswapd_failures >= 16) for 3 s while a "
	  "tenth of it is clean page cache and it has not reached the high watermark. Contract H2: from 7.1 a "
	  "node is given up for longer." },
	{ .name = "kswapd-drain", .cls = RULE_LIVENESS, .check = kswapd_drain,
	  .help = "kswapd is asleep at most 3 s after the load stopped." },
	{ .name = NULL }
};
/* clang-format on */
