/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/instances.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "probe/probe.h"

static struct wl_slot *slot_of(struct instances *in, size_t i)
{
	return (struct wl_slot *)(void *)((char *)in->control + 4096) + i;
}

/* %node means the first node that the instances are bound to */
static uint64_t first_node_bytes(const struct wl_common *c, const struct sysinfo_facts *f)
{
	unsigned long n = strtoul(c->nodes, NULL, 10);

	return *c->nodes && n < ARRAY_SIZE(f->node_bytes) && f->node_bytes[n] ? f->node_bytes[n]
									      : f->min_node_bytes;
}

/* Memory of the node to which instance @number is bound; 1 where that cannot be said: equal parts.
 */
static uint64_t spread_bytes(const struct wl_common *c, unsigned number,
			     const struct sysinfo_facts *f)
{
	int node = wl_spread_node(c, number);

	return node >= 0 && (size_t)node < ARRAY_SIZE(f->node_bytes) && f->node_bytes[node]
		       ? f->node_bytes[node]
		       : 1;
}

/* The part of the work that falls to instance @number, and what its %node is a share of. */
static void set_shares(struct wl_env *env, const struct wl_common *c, unsigned number,
		       const struct sysinfo_facts *f)
{
	bool first_round = true;

	env->node_bytes = first_node_bytes(c, f);
	env->share_all = (uint64_t)c->instances;
	env->share_begin = number;
	env->share_end = number + 1;
	if (c->policy != WL_SPREAD || wl_spread_node(c, 0) < 0)
		return;
	env->share_all = env->node_bytes = 0;
	for (unsigned i = 0; i < c->instances; i++) {
		uint64_t bytes = spread_bytes(c, i, f);

		/* the nodes are dealt in turn: the first round has each of them once */
		first_round &= !i || wl_spread_node(c, i) != wl_spread_node(c, 0);
		if (i == number)
			env->share_begin = env->share_all;
		env->share_all += bytes;
		if (i == number)
			env->share_end = env->share_all;
		if (first_round)
			env->node_bytes += bytes;
	}
}

static _Noreturn void child(struct instances *in, size_t i, const struct settings *set,
			    const struct wl_env *shared, const struct sysinfo_facts *f)
{
	struct wl_env env = *shared;
	const struct wl_spec *sp = in->v[i].spec;
	struct wl_ctx ctx = {
		.wl = sp->wl,
		.cfg = sp->cfg,
		.common = &sp->common,
		.env = &env,
		.control = in->control,
		.slot = in->v[i].slot,
		.name = sp->name,
		.instance = in->v[i].number,
	};

	set_shares(&env, &sp->common, in->v[i].number, f);
	settings_export(set);
	wl_child(&ctx);
}

