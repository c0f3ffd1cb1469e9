/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/stop.h"
#include "cmd/cmd.h"
#include "archive/outcome.h"
#include "run/target.h"
#include "vm/process.h"

struct replay_cli {
	const char *kernel, *keep;
};

/* clang-format off */
static const struct opt_desc opts[] = {
	OPT_STR(struct replay_cli, kernel, "kernel", 'k', NULL, "KERNEL",
		"the kernel image, if it is no longer where it was"),
	OPT_STR(struct replay_cli, keep, "keep", 0, NULL, "FILE", "keep the new archive"),
	OPT_END
};
/* clang-format on */

static int fact(const struct archive *a, const char *key, const char **out, struct err *e)
{
	*out = archive_get(a, key);
	return *out ? 0
		    : err_set(e, -EINVAL, "%s: no header '%s': cannot be replayed", a->path, key);
}

/* Checks the things that must be the same before a replay can promise anything. Prints one line per
 * difference. */
static int same_world(const struct archive *a, const struct vm_kernel *k, struct err *e)
{
	const char *want, *qemu, *version;
	char have[64];
	uint64_t self;
	int ret = fact(a, "kernel.image_hash", &want, e);

	if (ret)
		return ret;
	snprintf(have, sizeof(have), "%016llx", (unsigned long long)k->image_hash);
	if (strcmp(want, have) != 0)
		return err_set(
			e, -EXDEV,
			"%s is not the kernel image of the run (hash %s, the run has %s); --kernel names another",
			k->image, have, want);
	ret = fact(a, "machine.emulator", &want, e);
	if (!ret)
		ret = vm_qemu(&qemu, &version, e);
	if (ret)
		return ret;
	snprintf(have, sizeof(have), "qemu %s ", version);
	if (strncmp(want, have, strlen(have)) != 0)
		return err_set(
			e, -EXDEV,
			"the run was made by '%s', this machine has qemu %s: counters differ between emulator versions",
			want, version);
	ret = fs_hash("/proc/self/exe", &self, e);
	if (ret)
		return ret;
	snprintf(have, sizeof(have), "%016llx", (unsigned long long)self);
	want = archive_get(a, "wmark.build");
	if (want && strcmp(want, have) != 0)
		err_say("this is another build of wmark than the run's (%s, the run has %s), so layout "
			"in the guest's memory differs: expect other numbers",
			have, want);
	return 0;
}

static bool same_file(const char *a, const char *b)
{
	struct stat sa, sb;

	return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
	       sa.st_ino == sb.st_ino;
}

/* A run to be made again, as its archive describes it. */
struct again {
	const struct archive *a;
	struct scenario sc;
	struct settings settings;
	struct vm_kernel kernel;
	struct machine_options machine;
	struct run_spec spec;
};

static int check_replayable(const struct replay_cli *c, const struct archive *a, struct err *e)
{
	const char *target;
	int ret = fact(a, "machine.target", &target, e);

	if (!ret && strcmp(target, "exact") != 0)
		ret = err_set(e, -EINVAL,
			      "%s is a run of the %s target: only exact runs can be replayed",
			      a->path, target);
	if (!ret && !a->complete)
		ret = err_set(e, -EINVAL, "%s: %s: only a complete run can be replayed", a->path,
			      a->why);
	if (!ret && c->keep && same_file(c->keep, a->path))
		ret = err_set(e, -EINVAL, "replay: --keep %s is the run itself", c->keep);
	return ret;
}

/* Reads what the archive says of the run, except its kernel. */
static int read_spec(struct again *r, struct err *e)
{
	const struct archive *a = r->a;
	const char *text, *seed, *words = archive_get(a, "side.settings"),
				 *order = archive_get(a, "run.order"),
				 *side = archive_get(a, "run.side");
	struct run_spec *s = &r->spec;
	int ret = fact(a, "scenario.text", &text, e);

	if (!ret)
		ret = fact(a, "run.seed", &seed, e);
	if (!ret)
		ret = machine_of_run(&r->machine, a, e);
	if (!ret)
		ret = opt_parse_u64(seed, &s->seed, e);
	if (!ret)
		ret = scenario_parse(&r->sc, a->path, text, strlen(text), NULL, 0, e);
	if (!ret)
		ret = settings_parse(words ? words : "", &r->sc.mem, &r->settings, e);
	s->sc = &r->sc;
	s->kernel = &r->kernel;
	s->machine = &r->machine;
	s->settings = &r->settings;
	s->side = side ? side : "";
	s->order = order ? strtol(order, NULL, 10) : -1;
	return ret;
}

