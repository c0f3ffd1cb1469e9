/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vm/kernel.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fs.h"

/* Documentation/arch/x86/boot.rst: offsets in the setup header, and the room for a version
 * string. */
#define SETUP_MAGIC 0x202
#define SETUP_PROTOCOL 0x206
#define SETUP_VERSION 0x20e
#define SETUP_BYTES 65536

const char *vm_cache_dir(void)
{
	static char dir[4096];
	const char *env;

	if ((env = getenv("WMARK_CACHE")) && *env)
		snprintf(dir, sizeof(dir), "%s", env);
	else if ((env = getenv("XDG_CACHE_HOME")) && *env)
		snprintf(dir, sizeof(dir), "%s/wmark", env);
	else if ((env = getenv("HOME")) && *env)
		snprintf(dir, sizeof(dir), "%s/.cache/wmark", env);
	else
		snprintf(dir, sizeof(dir), "/var/cache/wmark");
	return dir;
}

int vm_image_header(const void *data, size_t len, const char *name, struct arena *mem,
		    const char **release, const char **banner, struct err *e)
{
	const unsigned char *p = data;
	const char *text;
	size_t at, room, n;

	if (len < SETUP_VERSION + 2 || memcmp(p + SETUP_MAGIC, "HdrS", 4))
		return err_set(e, -ENOEXEC, "%s: not a bzImage (no HdrS at 0x%x)", name,
			       SETUP_MAGIC);
	if ((p[SETUP_PROTOCOL] | p[SETUP_PROTOCOL + 1] << 8) < 0x200)
		return err_set(e, -ENOEXEC, "%s: boot protocol older than 2.00", name);
	at = (size_t)(p[SETUP_VERSION] | p[SETUP_VERSION + 1] << 8);
	if (!at)
		return err_set(e, -ENOEXEC, "%s: the bzImage names no kernel version", name);
	at += 0x200;
	if (at >= len)
		return err_set(e, -ENOEXEC, "%s: version string outside the file", name);
	text = (const char *)p + at;
	room = len - at;
	n = strnlen(text, room);
	if (n == room || !n)
		return err_set(e, -ENOEXEC, "%s: version string is empty or does not end", name);
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)text[i] < ' ' || (unsigned char)text[i] > '~')
			return err_set(e, -ENOEXEC, "%s: version string is no text", name);
	*banner = arena_strndup(mem, text, n);
	*release = arena_strndup(mem, text, strcspn(*banner, " "));
	return 0;
}

int vm_image_release(const char *image, struct arena *mem, const char **release,
		     const char **banner, struct err *e)
{
	unsigned char *head = xmalloc(SETUP_BYTES + 0x200);
	FILE *f = fopen(image, "re");
	size_t n;
	int ret;

	if (!f) {
		ret = err_sys(e, -errno, "%s", image);
		goto out;
	}
	n = fread(head, 1, SETUP_BYTES + 0x200, f);
	if (ferror(f))
		ret = err_sys(e, -EIO, "%s", image);
	else
		ret = vm_image_header(head, n, image, mem, release, banner, e);
	fclose(f);
out:
	free(head);
	return ret;
}

/* @a/@b if it exists, in the arena, else NULL. */
static const char *below(struct arena *mem, const char *a, const char *b)
{
	const char *p = arena_printf(mem, "%s/%s", a, b);

	return access(p, F_OK) == 0 ? p : NULL;
}

static void find_config(struct vm_kernel *k)
{
	const char *slash = strrchr(k->image, '/');
	char *dir = slash ? xstrndup(k->image, (size_t)(slash - k->image)) : xstrdup(".");
	char *name = xasprintf("config-%s", k->release);

	k->config = below(&k->mem, dir, name);
	if (!k->config && k->modules)
		k->config = below(&k->mem, k->modules, "config");
	if (!k->config)
		k->config =
			below(&k->mem, dir, "../../../.config"); /* arch/x86/boot of a build tree */
	free(name);
	free(dir);
}

/* The modules directory under @root: @root itself, or one of the usual places of @release below
 * it. */
static const char *find_modules(struct arena *mem, const char *root, const char *release)
{
	const char *const where[] = { "lib/modules", "usr/lib/modules", "." };

	if (below(mem, root, "modules.dep") || below(mem, root, "modules.order"))
		return arena_strdup(mem, root);
	for (size_t i = 0; i < ARRAY_SIZE(where); i++) {
		char *name = xasprintf("%s/%s", where[i], release);
		const char *p = below(mem, root, name);

		free(name);
		if (p)
			return p;
	}
	return NULL;
}

