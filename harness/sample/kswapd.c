/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CPU time of the kernel threads kswapdN, in an order that does not depend on process numbers. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "sample/sampler.h"
#include "sample/text.h"

#define PF_KTHREAD 0x00200000u /* include/linux/sched.h, all versions */

/* /proc/PID/stat as a source: utime and stime in USER_HZ ticks. */
static int scan_task_stat(const char *text, size_t len, probe_emit *emit, void *ctx, struct err *e)
{
	struct probe_task task;
	struct probe_item item = { .node = -1, .key = "utime", .key_len = 5 };
	int ret = probe_task_stat(text, len, &task, e);

	if (ret)
		return ret;
	item.value = task.utime;
	ret = emit(ctx, &item);
	if (ret)
		return ret;
	item.key = "stime";
	item.value = task.stime;
	return emit(ctx, &item);
}

/* Text of /proc/PID/@file without trailing white space; "" when it cannot be read. */
static void proc_text(const char *root, int pid, const char *file, struct buf *text)
{
	char *path = xasprintf("/proc/%d/%s", pid, file);

	buf_reset(text);
	root_read(root, path, text, NULL);
	buf_rtrim(text);
	free(path);
}

/* comm is free text: a user's process may call itself kswapd0, but it is no kernel thread. */
static bool is_kswapd(const char *root, int pid, struct buf *text, int *node)
{
	struct probe_task task;

	proc_text(root, pid, "comm", text);
	if (!probe_kswapd_node(text->data, node))
		return false;
	proc_text(root, pid, "stat", text);
	return probe_task_stat(text->data, text->len, &task, NULL) || (task.flags & PF_KTHREAD);
}

static int by_node(const void *a, const void *b)
{
	const struct sampler_kswapd *x = a, *y = b;

	return x->node != y->node ? (x->node > y->node) - (x->node < y->node)
				  : (x->pid > y->pid) - (x->pid < y->pid);
}

size_t sampler_find_kswapds(const char *root, struct sampler_kswapd **out)
{
	char *dir = root_path(root, "/proc"), **names = NULL;
	struct buf text = BUF_INIT;
	size_t nr_names = 0, nr = 0, cap = 0;

	*out = NULL;
	fs_list(dir, &names, &nr_names, NULL);
	for (size_t i = 0; i < nr_names; i++) {
		uint64_t pid;
		int node;

		if (opt_parse_u64(names[i], &pid, NULL) || pid > INT_MAX ||
		    !is_kswapd(root, (int)pid, &text, &node))
			continue;
		ARRAY_GROW(*out, nr, cap);
		(*out)[nr++] = (struct sampler_kswapd){ node, (long)pid };
	}
	if (nr)
		qsort(*out, nr, sizeof(**out), by_node);
	buf_release(&text);
	fs_list_free(names, nr_names);
	free(dir);
	return nr;
}

/*
 * schedstat is exact to the ns, but reads "0 0 0" where the kernel keeps no such numbers
 * (fs/proc/base.c proc_pid_schedstat()). A kswapd has always run, if only to fall asleep.
 */
static bool has_schedstat(const char *root, long pid)
{
	struct buf text = BUF_INIT;
	bool yes;

	proc_text(root, (int)pid, "schedstat", &text);
	yes = strpbrk(text.data, "123456789") != NULL;
	buf_release(&text);
	return yes;
}

static void find_kswapds(struct source_list *l, const struct sample_cfg *cfg)
{
	static const struct text_format schedstat = { .scan = probe_schedstat },
					stat = { .scan = scan_task_stat };
	struct sampler_kswapd *k;
	size_t nr;

	if (!cfg->kswapd_ns)
		return;
	nr = sampler_find_kswapds(l->root, &k);
	if (!nr) /* opening it fails: the archive says that it is absent */
		text_add(l, &schedstat, cfg->kswapd_ns, xstrdup("/proc/kswapd/schedstat"),
			 "kswapd0/schedstat");
	for (size_t i = 0; i < nr; i++) {
		if (i && k[i].node == k[i - 1].node)
			continue;
		if (has_schedstat(l->root, k[i].pid))
			text_add(l, &schedstat, cfg->kswapd_ns,
				 xasprintf("/proc/%ld/schedstat", k[i].pid), "kswapd%d/schedstat",
				 k[i].node);
		else
			text_add(l, &stat, cfg->kswapd_ns, xasprintf("/proc/%ld/stat", k[i].pid),
				 "kswapd%d/stat", k[i].node);
	}
	free(k);
}

SOURCE_TIMED(kswapd, 20) = {
	.period = "100ms",
	.help = "period of every kswapd's CPU time",
	.find = find_kswapds,
};
