/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a plan: a few machines at a time, each driven by its own process, with one line of
 * progress. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fs.h"
#include "campaign/campaign.h"
#include "judge/factset.h"

struct worker {
	pid_t pid;
	int fd; /* what went wrong, as text */
	struct plan_run *run;
	double begin_s;
};

static double now_s(void)
{
	return (double)clock_ns() / 1e9;
}

static char *again_path(const struct plan_run *r)
{
	return xasprintf("%s.again", r->file);
}

static volatile sig_atomic_t worker_stop;

static void on_term(int sig)
{
	(void)sig;
	worker_stop = 1;
}

static _Noreturn void work(const struct campaign *c, const struct plan_run *r, pid_t parent, int fd)
{
	const struct campaign_opts *o = c->o;
	char *file = r->again ? again_path(r) : xstrdup(r->file);
	const struct run_spec s = campaign_spec(c, r);
	struct run_end end;
	struct err e = ERR_INIT;
	int ret;

	setpgid(0, 0); /* ^C is for the campaign, which ends its workers in order */
	signal(SIGTERM, on_term);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
	ret = o->target->ops->run(o->target, &s, file, &worker_stop, &end, &e);
	if (ret)
		fs_write_all(fd, e.msg, strlen(e.msg));
	free(file);
	_exit(ret ? 1 : 0);
}

static int start(struct campaign *c, struct worker *w, struct plan_run *r, struct err *e)
{
	pid_t parent;
	int p[2];

	/* O_CLOEXEC: a machine that outlives its driver must not hold the pipe open */
	if (pipe2(p, O_CLOEXEC) < 0)
		return err_sys(e, -errno, "pipe");
	fflush(NULL);
	parent = getpid();
	w->pid = fork();
	if (w->pid < 0) {
		close(p[0]);
		close(p[1]);
		return err_sys(e, -errno, "fork");
	}
	if (!w->pid) {
		close(p[0]);
		work(c, r, parent, p[1]);
	}
	close(p[1]);
	w->fd = p[0];
	w->run = r;
	w->begin_s = now_s();
	r->state = PLAN_RUNNING;
	r->tried = true;
	return 0;
}

/* Was the host to blame? Copies the outcome into the note. */
static bool host_trouble(struct campaign *c, struct plan_run *r, const char *file)
{
	struct run_facts f;
	bool trouble = true;

	r->note = "no outcome";
	if (!facts_load(&f, file, r->again ? FACTS_KEEP_NOT : FACTS_SAVE, NULL) &&
	    facts_get(&f, "outcome")) {
		trouble = f.outcome.cause == OUTCOME_HOST;
		r->note = trouble && f.outcome.detail
				  ? arena_printf(&c->mem, "%s: %s", facts_get(&f, "outcome"),
						 f.outcome.detail)
				  : arena_strdup(&c->mem, facts_get(&f, "outcome"));
	}
	facts_release(&f);
	return trouble;
}

/* Compares a repeated run with the first one; an equal one is removed, a different one is kept
 * beside the first. */
static void judge_replay(struct campaign *c, struct plan_run *r)
{
	char *again = again_path(r);
	struct buf why = BUF_INIT;
	struct err e = ERR_INIT;
	int ret;

	if (host_trouble(c, r, again)) {
		r->state = PLAN_FAILED;
		unlink(again);
		free(again);
		return;
	}
	ret = archive_diff(r->file, again, &why, &e);
	c->replayed++;
	if (!ret) {
		c->identical++;
		unlink(again);
	} else {
		r->differs = true;
		r->note = arena_strdup(&c->mem, ret < 0 ? e.msg : why.data);
	}
	buf_release(&why);
	free(again);
}

static void finish(struct campaign *c, struct worker *w, int status)
{
	struct plan_run *r = w->run;
	char text[ERR_MSG_MAX];
	ssize_t n = read(w->fd, text, sizeof(text) - 1);

	close(w->fd);
	text[n > 0 ? n : 0] = '\0';
	w->pid = 0;
	r->wall_s = now_s() - w->begin_s;
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		r->state = PLAN_FAILED;
		r->note = arena_strdup(&c->mem,
				       *text ? text : "the process that drove the machine died");
		return;
	}
	r->state = PLAN_DONE;
	if (r->again) {
		judge_replay(c, r);
		return;
	}
	if (host_trouble(c, r, r->file))
		r->state = PLAN_FAILED;
}

