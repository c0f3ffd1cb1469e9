/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any command as a generator, in a process group of its own. stress-ng and fio are driven with the
 * options that make them seeded and their results readable; the metrics of the tools become notes.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "workloads/wl_tools.h"
#include "workloads/wl_util.h"

#define GRACE_NS 5000000000ull /* between SIGTERM and SIGKILL */

enum tool { TOOL_NONE, TOOL_STRESSNG, TOOL_FIO };
static const char *const kinds[] = { "run", "read", "write", NULL };
static const char *const tool_names[] = { "none", "stress-ng", "fio", NULL };

struct exec_cfg {
	const char *command, *args;
	int tool;
};

struct exec {
	struct strv argv;
	/* files in tmp_dir, each NULL until this instance has made it; result: NULL without a
	 * tool */
	char *out, *err, *result;
	int fd[3]; /* what becomes stdin, stdout, stderr */
	pid_t pid;
	bool stopped; /* the instance sent the signal */
};

/* clang-format off */
static const struct opt_desc opts[] = {
	OPT_STR(struct exec_cfg, command, "command", 0, "", "COMMAND",
		"command with its words, quoted as in sh; {fs_dir} {tmp_dir} {seed} {instance} "
		"are replaced"),
	OPT_ENUM(struct exec_cfg, tool, "tool", 0, "none", tool_names,
		 "instead of command: a generator whose results wmark reads"),
	OPT_STR(struct exec_cfg, args, "args", 0, "", "WORDS",
		"arguments of the tool, or further arguments of the command"),
	OPT_END
};
/* clang-format on */

/* The words of the program itself, without numactl. */
static int build_command(const struct wl_ctx *ctx, const char *result, struct strv *a,
			 struct err *e)
{
	const struct exec_cfg *cfg = ctx->cfg;
	struct strv user = STRV_INIT;
	/* 32 bits: both tools can parse that */
	uint64_t seed = rng_at(ctx->env->seed, ctx->instance) >> 32;
	int ret;

	if ((cfg->tool != TOOL_NONE) == (*cfg->command != '\0'))
		return err_set(e, -EINVAL, "exec needs either command or tool");
	ret = wl_args_split(a, cfg->tool ? tool_names[cfg->tool] : cfg->command, e);
	if (ret)
		return err_wrap(e, ret, "command");
	if (!a->nr)
		return err_set(e, -EINVAL, "command: no word in it");
	ret = wl_args_split(&user, cfg->args, e);
	if (ret)
		err_wrap(e, ret, "args");
	else
		ret = wl_args_expand(a, ctx, e);
	if (!ret)
		ret = wl_args_expand(&user, ctx, e);
	/* fio takes options before the first --name and job file as global */
	if (!ret && cfg->tool == TOOL_FIO)
		wl_fio_args(a, &user, seed, result);
	for (size_t i = 0; !ret && i < user.nr; i++)
		strv_add(a, user.v[i]);
	if (!ret && cfg->tool == TOOL_STRESSNG)
		wl_stressng_args(a, &user, seed, result);
	strv_release(&user);
	return ret;
}

/* Adds numactl with the same placement: the child inherits the placement anyway, but a reader of
 * the log should see it. */
static void add_numactl(const struct wl_common *c, struct strv *a)
{
	static const char *const opt[] = { [WL_LOCAL] = NULL,
					   [WL_BIND] = "--membind",
					   [WL_PREFERRED] = "--preferred",
					   [WL_INTERLEAVE] = "--interleave",
					   [WL_SPREAD] = NULL };
	char *tool = fs_find_program("numactl"), *word;
	bool several = strpbrk(c->nodes, ",-") != NULL;

	if (tool && (opt[c->policy] || *c->cpus)) {
		strv_add(a, tool);
		if (opt[c->policy] && !(c->policy == WL_PREFERRED && several)) {
			word = xasprintf("%s=%s", opt[c->policy], *c->nodes ? c->nodes : "all");
			strv_add(a, word);
			free(word);
		}
		if (*c->cpus) {
			word = xasprintf("--cpunodebind=%s", c->cpus);
			strv_add(a, word);
			free(word);
		}
		strv_add(a, "--");
	}
	free(tool);
}

static int exec_supported(const struct wl_ctx *ctx, struct err *why)
{
	const struct exec_cfg *cfg = ctx->cfg;
	char *path;

	if (cfg->tool == TOOL_NONE)
		return 0;
	path = fs_find_program(tool_names[cfg->tool]);
	if (!path)
		return err_set(why, -ENOENT, "%s is not installed (Debian package %s)",
			       tool_names[cfg->tool], tool_names[cfg->tool]);
	free(path);
	return 0;
}

