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
#include "base/stop.h"
#include "archive/store.h"
#include "run/sysinfo.h"

static int guard(const struct host_run *h, struct err *e)
{
	const struct setting *boot = settings_first(h->settings, SETTING_BOOT);

	if (boot)
		return err_set(
			e, -EINVAL,
			"boot:%s: a machine that is running has its kernel parameters; use the exact or vm target",
			boot->name);
	if (h->sc && !h->cli->allow_global_pressure)
		return err_set(
			e, -EPERM,
			"the host target puts this whole machine under memory pressure and may get processes killed; say --allow-global-pressure if that is what you want, or use --target exact");
	if (h->sc && geteuid() != 0)
		return err_set(e, -EPERM,
			       "the host target needs root (settings, oom_score_adj, kernel log)");
	if (h->sc && fs_exists(h->cli->journal))
		return err_set(
			e, -EBUSY,
			"%s exists: another run is going on, or one ended without restoring its settings; `wmark restore` puts them back",
			h->cli->journal);
	if (h->cli->fs_dir && !fs_is_dir(h->cli->fs_dir))
		return err_set(e, -ENOTDIR, "--fs-dir %s: not a directory", h->cli->fs_dir);
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

/* The archive, opened; in the store under a name that no run has had (two runs may begin in one
 * second). */
static int place(const struct host_run *h, const struct sysinfo_facts *f, const char *id,
		 char **file, struct err *e)
{
	char date[32], machine[64], name[96];
	int fd = -1;

	if (h->out) {
		*file = xstrdup(h->out);
		fd = open(*file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		return fd < 0 ? err_sys(e, -errno, "%s", *file) : fd;
	}
	stamp(date);
	snprintf(machine, sizeof(machine), "host-%s", id);
	for (int i = 1; i < 1000 && fd < 0; i++) {
		snprintf(name, sizeof(name), i > 1 ? "%s-s%llu-%d" : "%s-s%llu", date,
			 (unsigned long long)h->seed, i);
		free(*file);
		*file = store_path(h->store, machine, h->sc ? h->sc->name : "record", f->release,
				   name, e);
		if (!*file)
			return e->code;
		fd = open(*file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return fd < 0 ? err_sys(e, -errno, "%s", *file) : fd;
}

static int host_notes(const char *file, const struct run_result *res, double wall_s, struct err *e)
{
	char date[32], wall[32], host[65] = "";
	struct archive_note n[5] = {
		{ "outcome",	     res->outcome },
		{ "date",		  date	       },
		{ "host",		  host	       },
		{ "wall_s",	    wall	 },
		{ "outcome.detail", res->detail	}
	};

	stamp(date);
	gethostname(host, sizeof(host) - 1);
	snprintf(wall, sizeof(wall), "%.1f", wall_s);
	return archive_append_host(file, n, *res->detail ? 5 : 4, e);
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

int host_run(const struct host_run *h, struct run_result *res, char **file, struct err *e)
{
	char id[17], nodes[16], cpus[16], mem[32], key[17];
	struct archive_note facts[8];
	struct sysinfo_facts f;
	uint64_t begin_ns;
	size_t nr = 0;
	char *tmp_dir = NULL, *fs_dir = NULL;
	int fd, ret = guard(h, e);

	*file = NULL;
	if (!ret)
		ret = sysinfo_read(&f, NULL, e);
	if (ret)
		return ret;
	sysinfo_machine_id(&f, NULL, id);
	snprintf(nodes, sizeof(nodes), "%u", f.nr_nodes);
	snprintf(cpus, sizeof(cpus), "%u", f.nr_cpus);
	snprintf(mem, sizeof(mem), "%llu",
		 (unsigned long long)((f.ram_bytes + (32u << 20)) >> 26 << 26));
	facts[nr++] = (struct archive_note){ "machine.target", "host" };
	facts[nr++] = (struct archive_note){ "machine.emulator", "none" };
	facts[nr++] = (struct archive_note){ "machine.nodes", nodes };
	facts[nr++] = (struct archive_note){ "machine.cpus", cpus };
	facts[nr++] = (struct archive_note){ "machine.memory", mem };
	facts[nr++] = (struct archive_note){ "machine.id", id };
	run_machine_key(facts, nr, h->sc ? h->sc->hash : 0, key);
	facts[nr++] = (struct archive_note){ "machine.key", key };
	if (h->sc) {
		/* folders of our own: nothing that was there is touched, and nothing of a killed
		 * instance is left */
		tmp_dir = own_dir(h->cli->tmp_dir, e);
		if (!tmp_dir)
			return e->code;
		fs_dir = h->cli->fs_dir ? own_dir(h->cli->fs_dir, e) : NULL;
		if (h->cli->fs_dir && !fs_dir) {
			ret = e->code;
			goto out;
		}
	}
	ret = fd = place(h, &f, id, file, e);
	if (fd < 0)
		goto out;
	const struct run_opts o = {
		.sc = h->sc,
		.command = h->command,
		.sample = h->sample,
		.seed = h->seed,
		.lru = h->lru,
		.settings = h->settings,
		.fs_dir = fs_dir,
		.tmp_dir = tmp_dir ? tmp_dir : h->cli->tmp_dir,
		.on_host = true,
		.journal = h->sc ? h->cli->journal : NULL,
		.header = facts,
		.nr_header = nr,
		.watchdog_psi_pct = h->cli->psi_limit,
		.watchdog_d_s = (unsigned)h->cli->d_limit_s,
		.stop = stop_flag(),
	};
	begin_ns = clock_ns();
	ret = run_here(&o, fd, res, e);
	close(fd);
	if (!ret)
		ret = host_notes(*file, res, (double)(clock_ns() - begin_ns) / 1e9, e);
	else
		drop_empty(*file);
out:
	if (tmp_dir)
		fs_remove_tree(tmp_dir, NULL);
	if (fs_dir)
		fs_remove_tree(fs_dir, NULL);
	free(tmp_dir);
	free(fs_dir);
	return ret;
}
