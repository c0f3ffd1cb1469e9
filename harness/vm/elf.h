/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which libraries a program needs: finds what ldd prints without running anything. 64-bit
 * little-endian ELF only. */
#ifndef WMARK_VM_ELF_H
#define WMARK_VM_ELF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/strv.h"

struct elf_info {
	struct arena mem;
	const char *interp, *rpath, *runpath; /* NULL = none */
	const char **needed;
	size_t nr_needed;
	unsigned machine; /* e_machine */
};

/* -ENOEXEC: not an ELF file of this kind; -EINVAL: damaged. Release @out in every case. */
int elf_parse(const void *data, size_t len, struct elf_info *out, struct err *e);
void elf_release(struct elf_info *i);
/* Appends @program, its interpreter and every library it needs, as paths of the host, each once.
 * -ENOENT names the library that is missing. */
int elf_closure(const char *program, struct strv *files, struct err *e);
/* Does the dynamic loader search @dir without a cache? */
bool elf_default_dir(const char *dir);

#endif