/*
 * Makes a new, empty file BASE.SUFFIX: tmp_dir may be /tmp, where a name that can be guessed may be
 * a link to somebody's file. @fd NULL: the file is closed again, and the tool opens it by name.
 */
static int make_file(const char *base, const char *suffix, char **path, int *fd, struct err *e)
{
	char *name = xasprintf("%s.%s", base, suffix);
	int got = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_APPEND | O_CLOEXEC, 0600),
	    ret = 0;

	if (got < 0) {
		ret = err_sys(e, -errno, "%s", name);
		free(name);
		return ret;
	}
	*path = name;
	if (fd)
		*fd = got;
	else
		close(got);
	return 0;
}

static void remove_file(char **path)
{
	if (*path)
		unlink(*path);
	free(*path);
	*path = NULL;
}

static void remove_files(struct exec *x)
{
	remove_file(&x->out);
	remove_file(&x->err);
	remove_file(&x->result);
}

static int exec_setup(struct wl_ctx *ctx, struct err *e)
{
	const struct exec_cfg *cfg = ctx->cfg;
	struct exec *x = ctx->priv = xcalloc(1, sizeof(*x));
	struct strv cmd = STRV_INIT;
	char *base = wl_own_path(ctx, ctx->env->tmp_dir), *path = NULL;
	int ret;

	x->fd[0] = x->fd[1] = x->fd[2] = -1;
	ret = make_file(base, "out", &x->out, &x->fd[1], e);
	if (!ret)
		ret = make_file(base, "err", &x->err, &x->fd[2], e);
	if (!ret && cfg->tool)
		ret = make_file(base, cfg->tool == TOOL_FIO ? "json" : "yaml", &x->result, NULL, e);
	if (!ret)
		ret = build_command(ctx, x->result, &cmd, e);
	if (ret)
		goto out;
	path = fs_find_program(cmd.v[0]);
	if (!path) {
		ret = err_set(e, -ENOENT, "%s: no such program", cmd.v[0]);
		goto out;
	}
	add_numactl(ctx->common, &x->argv);
	for (size_t i = 0; i < cmd.nr; i++)
		strv_add(&x->argv, i ? cmd.v[i] : path);
	x->fd[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (x->fd[0] < 0)
		ret = err_sys(e, -errno, "/dev/null");
out:
	strv_release(&cmd);
	free(path);
	free(base);
	return ret;
}

/* Between fork() and exec: only calls that are safe there. The errno of a failed exec goes back
 * through @report. */
static _Noreturn void child(const struct exec *x, int report)
{
	sigset_t none;
	int code;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGINT, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(x->fd[0], 0) >= 0 && dup2(x->fd[1], 1) >= 0 && dup2(x->fd[2], 2) >= 0)
		execv(x->argv.v[0], x->argv.v);
	code = errno;
	(void)!write(report, &code, sizeof(code));
	_exit(127);
}

static int start(struct wl_ctx *ctx, struct exec *x, struct err *e)
{
	int fd[2], code = 0;
	ssize_t n;

	if (pipe2(fd, O_CLOEXEC) < 0)
		return err_sys(e, -errno, "pipe");
	x->pid = fork();
	if (x->pid == 0)
		child(x, fd[1]);
	close(fd[1]);
	if (x->pid < 0) {
		code = errno;
	} else {
		/* parent and child both do this: neither has to wait for the other */
		setpgid(x->pid, x->pid);
		atomic_store(&ctx->slot->tool_pgid, x->pid);
		n = read(fd[0], &code, sizeof(code));
		if (n != (ssize_t)sizeof(code))
			code = 0;
		else
			waitpid(x->pid, NULL, 0);
	}
	close(fd[0]);
	if (code) {
		atomic_store(&ctx->slot->tool_pgid, 0);
		x->pid = 0;
	}
	return code ? err_sys(e, -code, "%s", x->argv.v[0]) : 0;
}

/* Waits for the end of the command or of the instance; SIGCHLD is blocked, so its arrival ends the
 * sleep. */
static int wait_end(struct wl_ctx *ctx, struct exec *x)
{
	const struct timespec slice = { 0, 25000000 };
	uint64_t term_ns = 0;
	siginfo_t si = { .si_pid = 0 };
	bool killed = false;
	sigset_t chld;
	int status = 0;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	/* WNOWAIT: the group is cleared while the dead leader still keeps its number from being
	 * used again */
	while (waitid(P_PID, (id_t)x->pid, &si, WEXITED | WNOHANG | WNOWAIT) == 0 && !si.si_pid) {
		if (!term_ns && !wl_more(ctx)) {
			kill(-x->pid, SIGTERM);
			x->stopped = true;
			term_ns = wl_now_ns();
		} else if (term_ns && !killed && wl_now_ns() - term_ns > GRACE_NS) {
			kill(-x->pid, SIGKILL);
			killed = true;
		}
		sigtimedwait(&chld, NULL, &slice);
	}
	kill(-x->pid, SIGKILL); /* whatever the command left running */
	/* cleared before the number is free for other processes */
	atomic_store(&ctx->slot->tool_pgid, 0);
	waitpid(x->pid, &status, 0);
	x->pid = 0;
	return status;
}

