/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/on_host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fs.h"
#include "archive/place.h"
#include "archive/store.h"
#include "run/sysinfo.h"

/* Nobody shall put a machine under pressure by mistake, or while the settings of another run are in
 * force. */
static int guard(const struct host_run *h, struct err *e)
{
	const struct setting *boot = settings_first(h->spec.settings, SETTING_BOOT);

	if (boot)
		return err_set(
			e, -EINVAL,
			"boot:%s: the kernel parameters of a running machine cannot change; use the exact or vm target",
			boot->name);
	if (h->spec.sc && !h->conf->allow_global_pressure)
		return err_set(
			e, -EPERM,
			"the host target puts this whole machine under memory pressure and may get processes killed; say --allow-global-pressure if that is what you want, or use --target exact");
	if (h->spec.sc && geteuid() != 0)
		return err_set(e, -EPERM,
			       "the host target needs root (settings, oom_score_adj, kernel log)");
	if (h->spec.sc && fs_exists(h->conf->journal))
		return err_set(
			e, -EBUSY,
			"%s exists: another run is going on, or one ended without restoring its settings; `wmark restore` puts them back",
			h->conf->journal);
	if (h->conf->fs_dir && !fs_is_dir(h->conf->fs_dir))
		return err_set(e, -ENOTDIR, "--fs-dir %s: not a directory", h->conf->fs_dir);
	return 0;
}

/* Local time stamp for run names on a host, where every run is a new one. */
static void stamp(char out[32])
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(out, 32, "%Y%m%dT%H%M%SZ", &tm);
}

/* MACHINE folder of the store */
static void machine_folder(const struct sysinfo_facts *f, char out[32])
{
	char id[17];

	sysinfo_machine_id(f, NULL, id);
	snprintf(out, 32, "host-%s", id);
}

/* Opens the archive; in the store its name is one that no run has had (two runs may begin in one
 * second). */
static int place(const struct host_run *h, const struct sysinfo_facts *f, char **file,
		 struct err *e)
{
	char date[32], machine[32], name[96];
	int fd = -1;

