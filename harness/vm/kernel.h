/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the kernels to boot: by version in the cache that ci/kernels.sh fills, by directory, or by
 * file. */
#ifndef WMARK_VM_KERNEL_H
#define WMARK_VM_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

struct vm_kernel {
	struct arena mem;
	const char *spec;  /* as the user wrote it */
	const char *image; /* bzImage */
	/* directory of lib/modules/RELEASE (holds modules.dep, or one can be made there);
	 * NULL = none */
	const char *modules;
	const char *config;  /* kernel configuration text; NULL = not found */
	const char *release; /* from the bzImage header, "6.12.117+deb12-cloud-amd64" */
	const char *banner;  /* the header's whole version string */
	/* "linux-image-6.12... 6.12.117-1" from the cache's manifest; NULL = not a package */
	const char *package;
	uint64_t image_hash; /* FNV-1a 64 of the image file */
};

/*
 * @spec: a version or series of a Debian kernel in the cache ("6.12", "6.12.117"; the newest
 * version that begins so), a directory with an unpacked package (boot/vmlinuz-* or
 * usr/lib/modules/V/vmlinuz; its manifest is read if there is one), or a bzImage file, with ":DIR"
 * after it for its modules directory. @cache NULL = vm_cache_dir()/kernels. An unknown version is
 * -ENOENT with the command that fetches it. After an error nothing need be released.
 */
int vm_kernel_find(struct vm_kernel *k, const char *spec, const char *cache, struct err *e);
/* @k is all zero afterwards, and may be all zero before. */
void vm_kernel_release(struct vm_kernel *k);
/*
 * Directories of the kernels in the cache, oldest version first; each is a @spec for
 * vm_kernel_find(), which may still find it broken. @cache as for vm_kernel_find(); a missing cache
 * has no kernels. *specs: free with fs_list_free().
 */
void vm_kernel_list(const char *cache, char ***specs, size_t *nr);
/* $WMARK_CACHE, or $XDG_CACHE_HOME/wmark, or $HOME/.cache/wmark; static string. */
const char *vm_cache_dir(void);

/* Release and banner of the bzImage @image, in @mem; -ENOEXEC: it is not a bzImage. */
int vm_image_release(const char *image, struct arena *mem, const char **release,
		     const char **banner, struct err *e);
/*
 * The same from the first @len bytes of an image; messages call it @name. Boot protocol:
 * Documentation/arch/x86/boot.rst, kernel_version at 0x20e.
 */
int vm_image_header(const void *data, size_t len, const char *name, struct arena *mem,
		    const char **release, const char **banner, struct err *e);

#endif
