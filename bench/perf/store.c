/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a store of many runs from one run, and times how long it takes to walk, read and judge it:
 * from the archives, and from facts saved beside them. The copies are runs A and B of as many
 * scenarios as asked for, each with its own seed, place and latencies. `wmark compare DIR/A DIR/B`
 * and `wmark list runs DIR` can be timed on them too, in any version.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/outline.h"
#include "archive/store.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/opt.h"
#include "base/rng.h"
#include "judge/compare.h"
#include "judge/factset.h"

struct store_cli {
	int64_t scenarios, runs, permutations;
};

static const struct opt_desc opts[] = {
	OPT_INT(struct store_cli, scenarios, "scenarios", 's', "30", 1, 10000, "scenarios"),
	OPT_INT(struct store_cli, runs, "runs", 'n', "20", 1, 10000, "runs a side of each"),
	OPT_INT(struct store_cli, permutations, "permutations", 'p', "9999", 99, 1e6,
		"of the judgement"),
	OPT_END
};

struct identity {
	char scenario[32];
	enum side side;
	unsigned long order;
};

static bool is_key(const char *line, const char *key)
{
	size_t len = strlen(key);

	return !strncmp(line, "h ", 2) && !strncmp(line + 2, key, len) && line[2 + len] == ' ';
}

/* Adds one line of the copy, with the copy's identity, and with every result a few percent off. */
static void add_line(struct buf *out, const char *line, size_t len, const struct identity *id,
		     struct rng *r)
{
	char word[3][128];
	double value;

	if (is_key(line, "scenario.name"))
		buf_addf(out, "h scenario.name %s", id->scenario);
	else if (is_key(line, "run.seed"))
		buf_addf(out, "h run.seed %lu", id->order / 2 + 1);
	else if (is_key(line, "run.order"))
		buf_addf(out, "h run.order %lu", id->order);
	else if (is_key(line, "run.side"))
		buf_addf(out, "h run.side %c", side_letter(id->side));
	else if (sscanf(line, "w %127s %127s %127s %lf", word[0], word[1], word[2], &value) == 4)
		buf_addf(out, "w %s %s %s %.17g", word[0], word[1], word[2],
			 value * (1 + .03 * rng_unit(r)));
	else
		buf_add(out, line, len);
	buf_addc(out, '\n');
}

/* Writes the text of @from as the archive of another run, with its sums. */
static void make_copy(const struct buf *from, const struct identity *id, struct buf *out)
{
	struct rng r = rng_make(fnv1a(FNV_INIT, id->scenario, strlen(id->scenario)), id->order);
	uint64_t sum = FNV_INIT, lines = 0, samples = 0;
	const char *line = from->data, *next;

	buf_reset(out);
	for (; *line; line = next) {
		size_t len = strcspn(line, "\n"), at = out->len;

		next = line + len + (line[len] == '\n');
		if (!strncmp(line, "end ", 4)) {
			buf_addf(out, "end %" PRIu64 " %" PRIu64 " %016" PRIx64 "\n", lines,
				 samples, sum);
			continue;
		}
		add_line(out, line, len, id, &r);
		if (!strncmp(line, "H ", 2))
			continue;
		sum = fnv1a(sum, out->data + at, out->len - at);
		lines++;
		samples += !strncmp(line, "s ", 2);
	}
}

static int make_store(const char *dir, const char *run, const struct store_cli *cli, struct err *e)
{
	struct buf from = BUF_INIT, copy = BUF_INIT;
	int ret = fs_read(run, &from, e);

	for (int64_t i = 0; i < cli->scenarios * cli->runs * 2 && !ret; i++) {
		struct identity id = { .side = i % 2 ? SIDE_B : SIDE_A, .order = (unsigned long)i };
		char *path;

		snprintf(id.scenario, sizeof(id.scenario), "s%04d", (int)(i / 2 / cli->runs));
		path = xasprintf("%s/%c/%s/%06lu.wm", dir, side_letter(id.side), id.scenario,
				 id.order);
		*strrchr(path, '/') = '\0';
		ret = fs_mkdirs(path, e);
		path[strlen(path)] = '/';
		make_copy(&from, &id, &copy);
		if (!ret)
			ret = fs_write(path, copy.data, copy.len, e);
		free(path);
	}
	buf_release(&from);
	buf_release(&copy);
	return ret;
}

