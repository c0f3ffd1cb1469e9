/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/elf.h"

#include <elf.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"

/* The directories that glibc's loader searches without a cache: Debian's multiarch directories,
 * then the plain ones. */
static const char *const default_dirs[] = {
	"/lib/x86_64-linux-gnu",
	"/usr/lib/x86_64-linux-gnu",
	"/lib",
	"/usr/lib",
	"/lib64",
	"/usr/lib64",
};

bool elf_default_dir(const char *dir)
{
	for (size_t i = 0; i < ARRAY_SIZE(default_dirs); i++)
		if (!strcmp(dir, default_dirs[i]))
			return true;
	return false;
}

struct image {
	const unsigned char *data;
	size_t len;
	Elf64_Ehdr eh;
};

/* The program header @n, copied because it may lie at an odd address. */
static bool program_header(const struct image *im, unsigned n, Elf64_Phdr *ph)
{
	uint64_t at = im->eh.e_phoff + (uint64_t)n * sizeof(*ph);

	if (im->eh.e_phoff > im->len || at > im->len || im->len - at < sizeof(*ph))
		return false;
	memcpy(ph, im->data + at, sizeof(*ph));
	return true;
}

static bool to_offset(const struct image *im, uint64_t vaddr, uint64_t *off)
{
	Elf64_Phdr ph;

	for (unsigned n = 0; n < im->eh.e_phnum && program_header(im, n, &ph); n++) {
		if (ph.p_type != PT_LOAD || vaddr < ph.p_vaddr || vaddr - ph.p_vaddr >= ph.p_filesz)
			continue;
		*off = vaddr - ph.p_vaddr + ph.p_offset;
		return *off < im->len && ph.p_offset < im->len;
	}
	return false;
}

/* The string at file offset @off, which must end inside the file. */
static const char *string_at(const struct image *im, struct arena *mem, uint64_t off)
{
	size_t n;

	if (off >= im->len)
		return NULL;
	n = strnlen((const char *)im->data + off, im->len - off);
	if (n == im->len - off)
		return NULL;
	return arena_strndup(mem, (const char *)im->data + off, n);
}

static int read_dynamic(const struct image *im, const Elf64_Phdr *ph, struct elf_info *out,
			struct err *e)
{
	uint64_t strtab = 0, nr = ph->p_filesz / sizeof(Elf64_Dyn), size = 0;
	Elf64_Dyn d;

	if (ph->p_offset > im->len || ph->p_filesz > im->len - ph->p_offset)
		return err_set(e, -EINVAL, "dynamic section outside the file");
	for (uint64_t i = 0; i < nr; i++) {
		memcpy(&d, im->data + ph->p_offset + i * sizeof(d), sizeof(d));
		if (d.d_tag == DT_NULL)
			break;
		if (d.d_tag == DT_STRTAB && !to_offset(im, d.d_un.d_ptr, &strtab))
			return err_set(e, -EINVAL, "string table outside the file");
		size += d.d_tag == DT_NEEDED;
	}
	if (!strtab)
		return size ? err_set(e, -EINVAL, "needs libraries but has no string table") : 0;
	out->needed = arena_alloc(&out->mem, (size + 1) * sizeof(*out->needed));
	for (uint64_t i = 0; i < nr; i++) {
		const char *s;

		memcpy(&d, im->data + ph->p_offset + i * sizeof(d), sizeof(d));
		if (d.d_tag == DT_NULL)
			break;
		if (d.d_tag != DT_NEEDED && d.d_tag != DT_RPATH && d.d_tag != DT_RUNPATH)
			continue;
		if (d.d_un.d_val > im->len)
			return err_set(e, -EINVAL, "library name outside the file");
		s = string_at(im, &out->mem, strtab + d.d_un.d_val);
		if (!s)
			return err_set(e, -EINVAL, "library name outside the file");
		if (d.d_tag == DT_NEEDED)
			out->needed[out->nr_needed++] = s;
		else if (d.d_tag == DT_RPATH)
			out->rpath = s;
		else
			out->runpath = s;
	}
	return 0;
}

int elf_parse(const void *data, size_t len, struct elf_info *out, struct err *e)
{
	struct image im = { .data = data, .len = len };
	Elf64_Phdr ph;
	int ret;

	*out = (struct elf_info){ .mem = ARENA_INIT };
	if (len < sizeof(im.eh) || memcmp(data, ELFMAG, SELFMAG))
		return err_set(e, -ENOEXEC, "not an ELF program");
	memcpy(&im.eh, data, sizeof(im.eh));
	if (im.eh.e_ident[EI_CLASS] != ELFCLASS64 || im.eh.e_ident[EI_DATA] != ELFDATA2LSB)
		return err_set(e, -ENOEXEC, "not a 64-bit little-endian ELF program");
	if (im.eh.e_phnum && im.eh.e_phentsize != sizeof(ph))
		return err_set(e, -EINVAL, "program headers of %u bytes", im.eh.e_phentsize);
	out->machine = im.eh.e_machine;
	for (unsigned n = 0; n < im.eh.e_phnum; n++) {
		if (!program_header(&im, n, &ph))
			return err_set(e, -EINVAL, "program header %u outside the file", n);
		if (ph.p_type == PT_INTERP) {
			out->interp = string_at(&im, &out->mem, ph.p_offset);
			if (!out->interp)
				return err_set(e, -EINVAL, "interpreter name outside the file");
		} else if (ph.p_type == PT_DYNAMIC) {
			ret = read_dynamic(&im, &ph, out, e);
			if (ret)
				return ret;
		}
	}
	return 0;
}

