/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "workloads/wl_tools.h"

/* Reads one word at *at, and moves *at after it. */
static int one_word(const char **at, struct buf *word, struct err *e)
{
	const char *p = *at;
	char quote = 0;

	for (; *p && (quote || !strchr(" \t\n", *p)); p++) {
		if (!quote && (*p == '\'' || *p == '"')) {
			quote = *p;
		} else if (quote && *p == quote) {
			quote = 0;
		} else if (*p == '\\' && quote != '\'' && p[1] &&
			   (!quote || strchr("\"\\$`", p[1]))) {
			buf_addc(word, *++p);
		} else {
			buf_addc(word, *p);
		}
	}
	*at = p;
	return quote ? err_set(e, -EINVAL, "a %c without its end", quote) : 0;
}

int wl_args_split(struct strv *a, const char *text, struct err *e)
{
	const char *p = text;

	for (;;) {
		struct buf word = BUF_INIT;
		int ret;

		p += strspn(p, " \t\n");
		if (!*p)
			return 0;
		ret = one_word(&p, &word, e);
		if (ret) {
			buf_release(&word);
			return ret;
		}
		strv_add(a, word.data);
		buf_release(&word);
	}
}

static int expand(const char *word, const struct wl_ctx *ctx, struct buf *out, struct err *e)
{
	static const char *const names[] = { "{fs_dir}", "{tmp_dir}", "{seed}", "{instance}" };
	size_t k;

	while (*word) {
		for (k = 0; k < ARRAY_SIZE(names) && strncmp(word, names[k], strlen(names[k])) != 0;
		     k++)
			;
		if (k == ARRAY_SIZE(names)) {
			buf_addc(out, *word++);
			continue;
		}
		word += strlen(names[k]);
		if (k == 0 && !ctx->env->fs_dir)
			return err_set(e, -ENOENT,
				       "{fs_dir}: the run has no file system under test");
		if (k == 2)
			buf_addf(out, "%llu", (unsigned long long)ctx->env->seed);
		else if (k == 3)
			buf_addf(out, "%u", ctx->instance);
		else
			buf_addstr(out, k ? ctx->env->tmp_dir : ctx->env->fs_dir);
	}
	return 0;
}

int wl_args_expand(struct strv *a, const struct wl_ctx *ctx, struct err *e)
{
	for (size_t i = 0; i < a->nr; i++) {
		struct buf out = BUF_INIT;
		int ret = expand(a->v[i], ctx, &out, e);

		if (!ret) {
			free(a->v[i]);
			a->v[i] = xstrdup(out.data);
		}
		buf_release(&out);
		if (ret)
			return ret;
	}
	return 0;
}

bool wl_args_has(const struct strv *a, const char *option)
{
	size_t len = strlen(option);

	for (size_t i = 0; i < a->nr; i++)
		if (!strncmp(a->v[i], option, len) && (!a->v[i][len] || a->v[i][len] == '='))
			return true;
	return false;
}
