/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/on_vm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/version.h"
#include "archive/archive.h"
#include "archive/place.h"
#include "run/run.h"
#include "vm/guest.h"
#include "vm/process.h"
#include "vm/qemu.h"

/* The machine that the scenario asks for; text in @mem. */
static int machine_of(const struct target *t, const struct run_spec *s, struct vm_machine *m,
		      struct arena *mem, struct err *e)
{
	const struct needs *n = &s->sc->needs;
	struct buf words = BUF_INIT;
	int ret;

	*m = (struct vm_machine){
		.exact = t->kind == TARGET_EXACT,
		.accel = t->kind == TARGET_EXACT ? VM_TCG : t->accel,
		.nodes = (unsigned)n->nodes,
		.cpus = (unsigned)n->cpus,
		.mem_bytes = n->mem.bytes,
		.swap = (enum vm_swap)n->swap,
		.swap_bytes = n->swap ? n->swap_size.bytes : 0,
		.fs = (enum vm_fs)n->fs,
		.fs_bytes = n->fs ? n->fs_size.bytes : 0,
		.disk_ns = n->disk_ns,
	};
	buf_addf(&words, "%s%s%s", n->cmdline, *n->cmdline && *s->machine->cmdline ? " " : "",
		 s->machine->cmdline);
	/* the settings come last: where a parameter stands twice, the kernel takes the last */
	settings_add_boot(s->settings, &words);
	m->cmdline = arena_strdup(mem, words.data);
	buf_release(&words);
	ret = vm_machine_check(m, e);
	return ret ? err_wrap(e, ret, "%s: [needs]", s->sc->file) : 0;
}

static int machine_facts(struct fact_list *f, const struct target *t, const struct run_spec *s,
			 const struct vm_machine *m, struct err *e)
{
	const char *qemu, *version;
	int ret = vm_qemu(&qemu, &version, e);

	if (!ret && t->kind == TARGET_EXACT)
		ret = vm_qemu_exact(version, e);
	if (ret)
		return ret;
	fact_add(f, "machine.target", "%s", target_names[t->kind]);
	fact_add(f, "machine.emulator", "qemu %s %s", version,
		 vm_idles(m)		   ? "tcg icount record"
		 : t->kind == TARGET_EXACT ? "tcg icount poll"
		 : m->accel == VM_KVM	   ? "kvm"
					   : "tcg");
	fact_add(f, "machine.setup", "%s", GUEST_SETUP);
	fact_add(f, "machine.nodes", "%u", m->nodes);
	fact_add(f, "machine.cpus", "%u", m->cpus);
	fact_add(f, "machine.memory", "%llu", (unsigned long long)m->mem_bytes);
	fact_add(f, "machine.swap", "%s %llu", vm_swap_names[m->swap],
		 (unsigned long long)m->swap_bytes);
	fact_add(f, "machine.fs", "%s %llu", vm_fs_names[m->fs], (unsigned long long)m->fs_bytes);
	fact_add_key(f, s->sc->hash);
	return 0;
}

static int on_vm_key(const struct target *t, const struct run_spec *s, char out[17], struct err *e)
{
	struct fact_list f = { 0 };
	struct vm_machine m;
	int ret = machine_of(t, s, &m, &f.mem, e);

	if (!ret)
		ret = machine_facts(&f, t, s, &m, e);
	if (!ret)
		snprintf(out, 17, "%s", fact_get(&f, "machine.key"));
	fact_list_release(&f);
	return ret;
}

static int all_facts(struct fact_list *f, const struct target *t, const struct run_spec *s,
		     const struct vm_machine *m, struct err *e)
{
	const char *header, *value;
	uint64_t self;
	int ret = machine_facts(f, t, s, m, e);

	if (!ret)
		ret = fs_hash("/proc/self/exe", &self, e);
	if (ret)
		return ret;
	fact_add(f, "wmark.build", "%016llx", (unsigned long long)self);
	fact_add(f, "kernel.image_hash", "%016llx", (unsigned long long)s->kernel->image_hash);
	for (size_t i = 0; machine_header(s->machine, i, &f->mem, &header, &value); i++)
		fact_add(f, header, "%s", value);
	return 0;
}

static void conf_line(struct buf *conf, const char *key, const char *value)
{
	buf_addf(conf, "%s %s\n", key, value);
}

/* Files of the guest: the scenario with its overrides applied, run.conf, the kernel's
 * configuration. */
static void guest_files(const struct run_spec *s, const struct fact_list *f, struct buf *conf,
			struct vm_file files[3], size_t *nr)
{
	char num[32];

