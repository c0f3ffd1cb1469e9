/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kinds of machine that runs take place on, and which metrics may decide on which. */
#include <errno.h>
#include <string.h>

#include "metric/metric.h"

const struct metric_machine metric_machine_table[] = {
	{ MACHINE_EXACT, "exact", "exact with one CPU", "quantiles jump between clusters",
	  "an operation takes as long as its instructions, so that latencies come in clusters; "
	  "whether a quantile between two is at one or the other is decided by the image of the "
	  "kernel: look at the mean" },
	{ MACHINE_EXACT_SMP, "exact-smp", "exact with several CPUs",
	  "times hold the emulator's turns",
	  "the CPUs take turns on one instruction counter, so that times below a turn (50 to 400 us) "
	  "say where turns fall, which the image of the kernel decides, and the time of one CPU "
	  "passes for the others too" },
	{ MACHINE_VM, "vm", "the vm target", NULL, NULL },
	{ MACHINE_HOST, "host", "the host target", NULL, NULL },
	{ .flag = 0 },
};

unsigned metric_machine(const char *target, long cpus)
{
	if (!target || cpus < 1)
		return 0;
	if (!strcmp(target, "exact"))
		return cpus > 1 ? MACHINE_EXACT_SMP : MACHINE_EXACT;
	if (!strcmp(target, "vm"))
		return MACHINE_VM;
	return !strcmp(target, "host") ? MACHINE_HOST : 0;
}

const struct metric_machine *metric_not_primary_on(const struct metric *m, unsigned machines)
{
	for (const struct metric_machine *k = metric_machine_table; k->flag; k++)
		if (machines & k->flag & ~m->primary_on)
			return k;
	return NULL;
}

void metric_machine_words(const struct metric_machine *k, struct buf *out)
{
	buf_addf(out, "not primary on %s%s%s", k->shown, k->why ? ": " : "", k->why ? k->why : "");
}

int metric_check(const char *name, bool primary, unsigned machine, struct err *e)
{
	const struct metric *m = metric_describe(name);
	const struct metric_machine *k = m && primary ? metric_not_primary_on(m, machine) : NULL;
	struct buf words = BUF_INIT;

	if (!m)
		return err_set(e, -EINVAL, "%s: no metric has this name (wmark list metrics)",
			       name);
	if (!k)
		return 0;
	metric_machine_words(k, &words);
	err_set(e, -EINVAL, "%s: %s", name, words.data);
	buf_release(&words);
	return -EINVAL;
}

void metric_primary_words(const struct metric *m, struct buf *out)
{
	const char *sep = "";

	if (m->primary_on == MACHINE_ANY)
		buf_addstr(out, "any");
	for (const struct metric_machine *k = metric_machine_table;
	     k->flag && m->primary_on != MACHINE_ANY; k++) {
		if (!(m->primary_on & k->flag))
			continue;
		buf_addf(out, "%s%s", sep, k->word);
		sep = " ";
	}
}