int instances_start(struct instances *in, const struct scenario *sc, const struct settings *set,
		    const struct wl_env *env, const struct sysinfo_facts *f, struct err *e)
{
	size_t nr = 0, k = 0;

	memset(in, 0, sizeof(*in));
	for (size_t i = 0; i < sc->nr_wl; i++)
		nr += (size_t)sc->wl[i].common.instances;
	in->map_bytes = 4096 + nr * sizeof(struct wl_slot);
	in->control = mmap(NULL, in->map_bytes, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (in->control == MAP_FAILED) {
		in->control = NULL;
		return err_sys(e, -errno, "result memory of %zu instances", nr);
	}
	(void)mlock(in->control, in->map_bytes);
	in->v = xcalloc(nr, sizeof(*in->v));
	fflush(NULL); /* else the children would print the parent's buffers again */
	for (size_t i = 0; i < sc->nr_wl; i++) {
		for (int64_t j = 0; j < sc->wl[i].common.instances; j++, k++) {
			pid_t pid;

			in->v[k] = (struct instance){ .spec = &sc->wl[i],
						      .number = (unsigned)j,
						      .slot = slot_of(in, k) };
			in->nr = k;
			pid = fork();
			if (pid < 0)
				return err_sys(e, -errno, "fork for %s.%u", sc->wl[i].name,
					       in->v[k].number);
			if (!pid)
				child(in, k, set, env, f);
			in->v[k].slot->pid = pid;
			in->nr = k + 1;
		}
	}
	return 0;
}

void instances_reap(struct instances *in)
{
	for (size_t i = 0; i < in->nr; i++) {
		struct instance *v = &in->v[i];
		int status;

		if (!v->exited && waitpid(v->slot->pid, &status, WNOHANG) == v->slot->pid) {
			v->exited = true;
			v->slot->wait_status = status;
		}
	}
}

static int state_of(const struct instance *v)
{
	return atomic_load(&v->slot->state);
}

bool instances_ready(const struct instances *in)
{
	for (size_t i = 0; i < in->nr; i++)
		if (state_of(&in->v[i]) == WL_NEW && !in->v[i].exited)
			return false;
	return true;
}

const struct instance *instances_broken(const struct instances *in)
{
	for (size_t i = 0; i < in->nr; i++) {
		int state = state_of(&in->v[i]);

		if (state == WL_FAILED || state == WL_SKIPPED ||
		    (in->v[i].exited && state < WL_DONE))
			return &in->v[i];
	}
	return NULL;
}

void instances_go(struct instances *in)
{
	wl_go(in->control);
}

bool instances_done(const struct instances *in)
{
	for (size_t i = 0; i < in->nr; i++)
		if (!wl_spec_background(in->v[i].spec) && !in->v[i].exited &&
		    state_of(&in->v[i]) < WL_DONE)
			return false;
	return true;
}

void instances_stop(struct instances *in)
{
	wl_stop(in->control);
}

void instances_release(struct instances *in)
{
	wl_stop(in->control);
	wl_release(in->control);
}

bool instances_gone(const struct instances *in)
{
	for (size_t i = 0; i < in->nr; i++)
		if (!in->v[i].exited)
			return false;
	return true;
}

void instances_kill(struct instances *in)
{
	for (size_t i = 0; i < in->nr; i++) {
		if (in->v[i].exited)
			continue;
		in->v[i].killed = true;
		kill(in->v[i].slot->pid, SIGKILL);
		if (atomic_load(&in->v[i].slot->tool_pgid) > 1)
			kill(-atomic_load(&in->v[i].slot->tool_pgid), SIGKILL);
	}
}

/*
 * Looks in a row that found the instance in one and the same sleep in D state, this look included.
 * A task that waits for one page after the other is found in D state every time too, but it runs in
 * between: the third number of schedstat counts how often it got a CPU (kernel/sched/stats.h,
 * pcount). Where the kernel has no schedstat, the CPU time must do.
 */
static unsigned looks_in_d(struct instance *v)
{
	struct buf b = BUF_INIT;
	struct probe_task t;
	uint64_t ran = 0, before = v->d_ran;
	char path[64];
	bool in_d;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)v->slot->pid);
	in_d = !fs_read(path, &b, NULL) && !probe_task_stat(b.data, b.len, &t, NULL) &&
	       t.state == 'D';
	if (in_d) {
		buf_reset(&b);
		snprintf(path, sizeof(path), "/proc/%ld/schedstat", (long)v->slot->pid);
		if (fs_read(path, &b, NULL) || sscanf(b.data, "%*u %*u %" SCNu64, &ran) != 1 ||
		    !ran)
			ran = t.utime + t.stime;
		v->d_ran = ran;
	}
	buf_release(&b);
	return !in_d ? 0 : v->d_state_s && ran == before ? v->d_state_s + 1 : 1;
}

unsigned instances_d_state(struct instances *in)
{
	unsigned worst = 0;

	for (size_t i = 0; i < in->nr; i++) {
		struct instance *v = &in->v[i];

		v->d_state_s = v->exited ? 0 : looks_in_d(v);
		if (v->d_state_s > worst)
			worst = v->d_state_s;
	}
	return worst;
}