	snprintf(num, sizeof(num), "%llu", (unsigned long long)s->seed);
	conf_line(conf, "seed", num);
	conf_line(conf, "lru", lru_names[s->machine->lru]);
	if (s->settings && s->settings->nr)
		conf_line(conf, "settings", s->settings->text);
	for (size_t i = 0; i < f->nr; i++)
		buf_addf(conf, "header %s %s\n", f->v[i].key, f->v[i].value);
	files[0] = (struct vm_file){ .guest = ON_VM_SCENARIO,
				     .data = s->sc->text,
				     .len = strlen(s->sc->text),
				     .mode = 0444 };
	files[1] = (struct vm_file){
		.guest = ON_VM_CONF, .data = conf->data, .len = conf->len, .mode = 0444
	};
	*nr = 2;
	if (s->kernel->config)
		files[(*nr)++] = (struct vm_file){ .guest = "/wmark/kconfig",
						   .host = s->kernel->config,
						   .mode = 0444 };
}

/* A machine that died before its first archive byte still leaves a run that says what it was. */
static int ensure_head(const char *archive, const struct run_spec *s, struct fact_list *f,
		       struct err *e)
{
	fact_add(f, "kernel.release", "%s", s->kernel->release);
	fact_add(f, "run.seed", "%llu", (unsigned long long)s->seed);
	fact_add(f, "run.lru", "%s", lru_names[s->machine->lru]);
	fact_add(f, "scenario.name", "%s", s->sc->name);
	fact_add(f, "scenario.hash", "%016llx", (unsigned long long)s->sc->hash);
	if (s->settings && s->settings->nr)
		fact_add(f, "side.settings", "%s", s->settings->text);
	return archive_start(archive, f->v, f->nr, e);
}

static int host_lines(const char *archive, const struct run_spec *s, const struct run_end *res,
		      const struct vm_outcome *out, struct err *e)
{
	char date[32], wall[32], boot[32], host[65] = "";
	time_t now = time(NULL);
	struct tm tm;
	char order[24], image[20];
	struct archive_note notes[16];
	size_t nr = 0;

	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", &tm);
	gethostname(host, sizeof(host) - 1);
	snprintf(wall, sizeof(wall), "%.1f", res->wall_s);
	snprintf(boot, sizeof(boot), "%.1f", res->boot_wall_s);
	notes[nr++] = (struct archive_note){ "outcome", run_outcome_word(res->outcome) };
	if (*res->detail)
		notes[nr++] = (struct archive_note){ "outcome.detail", res->detail };
	notes[nr++] = (struct archive_note){ "date", date };
	notes[nr++] = (struct archive_note){ "host", host };
	notes[nr++] = (struct archive_note){ "wall_s", wall };
	notes[nr++] = (struct archive_note){ "boot_wall_s", boot };
	notes[nr++] = (struct archive_note){ "kernel.spec", s->kernel->spec };
	notes[nr++] = (struct archive_note){ "scenario.file", s->sc->file };
	if (s->kernel->package)
		notes[nr++] = (struct archive_note){ "kernel.package", s->kernel->package };
	if (*s->side)
		notes[nr++] = (struct archive_note){ "run.side", s->side };
	snprintf(order, sizeof(order), "%ld", s->order);
	if (s->order >= 0)
		notes[nr++] = (struct archive_note){ "run.order", order };
	snprintf(image, sizeof(image), "%016llx", (unsigned long long)out->guest_image_hash);
	notes[nr++] = (struct archive_note){ "guest.image_hash", image };
	if (vm_qemu_banner())
		notes[nr++] = (struct archive_note){ "qemu.banner", vm_qemu_banner() };
	if (res->outcome != RUN_OK && out->console_tail)
		notes[nr++] = (struct archive_note){ "console", out->console_tail };
	return archive_append_host(archive, notes, nr, e);
}

static const enum run_outcome of_end[] = {
	[VM_END_OK] = RUN_OK,
	[VM_END_PANIC] = RUN_PANIC,
	[VM_END_HANG] = RUN_HANG,
	[VM_END_LIMIT] = RUN_LIMIT,
	[VM_END_EARLY] = RUN_EARLY_EXIT,
	[VM_END_QEMU] = RUN_QEMU_FAILED,
	[VM_END_KILLED] = RUN_KILLED,
	[VM_END_STOPPED] = RUN_STOPPED,
};

/* The outcome of the run: the machine's end counts first, then what the guest itself says. */
static int settle_outcome(const char *path, const struct vm_outcome *out, struct run_end *res,
			  struct err *e)
{
	struct archive a;
	const char *said;
	int ret;

	res->wall_s = out->wall_s;
	res->boot_wall_s = out->boot_wall_s;
	res->outcome = of_end[out->end];
	snprintf(res->detail, sizeof(res->detail), "%s", out->detail);
	if (out->end != VM_END_OK)
		return 0;
	ret = archive_load(&a, path, e);
	if (!ret) {
		said = archive_get(&a, "run.outcome");
		if (!a.complete || !said || run_outcome_of(said) == NR_RUN_OUTCOMES) {
			res->outcome = RUN_TRUNCATED;
			snprintf(res->detail, sizeof(res->detail), "%s", a.why);
		} else {
			res->outcome = run_outcome_of(said);
			said = archive_get(&a, "run.detail");
			snprintf(res->detail, sizeof(res->detail), "%s", said ? said : "");
		}
	}
	archive_release(&a);
	return ret;
}

