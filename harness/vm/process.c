/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/process.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/units.h"
#include "vm/console.h"

static char **build_env(const char *const *add)
{
	size_t nr = 0, more = 0;
	char **env;

	while (environ[nr])
		nr++;
	while (add && add[more])
		more++;
	env = xcalloc(nr + more + 1, sizeof(*env));
	for (size_t i = 0; i < more; i++)
		env[i] = (char *)add[i]; /* getenv() returns the first one */
	memcpy(env + more, environ, nr * sizeof(*env));
	return env;
}

int vm_run_program(char *const *argv, const char *const *add, struct buf *out, struct err *e)
{
	char **env = build_env(add);
	int fds[2] = { -1, -1 }, status = 0, ret = 0;
	char chunk[4096];
	ssize_t n;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0) {
		ret = err_sys(e, -errno, "pipe");
		goto out;
	}
	pid = fork();
	if (pid < 0) {
		ret = err_sys(e, -errno, "fork");
		goto out;
	}
	if (!pid) {
		int null = open("/dev/null", O_RDONLY);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(null, 0);
		dup2(fds[1], 1);
		dup2(fds[1], 2);
		execve(argv[0], argv, env);
		_exit(127);
	}
	close(fds[1]);
	fds[1] = -1;
	while ((n = read(fds[0], chunk, sizeof(chunk))) > 0 || (n < 0 && errno == EINTR))
		if (n > 0 && out && out->len < MIB)
			buf_add(out, chunk, (size_t)n);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		ret = err_set(e, -EIO, "%s: killed by signal %d", argv[0], WTERMSIG(status));
	else
		ret = WEXITSTATUS(status);
out:
	if (fds[0] >= 0)
		close(fds[0]);
	if (fds[1] >= 0)
		close(fds[1]);
	free(env);
	return ret;
}

static struct {
	char *path, number[32], banner[128];
} qemu;

/* "QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)" of the first line. */
static int read_version(const char *text, struct err *e)
{
	const char *const mark = "QEMU emulator version ", *p = strstr(text, mark);
	size_t n = 0;

	for (p = p ? p + strlen(mark) : "";
	     (isdigit((unsigned char)*p) || *p == '.') && n < sizeof(qemu.number) - 1;)
		qemu.number[n++] = *p++;
	qemu.number[n] = '\0';
	vm_console_line(text, text, qemu.banner, sizeof(qemu.banner));
	return n ? 0 : err_set(e, -EIO, "%s --version says no version", qemu.path);
}

int vm_qemu(const char **path, const char **version, struct err *e)
{
	const char *own = getenv("WMARK_QEMU"), *name = own && *own ? own : "qemu-system-x86_64";
	struct buf out = BUF_INIT;
	int ret = 0;

	if (!qemu.path) {
		qemu.path = fs_find_program(name);
		if (!qemu.path)
			return err_set(e, -ENOENT,
				       "%s not found: install it (ci/deps.sh vm) or set WMARK_QEMU",
				       name);
		ret = vm_run_program((char *[]){ qemu.path, (char *)"--version", NULL }, NULL, &out,
				     e);
		if (ret >= 0)
			ret = read_version(out.data, e);
		buf_release(&out);
	}
	if (ret) {
		free(qemu.path);
		qemu.path = NULL;
		return ret;
	}
	if (path)
		*path = qemu.path;
	if (version)
		*version = qemu.number;
	return 0;
}

int vm_qemu_exact(const char *version, struct err *e)
{
	if (strcmp(version, "10.2.0") != 0)
		return 0;
	return err_set(
		e, -ENOTSUP,
		"%s: QEMU 10.2.0 interrupts guests by the host's clock, so no run would be exact: use another version (WMARK_QEMU), or --target vm",
		qemu.path);
}

const char *vm_qemu_banner(void)
{
	return vm_qemu(NULL, NULL, NULL) ? "" : qemu.banner;
}
