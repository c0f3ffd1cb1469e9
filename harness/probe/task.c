/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fs/proc/array.c do_task_stat() and proc_pid_status(). */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "probe/probe.h"
#include "probe/text.h"

/* Field numbers of proc(5), from 1. */
enum { STAT_STATE = 3, STAT_FLAGS = 9, STAT_UTIME = 14, STAT_STIME = 15 };

static int task_fields(struct text_slice rest, struct probe_task *out, struct err *e)
{
	struct text_slice word = { rest.p, 0 };
	uint64_t value;
	int i, ret;

	if (!text_word(&rest, &word) || word.len != 1)
		return text_bad(e, 1, word, "not a task state");
	out->state = *word.p;
	for (i = STAT_STATE + 1; i <= STAT_STIME; i++) {
		if (!text_word(&rest, &word))
			return err_set(e, -EINVAL, "line 1: field %d is missing", i);
		ret = text_value(word, 1, &value, e);
		if (ret)
			return ret;
		if (i == STAT_FLAGS)
			out->flags = value;
		else if (i == STAT_UTIME)
			out->utime = value;
		else if (i == STAT_STIME)
			out->stime = value;
	}
	return 0;
}

int probe_task_stat(const char *text, size_t len, struct probe_task *out, struct err *e)
{
	struct text_slice all = text_trim((struct text_slice){ text, len }), word = { all.p, 0 },
			  rest;
	const char *open = all.len ? memchr(all.p, '(', all.len) : NULL;
	/* comm may hold ')', but no later field can: the last one closes comm */
	const char *close = open ? memrchr(open, ')', (size_t)(all.p + all.len - open)) : NULL;
	struct probe_task task = { 0 };
	uint64_t pid;
	size_t n;
	int ret;

	if (!close)
		return text_bad(e, 1, all, "no command in parentheses");
	rest = (struct text_slice){ all.p, (size_t)(open - all.p) };
	text_word(&rest, &word);
	ret = text_value(word, 1, &pid, e);
	if (!ret)
		ret = text_line_end(rest, 1, e);
	if (ret)
		return ret;
	if (pid > INT_MAX)
		return text_bad(e, 1, word, "not a process number");
	task.pid = (int)pid;
	n = (size_t)(close - open - 1);
	if (n >= sizeof(task.comm))
		n = sizeof(task.comm) - 1;
	memcpy(task.comm, open + 1, n);
	rest = (struct text_slice){ close + 1, (size_t)(all.p + all.len - close - 1) };
	ret = task_fields(rest, &task, e);
	if (!ret)
		*out = task;
	return ret;
}

bool probe_kswapd_node(const char *comm, int *node)
{
	struct text_slice s = { comm, strlen(comm) };
	uint64_t value;

	if (!text_starts(s, "kswapd"))
		return false;
	s.p += strlen("kswapd");
	s.len -= strlen("kswapd");
	if ((s.len && *s.p == '-') || text_number(s, &value) || value > INT_MAX)
		return false;
	*node = (int)value;
	return true;
}

bool probe_status_field(const char *text, size_t len, const char *key, const char **value,
			size_t *value_len)
{
	struct text t = text_init(text, len);
	size_t key_len = strlen(key);
	struct text_slice line;

	while (text_line(&t, &line)) {
		if (line.len <= key_len || memcmp(line.p, key, key_len) || line.p[key_len] != ':')
			continue;
		line.p += key_len + 1;
		line.len -= key_len + 1;
		line = text_trim(line);
		*value = line.p;
		*value_len = line.len;
		return true;
	}
	return false;
}