static void report_one(const struct instance *v, struct archive_writer *w)
{
	const struct wl_slot *s = v->slot;
	const char *name = v->spec->name;
	char key[WL_NOTE_NAME + 16];

	if (s->end_ns > s->start_ns)
		archive_result(w, name, v->number, "elapsed_s",
			       (double)(s->end_ns - s->start_ns) / 1e9);
	for (unsigned k = 0; k < WL_KINDS_MAX && v->spec->wl->kinds && v->spec->wl->kinds[k]; k++) {
		const char *kind = v->spec->wl->kinds[k];

		if (!s->ops[k] && !s->failures[k])
			continue;
		snprintf(key, sizeof(key), "ops.%s", kind);
		archive_result(w, name, v->number, key, (double)s->ops[k]);
		snprintf(key, sizeof(key), "bytes.%s", kind);
		archive_result(w, name, v->number, key, (double)s->bytes[k]);
		snprintf(key, sizeof(key), "failures.%s", kind);
		archive_result(w, name, v->number, key, (double)s->failures[k]);
		if (s->hist[k].count)
			archive_hist(w, name, v->number, kind, &s->hist[k]);
	}
	for (uint32_t i = 0; i < s->nr_notes && i < WL_NOTES_MAX; i++)
		archive_result(w, name, v->number, s->note[i].name, s->note[i].value);
}

static enum run_outcome end_of(const struct instance *v, char *text, size_t size)
{
	int st = v->slot->wait_status, state = state_of(v);

	if (!v->exited) {
		snprintf(text, size, "did not end when told to");
		return RUN_KILLED;
	}
	if (WIFSIGNALED(st)) {
		snprintf(text, size, "%s", strsignal(WTERMSIG(st)));
		if (WTERMSIG(st) != SIGKILL)
			return RUN_FAILED;
		return v->killed ? RUN_KILLED : RUN_OOM_KILL;
	}
	if (state == WL_SKIPPED || state == WL_FAILED || WEXITSTATUS(st)) {
		snprintf(text, size, "%.250s",
			 *v->slot->error ? v->slot->error : "exited without a reason");
		return state == WL_SKIPPED ? RUN_SKIP : RUN_FAILED;
	}
	text[0] = '\0';
	return RUN_OK;
}

void instances_report(const struct instances *in, struct archive_writer *w)
{
	char why[256];

	for (size_t i = 0; i < in->nr; i++) {
		enum run_outcome end = end_of(&in->v[i], why, sizeof(why));

		archive_event(w, "exit", "%s %u %s%s%s", in->v[i].spec->name, in->v[i].number,
			      run_outcome_word(end), *why ? ": " : "", why);
		report_one(&in->v[i], w);
	}
}

enum run_outcome instances_outcome(const struct instances *in, char *why, size_t size)
{
	static const enum run_outcome order[] = { RUN_OK, RUN_SKIP, RUN_KILLED, RUN_FAILED,
						  RUN_OOM_KILL };
	size_t worst = 0;
	char text[256];

	snprintf(why, size, "%s", "");
	for (size_t i = 0; i < in->nr; i++) {
		enum run_outcome end = end_of(&in->v[i], text, sizeof(text));
		size_t rank = 0;

		while (order[rank] != end)
			rank++;
		if (rank > worst) {
			worst = rank;
			snprintf(why, size, "%s.%u: %s", in->v[i].spec->name, in->v[i].number,
				 text);
		}
	}
	return order[worst];
}

void instances_end(struct instances *in)
{
	instances_kill(in);
	/* at most 5 s: a process in uninterruptible sleep may outlive this one */
	for (int i = 0; i < 500 && !instances_gone(in); i++) {
		instances_reap(in);
		nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
	}
	free(in->v);
	if (in->control)
		munmap(in->control, in->map_bytes);
	memset(in, 0, sizeof(*in));
}