	if (h->out) {
		*file = place_begin(h->out, e);
		if (!*file)
			return e->code;
		fd = open(*file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		return fd < 0 ? err_sys(e, -errno, "%s", *file) : fd;
	}
	stamp(date);
	machine_folder(f, machine);
	for (int i = 1; i < 1000 && fd < 0; i++) {
		snprintf(name, sizeof(name), i > 1 ? "%s-s%llu-%d" : "%s-s%llu", date,
			 (unsigned long long)h->spec.seed, i);
		free(*file);
		*file = store_path(h->store, machine, h->spec.sc ? h->spec.sc->name : "record",
				   f->release, name, e);
		if (!*file)
			return e->code;
		fd = open(*file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return fd < 0 ? err_sys(e, -errno, "%s", *file) : fd;
}

static int host_notes(const struct host_run *h, const char *file, const struct run_result *res,
		      double wall_s, struct err *e)
{
	char date[32], wall[32], order[24], host[65] = "";
	struct archive_note n[7] = {
		{ "outcome", run_outcome_word(res->outcome) },
		{ "date", date },
		{ "host", host },
		{ "wall_s", wall },
	};
	size_t nr = 4;

	stamp(date);
	gethostname(host, sizeof(host) - 1);
	snprintf(wall, sizeof(wall), "%.1f", wall_s);
	snprintf(order, sizeof(order), "%ld", h->spec.order);
	if (*res->detail)
		n[nr++] = (struct archive_note){ "outcome.detail", res->detail };
	if (*h->spec.side) {
		n[nr++] = (struct archive_note){ "run.side", h->spec.side };
		n[nr++] = (struct archive_note){ "run.order", order };
	}
	return archive_append_host(file, n, nr, e);
}

static char *own_dir(const char *below, struct err *e)
{
	char *dir = xasprintf("%s/wmark-XXXXXX", below);

	if (mkdtemp(dir))
		return dir;
	err_sys(e, -errno, "%s", dir);
	free(dir);
	return NULL;
}

/* A run that could not begin leaves no file that `compare` would stumble over. */
static void drop_empty(const char *file)
{
	struct stat st;

	if (stat(file, &st) == 0 && !st.st_size)
		unlink(file);
}

static void machine_facts(struct fact_list *out, const struct sysinfo_facts *f,
			  uint64_t scenario_hash)
{
	char id[17];

	sysinfo_machine_id(f, NULL, id);
	fact_add(out, "machine.target", "host");
	fact_add(out, "machine.emulator", "none");
	fact_add(out, "machine.nodes", "%u", f->nr_nodes);
	fact_add(out, "machine.cpus", "%u", f->nr_cpus);
	fact_add(out, "machine.memory", "%llu",
		 (unsigned long long)((f->ram_bytes + (32u << 20)) >> 26 << 26));
	fact_add(out, "machine.id", "%s", id);
	fact_add_key(out, scenario_hash);
}

/* Makes new folders for this run: nothing that was there is touched, and nothing of a killed
 * instance is left. */
static int own_dirs(const struct host_run *h, char **tmp_dir, char **fs_dir, struct err *e)
{
	if (!h->spec.sc)
		return 0;
	*tmp_dir = own_dir(h->conf->tmp_dir, e);
	if (*tmp_dir && h->conf->fs_dir)
		*fs_dir = own_dir(h->conf->fs_dir, e);
	return !*tmp_dir || (h->conf->fs_dir && !*fs_dir) ? e->code : 0;
}

/* *file becomes @out, unless the run has to stay beside it. */
static int end_in_place(const char *out, char **file, struct err *e)
{
	bool beside;
	int ret = place_end(out, *file, &beside, e);

	if (!ret && !beside) {
		free(*file);
		*file = xstrdup(out);
	}
	return ret;
}

int host_run(const struct host_run *h, struct run_result *res, char **file, struct err *e)
{
	struct fact_list facts = { .nr = 0 };
	char *tmp_dir = NULL, *fs_dir = NULL;
	struct sysinfo_facts f;
	uint64_t begin_ns;
	int fd, ret = guard(h, e);

	*file = NULL;
	if (!ret)
		ret = sysinfo_read(&f, NULL, e);
	if (ret)
		return ret;
	machine_facts(&facts, &f, h->spec.sc ? h->spec.sc->hash : 0);
	ret = own_dirs(h, &tmp_dir, &fs_dir, e);
	if (ret)
		goto out;
	ret = fd = place(h, &f, file, e);
	if (fd < 0)
		goto out;
	const struct run_opts o = {
		.sc = h->spec.sc,
		.command = h->command,
		.sample = h->sample,
		.seed = h->spec.seed,
		.lru = lru_names[h->spec.machine->lru],
		.settings = h->spec.settings,
		.fs_dir = fs_dir,
		.tmp_dir = tmp_dir ? tmp_dir : h->conf->tmp_dir,
		.on_host = true,
		.journal = h->spec.sc ? h->conf->journal : NULL,
		.header = facts.v,
		.nr_header = facts.nr,
		.watchdog_psi_pct = h->conf->psi_limit,
		.watchdog_d_s = (unsigned)h->conf->d_limit_s,
		.stop = h->stop,
	};
	begin_ns = clock_ns();
	ret = run_here(&o, fd, res, e);
	close(fd);
	if (!ret)
		ret = host_notes(h, *file, res, (double)(clock_ns() - begin_ns) / 1e9, e);
	else
		drop_empty(*file);
	if (!ret && h->out)
		ret = end_in_place(h->out, file, e);
out:
	if (tmp_dir)
		fs_remove_tree(tmp_dir, NULL);
	if (fs_dir)
		fs_remove_tree(fs_dir, NULL);
	free(tmp_dir);
	free(fs_dir);
	fact_list_release(&facts);
	return ret;
}

/* ---------------------------------------------------------------- as a target */

/* The kernel that runs: the hash of its banner stands for that of its image. */
static int on_host_prepare(const char *spec, struct vm_kernel *k, struct err *e)
{
	struct buf banner = BUF_INIT;
	struct sysinfo_facts f;
	int ret;

	*k = (struct vm_kernel){ .spec = "" };
	if (spec)
		return err_set(e, -EINVAL, "'%s': this machine runs the kernel that it has booted",
			       spec);
	ret = sysinfo_read(&f, NULL, e);
	if (!ret)
		ret = fs_read("/proc/version", &banner, e);
	if (!ret) {
		buf_rtrim(&banner);
		k->release = arena_strdup(&k->mem, f.release);
		k->banner = arena_strdup(&k->mem, banner.data);
		k->image_hash = fnv1a(FNV_INIT, banner.data, banner.len);
	}
	buf_release(&banner);
	return ret;
}

static int on_host_allow(const struct target *t, const struct run_spec *s, struct err *e)
{
	return guard(&(struct host_run){ .conf = t->host, .spec = *s }, e);
}

static int on_host_emulator(const struct target *t, struct buf *out, struct err *e)
{
	(void)t;
	(void)e;
	buf_addstr(out, "none");
	return 0;
}

static int on_host_place(const struct target *t, const struct run_spec *s, struct buf *out,
			 struct err *e)
{
	struct sysinfo_facts f;
	char machine[32];
	int ret = sysinfo_read(&f, NULL, e);

	(void)t;
	(void)s;
	if (!ret) {
		machine_folder(&f, machine);
		buf_addstr(out, machine);
	}
	return ret;
}

static int on_host_key(const struct target *t, const struct run_spec *s, char out[17],
		       struct err *e)
{
	struct fact_list facts = { .nr = 0 };
	struct sysinfo_facts f;
	int ret = sysinfo_read(&f, NULL, e);

	(void)t;
	if (!ret) {
		machine_facts(&facts, &f, s->sc->hash);
		snprintf(out, 17, "%s", fact_get(&facts, "machine.key"));
	}
	fact_list_release(&facts);
	return ret;
}

static int on_host_run(const struct target *t, const struct run_spec *s, const char *archive,
		       const volatile sig_atomic_t *stop, struct run_end *end, struct err *e)
{
	const struct host_run h = { .conf = t->host, .spec = *s, .out = archive, .stop = stop };
	uint64_t begin_ns = clock_ns();
	struct run_result res;
	char *file;
	int ret = host_run(&h, &res, &file, e);

	if (ret)
		goto out;
	*end = (struct run_end){ .wall_s = (double)(clock_ns() - begin_ns) / 1e9 };
	end->beside = strcmp(file, archive) != 0;
	end->outcome = res.outcome;
	snprintf(end->detail, sizeof(end->detail), "%s", res.detail);
out:
	free(file);
	return ret;
}

static const char *on_host_name(const struct target *t)
{
	return target_names[t->kind];
}

const struct target_ops target_on_host = {
	.name = on_host_name,
	.reboots = true,
	.prepare = on_host_prepare,
	.allow = on_host_allow,
	.emulator = on_host_emulator,
	.place = on_host_place,
	.key = on_host_key,
	.run = on_host_run,
};