/* The newest vmlinuz-* of @dir, or NULL. */
static const char *newest_image(struct arena *mem, const char *dir)
{
	const char *best = NULL;
	char **names;
	size_t nr;

	if (fs_list(dir, &names, &nr, NULL))
		return NULL;
	for (size_t i = 0; i < nr; i++)
		if (!strncmp(names[i], "vmlinuz-", 8) && (!best || strverscmp(names[i], best) > 0))
			best = names[i];
	if (best)
		best = arena_printf(mem, "%s/%s", dir, best);
	fs_list_free(names, nr);
	return best;
}

/* usr/lib/modules/V/vmlinuz of the newest V, or NULL. */
static const char *newest_in_modules(struct arena *mem, const char *dir)
{
	const char *best = NULL;
	char **names;
	size_t nr;

	if (fs_list(dir, &names, &nr, NULL))
		return NULL;
	for (size_t i = 0; i < nr; i++) {
		char *p = xasprintf("%s/%s/vmlinuz", dir, names[i]);

		if (fs_exists(p) && (!best || strverscmp(p, best) > 0))
			best = arena_strdup(mem, p);
		free(p);
	}
	fs_list_free(names, nr);
	return best;
}

static int find_in_dir(struct vm_kernel *k, const char *dir, struct err *e)
{
	struct arena *mem = &k->mem;
	char *boot = xasprintf("%s/boot", dir), *usr = xasprintf("%s/usr/lib/modules", dir);
	char *lib = xasprintf("%s/lib/modules", dir);

	k->image = newest_image(mem, boot);
	if (!k->image)
		k->image = newest_in_modules(mem, usr);
	if (!k->image)
		k->image = newest_in_modules(mem, lib);
	if (!k->image)
		k->image = below(mem, dir, "arch/x86/boot/bzImage");
	free(boot);
	free(usr);
	free(lib);
	if (!k->image)
		return err_set(
			e, -ENOENT,
			"%s: no boot/vmlinuz-*, usr/lib/modules/*/vmlinuz or arch/x86/boot/bzImage",
			dir);
	return 0;
}

/* Reads "package NAME VERSION SHA256" from the manifest in a directory of the cache; the first such
 * line is the image package. */
static void read_manifest(struct vm_kernel *k, const char *dir)
{
	struct buf b = BUF_INIT;
	char *path = xasprintf("%s/manifest", dir), *save = NULL, name[256], version[128];

	if (!fs_read(path, &b, NULL)) {
		for (char *l = strtok_r(b.data, "\n", &save); l && !k->package;
		     l = strtok_r(NULL, "\n", &save))
			if (sscanf(l, "package %255s %127s", name, version) == 2)
				k->package = arena_printf(&k->mem, "%s %s", name, version);
	}
	free(path);
	buf_release(&b);
}

/* Was @have rebuilt for release @n of Debian: "~deb12u1", "~bpo12+1"? */
static bool built_for(const char *have, const char *n)
{
	const char *p = strchr(have, '~');
	size_t len = strlen(n);

	return len && p && (!strncmp(p, "~deb", 4) || !strncmp(p, "~bpo", 4)) &&
	       !strncmp(p + 4, n, len) && !isdigit((unsigned char)p[4 + len]);
}

/*
 * "6.1" begins "6.1.192-2" but not "6.12.117": the next character is no digit. "6.12~deb12" begins
 * what "6.12" does and was rebuilt for Debian 12: "6.12.117-1~deb12u1", "6.12.96-1~bpo12+1".
 */
static bool version_begins(const char *have, const char *want)
{
	const char *release = strchr(want, '-') ? NULL : strstr(want, "~deb");
	size_t n = release ? (size_t)(release - want) : strlen(want);

	if (strncmp(have, want, n) != 0 || isdigit((unsigned char)have[n]))
		return false;
	return !release || built_for(have, release + strlen("~deb"));
}