static double walk(const char *dir, struct err *e, int *ret)
{
	struct buf head = BUF_INIT, tail = BUF_INIT;
	uint64_t from = clock_ns();
	char **files;
	size_t nr;

	*ret = store_files(dir, &files, &nr, e);
	for (size_t i = 0; i < nr && !*ret; i++) {
		struct outline o;

		outline_read(&o, files[i], &head, &tail);
	}
	fs_list_free(files, nr);
	buf_release(&head);
	buf_release(&tail);
	return (double)(clock_ns() - from) / 1e9;
}

static double read_all(const char *dir, enum facts_save save, struct factset side[2], struct err *e,
		       int *ret)
{
	uint64_t from = clock_ns();

	for (int b = 0; b < 2 && !*ret; b++) {
		char *path = xasprintf("%s/%c", dir, side_letter((enum side)b));

		factset_release(&side[b]);
		*ret = factset_add(&side[b], path, save, e);
		free(path);
	}
	return (double)(clock_ns() - from) / 1e9;
}

static double judge(const struct factset side[2], const struct store_cli *cli, struct err *e,
		    int *ret)
{
	uint64_t from = clock_ns();
	struct comparison c;
	struct cmp_opts o;

	cmp_opts_init(&o);
	o.permutations = (uint64_t)cli->permutations;
	*ret = compare_runs((const struct run_facts *const *)side[0].v, side[0].nr,
			    (const struct run_facts *const *)side[1].v, side[1].nr, &o, &c, e);
	if (!*ret)
		comparison_release(&c);
	return (double)(clock_ns() - from) / 1e9;
}

static int times(const char *dir, const struct store_cli *cli, struct err *e)
{
	static const struct {
		const char *what;
		enum facts_save save;
	} rows[] = {
		{ "facts derived from the archives", FACTS_KEEP_NOT },
		{ "facts derived and saved", FACTS_SAVE },
		{ "facts read as saved", FACTS_KEEP_NOT },
	};
	struct factset side[2] = { { NULL, 0, 0 }, { NULL, 0, 0 } };
	int ret = 0;

	printf("outlines of all runs              %8.3f s\n", walk(dir, e, &ret));
	for (size_t i = 0; i < ARRAY_SIZE(rows) && !ret; i++)
		printf("%-32s  %8.3f s\n", rows[i].what,
		       read_all(dir, rows[i].save, side, e, &ret));
	if (!ret)
		printf("judged                            %8.3f s (%zu and %zu runs)\n",
		       judge(side, cli, e, &ret), side[0].nr, side[1].nr);
	factset_release(&side[0]);
	factset_release(&side[1]);
	return ret;
}

int main(int argc, char **argv)
{
	struct store_cli cli = { 0 };
	struct err e = ERR_INIT;
	struct buf help = BUF_INIT;
	char **words;
	int nr, ret;

	opt_defaults(opts, &cli);
	ret = opt_parse(opts, &cli, argc - 1, argv + 1, false, &words, &nr, &e);
	if (ret || nr < 1 || nr > 2) {
		opt_help(opts, &help);
		fprintf(stderr,
			"%s\nusage: store DIR [RUN.wm] [OPTIONS]   RUN.wm: made first, of its copies\n%s",
			e.msg, help.data);
		buf_release(&help);
		return 2;
	}
	if (nr == 2)
		ret = make_store(words[0], words[1], &cli, &e);
	if (!ret)
		ret = times(words[0], &cli, &e);
	if (ret)
		fprintf(stderr, "store: %s\n", e.msg);
	return ret ? 3 : 0;
}
