/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/version.h"
#include "cmd/cmd.h"
#include "run/in_guest.h"
#include "vm/guest.h"

static const struct command *const commands[] = {
	&cmd_run,    &cmd_record, &cmd_ab,     &cmd_compare, &cmd_report, &cmd_show,	&cmd_list,
	&cmd_export, &cmd_replay, &cmd_doctor, &cmd_restore, &cmd_help,	  &cmd_version,
};

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

static int unknown(const char *word, struct err *e)
{
	const char *names[ARRAY_SIZE(commands)], *near;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		names[i] = commands[i]->name;
	near = opt_suggest(word, names, ARRAY_SIZE(commands));
	return err_set(e, -EINVAL, "'%s': no such command%s%s%s", word,
		       near ? "; did you mean '" : "; see wmark help", near ? near : "",
		       near ? "'?" : "");
}

static void overview(void)
{
	puts("wmark: benchmark and regression tests of Linux page reclaim\n\nusage: wmark COMMAND [OPTIONS] [WORDS]\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-9s %s\n", commands[i]->name, commands[i]->summary);
	puts("\nwmark COMMAND --help lists the options of a command. Exit codes: 0 fine, 1 regression or a replay that differs,\n"
	     "2 usage, 3 broken environment or I/O, 77 neither shown to be fine nor a regression.");
}

static void command_help(const struct command *c)
{
	struct buf b = BUF_INIT;

	opt_help(c->opts, &b);
	printf("usage: wmark %s%s%s%s\n\n%s.\n%s%s", c->name,
	       c->opts->type == OPT_T_END ? "" : " [OPTIONS]", *c->words ? " " : "", c->words,
	       c->summary, b.len ? "\n" : "", b.data);
	buf_release(&b);
}

int cmd_options(const struct command *c, void *cfg, int *argc, char ***argv, bool stop_early,
		struct err *e)
{
	int ret;

	opt_defaults(c->opts, cfg);
	ret = opt_parse(c->opts, cfg, *argc, *argv, stop_early, argv, argc, e);
	if (ret == 1) {
		command_help(c);
		return -ECANCELED;
	}
	if (ret)
		err_wrap(e, ret, "wmark %s", c->name);
	return ret;
}

int cmd_output_check(const char *option, const char *file, struct err *e)
{
	static const char ours[] = "wmark "; /* runs, plans, facts, rebuilds begin so */
	char head[sizeof(ours) - 1];
	struct err none = ERR_INIT;
	int fd = file ? fs_open_regular(file, NULL, &none) : -1;
	ssize_t n = fd < 0 ? 0 : read(fd, head, sizeof(head));

	if (fd >= 0)
		close(fd);
	return n == sizeof(head) && !memcmp(head, ours, sizeof(head))
		       ? err_set(e, -EINVAL,
				 "%s %s: there is a run, a plan or the like, which no report replaces",
				 option, file)
		       : 0;
}

static const struct opt_desc no_opts[] = { OPT_END };

struct help_cli {
	bool mdoc;
};
static const struct opt_desc help_opts[] = { OPT_YES(struct help_cli, mdoc, "mdoc", 0, NULL,
						     "print the COMMANDS section of the man page"),
					     OPT_END };

static void mdoc(void)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		buf_addf(&b, ".Ss %s%s%s\n%s.\n", commands[i]->name, *commands[i]->words ? " " : "",
			 commands[i]->words, commands[i]->summary);
		opt_mdoc(commands[i]->opts, &b);
	}
	fputs(b.data, stdout);
	buf_release(&b);
}

static int help_run(int argc, char **argv, struct err *e)
{
	const struct command *c;
	struct help_cli cli = { false };
	int ret = cmd_options(&cmd_help, &cli, &argc, &argv, false, e);

	if (ret)
		return ret;
	if (cli.mdoc) {
		mdoc();
		return EXIT_OK;
	}
	if (!argc) {
		overview();
		return EXIT_OK;
	}
	c = find(argv[0]);
	if (!c)
		return unknown(argv[0], e);
	command_help(c);
	return EXIT_OK;
}

static int version_run(int argc, char **argv, struct err *e)
{
	int ret = cmd_options(&cmd_version, NULL, &argc, &argv, false, e);

	if (ret)
		return ret;
	if (argc)
		return err_set(e, -EINVAL, "version: takes no words ('%s')", argv[0]);
	printf("wmark %s\n", wmark_version);
	return EXIT_OK;
}

const struct command cmd_help = { "help", help_run, help_opts, "[COMMAND]",
				  "List the commands, or the options of one" };
const struct command cmd_version = { "version", version_run, no_opts, "", "Print the version" };

static int exit_code(int ret)
{
	if (ret >= 0 || ret == -ECANCELED)
		return ret < 0 ? EXIT_OK : ret;
	/* an error in what the user wrote is a usage error; any other error is a broken
	 * environment */
	return ret == -EINVAL || ret == -EXDEV || ret == -EEXIST ? EXIT_USAGE : EXIT_BROKEN;
}

static void past_limit(int sig)
{
	(void)sig;
}

int main(int argc, char **argv)
{
	struct err e = ERR_INIT;
	const struct command *c;
	int ret;

	/* the parent may have left SIGCHLD ignored, and then wait() would never see a child */
	signal(SIGCHLD, SIG_DFL);
	/* a file that grows past its limit is an error of write(); a handler, for what is run by
	 * exec gets its default back */
	signal(SIGXFSZ, past_limit);
	if (guest_is_init())
		in_guest_main();
	if (argc < 2) {
		overview();
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		c = &cmd_help;
	else if (!strcmp(argv[1], "--version"))
		c = &cmd_version;
	else
		c = find(argv[1]);
	ret = c ? c->run(argc - 2, argv + 2, &e) : unknown(argv[1], &e);
	if (ret < 0 && ret != -ECANCELED)
		err_say("%s", *e.msg ? e.msg : strerror(-ret));
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "wmark: standard output: %s\n", strerror(errno));
		return EXIT_BROKEN;
	}
	return exit_code(ret);
}