/* Finds the kernel: @asked, else the release that the archive names, else the one that the first
 * run was asked for. */
static int find_kernel(struct again *r, const char *asked, struct err *e)
{
	const char *release = asked, *spec = archive_get(r->a, "kernel.spec");
	int ret = asked ? 0 : fact(r->a, "kernel.release", &release, e);

	if (ret)
		return ret;
	ret = vm_kernel_find(&r->kernel, release, NULL, e);
	if (ret && !asked && spec) {
		vm_kernel_release(&r->kernel);
		ret = vm_kernel_find(&r->kernel, spec, NULL, e);
	}
	return ret ? ret : same_world(r->a, &r->kernel, e);
}

static int say_difference(const struct archive *a, const char *file, struct err *e)
{
	struct buf why = BUF_INIT;
	int ret = archive_diff(a->path, file, &why, e);

	if (!ret)
		printf("identical: %llu lines, %llu samples, checksum %016llx\n",
		       (unsigned long long)a->body_lines, (unsigned long long)a->nr_samples,
		       (unsigned long long)a->checksum);
	else if (ret > 0)
		printf("DIFFERS: %s\n", why.data);
	buf_release(&why);
	return ret > 0 ? EXIT_REGRESSED : ret;
}

/* The machine that this build makes must be the run's: an older build may have made it otherwise.
 */
static int same_machine(const struct target *t, const struct again *r, struct err *e)
{
	const char *want;
	char have[17];
	int ret = fact(r->a, "machine.key", &want, e);

	if (!ret)
		ret = t->ops->key(t, &r->spec, have, e);
	if (!ret && strcmp(want, have) != 0)
		ret = err_set(
			e, -EXDEV,
			"%s was made on another machine (key %s, this build makes %s): its lines h machine.* say which",
			r->a->path, want, have);
	return ret;
}

static int run_again(const struct again *r, const char *keep, struct err *e)
{
	const struct target t = target_of(&r->machine, NULL);
	char *tmp, *file;
	struct run_end end;
	int ret = same_machine(&t, r, e);

	if (ret)
		return ret;
	tmp = fs_temp_dir("wmark-replay");
	if (!tmp)
		return err_sys(e, -errno, "no folder for temporary files");
	file = keep ? xstrdup(keep) : xasprintf("%s/again.wm", tmp);
	ret = t.ops->run(&t, &r->spec, file, stop_flag(), &end, e);
	if (!ret && outcome_cause(run_outcome_word(end.outcome)) == OUTCOME_HOST)
		ret = err_set(e, -EIO,
			      "the machine of the replay ended as '%s' (%s): nothing to compare",
			      run_outcome_word(end.outcome), end.detail);
	if (!ret)
		ret = say_difference(r->a, file, e);
	fs_remove_tree(tmp, NULL);
	free(tmp);
	free(file);
	return ret;
}

static int replay(const struct replay_cli *c, const struct archive *a, struct err *e)
{
	struct again r = { .a = a, .kernel = { .mem = ARENA_INIT } };
	int ret = check_replayable(c, a, e);

	if (!ret)
		ret = read_spec(&r, e);
	if (!ret)
		ret = find_kernel(&r, c->kernel, e);
	if (!ret)
		ret = run_again(&r, c->keep, e);
	vm_kernel_release(&r.kernel);
	scenario_release(&r.sc);
	return ret;
}

static int replay_run(int argc, char **argv, struct err *e)
{
	struct replay_cli c = { 0 };
	struct archive a;
	int ret = cmd_options(&cmd_replay, &c, &argc, &argv, false, e);

	if (!ret && argc != 1)
		ret = err_set(e, -EINVAL, "replay: one run archive");
	if (ret)
		return ret;
	ret = archive_load(&a, argv[0], e);
	if (!ret)
		ret = replay(&c, &a, e);
	archive_release(&a);
	return ret;
}

const struct command cmd_replay = { "replay", replay_run, opts, "RUN.wm",
				    "Run an exact run again and compare every number" };
