/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints what bench_judge() has found: rates of campaigns, then metric by metric. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "rebuild.h"
#include "report/fmt.h"
#include "stats/stats.h"

static const char *header_of_all(const struct bench *b, const char *key)
{
	const char *all = NULL;

	for (size_t i = 0; i < b->nr_kernels * b->nr_sc * b->nr_seeds; i++) {
		const char *v = facts_get(&b->facts[i], key);

		if (v && all && strcmp(v, all) != 0)
			return "varies";
		all = v ? v : all;
	}
	return all ? all : "unknown";
}

static void print_head(const struct bench *b, const struct bench_result *r)
{
	const struct cmp_course *c = &r->plan;

	printf("rebuild: %zu builds, %zu scenarios, %zu seeds; LRU %s\n", b->nr_kernels, b->nr_sc,
	       b->nr_seeds, header_of_all(b, "lru.mode"));
	for (size_t k = 0; k < b->nr_kernels; k++)
		printf("  %2zu %s\n", k, b->kernel[k].spec);
	printf("campaigns: %zu pairs of builds, %zu of other seeds each; looks at", r->pairs,
	       r->blocks);
	for (size_t i = 0; i < c->nr_looks; i++)
		printf("%s %zu", i ? "," : "", c->n[i]);
	printf(" runs a side; ");
	if (c->confirm_n)
		printf("%zu fresh runs to confirm\n", c->confirm_n);
	else
		printf("nothing is confirmed\n");
}

static double median_wall_s(const struct bench *b, size_t sc)
{
	size_t n = 0;
	double *s = xcalloc(b->nr_kernels * b->nr_seeds, sizeof(*s)), median;

	for (size_t i = 0; i < b->nr_kernels * b->nr_seeds; i++) {
		const char *v =
			facts_get(bench_run(b, i / b->nr_seeds, sc, i % b->nr_seeds), "wall_s");

		if (v)
			s[n++] = strtod(v, NULL);
	}
	median = stat_median(s, n);
	free(s);
	return median;
}

static void print_times(const struct bench *b)
{
	printf("seconds of a run:");
	for (size_t sc = 0; sc < b->nr_sc; sc++)
		printf(" %s %.1f", b->sc[sc].name, median_wall_s(b, sc));
	printf("\n");
}

static void print_finding(const struct bench *b, const struct bench_row *row, size_t at)
{
	printf("    %s %s", b->sc[row->sc].name, row->m->name);
	for (enum floors f = NO_FLOORS; f < NR_FLOORS; f++)
		printf("%s%s%s", row->found[f][at] > 0 ? f ? ", found with floors" : ", found" : "",
		       row->confirmed[f][at] > 0 ? ", confirmed" : "",
		       f && row->found[NO_FLOORS][at] > 0 && !row->found[f][at]
			       ? ", not with floors"
			       : "");
	printf("\n");
}

/* Names the metrics that were found in a campaign. */
static void print_found(const struct bench *b, const struct bench_result *r)
{
	size_t pair = 0;

	for (size_t i = 0; i < b->nr_kernels; i++)
		for (size_t j = i + 1; j < b->nr_kernels; j++, pair++)
			for (size_t block = 0; block < r->blocks; block++) {
				size_t at = pair * r->blocks + block;

				if (r->screened[NO_FLOORS][at] <= 0 &&
				    r->screened[WITH_FLOORS][at] <= 0)
					continue;
				printf("  builds %zu and %zu, campaign %zu:\n", i, j, block + 1);
				for (size_t k = 0; k < r->nr_rows; k++)
					if (r->row[k].found[NO_FLOORS][at] > 0 ||
					    r->row[k].found[WITH_FLOORS][at] > 0)
						print_finding(b, &r->row[k], at);
			}
}

static bool print_rate(const char *what, const struct rate *r, double declared)
{
	bool above = rate_exceeds(r, declared);

	if (!r->n) {
		printf("  %-12s -\n", what);
		return false;
	}
	printf("  %-12s %4zu of %4zu (as %5.1f)  %.3f (%.3f - %.3f), declared %g: %s\n", what, r->k,
	       r->n, r->counts_as, (double)r->k / (double)r->n, r->lo, r->hi, declared,
	       above		  ? "DOES NOT HOLD"
	       : r->hi > declared ? "not shown to fail, nor to hold"
				  : "holds");
	return above;
}