void elf_release(struct elf_info *i)
{
	arena_release(&i->mem);
	*i = (struct elf_info){ .mem = ARENA_INIT };
}

/* Appends the directories of an ld.so.conf file; "include GLOB" goes to four levels. */
static void conf_dirs(const char *path, struct strv *dirs, unsigned depth)
{
	struct buf b = BUF_INIT;
	char *save = NULL;

	if (depth > 4 || fs_read(path, &b, NULL))
		goto out;
	for (char *line = strtok_r(b.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		glob_t g;

		line += strspn(line, " \t");
		line[strcspn(line, "#")] = '\0';
		if (!strncmp(line, "include", 7) && (line[7] == ' ' || line[7] == '\t')) {
			line += 7 + strspn(line + 7, " \t");
			line[strcspn(line, " \t\r")] = '\0';
			if (glob(line, 0, NULL, &g) == 0) {
				for (size_t i = 0; i < g.gl_pathc; i++)
					conf_dirs(g.gl_pathv[i], dirs, depth + 1);
				globfree(&g);
			}
			continue;
		}
		line[strcspn(line, " \t\r")] = '\0';
		if (line[0] == '/' && !strv_has(dirs, line))
			strv_add(dirs, line);
	}
out:
	buf_release(&b);
}

/* Appends the directories of a run path, with $ORIGIN replaced. */
static void path_dirs(const char *list, const char *object, struct strv *dirs)
{
	char *copy = xstrdup(list ? list : ""), *save = NULL;
	int origin = (int)(strrchr(object, '/') ? strrchr(object, '/') - object : 0);

	for (char *d = strtok_r(copy, ":", &save); d; d = strtok_r(NULL, ":", &save)) {
		size_t skip = !strncmp(d, "$ORIGIN", 7) ? 7 : !strncmp(d, "${ORIGIN}", 9) ? 9 : 0;

		if (skip)
			strv_addf(dirs, "%.*s%s", origin, object, d + skip);
		else
			strv_add(dirs, d);
	}
	free(copy);
}

static char *try_dir(const char *dir, const char *name, unsigned machine)
{
	char *path = xasprintf("%s/%s", dir, name);
	unsigned char head[20];
	FILE *f = fopen(path, "re");
	bool fits = f && fread(head, 1, sizeof(head), f) == sizeof(head) &&
		    !memcmp(head, ELFMAG, SELFMAG) && head[EI_CLASS] == ELFCLASS64 &&
		    (unsigned)(head[18] | head[19] << 8) == machine;

	if (f)
		fclose(f);
	if (fits)
		return path;
	free(path);
	return NULL;
}

static char *find_library(const char *name, const char *object, const struct elf_info *info)
{
	struct strv dirs = STRV_INIT;
	char *found = NULL;

	if (strchr(name, '/')) {
		found = xstrdup(name);
		goto out;
	}
	path_dirs(info->runpath ? info->runpath : info->rpath, object, &dirs);
	for (size_t i = 0; i < ARRAY_SIZE(default_dirs); i++)
		strv_add(&dirs, default_dirs[i]);
	conf_dirs("/etc/ld.so.conf", &dirs, 0);
	for (size_t i = 0; i < dirs.nr && !found; i++)
		found = try_dir(dirs.v[i], name, info->machine);
out:
	strv_release(&dirs);
	return found;
}

static int add_needs(const char *path, struct strv *files, struct err *e)
{
	struct elf_info info = { .mem = ARENA_INIT };
	struct buf b = BUF_INIT;
	int ret = fs_read(path, &b, e);

	if (ret)
		goto out;
	ret = elf_parse(b.data, b.len, &info, e);
	if (ret) {
		err_wrap(e, ret, "%s", path);
		goto out;
	}
	if (info.interp && !strv_has(files, info.interp))
		strv_add(files, info.interp);
	for (size_t i = 0; i < info.nr_needed; i++) {
		const char *name = info.needed[i], *base;
		bool known = false;
		char *lib;

		/* as in the loader there is one library per name, and the interpreter is one of
		 * them */
		for (size_t k = 1; k < files->nr && !known; k++) {
			base = strrchr(files->v[k], '/');
			known = !strcmp(base ? base + 1 : files->v[k], name);
		}
		if (known)
			continue;
		lib = find_library(name, path, &info);
		if (!lib) {
			ret = err_set(e, -ENOENT, "%s: library %s not found", path, name);
			break;
		}
		strv_add(files, lib);
		free(lib);
	}
out:
	elf_release(&info);
	buf_release(&b);
	return ret;
}

int elf_closure(const char *program, struct strv *files, struct err *e)
{
	int ret = 0;

	strv_add(files, program);
	for (size_t i = 0; i < files->nr && !ret; i++)
		ret = add_needs(files->v[i], files, e);
	return ret;
}
