/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run/on_vm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"
#include "base/version.h"
#include "archive/archive.h"
#include "run/run.h"

#define FACTS_MAX 24

/* Header facts that the host knows and the guest writes: no paths, no names of this host. */
struct facts {
	struct arena mem;
	struct archive_note v[FACTS_MAX];
	size_t nr;
};

static void fact(struct facts *f, const char *key, const char *value)
{
	if (f->nr < FACTS_MAX)
		f->v[f->nr++] = (struct archive_note){ key, value };
}

int vmrun_machine(const struct vmrun_opts *o, struct vm_machine *m, struct arena *mem,
		  struct err *e)
{
	const struct needs *n = &o->sc->needs;
	struct buf words = BUF_INIT;

	*m = (struct vm_machine){
		.exact = o->exact,
		.accel = o->exact ? VM_TCG : o->accel,
		.nodes = (unsigned)n->nodes,
		.cpus = (unsigned)n->cpus,
		.mem_bytes = n->mem.bytes,
		.swap = (enum vm_swap)n->swap,
		.swap_bytes = n->swap ? n->swap_size.bytes : 0,
		.fs = (enum vm_fs)n->fs,
		.fs_bytes = n->fs ? n->fs_size.bytes : 0,
		.disk_ns = n->disk_ns,
	};
	buf_addf(&words, "%s%s%s", n->cmdline, *n->cmdline && *o->cmdline ? " " : "", o->cmdline);
	settings_add_boot(
		o->settings,
		&words); /* last: where a parameter stands twice, the kernel takes the last */
	m->cmdline = arena_strdup(mem, words.data);
	buf_release(&words);
	return vm_machine_check(m, e);
}

static int machine_facts(struct facts *f, const struct vmrun_opts *o, const struct vm_machine *m,
			 struct err *e)
{
	const char *qemu, *version;
	char key[17];
	int ret = vm_qemu(&qemu, &version, e);

	if (ret)
		return ret;
	fact(f, "machine.target", o->exact ? "exact" : "vm");
	fact(f, "machine.emulator",
	     arena_printf(&f->mem, "qemu %s %s", version,
			  o->exact	       ? "tcg icount"
			  : m->accel == VM_KVM ? "kvm"
					       : "tcg"));
	fact(f, "machine.nodes", arena_printf(&f->mem, "%u", m->nodes));
	fact(f, "machine.cpus", arena_printf(&f->mem, "%u", m->cpus));
	fact(f, "machine.memory", arena_printf(&f->mem, "%llu", (unsigned long long)m->mem_bytes));
	fact(f, "machine.swap",
	     arena_printf(&f->mem, "%s %llu", vm_swap_names[m->swap],
			  (unsigned long long)m->swap_bytes));
	fact(f, "machine.fs",
	     arena_printf(&f->mem, "%s %llu", vm_fs_names[m->fs], (unsigned long long)m->fs_bytes));
	run_machine_key(f->v, f->nr, o->sc->hash, key);
	fact(f, "machine.key", arena_strdup(&f->mem, key));
	return 0;
}

int vmrun_machine_key(const struct vmrun_opts *o, char out[17], struct err *e)
{
	struct facts f = { 0 };
	struct vm_machine m;
	int ret = vmrun_machine(o, &m, &f.mem, e);

	if (!ret)
		ret = machine_facts(&f, o, &m, e);
	for (size_t i = 0; i < f.nr && !ret; i++)
		if (!strcmp(f.v[i].key, "machine.key"))
			snprintf(out, 17, "%s", f.v[i].value);
	arena_release(&f.mem);
	return ret;
}

static int all_facts(struct facts *f, const struct vmrun_opts *o, const struct vm_machine *m,
		     struct err *e)
{
	uint64_t self;
	int ret = machine_facts(f, o, m, e);

	if (!ret)
		ret = fs_hash("/proc/self/exe", &self, e);
	if (ret)
		return ret;
	fact(f, "wmark.build", arena_printf(&f->mem, "%016llx", (unsigned long long)self));
	fact(f, "kernel.image_hash",
	     arena_printf(&f->mem, "%016llx", (unsigned long long)o->kernel->image_hash));
	fact(f, "run.cmdline", o->cmdline);
	return 0;
}

static void conf_line(struct buf *conf, const char *key, const char *value)
{
	buf_addf(conf, "%s %s\n", key, value);
}