/* A standard deviation or shift on the metric's scale, as per cent where that is a logarithm. */
static const char *on_scale(const struct metric *m, double y, char out[16])
{
	if (m->scale == SCALE_LOG && y < 1)
		snprintf(out, 16, "%.1f%%", 100 * y);
	else
		snprintf(out, 16, "%.2f%s", y, m->scale == SCALE_LOG ? "ln" : "lt");
	return out;
}

/* " 7/28 .250*": * where the rate is shown to be above the declared one. */
static bool print_hits(const signed char *hit, const struct bench *b, size_t blocks,
		       double declared)
{
	struct rate r = rate_of(hit, b->nr_kernels, blocks);
	bool above = rate_exceeds(&r, declared);

	if (r.n)
		printf(" %3zu/%-3zu%c", r.k, r.n, above ? '*' : ' ');
	else
		printf("       - ");
	return above;
}

static bool print_row(const struct bench *b, const struct bench_result *r,
		      const struct bench_row *row)
{
	char run[16], build[16], p95[16], floor[16], seed[16];
	bool above;

	printf("%-12s %-30s %c %3zu %10.4g ", b->sc[row->sc].name, row->m->name, "PSD"[row->cls],
	       row -> r.runs, row->median);
	snprintf(seed, sizeof(seed), isnan(row->seed_share) ? "-" : "%.2f", row->seed_share);
	if (row->measured)
		printf("%8s %8s %8s %6s %5s ", on_scale(row->m, row->r.sd_within, run),
		       on_scale(row->m, row->r.sd_between, build),
		       on_scale(row->m, row->r.p95, p95), fmt_p(row->p).s, seed);
	else
		printf("%8s %8s %8s %6s %5s ", "-", "-", "-", "-", "-");
	snprintf(floor, sizeof(floor), "%.3g%s", 100 * row->floor,
		 row->m->scale == SCALE_LOGIT ? "pp" : "%");
	printf("%6s", floor);
	above = print_hits(row->alone, b, 1, b->o->alpha);
	for (enum floors f = NO_FLOORS; f < NR_FLOORS; f++) {
		print_hits(row->found[f], b, r->blocks, b->o->alpha);
		print_hits(row->confirmed[f], b, r->blocks, b->o->confirm_alpha);
	}
	if (row->r.nr_states)
		printf(" %s %.3g|%.3g", row->state, row->r.state[0].centre, row->r.state[1].centre);
	printf("\n");
	return above;
}

static void print_legend(const struct bench *b)
{
	printf("\nPer metric: class P(rimary) S(econdary) D(iagnostic); n, runs of the build that has the fewest; sd of the runs inside\n"
	       "a build, and between builds beyond that; p95: 95 %% of pairs of builds lie no farther apart (%% of the natural logarithm;\n"
	       "ln: of it; lt: of the logit); p that builds do not differ; seed: share of the variance inside builds that the seed\n"
	       "explains; floor, the declared one. alone: pairs in which the metric, judged once over all runs at %g, is found; looks,\n"
	       "fresh: campaigns in which it is found, and confirmed; floored: the same where the judge knows floors of rebuilds. *: shown\n"
	       "to be above the declared rate. States: a letter per build, its runs are in the l(ower) of two, the u(pper) or b(oth), and\n"
	       "the medians of the two.\n",
	       b->o->alpha);
	printf("%-12s %-30s   %3s %10s %8s %8s %8s %6s %5s %6s   alone    looks    fresh  floored    fresh  states\n",
	       "scenario", "metric", "n", "median", "sd runs", "builds", "p95", "p", "seed",
	       "floor");
}