static int version_cmp(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

void vm_kernel_list(const char *cache, char ***specs, size_t *nr)
{
	char *own = cache ? NULL : xasprintf("%s/kernels", vm_cache_dir()), **names;
	size_t nr_names, n = 0;

	if (fs_list(cache ? cache : own, &names, &nr_names, NULL))
		nr_names = 0;
	for (size_t i = 0; i < nr_names; i++) {
		char *path = xasprintf("%s/%s", cache ? cache : own, names[i]),
		     *manifest = xasprintf("%s/manifest", path);
		bool whole = names[i][0] != '.' &&
			     fs_exists(manifest); /* ci/kernels.sh writes the manifest last */

		free(manifest);
		free(names[i]);
		if (whole)
			names[n++] = path;
		else
			free(path);
	}
	if (n)
		qsort(names, n, sizeof(*names), version_cmp);
	free(own);
	*specs = names;
	*nr = n;
}

/* Is @dir of version @want itself: "6.12.117-1-cloud-amd64", and not "6.12.117-1~deb12u1-..."? */
static bool dir_is(const char *dir, const char *want)
{
	const char *name = strrchr(dir, '/') + 1;
	size_t n = strlen(want);

	return !strncmp(name, want, n) && (!name[n] || name[n] == '-');
}

/* Is @dir of a version that begins with @want, or does it hold the modules of release @want? */
static bool dir_fits(const char *dir, const char *want)
{
	char *modules = xasprintf("%s/lib/modules/%s", dir, want);
	bool yes = version_begins(strrchr(dir, '/') + 1, want) || fs_is_dir(modules);

	free(modules);
	return yes;
}

static int find_cached(struct vm_kernel *k, const char *cache, struct err *e)
{
	const char *best = NULL;
	char **dirs;
	size_t nr;
	int ret;

	vm_kernel_list(cache, &dirs, &nr);
	for (size_t i = nr; i-- && !best;)
		if (dir_is(dirs[i], k->spec))
			best = arena_strdup(&k->mem, dirs[i]);
	for (size_t i = nr; i-- && !best;)
		if (dir_fits(dirs[i], k->spec))
			best = arena_strdup(&k->mem, dirs[i]);
	fs_list_free(dirs, nr);
	if (best) {
		ret = find_in_dir(k, best, e);
		read_manifest(k, best);
		k->modules = best;
	} else {
		/* versions begin with a digit, the names of self-built kernels do not */
		bool version = isdigit((unsigned char)*k->spec);

		ret = err_set(e, -ENOENT, "no kernel '%s' in %s%s: %s%s", k->spec,
			      cache ? cache : vm_cache_dir(), cache ? "" : "/kernels",
			      version ? "fetch it with ci/kernels.sh fetch "
				      : "wmark list kernels names those that are there",
			      version ? k->spec : "");
	}
	return ret;
}

/* Finds FILE[:DIR] or DIR. If a path with the ':' in it exists, the ':' belongs to the path. */
static int find_by_path(struct vm_kernel *k, struct err *e)
{
	const char *colon = strrchr(k->spec, ':'), *file = k->spec;

	if (!fs_exists(file) && colon) {
		file = arena_strndup(&k->mem, k->spec, (size_t)(colon - k->spec));
		k->modules = arena_strdup(&k->mem, colon + 1);
		if (!fs_is_dir(k->modules))
			return err_set(e, -ENOTDIR, "kernel %s: %s is no directory", k->spec,
				       k->modules);
	}
	if (!fs_exists(file))
		return err_set(e, -ENOENT, "kernel %s: no such file or directory", file);
	if (!fs_is_dir(file)) {
		k->image = file;
		return 0;
	}
	if (!k->modules)
		k->modules = file;
	read_manifest(k, file);
	return find_in_dir(k, file, e);
}

int vm_kernel_find(struct vm_kernel *k, const char *spec, const char *cache, struct err *e)
{
	bool is_path = strchr(spec, '/') ||
		       (!(spec[0] >= '0' && spec[0] <= '9') && fs_exists(spec));
	const char *root;
	int ret;

	*k = (struct vm_kernel){ .mem = ARENA_INIT };
	k->spec = arena_strdup(&k->mem, spec);
	if (!*spec)
		ret = err_set(e, -EINVAL, "empty kernel name");
	else
		ret = is_path ? find_by_path(k, e) : find_cached(k, cache, e);
	if (!ret)
		ret = vm_image_release(k->image, &k->mem, &k->release, &k->banner, e);
	if (!ret)
		ret = fs_hash(k->image, &k->image_hash, e);
	if (ret) {
		vm_kernel_release(k);
		return ret;
	}
	root = k->modules;
	if (root) {
		k->modules = find_modules(&k->mem, root, k->release);
	} else {
		/* /boot/vmlinuz-R of an installed kernel: the modules are where the kernel expects
		 * them */
		const char *slash = strrchr(k->image, '/');

		root = arena_strndup(&k->mem, k->image, slash ? (size_t)(slash - k->image) : 0);
		k->modules = find_modules(
			&k->mem, arena_printf(&k->mem, "%s/..", *root ? root : "."), k->release);
	}
	find_config(k);
	return 0;
}

void vm_kernel_release(struct vm_kernel *k)
{
	arena_release(&k->mem);
	*k = (struct vm_kernel){ .mem = ARENA_INIT };
}