/* Files of the guest: scenario as it is judged (overrides applied), run.conf, the kernel's
 * configuration. */
static void guest_files(const struct vmrun_opts *o, const struct facts *f, struct buf *conf,
			struct vm_file files[3], size_t *nr)
{
	char num[32];

	snprintf(num, sizeof(num), "%llu", (unsigned long long)o->seed);
	conf_line(conf, "seed", num);
	conf_line(conf, "lru", o->lru);
	if (o->settings && o->settings->nr)
		conf_line(conf, "settings", o->settings->text);
	for (size_t i = 0; i < f->nr; i++)
		buf_addf(conf, "header %s %s\n", f->v[i].key, f->v[i].value);
	files[0] = (struct vm_file){ .guest = VMRUN_SCENARIO,
				     .data = o->sc->text,
				     .len = strlen(o->sc->text),
				     .mode = 0444 };
	files[1] = (struct vm_file){
		.guest = VMRUN_CONF, .data = conf->data, .len = conf->len, .mode = 0444
	};
	*nr = 2;
	if (o->kernel->config)
		files[(*nr)++] = (struct vm_file){ .guest = "/wmark/kconfig",
						   .host = o->kernel->config,
						   .mode = 0444 };
}

/* As archive_header() writes it; no value here holds a line break. */
static void head_line(struct buf *b, const char *key, const char *value)
{
	buf_addf(b, "h %s", key);
	if (*value)
		buf_addc(b, ' ');
	for (; *value; value++) {
		if (*value == '\\')
			buf_addc(b, *value);
		buf_addc(b, *value);
	}
	buf_addc(b, '\n');
}

/* A machine that died before its first archive byte still leaves a run that says what it was. */
static int ensure_head(const struct vmrun_opts *o, const struct facts *f, struct err *e)
{
	struct stat st;
	struct buf b = BUF_INIT;
	int ret;

	if (stat(o->archive, &st) == 0 && st.st_size > 0)
		return 0;
	buf_addstr(&b, "wmark archive 1\n");
	for (size_t i = 0; i < f->nr; i++)
		head_line(&b, f->v[i].key, f->v[i].value);
	buf_addf(
		&b,
		"h kernel.release %s\nh run.seed %llu\nh run.lru %s\nh scenario.name %s\nh scenario.hash %016llx\n",
		o->kernel->release, (unsigned long long)o->seed, o->lru, o->sc->name,
		(unsigned long long)o->sc->hash);
	if (o->settings && o->settings->nr)
		head_line(&b, "side.settings", o->settings->text);
	ret = fs_write(o->archive, b.data, b.len, e);
	buf_release(&b);
	return ret;
}

static int host_lines(const struct vmrun_opts *o, const struct vmrun_result *res,
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
	notes[nr++] = (struct archive_note){ "outcome", res->outcome };
	if (*res->detail)
		notes[nr++] = (struct archive_note){ "outcome.detail", res->detail };
	notes[nr++] = (struct archive_note){ "date", date };
	notes[nr++] = (struct archive_note){ "host", host };
	notes[nr++] = (struct archive_note){ "wall_s", wall };
	notes[nr++] = (struct archive_note){ "boot_wall_s", boot };
	notes[nr++] = (struct archive_note){ "kernel.spec", o->kernel->spec };
	notes[nr++] = (struct archive_note){ "scenario.file", o->sc->file };
	if (o->kernel->package)
		notes[nr++] = (struct archive_note){ "kernel.package", o->kernel->package };
	if (*o->side)
		notes[nr++] = (struct archive_note){ "run.side", o->side };
	snprintf(order, sizeof(order), "%ld", o->order);
	if (o->order >= 0)
		notes[nr++] = (struct archive_note){ "run.order", order };
	snprintf(image, sizeof(image), "%016llx", (unsigned long long)out->guest_image_hash);
	notes[nr++] = (struct archive_note){ "guest.image_hash", image };
	if (vm_qemu_banner())
		notes[nr++] = (struct archive_note){ "qemu.banner", vm_qemu_banner() };
	if (strcmp(res->outcome, "ok") != 0 && out->console_tail)
		notes[nr++] = (struct archive_note){ "console", out->console_tail };
	return archive_append_host(o->archive, notes, nr, e);
}

