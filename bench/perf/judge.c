/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The judge on simulated campaigns of 30 scenarios x 4 primary metrics: how often it alarms when
 * nothing changed, how often it finds a shift, what the rules of other tools say about the same
 * data, and how long the permutations take. A declared rate holds unless the 99.9 % binomial
 * interval lies above it. Exit codes: 0, 1 a declared rate does not hold, 2 usage.
 */
#include "judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/opt.h"

struct judge_cli {
	int64_t campaigns, permutations, seed;
};

static const struct opt_desc opts[] = {
	OPT_INT(struct judge_cli, campaigns, "campaigns", 'n', "1000", 1, 1e6,
		"simulated campaigns of each A/A case; a false SAME takes half, power a quarter"),
	OPT_INT(struct judge_cli, permutations, "permutations", 'p', "999", 99, 1e6,
		"of each judgement (any number keeps the level)"),
	OPT_INT(struct judge_cli, seed, "seed", 's', "1", 0, 1e15,
		"same seed, same output but for the times"),
	OPT_END
};

static const struct {
	const char *name;
	void (*print)(struct sim *sim);
} parts[] = {
	{ "speed", table_speed },   { "trend", table_trend },	{ "power", table_power },
	{ "rates", table_rates },   { "same", table_same },	{ "rules", table_rules },
	{ "frozen", table_frozen }, { "states", table_states }, { "mde", table_mde },
};

static int usage(const char *problem)
{
	struct buf help = BUF_INIT;

	buf_addstr(&help, "usage: judge [PART]... [OPTIONS]\nPART (default: all of them):");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		buf_addf(&help, " %s", parts[i].name);
	buf_addc(&help, '\n');
	opt_help(opts, &help);
	fprintf(problem ? stderr : stdout, "%s%s%s", problem ? problem : "", problem ? "\n" : "",
		help.data);
	buf_release(&help);
	return problem ? 2 : 0;
}

static bool wanted(const char *part, char **words, int nr)
{
	for (int i = 0; i < nr; i++)
		if (!strcmp(words[i], part))
			return true;
	return !nr;
}

static bool known(const char *word)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (!strcmp(parts[i].name, word))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	struct judge_cli cli = { 0 };
	struct err e = ERR_INIT;
	struct sim sim = { 0 };
	char **words;
	int nr, ret;

	opt_defaults(opts, &cli);
	ret = opt_parse(opts, &cli, argc - 1, argv + 1, false, &words, &nr, &e);
	if (ret)
		return usage(ret < 0 ? e.msg : NULL);
	for (int i = 0; i < nr; i++)
		if (!known(words[i]))
			return usage("judge: no such part");
	sim.campaigns = (uint64_t)cli.campaigns;
	sim.permutations = (uint64_t)cli.permutations;
	sim.seed = (uint64_t)cli.seed;
	printf("judge: %" PRIu64 " campaigns a case, %" PRIu64 " permutations, seed %" PRIu64 "\n",
	       sim.campaigns, sim.permutations, sim.seed);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (wanted(parts[i].name, words, nr))
			parts[i].print(&sim);
	if (sim.broken)
		printf("\njudge: %" PRIu64 " of %" PRIu64 " declared rates do NOT hold\n",
		       sim.broken, sim.lines);
	else if (sim.lines)
		printf("\njudge: all declared rates hold (%" PRIu64 " checked)\n", sim.lines);
	return sim.broken ? 1 : 0;
}