static int prepare_spec(const struct target *t, const struct run_spec *s, struct fact_list *f,
			struct buf *conf, struct vm_file files[3], struct vm_spec *spec,
			struct err *e)
{
	int ret;

	*spec = (struct vm_spec){ .kernel = s->kernel, .files = files };
	ret = machine_of(t, s, &spec->machine, &f->mem, e);
	if (!ret)
		ret = all_facts(f, t, s, &spec->machine, e);
	if (ret)
		return ret;
	guest_files(s, f, conf, files, &spec->nr_files);
	spec->programs = s->sc->needs.programs.v;
	spec->nr_programs = s->sc->needs.programs.nr;
	spec->limit_ns = t->limit_ns ? t->limit_ns : 900000000000ull;
	spec->hang_ns = t->hang_ns ? t->hang_ns : 120000000000ull;
	return 0;
}

static int on_vm_run(const struct target *t, const struct run_spec *s, const char *archive,
		     const volatile sig_atomic_t *stop, struct run_end *res, struct err *e)
{
	char *tmp = fs_temp_dir("wmark-vm"), *work = NULL;
	struct fact_list f = { .nr = 0 };
	struct buf conf = BUF_INIT;
	struct vm_file files[3];
	struct vm_outcome out = { 0 };
	struct vm_spec spec;
	int ret;

	memset(res, 0, sizeof(*res));
	ret = prepare_spec(t, s, &f, &conf, files, &spec, e);
	if (ret)
		goto out;
	if (!tmp) {
		ret = err_sys(e, -errno, "no folder for temporary files");
		goto out;
	}
	work = place_begin(archive, e);
	if (!work) {
		ret = e->code;
		goto out;
	}
	spec.work_dir = tmp;
	spec.archive = work;
	spec.stop = stop;
	ret = vm_run(&spec, &out, e);
	if (!ret)
		ret = ensure_head(work, s, &f, e);
	if (!ret)
		ret = settle_outcome(work, &out, res, e);
	if (!ret)
		ret = host_lines(work, s, res, &out, e);
	if (!ret)
		ret = place_end(archive, work, &res->beside, e);
	vm_outcome_release(&out);
out:
	free(work);
	if (tmp)
		fs_remove_tree(tmp, NULL);
	free(tmp);
	fact_list_release(&f);
	buf_release(&conf);
	return ret;
}

static int on_vm_place(const struct target *t, const struct run_spec *s, struct buf *out,
		       struct err *e)
{
	const char *qemu, *version;
	struct arena mem = ARENA_INIT;
	struct vm_machine m;
	int ret = vm_qemu(&qemu, &version, e);

	if (!ret)
		ret = machine_of(t, s, &m, &mem, e);
	if (!ret)
		buf_addf(out, "%s-qemu%s-%un%uc-%lluM",
			 t->kind == TARGET_EXACT ? "exact"
			 : m.accel == VM_KVM	 ? "kvm"
						 : "tcg",
			 version, m.nodes, m.cpus, (unsigned long long)(m.mem_bytes >> 20));
	arena_release(&mem);
	return ret;
}

char *on_vm_command(const struct target *t, const struct run_spec *s, const char *archive,
		    struct err *e)
{
	struct fact_list f = { .nr = 0 };
	struct buf conf = BUF_INIT;
	struct vm_file files[3];
	struct vm_spec spec;
	char *cmd = NULL;

	if (!prepare_spec(t, s, &f, &conf, files, &spec, e)) {
		spec.work_dir = "WORK";
		spec.archive = archive;
		cmd = vm_command(&spec, e);
	}
	fact_list_release(&f);
	buf_release(&conf);
	return cmd;
}

static int on_vm_prepare(const char *spec, struct vm_kernel *k, struct err *e)
{
	return vm_kernel_find(k, spec, NULL, e);
}

static const char *on_vm_name(const struct target *t)
{
	return target_names[t->kind];
}

static int on_vm_emulator(const struct target *t, struct buf *out, struct err *e)
{
	const char *qemu, *version;
	int ret = vm_qemu(&qemu, &version, e);

	if (!ret)
		buf_addf(out, "%s %s", version, t->accel == VM_KVM ? "kvm" : "tcg");
	return ret;
}

const struct target_ops target_on_vm = {
	.name = on_vm_name,
	.side_by_side = true,
	.prepare = on_vm_prepare,
	.emulator = on_vm_emulator,
	.place = on_vm_place,
	.key = on_vm_key,
	.run = on_vm_run,
};