/* What became of the run: the machine's end first, then what the guest itself says. */
static int settle_outcome(const char *path, const struct vm_outcome *out, struct vmrun_result *res,
			  struct err *e)
{
	struct archive a;
	const char *said;
	int ret;

	res->wall_s = out->wall_s;
	res->boot_wall_s = out->boot_wall_s;
	snprintf(res->outcome, sizeof(res->outcome), "%s", vm_end_names[out->end]);
	snprintf(res->detail, sizeof(res->detail), "%s", out->detail);
	if (out->end != VM_END_OK)
		return 0;
	ret = archive_load(&a, path, e);
	if (!ret) {
		said = archive_get(&a, "run.outcome");
		if (!a.complete || !said) {
			snprintf(res->outcome, sizeof(res->outcome), "truncated");
			snprintf(res->detail, sizeof(res->detail), "%s", a.why);
		} else {
			snprintf(res->outcome, sizeof(res->outcome), "%s", said);
			said = archive_get(&a, "run.detail");
			snprintf(res->detail, sizeof(res->detail), "%s", said ? said : "");
		}
	}
	archive_release(&a);
	return ret;
}

static int prepare_spec(const struct vmrun_opts *o, struct facts *f, struct buf *conf,
			struct vm_file files[3], struct vm_spec *spec, struct err *e)
{
	int ret;

	*spec = (struct vm_spec){
		.kernel = o->kernel, .files = files, .archive = o->archive, .stop = o->stop
	};
	ret = vmrun_machine(o, &spec->machine, &f->mem, e);
	if (!ret)
		ret = all_facts(f, o, &spec->machine, e);
	if (ret)
		return ret;
	guest_files(o, f, conf, files, &spec->nr_files);
	spec->programs = o->sc->needs.programs.v;
	spec->nr_programs = o->sc->needs.programs.nr;
	spec->limit_ns = o->limit_ns ? o->limit_ns : 900000000000ull;
	spec->hang_ns = o->hang_ns ? o->hang_ns : 120000000000ull;
	return 0;
}

int vmrun(const struct vmrun_opts *o, struct vmrun_result *res, struct err *e)
{
	char *tmp = fs_temp_dir("wmark-vm");
	struct facts f = { .mem = ARENA_INIT };
	struct buf conf = BUF_INIT;
	struct vm_file files[3];
	struct vm_outcome out = { 0 };
	struct vm_spec spec;
	int ret;

	memset(res, 0, sizeof(*res));
	ret = prepare_spec(o, &f, &conf, files, &spec, e);
	if (ret)
		goto out;
	if (!tmp) {
		ret = err_sys(e, -errno, "no folder for temporary files");
		goto out;
	}
	spec.work_dir = tmp;
	ret = vm_run(&spec, &out, e);
	if (!ret)
		ret = ensure_head(o, &f, e);
	if (!ret)
		ret = settle_outcome(o->archive, &out, res, e);
	if (!ret)
		ret = host_lines(o, res, &out, e);
	vm_outcome_release(&out);
out:
	if (tmp)
		fs_remove_tree(tmp, NULL);
	free(tmp);
	arena_release(&f.mem);
	buf_release(&conf);
	return ret;
}

int vmrun_machine_name(const struct vmrun_opts *o, struct buf *out, struct err *e)
{
	const char *qemu, *version;
	struct arena mem = ARENA_INIT;
	struct vm_machine m;
	int ret = vm_qemu(&qemu, &version, e);

	if (!ret)
		ret = vmrun_machine(o, &m, &mem, e);
	if (!ret)
		buf_addf(out, "%s-qemu%s-%un%uc-%lluM",
			 o->exact	     ? "exact"
			 : m.accel == VM_KVM ? "kvm"
					     : "tcg",
			 version, m.nodes, m.cpus, (unsigned long long)(m.mem_bytes >> 20));
	arena_release(&mem);
	return ret;
}

char *vmrun_command(const struct vmrun_opts *o, struct err *e)
{
	struct facts f = { .mem = ARENA_INIT };
	struct buf conf = BUF_INIT;
	struct vm_file files[3];
	struct vm_spec spec;
	char *cmd = NULL;

	if (!prepare_spec(o, &f, &conf, files, &spec, e)) {
		spec.work_dir = "WORK";
		cmd = vm_command(&spec, e);
	}
	arena_release(&f.mem);
	buf_release(&conf);
	return cmd;
}