static bool print_rates(const struct bench *b, const struct bench_result *r, enum floors f)
{
	static const char *const from[] = {
		[FLOORS_OTHERS] = "from the other builds", [FLOORS_FILES] = "from files"
	};
	struct rate screened = rate_of(r->screened[f], b->nr_kernels, r->blocks),
		    confirmed = rate_of(r->confirmed[f], b->nr_kernels, r->blocks);
	bool broken;

	if (f && r->floors == FLOORS_NONE) {
		printf("no floors of rebuilds: six builds are needed, or --baselines DIR\n");
		return false;
	}
	printf("floors of rebuilds %s:\n", f ? from[r->floors] : "left out");
	broken = print_rate("screened", &screened, b->o->alpha);
	return print_rate("confirmed", &confirmed, b->o->confirm_alpha) || broken;
}

bool bench_table(const struct bench *b, const struct bench_result *r)
{
	size_t above = 0, rows = 0;
	bool broken[NR_FLOORS];

	print_head(b, r);
	print_times(b);
	for (enum floors f = NO_FLOORS; f < NR_FLOORS; f++)
		broken[f] = print_rates(b, r, f);
	print_found(b, r);
	print_legend(b);
	for (size_t i = 0; i < r->nr_rows; i++) {
		const struct bench_row *row = &r->row[i];

		if (!row->seen || (row->cls != METRIC_PRIMARY && !b->o->all))
			continue;
		rows++;
		above += print_row(b, r, row);
	}
	printf("%zu of %zu metrics shown are above %g alone\n", above, rows, b->o->alpha);
	return broken[r->floors == FLOORS_NONE ? NO_FLOORS : WITH_FLOORS];
}

/* ---------------------------------------------------------------- CSV */

static void csv_rate(struct buf *out, const signed char *hit, const struct bench *b, size_t blocks)
{
	struct rate r = rate_of(hit, b->nr_kernels, blocks);

	buf_addf(out, ",%zu,%zu,%.4g,%.4g,%.4g", r.k, r.n, r.counts_as, r.lo, r.hi);
}

static void csv_row(struct buf *out, const struct bench *b, const struct bench_result *r,
		    const struct bench_row *row)
{
	buf_addf(out, "%s,%s,%s,%s,%zu,%zu,%s", b->sc[row->sc].name, row->m->name,
		 metric_class_names[row->cls], metric_scale_names[row->m->scale], b->nr_kernels,
		 row->r.runs, fmt_exact(row->median).s);
	if (row->measured)
		buf_addf(out, ",%.6g,%.6g,%.6g,%.6g,%s", row->r.sd_within, row->r.sd_between,
			 row->r.p95, row->p, fmt_exact(row->seed_share).s);
	else
		buf_addstr(out, ",,,,,");
	buf_addf(out, ",%g", row->floor);
	csv_rate(out, row->alone, b, 1);
	for (enum floors f = NO_FLOORS; f < NR_FLOORS; f++) {
		csv_rate(out, row->found[f], b, r->blocks);
		csv_rate(out, row->confirmed[f], b, r->blocks);
	}
	if (row->r.nr_states)
		buf_addf(out, ",%s,%.6g,%.6g\n", row->state, row->r.state[0].centre,
			 row->r.state[1].centre);
	else
		buf_addstr(out, ",,,\n");
}

int bench_csv(const struct bench *b, const struct bench_result *r, const char *file, struct err *e)
{
	struct buf out = BUF_INIT;
	int ret;

	buf_addstr(
		&out,
		"scenario,metric,class,scale,builds,runs,median,sd_runs,sd_builds,p95,p,seed,floor,"
		"alone,alone_of,alone_as,alone_lo,alone_hi,looks,looks_of,looks_as,looks_lo,looks_hi,"
		"fresh,fresh_of,fresh_as,fresh_lo,fresh_hi,"
		"floored,floored_of,floored_as,floored_lo,floored_hi,"
		"floored_fresh,floored_fresh_of,floored_fresh_as,floored_fresh_lo,floored_fresh_hi,states,lower,upper\n");
	for (size_t i = 0; i < r->nr_rows; i++)
		if (r->row[i].seen)
			csv_row(&out, b, r, &r->row[i]);
	ret = fs_write(file, out.data, out.len, e);
	buf_release(&out);
	return ret;
}