static void progress(const struct campaign *c, size_t done, size_t total, size_t running,
		     double spent_s, size_t finished_now, const struct plan_run *last, bool news)
{
	FILE *f = c->o->progress;
	double left = finished_now ? spent_s / (double)finished_now * (double)(total - done) : 0;
	bool tty;

	if (!f)
		return;
	tty = isatty(fileno(f));
	if (!tty && !news)
		return;
	fprintf(f, "%s%s%s%zu of %zu runs done, %zu running", tty ? "\r\033[K" : "",
		c->doing ? c->doing : "", c->doing ? ": " : "", done, total, running);
	if (finished_now && total > done)
		fprintf(f, ", %d:%02d left", (int)left / 60, (int)left % 60);
	if (last)
		fprintf(f, "  (%s %c seed %llu: %s, %.0f s)", c->sc[last->scenario].name,
			side_letter(last->side), (unsigned long long)last->seed,
			last->again ? last->differs ? "DIFFERS" : "identical" : last->note,
			last->wall_s);
	fputs(tty ? "" : "\n", f);
	fflush(f);
}

void campaign_want(struct campaign *c, const char *scenario, size_t stage)
{
	for (size_t i = 0; i < c->nr_runs; i++) {
		struct plan_run *r = &c->run[i];
		bool now = stage == COURSE_FRESH ? r->stage == COURSE_FRESH
						 : r->stage != COURSE_FRESH && r->stage <= stage;

		if (now && r->state == PLAN_TODO && !strcmp(c->sc[r->scenario].name, scenario))
			r->wanted = true;
	}
}

void campaign_want_again(struct campaign *c)
{
	for (size_t i = 0; i < c->nr_runs; i++)
		if (c->run[i].state == PLAN_DONE)
			c->run[i].wanted = c->run[i].again = true;
}

static struct plan_run *next_run(struct campaign *c)
{
	for (size_t i = 0; i < c->nr_runs; i++)
		if (c->run[i].wanted && !c->run[i].tried)
			return &c->run[i];
	return NULL;
}

static void stop_workers(struct worker *w, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (w[i].pid)
			kill(w[i].pid, SIGTERM);
	for (size_t i = 0; i < nr; i++) {
		if (w[i].pid) {
			waitpid(w[i].pid, NULL, 0);
			close(w[i].fd);
		}
	}
}

static size_t count_wanted(const struct campaign *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->nr_runs; i++)
		n += c->run[i].wanted && !c->run[i].tried;
	return n;
}

/* One call of campaign_run(). */
struct round {
	struct campaign *c;
	struct worker *w;
	unsigned jobs;
	size_t total, done, running, failed;
	const char *first_failure;
	double begin;
	struct plan_run *shown; /* the last run that ended */
};

static int start_free_workers(struct round *r, struct err *e)
{
	struct plan_run *next;
	int ret = 0;

	for (unsigned i = 0; i < r->jobs && !ret; i++) {
		if (!r->w[i].pid && (next = next_run(r->c))) {
			ret = start(r->c, &r->w[i], next, e);
			r->running += !ret;
		}
	}
	return ret;
}

static void show(const struct round *r, bool ended)
{
	progress(r->c, r->done, r->total, r->running, now_s() - r->begin, r->done, r->shown, ended);
}

/* Collects the workers that have ended; false = none has. */
static bool reap(struct round *r)
{
	bool any = false;

	for (unsigned i = 0; i < r->jobs; i++) {
		struct worker *w = &r->w[i];
		int status;

		if (!w->pid || waitpid(w->pid, &status, WNOHANG) != w->pid)
			continue;
		r->shown = w->run;
		finish(r->c, w, status);
		r->running--;
		r->done++;
		if (r->shown->state == PLAN_FAILED && !r->failed++)
			r->first_failure = r->shown->note;
		show(r, true);
		any = true;
	}
	return any;
}

static int go_round(struct round *r, struct err *e)
{
	const struct campaign_opts *o = r->c->o;

	for (;;) {
		int ret = start_free_workers(r, e);

		if (ret || !r->running)
			return ret;
		if (o->stop && *o->stop)
			return err_set(
				e, -EINTR,
				"stopped; the same command goes on with the %zu runs that are left",
				r->total - r->done);
		poll(NULL, 0, 100);
		if (!reap(r))
			show(r, false);
		if (r->failed >= 3 && r->failed == r->done)
			return err_set(e, -EIO, "the first %zu runs could not be started: %s",
				       r->failed, r->first_failure);
	}
}

int campaign_run(struct campaign *c, struct err *e)
{
	struct round r = { .c = c,
			   .jobs = c->o->jobs && c->o->target->ops->side_by_side ? c->o->jobs : 1,
			   .total = count_wanted(c),
			   .first_failure = "",
			   .begin = now_s() };
	int ret;

	r.w = xcalloc(r.jobs, sizeof(*r.w));
	ret = go_round(&r, e);
	stop_workers(r.w, r.jobs);
	if (c->o->progress && isatty(fileno(c->o->progress)))
		fputc('\n', c->o->progress);
	if (!ret && r.failed)
		ret = err_set(e, -EIO, "%zu of %zu runs could not be started: %s", r.failed,
			      r.total, r.first_failure);
	c->nr_run_now += r.done;
	c->took_s += now_s() - r.begin;
	free(r.w);
	return ret;
}