/* Appends the last lines of a log as one line, for an error text. */
static void add_tail(const char *path, struct buf *to)
{
	struct buf text = BUF_INIT;
	size_t from;

	if (!fs_read(path, &text, NULL)) {
		buf_rtrim(&text);
		from = text.len > 160 ? text.len - 160 : 0;
		while (from && from < text.len && text.data[from - 1] != '\n' &&
		       text.len - from > 120)
			from++;
		for (size_t i = from; i < text.len; i++)
			if ((unsigned char)text.data[i] < ' ')
				text.data[i] = text.data[i] == '\n' ? '|' : ' ';
		if (from < text.len)
			buf_addf(to, ": %s", text.data + from);
	}
	buf_release(&text);
}

static int read_result(struct wl_ctx *ctx, struct exec *x, struct err *e)
{
	const struct exec_cfg *cfg = ctx->cfg;
	struct buf text = BUF_INIT;
	int ret = fs_read(x->result, &text, e);

	if (!ret && cfg->tool == TOOL_FIO)
		ret = wl_fio_parse(text.data, text.len, ctx->slot, e);
	else if (!ret)
		ret = wl_stressng_parse(text.data, text.len, ctx->slot, e);
	buf_release(&text);
	return ret;
}

/* What exit status and result file say together. */
static int judge(struct wl_ctx *ctx, struct exec *x, int status, struct err *e)
{
	const struct exec_cfg *cfg = ctx->cfg;
	const char *prog = cfg->tool ? tool_names[cfg->tool] : x->argv.v[0], *why = "";
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1, ret = 0, parsed = 0;
	enum wl_verdict v = code == 0 ? WL_TOOL_OK : WL_TOOL_FAILED;
	struct buf text = BUF_INIT;

	wl_note(ctx, "exit_code", code);
	if (cfg->tool == TOOL_STRESSNG && code >= 0)
		v = wl_stressng_exit(code, &why);
	/* fio exits with 128 and a plain command dies of the signal: the instance asked for it */
	if (x->stopped && v != WL_TOOL_OK)
		v = WL_TOOL_OK;
	if (v == WL_TOOL_DOUBTFUL || v == WL_TOOL_FAILED)
		wl_fail(ctx, EXEC_RUN, 1);
	if (cfg->tool)
		parsed = read_result(ctx, x, v == WL_TOOL_FAILED || v == WL_TOOL_SKIP ? NULL : e);
	if (v == WL_TOOL_FAILED || v == WL_TOOL_SKIP) {
		if (code >= 0)
			buf_addf(&text, "%s: exit %d", prog, code);
		else
			buf_addf(&text, "%s: killed by signal %d (%s)", prog, WTERMSIG(status),
				 strsignal(WTERMSIG(status)));
		if (*why)
			buf_addf(&text, ", %s", why);
		add_tail(x->err, &text);
		if (text.len < 100)
			add_tail(x->out, &text);
		ret = err_set(e, v == WL_TOOL_SKIP ? -EOPNOTSUPP : -ECHILD, "%s", text.data);
	} else if (parsed && !x->stopped && v == WL_TOOL_OK) {
		ret = parsed;
	}
	buf_release(&text);
	return ret;
}

static int exec_run(struct wl_ctx *ctx, struct err *e)
{
	struct exec *x = ctx->priv;
	uint64_t t = wl_now_ns();
	sigset_t chld;
	int status, ret;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	ret = start(ctx, x, e);
	if (ret)
		return ret;
	status = wait_end(ctx, x);
	wl_op(ctx, EXEC_RUN, 1, 0, wl_now_ns() - t);
	ret = judge(ctx, x, status, e);
	remove_files(x); /* everything useful in the files has been copied */
	return ret;
}

static void exec_teardown(struct wl_ctx *ctx)
{
	struct exec *x = ctx->priv;

	if (!x)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(x->fd); i++)
		if (x->fd[i] >= 0)
			close(x->fd[i]);
	strv_release(&x->argv);
	remove_files(x);
	free(x);
	ctx->priv = NULL;
}

const struct workload workload_exec = {
	.name = "exec",
	.summary = "any command, with drivers for stress-ng and fio",
	.kinds = kinds,
	.opts = opts,
	.cfg_size = sizeof(struct exec_cfg),
	.supported = exec_supported,
	.setup = exec_setup,
	.run = exec_run,
	.teardown = exec_teardown,
};
